//! An answer as plain text with numbered sources, for programs that show text and nothing else.
//!
//! The sentences can be written one by one while the answer is made; what is said before and after them
//! is known when it is whole.

use std::fmt::Write as _;

use candour_core::{
    Answer, AnswerSentence, Citation, Config, Contact, Notice, NoticeKind, page_address,
};

use crate::language::Language;
use crate::words::{Words, words};

/// Writes one answer. Sources are numbered in order of first use.
#[derive(Debug, Default)]
pub(crate) struct Plain {
    numbers: Numbers,
    /// The number of the part that the last sentence stands in.
    last: Option<usize>,
}

/// A part of a page that was cited.
#[derive(Debug)]
struct Part {
    url: String,
    title: String,
    heading: String,
}

impl Part {
    fn name(&self) -> String {
        if self.heading.is_empty() {
            self.title.clone()
        } else {
            format!("{} > {}", self.title, self.heading)
        }
    }
}

/// The whole answer.
pub(crate) fn text(config: &Config, answer: &Answer) -> String {
    let mut plain = Plain::default();
    let mut text = opening(answer);
    for sentence in &answer.sentences {
        text.push_str(&plain.sentence(sentence));
    }
    text.push_str(&plain.closing(config, answer));
    text
}

/// Our own words before the answer: first whom to call in danger or distress.
pub(crate) fn opening(answer: &Answer) -> String {
    let crisis = answer.notices.iter().filter(|notice| notice.kind == NoticeKind::Crisis);
    let said = crisis.map(|notice| notice.text.as_str()).chain(answer.message.as_deref());
    said.fold(String::new(), |text, words| text + words + "\n\n")
}

/// The choices that a text of ours lists, each on its line, before that of who does not know.
pub(crate) fn listed(text: &str) -> Vec<&str> {
    let unknown = Language::ALL.map(|language| words(language).t("choice-unknown"));
    let lines = text.lines().map(|line| line.strip_prefix("- ").map(str::trim_end));
    let items: Vec<Option<&str>> = lines.collect();
    let is_last = |own: &String| items.iter().rposition(|item| *item == Some(own.as_str()));
    let last = unknown.iter().filter_map(is_last).max().unwrap_or_default();
    let mut listed: Vec<&str> = items[..last].iter().rev().map_while(|item| *item).collect();
    listed.reverse();
    listed
}

impl Plain {
    /// One sentence with the numbers of its sources, under the headings that it stands under where those
    /// are not the last one's: a heading may hold the condition under which the words are true.
    pub(crate) fn sentence(&mut self, sentence: &AnswerSentence) -> String {
        let mut text = String::new();
        let numbers: Vec<usize> =
            sentence.citations.iter().map(|citation| self.numbers.of(citation)).collect();
        let first = numbers.first().copied();
        if let Some(part) = first.filter(|_| first != self.last).map(|at| &self.numbers.0[at - 1]) {
            let gap = if self.last.is_some() { "\n" } else { "" };
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{gap}{}:", part.name());
        }
        self.last = first.or(self.last);
        let bullet = match (sentence.item, sentence.nested) {
            (true, true) => "  - ",
            (true, false) => "- ",
            _ => "",
        };
        let _ = write!(text, "{bullet}{}", sentence.text);
        for (at, number) in numbers.iter().enumerate() {
            if !numbers[..at].contains(number) {
                let gap = if at == 0 { " " } else { "" };
                let _ = write!(text, "{gap}[{number}]");
            }
        }
        text.push('\n');
        text
    }

    /// What must be known beside the answer, its sources, where to go next, who can help, and that a
    /// computer made it.
    pub(crate) fn closing(&self, config: &Config, answer: &Answer) -> String {
        let words = words(Language::from(&answer.locale));
        let mut text = String::new();
        for choice in &answer.choices {
            let _ = writeln!(text, "- {}", choice.label);
        }
        if !answer.choices.is_empty() {
            let _ = writeln!(text, "- {}", words.t("choice-unknown"));
        }
        let is_beside = |notice: &&Notice| notice.kind != NoticeKind::Crisis;
        for notice in answer.notices.iter().filter(is_beside) {
            let _ = writeln!(text, "\n{}", notice.text);
        }
        self.write_sources(&mut text, words, answer);
        if !answer.links.is_empty() {
            let _ = writeln!(text, "\n{}:", words.t("links-title"));
        }
        for link in &answer.links {
            let _ = writeln!(text, "- {}: {}", link.label, link.url);
        }
        write_contacts(&mut text, words, config, answer);
        let _ = write!(text, "\n{} {}", words.t("answer-made-by"), words.t("answer-check"));
        text
    }

    fn write_sources(&self, text: &mut String, words: &Words, answer: &Answer) {
        if !self.numbers.0.is_empty() {
            let _ = writeln!(text, "\n{}:", words.t("sources-title"));
        }
        for (at, part) in self.numbers.0.iter().enumerate() {
            let is_its = |url: &str| page_address(url) == page_address(&part.url);
            let source = answer.sources.iter().find(|source| is_its(&source.url));
            let updated = source.and_then(|source| source.updated.as_deref());
            let updated = updated.map_or_else(String::new, |date| {
                format!(". {}", words.t1("source-updated", "date", &date))
            });
            let _ = writeln!(text, "[{}] {}{updated}\n    {}", at + 1, part.name(), part.url);
        }
    }
}

/// The parts of pages that an answer cites, numbered from 1 in order of first use.
#[derive(Debug, Default)]
pub(crate) struct Numbers(Vec<Part>);

impl Numbers {
    /// The number of the part that is cited.
    pub(crate) fn of(&mut self, citation: &Citation) -> usize {
        let is_its = |part: &Part| {
            page_address(&part.url) == page_address(&citation.url)
                && part.heading == citation.heading
        };
        let known = self.0.iter().position(is_its);
        let at = known.unwrap_or_else(|| {
            self.0.push(Part {
                url: citation.url.clone(),
                title: citation.title.clone(),
                heading: citation.heading.clone(),
            });
            self.0.len() - 1
        });
        at + 1
    }
}

fn write_contacts(text: &mut String, words: &Words, config: &Config, answer: &Answer) {
    let _ = writeln!(text, "\n{}:", words.t("human-title"));
    for contact in contacts(config, answer) {
        let _ = writeln!(text, "- {contact}");
    }
}

/// How to reach a person, one to a line: those of the answer, and whoever helps with everything.
pub(crate) fn contacts(config: &Config, answer: &Answer) -> Vec<String> {
    let ours = config.contact.contact(&answer.locale);
    let mut said: Vec<&Contact> = Vec::new();
    for contact in answer.contacts.iter().chain([&ours]) {
        let ways = contact.phones.len() + contact.emails.len() + contact.links.len();
        let is_same =
            |other: &&Contact| other.phones == contact.phones && other.emails == contact.emails;
        if ways > 0 && !said.iter().any(is_same) {
            said.push(contact);
        }
    }
    if !said.is_empty() {
        return said.into_iter().map(contact_line).collect();
    }
    let language = Language::from(&answer.locale);
    let body = language.pick(&config.pilot.body, config.pilot.body_cy.as_deref());
    vec![words(language).t1("contact-none", "body", &body)]
}

/// Textphones repeat a number that is there.
fn contact_line(contact: &Contact) -> String {
    let phones = contact.phones.iter().filter(|phone| !phone.number.starts_with("18001"));
    let phones = phones.map(|phone| match phone.hours.as_str() {
        "" => phone.number.clone(),
        hours => format!("{} ({hours})", phone.number),
    });
    let links = contact.links.iter().map(|link| link.url.clone());
    let ways: Vec<String> = phones.chain(contact.emails.iter().cloned()).chain(links).collect();
    format!("{}: {}", contact.title, ways.join("; "))
}

#[cfg(test)]
mod tests {
    use candour_core::{ContentHash, PassageId};
    use serde_json::json;

    use super::*;

    fn sentence(text: &str, page: &str, heading: &str, item: bool) -> AnswerSentence {
        let citation = Citation {
            passage: PassageId(format!("{page}#0")),
            passage_hash: ContentHash::of(b""),
            url: format!("https://a.example{page}#{heading}"),
            title: page.trim_start_matches('/').to_owned(),
            heading: heading.to_owned(),
            quote: text.to_owned(),
            start: 0,
            end: 0,
        };
        AnswerSentence { text: text.into(), item, nested: false, citations: vec![citation] }
    }

    #[test]
    fn an_answer_reads_from_danger_to_disclosure() {
        let mut answer: Answer = serde_json::from_value(json!({
            "status": "partial", "locale": "en", "sources": [], "sentences": [],
            "message": "Our own words.",
            "links": [{"label": "Apply", "url": "https://a.example/apply", "kind": "start"}],
            "notices": [
                {"kind": "partial", "text": "Only a part."},
                {"kind": "crisis", "text": "Call 999."},
            ],
            "contacts": [],
        }))
        .unwrap();
        answer.sentences = vec![
            sentence("You can get:", "/bins", "who", false),
            sentence("a bin", "/bins", "who", true),
            sentence("It is free.", "/cost", "", false),
            sentence("Ask first.", "/bins", "who", false),
        ];
        let mut config = Config::default();
        config.contact.name = "Helpers".into();
        config.contact.phone = Some("029 2018 0100".into());
        insta::assert_snapshot!(text(&config, &answer), @r"
        Call 999.

        Our own words.

        bins > who:
        You can get: [1]
        - a bin [1]

        cost:
        It is free. [2]

        bins > who:
        Ask first. [1]

        Only a part.

        Where this answer comes from:
        [1] bins > who
            https://a.example/bins#who
        [2] cost
            https://a.example/cost#

        What you can do next:
        - Apply: https://a.example/apply

        Talk to a person:
        - Helpers: 029 2018 0100

        A computer made this answer. It may be wrong. Read the pages it comes from before you act, or ask a person.
        ");
    }

    #[test]
    fn a_body_without_contacts_is_named() {
        let answer: Answer = serde_json::from_value(json!({
            "status": "abstained", "locale": "cy", "sources": [], "sentences": [], "links": [],
        }))
        .unwrap();
        let text = text(&Config::default(), &answer);
        assert!(text.contains("Unnamed public body"), "{text}");
    }
}
