//! The pages for staff: one file a page. None of them is made without a key: `gate` stands before all
//! but the sign-in, and a handler that wants a `Staff` has one only from there.

pub(crate) mod answer;
pub(crate) mod audit;
mod chart;
pub(crate) mod conversations;
pub(crate) mod feedback;
mod figure;
mod list;
pub(crate) mod monitoring;
mod name;
pub(crate) mod overview;
pub(crate) mod review;
pub(crate) mod sign_in;
pub(crate) mod signals;
pub(crate) mod switches;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use candour_core::Redacted;
use candour_store::{AuditEntry, Key, Role};
use jiff::Timestamp;

use crate::cookie;
use crate::failure::{Code, Failure};
use crate::language::Language;
use crate::page::layout::Layout;
use crate::page::reader::Reader;
use crate::site::Site;

/// A member of staff who is signed in.
pub(crate) struct Staff {
    reader: Reader,
    key: Key,
}

impl Staff {
    /// The frame of a page for staff.
    fn layout(&self, site: &Site, title: String) -> Layout {
        let mut layout = self.reader.layout(site, title);
        layout.staff = Some(self.key.grant.name.clone());
        layout
    }

    fn t(&self, key: &str) -> String {
        self.reader.words().t(key)
    }

    fn is_admin(&self) -> bool {
        self.key.grant.role >= Role::Admin
    }

    /// Notes in the audit what is looked at: whoever reads what readers wrote leaves a trace.
    async fn note(&self, site: &Site, action: String) -> Result<(), Failure> {
        let entry = AuditEntry {
            done_at: Timestamp::now(),
            done_by: self.key.grant.name.clone(),
            action,
            reason: Redacted::default(),
        };
        Ok(site.database.note(&entry).await?)
    }
}

/// The key of whoever is signed in, as `gate` found it.
#[derive(Clone)]
struct SignedIn(Key);

/// Lets through who is signed in with a key for staff; all others are asked to sign in.
pub(crate) async fn gate(
    State(site): State<Arc<Site>>,
    mut request: Request,
    next: Next,
) -> Response {
    let token = cookie::staff_token(request.headers());
    let key = match token {
        Some(token) => site.database.session(token, Timestamp::now()).await,
        None => Ok(None),
    };
    match key {
        Ok(Some(key)) if key.grant.role >= Role::Staff => {
            request.extensions_mut().insert(SignedIn(key));
            next.run(request).await
        }
        Ok(_) => {
            let (language, _) = Language::of_path(request.uri().path());
            Redirect::to(&language.href("/staff/sign-in")).into_response()
        }
        Err(error) => Failure::from(error).into_response(),
    }
}

impl FromRequestParts<Arc<Site>> for Staff {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Failure> {
        let Some(SignedIn(key)) = parts.extensions.get::<SignedIn>().cloned() else {
            return Err(Code::KeyMissing.into());
        };
        let Ok(reader) = Reader::from_request_parts(parts, site).await;
        Ok(Self { reader, key })
    }
}
