//! A receipt: what one answer rests on, so that it can be checked later by anyone who holds it.
//!
//! The log keeps only a commitment to a receipt: the SHA-256 hash of a random salt and the receipt. The
//! salt goes to whoever holds the receipt and is kept beside it. When a reader's data is erased both go,
//! and what stays in the log tells nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::answer::{Answer, AnswerStatus};
use crate::conversation::{AnswerId, Turn};
use crate::hash::ContentHash;
use crate::model::ModelIdentity;
use crate::passage::PassageId;

/// What one answer rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The form of this receipt: 1.
    pub version: u32,
    /// The answer.
    pub answer: AnswerId,
    /// When it was given.
    pub given_at: Timestamp,
    /// What became of the question.
    pub status: AnswerStatus,
    /// The hash of the masked question.
    pub question_hash: ContentHash,
    /// The hash of what was said: the fixed words, then each sentence.
    pub answer_hash: ContentHash,
    /// The hash of the configuration.
    pub configuration: ContentHash,
    /// The version of the program.
    pub program: String,
    /// The hash of the rules, instructions and fixed words that the program came with; none in receipts of a
    /// program that did not state it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<ContentHash>,
    /// The model that sorted the question; none where rules alone did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sorted_by: Option<SortedBy>,
    /// The model that wrote the sentences, and the hash of what it was told; none where they are quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_by: Option<WrittenBy>,
    /// The model that wrote the question out as it was searched, beside the reader's own words; none where
    /// rules alone decided what is searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rewritten_by: Option<RewrittenBy>,
    /// The snapshot that was searched.
    pub snapshot: String,
    /// The passages that are cited.
    pub passages: Vec<CitedPassage>,
    /// How much verification dropped, by reason.
    pub dropped: BTreeMap<String, usize>,
}

/// What a turn does not tell of the way in which it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circumstances {
    /// The hash of the configuration.
    pub configuration: ContentHash,
    /// The version of the program.
    pub program: String,
    /// The hash of the rules, instructions and fixed words that the program came with.
    pub policy: ContentHash,
    /// Which model sorted the question, if any.
    pub sorted_by: Option<SortedBy>,
    /// Who wrote the sentences, if not those who published them.
    pub written_by: Option<WrittenBy>,
    /// Who wrote the question out, if anyone.
    pub rewritten_by: Option<RewrittenBy>,
    /// How much verification dropped, by reason.
    pub dropped: BTreeMap<String, usize>,
}

impl Receipt {
    /// The receipt for the answer of a turn.
    pub fn new(turn: &Turn, circumstances: Circumstances) -> Self {
        let Circumstances {
            configuration,
            program,
            policy,
            sorted_by,
            written_by,
            rewritten_by,
            dropped,
        } = circumstances;
        Self {
            version: 1,
            answer: turn.id,
            given_at: turn.asked_at,
            status: turn.answer.status,
            question_hash: ContentHash::of(turn.question.as_str().as_bytes()),
            answer_hash: answer_hash(&turn.answer),
            configuration,
            program,
            policy: Some(policy),
            sorted_by,
            written_by,
            rewritten_by,
            snapshot: turn.answer.snapshot.clone(),
            passages: cited_passages(&turn.answer),
            dropped,
        }
    }

    /// Whether it is the receipt for the answer of a turn: the same question and the same words, on the
    /// same passages.
    pub fn is_for(&self, turn: &Turn) -> bool {
        self.answer == turn.id
            && self.question_hash == ContentHash::of(turn.question.as_str().as_bytes())
            && self.answer_hash == answer_hash(&turn.answer)
            && self.passages == cited_passages(&turn.answer)
    }
}

/// Who sorted a question, which decides what is done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SortedBy {
    /// The model.
    pub model: ModelIdentity,
    /// The hash of its instructions.
    pub prompt: ContentHash,
    /// The label that it gave; none where it gave none, and the rules decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// Who wrote an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenBy {
    /// The model.
    pub model: ModelIdentity,
    /// The hash of its instructions.
    pub prompt: ContentHash,
    /// What a judge made of its sentences, where one is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<JudgedBy>,
}

/// Who wrote a follow-up question out, in the reader's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RewrittenBy {
    /// The model.
    pub model: ModelIdentity,
    /// The hash of its instructions.
    pub prompt: ContentHash,
    /// The hash of its wording, which was searched beside the reader's own.
    pub wording: ContentHash,
}

/// Who looked at the sentences of an answer last, and took away what is not so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgedBy {
    /// The model.
    pub model: ModelIdentity,
    /// The hash of its instructions.
    pub prompt: ContentHash,
    /// How it ended. Where it gave no verdict, the sentences were shown as they are, or not at all, as
    /// the configuration says.
    pub end: ReplyEnd,
    /// How many sentences it took away.
    pub removed: usize,
}

/// How it ended to ask a model for a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyEnd {
    /// There is one.
    Read,
    /// What it said is none.
    Unreadable,
    /// It failed.
    Failed,
    /// The time was up.
    TimedOut,
    /// The budget is spent.
    Spent,
}

/// A passage that an answer cites.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitedPassage {
    /// What names it.
    pub passage: PassageId,
    /// Its hash when it was cited.
    pub hash: ContentHash,
    /// Its address.
    pub url: String,
}

/// A receipt with what shows that the log commits to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaltedReceipt {
    /// The receipt.
    pub receipt: Receipt,
    /// 16 random bytes, in hexadecimal digits, without which the commitment tells nothing.
    pub salt: String,
    /// Where in the log the commitment stands, from 0.
    pub log_position: u64,
}

impl SaltedReceipt {
    /// What the log holds for it.
    pub fn commitment(&self) -> ContentHash {
        commitment(&self.receipt, &self.salt)
    }
}

/// The commitment to a receipt of any sort: the hash of the salt and of the receipt as JSON, each preceded
/// by its length.
pub fn commitment(receipt: &impl Serialize, salt: &str) -> ContentHash {
    // Receipts have string keys only, so that they can always be written.
    let json = serde_json::to_string(receipt).unwrap_or_default();
    ContentHash::of_list([salt.as_bytes(), json.as_bytes()])
}

/// The hash of what an answer says.
fn answer_hash(answer: &Answer) -> ContentHash {
    let message = answer.message.as_deref().unwrap_or_default();
    let sentences = answer.sentences.iter().map(|sentence| sentence.text.as_str());
    ContentHash::of_list(std::iter::once(message).chain(sentences).map(str::as_bytes))
}

/// The passages that an answer cites, each once.
fn cited_passages(answer: &Answer) -> Vec<CitedPassage> {
    let citations = answer.sentences.iter().flat_map(|sentence| &sentence.citations);
    let passages = citations.map(|citation| CitedPassage {
        passage: citation.passage.clone(),
        hash: citation.passage_hash.clone(),
        url: citation.url.clone(),
    });
    passages.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}
