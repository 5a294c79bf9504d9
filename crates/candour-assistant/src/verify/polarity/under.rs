//! What is denied under a condition is not affirmed under the same: `we do not give a refund if nothing is there`.

use crate::verify::claim::Claim;
use crate::verify::condition::extent;
use crate::verify::lexicon::{Condition, Role};
use crate::verify::reading::{Mark, Reading};

/// Two conditions are the same where at least so many of a hundred of the words of each are in the other.
const SAME: usize = 75;
/// One word alone does not tell a condition.
const FEWEST: usize = 2;

/// Whether a sentence that denies nothing sets a condition under which its source only denies.
pub(super) fn is_affirmed(claim: &Claim<'_>) -> bool {
    let own = &claim.reading;
    let limits = |mark: &Mark| mark.role == Role::Condition(Condition::Only);
    if denies(own, 0, own.words.len()) || own.marks.iter().any(limits) {
        return false;
    }
    ifs(own).into_iter().any(|(from, to)| {
        let said: Vec<&str> = stems(own, from, to);
        let is_same = |other: &[&str]| {
            let shared = said.iter().filter(|stem| other.contains(stem)).count();
            said.len() >= FEWEST && shared * 100 >= said.len().max(other.len()) * SAME
        };
        let mut lines = claim
            .lines
            .iter()
            .map(|line| &line.reading)
            .flat_map(|line| ifs(line).into_iter().map(move |(from, to)| (line, from, to)));
        let mut denied = false;
        let is_only_denied = lines.all(|(line, from, to)| {
            if !is_same(&stems(line, from, to)) {
                return true;
            }
            let (start, _) = line.sentence(from);
            let is_denied = denies(line, start, from) && !is_opposed(own, line);
            denied |= is_denied;
            is_denied
        });
        denied && is_only_denied
    })
}

/// `We refuse it if` stands for `we do not accept it if`.
fn is_opposed(own: &Reading, line: &Reading) -> bool {
    own.marks.iter().any(|mark| match mark.role {
        Role::Opposite(pair, side) => {
            let is_other = |other: &Mark| other.role == Role::Opposite(pair, !side);
            line.marks.iter().any(is_other)
        }
        _ => false,
    })
}

/// Where the conditions of a reading begin and end.
fn ifs(reading: &Reading) -> Vec<(usize, usize)> {
    let ifs = reading.conditions().filter(|(_, kind)| *kind == Condition::If);
    ifs.map(|(mark, _)| (mark.from, extent(reading, &mark).1)).collect()
}

fn stems(reading: &Reading, from: usize, to: usize) -> Vec<&str> {
    reading.telling(from, to).map(|word| word.stem.as_str()).collect()
}

/// Whether something is denied between two places; what a condition denies is no rule.
fn denies(reading: &Reading, from: usize, to: usize) -> bool {
    let ifs = ifs(reading);
    let is_rule = |at: usize| !ifs.iter().any(|(from, to)| (*from..*to).contains(&at));
    reading.marks.iter().any(|mark| {
        let is_denial = matches!(mark.role, Role::Deny | Role::Condition(Condition::Unless));
        is_denial && (from..to).contains(&mark.from) && is_rule(mark.from)
    })
}
