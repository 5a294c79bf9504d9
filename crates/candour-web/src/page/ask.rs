//! A question that is sent from a page: answered, kept, and shown on the conversation page.

use std::sync::Arc;

use askama::Template as _;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use candour_core::AnswerId;
use serde_json::{Value, json};

use crate::asking::{self, NewQuestion, Thread};
use crate::cookie;
use crate::failure::{Code, Dressed, Failure};
use crate::page::conversation::{ChoiceError, Filled};
use crate::page::form::{Form, Scope};
use crate::page::question::QuestionForm;
use crate::page::reader::Reader;
use crate::page::{answer, conversation, question};
use crate::rate::Asker;
use crate::site::Site;
use crate::stream::stream as stream_answer;

/// `POST /ask`
pub(crate) async fn ask(
    State(site): State<Arc<Site>>,
    reader: Reader,
    form: Form,
) -> Result<Response, Failure> {
    reader.take_turn(&site)?;
    let thread = asking::thread(&site, reader.conversation).await?;
    let scope = form.scope();
    if let Some(error) = choice_error(&thread, &form) {
        return Ok(mended(conversation::page(&site, &reader, Filled::Choice(error, scope)).await?));
    }
    match asking::ask(&site, thread, new_question(&reader, &form), |_| {}).await {
        Ok(asked) => {
            let there = answer_address(&reader, scope, asked.turn.id);
            let mut response = Redirect::to(&there).into_response();
            if let Some(cookie) = cookie::set(asked.turn.conversation, site.is_https) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            Ok(response)
        }
        Err(failure) => mend(&site, &reader, &form, failure).await,
    }
}

/// `POST /ask/stream`: the same for the script of the page. `done` carries the rendered answer.
pub(crate) async fn stream(
    State(site): State<Arc<Site>>,
    reader: Reader,
    form: Form,
) -> Result<Response, Failure> {
    reader.take_turn(&site)?;
    let thread = asking::thread(&site, reader.conversation).await?;
    if choice_error(&thread, &form).is_some() {
        // The script sends the form again as one without script does, which is told what is wrong.
        return Err(Code::ChoiceNotOffered.into());
    }
    let conversation = thread.id;
    let question = new_question(&reader, &form);
    let scope = form.scope();
    let done = move |site: &Site, asked: asking::Asked| -> Value {
        let fragment = answer::fragment(site, &reader, &asked.turn, scope);
        json!({
            "id": asked.turn.id,
            "url": answer_address(&reader, scope, asked.turn.id),
            "html": fragment.render().unwrap_or_default(),
        })
    };
    // The page shows no more than the words until the whole answer is there.
    let sentence = |sentence: candour_core::AnswerSentence| json!({ "text": sentence.text, "item": sentence.item });
    let mut response = marked(stream_answer(&site, thread, question, None, sentence, done).await?);
    if let Some(cookie) = cookie::set(conversation, site.is_https) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// `GET /ask`: nothing is there to see; who lands here wants to ask.
pub(crate) async fn back(reader: Reader) -> Redirect {
    Redirect::to(&reader.language.href("/"))
}

/// Where an answer is. What was chosen goes along, to be chosen for the next question too; what was
/// assumed, or told by words, does not.
fn answer_address(reader: &Reader, chosen: Scope, answer: AnswerId) -> String {
    let page = reader.language.href("/conversation");
    format!("{page}{}#answer-{answer}", chosen.query())
}

fn new_question(reader: &Reader, form: &Form) -> NewQuestion {
    let Scope { nation, audience } = form.scope();
    NewQuestion {
        text: form.text("question").to_owned(),
        locale: reader.language.locale(),
        nation,
        audience,
        chosen: form.chosen(),
        leads_up: false,
        from: Asker::of_address(reader.address),
    }
}

/// Why a choice is not taken. It is made of the last answer, and of none that another question came after.
fn choice_error(thread: &Thread, form: &Form) -> Option<ChoiceError> {
    let answer = form.text("answer");
    if answer.is_empty() {
        None
    } else if !thread.asks_for_choice(answer) {
        Some(ChoiceError::Stale)
    } else if form.chosen().is_none() {
        Some(ChoiceError::Missing)
    } else {
        None
    }
}

/// Shows the form again, with what was typed and what is wrong with it.
async fn mend(
    site: &Site,
    reader: &Reader,
    form: &Form,
    failure: Failure,
) -> Result<Response, Failure> {
    let words = reader.words();
    let limit = site.config.answers.max_question_characters;
    let error = match failure.code {
        Code::QuestionEmpty => words.t("question-empty"),
        Code::QuestionTooLong => words.n("question-too-long", "limit", limit),
        Code::ChoiceNotOffered => {
            let filled = Filled::Choice(ChoiceError::Missing, form.scope());
            return Ok(mended(conversation::page(site, reader, filled).await?));
        }
        _ => return Err(failure),
    };
    let filled = QuestionForm {
        question: form.text("question").to_owned(),
        scope: form.scope(),
        error: Some(error),
        is_follow_up: form.text("follow-up") == "yes",
        ..QuestionForm::empty(site)
    };
    let page = if filled.is_follow_up {
        conversation::page(site, reader, Filled::Question(filled)).await?
    } else {
        question::page(site, reader, filled)?.into_response()
    };
    Ok(mended(page))
}

fn mended(page: Response) -> Response {
    let mut response = (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    response.extensions_mut().insert(Dressed);
    response
}

/// Marks a response as holding an answer.
pub(crate) fn marked(response: impl IntoResponse) -> Response {
    let mut headers = HeaderMap::new();
    let (name, value) = crate::headers::AI_GENERATED;
    headers.insert(name, value);
    (headers, response).into_response()
}
