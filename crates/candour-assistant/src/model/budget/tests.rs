//! A day's budget: alone and shared, past midnight, and with a database that fails.

use candour_store::DatabaseAddress;

use super::*;

const TODAY: Timestamp = Timestamp::UNIX_EPOCH;

fn generation(per_day: f64, per_reader: f64) -> Generation {
    let pounds_per_answer = f64::MAX;
    Generation {
        pounds_per_day: per_day,
        pounds_per_reader: per_reader,
        pounds_per_answer,
        ..Generation::default()
    }
}

/// So much money.
fn money(micropounds: u64) -> Amount {
    Amount { micropounds, tokens: 0 }
}

/// The calls of an answer of its own.
fn new() -> Calls {
    Calls::default()
}

#[tokio::test]
async fn nobody_spends_more_than_there_is() {
    let budget = Budget::new(&generation(0.000_010, 0.000_006), None);
    let reserve = async |reader, amount| {
        budget.reserve(reader, &new(), money(amount), TODAY).await.map(|_| ())
    };
    assert_eq!(reserve(Some("a"), 5).await, Ok(()));
    let of_reader = Err(ModelError::Spent("for today, for this reader".into()));
    assert_eq!(reserve(Some("a"), 2).await, of_reader);
    assert_eq!(reserve(Some("b"), 5).await, Ok(()), "another reader has a budget of their own");
    let of_all = Err(ModelError::Spent("for today, for all readers".into()));
    assert_eq!(reserve(None, 1).await, of_all);
    let tomorrow = TODAY + jiff::SignedDuration::from_hours(24);
    assert!(budget.reserve(Some("a"), &new(), money(6), tomorrow).await.is_ok());
}

#[tokio::test]
async fn one_answer_costs_no_more_than_it_may_with_all_that_is_asked_for_it() {
    let generation = Generation { pounds_per_answer: 0.000_010, ..generation(1.0, 1.0) };
    let budget = Budget::new(&generation, None);
    let (answer, other) = (Calls::default(), Calls::default());
    let reserve =
        async |calls: &Calls, amount| budget.reserve(Some("a"), calls, money(amount), TODAY).await;
    let first = reserve(&answer, 6).await.unwrap();
    // A judge is a stage of the same answer.
    let too_much = reserve(&answer.of("judge"), 5).await.map(|_| ());
    assert_eq!(too_much, Err(ModelError::Spent("for this answer".into())));
    assert!(reserve(&other, 10).await.is_ok(), "another answer has a budget of its own");
    first.settle(money(2));
    assert!(reserve(&answer.of("judge"), 8).await.is_ok());
    assert!(reserve(&answer, 1).await.is_err());
}

/// A provider that says that one request took more than there is in the world stops nobody else.
#[tokio::test]
async fn what_no_request_can_take_does_not_use_up_the_day() {
    let budget = Budget::new(&generation(1.0, 1.0), None);
    let reserved = budget.reserve(Some("a"), &new(), money(100), TODAY).await.unwrap();
    reserved.settle(cost(
        &ModelUsage { input_tokens: u64::MAX, ..ModelUsage::default() },
        &Price { input: 1.0, output: 1.0, ..Price::default() },
    ));
    assert_eq!(budget.day().money.all, 2_000);
    assert!(budget.reserve(Some("a"), &new(), money(100), TODAY).await.is_ok());
}

/// Without a price of their own, tokens of the provider's cache cost what others do, and are not free.
#[test]
fn no_tokens_are_free_by_oversight() {
    let price = Price { input: 2.0, output: 10.0, ..Price::default() };
    let cached =
        ModelUsage { cache_write_tokens: 10, cache_read_tokens: 5, ..ModelUsage::default() };
    assert_eq!(cost(&cached, &price).micropounds, 30);
}

#[tokio::test]
async fn tokens_are_counted_where_nothing_has_a_price() {
    let limited = |per_day, per_reader| {
        let limits = Generation {
            tokens_per_day: per_day,
            tokens_per_reader: per_reader,
            ..Generation::default()
        };
        Budget::new(&limits, None)
    };
    let tokens = |tokens| Amount { micropounds: 0, tokens };
    let budget = limited(Some(100), Some(60));
    let reserve =
        async |reader, amount, now| budget.reserve(reader, &new(), tokens(amount), now).await;
    reserve(Some("a"), 50, TODAY).await.unwrap().settle(tokens(20));
    let of_reader = reserve(Some("a"), 41, TODAY).await.map(|_| ());
    assert_eq!(of_reader, Err(ModelError::Spent("for today, for this reader".into())));
    drop(reserve(Some("b"), 60, TODAY).await.unwrap());
    let of_all = reserve(None, 21, TODAY).await.map(|_| ());
    assert_eq!(of_all, Err(ModelError::Spent("for today, for all readers".into())));
    assert!(reserve(Some("a"), 20, TODAY).await.is_ok());
    let tomorrow = TODAY + jiff::SignedDuration::from_hours(24);
    assert!(reserve(Some("b"), 60, tomorrow).await.is_ok());
    let boundless = limited(None, None);
    drop(boundless.reserve(Some("a"), &new(), tokens(u64::MAX), TODAY).await.unwrap());
    assert!(boundless.reserve(Some("a"), &new(), tokens(1), TODAY).await.is_ok());
    assert!(boundless.day().tokens.readers.is_empty(), "nobody need know who took them");
}

#[tokio::test]
async fn a_budget_without_a_limit_is_never_spent() {
    let budget = Budget::new(&generation(f64::MAX, f64::MAX), None);
    for amount in [0, 1, 1 << 49] {
        let reservation = budget.reserve(Some("a"), &new(), money(amount), TODAY).await.unwrap();
        reservation.settle(money(amount / 2));
    }
}

#[tokio::test]
async fn what_was_not_used_is_there_again() {
    let budget = Budget::new(&generation(0.000_010, 1.0), None);
    let reservation = budget.reserve(Some("a"), &new(), money(10), TODAY).await.unwrap();
    assert!(budget.reserve(None, &new(), money(1), TODAY).await.is_err(), "it is set aside");
    reservation.settle(money(4));
    drop(budget.reserve(None, &new(), money(6), TODAY).await.unwrap());
    assert!(
        budget.reserve(None, &new(), money(1), TODAY).await.is_err(),
        "what is given up counts as spent"
    );
}

#[tokio::test]
async fn what_cost_more_than_was_set_aside_counts_in_full() {
    let budget = Budget::new(&generation(0.000_100, 0.000_050), None);
    budget.reserve(Some("a"), &new(), money(10), TODAY).await.unwrap().settle(money(40));
    assert!(
        budget.reserve(Some("a"), &new(), money(11), TODAY).await.is_err(),
        "10 are left for this reader"
    );
    assert!(budget.reserve(None, &new(), money(61), TODAY).await.is_err(), "60 are left for all");
    assert!(budget.reserve(Some("a"), &new(), money(10), TODAY).await.is_ok());
}

/// Two requests at midnight, the later of which comes first, or a clock that is put back.
#[tokio::test]
async fn no_day_begins_anew_when_an_older_one_comes_again() {
    let budget = Budget::new(&generation(0.000_010, 0.000_006), None);
    let tomorrow = TODAY + jiff::SignedDuration::from_hours(24);
    let late = budget.reserve(Some("a"), &new(), money(6), TODAY).await.unwrap();
    drop(budget.reserve(Some("a"), &new(), money(5), tomorrow).await.unwrap());
    for now in [TODAY, tomorrow, TODAY] {
        let more = budget.reserve(Some("a"), &new(), money(2), now).await.map(|_| ());
        assert_eq!(more, Err(spent("for today, for this reader")), "{now}");
    }
    late.settle(money(0));
    let more = budget.reserve(None, &new(), money(6), tomorrow).await.map(|_| ());
    assert_eq!(more, Err(spent("for today, for all readers")), "yesterday's money is no more");
    budget.reserve(Some("a"), &new(), money(1), TODAY).await.unwrap().settle(money(0));
    assert!(
        budget.reserve(None, &new(), money(5), tomorrow).await.is_ok(),
        "what came late is settled too"
    );
}

#[tokio::test]
async fn a_clock_that_was_far_ahead_keeps_no_budget() {
    let budget = Budget::new(&generation(0.000_010, 0.000_006), None);
    let later = |days: i64| TODAY + jiff::SignedDuration::from_hours(24 * days);
    let ahead = budget.reserve(None, &new(), money(10), later(400)).await.unwrap();
    assert!(
        budget.reserve(None, &new(), money(10), later(1)).await.is_ok(),
        "the clock is right again"
    );
    ahead.settle(money(0));
    assert!(
        budget.reserve(None, &new(), money(1), later(1)).await.is_err(),
        "and its own day is counted"
    );
    assert!(budget.reserve(None, &new(), money(10), later(2)).await.is_ok());
}

/// A database, and as many programs over it as are asked for.
struct Shared {
    _folder: tempfile::TempDir,
    address: DatabaseAddress,
}

impl Shared {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { address: DatabaseAddress::in_state(folder.path()), _folder: folder }
    }

    async fn program(&self, per_day: f64) -> (Arc<Budget>, Database) {
        let database = Database::open(&self.address).await.unwrap();
        (Budget::new(&generation(per_day, 1.0), Some(database.clone())), database)
    }
}

/// Asks until there is no money, and tells how much it spent.
async fn spend(budget: Arc<Budget>, first: u64) -> u64 {
    let mut spent = 0;
    for number in first.. {
        let (most, cost) = (10 + number % 13, 3 + number % 7);
        let Ok(reservation) = budget.reserve(None, &new(), money(most), TODAY).await else { break };
        tokio::task::yield_now().await;
        // One in ten is given up, and counts in full.
        if number % 10 == 0 {
            spent += most;
        } else {
            reservation.settle(money(cost));
            spent += cost;
        }
    }
    spent
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_that_share_a_budget_stay_within_it_together() {
    let shared = Shared::new();
    let (mut tasks, mut databases) = (tokio::task::JoinSet::new(), Vec::new());
    for program in 0..2 {
        let (budget, database) = shared.program(0.001).await;
        databases.push(database);
        for request in 0..3 {
            tasks.spawn(spend(Arc::clone(&budget), program * 7 + request));
        }
    }
    let spent: u64 = tasks.join_all().await.into_iter().sum();
    for database in databases {
        database.close().await;
    }
    // A restart begins no day anew, and finds all that was not spent.
    let (again, database) = shared.program(0.001).await;
    let counted = database.spent(Offset::UTC.to_datetime(TODAY).date()).await.unwrap();
    assert!((spent..=1000).contains(&counted), "{spent} spent, {counted} counted");
    assert!(again.reserve(None, &new(), money(1001 - counted), TODAY).await.is_err());
    assert!(again.reserve(None, &new(), money(1000 - counted), TODAY).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_takes_no_more_than_it_may_cost() {
    let shared = Shared::new();
    let (bursting, _) = shared.program(0.001).await;
    let answers: Vec<Calls> = (0..100).map(|_| new()).collect();
    let burst = answers.iter().map(|answer| bursting.reserve(None, answer, money(1), TODAY));
    let _reserved = futures_util::future::join_all(burst).await;
    let (other, _) = shared.program(0.001).await;
    assert!(other.reserve(None, &new(), money(900), TODAY).await.is_ok());
}

#[tokio::test]
async fn who_goes_away_meanwhile_takes_nothing_with_them_but_their_own() {
    let shared = Shared::new();
    let (budget, _) = shared.program(0.001).await;
    let answer = new();
    let mut going = Box::pin(budget.reserve(Some("a"), &answer, money(10), TODAY));
    assert!(futures_util::poll!(&mut going).is_pending(), "the database is asked");
    drop(going);
    assert!(budget.reserve(Some("b"), &new(), money(990), TODAY).await.is_ok());
}

#[tokio::test]
async fn where_nobody_knows_what_is_left_nothing_is_spent() {
    let shared = Shared::new();
    let (budget, database) = shared.program(1.0).await;
    database.close().await;
    let refused = budget.reserve(Some("a"), &new(), money(1), TODAY).await.map(|_| ());
    assert_eq!(refused, Err(ModelError::Uncounted));
    assert_eq!(budget.day().money.all, 0);
    assert!(
        budget.reserve(Some("a"), &new(), money(0), TODAY).await.is_ok(),
        "what has no price is not counted"
    );
}

#[test]
fn a_request_costs_no_more_than_was_set_aside() {
    let price = Price { input: 2.0, output: 10.0, cache_write: Some(2.5), cache_read: Some(0.2) };
    let usage = ModelUsage {
        input_tokens: 100,
        output_tokens: 50,
        cache_write_tokens: 40,
        cache_read_tokens: 1000,
    };
    assert_eq!(cost(&usage, &price), Amount { micropounds: 1000, tokens: 1190 });
    let request = ModelRequest {
        instructions: "x".repeat(300),
        max_output_tokens: 50,
        ..ModelRequest::default()
    };
    assert_eq!(most(&request, &price), Amount { micropounds: 750 + 500, tokens: 350 });
    let of = |text: &str, schema| {
        let (instructions, max_output_tokens) = (text.to_owned(), 1);
        let request = ModelRequest { instructions, schema, max_output_tokens, ..request.clone() };
        most(&request, &price).micropounds
    };
    assert_eq!(of("", None), 10);
    assert_eq!(of("🦀", None), 20, "a sign may be as many tokens as it has bytes");
    assert_eq!(of("", Some(serde_json::json!("1234"))), 25, "a schema is read too");
}
