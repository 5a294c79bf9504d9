//! How an answer is delivered: its pace, how its bytes are laid out, and what breaks on the way.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Frame;
use serde_json::{Value, json};

use crate::frame;
use crate::script::{Fault, Script};

/// The body of a response.
pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// One event of a stream.
pub(crate) struct Event {
    /// The name, where the dialect has names.
    pub(crate) name: &'static str,
    /// The data, or what stands in its place.
    pub(crate) data: String,
    /// Whether it carries something said, which takes time.
    pub(crate) is_token: bool,
}

impl Event {
    pub(crate) fn new(name: &'static str, data: &Value) -> Self {
        Self { name, data: data.to_string(), is_token: false }
    }

    pub(crate) fn token(name: &'static str, data: &Value) -> Self {
        Self { is_token: true, ..Self::new(name, data) }
    }
}

/// How events are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Server-sent events with names, as the Messages API.
    Named,
    /// Server-sent events without names, as chat completions.
    Unnamed,
    /// `application/vnd.amazon.eventstream`.
    Amazon,
}

/// A body that is there at once.
pub(crate) fn whole(text: impl Into<Bytes>) -> Body {
    Full::new(text.into()).map_err(|never| match never {}).boxed_unsync()
}

/// A body of events, as the script says.
pub(crate) fn events(
    events: impl Iterator<Item = Event> + Send + 'static,
    framing: Framing,
    script: &Script,
) -> Body {
    let delivery = Delivery {
        events: Box::new(events),
        framing,
        script: script.clone(),
        sent: 0,
        pending: VecDeque::new(),
        end: None,
    };
    let frames = stream::unfold(delivery, |mut delivery| async move {
        let piece = delivery.next().await?;
        Some((piece.map(Frame::data), delivery))
    });
    StreamBody::new(frames).boxed_unsync()
}

struct Delivery {
    events: Box<dyn Iterator<Item = Event> + Send>,
    framing: Framing,
    script: Script,
    sent: usize,
    /// What is written before anything else.
    pending: VecDeque<Bytes>,
    /// What happens when nothing is pending any more.
    end: Option<End>,
}

#[derive(Clone)]
enum End {
    Finished,
    Broken,
    Stalled,
    /// The last piece comes again and again.
    Repeating(Bytes),
}

impl Delivery {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            if let Some(piece) = self.pending.pop_front() {
                if self.script.wire.split.is_some() {
                    // Bytes that are written one after another at once would travel together.
                    tokio::time::sleep(Duration::from_micros(200)).await;
                }
                return Some(Ok(piece));
            }
            match self.end.clone() {
                Some(End::Finished) => return None,
                Some(End::Broken) => {
                    self.end = Some(End::Finished);
                    return Some(Err(io::Error::from(io::ErrorKind::ConnectionReset)));
                }
                Some(End::Stalled) => std::future::pending().await,
                Some(End::Repeating(words)) => {
                    tokio::task::yield_now().await;
                    return Some(Ok(words));
                }
                None => self.write_next().await,
            }
        }
    }

    /// Puts what comes next into `pending`, after the time that it takes.
    async fn write_next(&mut self) {
        if self.sent == 0 {
            pause(self.script.latency_ms).await;
        }
        if self.fail() {
            return;
        }
        let Some(event) = self.events.next() else {
            self.end = Some(End::Finished);
            return;
        };
        if event.is_token {
            pause(self.script.token_ms).await;
        }
        let mut bytes = self.quirks();
        bytes.extend(self.encode(&event));
        self.sent += 1;
        self.write(bytes);
    }

    /// Does what the script says goes wrong here, if anything.
    fn fail(&mut self) -> bool {
        let sent = self.sent;
        match self.script.fault.clone() {
            Some(Fault::Cut { after }) if sent == after => {
                if let Some(event) = self.events.next() {
                    let mut bytes = self.encode(&event);
                    bytes.truncate(bytes.len() / 2);
                    self.write(bytes);
                }
                self.end = Some(End::Broken);
            }
            Some(Fault::Stall { after }) if sent == after => self.end = Some(End::Stalled),
            Some(Fault::Short { after }) if sent == after => self.end = Some(End::Finished),
            Some(Fault::ErrorEvent { after, kind }) if sent == after => {
                let bytes = match self.framing {
                    Framing::Amazon => frame::exception("modelStreamErrorException", &kind),
                    framing => {
                        let error = json!({"type": kind, "message": "the stand-in says so"});
                        let data = json!({"type": "error", "error": error});
                        encode(framing, "error", &data.to_string())
                    }
                };
                self.write(bytes);
                self.end = Some(End::Finished);
            }
            Some(Fault::NotJson { after }) if sent == after => {
                let bytes = encode(self.framing, "content_block_delta", "{\"type\": not json");
                self.sent += 1;
                self.write(bytes);
            }
            Some(Fault::Garbage) => {
                let noise = (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8);
                self.write(noise.collect());
                self.end = Some(End::Finished);
            }
            Some(Fault::EndlessLine) => {
                self.end = Some(End::Repeating("data: xx".repeat(1000).into()));
            }
            Some(Fault::EndlessWords) if sent == 6 => {
                let event = match self.framing {
                    Framing::Unnamed => encode(self.framing, "", MORE_CHAT),
                    framing => encode(framing, "content_block_delta", MORE_MESSAGE),
                };
                self.end = Some(End::Repeating(event.repeat(100).into()));
            }
            _ => return false,
        }
        true
    }

    /// What may come before any event.
    fn quirks(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.framing == Framing::Amazon {
            return bytes;
        }
        let wire = &self.script.wire;
        if wire.comments {
            bytes.extend(b": keep-alive\n\n");
        }
        if wire.pings && self.framing == Framing::Named {
            bytes.extend(encode(self.framing, "ping", "{\"type\": \"ping\"}"));
        }
        bytes
    }

    fn encode(&self, event: &Event) -> Vec<u8> {
        encode(self.framing, event.name, &event.data)
    }

    fn write(&mut self, mut bytes: Vec<u8>) {
        if self.script.wire.crlf && self.framing != Framing::Amazon {
            bytes = String::from_utf8_lossy(&bytes).replace('\n', "\r\n").into_bytes();
        }
        match self.script.wire.split {
            Some(size) => {
                let pieces = bytes.chunks(size.max(1)).map(Bytes::copy_from_slice);
                self.pending.extend(pieces);
            }
            None => self.pending.push_back(bytes.into()),
        }
    }
}

/// The event that is said without end.
const MORE_MESSAGE: &str = "{\"type\":\"content_block_delta\",\"index\":0,\
    \"delta\":{\"type\":\"text_delta\",\"text\":\" and so on\"}}";
const MORE_CHAT: &str = "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\" and so on\"}}]}";

fn encode(framing: Framing, name: &str, data: &str) -> Vec<u8> {
    match framing {
        Framing::Named => format!("event: {name}\ndata: {data}\n\n").into_bytes(),
        Framing::Unnamed => format!("data: {data}\n\n").into_bytes(),
        Framing::Amazon => frame::chunk(data),
    }
}

async fn pause(milliseconds: u64) {
    if milliseconds > 0 {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }
}
