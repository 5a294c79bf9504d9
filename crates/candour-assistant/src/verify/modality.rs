//! What may be done is no duty, what must be done is no advice, and what may happen is not sure to.

mod denied;
mod sure;

use std::collections::BTreeSet;

use self::denied::{Denied, all_denied, denied, is_denied_alike};
use self::sure::{is_made_able, is_made_sure, is_promised};
use super::Code;
use super::claim::Claim;
use super::comparator::is_said;
use super::condition::extent;
use super::figure::Figure;
use super::lexicon::{Bound, Condition, Modal, Role};
use super::order;
use super::reading::{Mark, Reading, Word};

/// How many words behind `may` a duty is a possibility: `may have to`, `efallai y bydd yn rhaid`.
const MAY_REACHES: usize = 4;

/// Checks how binding a sentence is.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    let source: BTreeSet<Modal> =
        claim.lines.iter().flat_map(|line| modals(&line.reading)).map(|(modal, _)| modal).collect();
    let own: BTreeSet<Modal> = modals(&claim.reading).map(|(modal, _)| modal).collect();
    let orders = claim.lines.iter().any(|line| gives_an_order(&line.reading));
    let agrees = modals(&claim.reading).all(|(modal, mark)| {
        if let Some(denied) = denied(&claim.reading, modal, &mark) {
            return is_denied_alike(denied, &mark, claim);
        }
        let backed = is_backed(modal, &source, orders)
            || modal == Modal::Can && source.is_subset(&own)
            || modal == Modal::Must && has_deadline(claim)
            || matches!(modal, Modal::Must | Modal::Need)
                && (is_requirement(claim, &mark) || is_needed(claim) || is_barred(claim))
            || modal == Modal::Can && frees(claim);
        let is_turned = is_requirement(claim, &mark) || modal == Modal::Must && is_barred(claim);
        backed && (is_turned || !is_changed(modal, &mark, claim))
    });
    let is_sure = is_made_sure(claim, &source) || is_made_able(claim, &own) || is_promised(claim);
    if agrees && !is_sure { Ok(()) } else { Err(Code::ModalityChanged) }
}

/// What binds in a reading. `If you need help` is a circumstance, and what you `may have to` do is a
/// possibility.
fn modals(reading: &Reading) -> impl Iterator<Item = (Modal, Mark)> {
    let ifs = reading.conditions().filter(|(_, condition)| *condition == Condition::If);
    let ifs: Vec<(usize, usize)> = ifs.map(|(mark, _)| extent(reading, &mark)).collect();
    let is_circumstance = move |mark: &Mark| {
        ifs.iter().any(|(from, to)| {
            (*from..*to).contains(&mark.from)
                && !reading.words[*from..mark.from].iter().any(Word::is_sign)
        })
    };
    let is_possibility = |mark: &Mark| {
        let is_may = |other: &Mark| {
            other.role == Role::Modal(Modal::May)
                && (mark.from.saturating_sub(MAY_REACHES)..mark.from).contains(&other.from)
                && reading.telling(other.to, mark.from).next().is_none()
        };
        reading.marks.iter().any(is_may)
    };
    reading.marks.iter().filter_map(move |mark| match mark.role {
        Role::Modal(Modal::Must | Modal::Need) if is_circumstance(mark) || is_possibility(mark) => {
            None
        }
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
        Modal::Should => has(&[Modal::Should]) || orders && !has(&[Modal::Must]),
        Modal::Can => {
            has(&[Modal::Can, Modal::May]) || !has(&[Modal::Must, Modal::Need, Modal::Should])
        }
        Modal::May => has(&[Modal::May, Modal::Can]) || source.is_empty(),
    }
}

/// `You can apply if you are 60` and `you qualify if you are 60` are `to apply you must be 60`: a
/// condition worded as a duty. What may be done itself is none: `you must apply`.
fn is_requirement(claim: &Claim<'_>, duty: &Mark) -> bool {
    const QUALIFIES: [&str; 8] =
        ["qualify", "qualifies", "eligible", "entitled", "get", "gets", "cymwys", "gymwys"];
    let sets =
        |reading: &Reading| reading.conditions().any(|(_, condition)| condition == Condition::If);
    let allows = |reading: &Reading| {
        modals(reading).any(|(modal, _)| modal == Modal::Can) || reading.has_one_of(&QUALIFIES)
    };
    // What is one of several ways to qualify is no duty.
    let chooses = |reading: &Reading| reading.has_one_of(&["or", "neu"]);
    !sets(&claim.reading)
        && !claim.lines.iter().any(|line| allows_the_same(&claim.reading, duty, &line.reading))
        && claim
            .lines
            .iter()
            .any(|line| sets(&line.reading) && allows(&line.reading) && !chooses(&line.reading))
}

/// Whether what a duty asks for right behind it is what the source allows.
fn allows_the_same(own: &Reading, duty: &Mark, source: &Reading) -> bool {
    let rest = &own.words[duty.to..own.clause_end(duty.from).max(duty.to)];
    let at = rest.iter().take_while(|word| word.text != "to").position(|word| word.telling);
    let asked = at.filter(|at| {
        let place = duty.to + at;
        !own.figures.iter().any(|figure| (duty.to..=place).contains(&figure.from))
    });
    let Some(asked) = asked.map(|at| rest[at].stem.as_str()) else { return false };
    modals(source)
        .filter(|(modal, _)| *modal == Modal::Can)
        .any(|(_, mark)| governed(source, &mark).is_some_and(|stem| stem == asked))
}

/// `You have 7 days to pay` and `pay within 7 days` are `you must pay within 7 days`.
fn has_deadline(claim: &Claim<'_>) -> bool {
    let is_span = |figure: &&Figure| figure.value.family() == 2 && figure.bound.is_none();
    let ends = |figure: &Figure| {
        matches!(figure.bound, Some(Bound::AtMost | Bound::LessThan))
            && (figure.value.is_date() || matches!(figure.value.family(), 2 | 3))
    };
    let has_time = |reading: &Reading| {
        reading.figures.iter().any(ends)
            || reading
                .conditions()
                .any(|(mark, _)| matches!(reading.text_at(mark.from), "before" | "after" | "cyn"))
    };
    claim.lines.iter().map(|line| &line.reading).any(|reading| {
        let mut spans = reading.figures.iter().filter(is_span);
        spans.any(|figure| is_said(reading, figure, Bound::AtMost))
            || gives_an_order(reading) && has_time(reading) && has_time(&claim.reading)
    })
}

/// `You cannot take part without photo ID` is `you need photo ID to take part`.
fn is_needed(claim: &Claim<'_>) -> bool {
    claim.lines.iter().map(|line| &line.reading).any(|reading| {
        let denials = reading.marks.iter().filter(|mark| mark.role == Role::Deny);
        let without = |mark: &&Mark| matches!(reading.text_at(mark.from), "without" | "heb");
        denials.clone().count() > 1 && denials.clone().any(|mark| without(&mark))
    })
}

/// `Nobody under 21 can book` is `you must be 21 or over to book`: the denial is that of the limit.
fn is_barred(claim: &Claim<'_>) -> bool {
    let own = &claim.reading;
    let limits = own.figures.iter().any(|figure| figure.bound.is_some());
    claim.lines.iter().map(|line| &line.reading).any(|line| {
        let bars = || line.figures.iter().any(|figure| figure.denial.is_some());
        order::is_same(own, line) || limits && bars()
    })
}

/// `You do not have to send a letter` is `you can do without one`.
fn frees(claim: &Claim<'_>) -> bool {
    claim.lines.iter().any(|line| all_denied(&line.reading).any(|denied| denied == Denied::Free))
}

/// Whether the word that a modal governs is governed by others alone in the source.
fn is_changed(modal: Modal, mark: &Mark, claim: &Claim<'_>) -> bool {
    let Some(stem) = governed(&claim.reading, mark) else { return false };
    let over = claim.lines.iter().flat_map(|line| {
        modals(&line.reading)
            .filter(|(modal, mark)| denied(&line.reading, *modal, mark).is_none())
            .filter(|(_, mark)| governed(&line.reading, mark).is_some_and(|other| other == stem))
            .map(|(modal, _)| modal)
    });
    let over: BTreeSet<Modal> = over.collect();
    !over.is_empty() && !is_backed(modal, &over, false)
}

/// The telling word behind a modal.
fn governed<'r>(reading: &'r Reading, mark: &Mark) -> Option<&'r str> {
    let end = (mark.to + 8).min(reading.words.len());
    let clause = reading.words[mark.from].clause;
    let after = reading.words[mark.to..end].iter().take_while(|word| word.clause == clause);
    after.into_iter().find(|word| word.telling).map(|word| word.stem.as_str())
}

/// Words that begin a statement.
const SUBJECTS: [&str; 22] = [
    "you", "we", "they", "it", "this", "the", "a", "an", "your", "our", "if", "there", "these",
    "mae", "maer", "rydym", "nid", "ni", "y", "yr", "os", "gallwch",
];

/// Verbs that make what stands before them a subject.
const FINITE: [&str; 10] =
    ["is", "are", "was", "can", "must", "may", "will", "has", "have", "should"];

/// Whether a sentence of a reading begins as an instruction, by itself or behind the condition that
/// opens it: with a word that is no subject.
fn gives_an_order(reading: &Reading) -> bool {
    let opening = reading.conditions().filter(|(mark, _)| reading.words[mark.from].first);
    let behind = opening.map(|(mark, _)| extent(reading, &mark).1 + 1);
    let begins = (0..reading.words.len()).filter(|at| reading.words[*at].first);
    begins.chain(behind).any(|at| {
        let is_modal = |mark: &Mark| mark.from == at && matches!(mark.role, Role::Modal(_));
        reading.words.get(at).is_some_and(|word| !word.is_sign())
            && !reading.marks.iter().any(is_modal)
            && !SUBJECTS.contains(&reading.text_at(at))
            && !FINITE.contains(&reading.text_at(at + 1))
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
            ("We will look at it again.", "We can look at it again.", false),
            ("You must be 60 to apply.", "You can apply if you are 60.", true),
            ("You have to apply even if you are 60.", "You can apply if you are 60.", false),
            ("You have to register.", "You can choose to register if you are 60.", false),
            ("You must pay within 7 days.", "You have 7 days to pay.", true),
            ("You should call us.", "Call us.", true),
            ("You must call us.", "Call us.", false),
            ("You must call us by 5 May.", "Call us by 5 May.", true),
            ("The council can help you.", "Ask the council if you need help.", true),
            ("You can help if you need it.", "You must help.", false),
            (
                "It might go on for 2 weeks.",
                "You may be able to keep getting it for 2 weeks.",
                true,
            ),
            ("You must pay in one go.", "You cannot pay in instalments.", false),
            (
                "You must borrow up to 20 books.",
                "You can borrow up to 20 books, but you cannot reserve them.",
                false,
            ),
            ("You must apply online.", "Apply online, and we reply within 5 days.", false),
            (
                "You must pay in one go, not in instalments.",
                "You cannot pay in instalments.",
                false,
            ),
            ("It must be signed before it is used.", "You cannot use it until it is signed.", true),
            (
                "You need a notice to sell beer.",
                "You cannot sell beer unless you have a notice.",
                false,
            ),
            ("You must wait 6 months.", "You cannot ask again for 6 months.", false),
            ("You need to call us if you move.", "If you move, call us.", true),
            ("You must pay by card.", "You can only pay by card.", false),
            ("You must pay by card.", "You can pay by card.", false),
            ("It has to come from the office.", "It comes from the office.", false),
            ("It is best to tell us first.", "Tell us first, because we can help.", true),
            ("You do not need drawings.", "Send no drawings. You cannot use it for shops.", true),
            ("Parking here is not allowed.", "You must not park here.", true),
            ("You do not have to park here.", "You must not park here.", false),
            ("You must not park here.", "You do not have to park here.", false),
            ("You have to be 21 or over to book.", "Nobody under 21 can book.", true),
            ("You must sign before they sign.", "Sign before they do.", true),
            ("You may apply and can pay.", "You may apply and must pay.", false),
            ("You will have to pay it back.", "You may have to repay it.", false),
            ("You may need to repay it.", "You may have to repay it.", true),
            ("You must pay and can use any bank.", "You must pay at any bank.", true),
            (
                "We can fine you and you must pay.",
                "We can fine you if you lie, and you must pay.",
                true,
            ),
            ("You must pay and can sign.", "You must pay and you must sign.", false),
            ("You do not have to pay.", "It is free.", true),
            ("To qualify, you need 2 years here.", "You qualify if you have 2 years here.", true),
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
