//! The text of a body field: a string, an array of forms, or null. Every field is read through here.

use std::borrow::Cow;

use serde_json::Value;

use super::govspeak;
use super::html;
use super::outline::Outline;

/// Adds the text of a field to the outline, apart from the headings of the field before it.
pub(super) fn add(outline: &mut Outline, field: &Value) {
    outline.fresh();
    add_here(outline, field);
}

/// Adds the text of a field under the heading that was just written.
pub(super) fn add_here(outline: &mut Outline, field: &Value) {
    if let Some(text) = markup(field) {
        html::add(outline, &text);
    }
}

/// The text of a field in one line, without markup.
pub(super) fn words(field: &Value) -> String {
    markup(field).map(|text| html::words(&text)).unwrap_or_default()
}

/// The HTML of a field: `text/html` before `text/govspeak`; `None` for null, blank and other forms.
pub(super) fn markup(field: &Value) -> Option<Cow<'_, str>> {
    let text = match field {
        Value::String(text) => paragraphs(text),
        Value::Array(forms) => {
            let form = |wanted: &str| {
                let found = forms
                    .iter()
                    .find(|form| form.get("content_type").and_then(Value::as_str) == Some(wanted));
                found.and_then(|form| form.get("content")).and_then(Value::as_str)
            };
            match (form("text/html"), form("text/govspeak")) {
                (Some(html), _) => Cow::Borrowed(html),
                (None, Some(govspeak)) => Cow::Owned(govspeak::to_html(govspeak)),
                (None, None) => return None,
            }
        }
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

/// Text without a single tag has its paragraphs between blank lines.
fn paragraphs(text: &str) -> Cow<'_, str> {
    let has_tag = text
        .as_bytes()
        .windows(2)
        .any(|pair| pair[0] == b'<' && (pair[1].is_ascii_alphabetic() || pair[1] == b'/'));
    if has_tag || !text.contains('\n') {
        return Cow::Borrowed(text);
    }
    let unified = text.replace("\r\n", "\n");
    let blocks: Vec<&str> =
        unified.split("\n\n").map(str::trim).filter(|block| !block.is_empty()).collect();
    Cow::Owned(format!("<p>{}</p>", blocks.join("</p><p>")))
}
