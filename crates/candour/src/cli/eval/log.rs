//! `candour eval log`: how sure the scores of Inspect logs are.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail, ensure};
use candour_evals::inspect_log::{Status, recover, write_json};
use candour_evals::report::run_below;
use candour_evals::runner::LOG;
use candour_evals::scored::{Better, Rate, Reading, Scored};
use candour_evals::statistics::Confidence;
use clap::Args;
use serde_json::{Value, json};

use super::table::{Table, figure, interval_header, interval_of, method_of, no_interval};
use crate::cli::terminal;

/// `candour eval log`.
#[derive(Debug, Args)]
#[command(after_help = "\
Every rate of right and wrong has Wilson's interval, or the exact one where all answers are alike;
every mean has Student's t; where samples name a cluster in their metadata, clusters are drawn into
both. Repeats of a question are made one by their mean first.")]
pub(crate) struct Log {
    /// Logs, .eval or .json, whoever wrote them, or folders of runs
    #[arg(value_name = "LOG", required = true)]
    logs: Vec<PathBuf>,

    #[command(flatten)]
    how: How,

    /// Print intervals that hold however often you look while a run goes on
    #[arg(long)]
    anytime: bool,

    /// Make a whole archive of what can be read of a broken one
    #[arg(long, value_name = "EVAL", conflicts_with_all = ["as_json", "json"])]
    recover: Option<PathBuf>,

    /// Write the log as one .json file too
    #[arg(long, value_name = "JSON", conflicts_with = "json")]
    as_json: Option<PathBuf>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// How logs are read, and how sure intervals are.
#[derive(Debug, Args)]
pub(super) struct How {
    /// The key of the samples' metadata that names their clusters: page, persona, template; `id` where
    /// every question stands alone [default: cluster, where the samples have it]
    #[arg(long, value_name = "KEY")]
    cluster: Option<String>,

    /// Count samples that failed as the worst value, 0 or, where lower is better, 1, rather than leaving them out;
    /// of a score whose worst value nobody knows they stay left out
    #[arg(long)]
    pub(super) count_failures: bool,

    /// Give what a model judged as it is too, which is off by nobody knows how much
    #[arg(long)]
    pub(super) uncorrected: bool,

    /// A score that is the better the higher it is; give it again for each. Known of our own and of Inspect's
    #[arg(long, value_name = "NAME")]
    higher_is_better: Vec<String>,

    /// A score that is the better the lower it is; give it again for each
    #[arg(long, value_name = "NAME")]
    lower_is_better: Vec<String>,

    /// How sure intervals are
    #[arg(long, value_name = "SHARE", default_value = "0.95", value_parser = confidence)]
    pub(super) confidence: Confidence,
}

/// The log that is named: of the folder of a run, the one in it.
pub(crate) fn log_of(path: &Path) -> Result<PathBuf> {
    let log = path.join(LOG);
    if let Some(first) = run_below(path).filter(|_| !log.is_file()) {
        bail!(
            "{} holds several runs, and their logs are read one by one: name one, such as {}",
            path.display(),
            first.display()
        );
    }
    ensure!(
        !path.is_dir() || log.is_file(),
        "{} is a folder without a {LOG}, which a run gets when it comes to rest: name a log, or see a run that goes on with `candour eval report`",
        path.display()
    );
    Ok(if path.is_dir() { log } else { path.to_owned() })
}

/// Reads how sure an interval is to be.
pub(crate) fn confidence(text: &str) -> Result<Confidence, String> {
    let share: f64 = text.parse().map_err(|_| "it is not a number".to_owned())?;
    Confidence::new(share).map_err(|error| error.to_string())
}

impl How {
    /// Whether nothing was asked for but what is usual.
    pub(super) fn is_usual(&self) -> bool {
        let Self { cluster, count_failures, uncorrected, confidence, .. } = self;
        let is_plain = cluster.is_none() && !count_failures && !uncorrected;
        is_plain && self.better().is_empty() && *confidence == Confidence::P95
    }

    pub(super) fn read(&self, log: &Path) -> Result<Scored> {
        Ok(Scored::read(&log_of(log)?, &self.reading())?)
    }

    pub(super) fn reading(&self) -> Reading {
        Reading {
            cluster: self.cluster.clone(),
            failures_count: self.count_failures,
            uncorrected: self.uncorrected,
            better: self.better(),
        }
    }

    /// Which end of a score is better, where somebody says so.
    pub(super) fn better(&self) -> BTreeMap<String, Better> {
        let (higher, lower) = (self.higher_is_better.iter(), self.lower_is_better.iter());
        let higher = higher.map(|name| (name.clone(), Better::Higher));
        higher.chain(lower.map(|name| (name.clone(), Better::Lower))).collect()
    }
}

impl Log {
    pub(crate) fn run(self) -> Result<ExitCode> {
        if let Some(whole) = &self.recover {
            let found = recover(&self.only("recover")?, whole)?;
            terminal::print(&format!(
                "{}: {} samples recovered, {} could not be read",
                whole.display(),
                found.samples,
                found.lost
            ))?;
            return Ok(ExitCode::SUCCESS);
        }
        if let Some(to) = &self.as_json {
            write_json(&self.only("as-json")?, to)?;
        }
        let mut found = Vec::new();
        for (place, log) in self.logs.iter().enumerate() {
            let report = self.report(log)?;
            if self.json {
                found.push(report.as_json());
            } else {
                let gap = if place > 0 { "\n" } else { "" };
                terminal::print(&format!("{gap}{}", report.as_text(self.how.confidence)))?;
            }
        }
        if self.json {
            terminal::print_json(&found)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn only(&self, option: &str) -> Result<PathBuf> {
        match &self.logs[..] {
            [log] => log_of(log),
            _ => bail!("--{option} takes one log at a time"),
        }
    }

    fn report(&self, log: &Path) -> Result<Report> {
        let scored = self.how.read(log)?;
        let rate = |name: &str| {
            if self.anytime {
                scored.rate_at_any_time(name, self.how.confidence)
            } else {
                scored.rate(name, self.how.confidence)
            }
        };
        let rates = scored.names().into_iter().map(rate).collect();
        let failures_count = self.how.count_failures;
        let name = log.display().to_string();
        Ok(Report { name, scored, rates, failures_count })
    }
}

struct Report {
    name: String,
    scored: Scored,
    rates: Vec<Rate>,
    failures_count: bool,
}

impl Report {
    fn as_json(&self) -> Value {
        let header = &self.scored.header;
        json!({
            "log": self.name,
            "task": header.eval.task,
            "model": header.eval.model,
            "target": header.eval.asked_of(),
            "created": header.eval.created,
            "status": header.status,
            "samples": self.scored.samples,
            "failed": self.scored.failed,
            "failures_count_as_worst": self.failures_count,
            "limited": self.scored.limited,
            "not_numbers": self.scored.not_numbers,
            "of_failures": self.scored.of_failures,
            "withheld": self.scored.withheld,
            "scores": self.rates,
        })
    }

    fn as_text(&self, confidence: Confidence) -> String {
        let (eval, scored) = (&self.scored.header.eval, &self.scored);
        let status = serde_json::to_value(scored.header.status).unwrap_or_default();
        let mut text = format!(
            "{}\n{} by {}, {} ({})\n{} of {}\n\n",
            self.name,
            eval.task,
            eval.asked_of(),
            eval.created,
            status.as_str().unwrap_or_default(),
            terminal::counted(scored.samples, "sample"),
            terminal::counted(scored.questions.len(), "question"),
        );
        let header = interval_header(confidence);
        let mut table =
            Table::new(&["", "mean", &header, "questions", "clusters", "method", "log says"]);
        for rate in &self.rates {
            let estimate = &rate.estimate;
            table.row([
                rate.name.clone(),
                figure(estimate.value),
                interval_of(estimate),
                estimate.n.to_string(),
                estimate.clusters.map(|count| count.to_string()).unwrap_or_default(),
                method_of(estimate),
                rate.reported.map(figure).unwrap_or_default(),
            ]);
        }
        if !self.rates.is_empty() {
            text.push_str(&table.text());
            text.push('\n');
        }
        text.push_str(&self.notes());
        text.trim_end().to_owned()
    }

    /// Names the scores in which what failed does not count.
    fn note_without_failures(&self, text: &mut String) {
        let all = Some(&self.scored.failed);
        let is_without = |name: &&str| self.scored.failed_as_worst.get(*name) != all;
        let names = self.rates.iter().map(|rate| rate.name.as_str());
        let without: Vec<&str> = names.filter(is_without).collect();
        if !without.is_empty() {
            let _ = writeln!(
                text,
                "left out where they failed, for nobody knows the worst value: {}; --higher-is-better NAME and --lower-is-better NAME say which end is good",
                without.join(", ")
            );
        }
    }

    /// What has to be known to read the table. Writing to a String cannot fail.
    fn notes(&self) -> String {
        let mut text = String::new();
        if self.rates.is_empty() && self.scored.withheld.is_empty() {
            text.push_str("no sample has a score\n");
        }
        if self.scored.header.status != Status::Success {
            text.push_str("the run did not come to its end: what it did not ask is in no figure\n");
        }
        let withheld: Vec<&str> = self.scored.withheld.iter().map(String::as_str).collect();
        if !withheld.is_empty() {
            let _ = writeln!(
                text,
                "judged by a model, and not given without people's labels: {}; `candour eval run` with --labels corrects our own, `candour eval judged` those of other logs, --uncorrected gives them as they are",
                withheld.join(", ")
            );
        }
        let failed = self.scored.failed;
        if failed > 0 && self.failures_count {
            let _ = writeln!(
                text,
                "{failed} samples failed, and count as the worst value of each score, where it has one"
            );
            self.note_without_failures(&mut text);
        } else if failed > 0 {
            let _ = writeln!(
                text,
                "{failed} of {} samples failed, and count in no score but those that the log gives them; --count-failures counts them as the worst value of each that has one",
                self.scored.samples
            );
        }
        if self.scored.limited > 0 {
            let _ = writeln!(text, "{} samples were ended by a limit", self.scored.limited);
        }
        for name in &self.scored.of_failures {
            let _ = writeln!(text, "{name} has no mean: only samples that failed have this score");
        }
        for (name, count) in &self.scored.not_numbers {
            let _ = writeln!(
                text,
                "{name}: {count} of {} samples have no such score, or none that is a number",
                self.scored.samples
            );
        }
        for rate in &self.rates {
            text.extend(no_interval(&rate.name, &rate.estimate));
            if let Some(effect) = rate.design_effect.filter(|effect| *effect > 1.5) {
                let _ = writeln!(
                    text,
                    "{}: questions of one cluster are alike; without that the variance would be {effect:.1} times as small",
                    rate.name
                );
            }
            if let Some(enough) = rate.repeats_enough {
                let repeats = rate.answers as f64 / rate.estimate.n as f64;
                let _ = writeln!(
                    text,
                    "{}: {repeats:.1} answers a question; {enough:.0} would make what chance adds small",
                    rate.name
                );
            }
        }
        text
    }
}
