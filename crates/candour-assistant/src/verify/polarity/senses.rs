//! In which senses words stand in a reading: denied, affirmed, or as may be.

use std::collections::{BTreeMap, BTreeSet};

use super::denials::{Denial, denials_in};
use super::keys::{Key, keys_at};
use crate::verify::lexicon::{Condition, Role};
use crate::verify::reading::{Mark, Reading, Word};

/// How many words away a denial can still reach.
const NEAR: usize = 9;

/// In which senses a key stands in a text: denied, affirmed or both.
pub(super) type Senses = BTreeMap<Key, BTreeSet<bool>>;

/// Adds the senses of a reading's keys. What stands near a denial and is not denied first may be meant
/// either way, as in `meals are not covered`.
pub(super) fn add_senses(reading: &Reading, is_denied: bool, is_welsh: bool, senses: &mut Senses) {
    let denials: Vec<Denial> = denials_in(reading, is_welsh).collect();
    let is_first = |at: usize| denials.iter().any(|denial| denial.first.contains(&at));
    let first: BTreeSet<Key> =
        denials.iter().flat_map(|d| &d.first).flat_map(|at| keys_at(reading, *at)).collect();
    for at in 0..reading.words.len() {
        let beside = !is_first(at) && denials.iter().any(|denial| may_reach(reading, denial, at));
        let under = is_denied && reading.words[at].clause == reading.words[0].clause;
        for key in keys_at(reading, at) {
            let is_second = matches!(key, Key::Pair(pair) if is_second(reading, at, pair));
            let repeats = matches!(key, Key::Pair(_)) && beside && first.contains(&key);
            let denied = (is_first(at) || repeats) != under;
            let found = senses.entry(key).or_default();
            found.insert(denied != is_second);
            if beside && !repeats {
                found.insert(denied == is_second);
            }
        }
    }
}

/// Whether a denial may reach a word that it does not deny first: farther on in its clause, or before
/// it in the same part of the sentence.
fn may_reach(reading: &Reading, denial: &Denial, at: usize) -> bool {
    let from = denial.mark.from;
    if from.abs_diff(at) >= NEAR {
        return false;
    }
    if at >= from {
        return reading.words[from].clause == reading.words[at].clause;
    }
    let parts = |mark: &Mark| match mark.role {
        Role::Condition(condition) => condition != Condition::Only,
        Role::Break => !matches!(reading.text_at(mark.from), "and" | "a" | "ac" | "gan"),
        _ => false,
    };
    let is_apart = reading.marks.iter().any(|mark| (at..from).contains(&mark.from) && parts(mark));
    let own = reading.text_at(from);
    let before = reading.text_before(from);
    let is_verb =
        own.ends_with("nt") || matches!(own, "cannot" | "ddim") || VERBS.contains(&before);
    let ends = |word: &Word| ENDS.contains(&word.text.as_str());
    is_verb && !is_apart && !reading.words[at..from].iter().any(ends)
}

/// Verbs that a denial follows where it denies what comes before it too.
const VERBS: [&str; 17] = [
    "is", "are", "was", "were", "be", "been", "do", "does", "did", "can", "will", "would", "has",
    "have", "must", "should", "may",
];

/// Where another part of the sentence begins: at signs, and at the subject of its own.
const ENDS: [&str; 9] = [".", ";", ":", "|", "you", "we", "they", "it", "i"];

/// Whether a word stands in a clause that begins with `before`.
pub(super) fn is_put_off(reading: &Reading, at: usize) -> bool {
    let clause = reading.words[at].clause;
    let first = reading.words.iter().position(|word| word.clause == clause);
    first.is_some_and(|first| first < at && matches!(reading.text_at(first), "before" | "cyn"))
}

fn is_second(reading: &Reading, at: usize, pair: u16) -> bool {
    reading.marks.iter().any(|mark| mark.from == at && mark.role == Role::Opposite(pair, false))
}
