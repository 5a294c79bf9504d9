//! The first stage: what the reader typed becomes clean, masked text with what rules can tell of it.
//!
//! Nothing is refused here but emptiness and length. What follows from a signal is left to `route`.

mod abuse;
mod audience;
mod clean;
mod encoded;
mod hidden;
mod injection;
mod language;
mod names;
mod nation;
mod own_words;
mod preview;
mod rules;
mod signals;

pub(crate) mod crisis;

use candour_core::redaction::{PublicContacts, redact};
use candour_core::{
    Answer, AnswerChoice, Audience, Config, Locale, Mask, Nation, Nations, Page, Redacted, Stated,
};

use crate::clarify::Circumstance;
use crate::mitigations::{Mitigation, Mitigations};
use crate::pipeline::{Ask, AskError};
use crate::replies;
pub(crate) use clean::clean;
pub(crate) use crisis::Crisis;
pub use injection::{InjectionModel, injection_features, injection_places};
pub(crate) use injection::{instructs, is_suspected as speaks_to_the_assistant};
pub use language::of as language_of;
pub(crate) use nation::{chosen_with, named_in as nations_named_in, of as place_of};
pub(crate) use own_words::own_words;
pub use preview::{Preview, preview};
pub(crate) use rules::{rule, rules};
pub use signals::Signal;

/// A question that may be looked at further and kept.
#[derive(Debug, Clone)]
pub(crate) struct Screened {
    /// The words, with personal data masked.
    pub(crate) text: Redacted,
    /// What is left of them without masks: what is looked for.
    pub(crate) own_words: String,
    /// What was masked.
    pub(crate) masks: Vec<Mask>,
    /// The language of the question: English, Welsh or another.
    pub(crate) locale: Locale,
    /// The language of fixed words: English or Welsh.
    pub(crate) interface: Locale,
    /// Where the reader is, as far as is known.
    pub(crate) place: Place,
    /// In which role they ask.
    pub(crate) role: Role,
    /// Whether the reader may be in danger.
    pub(crate) crisis: Crisis,
    /// What was noticed beside the words, each once and in order.
    pub(crate) signals: Vec<Signal>,
    /// What stands against attacks while it is answered: everything, but in an experiment.
    pub(crate) mitigations: Mitigations,
    /// The words with personal data in them, where an experiment gives a model these.
    unmasked: Option<String>,
    /// What the reader says of their circumstances, where they were asked for them. The words that are
    /// looked for are then those of the question before.
    pub(crate) circumstance: Option<Circumstance>,
    /// The question as a model wrote it out in the reader's words, where it follows on from another.
    pub(crate) rewritten: Option<String>,
}

impl Screened {
    /// The question that is to be answered, masked.
    pub(crate) fn asked(&self) -> &Redacted {
        self.circumstance.as_ref().map_or(&self.text, |known| &known.question)
    }

    /// The words that a model is given.
    pub(crate) fn for_model(&self) -> &str {
        self.unmasked.as_deref().unwrap_or_else(|| self.asked().as_str())
    }

    /// The circumstance that the reader chose, where they were asked for it.
    pub(crate) fn choice(&self) -> Option<&AnswerChoice> {
        self.circumstance.as_ref()?.chosen.as_ref()
    }

    /// Whether the reader was asked for their circumstances, and does not know them.
    pub(crate) fn does_not_know(&self) -> bool {
        self.circumstance.as_ref().is_some_and(|known| known.chosen.is_none())
    }

    /// Whether it looks like an instruction to the assistant, and that counts for something.
    pub(crate) fn instructs(&self) -> bool {
        let is_instruction =
            |signal: &Signal| matches!(signal, Signal::InjectionRule | Signal::InjectionModel);
        self.mitigations.has(Mitigation::Detection) && self.signals.iter().any(is_instruction)
    }
}

/// The nations that a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The one nation that guidance must apply to, if there is one.
    pub(crate) nation: Option<Nation>,
    /// The nations that the question itself names.
    pub(crate) named: Nations,
    /// Whether `nation` is only the one that the pilot assumes.
    pub(crate) assumed: bool,
}

/// The role in which a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Role {
    /// The audience that the reader belongs to, as far as is known.
    pub(crate) audience: Option<Audience>,
    /// Whether they chose it, rather than words of theirs telling it.
    pub(crate) is_chosen: bool,
}

impl Role {
    /// That in which an answered question was asked.
    pub(crate) fn of_answer(answer: &Answer) -> Self {
        Self { audience: answer.audience, is_chosen: answer.is_audience_chosen }
    }

    /// Whether a page may be quoted: all may, but where the reader chose not to see those for others.
    pub(crate) fn admits(self, page: &Page) -> bool {
        self.chosen().is_none_or(|audience| page.speaks_to(audience))
    }

    /// The audience that the reader chose.
    pub(crate) fn chosen(self) -> Option<Audience> {
        self.audience.filter(|_| self.is_chosen)
    }
}

/// Screens a question.
pub(crate) fn screen(
    ask: &Ask<'_>,
    config: &Config,
    public: &PublicContacts,
    mitigations: Mitigations,
) -> Result<Screened, AskError> {
    let text = typed(ask, mitigations);
    if text.is_empty() {
        return Err(AskError::Empty);
    }
    // A person in danger is heard whatever else is wrong with what they wrote.
    let crisis = danger(&text, mitigations);
    let text = within_length(text, config.answers.max_question_characters, crisis)?;
    let screened = of_words(text, ask, config, public, mitigations, crisis);
    if screened.signals.contains(&Signal::InjectionRule) {
        tracing::info!("a question looks like an instruction; no model is asked it");
    }
    Ok(screened)
}

/// The question before, to which the reader now says what applies to them. Whatever else they wrote with
/// it is heard for danger, and kept in its place where there is some.
pub(crate) fn resume(
    ask: &Ask<'_>,
    circumstance: Circumstance,
    config: &Config,
    public: &PublicContacts,
    mitigations: Mitigations,
) -> Result<Screened, AskError> {
    let typed = typed(ask, mitigations);
    let heard = danger(&typed, mitigations);
    let typed = within_length(typed, config.answers.max_question_characters, heard)?;
    let question = circumstance.question.as_str();
    let crisis = heard.max(danger(question, mitigations));
    let nation = match ask.nation {
        Stated::Nothing => {
            ask.history.last().and_then(|turn| chosen_with(turn, &config.pilot)).into()
        }
        said => said,
    };
    let asked = Ask { text: question, nation, ..ask.clone() };
    let mut screened = of_words(question.to_owned(), &asked, config, public, mitigations, crisis);
    if let Some(turn) = ask.history.last().filter(|_| ask.audience == Stated::Nothing) {
        screened.role = Role::of_answer(&turn.answer);
    }
    if let Some(nation) = circumstance.chosen.as_ref().and_then(|choice| choice.nation) {
        let place = Place { nation: Some(nation), assumed: false, ..screened.place };
        screened.place = place;
    }
    let said = match &circumstance.chosen {
        _ if heard != Crisis::None => typed.as_str(),
        Some(choice) => choice.label.as_str(),
        None => replies::of(&screened.locale).text("choice_unknown"),
    };
    let said = redact(said, public);
    screened.signals.extend(signals::of(ask.text, &typed, crisis));
    screened.signals.sort();
    screened.signals.dedup();
    let circumstance = Some(circumstance);
    Ok(Screened { text: said.text, masks: said.masks, circumstance, ..screened })
}

/// A question that is to be answered, as far as its words alone tell.
fn of_words(
    text: String,
    ask: &Ask<'_>,
    config: &Config,
    public: &PublicContacts,
    mitigations: Mitigations,
    crisis: Crisis,
) -> Screened {
    let signals = signals::of(ask.text, &text, crisis);
    let locale = language::of(&text, &spoken_before(ask));
    let interface = match &locale {
        Locale::Other(_) => ask.locale.interface(),
        spoken => spoken.clone(),
    };
    let redaction = redact(&text, public);
    Screened {
        own_words: own_words(&redaction.text),
        place: nation::of(redaction.text.as_str(), ask.nation.known(), &config.pilot),
        role: audience::of(redaction.text.as_str(), ask.audience.known()),
        masks: redaction.masks,
        text: redaction.text,
        locale,
        interface,
        crisis,
        signals,
        mitigations,
        unmasked: (!mitigations.has(Mitigation::Masking)).then_some(text),
        circumstance: None,
        rewritten: None,
    }
}

/// The language that a bare name is read in: that of the questions before it, or else of the interface.
fn spoken_before(ask: &Ask<'_>) -> Locale {
    ask.history.iter().fold(ask.locale.interface(), |before, turn| {
        match language::of(turn.question.as_str(), &before) {
            Locale::Other(_) => before,
            spoken => spoken,
        }
    })
}

/// What the reader typed, cleaned.
fn typed(ask: &Ask<'_>, mitigations: Mitigations) -> String {
    let cleans = mitigations.has(Mitigation::Normalisation);
    if cleans { clean(ask.text) } else { ask.text.trim().to_owned() }
}

/// Whoever tells of abuse is shown where help is, as people in distress are.
fn danger(text: &str, mitigations: Mitigations) -> Crisis {
    if !mitigations.has(Mitigation::CrisisSignposting) {
        return Crisis::None;
    }
    match crisis::signals(text) {
        Crisis::None if abuse::is_reported(text) => Crisis::Distress,
        heard => heard,
    }
}

fn within_length(text: String, limit: usize, crisis: Crisis) -> Result<String, AskError> {
    let characters = text.chars().count();
    if characters <= limit {
        return Ok(text);
    }
    if crisis.is_urgent() {
        return Ok(text.chars().take(limit).collect());
    }
    Err(AskError::TooLong { characters, limit })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn screened(text: &str, config: &Config) -> Result<Screened, AskError> {
        let ask = Ask::new(text, Timestamp::UNIX_EPOCH);
        screen(&ask, config, &PublicContacts::default(), Mitigations::default())
    }

    #[test]
    fn empty_and_long_questions_are_not_taken() {
        let config = Config::default();
        for text in ["", "  \n\t", "\u{200b}\u{e0041}\u{feff}"] {
            assert!(matches!(screened(text, &config), Err(AskError::Empty)), "{text:?}");
        }
        let long = "bins ".repeat(500);
        assert!(matches!(
            screened(&long, &config),
            Err(AskError::TooLong { characters: 2499, limit: 2000 })
        ));
        // Invisible characters do not count.
        let padded = format!("When are bins collected?{}", "\u{200b}".repeat(5000));
        assert_eq!(screened(&padded, &config).unwrap().text.as_str(), "When are bins collected?");
    }

    #[test]
    fn someone_in_danger_is_heard_at_any_length() {
        let long = format!("I want to die. {}", "bins ".repeat(1000));
        let screened = screened(&long, &Config::default()).unwrap();
        assert_eq!(screened.crisis, Crisis::Acute);
        assert_eq!(screened.text.as_str().chars().count(), 2000);
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            let _ = screened(&text, &Config::default());
        }
    }
}
