//! What the log of a run says of it: which run it is, what it used, and whether it came to its end.

use super::*;
use crate::compare::{Adjustment, CompareError, JudgedScores, Plan, compare};
use crate::inspect_log::{Header as Logged, Status, read_header};
use crate::scored::{Reading, Scored};
use crate::statistics::Confidence;

fn header(run: &Run) -> Logged {
    read_header(&run.folder.join(LOG)).unwrap()
}

/// A model at an address, which answers as it is asked.
struct Remote(Echo);

impl Answerer for Remote {
    fn identity(&self) -> String {
        "https://a.example/v1/chat/completions {\"model\":\"m\"}".to_owned()
    }

    fn endpoint(&self) -> Option<Endpoint> {
        Some(Endpoint { model: "m".into(), base_url: "https://a.example/v1".into() })
    }

    fn answer<'a>(&'a self, question: &'a Question) -> Answering<'a> {
        self.0.answer(question)
    }
}

#[tokio::test]
async fn every_run_has_names_of_its_own_and_keeps_them() {
    let place = Place::new(&["yes", "no"], "");
    let later = Timestamp::UNIX_EPOCH + Duration::from_nanos(1);
    let first = place.run("first", target(&Arc::default()));
    let second = Run { started_at: later, ..place.run("second", target(&Arc::default())) };
    let remote = place.run("remote", Target::Answerer(Arc::new(Remote(Echo::default()))));
    let mut names = std::collections::BTreeSet::new();
    for run in [&first, &second, &remote] {
        go(run).await.unwrap();
        let eval = header(run).eval;
        for name in [eval.eval_id, eval.run_id, eval.task_id] {
            assert_eq!(name.len(), 22);
            names.insert(name);
        }
    }
    assert_eq!(names.len(), 9);
    let before = header(&first).eval;
    go(&Run { started_at: later, ..first.clone() }).await.unwrap();
    assert_eq!(header(&first).eval, before, "it is the same run when it goes on");
    // Which run it was is in no sample.
    let samples = |run: &Run| samples_of(&run.folder.join(LOG));
    assert_eq!(samples(&first), samples(&second));

    let eval = header(&remote).eval;
    let (model, address) = (eval.model.as_str(), eval.model_base_url.as_deref());
    assert_eq!((model, address), ("m", Some("https://a.example/v1")));
    assert_eq!(eval.asked_of(), "https://a.example/v1/chat/completions {\"model\":\"m\"}");
    assert_eq!(header(&first).eval.asked_of(), "echo");
}

#[tokio::test]
async fn a_log_says_what_a_run_used_and_when_it_ended() {
    let place = Place::new(&["yes", "after a turn", "refused"], "");
    let mut run = place.run("r", target(&Arc::default()));
    let spent = go(&run).await.unwrap().spent;
    let stats = header(&run).stats;
    let used = stats.model_usage["unnamed"];
    assert_eq!((used.input_tokens, used.output_tokens), (spent.input_tokens, spent.output_tokens));
    assert_eq!((used.input_tokens, stats.model_usage.len()), (220, 1));
    assert_eq!(stats.started_at, "1970-01-01T00:00:00+00:00");
    assert!(stats.completed_at.starts_with("1970-01-01T00:0"), "{}", stats.completed_at);
    run.started_at = "1980-01-01T00:00:00Z".parse().unwrap();
    go(&run).await.unwrap();
    assert_eq!(header(&run).stats.completed_at, stats.completed_at, "nothing more was asked");
}

#[tokio::test]
async fn a_run_that_stopped_has_a_log_that_says_so() {
    let place = Place::new(&["yes"; 40], "limits = { tokens = 100 }");
    let stopped = place.run("stopped", target(&Arc::default()));
    let summary = go(&stopped).await.unwrap();
    assert_eq!(summary.ending, "limit of tokens");
    let logged = header(&stopped);
    assert_eq!(logged.status, Status::Cancelled);
    assert_eq!(logged.eval.metadata["ending"], "limit of tokens");
    let results = logged.results.unwrap();
    assert_eq!((results.total_samples, results.completed_samples), (40, summary.done));

    let unlimited = Place::new(&["yes"; 40], "");
    let whole = unlimited.run("whole", target(&Arc::default()));
    assert!(go(&whole).await.unwrap().is_complete());
    let scored = |run: &Run| Scored::read(&run.folder.join(LOG), &Reading::default()).unwrap();
    let mut plan = Plan {
        family: Vec::new(),
        adjustment: Adjustment::Holm,
        confidence: Confidence::P95,
        allow_unmatched: false,
        judged: JudgedScores::default(),
        better: BTreeMap::new(),
        labels: BTreeMap::new(),
        declared: None,
    };
    let refused = compare(&scored(&stopped), &scored(&whole), &plan);
    assert!(matches!(refused, Err(CompareError::Unmatched { .. })), "{refused:?}");
    plan.allow_unmatched = true;
    let found = compare(&scored(&stopped), &scored(&whole), &plan).unwrap();
    assert_eq!((found.unfinished, found.matched as u64), (vec!["first"], summary.done));
}
