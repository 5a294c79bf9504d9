//! How long it takes to embed a question and a passage, on one thread.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use candour_content::index::embed::bilingual::{Bilingual, Table};
use candour_core::Embedder as _;

const QUESTION: &str = "My landlord wants me to leave, how much notice do I have to be given?";
/// Sentences of 20 words; five of them are a passage as long as the longer ones.
const SENTENCE: &str = "You must tell your council within one month if your income, your rent or the \
    number of your rooms changes. ";
const TIMES: u32 = 20_000;

/// The mean time for a question of 15 words, and for a passage of 100.
pub(crate) fn measure(table: &[u8]) -> Result<[Duration; 2]> {
    let embedder = Bilingual::new(Table::read(table).context("the table cannot be read")?);
    let passage = SENTENCE.repeat(5);
    Ok([QUESTION, passage.as_str()].map(|text| {
        let began = Instant::now();
        for _ in 0..TIMES {
            black_box(embedder.embed(black_box(text)));
        }
        began.elapsed() / TIMES
    }))
}
