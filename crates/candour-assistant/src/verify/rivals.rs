//! Words of one kind that a slip puts in each other's place: who acts, how sure it is, what is counted.
//!
//! `rivals.toml` says what is of one kind and what means the same. None of this is read for its sense:
//! what the source names by no word may not be named, and what it names may not give way to another.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use candour_core::Locale;
use serde::Deserialize;

use super::Code;
use super::claim::{Claim, Line};
use super::figure::Value;
use super::lexicon::{Condition, Role};
use super::reading::Reading;
use crate::words::unmutated;

/// A sentence rests on one of the source when it has at least so many of a hundred of its telling words.
const RESTS: usize = 60;

/// What a kind forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Rule {
    /// To name a group that the source does not name.
    Added,
    /// The same, where the source names another group.
    Exchanged,
    /// To name none where the source does.
    Lost,
    /// The same, where a sentence sets a condition.
    LostToACondition,
    /// To name a group that the source does not name, where the sentence affirms: `not any` is not wider.
    Widened,
}

#[derive(Debug, Deserialize)]
struct File {
    kind: Vec<Kind>,
}

#[derive(Debug, Deserialize)]
struct Kind {
    code: Code,
    rules: Vec<Rule>,
    groups: Vec<String>,
}

/// A group, by its kind and its place in that.
type Group = (usize, usize);

/// A word or phrase, and where it counts.
#[derive(Debug)]
struct Form {
    words: Vec<String>,
    group: Group,
    in_sentence: bool,
    in_source: bool,
}

#[derive(Debug, Default)]
struct Rivals {
    kinds: Vec<Kind>,
    english: Forms,
    welsh: Forms,
}

/// By the first word.
type Forms = HashMap<String, Vec<Form>>;

static RIVALS: LazyLock<Rivals> =
    LazyLock::new(|| match toml::from_str::<File>(include_str!("rivals.toml")) {
        Ok(file) => rivals(file.kind),
        Err(error) => {
            tracing::error!(%error, "the kinds of words of the checks cannot be read");
            Rivals::default()
        }
    });

/// Checks a sentence against the kinds, one after the other.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    let own = named(&claim.reading, &claim.locale, 0, claim.reading.words.len());
    let of_line = |line: &Line<'_>| named(&line.reading, &claim.page, 0, line.reading.words.len());
    let cited: BTreeSet<Group> = claim.lines.iter().flat_map(|line| of_line(line).asks).collect();
    let source: BTreeSet<Group> =
        claim.sources().flat_map(|line| of_line(line).in_source).collect();
    let affirmed: BTreeSet<Group> = affirmed(&claim.reading)
        .into_iter()
        .flat_map(|(from, to)| named(&claim.reading, &claim.locale, from, to).asks)
        .collect();
    for (at, kind) in RIVALS.kinds.iter().enumerate() {
        let of_kind = |groups: &BTreeSet<Group>| groups.iter().any(|(kind, _)| *kind == at);
        let is_new = own.asks.iter().any(|group| group.0 == at && !source.contains(group));
        let is_broken = |rule: &Rule| match rule {
            Rule::Added => is_new,
            Rule::Widened => affirmed.iter().any(|group| group.0 == at && !source.contains(group)),
            Rule::Exchanged => is_new && of_kind(&cited),
            Rule::Lost => !of_kind(&own.in_sentence) && is_lost(claim, at),
            Rule::LostToACondition => {
                !of_kind(&own.in_sentence) && sets_a_condition(claim) && is_lost(claim, at)
            }
        };
        if kind.rules.iter().any(is_broken) {
            return Err(kind.code);
        }
    }
    if claim.same_language && narrows_all(claim) { Err(Code::ConditionDropped) } else { Ok(()) }
}

/// The parts of a reading that stand behind no denial in their clause.
fn affirmed(reading: &Reading) -> Vec<(usize, usize)> {
    let denials = reading.marks.iter().filter(|mark| mark.role == Role::Deny);
    let denied: Vec<(usize, usize)> =
        denials.map(|mark| (mark.from, reading.clause_end(mark.from))).collect();
    let is_affirmed = |at: &usize| !denied.iter().any(|(from, to)| (*from..*to).contains(at));
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for at in (0..reading.words.len()).filter(is_affirmed) {
        match parts.last_mut() {
            Some((_, to)) if *to == at => *to = at + 1,
            _ => parts.push((at, at + 1)),
        }
    }
    parts
}

/// `New helpers` for `all helpers`: a word of its own before what the source says of all.
fn narrows_all(claim: &Claim<'_>) -> bool {
    const ALL: [&str; 7] = ["all", "every", "any", "pob", "bob", "holl", "unrhyw"];
    let is_of_all = |stem: &str| {
        claim.lines.iter().any(|line| {
            line.reading.words.windows(2).any(|two| {
                ALL.contains(&two[0].text.as_str()) && two[1].stem == stem && two[1].telling
            })
        })
    };
    let own = &claim.reading;
    (1..own.words.len()).filter(|at| !own.is_counted(*at) && !own.is_counted(at - 1)).any(|at| {
        let (before, behind) = (&own.words[at - 1], &own.words[at]);
        // A Welsh adjective stands behind its noun.
        let (word, noun) =
            if claim.page == Locale::Cy { (behind, before) } else { (before, behind) };
        word.telling && noun.telling && !claim.has_stem(&word.stem) && is_of_all(&noun.stem)
    })
}

fn sets_a_condition(claim: &Claim<'_>) -> bool {
    claim.reading.conditions().any(|(_, condition)| {
        matches!(condition, Condition::If | Condition::Unless | Condition::Only)
    })
}

/// Whether a sentence rests on one of the source that names a group of this kind.
fn is_lost(claim: &Claim<'_>, kind: usize) -> bool {
    claim.lines.iter().map(|line| &line.reading).any(|reading| {
        let mut start = 0;
        while start < reading.words.len() {
            let end = reading.sentence(start).1.max(start);
            let asks = || named(reading, &claim.page, start, end).asks;
            if rests_on(claim, reading, start, end) && asks().iter().any(|(at, _)| *at == kind) {
                return true;
            }
            start = end + 1;
        }
        false
    })
}

/// Between two languages a sentence rests on all that it cites.
fn rests_on(claim: &Claim<'_>, reading: &Reading, start: usize, end: usize) -> bool {
    let (shared, all) = claim.reading.found(reading.telling(start, end));
    if claim.same_language {
        all > 0 && shared * 100 >= all * RESTS
    } else {
        claim.lines.len() == 1
    }
}

/// The groups that words name.
#[derive(Debug, Default)]
struct Named {
    /// What a sentence may name only where its source does.
    asks: BTreeSet<Group>,
    in_sentence: BTreeSet<Group>,
    in_source: BTreeSet<Group>,
}

fn named(reading: &Reading, locale: &Locale, from: usize, to: usize) -> Named {
    let is_welsh = *locale == Locale::Cy;
    let forms = if is_welsh { &RIVALS.welsh } else { &RIVALS.english };
    let words: Vec<String> =
        reading.words[from..to].iter().map(|word| folded(&word.text, is_welsh)).collect();
    let mut named = Named::default();
    // `£5 each year` counts no years, and `in May` allows nothing.
    let is_time = |at: usize| {
        let is_time = |value: &Value| matches!(value, Value::Rate(..)) || value.is_date();
        let mut figures = reading.figures.iter();
        figures.any(|f| is_time(&f.value) && (f.from..f.to).contains(&(from + at)))
    };
    for at in (0..words.len()).filter(|at| !is_time(*at)) {
        let plural = words[at].strip_suffix('s').filter(|_| !is_welsh);
        let here = [Some(words[at].as_str()), plural].into_iter().flatten();
        for form in here.filter_map(|first| forms.get(first)).flatten() {
            // `The most you can borrow` is no number of things.
            let is_highest = words[at] == "most"
                && at.checked_sub(1).is_some_and(|b| matches!(words[b].as_str(), "the" | "at"));
            // `Each school year` says how often and not of how many.
            let is_often = form.words.len() == 1 && counts_time(&words[at..]);
            if is_highest || is_often || !form.stands_at(&words[at..], is_welsh) {
                continue;
            }
            if form.in_sentence && form.in_source {
                named.asks.insert(form.group);
            }
            if form.in_sentence {
                named.in_sentence.insert(form.group);
            }
            if form.in_source {
                named.in_source.insert(form.group);
            }
        }
    }
    named
}

/// Whether `each` or `every` stands before a unit of time, or before what kind of one it is.
fn counts_time(words: &[String]) -> bool {
    const UNITS: [&str; 12] = [
        "year", "month", "week", "day", "term", "hour", "blwyddyn", "mis", "wythnos", "diwrnod",
        "tymor", "awr",
    ];
    let counts =
        words.first().is_some_and(|word| matches!(word.as_str(), "each" | "every" | "pob" | "bob"));
    counts && words.iter().skip(1).take(2).any(|word| UNITS.contains(&word.as_str()))
}

/// A Welsh word without its mutation; of a short one it leaves too little to know it by.
fn folded(word: &str, is_welsh: bool) -> String {
    if is_welsh && word.len() > 3 { unmutated(word) } else { word.to_owned() }
}

impl Form {
    fn stands_at(&self, words: &[String], is_welsh: bool) -> bool {
        let is_same = |(own, word): (&String, &String)| {
            own == word || !is_welsh && word.strip_suffix('s') == Some(own.as_str())
        };
        words.len() >= self.words.len() && self.words.iter().zip(words).all(is_same)
    }
}

fn rivals(kinds: Vec<Kind>) -> Rivals {
    let (mut english, mut welsh) = (Forms::new(), Forms::new());
    for (at, kind) in kinds.iter().enumerate() {
        for (place, group) in kind.groups.iter().enumerate() {
            let (of_english, of_welsh) = group.split_once(" | ").unwrap_or((group, ""));
            add(&mut english, of_english, (at, place), false);
            add(&mut welsh, of_welsh, (at, place), true);
        }
    }
    Rivals { kinds, english, welsh }
}

fn add(forms: &mut Forms, line: &str, group: Group, is_welsh: bool) {
    for written in line.split_whitespace() {
        let (in_sentence, in_source) = (!written.starts_with('+'), !written.starts_with('-'));
        let phrase = written.trim_start_matches(['+', '-']);
        let words: Vec<String> =
            phrase.split(['_', '-']).map(|word| folded(word, is_welsh)).collect();
        let Some(first) = words.first().cloned() else { continue };
        forms.entry(first).or_default().push(Form { words, group, in_sentence, in_source });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_takes_the_place_of_its_like() {
        for (text, quotes, expected) in [
            ("The clerk writes to you.", "The clerk sends you a letter.", true),
            ("The head teacher writes to you.", "The clerk sends you a letter.", false),
            ("Ask your GP.", "Ask your doctor.", true),
            ("The council decides.", "We decide.", true),
            ("The police decide.", "We decide.", false),
            ("You are guaranteed a grant.", "You get a grant.", false),
            ("You always get a grant.", "You get a grant each time.", true),
            ("The grant comes in May.", "The grant usually comes in May.", false),
            ("The grant normally comes in May.", "The grant usually comes in May.", true),
            ("You can apply even if you rent.", "You can apply unless you rent.", false),
            ("You can apply if you rent.", "You can apply even if you rent.", false),
            ("You can apply even though you rent.", "You can apply even if you rent.", true),
            ("It is based on net pay.", "It is based on gross pay.", false),
            ("It is £5 including VAT.", "It is £5 plus VAT.", false),
            ("It is £5 per household.", "It is £5 per person.", false),
            ("The last bill is in May.", "The first bill is in May.", false),
            ("Every bill is in May.", "The first bill is in May.", false),
            ("You pay each year.", "First, you pay every year.", true),
            ("All stalls need a permit.", "Some stalls need a permit.", false),
            ("Stalls need a permit.", "Some stalls need a permit.", false),
            ("New stalls need a permit.", "All stalls need a permit.", false),
            ("Either parent signs.", "Both parents sign.", false),
            ("Paid in the tax year.", "Paid in the calendar year.", false),
            ("The maximum is £5.", "The minimum is £5.", false),
            ("Tell us by phone.", "Tell us in writing.", false),
            ("Tell us by email.", "Email us.", true),
            (
                "A home where anyone is a student is exempt.",
                "A home where everyone is a student is exempt.",
                false,
            ),
            ("Anyone who lives here can apply.", "You can apply if you live here.", true),
            ("You do not need any form.", "You need no form.", true),
            ("Tell us if there is any change.", "Tell us if there is a change.", true),
            ("You can park anywhere.", "You can park.", false),
            ("It is free every time.", "It is free twice a year.", false),
            ("You can have any number of bags.", "You can have bags.", false),
            ("We give a full refund.", "We give a refund.", false),
            ("cy: Cewch barcio unrhyw bryd.", "Cewch barcio.", false),
            ("cy: Nid oes angen unrhyw ffurflen.", "Nid oes angen ffurflen.", true),
            ("cy: Gofynnwch i’r llys.", "Gofynnwch i’r panel.", false),
            ("cy: Gofynnwch i lys.", "Mae’r llys yn penderfynu.", true),
            ("cy: Byddwch bob amser yn talu.", "Byddwch yn talu.", false),
            ("cy: Daw’r grant ym mis Mai.", "Fel arfer daw’r grant ym mis Mai.", false),
            ("cy: Mae’n £5 y person.", "Mae’n £5 fesul cartref.", false),
            (
                "cy: Cewch wneud cais hyd yn oed os ydych yn rhentu.",
                "Cewch wneud cais os ydych yn rhentu.",
                false,
            ),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }

    #[test]
    fn kinds_can_be_read() {
        assert!(RIVALS.kinds.len() > 5 && !RIVALS.english.is_empty() && !RIVALS.welsh.is_empty());
    }
}
