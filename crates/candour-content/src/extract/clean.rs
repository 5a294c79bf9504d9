//! Clean text: what readers cannot see is taken out, white space is collapsed, links keep their words.

use candour_core::Link;
use candour_core::characters::is_invisible;

use super::Text;

/// Text as it is gathered from the nodes of a tree.
#[derive(Default)]
pub(super) struct Gathered {
    text: String,
    links: Vec<Link>,
    /// White space was met since the last word.
    space: bool,
}

impl Gathered {
    /// Adds words.
    pub(super) fn push(&mut self, words: &str) {
        for c in words.chars().filter(|c| !is_unseen(*c)) {
            if c.is_whitespace() {
                self.space = true;
                continue;
            }
            if self.space && !self.text.is_empty() && !self.text.ends_with('\n') {
                self.text.push(' ');
            }
            self.space = false;
            self.text.push(c);
        }
    }

    /// Ends the line, as `<br>` does.
    pub(super) fn end_line(&mut self) {
        self.space = false;
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// Sets what comes next apart with `mark`, where no punctuation does so already.
    pub(super) fn set_apart(&mut self, mark: char) {
        if self.text.ends_with(|c: char| {
            c.is_alphanumeric() || matches!(c, ')' | '’' | '”' | '"' | '\'' | '%')
        }) {
            self.text.push(mark);
        }
        self.space = true;
    }

    /// Where a link's words will begin.
    pub(super) fn mark(&self) -> usize {
        self.text.len()
    }

    /// Notes that the words since `mark` lead to `url`.
    pub(super) fn link(&mut self, mark: usize, url: Option<String>) {
        let label = one_line(self.text.get(mark..).unwrap_or_default());
        if let Some(url) = url
            && !label.is_empty()
        {
            self.links.push(Link { label, url });
        }
    }

    /// The words and links so far; the gathering begins anew.
    pub(super) fn take(&mut self) -> Option<Text> {
        let Self { text, links, .. } = std::mem::take(self);
        let text = text.trim().to_owned();
        (!text.is_empty()).then_some(Text { text, links })
    }
}

/// Plain text from a field that holds no markup, in one line.
pub(super) fn one_line(raw: &str) -> String {
    let mut gathered = Gathered::default();
    gathered.push(raw);
    gathered.text
}

/// Whether readers cannot see a character, which could carry words that only a machine reads.
fn is_unseen(c: char) -> bool {
    is_invisible(c) || (c.is_control() && !c.is_whitespace())
}
