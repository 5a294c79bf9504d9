//! Where what answers splits by circumstance: parts of one page that answer the question for different
//! readers, and a question that does not say which of them its reader is.
//!
//! Nothing is guessed of what a page means. Two parts are alternatives where their headings say so: they
//! answer one question of the page's own, are built alike, or state circumstances that exclude each
//! other. The same holds of two sentences with such conditions, of passages for different nations, and of
//! the rows of a table that is too long to be quoted. One passage that answers for all is no split.

use std::collections::{BTreeMap, BTreeSet};

use candour_core::{AnswerChoice, Locale, Nations, UnitKind};

use super::branch::{self, Condition};
use super::choose::number;
use super::circumstance::{Told, circumstances, clause, is_outside, opposed};
use super::list::List;
use super::pool::Pool;
use super::range;
use super::reading::label;
use super::score::{At, Scored};
use crate::replies::Replies;
use crate::verify::periods;
use crate::words::{plain_words, stems};

/// A unit that scores so much of the best one answers as well.
const AS_GOOD: f32 = 0.75;
/// Of more alternatives than this nobody can choose.
const MOST_CHOICES: usize = 8;

/// Alternatives that the question leaves open.
pub(super) struct Split {
    /// What decides between them.
    pub(super) by: By,
    /// Each, with where it stands.
    pub(super) branches: Vec<Branch>,
}

/// What decides between alternatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum By {
    /// A question that the page itself asks.
    Question(String),
    /// Circumstances, in the words of the page.
    Circumstance,
    /// The nation that guidance applies to.
    Nation,
    /// The row of a table.
    Row,
}

/// One alternative.
pub(super) struct Branch {
    /// How a reader chooses it.
    pub(super) choice: AnswerChoice,
    /// The units that are true of it alone, best first.
    pub(super) units: Vec<At>,
}

/// The alternatives that a question leaves open, if what answers it best is one of them.
pub(super) fn of(
    pool: &Pool<'_>,
    candidates: &[Scored],
    asked: &Asking<'_>,
    is_cut: bool,
) -> Option<Split> {
    let fits = candidates.iter().filter(|unit| unit.score > 0.0);
    let best = fits.max_by(|a, b| a.score.total_cmp(&b.score).then(b.at.cmp(&a.at)))?;
    if !answers(pool, best.at) {
        return None;
    }
    let near = candidates.iter().filter(|unit| is_as_good(pool, unit, best));
    let near: Vec<&Scored> = near.collect();
    by_heading(pool, candidates, best, asked)
        .or_else(|| by_sentence(pool, &near, best, asked))
        .or_else(|| by_nation(pool, &near, best, asked))
        .or_else(|| if is_cut { by_row(pool, candidates, best, asked) } else { None })
}

/// What the question says of its reader.
pub(super) struct Asking<'a> {
    /// Its words, with those that it rests on.
    pub(super) question: String,
    /// Their language.
    pub(super) locale: &'a Locale,
    /// Whether it says, or the pilot assumes, which nation it is about.
    pub(super) has_nation: bool,
    /// The fixed words of the answer.
    pub(super) replies: &'a Replies,
}

/// Whether a unit is the kind of statement that was asked for.
fn answers(pool: &Pool<'_>, at: At) -> bool {
    let cues = &pool.passages[at.passage].units[at.unit].cues;
    let Pool { asked, .. } = pool;
    if asked.demanded.is_empty() {
        asked.cues.is_empty() || asked.cues.iter().any(|cue| cues.contains(cue))
    } else {
        asked.demanded.iter().all(|cue| cues.contains(cue))
    }
}

/// Whether a unit answers as well as the best one.
fn is_as_good(pool: &Pool<'_>, unit: &Scored, best: &Scored) -> bool {
    unit.score >= AS_GOOD * best.score && answers(pool, unit.at)
}

/// Why the headings of two parts exclude each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fork {
    /// They are two answers to one question of the page.
    Answers,
    /// They state circumstances of which one reader has only one.
    Opposed,
    /// They are two of a kind, `Primary school` and `Secondary school`, with the same headings below.
    Parallel,
    /// Both begin with `If you`.
    Conditions,
}

/// The title and the headings above a passage.
fn path<'p>(pool: &'p Pool<'_>, passage: usize) -> Vec<&'p str> {
    pool.passages[passage].hit.path().collect()
}

/// Where the ways to two parts fork, and why they exclude each other, if they do.
fn fork(one: &[Told<'_>], two: &[&str], locale: &Locale) -> Option<(usize, Fork)> {
    let level = one.iter().zip(two).take_while(|(one, two)| one.text == **two).count();
    let (here, there) = (one.get(level)?, two.get(level)?);
    if here.excludes(there) {
        return Some((level, Fork::Opposed));
    }
    if level == 0 {
        return None;
    }
    let here = here.text;
    let kind = match (branch::condition(here), branch::condition(there)) {
        (Some(one), Some(two)) if !one.asks.is_empty() && one.asks == two.asks => Fork::Answers,
        (Some(one), Some(two))
            if speaks_to_reader(&one, locale) && speaks_to_reader(&two, locale) =>
        {
            Fork::Conditions
        }
        _ if level + 1 < one.len()
            && one[level + 1..]
                .iter()
                .map(|told| told.text)
                .eq(two[level + 1..].iter().copied())
            && share_a_word(here, there, locale) =>
        {
            Fork::Parallel
        }
        _ => return None,
    };
    Some((level, kind))
}

/// Whether two headings are about the same kind of thing, and not two parts of how a page is built, as
/// `Eligibility` and `How to claim` are.
fn share_a_word(one: &str, two: &str, locale: &Locale) -> bool {
    let there = stems(two, locale);
    stems(one, locale).iter().any(|stem| there.contains(stem))
}

/// Whether a heading with `If` is about its reader, and not about what the body does.
fn speaks_to_reader(condition: &Condition<'_>, locale: &Locale) -> bool {
    let words = plain_words(condition.answer);
    let is_you = |word: &String| {
        if *locale == Locale::Cy {
            word.ends_with("ych") || matches!(word.as_str(), "eich" | "chi" | "gennych")
        } else {
            matches!(word.as_str(), "you" | "your")
        }
    };
    condition.asks.is_empty() && words.iter().skip(1).take(4).any(is_you)
}

/// Parts of which the headings exclude each other, the outermost such headings first.
fn by_heading(
    pool: &Pool<'_>,
    candidates: &[Scored],
    best: &Scored,
    asked: &Asking<'_>,
) -> Option<Split> {
    let own = path(pool, best.at.passage);
    let told: Vec<Told<'_>> = own.iter().copied().map(Told::of).collect();
    let mut forks: BTreeMap<usize, Option<(usize, Fork)>> = BTreeMap::new();
    let mut fork_at = |passage: usize| {
        *forks.entry(passage).or_insert_with(|| fork(&told, &path(pool, passage), asked.locale))
    };
    let fitting = candidates.iter().filter(|unit| unit.score > 0.0);
    let fitting: Vec<_> = fitting.map(|unit| (unit, fork_at(unit.at.passage))).collect();
    // A page that asks its readers leaves none of them out; other parts must answer as well.
    let counts = |kind: Fork, unit: &Scored| kind == Fork::Answers || is_as_good(pool, unit, best);
    let told_of =
        fitting.iter().filter_map(|(unit, fork)| fork.filter(|(_, kind)| counts(*kind, unit)));
    told_of.collect::<BTreeSet<_>>().into_iter().find_map(|(level, kind)| {
        let mut parts = Parts::default();
        for (unit, fork) in fitting.iter().filter(|(unit, _)| counts(kind, unit)) {
            let way = path(pool, unit.at.passage);
            if way.get(..=level) == own.get(..=level) || *fork == Some((level, kind)) {
                parts.add(unit, way[level]);
            }
        }
        let by = match branch::condition(own[level]) {
            Some(Condition { asks, .. }) if kind == Fork::Answers => By::Question(asks.to_owned()),
            _ => By::Circumstance,
        };
        parts.into_split(pool, by, asked)
    })
}

/// Sentences in several passages of a page whose conditions exclude each other.
fn by_sentence(
    pool: &Pool<'_>,
    near: &[&Scored],
    best: &Scored,
    asked: &Asking<'_>,
) -> Option<Split> {
    let own = clause(text(pool, best.at))?;
    let page = |at: At| &pool.passages[at.passage].hit.page.id;
    let mut parts = Parts::default();
    parts.add(best, own);
    for unit in near.iter().filter(|unit| unit.at.passage != best.at.passage) {
        match clause(text(pool, unit.at)) {
            Some(other) if page(unit.at) == page(best.at) && opposed(own, other) => {
                parts.add(unit, other);
            }
            _ => {}
        }
    }
    parts.into_split(pool, By::Circumstance, asked)
}

/// Passages that hold in nations of which one place is only in one.
fn by_nation(
    pool: &Pool<'_>,
    near: &[&Scored],
    best: &Scored,
    asked: &Asking<'_>,
) -> Option<Split> {
    let scope = |at: At| pool.passages[at.passage].hit.passage.scope.applies;
    let is_apart = |one: Nations, two: Nations| !one.iter().any(|nation| two.contains(nation));
    let own = scope(best.at);
    let mut others = near.iter().map(|unit| scope(unit.at));
    if asked.has_nation || own.is_all() || !others.any(|other| is_apart(own, other)) {
        return None;
    }
    let mut branches: Vec<Branch> = Vec::new();
    for nation in Nations::ALL.iter() {
        let units = near.iter().filter(|unit| scope(unit.at).contains(nation));
        let units: Vec<At> = units.map(|unit| unit.at).collect();
        let Some(first) = units.first() else { continue };
        let label = asked.replies.nation(nation).to_owned();
        let page = pool.passages[first.passage].hit.page.url.clone();
        let choice = AnswerChoice { condition: String::new(), label, page, nation: Some(nation) };
        branches.push(Branch { choice, units });
    }
    (branches.len() > 1).then_some(Split { by: By::Nation, branches })
}

/// The rows of a table that is too long to be quoted whole, where the question names none of them.
fn by_row(
    pool: &Pool<'_>,
    candidates: &[Scored],
    best: &Scored,
    asked: &Asking<'_>,
) -> Option<Split> {
    let passage = &pool.passages[best.at.passage].hit.passage;
    let is_row = |at: At| passage.units[at.unit].kind == UnitKind::Row;
    if !is_row(best.at) || pool.asked.demanded.is_empty() {
        return None;
    }
    let table = List::around(pool, best.at)?;
    let mut parts = Parts::default();
    for at in table.missing(candidates, &BTreeSet::new()) {
        let unit = candidates.iter().find(|unit| unit.at == at)?;
        let name = label(passage.quote(&passage.units[at.unit]), UnitKind::Row)?.trim();
        if unit.score <= 0.0 || !answers(pool, at) {
            return None;
        }
        parts.add(unit, name);
    }
    parts.into_split(pool, By::Row, asked)
}

/// Alternatives while they are gathered, by their conditions.
#[derive(Default)]
struct Parts<'p> {
    found: Vec<(&'p str, Vec<&'p Scored>)>,
}

impl<'p> Parts<'p> {
    fn add(&mut self, unit: &'p Scored, condition: &'p str) {
        match self.found.iter_mut().find(|(known, _)| *known == condition) {
            Some((_, units)) => units.push(unit),
            None => self.found.push((condition, vec![unit])),
        }
    }

    /// The split, in the order of the page, if it is one: some alternatives, of which the question names
    /// none, and which do not all say the same.
    fn into_split(mut self, pool: &Pool<'_>, by: By, asked: &Asking<'_>) -> Option<Split> {
        for (_, units) in &mut self.found {
            units.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.at.cmp(&b.at)));
        }
        self.found.sort_by_key(|(_, units)| units.iter().map(|unit| place(pool, unit.at)).min());
        let says = |units: &[&Scored]| units.first().map(|unit| text(pool, unit.at));
        let mut said: Vec<_> = self.found.iter().map(|(_, units)| says(units)).collect();
        said.dedup();
        let conditions: Vec<&str> = self.found.iter().map(|(condition, _)| *condition).collect();
        let is_split = (2..=MOST_CHOICES).contains(&conditions.len()) && said.len() > 1;
        if !is_split || names_one(asked, &conditions) {
            return None;
        }
        let branch = |(condition, units): (&str, Vec<&Scored>)| {
            let units: Vec<At> = units.into_iter().map(|unit| unit.at).collect();
            let page = pool.passages[units.first()?.passage].hit.page.url.clone();
            let shown = branch::condition(condition).filter(|known| !known.asks.is_empty());
            let label = capitalised(shown.map_or(condition, |known| known.answer));
            let condition = condition.to_owned();
            Some(Branch { choice: AnswerChoice { label, condition, page, nation: None }, units })
        };
        Some(Split { by, branches: self.found.into_iter().filter_map(branch).collect() })
    }
}

/// Where a unit stands in its page.
fn place(pool: &Pool<'_>, at: At) -> (u32, usize) {
    (number(&pool.passages[at.passage].hit.passage), at.unit)
}

fn text<'p>(pool: &'p Pool<'_>, at: At) -> &'p str {
    let passage = &pool.passages[at.passage].hit.passage;
    passage.quote(&passage.units[at.unit])
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// Whether the question says something of what tells the alternatives apart, so that its reader has
/// told us already, or asks about the difference.
fn names_one(asked: &Asking<'_>, conditions: &[&str]) -> bool {
    let own: BTreeSet<String> = stems(&asked.question, asked.locale).into_iter().collect();
    let sets: Vec<BTreeSet<String>> =
        conditions.iter().map(|text| stems(text, asked.locale).into_iter().collect()).collect();
    let is_common = |stem: &String| sets.iter().all(|set| set.contains(stem));
    let telling = sets.iter().flatten().filter(|stem| !is_common(stem));
    let by_word = telling.into_iter().any(|stem| own.contains(stem));
    let kinds = circumstances(&asked.question);
    let by_kind = conditions
        .iter()
        .flat_map(|text| circumstances(text))
        .any(|(kind, _)| kinds.iter().any(|(other, _)| *other == kind));
    let counts = conditions.iter().any(|text| !range::bounded(text).is_empty());
    let said = periods(&asked.question);
    let by_time = conditions.iter().any(|text| is_outside(text, &said));
    by_word || by_kind || by_time || counts && !range::numbers(&asked.question).is_empty()
}
