//! What the tools take and give. The schemas that callers see are made from these types and their
//! comments.

use candour_assistant::Part;
use candour_core::{Answer, AnswerSentence, Audience, Chosen, Locale, Nation, Page, Passage};
use jiff::tz::Offset;
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

use crate::plain::Numbers;

/// What to look for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchInput {
    /// Words, or a question in English or Welsh.
    pub(super) query: String,
    /// The most passages to return.
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 20))]
    pub(super) limit: usize,
    /// Only pages in this language.
    #[serde(default)]
    pub(super) language: Option<LanguageInput>,
    /// Only guidance that applies to this nation.
    #[serde(default)]
    pub(super) nation: Option<NationInput>,
    /// Only guidance that is written for this audience or for everyone.
    #[serde(default)]
    pub(super) audience: Option<AudienceInput>,
}

fn ten() -> usize {
    10
}

/// Which passage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FetchInput {
    /// The `id` of a passage, from a search or a source of an answer.
    pub(super) id: String,
}

/// What to answer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AskInput {
    /// The question, in English or Welsh, in the words of whoever wants to know. Personal data in it is
    /// masked.
    pub(super) question: String,
    /// Where the person lives, if it is known: rules differ between nations.
    #[serde(default)]
    pub(super) nation: Option<NationInput>,
    /// In which role the person asks, if it is known: what is written for others is not quoted then.
    #[serde(default)]
    pub(super) audience: Option<AudienceInput>,
    /// What is true for the person, where the answer to this question offered `choices`: the same
    /// question again, with the `id` of one of them, or with `unknown`.
    #[serde(default)]
    pub(super) choice: Option<String>,
}

/// A language.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum LanguageInput {
    En,
    Cy,
}

impl From<LanguageInput> for Locale {
    fn from(language: LanguageInput) -> Self {
        match language {
            LanguageInput::En => Self::En,
            LanguageInput::Cy => Self::Cy,
        }
    }
}

/// A nation of the United Kingdom.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum NationInput {
    England,
    Scotland,
    Wales,
    NorthernIreland,
}

impl From<NationInput> for Nation {
    fn from(nation: NationInput) -> Self {
        match nation {
            NationInput::England => Self::England,
            NationInput::Scotland => Self::Scotland,
            NationInput::Wales => Self::Wales,
            NationInput::NorthernIreland => Self::NorthernIreland,
        }
    }
}

/// A kind of reader: people in their own lives, businesses with employers and the self-employed, or those
/// who advise others or apply the rules in their work.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum AudienceInput {
    Individual,
    Business,
    Professional,
}

impl From<AudienceInput> for Audience {
    fn from(audience: AudienceInput) -> Self {
        match audience {
            AudienceInput::Individual => Self::Individual,
            AudienceInput::Business => Self::Business,
            AudienceInput::Professional => Self::Professional,
        }
    }
}

/// Where all of it comes from.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Provenance {
    /// The public body whose service this is.
    pub(super) body: String,
    /// The hash of the snapshot of the guidance.
    pub(super) snapshot: String,
    /// What the texts are, and what they are not.
    pub(super) note: &'static str,
}

/// What was found.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SearchOutput {
    /// Best first.
    pub(super) passages: Vec<PassageOutput>,
    /// The parts of the first five passages that answer best, best first.
    pub(super) parts: Vec<PartOutput>,
    /// Where they come from.
    pub(super) provenance: Provenance,
}

/// A passage that was fetched.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct FetchOutput {
    /// The passage.
    pub(super) passage: PassageOutput,
    /// Where it comes from.
    pub(super) provenance: Provenance,
}

/// A part of a published page, word for word.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PassageOutput {
    /// What names it.
    id: String,
    /// Its address, with a fragment: cite it.
    url: String,
    /// The title of the page.
    title: String,
    /// The headings above it. They may hold the condition under which the words are true.
    heading: String,
    /// The words.
    text: String,
    /// The language of the words.
    language: String,
    /// The nations that it applies to.
    nations: Vec<&'static str>,
    /// Whom it is written for; empty where it is for everyone.
    audiences: Vec<&'static str>,
    /// The day on which the publisher last changed the page.
    updated: Option<String>,
    /// Whether the page is withdrawn: then it does not hold any more.
    withdrawn: bool,
    /// Who publishes it.
    publishers: Vec<String>,
    /// The licence of the words.
    licence: Option<String>,
    /// The hash of the words and where they stand, by which a later change is noticed.
    hash: String,
}

impl PassageOutput {
    /// A passage of a page, under `licence` where the page states none of its own.
    pub(super) fn new(passage: &Passage, page: &Page, licence: Option<&str>) -> Self {
        let day = page.updated_at.map(|at| Offset::UTC.to_datetime(at).date().to_string());
        Self {
            id: passage.id.to_string(),
            url: passage.url.clone(),
            title: page.title.clone(),
            heading: passage.heading_path(),
            text: passage.text.clone(),
            language: passage.locale.tag().to_owned(),
            audiences: page.audiences.iter().map(|audience| audience.key()).collect(),
            nations: passage.scope.applies.iter().map(Nation::key).collect(),
            updated: day,
            withdrawn: page.withdrawn.is_some(),
            publishers: page.organisations.clone(),
            licence: page.licence.clone().or_else(|| licence.map(str::to_owned)),
            hash: passage.hash().to_string(),
        }
    }
}

/// A sentence, an item, a row, or what introduces a list, word for word.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PartOutput {
    /// The `id` of the passage that it stands in.
    passage: String,
    /// What stands before the words and must be read with them: what introduces an item.
    before: Vec<String>,
    /// The words.
    text: String,
    /// What stands behind and must be read with them: exceptions, and the list that they introduce.
    after: Vec<String>,
}

impl PartOutput {
    pub(super) fn new(passage: &Passage, part: Part) -> Self {
        let Part { before, text, after, .. } = part;
        Self { passage: passage.id.to_string(), before, text, after }
    }
}

/// An answer, or a plain statement that there is none.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct AskOutput {
    /// `answered`, `partial`, `abstained`, `clarify` or `signposted`.
    status: &'static str,
    /// The service's own words before everything else.
    message: Option<String>,
    /// What the answer depends on, where that is not known: ask the person, then ask again with the `id`
    /// of what is true for them as `choice`.
    choices: Vec<ChoiceOutput>,
    /// The answer, in reading order, each sentence checked against what it cites.
    sentences: Vec<SentenceOutput>,
    /// What the sentences stand on.
    sources: Vec<SourceOutput>,
    /// What must be known beside the answer. Show it with the answer, and help in danger first.
    notices: Vec<String>,
    /// How to reach a person.
    contacts: Vec<String>,
    /// Always true: a computer made the answer.
    ai_generated: bool,
    /// Where it comes from.
    provenance: Provenance,
}

/// One of several circumstances.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ChoiceOutput {
    /// Names it.
    id: String,
    /// The words of the guidance.
    label: String,
}

/// One sentence of an answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SentenceOutput {
    /// The words.
    text: String,
    /// The headings to show above it, outermost first, where they are not those of the sentence before: they
    /// may hold the condition under which the words are true.
    above: Vec<String>,
    /// The numbers of its sources.
    sources: Vec<usize>,
}

/// A part of a page that an answer stands on.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SourceOutput {
    /// Its number, from 1.
    number: usize,
    /// The `id` of its first cited passage.
    id: String,
    /// Its address: cite it.
    url: String,
    /// The title of the page.
    title: String,
    /// The headings above it.
    heading: String,
    /// The words that are relied on, as they stand there.
    quotes: Vec<String>,
}

impl AskOutput {
    pub(super) fn new(answer: &Answer, contacts: Vec<String>, provenance: Provenance) -> Self {
        let mut numbers = Numbers::default();
        let mut sources: Vec<SourceOutput> = Vec::new();
        let choices = answer.choices.iter().enumerate().map(|(at, choice)| ChoiceOutput {
            id: Chosen::Number(at).to_string(),
            label: choice.label.clone(),
        });
        let sentences = answer.sentences.iter().enumerate().map(|(at, sentence)| {
            let above = answer.headings_above(at).into_iter().map(str::to_owned).collect();
            let own = number(sentence, &mut numbers, &mut sources);
            SentenceOutput { text: sentence.text.clone(), above, sources: own }
        });
        Self {
            status: answer.status.key(),
            message: answer.message.clone(),
            choices: choices.collect(),
            sentences: sentences.collect(),
            sources,
            notices: answer.notices.iter().map(|notice| notice.text.clone()).collect(),
            contacts,
            ai_generated: true,
            provenance,
        }
    }
}

/// The numbers of a sentence's sources; those that are new are added.
fn number(
    sentence: &AnswerSentence,
    numbers: &mut Numbers,
    sources: &mut Vec<SourceOutput>,
) -> Vec<usize> {
    let mut own = Vec::new();
    for citation in &sentence.citations {
        let number = numbers.of(citation);
        if number > sources.len() {
            sources.push(SourceOutput {
                number,
                id: citation.passage.to_string(),
                url: citation.url.clone(),
                title: citation.title.clone(),
                heading: citation.heading.clone(),
                quotes: Vec::new(),
            });
        }
        sources[number - 1].quotes.push(citation.quote.clone());
        own.push(number);
    }
    own
}
