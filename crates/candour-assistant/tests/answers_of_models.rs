//! The whole path of a question with models behind the stand-in: whatever they do, a reader gets an
//! answer in time, and lies are held back.

#![cfg(test)]
#![expect(clippy::print_stderr, reason = "a test says how many lies were shown")]

mod behind;
#[expect(dead_code, reason = "other tests look at the pages of a pilot")]
mod pilot;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use candour_assistant::model::from_config;
use candour_assistant::{Ask, Assistant, Begun};
use candour_content::source::SourceSpec;
use candour_core::{Config, Generation, Generator, Transport};
use candour_standin::{Lie, Script, Standin, catalogue};
use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use serde_json::Value;

use crate::behind::{OUTSIDE, behind};
use crate::pilot::{NOW, Pilot, in_repository};

static PILOT: LazyLock<(Pilot, Config)> = LazyLock::new(|| {
    // Another test may have done so already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let text = std::fs::read_to_string(in_repository("sample/candour.toml")).unwrap();
    let config = Config::resolve(&text, &BTreeMap::new()).unwrap();
    (Pilot::new(SourceSpec::Dir(in_repository("sample/content")), &config), config)
});

/// An assistant whose one model is behind a stand-in.
fn assistant(standin: &Standin, transport: Transport, deadline_seconds: u32) -> Assistant {
    let (pilot, config) = &*PILOT;
    let path = if transport == Transport::Openai { "/v1" } else { "" };
    let endpoint = format!("{}{path}", standin.address());
    let model = Generator { transport, endpoint, ..behind(standin, "a-model") };
    let generation = Generation { models: vec![model], deadline_seconds, ..Generation::default() };
    let model = from_config(&generation, OUTSIDE).unwrap().unwrap();
    let config = Config { generation, ..config.clone() };
    Assistant::new(Arc::clone(&pilot.index) as _, &config).with_model(model)
}

fn begin(assistant: &Assistant, question: &str) -> Begun {
    let ask = Ask::new(question, NOW.parse().unwrap());
    assistant.begin(&ask, &mut |_| {}).unwrap()
}

/// Some questions of every part of the sample: enough for thousands of sentences. All of them are asked
/// with `CANDOUR_MEASURE=1` in the environment.
fn questions() -> Vec<String> {
    let folder = in_repository("sample/questions");
    let mut files: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    // Whoever is asked for their circumstances gets no answer of a model at first.
    files.retain(|file| !file.ends_with("circumstances.jsonl"));
    files.sort();
    let lines = files.iter().flat_map(|file| {
        let text = std::fs::read_to_string(file).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
    });
    let measures = std::env::var_os("CANDOUR_MEASURE").is_some();
    let (every, most) = if measures { (1, usize::MAX) } else { (4, 30) };
    let some = lines.step_by(every).take(most);
    some.map(|line| line["question"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn whatever_goes_wrong_a_reader_gets_an_answer_in_time() {
    LazyLock::force(&PILOT);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut cases = Vec::new();
    for transport in [Transport::Anthropic, Transport::Openai] {
        for (name, script) in catalogue() {
            let standin = runtime.block_on(Standin::start(script)).unwrap();
            let assistant = assistant(&standin, transport, 2);
            let begun = begin(&assistant, "How much is a garden waste subscription?");
            let Begun::Composing(composing) = begun else { panic!("{name}: no model is asked") };
            cases.push((name, standin, assistant, composing));
        }
    }
    let finished = cases.into_iter().map(async |(name, standin, assistant, composing)| {
        let began = Instant::now();
        let outcome = assistant.finish(*composing, &mut |_| {}).await;
        let took = began.elapsed();
        assert!(took < Duration::from_secs(4), "{name}: it took {took:?}");
        let answer = &outcome.answer;
        let is_told = answer.message.is_some() && !answer.links.is_empty();
        assert!(is_told || !answer.sentences.is_empty(), "{name}: {answer:?}");
        assert!(standin.requests() > 0, "{name}: the model was not asked");
    });
    let asked = runtime.block_on(stream::iter(finished).buffer_unordered(16).count());
    assert!(asked >= 80, "{asked} cases");
}

#[test]
fn no_lie_is_shown() {
    LazyLock::force(&PILOT);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let counts = runtime.block_on(join_all(Lie::ALL.map(count_lies)));
    for (lie, counts) in Lie::ALL.iter().zip(&counts) {
        eprintln!("{lie:?}: of {} lies {} were shown", counts.told, counts.shown.len());
    }
    let told: usize = counts.iter().map(|counts| counts.told).sum();
    assert!(told >= 2000, "only {told} lies were told");
    let shown: Vec<&String> = counts.iter().flat_map(|counts| &counts.shown).collect();
    assert!(shown.is_empty(), "of {told} lies these were shown: {shown:#?}");
}

#[derive(Debug, Default)]
struct Counts {
    told: usize,
    shown: Vec<String>,
}

/// Has a model lie in one way to every question, and counts the lies that were told and shown. What is a
/// lie where one question is asked may stand in the sources of the next.
async fn count_lies(lie: Lie) -> Counts {
    let script = Script { lies: vec![lie], sentences: 20, ..Script::default() };
    let standin = Standin::start(script).await.unwrap();
    let assistant = assistant(&standin, Transport::Anthropic, 20);
    let mut counts = Counts::default();
    for question in questions() {
        let outcome = match begin(&assistant, &question) {
            Begun::Answered(outcome) => *outcome,
            Begun::Composing(composing) => assistant.finish(*composing, &mut |_| {}).await,
        };
        let told = standin.lies();
        let lies: BTreeSet<String> = told[counts.told..].iter().map(|lie| bare(lie)).collect();
        counts.told = told.len();
        let shown = outcome.answer.sentences.iter().map(|sentence| bare(&sentence.text));
        counts.shown.extend(shown.filter(|sentence| lies.contains(sentence)));
    }
    counts
}

/// A sentence without what the stand-in puts before it, and without the full stop that it gives to what
/// has none.
fn bare(sentence: &str) -> String {
    sentence.trim_start_matches("Also: ").trim_end_matches('.').to_owned()
}
