//! Waiting, and what comes first, where the source says neither.

use super::Code;
use super::claim::Claim;
use super::condition::extent;
use super::lexicon::{Condition, Role};
use super::order::WAITS;
use super::reading::{Mark, Reading};

/// Words behind which `wait` bids nobody: `while you wait`, `the wait`.
const BIDS_NOT: [&str; 12] =
    ["you", "we", "they", "the", "a", "longer", "long", "while", "this", "or", "can", "not"];

/// Of the words of two conditions at least so many of a hundred are the same where they are one.
const SAME: usize = 75;

/// Checks that a sentence bids nobody wait whom its source does not, and does not let happen at a time what its
/// source has happen before.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    if claim.same_language && (bids_wait(claim) || comes_too_late(claim)) {
        Err(Code::ComparatorChanged)
    } else {
        Ok(())
    }
}

/// Whether a sentence bids to wait, over a source that neither does nor puts off what may be done.
fn bids_wait(claim: &Claim<'_>) -> bool {
    let own = &claim.reading;
    let mut waits = waits(own);
    let bids = waits.any(|at| {
        let is_bid = matches!(own.text_at(at), "wait" | "arhoswch");
        is_bid && !BIDS_NOT.contains(&own.text_before(at)) && !is_denied(own, at)
    });
    let puts_off = |reading: &Reading| {
        let mut time = reading.conditions().filter(|(mark, kind)| {
            *kind == Condition::Until || *kind == Condition::When && !is_within(reading, mark)
        });
        let limits = |mark: &Mark| {
            matches!(mark.role, Role::Deny | Role::Condition(Condition::Only | Condition::Unless))
        };
        let has_waits = self::waits(reading).next().is_some();
        !has_waits && time.next().is_some() && reading.marks.iter().any(limits)
    };
    let waits_too = |reading: &Reading| self::waits(reading).any(|at| !is_denied(reading, at));
    bids && !claim.lines.iter().any(|line| waits_too(&line.reading) || puts_off(&line.reading))
}

fn waits(reading: &Reading) -> impl Iterator<Item = usize> {
    (0..reading.words.len()).filter(|at| WAITS.contains(&reading.text_at(*at)))
}

/// Whether a denial stands before a place in its clause.
fn is_denied(reading: &Reading, at: usize) -> bool {
    let clause = reading.words[at].clause;
    let mut denials = reading.marks.iter().filter(|mark| mark.role == Role::Deny);
    denials.any(|mark| mark.from < at && reading.words[mark.from].clause == clause)
}

/// `While` something is so puts nothing off.
fn is_within(reading: &Reading, mark: &Mark) -> bool {
    matches!(reading.text_at(mark.from), "while" | "whilst" | "during" | "tra")
}

/// Whether a sentence has `when` or `after` before what its source has `before`.
fn comes_too_late(claim: &Claim<'_>) -> bool {
    let of = |reading: &'_ Reading, words: &[&str]| -> Vec<Vec<String>> {
        let marks = reading.conditions().map(|(mark, _)| mark);
        let marks = marks.filter(|mark| words.contains(&reading.text_at(mark.from)));
        let stems = marks.map(|mark| {
            let (from, to) = extent(reading, &mark);
            reading.telling(from, to).map(|word| word.stem.clone()).collect()
        });
        stems.collect()
    };
    let (late, early) = (["when", "once", "after", "pan", "ar"], ["before", "cyn"]);
    let own = of(&claim.reading, &late);
    own.iter().filter(|own| !own.is_empty()).any(|own| {
        let has = |words: &[&str]| {
            claim.lines.iter().flat_map(|line| of(&line.reading, words)).any(|other| {
                let shared = own.iter().filter(|stem| other.contains(stem)).count();
                shared * 100 >= own.len().max(other.len()) * SAME
            })
        };
        has(&early) && !has(&late)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_bid_to_wait_whom_the_source_does_not() {
        for (text, quotes, expected) in [
            ("Wait until you have no home before you call.", "You do not have to wait.", false),
            ("Wait until 42 days have passed, then register.", "Register within 42 days.", false),
            ("Wait until it is dry before you paint.", "Do not paint until it is dry.", true),
            ("Wait for the letter.", "You must wait for the letter.", true),
            ("You do not have to wait.", "You can call at once.", true),
            ("You wait 5 days.", "It takes 5 days.", true),
            ("Tell us when you change your car.", "Tell us before you change your car.", false),
            ("Tell us before you change your car.", "Tell us before you change your car.", true),
            ("cy: Arhoswch nes bod 42 diwrnod wedi mynd.", "Cofrestrwch o fewn 42 diwrnod.", false),
            (
                "cy: Dywedwch wrthym pan fyddwch yn newid eich car.",
                "Dywedwch wrthym cyn newid eich car.",
                false,
            ),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
