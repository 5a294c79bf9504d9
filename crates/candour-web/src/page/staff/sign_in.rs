//! Signing in to the staff pages with a key, and signing out. The browser is given a random token; the
//! key itself stays with its holder.

use std::sync::Arc;
use std::time::Instant;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use candour_store::{BearerKey, Key, Role};
use jiff::{SignedDuration, Timestamp};

use crate::asking::random;
use crate::auth::valid_key;
use crate::cookie;
use crate::failure::{Code, Dressed, Failure};
use crate::page::form::Form;
use crate::page::layout::Layout;
use crate::page::reader::Reader;
use crate::page::render;
use crate::rate::Asker;
use crate::site::Site;

/// How often one address may try to sign in, a minute. An office may share one address, and a key of 256
/// random bits is not found by trying.
const ATTEMPTS: u32 = 60;

/// The page.
#[derive(Template)]
#[template(path = "staff/sign_in.html")]
struct SignInPage {
    l: Layout,
    error: Option<String>,
}

/// `GET /staff/sign-in`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    reader: Reader,
) -> Result<Response, Failure> {
    page(&site, &reader, None)
}

/// `POST /staff/sign-in`
pub(crate) async fn sign_in(
    State(site): State<Arc<Site>>,
    reader: Reader,
    form: Form,
) -> Result<Response, Failure> {
    let asker = Asker::of_address(reader.address);
    site.sign_ins
        .take(&asker, ATTEMPTS, Instant::now())
        .map_err(|wait| Failure::wait(Code::TooManySignIns, wait))?;
    let Some(key) = staff_key(&site, form.text("key")).await? else {
        tracing::warn!("somebody tried to sign in to the staff pages without a key for them");
        let mut response = page(&site, &reader, Some(reader.words().t("sign-in-wrong")))?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        response.extensions_mut().insert(Dressed);
        return Ok(response);
    };
    let token = token()?;
    let (now, hours) = (Timestamp::now(), site.config.store.staff_session_hours);
    let ends_at = now + SignedDuration::from_hours(i64::from(hours));
    site.database.begin_session(&token, &key, now, ends_at).await?;
    let mut response = Redirect::to(&reader.language.href("/staff")).into_response();
    if let Some(cookie) = cookie::set_staff(&token, hours, site.is_https) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// `POST /staff/sign-out`
pub(crate) async fn sign_out(
    State(site): State<Arc<Site>>,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    if let Some(token) = cookie::staff_token(&headers) {
        site.database.end_session(token).await?;
    }
    let mut response = Redirect::to(&reader.language.href("/staff/sign-in")).into_response();
    if let Some(cookie) = cookie::clear_staff(site.is_https) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The key that was typed, if it is one that opens these pages.
async fn staff_key(site: &Site, typed: &str) -> Result<Option<Key>, Failure> {
    let Some(bearer) = BearerKey::parse(typed.trim()) else { return Ok(None) };
    match valid_key(site, &bearer).await {
        Ok(key) => Ok(Some(key).filter(|key| key.grant.role >= Role::Staff)),
        Err(failure) if failure.code == Code::KeyInvalid => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// 256 random bits in hexadecimal digits.
fn token() -> Result<String, Failure> {
    let halves = [random()?, random()?];
    Ok(halves.map(|half| format!("{:032x}", u128::from_be_bytes(half))).concat())
}

fn page(site: &Site, reader: &Reader, error: Option<String>) -> Result<Response, Failure> {
    let mut l = reader.layout_of(site, "/staff/sign-in", reader.words().t("sign-in-title"));
    l.has_error = error.is_some();
    Ok(render(&SignInPage { l, error })?.into_response())
}
