//! The embedders, by the names that `candour.toml` and the command line give them.

use std::path::Path;
use std::sync::Arc;

use candour_core::Embedder;

use super::default_embedder;

/// What may be asked for. `default` comes with the program.
pub const EMBEDDERS: [&str; 1] = ["default"];

/// Why an embedder cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum EmbedderError {
    /// There is none of this name.
    #[error("there is no embedder `{name}`: choose one of {}", EMBEDDERS.join(", "))]
    Unknown {
        /// The name that was asked for.
        name: String,
    },
}

/// The embedder of this name. What it needs is looked for in the state directory.
pub fn embedder(name: &str, _state: &Path) -> Result<Arc<dyn Embedder>, EmbedderError> {
    match name {
        "default" => Ok(default_embedder()),
        _ => Err(EmbedderError::Unknown { name: name.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_told_the_known_ones() {
        let error = embedder("minilim", Path::new(".")).err().unwrap();
        insta::assert_snapshot!(error, @"there is no embedder `minilim`: choose one of default");
    }
}
