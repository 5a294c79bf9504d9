//! Amazon Bedrock's way to the Messages API: the same body but for the model, which is in the path.

use hyper::header::{AUTHORIZATION, HeaderMap};
use serde_json::{Value, json};

use crate::refusal::Refusal;

/// Refuses a request that nobody signed. The signature itself is not checked: botocore's vectors are
/// for that.
pub(crate) fn authenticate(headers: &HeaderMap) -> Result<(), Refusal> {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let is_signed = value.is_some_and(|value| {
        let has_parts =
            ["Credential=", "SignedHeaders=", "Signature="].iter().all(|part| value.contains(part));
        value.starts_with("AWS4-HMAC-SHA256 ") && has_parts && headers.contains_key("x-amz-date")
            || value.starts_with("Bearer ")
    });
    if is_signed {
        Ok(())
    } else {
        Err(Refusal::new(403, "permission_error", "Missing Authentication Token"))
    }
}

/// The body as the Messages API would be sent it.
pub(crate) fn as_messages(body: &mut Value, model: &str, streams: bool) -> Result<(), Refusal> {
    let Some(fields) = body.as_object_mut() else {
        return Err(Refusal::invalid("Malformed input request"));
    };
    for field in ["model", "stream"] {
        if fields.contains_key(field) {
            return Err(Refusal::invalid(format!("extraneous key [{field}] is not permitted")));
        }
    }
    match fields.remove("anthropic_version") {
        Some(version) if version == "bedrock-2023-05-31" || version == "2026-10-21" => {}
        _ => return Err(Refusal::invalid("anthropic_version: Field required")),
    }
    fields.remove("anthropic_beta");
    fields.insert("model".into(), json!(model));
    fields.insert("stream".into(), json!(streams));
    Ok(())
}
