//! What a plan knows of before it begins: from answers that were given already, or from a run.

use std::collections::BTreeMap;
use std::path::Path;

use candour_core::Metric;
use jiff::Timestamp;

use super::plan::{Known, Reference};
use super::{Looking, Scores};
use crate::evidence::measured;
use crate::inspect_log::LogError;
use crate::scored::{Question, Reading, Scored, ScoredError};
use crate::statistics::Observations;

/// What is known from answers that were given since a time. Of a metric that none of them shows nothing
/// is known.
pub fn of_answers(since: Timestamp, seen: &[Scores]) -> Known {
    let mut values: BTreeMap<Metric, Vec<f64>> = BTreeMap::new();
    for (metric, value) in seen.iter().flatten() {
        values.entry(*metric).or_default().push(*value);
    }
    let observations = values
        .into_iter()
        .filter_map(|(metric, values)| Some((metric, Observations::alone(values).ok()?)));
    (Reference::Answers { since, answers: seen.len() as u64 }, observations.collect())
}

/// What is known from the log of a run that has the same scorers. Repeats of a question are made one by
/// their mean; questions in clusters stay in them.
pub fn of_run(path: &Path, looking: &Looking) -> Result<Known, ScoredError> {
    let scored = Scored::read(path, &Reading::default())?;
    let file = std::fs::File::open(path).and_then(measured);
    let hash = file
        .map_err(|error| LogError::Unreadable { path: path.display().to_string(), error })?
        .hash;
    let of_metric = |metric: Metric| {
        let values = scored.questions.values().filter_map(|question| {
            let value = value(question, metric, looking)?;
            Some((question.cluster.as_deref(), value))
        });
        let values: Vec<(Option<&str>, f64)> = values.collect();
        let is_clustered = values.iter().any(|(cluster, _)| cluster.is_some());
        let observations = if is_clustered {
            Observations::clustered(values)
        } else {
            Observations::alone(values.into_iter().map(|(_, value)| value))
        };
        // Of one cluster nobody knows what is usual of others.
        let observations = observations.ok().filter(|known| known.moments().clusters() != Some(1));
        Some((metric, observations?))
    };
    let known = looking.metrics.iter().copied().filter_map(of_metric).collect();
    let (task, samples) = (scored.header.eval.task.clone(), scored.samples);
    Ok((Reference::Run { task, hash, samples }, known))
}

/// The mean of what the repeats of a question say of a metric, where that is a share.
fn value(question: &Question, metric: Metric, looking: &Looking) -> Option<f64> {
    let scores = question.scores.of(metric.key());
    let values = scores.filter_map(|score| looking.of_run(metric, score));
    let values: Vec<f64> = values.filter(|value| (0.0..=1.0).contains(value)).collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::inspect_log::{Header, LogWriter, Sample, Score, Spec, Status};
    use crate::monitoring::looking::tests::looking;

    #[test]
    fn answers_give_what_they_show() {
        let seen: Vec<Scores> = vec![
            [(Metric::Numbers, 1.0), (Metric::Partial, 0.0)].into(),
            [(Metric::Partial, 1.0)].into(),
        ];
        let (from, known) = of_answers(Timestamp::UNIX_EPOCH, &seen);
        assert_eq!(from, Reference::Answers { since: Timestamp::UNIX_EPOCH, answers: 2 });
        assert_eq!(known.len(), 2);
        assert_eq!(known[&Metric::Partial].values(), [0.0, 1.0]);
    }

    #[test]
    fn a_run_gives_what_its_log_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.eval");
        let spec = Spec { task: "aberwen".into(), ..Spec::default() };
        let header = Header { status: Status::Success, ..Header::started(spec) };
        let mut log = LogWriter::create(&path, &header).unwrap();
        for (id, epoch, numbers, age) in
            [("a", 1, 1.0, 12.0), ("a", 2, 0.5, 15.0), ("b", 1, 0.0, 9.0), ("c", 1, 1.0, 9.0)]
        {
            let mut sample = Sample::new(id, epoch, id, "");
            sample.metadata.insert("cluster".into(), if id == "a" { "p" } else { "q" }.into());
            for (name, value) in [("numbers", numbers), ("reading_age", age), ("key_facts", 1.0)] {
                sample.scores.insert(name.into(), Score::new(json!(value)));
            }
            log.append(&sample).unwrap();
        }
        log.finish(&header).unwrap();
        let (from, known) = of_run(&path, &looking()).unwrap();
        let hash = candour_core::ContentHash::of(&std::fs::read(&path).unwrap());
        assert_eq!(from, Reference::Run { task: "aberwen".into(), hash, samples: 4 });
        assert_eq!(known[&Metric::Numbers].values(), [0.75, 0.0, 1.0], "repeats are made one");
        assert_eq!(known[&Metric::ReadingAge].values(), [0.5, 1.0, 1.0], "one is not easy at 14");
        assert_eq!((known.len(), known[&Metric::Numbers].moments().clusters()), (2, Some(2)));
        assert!(of_run(&folder.path().join("b.eval"), &looking()).is_err());
    }
}
