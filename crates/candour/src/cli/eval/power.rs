//! `candour eval power`: how many questions a comparison takes, before it is run.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use candour_evals::statistics::{
    Arms, Confidence, PairedBinary, RepeatedScores, StatisticsError, design_effect,
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::log::confidence;
use super::table::{Table, figure};
use crate::cli::terminal;

/// Numbers of questions to show where none is asked for.
const SIZES: [f64; 7] = [50.0, 100.0, 250.0, 500.0, 1000.0, 2000.0, 5000.0];

/// `candour eval power`.
#[derive(Debug, Args)]
pub(crate) struct Power {
    #[command(subcommand)]
    design: Design,
}

#[derive(Debug, Subcommand)]
enum Design {
    /// Two runs of the same questions, right or wrong
    Paired {
        /// The share of questions on which the runs will disagree; `candour eval compare` shows that of
        /// two runs
        #[arg(long, value_name = "SHARE")]
        discordance: f64,
        #[command(flatten)]
        wish: Wish,
    },
    /// Two runs of different questions, or two groups of people
    Arms {
        /// The rate of the first
        #[arg(long, value_name = "SHARE")]
        rate: f64,
        #[command(flatten)]
        wish: Wish,
    },
    /// Two runs of the same questions with scores, each question answered several times
    Scores {
        /// The variance of the differences between questions
        #[arg(long, value_name = "VARIANCE")]
        between: f64,
        /// The variance among the answers to one question
        #[arg(long, value_name = "VARIANCE", default_value_t = 0.0)]
        within: f64,
        /// How often each run answers a question
        #[arg(long, value_name = "K", default_value_t = 1)]
        epochs: u16,
        #[command(flatten)]
        wish: Wish,
    },
}

/// What is to be found out.
#[derive(Debug, Args)]
struct Wish {
    /// The difference that is to be seen
    #[arg(long, value_name = "SHARE", conflicts_with = "questions")]
    difference: Option<f64>,

    /// The number of questions there are
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    questions: Option<u32>,

    /// How often the difference is to be seen where it is there
    #[arg(long, value_name = "SHARE", default_value_t = 0.8)]
    power: f64,

    /// How sure the comparison is to be
    #[arg(long, value_name = "SHARE", default_value = "0.95", value_parser = confidence)]
    confidence: Confidence,

    /// How many questions are in one cluster, such as about one page
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    cluster_size: f64,

    /// How far the questions of a cluster are alike: 0 not at all, 1 altogether
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    correlation: f64,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What change so many questions show, for whoever starts a run of them.
pub(super) fn visible(questions: u64) -> String {
    const USUAL: PairedBinary = PairedBinary { discordance: 0.2 };
    let shown = USUAL.difference(questions as f64, Confidence::P95, 0.8).ok().flatten();
    shown.map_or_else(
        || format!("Too few questions to show a change between two runs: {questions}"),
        |change| {
            format!(
                "{questions} questions, if none are alike, show a change of {:.1} points or more between two runs that disagree on a fifth of them (`candour eval power` says more)",
                change * 100.0
            )
        },
    )
}

impl Power {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self.design {
            Design::Paired { discordance, wish } => {
                let runs = PairedBinary { discordance };
                wish.show(
                    "questions",
                    |difference| runs.size(difference, wish.confidence, wish.power),
                    |size| runs.difference(size, wish.confidence, wish.power),
                )
            }
            Design::Arms { rate, wish } => {
                let arms = Arms { rate };
                wish.show(
                    "questions an arm",
                    |difference| arms.size(difference, wish.confidence, wish.power),
                    |size| arms.difference(size, wish.confidence, wish.power),
                )
            }
            Design::Scores { between, within, epochs, wish } => {
                let repeats = [f64::from(epochs); 2];
                let scores = RepeatedScores { between, within: [within; 2], repeats };
                wish.show(
                    "questions",
                    |difference| scores.size(difference, wish.confidence, wish.power),
                    |size| scores.difference(size, wish.confidence, wish.power).map(Some),
                )
            }
        }
    }
}

impl Wish {
    /// Shows how many questions the difference takes, or what difference so many questions show.
    fn show(
        &self,
        unit: &str,
        size: impl Fn(f64) -> Result<f64, StatisticsError>,
        difference: impl Fn(f64) -> Result<Option<f64>, StatisticsError>,
    ) -> Result<ExitCode> {
        let effect = design_effect(self.cluster_size, self.correlation)?;
        let needed = |wanted: f64| Ok::<_, StatisticsError>((size(wanted)? * effect).ceil());
        let mut rows: Vec<(f64, Option<f64>)> = Vec::new();
        if let Some(wanted) = self.difference {
            rows.push((needed(wanted)?, Some(wanted)));
        } else {
            let sizes = self.questions.map_or_else(|| SIZES.to_vec(), |one| vec![f64::from(one)]);
            for size in sizes {
                // Clusters make so many questions worth fewer.
                rows.push((size, difference((size / effect).max(1.0))?));
            }
        }
        self.print(unit, effect, &rows)
    }

    fn print(&self, unit: &str, effect: f64, rows: &[(f64, Option<f64>)]) -> Result<ExitCode> {
        if self.json {
            let row = |(size, difference): &(f64, Option<f64>)| json!({"questions": size, "difference": difference});
            terminal::print_json(&json!({
                "power": self.power,
                "confidence": self.confidence,
                "design_effect": effect,
                "rows": rows.iter().map(row).collect::<Value>(),
            }))?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut table = Table::new(&[unit, "smallest difference"]);
        for (size, difference) in rows {
            table.row([size.to_string(), difference.map_or("none".to_owned(), figure)]);
        }
        let mut text = format!(
            "The difference is seen in about {:.0} of 100 comparisons where it is there.\n\n{}",
            self.power * 100.0,
            table.text()
        );
        if effect > 1.0 {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "\nClusters take {effect:.1} times as many questions.");
        }
        terminal::print(&text)?;
        Ok(ExitCode::SUCCESS)
    }
}
