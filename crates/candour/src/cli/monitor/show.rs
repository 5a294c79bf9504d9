//! `candour monitor show`: what is known of each metric by now, and which alarms there are.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use candour_core::{AlarmKind, Side};
use candour_evals::monitoring::{Counts, Drifting, Figure, Kept, State, Threshold};
use candour_store::{Database, MonitoringPlan, RaisedAlarm};
use clap::Args;
use serde_json::{Value, json};

use super::Which;
use crate::cli::eval::table::{Table, figure, interval};
use crate::cli::terminal;

/// `candour monitor show`.
#[derive(Debug, Args)]
pub(super) struct Show {
    #[command(flatten)]
    which: Which,

    /// Fail where there is an alarm, or no open plan
    #[arg(long)]
    require_quiet: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(super) async fn run(self, database: &Database) -> Result<ExitCode> {
        let plan = self.which.plan(database).await?;
        let kept = Kept::read(database, &plan).await?;
        let counts = Counts::of(database, &plan).await?;
        let raised = database.monitoring_alarms(plan.number).await?;
        if self.json {
            terminal::print_json(&as_json(&plan, &kept, &counts, &raised))?;
        } else {
            terminal::print(&as_text(&plan, &kept, &counts, &raised))?;
        }
        let is_quiet = plan.closed.is_none() && raised.is_empty() && kept.watch.alarms().is_empty();
        Ok(if self.require_quiet && !is_quiet { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

fn as_json(plan: &MonitoringPlan, kept: &Kept, counts: &Counts, raised: &[RaisedAlarm]) -> Value {
    let raised = raised
        .iter()
        .map(|RaisedAlarm { alarm, raised_at }| json!({ "alarm": alarm, "raised_at": raised_at }));
    json!({
        "number": plan.number,
        "hash": plan.hash,
        "log_position": plan.log_position,
        "started_at": plan.started_at,
        "started_by": plan.started_by,
        "closed": plan.closed.as_ref().map(|closed| &closed.closing),
        "plan": kept.plan,
        "answers": counts,
        "figures": kept.watch.figures(),
        "alarms": raised.collect::<Vec<_>>(),
    })
}

/// Writing to a String cannot fail.
fn as_text(plan: &MonitoringPlan, kept: &Kept, counts: &Counts, raised: &[RaisedAlarm]) -> String {
    let mut text = format!(
        "Plan {}, began {} by {}\n{} (log {})\n",
        plan.number, plan.started_at, plan.started_by, plan.hash, plan.log_position
    );
    if let Some(closed) = &plan.closed {
        let closing = &closed.closing;
        let _ = writeln!(text, "closed {}: {}", closing.closed_at, closing.reason);
    }
    let Counts { given, looked_at, not_decided, unreadable, verdicts } = counts;
    let _ = writeln!(
        text,
        "{given} answers given, {looked_at} looked at, {unreadable} unreadable, \
         {not_decided} not decided yet; {verdicts} verdicts of readers\n"
    );
    let header = format!("all at {:.1} %, at any time", (1.0 - kept.plan.alpha) * 100.0);
    let mut table =
        Table::new(&["", "scores", "mean", &header, "threshold", "", "usual", "evidence"]);
    let figures = kept.watch.figures();
    for figure in &figures {
        table.row(row(figure));
    }
    text.push_str(&table.text());
    text.push('\n');
    if figures.iter().any(|figure| figure.drift.is_some()) {
        text.push_str(
            "evidence: what speaks for a change since before the plan, as a share of what is enough to say that there is one\n\n",
        );
    }
    if raised.is_empty() {
        text.push_str("Nothing is surely wrong yet.");
    }
    for RaisedAlarm { alarm, raised_at } in raised {
        let what = match alarm.kind {
            AlarmKind::Threshold => "is surely on the wrong side of its threshold",
            AlarmKind::Drift => "is not what it was before",
        };
        let _ = writeln!(
            text,
            "ALARM  {} {what}: {} of {} scores, {} (record {}, {raised_at})",
            alarm.metric,
            self::figure(alarm.value),
            alarm.scores,
            interval(alarm.low, alarm.high),
            alarm.position,
        );
    }
    text
}

fn row(of: &Figure) -> [String; 8] {
    let has_scores = of.scores > 0;
    let known = |text: String| if has_scores { text } else { String::new() };
    let limit = of.threshold.map(|Threshold { side, value }| match side {
        Side::AtLeast => format!("at least {value}"),
        Side::AtMost => format!("at most {value}"),
    });
    let state = match of.state {
        State::NoThreshold => "",
        State::Waiting => "no score yet",
        State::Quiet => "quiet",
        State::Broken => "SURELY WRONG",
    };
    [
        of.metric.to_string(),
        of.scores.to_string(),
        known(figure(of.interval.value)),
        known(interval(of.interval.low, of.interval.high)),
        limit.unwrap_or_default(),
        state.to_owned(),
        of.drift.map(|drift| interval(drift.usual.low, drift.usual.high)).unwrap_or_default(),
        of.drift.map(evidence).unwrap_or_default(),
    ]
}

/// What speaks for a change, as a share of what is enough.
fn evidence(drift: Drifting) -> String {
    if drift.has_changed {
        return "CHANGED".to_owned();
    }
    format!("{:.1} %", drift.evidence / drift.usual.patience * 100.0)
}
