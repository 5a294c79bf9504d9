//! Whether a plan was kept to: everything that it says and that was recorded, held against the log.

use std::collections::BTreeSet;

use candour_core::Alarm;
use candour_store::{Database, LogEntry, MonitoringPlan, RecordKind};
use serde::Serialize;

use super::{Kept, MonitoringError};

/// How many answers or records are read at once.
const PAGE: u32 = 1000;

/// Something that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What.
    pub what: &'static str,
    /// Whether it is as it should be.
    pub holds: bool,
    /// How it is.
    pub detail: String,
}

/// Checks a plan: that the log commits to its words and to those of its closing, that no record is
/// missing, that exactly the answers were looked at that its seed picks, once it is closed up to the very
/// last, and that the alarms that were raised are those that its records give.
pub async fn verify(
    database: &Database,
    of: &MonitoringPlan,
) -> Result<Vec<Check>, MonitoringError> {
    let kept = Kept::read(database, of).await?;
    let mut checks = vec![committed(database, of).await?];
    checks.extend(closing_committed(database, of).await?);
    checks.push(Check {
        what: "records",
        holds: kept.watch.position() == of.records,
        detail: format!("{} of {} are there", kept.watch.position(), of.records),
    });
    checks.push(picked(database, of, &kept).await?);
    checks.push(alarms(database, of, &kept).await?);
    Ok(checks)
}

async fn committed(database: &Database, of: &MonitoringPlan) -> Result<Check, MonitoringError> {
    let entry = database.log_entry(of.log_position).await?;
    let is_so = |entry: &LogEntry| entry.kind == "monitoring_plan" && entry.commitment == of.hash;
    let holds = entry.as_ref().is_some_and(is_so);
    let detail = if holds {
        format!("the log commits to {} at position {}", of.hash, of.log_position)
    } else {
        format!("the log does not commit to {}: the plan was changed", of.hash)
    };
    Ok(Check { what: "plan", holds, detail })
}

async fn closing_committed(
    database: &Database,
    of: &MonitoringPlan,
) -> Result<Option<Check>, MonitoringError> {
    let Some(closed) = &of.closed else { return Ok(None) };
    let entry = database.log_entry(closed.log_position).await?;
    let is_logged = entry
        .is_some_and(|entry| entry.kind == "monitoring_closing" && entry.commitment == closed.hash);
    let holds = is_logged
        && closed.closing.plan == of.hash
        && closed.closing.records <= of.records
        && closed.log_position > of.log_position;
    let detail = if holds {
        format!("the log commits to it at position {}", closed.log_position)
    } else {
        "the log does not commit to it, or it is not this plan's: it was changed".to_owned()
    };
    Ok(Some(Check { what: "closing", holds, detail }))
}

/// Whether exactly those answers were looked at that the seed picks, as far as they are still there.
async fn picked(
    database: &Database,
    of: &MonitoringPlan,
    kept: &Kept,
) -> Result<Check, MonitoringError> {
    let recorded = recorded(database, of).await?;
    let by_hand = recorded.iter().filter(|answer| !kept.plan.picks(answer)).count();
    let (mut there, mut missed, mut waiting) = (0, 0, 0);
    let mut from = MonitoringPlan { read_to: of.log_position, ..of.clone() };
    loop {
        let answers = database.unread_answers(&from, PAGE).await?;
        let Some(last) = answers.last() else { break };
        from.read_to = last.log_position;
        for answer in answers.iter().filter(|answer| kept.plan.picks(&answer.answer)) {
            let is_read = answer.log_position <= of.read_to;
            there += usize::from(is_read);
            missed += usize::from(is_read && !recorded.contains(&answer.answer));
            waiting += usize::from(!is_read);
        }
    }
    // Of an open plan some are always under way. Whoever closes one must not leave out what they choose.
    let hidden = if of.closed.is_some() { waiting } else { 0 };
    let detail = match (by_hand + missed, hidden) {
        (0, 0) => format!(
            "of the answers that are still there the seed picks {there}, and those were looked at"
        ),
        (0, _) => format!(
            "{hidden} were given before the closing and not looked at yet: a server that runs does so"
        ),
        _ => format!("{by_hand} were looked at without being picked, {missed} were left out"),
    };
    Ok(Check { what: "picked", holds: by_hand + missed + hidden == 0, detail })
}

/// The answers that were looked at and are still there.
async fn recorded(
    database: &Database,
    of: &MonitoringPlan,
) -> Result<BTreeSet<String>, MonitoringError> {
    let (mut recorded, mut after) = (BTreeSet::new(), 0);
    loop {
        let records = database.monitoring_records(of.number, after, PAGE).await?;
        let Some(last) = records.last() else { return Ok(recorded) };
        after = last.position;
        let of_answers = records.into_iter().filter(|record| record.kind != RecordKind::Verdict);
        recorded.extend(of_answers.filter_map(|record| record.answer));
    }
}

async fn alarms(
    database: &Database,
    of: &MonitoringPlan,
    kept: &Kept,
) -> Result<Check, MonitoringError> {
    let raised = database.monitoring_alarms(of.number).await?;
    let computed = kept.watch.alarms();
    let is_raised = |alarm: &Alarm| raised.iter().any(|raised| is_same(&raised.alarm, alarm));
    let silent = computed.iter().filter(|alarm| !is_raised(alarm)).count();
    let is_computed = |alarm: &Alarm| computed.iter().any(|computed| is_same(computed, alarm));
    let false_ones = raised.iter().filter(|raised| !is_computed(&raised.alarm)).count();
    let detail = match (silent, false_ones) {
        (0, 0) => format!("the records give the {} that were raised", raised.len()),
        (_, 0) => format!("{silent} are not raised yet: a server that runs raises them"),
        _ => format!("{false_ones} were raised that the records do not give"),
    };
    Ok(Check { what: "alarms", holds: silent + false_ones == 0, detail })
}

/// Whether two alarms are the same, but for the last digits of numbers that were written and read.
fn is_same(one: &Alarm, other: &Alarm) -> bool {
    let numbers = |alarm: &Alarm| [alarm.value, alarm.low, alarm.high];
    let is_close = |(a, b): (f64, f64)| (a - b).abs() < 1e-9;
    (one.metric, one.kind, one.position, one.scores)
        == (other.metric, other.kind, other.position, other.scores)
        && numbers(one).into_iter().zip(numbers(other)).all(is_close)
}
