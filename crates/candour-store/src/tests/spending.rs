//! The contract of money that several programs spend from one day.

use jiff::civil::date;

use super::{Place, contract};
use crate::{Database, StoreError};

contract!(
    a_day_is_spent_once_and_the_next_is_whole,
    what_something_did_cost_is_counted_by_the_end,
    programs_together_spend_no_more_than_there_is,
);

async fn a_day_is_spent_once_and_the_next_is_whole(_: &Place, database: &Database) {
    let today = date(2026, 11, 26);
    let spend = async |day, amount, limit| database.spend(day, amount, limit).await.unwrap();
    assert!(!spend(today, 101, 100).await, "nothing is so much");
    assert!(spend(today, 60, 100).await);
    assert!(!spend(today, 41, 100).await, "too little is left");
    assert!(spend(today, 40, 100).await, "what is left may be spent");
    assert!(!spend(today, 1, 50).await, "a limit may be lowered");
    assert!(spend(today, 20, 120).await, "or raised");
    assert!(spend(today.tomorrow().unwrap(), 100, 100).await);
    assert_eq!(database.spent(today).await.unwrap(), 120);
    assert_eq!(database.spent(date(2026, 1, 1)).await.unwrap(), 0);
    let without_limit = i64::MAX.unsigned_abs();
    assert!(spend(today, without_limit - 120, without_limit).await);
    assert!(!spend(today, without_limit, without_limit).await, "no sum runs over");
}

async fn what_something_did_cost_is_counted_by_the_end(place: &Place, database: &Database) {
    let today = date(2026, 11, 26);
    let ending = Database::open(&place.address).await.unwrap();
    for cost in [3, 14] {
        assert!(ending.spend(today, 10, 100).await.unwrap());
        ending.settle(today, 10, cost);
    }
    ending.close().await;
    assert_eq!(database.spent(today).await.unwrap(), 17);
}

/// Two programs with many requests each, in amounts that do not divide what there is.
async fn programs_together_spend_no_more_than_there_is(place: &Place, database: &Database) {
    let other = Database::open(&place.address).await.unwrap();
    for (day, limit) in [(date(2026, 1, 1), 1000), (date(2026, 1, 2), 997), (date(2026, 1, 3), 40)]
    {
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..120_i64 {
            let database = if number % 2 == 0 { database.clone() } else { other.clone() };
            let amount = 1 + number % 31;
            // However slow the machine is, all of them are answered.
            tasks.spawn(async move {
                (amount, database.spend_within(day, amount, limit).await.unwrap())
            });
        }
        let (mut sum, mut refused) = (0, i64::MAX);
        for (amount, is_spent) in tasks.join_all().await {
            if is_spent {
                sum += amount;
            } else {
                refused = refused.min(amount);
            }
        }
        assert!(sum <= limit, "{sum} of {limit}");
        assert!(limit - sum < refused, "{refused} was refused where {} are left", limit - sum);
        assert_eq!(database.spent(day).await.unwrap(), sum.unsigned_abs());
    }
    other.close().await;
}

#[tokio::test]
async fn nobody_waits_long_for_a_database_that_is_busy() {
    let place = Place::sqlite();
    let database = Database::open(&place.address).await.unwrap();
    let writing = database.begin().await.unwrap();
    // From here on only the turn to write is waited for, on a clock that waits for nobody.
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    let refused = database.spend(date(2026, 11, 26), 1, 1).await;
    assert!(matches!(*refused.unwrap_err(), StoreError::Slow));
    assert!(began.elapsed().as_secs() < 2);
    tokio::time::resume();
    drop(writing);
    database.close().await;
}

/// Behind somebody who writes, and before somebody who comes after them.
#[tokio::test]
async fn what_waits_together_is_counted_in_one_turn() {
    let (place, today) = (Place::sqlite(), date(2026, 11, 26));
    let database = Database::open(&place.address).await.unwrap();
    let before = database.begin().await.unwrap();
    let mut waiting = tokio::task::JoinSet::new();
    let spend = |amount| {
        let database = database.clone();
        async move { database.spend_within(today, amount, 60).await.unwrap() }
    };
    let gone = tokio::spawn(spend(50));
    (0..100).for_each(|_| drop(waiting.spawn(spend(1))));
    // On this one thread all of them have begun to wait once it is given to them.
    tokio::task::yield_now().await;
    gone.abort();
    let other = database.clone();
    let after = tokio::spawn(async move { other.begin().await.unwrap() });
    tokio::task::yield_now().await;
    drop(before);
    let after = after.await.unwrap();
    let counted = waiting.join_all().await;
    assert_eq!(counted.iter().filter(|is_counted| **is_counted).count(), 60);
    drop(after);
    database.close().await;
    let again = Database::open(&place.address).await.unwrap();
    assert_eq!(again.spent(today).await.unwrap(), 60, "nothing is kept for who went away");
    again.close().await;
}

#[tokio::test]
async fn what_answers_wait_for_goes_before_others_who_write() {
    let place = Place::sqlite();
    let database = Database::open(&place.address).await.unwrap();
    let writing = database.begin().await.unwrap();
    let (first, second) = (database.clone(), database.clone());
    let first = tokio::spawn(async move { first.begin().await.unwrap() });
    tokio::task::yield_now().await;
    let second = tokio::spawn(async move { second.begin().await.unwrap() });
    tokio::task::yield_now().await;
    let spender = database.clone();
    let spending = async move { spender.spend_within(date(2026, 11, 26), 1, 1).await.unwrap() };
    let spending = tokio::spawn(spending);
    tokio::task::yield_now().await;
    drop(writing);
    drop(first.await.unwrap());
    let held = second.await.unwrap();
    // Without a limit, one that waits for the second would wait for ever.
    let counted = tokio::time::timeout(std::time::Duration::from_secs(30), spending).await;
    assert!(counted.unwrap().unwrap(), "it is counted while the second still writes");
    drop(held);
    database.close().await;
}
