//! `candour review plan`: how many labels give which interval.

use std::fmt::Write as _;

use anyhow::Result;
use candour_evals::review::{self, Design};
use candour_evals::statistics::Confidence;
use candour_store::Database;
use clap::Args;

use super::source::Source;
use crate::cli::eval::log::confidence;
use crate::cli::eval::table::{Table, figure};
use crate::cli::terminal;

/// Numbers of labels to show where none is asked for.
const NUMBERS: [usize; 7] = [25, 50, 100, 200, 300, 500, 1000];

/// `candour review plan`.
#[derive(Debug, Args)]
pub(super) struct Plan {
    #[command(flatten)]
    source: Source,

    /// How many answers people would label
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=100_000))]
    answers: Option<u32>,

    /// How sure the interval is to be
    #[arg(long, value_name = "SHARE", default_value = "0.95", value_parser = confidence)]
    confidence: Confidence,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Plan {
    pub(super) async fn run(self, database: &Database) -> Result<()> {
        let population = self.source.population(database).await?;
        let numbers = self.answers.map_or_else(|| NUMBERS.to_vec(), |one| vec![one as usize]);
        let numbers: Vec<usize> =
            numbers.into_iter().map(|number| number.min(population.candidates.len())).collect();
        let pilot = self.source.pilot()?;
        let mut found = review::plan(&population, &pilot, &numbers, self.confidence)?;
        found.rows.dedup();
        if self.json {
            return terminal::print_json(&found);
        }
        terminal::print(&self.text(&found, pilot.is_empty()))
    }

    fn text(&self, found: &review::Plan, is_guess: bool) -> String {
        let mut text =
            format!("{} answers, chosen by {}\n\n", found.answers, self.source.chosen_by());
        let mut strata =
            Table::new(&["stratum", "answers", "judge says", "people expected to say"]);
        for (place, stratum) in found.strata.iter().enumerate() {
            strata.row([
                (place + 1).to_string(),
                stratum.answers.to_string(),
                stratum.judge.map_or_else(|| "nothing".to_owned(), figure),
                figure(stratum.rate),
            ]);
        }
        let header = [
            "labels",
            "drawn",
            "by strata",
            "at random, corrected",
            "at random",
            "of each stratum",
        ];
        let mut rows = Table::new(&header);
        for row in &found.rows {
            let by: Vec<String> = row.by_stratum.iter().map(ToString::to_string).collect();
            let drawn = match row.design {
                Design::ByStrata => "by strata",
                Design::AtRandom => "at random",
            };
            rows.row([
                row.labels.to_string(),
                drawn.to_owned(),
                format!("±{}", figure(row.by_strata)),
                format!("±{}", figure(row.at_random_corrected)),
                format!("±{}", figure(row.at_random)),
                by.join(" + "),
            ]);
        }
        // Writing to a String cannot fail.
        let _ = write!(text, "{}\n{}", strata.text(), rows.text());
        if let Some(clusters) = found.clusters {
            let _ = write!(
                text,
                "\nThe answers are in {clusters} clusters. The widths are of answers that have nothing in common;\n\
                 where those of a cluster are alike, the interval that labels give counts that, and is wider.\n",
            );
        }
        if is_guess {
            text.push_str(
                "\nHow far judge and people differ is a guess; the labels of an earlier review, given with --pilot,\nsay it better. The interval that labels give in the end is right whatever the guess was.\n",
            );
        }
        text
    }
}
