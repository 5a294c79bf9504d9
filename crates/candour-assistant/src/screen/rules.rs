//! Lists of patterns, read from reviewed files.

use regex::Regex;

/// The patterns as compiled rules. A pattern that does not compile is reported and left out; tests
/// see to it that there is none.
pub(crate) fn regexes(patterns: &[String]) -> Vec<Regex> {
    let compiled = patterns.iter().map(|pattern| Regex::new(pattern));
    compiled
        .filter_map(|rule| {
            rule.inspect_err(|error| tracing::error!(%error, "a rule is left out")).ok()
        })
        .collect()
}

/// Whether any of `rules` is found in `text`.
pub(crate) fn matches_any(rules: &[Regex], text: &str) -> bool {
    rules.iter().any(|rule| rule.is_match(text))
}
