//! How the answers do while the pilot runs: the plan, each metric with its interval, and alarms.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Html;
use candour_core::{AlarmKind, Side};
use candour_evals::monitoring::{
    Counts, Figure, Kept, Point, Reference, State as Verdict, Threshold,
};
use candour_store::{MonitoringPlan, RaisedAlarm};

use crate::failure::Failure;
use crate::page::form::Form;
use crate::page::layout::Layout;
use crate::page::render;
use crate::page::staff::chart::{Chart, HEIGHT, WIDTH};
use crate::page::staff::{Staff, name};
use crate::site::Site;

/// The page.
#[derive(Template)]
#[template(path = "staff/monitoring.html")]
struct MonitoringPage {
    l: Layout,
    is_none_open: bool,
    plan: Option<PlanView>,
    /// Why there are no figures.
    broken: Option<String>,
    metrics: Vec<MetricView>,
    alarms: Vec<AlarmView>,
    plans: Vec<ListedPlan>,
    width: f64,
    height: f64,
}

/// The plan that is shown: what it is called, and rows of what there is to say of it.
struct PlanView {
    title: String,
    rows: Vec<(String, String)>,
}

/// One metric.
struct MetricView {
    key: &'static str,
    name: String,
    scores: u64,
    mean: String,
    interval: String,
    threshold: String,
    state: String,
    is_broken: bool,
    drift: String,
    has_changed: bool,
    chart: Option<Chart>,
    points: Vec<[String; 4]>,
}

/// One alarm.
struct AlarmView {
    what: String,
    certain: String,
    mean: String,
    raised_at: String,
}

/// One of all plans.
struct ListedPlan {
    href: String,
    number: u64,
    started_at: String,
    closed_at: Option<String>,
    hash: String,
    is_shown: bool,
}

/// `GET /staff/monitoring`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, Failure> {
    let l = staff.layout(&site, staff.t("staff-monitoring-title"));
    let plans = site.database.monitoring_plans().await?;
    let wanted = Form::of_query(query.as_deref()).text("plan").parse::<u64>().ok();
    let shown = plans.iter().find(|plan| Some(plan.number) == wanted).or_else(|| plans.first());
    let mut page = MonitoringPage {
        is_none_open: plans.iter().all(|plan| plan.closed.is_some()),
        plan: None,
        broken: None,
        metrics: Vec::new(),
        alarms: Vec::new(),
        plans: plans.iter().map(|plan| listed(&l, plan, shown)).collect(),
        width: WIDTH,
        height: HEIGHT,
        l,
    };
    let Some(of) = shown else { return render(&page) };
    let read = async {
        if of.closed.is_none() {
            return site.monitor.read(&site, of, |kept| view(&page.l, kept)).await;
        }
        Ok(view(&page.l, &Kept::read(&site.database, of).await?))
    };
    let (mut rows, metrics) = match read.await {
        Ok(told) => told,
        Err(error) => {
            page.broken = Some(error.to_string());
            (Vec::new(), Vec::new())
        }
    };
    page.metrics = metrics;
    page.alarms = alarms(&page.l, site.database.monitoring_alarms(of.number).await?);
    let mut all = about(&page.l, of);
    all.append(&mut rows);
    all.extend(counts(&page.l, &Counts::of(&site.database, of).await?));
    let title = page.l.t1("monitoring-plan", "number", &of.number);
    page.plan = Some(PlanView { title, rows: all });
    render(&page)
}

fn listed(l: &Layout, plan: &MonitoringPlan, shown: Option<&MonitoringPlan>) -> ListedPlan {
    ListedPlan {
        href: format!("{}?plan={}", l.href("/staff/monitoring"), plan.number),
        number: plan.number,
        started_at: name::moment(plan.started_at),
        closed_at: plan.closed.as_ref().map(|closed| name::moment(closed.closing.closed_at)),
        hash: plan.hash.short().to_owned(),
        is_shown: shown.is_some_and(|shown| shown.number == plan.number),
    }
}

/// What is known of a plan without reading it.
fn about(l: &Layout, of: &MonitoringPlan) -> Vec<(String, String)> {
    let mut rows = vec![
        (l.t("monitoring-hash"), of.hash.to_string()),
        (l.t("monitoring-log"), of.log_position.to_string()),
        (l.t("monitoring-since"), name::moment(of.started_at)),
        (l.t("monitoring-by"), of.started_by.clone()),
    ];
    if let Some(closed) = &of.closed {
        rows.push((l.t("monitoring-closed"), name::moment(closed.closing.closed_at)));
        rows.push((l.t("monitoring-why"), closed.closing.reason.to_string()));
    }
    rows
}

/// What the plan says, and what was seen.
fn view(l: &Layout, kept: &Kept) -> (Vec<(String, String)>, Vec<MetricView>) {
    let plan = &kept.plan;
    let usual = match &plan.reference {
        None => l.t("monitoring-usual-none"),
        Some(Reference::Answers { answers, .. }) => {
            l.t1("monitoring-usual-answers", "answers", answers)
        }
        Some(Reference::Run { task, .. }) => l.t1("monitoring-usual-run", "task", task),
    };
    let mut rows = vec![
        (l.t("monitoring-share"), percent(plan.share)),
        (l.t("monitoring-confidence"), percent(1.0 - plan.alpha)),
        (l.t("monitoring-usual-from"), usual),
    ];
    if !plan.quotes_only_on.is_empty() {
        let names = plan.quotes_only_on.iter().map(|metric| name::metric(l, *metric));
        rows.push((l.t("monitoring-quotes"), names.collect::<Vec<_>>().join(", ")));
    }
    let figures = kept.watch.figures().into_iter();
    let metrics = figures.map(|figure| metric(l, &figure, &kept.watch.points(figure.metric)));
    (rows, metrics.collect())
}

fn metric(l: &Layout, figure: &Figure, points: &[Point]) -> MetricView {
    let has_scores = figure.scores > 0;
    let interval = figure.interval;
    let known = |text: String| if has_scores { text } else { String::new() };
    MetricView {
        key: figure.metric.key(),
        name: name::metric(l, figure.metric),
        scores: figure.scores,
        mean: known(percent(interval.value)),
        interval: known(format!("{} – {}", percent(interval.low), percent(interval.high))),
        threshold: figure.threshold.map(|limit| threshold(l, limit)).unwrap_or_default(),
        state: name::state(l, figure.state),
        is_broken: figure.state == Verdict::Broken,
        drift: match figure.drift {
            None => l.t("monitoring-drift-none"),
            Some(drift) if drift.has_changed => l.t("monitoring-drift-changed"),
            Some(_) => l.t("monitoring-drift-quiet"),
        },
        has_changed: figure.drift.is_some_and(|drift| drift.has_changed),
        chart: Chart::of(points, figure.threshold),
        points: points.iter().map(point).collect(),
    }
}

fn point(point: &Point) -> [String; 4] {
    let interval = point.interval;
    let shares = [interval.value, interval.low, interval.high].map(percent);
    let [mean, low, high] = shares;
    [point.scores.to_string(), mean, low, high]
}

fn threshold(l: &Layout, Threshold { side, value }: Threshold) -> String {
    match side {
        Side::AtLeast => l.t1("monitoring-at-least", "share", &percent(value)),
        Side::AtMost => l.t1("monitoring-at-most", "share", &percent(value)),
    }
}

fn alarms(l: &Layout, raised: Vec<RaisedAlarm>) -> Vec<AlarmView> {
    let view = |RaisedAlarm { alarm, raised_at }: RaisedAlarm| {
        let metric = name::metric(l, alarm.metric);
        AlarmView {
            what: match alarm.kind {
                AlarmKind::Threshold => l.t1("monitoring-alarm-threshold", "metric", &metric),
                AlarmKind::Drift => l.t1("monitoring-alarm-drift", "metric", &metric),
            },
            certain: l.t1("monitoring-alarm-at", "scores", &alarm.scores),
            mean: percent(alarm.value),
            raised_at: name::moment(raised_at),
        }
    };
    raised.into_iter().map(view).collect()
}

fn counts(l: &Layout, counts: &Counts) -> [(String, String); 5] {
    [
        (l.t("monitoring-answers"), counts.given),
        (l.t("monitoring-looked"), counts.looked_at),
        (l.t("monitoring-waiting"), counts.not_decided),
        (l.t("monitoring-unreadable"), counts.unreadable),
        (l.t("monitoring-verdicts"), counts.verdicts),
    ]
    .map(|(what, count)| (what, count.to_string()))
}

fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}
