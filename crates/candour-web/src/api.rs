//! The JSON API, version 1: one file a resource. `body` has the shapes on the wire.

pub(crate) mod answers;
pub(crate) mod ask;
mod body;
pub(crate) mod conversations;
pub(crate) mod feedback;
pub(crate) mod health;
pub(crate) mod json;
pub(crate) mod openapi;
pub(crate) mod search;
pub(crate) mod sources;
mod stated;
#[cfg(test)]
mod tests;

use candour_core::{AnswerId, ConversationId};

use crate::failure::{Code, Failure};

fn answer_id(text: &str) -> Result<AnswerId, Failure> {
    AnswerId::parse(text).ok_or_else(|| Code::InvalidIdentifier.into())
}

fn conversation_id(text: &str) -> Result<ConversationId, Failure> {
    ConversationId::parse(text).ok_or_else(|| Code::InvalidIdentifier.into())
}
