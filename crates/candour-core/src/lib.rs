//! The vocabulary of Candour: the types that every room speaks in, and the seams between rooms.
//!
//! Nothing here does I/O, reads a clock or draws randomness: time and random bytes are arguments.
//! The rooms that keep, find, answer and serve live in the other crates.

pub mod answer;
pub mod answerer;
pub mod audience;
pub mod characters;
pub mod citation;
pub mod config;
pub mod conversation;
pub mod erasure;
pub mod evidence;
pub mod hash;
pub mod locale;
pub mod model;
pub mod monitoring;
pub mod nation;
pub mod page;
pub mod passage;
pub mod pattern;
pub mod reading_age;
pub mod receipt;
pub mod redaction;
pub mod search;
pub mod side;
mod stated;

pub use answer::{
    Answer, AnswerChoice, AnswerLink, AnswerSentence, AnswerStatus, Chosen, LinkKind, Notice,
    NoticeKind, Source, page_address,
};
pub use answerer::{
    Answerer, AnswererError, Answering, Endpoint, Exchange, Question, Reply, Retrieved, TokenUsage,
    Writer,
};
pub use audience::Audience;
pub use citation::Citation;
pub use config::{
    Config, ConfigError, Generation, Generator, Judge, Monitoring, Price, Rewriting, Routing,
    Transport,
};
pub use conversation::{AnswerId, ConversationId, Feedback, FeedbackVerdict, Turn};
pub use erasure::{Erasure, SaltedErasure};
pub use evidence::{Evidence, KeptFile, SaltedEvidence};
pub use hash::ContentHash;
pub use locale::Locale;
pub use model::{
    Calls, LanguageModel, ModelAttempt, ModelCitation, ModelError, ModelEvent, ModelIdentity,
    ModelMessage, ModelRequest, ModelRole, ModelSource, ModelStream, ModelUsage, Shown, StopReason,
};
pub use monitoring::{Alarm, AlarmKind, Metric};
pub use nation::{Nation, NationScope, Nations};
pub use page::{Contact, Link, Page, PageId, PhoneNumber, Withdrawal};
pub use passage::{Heading, Passage, PassageId, Unit, UnitKind};
pub use reading_age::reading_age;
pub use receipt::{
    Circumstances, CitedPassage, JudgedBy, Receipt, ReplyEnd, RewrittenBy, SaltedReceipt, SortedBy,
    WrittenBy,
};
pub use redaction::{Mask, MaskKind, PublicContacts, Redacted, Redaction};
pub use search::{Embedder, EmbedderIdentity, Hit, SearchError, SearchQuery, Searcher};
pub use side::Side;
pub use stated::Stated;
