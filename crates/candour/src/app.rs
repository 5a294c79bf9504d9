//! Where the rooms are wired together: configuration and state directory in, a working pilot out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use candour_assistant::Assistant;
use candour_assistant::model::{Models, Outside};
use candour_content::index::{self, EmbedderError, Hints, LiveIndex, Synonyms, Views};
use candour_core::{Config, Embedder};
use candour_store::{Database, DatabaseAddress};

/// Where a pilot is described and kept.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The state directory.
    pub(crate) state: PathBuf,
    /// The resolved configuration.
    pub(crate) config: Config,
}

impl Place {
    /// Reads the configuration: the file that was named, else `candour.toml` here, else the defaults.
    pub(crate) fn new(state: PathBuf, config_file: Option<&Path>) -> Result<Self> {
        let text = match config_file {
            Some(file) => std::fs::read_to_string(file).with_context(|| {
                format!("{} cannot be read: check the name given with --config", file.display())
            })?,
            None => match std::fs::read_to_string("candour.toml") {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
                Err(error) => {
                    return Err(error).context("candour.toml in this folder cannot be read");
                }
            },
        };
        Self::from_text(state, &text)
    }

    /// Resolves the text of a configuration file together with the environment.
    pub(crate) fn from_text(state: PathBuf, text: &str) -> Result<Self> {
        let environment: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let config = Config::resolve(text, &environment)?;
        Ok(Self { state, config })
    }

    /// Where this pilot's database is.
    pub(crate) fn database_address(&self) -> Result<DatabaseAddress> {
        Ok(match &self.config.store.database_url {
            Some(url) => DatabaseAddress::parse(url)?,
            None => DatabaseAddress::in_state(&self.state),
        })
    }

    /// Opens the database, creating the state directory as needed.
    pub(crate) async fn open_database(&self) -> Result<Database> {
        std::fs::create_dir_all(&self.state).with_context(|| {
            format!(
                "the state directory {} cannot be made: choose another with --state",
                self.state.display()
            )
        })?;
        Ok(Database::open(&self.database_address()?).await?)
    }

    /// Opens the snapshot that serves.
    pub(crate) fn open_index(&self) -> Result<Arc<LiveIndex>> {
        self.open_index_in(&self.state)
    }

    /// The same of another state directory, searched as this pilot searches.
    pub(crate) fn open_index_in(&self, state: &Path) -> Result<Arc<LiveIndex>> {
        let search = &self.config.search;
        let hints = hints(search.synonyms.as_deref(), search.views.as_deref())?;
        Ok(Arc::new(LiveIndex::open_with(state, self.searching_embedder()?, hints)?))
    }

    /// The embedder that the configuration names.
    pub(crate) fn embedder(&self) -> Result<Arc<dyn Embedder>, EmbedderError> {
        index::embedder(&self.config.search.embedder, &self.state)
    }

    /// The same for searching, which goes on by words alone where the embedder's weights are not here.
    fn searching_embedder(&self) -> Result<Arc<dyn Embedder>, EmbedderError> {
        match self.embedder() {
            Err(EmbedderError::Model(error)) => {
                tracing::warn!(%error, "semantic search is off: pages are found by their words alone");
                index::silent_embedder(&self.config.search.embedder)
            }
            embedder => embedder,
        }
    }

    /// Opens the assistant over an index, with the language models that the configuration names.
    pub(crate) fn assistant(&self, index: &Arc<LiveIndex>) -> Result<Assistant> {
        Ok(self.assistant_with(index, self.models()?))
    }

    /// The same for a server, whose models spend the money of a day together with those of other servers
    /// over the same database.
    pub(crate) fn served_assistant(
        &self,
        index: &Arc<LiveIndex>,
        database: &Database,
    ) -> Result<Assistant> {
        let models = Models::sharing(&self.config, OUTSIDE, database.clone())?;
        Ok(self.assistant_with(index, models))
    }

    /// The same with language models of the caller's.
    pub(crate) fn assistant_with(&self, index: &Arc<LiveIndex>, models: Models) -> Assistant {
        Assistant::new(Arc::clone(index) as _, &self.config).with_models(models)
    }

    /// The language models that the configuration names.
    pub(crate) fn models(&self) -> Result<Models> {
        Ok(Models::of(&self.config, OUTSIDE)?)
    }

    /// The same for measuring, where none is left alone because it failed again and again.
    pub(crate) fn measured_models(&self) -> Result<Models> {
        Ok(Models::measured(&self.config, OUTSIDE)?)
    }
}

/// What language models take from outside.
pub(crate) const OUTSIDE: Outside = Outside {
    variable: |name| std::env::var(name).ok(),
    now: jiff::Timestamp::now,
    jitter: || {
        let mut byte = [0];
        // Without randomness everyone waits for the longest time.
        getrandom::fill(&mut byte).map_or(1.0, |()| f64::from(byte[0]) / 255.0)
    },
};

/// What the publisher knows beside the pages, from the files that were named.
pub(crate) fn hints(synonyms: Option<&Path>, views: Option<&Path>) -> Result<Hints> {
    let read = |file: Option<&Path>| match file {
        Some(file) => std::fs::read_to_string(file)
            .with_context(|| format!("{} cannot be read: check its name", file.display())),
        None => Ok(String::new()),
    };
    let named =
        |file: Option<&Path>| format!("in {}", file.unwrap_or_else(|| Path::new("")).display());
    Ok(Hints {
        synonyms: Synonyms::parse(&read(synonyms)?).with_context(|| named(synonyms))?,
        views: Views::parse(&read(views)?).with_context(|| named(views))?,
    })
}
