//! A follow-up stays on the pages that answered before it: `And on Sundays?` names no page, and the word
//! that it does have is on many. It leaves them where it has a subject of its own.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::LazyLock;

use candour_core::{Hit, Locale, PageId};

use super::Wording;
use crate::compose::{Readings, asks_by_itself};
use crate::words::{stems, words};

/// What a page keeps of its fit where another is stayed on.
const ELSEWHERE: f32 = 0.6;
/// So many words of a follow-up in the title of another page are a subject of its own.
const SUBJECT: usize = 2;

/// Words that tell when, which guidance seldom says in the same ones: every day is also a Sunday.
static WHEN: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    const WORDS: &str = "monday tuesday wednesday thursday friday saturday sunday weekend weekday bank holiday \
        mondays tuesdays wednesdays thursdays fridays saturdays sundays weekends weekdays \
        holidays january february march april may june july august september october november \
        december christmas easter year summer autumn winter spring morning afternoon evening \
        evenings day days dydd sul llun mawrth mercher iau gwener sadwrn suliau penwythnos \
        penwythnosau gwyl gwyliau banc ionawr chwefror ebrill mai mehefin gorffennaf awst medi \
        hydref tachwedd rhagfyr nadolig pasg haf gaeaf gwanwyn bore prynhawn nos adeg";
    WORDS.split_whitespace().collect()
});

/// What the question before was answered from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rest {
    /// The pages that were quoted, or the addresses of those whose readers were asked for their case.
    pub(super) pages: BTreeSet<String>,
    /// Whether the follow-up points to what was said, or asks for a case of it.
    pub(super) is_bound: bool,
    /// Whether they hold what the follow-up is about: the words before it then tell no passages apart.
    pub(crate) holds: bool,
}

impl Rest {
    fn is_of(&self, hit: &Hit) -> bool {
        self.pages.contains(hit.page.id.as_str()) || self.pages.contains(&hit.page.url)
    }
}

/// The pages that a follow-up stays on, of those that were found.
pub(super) fn stays_on(
    wording: &mut Wording,
    locale: &Locale,
    readings: &Readings,
    found: &[Hit],
) -> BTreeSet<PageId> {
    let Some(rest) = &mut wording.rest else { return BTreeSet::new() };
    let own = subject_words(&wording.question, locale);
    let before = wording.before.as_ref().map(|before| stems(before.words(), locale));
    let before: BTreeSet<String> = before.into_iter().flatten().collect();
    let titled = |hit: &Hit| {
        let title = &readings.of(hit).title;
        (own.intersection(title).count(), before.intersection(title).count())
    };
    let (quoted, others): (Vec<&Hit>, Vec<&Hit>) = found.iter().partition(|hit| rest.is_of(hit));
    let most = |count: fn((usize, usize)) -> usize| {
        quoted.iter().map(|hit| count(titled(hit))).max().unwrap_or_default()
    };
    let (most_own, most_before) = (most(|titled| titled.0), most(|titled| titled.1));
    let names_another = others.iter().map(|hit| titled(hit)).any(|(own, before)| {
        let is_named = if rest.is_bound { before >= most_before } else { own >= SUBJECT };
        own > most_own && is_named
    });
    if names_another {
        return BTreeSet::new();
    }
    let holds = |hit: &Hit| own.iter().any(|stem| readings.of(hit).has_stem(stem));
    rest.holds = quoted.iter().any(|hit| holds(hit));
    // A case that a page has no word for, `What if I am late?`, is still one of what it is about.
    let is_of_all = own.is_empty() || rest.is_bound && own.len() < SUBJECT;
    let stays = quoted.iter().filter(|hit| is_of_all || holds(hit));
    stays.map(|hit| hit.page.id.clone()).collect()
}

/// Puts the passages of these pages first, where the question has a word that others may have been found by.
pub(super) fn first(
    pages: &BTreeSet<PageId>,
    wording: &Wording,
    locale: &Locale,
    hits: &mut [Hit],
) {
    if stems(&wording.question, locale).is_empty() {
        return;
    }
    hits.sort_by_key(|hit| !pages.contains(&hit.page.id));
}

/// Says that these pages fit best as a whole.
pub(super) fn strengthen(pages: &BTreeSet<PageId>, strengths: &mut BTreeMap<PageId, f32>) {
    if pages.is_empty() {
        return;
    }
    for (page, strength) in strengths {
        *strength = if pages.contains(page) { 1.0 } else { *strength * ELSEWHERE };
    }
}

/// The stems of what a question is about: neither when nor what kind of answer it asks for.
fn subject_words(question: &str, locale: &Locale) -> BTreeSet<String> {
    let telling = words(question, locale).into_iter().filter(|word| word.telling);
    let names =
        telling.filter(|word| !WHEN.contains(word.text.as_str()) && !asks_by_itself(&word.text));
    names.map(|word| word.stem).collect()
}
