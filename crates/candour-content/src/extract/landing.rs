//! Landing pages: a tree of blocks whose types grow; text is taken wherever a field is known to hold it.

use serde_json::Value;

use super::item::text;
use super::outline::Outline;
use super::{body, schema::Written};

/// Fields that hold pictures and menus, never text to read.
const NOT_READ: [&str; 5] = ["image", "sources", "navigation_groups", "breadcrumbs", "links"];

/// The text of a landing page.
pub(super) fn landing(written: &mut Written<'_>) {
    body::add(written.outline, &written.details["body"]);
    blocks(written.outline, &written.details["blocks"]);
}

/// Walks the tree; serde_json has bounded how deep it goes.
fn blocks(outline: &mut Outline, value: &Value) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| blocks(outline, value)),
        Value::Object(fields) => {
            block(outline, value);
            let inner = fields.iter().filter(|(name, value)| {
                (value.is_object() || value.is_array()) && !NOT_READ.contains(&name.as_str())
            });
            inner.for_each(|(_, value)| blocks(outline, value));
        }
        _ => {}
    }
}

fn block(outline: &mut Outline, block: &Value) {
    if text(block, "type") == Some("heading") {
        outline.heading(2, &body::words(&block["content"]), None);
        return;
    }
    if let Some(heading) = text(block, "heading") {
        outline.heading(2, heading, None);
    }
    for field in ["content", "quote", "summary"] {
        body::add_here(outline, &block[field]);
    }
}
