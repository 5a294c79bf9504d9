//! The conversation: every question with its answer, and the form for the next question.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use candour_core::Turn;

use crate::failure::Failure;
use crate::page::answer::{AnswerView, FeedbackForm};
use crate::page::ask::marked;
use crate::page::form::Scope;
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
    /// What must be mended.
    mistake: Option<Mistake>,
}

/// What must be mended, and where the error summary leads, if there is anything to lead to.
struct Mistake {
    error: String,
    target: Option<String>,
}

/// The form that the page is shown for.
pub(crate) enum Filled {
    /// That of the next question, which may have to be mended.
    Question(QuestionForm),
    /// That of an answer's feedback, which must be mended.
    Feedback(FeedbackForm),
    /// The choice that the last answer asks for, which was not taken, and whom the answer is to be for.
    Choice(ChoiceError, Scope),
}

impl Filled {
    /// Whom the next answer is to be for, as far as it was chosen.
    fn scope(&self) -> Scope {
        match self {
            Self::Question(form) => form.scope,
            Self::Feedback(form) => form.scope,
            Self::Choice(_, scope) => *scope,
        }
    }
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
    // What was chosen for the last question is chosen for the next.
    let form =
        QuestionForm { scope: Scope::of_query(query.as_deref()), ..QuestionForm::empty(&site) };
    page(&site, &reader, Filled::Question(form)).await
}

/// The page, with what was filled in.
pub(crate) async fn page(
    site: &Site,
    reader: &Reader,
    filled: Filled,
) -> Result<Response, Failure> {
    let turns = match reader.conversation {
        Some(id) => site.database.conversation(id, TURNS).await?,
        None => Vec::new(),
    };
    let mut layout =
        reader.layout_of(site, "/conversation", reader.words().t("conversation-title"));
    layout.has_answer = !turns.is_empty();
    let answers = answers(&layout, &turns, &filled);
    let mistake = mistake(&layout, &filled, answers.last());
    layout.has_error = mistake.is_some();
    let scope = filled.scope();
    let form = match filled {
        Filled::Question(form) => form,
        Filled::Feedback(_) | Filled::Choice(..) => {
            QuestionForm { scope, ..QuestionForm::empty(site) }
        }
    };
    let form = QuestionForm { is_follow_up: true, ..form };
    let page = ConversationPage { answers, l: layout, form, mistake };
    let rendered = render(&page)?;
    Ok(if page.l.has_answer { marked(rendered) } else { rendered.into_response() })
}

fn answers(l: &Layout, turns: &[Turn], filled: &Filled) -> Vec<AnswerView> {
    let view = |(position, turn): (usize, &Turn)| {
        let mut view = AnswerView::new(l, turn, Some(position + 1));
        // Another question has come after the others.
        view.may_choose = position + 1 == turns.len();
        view.scope = filled.scope();
        match filled {
            Filled::Feedback(form) if form.answer == view.id => view.feedback = Some(form.clone()),
            Filled::Choice(error @ ChoiceError::Missing, _) if view.may_choose => {
                view.choice_error = Some(error.words(l));
            }
            _ => {}
        }
        view
    };
    turns.iter().enumerate().map(view).collect()
}

fn mistake(l: &Layout, filled: &Filled, last: Option<&AnswerView>) -> Option<Mistake> {
    let (error, target) = match filled {
        Filled::Question(form) => (form.error.clone()?, Some("question".to_owned())),
        Filled::Feedback(form) => (form.error.clone(), Some(form.target())),
        Filled::Choice(error, _) => (error.words(l), last.map(|last| last.choice_target(*error))),
    };
    Some(Mistake { error, target })
}

impl ChoiceError {
    fn words(self, l: &Layout) -> String {
        match self {
            Self::Missing => l.t("choice-missing"),
            Self::Stale => l.t("choice-stale"),
        }
    }
}
