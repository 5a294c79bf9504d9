//! An item that is one's condition is whole: `are a carer with a card` is not `are a carer`.

use crate::verify::claim::{Claim, Line};
use crate::verify::meaning::Meanings;
use crate::verify::reading::{Reading, Word};

/// Words that begin what somebody has, in two words in Welsh.
const HAVING: [(&str, &str); 8] = [
    ("with", ""),
    ("sydd", "a"),
    ("sydd", "ag"),
    ("syn", "berchen"),
    ("who", "has"),
    ("who", "have"),
    ("that", "has"),
    ("that", "have"),
];

/// Whether a sentence has the first part of such an item and not what it ends in.
pub(super) fn is_left_out(claim: &Claim<'_>) -> bool {
    let is_list = claim.sources().any(Line::is_stem);
    let items = claim.lines.iter().filter(|line| is_list && !line.is_stem());
    items.into_iter().any(|line| {
        let reading = &line.reading;
        let place = (1..reading.words.len()).find(|at| has(reading, *at));
        place.is_some_and(|at| loses(claim, line, at))
    })
}

/// Whether what somebody has begins at a place.
fn has(reading: &Reading, at: usize) -> bool {
    reading.words[at - 1].telling
        && HAVING.iter().any(|(one, two)| {
            reading.text_at(at) == *one && (two.is_empty() || reading.text_at(at + 1) == *two)
        })
}

fn loses(claim: &Claim<'_>, line: &Line<'_>, at: usize) -> bool {
    let words = &line.reading.words;
    let own = &claim.reading;
    let says = |word: &&Word| own.has_stem(&word.stem);
    let first = || words[..at].iter().filter(|word| word.telling);
    if first().next().is_none() || !first().all(|word| says(&word)) {
        return false;
    }
    let end = words[at..].iter().position(|word| word.text == ",").map_or(words.len(), |n| at + n);
    let is_first = |word: &&Word| first().any(|other| other.stem == word.stem);
    let mut rest: Vec<&Word> =
        words[at..end].iter().filter(|word| word.telling && !is_first(word)).collect();
    // A Welsh name begins with what it is.
    if line.reading.words[at].text == "sydd" {
        rest.reverse();
    }
    let Some(last) = rest.last() else { return false };
    let near = Meanings::telling(&own.words);
    let is_said = says(last)
        || own.words.iter().any(|word| word.telling && !line.has_stem(&word.stem))
            && near.has_near(&last.text);
    !is_said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_said_whole() {
        const FREE: &str = "You travel free if you:\nare a guide with a harbour pass";
        for (text, quotes, expected) in [
            ("You travel free if you are a guide.", FREE, false),
            ("You travel free if you are a guide in the harbour.", FREE, false),
            ("Guides with a harbour pass travel free.", FREE, true),
            ("Guides who hold a pass travel free.", FREE, true),
            (
                "cy: Rydych yn teithio am ddim os ydych yn dywysydd.",
                "Rydych yn teithio am ddim os ydych:\nyn dywysydd sydd â thocyn harbwr",
                false,
            ),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(!is_left_out(&claim), expected, "{text} from {quotes}");
        }
    }
}
