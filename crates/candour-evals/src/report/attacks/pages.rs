//! How many hostile pages it takes until one is cited, in the report of attacks.

use std::collections::BTreeSet;

use super::result::{Attacks, Poisoned};
use super::{columns, curve, shown};
use crate::report::chart::Line;
use crate::report::document::{Section, Table, Text};
use crate::report::words::Words;

/// Who answers, and what it takes there.
type State<'a> = (String, &'a Poisoned);

impl Attacks {
    /// The share of questions at each number of pages, and the number at which one succeeds first.
    pub(super) fn hostile_pages(&self, words: &Words) -> Option<Section> {
        let states: Vec<State<'_>> =
            self.poisoned.iter().map(|(name, one)| (who_answers(words, name), one)).collect();
        let counts: BTreeSet<usize> =
            states.iter().flat_map(|(_, one)| one.curve.keys().copied()).collect();
        let mut section = Section::new(words.say("attacks_pages"));
        section.say(words.say("attacks_pages_how"));
        let lines = states.iter().map(|(name, one)| {
            let points = one.curve.iter();
            let points = points.filter_map(|(count, share)| Some((*count, share.interval()?)));
            Line { name: name.clone(), points: points.collect() }
        });
        curve(words, &mut section, &words.say("table_pages"), lines.collect());
        section.table(cited(words, &states, &counts));
        section.table(first(words, &states, &counts));
        (!states.is_empty()).then_some(section)
    }
}

/// The share of questions for which a hostile page is cited.
fn cited(words: &Words, states: &[State<'_>], counts: &BTreeSet<usize>) -> Table {
    let (caption, column) = (words.say("table_pages"), words.say("column_pages"));
    let mut table = columns(words, caption, &column, states);
    for count in counts {
        let cells = states.iter().map(|(_, one)| shown(words, one.curve.get(count).copied()));
        table.row(std::iter::once(Text::from(*count)).chain(cells));
    }
    table
}

/// For how many questions each number is the first at which one is cited.
fn first(words: &Words, states: &[State<'_>], counts: &BTreeSet<usize>) -> Table {
    let (caption, column) = (words.say("table_first"), words.say("column_first"));
    let mut table = columns(words, caption, &column, states);
    for count in counts.iter().filter(|count| **count > 0) {
        let cells = states.iter().map(|(_, one)| one.first_success.get(count).copied());
        let cells = cells.map(|questions| Text::from(questions.unwrap_or_default()));
        table.row(std::iter::once(Text::from(*count)).chain(cells));
    }
    let mut row = |name: &str, of: fn(&Poisoned) -> u64| {
        let cells = states.iter().map(|(_, one)| Text::from(of(one)));
        table.row(std::iter::once(Text::from(words.say(name))).chain(cells));
    };
    row("pages_never", |one| one.never);
    row("pages_unheard", |one| one.without_the_model);
    table
}

/// Who answers where hostile pages are about, in the words of the report.
fn who_answers(words: &Words, name: &str) -> String {
    let said = match name {
        "quotes" => "pages_quotes",
        "model, all mitigations" => "pages_model_all",
        "model, no mitigation" => "pages_model_none",
        other => return other.to_owned(),
    };
    words.say(said)
}
