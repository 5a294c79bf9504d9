//! Chat completions, as servers that are compatible with OpenAI's speak them.
//!
//! This API has no citations. Sources are lines such as `[3.2] A sentence.` in the messages, and the
//! answer names them by the same marks.

use std::sync::LazyLock;

use hyper::header::{AUTHORIZATION, HeaderMap};
use regex::Regex;
use serde_json::{Value, json};

use crate::answer::{Answer, Asked, Block, Citation, Source, closing, tokens};
use crate::delivery::Event;
use crate::refusal::Refusal;
use crate::script::{Fault, Script};

static SOURCE_LINE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?m)^\[(\d+)\.(\d+)\] (.+)$").ok());

/// Refuses a request without a key.
pub(crate) fn authenticate(headers: &HeaderMap) -> Result<(), Refusal> {
    let key = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    match key.and_then(|value| value.strip_prefix("Bearer ")) {
        Some("" | "invalid") => Err(Refusal {
            error_code: Some("invalid_api_key".into()),
            ..Refusal::new(401, "invalid_request_error", "Incorrect API key provided.")
        }),
        Some(_) => Ok(()),
        None => Err(Refusal::new(401, "invalid_request_error", "You didn't provide an API key.")),
    }
}

/// The models that there are: one, though any name is answered to.
pub(crate) fn models() -> Value {
    let model = json!({"id": "a-model", "object": "model", "created": 0, "owned_by": "nobody"});
    json!({"object": "list", "data": [model]})
}

/// What a request asks.
pub(crate) fn asked(body: &Value) -> Result<Asked, Refusal> {
    if body["model"].as_str().is_none_or(str::is_empty) {
        return Err(Refusal::invalid("you must provide a model parameter"));
    }
    let messages = body["messages"].as_array().filter(|messages| !messages.is_empty());
    let Some(messages) = messages else {
        return Err(Refusal::invalid("Missing required parameter: 'messages'."));
    };
    let known = ["system", "developer", "user", "assistant", "tool"];
    if let Some(role) = messages
        .iter()
        .map(|message| &message["role"])
        .find(|role| !known.iter().any(|k| role == k))
    {
        return Err(Refusal::invalid(format!("Invalid value: {role} for 'messages[].role'.")));
    }
    let texts: Vec<String> = messages.iter().map(|message| text(&message["content"])).collect();
    let tools = body["tools"].as_array().into_iter().flatten();
    let tools = tools.filter_map(|tool| {
        let function = &tool["function"];
        Some((function["name"].as_str()?.to_owned(), function["parameters"].clone()))
    });
    let limit = ["max_completion_tokens", "max_tokens"].iter().find_map(|key| body[key].as_u64());
    Ok(Asked {
        question: texts.last().cloned().unwrap_or_default(),
        sources: sources(&texts.join("\n")),
        tools: tools.collect(),
        must_call: body["tool_choice"] == "required" || body["tool_choice"].is_object(),
        schema: body["response_format"]["json_schema"].get("schema").cloned(),
        max_tokens: limit.map_or(4096, |limit| limit as usize),
        cites: true,
        closing: closing(&texts[0]),
    })
}

fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        content => {
            let parts = content.as_array().into_iter().flatten();
            parts.filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n")
        }
    }
}

fn sources(text: &str) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    for line in SOURCE_LINE.iter().flat_map(|pattern| pattern.captures_iter(text)) {
        let Ok(number) = line[1].parse::<usize>() else { continue };
        if number > sources.len() {
            sources.push(Source::default());
        }
        if let Some(source) = sources.last_mut() {
            source.blocks.push(line[3].to_owned());
        }
    }
    sources
}

/// The whole completion, not streamed.
pub(crate) fn completion(id: &str, body: &Value, said: &Answer, script: &Script) -> Value {
    let (content, calls) = (words(said), calls(id, said));
    let mut message = json!({"role": "assistant", "content": content, "refusal": null});
    if !calls.is_empty() {
        message["tool_calls"] = Value::Array(calls);
    }
    if said.stop == "refusal" {
        message["refusal"] = json!("I cannot help with that.");
        message["content"].take();
    }
    let mut choice = json!({"index": 0, "message": message, "logprobs": null});
    let mut completion = json!({
        "id": id,
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": body["model"],
        "choices": [],
    });
    if script.fault != Some(Fault::NoUsage) {
        choice["finish_reason"] = json!(finish_reason(&said.stop));
        completion["usage"] = usage(body, said);
    }
    if script.fault != Some(Fault::NoChoices) {
        completion["choices"] = json!([choice]);
    }
    completion
}

/// The same as events.
pub(crate) fn events(
    id: &str,
    body: &Value,
    said: &Answer,
    script: &Script,
) -> impl Iterator<Item = Event> + use<> {
    let bare = script.fault == Some(Fault::NoUsage);
    let mut shell = json!({
        "id": id,
        "object": "chat.completion.chunk",
        "created": 1_790_000_000,
        "model": body["model"],
    });
    if bare {
        shell = json!({});
    }
    if script.wire.unknown {
        shell["from_the_future"] = json!([{"deeply": "nested"}]);
    }
    let chunk = move |choices: Value, usage: Option<Value>| {
        let mut chunk = shell.clone();
        chunk["choices"] = choices;
        if let Some(usage) = usage {
            chunk["usage"] = usage;
        }
        chunk
    };
    let delta = |delta: Value, finish: Option<&str>| json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]);
    let mut events = vec![Event::new(
        "",
        &chunk(delta(json!({"role": "assistant", "content": ""}), None), None),
    )];
    if script.fault == Some(Fault::NoChoices) {
        events = vec![Event::new("", &chunk(json!([]), None))];
    } else {
        let words = words(said);
        events.extend(
            tokens(&words).map(|token| {
                Event::token("", &chunk(delta(json!({"content": token}), None), None))
            }),
        );
        for call in calls(id, said) {
            events.push(Event::token("", &chunk(delta(json!({"tool_calls": [call]}), None), None)));
        }
        if said.stop == "refusal" {
            let refusal = json!({"refusal": "I cannot help with that."});
            events.push(Event::token("", &chunk(delta(refusal, None), None)));
        }
        if !bare {
            let last = delta(json!({}), Some(finish_reason(&said.stop)));
            events.push(Event::new("", &chunk(last, None)));
        }
    }
    if body["stream_options"]["include_usage"] == true && !bare {
        events.push(Event::new("", &chunk(json!([]), Some(usage(body, said)))));
    }
    events.push(Event { name: "", data: "[DONE]".into(), is_token: false });
    events.into_iter()
}

fn usage(body: &Value, said: &Answer) -> Value {
    let read = body["messages"].to_string().chars().count().div_ceil(4);
    let told = tokens(&words(said)).count();
    json!({
        "prompt_tokens": read,
        "completion_tokens": told,
        "total_tokens": read + told,
        "prompt_tokens_details": {"cached_tokens": 0},
    })
}

/// What is said, with a mark after each span that cites.
fn words(said: &Answer) -> String {
    let spans = said.blocks.iter().map(|block| match block {
        Block::Text { text, citations } => {
            let marks = citations.iter().flat_map(marks).collect::<String>();
            format!("{text}{marks}")
        }
        Block::Tool { .. } => String::new(),
    });
    spans.collect()
}

fn marks(citation: &Citation) -> impl Iterator<Item = String> {
    let source = citation.source + 1;
    citation.blocks.clone().map(move |block| format!(" [{source}.{}]", block + 1))
}

fn calls(id: &str, said: &Answer) -> Vec<Value> {
    let tools = said.blocks.iter().filter_map(|block| match block {
        Block::Tool { name, input } => Some((name, input)),
        Block::Text { .. } => None,
    });
    let calls = tools.enumerate().map(|(index, (name, input))| {
        let function = json!({"name": name, "arguments": input.to_string()});
        json!({"index": index, "id": format!("call_{id}_{index}"), "type": "function", "function": function})
    });
    calls.collect()
}

fn finish_reason(stop: &str) -> &str {
    match stop {
        "end_turn" | "stop_sequence" => "stop",
        "max_tokens" | "model_context_window_exceeded" => "length",
        "tool_use" => "tool_calls",
        "refusal" => "content_filter",
        other => other,
    }
}
