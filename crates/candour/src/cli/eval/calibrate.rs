//! `candour eval calibrate`: from labelled answers to the threshold of abstention.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use candour_evals::evidence::{Found, Outcome};
use candour_evals::runner::JOURNAL;
use candour_evals::statistics::{Calibration, Labelled, Point, calibrate};
use clap::Args;
use serde::Deserialize;
use serde_json::json;

use crate::app::Place;
use crate::cli::evidence;
use crate::cli::terminal::{self, READING_WIDTH, wrap};

/// `candour eval calibrate`.
#[derive(Debug, Args)]
#[command(after_help = "\
What is labelled:
  FILE     one JSON object a line: {\"confidence\": 0.71, \"correct\": true}
  FOLDER   of a run of `candour eval run`, in which an answer is right where every score named by
           --by is 1. Run it with CANDOUR_ANSWERS__ABSTAIN_BELOW=0, so that everything is answered.")]
pub(crate) struct Calibrate {
    /// The labelled answers: a file, or the folder of a run
    labels: PathBuf,

    /// The scores by which an answer of a run is right
    #[arg(
        long,
        value_name = "SCORES",
        value_delimiter = ',',
        default_value = "answered,expected_page,nothing_forbidden"
    )]
    by: Vec<String>,

    /// The largest share of the answers that may be wrong
    #[arg(long, default_value_t = 0.05)]
    level: f64,

    /// How sure that is to be
    #[arg(long, default_value_t = 0.9)]
    confidence: f64,

    /// Write the risk–coverage curve to this file, as CSV
    #[arg(long, value_name = "FILE")]
    curve: Option<PathBuf>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Calibrate {
    pub(crate) async fn run(&self, place: &Place) -> Result<ExitCode> {
        let labels = self.read()?;
        let calibration = calibrate(&labels, self.level, self.confidence)?;
        if let Some(file) = &self.curve {
            std::fs::write(file, as_csv(&calibration.curve)).with_context(|| {
                format!("{} cannot be written: choose another name", file.display())
            })?;
        }
        let mut found = json!({
            "level": self.level, "confidence": self.confidence, "calibration": calibration,
        });
        let entered = evidence::keep(place, &self.outcome(found.clone()).into()).await;
        if self.json {
            found["evidence"] = entered.as_json();
            terminal::print_json(&found)?;
        } else {
            terminal::print(&self.describe(&calibration))?;
            terminal::note(&entered.words(None));
        }
        Ok(if calibration.threshold.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// The curve, with what is known of the answers that were labelled.
    fn outcome(&self, result: serde_json::Value) -> Outcome {
        let run = self.labels.is_dir().then(|| Found::at(&self.labels)).and_then(Result::ok);
        let (program, made_at) = (env!("CARGO_PKG_VERSION").to_owned(), jiff::Timestamp::now());
        let kind = "calibration".to_owned();
        match run.map(|found| found.outcome) {
            Some(run) => {
                let title = format!("abstention calibrated on {}", run.title);
                Outcome { kind, title, made_at, program, result, ..run }
            }
            None => Outcome {
                kind,
                title: format!("abstention calibrated on {}", self.labels.display()),
                made_at,
                program,
                configuration: None,
                snapshot: None,
                suite: None,
                result,
            },
        }
    }

    fn describe(&self, calibration: &Calibration) -> String {
        let (level, sure) = (percent(self.level), percent(self.confidence));
        let verdict = match calibration.threshold {
            Some(point) => format!(
                "With `abstain_below = {:.2}` under [answers] in candour.toml, fewer than {level} of the \
                 answers are wrong, at {sure} confidence: of {} labelled questions {} are answered \
                 ({}), {} of them wrongly.",
                point.threshold,
                calibration.labelled,
                point.answered,
                percent(point.coverage),
                point.errors
            ),
            None => format!(
                "No threshold can be shown to keep wrong answers below {level} at {sure} confidence with \
                 {} labelled questions. Label more, allow more errors with --level, or improve the \
                 answers.",
                calibration.labelled
            ),
        };
        let mut text = wrap(&verdict, READING_WIDTH, 0);
        text.push_str("\n\nThreshold  Answered  Wrong   95 % interval\n");
        for point in calibration.curve.iter().rev().step_by(10) {
            let _ = writeln!(text, "{}", as_line(point));
        }
        text
    }
}

fn as_line(point: &Point) -> String {
    let (coverage, threshold) = (percent(point.coverage), point.threshold);
    match point.risk {
        Some(risk) => {
            let (value, low, high) = (percent(risk.value), percent(risk.low), percent(risk.high));
            format!("{threshold:9.2}  {coverage:>8}  {value:>6}  {low} to {high}")
        }
        None => format!("{threshold:9.2}  {coverage:>8}       –"),
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn as_csv(curve: &[Point]) -> String {
    let mut text = String::from("threshold,answered,coverage,errors,risk,low,high\n");
    for point in curve {
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        let _ = writeln!(
            text,
            "{},{},{},{},{},{},{}",
            point.threshold,
            point.answered,
            point.coverage,
            point.errors,
            number(point.risk.map(|risk| risk.value)),
            number(point.risk.map(|risk| risk.low)),
            number(point.risk.map(|risk| risk.high))
        );
    }
    text
}

impl Calibrate {
    fn read(&self) -> Result<Vec<Labelled>> {
        let is_run = self.labels.is_dir();
        let file = if is_run { self.labels.join(JOURNAL) } else { self.labels.clone() };
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("{} cannot be read: check its name", file.display()))?;
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        if is_run {
            return Ok(lines.filter_map(|(_, line)| self.of_run(line)).collect());
        }
        let labels = lines.map(|(number, line)| {
            serde_json::from_str(line).with_context(|| {
                format!(
                    "{}, line {}: expected {{\"confidence\": 0.71, \"correct\": true}}",
                    file.display(),
                    number + 1
                )
            })
        });
        labels.collect()
    }

    /// The label of a line of a journal; none where the line is no answer that the assistant looked for.
    fn of_run(&self, line: &str) -> Option<Labelled> {
        let line: Line = serde_json::from_str(line).ok()?;
        let confidence = line.reply?.confidence?;
        let correct = self.by.iter().filter_map(|name| line.scores.get(name));
        let correct = correct.into_iter().all(|score| score.value >= 1.0);
        Some(Labelled { confidence: confidence.into(), correct })
    }
}

/// What is read of a line of a journal.
#[derive(Deserialize)]
struct Line {
    reply: Option<Sure>,
    #[serde(default)]
    scores: BTreeMap<String, Scored>,
}

#[derive(Deserialize)]
struct Sure {
    confidence: Option<f32>,
}

#[derive(Deserialize)]
struct Scored {
    value: f64,
}
