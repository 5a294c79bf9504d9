//! The pages, for the public and in `staff` for those who run the service: one file a page, with what it shows and what it does.
//!
//! Markup is in `templates/`, words are in `locales/`. Every page is complete without JavaScript.

pub(crate) mod about;
pub(crate) mod accessibility;
mod answer;
pub(crate) mod ask;
mod contact;
pub(crate) mod conversation;
pub(crate) mod cookies;
pub(crate) mod delete;
pub(crate) mod failure;
pub(crate) mod feedback;
mod form;
mod layout;
mod link;
pub(crate) mod privacy;
pub(crate) mod question;
mod reader;
pub(crate) mod staff;
#[cfg(test)]
mod tests;

use askama::Template;
use axum::response::Html;

use crate::failure::{Code, Failure};

pub(crate) use reader::take_turn;

/// A page as a response.
fn render(page: &impl Template) -> Result<Html<String>, Failure> {
    page.render().map(Html).map_err(|error| {
        tracing::error!(%error, "a page could not be rendered");
        Code::Internal.into()
    })
}
