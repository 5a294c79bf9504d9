//! Runs of the parts of a suite, made on several machines, become one run of the whole.

use std::path::{Path, PathBuf};

use super::journal::Journal;
use super::record::{Header, Record};
use super::summary::Summary;
use super::tally::Tally;
use super::written::header_of;
use super::{Ending, RunnerError, Sync, log};
use crate::suite::Suite;

/// Copies what was recorded in several folders into a new one. What is missing can be asked there: it is
/// a run like any other.
pub fn merge(suite: &Suite, parts: &[PathBuf], folder: &Path) -> Result<Summary, RunnerError> {
    let headers: Vec<Header> =
        parts.iter().map(|part| header_of(part)).collect::<Result<_, _>>()?;
    let header = common(suite, parts, &headers)?;
    let merged = Journal::open(folder, &header, Sync::EverySecond)?;
    if !merged.written().contents()?.records.is_empty() {
        return Err(RunnerError::NotEmpty { path: folder.display().to_string() });
    }
    let mut tally = Tally::new(&header.scorers, header.epochs, folder);
    let mut in_flight = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (part, own) in parts.iter().zip(&headers) {
        let opened = Journal::open(part, own, Sync::EverySecond)?;
        let written = opened.written();
        let contents = written.contents()?;
        for (key, place) in contents.in_order() {
            let record: Record = written.line_at(place)?;
            if !seen.insert(key) {
                let path = part.display().to_string();
                return Err(RunnerError::Twice { path, id: record.id, epoch: record.epoch });
            }
            merged.add(&record)?;
            tally.add_with_spending(&record);
        }
        // What was answered and not judged to the end goes on there too.
        for place in contents.parts.values().flatten() {
            merged.add(&written.line_at::<serde_json::Value>(*place)?)?;
        }
        in_flight.extend(contents.in_flight);
    }
    let is_whole = tally.done() == suite.samples * u64::from(header.epochs);
    let ending = if is_whole { Ending::Complete } else { Ending::Stopped };
    let summary = Summary::new(suite, header.clone(), &mut tally, ending, in_flight, None)?;
    if is_whole {
        log::write(folder, suite, &header, merged.written(), &summary)?;
    }
    Ok(summary)
}

/// The header of the whole: the parts may differ in which part they are, and when, alone.
fn common(suite: &Suite, parts: &[PathBuf], headers: &[Header]) -> Result<Header, RunnerError> {
    let whole = |header: &Header| Header { shard: None, ..header.clone() };
    let other = |path: &Path, difference| RunnerError::OtherRun {
        path: path.display().to_string(),
        difference,
    };
    let (Some(first), Some(path)) = (headers.first().map(whole), parts.first()) else {
        return Err(RunnerError::NoParts);
    };
    if first.suite_hash != suite.hash {
        return Err(other(path, "it is of another suite, or of another state of it".to_owned()));
    }
    for (header, part) in headers.iter().zip(parts) {
        if let Some(difference) = first.difference(&whole(header)) {
            return Err(other(part, difference));
        }
    }
    let began = headers.iter().map(|header| header.started_at).min();
    Ok(Header { started_at: began.unwrap_or(first.started_at), ..first })
}
