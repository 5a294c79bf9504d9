//! The cookies: which conversation is this reader's, which ends with the browser session, and for staff
//! who signed in, the session of theirs.

use axum::http::{HeaderMap, HeaderValue, header};
use candour_core::ConversationId;

const CONVERSATION: &str = "conversation";
const STAFF: &str = "staff";

/// The conversation that the reader's cookie names. A value that is no identifier is as good as none.
pub(crate) fn conversation(headers: &HeaderMap) -> Option<ConversationId> {
    ConversationId::parse(value(headers, CONVERSATION)?)
}

/// The token of a session of staff, if it has the form of one.
pub(crate) fn staff_token(headers: &HeaderMap) -> Option<&str> {
    let is_token = |token: &&str| token.len() == 64 && token.bytes().all(|b| b.is_ascii_hexdigit());
    value(headers, STAFF).filter(is_token)
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// Names the conversation to the browser. Scripts cannot read it, and no other site can send it.
pub(crate) fn set(conversation: ConversationId, is_https: bool) -> Option<HeaderValue> {
    line(CONVERSATION, &conversation.to_string(), "SameSite=Lax", is_https)
}

/// Makes the browser forget the conversation.
pub(crate) fn clear(is_https: bool) -> Option<HeaderValue> {
    line(CONVERSATION, "", "SameSite=Lax; Max-Age=0", is_https)
}

/// Gives the browser the token of a session of staff, for so many hours. It is not even sent where a link
/// on another site leads here.
pub(crate) fn set_staff(token: &str, hours: u32, is_https: bool) -> Option<HeaderValue> {
    let age = u64::from(hours) * 60 * 60;
    line(STAFF, token, &format!("SameSite=Strict; Max-Age={age}"), is_https)
}

/// Makes the browser forget the session.
pub(crate) fn clear_staff(is_https: bool) -> Option<HeaderValue> {
    line(STAFF, "", "SameSite=Strict; Max-Age=0", is_https)
}

fn line(name: &str, value: &str, terms: &str, is_https: bool) -> Option<HeaderValue> {
    let secure = if is_https { "; Secure" } else { "" };
    HeaderValue::try_from(format!("{name}={value}; Path=/; HttpOnly; {terms}{secure}")).ok()
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
    #[test]
    fn a_token_of_staff_is_sixty_four_digits() {
        let token = "0f".repeat(32);
        let line = set_staff(&token, 12, true).unwrap();
        let expected = "; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure";
        assert_eq!(line.to_str().unwrap(), format!("staff={token}{expected}"));
        for (cookie, expected) in [
            (format!("conversation=x; staff={token}"), Some(token.as_str())),
            (format!("staff={token}0"), None),
            (format!("staff={}", "zz".repeat(32)), None),
            ("staff=".into(), None),
        ] {
            let headers = HeaderMap::from_iter([(header::COOKIE, cookie.parse().unwrap())]);
            assert_eq!(staff_token(&headers), expected, "{cookie}");
        }
    }
}
