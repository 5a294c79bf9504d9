//! Lists of patterns, read from reviewed files.

use candour_core::pattern::with_plain_borders;
use regex::{Regex, RegexSet, RegexSetBuilder};

/// How many bytes the engine may fill with what it found out of a set, for each thread that reads with it. With
/// its usual two million it gives up on the rules of danger, and reads a line two hundred times slower; with
/// 32 << 20 it forgets and finds out anew, three times slower.
const ROOM: usize = 48 << 20;

/// The pattern as a compiled rule. One that does not compile is reported and left out; tests see to it
/// that there is none.
pub(crate) fn rule(pattern: &str) -> Option<Regex> {
    let rule = Regex::new(&with_plain_borders(pattern));
    rule.inspect_err(|error| tracing::error!(%error, "a rule is left out")).ok()
}

/// The patterns as one set, which reads a text once for all of them.
pub(crate) fn rules(patterns: &[String]) -> RegexSet {
    let patterns = patterns.iter().map(|pattern| with_plain_borders(pattern));
    // Which one does not compile is looked for only where one does not.
    if let Ok(all) = RegexSetBuilder::new(patterns.clone()).dfa_size_limit(ROOM).build() {
        return all;
    }
    let whole = patterns.filter(|pattern| rule(pattern).is_some());
    RegexSetBuilder::new(whole).dfa_size_limit(ROOM).build().unwrap_or_else(|error| {
        tracing::error!(%error, "a list of rules is left out");
        RegexSet::empty()
    })
}
