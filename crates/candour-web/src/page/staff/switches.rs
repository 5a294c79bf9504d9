//! Switches: what is on and off, and for administrators the forms that change it.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use candour_store::{Switch, SwitchState};
use jiff::Timestamp;

use crate::failure::{Code, Dressed, Failure};
use crate::page::form::Form;
use crate::page::layout::Layout;
use crate::page::render;
use crate::page::staff::{Staff, name};
use crate::site::Site;

/// The longest reason, in characters.
const REASON_LIMIT: usize = 500;

/// The page.
#[derive(Template)]
#[template(path = "staff/switches.html")]
struct SwitchesPage {
    l: Layout,
    switches: Vec<SwitchView>,
    is_admin: bool,
    /// Where the error summary leads, and what is wrong there.
    mistake: Option<(String, String)>,
}

/// One switch.
struct SwitchView {
    key: &'static str,
    title: String,
    meaning: String,
    is_on: bool,
    since: Option<String>,
    by: String,
    why: String,
    /// What is wrong with its form.
    error: Option<String>,
    /// What was typed into it.
    reason: String,
}

/// A form that must be mended.
struct Mistake {
    switch: Switch,
    reason: String,
    error: String,
}

/// `GET /staff/switches`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    staff: Staff,
) -> Result<Html<String>, Failure> {
    page(&site, &staff, None).await
}

/// `POST /staff/switches`
pub(crate) async fn set(
    State(site): State<Arc<Site>>,
    staff: Staff,
    form: Form,
) -> Result<Response, Failure> {
    if !staff.is_admin() {
        return Err(Code::RoleMissing.into());
    }
    let switch = Switch::of_key(form.text("switch"));
    let switch = switch.ok_or_else(|| Failure::from(Code::InvalidRequest))?;
    let is_on = match form.text("to") {
        "on" => true,
        "off" => false,
        _ => return Err(Code::InvalidRequest.into()),
    };
    let reason = form.text("reason").trim().to_owned();
    let error = if reason.is_empty() {
        staff.t("switch-reason-missing")
    } else if reason.chars().count() > REASON_LIMIT {
        staff.reader.words().n("switch-reason-long", "limit", REASON_LIMIT)
    } else {
        let state = SwitchState {
            switch,
            is_on,
            reason: site.assistant.redact(&reason),
            set_by: staff.key.grant.name.clone(),
            set_at: Timestamp::now(),
        };
        site.database.set_switch(&state).await?;
        return Ok(Redirect::to(&staff.reader.language.href("/staff/switches")).into_response());
    };
    let page = page(&site, &staff, Some(Mistake { switch, reason, error })).await?;
    let mut response = (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    response.extensions_mut().insert(Dressed);
    Ok(response)
}

async fn page(
    site: &Site,
    staff: &Staff,
    mistake: Option<Mistake>,
) -> Result<Html<String>, Failure> {
    let mut l = staff.layout(site, staff.t("staff-switches-title"));
    l.has_error = mistake.is_some();
    let set = site.database.switches().await?;
    let view = |switch: Switch| {
        let state = set.iter().find(|state| state.switch == switch);
        let mistake = mistake.as_ref().filter(|mistake| mistake.switch == switch);
        let (title, meaning) = match switch {
            Switch::Answers => (l.t("switch-answers"), l.t("switch-answers-text")),
            Switch::Model => (l.t("switch-model"), l.t("switch-model-text")),
        };
        SwitchView {
            key: switch.key(),
            title,
            meaning,
            is_on: state.is_none_or(|state| state.is_on),
            since: state.map(|state| name::moment(state.set_at)),
            by: state.map_or_else(String::new, |state| state.set_by.clone()),
            why: state.map_or_else(String::new, |state| state.reason.to_string()),
            error: mistake.map(|mistake| mistake.error.clone()),
            reason: mistake.map_or_else(String::new, |mistake| mistake.reason.clone()),
        }
    };
    let switches: Vec<SwitchView> = Switch::ALL.into_iter().map(view).collect();
    let mistake =
        mistake.map(|mistake| (format!("reason-{}", mistake.switch.key()), mistake.error));
    render(&SwitchesPage { switches, is_admin: staff.is_admin(), mistake, l })
}
