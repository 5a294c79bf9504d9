//! What a model is given to compose one answer from, and the way back from what it cites to the
//! passages that were retrieved.
//!
//! The instructions are the same for every question and stand in `prompts/answer.md`. Guidance and
//! question are data beside them: a passage that speaks to the assistant rather than to readers was not
//! retrieved, and the question is one JSON string, which no words in it can end.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use candour_core::{
    AnswerLink, AnswerSentence, Citation, ContentHash, Hit, Link, LinkKind, Locale, ModelCitation,
    ModelMessage, ModelRequest, ModelRole, ModelSource, Turn,
};

use super::branch::{Branches, Fit};
use super::pool::Pool;
use super::said::Said;
use super::{Material, cited, is_for_others, known};
use crate::clarify::Circumstance;
use crate::mitigations::{Mitigation, Mitigations};

/// What a model is told. Its hash is the version of the prompt in records.
const INSTRUCTIONS: &str = include_str!("../prompts/answer.md");
/// A mark in the instructions that is in no guidance: where it comes out, the instructions leak.
pub(crate) const CANARY: &str = "kestrel-lantern-0417";
/// What the instructions call all that others have written.
const DATA: &str = " data";
/// How many earlier turns a model is told of.
const MOST_TURNS: usize = 3;
/// How many links of the passages a model may point at.
const MOST_LINKS: usize = 20;
/// The longest title that is sent, in characters.
const LONGEST_TITLE: usize = 200;

/// The version of the instructions.
pub(crate) static PROMPT: LazyLock<ContentHash> =
    LazyLock::new(|| ContentHash::of(INSTRUCTIONS.as_bytes()));

/// What a model is given.
pub(crate) struct Brief<'a> {
    passages: Vec<&'a Hit>,
    /// What the model is given of each passage.
    sources: Vec<ModelSource>,
    links: Vec<&'a Link>,
    starts: BTreeSet<&'a str>,
    circumstance: Option<&'a Circumstance>,
    mitigations: Mitigations,
}

impl<'a> Brief<'a> {
    /// The best passages that were found, those of one page together.
    pub(crate) fn new(material: &Material<'a>) -> Self {
        let mitigations = material.question.mitigations;
        let mut passages: Vec<&Hit> = Vec::new();
        for hit in for_reader(material).into_iter().take(material.config.generation.passages) {
            let beside = passages.iter().rposition(|other| other.page.id == hit.page.id);
            passages.insert(beside.map_or(passages.len(), |at| at + 1), hit);
        }
        let mut links: Vec<&Link> = Vec::new();
        let starts = passages.iter().flat_map(|hit| &hit.page.actions);
        for link in starts.clone().chain(passages.iter().flat_map(|hit| &hit.passage.links)) {
            if links.len() < MOST_LINKS && !links.iter().any(|known| known.url == link.url) {
                links.push(link);
            }
        }
        let starts = starts.map(|link| link.url.as_str()).collect();
        let sources = passages.iter().map(|hit| source(hit, &links)).collect();
        let circumstance = material.question.circumstance.as_ref();
        Self { passages, sources, links, starts, circumstance, mitigations }
    }

    /// The request for an answer.
    pub(crate) fn request(&self, material: &Material<'_>, history: &[Turn]) -> ModelRequest {
        let recent = &history[history.len().saturating_sub(MOST_TURNS)..];
        let mut messages: Vec<ModelMessage> = recent.iter().flat_map(turn).collect();
        let (mut instructions, mut asked) = (instructions(self.mitigations), asked(material));
        if !self.mitigations.has(Mitigation::InstructionOrder) {
            asked = format!("{asked}\n\n{}", std::mem::take(&mut instructions));
        }
        messages.push(ModelMessage { role: ModelRole::User, text: asked });
        ModelRequest {
            instructions,
            sources: self.sources.clone(),
            messages,
            max_output_tokens: material.config.generation.max_output_tokens,
            ..ModelRequest::default()
        }
    }

    /// A statement of the model as a sentence that cites what it claims to stand on, with the links that
    /// it points at. What it cites that it was not given is left out, so that the sentence then has no
    /// citation and does not pass.
    pub(crate) fn sentence(&self, said: &Said) -> (AnswerSentence, Vec<AnswerLink>) {
        let (text, names) = without_link_names(&said.text);
        let mut citations: Vec<Citation> = Vec::new();
        for citation in said.citations.iter().flat_map(|cited| self.citations(cited)) {
            if !citations.contains(&citation) {
                citations.push(citation);
            }
        }
        let links = names.iter().filter_map(|name| self.link(*name)).collect();
        (AnswerSentence { text, item: said.item, nested: false, citations }, links)
    }

    /// One citation for each unit that is cited, and for each that it needs.
    fn citations(&self, cites: &ModelCitation) -> Vec<Citation> {
        let Some(hit) = self.passages.get(cites.source) else { return Vec::new() };
        let passage = &hit.passage;
        let is_known = |unit: &usize| *unit < passage.units.len();
        // What the model says stands there must stand there, white space aside.
        let given = &self.sources[cites.source].blocks;
        let stands_there = given.get(cites.blocks.clone()).map(<[String]>::concat);
        let is_said =
            |there: &String| cites.quote.as_ref().is_none_or(|quote| dense(quote) == dense(there));
        if cites.blocks.is_empty() || !stands_there.as_ref().is_some_and(is_said) {
            let is_believed = !self.mitigations.has(Mitigation::CitationCheck);
            return cited(hit, 0).filter(|_| is_believed).map_or_else(Vec::new, |first| {
                let quote = cites.quote.clone().unwrap_or_default();
                vec![Citation { quote, ..first }]
            });
        }
        let mut units: BTreeSet<usize> = BTreeSet::new();
        let mut left: Vec<usize> = cites.blocks.clone().filter(is_known).collect();
        while let Some(unit) = left.pop() {
            if units.insert(unit) {
                left.extend(
                    passage.units[unit].needs.iter().map(|need| *need as usize).filter(is_known),
                );
            }
        }
        // What is for readers in other circumstances supports nothing that is told to this one.
        let is_for_others = |unit: &usize| {
            self.circumstance.is_some_and(|own| is_for_others(own, hit, &passage.units[*unit]))
        };
        if units.iter().any(is_for_others) {
            return Vec::new();
        }
        units.into_iter().filter_map(|unit| cited(hit, unit)).collect()
    }

    fn link(&self, number: usize) -> Option<AnswerLink> {
        let link = self.links.get(number.checked_sub(1)?)?;
        let is_start = self.starts.contains(link.url.as_str());
        let kind = if is_start { LinkKind::Start } else { LinkKind::Page };
        Some(AnswerLink { label: link.label.clone(), url: link.url.clone(), kind })
    }
}

/// What was found, but for the parts of pages that are for readers in other circumstances than those that
/// this one chose.
fn for_reader<'a>(material: &Material<'a>) -> Vec<&'a Hit> {
    let hits = material.found.hits.iter();
    if material.question.circumstance.is_none() {
        return hits.collect();
    }
    let pool = Pool::new(material.found, material.readings);
    let branches = Branches::new(&pool, &known(material), &material.found.locale);
    let is_meant = |(at, _): &(usize, &Hit)| branches.fit(*at) != Fit::RuledOut;
    hits.enumerate().filter(is_meant).map(|(_, hit)| hit).collect()
}

/// What a model is told.
fn instructions(mitigations: Mitigations) -> String {
    let marks_data = mitigations.has(Mitigation::Delimiters);
    let lines = INSTRUCTIONS.split_inclusive('\n');
    lines.filter(|line| marks_data || !line.contains(DATA)).collect()
}

/// What a model is given of a passage.
fn source(hit: &Hit, links: &[&Link]) -> ModelSource {
    let passage = &hit.passage;
    let title = [hit.page.title.as_str(), &passage.heading_path()].join(": ");
    let title = title.trim_end_matches(": ").replace(char::is_control, " ");
    let mut blocks: Vec<String> =
        passage.units.iter().map(|unit| passage.quote(unit).to_owned()).collect();
    let names = passage.links.iter().chain(&hit.page.actions).filter_map(|link| {
        let number = links.iter().position(|known| known.url == link.url)? + 1;
        Some(format!("link_{number}: {}", link.label))
    });
    let names: BTreeSet<String> = names.collect();
    // Behind the units, so that their places stay those of the passage.
    blocks.extend(names);
    ModelSource {
        address: passage.url.split('?').next().unwrap_or_default().to_owned(),
        title: title.chars().take(LONGEST_TITLE).collect(),
        blocks,
    }
}

/// The last message: the question, and how it is to be answered.
fn asked(material: &Material<'_>) -> String {
    let question = material.question;
    let quoted = |words: &str| {
        if question.mitigations.has(Mitigation::Delimiters) {
            serde_json::Value::String(words.to_owned()).to_string()
        } else {
            words.to_owned()
        }
    };
    let words = quoted(question.for_model());
    let known = question.choice().map_or(String::new(), |choice| {
        let label = quoted(&choice.label);
        format!("\nOf these circumstances the reader says that they are theirs: {label}")
    });
    let language = if question.locale == Locale::Cy { "Welsh" } else { "English" };
    let place = question.place.nation.map_or(String::new(), |nation| {
        format!("\nThe reader is in: {}", crate::replies::of(&Locale::En).nation(nation))
    });
    let role = question.role.audience.map_or(String::new(), |audience| {
        format!("\nThe reader is one of: {}", crate::replies::of(&Locale::En).audience(audience))
    });
    format!("Question: {words}{known}\nAnswer in: {language}{place}{role}")
}

/// An earlier turn. Where nothing is known to have been answered, nothing is put into the model's mouth.
fn turn(turn: &Turn) -> Vec<ModelMessage> {
    let json = serde_json::Value::String(turn.question.as_str().to_owned()).to_string();
    let sentences: Vec<&str> =
        turn.answer.sentences.iter().map(|sentence| sentence.text.as_str()).collect();
    let asked = ModelMessage { role: ModelRole::User, text: format!("Question: {json}") };
    let answered = ModelMessage { role: ModelRole::Assistant, text: sentences.join(" ") };
    std::iter::once(asked).chain((!sentences.is_empty()).then_some(answered)).collect()
}

/// The words without names of links, and the numbers of the links named.
fn without_link_names(text: &str) -> (String, Vec<usize>) {
    let (mut words, mut names) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some(at) = rest.find("link_") {
        let digits = rest[at + 5..].bytes().take_while(u8::is_ascii_digit).count();
        let (before, after) = (&rest[..at], &rest[at + 5 + digits..]);
        names.extend(rest[at + 5..at + 5 + digits].parse::<usize>());
        words.push_str(before.trim_end_matches(['(', '[', ' ']));
        rest = after.trim_start_matches([')', ']']);
    }
    words.push_str(rest);
    (words, names)
}

fn dense(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_stands_in_the_instructions() {
        assert!(INSTRUCTIONS.contains(CANARY));
        assert_eq!(instructions(Mitigations::default()), INSTRUCTIONS);
    }

    #[test]
    fn an_experiment_leaves_out_the_lines_of_what_is_off() {
        let lines = |off| instructions(Mitigations::default().without([off])).lines().count();
        let all = INSTRUCTIONS.lines().count();
        assert_eq!(lines(Mitigation::Delimiters), all - 2);
        assert_eq!(lines(Mitigation::Masking), all);
    }

    #[test]
    fn names_of_links_are_taken_out_of_the_words() {
        for (text, words, names) in [
            ("Apply online (link_2).", "Apply online.", vec![2]),
            ("Apply [link_1](link_12) today.", "Apply today.", vec![1, 12]),
            ("No links.", "No links.", vec![]),
            ("A link_ without number.", "A without number.", vec![]),
        ] {
            assert_eq!(without_link_names(text), (words.to_owned(), names), "{text}");
        }
    }
}
