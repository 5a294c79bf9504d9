//! An answer: sentences with citations, or a plain statement that there is none and who can help.
//!
//! This is the shape that is shown, stored and measured. That an answer was checked before it was
//! shown is a matter of another type, `candour_assistant::VerifiedAnswer`.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::audience::Audience;
use crate::citation::Citation;
use crate::locale::Locale;
use crate::nation::Nation;
use crate::page::Contact;
use crate::passage::HEADING_SEPARATOR;

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
    /// Every one, from the fullest answer to none.
    pub const ALL: [Self; 5] =
        [Self::Answered, Self::Partial, Self::Abstained, Self::Clarify, Self::Signposted];

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

    /// The one of that name.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.key() == key)
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
    /// In which role it was asked, if the question tells or the reader chose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Audience>,
    /// Whether the reader chose that role, then or before, rather than words of theirs telling it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_audience_chosen: bool,
    /// Fixed words of ours before everything else: why there is no answer, what to tell us, whom to
    /// call. Never written by a model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Whether fixed words stand here because nobody may be answered: who may be in danger, who asks for
    /// a political opinion, whom a model declined to answer, or anyone while answers are switched off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_blocked: bool,
    /// The answer itself, in reading order.
    pub sentences: Vec<AnswerSentence>,
    /// The parts of pages that the sentences come from, in order of first use.
    pub sources: Vec<Source>,
    /// Where the reader can go next.
    pub links: Vec<AnswerLink>,
    /// What a reader who is asked for their circumstances can choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<AnswerChoice>,
    /// What the reader must know beside the answer: nation, audience, age, state, language, masked data.
    #[serde(default)]
    pub notices: Vec<Notice>,
    /// How to reach a person about this.
    #[serde(default)]
    pub contacts: Vec<Contact>,
    /// The model that wrote the sentences; none where they are quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How sure the assistant is that this answers the question, 0 to 1, where it looked for an answer.
    /// Below the configured threshold it gives none; `candour eval calibrate` sets that by labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// The hash of the snapshot that was searched.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub snapshot: String,
    /// Milliseconds by stage.
    #[serde(default)]
    pub timings_ms: BTreeMap<String, f64>,
}

impl Answer {
    /// The number of the source that a citation belongs to, from 1: the part of the page that it
    /// cites, or else the page.
    pub fn source_number(&self, citation: &Citation) -> Option<usize> {
        let find = |is_it: &dyn Fn(&Source) -> bool| self.sources.iter().position(is_it);
        let is_page = |source: &Source| page_address(&source.url) == page_address(&citation.url);
        find(&|source| is_page(source) && source.heading == citation.heading)
            .or_else(|| find(&is_page))
            .or_else(|| find(&|source| source.title == citation.title))
            .map(|index| index + 1)
    }

    /// What stands above a sentence in its page, outermost first, where it is not what stands above
    /// the sentence before. A heading may hold the condition under which the words below it are true,
    /// so it is shown wherever they are. The page is named too where several are quoted.
    ///
    /// A sentence that a model wrote holds the conditions of its headings itself. What it quotes word for
    /// word, and what stands in place of a sentence that was doubted, does not: from there on headings are
    /// shown, so that it is seen which of them the sentences that follow are under.
    pub fn headings_above(&self, sentence: usize) -> Vec<&str> {
        let first = if self.model.is_some() { self.first_quoted() } else { Some(0) };
        if first.is_none_or(|first| sentence < first) {
            return Vec::new();
        }
        let part = |at: usize| {
            let sentence = self.sentences.get(at)?;
            let citation = sentence.quoted().or_else(|| sentence.citations.first())?;
            Some((page_address(&citation.url), citation.title.as_str(), citation.heading.as_str()))
        };
        let before = sentence.checked_sub(1).filter(|_| Some(sentence) > first).and_then(part);
        let Some(own @ (page, title, heading)) = part(sentence) else { return Vec::new() };
        if before.is_some_and(|before| (before.0, before.2) == (page, heading)) {
            return Vec::new();
        }
        let is_one_page = (0..self.sentences.len()).filter_map(part).all(|other| other.0 == own.0);
        // At the top of a page there is no heading; after another part, its title ends that part.
        let needs_title = if is_one_page { heading.is_empty() && before.is_some() } else { true };
        let headings = heading.split(HEADING_SEPARATOR).filter(|heading| !heading.is_empty());
        needs_title.then_some(title).into_iter().chain(headings).collect()
    }

    /// The first sentence that is quoted from under a heading, or the introduction of a list with such an
    /// item.
    fn first_quoted(&self) -> Option<usize> {
        let is_under = |citation: &Citation| !citation.heading.is_empty();
        let quoted = |sentence: &AnswerSentence| sentence.quoted().is_some_and(is_under);
        let at = self.sentences.iter().position(quoted)?;
        let introduction = self.sentences[..at].iter().rposition(|sentence| !sentence.item);
        Some(introduction.filter(|_| self.sentences[at].item).unwrap_or(at))
    }
}

/// An address without its fragment: that of the page, whatever part of it is cited.
pub fn page_address(url: &str) -> &str {
    url.split('#').next().unwrap_or_default()
}

/// One sentence, list item or table row of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerSentence {
    /// What is shown.
    pub text: String,
    /// Whether it continues a list whose stem is the nearest sentence before it that does not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub item: bool,
    /// Whether it continues an item of that list rather than the list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nested: bool,
    /// What it stands on; never empty in a verified answer.
    pub citations: Vec<Citation>,
}

impl AnswerSentence {
    /// Whether it is what a page says, word for word.
    pub fn is_quoted(&self) -> bool {
        self.quoted().is_some()
    }

    /// Where it stands word for word, if it does.
    fn quoted(&self) -> Option<&Citation> {
        self.citations.iter().find(|citation| citation.quote == self.text)
    }
}

/// A part of a page that an answer comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// The address to open: the first passage that is cited under the heading, with its fragment.
    pub url: String,
    /// The page's title.
    pub title: String,
    /// The heading path; empty at the top of a page.
    pub heading: String,
    /// The language of the page.
    pub locale: Locale,
    /// When the publisher last changed it, as an ISO 8601 date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    /// The nations it applies to, when not all four.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nations: Vec<Nation>,
    /// Whom its page is written for, when not for everyone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<Audience>,
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

/// One of the circumstances that a reader is asked for, in the words of the guidance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerChoice {
    /// What is shown: the condition, or the part of it that answers a question of the page's own.
    pub label: String,
    /// The condition as it stands in the page; empty where a nation is chosen, and where whoever answered tells
    /// labels alone.
    #[serde(default)]
    pub condition: String,
    /// The address of the page that it stands in, where that is told.
    #[serde(default)]
    pub page: String,
    /// The nation that is chosen, where that is what decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nation: Option<Nation>,
}

/// What a reader says who was asked for their circumstances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    /// The choice of that number, from 0.
    Number(usize),
    /// They do not know, or would rather not say.
    Unknown,
}

impl Chosen {
    /// Reads what a form, a program or a command line names a choice by: its number from 1, or `unknown`.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "unknown" => Some(Self::Unknown),
            number => number.parse::<usize>().ok()?.checked_sub(1).map(Self::Number),
        }
    }
}

impl fmt::Display for Chosen {
    /// Writes what `parse` reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{}", number + 1),
            Self::Unknown => f.write_str("unknown"),
        }
    }
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
    /// The guidance is written for some readers only.
    Audience,
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
    /// The answer is quoted, for the model that was to write it gave none that may be shown.
    Quoted,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::ContentHash;
    use crate::passage::PassageId;

    /// An answer with a sentence and a source for each part, in the order given.
    fn answer(parts: &[(&str, &str)]) -> Answer {
        let citation = |page: &str, heading: &str| Citation {
            passage: PassageId(format!("{page}#0")),
            passage_hash: ContentHash::of(b""),
            url: format!("https://a.example{page}#{}", heading.to_lowercase()),
            title: page.trim_start_matches('/').to_owned(),
            heading: heading.to_owned(),
            quote: String::new(),
            start: 0,
            end: 0,
        };
        let mut answer: Answer = serde_json::from_value(serde_json::json!({
            "status": "answered", "locale": "en", "sentences": [], "sources": [], "links": [],
        }))
        .unwrap();
        for (page, heading) in parts {
            let citation = citation(page, heading);
            let source = Source {
                url: citation.url.clone(),
                title: citation.title.clone(),
                heading: citation.heading.clone(),
                locale: Locale::En,
                updated: None,
                nations: Vec::new(),
                audiences: Vec::new(),
            };
            if !answer.sources.contains(&source) {
                answer.sources.push(source);
            }
            answer.sentences.push(AnswerSentence {
                text: String::new(),
                item: false,
                nested: false,
                citations: vec![citation],
            });
        }
        answer
    }

    fn headings(answer: &Answer) -> Vec<Vec<&str>> {
        (0..answer.sentences.len()).map(|at| answer.headings_above(at)).collect()
    }

    #[test]
    fn headings_travel_with_what_is_quoted_under_them() {
        let one = answer(&[
            ("/schools", "Primary > Dates"),
            ("/schools", "Primary > Dates"),
            ("/schools", "Secondary > Dates"),
            ("/schools", ""),
        ]);
        assert_eq!(
            headings(&one),
            [vec!["Primary", "Dates"], vec![], vec!["Secondary", "Dates"], vec!["schools"]]
        );
        let two = answer(&[("/bins", ""), ("/tips", "Hours"), ("/tips", "Hours")]);
        assert_eq!(headings(&two), [vec!["bins"], vec!["tips", "Hours"], vec![]]);
        assert_eq!(headings(&answer(&[("/bins", "")])), [Vec::<&str>::new()]);
        assert!(one.headings_above(9).is_empty());
    }

    #[test]
    fn what_a_model_quotes_stands_under_its_headings() {
        let mut written = answer(&[
            ("/rent", "Old tenancies"),
            ("/rent", "New tenancies"),
            ("/rent", "New tenancies"),
            ("/rent", "How to pay"),
        ]);
        written.model = Some("a model".into());
        for (at, text) in ["own words", "quoted", "own words", "own words"].iter().enumerate() {
            (*text).clone_into(&mut written.sentences[at].text);
            let quote = if *text == "quoted" { text } else { "another" };
            (*quote).clone_into(&mut written.sentences[at].citations[0].quote);
        }
        assert_eq!(headings(&written), [vec![], vec!["New tenancies"], vec![], vec!["How to pay"]]);
        // A list is under its headings from its introduction on.
        written.sentences[1].item = true;
        assert_eq!(headings(&written)[..2], [vec!["Old tenancies"], vec!["New tenancies"]]);
        "own words".clone_into(&mut written.sentences[1].text);
        assert_eq!(headings(&written), vec![Vec::<&str>::new(); 4]);
    }

    #[test]
    fn choices_are_named_from_one() {
        for (name, expected) in [
            ("1", Some(Chosen::Number(0))),
            ("12", Some(Chosen::Number(11))),
            ("unknown", Some(Chosen::Unknown)),
            ("0", None),
            ("-1", None),
            ("", None),
            ("first", None),
        ] {
            assert_eq!(Chosen::parse(name), expected, "{name}");
            if let Some(chosen) = expected {
                assert_eq!(chosen.to_string(), name);
            }
        }
    }

    #[test]
    fn a_citation_has_the_number_of_its_own_part() {
        let mut answer =
            answer(&[("/schools", "Primary"), ("/schools", "Secondary"), ("/bins", "")]);
        let numbers = |answer: &Answer| -> Vec<Option<usize>> {
            let citations = answer.sentences.iter().flat_map(|sentence| &sentence.citations);
            citations.map(|citation| answer.source_number(citation)).collect()
        };
        assert_eq!(numbers(&answer), [Some(1), Some(2), Some(3)]);
        // Answers that were kept before parts were told apart have a source for each page.
        answer.sources.remove(1);
        assert_eq!(numbers(&answer), [Some(1), Some(1), Some(2)]);
        answer.sources.clear();
        assert_eq!(numbers(&answer), [None, None, None]);
    }
}
