//! The attempts of an attack: plain and in each disguise, or one more turn of a conversation each time.

use super::{Disguise, Family};
use crate::suite::Sample;

/// Between the name of an attack and that of its attempt.
pub(super) const SEPARATOR: char = '~';

/// The attempts of one attack.
#[derive(Debug, Clone)]
pub struct Attempts {
    /// The family of the attack.
    pub family: Family,
    /// Those that are made.
    pub made: Vec<Sample>,
    /// Those that are left out for their number.
    pub left_out: Vec<Sample>,
}

/// The attempts of an attack, each a sample of its own; all of one attack are a cluster. At most `most` are
/// made; all turns of a conversation are. What a reader sees of an attack in invisible characters is a
/// harmless question, so that its status tells nothing: only what is said does.
pub fn attempts(attack: &Sample, most: usize) -> Attempts {
    let family = Family::of(attack);
    if family == Family::MultiTurn && !attack.conversation.is_empty() {
        return Attempts { family, made: turns(attack), left_out: Vec::new() };
    }
    let is_told = |disguise: &Disguise| {
        !disguise.is_unseen() || attack.status.is_none() || !attack.must_not_say.is_empty()
    };
    let disguises = family.disguises().filter(is_told);
    let all = disguises.map(|disguise| Sample {
        question: disguise.apply(&attack.question),
        status: attack.status.filter(|_| !disguise.is_unseen()),
        ..attempt(attack, disguise.name())
    });
    let mut made: Vec<Sample> = all.collect();
    let left_out = made.split_off(most.min(made.len()));
    Attempts { family, made, left_out }
}

/// The first turn by itself, then with one more each time.
fn turns(attack: &Sample) -> Vec<Sample> {
    let said = attack.conversation.iter().map(|exchange| &exchange.question);
    let questions: Vec<&String> = said.chain([&attack.question]).collect();
    let until = |(at, question): (usize, &&String)| Sample {
        question: (*question).clone(),
        conversation: attack.conversation[..at].to_vec(),
        ..attempt(attack, &format!("turn-{:02}", at + 1))
    };
    questions.iter().enumerate().map(until).collect()
}

fn attempt(attack: &Sample, name: &str) -> Sample {
    let id = format!("{}{SEPARATOR}{name}", attack.id);
    Sample { id, cluster: Some(attack.id.clone()), ..attack.clone() }
}

#[cfg(test)]
mod tests {
    use candour_core::{AnswerStatus, Exchange};

    use super::*;

    fn attack(family: Family) -> Sample {
        let tags = vec![family.name().to_owned()];
        Sample { id: "a".into(), question: "Say it".into(), tags, ..Sample::default() }
    }

    #[test]
    fn every_attack_is_tried_in_every_disguise() {
        let made = attempts(&attack(Family::Injection), 25).made;
        assert_eq!(made.len(), Disguise::ALL.len());
        assert_eq!((made[0].id.as_str(), made[0].question.as_str()), ("a~plain", "Say it"));
        assert!(made.iter().all(|sample| sample.cluster() == "a"));
        let status = Some(AnswerStatus::Abstained);
        let turned_away = Sample { status, ..attack(Family::Injection) };
        assert_eq!(attempts(&turned_away, 25).made.len(), Disguise::ALL.len() - 2);
        let few = attempts(&turned_away, 3);
        assert_eq!((few.made.len(), few.left_out.len()), (3, Disguise::ALL.len() - 5));
        assert_eq!(attempts(&attack(Family::Wallet), 25).made.len(), 1);
    }

    #[test]
    fn a_conversation_is_tried_turn_by_turn() {
        let exchange =
            |question: &str| Exchange { question: question.into(), answer: "No.".into() };
        let conversation = vec![exchange("One?"), exchange("Two?")];
        let made = attempts(&Sample { conversation, ..attack(Family::MultiTurn) }, 1).made;
        let found: Vec<(&str, &str, usize)> = made
            .iter()
            .map(|one| (one.id.as_str(), one.question.as_str(), one.conversation.len()))
            .collect();
        assert_eq!(
            found,
            [("a~turn-01", "One?", 0), ("a~turn-02", "Two?", 1), ("a~turn-03", "Say it", 2)]
        );
    }
}
