//! What an answer leaves open, and what it is called for that: whole, partial, or beside a referral.

use candour_core::{Answer, AnswerStatus, Nation};

use super::choose::Choice;
use super::confidence::Confidence;
use super::cue::Cue;
use super::pool::Pool;
use super::{Material, notices};
use crate::replies;
use crate::route::Route;
use crate::screen::nations_named_in;

/// From this support on, a word that is not in the quotes is taken to be said in other words there.
const WHOLE_SUPPORT: f32 = 0.65;

/// An answer that is hardly surer than the threshold says so. Between the two, about as many
/// questions from outside the guidance are answered as from inside it.
const SURE_MARGIN: f32 = 0.1;

/// Something that an answer with quotes leaves open.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Limit {
    /// Words of the question are in nothing quoted.
    Words(Vec<String>),
    /// The quotes may be about something else.
    Unsure,
    /// Some of a list or table is not quoted.
    Cut,
    /// What is quoted holds under conditions that the question leaves open.
    Conditions,
    /// No amount, time, contact or way is quoted, though one was asked for.
    Missing(Cue),
    /// The body publishes for another nation than the one asked about.
    Elsewhere {
        /// The nation that was asked about.
        asked: Nation,
        /// The nation that the body publishes for.
        own: Nation,
    },
}

impl Limit {
    /// Whether it is open only what applies to the reader.
    pub(super) fn is_of_circumstance(&self) -> bool {
        matches!(self, Self::Conditions | Self::Cut)
    }
}

/// What an answer leaves open.
pub(super) fn of(
    material: &Material<'_>,
    pool: &Pool<'_>,
    choice: &Choice,
    confidence: &Confidence,
) -> Vec<Limit> {
    let mut limits: Vec<Limit> = elsewhere(material, pool, choice).into_iter().collect();
    if !confidence.uncovered.is_empty() && confidence.support < WHOLE_SUPPORT {
        limits.push(Limit::Words(confidence.uncovered.clone()));
    }
    limits.extend(missing(pool, choice).map(Limit::Missing));
    if confidence.value() < material.config.answers.abstain_below + SURE_MARGIN
        || confidence.is_passing
        || has_left(material, pool, choice)
    {
        limits.push(Limit::Unsure);
    }
    if choice.is_open {
        limits.push(Limit::Conditions);
    }
    if choice.is_cut {
        limits.push(Limit::Cut);
    }
    limits
}

/// Calls the answer what it is, and says what it leaves open. A referral to people is one however
/// much is quoted beside it; the notices stay.
pub(super) fn settle(answer: &mut Answer, material: &Material<'_>, limits: &[Limit]) {
    answer.status = if material.route == Route::PersonalAccount {
        let message = replies::of(&answer.locale).text("personal_account_answer");
        answer.message = Some(message.to_owned());
        AnswerStatus::Signposted
    } else if limits.is_empty() {
        AnswerStatus::Answered
    } else {
        AnswerStatus::Partial
    };
    for limit in limits {
        notices::note_limit(answer, limit);
    }
}

/// Whether a follow-up that names no subject is answered from another page than what it follows.
fn has_left(material: &Material<'_>, pool: &Pool<'_>, choice: &Choice) -> bool {
    let rest = material.found.wording.rest.as_ref();
    let mut quoted = choice.units.iter().map(|at| pool.passages[at.passage].hit);
    rest.is_some_and(|rest| quoted.any(|hit| rest.is_left_for(hit)))
}

/// What was plainly asked for and is in nothing quoted.
fn missing<'a>(pool: &'a Pool<'_>, choice: &'a Choice) -> impl Iterator<Item = Cue> + 'a {
    let answers = |cue: Cue| {
        choice.units.iter().any(|at| pool.passages[at.passage].units[at.unit].cues.contains(&cue))
    };
    let demanded = pool.asked.demanded.iter().chain(&pool.asked.joined);
    demanded.copied().filter(move |cue| !answers(*cue))
}

/// Whether a nation is asked about that the body does not publish for, and of which a passage that is
/// quoted does not speak.
fn elsewhere(material: &Material<'_>, pool: &Pool<'_>, choice: &Choice) -> Option<Limit> {
    let place = material.question.place;
    let own = material.config.pilot.nation?;
    let asked = place.nation.filter(|asked| *asked != own && !place.assumed)?;
    let speaks_of_it = |passage: usize| {
        let passage = &pool.passages[passage].hit.passage;
        nations_named_in(&passage.text).contains(asked)
    };
    let is_silent = choice.units.iter().any(|at| !speaks_of_it(at.passage));
    is_silent.then_some(Limit::Elsewhere { asked, own })
}
