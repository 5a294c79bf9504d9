//! A sentence beside the words it cites, read once for all checks.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use candour_core::{Locale, Nations};

use super::figure::{Figure, Value, is_filler};
use super::meaning::Meanings;
use super::reading::Reading;
use crate::screen::nations_named_in;

/// A sentence and what it cites.
pub(super) struct Claim<'a> {
    pub(super) text: &'a str,
    pub(super) reading: Reading,
    /// What it cites, a line for each unit.
    pub(super) lines: Vec<Line<'a>>,
    /// The headings above what it cites, and the titles of the pages.
    pub(super) around: Vec<Line<'a>>,
    /// Whether it is in the language of what it cites.
    pub(super) same_language: bool,
    pub(super) locale: Locale,
    /// The language of what it cites.
    pub(super) page: Locale,
    nations: OnceCell<Nations>,
}

/// A line of the source.
#[expect(clippy::struct_excessive_bools, reason = "each is asked by itself")]
pub(super) struct Line<'a> {
    pub(super) text: &'a str,
    pub(super) reading: Reading,
    /// The line above it that names its columns.
    pub(super) header: Option<usize>,
    /// Whether it names the columns of others.
    pub(super) is_header: bool,
    /// Whether it is an item of a list whose stem ends in a denial: `You must not:`.
    pub(super) is_denied: bool,
    /// Whether it is an item of a list whose stem ends in a condition: `You can apply if you:`.
    pub(super) is_condition: bool,
    /// Whether a heading above it denies it: `Things we do not collect`.
    pub(super) is_under_denial: bool,
    nations: OnceCell<Nations>,
}

/// A figure of the source with the words that say what it is about.
pub(super) struct Fact<'r> {
    pub(super) figure: &'r Figure,
    pub(super) reading: &'r Reading,
    /// The line that names its column.
    pub(super) header: Option<&'r Reading>,
    pub(super) about: BTreeSet<String>,
}

impl Fact<'_> {
    /// Whether it bears out a value that a claim says.
    pub(super) fn bears_out(&self, value: &Value) -> bool {
        value.says(&self.figure.value)
    }
}

impl<'a> Claim<'a> {
    /// Reads a sentence and what it cites: `quotes` has a line for each unit, `around` the headings and
    /// titles.
    pub(super) fn new(
        text: &'a str,
        locale: &Locale,
        quotes: &'a str,
        around: &'a [String],
        page: &Locale,
        is_item: bool,
    ) -> Self {
        let cited = quotes.lines().filter(|line| !line.trim().is_empty());
        let mut context = Vec::new();
        let mut lines: Vec<Line<'a>> = cited.map(|line| Line::new(line, page)).collect();
        name_columns(&mut lines);
        if is_item {
            // What a stem says is said by the stem that stands above the item in the answer.
            let (stems, items): (Vec<_>, Vec<_>) = lines.into_iter().partition(Line::is_stem);
            if items.is_empty() { lines = stems } else { (lines, context) = (items, stems) }
        }
        carry_stems(&mut lines);
        context.extend(around.iter().map(|line| Line::new(line, page)));
        Self {
            text,
            reading: Reading::of(text, locale),
            lines,
            around: context,
            same_language: locale == page,
            locale: locale.clone(),
            page: page.clone(),
            nations: OnceCell::new(),
        }
    }

    /// The nations that the sentence names.
    pub(super) fn nations(&self) -> Nations {
        *self.nations.get_or_init(|| nations_named_in(self.text))
    }

    /// What it cites and what stands around that.
    pub(super) fn sources(&self) -> impl Iterator<Item = &Line<'a>> {
        self.lines.iter().chain(&self.around)
    }

    /// Whether the sentence has at least half of the words of an introduction that it cites; where that has
    /// none that tell anything, and ends in no condition, whether it begins alike.
    pub(super) fn repeats_introduction(&self) -> bool {
        self.lines.iter().filter(|line| line.is_stem()).any(|line| {
            let telling = line.reading.telling(0, line.reading.words.len());
            let (found, all) = self.reading.found(telling);
            let ends_in_condition =
                line.reading.conditions().any(|(mark, _)| mark.to + 1 >= line.reading.words.len());
            let first = |reading: &Reading| reading.words.first().map(|word| word.text.clone());
            let begins_alike = first(&self.reading) == first(&line.reading) && !ends_in_condition;
            if all == 0 { begins_alike } else { found * 2 >= all }
        })
    }

    /// Every figure of the source with what it is about.
    pub(super) fn facts(&self) -> Vec<Fact<'_>> {
        self.sources()
            .flat_map(|line| {
                let header = line.header.map(|header| &self.lines[header].reading);
                let reading = &line.reading;
                (0..reading.figures.len()).map(move |at| Fact {
                    figure: &reading.figures[at],
                    reading,
                    header,
                    about: about(reading, at, header),
                })
            })
            .collect()
    }

    /// Whether a line of the source bears out a value.
    pub(super) fn bears_out(&self, value: &Value) -> bool {
        self.sources().any(|line| line.reading.bears_out(value))
    }

    /// What the telling words of the source mean.
    pub(super) fn source_meanings(&self) -> Meanings<'_> {
        Meanings::telling(self.sources().flat_map(|line| &line.reading.words))
    }

    /// Whether a word stands in the source.
    pub(super) fn has_word(&self, text: &str) -> bool {
        self.sources().any(|line| line.reading.words.iter().any(|word| word.text == text))
    }

    /// Whether a stem is among the telling words of the source.
    pub(super) fn has_stem(&self, stem: &str) -> bool {
        self.sources().any(|line| line.has_stem(stem))
    }
}

#[cfg(test)]
impl<'a> Claim<'a> {
    /// A sentence over words in its own language: Welsh where it is told apart by `cy: `.
    pub(super) fn plain(text: &'a str, quotes: &'a str) -> Self {
        let (text, locale) = match text.strip_prefix("cy: ") {
            Some(welsh) => (welsh, Locale::Cy),
            None => (text, Locale::En),
        };
        Self::new(text, &locale, quotes, &[], &locale, false)
    }
}

impl<'a> Line<'a> {
    fn new(text: &'a str, locale: &Locale) -> Self {
        let reading = Reading::of(text, locale);
        Self {
            text,
            reading,
            header: None,
            is_header: false,
            is_denied: false,
            is_condition: false,
            is_under_denial: false,
            nations: OnceCell::new(),
        }
    }

    /// The nations that it names.
    pub(super) fn nations(&self) -> Nations {
        *self.nations.get_or_init(|| nations_named_in(self.text))
    }

    /// Whether it introduces a list.
    pub(super) fn is_stem(&self) -> bool {
        self.text.trim_end().ends_with(':')
    }

    pub(super) fn has_stem(&self, stem: &str) -> bool {
        self.reading.has_stem(stem)
    }

    fn columns(&self) -> usize {
        self.text.matches('|').count()
    }
}

/// The first of several lines with the same number of columns names them.
fn name_columns(lines: &mut [Line<'_>]) {
    let mut header = None;
    for at in 0..lines.len() {
        let columns = lines[at].columns();
        if columns == 0 {
            header = None;
        } else if header.is_some_and(|header: usize| lines[header].columns() == columns) {
            lines[at].header = header;
            if let Some(header) = header {
                lines[header].is_header = true;
            }
        } else {
            header = Some(at);
        }
    }
}

/// What a stem ends in holds for its items: a denial (`You must not:`), a condition and a limit (`within:`).
fn carry_stems(lines: &mut [Line<'_>]) {
    let (mut denies, mut sets, mut limit) = (false, false, None);
    for line in lines {
        if line.is_stem() {
            denies = line.reading.ends_in_denial();
            sets = line.reading.ends_in_condition();
            limit = line.reading.last_limit();
            continue;
        }
        line.is_denied = denies;
        line.is_condition = sets;
        if let (Some(bound), Some(figure)) = (limit, line.reading.figures.first_mut())
            && figure.bound.is_none()
        {
            figure.bound = Some(bound);
        }
    }
}

/// What a figure is about: the telling words and the other figures of its part of the sentence, or of
/// its cell, its row's first cell and its column's name.
pub(super) fn about(reading: &Reading, at: usize, header: Option<&Reading>) -> BTreeSet<String> {
    let figure = &reading.figures[at];
    let is_bar = |at: &usize| reading.words[*at].text == "|";
    let bars: Vec<usize> = (0..reading.words.len()).filter(is_bar).collect();
    let (from, to) = segment(reading, at);
    let mut about = words_and_figures(reading, from, to, Some(figure));
    let column = bars.iter().filter(|bar| **bar < figure.from).count();
    if let Some(first) = bars.first()
        && column > 0
    {
        about.extend(words_and_figures(reading, 0, *first, None));
    }
    if let Some(header) = header {
        let mut edges = vec![0];
        edges.extend((0..header.words.len()).filter(|at| header.words[*at].text == "|"));
        edges.push(header.words.len());
        if let (Some(from), Some(to)) = (edges.get(column), edges.get(column + 1)) {
            about.extend(words_and_figures(header, *from, *to, None));
        }
    }
    about
}

fn words_and_figures(
    reading: &Reading,
    from: usize,
    to: usize,
    but: Option<&Figure>,
) -> BTreeSet<String> {
    let words = (from..to.max(from)).filter(|at| !reading.is_counted(*at));
    let stems =
        words.filter(|at| reading.words[*at].telling).map(|at| reading.words[at].stem.clone());
    let others = reading.figures.iter().filter(|figure| {
        figure.from >= from
            && figure.to <= to
            && but.is_none_or(|but| but.from != figure.from)
            && but.is_none_or(|but| but.value.family() != figure.value.family())
    });
    stems.chain(others.map(|figure| format!("{:?}", figure.value))).collect()
}

/// The part of a sentence that a figure belongs to: as far as the next figure that it could be mistaken
/// for.
fn segment(reading: &Reading, at: usize) -> (usize, usize) {
    let figure = &reading.figures[at];
    let (mut from, mut to) = reading.sentence(figure.from);
    let is_bar = |word: &super::reading::Word| word.text == "|";
    if let Some(bar) = reading.words[..figure.from].iter().rposition(is_bar) {
        from = from.max(bar + 1);
    }
    if let Some(bar) = reading.words[figure.from..].iter().position(is_bar) {
        to = to.min(figure.from + bar);
    }
    // What is said behind a `but` is another matter.
    let turns = |word: &super::reading::Word| {
        matches!(word.text.as_str(), "but" | "although" | "though" | "whereas" | "ond")
    };
    if let Some(turn) = reading.words[from..figure.from].iter().rposition(turns) {
        from += turn + 1;
    }
    if let Some(turn) = reading.words[figure.to..to.max(figure.to)].iter().position(turns) {
        to = figure.to + turn;
    }
    let rival = |other: &&Figure| {
        other.from >= from && other.to <= to && other.value.family() == figure.value.family()
    };
    let between = |from: usize, to: usize| {
        reading.telling(from, to).any(|word| !is_filler(&word.text))
            || reading.words[from..to].iter().any(|word| word.text == ",")
            || reading.figures.iter().any(|other| other.from >= from && other.to <= to)
    };
    let before = reading.figures[..at].iter().rfind(|f| rival(f) && between(f.to, figure.from));
    let after = reading.figures[at + 1..].iter().find(|f| rival(f) && between(figure.to, f.from));
    // What nothing parts belongs to both: `£2 of income above £100`.
    let parted = |from, to, otherwise| border(reading, from, to).unwrap_or(otherwise);
    let from = before.map_or(from, |before| parted(before.to, figure.from, before.to));
    let to = after.map_or(to, |after| parted(figure.to, after.from, after.from));
    (from, to.max(figure.to))
}

/// Where what belongs to one figure ends and what belongs to the next begins: at the strongest sign or
/// joining word between them, the last of several.
fn border(reading: &Reading, from: usize, to: usize) -> Option<usize> {
    let strength = |at: usize| match reading.text_at(at) {
        ";" => 3,
        "," | ":" | "(" | ")" | "–" => 2,
        "and" | "or" | "but" | "while" | "whereas" | "a" | "ac" | "neu" | "ond" => 1,
        _ => 0,
    };
    // `So much if this is less than so much`: the condition has the second number.
    let sets = |at: &usize| matches!(reading.text_at(*at), "if" | "unless" | "os");
    let condition = (from..to).rfind(sets).filter(|at| (*at..to).all(|at| strength(at) == 0));
    condition
        .or_else(|| (from..to).filter(|at| strength(*at) > 0).max_by_key(|at| (strength(*at), *at)))
}
