//! A text as the checks read it: words with what they do, clauses, what is denied, and figures.

mod tokens;

use candour_core::Locale;

use self::tokens::tokens;
use super::figure::{self, Figure, Value};
use super::lexicon::{Bound, Condition, Lexicon, Role};

/// The most words that a phrase of the lexicon has.
const LONGEST_PHRASE: usize = 6;

/// Welsh verbs in the form that they have behind `ni` where it denies them.
const DENIED: [&str; 8] =
    ["all", "allwch", "allwn", "allant", "ellir", "chewch", "chaiff", "chaniateir"];

/// A text, read.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) words: Vec<Word>,
    pub(super) marks: Vec<Mark>,
    pub(super) figures: Vec<Figure>,
}

/// A word or sign.
#[derive(Debug)]
pub(super) struct Word {
    /// In lower case, without accents and apostrophes.
    pub(super) text: String,
    /// What stands for it and its other forms; a sign has none.
    pub(super) stem: String,
    /// Whether it says something of the subject.
    pub(super) telling: bool,
    /// Whether it is written with a capital.
    pub(super) capital: bool,
    /// Whether it begins a sentence.
    pub(super) first: bool,
    /// The number of its clause.
    pub(super) clause: usize,
}

impl Word {
    /// Whether it is a sign.
    pub(super) fn is_sign(&self) -> bool {
        self.stem.is_empty()
    }
}

/// A word or phrase that does something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) role: Role,
}

impl Reading {
    /// The word or sign at a place, empty behind the last.
    pub(super) fn text_at(&self, at: usize) -> &str {
        text_at(&self.words, at)
    }

    /// The word or sign before a place, empty before the first.
    pub(super) fn text_before(&self, at: usize) -> &str {
        at.checked_sub(1).map_or("", |before| self.text_at(before))
    }

    /// In which cell of a table's row a word stands.
    pub(super) fn column(&self, at: usize) -> usize {
        self.words[..at].iter().filter(|word| word.text == "|").count()
    }

    /// Reads a text of a language.
    pub(super) fn of(text: &str, locale: &Locale) -> Self {
        let mut words = tokens(text, locale);
        let marks = marks(&words, Lexicon::of(locale));
        for mark in &marks {
            // `At least` and `required` are weighed as what they do.
            if !matches!(mark.role, Role::Opposite(..) | Role::Hint(_) | Role::Break) {
                words[mark.from..mark.to].iter_mut().for_each(|word| word.telling = false);
            }
        }
        number_clauses(&mut words, &marks);
        let mut reading = Self { words, marks, figures: Vec::new() };
        reading.figures = figure::figures(&reading, locale);
        reading
    }

    /// The marks of words that begin a condition, but for those that only limit a number.
    pub(super) fn conditions(&self) -> impl Iterator<Item = (Mark, Condition)> {
        self.marks.iter().filter_map(|mark| match mark.role {
            Role::Condition(condition) if !self.limits_a_figure(mark) => Some((*mark, condition)),
            _ => None,
        })
    }

    /// Whether a mark is the limit of a number.
    pub(super) fn limits_a_figure(&self, mark: &Mark) -> bool {
        self.figures.iter().any(|figure| figure.limit == Some((mark.from, mark.to)))
    }

    /// Whether it says a value where its source says this one.
    pub(super) fn says(&self, value: &Value) -> bool {
        self.figures.iter().any(|figure| figure.value.says(value))
    }

    /// Whether it bears out a value that a claim says.
    pub(super) fn bears_out(&self, value: &Value) -> bool {
        self.figures.iter().any(|figure| value.says(&figure.value))
    }

    /// Whether a word of this stem stands in it.
    pub(super) fn has_stem(&self, stem: &str) -> bool {
        self.words.iter().any(|word| word.stem == stem)
    }

    /// Whether one of these words stands in it.
    pub(super) fn has_one_of(&self, words: &[&str]) -> bool {
        self.words.iter().any(|word| words.contains(&word.text.as_str()))
    }

    /// How many of these words it has, whatever their form, and of how many.
    pub(super) fn found<'w>(&self, words: impl Iterator<Item = &'w Word>) -> (usize, usize) {
        words.fold((0, 0), |(found, all), word| {
            (found + usize::from(self.has_stem(&word.stem)), all + 1)
        })
    }

    /// Whether it denies something.
    pub(super) fn denies(&self) -> bool {
        self.marks.iter().any(|mark| mark.role == Role::Deny)
    }

    /// Whether a place is within a figure.
    pub(super) fn is_counted(&self, at: usize) -> bool {
        self.figures.iter().any(|figure| (figure.from..figure.to).contains(&at))
    }

    /// The telling words between two places.
    pub(super) fn telling(&self, from: usize, to: usize) -> impl Iterator<Item = &Word> {
        self.words[from.min(to)..to].iter().filter(|word| word.telling)
    }

    /// Where the sentence around a place begins and ends.
    pub(super) fn sentence(&self, at: usize) -> (usize, usize) {
        let ends = |word: &Word| {
            word.is_sign() && matches!(word.text.as_str(), "." | "!" | "?" | "\n" | "|")
        };
        let from = self.words[..at].iter().rposition(ends).map_or(0, |end| end + 1);
        let to = self.words[at..].iter().position(ends).map_or(self.words.len(), |end| at + end);
        (from, to)
    }

    /// Whether its last denial has nothing behind it to deny: `You must not:`.
    pub(super) fn ends_in_denial(&self) -> bool {
        let last = self.marks.iter().rfind(|mark| mark.role == Role::Deny);
        last.is_some_and(|mark| self.telling(mark.to, self.words.len()).next().is_none())
    }

    /// Whether its last condition has nothing behind it: `You can apply if you:`.
    pub(super) fn ends_in_condition(&self) -> bool {
        let last = self.conditions().filter(|(_, condition)| *condition == Condition::If).last();
        last.is_some_and(|(mark, _)| self.telling(mark.to, self.words.len()).next().is_none())
    }

    /// The limit that it ends in: `within:`.
    pub(super) fn last_limit(&self) -> Option<Bound> {
        self.marks.iter().find_map(|mark| match mark.role {
            Role::BoundBefore(bound) if mark.to + 1 >= self.words.len() => Some(bound),
            _ => None,
        })
    }

    /// The Welsh `ni` denies at the beginning of a clause and means `us` elsewhere; a denial that turns
    /// a limit round (`cannot stay longer than`) is part of the limit.
    pub(super) fn is_denial(&self, mark: &Mark, is_welsh: bool) -> bool {
        let word = &self.words[mark.from];
        let joins = ["a", "ac", "ond", "os", "gan", "felly", "er", "pan", "oherwydd"];
        let begins =
            mark.from.checked_sub(1).map(|before| &self.words[before]).is_none_or(|before| {
                before.clause != word.clause
                    || before.is_sign()
                    || joins.contains(&before.text.as_str())
            });
        let next = self.text_at(mark.to);
        let is_us = is_welsh && word.text == "ni" && !begins && !DENIED.contains(&next);
        let turned = self.figures.iter().any(|figure| figure.denial == Some(mark.from));
        !is_us && !turned
    }

    /// How far a denial reaches: to the end of its clause, or to the next denial in it.
    pub(super) fn scope_end(&self, mark: &Mark) -> usize {
        let end = self.clause_end(mark.from);
        let mut denials = self.marks.iter().filter(|other| other.role == Role::Deny);
        let next = denials.find(|other| other.from > mark.to + 2);
        next.map_or(end, |next| next.from.min(end))
    }

    /// Where the clause of a word ends.
    pub(super) fn clause_end(&self, at: usize) -> usize {
        let clause = self.words[at].clause;
        let after = self.words[at..].iter().position(|word| word.clause != clause);
        after.map_or(self.words.len(), |after| at + after)
    }
}

/// The word or sign at a place, empty behind the last.
pub(super) fn text_at(words: &[Word], at: usize) -> &str {
    words.get(at).map_or("", |word| word.text.as_str())
}

/// What the words do: at each place the longest phrase that the lexicon has.
fn marks(words: &[Word], lexicon: &Lexicon) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let phrase = words[at..].iter().take(LONGEST_PHRASE).take_while(|word| !word.is_sign());
        let phrase: Vec<&str> = phrase.map(|word| word.text.as_str()).collect();
        let Some((length, roles)) = lexicon.longest(&phrase) else {
            at += 1;
            continue;
        };
        // `Tell Us Once` is a name.
        let is_name = words[at].capital && !words[at].first && words[at - 1].capital;
        // In `16 and under 19` the limit is that of the number behind it.
        let is_behind = roles.iter().any(|role| matches!(role, Role::BoundAfter(_)))
            && !roles.iter().any(|role| matches!(role, Role::BoundBefore(_)))
            && words.get(at + length).is_some_and(|next| is_number(&next.text));
        if is_behind {
            at += 1;
            continue;
        }
        if !roles.contains(&Role::Neutral) && !is_name {
            marks.extend(roles.iter().map(|role| Mark { from: at, to: at + length, role: *role }));
            // In `starts on` the first word keeps its opposite.
            for place in (at..at + length).filter(|_| length > 1) {
                let single = lexicon.longest(&[words[place].text.as_str()]);
                let opposites = single.into_iter().flat_map(|(_, roles)| roles);
                let opposites = opposites.filter(|role| matches!(role, Role::Opposite(..)));
                let new =
                    opposites.filter(|_| !roles.iter().any(|r| matches!(r, Role::Opposite(..))));
                marks.extend(new.map(|role| Mark { from: place, to: place + 1, role: *role }));
            }
        }
        at += length;
    }
    marks
}

fn is_number(word: &str) -> bool {
    word == "£" || word.starts_with(|c: char| c.is_ascii_digit())
}

/// Clauses end at signs and at words that join or begin a clause.
fn number_clauses(words: &mut [Word], marks: &[Mark]) {
    let begins = |at: usize| {
        marks.iter().any(|mark| {
            mark.from == at
                && match mark.role {
                    Role::Break => true,
                    Role::Condition(condition) => condition != Condition::Only,
                    _ => false,
                }
        })
    };
    let mut clause = 0;
    for (at, word) in words.iter_mut().enumerate() {
        let is_end = word.is_sign() && !matches!(word.text.as_str(), "£" | "%" | "+" | "&" | "-");
        if is_end || begins(at) {
            clause += 1;
        }
        word.clause = clause;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_what_matters() {
        let reading =
            Reading::of("You’re paid £1,200.50 by 9:30am (don’t wait), tŷ’r SA100.", &Locale::En);
        let words: Vec<&str> = reading.words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(
            words,
            [
                "you", "paid", "£", "1,200.50", "by", "9:30am", "(", "dont", "wait", ")", ",",
                "ty", "sa100", "."
            ]
        );
    }
}
