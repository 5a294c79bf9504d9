//! Alarms of monitoring: what became certain, each thing once, with what was done about it.

use candour_core::{Alarm, AlarmKind, Redacted};
use jiff::Timestamp;

use crate::audit;
use crate::keys::Act;
use crate::rows::{from_json, json, microseconds, time};
use crate::switches::{self, Switch, SwitchState};
use crate::{Database, StoreError};

/// Who raises alarms, for the audit.
const BY: &str = "monitoring";

/// An alarm that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct RaisedAlarm {
    /// What became certain.
    pub alarm: Alarm,
    /// When that was noticed.
    pub raised_at: Timestamp,
}

impl Database {
    /// Keeps an alarm and notes it in the audit; with `quotes_only`, the model is switched off in the
    /// same transaction, unless somebody has done so already. False where the alarm is there already,
    /// and nothing is done a second time.
    pub async fn raise_alarm(
        &self,
        plan: u64,
        alarm: &Alarm,
        quotes_only: Option<&Redacted>,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let kept = sqlx::query(
            "INSERT INTO monitoring_alarms (plan, metric, kind, alarm, raised_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(plan.cast_signed())
        .bind(alarm.metric.key())
        .bind(alarm.kind.key())
        .bind(json(alarm)?)
        .bind(microseconds(at))
        .execute(&mut *transaction)
        .await?;
        if kept.rows_affected() == 0 {
            return Ok(false);
        }
        // In the order in which whoever sets a switch by hand takes them, so that neither waits for ever.
        if let Some(reason) = quotes_only
            && switches::is_on(&mut transaction, Switch::Model).await?
        {
            let state = SwitchState {
                switch: Switch::Model,
                is_on: false,
                reason: reason.clone(),
                set_by: BY.to_owned(),
                set_at: at,
            };
            switches::set(&mut transaction, &state).await?;
        }
        let what = match alarm.kind {
            AlarmKind::Threshold => "has surely broken its threshold",
            AlarmKind::Drift => "is not what it was",
        };
        let action = format!(
            "monitoring alarm: {} {what} (plan {plan}, record {})",
            alarm.metric, alarm.position
        );
        let act = Act { actor: BY.to_owned(), reason: Redacted::default(), at };
        audit::insert(&mut transaction, &act.entry(action)).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The alarms of a plan, in the order in which they became certain.
    pub async fn monitoring_alarms(&self, plan: u64) -> Result<Vec<RaisedAlarm>, StoreError> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT alarm, raised_at FROM monitoring_alarms WHERE plan = $1")
                .bind(plan.cast_signed())
                .fetch_all(&self.pool)
                .await?;
        let mut alarms = rows
            .into_iter()
            .map(|(alarm, at)| {
                Ok(RaisedAlarm { alarm: from_json("alarm", &alarm)?, raised_at: time(at)? })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        let order = |of: &RaisedAlarm| (of.alarm.position, of.alarm.metric, of.alarm.kind);
        alarms.sort_by_key(order);
        Ok(alarms)
    }
}
