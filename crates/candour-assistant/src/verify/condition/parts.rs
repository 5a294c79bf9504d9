//! The parts of a sentence with a condition: where the condition begins and ends, what it hangs on, and
//! what must be met.

use crate::verify::figure::Value;
use crate::verify::lexicon::{Condition, Role};
use crate::verify::reading::{Mark, Reading, Word};

/// Words that begin an example.
const EXAMPLES: [(&str, &str); 3] = [("for", "example"), ("such", "as"), ("er", "enghraifft")];

/// Words that begin a main part.
const SUBJECTS: [&str; 12] =
    ["you", "we", "they", "it", "the", "this", "your", "only", "gallwch", "mae", "rhaid", "ni"];

/// Where the words of a condition begin and end: up to the next comma where it opens its sentence, else
/// to the end of the sentence or a `but`.
pub(in crate::verify) fn extent(reading: &Reading, mark: &Mark) -> (usize, usize) {
    let (start, end) = reading.sentence(mark.from);
    let opens = reading.telling(start, mark.from).next().is_none();
    let has_comma = reading.words[mark.to..end].iter().any(|word| word.text == ",");
    let stops = |at: &usize| {
        let word = &reading.words[*at];
        match word.text.as_str() {
            "," | ":" => opens,
            ";" | "|" | ")" => true,
            // `If you live here but pay elsewhere` goes on.
            "but" | "ond" => {
                let next = reading.text_at(at + 1);
                !opens && SUBJECTS.contains(&next)
            }
            // `If the home is empty you may get`: the main part begins with its subject.
            "you" | "we" | "they" => {
                opens && !has_comma && reading.telling(mark.to, *at).next().is_some()
            }
            _ => false,
        }
    };
    let stop = (mark.to..end).find(stops).unwrap_or(end);
    // `If you are ill, old or disabled, you can`: the main part begins with its subject.
    let is_main = |at: &usize| {
        let next = reading.text_at(at + 1);
        reading.words[*at].text == "," && SUBJECTS.contains(&next)
    };
    let is_list = opens && has_comma && !is_main(&stop.min(end - 1));
    let later = (stop..end).filter(|_| is_list).find(is_main);
    (mark.to, later.unwrap_or(stop))
}

/// A telling word, or a figure.
#[derive(Clone, Copy)]
pub(in crate::verify) enum Item<'r> {
    Word(&'r Word),
    Figure(&'r Value),
}

impl Item<'_> {
    pub(in crate::verify) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Word(one), Self::Word(two)) => one.stem == two.stem,
            (Self::Figure(one), Self::Figure(two)) => one == two,
            _ => false,
        }
    }
}

/// What a line says outside a condition, and inside.
pub(super) fn parts<'r>(
    reading: &'r Reading,
    from: usize,
    to: usize,
    mark: &Mark,
) -> (Vec<Item<'r>>, Vec<Item<'r>>) {
    let (start, end) = reading.sentence(mark.from);
    // `Do this, and do that if`: the condition is that of the second part.
    let joins = |at: &usize| {
        let next = reading.text_at(at + 1);
        matches!(reading.text_at(*at), "," | ";")
            && matches!(next, "and" | "but" | "or" | "so" | "a" | "ac" | "ond" | "felly")
    };
    let is_set_off = mark.from > 0 && reading.words[mark.from - 1].text == ",";
    let start = (start..mark.from).rfind(|at| !is_set_off && joins(at)).map_or(start, |at| at + 1);
    // Another condition of the same sentence is no part of what this one is about.
    let others: Vec<(usize, usize)> = reading
        .conditions()
        .filter(|(other, _)| other.from != mark.from)
        .filter(|(_, kind)| matches!(kind, Condition::If | Condition::Unless | Condition::Until))
        .filter(|(other, _)| !(from..to).contains(&other.from))
        .map(|(other, _)| (other.from, extent(reading, &other).1))
        .collect();
    let apart = |at: usize| others.iter().any(|(from, to)| (*from..*to).contains(&at));
    let parts = (start..mark.from).chain(to..end).filter(|at| !apart(*at));
    let mut main: Vec<Item<'_>> = parts.flat_map(|at| words_of(reading, at, at + 1)).collect();
    if main.is_empty() {
        main = words_of(reading, reading.sentence(mark.from).0, mark.from);
    }
    (main, words_of(reading, from, to))
}

/// The telling words and the figures between two places.
pub(in crate::verify) fn words_of(reading: &Reading, from: usize, to: usize) -> Vec<Item<'_>> {
    let words = (from..to.max(from))
        .filter(|at| reading.words[*at].telling && !reading.is_counted(*at))
        .map(|at| Item::Word(&reading.words[at]));
    // A figure belongs to where it begins.
    let figures = reading.figures.iter().filter(|f| f.from >= from && f.from < to);
    words.chain(figures.map(|figure| Item::Figure(&figure.value))).collect()
}

/// The parts of a condition: of each case that must be met, what is enough to meet it.
pub(super) fn cases(reading: &Reading, from: usize, to: usize) -> Vec<Vec<Vec<Item<'_>>>> {
    let breaks = |at: usize| reading.marks.iter().any(|m| m.from == at && m.role == Role::Break);
    let joins = |at: usize| match reading.text_at(at) {
        "and" | "a" | "ac" if breaks(at) => Some(false),
        "or" | "neu" => Some(true),
        _ => None,
    };
    // `18 or over` is one limit.
    let is_limit =
        |at: usize| reading.marks.iter().any(|m| m.from <= at && at < m.to && m.to > m.from + 1);
    // What is only an example is no part of it.
    let example = |at: &usize| {
        let next = reading.text_at(at + 1);
        EXAMPLES.contains(&(reading.text_at(*at), next))
    };
    let to = (from..to).find(example).unwrap_or(to);
    let ends =
        |at: &usize| reading.words[*at].text == "," || joins(*at).is_some() && !is_limit(*at);
    let mut cases: Vec<Vec<Vec<Item<'_>>>> = vec![Vec::new()];
    let (mut start, mut is_choice) = (from, true);
    while start < to {
        let end = (start..to).find(ends).unwrap_or(to);
        let items = words_of(reading, start, end);
        if !items.is_empty() {
            match cases.last_mut() {
                Some(case) if is_choice || case.is_empty() => case.push(items),
                _ => cases.push(vec![items]),
            }
        }
        // A comma stands for the joining word that follows in the list.
        is_choice = (end..to).find_map(joins).unwrap_or(false);
        start = end + 1;
    }
    cases
}
