//! The conversation: every question with its answer, and the form for the next question.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};

use crate::failure::Failure;
use crate::page::answer::{AnswerView, FeedbackForm};
use crate::page::ask::marked;
use crate::page::form::nation_in;
use crate::page::layout::Layout;
use crate::page::question::QuestionForm;
use crate::page::reader::Reader;
use crate::page::render;
use crate::site::Site;

/// The most turns that are shown. Who asks more has the latest before them.
const TURNS: u32 = 100;

/// The conversation page.
#[derive(Template)]
#[template(path = "conversation.html")]
struct ConversationPage {
    l: Layout,
    answers: Vec<AnswerView>,
    form: QuestionForm,
    feedback_error: Option<FeedbackForm>,
    choice_error: Option<String>,
    /// Where the error summary leads for it, if there is anything to mend.
    choice_target: Option<String>,
}

/// Why a choice was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChoiceError {
    /// Nothing was chosen of what the last answer offers.
    Missing,
    /// The last answer is another one by now, or asks for no choice.
    Stale,
}

/// `GET /conversation`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    reader: Reader,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    // The nation that was chosen for the last question is chosen for the next.
    let form = QuestionForm { nation: nation_in(query.as_deref()), ..QuestionForm::empty(&site) };
    page(&site, &reader, Some(form), None, None).await
}

/// The page, with a form that must be mended where there is one: that of the next question, that of an
/// answer's feedback, or the choice that the last answer asks for.
pub(crate) async fn page(
    site: &Site,
    reader: &Reader,
    form: Option<QuestionForm>,
    feedback_error: Option<FeedbackForm>,
    choice_error: Option<ChoiceError>,
) -> Result<Response, Failure> {
    let turns = match reader.conversation {
        Some(id) => site.database.conversation(id, TURNS).await?,
        None => Vec::new(),
    };
    let mut layout =
        reader.layout_of(site, "/conversation", reader.words().t("conversation-title"));
    layout.has_answer = !turns.is_empty();
    let mut form = form.unwrap_or_else(|| QuestionForm::empty(site));
    form.is_follow_up = true;
    layout.has_error = form.error.is_some() || feedback_error.is_some() || choice_error.is_some();
    let last = turns.len();
    let answers = turns.iter().enumerate().map(|(position, turn)| {
        let mut view = AnswerView::new(&layout, turn, Some(position + 1));
        view.feedback = feedback_error.as_ref().filter(|error| error.answer == view.id).cloned();
        // Another question has come after the others.
        view.may_choose = position + 1 == last;
        let is_missing = view.may_choose && choice_error == Some(ChoiceError::Missing);
        view.choice_error = is_missing.then(|| reader.words().t("choice-missing"));
        view
    });
    let answers: Vec<AnswerView> = answers.collect();
    let choice_target = choice_error.and_then(|error| Some(answers.last()?.choice_target(error)));
    let choice_error = choice_error.map(|error| match error {
        ChoiceError::Missing => reader.words().t("choice-missing"),
        ChoiceError::Stale => reader.words().t("choice-stale"),
    });
    let page =
        ConversationPage { answers, l: layout, form, feedback_error, choice_error, choice_target };
    let rendered = render(&page)?;
    Ok(if page.l.has_answer { marked(rendered) } else { rendered.into_response() })
}
