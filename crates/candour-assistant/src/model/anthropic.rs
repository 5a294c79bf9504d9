//! The Anthropic Messages API: a request's body, and a stream's events.
//!
//! Each source is one search result, each of its blocks one text that can be cited. The instructions
//! are the same for every reader, so the provider is asked to cache them. What the API may add, in
//! events, blocks or fields, is passed over.

mod events;

use candour_core::characters::is_invisible;
use candour_core::{
    LanguageModel, ModelError, ModelIdentity, ModelMessage, ModelRequest, ModelRole, ModelSource,
    ModelStream, Transport,
};
use reqwest::{Client, RequestBuilder};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[cfg(feature = "bedrock")]
pub(super) use self::events::Framing;
pub(super) use self::events::Messages;
use super::http::{secret_header, send};
use super::reading::read;
use super::sse::SseDecoder;

/// The newest version of the API, of October 2026. Nothing is sent that it refuses and older ones took.
const VERSION: &str = "2026-10-21";
/// The longest address or title that is sent, in characters.
const LONGEST_NAME: usize = 300;

/// A model behind the Messages API.
pub(super) struct Anthropic {
    pub(super) client: Client,
    /// Such as `https://api.anthropic.com`.
    pub(super) endpoint: String,
    pub(super) model: String,
    pub(super) key: SecretString,
}

impl Anthropic {
    fn post(&self, path: &str, body: &Map<String, Value>) -> Result<RequestBuilder, ModelError> {
        let address = format!("{}{path}", self.endpoint.trim_end_matches('/'));
        let request = self.client.post(address).header("anthropic-version", VERSION);
        Ok(request.header("x-api-key", secret_header("", &self.key)?).json(body))
    }

    /// How many tokens a request has. It costs nothing, and shows that the key and the model are right.
    pub(super) async fn count_tokens(&self, request: &ModelRequest) -> Result<u64, ModelError> {
        #[derive(Deserialize)]
        struct Count {
            input_tokens: u64,
        }
        let mut body = body(request)?;
        body.insert("model".into(), json!(self.model));
        body.remove("max_tokens");
        let request = self.post("/v1/messages/count_tokens", &body)?.timeout(super::CHECKING);
        let count: Result<Count, _> = send(request).await?.json().await;
        let count = count.map_err(|_| ModelError::Broken("it is no number of tokens".into()))?;
        Ok(count.input_tokens)
    }
}

impl LanguageModel for Anthropic {
    fn identity(&self) -> ModelIdentity {
        ModelIdentity { transport: Transport::Anthropic.key().into(), model: self.model.clone() }
    }

    fn generate(&self, request: ModelRequest) -> ModelStream {
        let sent = body(&request).and_then(|mut body| {
            body.insert("model".into(), json!(self.model));
            body.insert("stream".into(), json!(true));
            self.post("/v1/messages", &body)
        });
        let asking = Box::pin(async move { send(sent?).await });
        read(asking, Messages::new(SseDecoder::default()), request.max_output_tokens)
    }
}

/// The body of a request, but for the model and how the answer is to come, which Bedrock says
/// elsewhere.
pub(super) fn body(request: &ModelRequest) -> Result<Map<String, Value>, ModelError> {
    let mut body = Map::new();
    body.insert("max_tokens".into(), json!(request.max_output_tokens));
    if !request.instructions.trim().is_empty() {
        let cache = json!({"type": "ephemeral"});
        let text = json!({"type": "text", "text": request.instructions, "cache_control": cache});
        body.insert("system".into(), json!([text]));
    }
    if let Some(schema) = &request.schema {
        let format = json!({"type": "json_schema", "schema": schema});
        body.insert("output_config".into(), json!({"format": format}));
    }
    body.insert("messages".into(), json!(messages(request)?));
    Ok(body)
}

/// The conversation, with the sources before what is asked now.
fn messages(request: &ModelRequest) -> Result<Vec<Value>, ModelError> {
    let (last, earlier) = conversation(&request.messages)
        .ok_or_else(|| ModelError::Invalid("it asks nothing".into()))?;
    // The API refuses citations beside a schema.
    let cites = request.schema.is_none();
    let mut content: Vec<Value> =
        request.sources.iter().map(|source| search_result(source, cites)).collect();
    content.push(json!({"type": "text", "text": last.text}));
    let mut messages: Vec<Value> = earlier
        .into_iter()
        .map(|message| json!({"role": message.role, "content": message.text}))
        .collect();
    messages.push(json!({"role": "user", "content": content}));
    Ok(messages)
}

/// What is asked now, and what was said before it. A conversation begins with whoever asks, and no
/// message is empty.
pub(super) fn conversation(
    messages: &[ModelMessage],
) -> Option<(&ModelMessage, Vec<&ModelMessage>)> {
    let said = messages.iter().filter(|message| !message.text.trim().is_empty());
    let mut said: Vec<_> = said.skip_while(|message| message.role != ModelRole::User).collect();
    let last = said.pop().filter(|message| message.role == ModelRole::User)?;
    Some((last, said))
}

fn search_result(source: &ModelSource, cites: bool) -> Value {
    let content: Vec<Value> = source
        .blocks
        .iter()
        // An empty one is refused, and one left out would move the others.
        .map(|text| if text.trim().is_empty() { "(empty)" } else { text.as_str() })
        .map(|text| json!({"type": "text", "text": text}))
        .collect();
    json!({
        "type": "search_result",
        "source": name(&source.address),
        "title": name(&source.title),
        "content": content,
        "citations": {"enabled": cites},
    })
}

/// An address or title in one line, without what nobody would see, and not longer than one is.
pub(super) fn name(text: &str) -> String {
    let seen = text.chars().filter(|c| !is_invisible(*c));
    let line: String = seen.map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let name: String = line.chars().take(LONGEST_NAME).collect();
    if name.is_empty() { "(untitled)".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use insta::assert_json_snapshot;

    use super::*;

    fn request() -> ModelRequest {
        let message = |role, text: &str| ModelMessage { role, text: text.into() };
        ModelRequest {
            instructions: "Cite.".into(),
            sources: vec![ModelSource {
                address: "/licence\n".into(),
                title: "Lic\u{200b}ence\u{1b}".into(),
                blocks: vec!["It costs £20.".into(), " ".into()],
            }],
            messages: vec![
                message(ModelRole::Assistant, "Welcome."),
                message(ModelRole::User, "Hello"),
                message(ModelRole::Assistant, " "),
                message(ModelRole::User, "How much?"),
            ],
            max_output_tokens: 100,
            ..ModelRequest::default()
        }
    }

    #[test]
    fn a_request_is_sent_as_the_api_wants_it() {
        assert_json_snapshot!(body(&request()).unwrap());
    }

    #[test]
    fn nothing_is_cited_beside_a_schema() {
        let schema = Some(json!({"type": "object"}));
        let body = Value::Object(body(&ModelRequest { schema, ..request() }).unwrap());
        assert_eq!(body["messages"][1]["content"][0]["citations"]["enabled"], false);
        assert_eq!(body["output_config"]["format"]["schema"]["type"], "object");
    }

    #[test]
    fn who_asks_nothing_is_told_so() {
        let nothing = ModelRequest { messages: Vec::new(), ..request() };
        assert_eq!(body(&nothing), Err(ModelError::Invalid("it asks nothing".into())));
    }
}
