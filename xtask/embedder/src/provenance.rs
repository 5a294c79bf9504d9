//! The provenance file beside the table: all that it was made of, and how.

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::evaluate::Figures;
use crate::inputs::welsh::Welsh;
use crate::inputs::{Input, Inputs, sha256};
use crate::recipe::Recipe;

/// What stands above the figures.
const HEADING: &str = "\
# How bilingual.bin was made. Written by the trainer; do not edit.
# The same command on the same inputs and the same kind of processor gives the same bytes.

";

#[derive(Serialize)]
struct Provenance<'a> {
    command: &'static str,
    table: TableFile,
    recipe: &'a Recipe,
    held_back: HeldBack<'a>,
    figures: &'a Figures,
    inputs: &'a [Input],
}

#[derive(Serialize)]
struct TableFile {
    name: &'static str,
    bytes: usize,
    sha256: String,
    licence: &'static str,
}

/// Services that nothing was learned from.
#[derive(Serialize)]
struct HeldBack<'a> {
    /// Measured once, at the end.
    last: &'a [String],
    /// The recipe was chosen on these.
    validation: &'a [String],
}

/// The text of the provenance file.
pub(crate) fn text(
    table: &[u8],
    recipe: &Recipe,
    welsh: &Welsh,
    figures: &Figures,
    inputs: &Inputs,
) -> Result<String> {
    let provenance = Provenance {
        command: "cargo xtask train-embedder",
        table: TableFile {
            name: "bilingual.bin",
            bytes: table.len(),
            sha256: sha256(table),
            licence: "MIT OR Apache-2.0",
        },
        recipe,
        held_back: HeldBack { last: &welsh.last.services, validation: &welsh.validation.services },
        figures,
        inputs: &inputs.read,
    };
    let body = toml::to_string(&provenance).context("the provenance cannot be written")?;
    Ok(format!("{HEADING}{body}"))
}
