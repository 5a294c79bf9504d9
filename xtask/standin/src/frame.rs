//! Amazon's framing of event streams, as a server writes it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

/// A `chunk` event with these data.
pub(crate) fn chunk(data: &str) -> Vec<u8> {
    let payload = json!({"bytes": STANDARD.encode(data)}).to_string();
    let headers = [
        (":event-type", "chunk"),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    message(&headers, payload.as_bytes())
}

/// An exception of this type.
pub(crate) fn exception(kind: &str, message_text: &str) -> Vec<u8> {
    let payload = json!({"message": message_text}).to_string();
    let headers = [
        (":exception-type", kind),
        (":content-type", "application/json"),
        (":message-type", "exception"),
    ];
    message(&headers, payload.as_bytes())
}

/// Total length, length of the headers, their checksum; the headers; the payload; the checksum of all.
fn message(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    for (name, value) in headers {
        head.push(name.len() as u8);
        head.extend(name.as_bytes());
        head.push(7); // The value is a string.
        head.extend((value.len() as u16).to_be_bytes());
        head.extend(value.as_bytes());
    }
    let total = 16 + head.len() + payload.len();
    let mut bytes = Vec::with_capacity(total);
    bytes.extend((total as u32).to_be_bytes());
    bytes.extend((head.len() as u32).to_be_bytes());
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
    bytes.extend(head);
    bytes.extend(payload);
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
    bytes
}
