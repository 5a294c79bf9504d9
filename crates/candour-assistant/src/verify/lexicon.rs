//! What words do in a sentence of guidance: deny, oblige, allow, limit, set a condition.

use std::collections::HashMap;
use std::sync::LazyLock;

use candour_core::Locale;
use serde::Deserialize;

/// What a word or phrase does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Role {
    /// Denies what comes after it.
    Deny,
    /// Looks like another role and plays none.
    Neutral,
    /// Obliges, advises or allows.
    Modal(Modal),
    /// Limits the number after it.
    BoundBefore(Bound),
    /// Limits the number before it.
    BoundAfter(Bound),
    /// Says of a sentence that its number is a limit.
    Hint(Bound),
    /// Begins a condition.
    Condition(Condition),
    /// Ends a clause.
    Break,
    /// One side of a pair of opposites.
    Opposite(u16, bool),
}

/// How binding something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Modal {
    Must,
    Need,
    Should,
    Can,
    May,
}

/// On which side of a number what it limits lies, and whether the number itself is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Bound {
    AtLeast,
    AtMost,
    MoreThan,
    LessThan,
}

impl Bound {
    /// The bound on the other side of the same number: what is not more than it is at most it.
    pub(super) fn complement(self) -> Self {
        match self {
            Self::AtLeast => Self::LessThan,
            Self::AtMost => Self::MoreThan,
            Self::MoreThan => Self::AtMost,
            Self::LessThan => Self::AtLeast,
        }
    }
}

/// What kind of condition a word begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Condition {
    If,
    Unless,
    Only,
    Until,
    When,
}

/// The roles of the words of one language.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    /// By the first word: the whole phrase, the longest first, with its roles.
    phrases: HashMap<String, Vec<Phrase>>,
    /// The pair of opposites of which one side is `free`.
    pub(super) free: Option<u16>,
}

/// The words of a phrase, and what it does.
type Phrase = (Vec<String>, Vec<Role>);

impl Lexicon {
    /// The lexicon of a language; English serves for all but Welsh.
    pub(super) fn of(locale: &Locale) -> &'static Self {
        if *locale == Locale::Cy { &LEXICONS.1 } else { &LEXICONS.0 }
    }

    /// The longest phrase that `words` begin with: how many words it has, and what it does.
    pub(super) fn longest(&self, words: &[&str]) -> Option<(usize, &[Role])> {
        let candidates = self.phrases.get(*words.first()?)?;
        let fits = |phrase: &[String]| {
            words.len() >= phrase.len() && phrase.iter().zip(words).all(|(one, other)| one == other)
        };
        let (phrase, roles) = candidates.iter().find(|(phrase, _)| fits(phrase))?;
        Some((phrase.len(), roles))
    }

    fn add(&mut self, phrases: &[String], role: Role) {
        for phrase in phrases {
            let words: Vec<String> = phrase.split_whitespace().map(str::to_owned).collect();
            let Some(first) = words.first() else { continue };
            let same_first = self.phrases.entry(first.clone()).or_default();
            match same_first.iter_mut().find(|(known, _)| *known == words) {
                Some((_, roles)) => roles.push(role),
                None => same_first.push((words, vec![role])),
            }
        }
    }
}

#[derive(Deserialize)]
struct File {
    en: Table,
    cy: Table,
}

#[derive(Deserialize)]
struct Table {
    deny: Vec<String>,
    neutral: Vec<String>,
    must: Vec<String>,
    need: Vec<String>,
    should: Vec<String>,
    can: Vec<String>,
    may: Vec<String>,
    least_before: Vec<String>,
    least_after: Vec<String>,
    most_before: Vec<String>,
    most_after: Vec<String>,
    more_before: Vec<String>,
    less_before: Vec<String>,
    latest: Vec<String>,
    earliest: Vec<String>,
    #[serde(rename = "if")]
    if_: Vec<String>,
    unless: Vec<String>,
    only: Vec<String>,
    until: Vec<String>,
    when: Vec<String>,
    #[serde(rename = "break")]
    break_: Vec<String>,
    opposites: Vec<String>,
}

static LEXICONS: LazyLock<(Lexicon, Lexicon)> =
    LazyLock::new(|| match toml::from_str::<File>(include_str!("lexicon.toml")) {
        Ok(file) => (lexicon(&file.en, &["free"]), lexicon(&file.cy, &["am", "ddim"])),
        Err(error) => {
            tracing::error!(%error, "the lexicon of the checks cannot be read");
            Default::default()
        }
    });

fn lexicon(table: &Table, free: &[&str]) -> Lexicon {
    let mut lexicon = Lexicon::default();
    for (phrases, role) in [
        (&table.deny, Role::Deny),
        (&table.neutral, Role::Neutral),
        (&table.must, Role::Modal(Modal::Must)),
        (&table.need, Role::Modal(Modal::Need)),
        (&table.should, Role::Modal(Modal::Should)),
        (&table.can, Role::Modal(Modal::Can)),
        (&table.may, Role::Modal(Modal::May)),
        (&table.least_before, Role::BoundBefore(Bound::AtLeast)),
        (&table.least_after, Role::BoundAfter(Bound::AtLeast)),
        (&table.most_before, Role::BoundBefore(Bound::AtMost)),
        (&table.most_after, Role::BoundAfter(Bound::AtMost)),
        (&table.more_before, Role::BoundBefore(Bound::MoreThan)),
        (&table.less_before, Role::BoundBefore(Bound::LessThan)),
        (&table.latest, Role::Hint(Bound::AtMost)),
        (&table.earliest, Role::Hint(Bound::AtLeast)),
        (&table.if_, Role::Condition(Condition::If)),
        (&table.unless, Role::Condition(Condition::Unless)),
        (&table.only, Role::Condition(Condition::Only)),
        (&table.until, Role::Condition(Condition::Until)),
        (&table.when, Role::Condition(Condition::When)),
        (&table.break_, Role::Break),
    ] {
        lexicon.add(phrases, role);
    }
    for (pair, line) in table.opposites.iter().enumerate() {
        for (side, words) in line.split(" | ").enumerate() {
            let phrases: Vec<String> =
                words.split_whitespace().map(|word| word.replace('_', " ")).collect();
            lexicon.add(&phrases, Role::Opposite(pair as u16, side == 0));
        }
    }
    for phrases in lexicon.phrases.values_mut() {
        phrases.sort_by_key(|(phrase, _)| std::cmp::Reverse(phrase.len()));
    }
    lexicon.free = lexicon.longest(free).and_then(|(_, roles)| {
        roles.iter().find_map(|role| match role {
            Role::Opposite(pair, false) => Some(*pair),
            _ => None,
        })
    });
    lexicon
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_phrase_is_read() {
        let english = Lexicon::of(&Locale::En);
        for (words, length, role) in [
            (&["no", "more", "than", "4"][..], 3, Role::BoundBefore(Bound::AtMost)),
            (&["no", "badge"], 1, Role::Deny),
            (&["unless", "you"], 1, Role::Condition(Condition::Unless)),
            (&["cannot"], 1, Role::Modal(Modal::Can)),
        ] {
            let (found, roles) = english.longest(words).unwrap();
            assert_eq!(found, length, "{words:?}");
            assert!(roles.contains(&role), "{words:?}: {roles:?}");
        }
        assert!(english.longest(&["badge"]).is_none());
        assert!(Lexicon::of(&Locale::Cy).longest(&["oni", "bai"]).is_some());
    }
}
