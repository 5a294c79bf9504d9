//! Records what models are asked and say, and says it again: a run that can be repeated with no network.
//!
//! A record is a file of lines, each with a request, its hash and the events that answered it. It holds
//! what was asked, so it is for trials. How long anything took is not repeated.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use candour_core::{
    ContentHash, LanguageModel, ModelError, ModelEvent, ModelIdentity, ModelRequest, ModelStream,
    Transport,
};
use futures_util::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};

/// One line of a record.
#[derive(Serialize, Deserialize)]
struct Line {
    /// The hash of the request.
    key: ContentHash,
    model: ModelIdentity,
    request: ModelRequest,
    events: Vec<ModelEvent>,
}

/// What names a request: whoever asks the same is told the same.
fn key(request: &ModelRequest) -> ContentHash {
    // A request is data alone, and writing it down cannot fail.
    ContentHash::of(&serde_json::to_vec(request).unwrap_or_default())
}

/// Says what was recorded.
pub(super) struct Replay {
    model: String,
    answers: HashMap<ContentHash, Vec<ModelEvent>>,
}

impl Replay {
    /// Reads a record. Of what was asked twice, the last answer stands.
    pub(super) fn open(file: &Path, model: String) -> std::io::Result<Self> {
        let text = std::fs::read_to_string(file)?;
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let answers = lines.map(|line| {
            let line: Line = serde_json::from_str(line)?;
            Ok((line.key, line.events))
        });
        Ok(Self { model, answers: answers.collect::<Result<_, serde_json::Error>>()? })
    }
}

impl LanguageModel for Replay {
    fn identity(&self) -> ModelIdentity {
        ModelIdentity { transport: Transport::Replay.key().into(), model: self.model.clone() }
    }

    fn generate(&self, request: ModelRequest) -> ModelStream {
        let key = key(&request);
        if let Some(events) = self.answers.get(&key) {
            return stream::iter(events.clone().into_iter().map(Ok)).boxed();
        }
        let why = format!("nothing was recorded for the request {}: record it anew", key.short());
        stream::iter([Err(ModelError::Invalid(why))]).boxed()
    }
}

/// Another model, all of whose whole answers are recorded.
pub(super) struct Recorder {
    pub(super) model: Arc<dyn LanguageModel>,
    pub(super) record: Record,
}

/// A file that is added to.
#[derive(Clone)]
pub(super) struct Record(Arc<Mutex<std::fs::File>>);

impl Record {
    pub(super) fn open(file: &PathBuf) -> std::io::Result<Self> {
        let mut options = std::fs::OpenOptions::new();
        options.create(true).append(true);
        // What readers asked stands in it.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(file)?;
        Ok(Self(Arc::new(Mutex::new(file))))
    }

    /// Adds a line in one piece.
    async fn add(&self, line: Line) {
        let file = Arc::clone(&self.0);
        let written = tokio::task::spawn_blocking(move || {
            let mut text = serde_json::to_vec(&line)?;
            text.push(b'\n');
            file.lock().unwrap_or_else(PoisonError::into_inner).write_all(&text)
        });
        if !matches!(written.await, Ok(Ok(()))) {
            tracing::error!(
                "the record of language models cannot be written to: is the disk full?"
            );
        }
    }
}

impl LanguageModel for Recorder {
    fn identity(&self) -> ModelIdentity {
        self.model.identity()
    }

    fn generate(&self, request: ModelRequest) -> ModelStream {
        let line = Line {
            key: key(&request),
            model: self.identity(),
            request: request.clone(),
            events: Vec::new(),
        };
        let recording = (self.model.generate(request), self.record.clone(), Some(line));
        Box::pin(stream::unfold(recording, |(mut stream, record, mut line)| async move {
            let item = stream.next().await?;
            match (&item, &mut line) {
                // What is void is not said again.
                (Ok(ModelEvent::Again), Some(recorded)) => recorded.events.clear(),
                (Ok(event), Some(recorded)) => recorded.events.push(event.clone()),
                _ => {}
            }
            if matches!(item, Ok(ModelEvent::Stop(_)))
                && let Some(line) = line.take()
            {
                record.add(line).await;
            }
            Some((item, (stream, record, line)))
        }))
    }
}
