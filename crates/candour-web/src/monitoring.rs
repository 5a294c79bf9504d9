//! Looking at answers while the pilot runs: what is due by the open plan is done beside serving, a little
//! at a time. A question never waits for it, and what it meets (damage, a database that is away, a kill)
//! leaves serving as it was.

#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use candour_core::{Alarm, AlarmKind, AnswerId, PassageId, Redacted, Turn};
use candour_evals::monitoring::{
    Figure, Guidance, Kept, Looking, MonitoringError, Plan, of_verdict,
};
use candour_store::{
    GivenVerdict, MonitoringPlan, NewRecord, RecordKind, StoreError, UnreadAnswer,
};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::site::Site;

/// How long it rests once everything is looked at.
const REST: Duration = Duration::from_secs(2);
/// How long it rests while there is more: other work comes first.
const BREATH: Duration = Duration::from_millis(100);
/// How long it rests after a failure.
const PATIENCE: Duration = Duration::from_secs(15);
/// Of how many answers it is decided at once whether they are looked at.
const ANSWERS: u32 = 200;
/// How many are looked at, at most, before it rests.
const LOOKS: usize = 20;
/// How many verdicts are taken in at once.
const VERDICTS: u32 = 100;
/// By how much the clocks of replicas may differ, and an update may take, so that no verdict is missed.
const SLACK: SignedDuration = SignedDuration::from_hours(1);

/// What is known of the open plan, so that each record is read once.
#[derive(Default)]
pub(crate) struct Monitor {
    kept: Mutex<Option<Kept>>,
    done: Mutex<Done>,
}

/// What needs not be done again. It is kept in memory alone: to do it again changes nothing.
#[derive(Clone, Copy)]
struct Done {
    plan: u64,
    /// From when on there may be verdicts that are not recorded.
    verdicts_since: Timestamp,
    /// How many alarms are raised.
    alarms: usize,
}

impl Default for Done {
    fn default() -> Self {
        Self { plan: 0, verdicts_since: Timestamp::MIN, alarms: 0 }
    }
}

impl Monitor {
    /// Reads what is new of a plan, and tells of all that is known.
    pub(crate) async fn read<T>(
        &self,
        site: &Site,
        plan: &MonitoringPlan,
        tell: impl FnOnce(&Kept) -> T,
    ) -> Result<T, MonitoringError> {
        let mut known = self.kept.lock().await;
        // What could not be read to its end is read anew, so that nothing is half taken in.
        let mut kept = match known.take() {
            Some(kept) if kept.number == plan.number => kept,
            _ => Kept::new(plan)?,
        };
        kept.catch_up(&site.database).await?;
        let told = tell(&kept);
        *known = Some(kept);
        Ok(told)
    }
}

/// Does what is due, until it is told to stop.
pub(crate) async fn run(site: Arc<Site>, stop: CancellationToken) {
    let (mut said, mut rest) = (String::new(), REST);
    while stop.run_until_cancelled(tokio::time::sleep(rest)).await.is_some() {
        rest = step(&site, &mut said).await;
    }
}

/// Does a part of what is due, and tells how long to rest. The same complaint is logged once.
async fn step(site: &Arc<Site>, said: &mut String) -> Duration {
    match tick(site).await {
        Ok(has_more) => {
            said.clear();
            if has_more { BREATH } else { REST }
        }
        Err(error) => {
            site.metrics.monitoring.failed();
            let complaint = error.to_string();
            if complaint != *said {
                tracing::error!(error = %complaint, "answers cannot be monitored now; serving goes on");
                *said = complaint;
            }
            PATIENCE
        }
    }
}

/// Does a bounded part of what is due, and tells whether there is more.
async fn tick(site: &Arc<Site>) -> Result<bool, MonitoringError> {
    let Some(plan) = site.database.due_monitoring().await? else {
        site.metrics.monitoring.off();
        return Ok(false);
    };
    let mut done = site.monitor.done.lock().await;
    if done.plan != plan.number {
        *done = Done { plan: plan.number, ..Done::default() };
        // Not every metric of the last plan need be one of this.
        site.metrics.monitoring.off();
    }
    match &plan.closed {
        None => watch(site, &plan, &mut done).await,
        Some(closed) => {
            site.metrics.monitoring.off();
            finish(site, &plan, closed.log_position, &mut done).await?;
            Ok(true)
        }
    }
}

/// Does a part of what the open plan asks for, and tells whether there is more.
async fn watch(
    site: &Arc<Site>,
    plan: &MonitoringPlan,
    done: &mut Done,
) -> Result<bool, MonitoringError> {
    let says = site.monitor.read(site, plan, |kept| kept.plan.clone()).await?;
    let (seen, has_answers) = look_at_answers(site, plan, &says).await?;
    let verdicts = take_verdicts(site, plan, done).await?;
    let has_verdicts = verdicts.len() == VERDICTS as usize;
    let Seen { read_to, mut records } = seen;
    records.extend(verdicts);
    if read_to > plan.read_to || !records.is_empty() {
        // Where another replica was sooner, what was seen here is forgotten, and seen there.
        site.database.keep_records(plan, read_to, &records).await?;
    }
    let figures = raise_alarms(site, plan, done).await?;
    site.metrics.monitoring.show(&figures);
    Ok(has_answers || has_verdicts)
}

/// Does a part of what a closed plan still asks for: a closing hides no answer that was given before it,
/// and no alarm. Once nothing is left, the plan is read to its end.
async fn finish(
    site: &Arc<Site>,
    plan: &MonitoringPlan,
    end: u64,
    done: &mut Done,
) -> Result<(), MonitoringError> {
    let part = async {
        let says = site.monitor.read(site, plan, |kept| kept.plan.clone()).await?;
        let (seen, _) = look_at_answers(site, plan, &says).await?;
        if seen.read_to == plan.read_to {
            raise_alarms(site, plan, done).await?;
        }
        Ok(seen)
    };
    let seen = match part.await {
        Ok(seen) => seen,
        Err(MonitoringError::Store(error)) if !matches!(error, StoreError::Damaged { .. }) => {
            return Err(error.into());
        }
        Err(error) => {
            // Nobody can mend it, and the next plan must not wait for it. `verify` tells of the damage.
            tracing::error!(%error, plan = plan.number, "a closed plan cannot be read to its end");
            Seen { read_to: plan.read_to, records: Vec::new() }
        }
    };
    let read_to = if seen.read_to == plan.read_to { end } else { seen.read_to };
    site.database.keep_records(plan, read_to, &seen.records).await?;
    Ok(())
}

/// What was seen, and of which answers it is decided.
struct Seen {
    read_to: u64,
    records: Vec<NewRecord>,
}

/// Looks at the answers that the plan picks among the next ones.
async fn look_at_answers(
    site: &Arc<Site>,
    plan: &MonitoringPlan,
    says: &Plan,
) -> Result<(Seen, bool), MonitoringError> {
    let unread = site.database.unread_answers(plan, ANSWERS).await?;
    let is_full = unread.len() == ANSWERS as usize;
    let mut seen = Seen { read_to: plan.read_to, records: Vec::new() };
    for UnreadAnswer { log_position, answer } in unread {
        if says.picks(&answer) {
            if seen.records.len() == LOOKS {
                return Ok((seen, true));
            }
            seen.records.extend(look(site, &says.looking, answer).await?);
        }
        seen.read_to = log_position;
    }
    Ok((seen, is_full))
}

/// Looks at one answer. None where it was erased meanwhile.
async fn look(
    site: &Arc<Site>,
    looking: &Looking,
    answer: String,
) -> Result<Option<NewRecord>, StoreError> {
    let record = |kind, scores| Ok(Some(NewRecord { kind, answer: answer.clone(), scores }));
    let unreadable = || record(RecordKind::Unreadable, BTreeMap::new());
    let Some(id) = AnswerId::parse(&answer) else { return unreadable() };
    let (turn, dropped) = match find(site, id).await {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(None),
        Err(StoreError::Damaged { what, .. }) => {
            tracing::warn!(what, "an answer that was to be looked at cannot be read");
            return unreadable();
        }
        Err(error) => return Err(error),
    };
    let (site, looking) = (Arc::clone(site), looking.clone());
    // Passages are on disk. Nobody waits for this, so that it takes no turn from those who ask.
    let looked = tokio::task::spawn_blocking(move || {
        let passage = |id: &PassageId| site.index.passage(id);
        looking.look(&turn, dropped, &Guidance::new(&*site.index, &site.config, &passage))
    });
    if let Ok(scores) = looked.await {
        return record(RecordKind::Answer, scores);
    }
    tracing::error!("looking at an answer panicked: this is a fault in candour");
    unreadable()
}

/// An answer, and how much verification dropped from it.
async fn find(site: &Site, id: AnswerId) -> Result<Option<(Turn, usize)>, StoreError> {
    let turn = site.database.turn(id).await?;
    let receipt = site.database.receipt(id).await?;
    Ok(turn.zip(receipt).map(|(turn, kept)| (turn, kept.receipt.dropped.values().sum())))
}

/// The verdicts that are not recorded yet.
async fn take_verdicts(
    site: &Site,
    plan: &MonitoringPlan,
    done: &mut Done,
) -> Result<Vec<NewRecord>, MonitoringError> {
    let verdicts = site.database.new_verdicts(plan, done.verdicts_since, VERDICTS).await?;
    if verdicts.is_empty() {
        done.verdicts_since = Timestamp::now().checked_sub(SLACK).unwrap_or(Timestamp::MIN);
    }
    let record = |given: GivenVerdict| NewRecord {
        kind: RecordKind::Verdict,
        scores: given.verdict.map(of_verdict).unwrap_or_default(),
        answer: given.answer,
    };
    Ok(verdicts.into_iter().map(record).collect())
}

/// Raises what has become certain, and gives all figures. A plan that is closed switches nothing any more.
async fn raise_alarms(
    site: &Site,
    plan: &MonitoringPlan,
    done: &mut Done,
) -> Result<Vec<Figure>, MonitoringError> {
    let told = |kept: &Kept| {
        let new = kept.watch.alarms().iter().skip(done.alarms).cloned();
        (new.collect::<Vec<Alarm>>(), kept.watch.figures(), kept.plan.quotes_only_on.clone())
    };
    let (new, figures, quotes_only_on) = site.monitor.read(site, plan, told).await?;
    for alarm in new {
        let is_certain = alarm.kind == AlarmKind::Threshold;
        let turns_off =
            is_certain && plan.closed.is_none() && quotes_only_on.contains(&alarm.metric);
        let reason = turns_off.then(|| reason(site, plan));
        let now = Timestamp::now();
        if site.database.raise_alarm(plan.number, &alarm, reason.as_ref(), now).await? {
            tracing::warn!(
                metric = alarm.metric.key(),
                kind = alarm.kind.key(),
                plan = plan.number,
                "monitoring raised an alarm"
            );
        }
        done.alarms += 1;
    }
    Ok(figures)
}

/// Why the model is switched off.
fn reason(site: &Site, plan: &MonitoringPlan) -> Redacted {
    let words = format!("monitoring plan {} says so beforehand", plan.number);
    site.assistant.redact(&words)
}
