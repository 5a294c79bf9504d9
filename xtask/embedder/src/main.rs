//! Trains the bilingual embedder: reads openly licensed texts, learns a table of words and pieces of
//! words, measures it on what it has not seen, and writes it with its provenance.

mod corpus;
mod evaluate;
mod inputs;
mod learn;
mod losses;
mod model;
mod provenance;
mod random;
mod recipe;
mod speed;
mod teacher;
#[cfg(test)]
mod tests;
mod texts;
mod train;

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result};
use clap::Parser;

use crate::inputs::Inputs;
use crate::recipe::Recipe;
use crate::teacher::Teacher;

/// Train the bilingual embedder.
#[derive(Parser)]
#[command(name = "train-embedder")]
struct Arguments {
    /// The folder of the data, as CONTRIBUTING describes it
    #[arg(long, default_value = "../shared/data")]
    data: PathBuf,
    /// The folder with WordNet's `data.noun` and so on; Debian's package wordnet-base brings it
    #[arg(long, default_value = "/usr/share/wordnet")]
    wordnet: PathBuf,
    /// The state directory that `candour models pull minilm` has put the teacher in
    #[arg(long, default_value = "state")]
    state: PathBuf,
    /// Where the table and its provenance go
    #[arg(long, default_value = "crates/candour-content/src/index/embed")]
    out: PathBuf,
    /// Where the teacher's vectors are kept from one training to the next
    #[arg(long, default_value = "target/embedder")]
    kept: PathBuf,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let began = Instant::now();
    let mut inputs = Inputs::default();
    let teacher = Teacher::open(&arguments.state, &mut inputs)?;
    let table = make(&arguments, &Recipe::default(), &teacher, &mut inputs)?;
    let [question, passage] = speed::measure(&table)?;
    say(&format!("embedding takes {question:?} for a question, {passage:?} for 100 words"));
    say(&format!(
        "{:.0} s: {} bytes, sha256 {}",
        began.elapsed().as_secs_f32(),
        table.len(),
        inputs::sha256(&table)
    ));
    Ok(())
}

/// Reads, learns, measures, and writes the table with its provenance.
fn make(
    arguments: &Arguments,
    recipe: &Recipe,
    teacher: &Teacher,
    inputs: &mut Inputs,
) -> Result<Vec<u8>> {
    let is_common = |word: &str| teacher.knows(word);
    let (data, wordnet) = (&arguments.data, &arguments.wordnet);
    let mut corpus = corpus::read(data, wordnet, is_common, &recipe.shares, inputs)?;
    let lessons = teacher.lessons(&corpus, recipe, &arguments.kept)?;
    say(&format!("{} texts", corpus.texts.all.len()));
    let table = train::train(&mut corpus, &lessons, recipe)?;
    let figures = evaluate::measure(&table, data, &corpus.welsh)?;
    let provenance = provenance::text(&table, recipe, &corpus.welsh, &figures, inputs)?;
    fs::create_dir_all(&arguments.out)?;
    fs::write(arguments.out.join("bilingual.bin"), &table).context("bilingual.bin")?;
    fs::write(arguments.out.join("bilingual.toml"), &provenance).context("bilingual.toml")?;
    say(&toml::to_string(&figures)?);
    Ok(table)
}

/// Says something to the person who trains.
#[expect(clippy::print_stdout, reason = "a chore talks to the person who runs it")]
pub(crate) fn say(text: &str) {
    println!("{text}");
}
