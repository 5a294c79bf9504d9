//! Words on the terminal: results to standard output, everything else to standard error.

use std::fmt::{Display, Write as _};
use std::io::{self, IsTerminal as _, Write as _};

use anyhow::Result;
use candour_evals::report::visible;
use serde::Serialize;

/// Prints a result.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}

/// Whether what goes to standard error may be in colour: nobody reads codes in a file, and some want none
/// (<https://no-color.org>).
pub(crate) fn has_colours() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty())
}

/// Prints a result as JSON, on one line when a program reads it and indented when a person does.
pub(crate) fn print_json(value: &impl Serialize) -> Result<()> {
    let text = if io::stdout().is_terminal() {
        serde_json::to_string_pretty(value)?
    } else {
        serde_json::to_string(value)?
    };
    print(&text)
}

/// Words of others on one line: what moves the cursor, hides or turns what follows is named instead.
pub(crate) fn line(text: &str) -> String {
    visible(text).replace(['\n', '\t'], " ")
}

/// A number with what is counted, of which `one` is the word for a single one: `1 page`, `2 pages`.
pub(crate) fn counted(count: impl Display, one: &str) -> String {
    let count = count.to_string();
    let ending = if count == "1" { "" } else { "s" };
    format!("{count} {one}{ending}")
}

/// Says something that is not a result.
pub(crate) fn note(text: &str) {
    // Where standard error is closed there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Says why the command failed, with the causes that add something to it.
pub(crate) fn complain(error: &anyhow::Error) {
    let mut text = format!("error: {error}");
    let mut said = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !said.contains(&cause) {
            let _ = write!(text, "\n  because: {cause}");
            said.push_str(&cause);
        }
    }
    // What is wrong may be named by somebody else's words.
    note(&visible(&text));
}

/// Breaks `text` into lines of at most `width` characters, the later ones indented by `indent` spaces.
pub(crate) fn wrap(text: &str, width: usize, indent: usize) -> String {
    let mut wrapped = String::with_capacity(text.len() + 16);
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > indent && column + 1 + length > width {
            wrapped.push('\n');
            wrapped.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else if column > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped
}

/// The width to wrap at: comfortable to read, whatever the size of the window.
pub(crate) const READING_WIDTH: usize = 88;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_others_move_no_cursor() {
        assert_eq!(line("a\u{1b}[2Jb\nc\u{202e}"), "a[U+001B][2Jb c[U+202E]");
    }

    #[test]
    fn wraps_between_words_only() {
        assert_eq!(wrap("one two three four", 9, 2), "one two\n  three\n  four");
        assert_eq!(wrap("  a   b ", 80, 0), "a b");
        assert_eq!(wrap("unbreakable", 4, 0), "unbreakable");
    }
}
