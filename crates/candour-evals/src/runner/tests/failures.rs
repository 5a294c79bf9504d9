//! Questions without an answer, measured by scorers that a target may give nothing to look at.

use std::collections::BTreeSet;

use super::*;
use crate::compare::{Adjustment, JudgedScores, LeftOut, Plan, compare};
use crate::inspect_log::Sample;
use crate::scored::{Reading, Scored};
use crate::statistics::Confidence;

const SUITE: &str = "name = 'n'\nsamples = ['s.jsonl']\nscorers = ['key_facts', 'status', 'answered', 'retrieval_recall', 'label']\n";

/// A suite of these questions, of which everything is expected that scorers look at.
fn place(questions: &[&str]) -> Place {
    let place = Place::new(&[], "");
    fs::write(place.0.path().join("suite.toml"), SUITE).unwrap();
    let line = |(at, text): (usize, &&str)| {
        serde_json::json!({
            "id": format!("s{at}"), "question": text, "key_facts": ["yes"],
            "status": "answered", "pages": ["/a"], "label": "yes",
        })
        .to_string()
    };
    let lines: Vec<String> = questions.iter().enumerate().map(line).collect();
    fs::write(place.0.path().join("s.jsonl"), lines.join("\n")).unwrap();
    place
}

/// Answers from a file: each the name of its question and what was replied, or nothing where it failed.
fn transcript(place: &Place, replies: &[Option<serde_json::Value>]) -> Target {
    let line = |(at, reply): (usize, &Option<serde_json::Value>)| {
        let mut line = serde_json::json!({ "id": format!("s{at}") });
        match reply {
            Some(reply) => line["reply"] = reply.clone(),
            None => line["error"] = serde_json::json!({"kind": "busy", "detail": "later"}),
        }
        line.to_string()
    };
    let lines: Vec<String> = replies.iter().enumerate().map(line).collect();
    let file = place.0.path().join("answers.jsonl");
    fs::write(&file, lines.join("\n")).unwrap();
    Target::Answerer(Arc::new(Transcript::open(&file).unwrap()))
}

fn names(scores: impl IntoIterator<Item = Scorer>) -> BTreeSet<&'static str> {
    scores.into_iter().map(Scorer::name).collect()
}

#[tokio::test]
async fn no_rate_is_made_of_failures_alone() {
    let said = || Some(serde_json::json!({"text": "yes"}));
    let with_status = || Some(serde_json::json!({"text": "yes", "status": "answered"}));
    let found = serde_json::json!([{"id": "a#1", "page": "/a", "text": "t"}]);
    let with_all = Some(serde_json::json!({"text": "yes", "status": "partial", "passages": found}));
    let all = ["answered", "key_facts", "label", "retrieval_recall", "status"];
    let cases: [(&[Option<serde_json::Value>], &[&str]); 4] = [
        (&[said(), None, said()], &["key_facts", "label"]),
        (&[None, None, with_status()], &["answered", "key_facts", "label", "status"]),
        (&[said(), None, with_all], &all),
        (&[None, None, None], &[]),
    ];
    for (at, (replies, measured)) in cases.into_iter().enumerate() {
        let place = place(&["?"; 3]);
        let run = place.run("r", transcript(&place, replies));
        let summary = go(&run).await.unwrap();
        let measured: BTreeSet<&str> = measured.iter().copied().collect();
        assert_eq!(names(summary.measures.keys().copied()), measured, "{at}");
        let without = all.into_iter().filter(|name| !measured.contains(name)).collect();
        assert_eq!(names(summary.without_material), without, "{at}");
        assert_eq!(summary.labels.is_empty(), measured.is_empty(), "{at}");
        // A failure counts as 0 wherever there is a rate.
        let status = summary.measures.get(&Scorer::Status).map(|rate| (rate.value, rate.n));
        let expected = [None, Some((1.0 / 3.0, 3)), Some((0.0, 2)), None];
        assert_eq!(status, expected[at]);
        // Nor does a log have one, or what is read of a run before its end.
        let (mut logged, mut read) = (BTreeSet::new(), BTreeSet::new());
        let add = |to: &mut BTreeSet<String>, sample: Sample| to.extend(sample.scores.into_keys());
        crate::inspect_log::read(&run.folder.join(LOG), &mut |one| add(&mut logged, one)).unwrap();
        let end = written_so_far(&run.folder).unwrap();
        read_unfinished(&run.folder, end, &mut |one| add(&mut read, one)).unwrap();
        assert_eq!(logged.iter().map(String::as_str).collect::<BTreeSet<_>>(), measured, "{at}");
        assert_eq!(logged, read, "{at}");
    }
}

/// A target that can be measured is not better for that than one that cannot.
#[tokio::test]
async fn what_one_target_gives_nothing_for_is_not_compared() {
    let place = place(&["yes", "refused", "yes"]);
    let bare = place.run("bare", target(&Arc::default()));
    go(&bare).await.unwrap();
    let told = Some(serde_json::json!({"text": "yes", "status": "answered"}));
    let full = place.run("full", transcript(&place, &[told.clone(), told.clone(), told]));
    go(&full).await.unwrap();
    let [before, after] = [&bare, &full].map(|run| {
        Scored::read(&run.folder.join(LOG), &Reading { failures_count: true, ..Reading::default() })
            .unwrap()
    });
    let plan = Plan {
        family: Vec::new(),
        adjustment: Adjustment::Holm,
        confidence: Confidence::P95,
        allow_unmatched: false,
        judged: JudgedScores::default(),
        better: BTreeMap::new(),
        labels: BTreeMap::new(),
        declared: None,
    };
    let compared = compare(&before, &after, &plan).unwrap();
    let shared: Vec<&str> = compared.scores.iter().map(|score| score.name.as_str()).collect();
    assert_eq!(shared, ["key_facts", "label"]);
    let left_out = ["answered", "status"].map(|name| (name.to_owned(), LeftOut::OnlySecond));
    assert_eq!(compared.left_out, left_out.into());
}
