//! Answers that were given before: a file of them, or the journal of an earlier run.
//!
//! Each line is a JSON object with `id`, `epoch` where it is not 1, and `answer`, a text, or `reply`, as
//! journals have it. What an earlier run recorded as an error is one again, so that the same scores come
//! of the same answers. Only the places of lines are kept in memory. What a person wrote is read strictly
//! (`line`); a journal may be of a later program, and says an answer once more where it was asked again.

mod line;

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use candour_core::{AnswerStatus, Answerer, AnswererError, Answering, Question, Reply};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::http::TargetError;
use crate::judge::Judgement;
use crate::lines::{LineError, Lines};
use crate::runner::{Failure, JOURNAL, Key, is_of_another_format};
use crate::suite::{Suite, SuiteError};

/// No answer is nearly as long.
const LONGEST_LINE: u64 = 64 << 20;

/// A file of answers.
pub struct Transcript {
    path: PathBuf,
    file: Mutex<File>,
    places: HashMap<Key, (u64, usize)>,
}

/// Answers of a transcript that are of no question of a suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strange {
    /// How many there are.
    pub count: usize,
    /// The name of the first of them.
    pub first: Option<String>,
}

impl Transcript {
    /// Looks through a file of answers; of a folder, it is the journal of the run in it. Where a journal
    /// answers a question twice, the later answer counts; any other file may not.
    pub fn open(path: &Path) -> Result<Self, TargetError> {
        let path = if path.is_dir() { path.join(JOURNAL) } else { path.to_owned() };
        let name = || path.display().to_string();
        let unreadable = |error| TargetError::Unreadable { path: name(), error };
        let row = |line, why| TargetError::Row { path: name(), line, why };
        let mut lines = Lines::open(&path, LONGEST_LINE).map_err(unreadable)?;
        let (mut places, mut is_journal) = (HashMap::new(), false);
        loop {
            let line = match lines.next() {
                Ok(Some(line)) => line,
                Ok(None) => break,
                Err(LineError::Io(error)) => return Err(unreadable(error)),
                Err(LineError::Row(number, why)) => return Err(row(number, why)),
            };
            let entry: Entry = match serde_json::from_str(line.text) {
                Ok(entry) => entry,
                // The end of a journal that was cut short.
                Err(_) if is_journal && !line.is_whole => break,
                Err(error) => return Err(row(line.number, line::words(&error))),
            };
            if let Some(format) = entry.other_format() {
                return Err(TargetError::OtherFormat { path: name(), format: format.to_owned() });
            }
            if entry.is_of_a_journal() {
                is_journal = true;
                continue;
            }
            if !is_journal {
                line::check(line.text).map_err(|why| row(line.number, why))?;
            }
            let Some(id) = &entry.id else {
                return Err(row(line.number, "`id` is missing".to_owned()));
            };
            let place = (line.offset, line.text.len());
            if places.insert(Key::of(id, entry.epoch), place).is_some() && !is_journal {
                let why = format!("a line before it answers {id:?} at epoch {} too", entry.epoch);
                return Err(row(line.number, why));
            }
        }
        let file = Mutex::new(File::open(&path).map_err(unreadable)?);
        Ok(Self { path, file, places })
    }

    /// What a model was asked of an answer, and said.
    pub(crate) fn judgements(&self, id: &str, epoch: u32) -> Result<Vec<Judgement>, AnswererError> {
        Ok(self.entry(Key::of(id, epoch))?.judgements)
    }

    /// The answers that are of no question of a suite.
    pub fn strange(&self, suite: &Suite) -> Result<Strange, SuiteError> {
        let (mut left, mut samples) = (self.places.clone(), suite.samples());
        while let Some(sample) = samples.read_next()? {
            for epoch in 1..=suite.about.epochs {
                left.remove(&Key::of(&sample.id, epoch));
            }
        }
        let first = left.values().min().and_then(|place| self.line_at::<Entry>(*place).ok()?.id);
        Ok(Strange { count: left.len(), first })
    }

    fn entry(&self, key: Key) -> Result<Answer, AnswererError> {
        self.line_at(*self.places.get(&key).ok_or(AnswererError::NotRecorded)?)
    }

    fn line_at<T: DeserializeOwned>(
        &self,
        (offset, length): (u64, usize),
    ) -> Result<T, AnswererError> {
        let mut bytes = vec![0; length];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file.seek(SeekFrom::Start(offset)).and_then(|_| file.read_exact(&mut bytes));
        drop(file);
        read.map_err(|error| AnswererError::Failed(error.to_string()))?;
        serde_json::from_slice(&bytes).map_err(|error| AnswererError::Malformed(error.to_string()))
    }

    fn look_up(&self, question: &Question) -> Result<Reply, AnswererError> {
        match self.entry(Key::of(&question.id, question.epoch))? {
            Answer { error: Some(failure), .. } => {
                Err(AnswererError::Recorded { kind: failure.kind, detail: failure.detail })
            }
            Answer { reply: Some(reply), .. } => Ok(reply),
            Answer { text: Some(text), status, .. } => {
                Ok(Reply { text, status, ..Reply::default() })
            }
            _ => Err(AnswererError::Recorded {
                kind: "malformed".to_owned(),
                detail: "its line in the transcript has neither `answer` nor `reply`: add one, or leave the line out".to_owned(),
            }),
        }
    }
}

impl Answerer for Transcript {
    fn identity(&self) -> String {
        format!("transcript {}", self.path.display())
    }

    fn answer<'a>(&'a self, question: &'a Question) -> Answering<'a> {
        Box::pin(std::future::ready(self.look_up(question)))
    }

    fn is_live(&self) -> bool {
        false
    }
}

/// What has to be known of a line to find it again.
#[derive(Deserialize)]
struct Entry {
    id: Option<String>,
    #[serde(default = "first")]
    epoch: u32,
    format: Option<Value>,
    asking: Option<serde::de::IgnoredAny>,
    part_of: Option<serde::de::IgnoredAny>,
    used_seconds: Option<serde::de::IgnoredAny>,
}

fn first() -> u32 {
    1
}

impl Entry {
    /// Whether it is a line of a journal that holds no answer.
    fn is_of_a_journal(&self) -> bool {
        let Self { format, asking, part_of, used_seconds, .. } = self;
        let known = [asking, part_of, used_seconds];
        self.id.is_none() && (format.is_some() || known.into_iter().any(Option::is_some))
    }

    /// The format of a journal that it begins, where that is one this program does not know.
    fn other_format(&self) -> Option<&str> {
        let format = self.format.as_ref().filter(|_| self.id.is_none())?.as_str()?;
        is_of_another_format(format).then_some(format)
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "answer")]
    text: Option<String>,
    status: Option<AnswerStatus>,
    reply: Option<Reply>,
    error: Option<Failure>,
    #[serde(default)]
    judgements: Vec<Judgement>,
}
