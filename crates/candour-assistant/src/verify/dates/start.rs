//! What a time is counted from: `of the day we have your evidence` is not `of the day you apply`.

use crate::verify::claim::Claim;
use crate::verify::figure::{Figure, Value};
use crate::verify::meaning::Meanings;
use crate::verify::reading::{Reading, Word};

/// The most words behind `from` or `of` that tell the start.
const REACHES: usize = 9;

/// Words between a time and what it is counted from.
const LEADS: [&str; 9] = ["of", "after", "from", "since", "o", "i", "ol", "ers", "or"];

/// What one has in hand, where the source has what is written on it.
const COMES: [&str; 9] =
    ["get", "gets", "got", "receive", "received", "arrives", "cael", "derbyn", "gewch"];

/// Words for the day itself.
const DAYS: [&str; 7] = ["day", "date", "dyddiad", "diwrnod", "dydd", "ddyddiad", "ddiwrnod"];

/// A time, and what is said of its start.
struct Start<'r> {
    time: &'r Value,
    words: Vec<&'r Word>,
    is_written: bool,
    comes: bool,
}

/// Whether each time is counted from what its source counts it from.
pub(super) fn agrees(claim: &Claim<'_>) -> bool {
    let source: Vec<Start<'_>> =
        claim.lines.iter().flat_map(|line| starts(&line.reading)).collect();
    starts(&claim.reading).iter().all(|own| {
        let mut same = source.iter().filter(|other| own.time.says(other.time)).peekable();
        same.peek().is_none() || same.any(|other| fits(own, other))
    })
}

fn fits(own: &Start<'_>, other: &Start<'_>) -> bool {
    let meanings = Meanings::of(other.words.iter().map(|word| word.text.as_str()));
    let is_known = |word: &&Word| {
        other.words.iter().any(|there| there.stem == word.stem) || meanings.has_near(&word.text)
    };
    own.words.iter().copied().any(|word| is_known(&word)) && !(other.is_written && own.comes)
}

fn starts(reading: &Reading) -> Vec<Start<'_>> {
    let times = reading.figures.iter().filter(|figure| {
        // `One month` is read as a rate.
        let lead = reading.text_at(figure.from);
        figure.value.family() == 2
            || matches!(figure.value, Value::Rate(..)) && matches!(lead, "one" | "a" | "un")
    });
    times.filter_map(|time| start(reading, time)).collect()
}

fn start<'r>(reading: &'r Reading, time: &'r Figure) -> Option<Start<'r>> {
    // The Welsh for after is two words.
    let from = time.to + usize::from(reading.text_at(time.to) == "ar");
    if !LEADS.contains(&reading.text_at(from)) {
        return None;
    }
    let (from, furthest) = (from + 1, (from + 1 + REACHES).min(reading.words.len()));
    let ends = |at: &usize| {
        reading.words[*at].is_sign()
            || matches!(
                reading.text_at(*at),
                "and" | "or" | "but" | "if" | "unless" | "ac" | "neu" | "os"
            )
            || reading.figures.iter().any(|figure| figure.from == *at && figure.value.family() != 9)
    };
    let to = (from..furthest).find(ends).unwrap_or(furthest);
    let tail = &reading.words[from..to];
    let is_telling = |word: &&Word| word.telling && !DAYS.contains(&word.text.as_str());
    let words: Vec<&Word> = tail.iter().filter(is_telling).collect();
    let is_day = |at: usize| DAYS.contains(&reading.text_at(at));
    let is_written =
        (from..to).any(|at| is_day(at) && matches!(reading.text_at(at + 1), "on" | "ar"));
    let comes = tail.iter().any(|word| COMES.contains(&word.text.as_str()));
    let tells_a_day = (from..to).any(is_day);
    (tells_a_day && !words.is_empty()).then_some(Start {
        time: &time.value,
        words,
        is_written,
        comes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_start() {
        for (text, quotes, expected) in [
            (
                "Reply within 9 days of the day you pay.",
                "Reply within 9 days of the day we write.",
                false,
            ),
            (
                "Reply within 9 days of our letter.",
                "Reply within 9 days of the date on the letter.",
                true,
            ),
            (
                "Reply within 9 days of the day you get the letter.",
                "Reply within 9 days of the date on the letter.",
                false,
            ),
            ("Reply within 9 days.", "Reply within 9 days of the date on the letter.", true),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(agrees(&claim), expected, "{text} from {quotes}");
        }
    }
}
