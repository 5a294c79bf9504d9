//! Why two runs cannot be compared, or no gate can stand on it.

use crate::statistics::StatisticsError;

/// Why two runs cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// The runs are not of the same questions.
    #[error(
        "the runs are not of the same questions: {only_first} are in the first alone, {only_second} in the second alone, and {changed} ask something else ({named}); --allow-unmatched compares what they share"
    )]
    Unmatched {
        /// How many only the first has.
        only_first: usize,
        /// How many only the second has.
        only_second: usize,
        /// How many ask something else.
        changed: usize,
        /// The first of them.
        named: String,
    },
    /// The runs have no question in common.
    #[error(
        "the runs have no question in common, so that there is nothing to compare: name two runs of one suite"
    )]
    NothingShared,
    /// A score is not in both runs.
    #[error("the score {name:?} is not in both runs; those in both are: {shared}")]
    NoScore {
        /// The score.
        name: String,
        /// What both runs have.
        shared: String,
    },
    /// No score is in both runs, but for those that a model judged.
    #[error(
        "no score that can be compared is in both runs: the first has {first}, the second {second}. Name runs with one scorer in common; what a model judged is compared with people's labels of both (--labels-before, --labels-after) or as it is with --uncorrected"
    )]
    NoneShared {
        /// The scores of the first run.
        first: String,
        /// Those of the second.
        second: String,
    },
    /// The family has no adjusted probabilities.
    #[error("the probabilities of the family cannot be adjusted: {0}")]
    Statistics(#[from] StatisticsError),
    /// Other prompts, models or limits decided a score in the second run.
    #[error(
        "{name} is not the same measure in both runs: it was judged by {before} in the first and by {after} in the second, which are hashes of the judge's prompts, model, limits and texts. Judge both runs alike, name the other scores with --score, or compare nevertheless with --allow-other-judges"
    )]
    OtherJudges {
        /// The score.
        name: String,
        /// What decided it in the first run.
        before: String,
        /// What decided it in the second.
        after: String,
    },
    /// A model judged a score, and nobody corrects the difference.
    #[error(
        "{name} was judged by a model, and by how much its errors move the difference is not known: give people's labels of both runs' answers with --labels-before and --labels-after, name the other scores with --score, or compare it as it is with --uncorrected"
    )]
    Uncorrected {
        /// The score.
        name: String,
    },
    /// Labels are of no score that is compared.
    #[error(
        "the labels are of {name}, which is not compared: name it with --score, see that both runs have it, or leave the labels out"
    )]
    UnusedLabels {
        /// What they are of.
        name: String,
    },
    /// Nobody labelled answers of both runs.
    #[error(
        "{name}: fewer than two questions have labels of people in both runs. Have answers to the same questions labelled, and check that each table is of its own run"
    )]
    NoSharedLabels {
        /// The score.
        name: String,
    },
    /// Labels were not drawn at random.
    #[error(
        "{name}: some answers were likelier to be labelled than others, and how likely a question was in both runs is not known. Draw the answers of both with `candour review create --at-random` and one --seed"
    )]
    UnevenLabels {
        /// The score.
        name: String,
    },
    /// A label is no share.
    #[error(
        "{name}: the label of {id:?} is {value}, and should be between 0 and 1: mend the table"
    )]
    NotAShare {
        /// The score.
        name: String,
        /// The answer.
        id: String,
        /// What it is.
        value: f64,
    },
}
