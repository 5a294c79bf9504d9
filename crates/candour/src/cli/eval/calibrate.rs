//! `candour eval calibrate`: from labelled answers to the threshold of abstention.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail, ensure};
use candour_evals::evidence::{Found, Outcome};
use candour_evals::runner::{self, Record};
use candour_evals::scorer::Scorer;
use candour_evals::statistics::{Calibration, Labelled, Point, calibrate};
use clap::Args;
use serde_json::json;

use crate::app::Place;
use crate::cli::evidence;
use crate::cli::terminal::{self, READING_WIDTH, wrap};

/// The scores by which an answer is right where none are named.
const USUAL: [Scorer; 3] = [Scorer::Answered, Scorer::ExpectedPage, Scorer::NothingForbidden];

/// `candour eval calibrate`.
#[derive(Debug, Args)]
#[command(after_help = "\
What is labelled:
  FILE     one JSON object a line: {\"confidence\": 0.71, \"correct\": true}
  FOLDER   of a run of `candour eval run`, in which an answer is right where every score named by
           --by that it has is 1: a score for which its sample has no target does not count against
           it, and how many have each is said. One that has none of them is left out and counted.
           Without --by they are answered, expected_page and nothing_forbidden. Run it with CANDOUR_ANSWERS__ABSTAIN_BELOW=0, so that
           everything is answered.")]
pub(crate) struct Calibrate {
    /// The labelled answers: a file, or the folder of a run
    labels: PathBuf,

    /// The scores by which an answer of a run is right
    #[arg(long, value_name = "SCORES", value_delimiter = ',', value_parser = score)]
    by: Vec<Scorer>,

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
        let read = self.read()?;
        let (left_out, families) = (read.left_out, read.families.as_ref().map(BTreeSet::len));
        let calibration = calibrate(&read.answers, self.level, self.confidence)?;
        if let Some(file) = &self.curve {
            std::fs::write(file, as_csv(&calibration.curve)).with_context(|| {
                format!("{} cannot be written: choose another name", file.display())
            })?;
        }
        let mut found = json!({
            "level": self.level, "confidence": self.confidence, "left_out": left_out,
            "scored": read.scored, "families": families, "calibration": calibration,
        });
        let entered = evidence::keep(place, &self.outcome(found.clone()).into()).await;
        if self.json {
            found["evidence"] = entered.as_json();
            terminal::print_json(&found)?;
        } else {
            terminal::print(&self.describe(&calibration, &read))?;
            if left_out > 0 {
                terminal::note(&format!(
                    "{left_out} answers have none of the scores by which they would be right, and are left out."
                ));
            }
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

    fn describe(&self, calibration: &Calibration, read: &Labels) -> String {
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
        for more in [read.of_families(), read.of_scores()].into_iter().flatten() {
            let _ = write!(text, "\n\n{}", wrap(&more, READING_WIDTH, 0));
        }
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
    fn read(&self) -> Result<Labels> {
        if self.labels.is_dir() {
            return self.of_run();
        }
        ensure!(
            self.by.is_empty(),
            "--by names scores of a run, and {} is none",
            self.labels.display()
        );
        let file = &self.labels;
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("{} cannot be read: check its name", file.display()))?;
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let labels = lines.map(|(number, line)| {
            serde_json::from_str(line).with_context(|| {
                format!(
                    "{}, line {}: expected {{\"confidence\": 0.71, \"correct\": true}}",
                    file.display(),
                    number + 1
                )
            })
        });
        Ok(Labels { answers: labels.collect::<Result<_>>()?, ..Labels::default() })
    }

    /// The labels of a run: of each question the latest record, as the run itself counts it.
    fn of_run(&self) -> Result<Labels> {
        let header = runner::header_of(&self.labels)?;
        let of_the_run = |by: &[Scorer]| -> Vec<Scorer> {
            by.iter().copied().filter(|scorer| header.scorers.contains(scorer)).collect()
        };
        let by = of_the_run(if self.by.is_empty() { &USUAL } else { &self.by });
        let names =
            || header.scorers.iter().map(|scorer| scorer.name()).collect::<Vec<_>>().join(", ");
        if let Some(lacking) = self.by.iter().find(|scorer| !by.contains(scorer)) {
            bail!("this run has no scores of {lacking}: name --by some of its own, {}", names());
        }
        ensure!(
            !by.is_empty(),
            "this run has none of the scores by which an answer is right: name --by some of its own, {}",
            names()
        );
        let scored = by.iter().map(|scorer| (scorer.name(), 0)).collect();
        let mut found = Labels { scored, families: Some(BTreeSet::new()), ..Labels::default() };
        runner::records(&self.labels, |record| {
            let confidence = record.reply.as_ref().and_then(|reply| reply.confidence);
            if let Some(confidence) = confidence {
                found.add(&record, confidence.into(), &by);
            }
        })?;
        Ok(found)
    }
}

impl Labels {
    /// Takes an answer of a run: it is right where all scores that it has of these are 1. Of one that has
    /// none, nobody knows.
    fn add(&mut self, record: &Record, confidence: f64, by: &[Scorer]) {
        let scores =
            by.iter().filter_map(|scorer| Some((scorer, record.scores.get(scorer)?.value)));
        let scores: Vec<(&Scorer, f64)> = scores.collect();
        if scores.is_empty() {
            self.left_out += 1;
            return;
        }
        for (scorer, _) in &scores {
            *self.scored.entry(scorer.name()).or_default() += 1;
        }
        let correct = scores.iter().all(|(_, value)| *value >= 1.0);
        self.answers.push(Labelled { confidence, correct });
        self.families.get_or_insert_default().insert(record.cluster.clone());
    }

    /// What the promise is worth where answers come in families.
    fn of_families(&self) -> Option<String> {
        let (answers, families) = (self.answers.len(), self.families.as_ref()?.len());
        (families < answers).then(|| {
            format!(
                "These {answers} answers come in {families} families, of questions about the same page or \
                 with the same cluster. Each answer was counted as if it were drawn by itself, and those of \
                 a family tell less than their number says: what is said above is less sure than it says."
            )
        })
    }

    /// How many answers have each of the scores, where some lack one.
    fn of_scores(&self) -> Option<String> {
        let all = self.answers.len() as u64;
        self.scored.values().any(|count| *count < all).then(|| {
            let counts = self.scored.iter().map(|(name, count)| format!("{count} have {name}"));
            let counts = counts.collect::<Vec<_>>().join(", ");
            format!(
                "Of {all} answers {counts}: a score that an answer lacks does not count against it."
            )
        })
    }
}

/// A score by which an answer can be right.
fn score(name: &str) -> Result<Scorer, String> {
    let mut all = Scorer::ALL.into_iter();
    let scorer = all.find(|scorer| scorer.name() == name);
    let scorer = scorer.ok_or_else(|| format!("there is no score {name:?}"))?;
    if scorer.is_judged() {
        return Err("a model judges it: label the answers in a file instead".to_owned());
    }
    if !scorer.is_share() {
        return Err("it has no value at which an answer is right".to_owned());
    }
    Ok(scorer)
}

/// What is labelled.
#[derive(Default)]
struct Labels {
    answers: Vec<Labelled>,
    /// Answers of which nobody knows whether they are right.
    left_out: u64,
    /// How many of those that are labelled have each score.
    scored: BTreeMap<&'static str, u64>,
    /// What samples have in common that are not independent; nothing of a file, which does not say.
    families: Option<BTreeSet<String>>,
}
