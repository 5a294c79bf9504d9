//! From what a model says, span by span, to sentences with what each claims to stand on.
//!
//! A sentence is handed on as soon as it and its citations are whole. Whether any of it is true is
//! left to `verify`.

use std::ops::Range;

use candour_content::split::sentence_texts;
use candour_core::{ModelCitation, ModelEvent};

use crate::screen::clean;

/// More than this is not read: the most tokens that an answer may have are far fewer.
const MOST_BYTES: usize = 64 * 1024;

/// A sentence or list item as a model said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// The words, without markup.
    pub(crate) text: String,
    /// Whether it is an item of a list.
    pub(crate) item: bool,
    /// What it claims to stand on.
    pub(crate) citations: Vec<ModelCitation>,
}

/// How much of the question the model says that it has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Completeness {
    /// All of it.
    Complete,
    /// Some of it.
    Partial,
    /// What it was given does not answer it.
    Nothing,
}

/// Puts spans together to sentences.
#[derive(Debug, Default)]
pub(crate) struct Sentences {
    /// What was said and not handed on yet, from the beginning of a line or sentence.
    text: String,
    /// The spans of `text` that are whole, in order.
    spans: Vec<Span>,
    /// Whether `text` goes on in a line of which a sentence was handed on.
    is_inside_line: bool,
    read: usize,
    completeness: Option<Completeness>,
}

#[derive(Debug)]
struct Span {
    place: Range<usize>,
    citations: Vec<ModelCitation>,
}

impl Sentences {
    /// Takes the next piece, and gives the sentences that are whole now.
    pub(crate) fn take(&mut self, event: &ModelEvent) -> Vec<Said> {
        match event {
            ModelEvent::Text(text) => {
                self.read += text.len();
                if self.read <= MOST_BYTES {
                    self.text.push_str(text);
                }
                Vec::new()
            }
            ModelEvent::SpanEnd(citations) => {
                self.end_span(citations.clone());
                self.whole_ones(false)
            }
            ModelEvent::Usage(_) | ModelEvent::Stop(_) | ModelEvent::Again => Vec::new(),
        }
    }

    /// The sentences that are left when nothing more comes. One that was not finished is left out where
    /// the model was cut off.
    pub(crate) fn finish(&mut self, was_cut_off: bool) -> Vec<Said> {
        if was_cut_off || self.read > MOST_BYTES {
            return Vec::new();
        }
        self.end_span(Vec::new());
        self.whole_ones(true)
    }

    /// What the model says of its own answer, if it has said so.
    pub(crate) fn completeness(&self) -> Option<Completeness> {
        self.completeness
    }

    fn end_span(&mut self, citations: Vec<ModelCitation>) {
        let start = self.closed();
        if start < self.text.len() {
            self.spans.push(Span { place: start..self.text.len(), citations });
        }
    }

    /// Up to where all spans are whole.
    fn closed(&self) -> usize {
        self.spans.last().map_or(0, |span| span.place.end)
    }

    fn whole_ones(&mut self, is_last: bool) -> Vec<Said> {
        let mut said = Vec::new();
        loop {
            let text = &self.text[..self.closed()];
            let line_end = text.find('\n');
            let is_whole_line = line_end.is_some() || is_last;
            let line = &text[..line_end.unwrap_or(text.len())];
            let after_line = line_end.map_or(text.len(), |end| end + 1);
            if after_line == 0 {
                return said;
            }
            let piece = if self.is_inside_line {
                sentence(line, is_whole_line)
            } else {
                beginning(line, is_whole_line)
            };
            match piece {
                Piece::Unfinished => return said,
                Piece::Nothing => self.drop_to(after_line, false),
                Piece::Control(completeness) => {
                    self.completeness = Some(completeness);
                    self.drop_to(after_line, false);
                }
                Piece::Heading(place) => {
                    let text = plain(&line[place]);
                    self.drop_to(after_line, false);
                    said.push(Said { text, item: false, citations: Vec::new() });
                }
                Piece::Said { place, item } => {
                    let text = plain(&line[place.clone()]);
                    let citations = self.citations_in(&place);
                    // The rest of an item belongs to it, so that its line is used up.
                    let is_line_over = item || line[place.end..].trim().is_empty() && is_whole_line;
                    let end = if is_line_over { after_line } else { place.end };
                    self.drop_to(end, !is_line_over);
                    said.push(Said { text, item, citations });
                }
            }
        }
    }

    /// What the spans cite that say something in a part of the text.
    fn citations_in(&self, place: &Range<usize>) -> Vec<ModelCitation> {
        let mut found: Vec<ModelCitation> = Vec::new();
        for span in &self.spans {
            let shared = span.place.start.max(place.start)..span.place.end.min(place.end);
            let says = |words: &str| words.contains(char::is_alphanumeric);
            if self.text.get(shared).is_some_and(says) {
                let new = span.citations.iter().filter(|new| !found.contains(new));
                let new: Vec<ModelCitation> = new.cloned().collect();
                found.extend(new);
            }
        }
        found
    }

    fn drop_to(&mut self, end: usize, is_inside_line: bool) {
        self.text.drain(..end);
        self.is_inside_line = is_inside_line;
        self.spans.retain_mut(|span| {
            span.place = span.place.start.saturating_sub(end)..span.place.end.saturating_sub(end);
            !span.place.is_empty()
        });
    }
}

/// What stands at the beginning of a line.
enum Piece {
    /// It may go on.
    Unfinished,
    /// Nothing that is said: an empty line.
    Nothing,
    /// What the model says of its answer.
    Control(Completeness),
    /// A heading, which nobody could check: it stands on nothing, whatever is cited around it.
    Heading(Range<usize>),
    /// A sentence or item.
    Said { place: Range<usize>, item: bool },
}

fn beginning(line: &str, is_whole: bool) -> Piece {
    let trimmed = line.trim();
    if trimmed.starts_with('#') || trimmed.starts_with("[[") {
        return match control(trimmed) {
            _ if !is_whole => Piece::Unfinished,
            Some(completeness) => Piece::Control(completeness),
            None => heading(line),
        };
    }
    let start = item_start(line);
    if let Some(start) = start {
        let text = line[start..].trim();
        return match (is_whole, text.is_empty()) {
            (false, _) => Piece::Unfinished,
            (true, true) => Piece::Nothing,
            (true, false) => {
                Piece::Said { place: start..start + line[start..].trim_end().len(), item: true }
            }
        };
    }
    let may_be_marker = trimmed.chars().count() < 4 && !trimmed.contains(char::is_alphabetic);
    if may_be_marker && !is_whole {
        return Piece::Unfinished;
    }
    sentence(line, is_whole)
}

/// The words of a heading.
fn heading(line: &str) -> Piece {
    let is_mark = |c: char| matches!(c, '#' | '[' | ']') || c.is_whitespace();
    let words = line.trim_matches(is_mark);
    let start = line.len() - line.trim_start_matches(is_mark).len();
    if words.is_empty() { Piece::Nothing } else { Piece::Heading(start..start + words.len()) }
}

fn sentence(line: &str, is_whole: bool) -> Piece {
    let sentences = sentence_texts(line);
    let Some(first) = sentences.first() else {
        return if is_whole { Piece::Nothing } else { Piece::Unfinished };
    };
    let is_ended =
        first.trim_end_matches(['*', '_', ')', '”', '"', '’']).ends_with(['.', '!', '?', ':']);
    if !is_whole && sentences.len() == 1 && !is_ended {
        return Piece::Unfinished;
    }
    let start = line.find(first).unwrap_or_default();
    Piece::Said { place: start..start + first.len(), item: false }
}

/// Where the words of a list item begin, behind its mark.
fn item_start(line: &str) -> Option<usize> {
    let rest = line.trim_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let mark = if digits > 0 && digits < 3 && rest[digits..].starts_with(['.', ')']) {
        digits + 1
    } else {
        rest.chars().next().filter(|mark| matches!(mark, '-' | '*' | '•' | '–'))?.len_utf8()
    };
    let is_mark = rest[mark..].starts_with([' ', '\t']) || rest.len() == mark;
    is_mark.then(|| line.len() - rest[mark..].trim_start().len())
}

fn control(line: &str) -> Option<Completeness> {
    match line.trim_start_matches('[').trim_end_matches(']') {
        "complete" => Some(Completeness::Complete),
        "partial" => Some(Completeness::Partial),
        "none" => Some(Completeness::Nothing),
        _ => None,
    }
}

/// The words without the marks of emphasis that models write, and without characters that nobody sees:
/// what is checked is what is read.
fn plain(text: &str) -> String {
    clean(&text.replace("**", "").replace("__", "").replace('`', "")).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn citation(block: usize) -> ModelCitation {
        ModelCitation { source: 0, blocks: block..block + 1, quote: None }
    }

    /// The words, whether they are an item, and the blocks that they cite.
    type Flat = (String, bool, Vec<usize>);

    /// Spans as (text, cited block or none).
    fn said(spans: &[(&str, Option<usize>)]) -> (Vec<Flat>, Option<Completeness>) {
        let mut sentences = Sentences::default();
        let mut all = Vec::new();
        for (text, block) in spans {
            sentences.take(&ModelEvent::Text((*text).to_owned()));
            all.extend(
                sentences.take(&ModelEvent::SpanEnd(block.map(citation).into_iter().collect())),
            );
        }
        all.extend(sentences.finish(false));
        let flat = |said: Said| {
            (said.text, said.item, said.citations.iter().map(|cited| cited.blocks.start).collect())
        };
        (all.into_iter().map(flat).collect(), sentences.completeness())
    }

    fn own(text: &str, item: bool, blocks: &[usize]) -> Flat {
        (text.to_owned(), item, blocks.to_vec())
    }

    #[test]
    fn spans_become_sentences_with_their_citations() {
        for (spans, expected) in [
            (vec![("It costs £35.", Some(1))], vec![own("It costs £35.", false, &[1])]),
            // The end of a sentence may stand in a span of its own.
            (
                vec![
                    ("It costs £35", Some(1)),
                    (" a year", Some(2)),
                    (". ", None),
                    ("Pay online.", Some(3)),
                ],
                vec![own("It costs £35 a year.", false, &[1, 2]), own("Pay online.", false, &[3])],
            ),
            // A span of several sentences speaks for each.
            (
                vec![("It costs £35. Pay online, e.g. by card.", Some(1))],
                vec![
                    own("It costs £35.", false, &[1]),
                    own("Pay online, e.g. by card.", false, &[1]),
                ],
            ),
            (
                vec![
                    ("You need:\n", Some(0)),
                    ("- ", None),
                    ("your **name**", Some(1)),
                    ("\n-", None),
                    (" ", None),
                    ("proof. Bring two.", Some(2)),
                    ("\n", None),
                ],
                vec![
                    own("You need:", false, &[0]),
                    own("your name", true, &[1]),
                    own("proof. Bring two.", true, &[2]),
                ],
            ),
            (
                vec![("1. Apply.\n2) ", Some(0)), ("Pay.", Some(1))],
                vec![own("Apply.", true, &[0]), own("Pay.", true, &[1])],
            ),
            (
                vec![("Nothing is cited here.", None)],
                vec![own("Nothing is cited here.", false, &[])],
            ),
            (
                vec![("# If you *rent* #\n\n", Some(1)), ("It costs £35.", Some(1))],
                vec![own("If you *rent*", false, &[]), own("It costs £35.", false, &[1])],
            ),
            (
                vec![("It costs £35.\n[[if you rent]]\n## \n", Some(1))],
                vec![own("It costs £35.", false, &[1]), own("if you rent", false, &[])],
            ),
            (vec![("It costs £35", Some(1))], vec![own("It costs £35", false, &[1])]),
            (vec![("2026 is the year.", Some(1))], vec![own("2026 is the year.", false, &[1])]),
            (vec![("", None), ("\n\n", None), (" ", Some(1))], vec![]),
        ] {
            assert_eq!(said(&spans).0, expected, "{spans:?}");
        }
    }

    #[test]
    fn what_the_model_says_of_its_answer_is_not_part_of_it() {
        for (spans, expected) in [
            (vec![("[[none]]", None)], Some(Completeness::Nothing)),
            (
                vec![("It is free.\n", Some(1)), ("[[par", None), ("tial]]\n", None)],
                Some(Completeness::Partial),
            ),
            (vec![("It is free.\n[[complete]]", Some(1))], Some(Completeness::Complete)),
            (vec![("It is free.", Some(1))], None),
        ] {
            let (sentences, completeness) = said(&spans);
            assert_eq!(completeness, expected, "{spans:?}");
            assert!(sentences.iter().all(|(text, ..)| text == "It is free."), "{sentences:?}");
        }
    }

    #[test]
    fn a_sentence_is_handed_on_when_its_span_is_whole() {
        let mut sentences = Sentences::default();
        assert!(sentences.take(&ModelEvent::Text("It costs £35. Pay on".into())).is_empty());
        let first = sentences.take(&ModelEvent::SpanEnd(vec![citation(1)]));
        assert_eq!(first.len(), 1);
        assert!(sentences.take(&ModelEvent::Text("line.".into())).is_empty());
        assert!(sentences.finish(true).is_empty(), "what was cut off is not handed on");
    }

    proptest! {
        #[test]
        fn every_word_is_handed_on_once(parts in proptest::collection::vec("[a-zA-Zé£0-9 .:\n*-]{0,12}", 0..12)) {
            let spans: Vec<(&str, Option<usize>)> =
                parts.iter().enumerate().map(|(at, text)| (text.as_str(), Some(at))).collect();
            let whole = parts.concat();
            let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
            let given: String = said(&spans).0.into_iter().map(|(text, ..)| text).collect();
            prop_assert_eq!(letters(&given), letters(&whole));
        }
    }
}
