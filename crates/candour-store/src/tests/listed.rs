//! Lists and figures for staff.

use candour_core::{AnswerId, AnswerStatus, FeedbackVerdict};
use jiff::civil::Date;

use super::conversations::{answer_id, at, feedback, masked, receipt, turn};
use super::{Place, contract, tamper};
use crate::{Database, TurnFilter, Wanted};

contract!(lists_by_what_became_of_a_question, goes_on_where_a_page_ended, counts_by_day_and_kind);

/// Five questions over two days, the second abstained, the third with feedback, the fourth unremarkable.
async fn fill(database: &Database) {
    for (number, second) in [(1, 0), (2, 10), (3, 20), (4, 100_000), (5, 100_000)] {
        let mut asked = turn(number as u8, number, at(second));
        let mut with = receipt(&asked);
        if number == 2 {
            asked.answer.status = AnswerStatus::Abstained;
        }
        with.signals = match number {
            1 => vec!["abuse", "crisis"],
            2 => vec!["abuse"],
            _ => Vec::new(),
        };
        database.record_turn(&asked, &with).await.unwrap();
    }
    for (number, verdict) in [(3, FeedbackVerdict::Wrong), (5, FeedbackVerdict::Useful)] {
        database.record_feedback(&feedback(number, verdict, "said")).await.unwrap();
    }
}

async fn list(database: &Database, filter: TurnFilter) -> Vec<AnswerId> {
    let turns = database.listed_turns(&filter, 10).await.unwrap();
    turns.into_iter().map(|turn| turn.id).collect()
}

async fn lists_by_what_became_of_a_question(_: &Place, database: &Database) {
    fill(database).await;
    let day = |text: &str| Some(text.parse::<Date>().unwrap());
    for (filter, expected) in [
        (TurnFilter::default(), vec![5, 4, 3, 2, 1]),
        (TurnFilter { status: Some(AnswerStatus::Abstained), ..TurnFilter::default() }, vec![2]),
        (TurnFilter { feedback: Some(Wanted::Any), ..TurnFilter::default() }, vec![5, 3]),
        (
            TurnFilter {
                feedback: Some(Wanted::This(FeedbackVerdict::Wrong)),
                ..TurnFilter::default()
            },
            vec![3],
        ),
        (TurnFilter { signal: Some(Wanted::Any), ..TurnFilter::default() }, vec![2, 1]),
        (
            TurnFilter { signal: Some(Wanted::This("crisis".into())), ..TurnFilter::default() },
            vec![1],
        ),
        // The clock of the tests begins on 15 June 2025 at 15:06:40.
        (TurnFilter { day: day("2025-06-15"), ..TurnFilter::default() }, vec![3, 2, 1]),
        (TurnFilter { day: day("2025-06-16"), ..TurnFilter::default() }, vec![5, 4]),
        (TurnFilter { day: day("2025-06-14"), ..TurnFilter::default() }, vec![]),
        (TurnFilter { day: day("9999-12-31"), ..TurnFilter::default() }, vec![]),
    ] {
        let expected: Vec<AnswerId> = expected.into_iter().map(answer_id).collect();
        assert_eq!(list(database, filter.clone()).await, expected, "{filter:?}");
    }
    let all = database.listed_turns(&TurnFilter::default(), 10).await.unwrap();
    assert_eq!(all[4].signals, ["abuse", "crisis"]);
    assert_eq!(all[2].feedback, Some((FeedbackVerdict::Wrong, masked("said"))));
    assert_eq!(database.signals_of(answer_id(1)).await.unwrap(), ["abuse", "crisis"]);
}

async fn goes_on_where_a_page_ended(_: &Place, database: &Database) {
    fill(database).await;
    let mut filter = TurnFilter::default();
    let mut seen = Vec::new();
    loop {
        let page = database.listed_turns(&filter, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        filter.after = Some((last.asked_at, last.id));
        seen.extend(page.iter().map(|turn| turn.id));
    }
    assert_eq!(seen, [5, 4, 3, 2, 1].map(answer_id), "two of one moment are not left out");
}

async fn counts_by_day_and_kind(_: &Place, database: &Database) {
    assert_eq!(database.answers_by_day(at(0)).await.unwrap(), []);
    fill(database).await;
    let days: Vec<(String, AnswerStatus, u64)> = database
        .answers_by_day(at(5))
        .await
        .unwrap()
        .into_iter()
        .map(|count| (count.day.to_string(), count.status, count.answers))
        .collect();
    assert_eq!(
        days,
        [
            ("2025-06-16".to_owned(), AnswerStatus::Answered, 2),
            ("2025-06-15".to_owned(), AnswerStatus::Abstained, 1),
            ("2025-06-15".to_owned(), AnswerStatus::Answered, 1),
        ]
    );
    let verdicts = database.verdicts(at(0)).await.unwrap();
    assert_eq!(verdicts, [(FeedbackVerdict::Useful, 1), (FeedbackVerdict::Wrong, 1)].into());
    let signals = database.signals(at(0)).await.unwrap();
    assert_eq!(signals, [("abuse".to_owned(), 2), ("crisis".to_owned(), 1)].into());
    assert_eq!(database.signals(at(5)).await.unwrap(), [("abuse".to_owned(), 1)].into());
    let traces = database.traces(at(5), 3).await.unwrap();
    assert_eq!(traces.len(), 3);
    assert_eq!((traces[0].asked_at, traces[2].asked_at), (at(100_000), at(20)));
    tamper(database, "UPDATE turns SET status = 'splendid'").await;
    assert!(database.answers_by_day(at(0)).await.is_err());
}
