//! A page: one published item, with what its publisher says of its scope, age and state.
//!
//! The words of a page are in its passages. Every fact here can decide whether an answer is right
//! (nation, audience, dates, withdrawal), so none is dropped between the publisher and the reader.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::audience::Audience;
use crate::locale::Locale;
use crate::nation::NationScope;

/// What names a page in the whole of Candour: its path at the publisher. A Welsh page has a path of
/// its own, or the English one with `.cy`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PageId(pub String);

impl PageId {
    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for PageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// One published item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// What names it.
    pub id: PageId,
    /// The address that a reader can open.
    pub url: String,
    /// Its title.
    pub title: String,
    /// The publisher's summary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its language.
    pub locale: Locale,
    /// The publisher's schema: `answer`, `guide`, `transaction`… or `html`, `markdown`, `beir`.
    pub schema: String,
    /// The publisher's document type, finer than the schema.
    pub document_type: String,
    /// The nations it applies to.
    #[serde(default)]
    pub scope: NationScope,
    /// Whom it is written for; empty where it is for everyone, or its publisher does not say.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub audiences: BTreeSet<Audience>,
    /// Set when the publisher has withdrawn it: then it is not quoted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawal>,
    /// Whether it was published under an earlier government and no longer states policy.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub history_mode: bool,
    /// When the publisher last changed what it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// When it was first published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_published_at: Option<Timestamp>,
    /// For a consultation or call for evidence: when it opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<Timestamp>,
    /// For a consultation or call for evidence: when it closes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<Timestamp>,
    /// The titles of the organisations that publish it, the primary one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub organisations: Vec<String>,
    /// Where it belongs: its parent, its manual, the step-by-steps it is part of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub part_of: Vec<Link>,
    /// The same page in other languages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub translations: Vec<(Locale, PageId)>,
    /// What a reader can do from here: start links of services.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Link>,
    /// How to reach people, where the page is about that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// Warnings that must accompany any quotation, such as a travel alert.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<String>,
    /// The licence of its text, where the source states one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
}

impl Page {
    /// Whether it is written for `audience`, or for everyone.
    pub fn speaks_to(&self, audience: Audience) -> bool {
        self.audiences.is_empty() || self.audiences.contains(&audience)
    }
}

/// Why and since when a page is withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// The publisher's explanation, as text.
    pub explanation: String,
    /// When it was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// Words that lead somewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Link {
    /// What the publisher wrote on it.
    pub label: String,
    /// Where it leads: an absolute address, or a path at the publisher.
    pub url: String,
}

/// How to reach a person about a subject.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Who or what is reached: "Council tax team".
    pub title: String,
    /// Telephone numbers.
    pub phones: Vec<PhoneNumber>,
    /// E-mail addresses.
    pub emails: Vec<String>,
    /// Postal addresses, one line each.
    pub addresses: Vec<String>,
    /// Contact forms and the like.
    pub links: Vec<Link>,
}

/// A telephone number as it is published.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PhoneNumber {
    /// What it is for.
    pub label: String,
    /// The number as written.
    pub number: String,
    /// When it is answered.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hours: String,
}
