//! A follow-up stays on the pages that answered before it: `And on Sundays?` names no page, and the word
//! that it does have is on many. It leaves them where it has a subject of its own. One that has none, as
//! `How do I pay?`, is not answered from pages about something else.

use std::collections::{BTreeMap, BTreeSet};

use candour_core::{Hit, Locale, PageId};

use super::{CONTACT, Wording};
use crate::compose::{Readings, asks_whom_to_reach};
use crate::subject::Subject;
use crate::words::{stems, words};

/// What a page keeps of its fit where another is stayed on.
const ELSEWHERE: f32 = 0.6;
/// So many words of a follow-up in the title of another page are a subject of its own.
const SUBJECT: usize = 2;

/// What the question before was answered from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rest {
    /// The pages that were quoted, or the addresses of those whose readers were asked for their case.
    pub(super) pages: BTreeSet<String>,
    /// Whether the follow-up points to what was said, or asks for a case of it.
    pub(super) is_bound: bool,
    /// Whether they hold what the follow-up is about: the words before it then tell no passages apart.
    pub(crate) holds: bool,
    /// Whether the follow-up has no subject of its own.
    pub(super) is_bare: bool,
}

impl Rest {
    /// Whether what is quoted here is of another page than the one that the follow-up is about, which it
    /// did not ask to leave.
    pub(crate) fn is_left_for(&self, hit: &Hit) -> bool {
        self.is_bare && !self.is_of(hit)
    }

    /// Whether the follow-up did not ask to leave the pages that it is about, and some of them are here.
    pub(super) fn is_kept_to(&self, hits: &[Hit]) -> bool {
        self.is_bare && hits.iter().any(|hit| self.is_of(hit))
    }

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
    let before = words_before(wording, locale);
    let Some(rest) = &mut wording.rest else { return BTreeSet::new() };
    let Subject { stems: own, is_named, .. } = Subject::of(&wording.question, locale);
    rest.is_bare = !is_named;
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
    if names_another && is_named {
        return BTreeSet::new();
    }
    let holds = |hit: &Hit| own.iter().any(|stem| readings.of(hit).has_stem(stem));
    rest.holds = quoted.iter().any(|hit| holds(hit));
    // A case that a page has no word for, `What if I am late?`, is still one of what it is about.
    let is_of_all =
        own.is_empty() || rest.is_bound && own.len() < SUBJECT || !(is_named || rest.holds);
    let stays = quoted.iter().filter(|hit| is_of_all || holds(hit));
    stays.map(|hit| hit.page.id.clone()).collect()
}

/// Leaves out, where a follow-up has no subject of its own and stays, what is about something else: of other
/// pages those are left whose titles name the same, by every word of the questions before it that the titles
/// of the pages have on which it stays. One that asks whom to reach may be answered from pages of contacts.
pub(super) fn keep(
    pages: &BTreeSet<PageId>,
    wording: &Wording,
    locale: &Locale,
    readings: &Readings,
    hits: &mut Vec<Hit>,
) {
    let Some(rest) = wording.rest.as_ref().filter(|rest| rest.is_bare && !pages.is_empty()) else {
        return;
    };
    let before = words_before(wording, locale);
    let titles = hits.iter().filter(|hit| rest.is_of(hit)).map(|hit| readings.of(hit));
    let subject: BTreeSet<String> = titles
        .flat_map(|page| page.title.intersection(&before).cloned().collect::<Vec<_>>())
        .collect();
    let asked = words(&wording.question, locale);
    let is_of_contact = asked.iter().any(|word| asks_whom_to_reach(&word.text));
    let may_tell = |hit: &Hit| is_of_contact && hit.page.schema == CONTACT;
    let is_of_subject =
        |hit: &Hit| !subject.is_empty() && subject.is_subset(&readings.of(hit).title);
    hits.retain(|hit| rest.is_of(hit) || may_tell(hit) || is_of_subject(hit));
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

/// The stems of what a follow-up rests on.
fn words_before(wording: &Wording, locale: &Locale) -> BTreeSet<String> {
    let before = wording.before.as_ref().map(|before| stems(before.words(), locale));
    before.into_iter().flatten().collect()
}
