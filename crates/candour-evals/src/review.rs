//! Reviews by people: which answers they label, how many that takes, and what their labels come to.
//!
//! `source` finds answers in the logs of runs. Keeping a review is left to the store, and showing it to the
//! pages for staff.

mod outcome;
mod source;

pub use outcome::{Outcome, Progress, agreement, labels, progress};
pub use source::{Candidate, Population, of_run, of_two_runs};

use std::collections::BTreeSet;

use candour_core::ContentHash;
use candour_store::{self as store, ReviewAnswer};
use serde::Serialize;

use crate::inspect_log::LogError;
use crate::labels::Label;
use crate::statistics::{
    Confidence, Expected, StatisticsError, Strata, allocate, draw, expected, expected_error,
    expected_error_at_random,
};

/// How answers are drawn for people to label.
#[derive(Debug, Clone, Copy)]
pub struct Drawing {
    /// How many.
    pub labels: usize,
    /// The share of them that two people label.
    pub double: f64,
    /// What draws begin from.
    pub seed: u64,
    /// From what they draw.
    pub design: Design,
}

/// How answers are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Design {
    /// At random within strata of what the judge says, more where it is less sure.
    ByStrata,
    /// At random from all: the judge then corrects.
    AtRandom,
}

/// Draws the answers that people label, as `plan` finds it narrowest, or as it was told. All others of the
/// population are kept beside them, with what the judge says.
pub fn drawn(
    population: Population,
    pilot: &[Label],
    drawing: Drawing,
) -> Result<Vec<ReviewAnswer>, ReviewError> {
    let (places, order) = match drawing.design {
        Design::ByStrata => by_strata(&population, pilot, drawing)?,
        Design::AtRandom => (vec![0; population.candidates.len()], at_random(&population, drawing)),
    };
    let mut position = vec![None; places.len()];
    for (nth, at) in order.iter().enumerate() {
        position[*at] = Some(nth);
    }
    let mut rest = order.len();
    let answers = population.candidates.into_iter().zip(places).zip(position);
    let answers = answers.map(|((candidate, place), drawn)| {
        let nth = drawn.unwrap_or_else(|| {
            rest += 1;
            rest - 1
        });
        let wanted = drawn.map_or(0, |nth| 1 + u32::from(is_double(nth, drawing.double)));
        let Candidate { answer, judge, unjudged, cluster, shown } = candidate;
        let design = store::Design { judge, unjudged, cluster, stratum: place as u32 };
        let shown = shown.filter(|_| wanted > 0);
        ReviewAnswer { answer, position: nth as u32 + 1, wanted, design, shown }
    });
    Ok(answers.collect())
}

/// The stratum of each answer, and those that are drawn within them.
fn by_strata(
    population: &Population,
    pilot: &[Label],
    drawing: Drawing,
) -> Result<(Vec<usize>, Vec<usize>), ReviewError> {
    let judged = population.judged();
    let strata = Strata::of(&judged)?;
    let places: Vec<usize> = judged.iter().map(|value| strata.place(*value)).collect();
    let counts = allocate(&expected(&strata, &judged, &said(pilot)), drawing.labels);
    let order = draw(&places, &counts, drawing.seed);
    Ok((places, order))
}

/// Those that are drawn from all. Their names and the seed alone decide, so that the answers of two runs to
/// the same questions are drawn alike, and their labels can be compared.
fn at_random(population: &Population, drawing: Drawing) -> Vec<usize> {
    let candidates = population.candidates.iter().enumerate();
    let lot = |(at, one): (usize, &Candidate)| {
        (ContentHash::of(format!("{}\n{}", drawing.seed, one.answer).as_bytes()), at)
    };
    let mut lots: Vec<(ContentHash, usize)> = candidates.map(lot).collect();
    lots.sort_unstable();
    lots.into_iter().map(|(_, at)| at).take(drawing.labels).collect()
}

/// Every so often one is labelled twice, from the first on, so that agreement is known early.
fn is_double(nth: usize, share: f64) -> bool {
    let until = |count: usize| (count as f64 * share).ceil();
    until(nth + 1) > until(nth)
}

/// How many labels give which interval, before anybody works.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// All answers.
    pub answers: usize,
    /// How many clusters they are in, where several are in one. The widths are of answers that have
    /// nothing in common, since how alike those of a cluster are is not known before they are labelled.
    pub clusters: Option<usize>,
    /// What to expect of each stratum.
    pub strata: Vec<PlannedStratum>,
    /// The widths, by the number of labels.
    pub rows: Vec<PlanRow>,
}

/// What to expect of a stratum.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedStratum {
    /// Its answers.
    pub answers: usize,
    /// What the judge says of them on average; nothing where it says nothing.
    pub judge: Option<f64>,
    /// The rate that people are expected to find.
    pub rate: f64,
}

/// What so many labels give.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanRow {
    /// How many labels.
    pub labels: usize,
    /// How they are drawn: as is expected to give the narrower interval.
    pub design: Design,
    /// How far the interval is then expected to reach to either side.
    pub half_width: f64,
    /// The same of labels drawn by strata.
    pub by_strata: f64,
    /// How many of each stratum that would take.
    pub by_stratum: Vec<usize>,
    /// The same of labels drawn from all answers alike, corrected by the judge.
    pub at_random_corrected: f64,
    /// The same without the judge.
    pub at_random: f64,
}

/// What so many labels of a population give.
pub fn plan(
    population: &Population,
    pilot: &[Label],
    numbers: &[usize],
    confidence: Confidence,
) -> Result<Plan, ReviewError> {
    let judged = population.judged();
    let strata = Strata::of(&judged)?;
    let expected = expected(&strata, &judged, &said(pilot));
    let row = |labels: usize| {
        let by_stratum = allocate(&expected, labels);
        let labels = by_stratum.iter().sum();
        let [at_random, corrected] = expected_error_at_random(&expected, labels);
        let quantile = |groups: usize| confidence.t(labels.saturating_sub(groups).max(1) as f64);
        let by_strata = quantile(expected.len()) * expected_error(&expected, &by_stratum);
        let at_random_corrected = quantile(1) * corrected;
        let is_narrower = expected.len() > 1 && by_strata < at_random_corrected;
        PlanRow {
            labels,
            design: if is_narrower { Design::ByStrata } else { Design::AtRandom },
            half_width: by_strata.min(at_random_corrected),
            by_strata,
            by_stratum,
            at_random_corrected,
            at_random: confidence.z() * at_random,
        }
    };
    let numbers = numbers.iter().filter(|labels| **labels <= judged.len());
    let rows = numbers.map(|labels| row(*labels)).collect();
    let stratum = |(place, expected): (usize, &Expected)| {
        let inside = judged.iter().filter(|value| strata.place(**value) == place);
        let known: Vec<f64> = inside.copied().flatten().collect();
        let mean = known.iter().sum::<f64>() / known.len() as f64;
        let judge = (!known.is_empty()).then_some(mean);
        PlannedStratum { answers: expected.answers, judge, rate: expected.rate }
    };
    let strata = expected.iter().enumerate().map(stratum).collect();
    Ok(Plan { answers: judged.len(), clusters: clusters(&population.candidates), strata, rows })
}

/// How many clusters there are, one that is in none being one; nothing where each is one of its own.
fn clusters(candidates: &[Candidate]) -> Option<usize> {
    let named: Vec<&str> = candidates.iter().filter_map(|one| one.cluster.as_deref()).collect();
    let distinct = named.iter().collect::<BTreeSet<_>>().len();
    (distinct < named.len()).then(|| candidates.len() - named.len() + distinct)
}

/// What the judge and people said in an earlier review.
fn said(pilot: &[Label]) -> Vec<(Option<f64>, f64)> {
    pilot.iter().filter_map(|label| Some((label.judge, label.human?))).collect()
}

/// Whether somebody sees the second answer of a pair first: for half of all, and always the same.
pub fn is_swapped(seed: u64, answer: &str, person: &str) -> bool {
    let hash = ContentHash::of(format!("{seed}\n{person}\n{answer}").as_bytes());
    hash.as_str().bytes().map(u32::from).sum::<u32>() % 2 == 1
}

/// Why there is no review, or nothing to say of it.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Not all of it was asked.
    #[error(
        "{path} is of a run that was stopped before all was asked, so that a rate of its answers would be of nobody knows which: go on with the run first"
    )]
    Unfinished {
        /// The log.
        path: String,
    },
    /// There is no such score.
    #[error("the run has no score `{name}`: name one of {known} with --judge")]
    NoJudge {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A judge says something that is no share.
    #[error(
        "{name} of sample {id} is {value}, and what chooses answers must lie between 0 and 1: name another score with --judge"
    )]
    NotAShare {
        /// The score.
        name: String,
        /// The sample.
        id: String,
        /// What it is.
        value: f64,
    },
    /// There is hardly anything to label.
    #[error("there are {found} answers to label{of}, and a review takes at least 2: check the run")]
    TooFew {
        /// How many there are.
        found: usize,
        /// Of what.
        of: &'static str,
    },
    /// Nobody has labelled an answer of a stratum.
    #[error(
        "of stratum {stratum}, {answers} answers, none is labelled yet, so that nothing can be said of all: label on"
    )]
    Unlabelled {
        /// The stratum.
        stratum: u32,
        /// Its answers.
        answers: usize,
    },
    /// There is no figure.
    #[error(transparent)]
    Statistics(#[from] StatisticsError),
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use candour_store::Shown;

    use super::*;

    fn population(count: usize) -> Population {
        let candidate = |at: usize| Candidate {
            answer: format!("a{at}"),
            judge: Some(f64::from(u8::from(at.is_multiple_of(4)))),
            unjudged: None,
            cluster: None,
            shown: Some(Shown::default()),
        };
        Population { candidates: (0..count).map(candidate).collect(), left_out: 0 }
    }

    #[test]
    fn a_draw_is_made_once_and_says_what_it_was_drawn_from() {
        let drawing = Drawing { labels: 40, double: 0.25, seed: 7, design: Design::ByStrata };
        let answers = drawn(population(400), &[], drawing).unwrap();
        assert_eq!(answers, drawn(population(400), &[], drawing).unwrap());
        let other = Drawing { seed: 8, ..drawing };
        assert_ne!(answers, drawn(population(400), &[], other).unwrap());
        let of = |wanted: u32| answers.iter().filter(|answer| answer.wanted == wanted).count();
        assert_eq!((of(0), of(1), of(2)), (360, 30, 10));
        assert!(answers.iter().all(|answer| answer.shown.is_some() == (answer.wanted > 0)));
        let mut positions: Vec<u32> = answers.iter().map(|answer| answer.position).collect();
        positions.sort_unstable();
        assert_eq!(positions, (1..=400).collect::<Vec<u32>>());
        assert!(answers.iter().all(|answer| (answer.position <= 40) == (answer.wanted > 0)));
        let first = answers.iter().find(|answer| answer.position == 1).unwrap();
        assert_eq!(first.wanted, 2, "agreement is known early");
        let strata = |answer: &&ReviewAnswer| f64::from(answer.design.stratum);
        assert!(answers.iter().all(|answer| Some(strata(&answer)) == answer.design.judge));
    }

    /// The answers of another run to the same questions are the same, whatever its judge says and whichever
    /// failed.
    #[test]
    fn what_is_drawn_at_random_is_drawn_alike_from_two_runs() {
        let drawing = Drawing { labels: 40, double: 0.0, seed: 7, design: Design::AtRandom };
        let names = |population: Population, drawing| -> BTreeSet<String> {
            let answers = drawn(population, &[], drawing).unwrap();
            assert!(answers.iter().all(|answer| answer.design.stratum == 0));
            let wanted = answers.into_iter().filter(|answer| answer.wanted > 0);
            wanted.map(|answer| answer.answer).collect()
        };
        let all = names(population(400), drawing);
        let mut other = population(400);
        other.candidates.retain(|one| !all.contains(&one.answer) || one.judge == Some(1.0));
        other.candidates.iter_mut().for_each(|one| one.judge = None);
        let lost = 400 - other.candidates.len();
        assert!(lost > 0 && lost < 40);
        let both = names(other, drawing);
        assert_eq!((all.len(), all.intersection(&both).count()), (40, 40 - lost));
        assert_ne!(all, names(population(400), Drawing { seed: 8, ..drawing }));
    }

    /// A judge that is as likely to err wherever it says anything leaves nothing to choose by.
    #[test]
    fn labels_are_drawn_as_is_expected_to_be_narrower() {
        let row = |population: &Population, labels| {
            plan(population, &[], &[labels], Confidence::P95).unwrap().rows.remove(0)
        };
        let even = row(&population(1000), 50);
        assert_eq!((even.design, even.half_width), (Design::AtRandom, even.at_random_corrected));
        assert!(even.by_strata > even.at_random_corrected);
        let mut unsure = population(1000);
        for (at, one) in unsure.candidates.iter_mut().enumerate() {
            one.judge = Some([0.0, 0.0, 0.0, 0.5, 1.0][at % 5]);
        }
        let mixed = row(&unsure, 200);
        assert_eq!((mixed.design, mixed.half_width), (Design::ByStrata, mixed.by_strata));
        let silent = Population {
            candidates: population(100)
                .candidates
                .into_iter()
                .map(|one| Candidate { judge: None, ..one })
                .collect(),
            left_out: 0,
        };
        assert_eq!(row(&silent, 50).design, Design::AtRandom);
    }

    #[test]
    fn a_plan_counts_the_clusters_that_it_does_not_know_the_weight_of() {
        let mut population = population(100);
        for (at, one) in population.candidates.iter_mut().enumerate().take(90) {
            one.cluster = Some(format!("page {}", at / 3));
        }
        let found = plan(&population, &[], &[50], Confidence::P95).unwrap();
        assert_eq!(found.clusters, Some(40), "thirty pages, and ten answers of none");
    }

    #[test]
    fn more_labels_make_the_interval_narrower_and_a_pilot_tells_where() {
        let population = population(1000);
        let numbers = [50, 100, 5000];
        let found = plan(&population, &[], &numbers, Confidence::P95).unwrap();
        assert_eq!((found.answers, found.strata.len(), found.rows.len()), (1000, 2, 2));
        assert_eq!(found.clusters, None);
        let [few, many] = &found.rows[..] else { panic!("{found:?}") };
        assert!(many.half_width < few.half_width && few.half_width < few.at_random);
        let label = |at: usize| Label {
            id: at.to_string(),
            metric: None,
            unjudged: None,
            judge: Some(f64::from(u8::from(at.is_multiple_of(2)))),
            human: Some(f64::from(u8::from(at.is_multiple_of(2) || at % 4 == 1))),
            cluster: None,
            chance: None,
            stratum: None,
            annotators: BTreeMap::new(),
        };
        let pilot: Vec<Label> = (0..100).map(label).collect();
        let with = plan(&population, &pilot, &numbers, Confidence::P95).unwrap();
        assert!(with.rows[1].by_stratum[0] > many.by_stratum[0], "{with:?}");
    }

    #[test]
    fn half_of_all_pairs_are_seen_the_other_way_round() {
        let swapped =
            |person: &str| (0..1000).filter(|at| is_swapped(7, &at.to_string(), person)).count();
        for person in ["ann", "bob"] {
            assert!((450..=550).contains(&swapped(person)), "{person}: {}", swapped(person));
        }
        assert_eq!(is_swapped(7, "a", "ann"), is_swapped(7, "a", "ann"));
        let differ = (0..1000).filter(|at| {
            let answer = at.to_string();
            is_swapped(7, &answer, "ann") != is_swapped(7, &answer, "bob")
        });
        assert!(differ.count() > 400);
    }
}
