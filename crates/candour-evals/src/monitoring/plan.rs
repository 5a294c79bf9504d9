//! The plan: what is looked at, of which answers, and when there is an alarm. It is written before any
//! answer is looked at, named by its hash, and never changed.

use std::collections::BTreeMap;

use candour_core::{ContentHash, Metric, Monitoring, Side};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Looking;
use crate::statistics::{Confidence, Drift, Interval, Observations, StatisticsError, estimate};

/// When there is an alarm, in words, so that whoever reads a plan needs nothing else.
const STOP: &str = "A threshold is broken, and stays so, with the first record after which the whole \
    interval of a metric lies on the wrong side of it; a metric has drifted, and stays so, with the \
    first after which the evidence reaches the patience. The plan ends when it is closed.";

/// Of fewer scores it is not said what is usual.
const FEWEST: usize = 30;

/// What is looked at, of which answers, and when there is an alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The form of this plan: 1.
    pub version: u32,
    /// When it was written.
    pub started_at: Timestamp,
    /// The hash of the configuration that served then.
    pub configuration: ContentHash,
    /// The version of the program that served then.
    pub program: String,
    /// The share of answers that is looked at.
    pub share: f64,
    /// 16 random bytes in hexadecimal digits. Together with an answer's identifier they decide whether it
    /// is looked at, so that nobody can choose.
    pub seed: String,
    /// How often all intervals together may miss the truth, at any time. Each metric has an equal part.
    pub alpha: f64,
    /// After how many answers without any change one false alarm of drift may come, on average, of all
    /// metrics together. The patience of each metric is this times the number of those with something
    /// usual, since the mean of their evidence is evidence too.
    pub answers_between_false_alarms: u32,
    /// What is due of each metric.
    pub rules: Vec<Rule>,
    /// Where it is known from what is usual.
    pub reference: Option<Reference>,
    /// How answers are looked at.
    pub looking: Looking,
    /// The metrics of which a broken threshold turns the language model off.
    pub quotes_only_on: Vec<Metric>,
    /// The plan before this one.
    pub follows: Option<ContentHash>,
    /// When there is an alarm, in words.
    pub stop: String,
}

/// What is due of one metric.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The metric.
    pub metric: Metric,
    /// How often its interval may miss the truth, at any time.
    pub alpha: f64,
    /// Where it has to stay.
    pub threshold: Option<Threshold>,
    /// What it was before.
    pub usual: Option<Usual>,
}

/// Where a metric has to stay.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// On which side.
    pub side: Side,
    /// Of what.
    pub value: f64,
}

/// What a metric was before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usual {
    /// Its mean.
    pub value: f64,
    /// The lower end of the interval of that. A mean below it is a change.
    pub low: f64,
    /// The upper end. A mean above it is a change.
    pub high: f64,
    /// How many scores it is known from.
    pub scores: usize,
    /// How much evidence is enough.
    pub patience: f64,
}

/// Where it is known from what is usual.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Reference {
    /// From answers that were given before the plan began.
    Answers {
        /// The first moment that counts.
        since: Timestamp,
        /// How many answers.
        answers: u64,
    },
    /// From the log of a run.
    Run {
        /// The name of its task.
        task: String,
        /// The hash of its file.
        hash: ContentHash,
        /// How many samples it has.
        samples: usize,
    },
}

/// What is known of before: where from, and what was seen of each metric.
pub type Known = (Reference, BTreeMap<Metric, Observations>);

/// What a plan is made of.
#[derive(Debug, Clone)]
pub struct Beginning<'a> {
    /// What is configured.
    pub config: &'a Monitoring,
    /// How answers are looked at.
    pub looking: Looking,
    /// Now.
    pub at: Timestamp,
    /// The hash of the configuration.
    pub configuration: ContentHash,
    /// The version of the program.
    pub program: &'a str,
    /// 16 random bytes.
    pub seed: [u8; 16],
    /// What is known of before.
    pub known: Option<Known>,
    /// The plan before this one.
    pub follows: Option<ContentHash>,
}

impl Plan {
    /// Writes a plan.
    pub fn begin(beginning: Beginning<'_>) -> Result<Self, PlanError> {
        let Beginning { config, looking, at, configuration, program, seed, known, follows } =
            beginning;
        let (reference, seen) =
            known.map_or((None, BTreeMap::new()), |(from, seen)| (Some(from), seen));
        let alpha = short(1.0 - config.confidence);
        let each = short(alpha / looking.metrics.len() as f64);
        let has_usual = |metric: &&Metric| {
            seen.get(metric).is_some_and(|scores| scores.values().len() >= FEWEST)
        };
        let compared = looking.metrics.iter().filter(has_usual).count();
        let patience = f64::from(config.answers_between_false_alarms) * compared as f64;
        let rule = |metric: &Metric| {
            let usual = seen.get(metric).filter(|_| has_usual(&metric));
            Ok(Rule {
                metric: *metric,
                alpha: each,
                threshold: config
                    .thresholds
                    .get(metric)
                    .map(|value| Threshold { side: metric.side(), value: *value }),
                usual: usual.map(|scores| Usual::of(scores, each, patience)).transpose()?,
            })
        };
        let rules = looking.metrics.iter().map(rule).collect::<Result<_, StatisticsError>>()?;
        Ok(Self {
            version: 1,
            started_at: at,
            configuration,
            program: program.to_owned(),
            share: config.share,
            seed: format!("{:032x}", u128::from_be_bytes(seed)),
            alpha,
            answers_between_false_alarms: config.answers_between_false_alarms,
            rules,
            reference,
            looking,
            quotes_only_on: config.quotes_only_on.clone(),
            follows,
            stop: STOP.to_owned(),
        })
    }

    /// Reads a plan that was written.
    pub fn read(text: &str) -> Result<Self, PlanError> {
        let plan: Self = serde_json::from_str(text)?;
        if plan.version == 1 { Ok(plan) } else { Err(PlanError::Version(plan.version)) }
    }

    /// The plan as it is kept: its hash is that of this text.
    pub fn text(&self) -> Result<String, PlanError> {
        Ok(serde_json::to_string(self)?)
    }

    /// Whether an answer of this identifier is looked at. It depends on nothing but the identifier and the
    /// seed, of which neither can be chosen.
    pub fn picks(&self, answer: &str) -> bool {
        let hash = ContentHash::of_list([self.seed.as_bytes(), answer.as_bytes()]);
        let first = u64::from_str_radix(&hash.as_str()[..13], 16).unwrap_or_default();
        (first as f64) < self.share * (1_u64 << 52) as f64
    }
}

impl Usual {
    /// What is usual, from what was seen: as sure as the intervals of the plan are.
    fn of(scores: &Observations, alpha: f64, patience: f64) -> Result<Self, StatisticsError> {
        let interval = estimate(scores, Confidence::new(1.0 - alpha)?)?.interval.within_unit();
        let Interval { value, low, high } = interval;
        let [value, low, high] = [value, low, high].map(short);
        // What cannot be watched is told now rather than once the plan runs.
        Drift::new(low, high, patience)?;
        Ok(Self { value, low, high, scores: scores.values().len(), patience })
    }
}

/// A number as a plan says it: with nine decimals, which every reader of JSON reads alike.
fn short(number: f64) -> f64 {
    (number * 1e9).round() / 1e9
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A figure cannot be computed.
    #[error(transparent)]
    Statistics(#[from] StatisticsError),
    /// What was kept is no plan.
    #[error("the plan cannot be read: {0}; it was changed, or a newer program wrote it")]
    Unreadable(#[from] serde_json::Error),
    /// A newer program wrote it.
    #[error("the plan has version {0}, which this program does not know: run the newer program")]
    Version(u32),
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::monitoring::looking::tests::looking;

    pub(in crate::monitoring) fn beginning(config: &Monitoring) -> Beginning<'_> {
        Beginning {
            config,
            looking: looking(),
            at: Timestamp::UNIX_EPOCH,
            configuration: ContentHash::of(b"configuration"),
            program: "0.1.0",
            seed: [7; 16],
            known: None,
            follows: None,
        }
    }

    fn reference() -> Reference {
        Reference::Answers { since: Timestamp::UNIX_EPOCH, answers: 200 }
    }

    fn ones(ones: usize, of: usize) -> Observations {
        Observations::alone((0..of).map(|at| f64::from(u8::from(at < ones)))).unwrap()
    }

    #[test]
    fn a_plan_comes_back_as_it_was_written() {
        let config = Monitoring::default();
        let known = (reference(), [(Metric::Useful, ones(150, 200))].into());
        let plan = Plan::begin(Beginning { known: Some(known), ..beginning(&config) }).unwrap();
        let text = plan.text().unwrap();
        assert_eq!(Plan::read(&text).unwrap(), plan);
        assert_eq!(Plan::read(&text).unwrap().text().unwrap(), text, "and has the same hash");
        for (from, to) in [("\"version\":1", "\"version\":2"), ("\"seed\"", "\"sead\"")] {
            assert!(Plan::read(&text.replace(from, to)).is_err(), "{to}");
        }
    }

    #[test]
    fn alpha_is_shared_and_patience_grows_with_the_family() {
        let config = Monitoring::default();
        let known = [
            (Metric::Useful, ones(150, 200)),
            (Metric::Abstained, ones(20, 200)),
            (Metric::Partial, ones(2, FEWEST - 1)),
            (Metric::Citations, ones(200, 200)),
        ];
        let known = Some((reference(), known.into()));
        let plan = Plan::begin(Beginning { known, ..beginning(&config) }).unwrap();
        let total: f64 = plan.rules.iter().map(|rule| rule.alpha).sum();
        assert!((total - 0.05).abs() < 1e-8, "{total}");
        let usual: BTreeMap<Metric, Usual> =
            plan.rules.iter().filter_map(|rule| Some((rule.metric, rule.usual?))).collect();
        assert_eq!(usual.len(), 3, "of 29 scores nothing is known");
        assert!(usual.values().all(|usual| (usual.patience - 30_000.0).abs() < 1e-6));
        let useful = usual[&Metric::Useful];
        assert!(useful.low < 0.75 && 0.75 < useful.high && useful.low > 0.6, "{useful:?}");
        let citations = usual[&Metric::Citations];
        assert!(citations.low < 1.0 && citations.high > 0.999_999, "{citations:?}");
        let threshold = |metric: Metric| {
            plan.rules.iter().find(|rule| rule.metric == metric).unwrap().threshold
        };
        let abstained = Threshold { side: Side::AtMost, value: 0.5 };
        assert_eq!(threshold(Metric::Abstained), Some(abstained));
        assert_eq!(threshold(Metric::Language), None);
    }

    #[test]
    fn answers_are_picked_by_share_and_never_by_hand() {
        let config = Monitoring { share: 0.25, ..Monitoring::default() };
        let plan = Plan::begin(beginning(&config)).unwrap();
        let other = Plan::begin(Beginning { seed: [8; 16], ..beginning(&config) }).unwrap();
        let picked = |plan: &Plan| {
            (0..4000).filter(|at| plan.picks(&format!("answer {at}"))).collect::<Vec<i32>>()
        };
        let (first, second) = (picked(&plan), picked(&other));
        assert!((900..1100).contains(&first.len()), "{}", first.len());
        assert_ne!(first, second, "another seed picks others");
        assert_eq!(first, picked(&plan));
        let all = Monitoring { share: 1.0, ..Monitoring::default() };
        assert_eq!(picked(&Plan::begin(beginning(&all)).unwrap()).len(), 4000);
    }
}
