//! The project's own chores. `cargo xtask test` is what continuous integration runs.

mod bench;
mod browser;
mod oracle;
mod postgres;
mod random;
mod screening;
mod step;
mod test;
mod tidy;
mod train_embedder;
mod train_injection;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Chores of the Candour project.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Run formatting, lints, every test and the browser tests
    Test,
    /// Run the browser tests alone
    Browser,
    /// Measure, and print the figures of docs/benchmarks.md
    Bench(bench::Bench),
    /// Measure screening: personal data, instructions to the assistant, danger, abuse
    MeasureScreening(screening::Screening),
    /// Print how long files and functions are
    Tidy,
    /// Train the bilingual embedder that comes with the program
    TrainEmbedder(train_embedder::TrainEmbedder),
    /// Train the model that notices instructions to the assistant
    TrainInjection(train_injection::TrainInjection),
}

fn main() -> Result<()> {
    match Arguments::parse().chore {
        Chore::Test => test::run(),
        Chore::Browser => browser::run(),
        Chore::Bench(bench) => bench.run(),
        Chore::MeasureScreening(screening) => screening.run(),
        Chore::Tidy => tidy::run(),
        Chore::TrainEmbedder(training) => training.run(),
        Chore::TrainInjection(training) => training.run(),
    }
}
