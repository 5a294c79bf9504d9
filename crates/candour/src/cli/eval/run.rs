//! `candour eval run`: all questions of a suite are asked, and the answers scored.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, bail};
use candour_core::ContentHash;
use candour_evals::evidence::Outcome;
use candour_evals::runner::{self, InFlight, JudgeSummary, Shard, Summary, Sync};
use candour_evals::suite::{About, Limits, Suite};
use candour_evals::target::{Strange, Transcript};
use clap::Args;
use jiff::Timestamp;

use super::judge::Judges;
use super::power;
use super::require::Requirement;
use super::shown::Shown;
use super::summary;
use super::target::{Named, Speaking};
use crate::app::Place;
use crate::cli::evidence::{self, Entered};
use crate::cli::terminal;
use crate::cli::unpack::unpack;

/// The sample's suite, and the files of its questions.
const SAMPLE_SUITE: &str = include_str!("../../../../../sample/suite.toml");
const SAMPLE_QUESTIONS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/questions.rs"));

/// `candour eval run`.
#[derive(Debug, Args)]
#[command(after_help = "\
Targets:
  pilot             the pilot of the state directory, in this process (the default)
  sample            the bundled sample pilot, in this process (the default for its own suite)
  api:URL           a deployment, over its JSON API: api:https://host
  chat:URL          a model, over chat completions: chat:https://host/v1 --model NAME
  transcript:FILE   answers in a file, one a line, or the folder of an earlier run
  recorded          the answers that came with the suite

Judges, for scorers that need a model:
  chat:URL          over chat completions, with --judge-model and --judge-key-env
  anthropic:URL     over the Messages API; bedrock:REGION the same on Amazon Bedrock
  pilot             the first model of the pilot's own configuration
  suite             the model that the suite names, wherever that is; its key is --judge-key-env
  transcript:RUN    what was judged in an earlier run, without asking
What a judge says is never given alone: --labels corrects it by what people say.

A run is kept in a folder. The same command with the same --out goes on where a run stopped or was
killed: what was recorded is not asked again.
Suites and scores are described in docs/evaluation.md, judges in docs/judges.md.")]
pub(crate) struct Run {
    /// The suite's file; `sample` is the suite of the bundled sample
    #[arg(value_name = "SUITE", default_value = "sample")]
    suite: PathBuf,

    /// What is asked
    #[arg(long, value_name = "TARGET")]
    target: Option<Named>,

    #[command(flatten)]
    speaking: Speaking,

    /// The folder of the run [default: a new one in the state directory]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// How many questions are on their way at a time
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    connections: u16,

    /// Ask only a part of the suite, such as the second of five: 2/5
    #[arg(long, value_name = "PART")]
    shard: Option<Shard>,

    #[command(flatten)]
    judges: Judges,

    #[command(flatten)]
    keeping: Keeping,

    /// What has to be reached, such as key_facts>=0.9 or status.low>=0.8; else the exit code is 1
    #[arg(long, value_name = "MEASURE")]
    require: Vec<Requirement>,

    /// Print JSON
    #[arg(long)]
    json: bool,

    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
}

/// What is kept of a run, and what of an earlier part of it counts.
#[derive(Debug, Args)]
struct Keeping {
    /// Ask again what had no answer when the run stopped
    #[arg(long)]
    retry_errors: bool,

    /// Do not ask again what was on its way when the run was killed: it may have been paid for
    #[arg(long)]
    never_pay_twice: bool,

    /// Bring every line to the disk before going on, so that even a loss of power loses nothing
    #[arg(long)]
    sync_always: bool,
}

impl Run {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        let is_sample = self.suite == Path::new("sample");
        let file =
            if is_sample { unpack_sample(&place.state, "--state")? } else { self.suite.clone() };
        let suite = Arc::new(Suite::read(&file)?);
        let quiet = self.quiet || self.json;
        let own = if is_sample { Named::Sample } else { Named::Pilot };
        let target = self.target.as_ref().unwrap_or(&own);
        let opened = target.open(place, &self.speaking, suite.about.seed, quiet).await?;
        if let Some(transcript) = &opened.transcript {
            say_what_is_strange(transcript, &suite)?;
        }
        let judging = self.judges.open(place, &suite, &file)?;
        make_room_for_connections(self.connections)?;
        if !quiet {
            terminal::note(&power::visible(suite.samples));
        }
        let started_at = Timestamp::now();
        let folder = self.out.clone().unwrap_or_else(|| {
            let time = started_at.strftime("%Y-%m-%dT%H-%M-%S");
            place.state.join("runs").join(format!("{}-{time}", suite.about.name))
        });
        if let Some(shares) =
            self.shard.and_then(|shard| limits_of(shard, &suite.about)).filter(|_| !quiet)
        {
            terminal::note(&shares);
        }
        let shown = Arc::new(Shown::new(&suite, self.shard.is_some(), quiet));
        let run = runner::Run {
            suite,
            target: opened.target,
            judging,
            folder,
            connections: self.connections.into(),
            shard: self.shard,
            sync: if self.keeping.sync_always { Sync::Always } else { Sync::EverySecond },
            retry_errors: self.keeping.retry_errors,
            in_flight: if self.keeping.never_pay_twice {
                InFlight::GiveUp
            } else {
                InFlight::AskAgain
            },
            started_at,
        };
        let summary = interruptible(&run, &shown).await;
        shown.finish();
        let summary = summary?;
        let known = (opened.configuration, opened.snapshot);
        let outcome = outcome(&summary, &run.suite, &run.folder, known)?;
        let entered = evidence::leave(place, &run.folder, &outcome).await?;
        self.report(&summary, &run.folder, &entered)
    }

    fn report(&self, summary: &Summary, folder: &Path, entered: &Entered) -> Result<ExitCode> {
        let missed: Vec<String> = self
            .require
            .iter()
            .filter(|requirement| !requirement.is_met(summary))
            .map(ToString::to_string)
            .collect();
        if self.json {
            let mut json = serde_json::to_value(summary)?;
            json["folder"] = folder.display().to_string().into();
            json["missed"] = missed.clone().into();
            json["evidence"] = entered.as_json();
            terminal::print_json(&json)?;
        } else {
            let out = format!("--out {}", folder.display());
            let command = format!("the same command with {out}");
            let mut text =
                summary::describe(summary, &summary::unfinished(summary, &out), &command);
            let _ = writeln!(text, "Kept in {}", folder.display());
            let _ = writeln!(text, "{}", entered.words(Some(folder)));
            for missed in &missed {
                let _ = writeln!(text, "Not reached: {missed}");
            }
            terminal::print(&text)?;
        }
        let is_refused = summary.judge.iter().any(JudgeSummary::is_refused);
        let is_well = missed.is_empty() && summary.is_complete() && !is_refused;
        let is_well = is_well && !summary.is_in_vain();
        Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// What a run came to, with what is known of what was asked: its configuration and its snapshot.
pub(super) fn outcome(
    summary: &Summary,
    suite: &Suite,
    folder: &Path,
    (configuration, snapshot): (Option<ContentHash>, Option<String>),
) -> Result<Outcome> {
    let mut result = serde_json::to_value(summary)?;
    result["scorers"] = serde_json::to_value(&suite.about.scorers)?;
    Ok(Outcome {
        kind: "run".to_owned(),
        title: format!("{} asked of {}", summary.suite, summary.target),
        made_at: runner::header_of(folder)?.started_at,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        configuration,
        snapshot,
        suite: Some(summary.suite_hash.clone()),
        result,
    })
}

/// Runs until the end. The first Ctrl+C lets it come to rest, the second leaves at once.
pub(super) async fn interruptible(run: &runner::Run, shown: &Arc<Shown>) -> Result<Summary> {
    let stop = Arc::new(AtomicBool::new(false));
    let running = run.run(&stop, Arc::clone(shown) as _);
    tokio::pin!(running);
    loop {
        tokio::select! {
            summary = &mut running => return Ok(summary?),
            Ok(()) = tokio::signal::ctrl_c() => {
                if stop.swap(true, Ordering::Relaxed) {
                    bail!("left at once: the same command with --out {} goes on", run.folder.display());
                }
                terminal::note("stopping: answers on their way are waited for; Ctrl+C again leaves at once");
            }
        }
    }
}

/// Says what a part of a suite may spend of what the whole may.
fn limits_of(shard: Shard, about: &About) -> Option<String> {
    let Limits { tokens, money, .. } = shard.limits(about.limits);
    let currency = about.prices.as_ref().map_or("", |prices| prices.currency.as_str());
    let tokens = tokens.map(|tokens| format!("{tokens} tokens"));
    let money = money.map(|money| format!("{money:.2} {currency}"));
    let limits: Vec<String> = tokens.into_iter().chain(money).collect();
    (!limits.is_empty()).then(|| {
        format!("Part {shard} may spend its part of the suite's limits: {}", limits.join(" and "))
    })
}

/// Says which answers of a transcript nobody asks for: their names may be misspelt.
fn say_what_is_strange(transcript: &Transcript, suite: &Suite) -> Result<()> {
    let Strange { count, first } = transcript.strange(suite)?;
    if let Some(first) = first {
        terminal::note(&format!(
            "{count} answers of the transcript are of no question of the suite: {first:?} is the first"
        ));
    }
    Ok(())
}

/// Unpacks the sample's suite into a folder, which an option names.
pub(super) fn unpack_sample(folder: &Path, option: &str) -> Result<PathBuf> {
    let folder = folder.join("demo").join("suite");
    let write = |file: PathBuf, text: &str| {
        unpack(&file, text).with_context(|| {
            format!("{} cannot be written: make room, or choose another {option}", file.display())
        })
    };
    for (name, text) in SAMPLE_QUESTIONS {
        write(folder.join("questions").join(name), text)?;
    }
    let file = folder.join("suite.toml");
    write(file.clone(), SAMPLE_SUITE)?;
    Ok(file)
}

/// Each connection is an open file, and systems allow fewer than they could unless asked.
#[cfg(unix)]
fn make_room_for_connections(connections: u16) -> Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    const BESIDE: u64 = 64;
    let needed = u64::from(connections) + BESIDE;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    if maximum.is_some_and(|maximum| maximum < needed) {
        bail!(
            "{connections} connections need {needed} open files, and {} are allowed: give a smaller --connections, or raise the limit with `ulimit -n`",
            maximum.unwrap_or_default()
        );
    }
    setrlimit(Resource::Nofile, Rlimit { current: Some(needed), maximum })
        .context("the number of open files cannot be raised: give a smaller --connections")
}

#[cfg(not(unix))]
fn make_room_for_connections(_: u16) -> Result<()> {
    Ok(())
}
