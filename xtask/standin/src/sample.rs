//! A value that keeps to a JSON Schema, always the same for the same schema.

use serde_json::{Map, Value, json};

/// How deep a value goes at most: schemas may contain themselves.
const DEEPEST: usize = 12;

/// A value of this schema. What the schema does not say is left out.
pub(crate) fn of(schema: &Value) -> Value {
    value(schema, DEEPEST)
}

fn value(schema: &Value, depth: usize) -> Value {
    if depth == 0 {
        return Value::Null;
    }
    if let Some(fixed) = schema.get("const").or_else(|| schema.get("enum")?.get(0)) {
        return fixed.clone();
    }
    if let Some(first) = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema.get(key)?.get(0))
    {
        return value(first, depth - 1);
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str),
        kind => kind.and_then(Value::as_str),
    };
    match kind {
        Some("string") => json!("a stand-in's words"),
        Some("integer") => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        Some("number") => schema.get("minimum").cloned().unwrap_or_else(|| json!(0.5)),
        Some("boolean") => json!(true),
        Some("array") => match schema.get("items") {
            Some(items) => json!([value(items, depth - 1)]),
            None => json!([]),
        },
        Some("null") => Value::Null,
        _ => Value::Object(properties(schema, depth)),
    }
}

fn properties(schema: &Value, depth: usize) -> Map<String, Value> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let sampled = properties.into_iter().flatten();
    sampled.map(|(name, schema)| (name.clone(), value(schema, depth - 1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_to_their_schema() {
        let schema = json!({"type": "object", "properties": {
            "label": {"enum": ["greeting", "question"]},
            "score": {"type": "number", "minimum": 0},
            "parts": {"type": "array", "items": {"type": ["string", "null"]}},
        }});
        let expected = json!({"label": "greeting", "score": 0, "parts": ["a stand-in's words"]});
        assert_eq!(of(&schema), expected);
    }
}
