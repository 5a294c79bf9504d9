//! Trains the model that notices instructions to the assistant: reads openly licensed texts, measures
//! on folds that were not learned from, and writes the table of weights with its provenance.

mod evaluate;
mod learn;
mod provenance;
mod texts;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use candour_assistant::InjectionModel;
use clap::Parser;

use crate::learn::Recipe;
use crate::texts::Texts;

/// Train the model that notices instructions to the assistant.
#[derive(Parser)]
#[command(name = "train-injection")]
struct Arguments {
    /// The folder of the data, as CONTRIBUTING describes it
    #[arg(long, default_value = "../shared/data")]
    data: PathBuf,
    /// Where the table and its provenance go
    #[arg(long, default_value = "crates/candour-assistant/src/screen/injection")]
    out: PathBuf,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let recipe = Recipe::default();
    let texts = Texts::read(&arguments.data)?;
    say(&format!("{} texts to learn from", texts.examples.len()));
    let folds = evaluate::across_folds(&texts.examples, &recipe);
    let threshold = folds.threshold(&texts.examples, &recipe);
    let (weights, bias) = learn::learn(&texts.examples, &recipe);
    let model = InjectionModel::quantised(&weights, bias, threshold);
    let figures = evaluate::figures(&folds, &texts, &model);
    let table = model.to_bytes();
    let provenance = provenance::text(&table, &recipe, &figures, &texts.inputs)?;
    fs::write(arguments.out.join("model.bin"), &table).context("model.bin cannot be written")?;
    fs::write(arguments.out.join("model.toml"), &provenance)
        .context("model.toml cannot be written")?;
    say(&toml::to_string(&figures)?);
    say(&format!("{} bytes, sha256 {}", table.len(), texts::sha256(&table)));
    Ok(())
}

/// Says something to the person who trains.
#[expect(clippy::print_stdout, reason = "a chore talks to the person who runs it")]
fn say(text: &str) {
    println!("{text}");
}
