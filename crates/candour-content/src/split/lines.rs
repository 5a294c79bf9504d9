//! The lines of a section: each can be quoted, and knows which others must be quoted with it.

use candour_core::{Link, UnitKind};

use super::MAX_CHARACTERS;
use super::condition::limits_the_last;
use super::sentence::sentence_texts;
use crate::extract::{Block, Section, Text};

/// How many sentences may hang on one another by their conditions.
const MAX_CHAIN: usize = 4;
/// A condition after a list is quoted with the whole list, unless the list is longer than this.
const MAX_LIMITED_ITEMS: usize = 6;

/// A unit in the making.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) kind: UnitKind,
    /// Indices of lines in the same section, later in the same passage; in order.
    pub(super) needs: Vec<usize>,
    pub(super) links: Vec<Link>,
    /// Which block of the section it comes from.
    pub(super) block: usize,
    /// Whether it is a part of a unit that was too long for one passage.
    pub(super) is_piece: bool,
}

impl Line {
    /// How much room it takes in a passage.
    pub(super) fn size(&self) -> usize {
        self.text.chars().count() + 1
    }
}

/// The lines of a section.
pub(super) fn of_section(section: &Section) -> Vec<Line> {
    let mut writer = Writer::default();
    for (at, block) in section.blocks.iter().enumerate() {
        writer.block = at;
        match block {
            Block::Paragraph(text) => writer.paragraph(text, section.blocks.get(at + 1)),
            Block::List(items) => writer.list(items),
            Block::Table { header, rows, links } => writer.table(header, rows, links),
        }
    }
    for (at, line) in writer.lines.iter_mut().enumerate() {
        line.needs.retain(|need| *need != at);
        line.needs.sort_unstable();
        line.needs.dedup();
    }
    writer.lines
}

#[derive(Default)]
struct Writer {
    lines: Vec<Line>,
    block: usize,
    /// A line that ends in a colon, which the next block completes.
    stem: Option<usize>,
    /// The sentences that a limiting sentence would belong to.
    chain: Vec<usize>,
    /// The list or table that a limiting sentence would belong to: its stem or header, and its lines.
    group: Option<(Option<usize>, Vec<usize>)>,
}

impl Writer {
    fn paragraph(&mut self, text: &Text, next: Option<&Block>) {
        let sentences = sentence_texts(&text.text);
        let last = sentences.len().saturating_sub(1);
        for (at, sentence) in sentences.into_iter().enumerate() {
            let needs: Vec<usize> = self.stem.take().into_iter().collect();
            let written =
                self.push(&sentence.replace('\n', " "), UnitKind::Sentence, &needs, &text.links);
            self.attach_condition(sentence, &written);
            if at == last && is_stem(sentence, next) {
                self.make_stem(&written);
            }
        }
    }

    /// Binds a limiting sentence to what it limits, and opens a new chain otherwise.
    fn attach_condition(&mut self, sentence: &str, written: &[usize]) {
        let limits = limits_the_last(sentence);
        if let Some((context, members)) = self.group.take()
            && limits
        {
            self.limit_group(context, &members, written);
            self.chain = written.to_vec();
            return;
        }
        if !limits || self.chain.is_empty() || self.chain.len() >= MAX_CHAIN {
            self.chain = written.to_vec();
            return;
        }
        for at in written {
            self.lines[*at].needs.extend(&self.chain);
        }
        for at in &self.chain {
            self.lines[*at].needs.extend(written);
        }
        self.chain.extend(written);
    }

    fn limit_group(&mut self, context: Option<usize>, members: &[usize], written: &[usize]) {
        for at in members.iter().chain(&context) {
            self.lines[*at].needs.extend(written);
        }
        if members.len() <= MAX_LIMITED_ITEMS {
            for at in written {
                self.lines[*at].needs.extend(members.iter().chain(&context));
            }
        }
    }

    fn make_stem(&mut self, written: &[usize]) {
        if let Some(at) = written.last() {
            self.lines[*at].kind = UnitKind::Stem;
            self.stem = Some(*at);
            self.chain.clear();
        }
    }

    fn list(&mut self, items: &[Text]) {
        let stem = self.stem.take();
        let (mut members, mut around) = (Vec::new(), Vec::<usize>::new());
        for (at, item) in items.iter().enumerate() {
            let depth = depth(item);
            around.truncate(depth);
            // What a stem needs, such as the sentence that limits it, its items need too.
            let mut needs: Vec<usize> = around.iter().copied().chain(stem).collect();
            needs.extend(stem.into_iter().flat_map(|stem| self.lines[stem].needs.clone()));
            let has_inner = items.get(at + 1).is_some_and(|next| self::depth(next) > depth);
            let kind =
                if has_inner && item.text.ends_with(':') { UnitKind::Stem } else { UnitKind::Item };
            let written = self.push(&item.text.replace('\n', " "), kind, &needs, &item.links);
            if let Some(last) = written.last().filter(|_| has_inner) {
                around.resize(depth, *last);
                around.push(*last);
            }
            members.extend(written);
        }
        self.close_group(stem, members);
    }

    fn table(&mut self, header: &[String], rows: &[Vec<String>], links: &[Link]) {
        let stem = self.stem.take();
        let head = row_text(header);
        let header = if head.is_empty() {
            None
        } else {
            self.push(&head, UnitKind::Header, stem.as_slice(), links).last().copied()
        };
        let mut members = Vec::new();
        for row in rows {
            let needs: Vec<usize> = header.into_iter().chain(stem).collect();
            members.extend(self.push(&row_text(row), UnitKind::Row, &needs, links));
        }
        self.close_group(header.or(stem), members);
    }

    fn close_group(&mut self, context: Option<usize>, members: Vec<usize>) {
        self.chain.clear();
        self.group = Some((context, members));
    }

    /// Adds a line, or several where the text is too long for one passage, and tells their indices.
    fn push(&mut self, text: &str, kind: UnitKind, needs: &[usize], links: &[Link]) -> Vec<usize> {
        let pieces = pieces(text.trim());
        let written: Vec<usize> = (self.lines.len()..self.lines.len() + pieces.len()).collect();
        let is_piece = pieces.len() > 1;
        for piece in pieces {
            let links = links.iter().filter(|link| piece.contains(&link.label)).cloned().collect();
            let mut needs = needs.to_vec();
            if is_piece {
                needs.extend(&written);
            }
            self.lines.push(Line {
                text: piece.to_owned(),
                kind,
                needs,
                links,
                block: self.block,
                is_piece,
            });
        }
        written
    }
}

/// Whether the last sentence of a paragraph is completed by the next block.
fn is_stem(sentence: &str, next: Option<&Block>) -> bool {
    let ends_open = !sentence.ends_with(['.', '!', '?', '…', ')', '”', '’', '"']);
    match next {
        Some(Block::List(_)) => ends_open,
        Some(_) => sentence.ends_with(':'),
        None => false,
    }
}

fn depth(item: &Text) -> usize {
    item.text.bytes().take_while(|byte| *byte == b'\t').count()
}

/// The cells of a row as one line, each word for word.
fn row_text(cells: &[String]) -> String {
    let mut text = String::new();
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            text.push_str(if cell.is_empty() { " |" } else { " | " });
        }
        text.push_str(&cell.replace('\n', " "));
    }
    let text = text.trim();
    if text.chars().all(|c| c == '|' || c == ' ') { String::new() } else { text.to_owned() }
}

/// A text in pieces that fit into a passage, cut between sentences where that can be, else between
/// words, else between characters.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((limit, _)) = rest.char_indices().nth(MAX_CHARACTERS) {
        let head = &rest[..limit];
        let sentence = sentence_texts(head)
            .iter()
            .rev()
            .nth(1)
            .map(|last| (last.as_ptr() as usize + last.len()) - head.as_ptr() as usize);
        let word = || head.rfind(char::is_whitespace).filter(|at| *at > 0);
        let cut = sentence.filter(|at| *at > limit / 2).or_else(word).unwrap_or(limit);
        pieces.push(rest[..cut].trim_end());
        rest = rest[cut..].trim_start();
    }
    if !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}
