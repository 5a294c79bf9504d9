//! The Messages API on Amazon Bedrock: the same body and events, with the model in the address, the
//! request signed and the events in Amazon's framing.
//!
//! The key is an API key of Bedrock, which is sent as it is, or `ACCESS_KEY_ID:SECRET_ACCESS_KEY`, with
//! `:SESSION_TOKEN` behind it where there is one, with which requests are signed. Roles that a machine
//! is given are not looked up.

mod frame;
mod sign;

use candour_core::{
    LanguageModel, ModelError, ModelIdentity, ModelRequest, ModelStream, Transport,
};
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, RequestBuilder, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use self::frame::FrameDecoder;
use self::sign::Credentials;
use super::anthropic::{Messages, body};
use super::http::{secret_header, send};
use super::reading::read;

/// The version that Bedrock takes for every model of the family.
const VERSION: &str = "bedrock-2023-05-31";

/// A model on Bedrock.
pub(super) struct Bedrock {
    client: Client,
    address: Url,
    region: String,
    model: String,
    key: SecretString,
    now: fn() -> Timestamp,
}

impl Bedrock {
    /// `endpoint` is a region, or the address of an endpoint in one. `None` where it is neither.
    pub(super) fn new(
        client: Client,
        endpoint: &str,
        model: String,
        key: SecretString,
        now: fn() -> Timestamp,
    ) -> Option<Self> {
        let (base, region) = if endpoint.starts_with("http") {
            (endpoint.trim_end_matches('/').to_owned(), region_of(endpoint).to_owned())
        } else {
            let base = format!("https://bedrock-runtime.{endpoint}.amazonaws.com");
            (base, endpoint.to_owned())
        };
        let path = format!("/model/{}/invoke-with-response-stream", sign::encode(&model));
        let address = Url::parse(&format!("{base}{path}")).ok()?;
        address.host_str()?;
        Some(Self { client, address, region, model, key, now })
    }

    fn request(&self, request: &ModelRequest) -> Result<RequestBuilder, ModelError> {
        let mut body = body(request)?;
        body.insert("anthropic_version".into(), json!(VERSION));
        let body = serde_json::to_vec(&body)
            .map_err(|_| ModelError::Invalid("it cannot be written down".into()))?;
        let post = self.client.post(self.address.clone()).header(CONTENT_TYPE, sign::CONTENT);
        let Some(credentials) = Credentials::parse(self.key.expose_secret()) else {
            return Ok(post.header(AUTHORIZATION, secret_header("Bearer ", &self.key)?).body(body));
        };
        let headers = sign::headers(&credentials, &self.address, &self.region, &body, (self.now)());
        let signed = headers.into_iter().try_fold(post, |post, (name, value)| {
            Ok::<_, ModelError>(post.header(name, secret_header("", &value.into())?))
        });
        Ok(signed?.body(body))
    }
}

impl LanguageModel for Bedrock {
    fn identity(&self) -> ModelIdentity {
        ModelIdentity { transport: Transport::Bedrock.key().into(), model: self.model.clone() }
    }

    fn generate(&self, request: ModelRequest) -> ModelStream {
        let sent = self.request(&request);
        let asking = Box::pin(async move { send(sent?).await });
        read(asking, Messages::new(FrameDecoder::default()), request.max_output_tokens)
    }
}

/// The region in the host name of an endpoint; any will do for a server that does not check.
fn region_of(endpoint: &str) -> &str {
    let host = endpoint.split("bedrock-runtime.").nth(1).unwrap_or_default();
    host.split('.').next().filter(|region| !region.is_empty()).unwrap_or("eu-west-2")
}
