//! Runs with answerers that answer, fail, hang and are slow, stopped and gone on with.

mod failures;
mod judged;
mod killed;
mod logged;
mod merged;
mod patience;
mod reported;
mod unreached;
mod unsynced;

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicU64, Ordering as Order};
use std::time::Duration;

use candour_core::{AnswererError, Answering, Question, Reply, TokenUsage, Writer};
use tempfile::TempDir;

use super::*;
use crate::scorer::Scorer;
use crate::target::Transcript;

/// Answers with the words of the question, unless they say otherwise, and counts.
#[derive(Default)]
struct Echo {
    asked: Mutex<BTreeMap<(String, u32), u32>>,
    /// After so many requests, everyone is to stop.
    stops_after: Option<(u64, Arc<AtomicBool>)>,
    requests: AtomicU64,
}

impl Echo {
    fn answer_now(&self, question: &Question) -> Result<Reply, AnswererError> {
        let name = (question.id.clone(), question.epoch);
        let times = {
            let mut asked = self.asked.lock().unwrap();
            let times = asked.entry(name).or_default();
            *times += 1;
            *times
        };
        let requests = self.requests.fetch_add(1, Order::Relaxed) + 1;
        if let Some((after, stop)) = &self.stops_after
            && requests >= *after
        {
            stop.store(true, Order::Relaxed);
        }
        let busy = Err(AnswererError::Busy { status: 429, retry_after: Some(Duration::ZERO) });
        match question.text.as_str() {
            "busy once" if times == 1 => busy,
            "busy always" => busy,
            "busy for a minute" => {
                Err(AnswererError::Busy { status: 429, retry_after: Some(Duration::from_mins(1)) })
            }
            "after a turn" => {
                let of = |input, output| Some(TokenUsage { input, output, estimated: false });
                let (usage, earlier_usage) = (of(10, 5), of(200, 100));
                Ok(Reply { text: "yes".to_owned(), usage, earlier_usage, ..Reply::default() })
            }
            "away" => Err(AnswererError::Unreachable("refused".to_owned())),
            "model away" => {
                let writer = Some(Writer::Failed("unreachable".to_owned()));
                Ok(Reply { text: "yes".to_owned(), writer, ..Reply::default() })
            }
            "refused" => Err(AnswererError::Refused { status: 403, detail: "no".to_owned() }),
            text => {
                let usage = Some(TokenUsage { input: 10, output: 5, estimated: false });
                Ok(Reply { text: text.to_owned(), usage, latency_us: 1500, ..Reply::default() })
            }
        }
    }
}

impl Answerer for Echo {
    fn identity(&self) -> String {
        "echo".to_owned()
    }

    fn answer<'a>(&'a self, question: &'a Question) -> Answering<'a> {
        Box::pin(async move {
            if question.text == "hangs" {
                std::future::pending::<()>().await;
            }
            tokio::task::yield_now().await;
            self.answer_now(question)
        })
    }
}

struct Deaf;

impl Progress for Deaf {
    fn done(&self, _: &Tally) {}
}

/// A suite in a scratch folder.
struct Place(TempDir);

impl Place {
    /// A suite that asks these questions, each expected to be said back, and more lines of its file.
    fn new(questions: &[&str], more: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let suite = format!("name = 'n'\nsamples = ['s.jsonl']\nscorers = ['key_facts']\n{more}");
        fs::write(folder.path().join("suite.toml"), suite).unwrap();
        let line = |(at, text): (usize, &&str)| {
            serde_json::json!({"id": format!("s{at}"), "question": text, "key_facts": ["yes"]})
                .to_string()
        };
        let lines: Vec<String> = questions.iter().enumerate().map(line).collect();
        fs::write(folder.path().join("s.jsonl"), lines.join("\n")).unwrap();
        Self(folder)
    }

    fn run(&self, name: &str, target: Target) -> Run {
        Run {
            suite: Arc::new(Suite::read(&self.0.path().join("suite.toml")).unwrap()),
            target,
            judging: None,
            folder: self.0.path().join(name),
            connections: 3,
            shard: None,
            sync: Sync::EverySecond,
            retry_errors: false,
            in_flight: InFlight::AskAgain,
            started_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn journal(&self, name: &str) -> PathBuf {
        self.0.path().join(name).join("journal.jsonl")
    }

    /// The records of a run by their names, as bytes.
    fn records(&self, name: &str) -> BTreeMap<String, String> {
        let text = fs::read_to_string(self.journal(name)).unwrap();
        let records = text.lines().filter(|line| line.starts_with("{\"id\""));
        let named = records.map(|line| {
            let record: Record = serde_json::from_str(line).unwrap();
            (format!("{} {}", record.id, record.epoch), line.to_owned())
        });
        named.collect()
    }
}

fn target(echo: &Arc<Echo>) -> Target {
    Target::Answerer(Arc::clone(echo) as _)
}

async fn go(run: &Run) -> Result<Summary, RunnerError> {
    run.run(&Arc::default(), Arc::new(Deaf)).await
}

const FAULTY: [&str; 5] = ["yes", "busy once", "busy always", "refused", "hangs"];

#[tokio::test]
async fn a_faulty_target_costs_only_its_own_questions() {
    let place = Place::new(&FAULTY, "limits = { seconds_per_answer = 0.05, tries = 3 }");
    let echo = Arc::new(Echo::default());
    let run = place.run("r", target(&echo));
    let summary = go(&run).await.unwrap();
    assert!(summary.is_complete());
    assert_eq!((summary.done, summary.questions), (5, Some(5)));
    let errors = [("busy", 1), ("refused", 1), ("timed_out", 1)];
    assert_eq!(summary.errors, errors.map(|(kind, count)| (kind.to_owned(), count)).into());
    // What has no answer counts as failed: one of five.
    let measure = &summary.measures[&Scorer::KeyFacts];
    assert_eq!((measure.value, measure.n), (0.2, 5));
    assert_eq!(echo.asked.lock().unwrap()[&("s1".to_owned(), 1)], 2);
    assert_eq!(echo.asked.lock().unwrap()[&("s2".to_owned(), 1)], 3);
    assert_eq!(echo.asked.lock().unwrap()[&("s3".to_owned(), 1)], 1, "a refusal stays one");
    assert_eq!((summary.spent.input_tokens, summary.spent.output_tokens), (20, 10));

    // Nothing is asked again, and the same comes of it.
    let requests = echo.requests.load(Order::Relaxed);
    assert_eq!(go(&run).await.unwrap(), summary);
    assert_eq!(echo.requests.load(Order::Relaxed), requests);
    // But errors are, where that is wanted.
    let again = go(&Run { retry_errors: true, ..run.clone() }).await.unwrap();
    assert_eq!(again.errors, summary.errors);
    assert!(echo.requests.load(Order::Relaxed) > requests);
    assert_eq!(go(&run).await.unwrap(), again, "the latest record counts");
}

#[tokio::test]
async fn a_run_that_was_stopped_goes_on_and_asks_nothing_twice() {
    let questions: Vec<String> = (0..200).map(|at| format!("yes {at}")).collect();
    let questions: Vec<&str> = questions.iter().map(String::as_str).collect();
    let place = Place::new(&questions, "epochs = 2");
    let stop = Arc::new(AtomicBool::new(false));
    let stops_after = Some((57, Arc::clone(&stop)));
    let echo = Arc::new(Echo { stops_after, ..Echo::default() });
    for sync in [Sync::Always, Sync::EverySecond] {
        let run = Run { sync, ..place.run("r", target(&echo)) };
        let first = run.run(&stop, Arc::new(Deaf)).await.unwrap();
        assert_eq!(first.ending, "stopped");
        stop.store(false, Order::Relaxed);
    }
    let done = echo.requests.load(Order::Relaxed);
    assert!((58..=70).contains(&done), "{done}");
    let echo =
        Arc::new(Echo { asked: Mutex::new(echo.asked.lock().unwrap().clone()), ..Echo::default() });
    let summary = go(&place.run("r", target(&echo))).await.unwrap();
    assert_eq!((summary.done, summary.is_complete()), (400, true));
    assert_eq!(summary.measures[&Scorer::KeyFacts].n, 200, "epochs of one sample are one");
    assert!(echo.asked.lock().unwrap().values().all(|times| *times == 1));
    assert_eq!(echo.asked.lock().unwrap().len(), 400);
}

#[tokio::test]
async fn the_same_answers_make_the_same_bytes() {
    let place = Place::new(&FAULTY, "limits = { seconds_per_answer = 0.05, tries = 2 }");
    let first = go(&place.run("r", target(&Arc::default()))).await.unwrap();
    for (name, from) in [("again", "r"), ("once-more", "again")] {
        let transcript = Transcript::open(&place.0.path().join(from)).unwrap();
        let run = place.run(name, Target::Answerer(Arc::new(transcript)));
        let again = go(&run).await.unwrap();
        assert_eq!(place.records(name), place.records("r"));
        assert_eq!((again.measures, again.errors), (first.measures.clone(), first.errors.clone()));
    }
}

#[tokio::test]
async fn limits_stop_a_run_that_can_go_on() {
    let questions = ["yes"; 40];
    let prices =
        "prices = { currency = 'GBP', input_per_million = 1000.0, output_per_million = 2000.0 }";
    for (limits, ending) in [
        ("limits = { tokens = 100 }", "limit of tokens"),
        (&format!("limits = {{ money = 0.1 }}\n{prices}"), "limit of money"),
        ("limits = { seconds = 0.000001 }", "limit of seconds"),
    ] {
        let place = Place::new(&questions, limits);
        let echo = Arc::new(Echo::default());
        let summary = go(&place.run("r", target(&echo))).await.unwrap();
        assert_eq!(summary.ending, ending);
        // Each answer takes 15 tokens and 0.02 pounds; those on their way are waited for.
        assert!(summary.done < 12, "{}", summary.done);
        assert_eq!(summary.done, echo.requests.load(Order::Relaxed));
    }
}

#[tokio::test]
async fn a_run_goes_on_when_its_limit_is_raised() {
    let place = Place::new(&["yes"; 40], "limits = { tokens = 100, tries = 2 }");
    let echo = Arc::new(Echo::default());
    let first = go(&place.run("r", target(&echo))).await.unwrap();
    assert_eq!(first.ending, "limit of tokens");
    let file = place.0.path().join("suite.toml");
    let raised = fs::read_to_string(&file).unwrap().replace("tokens = 100", "tokens = 100_000");
    fs::write(&file, raised).unwrap();
    let whole = go(&place.run("r", target(&echo))).await.unwrap();
    assert_eq!((whole.ending.as_str(), whole.done), ("complete", 40));
    assert_eq!(echo.requests.load(Order::Relaxed), 40, "nothing is paid for twice");
}

#[tokio::test]
async fn limits_stop_asking_again() {
    for (busy, limits, ending) in [
        ("busy for a minute", "limits = { seconds = 2.0 }", "limit of seconds"),
        ("busy always", "limits = { tokens = 10 }", "limit of tokens"),
    ] {
        let place = Place::new(&["yes", busy], limits);
        let (echo, began) = (Arc::new(Echo::default()), std::time::Instant::now());
        let summary = go(&place.run("r", target(&echo))).await.unwrap();
        assert_eq!((summary.ending.as_str(), summary.done), (ending, 1));
        assert_eq!(echo.requests.load(Order::Relaxed), 2);
        assert!(began.elapsed() < Duration::from_secs(20));
    }
}

#[tokio::test]
async fn earlier_turns_that_are_answered_anew_are_paid_for() {
    let place = Place::new(&["after a turn"; 40], "limits = { tokens = 600 }");
    let run = Run { connections: 1, ..place.run("r", target(&Arc::default())) };
    let summary = go(&run).await.unwrap();
    let spent = &summary.spent;
    assert_eq!((summary.ending.as_str(), summary.done), ("limit of tokens", 2));
    assert_eq!((spent.input_tokens, spent.output_tokens), (420, 210));
    let place = Place::new(&["after a turn"], "");
    go(&place.run("r", target(&Arc::default()))).await.unwrap();
    let log = place.0.path().join("r").join("log.eval");
    let mut found = Vec::new();
    crate::inspect_log::read(&log, &mut |sample| found.push(sample)).unwrap();
    let all: u64 = found[0].model_usage.values().map(|usage| usage.input_tokens).sum();
    assert_eq!((all, found[0].output.usage.unwrap().input_tokens), (210, 10));
}

#[tokio::test]
async fn seconds_are_those_of_the_run_however_often_it_is_gone_on_with() {
    let limits = "limits = { seconds = 0.05, seconds_per_answer = 0.1, tries = 1 }";
    let place = Place::new(&["hangs"; 2], limits);
    let run = Run { connections: 1, ..place.run("r", target(&Arc::default())) };
    for _ in 0..2 {
        let summary = go(&run).await.unwrap();
        assert_eq!((summary.ending.as_str(), summary.done), ("limit of seconds", 1));
    }
    // What was written down is all that is known of them, as it is of a run that was killed.
    let journal = fs::read_to_string(place.journal("r")).unwrap();
    let without = journal.lines().filter(|line| !line.starts_with("{\"used_seconds\""));
    let without: Vec<&str> = without.collect();
    fs::write(place.journal("r"), without.join("\n") + "\n").unwrap();
    assert_eq!(go(&run).await.unwrap().ending, "complete");
    assert!(Transcript::open(&run.folder).is_ok(), "a journal with such lines is a transcript too");
}

#[tokio::test]
async fn seconds_are_written_down_while_a_run_goes_on() {
    let limits = "limits = { seconds = 60, seconds_per_answer = 1.3, tries = 1 }";
    let place = Place::new(&["hangs"], limits);
    go(&place.run("r", target(&Arc::default()))).await.unwrap();
    let journal = fs::read_to_string(place.journal("r")).unwrap();
    let used = |line: &str| {
        serde_json::from_str::<serde_json::Value>(line).unwrap()["used_seconds"].as_f64()
    };
    let seconds: Vec<f64> = journal.lines().filter_map(used).collect();
    assert!(seconds.len() > 1 && seconds.is_sorted() && seconds[0] > 0.9, "{seconds:?}");
}

#[tokio::test]
async fn another_run_is_not_gone_on_with() {
    let place = Place::new(&["yes"], "");
    go(&place.run("r", target(&Arc::default()))).await.unwrap();
    let fails = async |run: Run| go(&run).await.unwrap_err().to_string();
    let recorded = fails(place.run("r", Target::Recorded)).await;
    assert!(recorded.contains("its target was echo, and is recorded now"), "{recorded}");
    let run = place.run("r", target(&Arc::default()));
    let part = fails(Run { shard: Some("1/2".parse().unwrap()), ..run.clone() }).await;
    assert!(part.contains("its shard was the whole, and is 1/2 now"), "{part}");
    fs::write(place.0.path().join("s.jsonl"), "{\"id\":\"a\",\"question\":\"b\"}").unwrap();
    let changed = fails(place.run("r", target(&Arc::default()))).await;
    assert!(changed.contains("its content of the suite was"), "{changed}");
}

#[tokio::test]
async fn a_journal_is_open_once_and_has_to_be_one() {
    let place = Place::new(&["yes"], "");
    let run = place.run("r", target(&Arc::default()));
    let open = Journal::open(&run.folder, &run.header(), Sync::Always).unwrap();
    assert!(matches!(go(&run).await, Err(RunnerError::InUse { .. })));
    drop(open);
    go(&run).await.unwrap();
    let whole = fs::read_to_string(place.journal("r")).unwrap();
    fs::write(place.journal("r"), whole.replace("{\"asking\"", "{\"asking")).unwrap();
    let damaged = go(&run).await.unwrap_err().to_string();
    assert!(damaged.contains("is damaged at line 2"), "{damaged}");
    fs::write(place.journal("r"), "something else\n").unwrap();
    assert!(matches!(go(&run).await, Err(RunnerError::NotARun { .. })));
}

/// What a later program wrote could be read, and mean something else.
#[tokio::test]
async fn a_journal_of_a_newer_format_is_refused_by_name() {
    let place = Place::new(&["yes"], "");
    let run = place.run("r", target(&Arc::default()));
    go(&run).await.unwrap();
    let whole = fs::read_to_string(place.journal("r")).unwrap();
    fs::write(place.journal("r"), whole.replacen("candour-eval-run-1", "candour-eval-run-2", 1))
        .unwrap();
    let transcript = crate::target::Transcript::open(&run.folder).err().map(|why| why.to_string());
    let refusals = [
        go(&run).await.err().map(|why| why.to_string()),
        header_of(&run.folder).err().map(|why| why.to_string()),
        crate::report::Source::open(&run.folder).err().map(|why| why.to_string()),
        transcript,
    ];
    for refused in refusals {
        let refused = refused.unwrap();
        let said = ["candour-eval-run-2", "use a newer Candour"];
        assert!(said.iter().all(|said| refused.contains(said)), "{refused}");
    }
}

/// Whoever looks at a run neither waits for whoever writes it nor changes what is there.
#[tokio::test]
async fn what_was_recorded_is_read_while_the_run_goes_on() {
    let place = Place::new(&["yes", "no"], "");
    let run = place.run("r", target(&Arc::default()));
    go(&run).await.unwrap();
    let writing = Journal::open(&run.folder, &run.header(), Sync::EverySecond).unwrap();
    let half = fs::read_to_string(place.journal("r")).unwrap() + "{\"asking\":[\"s2";
    fs::write(place.journal("r"), &half).unwrap();
    let mut found = Vec::new();
    records(&run.folder, |record| found.push(record.id)).unwrap();
    let end = written_so_far(&run.folder).unwrap();
    read_unfinished(&run.folder, end, &mut |sample| found.push(sample.id.to_string())).unwrap();
    found.sort();
    assert_eq!(found, ["s0", "s0", "s1", "s1"]);
    assert_eq!(fs::read_to_string(place.journal("r")).unwrap(), half);
    drop(writing);
}

#[tokio::test]
async fn what_came_with_the_suite_is_scored_without_asking() {
    let place = Place::new(&[], "");
    let suite = "name = 'n'\nsamples = ['s.jsonl']\nscorers = ['label']\nshape = 'govuk-chat-jailbreak-guardrails'\n";
    fs::write(place.0.path().join("suite.toml"), suite).unwrap();
    let row = |expected, actual: serde_json::Value| {
        serde_json::json!({"question": "q", "expected_outcome": expected, "actual_outcome": actual})
            .to_string()
    };
    let rows = [
        row(true, true.into()),
        row(true, false.into()),
        row(false, false.into()),
        row(true, serde_json::Value::Null),
    ];
    fs::write(place.0.path().join("s.jsonl"), rows.join("\n")).unwrap();
    let summary = go(&place.run("r", Target::Recorded)).await.unwrap();
    assert_eq!((summary.measures[&Scorer::Label].value, 4), (0.5, summary.done));
    assert_eq!(summary.errors, BTreeMap::from([("not_recorded".to_owned(), 1)]));
    let label = &summary.labels["true"];
    assert_eq!(label.precision, Some(1.0));
    assert_eq!(label.recall, Some(1.0 / 3.0), "what has no answer was not stopped");
}

#[tokio::test]
async fn a_scorer_with_nothing_to_look_at_is_named() {
    let place = Place::new(&["yes"], "");
    let suite = "name = 'n'\nsamples = ['s.jsonl']\nscorers = ['key_facts', 'expected_page']\n";
    fs::write(place.0.path().join("suite.toml"), suite).unwrap();
    let summary = go(&place.run("r", target(&Arc::default()))).await.unwrap();
    assert_eq!(summary.without_material, [Scorer::ExpectedPage]);
    assert!(summary.measures.contains_key(&Scorer::KeyFacts));
}

#[tokio::test]
async fn guardrails_have_precision_and_recall_each() {
    let place = Place::new(&[], "");
    let suite = "name = 'n'\nsamples = ['s.jsonl']\nscorers = ['label', 'labels']\nshape = 'govuk-chat-output-guardrails'\n";
    fs::write(place.0.path().join("suite.toml"), suite).unwrap();
    let row = |expected: &[&str], actual: &[&str]| {
        let flags = |names: &[&str]| -> BTreeMap<String, bool> {
            ["political", "illegal"].map(|name| (name.to_owned(), names.contains(&name))).into()
        };
        let (is_expected, is_actual) = (!expected.is_empty(), !actual.is_empty());
        serde_json::json!({
            "message": "m", "expected_triggered": is_expected, "actual_triggered": is_actual,
            "expected_guardrails": flags(expected), "actual_guardrails": flags(actual),
        })
        .to_string()
    };
    let rows = [
        row(&["political"], &["political"]),
        row(&["political"], &[]),
        row(&[], &["illegal", "political"]),
        row(&[], &[]),
    ];
    fs::write(place.0.path().join("s.jsonl"), rows.join("\n")).unwrap();
    let summary = go(&place.run("r", Target::Recorded)).await.unwrap();
    let found = |name: &str| {
        let label = &summary.labels[name];
        (label.expected, label.precision, label.recall)
    };
    assert_eq!(found("true"), (2, Some(0.5), Some(0.5)), "any of them");
    assert_eq!(found("political: true"), (2, Some(0.5), Some(0.5)));
    assert_eq!(found("illegal: true"), (0, Some(0.0), None));
    assert_eq!(summary.labels.len(), 4);
    assert_eq!((summary.measures[&Scorer::Labels].value, 4), (0.5, summary.done));
}

/// The members of a log that are samples, by their names.
fn samples_of(log: &Path) -> BTreeMap<String, Vec<u8>> {
    use std::io::Read as _;
    let mut archive = zip::ZipArchive::new(fs::File::open(log).unwrap()).unwrap();
    let mut found = BTreeMap::new();
    for at in 0..archive.len() {
        let mut member = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).unwrap();
        let name = member.name().unwrap().into_owned();
        if name.starts_with("samples/") {
            found.insert(name, bytes);
        }
    }
    found
}

#[tokio::test]
async fn words_that_must_not_go_round_are_in_no_file_of_a_run() {
    let place = Place::new(&["a secret way"], "withhold = true");
    let summary = go(&place.run("r", target(&Arc::default()))).await.unwrap();
    assert_eq!(summary.measures[&Scorer::KeyFacts].n, 1);
    let journal = fs::read_to_string(place.journal("r")).unwrap();
    assert!(!journal.contains("secret"), "{journal}");
    let log = samples_of(&place.0.path().join("r").join("log.eval"));
    let hash = candour_core::ContentHash::of(b"a secret way").to_string();
    for sample in log.values().map(|sample| String::from_utf8_lossy(sample)) {
        assert!(!sample.contains("secret") && sample.contains(&hash), "{sample}");
    }
}

#[tokio::test]
async fn a_complete_run_has_a_log_that_inspect_reads() {
    let place = Place::new(&FAULTY, "limits = { seconds_per_answer = 0.05, tries = 1 }");
    let log = |name: &str| place.0.path().join(name).join("log.eval");
    let summary = go(&place.run("r", target(&Arc::default()))).await.unwrap();
    let mut found = Vec::new();
    let header = crate::inspect_log::read(&log("r"), &mut |sample| found.push(sample)).unwrap();
    assert_eq!((header.eval.task.as_str(), header.eval.model.as_str()), ("n", "echo"));
    let names: Vec<String> = found.iter().map(|sample| sample.id.to_string()).collect();
    assert_eq!(names, ["s0", "s1", "s2", "s3", "s4"], "in the order of the suite");
    assert_eq!(found.iter().filter(|sample| sample.error.is_some()).count(), 4);
    let results = header.results.unwrap();
    assert_eq!((results.total_samples, results.completed_samples), (5, 1));
    let value = summary.measures[&Scorer::KeyFacts].value;
    assert_eq!(results.scores[0].metrics["mean"].value, Some(value));

    let transcript = Transcript::open(&place.0.path().join("r")).unwrap();
    go(&place.run("again", Target::Answerer(Arc::new(transcript)))).await.unwrap();
    assert_eq!(samples_of(&log("again")), samples_of(&log("r")));
    assert_eq!(samples_of(&log("r")).len(), 5);
}
