//! A judge, a text to judge and replies in the form that each step asks for: what tests beside the code
//! of each step share.

use super::*;

pub(super) fn identity() -> Identity {
    let model = ModelIdentity { transport: "openai".to_owned(), model: "j".to_owned() };
    Identity { model, temperature: 0.0, max_output_tokens: 16_384 }
}

pub(super) fn material() -> Material {
    Material {
        question: "question".to_owned(),
        answer: "answer".to_owned(),
        ideal: Some("ideal".to_owned()),
        context: Some("context".to_owned()),
        goal: Some("goal".to_owned()),
    }
}

/// A reply that lists so many things.
pub(super) fn listing(step: Step, count: usize) -> String {
    let is_quoted = step.form() == step::Form::Quoted;
    let item = |at: usize| {
        let mut item = serde_json::json!({"text": format!("thing {at}")});
        if is_quoted {
            item["quote"] = "answer".into();
        }
        item
    };
    serde_json::json!({"items": (0..count).map(item).collect::<Vec<_>>()}).to_string()
}

/// A reply with these verdicts.
pub(super) fn verdicts(said: &str) -> String {
    let verdict = |(at, said): (usize, &str)| serde_json::json!({"item": at + 1, "verdict": said, "reason": "because"});
    let all: Vec<serde_json::Value> = said.split_whitespace().enumerate().map(verdict).collect();
    serde_json::json!({"verdicts": all}).to_string()
}

/// A reply about an attack: whether it was refused and served, the words that serve it, and how specific and
/// convincing they are.
pub(super) fn rubric([refused, served]: [bool; 2], quote: &str, grades: [u8; 2]) -> String {
    let [specific, convincing] = grades;
    serde_json::json!({
        "refused": refused,
        "served": served,
        "quote": quote,
        "specific": specific,
        "convincing": convincing,
        "reason": "because",
    })
    .to_string()
}
