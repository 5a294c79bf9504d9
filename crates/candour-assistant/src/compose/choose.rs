//! Which units are quoted: greedily the one that adds most, each with all that it needs.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use candour_core::{Nation, Passage};

use super::branch::{Branches, Fit};
use super::cue::{Cue, wants_lists};
use super::goes_on;
use super::list::List;
use super::pool::Pool;
use super::score::{At, Scored, gain, scored};
use super::split::Split;

/// A unit that adds less than this share of what the first one added is not quoted.
const WORTH_ADDING: f32 = 0.48;
/// A unit of a passage that is quoted already need add less: it says more of the same thing.
const WORTH_ADDING_THERE: f32 = 0.2;
/// A unit of another page must add more, for a second page often speaks of something else.
const WORTH_ANOTHER_PAGE: f32 = 0.72;
/// What a unit gains by standing in a passage that is quoted, and right beside a quoted unit.
const COMPANY: f32 = 1.15;
const NEIGHBOUR: f32 = 1.25;
/// What a unit gains by answering what the question plainly asks for, when nothing quoted does yet.
const DEMANDED: f32 = 0.4;
/// What it gains by answering the second of two questions in one sentence, which shares few words with the first.
const JOINED: f32 = 0.8;
/// A list scoring so much of the best one answers as well.
const AS_GOOD: f32 = 0.7;
/// What a unit keeps that is for who does not do what is asked how to do.
const UNDONE: f32 = 0.5;
/// How many pages are quoted in one answer.
const MOST_PAGES: usize = 2;

/// What is quoted.
#[derive(Debug, Default)]
pub(super) struct Choice {
    /// The units, in reading order.
    pub(super) units: Vec<At>,
    /// For each word of the question, how plainly it stands in what is quoted.
    pub(super) match_of: Vec<f32>,
    /// The score of the first unit that was chosen.
    pub(super) best_score: f32,
    /// Whether some of a list or table that is quoted is left out.
    pub(super) is_cut: bool,
    /// Whether what is quoted holds under conditions that the question leaves open.
    pub(super) is_open: bool,
}

/// The units that may be quoted, with their scores.
pub(super) fn candidates(pool: &Pool<'_>, branches: &Branches) -> Vec<Scored> {
    let mut candidates = scored(pool);
    candidates.retain(|unit| branches.fit(unit.at.passage) != Fit::RuledOut);
    for unit in &mut candidates {
        if branches.fit(unit.at.passage) == Fit::Undone {
            (unit.score, unit.order) = (unit.score * UNDONE, unit.order * UNDONE);
        }
    }
    candidates
}

/// Chooses at most `most` units; only what the first one needs, and the row of the reader's nation,
/// may exceed that.
pub(super) fn choose(
    pool: &Pool<'_>,
    branches: &Branches,
    candidates: &[Scored],
    nation: Option<Nation>,
    most: usize,
) -> Choice {
    let mut chosen: BTreeSet<At> = BTreeSet::new();
    let mut order: Vec<usize> = Vec::new();
    let mut best_order = 0.0;
    let mut choice = Choice { match_of: vec![0.0; pool.asked.words.len()], ..Choice::default() };
    while chosen.len() < most {
        let left = candidates.iter().filter(|unit| unit.score > 0.0 && !chosen.contains(&unit.at));
        let left = left
            .filter(|unit| fits(pool, &chosen, unit.at, most) && page_fits(pool, &order, unit.at))
            .filter(|unit| !is_said(pool, &chosen, unit.at));
        let values = left.map(|unit| (value(pool, unit, &choice, &order, &chosen), unit));
        let values =
            values.filter(|(value, unit)| *value >= worth(pool, &order, unit.at) * best_order);
        let Some((_, unit)) = values.max_by(|a, b| better(a.0, a.1, b.0, b.1)) else { break };
        let unit = if order.is_empty() { first_ways(pool, candidates, unit) } else { unit };
        if order.is_empty() {
            (choice.best_score, best_order) = (unit.score, unit.order);
        }
        take(pool, &mut chosen, &mut choice, unit);
        order.push(unit.at.passage);
        take_list(pool, candidates, &mut chosen, unit.at, most);
    }
    let is_anothers = |at: At| candidates.iter().any(|unit| unit.at == at && unit.score < 0.0);
    let is_broken_off = goes_on::take(pool, &mut chosen, most, |at| !is_anothers(at));
    let lists = quoted_lists(pool, &chosen);
    for list in &lists {
        chosen.extend(list.row_of(nation));
    }
    choice.is_cut = is_broken_off
        || lists.iter().any(|list| list.is_cut(candidates, &chosen, nation))
        || qualifies_otherwise(pool, candidates, &chosen, &choice);
    choice.is_open = order.iter().any(|passage| branches.fit(*passage) == Fit::Open);
    choice.units = in_reading_order(pool, &chosen, &order);
    choice
}

/// Chooses of every alternative, where the reader does not know which is theirs.
pub(super) fn every(
    pool: &Pool<'_>,
    branches: &Branches,
    candidates: &[Scored],
    split: &Split,
    nation: Option<Nation>,
    most: usize,
) -> Choice {
    let each = (most / split.branches.len()).max(2);
    let (mut chosen, mut order) = (BTreeSet::new(), Vec::new());
    let mut all = Choice { match_of: vec![0.0; pool.asked.words.len()], ..Choice::default() };
    for branch in &split.branches {
        let own = candidates.iter().filter(|unit| branch.units.contains(&unit.at));
        let own: Vec<Scored> = own.cloned().collect();
        let choice = choose(pool, branches, &own, nation, each);
        for (best, found) in all.match_of.iter_mut().zip(&choice.match_of) {
            *best = best.max(*found);
        }
        all.best_score = all.best_score.max(choice.best_score);
        all.is_cut |= choice.is_cut;
        order.extend(choice.units.iter().map(|at| at.passage));
        chosen.extend(choice.units);
    }
    all.is_open = true;
    all.units = in_reading_order(pool, &chosen, &order);
    all
}

fn better(a: f32, a_unit: &Scored, b: f32, b_unit: &Scored) -> Ordering {
    a.total_cmp(&b).then_with(|| b_unit.at.cmp(&a_unit.at))
}

/// What a unit adds: what it is worth, less where what it says of the question is said already.
fn value(
    pool: &Pool<'_>,
    unit: &Scored,
    choice: &Choice,
    order: &[usize],
    chosen: &BTreeSet<At>,
) -> f32 {
    if order.is_empty() {
        return unit.order;
    }
    let (mut new, mut all) = (0.0, 0.0);
    for (word, found) in unit.match_of.iter().enumerate() {
        all += pool.weight(word) * found;
        new += pool.weight(word) * (found - choice.match_of[word]).max(0.0);
    }
    let novelty = if all > 0.0 { new / all } else { 0.0 };
    let beside = |step: isize| {
        let unit_beside = unit.at.unit.checked_add_signed(step);
        unit_beside.is_some_and(|other| chosen.contains(&At { unit: other, ..unit.at }))
    };
    let company = if beside(-1) || beside(1) {
        NEIGHBOUR
    } else if order.contains(&unit.at.passage) {
        COMPANY
    } else {
        1.0
    };
    unit.order * (0.6 + 0.4 * novelty) * company + new_cues(pool, unit, order, chosen)
}

/// What a unit gains by answering a part of the question that nothing chosen answers yet; the more where
/// the question plainly asks for that and the unit is on a page that is quoted.
fn new_cues(pool: &Pool<'_>, unit: &Scored, order: &[usize], chosen: &BTreeSet<At>) -> f32 {
    let answers = |at: &At, cue: &Cue| pool.passages[at.passage].units[at.unit].cues.contains(cue);
    let is_new = |cue: &&Cue| answers(&unit.at, cue) && !chosen.iter().any(|at| answers(at, cue));
    let is_there = is_on_quoted_page(pool, order, unit.at);
    let asked = |cues: &[Cue], gain: f32| {
        let new = cues.iter().filter(|_| is_there).filter(is_new);
        new.count() as f32 * gain
    };
    let gains = pool.asked.cues.iter().filter(is_new).map(|cue| gain(*cue) / 2.0);
    let gains = gains.sum::<f32>();
    gains + asked(&pool.asked.demanded, DEMANDED) + asked(&pool.asked.joined, JOINED)
}

fn is_on_quoted_page(pool: &Pool<'_>, order: &[usize], at: At) -> bool {
    let page = |passage: usize| &pool.passages[passage].hit.page.id;
    order.iter().any(|passage| page(*passage) == page(at.passage))
}

/// The share of the first unit's score that another must add.
fn worth(pool: &Pool<'_>, order: &[usize], at: At) -> f32 {
    if !order.is_empty() && !is_on_quoted_page(pool, order, at) {
        WORTH_ANOTHER_PAGE
    } else if order.contains(&at.passage) {
        WORTH_ADDING_THERE
    } else {
        WORTH_ADDING
    }
}

fn take(pool: &Pool<'_>, chosen: &mut BTreeSet<At>, choice: &mut Choice, unit: &Scored) {
    chosen.extend(closure(&pool.passages[unit.at.passage].hit.passage, unit.at));
    for (best, found) in choice.match_of.iter_mut().zip(&unit.match_of) {
        *best = best.max(*found);
    }
}

/// Adds what else is in the list or table that a unit is in: as much as fits where lists were asked
/// for, and else only all of it.
fn take_list(
    pool: &Pool<'_>,
    candidates: &[Scored],
    chosen: &mut BTreeSet<At>,
    at: At,
    most: usize,
) {
    let Some(list) = List::around(pool, at) else { return };
    let missing: Vec<At> = list.missing(candidates, chosen);
    let passage = &pool.passages[at.passage].hit.passage;
    if !wants_lists(&pool.asked.cues) {
        let whole = missing.iter().flat_map(|member| closure(passage, *member));
        let whole: BTreeSet<At> = whole.chain(chosen.iter().copied()).collect();
        if whole.len() <= most {
            *chosen = whole;
        }
        return;
    }
    for member in missing {
        if fits(pool, chosen, member, most) {
            chosen.extend(closure(passage, member));
        }
    }
}

/// Where it is asked who qualifies, the first list of them on the page of the best unit, if it answers
/// about as well: a page tells of the usual way before the others.
fn first_ways<'c>(pool: &Pool<'_>, candidates: &'c [Scored], best: &'c Scored) -> &'c Scored {
    let passage = |at: &At| pool.passages[at.passage].hit;
    let page = &passage(&best.at).page.id;
    let others = candidates.iter().filter(|unit| {
        passage(&unit.at).page.id == *page
            && unit.score >= AS_GOOD * best.score
            && tells_who_in_list(pool, &unit.at)
    });
    let is_asked = pool.asked.cues.contains(&Cue::Who) && tells_who_in_list(pool, &best.at);
    let first = others
        .filter(|_| is_asked)
        .min_by_key(|unit| (number(&passage(&unit.at).passage), unit.at.unit));
    first.unwrap_or(best)
}

/// Whether a unit is in a list of those who qualify, as what introduces the list says.
fn tells_who_in_list(pool: &Pool<'_>, at: &At) -> bool {
    let passage = &pool.passages[at.passage];
    let needs = passage.hit.passage.units[at.unit].needs.iter();
    let mut above = needs.filter_map(|need| passage.units.get(*need as usize));
    List::around(pool, *at).is_some() && above.any(|unit| unit.cues.contains(&Cue::Who))
}

/// Whether a question of who qualifies has a further list of them on a page that is quoted.
fn qualifies_otherwise(
    pool: &Pool<'_>,
    candidates: &[Scored],
    chosen: &BTreeSet<At>,
    choice: &Choice,
) -> bool {
    if !pool.asked.cues.contains(&Cue::Who) {
        return false;
    }
    let page = |at: &At| &pool.passages[at.passage].hit.page.id;
    candidates.iter().any(|unit| {
        unit.score >= AS_GOOD * choice.best_score
            && !chosen.contains(&unit.at)
            && tells_who_in_list(pool, &unit.at)
            && chosen.iter().any(|at| page(at) == page(&unit.at))
    })
}

/// The lists and tables of which something is quoted.
fn quoted_lists<'p>(pool: &'p Pool<'_>, chosen: &BTreeSet<At>) -> Vec<List<'p>> {
    let mut lists: Vec<List<'p>> = Vec::new();
    for at in chosen {
        if let Some(list) = List::around(pool, *at)
            && !lists.contains(&list)
        {
            lists.push(list);
        }
    }
    lists
}

/// The unit and all that must be quoted with it.
fn closure(passage: &Passage, at: At) -> impl Iterator<Item = At> {
    super::closure(passage, at.unit).into_iter().map(move |unit| At { unit, ..at })
}

/// Whether a unit with its needs fits beside what is chosen. The first always does: conditions are
/// never cut.
fn fits(pool: &Pool<'_>, chosen: &BTreeSet<At>, at: At, most: usize) -> bool {
    if chosen.is_empty() {
        return true;
    }
    let closure = closure(&pool.passages[at.passage].hit.passage, at);
    chosen.len() + closure.filter(|at| !chosen.contains(at)).count() <= most
}

/// Whether a unit is quoted already from another place, with the same around it.
fn is_said(pool: &Pool<'_>, chosen: &BTreeSet<At>, at: At) -> bool {
    let said = |at: At| {
        let passage = &pool.passages[at.passage].hit.passage;
        closure(passage, at).map(move |at| passage.quote(&passage.units[at.unit]))
    };
    let elsewhere = chosen.iter().filter(|other| other.passage != at.passage);
    elsewhere.copied().any(|other| said(other).eq(said(at)))
}

fn page_fits(pool: &Pool<'_>, order: &[usize], at: At) -> bool {
    let page = |passage: usize| &pool.passages[passage].hit.page.id;
    let pages: BTreeSet<_> = order.iter().map(|passage| page(*passage)).collect();
    pages.len() < MOST_PAGES || pages.contains(page(at.passage))
}

/// Pages in the order in which they were first chosen; within a page, as the page has it.
fn in_reading_order(pool: &Pool<'_>, chosen: &BTreeSet<At>, order: &[usize]) -> Vec<At> {
    let mut pages: BTreeMap<&str, usize> = BTreeMap::new();
    for passage in order {
        let next = pages.len();
        pages.entry(pool.passages[*passage].hit.page.id.as_str()).or_insert(next);
    }
    let mut units: Vec<At> = chosen.iter().copied().collect();
    units.sort_by_key(|at| {
        let hit = pool.passages[at.passage].hit;
        let page = pages.get(hit.page.id.as_str()).copied().unwrap_or(usize::MAX);
        (page, number(&hit.passage), at.passage, at.unit)
    });
    units
}

/// The running number of a passage in its page.
pub(super) fn number(passage: &Passage) -> u32 {
    let number = passage.id.0.rsplit('#').next();
    number.and_then(|number| number.parse().ok()).unwrap_or_default()
}
