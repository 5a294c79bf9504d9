//! What tests of writing follow-up questions out share.

use candour_assistant::Outcome;
use candour_core::{AnswerId, ConversationId, Turn};
use candour_standin::{Reply, Script};

use crate::pilot::NOW;

/// The turn of a conversation that comes after so many others.
pub(crate) fn turn(number: usize, outcome: Outcome) -> Turn {
    Turn {
        id: AnswerId::from_random([number as u8; 16]),
        conversation: ConversationId::from_random([1; 16]),
        question: outcome.question,
        answer: outcome.answer.into_answer(),
        asked_at: NOW.parse().unwrap(),
    }
}

/// A model that writes a question out so.
pub(crate) fn says(question: &str) -> Script {
    let words = serde_json::json!({ "question": question }).to_string();
    Script { reply: Reply::Words(words), ..Script::default() }
}
