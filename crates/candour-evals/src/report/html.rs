//! A report as one HTML file that needs nothing else: no script, no request, a policy that forbids both,
//! and one style sheet that the policy names by its hash.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use candour_core::Locale;
use sha2::{Digest as _, Sha256};

use super::document::{Block, Document, Section, Table, Text};
use super::shown::{LONGEST_LINE, LONGEST_SAID, cut, visible};

const STYLE: &str = include_str!("style.css");

/// The whole page.
pub fn html(document: &Document) -> String {
    let mut page = Page::default();
    let title = own(&document.title);
    let style = STANDARD.encode(Sha256::digest(STYLE));
    page.add(&format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'sha256-{style}'; img-src data:; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">{skip}</a>\n<main id=\"main\">\n<h1>{title}</h1>\n",
        language = document.language.tag(),
        skip = own(&document.skip),
    ));
    page.blocks(&document.opening);
    for section in &document.sections {
        page.section(section, 2);
    }
    page.add(&format!(
        "</main>\n<footer><p>{}</p></footer>\n</body>\n</html>\n",
        own(&document.ending)
    ));
    page.text
}

/// How many bytes a section takes.
pub(super) fn length(section: &Section) -> usize {
    let mut page = Page::default();
    page.section(section, 2);
    page.text.len()
}

/// A page that is being written.
#[derive(Default)]
struct Page {
    text: String,
    /// How many things have a name of their own so far.
    named: usize,
}

impl Page {
    fn add(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn name(&mut self) -> String {
        self.named += 1;
        format!("n{}", self.named)
    }

    fn section(&mut self, section: &Section, level: usize) {
        let level = level.min(6);
        self.add(&format!(
            "<section>\n<h{level}>{}</h{level}>\n",
            inline(&section.title, LONGEST_LINE)
        ));
        self.blocks(&section.blocks);
        for inner in &section.sections {
            self.section(inner, level + 1);
        }
        self.add("</section>\n");
    }

    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(text) => self.add(&format!("<p>{}</p>\n", inline(text, LONGEST_SAID))),
            Block::List(items) => {
                self.add("<ul>\n");
                for item in items {
                    self.add(&format!("<li>{}</li>\n", inline(item, LONGEST_SAID)));
                }
                self.add("</ul>\n");
            }
            Block::Facts(facts) => {
                self.add("<dl>\n");
                for (name, text) in facts {
                    let (name, text) = (own(name), inline(text, LONGEST_SAID));
                    self.add(&format!("<div><dt>{name}</dt><dd>{text}</dd></div>\n"));
                }
                self.add("</dl>\n");
            }
            Block::Table(table) => self.table(table),
            Block::Chart(chart) => {
                let name = self.name();
                self.add(&chart.svg(&name));
            }
            Block::Said { label, words } => {
                let (label, shown) = (own(label), said(words, LONGEST_SAID));
                self.add(&format!(
                    "<p class=\"label\">{label}</p>\n<blockquote>{shown}</blockquote>\n"
                ));
            }
        }
    }

    /// A wide table scrolls by itself, with the keyboard too, and not the page.
    fn table(&mut self, table: &Table) {
        let (name, caption) = (self.name(), own(&table.caption));
        self.add(&format!(
            "<div class=\"scroll\" role=\"group\" aria-labelledby=\"{name}\" tabindex=\"0\">\n\
             <table>\n<caption id=\"{name}\"><span>{caption}</span></caption>\n<thead><tr>"
        ));
        let is_number = |at: usize| {
            let mut cells = table.rows.iter().filter_map(|row| row.get(at)).peekable();
            cells.peek().is_some() && cells.all(|cell| matches!(cell, Text::Number(_)))
        };
        for (at, column) in table.columns.iter().enumerate() {
            let class = if is_number(at) { " class=\"number\"" } else { "" };
            self.add(&format!("<th scope=\"col\"{class}>{}</th>", own(column)));
        }
        self.add("</tr></thead>\n<tbody>\n");
        for row in &table.rows {
            self.add("<tr>");
            for (at, cell) in row.iter().enumerate() {
                let class = if matches!(cell, Text::Number(_)) { " class=\"number\"" } else { "" };
                let (start, end) = if at == 0 { ("th scope=\"row\"", "th") } else { ("td", "td") };
                self.add(&format!("<{start}{class}>{}</{end}>", inline(cell, LONGEST_LINE)));
            }
            self.add("</tr>\n");
        }
        self.add("</tbody>\n</table>\n</div>\n");
    }
}

/// Words within a line.
fn inline(text: &Text, longest: usize) -> String {
    match text {
        Text::Own(words) | Text::Number(words) => own(words),
        Text::Name(words) => format!("<code>{}</code>", own(words)),
        Text::Theirs(..) => said(text, longest),
    }
}

/// Our own words, within which a name that somebody gave may stand.
fn own(words: &str) -> String {
    escaped(&visible(&cut(words, LONGEST_SAID)))
}

/// Words that are not ours, apart from what stands around them whatever their direction.
fn said(text: &Text, longest: usize) -> String {
    let words = escaped(&visible(&cut(text.words(), longest)));
    match text {
        Text::Theirs(_, Some(language @ (Locale::En | Locale::Cy))) => {
            format!("<bdi lang=\"{}\">{words}</bdi>", language.tag())
        }
        _ => format!("<bdi>{words}</bdi>"),
    }
}

/// A text in which nothing is mark-up.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
