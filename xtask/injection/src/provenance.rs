//! The provenance file beside the table: all that it was made of, and how.

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::evaluate::Figures;
use crate::learn::Recipe;
use crate::texts::{Input, sha256};

/// What stands above the figures.
const HEADING: &str = "\
# How model.bin was made. Written by the trainer; do not edit.
# The table holds weights of hashed features and no text. The same command on the same inputs and the
# same kind of processor gives the same bytes.

";

#[derive(Serialize)]
struct Provenance<'a> {
    command: &'static str,
    table: TableFile,
    recipe: &'a Recipe,
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

/// The text of the provenance file.
pub(crate) fn text(
    table: &[u8],
    recipe: &Recipe,
    figures: &Figures,
    inputs: &[Input],
) -> Result<String> {
    let table = TableFile {
        name: "model.bin",
        bytes: table.len(),
        sha256: sha256(table),
        licence: "MIT OR Apache-2.0",
    };
    let command = "cargo xtask train-injection";
    let provenance = Provenance { command, table, recipe, figures, inputs };
    let body = toml::to_string(&provenance).context("the provenance cannot be written")?;
    Ok(format!("{HEADING}{body}"))
}
