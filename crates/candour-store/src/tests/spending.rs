//! The contract of money that several programs take from one day.

use candour_core::SharedBudget as _;
use jiff::civil::date;

use super::{Place, contract};
use crate::Database;

contract!(a_day_is_taken_once_and_the_next_is_whole, programs_together_take_no_more_than_there_is,);

async fn a_day_is_taken_once_and_the_next_is_whole(_: &Place, database: &Database) {
    let today = date(2026, 11, 26);
    let take =
        async |day, least, most, limit| database.take(day, least, most, limit).await.unwrap();
    assert_eq!(take(today, 10, 60, 100).await, Some(60));
    assert_eq!(take(today, 41, 60, 100).await, None, "it takes nothing where too little is left");
    assert_eq!(take(today, 40, 60, 100).await, Some(40), "it takes what is left");
    assert_eq!(take(today, 1, 1, 100).await, None);
    assert_eq!(take(today, 1, 1, 50).await, None, "a limit may be lowered");
    assert_eq!(take(today, 20, 5, 120).await, Some(20), "or raised");
    assert_eq!(take(today.tomorrow().unwrap(), 100, 100, 100).await, Some(100));
}

/// Two programs with many requests each, in amounts that do not divide what there is.
async fn programs_together_take_no_more_than_there_is(place: &Place, database: &Database) {
    let other = Database::open(&place.address).await.unwrap();
    for (day, limit) in [(date(2026, 1, 1), 1000), (date(2026, 1, 2), 997), (date(2026, 1, 3), 3)] {
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..60_u64 {
            let database = if number % 2 == 0 { database.clone() } else { other.clone() };
            let (least, most) = (1 + number % 7, 5 + number % 31);
            tasks.spawn(
                async move { (least, database.take(day, least, most, limit).await.unwrap()) },
            );
        }
        let (mut sum, mut refused) = (0, u64::MAX);
        for (least, taken) in tasks.join_all().await {
            match taken {
                Some(taken) => sum += taken,
                None => refused = refused.min(least),
            }
        }
        assert!(sum <= limit, "{sum} of {limit}");
        assert!(limit - sum < refused, "{refused} was refused where {} are left", limit - sum);
    }
    other.close().await;
}
