//! What is asked, as it is named on the command line.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use candour_core::ContentHash;
use candour_evals::runner::Target;
use candour_evals::target::{ChatCompletions, ChatOptions, Deployment, Transcript};
use clap::Args;

use super::pilot::Pilot;
use crate::app::Place;
use crate::cli::demo;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// The pilot of the state directory.
    Pilot,
    /// The bundled sample.
    Sample,
    /// A deployment.
    Api(String),
    /// A model.
    Chat(String),
    /// A file of answers, or a run.
    Transcript(PathBuf),
    /// The suite's own answers.
    Recorded,
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match (text, text.split_once(':')) {
            ("pilot", _) => Self::Pilot,
            ("sample", _) => Self::Sample,
            ("recorded", _) => Self::Recorded,
            (_, Some(("api", url))) => Self::Api(url.to_owned()),
            (_, Some(("chat", url))) => Self::Chat(url.to_owned()),
            (_, Some(("transcript", path))) => Self::Transcript(path.into()),
            _ => {
                return Err(
                    "name pilot, sample, api:URL, chat:URL, transcript:FILE or recorded".to_owned()
                );
            }
        })
    }
}

/// How a target over a network is spoken to.
#[derive(Debug, Default, Args)]
pub(super) struct Speaking {
    /// The model, for a target of chat:
    #[arg(long, value_name = "NAME")]
    model: Option<String>,

    /// A file with what the model is told first, for a target of chat:
    #[arg(long, value_name = "FILE")]
    system: Option<PathBuf>,

    /// The most tokens that an answer may have, for a target of chat:
    #[arg(long, value_name = "N")]
    max_tokens: Option<u32>,

    /// How freely words are drawn, for a target of chat:
    #[arg(long, value_name = "T")]
    temperature: Option<f64>,

    /// The environment variable that holds the key of a target over a network
    #[arg(long, value_name = "NAME")]
    key_env: Option<String>,
}

/// What is asked, and what is known of it.
pub(super) struct Opened {
    pub(super) target: Target,
    /// The hash of its configuration, where it is a pilot of ours.
    pub(super) configuration: Option<ContentHash>,
    /// The snapshot that it searches, where it is one.
    pub(super) snapshot: Option<String>,
    /// The answers that were given before, where that is what is asked.
    pub(super) transcript: Option<Arc<Transcript>>,
}

impl From<Target> for Opened {
    fn from(target: Target) -> Self {
        Self { target, configuration: None, snapshot: None, transcript: None }
    }
}

impl From<Pilot> for Opened {
    fn from(pilot: Pilot) -> Self {
        Self {
            configuration: Some(pilot.configuration.clone()),
            snapshot: Some(pilot.snapshot.clone()),
            transcript: None,
            target: Target::Answerer(Arc::new(pilot)),
        }
    }
}

impl Named {
    /// Opens the target.
    pub(super) async fn open(
        &self,
        place: &Place,
        speaking: &Speaking,
        seed: u64,
        quiet: bool,
    ) -> Result<Opened> {
        let key = speaking.key()?;
        let answerer: Arc<dyn candour_core::Answerer> = match self {
            Self::Recorded => return Ok(Target::Recorded.into()),
            Self::Pilot => return Ok(Pilot::open(place)?.into()),
            Self::Sample => {
                let (sample, _) = demo::prepare(&place.state, quiet).await?;
                return Ok(Pilot::open(&sample)?.into());
            }
            Self::Api(url) => Arc::new(Deployment::new(url, key.as_deref())?),
            Self::Chat(url) => {
                let options = speaking.options(seed)?;
                Arc::new(ChatCompletions::new(url, key.as_deref(), options)?)
            }
            Self::Transcript(path) => {
                let transcript = Arc::new(Transcript::open(path)?);
                let opened = Opened::from(Target::Answerer(Arc::clone(&transcript) as _));
                return Ok(Opened { transcript: Some(transcript), ..opened });
            }
        };
        Ok(Target::Answerer(answerer).into())
    }
}

impl Speaking {
    fn key(&self) -> Result<Option<String>> {
        let Some(name) = &self.key_env else { return Ok(None) };
        let key = std::env::var(name).with_context(|| {
            format!("the environment variable {name} has no key: set it, or leave out --key-env")
        })?;
        Ok(Some(key))
    }

    fn options(&self, seed: u64) -> Result<ChatOptions> {
        let Some(model) = self.model.clone() else {
            bail!("a target of chat: needs the name of its model: give --model NAME");
        };
        let read = |path: &PathBuf| {
            std::fs::read_to_string(path)
                .with_context(|| format!("{} cannot be read: check its name", path.display()))
        };
        let system = self.system.as_ref().map(read).transpose()?;
        let (max_tokens, temperature) = (self.max_tokens, self.temperature);
        let seed = (seed > 0).then_some(seed);
        Ok(ChatOptions { model, system, max_tokens, temperature, seed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_named_in_one_word() {
        assert_eq!("pilot".parse(), Ok(Named::Pilot));
        let url = "http://127.0.0.1:9/v1";
        assert_eq!(format!("chat:{url}").parse(), Ok(Named::Chat(url.to_owned())));
        assert_eq!("transcript:a/b".parse(), Ok(Named::Transcript("a/b".into())));
        for wrong in ["", "http://127.0.0.1", "model:x"] {
            assert!(wrong.parse::<Named>().is_err(), "{wrong}");
        }
    }
}
