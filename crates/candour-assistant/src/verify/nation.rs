//! A sentence may not name a nation that its passage does not, nor quote what does not apply where
//! the reader is.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use candour_core::{AnswerSentence, Nations};
use regex::Regex;

use super::claim::{Claim, Line};
use super::reading::{Reading, Word};
use super::{Against, Code};
use crate::screen::nations_named_in;

/// Checks a sentence against its passages and the question.
pub(super) fn check(sentence: &AnswerSentence, against: &Against<'_>) -> Result<(), Code> {
    for citation in &sentence.citations {
        let hit = against.hit(citation).ok_or(Code::CitationInvalid)?;
        let named = || nations_named_in(&hit.passage.text);
        if let Some(nation) = against.place.nation
            && !hit.passage.scope.applies.contains(nation)
            && (against.place.assumed || !named().contains(nation))
        {
            return Err(Code::NationMismatch);
        }
    }
    let claims = nations_named_in(&sentence.text);
    if claims.is_empty() {
        return Ok(());
    }
    let allowed = speaks_of(sentence, against);
    if claims.iter().all(|nation| allowed.contains(nation)) {
        Ok(())
    } else {
        Err(Code::NationMismatch)
    }
}

/// The nations that words name.
pub(super) fn named_by<'w>(words: impl Iterator<Item = &'w Word>) -> Nations {
    let words: Vec<&str> = words.map(|word| word.text.as_str()).collect();
    nations_named_in(&words.join(" "))
}

/// The nations that a sentence may name. Words that name one themselves are about no other, whatever stands
/// above them.
fn speaks_of(sentence: &AnswerSentence, against: &Against<'_>) -> Nations {
    let (mut speaks_of, mut in_words) = (Nations::NONE, Nations::NONE);
    for citation in &sentence.citations {
        in_words = union(in_words, nations_named_in(&citation.quote));
        let around = format!("{} {} {}", citation.quote, citation.heading, citation.title);
        speaks_of = union(speaks_of, nations_named_in(&around));
        let scope = against.hit(citation).map(|hit| hit.passage.scope.applies);
        if let Some(scope) = scope.filter(|scope| !scope.is_all()) {
            speaks_of = union(speaks_of, scope);
        }
    }
    if in_words.is_empty() { speaks_of } else { in_words }
}

/// Checks that what a sentence says of a nation stands in a line about that nation, where the source
/// has lines about several.
pub(super) fn check_places(claim: &Claim<'_>) -> Result<(), Code> {
    let lines: Vec<(Nations, BTreeSet<&str>)> = claim
        .lines
        .iter()
        .map(|line| (line.nations(), stems(&line.reading, None)))
        .filter(|(named, _)| !named.is_empty())
        .collect();
    let last = claim.reading.words.last().map_or(0, |word| word.clause);
    let agrees = (0..=last).all(|clause| {
        let words = claim.reading.words.iter().filter(|word| word.clause == clause);
        let named = named_by(words);
        let own = stems(&claim.reading, Some(clause));
        let shared = |line: &BTreeSet<&str>| line.intersection(&own).count();
        named.iter().all(|nation| {
            let best = |with: bool| {
                let lines = lines.iter().filter(|(named, _)| named.contains(nation) == with);
                lines.map(|(_, stems)| shared(stems)).max()
            };
            match (best(true), best(false)) {
                (Some(with), Some(without)) => without < with + 2,
                _ => true,
            }
        })
    });
    let is_moved = has_anothers_figure(claim) || is_not_for(claim);
    if agrees && !is_moved && stand_together(claim) { Ok(()) } else { Err(Code::NationMismatch) }
}

/// Whether the one nation of a sentence is given a figure that only lines about others have.
fn has_anothers_figure(claim: &Claim<'_>) -> bool {
    let own = claim.nations();
    let is_one = own.iter().count() == 1;
    let is_own = |line: &Line<'_>| line.nations().iter().any(|n| own.contains(n));
    is_one
        && claim.lines.iter().any(is_own)
        && claim.reading.figures.iter().any(|figure| {
            let says = |line: &&Line<'_>| line.reading.bears_out(&figure.value);
            let mut lines = claim.lines.iter().filter(says).peekable();
            lines.peek().is_some() && lines.all(|line| !line.nations().is_empty() && !is_own(line))
        })
}

/// Whether a sentence says of a nation what a line says does not apply to it: `this does not apply in Wales`.
fn is_not_for(claim: &Claim<'_>) -> bool {
    const APPLIES: [&str; 5] = ["apply", "applies", "berthnasol", "perthnasol", "gymwys"];
    let own = claim.nations();
    !own.is_empty()
        && !claim.reading.has_one_of(&APPLIES)
        && claim.lines.iter().any(|line| {
            let named = line.nations();
            line.reading.denies()
                && line.reading.has_one_of(&APPLIES)
                && line
                    .reading
                    .words
                    .iter()
                    .take(3)
                    .any(|w| matches!(w.text.as_str(), "it" | "this" | "hyn" | "nid"))
                && own.iter().all(|nation| named.contains(nation))
        })
}

/// Where what is said of some nations ends and what is said of others begins.
static BORDER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words = r"(?i)[.;:\n]|\b(?:but|not|except|while|whereas|unlike|and there|if you|and the|and in|ond|nid|ac eithrio|ac mae|os ydych)\b";
    Regex::new(words).ok()
});

/// Whether nations that are named together in a clause are so in a clause of the source, which may be
/// a list with its introduction.
fn stand_together(claim: &Claim<'_>) -> bool {
    let Some(border) = BORDER.as_ref() else { return false };
    let clauses =
        |text: &str| -> Vec<Nations> { border.split(text).map(nations_named_in).collect() };
    let own: Vec<Nations> =
        clauses(claim.text).into_iter().filter(|named| named.iter().count() > 1).collect();
    if own.is_empty() {
        return true;
    }
    let around = claim.around.iter().map(|line| line.text.to_owned());
    let blocks = lists(claim).into_iter().chain(around);
    let known: Vec<Nations> = blocks.flat_map(|block| clauses(&block)).collect();
    // Where no word names a nation, the page's scope does.
    known.iter().all(|named| named.is_empty())
        || own.iter().all(|named| {
            known.iter().any(|known| named.iter().all(|nation| known.contains(nation)))
        })
}

/// The lines that are cited, those of a list as one with what introduces them. A whole sentence ends a list.
fn lists(claim: &Claim<'_>) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut in_list = false;
    for line in &claim.lines {
        in_list &= !line.text.trim_end().ends_with('.');
        match blocks.last_mut().filter(|_| in_list) {
            Some(block) => {
                block.push_str(", ");
                block.push_str(line.text);
            }
            None => blocks.push(line.text.trim_end_matches(':').to_owned()),
        }
        in_list |= line.is_stem();
    }
    blocks
}

fn stems(reading: &Reading, clause: Option<usize>) -> BTreeSet<&str> {
    let words = reading.words.iter().filter(|word| word.telling);
    words
        .filter(|word| clause.is_none_or(|c| c == word.clause))
        .map(|word| word.stem.as_str())
        .collect()
}

fn union(one: Nations, other: Nations) -> Nations {
    other.iter().fold(one, Nations::with)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_nation_stands_in_its_line() {
        for (text, quotes, expected) in [
            (
                "In Wales you pay nothing for prescriptions.",
                "In Wales you pay nothing for prescriptions.\nThe sale of alcohol differs in England.",
                true,
            ),
            (
                "This is for England and Scotland; it is different in Wales.",
                "This is for England and Wales.\nIt is different in Scotland.",
                false,
            ),
            (
                "This is for England and Wales, and there are others in Scotland.",
                "This is for England; Scotland and Wales have others.",
                false,
            ),
            (
                "You pay nothing in Wales and Scotland.",
                "You pay nothing if you live in:\nWales\nScotland",
                true,
            ),
            (
                "This is for England and Wales, but not for Scotland.",
                "This is for England and Wales. It is different in Scotland.",
                true,
            ),
            (
                "cy: Mae hyn ar gyfer Cymru a’r Alban, ond nid yw ar gyfer Lloegr.",
                "Mae hyn ar gyfer Cymru a Lloegr.\nMae’n wahanol yn yr Alban.",
                false,
            ),
            (
                "In England you pay nothing for prescriptions.",
                "In Wales you pay nothing for prescriptions.\nThe sale of alcohol differs in England.",
                false,
            ),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check_places(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
