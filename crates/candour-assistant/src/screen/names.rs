//! Names and phrases that tell something of a question, found word by word.

use aho_corasick::{AhoCorasick, MatchKind};

use crate::words::plain_words;

/// Names with what each tells. Of those that begin at one place the longest is meant, so that a name
/// which tells nothing can take the place of one inside it.
pub(super) struct Names<T> {
    automaton: AhoCorasick,
    /// For each name what it tells, if anything.
    meanings: Vec<Option<T>>,
}

impl<T: Copy> Names<T> {
    /// Names to look for; `None` where they are too many to be looked for at once, which is logged.
    pub(super) fn new(names: &[(Option<T>, String)]) -> Option<Self> {
        let patterns = names.iter().map(|(_, name)| apart(&plain_words(name)));
        let automaton =
            AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns);
        let automaton = automaton.inspect_err(|error| tracing::error!(%error, "no name is known"));
        let meanings = names.iter().map(|(meaning, _)| *meaning).collect();
        Some(Self { automaton: automaton.ok()?, meanings })
    }

    /// What the names in a text tell, in the order in which they stand.
    pub(super) fn found_in(&self, text: &str) -> Vec<T> {
        let text = apart(&plain_words(text));
        let found = self.automaton.find_iter(&text);
        found.filter_map(|name| self.meanings[name.pattern().as_usize()]).collect()
    }
}

/// The words of a text or of a name. Each has a space of its own on either side, so that names can stand
/// next to one another and none is found inside a longer word.
fn apart<W: AsRef<str>>(words: &[W]) -> String {
    let mut text = String::new();
    for word in words {
        text.extend([" ", word.as_ref(), " "]);
    }
    text
}
