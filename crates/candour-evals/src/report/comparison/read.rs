//! Two runs, read and compared: how scores changed, and which questions got better or worse.

use std::collections::{BTreeMap, BTreeSet};

use super::super::ReportError;
use super::super::gather::{Case, case, goodness_as};
use super::super::source::Source;
use super::{Changed, ComparisonReport, SHOWN};
use crate::compare::{Change, Plan, compare};
use crate::scored::{Reader, Reading, Scored};

impl ComparisonReport {
    /// Compares a second run with a first.
    pub fn read(
        before: &Source,
        after: &Source,
        reading: &Reading,
        plan: &Plan,
    ) -> Result<Self, ReportError> {
        before.has_questions()?;
        after.has_questions()?;
        let mut scored = [scored(before, reading)?, scored(after, reading)?];
        if let Some(unfinished) = [before, after].into_iter().find(|run| run.is_unfinished()) {
            match_by_suite(&mut scored, &unfinished.name)?;
        }
        let comparison = compare(&scored[0], &scored[1], plan)?;
        // What a judge says alone of single questions is not shown where labels correct it.
        let by_rule = comparison.scores.iter().filter(|score| score.corrected.is_none());
        let (directed, no_direction): (Vec<&Change>, Vec<&Change>) =
            by_rule.partition(|score| has_direction(&scored, &score.name));
        let names = |scores: &[&Change]| scores.iter().map(|score| score.name.clone()).collect();
        let no_direction = names(&no_direction);
        let taken: Vec<&Change> =
            directed.iter().copied().filter(|score| score.better.is_none()).collect();
        let taken_as_higher = names(&taken);
        let changes = changes(&scored, &directed);
        let worse: Vec<&(f64, String)> = changes.iter().filter(|(by, _)| *by < 0.0).collect();
        let better: Vec<&(f64, String)> =
            changes.iter().rev().filter(|(by, _)| *by > 0.0).collect();
        let shown = worse.iter().take(SHOWN).chain(better.iter().take(SHOWN));
        let wanted: BTreeSet<&str> = shown.map(|(_, id)| id.as_str()).collect();
        let [mut first, mut second] = [cases(before, &wanted)?, cases(after, &wanted)?];
        let mut pair = |(by, id): &(f64, String)| {
            Some(Changed { by: *by, before: first.remove(id)?, after: second.remove(id)? })
        };
        let title = |scored: &Scored| scored.header.eval.asked_of().to_owned();
        Ok(Self {
            title: scored[1].header.eval.task.clone(),
            before: title(&scored[0]),
            after: title(&scored[1]),
            worse: worse.iter().take(SHOWN).filter_map(|change| pair(change)).collect(),
            all_worse: worse.len(),
            better: better.iter().take(SHOWN).filter_map(|change| pair(change)).collect(),
            all_better: better.len(),
            no_direction,
            taken_as_higher,
            comparison,
        })
    }
}

fn scored(source: &Source, reading: &Reading) -> Result<Scored, ReportError> {
    let mut reader = Reader::new(reading);
    let header = source.read(&mut |sample| {
        reader.add(&sample);
    })?;
    Ok(reader.finish(header)?)
}

/// Makes questions alike by their names alone. The journal of a run that is not complete has no words of
/// questions: only where both runs are of one state of one suite do their names say what was asked.
fn match_by_suite(runs: &mut [Scored; 2], unfinished: &str) -> Result<(), ReportError> {
    let [first, second] = &*runs;
    let suite = |run: &Scored| run.header.eval.metadata.get("suite_hash").cloned();
    if suite(first).is_none() || suite(first) != suite(second) {
        return Err(ReportError::Unfinished { name: unfinished.to_owned() });
    }
    let questions = runs.iter_mut().flat_map(|run| run.questions.values_mut());
    questions.for_each(|question| question.asked = None);
    Ok(())
}

/// Whether it is known of all values of a score which end is the better.
fn has_direction(runs: &[Scored; 2], name: &str) -> bool {
    let questions = runs.iter().flat_map(|run| run.questions.values());
    let mut means = questions.filter_map(|question| question.scores.mean(name));
    means.all(|mean| goodness_as(None, name, mean).is_some())
}

/// How much better each question got in these scores, added up; the most negative first.
fn changes([first, second]: &[Scored; 2], scores: &[&Change]) -> Vec<(f64, String)> {
    let mut changes: Vec<(f64, String)> = Vec::new();
    for (id, before) in &first.questions {
        let Some(after) = second.questions.get(id).filter(|after| after.asked == before.asked)
        else {
            continue;
        };
        let change = |score: &&Change| {
            let name = &score.name;
            let of = |mean: f64| goodness_as(score.better, name, mean);
            let [before, after] = [before, after].map(|question| of(question.scores.mean(name)?));
            Some(after? - before?)
        };
        let by: f64 = scores.iter().filter_map(change).sum();
        if by != 0.0 {
            changes.push((by, id.to_string()));
        }
    }
    changes.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    changes
}

/// The first answers of a run to some of its questions.
fn cases(source: &Source, wanted: &BTreeSet<&str>) -> Result<BTreeMap<String, Case>, ReportError> {
    let mut found = BTreeMap::new();
    source.read(&mut |sample| {
        let id = sample.id.to_string();
        if wanted.contains(id.as_str()) {
            found.entry(id).or_insert_with(|| case(&sample));
        }
    })?;
    Ok(found)
}
