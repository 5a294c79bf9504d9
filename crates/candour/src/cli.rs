//! The command line: what can be typed, and which file does it.

mod answers;
mod ask;
mod audit;
mod because;
mod demo;
mod doctor;
mod erase;
mod eval;
mod evidence;
mod ingest;
mod init;
mod keys;
mod mcp;
mod models;
mod monitor;
mod pages;
mod progress;
mod receipt;
mod review;
mod screen;
mod search;
mod serve;
mod switch;
pub(crate) mod terminal;
mod unpack;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{CommandFactory as _, Parser, Subcommand};

use crate::app::Place;

/// Ask a public body's own published guidance, and get an answer you can check.
#[derive(Debug, Parser)]
#[command(name = "candour", version, max_term_width = 100)]
pub(crate) struct Arguments {
    /// The state directory, where the database and the snapshots are kept
    #[arg(long, global = true, env = "CANDOUR_STATE", value_name = "DIR", default_value = "state")]
    state: PathBuf,

    /// The configuration file [default: candour.toml in this folder, where there is one]
    #[arg(long, global = true, env = "CANDOUR_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Try Candour now: serve the bundled sample pilot of a fictional council
    Demo(demo::Demo),
    /// Begin a pilot: write a candour.toml in which every key is explained
    Init(init::Init),
    /// Read published guidance and make it searchable
    Ingest(ingest::Ingest),
    /// List what became of each page in the last ingest
    Pages(pages::Pages),
    /// Find passages of the guidance
    Search(search::Search),
    /// Ask one question and print the answer with its sources
    Ask(ask::Ask),
    /// Print what would be kept of each line of standard input: masked, with what is noticed
    Screen(screen::Screen),
    /// Serve the question page and the JSON API
    Serve(serve::Serve),
    /// Serve an assistant on this machine over the Model Context Protocol
    Mcp(mcp::Mcp),
    /// Switch answering, or the language model, off and on
    Switch(switch::Switch),
    /// Give out, list and take back the keys of machine clients and staff
    Keys(keys::Keys),
    /// Watch the answers while the pilot runs, by a plan that is fixed beforehand
    Monitor(monitor::Monitor),
    /// List what staff did, and why
    Audit(audit::Audit),
    /// Erase one reader's conversation from every copy, with a deletion receipt
    Erase(erase::Erase),
    /// Show and check the receipt of an answer
    Receipt(receipt::Receipt),
    /// Find the answers that a change of the guidance affects
    Answers(answers::Answers),
    /// Measure how well this program does, with intervals
    Eval(eval::Eval),
    /// Have people label answers: draw them, plan how many, and make a table of what they say
    Review(review::Review),
    /// Keep, list and check what measurements found, by hash
    Evidence(evidence::Evidence),
    /// Obtain the models that an embedder may need, and list them
    Models(models::Models),
    /// Show the resolved configuration, and explain anything unhealthy
    Doctor(doctor::Doctor),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

impl Command {
    /// Whether answers are looked at as a measurement, to which what a check drops is no news.
    pub(crate) fn is_measurement(&self) -> bool {
        matches!(self, Self::Eval(_))
    }

    /// Whether the command serves until it is stopped.
    pub(crate) fn is_server(&self) -> bool {
        matches!(self, Self::Demo(_) | Self::Serve(_) | Self::Mcp(_))
    }
}

/// Runs the command.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode> {
    let Arguments { state, config, command } = arguments;
    let place = || Place::new(state.clone(), config.as_deref());
    match command {
        Command::Completions { shell } => {
            clap_complete::generate(
                shell,
                &mut Arguments::command(),
                "candour",
                &mut std::io::stdout(),
            );
            Ok(ExitCode::SUCCESS)
        }
        Command::Init(init) => init.run(),
        Command::Screen(screen) => screen.run(),
        Command::Demo(demo) => wait_for(demo.run(&state)),
        Command::Ingest(ingest) => wait_for(ingest.run(&place()?)),
        Command::Pages(pages) => wait_for(pages.run(&place()?)),
        Command::Search(search) => search.run(&place()?),
        Command::Ask(ask) => wait_for(ask.run(&place()?)),
        Command::Serve(serve) => wait_for(serve.run(&place()?)),
        Command::Mcp(mcp) => wait_for(mcp.run(&place()?)),
        Command::Switch(switch) => wait_for(switch.run(&place()?)),
        Command::Keys(keys) => wait_for(keys.run(&place()?)),
        Command::Monitor(monitor) => wait_for(monitor.run(&place()?)),
        Command::Audit(audit) => wait_for(audit.run(&place()?)),
        Command::Erase(erase) => wait_for(erase.run(&place()?)),
        Command::Receipt(receipt) => wait_for(receipt.run(&place()?)),
        Command::Answers(answers) => wait_for(answers.run(&place()?)),
        Command::Eval(eval) => wait_for(eval.run(&place()?)),
        Command::Review(review) => wait_for(review.run(&place()?)),
        Command::Evidence(evidence) => wait_for(evidence.run(&place()?)),
        Command::Models(models) => wait_for(models.run(&place()?)),
        Command::Doctor(doctor) => wait_for(doctor.run(&place()?)),
    }
}

/// Runs asynchronous work to its end.
fn wait_for<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime could not be started")?;
    runtime.block_on(work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_help_names_every_command() {
        insta::assert_snapshot!(Arguments::command().render_help());
    }
}
