//! The overview: how many questions, what became of them, how long answers take, what was dropped, what
//! readers think, what models cost.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Html;
use candour_core::{AnswerStatus, FeedbackVerdict};
use candour_store::DayCount;
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan as _};

use crate::failure::Failure;
use crate::page::form::Form;
use crate::page::layout::Layout;
use crate::page::render;
use crate::page::staff::{Staff, figure, name};
use crate::site::Site;
use crate::trace::Trace;

/// The periods that can be chosen, in days. The first is shown where none is.
const PERIODS: [u8; 3] = [7, 30, 90];

/// Of how many answers it is read how they came about: enough for a 95th percentile, and soon read.
const TRACES: u32 = 1000;

/// The page.
#[derive(Template)]
#[template(path = "staff/overview.html")]
struct OverviewPage {
    l: Layout,
    /// The periods that can be chosen: address, words, whether it is this one.
    periods: Vec<(String, String, bool)>,
    statuses: Vec<String>,
    days: Vec<DayRow>,
    totals: Vec<u64>,
    /// Of how many answers the figures below are.
    traced: usize,
    stages: Vec<[String; 4]>,
    /// Code, what it means, how many.
    dropped: Vec<(String, String, u64)>,
    verdicts: Vec<(String, u64)>,
    models: Vec<[String; 5]>,
}

/// One day, with the number of answers of each kind and of all.
struct DayRow {
    day: String,
    counts: Vec<u64>,
}

/// `GET /staff`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, Failure> {
    let l = staff.layout(&site, staff.t("staff-overview-title"));
    let chosen: u8 = Form::of_query(query.as_deref()).text("days").parse().unwrap_or_default();
    let period = PERIODS.into_iter().find(|days| *days == chosen).unwrap_or(PERIODS[0]);
    let today = Offset::UTC.to_datetime(Timestamp::now()).date();
    let first = today.saturating_sub((i64::from(period) - 1).days());
    let since = Offset::UTC.to_timestamp(first.at(0, 0, 0, 0)).unwrap_or(Timestamp::MIN);
    let days = day_rows(first, period.into(), &site.database.answers_by_day(since).await?);
    let verdicts = site.database.verdicts(since).await?;
    let traces = site.database.traces(since, TRACES).await?;
    let traces: Vec<Trace> = traces.into_iter().map(|of| Trace::read(of.trace)).collect();
    render(&OverviewPage {
        periods: periods(&l, period),
        statuses: AnswerStatus::ALL.map(|status| name::status(&l, status)).into(),
        totals: totals(&days),
        days,
        traced: traces.len(),
        stages: stages(&l, &traces),
        dropped: dropped(&l, &traces),
        verdicts: verdict_rows(&l, &verdicts),
        models: models(&l, &traces),
        l,
    })
}

fn periods(l: &Layout, chosen: u8) -> Vec<(String, String, bool)> {
    let period = |days: u8| {
        let href = format!("{}?days={days}", l.href("/staff"));
        (href, l.n("overview-period", "days", usize::from(days)), days == chosen)
    };
    PERIODS.map(period).into()
}

/// A row for each day, the latest first; nothing where there was no question on any.
fn day_rows(first: Date, days: usize, counts: &[DayCount]) -> Vec<DayRow> {
    if counts.is_empty() {
        return Vec::new();
    }
    let row = |day: Date| {
        let of = |status: AnswerStatus| {
            let found = counts.iter().find(|count| count.day == day && count.status == status);
            found.map_or(0, |count| count.answers)
        };
        let mut counts: Vec<u64> = AnswerStatus::ALL.map(of).into();
        counts.push(counts.iter().sum());
        DayRow { day: day.to_string(), counts }
    };
    let mut rows: Vec<DayRow> = first.series(1.day()).take(days).map(row).collect();
    rows.reverse();
    rows
}

fn totals(days: &[DayRow]) -> Vec<u64> {
    (0..=AnswerStatus::ALL.len())
        .map(|column| days.iter().filter_map(|row| row.counts.get(column)).sum())
        .collect()
}

fn stages(l: &Layout, traces: &[Trace]) -> Vec<[String; 4]> {
    let times = figure::stage_times(traces).into_iter();
    let row = |time: figure::StageTime| {
        let ms = |ms: f64| format!("{ms:.1}");
        [name::stage(l, &time.stage), time.answers.to_string(), ms(time.median_ms), ms(time.p95_ms)]
    };
    times.map(row).collect()
}

fn dropped(l: &Layout, traces: &[Trace]) -> Vec<(String, String, u64)> {
    let codes = figure::dropped(traces).into_iter();
    codes.map(|(code, count)| (code.clone(), name::dropped(l, &code), count)).collect()
}

fn verdict_rows(l: &Layout, found: &BTreeMap<FeedbackVerdict, u64>) -> Vec<(String, u64)> {
    if found.is_empty() {
        return Vec::new();
    }
    let count = |verdict: FeedbackVerdict| found.get(&verdict).copied().unwrap_or_default();
    FeedbackVerdict::ALL.map(|verdict| (name::verdict(l, verdict), count(verdict))).into()
}

fn models(l: &Layout, traces: &[Trace]) -> Vec<[String; 5]> {
    let models = figure::models(traces).into_iter();
    let row = |(model, figures): (String, figure::ModelFigures)| {
        [
            model,
            figures.answers.to_string(),
            figures.tokens_in.to_string(),
            figures.tokens_out.to_string(),
            figure::cost(l, figures.micro_pounds),
        ]
    };
    models.map(row).collect()
}
