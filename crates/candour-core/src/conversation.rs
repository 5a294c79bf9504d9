//! What passed between one reader and the assistant in one session.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use crate::answer::Answer;
use crate::redaction::Redacted;

/// Names a conversation. Whoever holds it can read the conversation, so it is drawn at random.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConversationId(Uuid);

/// Names one answer of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AnswerId(Uuid);

macro_rules! random_identifier {
    ($name:ident) => {
        impl $name {
            /// Makes an identifier from 16 random bytes.
            pub fn from_random(bytes: [u8; 16]) -> Self {
                Self(Builder::from_random_bytes(bytes).into_uuid())
            }

            /// Reads what `Display` wrote.
            pub fn parse(text: &str) -> Option<Self> {
                Uuid::try_parse(text).ok().map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}
random_identifier!(ConversationId);
random_identifier!(AnswerId);

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// Names the answer.
    pub id: AnswerId,
    /// The conversation it belongs to.
    pub conversation: ConversationId,
    /// What was asked, with personal data masked.
    pub question: Redacted,
    /// What was answered.
    pub answer: Answer,
    /// When it was asked.
    pub asked_at: Timestamp,
}

/// What a reader thinks of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feedback {
    /// The answer it is about.
    pub answer: AnswerId,
    /// Whether it helped.
    pub verdict: FeedbackVerdict,
    /// What the reader wrote, with personal data masked.
    pub comment: Redacted,
    /// When it was given.
    pub given_at: Timestamp,
}

/// A reader's verdict on an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedbackVerdict {
    /// It helped.
    Useful,
    /// It did not help.
    NotUseful,
    /// Something in it is wrong.
    Wrong,
}

impl FeedbackVerdict {
    /// Every verdict.
    pub const ALL: [Self; 3] = [Self::Useful, Self::NotUseful, Self::Wrong];

    /// The name in JSON, in forms and in the database.
    pub fn key(self) -> &'static str {
        match self {
            Self::Useful => "useful",
            Self::NotUseful => "not_useful",
            Self::Wrong => "wrong",
        }
    }

    /// The verdict of that name.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.key() == key)
    }
}
