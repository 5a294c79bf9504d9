//! What people's labels come to: how far a review has come, how far people agree, and a table of labels
//! from which a rate can be computed.

use std::collections::{BTreeMap, BTreeSet};

use candour_store::{Job, ReviewAbout, ReviewAnswer, ReviewLabel};
use jiff::Timestamp;
use serde::Serialize;

use super::ReviewError;
use crate::agreement::{Agreement, of_people};
use crate::labels::Label;
use crate::statistics::StatisticsError;

/// How far a review has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Answers to label.
    pub drawn: usize,
    /// Labels that are wanted of them in all.
    pub wanted: usize,
    /// Labels that were given, of each answer at most as many as it wants.
    pub given: usize,
    /// Answers on which labels differ and nobody has settled.
    pub unsettled: usize,
    /// How often somebody could not tell.
    pub skipped: usize,
    /// How many people have labelled or could not tell.
    pub people: usize,
}

/// How far a review has come in which these were drawn, each wanting so many labels.
pub fn progress(drawn: &[(String, u32)], labels: &[ReviewLabel]) -> Progress {
    let said = by_answer(labels);
    let given = |(answer, wanted): &(String, u32)| {
        let given = said.get(answer.as_str()).map_or(0, |said| said.given.len());
        given.min(*wanted as usize)
    };
    Progress {
        drawn: drawn.len(),
        wanted: drawn.iter().map(|(_, wanted)| *wanted as usize).sum(),
        given: drawn.iter().map(given).sum(),
        unsettled: said.values().filter(|said| said.is_unsettled()).count(),
        skipped: labels.iter().filter(|label| label.label.is_none()).count(),
        people: labels.iter().map(|label| &label.person).collect::<BTreeSet<_>>().len(),
    }
}

/// How far people agree before anybody settles; nothing where no answer has two labels.
pub fn agreement(labels: &[ReviewLabel]) -> Result<Option<Agreement>, StatisticsError> {
    let unit = |said: Said<'_>| -> Vec<(String, String)> {
        let given = said.given.into_iter();
        given.map(|(person, label)| (person.to_owned(), label.to_owned())).collect()
    };
    of_people(&by_answer(labels).into_values().map(unit).collect::<Vec<_>>())
}

/// The labels of a review, as `candour eval judged` takes them.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// A row for every answer that the review is about.
    pub rows: Vec<Label>,
    /// Answers that were drawn and have no label yet.
    pub missing: usize,
    /// Of these, answers of which somebody could not tell.
    pub skipped: usize,
    /// Answers on which labels differ and nobody has settled: each counts as the mean of its labels.
    pub unsettled: usize,
}

/// The labels of a review. The chance of an answer is the share of its stratum that has a label by now,
/// so that a review that is not done yet gives a wider interval, and not a wrong one.
pub fn labels(
    about: &ReviewAbout,
    answers: &[ReviewAnswer],
    labels: &[ReviewLabel],
) -> Result<Outcome, ReviewError> {
    let said = by_answer(labels);
    let value = |label: &str| about.possible(label).map(|possible| possible.value);
    let human = |answer: &ReviewAnswer| said.get(answer.answer.as_str())?.value(&value);
    let mut strata: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    for answer in answers {
        let (all, labelled) = strata.entry(answer.design.stratum).or_default();
        *all += 1;
        *labelled += usize::from(human(answer).is_some());
    }
    if let Some((stratum, (answers, _))) = strata.iter().find(|(_, (_, labelled))| *labelled == 0) {
        return Err(ReviewError::Unlabelled { stratum: number(*stratum), answers: *answers });
    }
    let people = columns(labels);
    let row = |answer: &ReviewAnswer| {
        let design = &answer.design;
        let chance = strata.get(&design.stratum).map(|(all, some)| *some as f64 / *all as f64);
        Label {
            // Whoever holds the name of a reader's answer can read it, and a table is passed around.
            id: if about.is_of_readers {
                format!("answer {}", answer.position)
            } else {
                answer.answer.clone()
            },
            metric: None,
            judge: design.judge,
            unjudged: design.unjudged,
            human: human(answer),
            cluster: design.cluster.clone(),
            chance,
            stratum: Some(number(design.stratum).to_string()),
            annotators: said
                .get(answer.answer.as_str())
                .map(|said| said.annotators(&people))
                .unwrap_or_default(),
        }
    };
    let missing: Vec<&ReviewAnswer> =
        answers.iter().filter(|answer| answer.wanted > 0 && human(answer).is_none()).collect();
    let was_seen = |answer: &&&ReviewAnswer| said.contains_key(answer.answer.as_str());
    Ok(Outcome {
        rows: answers.iter().map(row).collect(),
        missing: missing.len(),
        skipped: missing.iter().filter(was_seen).count(),
        unsettled: said.values().filter(|said| said.is_unsettled()).count(),
    })
}

/// What was said of an answer.
#[derive(Default)]
struct Said<'a> {
    /// Who labelled it and how.
    given: Vec<(&'a str, &'a str)>,
    settled: Option<&'a str>,
}

impl Said<'_> {
    fn is_unsettled(&self) -> bool {
        self.settled.is_none() && self.given.windows(2).any(|pair| pair[0].1 != pair[1].1)
    }

    /// What it counts as: as it was settled, else the mean of its labels.
    fn value(&self, value: &impl Fn(&str) -> Option<f64>) -> Option<f64> {
        if let Some(settled) = self.settled {
            return value(settled);
        }
        let values: Vec<f64> = self.given.iter().filter_map(|(_, label)| value(label)).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    }

    /// What each said where there are several, without their names.
    fn annotators(&self, people: &BTreeMap<&str, String>) -> BTreeMap<String, String> {
        let given = self.given.iter().filter(|_| self.given.len() > 1);
        given.filter_map(|(who, said)| Some((people.get(who)?.clone(), (*said).into()))).collect()
    }
}

/// A column for each person who labelled. Whoever began first is first, so that a person keeps the column
/// when others join.
fn columns(labels: &[ReviewLabel]) -> BTreeMap<&str, String> {
    let mut since: BTreeMap<&str, Timestamp> = BTreeMap::new();
    for label in labels {
        let first = since.entry(&label.person).or_insert(label.at);
        *first = label.at.min(*first);
    }
    let mut people: Vec<(&str, Timestamp)> = since.into_iter().collect();
    people.sort_by_key(|(_, at)| *at);
    let numbered = people.into_iter().zip(1..);
    numbered.map(|((person, _), nth)| (person, format!("annotator_{nth}"))).collect()
}

fn by_answer(labels: &[ReviewLabel]) -> BTreeMap<&str, Said<'_>> {
    let mut found: BTreeMap<&str, Said<'_>> = BTreeMap::new();
    for row in labels {
        let said = found.entry(row.answer.as_str()).or_default();
        match (&row.label, row.job) {
            (Some(label), Job::Label) => said.given.push((&row.person, label)),
            (Some(label), Job::Settle) => said.settled = Some(label),
            (None, _) => {}
        }
    }
    found
}

/// The number of a stratum for people, as the plan prints it.
fn number(stratum: u32) -> u32 {
    stratum.saturating_add(1)
}

#[cfg(test)]
mod tests {
    use candour_core::Redacted;
    use candour_store::{Design, PossibleLabel, ReviewKind};

    use super::*;
    use crate::corrected::correct;
    use crate::statistics::Confidence;

    fn about() -> ReviewAbout {
        let possible =
            |label: &str, value| PossibleLabel { label: label.into(), label_cy: None, value };
        ReviewAbout {
            kind: ReviewKind::Single,
            question: String::new(),
            question_cy: None,
            labels: vec![possible("right", 1.0), possible("partly", 0.5), possible("wrong", 0.0)],
            source: String::new(),
            is_of_readers: false,
            seed: 1,
        }
    }

    fn answer(number: u32, wanted: u32) -> ReviewAnswer {
        let design =
            Design { judge: Some(0.5), unjudged: None, cluster: None, stratum: number % 2 };
        ReviewAnswer { answer: number.to_string(), position: number, wanted, design, shown: None }
    }

    fn said(answer: u32, person: &str, job: Job, label: Option<&str>) -> ReviewLabel {
        ReviewLabel {
            answer: answer.to_string(),
            position: answer,
            person: person.into(),
            job,
            label: label.map(str::to_owned),
            note: Redacted::default(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn labels_become_a_table_with_chances() {
        let mut answers: Vec<ReviewAnswer> =
            (1..=8).map(|at| answer(at, u32::from(at < 7))).collect();
        answers[0].wanted = 2;
        answers[1].wanted = 2;
        let given = [
            said(1, "bob", Job::Label, Some("wrong")),
            said(1, "ann", Job::Label, Some("partly")),
            said(2, "ann", Job::Label, Some("right")),
            said(2, "bob", Job::Label, Some("wrong")),
            said(2, "cat", Job::Settle, Some("right")),
            said(3, "ann", Job::Label, Some("partly")),
            said(4, "ann", Job::Label, None),
        ];
        let found = labels(&about(), &answers, &given).unwrap();
        assert_eq!((found.missing, found.skipped, found.unsettled), (3, 1, 1));
        let human: Vec<Option<f64>> = found.rows.iter().map(|row| row.human).collect();
        assert_eq!(human[..4], [Some(0.25), Some(1.0), Some(0.5), None]);
        let chances: Vec<Option<f64>> = found.rows.iter().map(|row| row.chance).collect();
        assert_eq!(chances[..2], [Some(0.5), Some(0.25)]);
        let annotators = |at: usize| -> Vec<(&str, &str)> {
            found.rows[at].annotators.iter().map(|(who, said)| (&**who, &**said)).collect()
        };
        assert_eq!(annotators(0), [("annotator_1", "partly"), ("annotator_2", "wrong")]);
        assert!(found.rows[2].annotators.is_empty());
        let readers = ReviewAbout { is_of_readers: true, ..about() };
        let of_readers = labels(&readers, &answers, &given).unwrap();
        assert_eq!((&*of_readers.rows[6].id, &*found.rows[6].id), ("answer 7", "7"));
        let drawn: Vec<(String, u32)> =
            answers.iter().map(|answer| (answer.answer.clone(), answer.wanted)).collect();
        let far = progress(&drawn[..6], &given);
        assert_eq!((far.drawn, far.wanted, far.given, far.people), (6, 8, 5, 3));
        assert_eq!((far.unsettled, far.skipped), (1, 1));
        let agreement = agreement(&given).unwrap().unwrap();
        assert_eq!((agreement.n, agreement.share), (2, 0.0));
        let error = labels(&about(), &answers, &given[..2]).unwrap_err();
        assert!(error.to_string().starts_with("of stratum 1, 4 answers, none"), "{error}");
    }
    /// Three people of whom any two look at an answer are not the same two.
    #[test]
    fn people_who_label_in_pairs_have_a_column_each() {
        let pairs = [["ann", "bob"], ["bob", "cat"], ["ann", "cat"]];
        let answers: Vec<ReviewAnswer> = (1..=30).map(|at| answer(at, 2)).collect();
        let mut given = Vec::new();
        for at in 1..=30_u32 {
            let [one, other] = pairs[at as usize % 3];
            let word = ["right", "wrong"][at as usize % 2];
            given.push(said(at, one, Job::Label, Some(word)));
            given.push(said(at, other, Job::Label, Some(word)));
        }
        let later = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(60);
        for label in given.iter_mut().filter(|label| label.person != "cat") {
            label.at = later;
        }
        let rows = labels(&about(), &answers, &given).unwrap().rows;
        let of = |at: usize| rows[at].annotators.keys().map(String::as_str).collect::<Vec<_>>();
        assert_eq!(of(0), ["annotator_1", "annotator_3"], "cat began, and bob comes after ann");
        assert_eq!(of(2), ["annotator_2", "annotator_3"]);
        let found = correct(&rows, false, Confidence::P95).unwrap().between_people.unwrap();
        assert_eq!((found.n, found.share, found.kappa), (30, 1.0, None));
        assert_eq!(found, agreement(&given).unwrap().unwrap());
    }
}
