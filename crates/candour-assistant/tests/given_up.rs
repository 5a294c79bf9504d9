//! What models were asked is noted, with what it cost, whatever became of the answer: where its reader goes
//! away, where another model was faster or took the place of one that broke off, and where the time is up.

#![cfg(test)]

mod behind;
#[expect(dead_code, reason = "other tests ask through the pilot and look at its pages")]
mod pilot;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use candour_assistant::model::Models;
use candour_assistant::{Ask, Assistant, Begun, End, Outcome};
use candour_content::source::SourceSpec;
use candour_core::{Calls, Config, Generator, ModelAttempt, Price};
use candour_standin::{Fault, Script, Standin};

use crate::behind::{OUTSIDE, behind};
use crate::pilot::{NOW, Pilot, in_repository};

static SAMPLE: LazyLock<(Pilot, Config)> = LazyLock::new(|| {
    // Another test may have done so already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let text = std::fs::read_to_string(in_repository("sample/candour.toml")).unwrap();
    let config = Config::resolve(&text, &BTreeMap::new()).unwrap();
    (Pilot::new(SourceSpec::Dir(in_repository("sample/content")), &config), config)
});

/// Says so many events, which tell what was read among the first, and then nothing more.
fn stalls() -> Script {
    Script::failing(Fault::Stall { after: 8 })
}

fn silent() -> Script {
    Script::failing(Fault::Silence)
}

fn priced(standin: &Standin, model: &str) -> Generator {
    let price = Price { input: 2.0, output: 10.0, ..Price::default() };
    Generator { price, ..behind(standin, model) }
}

/// What is noted of a question that is waited for so long, and what came of it, if anything did.
async fn ask(config: &Config, patience: Duration) -> (Option<Outcome>, Calls) {
    let models = Models::of(config, OUTSIDE).unwrap();
    let index = Arc::clone(&SAMPLE.0.index);
    let assistant = Assistant::new(index as _, config).with_models(models);
    let calls = Calls::default();
    let now = NOW.parse().unwrap();
    let ask =
        Ask { calls: calls.clone(), ..Ask::new("How much is a garden waste subscription?", now) };
    let Begun::Composing(composing) = assistant.begin(&ask, &mut |_| {}).unwrap() else {
        panic!("no model is asked");
    };
    let mut emit = |_: candour_assistant::Event<'_>| {};
    let finished = tokio::time::timeout(patience, assistant.finish(*composing, &mut emit)).await;
    (finished.ok(), calls)
}

/// The stage, the model and the outcome of each.
fn shape(calls: &Calls) -> Vec<(&'static str, String, String)> {
    let all = calls.all().into_iter();
    all.map(|(stage, attempt)| (stage, attempt.model.model, attempt.outcome)).collect()
}

fn cost(attempt: &ModelAttempt) -> (bool, bool) {
    (attempt.usage.input_tokens > 0, attempt.micro_pounds > 0)
}

fn runtime() -> tokio::runtime::Runtime {
    // The pilot is made by a runtime of its own, outside any other.
    LazyLock::force(&SAMPLE);
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}

#[test]
fn whoever_goes_away_leaves_what_was_asked_for_them() {
    runtime().block_on(async {
        let writer = Standin::start(stalls()).await.unwrap();
        let judge = Standin::start(silent()).await.unwrap();
        let mut config = SAMPLE.1.clone();
        config.generation.models = vec![priced(&writer, "writer")];
        let (outcome, calls) = ask(&config, Duration::from_millis(700)).await;
        assert!(outcome.is_none(), "it stalls for longer than that");
        assert_eq!(shape(&calls), [("write", "writer".into(), "dropped".into())]);
        assert_eq!(cost(&calls.of("write").ended()[0]), (true, true));

        // What was written and paid stays where a judge is waited for in vain.
        let writer = Standin::start(Script::default()).await.unwrap();
        config.generation.models = vec![priced(&writer, "writer")];
        config.judge.models = vec![priced(&judge, "judge")];
        let (outcome, calls) = ask(&config, Duration::from_millis(1500)).await;
        assert!(outcome.is_none(), "the judge is silent for longer than that");
        let expected = [("write", "writer", "answered"), ("judge", "judge", "dropped")];
        assert_eq!(shape(&calls), expected.map(|(s, m, o)| (s, m.to_owned(), o.to_owned())));
        assert_eq!(cost(&calls.of("write").ended()[0]), (true, true));
        assert_eq!(cost(&calls.of("judge").ended()[0]), (false, false), "nobody knows its cost");
    });
}

#[test]
fn a_slower_model_and_one_that_is_late_are_noted_with_the_answer() {
    runtime().block_on(async {
        let slow = Standin::start(silent()).await.unwrap();
        let fast = Standin::start(Script::default()).await.unwrap();
        let mut config = SAMPLE.1.clone();
        config.generation.hedge_after_seconds = 1;
        config.generation.models = vec![priced(&slow, "slow"), priced(&fast, "fast")];
        let (outcome, calls) = ask(&config, Duration::from_secs(15)).await;
        let expected = [("write", "slow", "dropped"), ("write", "fast", "answered")];
        assert_eq!(shape(&calls), expected.map(|(s, m, o)| (s, m.to_owned(), o.to_owned())));
        let generated = outcome.unwrap().generated.unwrap();
        assert_eq!(generated.attempts, calls.of("write").ended());

        let late = Standin::start(stalls()).await.unwrap();
        config.generation.deadline_seconds = 1;
        config.generation.models = vec![priced(&late, "late")];
        let (outcome, calls) = ask(&config, Duration::from_secs(15)).await;
        assert_eq!(shape(&calls), [("write", "late".into(), "timed_out".into())]);
        let generated = outcome.unwrap().generated.unwrap();
        assert_eq!(generated.attempts, calls.of("write").ended());
        assert_eq!(cost(&generated.attempts[0]), (true, true));
    });
}

#[test]
fn where_one_breaks_off_before_a_sentence_was_told_the_next_writes_the_answer() {
    runtime().block_on(async {
        let error = |after| Fault::ErrorEvent { after, kind: "overloaded_error".into() };
        let good = Standin::start(Script::default()).await.unwrap();
        // It breaks off within its first sentence, and behind it.
        for (fault, writer, end) in [
            (error(7), "second", End::Whole),
            (Fault::Cut { after: 7 }, "second", End::Whole),
            (error(40), "first", End::Failed),
        ] {
            // Word by word, so that some are heard before it breaks off.
            let script = Script { token_ms: 5, ..Script::failing(fault.clone()) };
            let breaks = Standin::start(script).await.unwrap();
            let mut config = SAMPLE.1.clone();
            config.generation.models = vec![priced(&breaks, "first"), priced(&good, "second")];
            let (outcome, calls) = ask(&config, Duration::from_secs(15)).await;
            let (outcome, shape) = (outcome.unwrap(), shape(&calls));
            assert_eq!(outcome.answer.model.as_deref(), Some(writer), "{fault:?}: {shape:?}");
            let generated = outcome.generated.unwrap();
            let is_next = writer == "second";
            let preferred = generated.instead_of.map(|model| model.model);
            assert_eq!(preferred.as_deref(), is_next.then_some("first"), "{fault:?}");
            assert_eq!((shape.len(), generated.end), (1 + usize::from(is_next), end), "{shape:?}");
            let first = &calls.of("write").ended()[0];
            assert!(first.first_words_ms.is_some(), "{fault:?}: it spoke");
        }
    });
}
