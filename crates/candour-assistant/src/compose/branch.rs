//! Branches: parts of a page that hold for some readers only, as their headings say.
//!
//! A page that asks its reader questions has a heading for each question with the answer that leads
//! on: `Is your home a flat or a maisonette? No, it is a house`. Such a part is not quoted to a reader
//! whose question says otherwise.

use std::collections::BTreeSet;

use candour_core::{Locale, PageId, Passage};

use super::circumstance::{is_outside, opposed};
use super::cue::Cue;
use super::pool::Pool;
use super::range::{self, Range};
use crate::verify::{Period, periods};
use crate::words::{phrase, plain_words, stems, words};

/// How far a `not` reaches, in words.
const NOT_REACHES: usize = 3;

/// What a question says of the branches that were found.
pub(super) struct Branches {
    /// For each passage, what is known of the branch that it stands in.
    of: Vec<Fit>,
}

/// How a branch fits the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// It is no branch, or the question says that its conditions are met.
    Meant,
    /// It is for who does not do what the question asks how to do: `If you do not pay`.
    Undone,
    /// The question does not say whether its conditions are met.
    Open,
    /// The question says otherwise.
    RuledOut,
}

/// A heading that holds for some readers only.
#[derive(Debug, PartialEq)]
pub(super) struct Condition<'a> {
    /// The question that the page asks, where it asks one.
    pub(super) asks: &'a str,
    /// The reader's answer, or the whole heading.
    pub(super) answer: &'a str,
}

/// A question, read for conditions.
struct Reader<'a> {
    stems: BTreeSet<String>,
    denied: BTreeSet<String>,
    ranges: Vec<Range>,
    periods: Vec<Period>,
    locale: &'a Locale,
    /// Whether it asks how something is done, which whoever asks means to do.
    asks_how: bool,
}

impl Branches {
    /// Holds the branches of what was found against a question.
    pub(super) fn new(pool: &Pool<'_>, question: &str, locale: &Locale) -> Self {
        let reader = Reader {
            stems: stems(question, locale).into_iter().collect(),
            denied: denied(question, locale),
            ranges: range::all(question),
            periods: periods(question),
            locale,
            asks_how: pool.asked.cues.contains(&Cue::Method),
        };
        let options = options(pool);
        let fits = pool.passages.iter().map(|passage| {
            let page = &passage.hit.page.id;
            let headings = passage.hit.passage.headings.iter();
            let is_other = |text: &str| is_outside(text, &reader.periods);
            if reader.names_a_parallel(&passage.hit.passage, pool)
                || headings
                    .clone()
                    .any(|heading| is_other(&heading.text) || reader.is_off_level(&heading.text))
            {
                return Fit::RuledOut;
            }
            let conditions = headings.filter_map(|heading| condition(&heading.text));
            let fits = conditions.map(|condition| reader.fit(&condition, page, &options));
            fits.max_by_key(|fit| *fit as u8).unwrap_or(Fit::Meant)
        });
        Self { of: fits.collect() }
    }

    /// How the branch that a passage stands in fits the reader.
    pub(super) fn fit(&self, passage: usize) -> Fit {
        self.of.get(passage).copied().unwrap_or(Fit::Meant)
    }
}

/// An answer that a page offers to a question of its own.
struct Offered<'a> {
    page: &'a PageId,
    asks: &'a str,
    answer: &'a str,
}

/// All answers to the pages' own questions that were found.
fn options<'a>(pool: &'a Pool<'_>) -> Vec<Offered<'a>> {
    let mut options: Vec<Offered<'a>> = Vec::new();
    for passage in &pool.passages {
        for heading in &passage.hit.passage.headings {
            let Some(Condition { asks, answer }) = condition(&heading.text) else { continue };
            let page = &passage.hit.page.id;
            let is_known = options
                .iter()
                .any(|known| known.page == page && known.asks == asks && known.answer == answer);
            if !asks.is_empty() && !is_known {
                options.push(Offered { page, asks, answer });
            }
        }
    }
    options
}

/// The condition that a heading states, if it states one.
pub(super) fn condition(heading: &str) -> Option<Condition<'_>> {
    if let Some((asks, answer)) = heading.rsplit_once("? ") {
        return Some(Condition { asks, answer });
    }
    let is_one = first_word(heading).is_some_and(|word| matches!(word.as_str(), "if" | "os"));
    is_one.then_some(Condition { asks: "", answer: heading })
}

/// Whether no reader is in both of two circumstances: they are two answers to one question of a page, or
/// opposed.
pub(crate) fn exclude(one: &str, two: &str) -> bool {
    let asks = |text| condition(text).map_or("", |condition| condition.asks);
    opposed(one, two) || !asks(one).is_empty() && asks(one) == asks(two)
}

impl Reader<'_> {
    fn fit(&self, condition: &Condition<'_>, page: &PageId, options: &[Offered<'_>]) -> Fit {
        if !condition.asks.is_empty() && self.denies(condition.answer)
            || self.is_outside(condition)
            || self.chose_another(condition, page, options)
        {
            Fit::RuledOut
        } else if condition.asks.is_empty() && self.asks_how && self.denies(condition.answer) {
            Fit::Undone
        } else if condition.asks.is_empty() || self.is_met(condition) {
            // A heading with `If` stands above what is quoted, and the reader sees it.
            Fit::Meant
        } else {
            Fit::Open
        }
    }

    /// Whether the answer says `not` of what the question affirms.
    fn denies(&self, answer: &str) -> bool {
        let denied = denied(answer, self.locale);
        denied.iter().any(|stem| self.stems.contains(stem) && !self.denied.contains(stem))
    }

    /// Whether a number of the question is outside every range of its unit in the condition.
    fn is_outside(&self, condition: &Condition<'_>) -> bool {
        let ranges = ranges_of(condition);
        self.ranges.iter().any(|asked| {
            let mut same = ranges.iter().filter(|range| range.is_of(asked)).peekable();
            same.peek().is_some() && same.all(|range| range.is_apart_from(asked))
        })
    }

    /// Whether a heading says which levels it is for, as `Year 7 and above` does, and the question names none of
    /// them.
    fn is_off_level(&self, heading: &str) -> bool {
        let own = range::bounded(heading).into_iter().filter(|range| range.level.is_some());
        let own: Vec<Range> = own.collect();
        let mut asked = self.ranges.iter().filter(|asked| own.iter().any(|own| own.is_of(asked)));
        let is_apart = |asked: &Range| own.iter().all(|own| own.is_apart_from(asked));
        asked.clone().next().is_some() && asked.all(is_apart)
    }

    /// Whether the question names another answer to the same question of the page, and not this one.
    fn chose_another(
        &self,
        condition: &Condition<'_>,
        page: &PageId,
        options: &[Offered<'_>],
    ) -> bool {
        let own = self.named(condition.answer);
        let others = options.iter().filter(|other| {
            other.page == page && other.asks == condition.asks && other.answer != condition.answer
        });
        let others: BTreeSet<String> = others.flat_map(|other| self.named(other.answer)).collect();
        !condition.asks.is_empty()
            && own.difference(&others).next().is_none()
            && others.difference(&own).next().is_some()
    }

    /// Whether the question names another part of the page that is built like this one: the key dates
    /// of secondary schools, where this part has those of primary schools.
    fn names_a_parallel(&self, passage: &Passage, pool: &Pool<'_>) -> bool {
        let own = &passage.headings;
        let others = pool.passages.iter().map(|other| &other.hit.passage);
        let others = others.filter(|other| other.page == passage.page).map(|other| &other.headings);
        others.filter(|other| other.len() == own.len()).any(|other| {
            let mut differing =
                (0..own.len()).filter(|level| own[*level].text != other[*level].text);
            let (Some(level), None) = (differing.next(), differing.next()) else { return false };
            if level + 1 == own.len() {
                return false;
            }
            let (here, there) = (self.named(&own[level].text), self.named(&other[level].text));
            here.is_subset(&there) && here.len() < there.len()
        })
    }

    /// Whether the question itself says what the condition says.
    fn is_met(&self, condition: &Condition<'_>) -> bool {
        let ranges = ranges_of(condition);
        let is_inside = |asked: &Range| ranges.iter().any(|range| range.is_of(asked));
        !self.named(condition.answer).is_empty() || self.ranges.iter().any(is_inside)
    }

    /// The words of an answer that the question holds, numbers left out.
    fn named(&self, answer: &str) -> BTreeSet<String> {
        let there: BTreeSet<String> = stems(answer, self.locale).into_iter().collect();
        let shared = there.intersection(&self.stems);
        shared.filter(|stem| !stem.starts_with(|c: char| c.is_ascii_digit())).cloned().collect()
    }
}

/// What the page asks is true of those who answer yes to it.
fn ranges_of(condition: &Condition<'_>) -> Vec<Range> {
    let mut ranges = range::bounded(condition.answer);
    if affirms(condition.answer) {
        ranges.extend(range::bounded(condition.asks));
    }
    ranges
}

fn affirms(answer: &str) -> bool {
    let first = first_word(answer).unwrap_or_default();
    matches!(first.as_str(), "yes" | "ie" | "ydy" | "ydw" | "oes" | "bydd" | "do")
}

/// The first word of a text, of which the rest need not be read.
fn first_word(text: &str) -> Option<String> {
    text.split_whitespace().find_map(|piece| plain_words(piece).into_iter().next())
}

/// The stems of what a text says `not` of.
fn denied(text: &str, locale: &Locale) -> BTreeSet<String> {
    let words = words(&phrase(text), locale);
    let is_not = |text: &str| {
        matches!(
            text,
            "not" | "isnt" | "arent" | "dont" | "doesnt" | "without" | "nid" | "nad" | "heb"
        )
    };
    let mut denied = BTreeSet::new();
    for (at, word) in words.iter().enumerate() {
        // `Os na fyddwch yn talu`: elsewhere `na` is `than` or `no`.
        let is_if_not = word.text == "na" && at > 0 && words[at - 1].text == "os";
        if is_if_not || is_not(&word.text) {
            let reached = words[at + 1..].iter().take(NOT_REACHES).filter(|word| word.telling);
            denied.extend(reached.take(1).map(|word| word.stem.clone()));
        }
    }
    denied
}
