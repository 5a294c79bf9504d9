//! The fourth stage: from passages to a draft answer of quotes, word for word.
//!
//! Which units are quoted is decided in `choose`, how sure that is in `confidence`, and what stands
//! beside the quotes in `beside`. Nothing here reaches a reader before `verify` has looked at it.

mod asked;
mod beside;
mod branch;
mod brief;
mod choose;
mod confidence;
mod cue;
mod fixed;
mod limit;
mod list;
mod notices;
mod onward;
mod pool;
mod range;
mod reading;
mod said;
mod score;
mod sources;
mod written;

use candour_core::{
    Answer, AnswerSentence, AnswerStatus, Citation, Config, Hit, Passage, Unit, UnitKind,
};
use jiff::Timestamp;

use self::branch::Branches;
pub(crate) use self::brief::{Brief, CANARY, PROMPT};
use self::choose::Choice;
pub(crate) use self::fixed::{clarification, fixed, nothing, switched_off};
use self::pool::Pool;
pub(crate) use self::reading::{Reading, Readings};
pub(crate) use self::said::{Completeness, Said, Sentences};
pub(crate) use self::sources::sources;
pub(crate) use self::written::{declined, note_partial, unanswered, written};
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

/// The draft of an answer, or of saying that there is none.
pub(crate) fn compose(material: &Material<'_>) -> Answer {
    let found = material.found;
    let pool = Pool::new(found, material.readings);
    let branches = Branches::new(&pool, &found.wording.question, &found.locale);
    let nation = material.question.place.nation;
    let choice = choose::choose(&pool, &branches, nation, material.config.answers.max_sentences);
    let mut confidence = confidence::of(&pool, &choice);
    // Words that were added to the search are not the reader's.
    let typed = plain_words(material.question.text.as_str());
    confidence.uncovered.retain(|word| typed.contains(word));
    tracing::debug!(confidence = confidence.value(), support = confidence.support, "composed");
    let mut answer = fixed::empty(material.question, AnswerStatus::Abstained);
    answer.confidence = Some(confidence.value());
    if choice.units.is_empty() || confidence.value() < material.config.answers.abstain_below {
        beside::abstain(&mut answer, material, &pool);
    } else {
        answer.sentences = sentences(&pool, &choice);
        answer.sources = sources(&answer.sentences, &found.hits);
        let limits = limit::of(material, &pool, &choice, &confidence);
        limit::settle(&mut answer, material, &limits);
        beside::add(&mut answer, material);
    }
    answer
}

fn sentences(pool: &Pool<'_>, choice: &Choice) -> Vec<AnswerSentence> {
    choice.units.iter().filter_map(|at| quoted(pool.passages[at.passage].hit, at.unit)).collect()
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
