//! Runs of the parts of a suite, made on several machines, become one run of the whole.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::journal::Journal;
use super::record::{Asking, Header, Record};
use super::summary::Summary;
use super::tally::Tally;
use super::written::{Contents, Place, Written, header_of};
use super::{Ending, JOURNAL, RunnerError, Sync, log};
use crate::suite::Suite;

/// A part as it was when it was looked into: whatever is added to its journal later stands behind that.
struct Part {
    written: Written,
    contents: Contents,
}

/// Copies what was recorded in several folders into a new one. What is missing can be asked there: it is
/// a run like any other. All parts are looked through before anything is written, and the journal of the
/// whole has its name only once it is whole, so that a merge that fails leaves no run behind.
pub fn merge(suite: &Suite, parts: &[PathBuf], folder: &Path) -> Result<Summary, RunnerError> {
    let headers: Vec<Header> =
        parts.iter().map(|part| header_of(part)).collect::<Result<_, _>>()?;
    let header = common(suite, parts, &headers)?;
    let parts = opened(parts, &headers)?;
    let _busy = empty(folder, &header)?;
    let unwritable = |error| RunnerError::Unwritable { path: folder.display().to_string(), error };
    std::fs::create_dir_all(folder).map_err(unwritable)?;
    let scratch = tempfile::Builder::new().prefix("merging-").tempdir_in(folder);
    let scratch = scratch.map_err(unwritable)?;
    let mut tally = Tally::new(&header.scorers, header.epochs, folder);
    copy(&parts, &Journal::open(scratch.path(), &header, Sync::EverySecond)?, &mut tally)?;
    let copied = scratch.path().join(JOURNAL);
    File::open(&copied).and_then(|file| file.sync_all()).map_err(unwritable)?;
    std::fs::rename(&copied, folder.join(JOURNAL)).map_err(unwritable)?;
    let merged = Written::open(folder)?;
    let is_whole = tally.done() == suite.samples * u64::from(header.epochs);
    let ending = if is_whole { Ending::Complete } else { Ending::Stopped };
    let in_flight = merged.contents()?.in_flight;
    let summary = Summary::new(suite, header.clone(), &mut tally, ending, in_flight, None)?;
    if is_whole {
        log::write(folder, suite, &header, &merged, &summary)?;
    }
    Ok(summary)
}

/// Looks into all parts. Nobody may be busy with one, and no two may have an answer to one question.
fn opened(parts: &[PathBuf], headers: &[Header]) -> Result<Vec<Part>, RunnerError> {
    let mut seen = HashSet::new();
    let mut opened = Vec::new();
    for (part, header) in parts.iter().zip(headers) {
        let contents = Journal::open(part, header, Sync::EverySecond)?.written().contents()?;
        let written = Written::open(part)?;
        for (key, place) in contents.in_order() {
            if !seen.insert(key) {
                let record: Record = written.line_at(place)?;
                let path = part.display().to_string();
                return Err(RunnerError::Twice { path, id: record.id, epoch: record.epoch });
            }
        }
        opened.push(Part { written, contents });
    }
    Ok(opened)
}

/// Makes sure that a folder holds no run, and that nobody begins one there for as long as what is given
/// stands.
fn empty(folder: &Path, header: &Header) -> Result<Option<Journal>, RunnerError> {
    if !folder.join(JOURNAL).exists() {
        return Ok(None);
    }
    let journal = Journal::open(folder, header, Sync::EverySecond)?;
    let Contents { records, in_flight, parts } = journal.written().contents()?;
    if records.is_empty() && in_flight.is_empty() && parts.is_empty() {
        return Ok(Some(journal));
    }
    Err(RunnerError::NotEmpty { path: folder.display().to_string() })
}

fn copy(parts: &[Part], merged: &Journal, tally: &mut Tally) -> Result<(), RunnerError> {
    for Part { written, contents } in parts {
        for (_, place) in contents.in_order() {
            let record: Record = written.line_at(place)?;
            merged.add(&record)?;
            tally.add_with_spending(&record);
        }
        // What was answered and not judged to the end goes on there too.
        let mut begun: Vec<Place> = contents.parts.values().flatten().copied().collect();
        begun.sort_unstable_by_key(|place| place.offset);
        for place in begun {
            merged.add(&written.line_at::<serde_json::Value>(place)?)?;
        }
    }
    // What was on its way may have been paid for, whatever another part has of it. Behind everything else,
    // where no record takes its name away.
    for asking in parts.iter().flat_map(|part| &part.contents.in_flight) {
        merged.add(&Asking { asking: asking.clone() })?;
    }
    Ok(())
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
