//! Where the answers of a review come from, as the command line says it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Result, bail};
use candour_evals::labels::{self, Label};
use candour_evals::review::{Candidate, Population, of_run, of_two_runs};
use candour_store::{Database, ReviewKind, Unjudged};
use clap::Args;
use jiff::Timestamp;

use crate::cli::search::parse_day;
use crate::cli::terminal;

/// Where answers come from, and what chooses among them.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// The folder of a run, or an Inspect log; given twice, the answers of two runs are seen in pairs
    #[arg(long, value_name = "RUN", required_unless_present = "from", conflicts_with = "from")]
    run: Vec<PathBuf>,

    /// What readers were given from this day on, in place of a run: 2026-11-01
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    from: Option<Timestamp>,

    /// And until this day, which is left out [default: now]
    #[arg(long, value_name = "DATE", value_parser = parse_day, requires = "from")]
    until: Option<Timestamp>,

    /// A score of the run that says which answers are likely right; of several, their mean counts. Of what
    /// readers were given it is the assistant's own confidence
    #[arg(long, value_name = "SCORE", requires = "run")]
    judge: Vec<String>,

    /// The labels of an earlier review, which tell where judge and people differ
    #[arg(long, value_name = "FILE")]
    pilot: Option<PathBuf>,
}

impl Source {
    /// The answers, with a word on those that are left out.
    pub(super) async fn population(&self, database: &Database) -> Result<Population> {
        let population = match (&self.run[..], self.from) {
            ([one], _) => of_run(one, &self.judge)?,
            ([first, second], _) => of_two_runs(first, second, &self.judge)?,
            ([], Some(from)) => self.given(database, from).await?,
            _ => bail!("a review is of one run or of two: give --run once or twice"),
        };
        if population.left_out > 0 {
            terminal::note(&format!(
                "{} questions are left out: they have no answer, or not in both runs",
                population.left_out
            ));
        }
        Ok(population)
    }

    pub(super) fn pilot(&self) -> Result<Vec<Label>> {
        Ok(self.pilot.as_deref().map(labels::read).transpose()?.unwrap_or_default())
    }

    pub(super) fn kind(&self) -> ReviewKind {
        if self.run.len() > 1 { ReviewKind::Pair } else { ReviewKind::Single }
    }

    pub(super) fn is_of_readers(&self) -> bool {
        self.run.is_empty()
    }

    /// For the record: whoever labels is not told.
    pub(super) fn describe(&self) -> String {
        let runs: Vec<String> = self.run.iter().map(|run| run.display().to_string()).collect();
        match (runs.is_empty(), self.from) {
            (true, Some(from)) => {
                let until = self.until.map_or_else(|| "now".to_owned(), |until| until.to_string());
                format!("readers from {from} until {until}")
            }
            _ => format!("{}, chosen by {}", runs.join(" and "), self.chosen_by()),
        }
    }

    /// What says which answers are likely right.
    pub(super) fn chosen_by(&self) -> String {
        match &self.judge[..] {
            [] if self.from.is_some() => "the assistant’s confidence".to_owned(),
            [] => "chance alone, as no --judge is named".to_owned(),
            [one] => one.clone(),
            several => format!("the mean of {}", several.join(", ")),
        }
    }

    /// What readers were given. Answers of one conversation have something in common, which is counted
    /// and not named.
    async fn given(&self, database: &Database, from: Timestamp) -> Result<Population> {
        let until = self.until.unwrap_or_else(Timestamp::now);
        let mut conversations = BTreeMap::new();
        let given = database.given_between(from, until).await?;
        let candidate = |given: candour_store::GivenAnswer| {
            let next = conversations.len() + 1;
            let number = *conversations.entry(given.conversation).or_insert(next);
            Candidate {
                answer: given.answer.to_string(),
                judge: given.confidence.map(|confidence| f64::from(confidence).clamp(0.0, 1.0)),
                unjudged: given.confidence.is_none().then_some(Unjudged::Inapplicable),
                cluster: Some(format!("conversation {number}")),
                shown: None,
            }
        };
        let candidates: Vec<Candidate> = given.into_iter().map(candidate).collect();
        if candidates.len() < 2 {
            bail!("readers were given {} answers in that time: choose more days", candidates.len());
        }
        Ok(Population { candidates, left_out: 0 })
    }
}
