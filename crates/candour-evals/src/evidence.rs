//! What a measurement leaves in its folder, so that it can be reported, kept as evidence, and held against
//! a claim: the figures, and what they are figures of.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use candour_core::evidence::RESULT;
use candour_core::{ContentHash, Evidence, KeptFile};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::runner::LOG;
use crate::scored::{Reading, Scored, ScoredError};
use crate::statistics::{Confidence, Method};

/// What a measurement found, and of what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// What was done: `run`, `redteam`, `calibration`, `retrieval`, `log`.
    pub kind: String,
    /// What was measured, and with what, for people.
    pub title: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The version of the program that made it.
    pub program: String,
    /// The hash of the configuration that was measured, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<ContentHash>,
    /// The snapshot that was searched, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<String>,
    /// The hash of the questions, where they are a suite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suite: Option<ContentHash>,
    /// The figures, as the command that found them prints them with `--json`.
    pub result: Value,
}

impl Outcome {
    /// Reads what `bytes` writes.
    pub fn parse(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// Whether all was asked. A run that stopped before has no log: one beside its figures would be that of
    /// another state of it.
    pub(crate) fn is_at_its_end(&self) -> bool {
        let ending = self.result.get("ending").and_then(Value::as_str);
        ending.is_none_or(|ending| ending == "complete")
    }

    /// The bytes by which it is named.
    pub fn bytes(&self) -> Vec<u8> {
        // Its maps have string keys only, so that it can always be written.
        let mut bytes = serde_json::to_vec(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Leaves it in a folder, whole or not at all.
    pub fn write(&self, folder: &Path) -> Result<(), EvidenceError> {
        let (whole, part) = (folder.join(RESULT), folder.join(format!("{RESULT}.part")));
        let written = File::create(&part).and_then(|mut file| {
            file.write_all(&self.bytes())?;
            file.sync_all()
        });
        written.and_then(|()| std::fs::rename(&part, &whole)).map_err(|error| {
            EvidenceError::Unwritable { path: whole.display().to_string(), why: error.to_string() }
        })
    }
}

/// What can become evidence: an outcome, and the files that belong to it by their names.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The figures.
    pub outcome: Outcome,
    /// The same as it is written. Its bytes count: numbers that are read and written again may differ.
    pub result: Vec<u8>,
    /// The log that they are made from, where there is one.
    pub files: Vec<(String, PathBuf)>,
    /// That log as it was before the figures were read from it, where they were. Another may have taken its
    /// name since.
    pub read_from: Option<KeptFile>,
}

impl From<Outcome> for Found {
    /// What was measured and left nothing but its figures.
    fn from(outcome: Outcome) -> Self {
        Self { result: outcome.bytes(), outcome, files: Vec::new(), read_from: None }
    }
}

impl Found {
    /// What is in the folder of a run, or in a log, whoever wrote it.
    pub fn at(path: &Path) -> Result<Self, EvidenceError> {
        if !path.is_dir() {
            let files = vec![(log_name(path), path.to_owned())];
            let read_from = Some(measure(path)?);
            return Ok(Self { files, read_from, ..Self::from(of_log(path)?) });
        }
        let file = path.join(RESULT);
        let result = match std::fs::read(&file) {
            Ok(result) => result,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(EvidenceError::NoResult { path: path.display().to_string() });
            }
            Err(error) => return Err(unreadable(&file, &error)),
        };
        let outcome = Outcome::parse(&result).map_err(|why| unreadable(&file, &why))?;
        let log = path.join(LOG);
        let has_log = outcome.is_at_its_end() && log.is_file();
        let files = if has_log { vec![(LOG.to_owned(), log)] } else { Vec::new() };
        Ok(Self { outcome, result, files, read_from: None })
    }

    /// The evidence that it is. Every file is read for its hash, where it is not known.
    pub fn evidence(&self) -> Result<Evidence, EvidenceError> {
        let (hash, bytes) = (ContentHash::of(&self.result), self.result.len() as u64);
        let mut files = BTreeMap::from([(RESULT.to_owned(), KeptFile { hash, bytes })]);
        for (name, path) in &self.files {
            let file = self.read_from.clone().map_or_else(|| measure(path), Ok)?;
            files.insert(name.clone(), file);
        }
        Ok(self.of_files(files))
    }

    /// The evidence that it is with files whose hashes are known.
    pub fn of_files(&self, files: BTreeMap<String, KeptFile>) -> Evidence {
        let outcome = self.outcome.clone();
        Evidence {
            version: 1,
            kind: outcome.kind,
            title: outcome.title,
            made_at: outcome.made_at,
            program: outcome.program,
            configuration: outcome.configuration,
            snapshot: outcome.snapshot,
            suite: outcome.suite,
            files,
        }
    }
}

fn log_name(path: &Path) -> String {
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    if is_json { "log.json".to_owned() } else { LOG.to_owned() }
}

/// The figures of a log that somebody else's tool may have written.
fn of_log(path: &Path) -> Result<Outcome, EvidenceError> {
    let scored = Scored::read(path, &Reading::default())?;
    let eval = &scored.header.eval;
    let rate = |name: &str| {
        Some((name.to_owned(), serde_json::to_value(scored.rate(name, Confidence::P95)).ok()?))
    };
    let rates: serde_json::Map<String, Value> =
        scored.names().into_iter().filter_map(rate).collect();
    let result = serde_json::json!({
        "status": scored.header.status,
        "samples": scored.samples,
        "failed": scored.failed,
        "limited": scored.limited,
        "not_numbers": scored.not_numbers,
        "scores": rates,
    });
    Ok(Outcome {
        kind: "log".to_owned(),
        title: format!("{} asked of {}", eval.task, eval.asked_of()),
        made_at: eval.created.parse().unwrap_or(Timestamp::UNIX_EPOCH),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        configuration: None,
        snapshot: None,
        suite: None,
        result,
    })
}

/// Whether a file of a folder that came from elsewhere is the one that was kept. What is no file, a device or
/// a link, is not opened, and no more of it is read than the one that was kept has.
pub fn is_whole(path: &Path, kept: &KeptFile) -> Result<bool, EvidenceError> {
    let about = std::fs::symlink_metadata(path).map_err(|error| unreadable(path, &error))?;
    if !about.is_file() {
        return Err(unreadable(path, &"it is no file"));
    }
    if about.len() != kept.bytes {
        return Ok(false);
    }
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let found = measured(file.take(kept.bytes.saturating_add(1)));
    Ok(found.map_err(|error| unreadable(path, &error))? == *kept)
}

/// The hash and the length of a file.
pub fn measure(path: &Path) -> Result<KeptFile, EvidenceError> {
    File::open(path).and_then(measured).map_err(|error| unreadable(path, &error))
}

/// The hash and the length of what is read.
pub(crate) fn measured(mut from: impl io::Read) -> io::Result<KeptFile> {
    let (mut hasher, mut bytes, mut piece) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = from.read(&mut piece)?;
        if read == 0 {
            return Ok(KeptFile { hash: ContentHash::of_digest(hasher.finalize().into()), bytes });
        }
        hasher.update(&piece[..read]);
        bytes += read as u64;
    }
}

/// A figure with its interval, somewhere in a result.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// Where it stands: the keys that lead there, with dots between.
    pub name: String,
    /// The value.
    pub value: f64,
    /// The ends of its interval, where they are known.
    pub low: Option<f64>,
    /// The same.
    pub high: Option<f64>,
    /// Of how many it is made, where that is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<u64>,
    /// Of how many clusters these are, where that is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clusters: Option<u64>,
    /// How its interval was made, where that is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
}

/// All figures of a result that have an interval, in the order in which they stand. What else a result
/// holds is passed over, so that results of any command are read.
pub fn figures(result: &Value) -> Vec<Figure> {
    let mut found = Vec::new();
    collect(result, String::new(), &mut found);
    found
}

/// Scorers that were asked for and had nothing to look at in any answer, by rules or as a model judges.
pub(crate) fn never_scored(result: &Value) -> Vec<&str> {
    let asked = result.get("scorers").and_then(Value::as_array);
    let is_measured = |name: &&str| {
        let at = |measures: &str| result.pointer(&format!("{measures}/{name}")).is_some();
        at("/measures") || at("/judge/measures")
    };
    let asked = asked.into_iter().flatten().filter_map(Value::as_str);
    asked.filter(|name| !is_measured(name)).collect()
}

fn collect(value: &Value, name: String, found: &mut Vec<Figure>) {
    let below = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
    match value {
        Value::Object(object) => {
            let number = |key: &str| object.get(key).and_then(Value::as_f64);
            let is_figure = object.contains_key("low") && object.contains_key("high");
            if let (true, Some(value)) = (is_figure, number("value")) {
                let count = |key: &str| object.get(key).and_then(Value::as_u64);
                let (n, clusters) = (count("n"), count("clusters"));
                let method = object.get("method").map(method_name);
                let (low, high) = (number("low"), number("high"));
                found.push(Figure { name, value, low, high, n, clusters, method });
                return;
            }
            for (key, inner) in object {
                collect(inner, below(key), found);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                let own = item.get("name").and_then(Value::as_str);
                collect(item, below(own.unwrap_or(&at.to_string())), found);
            }
        }
        _ => {}
    }
}

/// How an interval was made, as tables say it.
fn method_name(method: &Value) -> String {
    match Method::deserialize(method) {
        Ok(method) => method.name().to_owned(),
        Err(_) => method.as_str().unwrap_or_default().to_owned(),
    }
}

fn unreadable(path: &Path, why: &dyn std::fmt::Display) -> EvidenceError {
    EvidenceError::Unreadable { path: path.display().to_string(), why: why.to_string() }
}

/// Why something is no evidence.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// A file cannot be read.
    #[error("{path} cannot be read ({why}): check its name")]
    Unreadable {
        /// The file.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// A file cannot be written.
    #[error("{path} cannot be written ({why}): make room, or name another folder")]
    Unwritable {
        /// The file.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// A folder holds no result.
    #[error(
        "{path} holds no result.json: name the folder of a run that came to its end, or an Inspect log"
    )]
    NoResult {
        /// The folder.
        path: String,
    },
    /// The scores of a log cannot be read.
    #[error(transparent)]
    Scored(#[from] ScoredError),
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn figures_are_found_wherever_they_stand() {
        let estimate = json!({"value": 0.5, "low": 0.25, "high": 0.75, "n": 8, "method": "wilson"});
        let result = json!({
            "done": 3,
            "measures": {"status": estimate},
            "abstention": {"on": {"success": {"plain": {"value": 1, "low": null, "high": null}}}},
            "scores": [{"name": "s", "value": 0.5, "low": 0.5, "high": 0.5}, {"value": 3}],
        });
        let found = figures(&result);
        let names: Vec<&str> = found.iter().map(|figure| figure.name.as_str()).collect();
        assert_eq!(names, ["measures.status", "abstention.on.success.plain", "scores.s"]);
        assert_eq!((found[0].low, found[0].n), (Some(0.25), Some(8)));
        assert_eq!((found[1].value, found[1].low), (1.0, None));
    }

    #[test]
    fn a_folder_without_a_result_is_no_evidence() {
        let folder = tempfile::tempdir().unwrap();
        let error = Found::at(folder.path()).unwrap_err().to_string();
        assert!(error.contains("holds no result.json"), "{error}");
        std::fs::write(folder.path().join(RESULT), "{\"kind\": 1}").unwrap();
        let error = Found::at(folder.path()).unwrap_err().to_string();
        assert!(error.contains("result.json cannot be read"), "{error}");
    }

    #[test]
    fn what_is_left_in_a_folder_is_the_same_evidence_later() {
        let folder = tempfile::tempdir().unwrap();
        let outcome = Outcome {
            kind: "run".into(),
            title: "a suite asked of a pilot".into(),
            made_at: Timestamp::UNIX_EPOCH,
            program: "0.1.0".into(),
            configuration: None,
            snapshot: Some("s".into()),
            suite: Some(ContentHash::of(b"suite")),
            result: json!({"measures": {"b": 1.5, "a": [0.1]}}),
        };
        outcome.write(folder.path()).unwrap();
        let found = Found::at(folder.path()).unwrap();
        assert_eq!((&found.outcome, found.files.len()), (&outcome, 0));
        let alone = Found::from(outcome.clone()).evidence().unwrap();
        assert_eq!(found.evidence().unwrap().hash(), alone.hash());
        std::fs::write(folder.path().join("log.eval"), "log").unwrap();
        let with_log = Found::at(folder.path()).unwrap().evidence().unwrap();
        assert_ne!(with_log.hash(), alone.hash());
        assert_eq!(with_log.files["log.eval"].hash, ContentHash::of(b"log"));
        let stopped = Outcome { result: json!({"ending": "stopped"}), ..outcome };
        stopped.write(folder.path()).unwrap();
        assert!(
            Found::at(folder.path()).unwrap().files.is_empty(),
            "it is a log of something else"
        );
    }
}
