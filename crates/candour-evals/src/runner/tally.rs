//! What a run has come to so far: kept as numbers alone, and on disk where they are many, so that memory
//! does not grow with the run.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use candour_core::Reply;

use super::RunnerError;
use super::distribution::{Distribution, Values};
use super::judged::JudgeTally;
use super::labels::LabelTally;
use super::record::{IN_FLIGHT, Record};
use super::writers::Writers;
use crate::judge::Judgement;
use crate::scorer::Scorer;
use crate::sorted::Sorted;
use crate::statistics::Moments;
use crate::suite::{Prices, short_hash};

/// Errors that are named one by one.
const ERRORS_NAMED: usize = 1000;
/// What a run has come to so far.
#[derive(Debug)]
pub struct Tally {
    scorers: Vec<Scorer>,
    /// Those of them that an answer had something to look at for.
    fed: Vec<bool>,
    epochs: u32,
    /// Samples of which an epoch is yet to come.
    begun: BTreeMap<u128, Begun>,
    /// For each scorer: the sum of the means of samples over their epochs, and how many there are.
    sums: Vec<(f64, u64)>,
    /// The same one by one: the scorer, the cluster, the sample, the bits of its mean.
    means: Sorted<4>,
    /// The same of what was retrieved, in the order of the means.
    values: Values,
    /// Where what of that is too much for memory is kept.
    folder: PathBuf,
    /// Questions with an answer.
    pub answered: u64,
    /// Questions without one, by the kind of error.
    pub errors: BTreeMap<String, u64>,
    /// The first of them, each with its error.
    pub named_errors: Vec<(String, u32, String)>,
    /// What became of asking a model to write answers.
    pub writers: Writers,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Answers whose tokens are guessed.
    pub estimated: u64,
    /// Answers whose tokens nobody knows.
    pub unmetered: u64,
    /// Answers whose tokens are known, or guessed.
    pub(super) metered: u64,
    /// What was on its way when a part of the run was killed and was asked again, as often as that happened.
    pub(super) again: Vec<(String, u32)>,
    /// Milliseconds, by how many answers took as many.
    latencies: BTreeMap<u32, u32>,
    /// How labels were given.
    pub(super) labels: LabelTally,
    /// What a model judged.
    pub(super) judged: JudgeTally,
}

/// A sample that was asked, and is to be asked again.
#[derive(Debug, Clone)]
struct Begun {
    cluster: u64,
    epochs: u32,
    /// For each scorer: the sum of values over epochs, and how many there are.
    sums: Vec<(f64, u32)>,
}

impl Begun {
    /// For each scorer that had something to look at: its mean over epochs.
    fn means(&self) -> impl Iterator<Item = (usize, f64)> {
        let having = self.sums.iter().enumerate().filter(|(_, (_, count))| *count > 0);
        having.map(|(scorer, (sum, count))| (scorer, sum / f64::from(*count)))
    }
}

impl Tally {
    /// Nothing yet, of questions that are asked so often, in a run that is kept in this folder.
    pub fn new(scorers: &[Scorer], epochs: u32, folder: &Path) -> Self {
        Self {
            scorers: scorers.to_vec(),
            fed: vec![false; scorers.len()],
            epochs,
            begun: BTreeMap::new(),
            sums: vec![(0.0, 0); scorers.len()],
            means: Sorted::default(),
            values: Values::default(),
            folder: folder.to_owned(),
            answered: 0,
            errors: BTreeMap::new(),
            named_errors: Vec::new(),
            writers: Writers::default(),
            input_tokens: 0,
            output_tokens: 0,
            estimated: 0,
            unmetered: 0,
            metered: 0,
            again: Vec::new(),
            latencies: BTreeMap::new(),
            labels: LabelTally::new(epochs, folder),
            judged: JudgeTally::default(),
        }
    }

    /// Adds what came of a question.
    pub fn add(&mut self, record: &Record) {
        self.add_scores(record);
        self.labels.add(record);
        if let Some(failure) = &record.error {
            *self.errors.entry(failure.kind.clone()).or_default() += 1;
            if self.named_errors.len() < ERRORS_NAMED {
                let name = (record.id.clone(), record.epoch, failure.detail.clone());
                self.named_errors.push(name);
            }
        }
        self.answered += u64::from(record.reply.is_some());
        record.reply.iter().for_each(|reply| self.writers.add(reply));
        self.judged.add(record, &self.folder);
    }

    /// Adds what an answer took. It is spent before the answer is judged.
    pub fn spend(&mut self, reply: &Reply) {
        // Of an answer that was given elsewhere nobody may know how long it took.
        if reply.latency_us > 0 {
            *self.latencies.entry((reply.latency_us / 1000) as u32).or_default() += 1;
        }
        match reply.spent() {
            Some(usage) => {
                self.metered += 1;
                self.input_tokens += usage.input;
                self.output_tokens += usage.output;
                self.estimated += u64::from(usage.estimated);
            }
            None => self.unmetered += 1,
        }
    }

    /// Adds what a judgement took.
    pub fn spend_judgement(&mut self, judgement: &Judgement) {
        self.judged.spend(judgement);
    }

    /// Adds what a question took.
    pub(super) fn spend_all(&mut self, record: &Record) {
        record.reply.iter().for_each(|reply| self.spend(reply));
        record.judgements.iter().for_each(|judgement| self.spend_judgement(judgement));
    }

    fn add_scores(&mut self, record: &Record) {
        let sample = short_hash(&record.id);
        let begun = self.begun.remove(&sample);
        let mut begun = begun.unwrap_or_else(|| Begun {
            cluster: short_hash(&record.cluster) as u64,
            epochs: 0,
            sums: vec![(0.0, 0); self.scorers.len()],
        });
        begun.epochs += 1;
        let of_scorers = self.scorers.iter().zip(&mut self.fed).zip(&mut begun.sums);
        for ((scorer, is_fed), (sum, count)) in of_scorers {
            if let Some(score) = record.scores.get(scorer) {
                *sum += score.value;
                *count += 1;
                *is_fed |= record.reply.is_some();
            }
        }
        if begun.epochs < self.epochs {
            self.begun.insert(sample, begun);
            return;
        }
        self.settle(sample, &begun);
    }

    /// Counts a sample of which nothing more is to come.
    fn settle(&mut self, sample: u128, begun: &Begun) {
        for (scorer, mean) in begun.means() {
            let (sum, count) = &mut self.sums[scorer];
            (*sum, *count) = (*sum + mean, *count + 1);
            let row = [scorer as u64, begun.cluster, sample as u64, mean.to_bits()];
            self.means.add(&self.folder, row);
            if self.scorers.get(scorer).is_some_and(|scorer| scorer.is_of_retrieval()) {
                self.values.add(&self.folder, scorer, mean);
            }
        }
    }

    /// Questions that are done, with an answer or without.
    pub fn done(&self) -> u64 {
        self.answered + self.errors.values().sum::<u64>()
    }

    /// Questions that were on their way when a part of the run was killed, and were given up.
    pub(super) fn given_up(&self) -> u64 {
        self.errors.get(IN_FLIGHT).copied().unwrap_or_default()
    }

    /// What the tokens cost, where there are prices.
    pub fn cost(&self, prices: Option<&Prices>) -> Option<f64> {
        Some(prices?.cost(self.input_tokens, self.output_tokens))
    }

    /// The sum of a scorer's means over samples so far, and how many there are: none while only failures
    /// have any.
    pub(super) fn sum_so_far(&self, scorer: Scorer) -> (f64, u64) {
        let at = self.scorers.iter().position(|one| *one == scorer);
        let Some(at) = at.filter(|at| self.fed[*at]) else { return (0.0, 0) };
        let begun = self.begun.values().flat_map(Begun::means).filter(|(scorer, _)| *scorer == at);
        begun.fold(self.sums[at], |(sum, count), (_, mean)| (sum + mean, count + 1))
    }

    /// What an interval has to know of each scorer that had something to look at in an answer: a target that
    /// gives it nothing, and fails now and then, would else have a rate of failures alone. Samples that were
    /// not asked as often as they should be count with what there is; nothing is added after this.
    pub(super) fn moments(&mut self) -> Result<Vec<(Scorer, Moments)>, RunnerError> {
        for (sample, begun) in std::mem::take(&mut self.begun) {
            self.settle(sample, &begun);
        }
        let means = &mut self.means;
        let found = Moments::of_groups(|visit| {
            means.each(|[scorer, cluster, _, mean]| visit(*scorer, *cluster, f64::from_bits(*mean)))
        });
        let found = found.map_err(|error| self.full(error))?;
        let fed = |at: usize| self.scorers.get(at).filter(|_| self.fed[at]).copied();
        let named = |(at, moments)| Some((fed(at as usize)?, moments));
        Ok(found.into_iter().filter_map(named).collect())
    }

    /// How the values of what was retrieved are spread, once all are counted.
    pub(super) fn distributions(&mut self) -> Result<BTreeMap<Scorer, Distribution>, RunnerError> {
        let mut all = BTreeMap::new();
        for (at, scorer) in self.scorers.iter().enumerate() {
            let (sum, n) = self.sums[at];
            if scorer.is_of_retrieval() && self.fed[at] && n > 0 {
                let found = self.values.of(at, n, sum / n as f64);
                all.insert(*scorer, found.map_err(|error| self.full(error))?);
            }
        }
        Ok(all)
    }

    /// Why what is too much for memory cannot be kept.
    pub(super) fn full(&self, error: io::Error) -> RunnerError {
        RunnerError::Unwritable { path: self.folder.display().to_string(), error }
    }

    /// Below how many milliseconds this share of the answers took.
    pub fn latency_ms(&self, share: f64) -> Option<u32> {
        let all: u64 = self.latencies.values().map(|count| u64::from(*count)).sum();
        let wanted = (share * all as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        self.latencies.iter().find_map(|(milliseconds, count)| {
            seen += u64::from(*count);
            (seen >= wanted).then_some(*milliseconds)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scorer::Score;
    use crate::statistics::{Confidence, Estimate, Observations, SplitMix64, estimate};

    fn record(id: usize, cluster: u64, scorer: Scorer, score: Score) -> Record {
        let (id, cluster) = (format!("s{id}"), format!("c{cluster}"));
        let reply = Some(Reply::default());
        Record {
            id,
            cluster,
            epoch: 1,
            reply,
            scores: [(scorer, score)].into(),
            ..Record::default()
        }
    }

    /// What does not fit into memory makes no difference, in clusters and without.
    #[test]
    fn a_run_of_more_samples_than_are_held_has_the_figures_of_all() {
        let folder = tempfile::tempdir().unwrap();
        for clusters in [700, u64::MAX] {
            let (mut random, mut tally) =
                (SplitMix64(3), Tally::new(&[Scorer::KeyFacts], 1, folder.path()));
            let mut rows = Vec::new();
            for at in 0..70_000 {
                let cluster = (random.share() * clusters as f64) as u64;
                let value = f64::from(u8::try_from(at % 3).unwrap()) / 2.0;
                tally.add(&record(at, cluster, Scorer::KeyFacts, Score { value, why: None }));
                rows.push((cluster, value));
            }
            let found = tally.moments().unwrap();
            let held = Observations::clustered(rows).unwrap();
            let [(Scorer::KeyFacts, found)] = found[..] else { panic!("{found:?}") };
            let [found, held] =
                [found, *held.moments()].map(|of| estimate(of, Confidence::P95).unwrap());
            assert_eq!(
                (found.n, found.clusters, found.method),
                (held.n, held.clusters, held.method)
            );
            let ends = |of: Estimate| [of.interval.value, of.interval.low, of.interval.high];
            for (found, held) in ends(found).into_iter().zip(ends(held)) {
                assert!((found - held).abs() < 1e-12, "{found} {held}");
            }
        }
    }
}
