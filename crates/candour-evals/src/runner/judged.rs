//! What a judge's scores come to: never a bare rate, but what people's labels make of it, with what the
//! judge took and where it failed.

mod answers;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use candour_core::ContentHash;
use serde::{Serialize, Serializer};

use self::answers::{Answers, joined};
use super::RunnerError;
use super::record::{Key, Record};
use super::tally::Tally;
use crate::corrected::{self, Corrected, CorrectedError};
use crate::judge::{self, Judge, Judgement, behind};
use crate::labels::Label;
use crate::scorer::Scorer;
use crate::sorted::Sorted;
use crate::statistics::{Confidence, Estimate};
use crate::suite::{About, Prices, short_hash};

/// Failures of a judge that are named one by one.
const FAILURES_NAMED: usize = 1000;

/// Who judges, and what is known of how well.
#[derive(Clone)]
pub struct Judging {
    /// The judge.
    pub judge: Judge,
    /// The labels of people, for each measure that they labelled.
    pub labels: BTreeMap<Scorer, Vec<Label>>,
    /// Whether to give what the judge says alone, which is off by nobody knows how much.
    pub uncorrected: bool,
}

/// What the judge of a run said and took.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JudgeSummary {
    /// The judge.
    #[serde(flatten)]
    pub identity: judge::Identity,
    /// What its tokens cost, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prices: Option<Prices>,
    /// What all its judgements took.
    pub spent: JudgeSpent,
    /// The measures that it judged.
    pub measures: BTreeMap<Scorer, JudgedMeasure>,
    /// Measures of the suite for which no answer has what they look at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without_material: Vec<Scorer>,
    /// Judgements that failed, at most a thousand: measure, sample, epoch and why.
    pub named_failures: Vec<(Scorer, String, u32, String)>,
}

/// A measure that a model judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JudgedMeasure {
    /// The hash of the prompts, the model, its limits and the texts that it is given.
    pub by: ContentHash,
    /// What the rate is of: `passes`, where people labelled answers by yes and no (`succeeds`, where they said
    /// of attacks whether these did), else `mean`.
    pub rate: &'static str,
    /// From which value on an answer passes; of what is better the lower it is, up to which.
    pub passes_at: f64,
    /// Answers that were judged, each counted once for every epoch.
    pub judged: u64,
    /// Answers on which the judge failed, by kind of error. They stay in the denominator of a corrected rate,
    /// as what the judge says on average.
    pub failures: BTreeMap<String, u64>,
    /// What these judgements took. What several measures share counts in each of them.
    pub spent: JudgeSpent,
    /// Labels of people that are of no sample of this run.
    pub strange_labels: usize,
    /// The rate, and how far the judge agrees with people.
    pub corrected: Option<Corrected>,
    /// Why there is no rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// What judgements took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct JudgeSpent {
    /// Requests that were sent.
    pub calls: u64,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Requests whose tokens are guessed from the length of the texts.
    pub estimated: u64,
    /// How long it took, in microseconds, as if one had been asked after the other.
    #[serde(rename = "seconds", serialize_with = "as_seconds")]
    pub microseconds: u64,
    /// Money, where the judge's prices are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub money: Option<f64>,
}

// The signature is serde's.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands in a reference")]
fn as_seconds<S: Serializer>(microseconds: &u64, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(*microseconds as f64 / 1e6)
}

impl JudgeSpent {
    /// Of these judgements.
    pub(super) fn of<'a>(
        judgements: impl IntoIterator<Item = &'a Judgement>,
        prices: Option<&Prices>,
    ) -> Self {
        let mut spent = Self::default();
        judgements.into_iter().for_each(|judgement| spent.add(judgement));
        spent.priced(prices)
    }

    fn add(&mut self, judgement: &Judgement) {
        self.calls += u64::from(judgement.requests);
        self.input_tokens += judgement.usage.input;
        self.output_tokens += judgement.usage.output;
        self.estimated += u64::from(judgement.usage.estimated);
        self.microseconds += judgement.latency_us;
    }

    /// What this and another took together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let sum = |one: Option<f64>, other: Option<f64>| match (one, other) {
            (Some(one), Some(other)) => Some(one + other),
            (one, other) => one.or(other),
        };
        Self {
            calls: self.calls + other.calls,
            input_tokens: self.input_tokens + other.input_tokens,
            output_tokens: self.output_tokens + other.output_tokens,
            estimated: self.estimated + other.estimated,
            microseconds: self.microseconds + other.microseconds,
            money: sum(self.money, other.money),
        }
    }

    fn priced(self, prices: Option<&Prices>) -> Self {
        let money = prices.map(|prices| prices.cost(self.input_tokens, self.output_tokens));
        Self { money, ..self }
    }
}

/// What was judged so far.
#[derive(Debug, Default)]
pub(super) struct JudgeTally {
    pub(super) spent: JudgeSpent,
    /// For each measure and each answer, which is a sample and its epoch, its cluster and its value.
    answers: Sorted<6>,
    measures: BTreeMap<Scorer, MeasureTally>,
    named: Vec<(Scorer, String, u32, String)>,
}

#[derive(Debug, Clone, Default)]
struct MeasureTally {
    by: Option<ContentHash>,
    judged: u64,
    failures: BTreeMap<String, u64>,
    spent: JudgeSpent,
}

impl JudgeTally {
    /// Adds what judgements took.
    pub(super) fn spend(&mut self, judgement: &Judgement) {
        self.spent.add(judgement);
    }

    /// Adds what was judged of an answer.
    pub(super) fn add(&mut self, record: &Record, folder: &Path) {
        let key = Key::of(&record.id, record.epoch);
        for (scorer, judged) in &record.judged {
            let measure = self.measures.entry(*scorer).or_default();
            measure.by = Some(judged.by.clone());
            behind(*scorer, &record.judgements).for_each(|one| measure.spent.add(one));
            let cluster = short_hash(&record.cluster) as u64;
            let value = judged.score.as_ref().map(|score| score.value);
            self.answers.add(folder, answers::row(*scorer, key, cluster, value));
            measure.judged += u64::from(value.is_some());
            if let Some(failure) = &judged.error {
                *measure.failures.entry(failure.kind.clone()).or_default() += 1;
                if self.named.len() < FAILURES_NAMED {
                    let detail = format!("{}: {}", failure.kind, failure.detail);
                    self.named.push((*scorer, record.id.clone(), record.epoch, detail));
                }
            }
        }
    }
}

impl JudgeSummary {
    /// What a run's judge came to; nothing where there is none.
    pub(super) fn new(
        about: &About,
        identity: Option<judge::Identity>,
        tally: &mut Tally,
        judging: Option<&Judging>,
    ) -> Result<Option<Self>, RunnerError> {
        let Some(identity) = identity else { return Ok(None) };
        let prices = judging.and_then(|judging| judging.judge.prices.as_ref());
        let measures = tally.judged_measures(about, judging)?;
        let tally = &tally.judged;
        let is_without =
            |scorer: &Scorer| scorer.is_judged() && !tally.measures.contains_key(scorer);
        Ok(Some(Self {
            without_material: about.scorers.iter().copied().filter(is_without).collect(),
            identity,
            prices: prices.cloned(),
            spent: tally.spent.priced(prices),
            measures,
            named_failures: tally.named.clone(),
        }))
    }

    /// Whether there is a measure whose rate was refused.
    pub fn is_refused(&self) -> bool {
        self.measures.values().any(|measure| measure.refused.is_some())
    }
}

impl JudgedMeasure {
    /// The figure: what people's labels make of the judge, else what was asked for by name.
    pub fn headline(&self) -> Option<&Estimate> {
        let corrected = self.corrected.as_ref()?;
        corrected.headline.as_ref().or(corrected.uncorrected.as_ref())
    }
}

fn is_share(label: &Label) -> bool {
    label.human.is_none_or(|human| (0.0..=1.0).contains(&human))
}

impl Tally {
    /// What was judged, measure by measure; nothing is added after this.
    fn judged_measures(
        &mut self,
        about: &About,
        judging: Option<&Judging>,
    ) -> Result<BTreeMap<Scorer, JudgedMeasure>, RunnerError> {
        let answers = std::mem::take(&mut self.judged.answers);
        let mut answers = Answers::of(answers).map_err(|error| self.full(error))?;
        let mut found = BTreeMap::new();
        for (scorer, measure) in &self.judged.measures {
            let summary = measure.summary(*scorer, &mut answers, about, judging);
            found.extend(summary.map_err(|error| self.full(error))?.map(|one| (*scorer, one)));
        }
        Ok(found)
    }
}

impl MeasureTally {
    fn summary(
        &self,
        scorer: Scorer,
        answers: &mut Answers,
        about: &About,
        judging: Option<&Judging>,
    ) -> io::Result<Option<JudgedMeasure>> {
        let none = Vec::new();
        let labels = judging.and_then(|judging| judging.labels.get(&scorer)).unwrap_or(&none);
        let uncorrected = judging.is_some_and(|judging| judging.uncorrected);
        let passes_at = about.judge.passes_at(scorer);
        // People who say yes or no say whether an answer passes, or an attack succeeded.
        let is_binary = |label: &Label| label.human.is_none_or(|human| [0.0, 1.0].contains(&human));
        let by_answers =
            labels.iter().any(|label| label.human.is_some()) && labels.iter().all(is_binary);
        let judge = |value: f64| {
            let yes = f64::from(u8::from(scorer.is_yes(value, passes_at)));
            if by_answers { yes } else { value }
        };
        let all = labels.len();
        let named =
            labels.iter().filter_map(|label| Some((answer_of(&label.id, about.epochs)?, label)));
        let labels: BTreeMap<Key, &Label> = named.collect();
        let is_unlabelled = labels.is_empty() && !uncorrected && self.judged > 0;
        let (found, known) = if is_unlabelled {
            // Nothing will be said, and the answers need not be held together for that.
            let answers = (self.judged + self.failures.values().sum::<u64>()) as usize;
            (Err(CorrectedError::NoLabels { answers }), 0)
        } else {
            let (joined, known) = joined(scorer, answers, &labels, judge)?;
            (corrected::correct(&joined, uncorrected, Confidence::P95), known)
        };
        let (corrected, refused) = match found {
            _ if labels.values().any(|label| !is_share(label)) => {
                (None, Some("a label of people is below 0 or above 1: mend the table".to_owned()))
            }
            Ok(corrected) => (Some(corrected.within_unit()), None),
            Err(why @ CorrectedError::NoJudge) => {
                let told = "what it failed on is named below: mend that, and give the same command with --retry-errors";
                (None, Some(format!("{why}; {told}")))
            }
            Err(error) => (None, Some(error.to_string())),
        };
        let prices = judging.and_then(|judging| judging.judge.prices.as_ref());
        Ok(self.by.clone().map(|by| JudgedMeasure {
            by,
            rate: match (by_answers, scorer) {
                (true, Scorer::AttackSuccess) => "succeeds",
                (true, _) => "passes",
                (false, _) => "mean",
            },
            passes_at,
            judged: self.judged,
            failures: self.failures.clone(),
            spent: self.spent.priced(prices),
            strange_labels: all - known,
            corrected,
            refused,
        }))
    }
}

/// Whether the `id` of a label names one answer, where each question is asked so often.
pub fn names_an_answer(id: &str, epochs: u32) -> bool {
    answer_of(id, epochs).is_some()
}

/// The answer that a label is of: a sample, with `#` and its repeat where it was asked more than once. Nobody
/// knows which answer to a question is meant where that is left out.
fn answer_of(id: &str, epochs: u32) -> Option<Key> {
    if epochs <= 1 {
        return Some(Key::of(id, 1));
    }
    let (id, repeat) = id.rsplit_once('#')?;
    let is_plain = |epoch: &u32| *epoch > 0 && epoch.to_string() == repeat;
    Some(Key::of(id, repeat.parse().ok().filter(is_plain)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_name_the_repeats_of_a_sample() {
        let cases = [
            ("a", 1, Some(Key::of("a", 1))),
            ("a#2", 1, Some(Key::of("a#2", 1))),
            ("a#2", 3, Some(Key::of("a", 2))),
            ("a#b#2", 3, Some(Key::of("a#b", 2))),
            ("a#x", 3, None),
            ("a#0", 3, None),
            ("a#02", 3, None),
            ("a", 3, None),
        ];
        for (id, epochs, expected) in cases {
            assert_eq!(answer_of(id, epochs), expected, "{id} {epochs}");
        }
    }
}
