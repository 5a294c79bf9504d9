//! A sentence may not deny what its source affirms, nor say the opposite of one of its words.

mod allowed;
mod denials;
mod keys;
mod left_out;
mod senses;
mod turned;
mod under;

use std::collections::BTreeSet;

use candour_core::Locale;

use self::denials::{count, denials, denials_in, denials_of};
use self::keys::{Key, decisive, keys_at};
use self::left_out::{denies_otherwise, leaves_out, loses_introduction};
use self::senses::{Senses, add_senses, is_put_off};
use self::turned::is_turned_round;
use super::Code;
use super::across::{Cited, cited, with_figures};
use super::claim::{Claim, Line};
use super::lexicon::{Lexicon, Role};
use super::price::prices;
use super::reading::{Mark, Reading};

/// Checks what a sentence denies and affirms.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    let agrees = if claim.same_language { agrees(claim) } else { agrees_by_count(claim) };
    if agrees { Ok(()) } else { Err(Code::PolarityChanged) }
}

fn agrees(claim: &Claim<'_>) -> bool {
    let is_welsh = claim.locale == Locale::Cy;
    let mut own = Senses::new();
    add_senses(&claim.reading, false, is_welsh, &mut own);
    let mut source = Senses::new();
    for (at, line) in claim.lines.iter().enumerate().filter(|(_, line)| !line.is_header) {
        add_senses(&line.reading, line.is_denied, is_welsh, &mut source);
        if at > 0 && denies_the_one_before(&line.reading) {
            add_senses(&claim.lines[at - 1].reading, true, is_welsh, &mut source);
        }
    }
    if is_free_for_a_price(claim, &own, &source)
        || allowed::is_denied(claim)
        || allowed::is_put_in(claim)
        || under::is_affirmed(claim)
    {
        return false;
    }
    if is_turned_round(claim) {
        return true;
    }
    if denies_otherwise(claim, is_welsh)
        || leaves_out(claim, is_welsh)
        || loses_introduction(claim, is_welsh)
    {
        return false;
    }
    soften(claim, &own, &mut source, is_welsh);
    // `So much before you pay` says nothing of whether you pay.
    let put_off = |reading: &Reading| -> BTreeSet<Key> {
        (0..reading.words.len())
            .filter(|at| is_put_off(reading, *at))
            .flat_map(|at| keys_at(reading, at))
            .collect()
    };
    let known: BTreeSet<Key> = claim.lines.iter().flat_map(|line| put_off(&line.reading)).collect();
    let new = put_off(&claim.reading);
    own.retain(|key, _| known.contains(key) || !new.contains(key));
    let agrees = |key: &Key| match (own.get(key), source.get(key)) {
        (Some(own), Some(source)) => !own.is_disjoint(source),
        _ => true,
    };
    if own.keys().any(|key| matches!(key, Key::Pair(_)) && !agrees(key)) {
        return false;
    }
    let standings = [kept(claim, &own, &source, is_welsh), added(claim, &own, &source, is_welsh)];
    // What denies as often as its source may put it around other words.
    let agrees = denies_as_often(claim, is_welsh) && standings.contains(&Standing::Agrees);
    agrees || !standings.contains(&Standing::Conflicts)
}

/// `You cannot pay in instalments` denies neither the paying nor the instalments by itself: where the
/// sentence denies one of them, it may affirm the other.
fn soften(claim: &Claim<'_>, own: &Senses, source: &mut Senses, is_welsh: bool) {
    for keys in claim.lines.iter().flat_map(|line| denials_of(line, is_welsh)) {
        let words: Vec<Key> = keys.into_iter().filter(|key| !key.is_modal()).collect();
        let is_denied = |key: &Key| {
            matches!(key, Key::Stem(_)) && own.get(key).is_some_and(|own| own.contains(&true))
        };
        if words.len() > 1 && words.iter().any(is_denied) {
            for key in words {
                source.entry(key).or_default().extend([false, true]);
            }
        }
    }
}

/// Whether a line begins with a condition that denies what stands before it: `If you do not, we close it`.
fn denies_the_one_before(line: &Reading) -> bool {
    let Some((mark, _)) = line.conditions().next().filter(|(mark, _)| mark.from == 0) else {
        return false;
    };
    let end = line.words.iter().position(|word| word.text == ",").unwrap_or(0);
    let denies = |other: &Mark| other.role == Role::Deny && other.to <= end;
    line.marks.iter().any(denies) && line.telling(mark.to.min(end), end).next().is_none()
}

/// How what is denied on one side stands on the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It is denied there too.
    Agrees,
    /// It is not spoken of there.
    Unknown,
    /// It is affirmed there.
    Conflicts,
}

/// How what the source denies stands in the sentence: one conflict is enough.
fn kept(claim: &Claim<'_>, own: &Senses, source: &Senses, is_welsh: bool) -> Standing {
    let denials = claim.lines.iter().flat_map(|line| denials_of(line, is_welsh));
    worst(denials.map(|keys| {
        let shared: Vec<&Key> = keys.iter().filter(|key| own.contains_key(*key)).collect();
        // Where what is denied first is denied here too, the rest may stand elsewhere.
        let is_denied = |key: &&Key| match key {
            Key::Pair(_) => !own[*key].is_disjoint(&source[*key]),
            Key::Stem(_) => own[*key].contains(&true),
            _ => !own[*key].contains(&false),
        };
        if shared.first().is_some_and(is_denied) {
            return Standing::Agrees;
        }
        let telling = decisive(shared.into_iter());
        if telling.iter().all(|key| !own[*key].is_disjoint(&source[*key])) {
            Standing::Unknown
        } else {
            Standing::Conflicts
        }
    }))
}

/// How what the sentence denies stands in the source.
fn added(claim: &Claim<'_>, own: &Senses, source: &Senses, is_welsh: bool) -> Standing {
    let denies =
        |line: &Line<'_>| line.is_denied || denials_in(&line.reading, is_welsh).next().is_some();
    let source_denies = claim.lines.iter().any(denies);
    let opposes = |key: &Key| {
        matches!(key, Key::Pair(_)) && source.get(key).is_some_and(|s| s.contains(&true))
    };
    let free = Lexicon::of(&claim.locale).free.map(Key::Pair);
    let is_free = |key: &Key| free.as_ref() == Some(key);
    // `Free` denies that there is a price, and nothing else.
    let is_opposed = source.keys().any(|key| opposes(key) && !is_free(key));
    worst(denials(&claim.reading, is_welsh).into_iter().map(|keys| {
        let is_known = keys.first().is_some_and(|key| source.contains_key(key));
        let shared = decisive(keys.iter().filter(|key| source.contains_key(*key)));
        let is_denied = |key: &&Key| match key {
            Key::Pair(_) => own.get(*key).is_some_and(|own| !own.is_disjoint(&source[*key])),
            _ => source[*key].contains(&true),
        };
        let is_backed =
            source_denies || is_opposed || keys.iter().any(|key| is_free(key) && opposes(key));
        if !is_backed {
            Standing::Conflicts
        } else if keys.is_empty() || !shared.is_empty() && shared.iter().all(is_denied) {
            // Without keys, what is denied is `one` or `it`.
            Standing::Agrees
        } else if (is_known || shared.len() > 1) && !shared.iter().any(is_denied) {
            Standing::Conflicts
        } else {
            Standing::Unknown
        }
    }))
}

fn worst(standings: impl Iterator<Item = Standing>) -> Standing {
    let mut worst = Standing::Unknown;
    for standing in standings {
        match standing {
            Standing::Conflicts => return standing,
            Standing::Agrees => worst = standing,
            Standing::Unknown => {}
        }
    }
    worst
}

fn denies_as_often(claim: &Claim<'_>, is_welsh: bool) -> bool {
    let own = count(&claim.reading, is_welsh);
    own > 0 && own == claim.lines.iter().map(|line| count(&line.reading, is_welsh)).sum::<usize>()
}

/// Whether the sentence calls free what the source names a price for, and nothing else.
fn is_free_for_a_price(claim: &Claim<'_>, own: &Senses, source: &Senses) -> bool {
    let Some(pair) = Lexicon::of(&claim.locale).free else { return false };
    let is_free = |senses: &Senses| senses.get(&Key::Pair(pair)).is_some_and(|s| s.contains(&true));
    let has_price = claim.lines.iter().any(|line| prices(&line.reading));
    has_price && is_free(own) && !is_free(source)
}

/// Between two languages words cannot be matched: the number of denials must be that of a line, with its
/// introduction, or of all lines together. A row answers once, however often it denies.
fn agrees_by_count(claim: &Claim<'_>) -> bool {
    let count = |reading: &Reading, is_welsh: bool| denials_in(reading, is_welsh).count().min(2);
    let is_welsh = claim.locale == Locale::Cy;
    let own = count(&claim.reading, is_welsh);
    let cited = cited(claim);
    let of = |cited: &Cited<'_>| {
        cited.readings().map(|line| count(line, !is_welsh)).sum::<usize>().min(2)
    };
    let all = cited.iter().map(of).sum::<usize>().min(2);
    own == all
        || with_figures(claim, &cited).into_iter().any(|cited| {
            let is_row = cited.line.text.contains('|');
            own == of(cited) || is_row && (own > 0) == (of(cited) > 0)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denials_and_opposites_agree() {
        for (text, quotes, expected) in [
            ("You cannot apply.", "You can apply online.", false),
            ("You can apply.", "You cannot apply.", false),
            ("You do not need it.", "You don’t need a letter.", true),
            ("You need a letter.", "You do not need a letter.", false),
            ("It is free.", "There is no fee.", true),
            ("It is free.", "There is a fee.", false),
            ("It is not free.", "It is free of charge.", false),
            ("It is free.", "It costs £5.", false),
            ("You pay no tax.", "You do not pay tax.", true),
            ("You are ineligible.", "You are not eligible.", true),
            ("You are eligible.", "You are not eligible.", false),
            ("We are unable to help.", "We cannot help.", true),
            ("Meals are not covered.", "The offer does not cover meals.", true),
            ("It includes meals.", "It excludes meals.", false),
            ("The bill goes up.", "The bill goes down.", false),
            ("The library is closed on Sundays.", "The library is open on Sundays.", false),
            ("Apply before you move.", "Apply after you move.", false),
            (
                "You can park only if you hold a badge.",
                "You cannot park unless you hold a badge.",
                true,
            ),
            ("You can park if you rent.", "You can park unless you rent.", false),
            ("You need a passport to vote.", "You cannot vote without a passport.", true),
            ("You must not sell it.", "You must not:\nsell it", true),
            ("You must sell it.", "You must not:\nsell it", false),
            (
                "Register where you live, not where you were born.",
                "Register where you were born, not where you live.",
                false,
            ),
            (
                "If you do not reply within 7 days, we close your claim.",
                "Reply within 7 days.\nIf you do not, we close your claim.",
                true,
            ),
            (
                "Try the bay, and if there is nothing else it should be for no more than 2 hours.",
                "Try the bay.\nIf there is nothing else, it should be for no more than 2 hours.",
                true,
            ),
            (
                "You get your money back if the bags are gone when we come.",
                "We do not give a refund if the bags are gone when we come.",
                false,
            ),
            ("cy: Gallwch wneud cais.", "Ni allwch wneud cais.", false),
            ("cy: Fel arfer ni all cŵn aros.", "Ni all cŵn aros fel arfer.", true),
            ("cy: Ni chewch barcio.", "Ni allwch barcio.", true),
            ("cy: Byddwn ni’n talu am y llythyr.", "Byddwn yn talu am y llythyr.", true),
            ("cy: Mae’r tocyn am ddim.", "Nid oes ffi am y tocyn.", true),
            ("cy: Mae angen trwydded.", "Nid oes angen trwydded.", false),
            ("cy: Mae’r ganolfan ar agor.", "Mae’r ganolfan ar gau.", false),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
