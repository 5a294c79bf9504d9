//! Whether the page that answers a follow-up question is quoted: asked alone, with what it rests on by the
//! rule, and as a model would write it out, rightly and with a fact that the reader never gave. The model is
//! a stand-in that says what stands in `sample/follow-ups`, so this says what a wording is worth, and nothing
//! of how often a real model finds the right one.

#![cfg(test)]

mod behind;
#[expect(dead_code, reason = "other tests ask through the pilot")]
mod pilot;
mod rewriting;

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, LazyLock};

use candour_assistant::model::Models;
use candour_assistant::{Ask, Assistant, Begun, Outcome, RewriteEnd};
use candour_content::source::SourceSpec;
use candour_core::{Answer, Config, Exchange, Locale, Turn};
use candour_standin::{Script, Standin};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::behind::{OUTSIDE, behind};
use crate::pilot::{NOW, Pilot, in_repository};
use crate::rewriting::{says, turn};

/// A follow-up question, as the suite has it.
#[derive(Deserialize)]
struct Sample {
    id: String,
    conversation: Vec<Exchange>,
    question: String,
    locale: Locale,
    pages: Vec<String>,
}

/// How it could be written out.
#[derive(Deserialize)]
struct Wording {
    id: String,
    /// In the reader's own words.
    right: String,
    /// With something that they did not say.
    wrong: String,
}

static SAMPLE: LazyLock<(Pilot, Config)> = LazyLock::new(|| {
    // Another test may have done so already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let text = fs::read_to_string(in_repository("sample/candour.toml")).unwrap();
    let config = Config::resolve(&text, &BTreeMap::new()).unwrap();
    (Pilot::new(SourceSpec::Dir(in_repository("sample/content")), &config), config)
});

fn read<T: DeserializeOwned>(file: &str) -> Vec<T> {
    let text = fs::read_to_string(in_repository("sample/follow-ups").join(file)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What comes of a question, with the model that writes questions out where `config` names one.
async fn asked(config: &Config, text: &str, locale: &Locale, history: &[Turn]) -> Outcome {
    let models = Models::of(config, OUTSIDE).unwrap();
    let assistant = Assistant::new(Arc::clone(&SAMPLE.0.index) as _, config).with_models(models);
    let ask = Ask { locale: locale.clone(), history, ..Ask::new(text, NOW.parse().unwrap()) };
    match assistant.begin(&ask, &mut |_| {}).unwrap() {
        Begun::Answered(outcome) => *outcome,
        Begun::Composing(composing) => assistant.finish(*composing, &mut |_| {}).await,
    }
}

/// The turns that a follow-up rests on, answered in quotes.
async fn conversation(sample: &Sample) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    for earlier in &sample.conversation {
        let outcome = asked(&SAMPLE.1, &earlier.question, &sample.locale, &turns).await;
        turns.push(turn(turns.len(), outcome));
    }
    turns
}

/// How often the expected page was quoted at all, and first, of how many questions.
#[derive(Default)]
struct Quoted {
    anywhere: usize,
    first: usize,
    of: usize,
}

impl Quoted {
    fn count(&mut self, sample: &Sample, answer: &Answer) {
        let pages = SAMPLE.0.pages(answer);
        let is_expected = |page: &String| sample.pages.contains(page);
        self.anywhere += usize::from(pages.iter().any(|page| is_expected(&page.0)));
        self.first += usize::from(pages.first().is_some_and(|page| is_expected(&page.0)));
        self.of += 1;
    }
}

/// The arms that are held against each other.
const ARMS: [&str; 4] = ["alone", "by the rule", "written out rightly", "written out wrongly"];

/// What comes of a sample in each arm.
async fn in_each_arm(
    sample: &Sample,
    wording: &Wording,
    rewriter: &Standin,
    config: &Config,
) -> [Outcome; 4] {
    let (history, locale) = (conversation(sample).await, &sample.locale);
    let plain = &SAMPLE.1;
    let alone = asked(plain, &sample.question, locale, &[]).await;
    let rule = asked(plain, &sample.question, locale, &history).await;
    rewriter.follow(says(&wording.right));
    let right = asked(config, &sample.question, locale, &history).await;
    rewriter.follow(says(&wording.wrong));
    let wrong = asked(config, &sample.question, locale, &history).await;
    [alone, rule, right, wrong]
}

/// All samples with `CANDOUR_MEASURE=1`, which prints the figures of docs/answers.md; else every fourth.
#[test]
#[expect(clippy::print_stdout, reason = "the figures are for whoever measures")]
fn a_wrong_wording_is_rejected_and_leaves_what_the_rule_finds() {
    LazyLock::force(&SAMPLE);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let samples: Vec<Sample> = read("follow-ups.jsonl");
    let wordings: Vec<Wording> = read("wordings.jsonl");
    assert_eq!(samples.len(), wordings.len());
    let step = if std::env::var_os("CANDOUR_MEASURE").is_some() { 1 } else { 4 };
    let mut figures: BTreeMap<(String, usize), Quoted> = BTreeMap::new();
    let (mut searched, mut rejected) = (0, 0);
    runtime.block_on(async {
        let rewriter = Standin::start(Script::default()).await.unwrap();
        let mut config = SAMPLE.1.clone();
        config.rewriting.models = vec![behind(&rewriter, "a-rewriter")];
        for (sample, wording) in samples.iter().zip(&wordings).step_by(step) {
            assert_eq!(sample.id, wording.id);
            let outcomes = in_each_arm(sample, wording, &rewriter, &config).await;
            let [_, rule, right, wrong] = &outcomes;
            assert_eq!(wrong.answer.sentences, rule.answer.sentences, "{}", sample.id);
            if let (Some(right), Some(wrong)) = (&right.rewritten, &wrong.rewritten) {
                // What has a subject of its own is right as it stands.
                let is_right = matches!(right.end, RewriteEnd::Searched | RewriteEnd::Same);
                assert!(is_right, "{}: {:?}", sample.id, right.end);
                assert!(
                    matches!(wrong.end, RewriteEnd::Rejected(_)),
                    "{}: {:?}",
                    sample.id,
                    wrong.end
                );
                searched += usize::from(right.end == RewriteEnd::Searched);
                rejected += 1;
            }
            for (arm, outcome) in outcomes.iter().enumerate() {
                let key = (sample.locale.tag().to_owned(), arm);
                figures.entry(key).or_default().count(sample, &outcome.answer);
            }
        }
    });
    println!("{searched} right wordings were searched, {rejected} wrong ones rejected");
    for ((locale, arm), Quoted { anywhere, first, of }) in &figures {
        println!("{locale}, {}: {anywhere} of {of}, first in {first}", ARMS[*arm]);
        let least = if *arm == 0 { 0 } else { of * 2 / 3 };
        assert!(*anywhere >= least, "{locale}, {}: {anywhere} of {of}", ARMS[*arm]);
    }
    assert!(
        searched >= samples.len() / step * 4 / 5,
        "the model is asked of follow-ups: {searched}"
    );
}
