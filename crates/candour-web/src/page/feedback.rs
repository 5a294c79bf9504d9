//! What a reader thinks of an answer: the form is on the answer, the thanks are a page.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use candour_core::{AnswerId, Feedback, FeedbackVerdict};
use jiff::Timestamp;

use crate::failure::{Code, Dressed, Failure};
use crate::page::answer::FeedbackForm;
use crate::page::conversation::Filled;
use crate::page::form::{Form, Scope};
use crate::page::layout::Layout;
use crate::page::reader::Reader;
use crate::page::{conversation, render};
use crate::site::Site;

/// The longest comment, in characters.
pub(crate) const COMMENT_LIMIT: usize = 2000;

/// The page of thanks.
#[derive(Template)]
#[template(path = "feedback_thanks.html")]
struct ThanksPage {
    l: Layout,
    /// What goes back to the conversation, to be chosen for the next question.
    query: String,
}

/// `POST /feedback`
pub(crate) async fn give(
    State(site): State<Arc<Site>>,
    reader: Reader,
    form: Form,
) -> Result<Response, Failure> {
    reader.take_turn(&site)?;
    let answer =
        AnswerId::parse(form.text("answer")).ok_or_else(|| Failure::from(Code::AnswerNotFound))?;
    let comment = form.text("comment").replace("\r\n", "\n");
    let verdict = verdict(form.text("verdict"));
    let words = reader.words();
    let is_about_comment = comment.chars().count() > COMMENT_LIMIT;
    let error = if is_about_comment {
        words.n("feedback-too-long", "limit", COMMENT_LIMIT)
    } else if let Some(verdict) = verdict {
        record(&site, answer, verdict, &comment).await?;
        let thanks = reader.language.href("/feedback/thanks");
        return Ok(Redirect::to(&format!("{thanks}{}", form.scope().query())).into_response());
    } else {
        words.t("feedback-choose")
    };
    let filled = FeedbackForm {
        answer: answer.to_string(),
        verdict: form.text("verdict").to_owned(),
        comment,
        error,
        scope: form.scope(),
        is_about_comment,
    };
    let page = conversation::page(&site, &reader, Filled::Feedback(filled)).await?;
    let mut response = (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    response.extensions_mut().insert(Dressed);
    Ok(response)
}

/// `GET /feedback/thanks`
pub(crate) async fn thanks(
    State(site): State<Arc<Site>>,
    reader: Reader,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, Failure> {
    let query = Scope::of_query(query.as_deref()).query();
    render(&ThanksPage { l: reader.layout(&site, reader.words().t("thanks-title")), query })
}

/// Keeps a verdict, with personal data in the comment masked.
pub(crate) async fn record(
    site: &Site,
    answer: AnswerId,
    verdict: FeedbackVerdict,
    comment: &str,
) -> Result<(), Failure> {
    let comment = site.assistant.redact(comment);
    let feedback = Feedback { answer, verdict, comment, given_at: Timestamp::now() };
    let is_known = site.database.record_feedback(&feedback).await?;
    if is_known { Ok(()) } else { Err(Code::AnswerNotFound.into()) }
}

fn verdict(key: &str) -> Option<FeedbackVerdict> {
    match key {
        "useful" => Some(FeedbackVerdict::Useful),
        "not_useful" => Some(FeedbackVerdict::NotUseful),
        "wrong" => Some(FeedbackVerdict::Wrong),
        _ => None,
    }
}
