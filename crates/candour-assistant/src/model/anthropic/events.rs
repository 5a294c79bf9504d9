//! What the events of a Messages API stream say, whatever framing they come in.

use std::collections::VecDeque;

use candour_core::{ModelCitation, ModelError, ModelEvent, ModelUsage, StopReason};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use crate::model::http::error_event;
use crate::model::reading::Protocol;
use crate::model::sse::SseDecoder;

/// Cuts bytes into the JSON of events.
pub(crate) trait Framing: Send + 'static {
    /// Takes the next bytes, and gives the events that they complete.
    fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, ModelError>;
}

impl Framing for SseDecoder {
    fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, ModelError> {
        let events = Self::push(self, bytes)
            .map_err(|_| ModelError::Broken("an event is longer than is read".into()))?;
        let known = events.into_iter().filter(|event| is_known(&event.name));
        Ok(known.map(|event| event.data).collect())
    }
}

/// Whether an event of this name is read. Some servers give no names.
fn is_known(name: &str) -> bool {
    matches!(
        name,
        "" | "message_start"
            | "content_block_start"
            | "content_block_delta"
            | "content_block_stop"
            | "message_delta"
            | "message_stop"
            | "error"
    )
}

/// Reads a message as it comes.
pub(crate) struct Messages<F> {
    framing: F,
    /// The text block that is being said: its number, and what it cites so far.
    open: Option<(u64, Vec<ModelCitation>)>,
    usage: ModelUsage,
    stop: Option<StopReason>,
    is_over: bool,
}

impl<F: Framing> Messages<F> {
    pub(crate) fn new(framing: F) -> Self {
        Self { framing, open: None, usage: ModelUsage::default(), stop: None, is_over: false }
    }
}

impl<F: Framing> Protocol for Messages<F> {
    fn push(&mut self, bytes: &[u8], events: &mut VecDeque<ModelEvent>) -> Result<(), ModelError> {
        for data in self.framing.push(bytes)? {
            if self.is_over {
                break;
            }
            let event: Event = serde_json::from_str(&data)
                .map_err(|_| ModelError::Broken("an event is not as documented".into()))?;
            self.take(event, events)?;
        }
        Ok(())
    }

    fn end(&mut self, _: &mut VecDeque<ModelEvent>) -> Result<(), ModelError> {
        if self.is_over { Ok(()) } else { Err(ModelError::Broken("it ended too soon".into())) }
    }
}

impl<F> Messages<F> {
    fn take(&mut self, event: Event, events: &mut VecDeque<ModelEvent>) -> Result<(), ModelError> {
        match event {
            Event::MessageStart { message } => self.use_up(message.usage, events),
            Event::ContentBlockStart { index, content_block: Block::Text { text } } => {
                self.close(events);
                self.open = Some((index, Vec::new()));
                say(text, events);
            }
            Event::ContentBlockStart { .. } => self.close(events),
            Event::ContentBlockDelta { index, delta } => {
                if let Some((_, citations)) = self.open.as_mut().filter(|open| open.0 == index) {
                    match delta {
                        Delta::Text { text } => say(text, events),
                        Delta::Citations { citation } => {
                            citations.extend(citation.and_then(Citation::ours));
                        }
                        Delta::Unknown => {}
                    }
                }
            }
            Event::ContentBlockStop { index } => {
                if self.open.as_ref().is_some_and(|open| open.0 == index) {
                    self.close(events);
                }
            }
            Event::MessageDelta { delta, usage } => {
                self.stop = delta.stop_reason.map(stop_reason).or_else(|| self.stop.take());
                self.use_up(usage, events);
            }
            Event::MessageStop => {
                self.close(events);
                self.is_over = true;
                let unsaid = || StopReason::Other("none given".into());
                events.push_back(ModelEvent::Stop(self.stop.take().unwrap_or_else(unsaid)));
            }
            Event::Error { error } => return Err(error_event(&error.kind)),
            Event::Unknown => {}
        }
        Ok(())
    }

    fn close(&mut self, events: &mut VecDeque<ModelEvent>) {
        if let Some((_, citations)) = self.open.take() {
            events.push_back(ModelEvent::SpanEnd(citations));
        }
    }

    /// Counts are cumulative, and those that are not repeated stand.
    fn use_up(&mut self, used: Option<Usage>, events: &mut VecDeque<ModelEvent>) {
        let Some(used) = used else { return };
        let before = self.usage;
        self.usage = ModelUsage {
            input_tokens: used.input.unwrap_or(before.input_tokens),
            output_tokens: used.output.unwrap_or(before.output_tokens),
            cache_write_tokens: used.cache_write.unwrap_or(before.cache_write_tokens),
            cache_read_tokens: used.cache_read.unwrap_or(before.cache_read_tokens),
        };
        events.push_back(ModelEvent::Usage(self.usage));
    }
}

fn say(text: String, events: &mut VecDeque<ModelEvent>) {
    if !text.is_empty() {
        events.push_back(ModelEvent::Text(text));
    }
}

fn stop_reason(reason: String) -> StopReason {
    match reason.as_str() {
        "end_turn" | "stop_sequence" => StopReason::Finished,
        "max_tokens" => StopReason::Length,
        "model_context_window_exceeded" => StopReason::ContextFull,
        "refusal" => StopReason::Refused,
        _ => StopReason::Other(reason),
    }
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    MessageStart {
        #[serde(default)]
        message: Message,
    },
    ContentBlockStart {
        index: u64,
        content_block: Block,
    },
    ContentBlockDelta {
        index: u64,
        delta: Delta,
    },
    ContentBlockStop {
        index: u64,
    },
    MessageDelta {
        #[serde(default)]
        delta: MessageDelta,
        #[serde(default, deserialize_with = "as_far_as_it_fits")]
        usage: Option<Usage>,
    },
    MessageStop,
    Error {
        #[serde(default)]
        error: ErrorKind,
    },
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Default, Deserialize)]
struct Message {
    #[serde(default, deserialize_with = "as_far_as_it_fits")]
    usage: Option<Usage>,
}

#[derive(Debug, Default, Deserialize)]
struct MessageDelta {
    #[serde(default)]
    stop_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct ErrorKind {
    #[serde(default, rename = "type")]
    kind: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Usage {
    #[serde(rename = "input_tokens", deserialize_with = "as_far_as_it_fits")]
    input: Option<u64>,
    #[serde(rename = "output_tokens", deserialize_with = "as_far_as_it_fits")]
    output: Option<u64>,
    #[serde(rename = "cache_creation_input_tokens", deserialize_with = "as_far_as_it_fits")]
    cache_write: Option<u64>,
    #[serde(rename = "cache_read_input_tokens", deserialize_with = "as_far_as_it_fits")]
    cache_read: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Text {
        #[serde(default)]
        text: String,
    },
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
enum Delta {
    #[serde(rename = "text_delta")]
    Text { text: String },
    #[serde(rename = "citations_delta")]
    Citations {
        #[serde(deserialize_with = "as_far_as_it_fits")]
        citation: Option<Citation>,
    },
    #[serde(other)]
    Unknown,
}

/// A field that no answer hangs on: of another type than is documented it counts as absent. A sentence whose
/// citation is lost is not shown.
fn as_far_as_it_fits<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    Ok(serde_json::from_value(serde_json::Value::deserialize(deserializer)?).ok())
}

/// A citation of any kind. Only search results are sent, so only places in them are read; the fields of
/// other kinds are passed over.
#[derive(Debug, Deserialize)]
struct Citation {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    cited_text: Option<String>,
    #[serde(default, rename = "search_result_index")]
    source: Option<usize>,
    #[serde(default, rename = "start_block_index")]
    start: Option<usize>,
    #[serde(default, rename = "end_block_index")]
    end: Option<usize>,
}

impl Citation {
    fn ours(self) -> Option<ModelCitation> {
        if self.kind != "search_result_location" {
            return None;
        }
        Some(ModelCitation {
            source: self.source?,
            blocks: self.start?..self.end?,
            quote: self.cited_text,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A message with what the API sends today, and with some of what it may send one day.
    const STREAM: &str = r#"event: message_start
data: {"type":"message_start","message":{"id":"msg_1","content":[],"usage":{"input_tokens":12,"cache_creation_input_tokens":2048,"cache_read_input_tokens":0,"output_tokens":1,"cache_creation":{"ephemeral_5m_input_tokens":2048}}}}

event: ping
data: {"type":"ping"}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hidden"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":"","citations":[]}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Mae’n costio £20"}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"type":"search_result_location","cited_text":"Mae’n costio £20.","source":"/t","title":"T","search_result_index":2,"start_block_index":4,"end_block_index":5,"new":{}}}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"."}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"type":"char_location","cited_text":"x","document_index":0,"start_char_index":0,"end_char_index":1}}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: one_day
data: no JSON at all

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null,"stop_details":null},"usage":{"output_tokens":9}}

event: message_stop
data: {"type":"message_stop"}

"#;

    fn read(pieces: &[&[u8]]) -> Vec<ModelEvent> {
        let (mut messages, mut events) = (Messages::new(SseDecoder::default()), VecDeque::new());
        for piece in pieces {
            messages.push(piece, &mut events).unwrap();
        }
        messages.end(&mut events).unwrap();
        events.into()
    }

    #[test]
    fn a_stream_is_read_with_all_that_is_new_in_it() {
        let usage = |output_tokens| {
            ModelEvent::Usage(ModelUsage {
                input_tokens: 12,
                output_tokens,
                cache_write_tokens: 2048,
                cache_read_tokens: 0,
            })
        };
        let citation =
            ModelCitation {
                source: 2, blocks: 4..5, quote: Some("Mae’n costio £20.".to_owned())
            };
        let expected = [
            usage(1),
            ModelEvent::Text("Mae’n costio £20".into()),
            ModelEvent::Text(".".into()),
            ModelEvent::SpanEnd(vec![citation]),
            usage(9),
            ModelEvent::Stop(StopReason::Finished),
        ];
        assert_eq!(read(&[STREAM.as_bytes()]), expected);
        assert_eq!(read(&[STREAM.replace('\n', "\r\n").as_bytes()]), expected);
    }

    #[test]
    fn a_field_of_another_type_costs_no_answer() {
        let damaged = STREAM
            .replace("\"output_tokens\":9", "\"output_tokens\":-9")
            .replace("\"search_result_index\":2", "\"search_result_index\":-1");
        assert_ne!(damaged, STREAM);
        let events = read(&[damaged.as_bytes()]);
        assert!(events.contains(&ModelEvent::SpanEnd(Vec::new())), "{events:?}");
        assert_eq!(events.last(), Some(&ModelEvent::Stop(StopReason::Finished)));
        let said = |events: &[ModelEvent]| {
            let is_text = |event: &&ModelEvent| matches!(event, ModelEvent::Text(_));
            events.iter().filter(is_text).cloned().collect::<Vec<_>>()
        };
        assert_eq!(said(&events), said(&read(&[STREAM.as_bytes()])));
    }

    proptest! {
        #[test]
        fn splits_make_no_difference(cuts in prop::collection::vec(0..STREAM.len(), 0..40)) {
            let mut cuts = cuts;
            cuts.extend([0, STREAM.len()]);
            cuts.sort_unstable();
            let bytes = STREAM.as_bytes();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
            prop_assert_eq!(read(&pieces), read(&[bytes]));
        }
    }
}
