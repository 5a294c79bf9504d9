//! Reads marks such as `[3.2]` out of what a model says, as it says it.
//!
//! A mark belongs to the sentence before it, whether it stands before or behind the full stop. A
//! sentence without one is a span of its own that cites nothing. What looks like a mark and is none
//! stays in the text.

use std::collections::VecDeque;

use candour_core::{ModelCitation, ModelEvent};

/// What is longer is no mark.
const LONGEST_MARK: usize = 80;

/// What was said and not handed on yet.
#[derive(Debug, Default)]
pub(super) struct Marks {
    held: String,
    /// Whether a mark stands right before `held`.
    is_marked: bool,
    /// What the marks there cite.
    citations: Vec<ModelCitation>,
    /// Whether words were handed on since the last span ended.
    is_open: bool,
}

impl Marks {
    /// Takes the next words.
    pub(super) fn push(&mut self, text: &str, events: &mut VecDeque<ModelEvent>) {
        self.held.push_str(text);
        while self.step(false, events) {}
    }

    /// Nothing more comes.
    pub(super) fn finish(&mut self, events: &mut VecDeque<ModelEvent>) {
        while self.step(true, events) {}
        let rest = std::mem::take(&mut self.held);
        self.say(rest.trim_end(), events);
        self.end_span(events);
    }

    /// Hands on the next part. Returns whether there may be more.
    fn step(&mut self, is_last: bool, events: &mut VecDeque<ModelEvent>) -> bool {
        if self.is_marked { self.behind(is_last, events) } else { self.words(is_last, events) }
    }

    /// Behind a mark: another one, the full stop of its sentence, or the next sentence.
    fn behind(&mut self, is_last: bool, events: &mut VecDeque<ModelEvent>) -> bool {
        let rest = self.held.trim_start_matches(' ');
        let spaces = self.held.len() - rest.len();
        match rest.chars().next() {
            None if !is_last => return false,
            Some('[') => match mark(rest) {
                Mark::Whole(length, citations) => {
                    self.citations.extend(citations);
                    self.held.drain(..spaces + length);
                    return true;
                }
                Mark::Unfinished if !is_last => return false,
                _ => {}
            },
            Some(stop) if spaces == 0 && matches!(stop, '.' | ',' | ';' | ':' | '!' | '?') => {
                self.hand_on(stop.len_utf8(), events);
                return true;
            }
            _ => {}
        }
        self.end_span(events);
        !self.held.is_empty()
    }

    /// Words up to a mark or to the end of an unmarked sentence or line.
    fn words(&mut self, is_last: bool, events: &mut VecDeque<ModelEvent>) -> bool {
        for (at, c) in self.held.char_indices() {
            let after = &self.held[at + c.len_utf8()..];
            match c {
                '[' => match mark(&self.held[at..]) {
                    Mark::Whole(length, citations) => {
                        let words = self.held[..at].trim_end_matches(' ').len();
                        self.hand_on(words, events);
                        self.held.drain(..at - words + length);
                        (self.is_marked, self.citations) = (true, citations);
                        return true;
                    }
                    Mark::Unfinished if !is_last => {
                        self.hand_on(self.held[..at].trim_end_matches(' ').len(), events);
                        return false;
                    }
                    _ => {}
                },
                '\n' => {
                    self.hand_on(at + 1, events);
                    self.end_span(events);
                    return true;
                }
                '.' | '!' | '?' if after.starts_with(' ') => {
                    let next = after.trim_start_matches(' ');
                    match next.chars().next() {
                        None => {
                            self.hand_on(at, events);
                            return false;
                        }
                        Some('[') => {}
                        Some(_) => {
                            self.hand_on(self.held.len() - next.len(), events);
                            self.end_span(events);
                            return true;
                        }
                    }
                }
                _ => {}
            }
        }
        // Spaces and a full stop wait for what comes behind them.
        let words = self.held.trim_end_matches([' ', '.', '!', '?']).len();
        self.hand_on(words, events);
        false
    }

    fn hand_on(&mut self, length: usize, events: &mut VecDeque<ModelEvent>) {
        let words: String = self.held.drain(..length).collect();
        self.say(&words, events);
    }

    fn say(&mut self, words: &str, events: &mut VecDeque<ModelEvent>) {
        if !words.is_empty() {
            self.is_open = true;
            events.push_back(ModelEvent::Text(words.to_owned()));
        }
    }

    fn end_span(&mut self, events: &mut VecDeque<ModelEvent>) {
        self.is_marked = false;
        let citations = std::mem::take(&mut self.citations);
        if std::mem::take(&mut self.is_open) {
            events.push_back(ModelEvent::SpanEnd(citations));
        }
    }
}

enum Mark {
    /// Its length, and what it cites.
    Whole(usize, Vec<ModelCitation>),
    Unfinished,
    None,
}

/// The mark that a text begins with: `[1.2]`, `[1.2-4]` or `[1.2, 3.4]`. Numbers count from 1; those that
/// name nothing are left to verification, but for 0, which cannot be counted.
fn mark(text: &str) -> Mark {
    let Some(end) = text.find(']') else {
        let is_mark_so_far = text[1..].chars().all(is_of_mark) && text.len() <= LONGEST_MARK;
        return if is_mark_so_far { Mark::Unfinished } else { Mark::None };
    };
    let mut citations = Vec::new();
    for part in text[1..end].split([',', ';']) {
        let Some([source, first, last]) = place(part.trim()) else { return Mark::None };
        if let (Some(source), Some(first)) = (source.checked_sub(1), first.checked_sub(1)) {
            citations.push(ModelCitation { source, blocks: first..last, quote: None });
        }
    }
    Mark::Whole(end + 1, citations)
}

fn is_of_mark(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '.' | '-' | '–' | ',' | ';' | ' ')
}

/// The numbers of one place in a mark: of the source, and of its first and last line.
fn place(part: &str) -> Option<[usize; 3]> {
    let (source, lines) = part.split_once('.')?;
    let (first, last) = lines.split_once(['-', '–']).unwrap_or((lines, lines));
    Some([number(source)?, number(first)?, number(last)?])
}

fn number(digits: &str) -> Option<usize> {
    let is_number = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if is_number { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The spans of a text that comes in these pieces: `words|1.2+3.4` for each.
    fn spans(pieces: &[&str]) -> Vec<String> {
        let (mut marks, mut events) = (Marks::default(), VecDeque::new());
        for piece in pieces {
            marks.push(piece, &mut events);
        }
        marks.finish(&mut events);
        let (mut spans, mut words) = (Vec::new(), String::new());
        for event in events {
            match event {
                ModelEvent::Text(text) => words.push_str(&text),
                ModelEvent::SpanEnd(citations) => {
                    let cited = citations.iter().map(|citation| {
                        let range = &citation.blocks;
                        format!("{}:{}-{}", citation.source + 1, range.start + 1, range.end)
                    });
                    let cited: Vec<_> = cited.collect();
                    spans.push(format!("{}|{}", std::mem::take(&mut words), cited.join("+")));
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(words, "", "words that belong to no span");
        spans
    }

    #[test]
    fn marks_belong_to_the_sentence_before_them() {
        for (text, expected) in [
            ("It is £20. [1.2] Pay now. [2.1]", vec!["It is £20.|1:2-2", " Pay now.|2:1-1"]),
            ("It is £20 [1.2]. Pay now [2.1].", vec!["It is £20.|1:2-2", " Pay now.|2:1-1"]),
            ("Both hold.[1.2][3.4] ", vec!["Both hold.|1:2-2+3:4-4"]),
            ("Both hold. [1.2, 3.4-6] Yes", vec!["Both hold.|1:2-2+3:4-6", " Yes|"]),
            ("Here it is. You pay £1.50. [1.1]", vec!["Here it is. |", "You pay £1.50.|1:1-1"]),
            (
                "- a card [1.1]\n- a pass [1.2]\n",
                vec!["- a card|1:1-1", "\n|", "- a pass|1:2-2", "\n|"],
            ),
            ("See [the form] and [2]. [1.1]", vec!["See [the form] and [2].|1:1-1"]),
            ("Done. [1.1]\n[[complete]]", vec!["Done.|1:1-1", "\n|", "[[complete]]|"]),
            (
                "Odd. [0.1] Odder. [99.7] Oddest. [1.0]",
                vec!["Odd.|", " Odder.|99:7-7", " Oddest.|"],
            ),
            ("Cut off [1.", vec!["Cut off [1.|"]),
            ("[1.1] First.", vec![" First.|"]),
            ("", vec![]),
        ] {
            assert_eq!(spans(&[text]), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn splits_make_no_difference(
            text in r"([A-Z]é? [a-z]{1,3}|\. |\.|\n| ?\[[0-9]\.[0-9]\]|\[[0-9]\.[0-9](-[0-9]|, 1\.1)?\]|\[|\]| ){0,16}",
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..9),
        ) {
            let boundaries: Vec<usize> =
                text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| *cut.get(&boundaries)).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&str> = cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
            prop_assert_eq!(spans(&pieces), spans(&[&text]));
        }
    }
}
