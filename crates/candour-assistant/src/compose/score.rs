//! How well each unit answers: the telling words that it and what stands above it share with the
//! question, and whether it is the kind of statement that was asked for.

use candour_core::UnitKind;

use super::asked::AskedWord;
use super::cue::Cue;
use super::pool::{Pool, ReadPassage};
use super::rank;

/// How much a word counts that stands in what must be quoted with the unit, in its heading, in the title.
const IN_NEEDS: f32 = 0.8;
const IN_HEADING: f32 = 0.85;
const IN_TITLE: f32 = 0.75;
/// The score of what is for other readers: it is not quoted, nor missed where what is around it is.
pub(super) const ANOTHERS: f32 = -1.0;
/// What a row loses when the question names another row of its table: it is not quoted then.
const ANOTHER_ROW: f32 = -2.0;

/// Where a unit stands among the passages found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct At {
    /// The passage, by rank.
    pub(super) passage: usize,
    /// The unit in it.
    pub(super) unit: usize,
}

/// A unit with its score.
#[derive(Debug, Clone)]
pub(super) struct Scored {
    /// Where it stands.
    pub(super) at: At,
    /// How well it answers.
    pub(super) score: f32,
    /// The same with all that tells units apart, by which the next one to quote is chosen.
    pub(super) order: f32,
    /// For each word of the question, how plainly it stands there, 0 to 1.
    pub(super) match_of: Vec<f32>,
}

/// The units that can begin a quotation, with their scores, in the order in which they stand.
pub(super) fn scored(pool: &Pool<'_>) -> Vec<Scored> {
    let passages = pool.passages.iter().enumerate();
    let places = passages
        .flat_map(|(passage, read)| (0..read.units.len()).map(move |unit| At { passage, unit }));
    let mut scored: Vec<Scored> = places.filter_map(|at| score(pool, at)).collect();
    rank::order(pool, &mut scored);
    scored
}

/// The score of a unit; none of one that cannot begin a quotation.
pub(super) fn score(pool: &Pool<'_>, at: At) -> Option<Scored> {
    let kind = pool.passages[at.passage].hit.passage.units[at.unit].kind;
    (!matches!(kind, UnitKind::Stem | UnitKind::Header)).then(|| score_of_any(pool, at))
}

/// The score of a unit, whether or not it can begin a quotation.
pub(super) fn score_of_any(pool: &Pool<'_>, at: At) -> Scored {
    let passage = &pool.passages[at.passage];
    let match_of: Vec<f32> =
        pool.asked.words.iter().map(|word| match_in(passage, at.unit, word)).collect();
    let total: f32 = (0..match_of.len()).map(|word| pool.weight(word)).sum();
    let shared: f32 = match_of.iter().enumerate().map(|(word, m)| pool.weight(word) * m).sum();
    let overlap = if total > 0.0 { shared / total } else { 0.0 };
    let gain = cue_gain(pool, passage, at.unit) + label_gain(pool, passage, at.unit);
    let place = 1.0 - 0.05 * at.unit.min(6) as f32 / 6.0;
    let page = 0.55 + 0.45 * passage.page_strength;
    let score = (overlap * rank_factor(pool, at.passage) + gain) * place * page;
    Scored { at, score, order: score, match_of }
}

/// How plainly a word stands in a unit or in what is shown with it.
fn match_in(passage: &ReadPassage<'_>, unit: usize, word: &AskedWord) -> f32 {
    let in_needs = || {
        let needs = &passage.hit.passage.units[unit].needs;
        needs.iter().any(|need| {
            passage.units.get(*need as usize).is_some_and(|need| need.stems.contains(&word.stem))
        })
    };
    if passage.units[unit].stems.contains(&word.stem) {
        1.0
    } else if in_needs() || word.cue.is_some_and(|cue| passage.units[unit].cues.contains(&cue)) {
        IN_NEEDS
    } else if passage.heading.contains(&word.stem) {
        IN_HEADING
    } else if passage.title.contains(&word.stem) {
        IN_TITLE
    } else {
        0.0
    }
}

/// A row whose label is named in the question is the row that is asked for; one that is not, beside
/// one that is, is another's.
pub(super) fn label_gain(pool: &Pool<'_>, passage: &ReadPassage<'_>, unit: usize) -> f32 {
    if passage.hit.passage.units[unit].kind != UnitKind::Row {
        return 0.0;
    }
    // What the title, the heading or the table's header says is said of every row.
    let is_common = |stem: &String| {
        let header = passage.hit.passage.units[unit].needs.iter();
        let mut header = header.filter_map(|need| passage.units.get(*need as usize));
        passage.title.contains(stem)
            || passage.heading.contains(stem)
            || header.any(|header| header.stems.contains(stem))
    };
    let named = |row: usize| -> f32 {
        let label = &passage.units[row].label;
        let words = pool.asked.words.iter().enumerate();
        let named = words.filter(|(_, word)| {
            word.cue.is_none() && label.contains(&word.stem) && !is_common(&word.stem)
        });
        let by_range = if passage.in_range[row] { 1.5 } else { 0.0 };
        by_range + named.map(|(at, _)| 0.3 + pool.weight(at)).sum::<f32>()
    };
    let own = named(unit);
    let best = (0..passage.units.len()).map(named).fold(0.0, f32::max);
    if best <= 0.0 {
        0.0
    } else if own >= best {
        0.25
    } else if own >= 0.6 * best {
        0.0
    } else {
        ANOTHER_ROW
    }
}

/// What a unit gains by being the kind of statement that was asked for, under a heading that says so.
pub(super) fn cue_gain(pool: &Pool<'_>, passage: &ReadPassage<'_>, unit: usize) -> f32 {
    let answered = &passage.units[unit].cues;
    let wanted = pool.asked.cues.iter().filter(|cue| answered.contains(cue));
    let gains = wanted.map(|cue| {
        let announced = if passage.heading_cues.contains(cue) { 0.18 } else { 0.0 };
        announced + gain(*cue)
    });
    gains.fold(0.0_f32, |sum, gain| sum + gain).min(0.8)
}

/// How telling it is that a unit answers a cue: modals are in half of all guidance, amounts are not.
pub(super) fn gain(cue: Cue) -> f32 {
    match cue {
        Cue::Who => 0.6,
        Cue::Amount | Cue::Time | Cue::Moment | Cue::Duration | Cue::Contact => 0.28,
        Cue::Number | Cue::Requirement | Cue::Method => 0.12,
        Cue::Eligibility | Cue::Location => 0.08,
    }
}

/// A better passage counts more. Reciprocal ranks are flat, so the rank itself is used.
fn rank_factor(pool: &Pool<'_>, rank: usize) -> f32 {
    let most = pool.passages.len().max(8) as f32;
    1.0 - 0.35 * (rank as f32 / most).sqrt()
}
