//! The Messages API: what it refuses, what it answers, and its events.

mod check;

use hyper::header::HeaderMap;
use serde_json::{Value, json};

use crate::answer::{Answer, Asked, Block, Citation, Source, closing, tokens};
use crate::delivery::Event;
use crate::refusal::Refusal;
use crate::script::{Fault, Script};

/// Beyond this the API answers 413.
pub(crate) const MOST_BYTES: usize = 32 * 1024 * 1024;

/// The version of the API that removed what older ones took.
const STRICTER: &str = "2026-10-21";

/// Refuses a request without a key or version, as the API does.
pub(crate) fn authenticate(headers: &HeaderMap) -> Result<(), Refusal> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    match header("x-api-key").or(bearer) {
        None | Some("") => {
            return Err(Refusal::new(401, "authentication_error", "x-api-key header is required"));
        }
        Some("invalid") => {
            return Err(Refusal::new(401, "authentication_error", "invalid x-api-key"));
        }
        Some(_) => {}
    }
    match header("anthropic-version") {
        Some("2023-01-01" | "2023-06-01" | STRICTER) => Ok(()),
        Some(other) => {
            Err(Refusal::invalid(format!("anthropic-version: {other} is not a valid version")))
        }
        None => Err(Refusal::invalid("anthropic-version: header is required")),
    }
}

/// Refuses what the newest version of the API no longer takes, where it is asked for.
pub(crate) fn check_version(headers: &HeaderMap, body: &Value) -> Result<(), Refusal> {
    if headers.get("anthropic-version").is_some_and(|version| version == STRICTER) {
        check::newest(body)?;
    }
    Ok(())
}

/// What a request for a message asks.
pub(crate) fn asked(body: &Value) -> Result<Asked, Refusal> {
    check::check(body, &["model", "max_tokens", "messages"])?;
    check_model(body)?;
    let tools = body["tools"].as_array().into_iter().flatten();
    let tools = tools
        .filter_map(|tool| Some((tool["name"].as_str()?.to_owned(), tool["input_schema"].clone())));
    let mut tools: Vec<_> = tools.collect();
    let choice = &body["tool_choice"];
    if choice["type"] == "tool" {
        tools.retain(|(name, _)| choice["name"] == name.as_str());
    }
    let results = || blocks(body).filter(|block| block["type"] == "search_result");
    Ok(Asked {
        question: question(body),
        sources: results().map(source).collect(),
        tools,
        must_call: matches!(choice["type"].as_str(), Some("any" | "tool")),
        schema: body["output_config"]["format"].get("schema").cloned(),
        max_tokens: body["max_tokens"].as_u64().unwrap_or_default() as usize,
        cites: results().any(|block| block["citations"]["enabled"] == true),
        closing: closing(&body["system"].to_string()),
    })
}

/// The number of tokens of a request.
pub(crate) fn count_tokens(body: &Value) -> Result<Value, Refusal> {
    check::check(body, &["model", "messages"])?;
    check_model(body)?;
    Ok(json!({"input_tokens": input_tokens(body)}))
}

/// Any model is there but one whose name begins so.
fn check_model(body: &Value) -> Result<(), Refusal> {
    match body["model"].as_str() {
        Some(model) if model.starts_with("no-such") => {
            Err(Refusal::new(404, "not_found_error", format!("model: {model}")))
        }
        _ => Ok(()),
    }
}

/// Every block of a request in reading order: the system prompt, the messages, and what tools returned.
fn blocks(body: &Value) -> impl Iterator<Item = &Value> {
    let system = body["system"].as_array().into_iter().flatten();
    let messages = body["messages"].as_array().into_iter().flatten();
    let said = messages.flat_map(|message| message["content"].as_array().into_iter().flatten());
    system.chain(said).flat_map(|block| {
        let inner = block["content"].as_array().filter(|_| block["type"] == "tool_result");
        std::iter::once(block).chain(inner.into_iter().flatten())
    })
}

fn source(block: &Value) -> Source {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let content = block["content"].as_array().into_iter().flatten();
    Source {
        address: text(&block["source"]),
        title: text(&block["title"]),
        blocks: content.map(|block| text(&block["text"])).collect(),
    }
}

fn question(body: &Value) -> String {
    let last = body["messages"].as_array().and_then(|messages| messages.last());
    match last.map(|message| &message["content"]) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(blocks)) => {
            let texts = blocks.iter().filter(|block| block["type"] == "text");
            texts.filter_map(|block| block["text"].as_str()).collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    }
}

/// About four characters a token.
fn input_tokens(body: &Value) -> usize {
    let strings = [&body["system"], &body["messages"], &body["tools"]];
    strings.into_iter().map(characters).sum::<usize>().div_ceil(4)
}

fn characters(value: &Value) -> usize {
    match value {
        Value::String(text) => text.chars().count(),
        Value::Array(values) => values.iter().map(characters).sum(),
        Value::Object(fields) => fields.values().map(characters).sum(),
        _ => 0,
    }
}

/// Tokens used, with what the cache had of the prompt.
pub(crate) struct Usage {
    input: usize,
    output: usize,
    written: usize,
    read: usize,
}

impl Usage {
    /// `seen` says whether a prefix was cached before, and caches it.
    pub(crate) fn of(body: &Value, answer: &Answer, seen: impl FnOnce(&str) -> bool) -> Self {
        /// Shorter prompts are not cached.
        const FEWEST: usize = 1024;
        let total = input_tokens(body);
        let all: Vec<&Value> = blocks(body).collect();
        let last = all.iter().rposition(|block| block.get("cache_control").is_some());
        let prefix: Vec<String> = last
            .map_or_else(Vec::new, |last| all[..=last].iter().map(ToString::to_string).collect());
        let cached = last.map_or(0, |last| {
            all[..=last].iter().map(|block| characters(block)).sum::<usize>().div_ceil(4)
        });
        let (mut written, mut read) = (0, 0);
        if cached >= FEWEST {
            *(if seen(&prefix.concat()) { &mut read } else { &mut written }) = cached.min(total);
        }
        let said = answer.blocks.iter().map(|block| match block {
            Block::Text { text, .. } => tokens(text).count(),
            Block::Tool { input, .. } => characters(input).div_ceil(4) + 8,
        });
        Self { input: total - written - read, output: said.sum(), written, read }
    }

    fn json(&self, output: usize) -> Value {
        json!({
            "input_tokens": self.input,
            "cache_creation_input_tokens": self.written,
            "cache_read_input_tokens": self.read,
            "output_tokens": output,
            "service_tier": "standard",
        })
    }
}

/// The whole message, not streamed.
pub(crate) fn message(
    id: &str,
    body: &Value,
    asked: &Asked,
    said: &Answer,
    usage: &Usage,
) -> Value {
    let blocks: Vec<Value> = said
        .blocks
        .iter()
        .enumerate()
        .map(|(place, block)| match block {
            Block::Text { text, citations } if citations.is_empty() => {
                json!({"type": "text", "text": text})
            }
            Block::Text { text, citations } => {
                let citations: Vec<_> =
                    citations.iter().map(|citation| location(asked, citation)).collect();
                json!({"type": "text", "text": text, "citations": citations})
            }
            Block::Tool { name, input } => {
                json!({"type": "tool_use", "id": tool_id(id, place), "name": name, "input": input})
            }
        })
        .collect();
    let mut message = shell(id, &body["model"], &usage.json(usage.output));
    message["content"] = Value::Array(blocks);
    message["stop_reason"] = json!(said.stop);
    message
}

fn shell(id: &str, model: &Value, usage: &Value) -> Value {
    json!({
        "id": id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
        "usage": usage,
    })
}

fn location(asked: &Asked, citation: &Citation) -> Value {
    let source = &asked.sources[citation.source];
    json!({
        "type": "search_result_location",
        "cited_text": citation.quote,
        "source": source.address,
        "title": source.title,
        "search_result_index": citation.source,
        "start_block_index": citation.blocks.start,
        "end_block_index": citation.blocks.end,
    })
}

fn tool_id(id: &str, place: usize) -> String {
    format!("toolu_{}_{place}", id.trim_start_matches("msg_"))
}

/// The same as events.
pub(crate) fn events(
    id: String,
    body: &Value,
    asked: Asked,
    said: Answer,
    usage: &Usage,
    script: &Script,
) -> impl Iterator<Item = Event> + use<> {
    let unknown = script.wire.unknown;
    let silent = script.fault == Some(Fault::NoUsage);
    let mut start = json!({
        "type": "message_start",
        "message": shell(&id, &body["model"], &usage.json(1)),
    });
    let mut delta = json!({
        "type": "message_delta",
        "delta": {"stop_reason": said.stop, "stop_sequence": null},
        "usage": usage.json(usage.output),
    });
    if said.stop == "refusal" {
        delta["delta"]["stop_details"] =
            json!({"type": "refusal", "category": null, "explanation": null});
    }
    if silent {
        start["message"]["usage"].take();
        delta["delta"]["stop_reason"].take();
        delta["usage"].take();
    }
    if unknown {
        start["from_the_future"] = json!({"deeply": [{"nested": true}]});
        delta["delta"]["from_the_future"] = json!(7);
    }
    let first = [Event::new("message_start", &start)].into_iter().chain(strange(unknown));
    let shift = usize::from(unknown);
    let blocks = said.blocks.into_iter().enumerate();
    let said = blocks
        .flat_map(move |(place, block)| block_events(&asked, &id, place + shift, &block, unknown));
    let last = [
        Event::new("message_delta", &delta),
        Event::new("message_stop", &json!({"type": "message_stop"})),
    ];
    first.chain(said).chain(last)
}

/// Events that nobody has heard of, and a block of a kind that nobody asked for.
fn strange(wanted: bool) -> Vec<Event> {
    if !wanted {
        return Vec::new();
    }
    let block = json!({"type": "thinking", "thinking": "", "signature": ""});
    let delta = |delta: Value| json!({"type": "content_block_delta", "index": 0, "delta": delta});
    vec![
        Event::new("from_the_future", &json!({"type": "from_the_future", "text": "not for you"})),
        Event::new(
            "content_block_start",
            &json!({"type": "content_block_start", "index": 0, "content_block": block}),
        ),
        Event::new(
            "content_block_delta",
            &delta(json!({"type": "thinking_delta", "thinking": "not for you"})),
        ),
        Event::new(
            "content_block_delta",
            &delta(json!({"type": "signature_delta", "signature": "bm90IGZvciB5b3U="})),
        ),
        Event::new("content_block_stop", &json!({"type": "content_block_stop", "index": 0})),
    ]
}

fn block_events(asked: &Asked, id: &str, index: usize, block: &Block, unknown: bool) -> Vec<Event> {
    let delta = |delta: Value| {
        Event::token(
            "content_block_delta",
            &json!({"type": "content_block_delta", "index": index, "delta": delta}),
        )
    };
    let start = |block: Value| {
        Event::new(
            "content_block_start",
            &json!({"type": "content_block_start", "index": index, "content_block": block}),
        )
    };
    let mut events = Vec::new();
    match block {
        Block::Text { text, citations } => {
            let mut begun = json!({"type": "text", "text": ""});
            if !citations.is_empty() {
                begun["citations"] = json!([]);
            }
            events.push(start(begun));
            if index == 0 {
                events.push(Event::new("ping", &json!({"type": "ping"})));
            }
            events.extend(
                tokens(text).map(|token| delta(json!({"type": "text_delta", "text": token}))),
            );
            let cited = citations.iter().map(|citation| {
                delta(json!({"type": "citations_delta", "citation": location(asked, citation)}))
            });
            // A citation may come before the words are all there.
            let at = if index.is_multiple_of(2) { events.len() } else { events.len().div_ceil(2) };
            events.splice(at..at, cited);
            if unknown {
                events.push(delta(json!({"type": "from_the_future_delta", "text": "not for you"})));
                let citation = json!({"type": "from_the_future_location", "cited_text": "x"});
                events.push(delta(json!({"type": "citations_delta", "citation": citation})));
            }
        }
        Block::Tool { name, input } => {
            events.push(start(json!({
                "type": "tool_use", "id": tool_id(id, index), "name": name, "input": {},
            })));
            let input = input.to_string();
            let pieces: Vec<char> = input.chars().collect();
            events.push(delta(json!({"type": "input_json_delta", "partial_json": ""})));
            events.extend(pieces.chunks(12).map(|piece| {
                let piece: String = piece.iter().collect();
                delta(json!({"type": "input_json_delta", "partial_json": piece}))
            }));
        }
    }
    events.push(Event::new(
        "content_block_stop",
        &json!({"type": "content_block_stop", "index": index}),
    ));
    events
}
