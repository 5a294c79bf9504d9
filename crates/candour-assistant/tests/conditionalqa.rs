//! How often questions from outside a collection are answered from it, on a public set of questions
//! about guidance. It is measured and never tuned on; the floors are what was measured, less a point.

#![cfg(test)]
#![expect(clippy::print_stderr, reason = "the table is what this measures")]

mod pilot;
mod quotes;

use std::path::PathBuf;
use std::sync::Arc;

use candour_assistant::Assistant;
use candour_content::source::SourceSpec;
use candour_core::{AnswerStatus, Config, Locale};
use serde_json::Value;

use pilot::{Pilot, in_repository};

/// One in so many questions is asked, for an unoptimised build is slow; all are with
/// `CANDOUR_MEASURE=1` in the environment, over several thresholds.
const EVERY: usize = 12;

fn questions(folder: &std::path::Path, file: &str, every: usize) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    text.lines().step_by(every).map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn questions_from_outside_are_mostly_left_unanswered() {
    let folder: PathBuf = in_repository("../shared/data/conditionalqa");
    if !folder.exists() {
        eprintln!("skipped: the conditionalqa data is not on this machine");
        return;
    }
    let measures = std::env::var_os("CANDOUR_MEASURE").is_some();
    let (every, thresholds) =
        if measures { (1, &[0.3, 0.45, 0.6, 0.7][..]) } else { (EVERY, &[0.45][..]) };
    let mut config = Config::default();
    let mut pilot = Pilot::new(SourceSpec::Beir(folder.clone()), &config);
    let inside = questions(&folder, "questions-open.jsonl", every);
    let outside = questions(&folder, "out-of-collection.jsonl", every);
    eprintln!(
        "threshold  inside: answered, right page, sure, asked  outside: answered, sure, asked"
    );
    for threshold in thresholds {
        config.answers.abstain_below = *threshold;
        pilot.assistant = Assistant::new(Arc::clone(&pilot.index) as _, &config);
        let Became { answered, right, sure, asked } = ask(&pilot, &inside);
        let outside_asked = ask(&pilot, &outside);
        let Became { answered: wrongly, sure: surely, asked: asked_outside, .. } = outside_asked;
        let (all_in, all_out) = (inside.len(), outside.len());
        eprintln!(
            "{threshold:9}  {answered}, {right}, {sure}, {asked} of {all_in}  {wrongly}, {surely}, {asked_outside} of {all_out}"
        );
        assert!(right * 2 >= answered, "{right} of {answered} answers quote a right page");
        let rate = |count: usize, all: usize| count as f64 / all.max(1) as f64;
        assert!(
            rate(surely, all_out) <= rate(sure, all_in),
            "outside is answered as surely as inside"
        );
    }
}

/// What became of questions.
#[derive(Default)]
struct Became {
    /// How many are answered.
    answered: usize,
    /// How many of these quote a right page.
    right: usize,
    /// How many are answered without a word of doubt.
    sure: usize,
    /// How many readers are asked for their circumstances.
    asked: usize,
}

fn ask(pilot: &Pilot, questions: &[Value]) -> Became {
    let shows = std::env::var_os("CANDOUR_SHOW").is_some();
    let mut became = Became::default();
    for question in questions {
        let text = question["question"].as_str().unwrap();
        let answer = pilot.answer(text, Locale::En);
        let url = question["url"].as_str().unwrap();
        became.answered += usize::from(!answer.sentences.is_empty());
        became.right +=
            usize::from(pilot.pages(&answer).iter().any(|page| url.ends_with(page.0.as_str())));
        became.sure += usize::from(answer.status == AnswerStatus::Answered);
        became.asked += usize::from(!answer.choices.is_empty());
        if shows && !answer.choices.is_empty() {
            eprintln!("ASKED {text}\n  {}", answer.message.unwrap_or_default());
            answer.choices.iter().for_each(|choice| eprintln!("  ( ) {}", choice.label));
        }
    }
    became
}
