//! Sentences that go on with the one before them: "After that", "If you do not".
//!
//! A quote that ends before such a sentence is cut where it matters: "Pay within 14 days to get the reduced
//! amount" is no answer to how long there is, where "After that you have until the end of 28 days" follows.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use candour_core::{Locale, UnitKind};
use regex::Regex;

use super::pool::ReadPassage;
use super::score::At;
use super::{Pool, closure};
use crate::words::stems;

/// Beginnings that say nothing without the sentence before them.
const RESTS: &str = r"(?ix)^(?:
    (?:after|before|until)\s+(?:that|this|then) | afterwards | otherwise | then | if\s+(?:not|so)
    | if\s+(?:you|they|we|it|he|she)\s+(?:(?:do|does|did|are|is|have|has|can)(?:\s+not|n[’']t)|cannot)
        (?:\s+(?:do\s+)?(?:this|that|so))?,
    | (?:wedi|ar\s+[oô]l|cyn|tan)\s+hynny | wedyn | yna | fel\s+arall | os\s+(?:felly|na|nad)\s*,
    | os\s+na\s+wnewch(?:\s+(?:chi|hynny|hyn))*,
)(?:\W|$)";

/// Beginnings of what follows where a sentence is not complied with, where they are about the same.
const FAILS: &str = r"(?ix)^(?:
    if\s+(?:you|they|we|it|he|she)\s+(?:(?:do|does|did|are|is|have|has|can)(?:\s+not|n[’']t)|cannot|miss|fail)
    | os\s+(?:na|nad)
)\b";

/// How many units more than may be quoted otherwise a sentence that goes on may take: it is less than half an
/// answer that would be left.
const MORE: usize = 1;

static RULES: LazyLock<Option<(Regex, Regex)>> =
    LazyLock::new(|| Some((Regex::new(RESTS).ok()?, Regex::new(FAILS).ok()?)));

/// Adds what goes on with what is chosen, and what that goes on with, as far as `most` units and one more
/// allow and `may_be_quoted` says; tells whether something that goes on is left out.
pub(super) fn take(
    pool: &Pool<'_>,
    chosen: &mut BTreeSet<At>,
    most: usize,
    may_be_quoted: impl Fn(At) -> bool,
) -> bool {
    let mut is_cut = false;
    let mut open: Vec<At> = chosen.iter().copied().collect();
    while let Some(at) = open.pop() {
        for other in neighbours(&pool.passages[at.passage], at) {
            if chosen.contains(&other) {
                continue;
            }
            let passage = &pool.passages[at.passage].hit.passage;
            let needed = closure(passage, other.unit).into_iter().map(|unit| At { unit, ..at });
            let missing: Vec<At> = needed.filter(|at| !chosen.contains(at)).collect();
            let is_whole = passage.units[other.unit].kind == UnitKind::Sentence;
            if is_whole && chosen.len() + missing.len() <= most + MORE && may_be_quoted(other) {
                chosen.extend(&missing);
                open.extend(missing);
            } else {
                is_cut = true;
            }
        }
    }
    is_cut
}

/// The sentence that goes on with a unit, and the one that it goes on with.
fn neighbours(passage: &ReadPassage<'_>, at: At) -> Vec<At> {
    let after = goes_on(passage, at.unit + 1).then_some(at.unit + 1);
    let before = at.unit.checked_sub(1).filter(|_| rests(passage, at.unit));
    after.into_iter().chain(before).map(|unit| At { unit, ..at }).collect()
}

/// Whether a unit says nothing without the sentence before it.
fn rests(passage: &ReadPassage<'_>, unit: usize) -> bool {
    is_after_a_sentence(passage, unit)
        && RULES.as_ref().is_some_and(|(rests, _)| rests.is_match(text(passage, unit)))
}

/// Whether a unit goes on with the sentence before it, of which it speaks.
fn goes_on(passage: &ReadPassage<'_>, unit: usize) -> bool {
    let fails = || RULES.as_ref().is_some_and(|(_, fails)| fails.is_match(text(passage, unit)));
    let shares = || {
        let condition = text(passage, unit).split(',').next().unwrap_or_default();
        let locale = &passage.hit.passage.locale;
        let before = &passage.units[unit - 1].stems;
        stems(condition, locale)
            .iter()
            .any(|one| before.iter().any(|two| are_alike(one, two, locale)))
    };
    is_after_a_sentence(passage, unit) && (rests(passage, unit) || fails() && shares())
}

/// Whether two stems are of one word. Short Welsh verbs keep their endings: `talu`, `talwch`.
fn are_alike(one: &str, two: &str, locale: &Locale) -> bool {
    let shared = one.bytes().zip(two.bytes()).take_while(|(one, two)| one == two).count();
    let is_form = shared >= 3 && one.len().max(two.len()) - shared <= 3;
    one == two || *locale == Locale::Cy && is_form
}

fn is_after_a_sentence(passage: &ReadPassage<'_>, unit: usize) -> bool {
    let units = &passage.hit.passage.units;
    let is_sentence =
        |unit: usize| units.get(unit).map(|unit| unit.kind) == Some(UnitKind::Sentence);
    let may_go_on = |kind: UnitKind| matches!(kind, UnitKind::Sentence | UnitKind::Stem);
    unit > 0 && is_sentence(unit - 1) && units.get(unit).is_some_and(|unit| may_go_on(unit.kind))
}

fn text<'a>(passage: &ReadPassage<'a>, unit: usize) -> &'a str {
    let passage = &passage.hit.passage;
    passage.quote(&passage.units[unit])
}

#[cfg(test)]
mod tests {
    use super::super::{Pool, Readings};
    use super::*;
    use crate::retrieve::Retrieved;
    use crate::tests::memory::page;

    /// Which units are quoted of lines of which the first `chosen` was, and whether something is left out.
    fn taken(lines: &str, locale: &str, chosen: usize, most: usize) -> (Vec<usize>, bool) {
        let hits = page("/fines", "Fines", locale, &[("", lines)]);
        let mut found = Retrieved::of("fine", &hits);
        found.locale = if locale == "cy" { Locale::Cy } else { Locale::En };
        let readings = Readings::default();
        let pool = Pool::new(&found, &readings);
        let mut units = BTreeSet::from([At { passage: 0, unit: chosen }]);
        let is_cut = take(&pool, &mut units, most, |_| true);
        (units.into_iter().map(|at| at.unit).collect(), is_cut)
    }

    #[test]
    fn what_goes_on_is_quoted_with_what_it_goes_on_with() {
        for (locale, lines, expected) in [
            ("en", "Pay within 14 days. \nAfter that you have 28 days.", vec![0, 1]),
            ("en", "Fill in the form.\nThen send it.\nThen wait.", vec![0, 1, 2]),
            ("en", "Pay within 14 days.\nOtherwise it is £70.", vec![0, 1]),
            ("en", "Pay within 14 days.\nIf not, it is £70.", vec![0, 1]),
            ("en", "Pay within 14 days.\nIf you don’t, it is £70.", vec![0, 1]),
            ("en", "Pay within 14 days.\nIf you do not pay, it is £70.", vec![0, 1]),
            ("en", "Pay within 14 days.\nIf you do not have a car, call us.", vec![0]),
            ("en", "Pay within 14 days.\nThence it goes to court.", vec![0]),
            ("en", "Pay within 14 days.\nAfter Easter we are closed.", vec![0]),
            ("en", "Pay within 14 days.\nPay at the desk.", vec![0]),
            ("cy", "Talwch o fewn 14 diwrnod.\nWedi hynny mae gennych 28 diwrnod.", vec![0, 1]),
            ("cy", "Talwch o fewn 14 diwrnod.\nFel arall, mae’n £70.", vec![0, 1]),
            ("cy", "Talwch o fewn 14 diwrnod.\nOs na fyddwch yn talu, mae’n £70.", vec![0, 1]),
            ("cy", "Talwch o fewn 14 diwrnod.\nOs nad oes gennych gar, ffoniwch.", vec![0]),
        ] {
            assert_eq!(taken(lines, locale, 0, 5), (expected, false), "{lines}");
        }
    }

    #[test]
    fn what_says_nothing_alone_brings_what_it_goes_on_with() {
        let lines = "Pay within 14 days.\nAfter that you have 28 days.\nCall us.";
        assert_eq!(taken(lines, "en", 1, 5), (vec![0, 1], false));
        let lines = "Pay within 14 days.\nIf you do not pay, it is £70.";
        assert_eq!(taken(lines, "en", 1, 5), (vec![1], false));
    }

    #[test]
    fn what_there_is_no_room_for_is_said_to_be_cut() {
        let lines = "Fill in the form.\nThen send it.\nThen wait.";
        assert_eq!(taken(lines, "en", 0, 1), (vec![0, 1], true));
        let list = "Pay within 14 days.\nIf you do not pay, we:\n* write\n* call";
        assert_eq!(taken(list, "en", 0, 5), (vec![0], true));
    }
}
