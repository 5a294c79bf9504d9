//! A chat completion as it comes: each verified sentence is a chunk, and what is known only when the
//! answer is whole comes after them.

use std::convert::Infallible;
use std::sync::Arc;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use candour_core::{Answer, AnswerSentence};
use futures_util::{StreamExt as _, stream as streams};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio_stream::wrappers::UnboundedReceiverStream;

use crate::asking::{self, Asked, Told};
use crate::failure::{Code, Failure};
use crate::openai::error;
use crate::openai::reply::{Heading, Usage, finish_reason};
use crate::openai::request::Chat;
use crate::plain::{self, Plain};
use crate::site::Site;
use crate::spans;

/// What comes while an answer is made.
enum Step {
    Sentence(AnswerSentence),
    Done(Box<Asked>),
    Failed(Failure),
}

/// Streams the answer. A question that is not taken fails before the stream begins.
pub(super) async fn stream(site: &Arc<Site>, chat: Chat) -> Result<Response, Failure> {
    let mut writer = Writer {
        site: Arc::clone(site),
        heading: Heading::new(&chat.thread.id.to_string(), Timestamp::now()),
        plain: Plain::default(),
        prompt_bytes: chat.bytes,
        completion_bytes: 0,
        tells_usage: chat.tells_usage,
        has_begun: false,
    };
    let mut receiver = answer(site, chat);
    let first = match receiver.recv().await {
        Some(Step::Failed(failure)) => return Err(failure),
        Some(step) => step,
        None => return Err(Code::Internal.into()),
    };
    let begun = writer.begin();
    let steps = streams::iter([first]).chain(UnboundedReceiverStream::new(receiver));
    let events = steps.flat_map(move |step| streams::iter(writer.events(step)));
    let events = streams::iter([begun]).chain(events).map(Ok::<_, Infallible>);
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

/// Has the question answered beside the request.
fn answer(site: &Arc<Site>, chat: Chat) -> UnboundedReceiver<Step> {
    // Unbounded, because an answer has some dozens of events and the sender must never wait.
    let (sender, receiver) = mpsc::unbounded_channel();
    let asked_of = Arc::clone(site);
    site.tasks.spawn(spans::carried(async move {
        let told = sender.clone();
        let asking =
            asking::ask(&asked_of, chat.thread, chat.question, move |what| tell(&told, what));
        // Nothing is kept of it, so that nobody pays for what nobody waits for.
        let last = tokio::select! {
            asked = asking => match asked {
                Ok(asked) => Step::Done(Box::new(asked)),
                Err(failure) => Step::Failed(failure),
            },
            () = sender.closed() => return,
        };
        // Whoever has gone away needs no last word.
        let _ = sender.send(last);
    }));
    receiver
}

fn tell(sender: &UnboundedSender<Step>, told: Told) {
    if let Told::Sentence(sentence) = told {
        let _ = sender.send(Step::Sentence(sentence));
    }
}

/// Writes the chunks of one completion.
struct Writer {
    site: Arc<Site>,
    heading: Heading,
    plain: Plain,
    prompt_bytes: usize,
    completion_bytes: usize,
    tells_usage: bool,
    /// Whether a sentence was sent. Where someone may be in danger none is, so that whom to call comes
    /// first.
    has_begun: bool,
}

/// A piece of a completion.
#[derive(Serialize)]
struct Chunk<'a> {
    #[serde(flatten)]
    heading: &'a Heading,
    object: &'static str,
    choices: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Value>,
}

impl Writer {
    fn begin(&self) -> Event {
        self.choice(&json!({"role": "assistant", "content": ""}), None)
    }

    fn events(&mut self, step: Step) -> Vec<Event> {
        match step {
            Step::Sentence(sentence) => {
                self.has_begun = true;
                let text = self.plain.sentence(&sentence);
                vec![self.text(&text)]
            }
            Step::Done(asked) => self.end(&asked),
            // Once words were sent, only the stream itself can say that it broke off.
            Step::Failed(failure) => {
                vec![data(&error::shape(&failure).1), Event::default().data("[DONE]")]
            }
        }
    }

    fn end(&mut self, asked: &Asked) -> Vec<Event> {
        let answer = &asked.turn.answer;
        let text =
            if self.has_begun { self.rest(answer) } else { plain::text(&self.site.config, answer) };
        self.heading.answered_from(answer);
        let mut events = vec![self.text(&text)];
        let usage = Usage::of(asked.usage, self.prompt_bytes, self.completion_bytes);
        // Whoever did not ask for a chunk of its own reads it with the reason why the text ends.
        let (with_reason, last) =
            if self.tells_usage { (None, Some(usage)) } else { (Some(usage), None) };
        let reason = choice(&json!({}), Some(finish_reason(answer)));
        events.push(self.chunk(vec![reason], with_reason));
        events.extend(last.map(|usage| self.chunk(Vec::new(), Some(usage))));
        events.push(Event::default().data("[DONE]"));
        events
    }

    /// What is left to say after the sentences.
    fn rest(&self, answer: &Answer) -> String {
        let opening = plain::opening(answer);
        let gap = if opening.is_empty() { "" } else { "\n" };
        [gap, &opening, &self.plain.closing(&self.site.config, answer)].concat()
    }

    fn text(&mut self, text: &str) -> Event {
        self.completion_bytes += text.len();
        self.choice(&json!({ "content": text }), None)
    }

    fn choice(&self, delta: &Value, finish_reason: Option<&str>) -> Event {
        self.chunk(vec![choice(delta, finish_reason)], None)
    }

    /// Where the usage was asked for, every chunk but the last says that it has none.
    fn chunk(&self, choices: Vec<Value>, usage: Option<Usage>) -> Event {
        let usage = (self.tells_usage || usage.is_some()).then(|| json!(usage));
        let object = "chat.completion.chunk";
        data(&Chunk { heading: &self.heading, object, choices, usage })
    }
}

fn choice(delta: &Value, finish_reason: Option<&str>) -> Value {
    json!({"index": 0, "delta": delta, "finish_reason": finish_reason})
}

/// Our shapes have string keys only, so that they can always be written.
fn data(body: &impl Serialize) -> Event {
    Event::default().data(serde_json::to_string(body).unwrap_or_default())
}
