//! A report as Markdown, without its charts, whose numbers stand in the tables. Writing to a `String`
//! cannot fail.

use std::fmt::Write as _;

use super::document::{Block, Document, Section, Table, Text};
use super::shown::{LONGEST_LINE, LONGEST_SAID, cut, visible};

/// The whole report.
pub fn markdown(document: &Document) -> String {
    let mut text = format!("# {}\n\n", own(&document.title));
    blocks(&document.opening, &mut text);
    for inner in &document.sections {
        section(inner, 2, &mut text);
    }
    text.push_str("---\n\n");
    text.push_str(&own(&document.ending));
    text.push('\n');
    text
}

fn section(section: &Section, level: usize, text: &mut String) {
    let marks = "#".repeat(level.min(6));
    let _ = write!(text, "{marks} {}\n\n", inline(&section.title, LONGEST_LINE));
    blocks(&section.blocks, text);
    for inner in &section.sections {
        self::section(inner, level + 1, text);
    }
}

fn blocks(blocks: &[Block], text: &mut String) {
    for block in blocks {
        match block {
            Block::Paragraph(words) => text.push_str(&inline(words, LONGEST_SAID)),
            Block::List(items) => {
                let items: Vec<String> =
                    items.iter().map(|item| format!("- {}", inline(item, LONGEST_SAID))).collect();
                text.push_str(&items.join("\n"));
            }
            Block::Facts(facts) => {
                let line = |(name, words): &(String, Text)| {
                    format!("- **{}**: {}", own(name), inline(words, LONGEST_SAID))
                };
                text.push_str(&facts.iter().map(line).collect::<Vec<_>>().join("\n"));
            }
            Block::Table(of) => table(of, text),
            Block::Chart(_) => continue,
            Block::Said { label, words } => {
                let shown = escaped(&visible(&cut(words.words(), LONGEST_SAID)));
                let _ = write!(text, "{}:\n\n> {}", own(label), shown.replace('\n', "\n> "));
            }
        }
        text.push_str("\n\n");
    }
}

fn table(table: &Table, text: &mut String) {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let _ = write!(text, "{}\n\n", own(&table.caption));
    text.push_str(&line(table.columns.iter().map(|column| own(column)).collect()));
    text.push_str(&line(table.columns.iter().map(|_| "---".to_owned()).collect()));
    for row in &table.rows {
        text.push_str(&line(row.iter().map(|cell| inline(cell, LONGEST_LINE)).collect()));
    }
    text.truncate(text.trim_end().len());
}

/// Words within a line.
fn inline(text: &Text, longest: usize) -> String {
    let words = visible(&cut(text.words(), longest)).replace('\n', " ");
    match text {
        // A name holds no back-tick, unless somebody else gave it.
        Text::Name(_) if !words.contains('`') => format!("`{}`", words.replace('|', "\\|")),
        _ => escaped(&words),
    }
}

/// Our own words, within which a name that somebody gave may stand.
fn own(words: &str) -> String {
    escaped(&visible(&cut(words, LONGEST_SAID)).replace('\n', " "))
}

/// A text in which nothing is a mark of Markdown or of HTML.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    let mut start = 0;
    for (at, character) in text.char_indices() {
        let line = &text[start..at];
        // At the start of a line these make headings, lists and rules; after a number, a list.
        let starts = line.trim().is_empty() && "#-+=:".contains(character);
        let numbers = !line.is_empty()
            && line.bytes().all(|byte| byte.is_ascii_digit())
            && ".)".contains(character);
        if starts || numbers || "\\`*_[]|~!".contains(character) {
            safe.push('\\');
        }
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            other => safe.push(other),
        }
        if character == '\n' {
            start = at + 1;
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_said_is_mark_up() {
        let cases = [
            ("<b>a|b</b>", "&lt;b&gt;a\\|b&lt;/b&gt;"),
            ("# no\n- list\n1. one", "\\# no\n\\- list\n1\\. one"),
            ("[a](b) *c* - d.", "\\[a\\](b) \\*c\\* - d."),
        ];
        for (text, expected) in cases {
            assert_eq!(escaped(text), expected);
        }
        assert_eq!(inline(&Text::Name("a|b".into()), 10), "`a\\|b`");
    }
}
