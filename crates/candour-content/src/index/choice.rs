//! The embedders, by the names that `candour.toml` and the command line give them.

use std::path::Path;
use std::sync::Arc;

use candour_core::{Embedder, EmbedderIdentity};

use super::default_embedder;
use super::embed::minilm::{self, MiniLm, Precision};
use crate::models::{MINILM, ModelError};

/// What may be asked for. `default` comes with the program; the others are obtained on request.
pub const EMBEDDERS: [&str; 3] = ["default", "minilm", "minilm-int8"];

/// Why an embedder cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum EmbedderError {
    /// There is none of this name.
    #[error("there is no embedder `{name}`: choose one of {}", EMBEDDERS.join(", "))]
    Unknown {
        /// The name that was asked for.
        name: String,
    },
    /// Its weights are not here, or not as they were published.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Its weights are as they were published, and yet cannot be read.
    #[error(
        "the embedder `{name}` cannot be read from its weights: {why}; please report this fault"
    )]
    Unreadable {
        /// The embedder.
        name: String,
        /// Why.
        why: String,
    },
}

/// The embedder of this name. What it needs is looked for in the state directory.
pub fn embedder(name: &str, state: &Path) -> Result<Arc<dyn Embedder>, EmbedderError> {
    let Some(precision) = precision(name)? else { return Ok(default_embedder()) };
    let [weights, vocabulary] = MINILM.read(state)?;
    let embedder = MiniLm::new(&weights, &vocabulary, precision);
    let unreadable = |why| EmbedderError::Unreadable { name: name.to_owned(), why };
    Ok(Arc::new(embedder.map_err(unreadable)?))
}

/// A stand-in for the embedder of this name where its weights are not here: it opens the snapshots
/// that were built with it, in which words alone are searched then.
pub fn silent_embedder(name: &str) -> Result<Arc<dyn Embedder>, EmbedderError> {
    Ok(match precision(name)? {
        Some(precision) => Arc::new(Silent(minilm::identity(precision))),
        None => default_embedder(),
    })
}

/// How MiniLM is to be run, or nothing for the embedder that comes with the program.
fn precision(name: &str) -> Result<Option<Precision>, EmbedderError> {
    match name {
        "default" => Ok(None),
        "minilm" => Ok(Some(Precision::F32)),
        "minilm-int8" => Ok(Some(Precision::Int8)),
        _ => Err(EmbedderError::Unknown { name: name.to_owned() }),
    }
}

/// Finds no meaning in anything.
struct Silent(EmbedderIdentity);

impl Embedder for Silent {
    fn identity(&self) -> EmbedderIdentity {
        self.0.clone()
    }

    fn embed(&self, _text: &str) -> Vec<f32> {
        vec![0.0; self.0.dimensions]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_told_the_known_ones() {
        let error = embedder("minilim", Path::new(".")).err().unwrap();
        insta::assert_snapshot!(error, @"there is no embedder `minilim`: choose one of default, minilm, minilm-int8");
    }

    #[test]
    fn missing_weights_name_the_command_that_gets_them() {
        let state = Path::new("nowhere");
        let error = embedder("minilm", state).err().unwrap();
        insta::assert_snapshot!(error, @"the model `minilm` is not in nowhere/models/minilm: run `candour models pull`");
    }

    #[test]
    fn the_stand_in_has_the_name_of_the_embedder_and_says_nothing() {
        let stand_in = silent_embedder("minilm-int8").unwrap();
        let identity = stand_in.identity();
        assert_eq!(identity.name, "minilm-l6-v2-53aa51172d14-int8");
        assert_ne!(identity, silent_embedder("minilm").unwrap().identity());
        assert!(stand_in.embed("council tax").iter().all(|number| *number == 0.0));
    }
}
