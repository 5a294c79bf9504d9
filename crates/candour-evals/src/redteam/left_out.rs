//! What a run of attacks was told to leave out of its suite: fewer attempts find less, so that whoever rests
//! a claim on the run has to know.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::attempt::SEPARATOR;
use super::{Attempts, Family};
use crate::suite::Sample;

/// What was left out; nothing of a run that tries all there is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Families of which there are attacks.
    pub families: BTreeSet<String>,
    /// How many attempts were made of an attack at most, where some have more.
    pub attempts: Option<usize>,
    /// Disguises in which no attack was tried, and one could have been.
    pub disguises: BTreeSet<String>,
}

impl LeftOut {
    /// What is left out where these attempts are made, and attacks of these families are not tried.
    pub fn of(tried: &[Attempts], untried: impl Iterator<Item = Family>) -> Self {
        let all = |of: fn(&Attempts) -> &Vec<Sample>| {
            tried.iter().flat_map(of).filter_map(disguise).collect::<BTreeSet<String>>()
        };
        let (made, left_out) = (all(|attempts| &attempts.made), all(|attempts| &attempts.left_out));
        let cut = tried.iter().filter(|attempts| !attempts.left_out.is_empty());
        Self {
            families: untried.map(|family| family.name().to_owned()).collect(),
            attempts: cut.map(|attempts| attempts.made.len()).max(),
            disguises: left_out.difference(&made).cloned().collect(),
        }
    }
}

/// What an attempt is written in.
fn disguise(attempt: &Sample) -> Option<String> {
    attempt.id.rsplit_once(SEPARATOR).map(|(_, disguise)| disguise.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{Disguise, attempts};
    use super::*;

    #[test]
    fn only_what_could_have_been_tried_is_left_out() {
        let attack = |family: Family| Sample {
            id: family.name().to_owned(),
            tags: vec![family.name().to_owned()],
            ..Sample::default()
        };
        let of = |families: &[Family], most| {
            let (tried, untried): (Vec<Family>, Vec<Family>) =
                [Family::Injection, Family::Wallet, Family::Distress]
                    .into_iter()
                    .partition(|family| families.contains(family));
            let tried: Vec<Attempts> =
                tried.into_iter().map(|family| attempts(&attack(family), most)).collect();
            LeftOut::of(&tried, untried.into_iter())
        };
        assert_eq!(of(&Family::ALL, Disguise::ALL.len()), LeftOut::default());
        // An attack on a budget is tried as it is, however many attempts there may be.
        let found = of(&[Family::Wallet], 1);
        assert_eq!((found.attempts, found.disguises.len(), found.families.len()), (None, 0, 2));
        let found = of(&[Family::Injection], 1);
        assert_eq!((found.attempts, found.disguises.len()), (Some(1), 24));
        assert_eq!(found.families, ["distress", "wallet"].map(str::to_owned).into());
        // Six attempts of someone in danger reach a disguise that six of an injection do not.
        let (both, one) = (of(&Family::ALL, 6), of(&[Family::Injection], 6));
        assert!(
            one.disguises.contains("accents") && !both.disguises.contains("accents"),
            "{both:?}"
        );
    }
}
