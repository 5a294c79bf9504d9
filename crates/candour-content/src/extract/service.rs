//! Services: transactions, local services, places, licences, short decision trees and step-by-step pages.

use std::collections::{BTreeMap, VecDeque};

use candour_core::{Heading, Link};
use serde_json::Value;

use super::clean::one_line;
use super::item::{list, text};
use super::outline::heading;
use super::resolve::resolved;
use super::schema::Written;
use super::{Block, Text, body};

/// A service with a start button, and its variants with addresses of their own.
pub(super) fn transaction(written: &mut Written<'_>) {
    let details = written.details;
    fields(
        written,
        details,
        &[
            "introductory_paragraph",
            "what_you_need_to_know",
            "more_information",
            "other_ways_to_apply",
            "downtime_message",
        ],
    );
    start(written, details, "");
    let base = written.page.url.clone();
    for variant in list(details, "variants") {
        let title = text(variant, "title").unwrap_or_default();
        let url =
            text(variant, "slug").map_or_else(|| base.clone(), |slug| format!("{base}/{slug}"));
        written.outline.part(&url, vec![heading(1, title)]);
        fields(
            written,
            variant,
            &[
                "introductory_paragraph",
                "what_you_need_to_know",
                "more_information",
                "other_ways_to_apply",
            ],
        );
        start(written, variant, title);
    }
}

/// A service of the reader's own council.
pub(super) fn local_transaction(written: &mut Written<'_>) {
    let details = written.details;
    fields(
        written,
        details,
        &["introduction", "need_to_know", "before_results", "after_results", "more_information"],
    );
}

/// A search for the nearest place.
pub(super) fn place(written: &mut Written<'_>) {
    let details = written.details;
    fields(written, details, &["introduction", "need_to_know", "more_information"]);
}

/// A licence that a council or another authority grants.
pub(super) fn licence(written: &mut Written<'_>) {
    let details = written.details;
    fields(written, details, &["licence_short_description", "licence_overview"]);
    let label =
        text(details, "will_continue_on").map_or_else(|| start_word(written).to_owned(), one_line);
    written.action(&label, text(details, "continuation_link"));
}

/// A short decision tree: each outcome stands under the questions and answers that lead to it first.
pub(super) fn smart_answer(written: &mut Written<'_>) {
    body::add(written.outline, &written.details["body"]);
    let nodes = list(written.details, "nodes");
    let by_slug: BTreeMap<&str, &Value> =
        nodes.iter().filter_map(|node| Some((text(node, "slug")?, node))).collect();
    let mut paths: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut waiting: VecDeque<&str> =
        nodes.first().and_then(|node| text(node, "slug")).into_iter().collect();
    paths.extend(waiting.iter().map(|slug| (*slug, Vec::new())));
    while let Some(slug) = waiting.pop_front() {
        let Some(node) = by_slug.get(slug) else { continue };
        for option in list(node, "options") {
            let (Some(next), Some(label)) = (text(option, "next_node"), text(option, "label"))
            else {
                continue;
            };
            if !paths.contains_key(next) {
                let mut path = paths.get(slug).cloned().unwrap_or_default();
                path.push(format!("{} {}", text(node, "title").unwrap_or_default(), label));
                paths.insert(next, path);
                waiting.push_back(next);
            }
        }
    }
    let url = written.page.url.clone();
    for node in nodes {
        let path = text(node, "slug")
            .and_then(|slug| paths.get(slug))
            .map(Vec::as_slice)
            .unwrap_or_default();
        written.outline.part(&url, question_path(path, text(node, "title").unwrap_or_default()));
        body::add(written.outline, &node["body"]);
        if text(node, "kind") == Some("outcome") && body::markup(&node["body"]).is_none() {
            // Some outcomes are said by their title alone.
            written.outline.plain(text(node, "title").unwrap_or_default());
        }
    }
}

/// Steps, each with its tasks; `or` and `and` before a step's title are part of what it says.
pub(super) fn step_by_step(written: &mut Written<'_>) {
    let nav = &written.details["step_by_step_nav"];
    body::add(written.outline, &nav["introduction"]);
    for step in list(nav, "steps") {
        written.outline.fresh();
        let title = text(step, "title").unwrap_or_default();
        let title = match text(step, "logic") {
            Some("or") => format!("{}: {title}", written.word("or", "neu")),
            Some("and") => format!("{}: {title}", written.word("and", "ac")),
            _ => title.to_owned(),
        };
        written.outline.heading(2, &title, None);
        for content in list(step, "contents") {
            step_content(written, content);
        }
    }
}

fn step_content(written: &mut Written<'_>, content: &Value) {
    match text(content, "type") {
        Some("list") => {
            let is_choice = text(content, "style") == Some("choice");
            let either = if is_choice { written.word("or", "neu") } else { "" };
            let tasks = list(content, "contents").iter().enumerate().filter_map(|(at, task)| {
                let label = one_line(text(task, "text")?);
                let words = [
                    if at > 0 { either } else { "" },
                    &label,
                    text(task, "context").unwrap_or_default(),
                ]
                .join(" ");
                let url = text(task, "href")
                    .and_then(|href| resolved(&written.outline.site, &written.page.url, href));
                Some(Text {
                    text: one_line(&words),
                    links: url.map(|url| Link { label, url }).into_iter().collect(),
                })
            });
            let tasks: Vec<Text> = tasks.collect();
            if !tasks.is_empty() {
                written.outline.block(Block::List(tasks));
            }
        }
        _ => body::add_here(written.outline, &content["text"]),
    }
}

fn fields(written: &mut Written<'_>, from: &Value, names: &[&str]) {
    for name in names {
        body::add(written.outline, &from[*name]);
    }
}

fn start(written: &mut Written<'_>, from: &Value, title: &str) {
    let button =
        text(from, "start_button_text").map_or_else(|| start_word(written).to_owned(), one_line);
    let label = match text(from, "will_continue_on") {
        _ if !title.is_empty() => format!("{button}: {title}"),
        Some(place) => {
            format!("{button} {} {}", written.word("on", "ar"), body::words(&Value::from(place)))
        }
        None => button,
    };
    written.action(&label, text(from, "transaction_start_link"));
}

fn start_word(written: &Written<'_>) -> &'static str {
    written.word("Start now", "Dechrau nawr")
}

/// Headings from the outermost question to the outcome; HTML knows no level below six.
fn question_path(path: &[String], title: &str) -> Vec<Heading> {
    let texts = path.iter().map(String::as_str).chain([title]).filter(|text| !text.is_empty());
    (2_u8..).zip(texts).map(|(level, text)| heading(level.min(6), text)).collect()
}
