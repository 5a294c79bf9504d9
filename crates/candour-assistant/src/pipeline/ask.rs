//! What is asked, with what is known around it, and why it may not be taken.

use candour_core::{Audience, Calls, Chosen, Locale, Nation, SearchError, Stated, Turn};
use jiff::Timestamp;

/// A question, with what is known around it.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// What the reader typed.
    pub text: &'a str,
    /// The language of the interface; the answer follows the question's own language if it differs.
    pub locale: Locale,
    /// The nation that the reader chose.
    pub nation: Stated<Nation>,
    /// In which role the reader chose to ask.
    pub audience: Stated<Audience>,
    /// What the reader chose of what the last turn offered: the question of that turn is then answered, and
    /// `text` is heard for danger alone.
    pub chosen: Option<Chosen>,
    /// The earlier turns of the conversation, oldest first.
    pub history: &'a [Turn],
    /// The time of asking.
    pub now: Timestamp,
    /// How much of the assistant is switched on.
    pub mode: Mode,
    /// What tells the reader from others, such as their network or key, whose budget a model counts
    /// against. It is sent to nobody, and held in memory for the day alone.
    pub reader: Option<&'a str>,
    /// Where every request to a model is noted once it has ended, also where the answer is given up.
    pub calls: Calls,
}

impl<'a> Ask<'a> {
    /// A first question in English, with nothing known around it.
    pub fn new(text: &'a str, now: Timestamp) -> Self {
        Self {
            text,
            locale: Locale::En,
            nation: Stated::Nothing,
            audience: Stated::Nothing,
            chosen: None,
            history: &[],
            now,
            mode: Mode::default(),
            reader: None,
            calls: Calls::default(),
        }
    }
}

/// How much of the assistant is switched on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// All of it.
    #[default]
    On,
    /// No model is asked: answers are quotes.
    QuotesOnly,
    /// No question is answered. Who is in danger is still told who can help.
    Off,
}

/// Why a question was not taken.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// There is nothing in it.
    #[error("the question is empty: write what you want to know")]
    Empty,
    /// There is too much in it.
    #[error(
        "the question has {characters} characters, more than the {limit} that are read: shorten it"
    )]
    TooLong {
        /// How many it has.
        characters: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// A choice was made that was not offered.
    #[error("that choice was not offered: choose again, or ask in your own words")]
    NotOffered,
    /// The guidance could not be searched.
    #[error(transparent)]
    Search(#[from] SearchError),
}
