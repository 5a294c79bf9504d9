//! Runs of the parts of a suite, made on several machines, become one run of the whole.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::journal::Journal;
use super::latest::full;
use super::record::{Asking, Header, Record, Used};
use super::summary::Summary;
use super::tally::Tally;
use super::written::{Contents, Place, Written, header_of};
use super::{Ending, JOURNAL, RunnerError, Sync, log};
use crate::sorted::Sorted;
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
    let endings: Vec<String> = parts.iter().filter_map(|part| log::ending_of(part)).collect();
    let ended = parts.iter().filter_map(|part| log::completed_at(part)).max().unwrap_or_default();
    let mut parts = opened(parts, &headers)?;
    let _busy = empty(folder, &header)?;
    let unwritable = |error| RunnerError::Unwritable { path: folder.display().to_string(), error };
    std::fs::create_dir_all(folder).map_err(unwritable)?;
    let scratch = tempfile::Builder::new().prefix("merging-").tempdir_in(folder);
    let scratch = scratch.map_err(unwritable)?;
    let mut tally = Tally::new(&header.scorers, header.epochs, folder);
    copy(&mut parts, &Journal::open(scratch.path(), &header, Sync::EverySecond)?, &mut tally)?;
    let copied = scratch.path().join(JOURNAL);
    File::open(&copied).and_then(|file| file.sync_all()).map_err(unwritable)?;
    std::fs::rename(&copied, folder.join(JOURNAL)).map_err(unwritable)?;
    let merged = Written::open(folder)?;
    let is_whole = tally.done() == suite.samples * u64::from(header.epochs);
    let ending = if is_whole { Ending::Complete } else { Ending::of_parts(&endings) };
    let Contents { again, mut in_flight, .. } = merged.contents()?;
    in_flight.extend(again);
    in_flight.sort();
    let summary = Summary::new(suite, header.clone(), &mut tally, ending, in_flight, None)?;
    log::write(folder, suite, &header, &merged, &summary, ended)?;
    Ok(summary)
}

/// Looks into all parts. Nobody may be busy with one, and no two may have an answer to one question.
fn opened(parts: &[PathBuf], headers: &[Header]) -> Result<Vec<Part>, RunnerError> {
    let mut all = Sorted::default();
    let (mut opened, scratch) = (Vec::new(), std::env::temp_dir());
    for (part, header) in parts.iter().zip(headers) {
        let mut contents = Journal::open(part, header, Sync::EverySecond)?.written().contents()?;
        let written = Written::open(part)?;
        let nth = opened.len() as u64;
        contents.records.each(|key, place| {
            let ([high, low, epoch], [offset, rest]) = (key.numbers(), place.numbers());
            all.add(&scratch, [high, low, epoch, nth, offset, rest]);
        })?;
        opened.push(Part { written, contents });
    }
    let repeated = first_repeated(&mut all).map_err(|error| full(&scratch, error))?;
    if let Some((nth, place)) = repeated
        && let (Some(part), Some(path)) = (opened.get(nth), parts.get(nth))
    {
        let record: Record = part.written.line_at(place)?;
        let path = path.display().to_string();
        return Err(RunnerError::Twice { path, id: record.id, epoch: record.epoch });
    }
    Ok(opened)
}

/// The first part, and the place there, with an answer to a question that a part before it has one to.
fn first_repeated(all: &mut Sorted<6>) -> io::Result<Option<(usize, Place)>> {
    let (mut before, mut first) = (None, None::<[u64; 3]>);
    all.each(|[high, low, epoch, nth, offset, rest]| {
        let (key, place) = ([*high, *low, *epoch], [*nth, *offset, *rest]);
        if before.replace(key) == Some(key) {
            first = Some(first.map_or(place, |first| first.min(place)));
        }
    })?;
    Ok(first.map(|[nth, offset, rest]| (nth as usize, Place::of_numbers([offset, rest]))))
}

/// Makes sure that a folder holds no run, and that nobody begins one there for as long as what is given
/// stands.
fn empty(folder: &Path, header: &Header) -> Result<Option<Journal>, RunnerError> {
    if !folder.join(JOURNAL).exists() {
        return Ok(None);
    }
    let journal = Journal::open(folder, header, Sync::EverySecond)?;
    let Contents { records, in_flight, parts, .. } = journal.written().contents()?;
    if records.is_empty() && in_flight.is_empty() && parts.is_empty() {
        return Ok(Some(journal));
    }
    Err(RunnerError::NotEmpty { path: folder.display().to_string() })
}

fn copy(parts: &mut [Part], merged: &Journal, tally: &mut Tally) -> Result<(), RunnerError> {
    // What was asked twice in a part was so in the whole. Before everything else, which takes away that it is
    // on its way.
    for asking in parts.iter().flat_map(|part| &part.contents.again) {
        merged.add(&Asking { asking: asking.clone(), again: true })?;
    }
    for Part { written, contents } in &mut *parts {
        written.each_record(&mut contents.records, |record, _| {
            merged.add(&record)?;
            tally.spend_all(&record);
            tally.add(&record);
            Ok(())
        })?;
        // What was answered and not judged to the end goes on there too.
        let mut begun: Vec<Place> = contents.parts.values().flatten().copied().collect();
        begun.sort_unstable_by_key(|place| place.offset);
        for place in begun {
            merged.add(&written.line_at::<serde_json::Value>(place)?)?;
        }
    }
    // They were asked side by side, so that the whole took as long as the one that took longest.
    let used = parts.iter().map(|part| part.contents.used_seconds).fold(0.0, f64::max);
    if used > 0.0 {
        merged.add(&Used { used_seconds: used })?;
    }
    // What was on its way may have been paid for, whatever another part has of it. Behind everything else,
    // where no record takes its name away.
    for asking in parts.iter().flat_map(|part| &part.contents.in_flight) {
        merged.add(&Asking { asking: asking.clone(), again: false })?;
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
