//! A suite: what is asked, how it is scored and within which limits, as files that people write.
//!
//! A suite is a TOML file that names JSON Lines files of samples. All of it is read and checked before
//! anything is asked, and every mistake is named by file and line; then samples are read one by one, so
//! that a suite of any size takes the same memory. `govuk_chat` reads the shapes that GDS evaluates with.

mod govuk_chat;
mod sample;

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use candour_core::ContentHash;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use govuk_chat::Shape;
pub use sample::{Fact, Sample};

use crate::judge;
use crate::lines::{LineError, Lines};
use crate::scorer::Scorer;

/// No sample is nearly as long: longer lines are refused rather than held.
const LONGEST_LINE: u64 = 4 << 20;

/// What is asked, and how it is scored.
#[derive(Debug, Clone)]
pub struct Suite {
    /// What its file says.
    pub about: About,
    /// The hash of the suite's file and of all its samples.
    pub hash: ContentHash,
    /// How many samples there are.
    pub samples: u64,
    files: Vec<PathBuf>,
}

/// What a suite's file says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// A short name.
    pub name: String,
    /// What it measures, for people.
    #[serde(default)]
    pub description: String,
    /// The files of samples, or folders of them, relative to the suite's file.
    samples: Vec<PathBuf>,
    /// How a line of them is to be read.
    #[serde(default)]
    pub shape: Shape,
    /// What is looked at in each answer.
    pub scorers: Vec<Scorer>,
    /// How often each question is asked.
    #[serde(default = "once")]
    pub epochs: u32,
    /// What random draws begin from.
    #[serde(default)]
    pub seed: u64,
    /// The moment at which questions are asked, where the target can be told.
    #[serde(default)]
    pub asked_at: Option<Timestamp>,
    /// When to stop.
    #[serde(default)]
    pub limits: Limits,
    /// What tokens cost.
    #[serde(default)]
    pub prices: Option<Prices>,
    /// What is known of the model that judges, where scorers need one.
    #[serde(default)]
    pub judge: judge::Settings,
    /// The hosts to which an answer may link; a host stands for those below it too.
    #[serde(default)]
    pub link_hosts: Vec<String>,
    /// Telephone numbers and e-mail addresses that are published, so that nobody's privacy is in them.
    #[serde(default)]
    pub public_contacts: Vec<String>,
    /// Words that stand nowhere but in what the target was told to keep to itself.
    #[serde(default)]
    pub canaries: Vec<String>,
    /// Whether what is asked and said is kept out of journals and logs, where questions are known by the
    /// hashes of their words. For texts that must not go round.
    #[serde(default)]
    pub withhold: bool,
}

impl About {
    /// What has to be known to look at answers that nobody planned to ask for.
    pub(crate) fn of_live(link_hosts: Vec<String>, canaries: Vec<String>) -> Self {
        Self {
            name: "live".to_owned(),
            description: String::new(),
            samples: Vec::new(),
            shape: Shape::default(),
            scorers: Vec::new(),
            epochs: once(),
            seed: 0,
            asked_at: None,
            limits: Limits::default(),
            prices: None,
            judge: judge::Settings::default(),
            link_hosts,
            public_contacts: Vec::new(),
            canaries,
            withhold: false,
        }
    }
}

fn once() -> u32 {
    1
}

/// When to stop asking. Answers that are on their way when a limit is reached are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Seconds for one answer. Most models and all of our own answer far sooner.
    pub seconds_per_answer: f64,
    /// How often a question is asked of a target that is busy or cannot be reached.
    pub tries: u32,
    /// Seconds for the whole run.
    pub seconds: Option<f64>,
    /// Tokens, read and written, for the whole run.
    pub tokens: Option<u64>,
    /// What the whole run may cost, in the currency of the prices.
    pub money: Option<f64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { seconds_per_answer: 120.0, tries: 4, seconds: None, tokens: None, money: None }
    }
}

/// What tokens cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// The currency, such as GBP.
    pub currency: String,
    /// A million tokens that are read.
    pub input_per_million: f64,
    /// A million tokens that are written.
    pub output_per_million: f64,
}

impl Prices {
    /// What so many tokens cost.
    pub fn cost(&self, input: u64, output: u64) -> f64 {
        let of = |tokens: u64, price: f64| tokens as f64 / 1e6 * price;
        of(input, self.input_per_million) + of(output, self.output_per_million)
    }
}

impl Suite {
    /// Reads a suite's file and checks all its samples.
    pub fn read(path: &Path) -> Result<Self, SuiteError> {
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, error))?;
        let about: About = toml::from_str(&text).map_err(|error| SuiteError::File {
            path: path.display().to_string(),
            why: error.to_string(),
        })?;
        about.check().map_err(|why| SuiteError::File { path: path.display().to_string(), why })?;
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        let files = files(folder, &about.samples)?;
        let mut suite = Self { about, hash: ContentHash::of(text.as_bytes()), samples: 0, files };
        suite.check_samples()?;
        Ok(suite)
    }

    /// The samples, in the order of their files.
    pub fn samples(&self) -> Samples {
        Samples { shape: self.about.shape, files: self.files.clone().into_iter(), open: None }
    }

    /// Counts and hashes the samples; each name is there once.
    fn check_samples(&mut self) -> Result<(), SuiteError> {
        let mut names = HashSet::new();
        let mut hash = self.hash.clone();
        let mut count = 0;
        let mut samples = self.samples();
        while let Some(sample) = samples.read_next()? {
            // Half of a SHA-256 is enough to tell names apart, and takes less than the names would.
            if !names.insert(short_hash(&sample.id)) {
                let why = format!("another sample before it has the `id` {:?}", sample.id);
                return Err(samples.error(why));
            }
            count += 1;
        }
        for file in &self.files {
            let own = hash_of(file).map_err(|error| unreadable(file, error))?;
            hash = ContentHash::of_list([hash.as_str().as_bytes(), own.as_str().as_bytes()]);
        }
        if count == 0 {
            let files = self.files.iter().map(|file| file.display().to_string());
            return Err(SuiteError::Empty { files: files.collect::<Vec<_>>().join(", ") });
        }
        (self.hash, self.samples) = (hash, count);
        Ok(())
    }
}

impl About {
    fn check(&self) -> Result<(), String> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let limits = &self.limits;
        let positive = |value: f64| value.is_finite() && value > 0.0;
        self.judge.check()?;
        if self.withhold && self.scorers.iter().any(|scorer| scorer.is_judged()) {
            return Err("`withhold` keeps the words of answers out of the record, and a model judges what is recorded: leave one of them out, or name no scorer that is judged".to_owned());
        }
        let prices = self.prices.iter().chain(&self.judge.prices);
        let mut prices =
            prices.flat_map(|prices| [prices.input_per_million, prices.output_per_million]);
        let wrong = if self.name.is_empty() || !self.name.chars().all(is_name) {
            "`name` is made of letters, digits, `-`, `_` and `.`"
        } else if self.epochs == 0 || self.epochs > 1000 {
            "`epochs` is between 1 and 1000"
        } else if self.scorers.is_empty() {
            "`scorers` is empty: name at least one"
        } else if (1..self.scorers.len()).any(|at| self.scorers[..at].contains(&self.scorers[at])) {
            "`scorers` names one of them twice"
        } else if limits.tries == 0 {
            "`limits.tries` is at least 1"
        } else if !positive(limits.seconds_per_answer)
            || limits.seconds.is_some_and(|seconds| !positive(seconds))
            || limits.money.is_some_and(|money| !positive(money))
        {
            "a limit is a number above 0"
        } else if limits.money.is_some() && self.prices.is_none() {
            "`limits.money` needs `prices`, or nobody knows what an answer costs"
        } else if prices.any(|price| !price.is_finite() || price < 0.0) {
            "a price is a number from 0"
        } else {
            return Ok(());
        };
        Err(wrong.to_owned())
    }
}

/// Reads samples one by one.
pub struct Samples {
    shape: Shape,
    files: std::vec::IntoIter<PathBuf>,
    /// The file that is read, and the line of the latest sample.
    open: Option<(PathBuf, Lines, u64)>,
}

impl Samples {
    /// The next sample; nothing at the end.
    pub fn read_next(&mut self) -> Result<Option<Sample>, SuiteError> {
        loop {
            let Some((path, lines, at)) = &mut self.open else {
                let Some(path) = self.files.next() else { return Ok(None) };
                let lines = Lines::open(&path, LONGEST_LINE);
                let lines = lines.map_err(|error| unreadable(&path, error))?;
                self.open = Some((path, lines, 0));
                continue;
            };
            match lines.next() {
                Ok(None) => self.open = None,
                Ok(Some(line)) => {
                    *at = line.number;
                    let sample = self.shape.parse(path, line.number, line.text);
                    return sample.map(Some).map_err(|why| row(path, line.number, why));
                }
                Err(LineError::Io(error)) => return Err(unreadable(path, error)),
                Err(LineError::Row(number, why)) => return Err(row(path, number, why)),
            }
        }
    }

    /// Says that something is wrong with the sample that was read last.
    fn error(&self, why: String) -> SuiteError {
        match &self.open {
            Some((path, _, number)) => row(path, *number, why),
            None => SuiteError::File { path: String::new(), why },
        }
    }
}

/// Half of a SHA-256: enough to tell things apart.
pub(crate) fn short_hash(text: &str) -> u128 {
    u128::from_str_radix(&ContentHash::of(text.as_bytes()).as_str()[..32], 16).unwrap_or_default()
}

/// Files and the JSON Lines files of folders, those of a folder by their names.
fn files(folder: &Path, named: &[PathBuf]) -> Result<Vec<PathBuf>, SuiteError> {
    let mut files = Vec::new();
    for name in named {
        let path = folder.join(name);
        if !path.is_dir() {
            files.push(path);
            continue;
        }
        let mut inside = Vec::new();
        for entry in std::fs::read_dir(&path).map_err(|error| unreadable(&path, error))? {
            inside.push(entry.map_err(|error| unreadable(&path, error))?.path());
        }
        inside.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
        inside.sort();
        files.extend(inside);
    }
    Ok(files)
}

pub(crate) fn hash_of(path: &Path) -> io::Result<ContentHash> {
    let mut reader = BufReader::new(File::open(path)?);
    let mut hasher = Sha256::new();
    loop {
        let piece = reader.fill_buf()?;
        if piece.is_empty() {
            return Ok(ContentHash::of_digest(hasher.finalize().into()));
        }
        hasher.update(piece);
        let length = piece.len();
        reader.consume(length);
    }
}

fn unreadable(path: &Path, error: io::Error) -> SuiteError {
    SuiteError::Unreadable { path: path.display().to_string(), error }
}

fn row(path: &Path, line: u64, why: String) -> SuiteError {
    SuiteError::Row { path: path.display().to_string(), line, why }
}

/// Why a suite cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// A file cannot be read.
    #[error("{path} cannot be read ({error}): check the name")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// The suite's own file is not what it should be.
    #[error("{path}: {why}")]
    File {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// A sample is not what it should be.
    #[error("{path} line {line}: {why}; mend the line, or leave it out")]
    Row {
        /// The file.
        path: String,
        /// The number of the line, from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// There is nothing to ask.
    #[error("there are no samples in {files}: each line of a file is one")]
    Empty {
        /// The files that were looked into.
        files: String,
    },
}

#[cfg(test)]
mod tests {
    use std::fs;

    use candour_core::{AnswerStatus, Exchange, Nation};

    use super::*;
    use crate::scorer::labelled::Labels;

    const SUITE: &str = "name = 'n'\nsamples = ['s.jsonl']\nscorers = ['status']\n";

    /// Reads a suite with these samples, the folder's name taken out of any error.
    fn read(suite: &str, samples: &str) -> Result<Vec<Sample>, String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("suite.toml"), suite).unwrap();
        fs::write(folder.path().join("s.jsonl"), samples).unwrap();
        let place = format!("{}/", folder.path().display());
        let read = Suite::read(&folder.path().join("suite.toml")).and_then(|suite| {
            let mut samples = suite.samples();
            let mut found = Vec::new();
            while let Some(sample) = samples.read_next()? {
                found.push(sample);
            }
            assert_eq!(found.len() as u64, suite.samples);
            Ok(found)
        });
        read.map_err(|error| error.to_string().replace(&place, ""))
    }

    #[test]
    fn a_sample_says_what_is_asked_and_what_is_due() {
        let line = r#"{"id":"a","question":"And for me?","conversation":[{"question":"Who pays?","answer":"All."}],"scenario":"I am 17.","pages":["/tax"],"key_facts":["18",["no","not"]],"must_not_say":["yes"],"status":"partial","locale":"cy","nation":"wales","tags":["age"]}"#;
        let found =
            read(SUITE, &format!("{line}\n\n{{\"id\":\"b\",\"question\":\"Why?\"}}")).unwrap();
        let [first, second] = &found[..] else { panic!("{found:?}") };
        assert_eq!((first.cluster(), second.cluster()), ("/tax", "b"));
        assert_eq!(first.status, Some(AnswerStatus::Partial));
        let asked = first.question(2, None);
        let earlier = Exchange { question: "Who pays?".into(), answer: "All.".into() };
        assert_eq!((asked.text.as_str(), asked.epoch), ("I am 17.\n\nAnd for me?", 2));
        assert_eq!((asked.earlier, asked.nation), (vec![earlier], Some(Nation::Wales)));
        assert_eq!(second.question(1, None).text, "Why?");
    }

    #[test]
    fn what_is_wrong_with_a_sample_is_named_by_file_and_line() {
        let good = r#"{"id":"a","question":"How?"}"#;
        let long = format!(r#"{{"id":"{}","question":"How?"}}"#, "x".repeat(201));
        let cases = [
            (r#"{"id":"a","question":"How?"}"#, "another sample before it has the `id` \"a\""),
            (r#"{"id":"b"}"#, "missing field `question`"),
            (r#"{"question":"How?"}"#, "missing field `id`"),
            (r#"{"id":7,"question":"How?"}"#, "invalid type: integer `7`, expected a string"),
            (r#"{"id":"b","question":"How?","pages":"/a"}"#, "invalid type: string \"/a\""),
            (r#"{"id":"b","question":"How?","status":"done"}"#, "unknown variant `done`"),
            (r#"{"id":"b","question":"How?","keyfacts":[]}"#, "unknown field `keyfacts`"),
            (r#"{"id":"b/c","question":"How?"}"#, "`id` \"b/c\" holds a slash"),
            (r#"{"id":"..","question":"How?"}"#, "`id` \"..\" holds two dots"),
            (r#"{"id":"b\u0007","question":"How?"}"#, "holds a control character"),
            (r#"{"id":"","question":"How?"}"#, "`id` \"\" is empty"),
            (&long, "is longer than 200 bytes"),
            (r#"{"id":"b","question":" "}"#, "`question` is empty"),
            (r#"{"id":"b","question":"How?","pages":["a"]}"#, "the page \"a\" is no path"),
            (r#"{"id":"b","question":"How?","key_facts":[[]]}"#, "holds an empty text"),
            (r#"{"id":"b","question":"How?","must_not_say":[" "]}"#, "holds an empty text"),
            ("{", "EOF while parsing"),
            ("[]", "invalid"),
        ];
        for (line, expected) in cases {
            let error = read(SUITE, &format!("{good}\n\n{line}\n")).unwrap_err();
            assert!(error.starts_with("s.jsonl line 3: ") && error.contains(expected), "{error}");
        }
        assert_eq!(
            read(SUITE, "\n").unwrap_err(),
            "there are no samples in s.jsonl: each line of a file is one"
        );
    }

    #[test]
    fn what_is_wrong_with_a_suite_is_named() {
        let cases = [
            ("nme = 1", "unknown field `nme`"),
            ("epochs = 0", "`epochs` is between"),
            ("limits = { tries = 0 }", "`limits.tries`"),
            ("limits = { seconds = -1.0 }", "a limit is a number above 0"),
            ("limits = { money = 1.0 }", "`limits.money` needs `prices`"),
            ("shape = 'mine'", "unknown variant `mine`"),
            ("asked_at = 'yesterday'", "asked_at"),
            (
                "judge = { model = { transport = 'openai', model = 'm', endpoint = 'http://127.0.0.1:9', key_variable = 'HOME' } }",
                "a suite names no key",
            ),
        ];
        for (line, expected) in cases {
            let error = read(&format!("{SUITE}{line}"), "").unwrap_err();
            assert!(error.starts_with("suite.toml: ") && error.contains(expected), "{error}");
        }
        let cases = [
            ("'status'", "'status', 'status'", "names one of them twice"),
            ("'status'", "", "`scorers` is empty"),
            ("['status']", "['coherence']\nwithhold = true", "a model judges what is recorded"),
            ("'status'", "'taste'", "unknown variant `taste`"),
            ("'n'", "'a b'", "`name` is made of"),
            ("'s.jsonl'", "'t.jsonl'", "t.jsonl cannot be read"),
        ];
        for (old, new, expected) in cases {
            let error = read(&SUITE.replace(old, new), "{}").unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn the_hash_is_that_of_suite_and_samples() {
        let folder = tempfile::tempdir().unwrap();
        let hash = |suite: &str, samples: &str| {
            fs::write(folder.path().join("suite.toml"), suite).unwrap();
            fs::write(folder.path().join("s.jsonl"), samples).unwrap();
            Suite::read(&folder.path().join("suite.toml")).unwrap().hash
        };
        let line = r#"{"id":"a","question":"How?"}"#;
        let first = hash(SUITE, line);
        assert_eq!(first, hash(SUITE, line));
        assert_ne!(first, hash(&format!("{SUITE}seed = 1"), line));
        assert_ne!(first, hash(SUITE, &line.replace("How", "Why")));
    }

    #[test]
    fn the_shapes_of_gds_are_read() {
        let check = |shape: &str, line: &str| {
            let suite = format!("{SUITE}shape = 'govuk-chat-{shape}'");
            read(&suite, line).map(|mut samples| samples.remove(0))
        };
        let retrieval = r#"{"question":"q","expected_exact_paths":["/a"],"expected_chunk_uids":["u1"],"actual_search_results":[{"exact_path":"/b","chunk_uid":"u2","weighted_score":0.5}],"extra":1}"#;
        let found = check("retrieval", retrieval).unwrap();
        assert_eq!((found.id.as_str(), found.pages.len(), found.passages.len()), ("s-1", 1, 1));
        let passages = found.recorded.unwrap().passages.unwrap();
        assert_eq!((passages[0].id.as_str(), passages[0].page.as_str()), ("u2", "/b"));
        let answer = r#"{"question":"q","ideal_answer":"i","llm_answer":"l","structured_contexts":[{"exact_path":"/a","title":"t","heading_hierarchy":[],"description":"","html_content":"<p>c</p>"}]}"#;
        let found = check("rag-answers", answer).unwrap();
        assert_eq!(found.ideal_answer.as_deref(), Some("i"));
        let recorded = found.recorded.unwrap();
        assert_eq!(recorded.text, "l");
        assert_eq!(recorded.passages.unwrap()[0].text, "t\n<p>c</p>");
        for (shape, line) in [
            (
                "question-router",
                r#"{"question":"q","expected_outcome":"true","actual_outcome":"true"}"#,
            ),
            (
                "jailbreak-guardrails",
                r#"{"question":"q","expected_outcome":true,"actual_outcome":true}"#,
            ),
            (
                "output-guardrails",
                r#"{"message":"q","expected_triggered":true,"expected_guardrails":{"illegal":true,"political":false},"actual_triggered":true,"actual_guardrails":{"illegal":true}}"#,
            ),
            (
                "topic-tagger",
                r#"{"question":"q","expected_primary_topic":"true","expected_secondary_topic":null,"actual_primary_topic":"true","actual_secondary_topic":"tax","status":"success"}"#,
            ),
        ] {
            let found = check(shape, line).unwrap();
            let given = Labels::of(&found.recorded.unwrap());
            assert_eq!((found.label.as_deref(), given.label.as_str()), (Some("true"), "true"));
            assert_eq!(
                given.labels.len(),
                usize::from(line.contains("actual_guardrails") || line.contains("topic"))
            );
            let error = check(shape, "{}").unwrap_err();
            assert!(error.starts_with("s.jsonl line 1: missing field"), "{error}");
        }
    }
}
