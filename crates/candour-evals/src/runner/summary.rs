//! What a run came to: each measure with its interval, and everything that has to be known to read it.

use std::collections::BTreeMap;

use candour_core::ContentHash;
use serde::Serialize;

use super::distribution::Distribution;
use super::judged::{JudgeSummary, Judging};
use super::labels::{Label, weighted};
use super::record::Header;
use super::tally::Tally;
use super::writers::Writers;
use super::{Ending, RunnerError};
use crate::scorer::Scorer;
use crate::statistics::{BetaMixture, Confidence, Interval, Moments, Rate};
use crate::suite::Suite;

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The suite.
    pub suite: String,
    /// The hash of its files, the limits of the whole run left out.
    pub suite_hash: ContentHash,
    /// What was asked.
    pub target: String,
    /// Which part of the suite, where it is not all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// `complete`, `stopped`, the limit that was reached, or who could not be.
    pub ending: String,
    /// Questions that there are, each counted once for every epoch; of a shard, nobody counts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub questions: Option<u64>,
    /// Questions that are done.
    pub done: u64,
    /// Questions that have no answer, by kind of error. What was due counts as 0 there, for scorers that
    /// had something to look at in any answer.
    pub errors: BTreeMap<String, u64>,
    /// Which they are, at most a thousand, by name: sample, epoch and why.
    pub named_errors: Vec<(String, u32, String)>,
    /// What became of asking a model to write the answers, where one was asked and they have other words
    /// without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writer: Option<Writers>,
    /// What was on its way when an earlier part of the run was killed and was, or is, to be asked again, as
    /// often as that happened: it may have been paid for twice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub in_flight: Vec<(String, u32)>,
    /// Every scorer of the suite that had something to look at: the mean over samples, those without an
    /// answer among them where something was due, with its 95 % interval where anything is known of it.
    pub measures: BTreeMap<Scorer, Rate>,
    /// How the values of what was retrieved are spread over samples, where it was measured.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub distributions: BTreeMap<Scorer, Distribution>,
    /// Scorers of the suite, but for those that a model judges, that had nothing to look at in any answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without_material: Vec<Scorer>,
    /// Of each label: precision, recall and their harmonic mean, with their intervals.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, Label>,
    /// What a model judged, where one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judge: Option<JudgeSummary>,
    /// The means of these over labels that have no name, each counting as often as it was expected. One
    /// without a precision is in no mean of precisions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighted: Option<Label>,
    /// Tokens, money and time, the judge's not among them.
    pub spent: Spent,
}

/// What a run took.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spent {
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Answers whose tokens are guessed from their length.
    pub estimated: u64,
    /// Answers whose tokens nobody knows.
    pub unmetered: u64,
    /// Money, where there are prices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub money: Option<f64>,
    /// Its currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Milliseconds below which half of the answers took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms_median: Option<u32>,
    /// Milliseconds below which 95 % of the answers took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms_p95: Option<u32>,
}

impl Summary {
    pub(super) fn new(
        suite: &Suite,
        header: Header,
        tally: &mut Tally,
        ending: Ending,
        in_flight: Vec<(String, u32)>,
        judging: Option<&Judging>,
    ) -> Result<Self, RunnerError> {
        let about = &suite.about;
        // Of failures alone nothing is known of any label.
        let labels = if tally.answered > 0 { tally.labels.measured() } else { Ok(BTreeMap::new()) };
        let labels = labels.map_err(|error| tally.full(error))?;
        let measures = tally.measures()?;
        let distributions = tally.distributions()?;
        let mut named_errors = tally.named_errors.clone();
        named_errors.sort();
        let is_without = |scorer: &Scorer| !scorer.is_judged() && !measures.contains_key(scorer);
        Ok(Self {
            without_material: about.scorers.iter().copied().filter(is_without).collect(),
            suite: header.suite,
            suite_hash: header.suite_hash,
            target: header.target,
            questions: header.shard.is_none().then(|| suite.samples * u64::from(about.epochs)),
            shard: header.shard.map(|shard| shard.to_string()),
            ending: ending.words(),
            done: tally.done(),
            errors: tally.errors.clone(),
            named_errors,
            writer: tally.writers.known(),
            in_flight,
            measures,
            distributions,
            judge: JudgeSummary::new(about, header.judge, tally, judging)?,
            weighted: weighted(&labels),
            labels,
            spent: Spent {
                input_tokens: tally.input_tokens,
                output_tokens: tally.output_tokens,
                estimated: tally.estimated,
                unmetered: tally.unmetered,
                money: tally.cost(about.prices.as_ref()),
                currency: about.prices.as_ref().map(|prices| prices.currency.clone()),
                latency_ms_median: tally.latency_ms(0.5),
                latency_ms_p95: tally.latency_ms(0.95),
            },
        })
    }

    /// Whether something was asked, and nothing answered.
    pub fn is_in_vain(&self) -> bool {
        self.done > 0 && self.done == self.errors.values().sum::<u64>()
    }

    /// How it ended, as its words say.
    pub fn ended(&self) -> Ending {
        Ending::of_words(&self.ending).unwrap_or(Ending::Stopped)
    }

    /// Whether everything was asked.
    pub fn is_complete(&self) -> bool {
        self.ended() == Ending::Complete
    }
}

impl Tally {
    /// The mean so far and an interval that holds however often one looks while a run goes on, quickly and as
    /// if all samples were independent.
    pub fn so_far(&self, scorer: Scorer) -> Option<Interval> {
        let (sum, count) = self.sum_so_far(scorer);
        let is_known = scorer.is_share() && count > 0;
        let seen = BetaMixture::of_shares(sum, count, Confidence::P95);
        seen.ok().filter(|_| is_known).map(|seen| seen.interval())
    }

    /// The mean of each scorer's values over samples; nothing of those that had nothing to look at.
    fn measures(&mut self) -> Result<BTreeMap<Scorer, Rate>, RunnerError> {
        let measure = |(scorer, moments): (Scorer, Moments)| {
            let rate = Rate::of(moments, Confidence::P95);
            (scorer, if scorer.is_share() { rate.within_unit() } else { rate })
        };
        Ok(self.moments()?.into_iter().map(measure).collect())
    }
}
