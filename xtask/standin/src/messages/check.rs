//! What the Messages API refuses, as far as it is documented or was published.

use serde_json::Value;

use crate::refusal::Refusal;

/// The fields of a request. Any other is refused.
const FIELDS: [&str; 23] = [
    "model",
    "messages",
    "max_tokens",
    "system",
    "stream",
    "metadata",
    "stop_sequences",
    "temperature",
    "top_k",
    "top_p",
    "tools",
    "tool_choice",
    "thinking",
    "output_config",
    "cache_control",
    "container",
    "context_management",
    "diagnostics",
    "inference_geo",
    "service_tier",
    "speed",
    "user_profile_id",
    "workspace_id",
];

/// The most places at which a prompt may be cached.
const MOST_CACHE_CONTROLS: usize = 4;

/// Refuses what the API would. `needs` are the fields that the route asks for.
pub(super) fn check(body: &Value, needs: &[&str]) -> Result<(), Refusal> {
    let Some(fields) = body.as_object() else {
        return Err(Refusal::invalid("the request body is not valid JSON"));
    };
    if let Some(missing) = needs.iter().find(|need| !fields.contains_key(**need)) {
        return Err(Refusal::invalid(format!("{missing}: Field required")));
    }
    if let Some(unknown) = fields.keys().find(|key| !FIELDS.contains(&key.as_str())) {
        return Err(Refusal::invalid(format!("{unknown}: Extra inputs are not permitted")));
    }
    if needs.contains(&"max_tokens") && body["max_tokens"].as_u64().is_none() {
        return Err(Refusal::invalid("max_tokens: Input should be a valid integer"));
    }
    messages(&body["messages"])?;
    for block in texts(&body["system"]) {
        non_empty("system", &block)?;
    }
    tools(body)?;
    citations(body)?;
    let cached = super::blocks(body).filter(|block| block.get("cache_control").is_some()).count();
    if cached > MOST_CACHE_CONTROLS {
        return Err(Refusal::invalid(format!(
            "A maximum of {MOST_CACHE_CONTROLS} blocks with cache_control may be provided. Found {cached}."
        )));
    }
    Ok(())
}

/// What version 2026-10-21 refuses and those before it took.
pub(super) fn newest(body: &Value) -> Result<(), Refusal> {
    for field in ["temperature", "top_p", "top_k"] {
        if body.get(field).is_some() {
            return Err(Refusal::invalid(format!("{field}: Extra inputs are not permitted")));
        }
    }
    for message in body["messages"].as_array().into_iter().flatten() {
        for block in message["content"].as_array().into_iter().flatten() {
            let cites = |text: &Value| {
                text["type"] == "text"
                    && text["citations"].as_array().is_some_and(|citations| !citations.is_empty())
            };
            let inner = block["content"].as_array().into_iter().flatten();
            if message["role"] == "user" && inner.chain([block]).any(cites) {
                return Err(Refusal::invalid("citations: not permitted on text in a user message"));
            }
            if message["role"] == "assistant" && block["type"] == "document" {
                return Err(Refusal::invalid("document: not permitted in an assistant message"));
            }
        }
    }
    Ok(())
}

fn messages(messages: &Value) -> Result<(), Refusal> {
    let Some(messages) = messages.as_array().filter(|messages| !messages.is_empty()) else {
        return Err(Refusal::invalid("messages: at least one message is required"));
    };
    if messages[0]["role"] != "user" {
        return Err(Refusal::invalid("messages: first message must use the \"user\" role"));
    }
    for (place, message) in messages.iter().enumerate() {
        let at = format!("messages.{place}");
        if !matches!(message["role"].as_str(), Some("user" | "assistant")) {
            return Err(Refusal::invalid(format!(
                "{at}.role: Input should be 'user' or 'assistant'"
            )));
        }
        let content = &message["content"];
        if !(content.is_string() || content.is_array()) {
            return Err(Refusal::invalid(format!("{at}.content: Field required")));
        }
        for block in texts(content) {
            non_empty(&at, &block)?;
        }
        for block in content.as_array().into_iter().flatten() {
            self::block(&at, block)?;
        }
    }
    Ok(())
}

/// The texts of a `content` or `system`, which may be one string.
fn texts(content: &Value) -> Vec<String> {
    match content {
        Value::String(text) => vec![text.clone()],
        content => {
            let blocks = content.as_array().into_iter().flatten();
            let texts = blocks.filter(|block| block["type"] == "text");
            texts.map(|block| block["text"].as_str().unwrap_or_default().to_owned()).collect()
        }
    }
}

fn non_empty(at: &str, text: &str) -> Result<(), Refusal> {
    if text.is_empty() {
        return Err(Refusal::invalid(format!("{at}: text content blocks must be non-empty")));
    }
    if text.trim().is_empty() {
        return Err(Refusal::invalid(format!(
            "{at}: text content blocks must contain non-whitespace text"
        )));
    }
    Ok(())
}

fn block(at: &str, block: &Value) -> Result<(), Refusal> {
    match block["type"].as_str() {
        Some("search_result") => {
            for field in ["source", "title"] {
                if !block[field].is_string() {
                    return Err(Refusal::invalid(format!(
                        "{at}.search_result.{field}: Field required"
                    )));
                }
            }
            let content = block["content"].as_array().filter(|content| !content.is_empty());
            let Some(content) = content else {
                return Err(Refusal::invalid(format!(
                    "{at}.search_result.content: at least one text block is required"
                )));
            };
            if content.iter().any(|text| text["type"] != "text") {
                return Err(Refusal::invalid(format!(
                    "{at}.search_result.content: only text blocks are supported"
                )));
            }
            texts(&block["content"]).iter().try_for_each(|text| non_empty(at, text))
        }
        Some("tool_result") if block["tool_use_id"].is_string() => Ok(()),
        Some("tool_result") => {
            Err(Refusal::invalid(format!("{at}.tool_result.tool_use_id: Field required")))
        }
        Some("text" | "image" | "document" | "tool_use" | "thinking" | "redacted_thinking") => {
            Ok(())
        }
        other => Err(Refusal::invalid(format!(
            "{at}.content: Input tag '{}' does not match any of the expected tags",
            other.unwrap_or_default()
        ))),
    }
}

fn tools(body: &Value) -> Result<(), Refusal> {
    let tools = body["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (place, tool) in tools.iter().enumerate() {
        let is_ours = tool.get("type").is_none_or(|kind| kind == "custom");
        for field in ["name", "input_schema"] {
            if is_ours && tool.get(field).is_none() {
                return Err(Refusal::invalid(format!("tools.{place}.{field}: Field required")));
            }
        }
    }
    if body.get("tool_choice").is_some() && tools.is_empty() {
        return Err(Refusal::invalid("tool_choice may only be specified while providing tools"));
    }
    Ok(())
}

/// Citations are enabled on all texts or on none, and never beside an output format.
fn citations(body: &Value) -> Result<(), Refusal> {
    let citable = super::blocks(body)
        .filter(|block| matches!(block["type"].as_str(), Some("search_result" | "document")));
    let (on, off): (Vec<bool>, Vec<bool>) =
        citable.map(|block| block["citations"]["enabled"] == true).partition(|enabled| *enabled);
    if !on.is_empty() && !off.is_empty() {
        return Err(Refusal::invalid(
            "citations must be enabled on all or none of the search results and documents",
        ));
    }
    if !on.is_empty() && body["output_config"]["format"].is_object() {
        return Err(Refusal::invalid("citations are not supported together with an output format"));
    }
    Ok(())
}
