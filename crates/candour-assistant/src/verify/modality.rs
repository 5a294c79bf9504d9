//! What may be done is no duty, what must be done is no advice, and what may happen is not sure to.

use std::collections::BTreeSet;

use super::Code;
use super::claim::{Claim, Line};
use super::comparator::is_said;
use super::figure::Figure;
use super::lexicon::{Bound, Condition, Modal, Role};
use super::reading::{Mark, Reading};

/// Checks how binding a sentence is.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    let source: BTreeSet<Modal> =
        claim.lines.iter().flat_map(|line| modals(&line.reading)).map(|(modal, _)| modal).collect();
    let orders = claim.lines.iter().any(|line| gives_an_order(&line.reading));
    let agrees = modals(&claim.reading).all(|(modal, mark)| {
        let backed = is_backed(modal, &source, orders)
            || modal == Modal::Must && (is_requirement(claim) || has_deadline(claim))
            || matches!(modal, Modal::Must | Modal::Need) && is_needed(claim)
            || is_freed(modal, &mark, claim);
        backed && (is_requirement(claim) || !is_changed(modal, &mark, claim))
    });
    if agrees && !is_made_sure(claim, &source) { Ok(()) } else { Err(Code::ModalityChanged) }
}

fn modals(reading: &Reading) -> impl Iterator<Item = (Modal, Mark)> {
    reading.marks.iter().filter_map(|mark| match mark.role {
        Role::Modal(modal) => Some((modal, *mark)),
        _ => None,
    })
}

/// Whether anything in the source is as binding. An instruction (`Apply online`) can be worded as a
/// need or as advice, and what is simply so (`it is free for residents`) as a possibility.
fn is_backed(modal: Modal, source: &BTreeSet<Modal>, orders: bool) -> bool {
    let has = |modals: &[Modal]| modals.iter().any(|modal| source.contains(modal));
    match modal {
        Modal::Must => has(&[Modal::Must, Modal::Need]),
        Modal::Need => has(&[Modal::Must, Modal::Need]) || orders,
        Modal::Should => {
            has(&[Modal::Should]) || orders && !has(&[Modal::Must, Modal::Can, Modal::May])
        }
        Modal::Can => {
            has(&[Modal::Can, Modal::May]) || !has(&[Modal::Must, Modal::Need, Modal::Should])
        }
        Modal::May => has(&[Modal::May, Modal::Can]),
    }
}

/// `You can apply if you are 60` is `to apply you must be 60`: a condition worded as a duty.
fn is_requirement(claim: &Claim<'_>) -> bool {
    let sets =
        |reading: &Reading| reading.conditions().any(|(_, condition)| condition == Condition::If);
    let allows = |reading: &Reading| modals(reading).any(|(modal, _)| modal == Modal::Can);
    !sets(&claim.reading)
        && claim.lines.iter().any(|line| sets(&line.reading) && allows(&line.reading))
}

/// `You have 7 days to pay` is `you must pay within 7 days`.
fn has_deadline(claim: &Claim<'_>) -> bool {
    claim.lines.iter().map(|line| &line.reading).any(|reading| {
        let is_span = |figure: &&Figure| figure.value.family() == 2 && figure.bound.is_none();
        reading.figures.iter().filter(is_span).any(|figure| is_said(reading, figure, Bound::AtMost))
    })
}

/// `You cannot take part without photo ID` is `you need photo ID to take part`.
fn is_needed(claim: &Claim<'_>) -> bool {
    claim.lines.iter().map(|line| &line.reading).any(|reading| {
        let denials = reading.marks.iter().filter(|mark| mark.role == Role::Deny);
        let without =
            |mark: &&Mark| matches!(reading.words[mark.from].text.as_str(), "without" | "heb");
        denials.clone().count() > 1 && denials.clone().any(|mark| without(&mark))
    })
}

/// `You do not have to apply` is `you can do without applying`: a duty that is denied is no duty, on
/// whichever side it stands. Whether it may be denied is looked at with the denials.
fn is_freed(modal: Modal, mark: &Mark, claim: &Claim<'_>) -> bool {
    let is_duty = |modal: Modal| matches!(modal, Modal::Must | Modal::Need);
    let is_denied = |reading: &Reading, mark: &Mark| {
        let mut denials = reading.marks.iter().filter(|other| other.role == Role::Deny);
        denials.any(|denial| denial.from < mark.from && mark.from <= denial.to + 1)
    };
    let frees = |line: &Line<'_>| {
        let mut duties = modals(&line.reading).filter(|(modal, _)| is_duty(*modal)).peekable();
        duties.peek().is_some() && duties.all(|(_, mark)| is_denied(&line.reading, &mark))
    };
    let denies = |line: &Line<'_>| line.reading.marks.iter().any(|mark| mark.role == Role::Deny);
    match modal {
        Modal::Can => claim.lines.iter().any(frees),
        Modal::Must | Modal::Need => {
            is_denied(&claim.reading, mark) && claim.lines.iter().any(denies)
        }
        _ => false,
    }
}

/// Whether the word that a modal governs is governed by others alone in the source.
fn is_changed(modal: Modal, mark: &Mark, claim: &Claim<'_>) -> bool {
    let Some(stem) = governed(&claim.reading, mark) else { return false };
    let over = claim.lines.iter().flat_map(|line| {
        modals(&line.reading)
            .filter(|(_, mark)| governed(&line.reading, mark).is_some_and(|other| other == stem))
            .map(|(modal, _)| modal)
    });
    let over: BTreeSet<Modal> = over.collect();
    !over.is_empty() && !is_backed(modal, &over, false)
}

/// The telling word behind a modal.
fn governed<'r>(reading: &'r Reading, mark: &Mark) -> Option<&'r str> {
    let end = (mark.to + 6).min(reading.words.len());
    let clause = reading.words[mark.from].clause;
    let after = reading.words[mark.to..end].iter().take_while(|word| word.clause == clause);
    after.into_iter().find(|word| word.telling).map(|word| word.stem.as_str())
}

/// Whether something that may happen is said to happen.
fn is_made_sure(claim: &Claim<'_>, source: &BTreeSet<Modal>) -> bool {
    if !source.contains(&Modal::May) || !claim.same_language {
        return false;
    }
    let own: BTreeSet<&str> = modals(&claim.reading)
        .filter(|(modal, _)| matches!(modal, Modal::May | Modal::Can))
        .flat_map(|(_, mark)| {
            let end = claim.reading.clause_end(mark.from).max(mark.to);
            claim.reading.telling(mark.to, end).map(|word| word.stem.as_str())
        })
        .collect();
    claim.lines.iter().any(|line| {
        let mut may = modals(&line.reading).filter(|(modal, _)| *modal == Modal::May);
        may.any(|(_, mark)| {
            governed(&line.reading, &mark).is_some_and(|stem| {
                !own.contains(stem) && claim.reading.words.iter().any(|word| word.stem == stem)
            })
        })
    })
}

/// Whether a sentence of a reading begins as an instruction: with a telling word that is not a name and
/// is not followed by a word of being.
fn gives_an_order(reading: &Reading) -> bool {
    reading.words.iter().enumerate().any(|(at, word)| {
        let next = reading.words.get(at + 1).map_or("", |next| next.text.as_str());
        word.first
            && !word.is_sign()
            && !matches!(
                word.text.as_str(),
                "you"
                    | "we"
                    | "they"
                    | "it"
                    | "this"
                    | "the"
                    | "a"
                    | "an"
                    | "your"
                    | "our"
                    | "if"
                    | "there"
                    | "these"
                    | "mae"
                    | "maer"
                    | "rydym"
                    | "nid"
                    | "ni"
                    | "y"
                    | "yr"
                    | "os"
                    | "gallwch"
            )
            && !matches!(
                next,
                "is" | "are" | "was" | "can" | "must" | "may" | "will" | "has" | "have" | "should"
            )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duties_and_permissions_agree() {
        for (text, quotes, expected) in [
            ("You have to apply.", "You must apply.", true),
            ("You need to apply.", "You must apply.", true),
            ("You should apply.", "You must apply.", false),
            ("You can apply.", "You must apply.", false),
            ("You must apply.", "You can apply.", false),
            ("You are able to apply.", "You can apply.", true),
            ("You might be fined.", "You may be fined.", true),
            ("You will be fined.", "You may be fined.", false),
            ("You must be 60 to apply.", "You can apply if you are 60.", true),
            ("You must pay within 7 days.", "You have 7 days to pay.", true),
            ("You should call us.", "Call us.", true),
            ("You must call us.", "Call us.", false),
            ("You can ask without a letter.", "You do not have to send a letter to ask.", true),
            ("You do not need to apply.", "You get it without applying.", true),
            ("Members can park here.", "Members park here.", true),
            ("cy: Gallwch gofrestru.", "Rhaid i chi gofrestru.", false),
            ("cy: Mae’n rhaid cofrestru.", "Rhaid i chi gofrestru.", true),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
