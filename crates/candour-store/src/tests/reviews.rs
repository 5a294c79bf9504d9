//! The contract of reviews: who takes which answer, and what becomes of labels.

use std::collections::{BTreeMap, BTreeSet};

use candour_core::Redacted;
use tokio::task::JoinSet;

use super::conversations::{answer_id, at, erase, masked, receipt, turn};
use super::{Place, contract, tamper};
use crate::{
    Act, Database, Design, Given, Job, NewLabel, PossibleLabel, Review, ReviewAbout, ReviewAnswer,
    ReviewKind, Shown, ShownAnswer, Unjudged,
};

contract!(
    keeps_a_review_as_it_was_made,
    nobody_labels_twice_and_nothing_too_often,
    who_comes_at_once_never_gets_the_same,
    what_is_held_too_long_goes_to_others,
    where_two_differ_a_third_settles,
    a_reader_who_was_faster_is_not_shown,
    no_place_outlives_its_answer,
);

pub(super) fn review(name: &str) -> Review {
    let possible =
        |label: &str, value| PossibleLabel { label: label.into(), label_cy: None, value };
    Review {
        name: name.into(),
        about: ReviewAbout {
            kind: ReviewKind::Single,
            question: "Is every statement right?".into(),
            question_cy: Some("Ydy pob datganiad yn gywir?".into()),
            labels: vec![possible("right", 1.0), possible("wrong", 0.0)],
            source: "run sample".into(),
            is_of_readers: false,
            seed: 7,
        },
        created_at: at(1),
        created_by: "jo".into(),
        closed_at: None,
    }
}

/// One of what readers were given.
pub(super) fn of_readers(name: &str) -> Review {
    let mut made = review(name);
    made.about.is_of_readers = true;
    made
}

/// A reader's answer, of which a review has no copy.
pub(super) fn reader_answer(number: u16, wanted: u32) -> ReviewAnswer {
    ReviewAnswer {
        answer: answer_id(number).to_string(),
        position: number.into(),
        wanted,
        design: Design { judge: Some(0.1), unjudged: None, cluster: Some("c1".into()), stratum: 1 },
        shown: None,
    }
}

fn of_run(position: u32, wanted: u32) -> ReviewAnswer {
    let said = ShownAnswer { text: "Forty pounds.".into(), sentences: Vec::new() };
    let question = masked("How much? Ring 07700 900123");
    ReviewAnswer {
        answer: format!("sample-{position}"),
        position,
        wanted,
        design: Design { unjudged: Some(Unjudged::Inapplicable), ..Design::default() },
        shown: (wanted > 0).then(|| Shown { earlier: Vec::new(), question, answers: vec![said] }),
    }
}

async fn give(
    database: &Database,
    position: u32,
    person: &str,
    label: Option<&str>,
    second: i64,
) -> Given {
    let note = Redacted::default();
    let new = NewLabel { review: "accuracy", position, person, label, note, at: at(second) };
    database.give_label(&new).await.unwrap()
}

async fn take(database: &Database, person: &str, second: i64) -> Option<u32> {
    database.take_answer("accuracy", person, Job::Label, at(second)).await.unwrap()
}

async fn settle(database: &Database, person: &str, second: i64) -> Option<u32> {
    database.take_answer("accuracy", person, Job::Settle, at(second)).await.unwrap()
}

async fn keeps_a_review_as_it_was_made(_: &Place, database: &Database) {
    let answers = [of_run(1, 1), of_run(2, 2), of_run(3, 0)];
    let made = review("accuracy");
    assert!(database.create_review(&made, &answers).await.unwrap());
    assert!(!database.create_review(&made, &answers).await.unwrap(), "the name is taken");
    assert!(database.create_review(&review("other"), &answers).await.unwrap());
    assert_eq!(database.review("accuracy").await.unwrap(), Some(made.clone()));
    assert_eq!(database.review("nothing\0").await.unwrap(), None);
    assert_eq!(database.review_answers("accuracy").await.unwrap(), answers);
    assert_eq!(database.review_answer("accuracy", 2).await.unwrap(), Some(answers[1].clone()));
    assert_eq!(database.review_answer("accuracy", 4).await.unwrap(), None);
    let drawn = [("sample-1".to_owned(), 1), ("sample-2".to_owned(), 2)];
    assert_eq!(database.review_drawn("accuracy").await.unwrap(), drawn);
    let act = Act { actor: "jo".into(), reason: masked("done"), at: at(9) };
    assert!(database.close_review("accuracy", &act).await.unwrap());
    assert!(!database.close_review("accuracy", &act).await.unwrap());
    assert!(!database.close_review("nothing", &act).await.unwrap());
    let closed: Vec<_> = database.reviews().await.unwrap();
    let closed: Vec<_> =
        closed.iter().map(|review| (review.name.as_str(), review.closed_at)).collect();
    assert_eq!(closed, [("accuracy", Some(at(9))), ("other", None)]);
    let noted = database.audit(0, 9).await.unwrap();
    let noted: Vec<&str> = noted.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(noted, ["close review accuracy", "create review other", "create review accuracy"]);
    assert_eq!(take(database, "jo", 10).await, None, "nothing is labelled in a closed review");
    assert_eq!(give(database, 1, "jo", Some("right"), 10).await, Given::Closed);
}

async fn nobody_labels_twice_and_nothing_too_often(_: &Place, database: &Database) {
    let answers = [of_run(1, 2), of_run(2, 1), of_run(3, 0)];
    database.create_review(&review("accuracy"), &answers).await.unwrap();
    assert_eq!(give(database, 1, "ann", Some("right"), 1).await, Given::NotTaken);
    assert_eq!(take(database, "ann", 1).await, Some(1));
    assert_eq!(take(database, "ann", 2).await, Some(1), "what they hold comes first");
    assert_eq!(take(database, "bob", 2).await, Some(1), "it wants two labels");
    assert_eq!(take(database, "cat", 2).await, Some(2));
    assert_eq!(take(database, "dan", 2).await, None, "others hold all there is");
    assert!(!database.has_answers_for("accuracy", "dan", Job::Label, at(2)).await.unwrap());
    assert_eq!(give(database, 1, "ann", Some("right"), 3).await, Given::Kept);
    assert_eq!(take(database, "ann", 4).await, None, "no second label of one person");
    assert_eq!(give(database, 2, "cat", None, 4).await, Given::Kept);
    assert_eq!(take(database, "ann", 5).await, Some(2), "whoever cannot tell leaves it to others");
    assert_eq!(give(database, 2, "cat", Some("right"), 6).await, Given::TooLate);
    assert_eq!(give(database, 1, "ann", Some("wrong"), 7).await, Given::Kept, "a change of mind");
    let said = database.review_labels("accuracy").await.unwrap();
    let said: Vec<_> =
        said.iter().map(|row| (row.position, row.person.as_str(), row.label.as_deref())).collect();
    assert_eq!(said, [(1, "ann", Some("wrong")), (2, "cat", None)]);
    assert_eq!(database.review_job("accuracy", 2, "ann").await.unwrap(), Some(Job::Label));
    assert_eq!(database.review_job("accuracy", 2, "bob").await.unwrap(), None);
    let noted = database.audit(0, 1).await.unwrap();
    assert_eq!(noted[0].action, "label answer 1 of review accuracy", "and not what was said");
    assert_eq!(take(database, "nobody's", 9).await, None);
    assert_eq!(database.take_answer("no such", "ann", Job::Label, at(9)).await.unwrap(), None);
}

async fn who_comes_at_once_never_gets_the_same(_: &Place, database: &Database) {
    let answers: Vec<_> = (1..=12).map(|at| of_run(at, 1 + at % 2)).collect();
    database.create_review(&review("accuracy"), &answers).await.unwrap();
    let mut people = tokio::task::JoinSet::new();
    for person in ["ann", "bob", "cat", "dan", "eve"] {
        let database = database.clone();
        people.spawn(async move {
            let mut taken = Vec::new();
            while let Some(position) = take(&database, person, 5).await {
                taken.push(position);
                assert_eq!(give(&database, position, person, Some("right"), 5).await, Given::Kept);
            }
            (person, taken)
        });
    }
    let mut times: BTreeMap<u32, BTreeSet<&str>> = BTreeMap::new();
    let mut all = 0;
    while let Some(done) = people.join_next().await {
        let (person, taken) = done.unwrap();
        all += taken.len();
        for position in taken {
            times.entry(position).or_default().insert(person);
        }
    }
    let wanted: Vec<usize> = (1..=12).map(|at| 1 + at % 2).collect();
    assert_eq!(times.values().map(BTreeSet::len).collect::<Vec<_>>(), wanted);
    assert_eq!((all, database.review_labels("accuracy").await.unwrap().len()), (18, 18));
}

async fn what_is_held_too_long_goes_to_others(_: &Place, database: &Database) {
    database.create_review(&review("accuracy"), &[of_run(1, 1)]).await.unwrap();
    let late = 31 * 60;
    assert_eq!(take(database, "ann", 0).await, Some(1));
    assert_eq!(take(database, "bob", 60).await, None);
    assert_eq!(take(database, "bob", late).await, Some(1));
    assert_eq!(give(database, 1, "ann", Some("right"), late).await, Given::TooLate);
    assert_eq!(give(database, 1, "bob", Some("right"), late + 1).await, Given::Kept);
    assert_eq!(take(database, "ann", late + 2).await, None);
    database.create_review(&review("again"), &[of_run(1, 1)]).await.unwrap();
    database.take_answer("again", "ann", Job::Label, at(0)).await.unwrap();
    let new = NewLabel {
        review: "again",
        position: 1,
        person: "ann",
        label: Some("right"),
        note: Redacted::default(),
        at: at(late),
    };
    let kept = database.give_label(&new).await.unwrap();
    assert_eq!(kept, Given::Kept, "late, but nobody else was there");
}

async fn where_two_differ_a_third_settles(_: &Place, database: &Database) {
    let answers = [of_run(1, 2), of_run(2, 2), of_run(3, 1)];
    database.create_review(&review("accuracy"), &answers).await.unwrap();
    for (person, labels) in [("ann", ["right"; 3]), ("bob", ["wrong", "right", "right"])] {
        while let Some(position) = take(database, person, 1).await {
            let label = labels[position as usize - 1];
            assert_eq!(give(database, position, person, Some(label), 2).await, Given::Kept);
        }
    }
    assert_eq!(settle(database, "ann", 3).await, None, "nobody settles their own");
    assert_eq!(settle(database, "cat", 3).await, Some(1));
    assert_eq!(settle(database, "dan", 3).await, None, "another is at it");
    assert_eq!(take(database, "cat", 3).await, None, "who saw the labels does not label");
    assert_eq!(give(database, 1, "bob", Some("wrong"), 4).await, Given::Kept);
    assert_eq!(give(database, 1, "cat", Some("wrong"), 5).await, Given::Kept);
    assert_eq!(give(database, 1, "ann", Some("wrong"), 6).await, Given::Settled);
    assert_eq!(give(database, 1, "cat", Some("right"), 7).await, Given::Kept);
    assert_eq!(settle(database, "dan", 8).await, None);
    let said = database.review_labels("accuracy").await.unwrap();
    let (given, wanted) = database.review_counts().await.unwrap()["accuracy"];
    assert_eq!((given, wanted), (5, 5), "what settles is no label that was wanted");
    let first = database.review_labels_at("accuracy", 1).await.unwrap();
    assert!(said.iter().filter(|label| label.position == 1).eq(&first), "{first:?}");
    let settled: Vec<_> = said.iter().filter(|row| row.job == Job::Settle).collect();
    assert_eq!((settled.len(), settled[0].label.as_deref()), (1, Some("right")));
}

/// A reader who has their answer erased while a review is made of it.
async fn a_reader_who_was_faster_is_not_shown(_: &Place, database: &Database) {
    let asked = turn(1, 1, at(1));
    database.record_turn(&asked, &receipt(&asked)).await.unwrap();
    let given = database.given_between(at(0), at(2)).await.unwrap();
    assert_eq!((given.len(), given[0].answer), (1, answer_id(1)));
    assert!(database.given_between(at(2), at(9)).await.unwrap().is_empty());
    // Nor is anything left of one that nobody was to label.
    let answers = [reader_answer(1, 0), reader_answer(2, 1), reader_answer(3, 0)];
    database.create_review(&of_readers("accuracy"), &answers).await.unwrap();
    assert_eq!(database.review_answers("accuracy").await.unwrap(), answers[..1]);
    // Whatever deletes an answer deletes its place in the same step.
    tamper(database, "DELETE FROM turns").await;
    assert!(database.review_answers("accuracy").await.unwrap().is_empty());
}

/// Reviews are made while readers have what they are about erased.
async fn no_place_outlives_its_answer(_: &Place, database: &Database) {
    for number in 1..=8 {
        let asked = turn(number, number.into(), at(1));
        database.record_turn(&asked, &receipt(&asked)).await.unwrap();
    }
    let mut erasing = JoinSet::new();
    for number in 1..=8 {
        let database = database.clone();
        erasing.spawn(async move { erase(&database, number).await });
    }
    for round in 0..20 {
        let answers: Vec<_> = (1..=8).map(|number| reader_answer(number, number.into())).collect();
        // The database may refuse a review of what goes at the same moment: then nothing of it is kept.
        let _ = database.create_review(&of_readers(&format!("r{round}")), &answers).await;
    }
    erasing.join_all().await;
    for made in database.reviews().await.unwrap() {
        assert!(database.review_answers(&made.name).await.unwrap().is_empty(), "{}", made.name);
    }
}
