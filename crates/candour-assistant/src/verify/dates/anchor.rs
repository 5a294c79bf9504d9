//! Days that are told by another day: `the day before the hearing`, `the week after`, `the day of it`.

use std::collections::BTreeSet;

use crate::verify::claim::Claim;
use crate::verify::reading::Reading;

/// On which side of the other day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Before,
    On,
    After,
}

/// Units of time, each with its forms, singular.
const UNITS: [&[&str]; 5] = [
    &["day", "diwrnod", "ddiwrnod", "dydd", "ddydd"],
    &["night", "evening", "noson", "nos"],
    &["week", "wythnos"],
    &["month", "mis", "fis"],
    &["year", "blwyddyn", "flwyddyn"],
];

/// Words that stand before a day that is told so, and not before a number of days.
const LEADS: [&str; 6] = ["the", "y", "yr", "or", "ar", "o"];

/// Words behind `the day` that tell which day it is itself.
const DAYS_OF: [&str; 9] = ["of", "itself", "you", "we", "they", "it", "the", "your", "our"];

/// Whether the source tells a day from the same side. `The day of` says something else only where the
/// source knows no other than the one before or after.
pub(super) fn agree(claim: &Claim<'_>) -> bool {
    let source: BTreeSet<(usize, Side)> =
        claim.lines.iter().flat_map(|line| anchors(&line.reading)).collect();
    anchors(&claim.reading).into_iter().all(|(unit, side)| {
        let mut sides = source.iter().filter(|(other, _)| *other == unit).map(|(_, side)| *side);
        source.contains(&(unit, side)) || side == Side::On && sides.next().is_none()
    })
}

fn anchors(reading: &Reading) -> BTreeSet<(usize, Side)> {
    let unit_at = |at: usize| UNITS.iter().position(|forms| forms.contains(&reading.text_at(at)));
    let units = (1..reading.words.len()).filter_map(|at| Some((at, unit_at(at)?)));
    let sides = units.filter_map(|(at, unit)| {
        let leads = LEADS.contains(&reading.text_at(at - 1));
        let side = match (reading.text_at(at - 1), reading.text_at(at + 1), reading.text_at(at + 2))
        {
            ("previous" | "preceding", ..) | (_, "blaenorol" | "flaenorol", _) => Side::Before,
            (_, "before" | "prior" | "cyn" | "cynt", _) if leads => Side::Before,
            ("next" | "following", ..) | (_, "canlynol" | "ganlynol", _) => Side::After,
            (_, "after" | "following", _) | (_, "ar", "ol") if leads => Side::After,
            ("the", next, _) if DAYS_OF.contains(&next) => Side::On,
            ("y" | "ar", "y" | "yr" | "eich", _) => Side::On,
            _ => return None,
        };
        Some((unit, side))
    });
    sides.collect()
}
