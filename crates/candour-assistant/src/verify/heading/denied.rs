//! Headings that deny what stands beneath them: `Who cannot get it`, `What we do not take`, `Exceptions`.

use candour_core::Locale;

use crate::verify::condition::extent;
use crate::verify::lexicon::{Condition, Role};
use crate::verify::reading::{Mark, Reading};

/// Words that deny in a heading. What is done `without` something, or when one is `unable`, is a case.
const DENIALS: [&str; 26] = [
    "not", "cannot", "cant", "dont", "doesnt", "wont", "isnt", "arent", "mustnt", "never", "no",
    "none", "nobody", "nothing", "nor", "ni", "nid", "nad", "na", "nac", "dim", "ddim", "peidiwch",
    "peidio", "beidio", "methu",
];

/// Words that take out what stands beneath them.
const EXCLUSIONS: [&str; 21] = [
    "exempt",
    "exempted",
    "excluded",
    "excludes",
    "ineligible",
    "disqualified",
    "refuse",
    "refused",
    "refuses",
    "ban",
    "bans",
    "banned",
    "prohibited",
    "forbidden",
    "eithrio",
    "heithrio",
    "eithriedig",
    "gwrthod",
    "wrthod",
    "gwahardd",
    "anghymwys",
];

/// Names for what is taken out, where they are all that a heading is about: `The exemption ends` is not.
const EXCEPTIONS: [&str; 8] = [
    "exceptions",
    "exclusions",
    "exemptions",
    "exception",
    "exclusion",
    "eithriadau",
    "esemptiadau",
    "eithriad",
];

/// Questions that ask for a way or a reason, and for no things or people.
const WAYS: [&str; 4] = ["how", "why", "sut", "pam"];

/// Whether a heading denies outside of a condition: `If you do not pay` denies nothing of what follows.
pub(super) fn denies(heading: &Reading, locale: &Locale) -> bool {
    let first = heading.text_at(0);
    if WAYS.contains(&first) {
        return false;
    }
    let conditions: Vec<(usize, usize)> = heading
        .conditions()
        // `When you cannot claim` names the cases in which one cannot.
        .filter(|(mark, kind)| *kind != Condition::When || mark.from > 0)
        .filter(|(mark, _)| !EXCEPTIONS.contains(&heading.text_at(mark.from)))
        .map(|(mark, _)| (mark.from, extent(heading, &mark).1))
        .collect();
    let is_set = |at: usize| conditions.iter().any(|(from, to)| (*from..*to).contains(&at));
    let denies = |mark: &Mark| {
        mark.role == Role::Deny
            && heading.is_denial(mark, *locale == Locale::Cy)
            && DENIALS.contains(&heading.text_at(mark.from))
    };
    let marks = heading.marks.iter().filter(|mark| denies(mark)).map(|mark| mark.from);
    let last = heading.words.len().saturating_sub(1);
    let excludes = |at: &usize| {
        let word = heading.text_at(*at);
        EXCLUSIONS.contains(&word) || EXCEPTIONS.contains(&word) && (*at == 0 || *at == last)
    };
    let words = (0..heading.words.len()).filter(excludes);
    marks.chain(words).any(|at| !is_set(at))
}

/// Whether a word takes something out: `exempt`, `refused`.
pub(in crate::verify) fn excludes(word: &str) -> bool {
    EXCLUSIONS.contains(&word) || EXCEPTIONS.contains(&word)
}

/// How often a text denies, and whether it takes something out.
pub(super) struct Denial {
    times: usize,
    pub(super) excludes: bool,
}

impl Denial {
    pub(super) fn of(reading: &Reading, locale: &Locale) -> Self {
        let denies = |mark: &&Mark| match mark.role {
            Role::Deny => reading.is_denial(mark, *locale == Locale::Cy),
            Role::Condition(Condition::Unless | Condition::Only) => true,
            _ => false,
        };
        let excludes = reading.words.iter().any(|word| excludes(&word.text));
        Self { times: reading.marks.iter().filter(denies).count(), excludes }
    }

    /// Whether a sentence denies more than the line that it rests on does by itself.
    pub(super) fn is_more_than(&self, line: &Reading, locale: &Locale) -> bool {
        let line = Self::of(line, locale);
        self.times > line.times || self.excludes && !line.excludes
    }
}

/// Words that a statement begins with.
const SUBJECTS: [&str; 22] = [
    "you", "we", "they", "there", "i", "mae", "rydych", "rydym", "gallwch", "gallwn", "bydd",
    "byddwch", "byddwn", "cewch", "rhaid", "dylech", "ni", "nid", "peidiwch", "does", "do", "os",
];

/// Words that begin a clause of their own, so that their verbs are none of the whole.
const RELATIVES: [&str; 10] =
    ["who", "that", "which", "where", "whose", "when", "sydd", "sy", "syn", "nad"];

/// Verbs that make a statement of words.
const VERBS: [&str; 16] = [
    "is", "are", "was", "were", "will", "has", "have", "can", "cannot", "must", "should", "may",
    "mae", "bydd", "gall", "rhaid",
];

/// What only points at a list: `These include:`.
const POINTERS: [&str; 6] = ["this", "these", "they", "it", "maer", "maent"];

/// Whether a line says something by itself, so that its heading only names what it is about: it begins with
/// a subject, or has a verb before anything that a `who` or an `if` begins.
pub(super) fn is_statement(line: &Reading) -> bool {
    let first = line.text_at(0);
    let is_stem = line.words.last().is_some_and(|word| word.text == ":");
    if POINTERS.contains(&first) && is_stem {
        return false;
    }
    if SUBJECTS.contains(&first) {
        return first != "os" || line.words.iter().any(|word| word.text == ",");
    }
    let is_end = |at: usize| {
        RELATIVES.contains(&line.text_at(at)) || line.conditions().any(|(mark, _)| mark.from == at)
    };
    let end = (0..line.words.len()).find(|at| is_end(*at)).unwrap_or(line.words.len());
    // A condition that opens a line is followed by what it holds for.
    let main = if end == 0 {
        line.words.iter().position(|word| word.text == ",").map_or(line.words.len(), |at| at + 1)
            ..line.words.len()
    } else {
        0..end
    };
    let opens = line.text_at(main.start);
    end == 0 && SUBJECTS.contains(&opens)
        || line.words[main].iter().any(|word| VERBS.contains(&word.text.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Reading, Locale) {
        let (text, locale) = match text.strip_prefix("cy: ") {
            Some(welsh) => (welsh, Locale::Cy),
            None => (text, Locale::En),
        };
        (Reading::of(text, &locale), locale)
    }

    #[test]
    fn headings_deny_outside_of_their_conditions() {
        for (heading, expected) in [
            ("Things we do not collect from your home", true),
            ("Who cannot get the grant", true),
            ("Who does not", true),
            ("What the grant does not pay for", true),
            ("When you do not need permission", true),
            ("What not to do", true),
            ("Charges that are not covered", true),
            ("Exceptions", true),
            ("Who is exempt", true),
            ("When we can refuse", true),
            ("Council Tax exemptions", true),
            ("When the exemption ends", false),
            ("If you do not pay", false),
            ("What happens if you cannot pay", false),
            ("Work without permission", false),
            ("How to pay if you cannot come", false),
            ("Why we do not answer", false),
            ("Who can get it", false),
            ("Council Tax bands", false),
            ("cy: Pethau nad ydym yn eu casglu o’ch cartref", true),
            ("cy: Pwy na all gael y grant", true),
            ("cy: Pwy sy’n methu ei gael", true),
            ("cy: Beth nad yw’r grant yn talu amdano", true),
            ("cy: Beth i beidio â’i wneud", true),
            ("cy: Eithriadau", true),
            ("cy: Os nad ydych yn talu", false),
            ("cy: Pryd i gysylltu â ni", false),
            ("cy: Pwy sy’n gallu ei gael", false),
        ] {
            let (reading, locale) = read(heading);
            assert_eq!(denies(&reading, &locale), expected, "{heading}");
        }
    }

    #[test]
    fn what_says_something_by_itself_is_told_from_what_is_only_named() {
        for (line, expected) in [
            ("You can get it if you rent.", true),
            ("If you rent, you can get it.", true),
            ("An officer will call you.", true),
            ("You can put in:", true),
            ("People who own a second home.", false),
            ("New windows in a listed building.", false),
            ("Work that has begun before we write to you.", false),
            ("If you sell your home.", false),
            ("furniture", false),
            ("These include:", false),
            ("cy: Gallwch ei gael os ydych yn rhentu.", true),
            ("cy: paent, olew a rwbel", false),
            ("cy: Pobl sy’n berchen ar ail gartref.", false),
        ] {
            assert_eq!(is_statement(&read(line).0), expected, "{line}");
        }
    }
}
