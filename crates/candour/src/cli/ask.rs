//! `candour ask`: one question, one answer with its sources.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use candour_assistant::{Assistant, Begun, Outcome};
use candour_core::{
    Answer, AnswerId, AnswerStatus, Audience, Chosen, Contact, ConversationId, Locale, Nation, Turn,
};
use clap::Args;
use serde_json::json;

use super::search::{parse_audience, parse_nation};
use super::terminal::{self, READING_WIDTH, wrap};
use crate::app::Place;

/// `candour ask`.
#[derive(Debug, Args)]
pub(crate) struct Ask {
    /// The question; without it, it is read from standard input
    #[arg(value_name = "TEXT")]
    text: Vec<String>,

    /// The nation to answer for
    #[arg(long, value_parser = parse_nation)]
    nation: Option<Nation>,

    /// The role that you ask in: individual, business or professional; what is for others is not quoted
    #[arg(long, value_parser = parse_audience)]
    audience: Option<Audience>,

    /// The language of fixed words, en or cy; the answer follows the question's own language
    #[arg(long, value_name = "TAG", default_value = "en", value_parser = ["en", "cy"])]
    locale: String,

    /// What is true for you, where the answer to this question offers choices: a number, or `unknown`
    #[arg(long, value_parser = parse_choice)]
    choice: Option<Chosen>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Ask {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        let question = if self.text.is_empty() {
            std::io::read_to_string(std::io::Read::take(std::io::stdin(), 1 << 20))?
        } else {
            self.text.join(" ")
        };
        let index = place.open_index()?;
        let database = place.open_database().await?;
        let mode = candour_web::mode(&database.switches().await?);
        database.close().await;
        let ask = candour_assistant::Ask {
            locale: Locale::from(self.locale.as_str()),
            nation: self.nation.into(),
            audience: self.audience.into(),
            mode,
            ..candour_assistant::Ask::new(&question, jiff::Timestamp::now())
        };
        let assistant = place.assistant(&index)?;
        let mut outcome = answer(&assistant, &ask).await?;
        if self.choice.is_some() {
            let history = [turn(&outcome, ask.now)];
            let reply = candour_assistant::Ask { chosen: self.choice, history: &history, ..ask };
            outcome = answer(&assistant, &reply).await?;
        }
        if self.json {
            terminal::print_json(&as_json(&outcome.answer))?;
        } else {
            terminal::print(&describe(&outcome.answer))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn answer(assistant: &Assistant, ask: &candour_assistant::Ask<'_>) -> Result<Outcome> {
    Ok(match assistant.begin(ask, &mut |_| {})? {
        Begun::Answered(outcome) => *outcome,
        Begun::Composing(composing) => assistant.finish(*composing, &mut |_| {}).await,
    })
}

/// What was asked and answered, as what a choice is made of. Nobody looks it up: it is in no database.
fn turn(outcome: &Outcome, asked_at: jiff::Timestamp) -> Turn {
    Turn {
        id: AnswerId::from_random([0; 16]),
        conversation: ConversationId::from_random([0; 16]),
        question: outcome.question.clone(),
        answer: outcome.answer.clone().into_answer(),
        asked_at,
    }
}

fn parse_choice(name: &str) -> Result<Chosen, String> {
    Chosen::parse(name).ok_or_else(|| "it is the number of a choice, or `unknown`".to_owned())
}

/// The shape that other tools rely on, with everything else an answer says beside it.
fn as_json(answer: &Answer) -> serde_json::Value {
    json!({
        "status": answer.status,
        "message": answer.message,
        "sentences": answer.sentences,
        "sources": answer.sources,
        "links": answer.links,
        "choices": answer.choices,
        "notices": answer.notices,
        "contacts": answer.contacts,
        "nation": answer.nation,
        "audience": answer.audience,
        "locale": answer.locale,
        "model": answer.model,
        "confidence": answer.confidence,
        "snapshot": answer.snapshot,
        "timings_ms": answer.timings_ms,
        "ai_generated": true,
    })
}

/// The answer for a person at a terminal. Writing to a String cannot fail, so its results are dropped.
fn describe(answer: &Answer) -> String {
    let mut text = String::new();
    if answer.status == AnswerStatus::Partial {
        text.push_str("This answers part of your question.\n\n");
    }
    if let Some(message) = &answer.message {
        let _ = writeln!(text, "{}\n", wrap(message, READING_WIDTH, 0));
    }
    for (at, choice) in answer.choices.iter().enumerate() {
        let _ = writeln!(text, "  {}. {}", at + 1, wrap(&choice.label, READING_WIDTH - 5, 5));
    }
    if !answer.choices.is_empty() {
        text.push_str("\nAsk again with --choice and its number, or with --choice unknown.\n");
    }
    for at in 0..answer.sentences.len() {
        text.push_str(&describe_sentence(answer, at));
    }
    for notice in &answer.notices {
        let _ = writeln!(text, "\n! {}", wrap(&notice.text, READING_WIDTH, 2));
    }
    if !answer.sources.is_empty() {
        text.push_str("\nFrom:\n");
    }
    for (number, source) in answer.sources.iter().enumerate() {
        let updated =
            source.updated.as_deref().map(|date| format!(", updated {date}")).unwrap_or_default();
        let heading = if source.heading.is_empty() {
            String::new()
        } else {
            format!(" > {}", source.heading)
        };
        let _ = writeln!(
            text,
            " [{}] {}{heading}{updated}\n     {}",
            number + 1,
            source.title,
            source.url
        );
    }
    if !answer.links.is_empty() {
        text.push_str("\nNext:\n");
    }
    for link in &answer.links {
        let _ = writeln!(text, "  {}: {}", link.label, link.url);
    }
    if !answer.contacts.is_empty() {
        text.push_str("\nTo reach a person:\n");
    }
    for contact in &answer.contacts {
        text.push_str(&describe_contact(contact));
    }
    text.push_str("\nA computer made this answer from published guidance. It may be wrong: check the source.\n");
    text
}

/// A sentence with the numbers of its sources, under the headings that it stands under in its page.
fn describe_sentence(answer: &Answer, at: usize) -> String {
    let mut text = String::new();
    let headings = answer.headings_above(at);
    if !headings.is_empty() {
        let gap = if at == 0 { "" } else { "\n" };
        let headings = format!("{}:", headings.join(" > "));
        let _ = writeln!(text, "{gap}{}", wrap(&headings, READING_WIDTH, 0));
    }
    let sentence = &answer.sentences[at];
    let numbers = sentence.citations.iter().filter_map(|citation| answer.source_number(citation));
    let numbers: BTreeSet<usize> = numbers.collect();
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let cited = format!("{} [{}]", sentence.text, numbers.join(", "));
    let (bullet, indent) = match (sentence.item, sentence.nested) {
        (true, true) => ("      - ", 8),
        (true, false) => ("  - ", 4),
        _ => ("", 0),
    };
    let _ = writeln!(text, "{bullet}{}", wrap(&cited, READING_WIDTH - indent, indent));
    text
}

/// A contact with its own ways to be reached, a line each. Textphones repeat a number that is there.
fn describe_contact(contact: &Contact) -> String {
    let mut lines = vec![contact.title.clone()];
    for phone in contact.phones.iter().filter(|phone| !phone.number.starts_with("18001")) {
        let hours =
            if phone.hours.is_empty() { String::new() } else { format!(" ({})", phone.hours) };
        let label =
            if phone.label.is_empty() { String::new() } else { format!("{}: ", phone.label) };
        lines.push(format!("{label}{}{hours}", phone.number));
    }
    lines.extend(contact.emails.iter().cloned());
    lines.extend(contact.links.iter().map(|link| {
        if link.label == contact.title {
            link.url.clone()
        } else {
            format!("{}: {}", link.label, link.url)
        }
    }));
    lines.retain(|line| !line.is_empty());
    format!("  {}\n", lines.join("\n    "))
}
