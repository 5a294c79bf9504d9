//! What can be reviewed: the answers in the log of a run, or of two runs of the same questions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use candour_core::redaction::redact;
use candour_core::{AnswerSentence, PublicContacts, Redacted};
use candour_store::{Shown, ShownAnswer, Unjudged};
use serde_json::Value;

use super::ReviewError;
use crate::inspect_log::{self, Input, Message, Role, Sample, Status};
use crate::judge::JUDGE_FAILURES;
use crate::runner::LOG;
use crate::scored::{named, number};

/// All answers that a review is about, and from which it is drawn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Population {
    /// The answers.
    pub candidates: Vec<Candidate>,
    /// How many questions are left out because they have no answer.
    pub left_out: usize,
}

/// An answer that may be drawn, or a pair of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Names it.
    pub answer: String,
    /// What a judge says of it, between 0 and 1. Of a pair, how far it prefers the second.
    pub judge: Option<f64>,
    /// Why it says nothing, where one was to.
    pub unjudged: Option<Unjudged>,
    /// What it has in common with others.
    pub cluster: Option<String>,
    /// What is shown of it, where that is kept with the review.
    pub shown: Option<Shown>,
}

impl Population {
    pub(super) fn judged(&self) -> Vec<Option<f64>> {
        self.candidates.iter().map(|candidate| candidate.judge).collect()
    }

    fn checked(self, of: &'static str) -> Result<Self, ReviewError> {
        match self.candidates.len() {
            found @ 0..2 => Err(ReviewError::TooFew { found, of }),
            _ => Ok(self),
        }
    }
}

/// The answers of a run: its folder, or an Inspect log whoever wrote it. What chooses among them is the
/// mean of the scores that are named.
pub fn of_run(run: &Path, judges: &[String]) -> Result<Population, ReviewError> {
    let mut population = Population::default();
    for (answer, sample) in read(run, judges)? {
        match sample.shown {
            Some(shown) => population.candidates.push(Candidate {
                answer,
                judge: sample.judge,
                unjudged: sample.unjudged,
                cluster: sample.cluster,
                shown: Some(shown),
            }),
            None => population.left_out += 1,
        }
    }
    population.checked("")
}

/// The answers of two runs to the same questions, in pairs.
pub fn of_two_runs(
    first: &Path,
    second: &Path,
    judges: &[String],
) -> Result<Population, ReviewError> {
    let mut others = read(second, judges)?;
    let mut population = Population::default();
    for (answer, one) in read(first, judges)? {
        let pair = others.remove(&answer).filter(|other| other.question() == one.question());
        let (Some(mut shown), Some(Kept { shown: Some(mut seen), judge, unjudged, .. })) =
            (one.shown, pair)
        else {
            population.left_out += 1;
            continue;
        };
        shown.answers.append(&mut seen.answers);
        population.candidates.push(Candidate {
            answer,
            // From -1, only the first is right, to 1.
            judge: one.judge.zip(judge).map(|(first, second)| f64::midpoint(second - first, 1.0)),
            unjudged: match (one.unjudged, unjudged) {
                (Some(Unjudged::Failed), _) | (_, Some(Unjudged::Failed)) => Some(Unjudged::Failed),
                (one, other) => one.or(other),
            },
            cluster: one.cluster,
            shown: Some(shown),
        });
    }
    population.left_out += others.len();
    population.checked(" that both runs have")
}

/// What is kept of a sample.
struct Kept {
    judge: Option<f64>,
    unjudged: Option<Unjudged>,
    cluster: Option<String>,
    /// Nothing where it has no answer.
    shown: Option<Shown>,
}

impl Kept {
    fn question(&self) -> Option<&Redacted> {
        self.shown.as_ref().map(|shown| &shown.question)
    }
}

/// The samples of a log by name. Repeats of a question are answers of their own, and alike.
fn read(run: &Path, judges: &[String]) -> Result<BTreeMap<String, Kept>, ReviewError> {
    let path = if run.is_dir() { run.join(LOG) } else { run.to_owned() };
    let mut samples: Vec<Sample> = Vec::new();
    let header = inspect_log::read(&path, &mut |sample| samples.push(sample))?;
    if matches!(header.status, Status::Started | Status::Cancelled) {
        return Err(ReviewError::Unfinished { path: path.display().to_string() });
    }
    let is_repeated = samples.iter().any(|sample| sample.epoch > 1);
    let known: BTreeSet<String> =
        samples.iter().flat_map(|sample| scores(sample).into_keys()).collect();
    if let Some(judge) = judges.iter().find(|judge| !known.contains(*judge)) {
        let known: Vec<String> = known.into_iter().collect();
        return Err(ReviewError::NoJudge { name: judge.clone(), known: known.join(", ") });
    }
    let kept = |sample: Sample| {
        let id = sample.id.to_string();
        let name = if is_repeated { format!("{id}#{}", sample.epoch) } else { id.clone() };
        let cluster = match sample.metadata.get("cluster") {
            Some(Value::String(cluster)) => Some(cluster.clone()),
            _ => is_repeated.then_some(id),
        };
        let judge = judge(&sample, judges)?;
        let unjudged = judge.is_none().then(|| unjudged(&sample, judges)).flatten();
        Ok((name, Kept { judge, unjudged, cluster, shown: shown(sample) }))
    };
    samples.into_iter().map(kept).collect()
}

fn scores(sample: &Sample) -> BTreeMap<String, Value> {
    let scores = sample.scores.iter();
    scores.flat_map(|(name, score)| named(name.clone(), score.value.clone())).collect()
}

/// The mean of what the judges say.
fn judge(sample: &Sample, judges: &[String]) -> Result<Option<f64>, ReviewError> {
    let scores = scores(sample);
    let mut said = Vec::new();
    for name in judges {
        let Some(value) = scores.get(name).and_then(number) else { continue };
        if !(0.0..=1.0).contains(&value) {
            let (name, id) = (name.clone(), sample.id.to_string());
            return Err(ReviewError::NotAShare { name, id, value });
        }
        said.push(value);
    }
    let count = said.len() as f64;
    Ok((!said.is_empty()).then(|| said.into_iter().sum::<f64>() / count))
}

/// Why judges say nothing of a sample: a score that is no number is a failure too.
fn unjudged(sample: &Sample, judges: &[String]) -> Option<Unjudged> {
    let (scores, failures) = (scores(sample), sample.metadata.get(JUDGE_FAILURES));
    let has_failed = |name: &String| {
        scores.contains_key(name) || failures.is_some_and(|failed| failed.get(name).is_some())
    };
    let why = if judges.iter().any(has_failed) { Unjudged::Failed } else { Unjudged::Inapplicable };
    (!judges.is_empty()).then_some(why)
}

/// What is shown of a sample: nothing of who answered, how it was scored, or what should come back.
fn shown(sample: Sample) -> Option<Shown> {
    if sample.error.is_some() {
        return None;
    }
    let text = sample.output.choices.first()?.message.content.text();
    let sentences: Vec<AnswerSentence> = sample
        .metadata
        .get("answer")
        .and_then(|answer| serde_json::from_value(answer.get("sentences")?.clone()).ok())
        .unwrap_or_default();
    let mut asked: Vec<Redacted> = match sample.input {
        Input::Text(text) => vec![masked(&text)],
        Input::Messages(messages) => asked(messages),
    };
    let question = asked.pop()?;
    Some(Shown { earlier: asked, question, answers: vec![ShownAnswer { text, sentences }] })
}

/// What the reader said, in order.
fn asked(messages: Vec<Message>) -> Vec<Redacted> {
    let asked = messages.into_iter().filter(|message| message.role == Role::User);
    asked.map(|message| masked(&message.content.text())).collect()
}

fn masked(text: &str) -> Redacted {
    redact(text, &PublicContacts::default()).text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::inspect_log::{Failure, Header, LogWriter, Output, Score, Spec, Status, StopReason};

    /// A log of four questions, of which the last has no answer, answered in these words.
    fn log(folder: &Path, name: &str, words: &str, value: &Value) -> std::path::PathBuf {
        let spec = Spec { created: "2026-11-26T10:00:00+00:00".into(), ..Spec::default() };
        let mut header = Header::started(spec);
        let path = folder.join(name);
        let mut log = LogWriter::create(&path, &header).unwrap();
        for at in 0..4 {
            let question = "Is it £5? My email is jo@home.example";
            let mut sample = Sample::new(format!("q{at}"), 1, question, "secret target");
            sample.output = Output::new("secret-model", format!("{words} {at}"), StopReason::Stop);
            sample.scores.insert("right".into(), Score::new(value.clone()));
            sample.metadata.insert("cluster".into(), json!(format!("/page{}", at % 2)));
            sample.error = (at == 3).then(|| Failure::new("timed out".to_owned()));
            log.append(&sample).unwrap();
        }
        header.status = Status::Success;
        log.finish(&header).unwrap();
        path
    }

    #[test]
    fn what_is_shown_of_an_answer_says_nothing_of_who_gave_it() {
        let folder = tempfile::tempdir().unwrap();
        let run = log(folder.path(), LOG, "Five pounds", &json!("C"));
        let found = of_run(folder.path(), &["right".into()]).unwrap();
        assert_eq!(found, of_run(&run, &["right".into()]).unwrap());
        assert_eq!((found.candidates.len(), found.left_out), (3, 1));
        let first = &found.candidates[0];
        assert_eq!((first.judge, first.cluster.as_deref()), (Some(1.0), Some("/page0")));
        let shown = first.shown.as_ref().unwrap();
        assert_eq!(shown.answers[0].text, "Five pounds 0");
        assert!(shown.question.as_str().contains("[email address]"));
        assert!(!serde_json::to_string(shown).unwrap().contains("secret"));
    }

    #[test]
    fn two_runs_are_seen_in_pairs() {
        let folder = tempfile::tempdir().unwrap();
        let first = log(folder.path(), "a.eval", "Five", &json!(0.2));
        let second = log(folder.path(), "b.eval", "Six", &json!(0.6));
        let found = of_two_runs(&first, &second, &["right".into()]).unwrap();
        assert_eq!(found.candidates.len(), 3);
        let pair = &found.candidates[1];
        assert!((pair.judge.unwrap() - 0.7).abs() < 1e-12);
        let said: Vec<&str> = pair
            .shown
            .as_ref()
            .unwrap()
            .answers
            .iter()
            .map(|answer| answer.text.as_str())
            .collect();
        assert_eq!(said, ["Five 1", "Six 1"]);
    }

    /// A score that an answer does not have, because it has nothing to look at, is no failure of a judge.
    #[test]
    fn why_a_judge_says_nothing_is_known() {
        let judges = ["facts".to_owned(), "more".to_owned()];
        let mut sample = Sample::new("q", 1, "?", "");
        assert_eq!(unjudged(&sample, &[]), None);
        assert_eq!(unjudged(&sample, &judges), Some(Unjudged::Inapplicable));
        sample.metadata.insert(JUDGE_FAILURES.into(), json!({"other": {"kind": "busy"}}));
        assert_eq!(unjudged(&sample, &judges), Some(Unjudged::Inapplicable));
        sample.metadata.insert(JUDGE_FAILURES.into(), json!({"more": {"kind": "busy"}}));
        assert_eq!(unjudged(&sample, &judges), Some(Unjudged::Failed));
        sample.metadata.clear();
        sample.scores.insert("facts".into(), Score::new("nothing to say"));
        assert_eq!(unjudged(&sample, &judges), Some(Unjudged::Failed));
    }

    #[test]
    fn what_cannot_be_reviewed_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let run = log(folder.path(), "a.eval", "Five", &json!(7));
        let told = |judge: &str| of_run(&run, &[judge.into()]).unwrap_err().to_string();
        assert!(told("kind").contains("no score `kind`: name one of right"), "{}", told("kind"));
        assert!(told("right").contains("right of sample q0 is 7"), "{}", told("right"));
        assert!(of_run(&run, &[]).unwrap().candidates.iter().all(|one| one.judge.is_none()));
        assert!(of_run(&folder.path().join("nothing"), &[]).is_err());
    }
}
