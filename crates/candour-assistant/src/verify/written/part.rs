//! Statements that say only a part of what they rest on: an introduction without an item, an item without
//! its introduction, a row without the names of its columns.

use std::collections::BTreeSet;

use candour_core::{AnswerSentence, UnitKind};

use super::{Verifier, lines, needed, units};
use crate::verify::language;
use crate::words::{plain_words, word};

/// Words of an introduction that have fewer letters tell nothing of what it says.
const SHORTEST_TELLING: usize = 4;

impl Verifier<'_> {
    /// Whether a statement says only a part of what it rests on.
    pub(super) fn is_part(&self, statement: &AnswerSentence) -> bool {
        self.is_half(statement) || self.is_bare_unit(statement) || self.is_bare_item(statement)
    }

    /// Whether a statement has no other words than those of the items or rows that it cites.
    fn is_bare_unit(&self, statement: &AnswerSentence) -> bool {
        let cited = units(statement, &self.against, |_, at| BTreeSet::from([at]));
        let hangs = cited.iter().filter(|(hit, at)| {
            let unit = &hit.passage.units[*at];
            matches!(unit.kind, UnitKind::Item | UnitKind::Row) && !unit.needs.is_empty()
        });
        let words = |(hit, at): &(&candour_core::Hit, usize)| {
            plain_words(hit.passage.quote(&hit.passage.units[*at]))
        };
        let known: BTreeSet<String> = hangs.flat_map(words).collect();
        plain_words(&statement.text).iter().all(|word| known.contains(word))
    }

    /// Whether a statement cites items of lists and has no word of what introduces them.
    fn is_bare_item(&self, statement: &AnswerSentence) -> bool {
        let said = plain_words(&statement.text);
        let lines = lines(statement, &self.against).join("\n");
        let units = units(statement, &self.against, needed).into_iter();
        let mut stems = units.filter(|(hit, at)| hit.passage.units[*at].kind == UnitKind::Stem);
        stems.any(|(hit, at)| {
            let unit = &hit.passage.units[at];
            let words = plain_words(hit.passage.quote(unit));
            let telling = words.iter().filter(|word| word.len() >= SHORTEST_TELLING);
            let locale = &hit.passage.locale;
            // In another language no word need be the same.
            let is_same_language = language(&statement.text, &lines, locale) == *locale;
            let stems: Vec<String> = telling.map(|text| word(text.clone(), locale).stem).collect();
            let says =
                |stem: &String| said.iter().any(|text| word(text.clone(), locale).stem == *stem);
            let is_told = stems.is_empty() || stems.iter().any(says);
            is_same_language && !is_told
        })
    }

    /// Whether a statement rests on the introduction of a list alone, whose items say when it is true, or
    /// on the header of a table.
    pub(super) fn is_half(&self, statement: &AnswerSentence) -> bool {
        statement.citations.iter().any(|citation| {
            let Some(hit) = self.against.hit(citation) else { return false };
            let units = &hit.passage.units;
            let at = |start: u32| units.iter().position(|unit| unit.start == start);
            let Some(own) = at(citation.start) else { return false };
            let is_stem = matches!(units[own].kind, UnitKind::Stem | UnitKind::Header);
            let beside = statement.citations.iter().filter(|c| c.passage == citation.passage);
            let mut beside = beside.filter_map(|c| at(c.start));
            is_stem && !beside.any(|other| units[other].needs.contains(&(own as u32)))
        })
    }
}
