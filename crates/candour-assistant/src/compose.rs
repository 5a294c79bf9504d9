//! The fourth stage: from passages to a draft answer of quotes, word for word.
//!
//! Which units are quoted is decided in `choose`, how sure that is in `confidence`, and what stands
//! beside the quotes in `beside`. Nothing here reaches a reader before `verify` has looked at it.

mod asked;
mod beside;
mod choose;
mod confidence;
mod cue;
mod fixed;
mod pool;
mod range;
mod reading;
mod score;

use candour_core::{Answer, AnswerSentence, AnswerStatus, Citation, Config, Hit, UnitKind};
use jiff::Timestamp;

pub(crate) use self::beside::sources;
use self::choose::Choice;
use self::confidence::Confidence;
pub(crate) use self::fixed::{clarification, fixed, nothing};
use self::pool::Pool;
pub(crate) use self::reading::{Reading, Readings};
use crate::retrieve::Retrieved;
use crate::route::Route;
use crate::screen::Screened;
use crate::words::plain_words;

/// From this support on, a word that is not in the quotes is taken to be said in other words there.
const WHOLE_SUPPORT: f32 = 0.65;

/// An answer that is hardly surer than the threshold says so. Between the two, about as many
/// questions from outside the guidance are answered as from inside it.
const SURE_MARGIN: f32 = 0.1;

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
    let choice = choose::choose(&pool, material.config.answers.max_sentences);
    let mut confidence = confidence::of(&pool, &choice);
    // Words that were added to the search are not the reader's.
    let typed = plain_words(material.question.text.as_str());
    confidence.uncovered.retain(|word| typed.contains(word));
    tracing::debug!(confidence = confidence.value(), support = confidence.support, "composed");
    let mut answer = fixed::empty(material.question, AnswerStatus::Abstained);
    if choice.units.is_empty() || confidence.value() < material.config.answers.abstain_below {
        beside::abstain(&mut answer, material, &pool);
    } else {
        answer.sentences = sentences(&pool, &choice);
        answer.sources = sources(&answer.sentences, &found.hits);
        settle_status(&mut answer, material, &choice, &confidence);
        beside::add(&mut answer, material);
    }
    answer
}

/// What the answer is called: whole, partial, or beside a referral to people.
fn settle_status(
    answer: &mut Answer,
    material: &Material<'_>,
    choice: &Choice,
    confidence: &Confidence,
) {
    answer.status = AnswerStatus::Answered;
    if !confidence.uncovered.is_empty() && confidence.support < WHOLE_SUPPORT {
        answer.status = AnswerStatus::Partial;
        beside::note_uncovered(answer, &confidence.uncovered);
    }
    let threshold = material.config.answers.abstain_below;
    if confidence.value() < threshold + SURE_MARGIN {
        answer.status = AnswerStatus::Partial;
        beside::note_unsure(answer);
    }
    if choice.is_cut {
        answer.status = AnswerStatus::Partial;
        beside::note_cut(answer);
    }
    if material.route == Route::PersonalAccount {
        answer.status = AnswerStatus::Signposted;
        answer.message =
            Some(crate::replies::of(&answer.locale).text("personal_account_answer").to_owned());
    }
}

fn sentences(pool: &Pool<'_>, choice: &Choice) -> Vec<AnswerSentence> {
    choice.units.iter().filter_map(|at| sentence(pool.passages[at.passage].hit, at.unit)).collect()
}

/// One unit as a sentence that cites itself.
fn sentence(hit: &Hit, unit: usize) -> Option<AnswerSentence> {
    let passage = &hit.passage;
    let unit = passage.units.get(unit)?;
    let quote = passage.quote(unit).to_owned();
    let citation = Citation {
        passage: passage.id.clone(),
        passage_hash: passage.hash(),
        url: passage.url.clone(),
        title: hit.page.title.clone(),
        heading: passage.heading_path(),
        quote: quote.clone(),
        start: unit.start,
        end: unit.end,
    };
    let is_inner_stem = unit.kind == UnitKind::Stem
        && unit
            .needs
            .iter()
            .filter_map(|need| passage.units.get(*need as usize))
            .any(|need| need.kind == UnitKind::Stem && need.start < unit.start);
    let item = matches!(unit.kind, UnitKind::Item | UnitKind::Row) || is_inner_stem;
    Some(AnswerSentence { text: quote, item, citations: vec![citation] })
}
