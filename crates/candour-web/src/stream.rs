//! An answer as it comes: server-sent events, shared by the API and the pages.
//!
//! `stage` and `sentence` events while the answer is made, then one `done`, or one `error`. What
//! `done` carries is left to whoever streams. A reader who goes away loses nothing: the turn is kept, and
//! programs are told in a first event, `conversation`, what to delete. A page is not: its cookie names the
//! conversation, and scripts cannot read that. Either may delete it before the answer is there, so that it
//! is begun in the store first.

use std::convert::Infallible;
use std::sync::Arc;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::UnboundedReceiverStream;

use crate::asking::{self, Asked, NewQuestion, Thread, Told};
use crate::failure::{Code, Failure};
use crate::site::Site;
use crate::spans;

/// Streams the answer to a question. A question that is not taken fails before the stream begins.
pub(crate) async fn stream(
    site: &Arc<Site>,
    thread: Thread,
    question: NewQuestion,
    conversation: Option<Value>,
    sentence: fn(candour_core::AnswerSentence) -> Value,
    done: impl FnOnce(&Site, Asked) -> Value + Send + 'static,
) -> Result<Response, Failure> {
    // Unbounded, because an answer has some dozens of events and the sender must never wait.
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let site = Arc::clone(site);
    let thread = thread.begun(&site).await?;
    let id = thread.id;
    let tasks = site.tasks.clone();
    tasks.spawn(spans::carried(async move {
        let told = sender.clone();
        let asking = asking::ask(&site, thread, question, move |what| tell(&told, what, sentence));
        let last = match asking.await {
            Ok(asked) => Step::Event("done", done(&site, asked)),
            Err(failure) => {
                asking::abandon(&site, id).await;
                Step::Failed(failure)
            }
        };
        // Whoever has gone away needs no last word.
        let _ = sender.send(last);
    }));
    let named = conversation.map(|named| Step::Event("conversation", named));
    let beginning = beginning(&mut receiver).await?;
    let steps = tokio_stream::iter(named)
        .chain(tokio_stream::iter(beginning))
        .chain(UnboundedReceiverStream::new(receiver));
    let events = steps.map(|step| Ok::<_, Infallible>(step.event()));
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

/// The steps until it is sure that the question is taken: until the guidance has been searched.
async fn beginning(receiver: &mut UnboundedReceiver<Step>) -> Result<Vec<Step>, Failure> {
    let mut steps = Vec::new();
    loop {
        match receiver.recv().await {
            Some(Step::Failed(failure)) => return Err(failure),
            Some(step) => {
                let is_early = matches!(&step, Step::Event("stage", body)
                    if body["stage"] == "screen" || body["stage"] == "route");
                steps.push(step);
                if !is_early {
                    return Ok(steps);
                }
            }
            None => return Err(Code::Internal.into()),
        }
    }
}

enum Step {
    Event(&'static str, Value),
    Failed(Failure),
}

impl Step {
    fn event(self) -> Event {
        match self {
            Self::Event(name, body) => event(name, &body),
            Self::Failed(failure) => event("error", &failure.body()),
        }
    }
}

fn event(name: &str, body: &impl Serialize) -> Event {
    Event::default().event(name).data(serde_json::to_string(body).unwrap_or_default())
}

fn tell(
    sender: &UnboundedSender<Step>,
    told: Told,
    sentence: fn(candour_core::AnswerSentence) -> Value,
) {
    let step = match told {
        Told::Stage { name, milliseconds } => {
            Step::Event("stage", json!({ "stage": name, "ms": milliseconds }))
        }
        Told::Sentence(what) => Step::Event("sentence", sentence(what)),
    };
    let _ = sender.send(step);
}
