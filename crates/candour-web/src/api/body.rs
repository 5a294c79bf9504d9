//! What answers look like on the wire. The types of the core may change; these are a promise.

use candour_core::{
    Answer, AnswerLink, AnswerSentence, Audience, Chosen, Citation, Contact, Locale, Mask,
    MaskKind, Nation, Notice, Source, Turn,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::language::Language;
use crate::words::words;

/// A language of the interface: `en` or `cy`.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LocaleBody {
    #[default]
    En,
    Cy,
}

impl LocaleBody {
    pub(crate) fn locale(self) -> Locale {
        match self {
            Self::En => Locale::En,
            Self::Cy => Locale::Cy,
        }
    }
}

/// A nation of the United Kingdom.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NationBody {
    England,
    Scotland,
    Wales,
    NorthernIreland,
}

impl NationBody {
    pub(crate) fn nation(self) -> Nation {
        match self {
            Self::England => Nation::England,
            Self::Scotland => Nation::Scotland,
            Self::Wales => Nation::Wales,
            Self::NorthernIreland => Nation::NorthernIreland,
        }
    }
}

impl From<Nation> for NationBody {
    fn from(nation: Nation) -> Self {
        match nation {
            Nation::England => Self::England,
            Nation::Scotland => Self::Scotland,
            Nation::Wales => Self::Wales,
            Nation::NorthernIreland => Self::NorthernIreland,
        }
    }
}

/// A kind of reader whom guidance may be written for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AudienceBody {
    /// People in their own lives.
    Individual,
    /// Businesses, employers and people who are self-employed.
    Business,
    /// Those who advise others or apply the rules in their work.
    Professional,
}

impl AudienceBody {
    pub(crate) fn audience(self) -> Audience {
        match self {
            Self::Individual => Audience::Individual,
            Self::Business => Audience::Business,
            Self::Professional => Audience::Professional,
        }
    }
}

impl From<Audience> for AudienceBody {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::Individual => Self::Individual,
            Audience::Business => Self::Business,
            Audience::Professional => Self::Professional,
        }
    }
}

/// A question with its answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TurnBody {
    /// Names the answer.
    pub(crate) id: String,
    /// Names the conversation; send it with a follow-up question. Whoever knows it can read and delete
    /// it, so an answer that is looked up by its own name does not tell it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) conversation: Option<String>,
    /// The question, with personal data masked.
    pub(crate) question: String,
    /// What was masked in it. Only the response to the question says so: it is not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) masked: Option<Vec<MaskBody>>,
    /// When it was asked, in UTC.
    #[schema(format = DateTime)]
    pub(crate) asked_at: String,
    /// Always true: a computer made the answer.
    pub(crate) ai_generated: bool,
    /// The answer.
    pub(crate) answer: AnswerBody,
}

/// Personal data that was masked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MaskBody {
    /// What it was.
    #[schema(value_type = String, example = "email")]
    kind: MaskKind,
    /// Where it began in the question as sent, in bytes.
    start: usize,
    /// Where it ended, exclusive.
    end: usize,
}

/// An answer, or a plain statement that there is none.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnswerBody {
    /// `answered`, `partial`, `abstained`, `clarify` or `signposted`.
    status: &'static str,
    /// The language of the fixed words.
    #[schema(example = "en")]
    locale: String,
    /// The nation that it was answered for.
    nation: Option<NationBody>,
    /// In which role it was asked, where the question tells or the reader chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<AudienceBody>,
    /// Fixed words before everything else.
    message: Option<String>,
    /// The answer, in reading order.
    sentences: Vec<SentenceBody>,
    /// The parts of pages that the sentences come from, in order of first use.
    sources: Vec<SourceBody>,
    /// Where to go next.
    links: Vec<LinkBody>,
    /// What a reader who is asked for their circumstances can choose from; with it `status` is `clarify`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    choices: Vec<ChoiceBody>,
    /// What the reader must know beside the answer. Show those of kind `crisis` first.
    notices: Vec<NoticeBody>,
    /// How to reach a person.
    contacts: Vec<ContactBody>,
    /// The model that wrote the sentences; absent where they are quotes, word for word.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// How sure the assistant is that this answers the question, 0 to 1, where it looked for an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<f32>,
    /// The hash of the snapshot of the guidance that was searched.
    snapshot: String,
    /// Milliseconds by stage.
    timings_ms: BTreeMap<String, f64>,
}

/// A sentence, list item or table row.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SentenceBody {
    /// The words.
    text: String,
    /// Whether it continues a list.
    item: bool,
    /// Whether it continues an item of that list rather than the list.
    nested: bool,
    /// The headings to show above it, outermost first, where they are not those of the sentence before: they
    /// may hold the condition under which the words are true. A `sentence` event has none, because it is sent
    /// before the rest is known: show the headings of its citations until the answer is whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    above: Vec<String>,
    /// What it stands on.
    citations: Vec<CitationBody>,
}

/// From a sentence to the words it stands on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CitationBody {
    /// The passage.
    passage: String,
    /// The hash of the passage when it was cited.
    passage_hash: String,
    /// Its address, with a fragment.
    url: String,
    /// The title of the page.
    title: String,
    /// The headings above the passage. They may hold the condition under which the words are true, so
    /// show them with the words.
    heading: String,
    /// The words, exactly as they stand there.
    quote: String,
    /// Where they begin in the passage, in bytes.
    start: u32,
    /// Where they end, exclusive.
    end: u32,
}

/// A part of a page that an answer comes from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceBody {
    /// The address to open.
    url: String,
    /// The title of the page.
    title: String,
    /// The headings above the best-cited passage.
    heading: String,
    /// The language of the page.
    locale: String,
    /// When it was last changed.
    #[schema(format = Date)]
    updated: Option<String>,
    /// The nations it applies to, when not all four.
    nations: Vec<NationBody>,
    /// Whom the page is written for, when not for everyone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    audiences: Vec<AudienceBody>,
}

/// Somewhere to go next.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkBody {
    /// What it says.
    label: String,
    /// Where it leads.
    url: String,
    /// `start`, `page`, `contact` or `other_nation`.
    #[schema(value_type = String, example = "start")]
    kind: candour_core::LinkKind,
}

/// One of several circumstances, of which the reader chooses one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChoiceBody {
    /// Names it: send it as `choice` with the `conversation`.
    #[schema(example = "1")]
    id: String,
    /// The words of the guidance; with `unknown`, that the reader does not know.
    label: String,
}

/// What must be known beside an answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoticeBody {
    /// `partial`, `nation`, `audience`, `withdrawn`, `old`, `language`, `masked`, `alert`, `crisis` or
    /// `quoted`.
    #[schema(value_type = String, example = "nation")]
    kind: candour_core::NoticeKind,
    /// The words.
    text: String,
}

/// How to reach a person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactBody {
    /// Who or what is reached.
    title: String,
    /// Telephone numbers.
    phones: Vec<PhoneBody>,
    /// E-mail addresses.
    emails: Vec<String>,
    /// Postal addresses.
    addresses: Vec<String>,
    /// Forms and pages.
    links: Vec<ContactLinkBody>,
}

/// A telephone number.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PhoneBody {
    /// What it is for.
    label: String,
    /// The number as published.
    number: String,
    /// When it is answered.
    hours: String,
}

/// A form or page of a contact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactLinkBody {
    /// What it says.
    label: String,
    /// Where it leads.
    url: String,
}

impl TurnBody {
    pub(crate) fn new(turn: Turn, masks: Option<Vec<Mask>>) -> Self {
        let masked = |mask: Mask| MaskBody { kind: mask.kind, start: mask.start, end: mask.end };
        Self {
            id: turn.id.to_string(),
            conversation: Some(turn.conversation.to_string()),
            question: turn.question.as_str().to_owned(),
            masked: masks.map(|masks| masks.into_iter().map(masked).collect()),
            asked_at: turn.asked_at.to_string(),
            ai_generated: true,
            answer: turn.answer.into(),
        }
    }
}

impl From<Answer> for AnswerBody {
    fn from(answer: Answer) -> Self {
        let choices = choices(&answer);
        let above: Vec<Vec<String>> = (0..answer.sentences.len())
            .map(|at| answer.headings_above(at).into_iter().map(str::to_owned).collect())
            .collect();
        let sentences = answer.sentences.into_iter().map(SentenceBody::from).zip(above);
        Self {
            choices,
            status: answer.status.key(),
            locale: answer.locale.tag().to_owned(),
            nation: answer.nation.map(Into::into),
            audience: answer.audience.map(Into::into),
            message: answer.message,
            sentences: sentences.map(|(body, above)| SentenceBody { above, ..body }).collect(),
            sources: answer.sources.into_iter().map(Into::into).collect(),
            links: answer.links.into_iter().map(Into::into).collect(),
            notices: answer.notices.into_iter().map(Into::into).collect(),
            contacts: answer.contacts.into_iter().map(Into::into).collect(),
            model: answer.model,
            confidence: answer.confidence,
            snapshot: answer.snapshot,
            timings_ms: answer.timings_ms,
        }
    }
}

/// The choices of an answer, the last of which is not to know.
fn choices(answer: &Answer) -> Vec<ChoiceBody> {
    let body = |chosen: Chosen, label: String| ChoiceBody { id: chosen.to_string(), label };
    let choices = answer.choices.iter().enumerate();
    let mut bodies: Vec<ChoiceBody> =
        choices.map(|(at, choice)| body(Chosen::Number(at), choice.label.clone())).collect();
    if !bodies.is_empty() {
        let words = words(Language::from(&answer.locale));
        bodies.push(body(Chosen::Unknown, words.t("choice-unknown")));
    }
    bodies
}

impl From<AnswerSentence> for SentenceBody {
    fn from(sentence: AnswerSentence) -> Self {
        let citations = sentence.citations.into_iter().map(Into::into).collect();
        let above = Vec::new();
        Self { text: sentence.text, item: sentence.item, nested: sentence.nested, above, citations }
    }
}

impl From<Citation> for CitationBody {
    fn from(citation: Citation) -> Self {
        Self {
            passage: citation.passage.0,
            passage_hash: citation.passage_hash.to_string(),
            url: citation.url,
            title: citation.title,
            heading: citation.heading,
            quote: citation.quote,
            start: citation.start,
            end: citation.end,
        }
    }
}

impl From<Source> for SourceBody {
    fn from(source: Source) -> Self {
        Self {
            url: source.url,
            title: source.title,
            heading: source.heading,
            locale: source.locale.tag().to_owned(),
            updated: source.updated,
            nations: source.nations.into_iter().map(Into::into).collect(),
            audiences: source.audiences.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<AnswerLink> for LinkBody {
    fn from(link: AnswerLink) -> Self {
        Self { label: link.label, url: link.url, kind: link.kind }
    }
}

impl From<Notice> for NoticeBody {
    fn from(notice: Notice) -> Self {
        Self { kind: notice.kind, text: notice.text }
    }
}

impl From<Contact> for ContactBody {
    fn from(contact: Contact) -> Self {
        let phone = |phone: candour_core::PhoneNumber| PhoneBody {
            label: phone.label,
            number: phone.number,
            hours: phone.hours,
        };
        let link = |link: candour_core::Link| ContactLinkBody { label: link.label, url: link.url };
        Self {
            title: contact.title,
            phones: contact.phones.into_iter().map(phone).collect(),
            emails: contact.emails,
            addresses: contact.addresses,
            links: contact.links.into_iter().map(link).collect(),
        }
    }
}
