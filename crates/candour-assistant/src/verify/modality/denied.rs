//! What may, need or must not be done: what is barred is not free to be left.

use super::{governed, modals};
use crate::verify::claim::Claim;
use crate::verify::lexicon::{Modal, Role};
use crate::verify::reading::{Mark, Reading};

/// What a denied modal says: that something is barred, or that one is free to leave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denied {
    Barred,
    Free,
}

/// Whether and how a modal is denied: `you must not` bars, `you do not have to` frees.
pub(super) fn denied(reading: &Reading, modal: Modal, mark: &Mark) -> Option<Denied> {
    let text = reading.text_at(mark.from);
    let mut denials = reading.marks.iter().filter(|other| other.role == Role::Deny);
    let denial = denials.find(|other| {
        let is_before = other.from <= mark.from && mark.from <= other.to + 1;
        let behind = mark.to..mark.to + if text == "rhaid" { 4 } else { 1 };
        is_before || behind.contains(&other.from)
    })?;
    match modal {
        Modal::Can => Some(Denied::Barred),
        Modal::Must | Modal::Need => {
            let bars = denial.from >= mark.from && matches!(text, "must" | "mustnt" | "rhaid");
            Some(if bars { Denied::Barred } else { Denied::Free })
        }
        Modal::Should | Modal::May => None,
    }
}

pub(super) fn all_denied(reading: &Reading) -> impl Iterator<Item = Denied> {
    modals(reading).filter_map(|(modal, mark)| denied(reading, modal, &mark))
}

/// What is barred is not free to be left, nor the other way round, where the source says only the one of
/// the same. Whether it may be denied at all is looked at with the denials.
pub(super) fn is_denied_alike(own: Denied, mark: &Mark, claim: &Claim<'_>) -> bool {
    let stem = governed(&claim.reading, mark);
    let of_line = |reading: &Reading| -> Vec<Denied> {
        modals(reading)
            .filter(|(_, mark)| stem.is_some() && governed(reading, mark) == stem)
            .filter_map(|(modal, mark)| denied(reading, modal, &mark))
            .collect()
    };
    let known: Vec<Denied> = claim.lines.iter().flat_map(|line| of_line(&line.reading)).collect();
    known.is_empty() || known.contains(&own)
}
