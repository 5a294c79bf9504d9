//! The fourth stage: from passages to a draft answer of quotes, word for word.
//!
//! Which units are quoted is decided in `choose`, how sure that is in `confidence`, and what stands
//! beside the quotes in `beside`. Nothing here reaches a reader before `verify` has looked at it.

mod asked;
mod beside;
mod branch;
mod brief;
mod choose;
mod circumstance;
mod confidence;
mod cue;
mod fixed;
mod goes_on;
mod limit;
mod list;
mod notices;
mod onward;
mod parts;
mod pool;
mod range;
mod rank;
mod reading;
mod said;
mod score;
mod sources;
mod speaks;
mod split;
mod told;
mod written;

use std::collections::BTreeSet;

use candour_core::{
    Answer, AnswerSentence, AnswerStatus, Citation, Config, Hit, Passage, Unit, UnitKind,
};
use jiff::Timestamp;

use self::branch::Branches;
pub(crate) use self::branch::exclude;
pub(crate) use self::brief::{Brief, CANARY, PROMPT};
use self::choose::Choice;
use self::confidence::Confidence;
pub(crate) use self::cue::{asks_by_itself, asks_whom_to_reach};
pub(crate) use self::fixed::{clarification, fixed, nothing, switched_off};
use self::limit::Limit;
pub use self::parts::{Part, best_parts, parts};
use self::pool::Pool;
pub(crate) use self::reading::{Reading, Readings};
pub(crate) use self::said::{Completeness, Said, Sentences};
use self::score::Scored;
pub(crate) use self::sources::sources;
use self::split::Asking;
pub(crate) use self::told::{Offered, asks, gainsays, is_of_a_person};
pub(crate) use self::written::{Measure, note, note_partial};
use crate::clarify::Circumstance;
use crate::replies;
use crate::retrieve::Retrieved;
use crate::route::Route;
use crate::screen::Screened;
use crate::words::plain_words;

/// What an answer is made from.
pub(crate) struct Material<'a> {
    /// The question.
    pub(crate) question: &'a Screened,
    /// What kind of question it is.
    pub(crate) route: Route,
    /// What was found for it.
    pub(crate) found: &'a Retrieved,
    /// Contact pages that fit it.
    pub(crate) contact_pages: &'a [Hit],
    /// What was read of passages before.
    pub(crate) readings: &'a Readings,
    /// How the pilot answers.
    pub(crate) config: &'a Config,
    /// The time of asking.
    pub(crate) now: Timestamp,
}

/// The draft of an answer, of saying that there is none, or of asking the reader for the circumstance that
/// decides, where they have not been asked for it.
pub(crate) fn compose(material: &Material<'_>) -> Answer {
    let (found, question) = (material.found, material.question);
    let pool = Pool::new(found, material.readings);
    let branches = Branches::new(&pool, &known(material), &found.locale);
    let mut candidates = choose::candidates(&pool, &branches);
    if let Some(known) = &question.circumstance {
        for unit in &mut candidates {
            let hit = pool.passages[unit.at.passage].hit;
            if is_for_others(known, hit, &hit.passage.units[unit.at.unit]) {
                unit.score = score::ANOTHERS;
            }
        }
    }
    let (nation, most) = (question.place.nation, material.config.answers.max_sentences);
    let mut choice = choose::choose(&pool, &branches, &candidates, nation, most);
    choice.is_open |= leaves_out(material, &pool, &choice);
    let mut confidence = confidence(material, &pool, &choice);
    tracing::debug!(confidence = confidence.value(), support = confidence.support, "composed");
    let mut answer = fixed::empty(question, AnswerStatus::Abstained);
    answer.confidence = Some(confidence.value());
    let mut limits = limit::of(material, &pool, &choice, &confidence);
    let is_unfit = confidence.value() < material.config.answers.abstain_below
        || limits.contains(&Limit::Unsure) && is_outdone(found, &confidence);
    if choice.units.is_empty() || is_unfit {
        beside::abstain(&mut answer, material, &pool);
        return answer;
    }
    // Where it is not sure that this is what they ask about, nobody is asked for more.
    let may_ask = question.circumstance.is_none()
        && material.route != Route::PersonalAccount
        && confidence.uncovered.is_empty()
        && limits.iter().all(Limit::is_of_circumstance);
    if may_ask || question.does_not_know() {
        let split = split::of(&pool, &candidates, &asking(material), choice.is_cut);
        if let Some(split) = &split {
            if may_ask {
                fixed::ask(&mut answer, split, material.config);
                return answer;
            }
            choice = choose::every(&pool, &branches, &candidates, split, nation, most);
            confidence = self::confidence(material, &pool, &choice);
            limits = limit::of(material, &pool, &choice, &confidence);
        }
    }
    answer.sentences = sentences(&pool, &choice);
    answer.sources = sources(&answer.sentences, &found.hits);
    limit::settle(&mut answer, material, &limits);
    beside::add(&mut answer, material);
    answer
}

/// The units of the first so many passages that may begin a quotation, best first, as citations.
pub(crate) fn ranked(found: &Retrieved, readings: &Readings, passages: usize) -> Vec<Citation> {
    let pool = Pool::new(found, readings);
    let mut units = score::scored(&pool);
    units.retain(|unit| unit.at.passage < passages);
    units.sort_by(|a, b| b.order.total_cmp(&a.order).then(a.at.cmp(&b.at)));
    let cited = |unit: &Scored| cited(pool.passages[unit.at.passage].hit, unit.at.unit);
    units.iter().filter_map(cited).collect()
}

/// Whether a withdrawn page holds more of what is asked than what is quoted.
fn is_outdone(found: &Retrieved, confidence: &Confidence) -> bool {
    found.withdrawn.iter().any(|hit| hit.coverage > confidence.coverage)
}

/// The question with what is known of its reader, by which branches are held.
fn known(material: &Material<'_>) -> String {
    let wording = &material.found.wording;
    let choice = material.question.choice().map(|choice| choice.label.as_str());
    let said = wording.chosen.iter().map(String::as_str).chain(choice);
    [wording.question.as_str()].into_iter().chain(said).collect::<Vec<_>>().join(" ")
}

/// Whether a part that may hold for the reader as well is left out.
fn leaves_out(material: &Material<'_>, pool: &Pool<'_>, choice: &Choice) -> bool {
    let found: Vec<&Hit> = pool.passages.iter().map(|read| read.hit).collect();
    let quoted: Vec<&Hit> = choice.units.iter().map(|at| found[at.passage]).collect();
    let known = material.question.circumstance.as_ref();
    known.is_some_and(|known| known.leaves_out(&found, &quoted))
}

/// What a split is looked for with.
fn asking<'a>(material: &'a Material<'_>) -> Asking<'a> {
    let place = material.question.place;
    Asking {
        question: material.found.wording.whole(),
        locale: &material.found.locale,
        has_nation: place.nation.is_some() || !place.named.is_empty(),
        replies: replies::of(&material.question.interface),
    }
}

/// Whether a unit of a passage is for readers in other circumstances than those that they chose.
pub(crate) fn is_for_others(known: &Circumstance, hit: &Hit, unit: &Unit) -> bool {
    let text = hit.passage.quote(unit);
    known.rules_out_unit(&hit.page.url, text, reading::label(text, unit.kind))
}

fn confidence(material: &Material<'_>, pool: &Pool<'_>, choice: &Choice) -> Confidence {
    let mut confidence = confidence::of(pool, choice);
    // Words that were added to the search are not the reader's.
    let typed = plain_words(material.question.asked().as_str());
    confidence.uncovered.retain(|word| typed.contains(word));
    confidence
}

fn sentences(pool: &Pool<'_>, choice: &Choice) -> Vec<AnswerSentence> {
    choice.units.iter().filter_map(|at| quoted(pool.passages[at.passage].hit, at.unit)).collect()
}

/// A unit and all that must be quoted with it, directly or by what it needs, in the order of the page.
pub(crate) fn closure(passage: &Passage, unit: usize) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut open = vec![unit];
    while let Some(at) = open.pop() {
        if let Some(unit) = passage.units.get(at)
            && found.insert(at)
        {
            open.extend(unit.needs.iter().map(|need| *need as usize));
        }
    }
    found
}

/// One unit as a sentence that cites itself.
pub(crate) fn quoted(hit: &Hit, unit: usize) -> Option<AnswerSentence> {
    let citation = cited(hit, unit)?;
    let passage = &hit.passage;
    let unit = passage.units.get(unit)?;
    // A stem that needs a stem introduces a list inside an item of another.
    let depth = stems_above(passage, unit);
    let is_inner_stem = unit.kind == UnitKind::Stem && depth > 0;
    let item = matches!(unit.kind, UnitKind::Item | UnitKind::Row) || is_inner_stem;
    let nested = item && depth > 1;
    Some(AnswerSentence { text: citation.quote.clone(), item, nested, citations: vec![citation] })
}

/// One unit as a citation.
fn cited(hit: &Hit, unit: usize) -> Option<Citation> {
    let passage = &hit.passage;
    let unit = passage.units.get(unit)?;
    Some(Citation {
        passage: passage.id.clone(),
        passage_hash: passage.hash(),
        url: passage.url.clone(),
        title: hit.page.title.clone(),
        heading: passage.heading_path(),
        quote: passage.quote(unit).to_owned(),
        start: unit.start,
        end: unit.end,
    })
}

/// How many stems introduce a unit.
fn stems_above(passage: &Passage, unit: &Unit) -> usize {
    let needs = unit.needs.iter().filter_map(|need| passage.units.get(*need as usize));
    needs.filter(|need| need.kind == UnitKind::Stem && need.start < unit.start).count()
}
