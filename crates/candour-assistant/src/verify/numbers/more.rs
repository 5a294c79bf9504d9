//! What comes on top of something else is not all there is: `14 extra days` are not `14 days`.

use crate::verify::claim::Claim;
use crate::verify::figure::Figure;
use crate::verify::reading::Reading;

/// Words that say so.
const MORE: [&str; 8] =
    ["extra", "more", "further", "additional", "another", "ychwanegol", "arall", "rhagor"];

/// Words with which a sentence may say it otherwise.
const ADDS: [&str; 15] = [
    "plus",
    "add",
    "adds",
    "added",
    "extended",
    "extends",
    "extend",
    "extension",
    "longer",
    "later",
    "second",
    "again",
    "then",
    "ymhellach",
    "hirach",
];

/// So many words before a figure, and behind it, can say that it comes on top.
const BEFORE: usize = 4;
const BEHIND: usize = 2;

/// Whether a sentence has a figure of its source that comes on top there, and does not say so.
pub(super) fn is_left_out(claim: &Claim<'_>) -> bool {
    let own = &claim.reading;
    let says = |word: &str| MORE.contains(&word) || ADDS.contains(&word);
    if own.words.iter().any(|word| says(&word.text)) {
        return false;
    }
    let facts = claim.facts();
    own.figures.iter().any(|figure| {
        let mut same = facts.iter().filter(|fact| fact.bears_out(&figure.value)).peekable();
        same.peek().is_some() && same.all(|fact| is_on_top(fact.reading, fact.figure))
    })
}

/// Whether a sentence has a figure on top of something that is all there is in its source.
pub(super) fn is_put_on_top(claim: &Claim<'_>) -> bool {
    const TOTAL: [&str; 5] = ["total", "altogether", "maximum", "gyfanswm", "gyd"];
    let own = &claim.reading;
    let facts = claim.facts();
    let is_all = |reading: &Reading, figure: &Figure| {
        let end = reading.sentence(figure.from).1.max(figure.to);
        let mut behind = reading.words[figure.to..end].iter().take(BEFORE);
        behind.any(|word| TOTAL.contains(&word.text.as_str()))
    };
    own.figures.iter().filter(|figure| is_on_top(own, figure)).any(|figure| {
        let mut same = facts.iter().filter(|fact| fact.bears_out(&figure.value)).peekable();
        same.peek().is_some() && same.all(|fact| is_all(fact.reading, fact.figure))
    })
}

/// Whether such a word stands at a figure. `More than 3` and `3 or more` are limits.
fn is_on_top(reading: &Reading, figure: &Figure) -> bool {
    let clause = reading.words[figure.from].clause;
    let near = figure.from.saturating_sub(BEFORE)..(figure.to + BEHIND).min(reading.words.len());
    let is_more = |at: usize| MORE.contains(&reading.text_at(at));
    // `Each extra metre` says it of all that stands in its row; an `additional rate` is a name.
    let is_each = |at: usize| matches!(reading.text_at(at), "each" | "every" | "pob" | "bob");
    let name = reading.words.iter().position(|word| word.text == "|").unwrap_or(0);
    if figure.from > name && (0..name).any(is_more) && (0..name).any(is_each) {
        return true;
    }
    near.into_iter().any(|at| {
        let is_limit = matches!(reading.text_at(at + 1), "than" | "na")
            || at > 0 && matches!(reading.text_at(at - 1), "or" | "no" | "neu" | "any");
        reading.words[at].clause == clause && is_more(at) && !is_limit
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_on_top_stays_so() {
        for (text, quotes, expected) in [
            ("You get 9 days.", "You get 9 extra days.", false),
            ("You get another 9 days.", "You get 9 extra days.", true),
            ("It lasts 9 days.", "It lasts as long as the stay and then 9 more days.", false),
            (
                "It lasts as long as the stay plus 9 days.",
                "It lasts the stay and 9 more days.",
                true,
            ),
            ("You need 9 points.", "You need 9 or more points.", true),
            ("A berth costs £9.", "A further berth costs £9.", false),
            ("Each berth costs £9.", "Each extra berth | £9", false),
            (
                "You can book 9 extra berths.",
                "Each extra berth, up to 9 berths in total | £4",
                false,
            ),
            ("cy: Cewch archwiliad am £9.", "Cewch archwiliad arall am £9.", false),
        ] {
            let claim = Claim::plain(text, quotes);
            let is_otherwise = is_left_out(&claim) || is_put_on_top(&claim);
            assert_eq!(!is_otherwise, expected, "{text} from {quotes}");
        }
    }
}
