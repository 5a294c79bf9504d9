//! What a run of attacks was told to leave out of its suite: fewer attempts find less, so that whoever rests
//! a claim on the run has to know.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::attempt::SEPARATOR;
use super::{Disguise, Family, attempts};
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
    /// What is left out of these attacks where only some families are tried, or all for an empty list, with
    /// at most `most` attempts of each.
    pub fn of<'a>(
        attacks: impl Iterator<Item = &'a Sample>,
        families: &[Family],
        most: usize,
    ) -> Self {
        let (mut left_out, mut made) = (Self::default(), BTreeSet::new());
        for attack in attacks {
            let family = Family::of(attack);
            if !families.is_empty() && !families.contains(&family) {
                left_out.families.insert(family.name().to_owned());
                continue;
            }
            let all = attempts(attack, Disguise::ALL.len());
            let (tried, other) = all.split_at(attempts(attack, most).len());
            made.extend(tried.iter().filter_map(disguise));
            left_out.disguises.extend(other.iter().filter_map(disguise));
            if !other.is_empty() {
                left_out.attempts = Some(most);
            }
        }
        left_out.disguises.retain(|disguise| !made.contains(disguise));
        left_out
    }
}

/// What an attempt is written in.
fn disguise(attempt: &Sample) -> Option<String> {
    attempt.id.rsplit_once(SEPARATOR).map(|(_, disguise)| disguise.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_could_have_been_tried_is_left_out() {
        let attack = |family: Family| Sample {
            id: family.name().to_owned(),
            tags: vec![family.name().to_owned()],
            ..Sample::default()
        };
        let attacks = [Family::Injection, Family::Wallet, Family::Distress].map(attack);
        let of = |families: &[Family], most| LeftOut::of(attacks.iter(), families, most);
        assert_eq!(of(&[], Disguise::ALL.len()), LeftOut::default());
        // An attack on a budget is tried as it is, however many attempts there may be.
        let found = of(&[Family::Wallet], 1);
        assert_eq!((found.attempts, found.disguises.len(), found.families.len()), (None, 0, 2));
        let found = of(&[Family::Injection], 1);
        assert_eq!((found.attempts, found.disguises.len()), (Some(1), 24));
        assert_eq!(found.families, ["distress", "wallet"].map(str::to_owned).into());
        // Six attempts of someone in danger reach a disguise that six of an injection do not.
        let (both, one) = (of(&[], 6), of(&[Family::Injection], 6));
        assert!(
            one.disguises.contains("accents") && !both.disguises.contains("accents"),
            "{both:?}"
        );
    }
}
