//! One review: how far it has come, the forms that take the next answer, and what its reader has labelled.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::{Html, Redirect};
use candour_evals::review::is_swapped;
use candour_store::{Job, Review, ReviewLabel};
use jiff::Timestamp;

use super::figures::Standing;
use super::{Wording, review};
use crate::failure::Failure;
use crate::page::form::Form;
use crate::page::layout::Layout;
use crate::page::render;
use crate::page::staff::{Staff, name};
use crate::site::Site;

/// The page.
#[derive(Template)]
#[template(path = "staff/review/one.html")]
struct ReviewPage {
    l: Layout,
    href: String,
    question: Wording,
    labels: Vec<Wording>,
    is_open: bool,
    closed_at: Option<String>,
    facts: Vec<(String, String)>,
    agreement: Vec<(String, String)>,
    /// Why no agreement is shown.
    no_agreement: Option<String>,
    has_next: bool,
    may_settle: bool,
    mine: Vec<Mine>,
    /// What became of the label that was sent last, where it was not kept.
    notice: Option<String>,
}

/// Something that this person said.
struct Mine {
    href: String,
    number: u32,
    label: Wording,
}

/// `GET /staff/reviews/{name}`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    staff: Staff,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, Failure> {
    let review = review(&site, &name).await?;
    let standing = Standing::of(&site, &staff, &review).await?;
    let l = staff.layout(&site, review.name.clone());
    let notice = match Form::of_query(query.as_deref()).text("notice") {
        "late" => Some(l.t("review-late")),
        "settled" => Some(l.t("review-settled")),
        _ => None,
    };
    let about = &review.about;
    let labels =
        about.labels.iter().map(|possible| Wording::label(&l, about, &possible.label, false));
    render(&ReviewPage {
        href: l.href(&format!("/staff/reviews/{}", review.name)),
        question: Wording::question(&l, about),
        labels: labels.collect(),
        is_open: review.closed_at.is_none(),
        closed_at: review.closed_at.map(name::moment),
        facts: facts(&l, &standing),
        no_agreement: standing.agreement.missing(&l),
        agreement: standing.agreement.facts(&l),
        has_next: standing.has_next,
        may_settle: standing.may_settle,
        mine: mine(&l, &review, &standing.labels, &staff.key.grant.name),
        notice,
        l,
    })
}

fn facts(l: &Layout, standing: &Standing) -> Vec<(String, String)> {
    let progress = &standing.progress;
    vec![
        (l.t("review-given"), format!("{} / {}", progress.given, progress.wanted)),
        (l.t("review-drawn"), progress.drawn.to_string()),
        (l.t("review-people"), progress.people.to_string()),
        (l.t("review-skipped"), progress.skipped.to_string()),
        (l.t("review-unsettled"), progress.unsettled.to_string()),
    ]
}

fn mine(l: &Layout, review: &Review, labels: &[ReviewLabel], person: &str) -> Vec<Mine> {
    let own = labels.iter().filter(|label| label.person == person);
    let view = |own: &ReviewLabel| Mine {
        href: l.href(&format!("/staff/reviews/{}/answers/{}", review.name, own.position)),
        number: own.position,
        label: match &own.label {
            Some(label) => {
                let is_swapped = is_swapped(review.about.seed, &own.answer, person);
                Wording::label(l, &review.about, label, is_swapped)
            }
            None => Wording::of_page(l.t("review-cannot-tell")),
        },
    };
    own.map(view).collect()
}

/// `POST /staff/reviews/{name}/next`
pub(crate) async fn label_next(
    State(site): State<Arc<Site>>,
    staff: Staff,
    Path(name): Path<String>,
) -> Result<Redirect, Failure> {
    take(&site, &staff, &review(&site, &name).await?, Job::Label).await
}

/// `POST /staff/reviews/{name}/settle`
pub(crate) async fn settle_next(
    State(site): State<Arc<Site>>,
    staff: Staff,
    Path(name): Path<String>,
) -> Result<Redirect, Failure> {
    take(&site, &staff, &review(&site, &name).await?, Job::Settle).await
}

/// Takes the next answer and leads to it, or back to the review where there is none. The address ends
/// where the answer begins, so that the next key of whoever uses a keyboard reaches the first choice.
pub(super) async fn take(
    site: &Site,
    staff: &Staff,
    review: &Review,
    job: Job,
) -> Result<Redirect, Failure> {
    let (person, now) = (&staff.key.grant.name, Timestamp::now());
    let next = site.database.take_answer(&review.name, person, job, now).await?;
    let path = format!("/staff/reviews/{}", review.name);
    let path = match next {
        Some(position) => format!("{path}/answers/{position}#seen"),
        None => path,
    };
    Ok(Redirect::to(&staff.reader.language.href(&path)))
}
