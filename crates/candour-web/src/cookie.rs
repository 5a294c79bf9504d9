//! The one cookie: which conversation is this reader's. It ends with the browser session.

use axum::http::{HeaderMap, HeaderValue, header};
use candour_core::ConversationId;

const NAME: &str = "conversation";

/// The conversation that the reader's cookie names. A value that is no identifier is as good as none.
pub(crate) fn conversation(headers: &HeaderMap) -> Option<ConversationId> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == NAME)
        .and_then(|(_, value)| ConversationId::parse(value))
}

/// Names the conversation to the browser. Scripts cannot read it, and no other site can send it.
pub(crate) fn set(conversation: ConversationId, is_https: bool) -> Option<HeaderValue> {
    line(&conversation.to_string(), "", is_https)
}

/// Makes the browser forget.
pub(crate) fn clear(is_https: bool) -> Option<HeaderValue> {
    line("", "; Max-Age=0", is_https)
}

fn line(value: &str, age: &str, is_https: bool) -> Option<HeaderValue> {
    let secure = if is_https { "; Secure" } else { "" };
    HeaderValue::try_from(format!("{NAME}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}"))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_can_be_read() {
        let id = ConversationId::from_random([7; 16]);
        let line = set(id, true).unwrap();
        let text = line.to_str().unwrap();
        assert!(text.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"), "{text}");
        let mut headers = HeaderMap::new();
        let pair = format!("other=1; {}", text.split(';').next().unwrap());
        headers.insert(header::COOKIE, pair.parse().unwrap());
        assert_eq!(conversation(&headers), Some(id));
        headers.insert(header::COOKIE, "conversation=<script>".parse().unwrap());
        assert_eq!(conversation(&headers), None);
    }
}
