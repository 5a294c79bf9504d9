//! Logs that we write are read back as they were, survive being cut anywhere, and hostile ones are
//! refused. What Inspect says of them is in `with_inspect.rs`.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

mod shapes;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use candour_evals::inspect_log::{
    Header, LogError, LogWriter, Sample, SampleId, Score, Spec, Status, read, read_header, recover,
    write_json,
};
use proptest::prelude::*;
use serde_json::json;
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

fn samples(path: &Path) -> (Header, Vec<Sample>) {
    let mut samples = Vec::new();
    let header = read(path, &mut |sample| samples.push(sample)).unwrap();
    (header, samples)
}

fn spec() -> Spec {
    Spec { created: "2026-11-25T10:00:00+00:00".into(), task: "t".into(), ..Spec::default() }
}

#[test]
fn every_shape_is_read_back_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    for shape in shapes::all() {
        let path = shape.write(folder.path());
        let whole = (shape.header, shape.samples);
        assert!(samples(&path) == whole, "{}", shape.name);
        assert_eq!(read_header(&path).unwrap(), whole.0);
        let json = path.with_extension("json");
        write_json(&path, &json).unwrap();
        assert!(samples(&json) == whole, "{}", shape.name);
        assert_eq!(read_header(&json).unwrap(), whole.0);
    }
}

#[test]
fn the_same_run_is_the_same_bytes() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    for shape in shapes::all() {
        let [one, two] =
            folders.each_ref().map(|folder| fs::read(shape.write(folder.path())).unwrap());
        assert!(one == two, "{}", shape.name);
    }
}

#[test]
fn a_log_with_more_members_than_the_old_format_knows_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.eval");
    let mut log = LogWriter::create(&path, &Header::started(spec())).unwrap();
    let count = 66_000;
    for place in 0..count {
        log.append(&Sample::new(place, 1, "q", "a")).unwrap();
    }
    log.finish(&Header { status: Status::Success, ..Header::started(spec()) }).unwrap();
    let mut place = 0;
    read(&path, &mut |sample| {
        assert_eq!(sample.id, SampleId::Number(place));
        place += 1;
    })
    .unwrap();
    assert_eq!(place, count);
}

/// A log of `count` samples, cut to `length` bytes, and where each sample ends.
fn cut(folder: &Path, count: usize) -> (PathBuf, Vec<u8>, Vec<u64>) {
    let path = folder.join("a.eval");
    let mut log = LogWriter::create(&path, &Header::started(spec())).unwrap();
    let mut ends = vec![fs::metadata(&path).unwrap().len()];
    for place in 0..count {
        log.append(&shapes::answered(place, "C")).unwrap();
        ends.push(fs::metadata(&path).unwrap().len());
    }
    log.finish(&Header { status: Status::Success, ..Header::started(spec()) }).unwrap();
    let bytes = fs::read(&path).unwrap();
    (path, bytes, ends)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// Wherever a run is killed, what was wholly written is kept, nothing is kept twice, and the run goes
    /// on to the log that it would have been.
    #[test]
    fn a_run_that_was_killed_goes_on(share in 0.0_f64..1.0) {
        let folder = tempfile::tempdir().unwrap();
        let (path, bytes, ends) = cut(folder.path(), 130);
        let length = ends[0] + (share * (bytes.len() as u64 - ends[0]) as f64) as u64;
        fs::write(&path, &bytes[..length as usize]).unwrap();
        let (mut log, header) = LogWriter::resume(&path).unwrap();
        // A sample may be whole without the batch of summaries that was written after it.
        let whole = ends.iter().filter(|end| **end <= length).count() - 1;
        let kept = log.len();
        prop_assert!(kept == whole || kept == whole + 1 && kept % 64 == 0);
        prop_assert!(header.status == Status::Started || kept == 130);
        for place in 0..130 {
            let sample = shapes::answered(place, "C");
            prop_assert_eq!(log.contains(&sample.id, 1), place < kept);
            if place >= kept {
                log.append(&sample).unwrap();
            }
        }
        log.finish(&Header { status: Status::Success, ..Header::started(spec()) }).unwrap();
        prop_assert_eq!(samples(&path).1.len(), 130);
        prop_assert!(fs::read(&path).unwrap() == bytes, "the log is the one of a run that was not killed");
    }
}

#[test]
fn a_sample_that_was_spoilt_is_cut_off_with_what_stands_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let (path, mut bytes, ends) = cut(folder.path(), 5);
    bytes.truncate(ends[5] as usize);
    bytes[ends[4] as usize - 20] ^= 0xff;
    fs::write(&path, &bytes).unwrap();
    let (log, _) = LogWriter::resume(&path).unwrap();
    assert_eq!(log.len(), 3);
    assert!(!log.contains(&"q3".into(), 1) && !log.contains(&"q4".into(), 1));
}

#[test]
fn a_finished_log_is_taken_up_again() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _, _) = cut(folder.path(), 3);
    let (mut log, header) = LogWriter::resume(&path).unwrap();
    assert_eq!((header.status, log.len()), (Status::Success, 3));
    log.append(&shapes::answered(3, "I")).unwrap();
    log.finish(&header).unwrap();
    assert_eq!(samples(&path).1.len(), 4);
}

#[test]
fn what_is_broken_is_refused_and_recovered() {
    let folder = tempfile::tempdir().unwrap();
    let (path, bytes, ends) = cut(folder.path(), 70);
    fs::write(&path, &bytes[..ends[40] as usize + 9]).unwrap();
    let error = read_header(&path).unwrap_err();
    assert!(matches!(error, LogError::Truncated { .. }), "{error}");
    let whole = folder.path().join("whole.eval");
    let recovered = recover(&path, &whole).unwrap();
    assert_eq!((recovered.samples, recovered.lost), (40, 0));
    let (header, found) = samples(&whole);
    assert_eq!((header.status, found.len()), (Status::Error, 40));
    assert!(header.error.unwrap().message.contains("40 samples"));
}

#[test]
fn the_writer_refuses_what_inspect_would() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.eval");
    let mut log = LogWriter::create(&path, &Header::started(spec())).unwrap();
    assert!(matches!(
        LogWriter::create(&path, &Header::started(spec())),
        Err(LogError::Exists { .. })
    ));
    log.append(&Sample::new("2", 1, "q", "a")).unwrap();
    for (id, epoch) in [(SampleId::from("2"), 1), (SampleId::from(2), 1)] {
        let again = Sample { id, epoch, ..Sample::new("2", 1, "q", "a") };
        assert!(matches!(log.append(&again), Err(LogError::Duplicate { .. })));
    }
    log.append(&Sample::new("2", 2, "q", "a")).unwrap();
    let wordy = "x".repeat(201);
    for id in ["", "a/b", "a\\b", "..", "a..b", "a\nb", "\u{7f}", &wordy] {
        assert!(matches!(log.append(&Sample::new(id, 1, "q", "a")), Err(LogError::BadId { .. })));
    }
    let mut unscored = Sample::new("3", 1, "q", "a");
    unscored.scores.insert("mean".into(), Score::new(f64::NAN));
    let error = log.append(&unscored).unwrap_err();
    insta::assert_snapshot!(error, @r#"sample "3" cannot be written: its score mean has no value: leave the score out"#);
    assert_eq!(log.len(), 2);
}

/// An archive with these members.
fn archive(folder: &Path, method: CompressionMethod, members: &[(&str, &str)]) -> PathBuf {
    let path = folder.join("made.eval");
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    for (name, text) in members {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    path
}

#[test]
fn archives_of_others_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let header = r#"{"version": 1, "status": "success", "eval": {"created": "2026-01-01", "task": "t", "model": "m", "dataset": {}, "config": {}, "later": 1}, "plan": {}, "results": {"scores": [{"name": "s", "scorer": "s", "metrics": {"mean": {"name": "mean", "value": NaN}}}]}, "stats": {}, "later": {}}"#;
    let sample = r#"{"id": 1, "epoch": 1, "input": "NaN \" Infinity", "target": ["a"], "scores": {"s": {"value": -Infinity, "history": []}, "n": {"value": NaN}}, "events": [{"event": "later"}], "metadata": null}"#;
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let members = [("samples/1_epoch_1.json", sample), ("header.json", header)];
        let path = archive(folder.path(), method, &members);
        let (found, samples) = samples(&path);
        assert_eq!(found.results.unwrap().scores[0].metrics["mean"].value, None);
        assert_eq!(samples[0].scores["s"].value, json!(-f64::MAX));
        assert_eq!(samples[0].scores["n"].value, json!(null));
        assert_eq!(
            samples[0].input,
            candour_evals::inspect_log::Input::Text("NaN \" Infinity".into())
        );
    }
    let path = folder.path().join("a.json");
    fs::write(&path, format!("\u{feff} {},\"samples\":[{sample}]}}", &header[..header.len() - 1]))
        .unwrap();
    assert_eq!(samples(&path).1[0].scores["s"].value, json!(-f64::MAX));
}

#[test]
fn what_is_no_log_of_ours_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let write = |text: &[u8]| {
        let path = folder.path().join("x.json");
        fs::write(&path, text).unwrap();
        read_header(&path)
            .unwrap_err()
            .to_string()
            .replace(&folder.path().display().to_string(), "")
    };
    let newer = br#"{"version": 3, "status": "what", "samples": 5}"#;
    let truncated = br#"{"version": 2, "status": "success", "eval": {"created""#;
    let cases: [(&[u8], &str); 8] = [
        (b"", "/x.json is not an Inspect log"),
        (b"[]", "/x.json is not an Inspect log"),
        (b"GIF89a", "/x.json is not an Inspect log"),
        (b"{}", "/x.json is not an Inspect log"),
        (b"PK\x03\x04rubbish", "/x.json is not an Inspect log"),
        (newer, "the log /x.json has schema version 3, and this program reads versions up to 2"),
        (truncated, "the log /x.json is damaged in its JSON: EOF"),
        (br#"{"version": 2, "eval": NOPE}"#, "the log /x.json is damaged in its JSON: a word"),
    ];
    for (text, expected) in cases {
        let error = write(text);
        assert!(error.starts_with(expected), "{error}");
    }
    let path = archive(folder.path(), CompressionMethod::Stored, &[("other.txt", "")]);
    assert!(matches!(read_header(&path), Err(LogError::NotALog { .. })));
    assert!(matches!(read_header(folder.path()), Err(LogError::NotALog { .. })));
}

/// Whatever stands there as a version, it is said that no such version is read, and which it is.
#[test]
fn other_versions_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let long = format!("[{}]", "0, ".repeat(9000) + "0");
    let newer = "and this program reads versions up to 2: use a newer Candour";
    let none = "which is none: Inspect writes a whole number from 1 up";
    let cases = [
        ("1", ""),
        ("2", ""),
        ("3", newer),
        ("2.5", newer),
        ("1e21", newer),
        ("1e400", newer),
        ("18446744073709551616", newer),
        ("Infinity", newer),
        (r#""3""#, newer),
        ("0", none),
        ("-1", none),
        ("1.5", none),
        (r#""two""#, none),
        ("null", none),
        ("NaN", none),
        ("true", none),
        ("{}", none),
        (long.as_str(), none),
    ];
    let json = folder.path().join("a.json");
    for (version, expected) in cases {
        let text = format!(
            r#"{{"version": {version}, "status": "success", "eval": {{"created": "", "task": "t", "model": "m"}}}}"#
        );
        fs::write(&json, &text).unwrap();
        let deflated = CompressionMethod::Deflated;
        for name in ["header.json", "_journal/start.json"] {
            let archive = archive(folder.path(), deflated, &[(name, &text)]);
            for path in [&json, &archive] {
                let error = read_header(path).map_err(|error| error.to_string());
                let error = error.err().unwrap_or_default();
                assert_eq!(error.is_empty(), expected.is_empty(), "{version}: {error}");
                assert!(error.contains(expected) && error.len() < 300, "{version}: {error}");
                let is_named = version.len() > 40 || ["Infinity", "NaN"].contains(&version);
                assert!(expected.is_empty() || is_named || error.contains(version), "{error}");
            }
        }
    }
}

/// Inspect writes a sample that was run again as another member of its name, and reads the last one; so it
/// is here. Whatever else is there twice is refused, for nobody knows which of the two counts.
#[test]
fn a_sample_that_is_there_twice_counts_once_or_is_refused() {
    let sample = |id: &str, epoch: u64, value: u64| {
        format!(
            r#"{{"id": {id}, "epoch": {epoch}, "input": "q", "target": "", "scores": {{"s": {{"value": {value}}}}}}}"#
        )
    };
    let header = r#"{"version": 2, "status": "success", "eval": {"created": "", "task": "t", "model": "m"}}"#;
    let [first, again, other] =
        [sample("\"a\"", 1, 0), sample("\"a\"", 1, 1), sample("\"a\"", 2, 0)];
    let [number, text] = [sample("7", 1, 0), sample("\"7\"", 1, 1)];
    let refused = |id: &str| format!("has sample {id:?}, epoch 1, more than once");
    // The members or samples by their names, and what the score of the first is, or why there is none.
    let cases = [
        (vec![("a_1", &first), ("a_2", &other)], Ok(0), Ok(0)),
        (vec![("a_1", &first), ("a_2", &other), ("a_1", &again)], Ok(1), Err(refused("a"))),
        (vec![("a_1", &first), ("b_1", &again)], Err(refused("a")), Err(refused("a"))),
        (vec![("7_1", &number), ("7_1", &text)], Ok(1), Err(refused("7"))),
    ];
    for (samples, in_archive, in_json) in cases {
        let folder = tempfile::tempdir().unwrap();
        let named =
            samples.iter().map(|(name, text)| (format!("samples/{name}.json"), text.as_str()));
        let members = named.chain([("header.json".to_owned(), header)]);
        let members: Vec<(String, &str)> = members.collect();
        let [archive, cut] = twice(folder.path(), &members);
        let json = folder.path().join("a.json");
        let all: Vec<&str> = samples.iter().map(|(_, text)| text.as_str()).collect();
        let body = &header[..header.len() - 1];
        fs::write(&json, format!("{body}, \"samples\": [{}]}}", all.join(","))).unwrap();
        for (path, expected) in [(cut, in_archive.clone()), (archive, in_archive), (json, in_json)]
        {
            let mut found = Vec::new();
            let read = read(&path, &mut |sample| found.push(sample.scores["s"].value.clone()));
            match (read, expected) {
                (Ok(_), Ok(expected)) => assert_eq!(found[0], json!(expected)),
                (Err(error), Err(expected)) => {
                    assert!(error.to_string().contains(&expected), "{error}");
                }
                (found, expected) => panic!("{found:?} is not {expected:?}"),
            }
        }
    }
}

/// A sample whose later run is damaged has its earlier one, which is whole.
#[test]
fn a_sample_is_recovered_from_its_last_whole_copy() {
    let sample = |value: u64| {
        format!(
            r#"{{"id": "a", "epoch": 1, "input": "q", "target": "", "scores": {{"s": {{"value": {value}}}}}}}"#
        )
    };
    let header = r#"{"version": 2, "eval": {"created": "", "task": "t", "model": "m"}}"#;
    let runs = [sample(1), sample(2), sample(3)];
    let copies = runs.iter().map(|text| ("samples/a_1.json".to_owned(), text.as_str()));
    let members = [("_journal/start.json".to_owned(), header)].into_iter().chain(copies);
    let members: Vec<(String, &str)> = members.collect();
    for (damaged, expected) in [(&[3][..], 2), (&[2, 3], 1), (&[2], 3)] {
        let folder = tempfile::tempdir().unwrap();
        let [_, cut] = twice(folder.path(), &members);
        let mut bytes = fs::read(&cut).unwrap();
        for value in damaged {
            let text = sample(*value);
            let at = bytes.windows(text.len()).position(|part| part == text.as_bytes()).unwrap();
            bytes[at] = b'[';
        }
        fs::write(&cut, &bytes).unwrap();
        let whole = folder.path().join("whole.eval");
        let recovered = recover(&cut, &whole).unwrap();
        assert_eq!((recovered.samples, recovered.lost), (1, 0), "{damaged:?}");
        assert_eq!(samples(&whole).1[0].scores["s"].value, json!(expected));
        let error = recover(&cut, &whole).unwrap_err().to_string();
        assert!(error.contains("is there already") && error.contains("name another"), "{error}");
    }
}

/// Archives whose members may have one name, one with its directory and one without: of different names, which
/// are made alike in the bytes.
fn twice(folder: &Path, members: &[(String, &str)]) -> [PathBuf; 2] {
    let other = |at: usize, name: &str| format!("{at}{}", &name[1..]);
    let names: Vec<String> =
        members.iter().zip(1..).map(|((name, _), at)| other(at, name)).collect();
    let others: Vec<(&str, &str)> =
        names.iter().map(String::as_str).zip(members.iter().map(|member| member.1)).collect();
    let path = archive(folder, CompressionMethod::Stored, &others);
    let mut bytes = fs::read(&path).unwrap();
    for (other, (name, _)) in names.iter().zip(members) {
        while let Some(at) = bytes.windows(other.len()).position(|part| part == other.as_bytes()) {
            bytes[at] = name.as_bytes()[0];
        }
    }
    fs::write(&path, &bytes).unwrap();
    let directory = bytes.windows(4).position(|part| part == b"PK").unwrap();
    let cut = folder.join("cut.eval");
    fs::write(&cut, &bytes[..directory]).unwrap();
    [path, cut]
}

#[test]
fn a_bomb_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let bomb = format!("\"{}\"", " ".repeat(64 << 20));
    let path = archive(folder.path(), CompressionMethod::Deflated, &[("header.json", &bomb)]);
    let error = read_header(&path).unwrap_err();
    assert!(matches!(error, LogError::TooLarge { .. }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    /// Whatever is done to the bytes of a log, reading it ends, with samples or with an error.
    #[test]
    fn a_damaged_log_never_panics(place: prop::sample::Index, byte: u8, keep: prop::sample::Index) {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut bytes, _) = cut(folder.path(), 3);
        let at = place.index(bytes.len());
        bytes[at] = byte;
        bytes.truncate(keep.index(bytes.len()) + 1);
        fs::write(&path, &bytes).unwrap();
        let _ = read(&path, &mut |_| {});
        let _ = LogWriter::resume(&path);
        let _ = recover(&path, &folder.path().join("b.eval"));
    }
}
