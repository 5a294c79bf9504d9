//! A sentence may not deny what its source affirms, nor say the opposite of one of its words.

mod allowed;
mod left_out;
mod turned;

use std::collections::{BTreeMap, BTreeSet};

use candour_core::Locale;

use self::left_out::{denies_otherwise, leaves_out, loses_introduction};
use self::turned::is_turned_round;
use super::Code;
use super::claim::{Claim, Line};
use super::lexicon::{Condition, Lexicon, Modal, Role};
use super::price::prices;
use super::reading::{Mark, Reading, Word};

/// What can be denied: a word, a permission or duty, or the two sides of a pair of opposites.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Stem(String),
    Duty,
    Permission,
    Advice,
    Pair(u16),
}

impl Key {
    fn is_modal(&self) -> bool {
        matches!(self, Self::Duty | Self::Permission | Self::Advice)
    }
}

/// How many words away a denial can still reach.
const NEAR: usize = 9;

/// In which senses a key stands in a text: denied, affirmed or both.
type Senses = BTreeMap<Key, BTreeSet<bool>>;

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

/// Words tell more than `can` and `must`, where there are any.
fn decisive<'k>(keys: impl Iterator<Item = &'k Key>) -> Vec<&'k Key> {
    let (modals, words): (Vec<&Key>, Vec<&Key>) = keys.partition(|key| key.is_modal());
    if words.is_empty() { modals } else { words }
}

/// How often a reading denies: `neither one nor the other` is one denial.
fn count(reading: &Reading, is_welsh: bool) -> usize {
    let goes_on =
        |denial: &Denial| matches!(reading.text_at(denial.mark.from), "nor" | "na" | "nac");
    denials_in(reading, is_welsh).filter(|denial| !goes_on(denial)).count()
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

fn denials_of(line: &Line<'_>, is_welsh: bool) -> Vec<Vec<Key>> {
    let mut denials = denials(&line.reading, is_welsh);
    if line.is_denied {
        let keys = (0..line.reading.words.len()).flat_map(|at| keys_at(&line.reading, at));
        denials.push(keys.take(2).collect());
    }
    denials
}

/// For each denial of a reading, what it denies first.
fn denials(reading: &Reading, is_welsh: bool) -> Vec<Vec<Key>> {
    let keys = |denial: Denial| denial.first.iter().flat_map(|at| keys_at(reading, *at)).collect();
    denials_in(reading, is_welsh).map(keys).collect()
}

/// A denial with the places of the words that it denies first.
struct Denial {
    mark: Mark,
    first: Vec<usize>,
}

fn denials_in(reading: &Reading, is_welsh: bool) -> impl Iterator<Item = Denial> {
    let marks = reading.marks.iter().filter(move |mark| match mark.role {
        Role::Deny => reading.is_denial(mark, is_welsh),
        Role::Condition(Condition::Unless) => true,
        // `Not more than usual` limits no number and denies.
        Role::BoundBefore(_) => {
            matches!(reading.text_at(mark.from), "not" | "no" | "ddim")
                && !reading.limits_a_figure(mark)
        }
        _ => false,
    });
    marks.map(|mark| Denial { mark: *mark, first: denied_first(reading, mark) })
}

/// The two words behind a denial, or where there is none the one before it; and the `can` or `must`
/// that it stands at. An exception is a word, or two that stand together.
fn denied_first(reading: &Reading, mark: &Mark) -> Vec<usize> {
    let is_denial = mark.role != Role::Condition(Condition::Unless);
    let (start, end) = if is_denial {
        (mark.from, reading.scope_end(mark).max(mark.to))
    } else {
        // `Except these, where parking is banned` excepts nothing behind the comma.
        let furthest = (mark.to + 8).min(reading.words.len());
        let is_end = |at: &usize| matches!(reading.text_at(*at), "," | ";" | ".");
        (mark.to, (mark.to..furthest).find(is_end).unwrap_or(furthest))
    };
    let says = |at: &usize| keys_at(reading, *at).iter().any(|key| !key.is_modal());
    let mut first: Vec<usize> = (start..end).filter(says).take(2).collect();
    if let [one, two] = first[..]
        && !is_denial
        && two > one + 1
    {
        first.truncate(1);
    }
    let ends = (mark.to..end).all(|at| reading.words[at].is_sign());
    if first.is_empty() && !ends && end < reading.words.len() && !reading.words[end].is_sign() {
        // `Not on where you live` denies what the next clause says.
        first.extend((end..reading.words.len().min(end + 6)).filter(says).take(1));
    }
    if first.is_empty() && ends {
        let clause = reading.words[mark.from].clause;
        let before = (0..mark.from).rev().take_while(|at| reading.words[*at].clause == clause);
        first.extend(before.filter(says).take(1));
    }
    // `You pay no tax` denies the paying.
    let own = reading.text_at(mark.from);
    let verb =
        mark.from.checked_sub(1).filter(|before| matches!(own, "no" | "nothing") && says(before));
    first.extend(verb);
    let modal = |at: &usize| keys_at(reading, *at).iter().any(Key::is_modal);
    first.extend((mark.from.saturating_sub(1)..(mark.to + 2).min(end.max(mark.to))).filter(modal));
    first.sort_unstable();
    first.dedup();
    first
}

fn keys_at(reading: &Reading, at: usize) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for mark in reading.marks.iter().filter(|mark| mark.from == at) {
        keys.extend(match mark.role {
            Role::Modal(Modal::Must | Modal::Need) => Some(Key::Duty),
            Role::Modal(Modal::Can | Modal::May) => Some(Key::Permission),
            Role::Modal(Modal::Should) => Some(Key::Advice),
            // What is more or less than a number is looked at as its limit.
            Role::Opposite(pair, _) if !is_in_limit(reading, at) => Some(Key::Pair(pair)),
            _ => None,
        });
    }
    let word = &reading.words[at];
    if keys.is_empty() && (word.telling || word.text == "us") && !reading.is_counted(at) {
        keys.push(Key::Stem(word.stem.clone()));
    }
    keys
}

fn is_in_limit(reading: &Reading, at: usize) -> bool {
    let mut limits = reading.figures.iter().filter_map(|figure| figure.limit);
    limits.any(|(from, to)| from <= at && at < to)
}

/// Adds the senses of a reading's keys. What stands near a denial and is not denied first may be meant
/// either way, as in `meals are not covered`.
fn add_senses(reading: &Reading, is_denied: bool, is_welsh: bool, senses: &mut Senses) {
    let denials: Vec<Denial> = denials_in(reading, is_welsh).collect();
    let is_first = |at: usize| denials.iter().any(|denial| denial.first.contains(&at));
    let first: BTreeSet<Key> =
        denials.iter().flat_map(|d| &d.first).flat_map(|at| keys_at(reading, *at)).collect();
    for at in 0..reading.words.len() {
        let beside = !is_first(at) && denials.iter().any(|denial| may_reach(reading, denial, at));
        let under = is_denied && reading.words[at].clause == reading.words[0].clause;
        for key in keys_at(reading, at) {
            let is_second = matches!(key, Key::Pair(pair) if is_second(reading, at, pair));
            let repeats = matches!(key, Key::Pair(_)) && beside && first.contains(&key);
            let denied = (is_first(at) || repeats) != under;
            let found = senses.entry(key).or_default();
            found.insert(denied != is_second);
            if beside && !repeats {
                found.insert(denied == is_second);
            }
        }
    }
}

/// Whether a denial may reach a word that it does not deny first: farther on in its clause, or before
/// it in the same part of the sentence.
fn may_reach(reading: &Reading, denial: &Denial, at: usize) -> bool {
    let from = denial.mark.from;
    if from.abs_diff(at) >= NEAR {
        return false;
    }
    if at >= from {
        return reading.words[from].clause == reading.words[at].clause;
    }
    let parts = |mark: &Mark| match mark.role {
        Role::Condition(condition) => condition != Condition::Only,
        Role::Break => !matches!(reading.text_at(mark.from), "and" | "a" | "ac" | "gan"),
        _ => false,
    };
    let is_apart = reading.marks.iter().any(|mark| (at..from).contains(&mark.from) && parts(mark));
    let own = reading.text_at(from);
    let before = reading.text_before(from);
    let is_verb =
        own.ends_with("nt") || matches!(own, "cannot" | "ddim") || VERBS.contains(&before);
    let ends = |word: &Word| ENDS.contains(&word.text.as_str());
    is_verb && !is_apart && !reading.words[at..from].iter().any(ends)
}

/// Verbs that a denial follows where it denies what comes before it too.
const VERBS: [&str; 17] = [
    "is", "are", "was", "were", "be", "been", "do", "does", "did", "can", "will", "would", "has",
    "have", "must", "should", "may",
];

/// Where another part of the sentence begins: at signs, and at the subject of its own.
const ENDS: [&str; 9] = [".", ";", ":", "|", "you", "we", "they", "it", "i"];

/// Whether a word stands in a clause that begins with `before`.
fn is_put_off(reading: &Reading, at: usize) -> bool {
    let clause = reading.words[at].clause;
    let first = reading.words.iter().position(|word| word.clause == clause);
    first.is_some_and(|first| first < at && matches!(reading.text_at(first), "before" | "cyn"))
}

fn is_second(reading: &Reading, at: usize, pair: u16) -> bool {
    reading.marks.iter().any(|mark| mark.from == at && mark.role == Role::Opposite(pair, false))
}

/// Between two languages words cannot be matched: the number of denials must be that of a line, or of
/// all lines together.
fn agrees_by_count(claim: &Claim<'_>) -> bool {
    let count = |reading: &Reading, is_welsh: bool| denials_in(reading, is_welsh).count().min(2);
    let is_welsh = claim.locale == Locale::Cy;
    let own = count(&claim.reading, is_welsh);
    let lines: Vec<usize> =
        claim.lines.iter().map(|line| count(&line.reading, !is_welsh)).collect();
    own == lines.iter().sum::<usize>().min(2) || lines.contains(&own)
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
