//! What the pipeline would keep of a text and where it would send it, told without an index.

use candour_core::{Config, Locale, Mask, PublicContacts, Redacted};
use jiff::Timestamp;
use serde::Serialize;

use super::{Signal, clean, signals};
use crate::mitigations::Mitigations;
use crate::pipeline::{Ask, AskError};
use crate::route::route;

/// What is kept of a text. Its fields, in this order, are what `candour screen --json` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// The words as they would be kept; nothing of a text that would not be taken.
    pub text: Redacted,
    /// What was masked, with its place in the text as it was cleaned, in bytes.
    pub masked: Vec<Mask>,
    /// What was noticed.
    pub signals: Vec<Signal>,
    /// The tag of its language: `en`, `cy`, another, or `und`.
    pub language: String,
    /// Where it would be sent: the route, `empty` or `too_long`.
    pub route: &'static str,
}

/// Screens and routes `text` as the first question of a conversation.
pub fn preview(
    text: &str,
    interface: &Locale,
    config: &Config,
    public: &PublicContacts,
) -> Preview {
    let ask = Ask { locale: interface.clone(), ..Ask::new(text, Timestamp::UNIX_EPOCH) };
    match super::screen(&ask, config, public, Mitigations::default()) {
        Ok(screened) => Preview {
            route: route(&screened, false).key(),
            text: screened.text,
            masked: screened.masks,
            signals: screened.signals,
            language: screened.locale.tag().to_owned(),
        },
        Err(error) => {
            // What is noticed is told of the beginning: a line may be a book.
            let limit = config.answers.max_question_characters;
            let raw: String = text.chars().take(limit * 2).collect();
            let cleaned = clean(&raw);
            Preview {
                text: Redacted::default(),
                masked: Vec::new(),
                signals: signals::of(
                    &raw,
                    &cleaned,
                    super::danger(&cleaned, Mitigations::default()),
                ),
                language: super::language::of(&cleaned, interface).tag().to_owned(),
                route: if matches!(error, AskError::Empty) { "empty" } else { "too_long" },
            }
        }
    }
}
