//! The third stage: passages that may answer a question, and what was found but may not be quoted.
//!
//! How a text is searched is left to the `Searcher`; what is quoted is left to `compose`.

mod follow;
mod fuse;
mod glossary;
mod language;
mod phrases;
mod quotable;
mod spelling;
mod stay;

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use candour_content::index::form_numbers;
use candour_core::{Audience, Hit, Locale, Nation, Page, PageId, SearchError, SearchQuery, Turn};

pub(crate) use self::follow::{
    is_preposition, place_of_follow_up, rests_on_history, role_of_follow_up,
};
pub(crate) use self::quotable::Quotable;
pub(crate) use self::spelling::Spelling;
use self::stay::Rest;
use crate::screen::{Place, Screened, language_of, nations_named_in};
use crate::words::stems;

/// What a page that is written for others than the reader keeps of its fit.
const FOR_OTHERS: f32 = 0.5;
/// How many passages are looked at.
const LIMIT: usize = 24;
/// What a page of contacts is called by its publisher.
const CONTACT: &str = "contact";
/// A withdrawn page, or one for another nation or other readers, is told of when it stands among the
/// first so many, and holds so much of what is asked, and no less than what may be quoted: of a page that
/// shares a word, or some where another has all, it would be untrue that it would have answered.
const NOTED_WITHIN: usize = 2;
const NOTED_COVERAGE: f32 = 0.6;
/// Coverage below which Welsh guidance is taken not to answer, so that English is tried.
const POOR_COVERAGE: f32 = 0.4;

/// What was found.
#[derive(Debug)]
pub(crate) struct Retrieved {
    /// The question as it was searched: for a follow-up, with the words it rests on.
    pub(crate) wording: Wording,
    /// Words of it that the guidance does not have.
    pub(crate) spelling: Spelling,
    /// What may be quoted, best first.
    pub(crate) hits: Vec<Hit>,
    /// How well each page fits as a whole, 0 to 1.
    pub(crate) pages: BTreeMap<PageId, f32>,
    /// Whether the role of the reader changed the order of what was found.
    pub(crate) by_role: bool,
    /// The language of what was found.
    pub(crate) locale: Locale,
    /// Withdrawn pages that would have been best.
    pub(crate) withdrawn: Vec<Hit>,
    /// Pages that would have been best and do not apply to the reader's nation.
    pub(crate) elsewhere: Vec<Hit>,
    /// Pages that would have been best, and are for others than the reader chose.
    pub(crate) for_others: Vec<Hit>,
}

impl Retrieved {
    /// What a search found that nobody asked as a question: all of it may be quoted.
    pub(crate) fn of(text: &str, hits: &[Hit]) -> Self {
        let locale = hits.first().map_or(&Locale::En, |hit| &hit.passage.locale);
        Self {
            wording: Wording { question: text.to_owned(), ..Wording::default() },
            spelling: Spelling::default(),
            hits: hits.to_vec(),
            pages: page_strengths(hits),
            by_role: false,
            locale: language_of(text, locale),
            withdrawn: Vec::new(),
            elsewhere: Vec::new(),
            for_others: Vec::new(),
        }
    }

    /// Whether it follows on from something, has no subject of its own, and the pages of that were found.
    fn stays(&self) -> bool {
        let rest = self.wording.rest.as_ref();
        rest.is_some_and(|rest| rest.is_kept_to(&self.hits))
    }
}

/// The words that are looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wording {
    /// The question in the language of what is searched.
    pub(crate) question: String,
    /// What it rests on, if on anything.
    pub(crate) before: Option<Before>,
    /// Where that was answered, if it was.
    pub(crate) rest: Option<Rest>,
    /// What the reader chose of circumstances that they were asked for before.
    pub(crate) chosen: Vec<String>,
}

/// What a follow-up question rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Before {
    /// What the reader said before, by rule.
    Said(String),
    /// The question as a model wrote it out with that, in the reader's words.
    Rewritten(String),
}

impl Before {
    /// Its words.
    pub(crate) fn words(&self) -> &str {
        match self {
            Self::Said(words) | Self::Rewritten(words) => words,
        }
    }
}

impl Wording {
    /// The question with what it rests on.
    pub(crate) fn whole(&self) -> String {
        self.together().unwrap_or_else(|| self.question.clone())
    }

    /// The same for English guidance, where it is Welsh; empty where none of its words has English here.
    fn in_english(&self) -> Self {
        let before = self.before.as_ref().map(|before| glossary::english(before.words()));
        Self {
            question: glossary::english(&self.question),
            before: before.filter(|before| !before.is_empty()).map(Before::Said),
            rest: self.rest.clone(),
            chosen: self.chosen.clone(),
        }
    }

    fn together(&self) -> Option<String> {
        self.before.as_ref().map(|before| match before {
            Before::Said(before) => format!("{} {before}", self.question),
            Before::Rewritten(whole) => whole.clone(),
        })
    }
}

/// Finds passages for a question.
pub(crate) fn retrieve(
    quotable: &Quotable<'_>,
    question: &Screened,
    history: &[Turn],
) -> Result<Retrieved, SearchError> {
    let own = follow::wording(question, history);
    let english = own.in_english();
    let asked = own.whole();
    let found = search(quotable, own, &question.locale, question)?;
    if question.locale != Locale::Cy || found.stays() || english.question.is_empty() {
        return Ok(found);
    }
    let asked = language::Asked::new(&asked, &found, quotable);
    if is_good(&found) && asked.is_told_in_welsh() {
        return Ok(found);
    }
    let mut other = search(quotable, english, &Locale::En, question)?;
    if asked.is_told_in_english_alone(&other) {
        other.hits.retain(language::is_in_english_alone);
        return Ok(other);
    }
    let is_better = !is_good(&found) && best_coverage(&other) > best_coverage(&found);
    Ok(if is_better { other } else { found })
}

fn is_good(found: &Retrieved) -> bool {
    best_coverage(found) >= POOR_COVERAGE
}

/// The largest share of the question's telling words in one passage with its headings and title,
/// with mutations folded, which the index does not do.
fn best_coverage(found: &Retrieved) -> f32 {
    let asked: BTreeSet<String> =
        stems(&found.wording.question, &found.locale).into_iter().collect();
    let share = |hit: &Hit| {
        let text =
            format!("{} {} {}", hit.page.title, hit.passage.heading_path(), hit.passage.text);
        let there = stems(&text, &found.locale).into_iter();
        let there: BTreeSet<String> =
            there.chain(form_numbers::spaced_in_one_word(&text)).collect();
        asked.intersection(&there).count() as f32 / asked.len().max(1) as f32
    };
    found.hits.iter().take(8).map(share).fold(0.0, f32::max)
}

/// Searches for a wording in all guidance, and once more where publishers have other words for what it
/// says. The index itself finds words that are spelt alike; what is found tells which of them was read.
fn search_everywhere(
    quotable: &Quotable<'_>,
    wording: &mut Wording,
    locale: &Locale,
) -> Result<(Vec<Hit>, Spelling), SearchError> {
    let mut everywhere = all(quotable, wording, locale, Filter::default())?;
    let vocabulary: Vec<_> = everywhere.iter().map(|hit| quotable.readings.of(hit)).collect();
    let is_written = |word: &str| vocabulary.iter().any(|reading| reading.words.contains(word));
    let Ok(joined) =
        form_numbers::joined(&wording.question, |word| Ok::<_, Infallible>(is_written(word)));
    wording.question = joined.into_owned();
    let spelling = Spelling::of(&wording.question, &vocabulary, locale);
    wording.question = spelling.read(&wording.question);
    if let Some(added) = phrases::added(&wording.question) {
        wording.question = added;
        everywhere = fuse::fused(&[all(quotable, wording, locale, Filter::default())?, everywhere]);
    }
    Ok((everywhere, spelling))
}

/// Searches for a wording, and sets what may not be quoted to this reader apart.
fn search(
    quotable: &Quotable<'_>,
    mut wording: Wording,
    locale: &Locale,
    question: &Screened,
) -> Result<Retrieved, SearchError> {
    let (place, role, readings) = (question.place, question.role, quotable.readings);
    let (mut everywhere, spelling) = search_everywhere(quotable, &mut wording, locale)?;
    let stays = stay::stays_on(&mut wording, locale, readings, &everywhere);
    stay::keep(&stays, &wording, locale, readings, &mut everywhere);
    stay::first(&stays, &wording, locale, &mut everywhere);
    let mut pages = page_strengths(&everywhere);
    stay::strengthen(&stays, &mut pages);
    let ranked = everywhere.into_iter().enumerate();
    let (withdrawn, current): (Vec<_>, Vec<_>) =
        ranked.partition(|(_, hit)| is_withdrawn(&hit.page));
    let (allowed, excluded): (Vec<_>, Vec<_>) =
        current.into_iter().partition(|(_, hit)| may_be_quoted(hit, place));
    let (allowed, for_others): (Vec<_>, Vec<_>) =
        allowed.into_iter().partition(|(_, hit)| role.admits(&hit.page));
    let mut hits = allowed.into_iter().map(|(_, hit)| hit).collect::<Vec<_>>();
    let by_nation = place.nation.is_some() && !(excluded.is_empty() && withdrawn.is_empty());
    if by_nation || !for_others.is_empty() {
        // With a filter there is room for passages that others crowded out.
        let filter = Filter { nation: place.nation, audience: role.chosen() };
        hits = fuse::fused(&[hits, all(quotable, &wording, locale, filter)?]);
        hits.retain(|hit| !is_withdrawn(&hit.page));
        stay::keep(&stays, &wording, locale, readings, &mut hits);
        stay::first(&stays, &wording, locale, &mut hits);
    }
    let by_role = role.audience.is_some_and(|audience| prefer(audience, &mut hits, &mut pages));
    let quotable = hits.iter().take(NOTED_WITHIN).map(|hit| hit.coverage);
    let needed = quotable.fold(NOTED_COVERAGE, f32::max);
    let noted = |ranked: Vec<(usize, Hit)>| {
        let fits = move |rank: usize, hit: &Hit| rank < NOTED_WITHIN && hit.coverage >= needed;
        ranked.into_iter().filter(move |(rank, hit)| fits(*rank, hit)).map(|(_, hit)| hit)
    };
    let withdrawn = distinct(noted(withdrawn));
    let mut elsewhere = distinct(noted(excluded));
    // A page with a passage that may be quoted is not left out.
    elsewhere.retain(|hit| !hits.iter().take(8).any(|other| other.page.id == hit.page.id));
    let (locale, for_others) = (locale.clone(), distinct(noted(for_others)));
    Ok(Retrieved {
        wording,
        spelling,
        hits,
        pages,
        by_role,
        locale,
        withdrawn,
        elsewhere,
        for_others,
    })
}

/// Puts what is for others than the reader last, and says that their pages fit less well. It may still be
/// all that there is. Returns whether the order was another before.
fn prefer(audience: Audience, hits: &mut [Hit], pages: &mut BTreeMap<PageId, f32>) -> bool {
    let is_moved = !hits.is_sorted_by_key(|hit| !hit.page.speaks_to(audience));
    hits.sort_by_key(|hit| !hit.page.speaks_to(audience));
    let others = hits.iter().filter(|hit| !hit.page.speaks_to(audience)).map(|hit| &hit.page.id);
    for page in others.collect::<BTreeSet<_>>() {
        if let Some(strength) = pages.get_mut(page) {
            *strength *= FOR_OTHERS;
        }
    }
    is_moved
}

/// How well each page fits as a whole, 0 to 1: several passages of one page speak for it.
fn page_strengths(hits: &[Hit]) -> BTreeMap<PageId, f32> {
    let mut pages: BTreeMap<PageId, f32> = BTreeMap::new();
    for (rank, hit) in hits.iter().enumerate() {
        *pages.entry(hit.page.id.clone()).or_default() += 1.0 / (rank as f32 + 3.0);
    }
    let best = pages.values().copied().fold(f32::EPSILON, f32::max);
    for strength in pages.values_mut() {
        *strength /= best;
    }
    pages
}

/// What is looked for alone; withdrawn pages are found too where that is everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Filter {
    nation: Option<Nation>,
    audience: Option<Audience>,
}

/// All hits for a wording, in one list: a follow-up is searched with and without what it rests on.
fn all(
    quotable: &Quotable<'_>,
    wording: &Wording,
    locale: &Locale,
    filter: Filter,
) -> Result<Vec<Hit>, SearchError> {
    let query = |text: String| SearchQuery {
        locale: Some(locale.clone()),
        nation: filter.nation,
        audience: filter.audience,
        include_withdrawn: filter == Filter::default(),
        ..SearchQuery::new(text, LIMIT)
    };
    let own = quotable.search(&query(wording.question.clone()))?;
    match wording.together() {
        Some(together) => Ok(fuse::fused(&[quotable.search(&query(together))?, own])),
        None => Ok(own),
    }
}

/// The contact pages that fit a question best.
pub(crate) fn contact_pages(
    quotable: &Quotable<'_>,
    question: &str,
    locale: &Locale,
) -> Result<Vec<Hit>, SearchError> {
    let query = |locale: &Locale| SearchQuery {
        locale: Some(locale.clone()),
        schema: Some(CONTACT.to_owned()),
        ..SearchQuery::new(question, 3)
    };
    quotable.search(&query(locale))
}

fn is_withdrawn(page: &Page) -> bool {
    page.withdrawn.is_some() || page.history_mode
}

/// Whether a passage applies where the reader is, or speaks of that nation in its own words.
fn may_be_quoted(hit: &Hit, place: Place) -> bool {
    let Some(nation) = place.nation else { return true };
    hit.passage.scope.applies.contains(nation)
        || (!place.assumed && nations_named_in(&hit.passage.text).contains(nation))
}

/// The first hit of each page.
fn distinct(hits: impl Iterator<Item = Hit>) -> Vec<Hit> {
    let mut kept: Vec<Hit> = Vec::new();
    for hit in hits {
        if !kept.iter().any(|other| other.page.id == hit.page.id) {
            kept.push(hit);
        }
    }
    kept
}
