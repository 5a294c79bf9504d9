//! Looking at answers while the pilot runs: what is due by the open plan is done beside serving, a little
//! at a time. A question waits at most for one short write of it, and what it meets (damage, a database
//! that is away, a kill) leaves serving as it was.

#[cfg(test)]
pub(crate) mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use candour_core::{Alarm, AlarmKind, PassageId, Redacted};
use candour_evals::monitoring::{
    Figure, Guidance, Kept, Looking, MonitoringError, Plan, Scores, find, of_verdict,
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
    /// The open plan whose figures are shown.
    shown: Option<u64>,
    /// From when on there may be verdicts that are not recorded.
    verdicts_since: Timestamp,
    /// How many alarms are raised.
    alarms: usize,
}

impl Default for Done {
    fn default() -> Self {
        Self { plan: 0, shown: None, verdicts_since: Timestamp::MIN, alarms: 0 }
    }
}

impl Monitor {
    /// Reads what is new of a plan, if anything is, and tells of all that is known.
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
        if kept.watch.position() < plan.records {
            kept.catch_up(&site.database).await?;
        }
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
    let plan = site.database.due_monitoring().await?;
    let mut done = site.monitor.done.lock().await;
    let open = plan.as_ref().filter(|plan| plan.closed.is_none()).map(|plan| plan.number);
    if done.shown != open {
        // Not every metric of the last plan need be one of the next.
        site.metrics.monitoring.off();
        done.shown = open;
    }
    let Some(plan) = plan else { return Ok(false) };
    if done.plan != plan.number {
        *done = Done { plan: plan.number, shown: open, ..Done::default() };
    }
    match &plan.closed {
        None => watch(site, &plan, &mut done).await,
        Some(closed) => {
            finish(site, &plan, closed.log_position, &mut done).await?;
            Ok(true)
        }
    }
}

/// Does a part of what the open plan asks for, and tells whether there is more: what was kept here is
/// told of the next time.
async fn watch(
    site: &Arc<Site>,
    plan: &MonitoringPlan,
    done: &mut Done,
) -> Result<bool, MonitoringError> {
    let known = known(site, plan).await?;
    raise_alarms(site, plan, &known, done).await?;
    site.metrics.monitoring.show(&known.figures);
    let Seen { read_to, mut records } = look_at_answers(site, plan, &known.says).await?;
    records.extend(take_verdicts(site, plan, done).await?);
    let has_news = read_to > plan.read_to || !records.is_empty();
    if has_news {
        // Where another replica was sooner, what was seen here is forgotten, and seen there.
        site.database.keep_records(plan, read_to, &records).await?;
    }
    Ok(has_news)
}

/// What is known of a plan.
struct Known {
    says: Plan,
    alarms: Vec<Alarm>,
    figures: Vec<Figure>,
}

async fn known(site: &Site, plan: &MonitoringPlan) -> Result<Known, MonitoringError> {
    let told = |kept: &Kept| Known {
        says: kept.plan.clone(),
        alarms: kept.watch.alarms().to_vec(),
        figures: kept.watch.figures(),
    };
    site.monitor.read(site, plan, told).await
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
        let known = known(site, plan).await?;
        let seen = look_at_answers(site, plan, &known.says).await?;
        if seen.read_to == plan.read_to {
            raise_alarms(site, plan, &known, done).await?;
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
) -> Result<Seen, MonitoringError> {
    let (mut read_to, mut picked) = (plan.read_to, Vec::new());
    for UnreadAnswer { log_position, answer } in site.database.unread_answers(plan, ANSWERS).await?
    {
        if says.picks(&answer) {
            if picked.len() == LOOKS {
                break;
            }
            picked.push(answer);
        }
        read_to = log_position;
    }
    Ok(Seen { read_to, records: look(site, &says.looking, picked).await? })
}

/// Looks at answers, without those that were erased meanwhile.
async fn look(
    site: &Arc<Site>,
    looking: &Looking,
    picked: Vec<String>,
) -> Result<Vec<NewRecord>, StoreError> {
    let (mut answers, mut found) = (Vec::new(), Vec::new());
    for answer in picked {
        match find(&site.database, &answer).await {
            Ok(None) => continue,
            Ok(there) => found.push(there),
            Err(StoreError::Damaged { what, .. }) => {
                tracing::warn!(what, "an answer that was to be looked at cannot be read");
                found.push(None);
            }
            Err(error) => return Err(error),
        }
        answers.push(answer);
    }
    if answers.is_empty() {
        return Ok(Vec::new());
    }
    let (site, looking) = (Arc::clone(site), looking.clone());
    // Passages are on disk. Nobody waits for this, so that it takes no turn from those who ask.
    let looked = tokio::task::spawn_blocking(move || {
        let passage = |id: &PassageId| site.index.passage(id);
        let guidance = Guidance::new(&*site.index, &site.config, &passage);
        each(found, |(turn, dropped)| looking.look(&turn, dropped, &guidance))
    });
    let scores = looked.await.unwrap_or_else(|_| vec![None; answers.len()]);
    Ok(answers.into_iter().zip(scores).map(record).collect())
}

/// What is seen in each; none where it could not be read, or where looking at it panics.
fn each<T>(found: Vec<Option<T>>, look: impl Fn(T) -> Scores) -> Vec<Option<Scores>> {
    let look = |found: Option<T>| {
        let scores = catch_unwind(AssertUnwindSafe(|| found.map(&look)));
        scores.unwrap_or_else(|_| {
            tracing::error!("looking at an answer panicked: this is a fault in candour");
            None
        })
    };
    found.into_iter().map(look).collect()
}

fn record((answer, scores): (String, Option<Scores>)) -> NewRecord {
    let kind = if scores.is_some() { RecordKind::Answer } else { RecordKind::Unreadable };
    NewRecord { kind, answer, scores: scores.unwrap_or_default() }
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

/// Raises what has become certain. A plan that is closed switches nothing any more.
async fn raise_alarms(
    site: &Site,
    plan: &MonitoringPlan,
    known: &Known,
    done: &mut Done,
) -> Result<(), MonitoringError> {
    for alarm in known.alarms.iter().skip(done.alarms) {
        let is_certain = alarm.kind == AlarmKind::Threshold;
        let turns_off = is_certain
            && plan.closed.is_none()
            && known.says.quotes_only_on.contains(&alarm.metric);
        let reason = turns_off.then(|| reason(site, plan));
        let now = Timestamp::now();
        if site.database.raise_alarm(plan.number, alarm, reason.as_ref(), now).await? {
            tracing::warn!(
                metric = alarm.metric.key(),
                kind = alarm.kind.key(),
                plan = plan.number,
                "monitoring raised an alarm"
            );
        }
        done.alarms += 1;
    }
    Ok(())
}

/// Why the model is switched off.
fn reason(site: &Site, plan: &MonitoringPlan) -> Redacted {
    let words = format!("monitoring plan {} says so beforehand", plan.number);
    site.assistant.redact(&words)
}
