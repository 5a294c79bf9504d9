//! `candour review create`: draws answers and keeps them for people to label.

use anyhow::{Context as _, Result, bail, ensure};
use candour_evals::review::{Design, Drawing, drawn, plan};
use candour_evals::statistics::Confidence;
use candour_store::{Database, PossibleLabel, Review, ReviewAbout, ReviewKind};
use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::source::Source;
use crate::cli::because::By;
use crate::cli::eval::table::figure;
use crate::cli::terminal;

/// The longest question and the longest label, in characters.
const LONGEST_QUESTION: usize = 300;
const LONGEST_LABEL: usize = 60;
/// More would be no choice that a person makes well.
const MOST_LABELS: usize = 10;

/// `candour review create`.
#[derive(Debug, Args)]
pub(super) struct Create {
    /// What to call it: small letters, digits and hyphens. Whoever labels sees it, so name no system
    name: String,

    #[command(flatten)]
    source: Source,

    /// What people are asked of each answer: "Is every statement right?"
    #[arg(long)]
    question: String,

    /// The same in Welsh
    #[arg(long, value_name = "QUESTION")]
    question_cy: Option<String>,

    /// What they can say, the best first: right,partly,wrong, or with what each counts as:
    /// right=1,partly=0.5,wrong=0. Of a pair it is always which of the two is better
    #[arg(long, value_delimiter = ',')]
    labels: Vec<String>,

    /// The same in Welsh, in the same order
    #[arg(long, value_name = "LABELS", value_delimiter = ',')]
    labels_cy: Vec<String>,

    /// How many answers people label; `candour review plan` says what they give
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    answers: u32,

    /// The share of them that two people label, so that it is known how far people agree
    #[arg(long, value_name = "SHARE", default_value_t = 0.2)]
    double: f64,

    /// What draws begin from: the same command with the same seed draws the same answers
    #[arg(long, default_value_t = 1)]
    seed: u32,

    /// Draw from all answers alike, and from two runs the answers to the same questions: for labels with which
    /// `candour eval compare` corrects a judged difference
    #[arg(long)]
    at_random: bool,

    #[command(flatten)]
    maker: By,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Create {
    pub(super) async fn run(self, database: &Database) -> Result<()> {
        let review = self.review()?;
        ensure!(
            (0.0..=1.0).contains(&self.double),
            "--double is {}, and should be a share between 0 and 1",
            self.double
        );
        let population = self.source.population(database).await?;
        let pilot = self.source.pilot()?;
        let labels = self.answers as usize;
        let all = population.candidates.len();
        let expected = plan(&population, &pilot, &[labels.min(all)], Confidence::P95)?;
        let row = expected.rows.first();
        let design = row.map(|row| row.design).filter(|_| !self.at_random);
        let design = design.unwrap_or(Design::AtRandom);
        let half = row.map(|row| match design {
            Design::ByStrata => row.by_strata,
            Design::AtRandom => row.at_random_corrected,
        });
        let drawing = Drawing { labels, double: self.double, seed: self.seed.into(), design };
        let answers = drawn(population, &pilot, drawing)?;
        if !database.create_review(&review, &answers).await? {
            bail!("there is a review `{}` already: choose another name", self.name);
        }
        let count = |least: u32| answers.iter().filter(|answer| answer.wanted >= least).count();
        let (drawn, double) = (count(1), count(2));
        let path = format!("/staff/reviews/{}", self.name);
        if self.json {
            return terminal::print_json(&json!({
                "review": self.name,
                "answers": all,
                "to_label": drawn,
                "by_two": double,
                "expected_half_width": half,
                "seed": self.seed,
                "design": design,
                "path": path,
            }));
        }
        let width = half.map_or(String::new(), |half| match half {
            // A rate lies between 0 and 1 whatever anybody says of answers.
            0.0..0.5 => format!("\nExpect a rate to within {} either way.", figure(half)),
            _ => "\nThat is too few for a rate: label more of them.".to_owned(),
        });
        let how = self.how(design, expected.strata.len());
        terminal::print(&format!(
            "{drawn} of {all} answers are to be labelled, {double} of them by two people.\n{how}{width}\n\
             Staff label them at {path}, each with a key of their own name.",
        ))
    }

    /// How they were drawn, and why so.
    fn how(&self, design: Design, strata: usize) -> String {
        match design {
            Design::ByStrata => format!(
                "They are drawn from {strata} strata of what the judge says, more where it is less sure."
            ),
            Design::AtRandom if self.at_random => {
                "They are drawn from all alike, as --at-random asks.".to_owned()
            }
            Design::AtRandom if strata > 1 => {
                "They are drawn from all alike: corrected by the judge, that is expected to be narrower than strata.".to_owned()
            }
            Design::AtRandom => "They are drawn from all alike.".to_owned(),
        }
    }

    fn review(&self) -> Result<Review> {
        let is_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        ensure!(
            (1..=60).contains(&self.name.len()) && self.name.bytes().all(is_name),
            "`{}` cannot name a review: use up to 60 small letters, digits and hyphens",
            self.name
        );
        for question in [Some(&self.question), self.question_cy.as_ref()].into_iter().flatten() {
            check_words("the question", question, LONGEST_QUESTION)?;
        }
        let kind = self.source.kind();
        Ok(Review {
            name: self.name.clone(),
            about: ReviewAbout {
                kind,
                question: self.question.trim().to_owned(),
                question_cy: self.question_cy.as_ref().map(|words| words.trim().to_owned()),
                labels: match kind {
                    ReviewKind::Single => possible(&self.labels, &self.labels_cy)?,
                    ReviewKind::Pair if self.labels.is_empty() => ReviewAbout::labels_of_pairs(),
                    ReviewKind::Pair => {
                        bail!("of a pair people say which answer is better: leave --labels out")
                    }
                },
                source: self.source.describe(),
                is_of_readers: self.source.is_of_readers(),
                seed: self.seed.into(),
            },
            created_at: Timestamp::now(),
            created_by: self.maker.by.clone(),
            closed_at: None,
        })
    }
}

/// What people can say. Without values the first counts as 1, the last as 0, and the others lie evenly
/// between.
fn possible(labels: &[String], welsh: &[String]) -> Result<Vec<PossibleLabel>> {
    ensure!(
        (2..=MOST_LABELS).contains(&labels.len()),
        "--labels names {} labels, and should name 2 to {MOST_LABELS}, as in right,partly,wrong",
        labels.len()
    );
    ensure!(
        welsh.is_empty() || welsh.len() == labels.len(),
        "--labels-cy names {} labels, and --labels {}: give one for each",
        welsh.len(),
        labels.len()
    );
    let has_values = labels.iter().filter(|label| label.contains('=')).count();
    ensure!(
        has_values == 0 || has_values == labels.len(),
        "some labels say what they count as and others do not: give it for all or for none"
    );
    let mut possible: Vec<PossibleLabel> = Vec::new();
    for (at, text) in labels.iter().enumerate() {
        let even = 1.0 - at as f64 / (labels.len() - 1) as f64;
        let (label, value) = match text.rsplit_once('=') {
            Some((label, value)) => (label.trim(), share(label, value.trim())?),
            None => (text.trim(), even),
        };
        check_words("a label", label, LONGEST_LABEL)?;
        ensure!(label != "?", "`?` cannot be a label: it is what “I cannot tell” is sent as");
        ensure!(
            possible.iter().all(|other| other.label != label),
            "the label `{label}` is given twice"
        );
        let label_cy = welsh.get(at).map(|label| label.trim().to_owned());
        if let Some(label) = &label_cy {
            check_words("a Welsh label", label, LONGEST_LABEL)?;
            ensure!(
                possible.iter().all(|other| other.label_cy.as_ref() != Some(label)),
                "the Welsh label `{label}` is given twice"
            );
        }
        possible.push(PossibleLabel { label: label.to_owned(), label_cy, value });
    }
    Ok(possible)
}

fn share(label: &str, value: &str) -> Result<f64> {
    let number = value.parse::<f64>().ok().filter(|number| (0.0..=1.0).contains(number));
    number.with_context(|| {
        format!("`{label}` counts as `{value}`, which should be a number between 0 and 1")
    })
}

fn check_words(what: &str, words: &str, most: usize) -> Result<()> {
    ensure!(!words.trim().is_empty(), "{what} is empty: write some words");
    ensure!(words.chars().count() <= most, "{what} is longer than {most} characters: shorten it");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(labels: &str) -> Result<Vec<(String, f64)>, String> {
        let labels: Vec<String> = labels.split(',').map(str::to_owned).collect();
        let found = possible(&labels, &[]).map_err(|error| error.to_string())?;
        Ok(found.into_iter().map(|choice| (choice.label, choice.value)).collect())
    }

    #[test]
    fn labels_count_as_they_say_or_evenly() {
        let pairs = |pairs: &[(&str, f64)]| {
            Ok(pairs.iter().map(|(label, value)| ((*label).to_owned(), *value)).collect())
        };
        assert_eq!(
            read("right,partly,wrong"),
            pairs(&[("right", 1.0), ("partly", 0.5), ("wrong", 0.0)])
        );
        assert_eq!(read("a = b=1, c=0.25"), pairs(&[("a = b", 1.0), ("c", 0.25)]));
        for (labels, expected) in [
            ("right", "names 1 labels"),
            ("a,b,c,d,e,f,g,h,i,j,k", "names 11 labels"),
            ("right=1,wrong", "some labels say"),
            ("right=2,wrong=0", "between 0 and 1"),
            ("right=NaN,wrong=0", "between 0 and 1"),
            ("right,right", "given twice"),
            ("right, ", "a label is empty"),
            ("right,?", "cannot be a label"),
        ] {
            let error = read(labels).unwrap_err();
            assert!(error.contains(expected), "{labels}: {error}");
        }
        let two = ["a".to_owned(), "b".to_owned()];
        assert!(possible(&two, &two[..1]).is_err());
        let long = "a".repeat(LONGEST_LABEL + 1);
        for (welsh, expected) in [
            (["cywir", " "], "a Welsh label is empty"),
            (["cywir", &long], "a Welsh label is longer"),
            (["cywir", "cywir"], "given twice"),
        ] {
            let error = possible(&two, &welsh.map(str::to_owned)).unwrap_err().to_string();
            assert!(error.contains(expected), "{welsh:?}: {error}");
        }
    }
}
