//! What a reader says to a clarifying question, and what follows from it for the question before.
//!
//! When one is asked is decided in `compose::split`. The reply is a choice, or words that tell one; the
//! question before is then answered for that circumstance, and is not asked about again. A reply that
//! tells none and is no question either is asked about once more.

use std::collections::BTreeSet;

use candour_core::{
    Answer, AnswerChoice, AnswerStatus, Chosen, Hit, Locale, Notice, NoticeKind, Redacted, Turn,
};

use crate::compose::{self, Offered};
use crate::replies::{self, Replies};
use crate::route::Route;
use crate::screen::{Crisis, Screened};
use crate::words::{phrase, stems};

/// What a reader said of their circumstances, to a question about them.
#[derive(Debug, Clone)]
pub(crate) struct Circumstance {
    /// The question that is to be answered.
    pub(crate) question: Redacted,
    /// What applies to the reader; nothing where they do not know.
    pub(crate) chosen: Option<AnswerChoice>,
    /// What does not.
    others: Vec<AnswerChoice>,
}

/// What the reader chose, or said in words that name one choice. It is nothing where no choice was
/// offered, and where they ask something else instead.
pub(crate) fn reply(text: &str, chosen: Option<Chosen>, history: &[Turn]) -> Option<Circumstance> {
    let before = history.last().filter(|turn| !turn.answer.choices.is_empty())?;
    let choices = &before.answer.choices;
    let asked = asking(history).first().unwrap_or(before);
    let chosen = chosen.or_else(|| said(text, asked))?;
    let number = match chosen {
        Chosen::Number(number) => Some(number),
        Chosen::Unknown => None,
    };
    let is_it = |at: usize| Some(at) == number;
    let others = choices.iter().enumerate().filter(|(at, _)| number.is_some() && !is_it(*at));
    Some(Circumstance {
        question: asked.question.clone(),
        chosen: number.and_then(|number| choices.get(number).cloned()),
        others: others.map(|(_, choice)| choice.clone()).collect(),
    })
}

/// The words of the choice that a reply makes, of those that the last turn offered: it is kept as these, so that
/// what is asked after it rests on them.
pub fn chosen_label(text: &str, history: &[Turn]) -> Option<String> {
    Some(reply(text, None, history)?.chosen?.label)
}

/// The last turns, where they ask for one and the same circumstance: the first has the question that it is
/// asked for.
pub(crate) fn asking(history: &[Turn]) -> &[Turn] {
    let choices = history.last().map_or(&[][..], |turn| turn.answer.choices.as_slice());
    let asks = |turn: &&Turn| !choices.is_empty() && turn.answer.choices == choices;
    &history[history.len() - history.iter().rev().take_while(asks).count()..]
}

/// Whether the circumstance is to be asked for once more: what the reader said is of a person alone or
/// speaks against a choice, or it is neither a question nor of something else and nothing was found for it.
pub(crate) fn is_no_reply(text: &str, history: &[Turn], route: Route, found: &Answer) -> bool {
    let [before] = asking(history) else { return false };
    let labels = labels(before);
    let offered = offered(before, &labels);
    let is_kept = |notice: &Notice| notice.kind != NoticeKind::Masked;
    let finds_nothing = matches!(found.status, AnswerStatus::Abstained | AnswerStatus::Clarify)
        && found.sentences.is_empty()
        && !found.notices.iter().any(is_kept)
        && !compose::asks(text)
        && !offered.is_beside(text);
    matches!(route, Route::Answerable | Route::Broad | Route::Unclear)
        && (finds_nothing || compose::is_of_a_person(text) || offered.is_spoken_against(text))
}

/// Whether the reader may be asked to say more: not twice in a row, not who is in distress, and not where
/// the search rests on words of a model, for the reply is searched with the reader's own alone.
pub(crate) fn may_ask(question: &Screened, history: &[Turn]) -> bool {
    let was_asked = history.last().is_some_and(|turn| turn.answer.status == AnswerStatus::Clarify);
    let is_own = question.circumstance.is_none() && question.rewritten.is_none();
    is_own && question.crisis == Crisis::None && !was_asked
}

/// Whether a text that was said before is a clarifying question, where only its words are known.
pub fn asks_back(text: &str) -> bool {
    let begins = |key: &str, replies: &Replies| {
        text.starts_with(replies.text(key).split('{').next().unwrap_or_default())
    };
    let languages = [Locale::En, Locale::Cy];
    QUESTIONS.iter().any(|key| languages.iter().any(|own| begins(key, replies::of(own))))
}

/// The fixed words that ask back.
const QUESTIONS: [&str; 7] = [
    "choice_again",
    "choice_question",
    "choice_circumstance",
    "choice_nation",
    "choice_row",
    "unclear",
    "unclear_pages",
];

/// Whether a choice can be made: that of `chosen` among those of the answer before.
pub(crate) fn is_offered(chosen: Chosen, history: &[Turn]) -> bool {
    let offered = history.last().map_or(0, |turn| turn.answer.choices.len());
    match chosen {
        Chosen::Number(number) => number < offered,
        Chosen::Unknown => offered > 0,
    }
}

/// The choice that a typed reply names.
fn said(text: &str, asked: &Turn) -> Option<Chosen> {
    let Answer { choices, locale, .. } = &asked.answer;
    let words = phrase(text.trim_end_matches(['.', ',', '!', '?', ' ']));
    if UNKNOWN.contains(&words.as_str()) {
        return Some(Chosen::Unknown);
    }
    let is_label = |choice: &AnswerChoice| phrase(&choice.label) == words;
    let by_label = choices.iter().position(is_label);
    let by_number = || words.parse::<usize>().ok()?.checked_sub(1).filter(|at| *at < choices.len());
    let labels = labels(asked);
    by_label
        .or_else(by_number)
        .or_else(|| named(text, asked, locale))
        .or_else(|| offered(asked, &labels).told_by(text))
        .map(Chosen::Number)
}

fn labels(before: &Turn) -> Vec<&str> {
    before.answer.choices.iter().map(|choice| choice.label.as_str()).collect()
}

fn offered<'a>(before: &'a Turn, labels: &'a [&'a str]) -> Offered<'a> {
    Offered { labels, question: before.question.as_str(), locale: &before.answer.locale }
}

/// The one choice that a reply names, where it says nothing beside it and the question before, nor
/// anything against it.
fn named(text: &str, before: &Turn, locale: &Locale) -> Option<usize> {
    let set = |text: &str| -> BTreeSet<String> { stems(text, locale).into_iter().collect() };
    let (own, asked) = (set(text), set(before.question.as_str()));
    let sets: Vec<_> = before.answer.choices.iter().map(|choice| set(&choice.label)).collect();
    let is_known =
        |stem: &String| asked.contains(stem) || sets.iter().any(|set| set.contains(stem));
    let tells = |at: usize| {
        let of_another =
            |stem: &String| (0..sets.len()).any(|other| other != at && sets[other].contains(stem));
        own.iter().any(|stem| sets[at].contains(stem) && !of_another(stem))
    };
    let mut named = (0..sets.len()).filter(|at| tells(*at));
    match (named.next(), named.next()) {
        (Some(only), None) if own.iter().all(is_known) => {
            let label = &before.answer.choices[only].label;
            Some(only).filter(|_| !compose::gainsays(text, label, locale))
        }
        _ => None,
    }
}

/// How people say that they do not know.
const UNKNOWN: [&str; 15] = [
    "i dont know",
    "i do not know",
    "dont know",
    "dunno",
    "not sure",
    "im not sure",
    "i am not sure",
    "unsure",
    "no idea",
    "dwi ddim yn gwybod",
    "dydw i ddim yn gwybod",
    "ddim yn gwybod",
    "ddim yn siwr",
    "dwi ddim yn siwr",
    "dim syniad",
];

impl Circumstance {
    /// Of a reader who has said nothing of it: every case of the question is theirs to read.
    pub(crate) fn unsaid(question: Redacted) -> Self {
        Self { question, chosen: None, others: Vec::new() }
    }

    /// Whether a passage stands under a title or heading that is for other readers.
    pub(crate) fn rules_out(&self, hit: &Hit) -> bool {
        let is_chosen = self.chosen.iter().any(|choice| stands_under(hit, choice));
        let mut others = self.others.iter().filter(|other| self.excludes(other));
        !is_chosen && others.any(|other| stands_under(hit, other))
    }

    /// Whether one of the other conditions may hold of the reader as well, and of what stands under it on
    /// its page nothing is quoted: of all that was `found`, `quoted` is.
    pub(crate) fn leaves_out(&self, found: &[&Hit], quoted: &[&Hit]) -> bool {
        let is_above =
            |hits: &[&Hit], other: &AnswerChoice| hits.iter().any(|hit| stands_under(hit, other));
        let mut others = self.others.iter().filter(|other| !self.excludes(other));
        others.any(|other| is_above(found, other) && !is_above(quoted, other))
    }

    /// Whether who is in the chosen circumstance cannot be in another.
    fn excludes(&self, other: &AnswerChoice) -> bool {
        let excludes = |own: &AnswerChoice| compose::exclude(&own.condition, &other.condition);
        self.chosen.iter().any(excludes)
    }

    /// Whether a unit of a page is a row for other readers, or states their condition and not the chosen
    /// one beside it.
    pub(crate) fn rules_out_unit(&self, page: &str, text: &str, row: Option<&str>) -> bool {
        let is_its = |choice: &AnswerChoice| {
            choice.page == page
                && !choice.condition.is_empty()
                && row.map_or_else(
                    || self.excludes(choice) && states(text, &choice.condition),
                    |row| row.trim() == choice.condition,
                )
        };
        let is_chosen = |choice: &AnswerChoice| states(text, &choice.condition);
        !self.chosen.iter().any(is_chosen) && self.others.iter().any(is_its)
    }
}

/// Whether a passage stands on the page of a choice, under a title or heading that states it.
fn stands_under(hit: &Hit, choice: &AnswerChoice) -> bool {
    hit.page.url == choice.page && hit.path().any(|heading| heading == choice.condition)
}

/// Whether a text states a condition of its own, and not only words that it holds too.
fn states(text: &str, condition: &str) -> bool {
    condition.contains(' ') && text.contains(condition)
}
