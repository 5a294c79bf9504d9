//! An answer: sentences with citations, or a plain statement that there is none and who can help.
//!
//! This is the shape that is shown, stored and measured. That an answer was checked before it was
//! shown is a matter of another type, `candour_assistant::VerifiedAnswer`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::citation::Citation;
use crate::locale::Locale;
use crate::nation::Nation;
use crate::page::Contact;

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerStatus {
    /// The guidance answers it.
    Answered,
    /// The guidance answers some of it.
    Partial,
    /// The guidance does not answer it, or not surely enough.
    Abstained,
    /// It cannot be answered before the reader has said more.
    Clarify,
    /// It is not for this assistant: the reader is told who can help.
    Signposted,
}

impl AnswerStatus {
    /// The name in JSON, in the database and in URLs.
    pub fn key(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Partial => "partial",
            Self::Abstained => "abstained",
            Self::Clarify => "clarify",
            Self::Signposted => "signposted",
        }
    }
}

/// What a reader gets in return for a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// What became of the question.
    pub status: AnswerStatus,
    /// The language of the fixed texts in this answer, English or Welsh.
    pub locale: Locale,
    /// The nation that the question was answered for, if one was named or chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nation: Option<Nation>,
    /// Fixed words of ours before everything else: why there is no answer, what to tell us, whom to
    /// call. Never written by a model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The answer itself, in reading order.
    pub sentences: Vec<AnswerSentence>,
    /// The pages that the sentences come from, in order of first use.
    pub sources: Vec<Source>,
    /// Where the reader can go next.
    pub links: Vec<AnswerLink>,
    /// What the reader must know beside the answer: nation, age, state, language, masked data.
    #[serde(default)]
    pub notices: Vec<Notice>,
    /// How to reach a person about this.
    #[serde(default)]
    pub contacts: Vec<Contact>,
    /// The hash of the snapshot that was searched.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub snapshot: String,
    /// Milliseconds by stage.
    #[serde(default)]
    pub timings_ms: BTreeMap<String, f64>,
}

/// One sentence, list item or table row of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerSentence {
    /// What is shown.
    pub text: String,
    /// Whether it continues a list whose stem is the nearest sentence before it that does not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub item: bool,
    /// What it stands on; never empty in a verified answer.
    pub citations: Vec<Citation>,
}

/// A page that an answer comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// The address to open: the best-cited passage of the page, with its fragment.
    pub url: String,
    /// The page's title.
    pub title: String,
    /// The heading path of that passage; empty at the top of a page.
    pub heading: String,
    /// The language of the page.
    pub locale: Locale,
    /// When the publisher last changed it, as an ISO 8601 date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    /// The nations it applies to, when not all four.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nations: Vec<Nation>,
}

/// Somewhere that the reader can go next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerLink {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub url: String,
    /// What it is.
    pub kind: LinkKind,
}

/// What a link in an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// Begins a transaction at the publisher.
    Start,
    /// A page that may help.
    Page,
    /// A way to reach a person.
    Contact,
    /// The guidance of another nation.
    OtherNation,
}

/// Something that the reader must know beside the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What it is about.
    pub kind: NoticeKind,
    /// The words, in the language of the answer.
    pub text: String,
}

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// The answer leaves part of the question open.
    Partial,
    /// The guidance applies to some nations only.
    Nation,
    /// A page that would have answered is withdrawn.
    Withdrawn,
    /// A quoted page was last changed long ago.
    Old,
    /// The answer is in another language than the question.
    Language,
    /// Personal data in the question was masked.
    Masked,
    /// The publisher's own warning on a quoted page.
    Alert,
    /// Whom to call in danger or distress.
    Crisis,
}
