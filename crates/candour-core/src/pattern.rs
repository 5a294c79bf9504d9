//! Regular expressions over guidance and questions, written so that they are read at full speed.

/// The same pattern with borders of words that look at plain letters alone: one that knows all letters makes
/// the engine read any text with a pound sign or a curly quotation mark many times slower. For patterns whose
/// words begin and end with plain letters.
pub fn with_plain_borders(pattern: &str) -> String {
    pattern.replace(r"\b", r"(?-u:\b)")
}
