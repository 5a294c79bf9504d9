//! Monitoring beside a pilot that serves: what it sees, and what it does when things go wrong.

use std::time::Duration;

use axum::http::StatusCode;
use candour_core::{AnswerId, Metric, Monitoring, Redacted};
use candour_evals::monitoring::{Beginning, Kept, Plan, verify};
use candour_store::{Act, RecordKind};
use jiff::Timestamp;

use super::*;
use crate::tests::{Pilot, sample_config, sample_index};
use crate::{App, router};

const ANSWERED: &str = "How much is a garden waste subscription?";
const UNKNOWN: &str = "What is the capital of Peru?";

pub(crate) fn act() -> Act {
    Act { actor: "test".into(), reason: Redacted::default(), at: Timestamp::now() }
}

/// Begins a plan that looks at every answer.
pub(crate) async fn start(pilot: &Pilot, change: impl FnOnce(&mut Monitoring)) -> MonitoringPlan {
    let mut config = pilot.site.config.clone();
    config.monitoring.share = 1.0;
    change(&mut config.monitoring);
    let plan = Plan::begin(Beginning {
        config: &config.monitoring,
        looking: Looking::of_config(&config),
        at: Timestamp::now(),
        configuration: config.hash(),
        program: "0",
        seed: [7; 16],
        known: None,
        follows: None,
    });
    let text = plan.unwrap().text().unwrap();
    pilot.site.database.start_monitoring(&text, &act()).await.unwrap().unwrap()
}

async fn open(pilot: &Pilot) -> MonitoringPlan {
    pilot.site.database.open_monitoring().await.unwrap().unwrap()
}

/// Does all that is due.
pub(crate) async fn catch_up(site: &Arc<Site>) {
    while tick(site).await.unwrap() {}
}

/// All that is recorded of the plan, held against the log.
async fn check(pilot: &Pilot) -> Kept {
    let plan = open(pilot).await;
    let checks = verify(&pilot.site.database, &plan).await.unwrap();
    assert!(checks.iter().all(|check| check.holds), "{checks:#?}");
    Kept::read(&pilot.site.database, &plan).await.unwrap()
}

#[tokio::test]
async fn answers_and_verdicts_are_seen_and_what_is_certain_is_acted_on() {
    let pilot = Pilot::new().await;
    assert!(!tick(&pilot.site).await.unwrap(), "without a plan nothing is done");
    start(&pilot, |monitoring| {
        monitoring.thresholds = [(Metric::Abstained, 0.05), (Metric::Useful, 0.9)].into();
        monitoring.quotes_only_on = vec![Metric::Abstained];
    })
    .await;
    for _ in 0..14 {
        let reader = pilot.ask(UNKNOWN).await;
        let id = reader.split('=').nth(1).unwrap().to_owned();
        let conversation = candour_core::ConversationId::parse(&id).unwrap();
        let turn = pilot.site.database.conversation(conversation, 1).await.unwrap().remove(0);
        let fields = [("answer", turn.id.to_string()), ("verdict", "not_useful".to_owned())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        pilot.post("/feedback", &reader, &fields).await;
    }
    pilot.ask(ANSWERED).await;
    catch_up(&pilot.site).await;
    let kept = check(&pilot).await;
    let seen: Vec<(Metric, u64, f64)> = kept
        .watch
        .figures()
        .into_iter()
        .filter(|figure| figure.scores > 0)
        .map(|figure| (figure.metric, figure.scores, figure.interval.value))
        .filter(|(metric, ..)| *metric != Metric::ReadingAge)
        .collect();
    let expected = [
        (Metric::Citations, 1, 1.0),
        (Metric::CitedRetrieved, 1, 1.0),
        (Metric::QuotesExact, 1, 1.0),
        (Metric::Numbers, 1, 1.0),
        (Metric::Links, 15, 1.0),
        (Metric::Language, 15, 1.0),
        (Metric::NoPersonalData, 15, 1.0),
        (Metric::Abstained, 15, 14.0 / 15.0),
        (Metric::Partial, 15, 0.0),
        (Metric::Dropped, 15, 0.0),
        (Metric::Useful, 14, 0.0),
    ];
    assert_eq!(seen, expected);

    let alarms: Vec<Metric> = kept.watch.alarms().iter().map(|alarm| alarm.metric).collect();
    assert_eq!(alarms, [Metric::Abstained, Metric::Useful]);
    let switches = pilot.site.database.switches().await.unwrap();
    assert!(!switches[0].is_on && switches[0].set_by == "monitoring", "{switches:?}");
    assert_eq!(switches[0].reason.as_str(), "monitoring plan 1 says so beforehand");
    let metrics = pilot.get("/metrics").await.text;
    for line in [
        "candour_monitoring_scores{metric=\"abstained\"} 15",
        "candour_monitoring_value{metric=\"useful\"} 0.0",
        "candour_monitoring_alarm{metric=\"abstained\",kind=\"threshold\"} 1",
        "candour_monitoring_alarm{metric=\"links\",kind=\"threshold\"} 0",
        "candour_monitoring_failures_total 0",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line}: {metrics}");
    }
    // Once is enough: whoever switches the model on again has decided that.
    let on = candour_store::SwitchState { is_on: true, ..switches[0].clone() };
    pilot.site.database.set_switch(&on).await.unwrap();
    catch_up(&pilot.site).await;
    assert!(pilot.site.database.switches().await.unwrap()[0].is_on);
    pilot.site.database.close_monitoring(&act(), [1; 16]).await.unwrap();
    catch_up(&pilot.site).await;
    let metrics = pilot.get("/metrics").await.text;
    assert!(!metrics.contains("candour_monitoring_alarm{"), "what is closed is not shown");
}

/// A program of its own beside the pilot, which knows nothing yet.
fn another(pilot: &Pilot) -> App {
    let assistant = Arc::clone(&pilot.site.assistant);
    App::new(sample_config(), assistant, sample_index(), pilot.site.database.clone())
}

/// Programs are killed at every moment of their work, while readers ask. Each time another takes over.
#[tokio::test]
async fn a_kill_loses_and_doubles_nothing() {
    let pilot = Pilot::new().await;
    start(&pilot, |_| {}).await;
    let mut cuts = 0;
    for round in 0..40_u64 {
        if round % 2 == 0 {
            pilot.ask(ANSWERED).await;
        }
        let app = another(&pilot);
        let short = Duration::from_micros(round * 211);
        cuts += u32::from(tokio::time::timeout(short, tick(&app.site)).await.is_err());
        drop(router(app));
    }
    assert!(cuts > 5, "only {cuts} were cut off");
    catch_up(&pilot.site).await;
    check(&pilot).await;
    assert_eq!(open(&pilot).await.records, 20);
}

#[tokio::test]
async fn what_cannot_be_read_is_counted_and_passed_over() {
    let pilot = Pilot::new().await;
    start(&pilot, |_| {}).await;
    for _ in 0..3 {
        pilot.ask(ANSWERED).await;
    }
    let plan = open(&pilot).await;
    let unread = pilot.site.database.unread_answers(&plan, 9).await.unwrap();
    let says = Plan::read(&plan.text).unwrap();
    let gone = AnswerId::from_random([9; 16]).to_string();
    let picked = vec![gone, "no identifier".to_owned()];
    let records = look(&pilot.site, &says.looking, picked).await.unwrap();
    let [damaged] = &records[..] else { panic!("{records:?}") };
    assert_eq!((damaged.kind, damaged.scores.len()), (RecordKind::Unreadable, 0));
    let first = unread[0].log_position;
    assert!(pilot.site.database.keep_records(&plan, first, &records).await.unwrap());
    catch_up(&pilot.site).await;
    assert_eq!(open(&pilot).await.records, 3);
}

#[test]
fn a_panic_costs_one_answer_alone() {
    let look = |number: u8| {
        assert_ne!(number, 2, "a fault");
        Scores::from([(Metric::Dropped, f64::from(number))])
    };
    let seen = each(vec![Some(1), Some(2), None, Some(3)], look);
    let there: Vec<bool> = seen.iter().map(Option::is_some).collect();
    assert_eq!(there, [true, false, false, true]);
    assert_eq!(seen[3], Some([(Metric::Dropped, 3.0)].into()));
}

#[tokio::test]
async fn a_database_that_is_away_and_records_that_are_wrong_stop_nothing_else() {
    let pilot = Pilot::new().await;
    let other = Pilot::new().await;
    let mut said = String::new();
    assert_eq!(step(&pilot.site, &mut said).await, REST);
    // A plan that no program of this version wrote.
    pilot.site.database.start_monitoring("{\"version\":2}", &act()).await.unwrap().unwrap();
    pilot.ask(ANSWERED).await;
    assert_eq!(step(&pilot.site, &mut said).await, PATIENCE);
    assert!(said.contains("the plan cannot be read"), "{said}");
    pilot.ask(ANSWERED).await;
    let metrics = pilot.get("/metrics").await.text;
    assert!(metrics.contains("candour_monitoring_failures_total 1"), "{metrics}");
    other.site.database.close().await;
    assert_eq!(step(&other.site, &mut said).await, PATIENCE);
    assert!(!said.contains("plan"), "{said}");
    assert_eq!(other.get("/").await.status, StatusCode::OK);
    assert_eq!(other.get("/about").await.status, StatusCode::OK);
}

/// A plan is closed before what was given under it is looked at, and between records and their alarms.
#[tokio::test]
async fn closing_hides_no_answer_and_no_alarm() {
    let pilot = Pilot::new().await;
    let database = &pilot.site.database;
    let fails = async |number: u64| {
        let mut plans = database.monitoring_plans().await.unwrap();
        plans.retain(|plan| plan.number == number);
        let checks = verify(database, &plans[0]).await.unwrap();
        checks.into_iter().filter(|check| !check.holds).map(|check| check.what).collect::<Vec<_>>()
    };
    let sure = |monitoring: &mut Monitoring| {
        monitoring.thresholds = [(Metric::Abstained, 0.05)].into();
        monitoring.quotes_only_on = vec![Metric::Abstained];
    };
    start(&pilot, sure).await;
    for _ in 0..LOOKS + 4 {
        pilot.ask(UNKNOWN).await;
    }
    database.close_monitoring(&act(), [1; 16]).await.unwrap();
    start(&pilot, |_| {}).await;
    pilot.ask(ANSWERED).await;
    assert_eq!(fails(1).await, ["picked"], "what was given before it counts");
    catch_up(&pilot.site).await;
    assert_eq!(fails(1).await, [""; 0]);
    assert_eq!(database.monitoring_alarms(1).await.unwrap().len(), 1);
    assert_eq!(database.switches().await.unwrap(), [], "what is closed switches nothing");
    let plans = database.monitoring_plans().await.unwrap();
    let records: Vec<u64> = plans.iter().map(|plan| plan.records).collect();
    assert_eq!(records, [1, LOOKS as u64 + 4], "and the answer after it is the next plan's");

    database.close_monitoring(&act(), [1; 16]).await.unwrap();
    let plan = start(&pilot, sure).await;
    for _ in 0..LOOKS {
        pilot.ask(UNKNOWN).await;
    }
    catch_up_but_for_alarms(&pilot, &plan).await;
    database.close_monitoring(&act(), [1; 16]).await.unwrap();
    assert_eq!(fails(3).await, ["alarms"]);
    catch_up(&pilot.site).await;
    assert_eq!(fails(3).await, [""; 0]);
    assert_eq!(database.monitoring_alarms(3).await.unwrap().len(), 1);
}

/// Keeps what was seen under a plan as a program does that is killed before it raises an alarm.
async fn catch_up_but_for_alarms(pilot: &Pilot, plan: &MonitoringPlan) {
    let says = Plan::read(&plan.text).unwrap();
    let seen = look_at_answers(&pilot.site, plan, &says).await.unwrap();
    let kept = pilot.site.database.keep_records(plan, seen.read_to, &seen.records).await;
    assert!(kept.unwrap());
}

#[tokio::test]
async fn a_closed_plan_that_cannot_be_read_does_not_stop_the_next() {
    let pilot = Pilot::new().await;
    let database = &pilot.site.database;
    database.start_monitoring("{\"version\":2}", &act()).await.unwrap().unwrap();
    pilot.ask(ANSWERED).await;
    database.close_monitoring(&act(), [1; 16]).await.unwrap();
    start(&pilot, |_| {}).await;
    pilot.ask(ANSWERED).await;
    catch_up(&pilot.site).await;
    assert_eq!(open(&pilot).await.records, 1);
}

#[tokio::test]
async fn figures_of_another_plan_are_not_shown() {
    let pilot = Pilot::new().await;
    start(&pilot, |_| {}).await;
    pilot.ask(UNKNOWN).await;
    catch_up(&pilot.site).await;
    let shows = async || pilot.get("/metrics").await.text.contains("{metric=\"abstained\"}");
    assert!(shows().await);
    pilot.site.database.close_monitoring(&act(), [1; 16]).await.unwrap();
    // Another program reads the plan to its end, so that this one never sees it closed.
    catch_up(&another(&pilot).site).await;
    start(&pilot, |monitoring| {
        monitoring.metrics = vec![Metric::Language];
        monitoring.thresholds.clear();
    })
    .await;
    catch_up(&pilot.site).await;
    assert!(!shows().await, "the new plan says nothing of it");
}

#[tokio::test]
async fn a_share_is_looked_at_and_no_tick_is_long() {
    let pilot = Pilot::new().await;
    let plan = start(&pilot, |monitoring| monitoring.share = 0.5).await;
    let reader = pilot.ask(ANSWERED).await;
    let id = candour_core::ConversationId::parse(reader.split('=').nth(1).unwrap()).unwrap();
    let mut turn = pilot.site.database.conversation(id, 1).await.unwrap().remove(0);
    for number in 1..=100 {
        turn.id = AnswerId::from_random([number; 16]);
        pilot.keep(&turn).await;
    }
    let unread = pilot.site.database.unread_answers(&plan, 200).await.unwrap();
    let says = Plan::read(&plan.text).unwrap();
    let mut left = unread.iter().filter(|unread| says.picks(&unread.answer)).count() as u64;
    assert!((35..=65).contains(&left), "{left} of 101 are picked");
    let mut records = 0;
    while left > 0 {
        assert!(tick(&pilot.site).await.unwrap(), "{left} are left");
        let looked_at = left.min(LOOKS as u64);
        (left, records) = (left - looked_at, records + looked_at);
        assert_eq!(open(&pilot).await.records, records);
    }
    catch_up(&pilot.site).await;
    assert_eq!(open(&pilot).await.records, records);
    check(&pilot).await;
}
