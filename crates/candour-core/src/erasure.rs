//! A deletion receipt: how much was erased of one conversation, and where.
//!
//! The log keeps only a commitment to it, as it does for the receipts of answers, and nothing keeps the
//! receipt but whoever is given it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::conversation::ConversationId;
use crate::hash::ContentHash;
use crate::receipt::commitment;

/// What was erased of one conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// The form of this receipt: 1.
    pub version: u32,
    /// When it was erased.
    pub erased_at: Timestamp,
    /// The hash of the salt and of the conversation's identifier: whoever knows both can show that it was
    /// this conversation, and nobody else can tell.
    pub conversation: ContentHash,
    /// How many records went, by where they were: `questions`, `feedback`, `receipts`, `citations`,
    /// `signals`, and `backups` for the questions in copies of the database.
    pub erased: BTreeMap<String, u64>,
}

/// A deletion receipt with what shows that the log commits to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaltedErasure {
    /// The deletion receipt.
    pub erasure: Erasure,
    /// 16 random bytes, in hexadecimal digits, without which the commitment tells nothing.
    pub salt: String,
    /// Where in the log the commitment stands, from 0.
    pub log_position: u64,
}

impl SaltedErasure {
    /// What the log holds for it.
    pub fn commitment(&self) -> ContentHash {
        commitment(&self.erasure, &self.salt)
    }

    /// Whether it is about this conversation.
    pub fn is_for(&self, conversation: ConversationId) -> bool {
        self.erasure.conversation == subject(conversation, &self.salt)
    }
}

/// How a deletion receipt names a conversation.
pub fn subject(conversation: ConversationId, salt: &str) -> ContentHash {
    ContentHash::of_list([salt.as_bytes(), conversation.to_string().as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_knows_the_conversation_can_tell_that_it_is_meant() {
        let conversation = ConversationId::from_random([3; 16]);
        let salt = "00".repeat(16);
        let erasure = Erasure {
            version: 1,
            erased_at: Timestamp::UNIX_EPOCH,
            conversation: subject(conversation, &salt),
            erased: [("questions".to_owned(), 2)].into(),
        };
        let salted = SaltedErasure { erasure, salt, log_position: 0 };
        assert!(salted.is_for(conversation));
        assert!(!salted.is_for(ConversationId::from_random([4; 16])));
        let written = serde_json::to_string(&salted).unwrap();
        assert!(!written.contains(&conversation.to_string()));
        let mut changed = salted.clone();
        changed.erasure.erased.insert("questions".into(), 3);
        assert_ne!(changed.commitment(), salted.commitment());
    }
}
