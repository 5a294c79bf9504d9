//! What is said: key facts, and what must not be said. Letters, spaces and numbers may be written in
//! any way, but a number is never found within a longer one.

use unicode_normalization::UnicodeNormalization as _;

use super::{Case, Score};
use crate::suite::Fact;

/// The share of key facts that are said.
pub(super) fn key_facts(case: &Case<'_>) -> Option<Score> {
    let text = plain(&case.reply.text);
    let is_said = |fact: &Fact| fact.ways().iter().any(|way| says(&text, &plain(way)));
    let facts = &case.sample.key_facts;
    let missing: Vec<String> = facts
        .iter()
        .filter(|fact| !is_said(fact))
        .map(|fact| format!("not said: {}", fact.ways().join(" or ")))
        .collect();
    Score::share(facts.len(), &missing)
}

/// Whether nothing is said that must not be.
pub(super) fn nothing_forbidden(case: &Case<'_>) -> Option<Score> {
    let forbidden = &case.sample.must_not_say;
    if forbidden.is_empty() {
        return None;
    }
    let text = plain(&case.reply.text);
    let said: Vec<&String> = forbidden.iter().filter(|words| says(&text, &plain(words))).collect();
    Some(Score::all_or_nothing(said.is_empty(), || format!("said: {said:?}")))
}

/// Whether a plain text says these plain words, which begin and end where words and numbers do.
pub(crate) fn says(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, found)| {
        let (before, after) = (&text[..at], &text[at + found.len()..]);
        let starts_apart = !found.starts_with(char::is_alphanumeric) || !joins_before(before);
        let ends_apart = !found.ends_with(char::is_alphanumeric) || !joins_after(after);
        starts_apart && ends_apart
    })
}

/// Whether a word or number that begins here began before: as `5` in `2.5`.
fn joins_before(before: &str) -> bool {
    let mut back = before.chars().rev();
    match back.next() {
        Some('.') => back.next().is_some_and(|c| c.is_ascii_digit()),
        Some(c) => c.is_alphanumeric(),
        None => false,
    }
}

/// Whether a word or number that ends here goes on: as `2` in `2.5`.
fn joins_after(after: &str) -> bool {
    let mut ahead = after.chars();
    match ahead.next() {
        Some('.') => ahead.next().is_some_and(|c| c.is_ascii_digit()),
        Some(c) => c.is_alphanumeric(),
        None => false,
    }
}

/// A text in which only words and values tell: lower case, one space between words, straight quotes,
/// no thousands separators and no pence where there are none.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.nfkc().flat_map(char::to_lowercase) {
        match c {
            '\u{2018}' | '\u{2019}' => plain.push('\''),
            '\u{201c}' | '\u{201d}' => plain.push('"'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => plain.push('-'),
            '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => {}
            c if c.is_whitespace() => {
                if !plain.ends_with(' ') {
                    plain.push(' ');
                }
            }
            c => plain.push(c),
        }
    }
    plain_numbers(plain.trim())
}

/// Numbers without commas between thousands, and without pence that are nought.
fn plain_numbers(text: &str) -> String {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        plain.push_str(&rest[..start]);
        rest = &rest[start..];
        let mut length = digits(rest);
        plain.push_str(&rest[..length]);
        rest = &rest[length..];
        while length <= 3 && rest.starts_with(',') && digits(&rest[1..]) == 3 {
            plain.push_str(&rest[1..4]);
            rest = &rest[4..];
        }
        length = rest.strip_prefix('.').map_or(0, digits);
        if length > 0 {
            let (fraction, after) = rest.split_at(length + 1);
            if fraction != ".00" {
                plain.push_str(fraction);
            }
            rest = after;
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Given, value};
    use super::*;
    use crate::scorer::Scorer;

    #[test]
    fn words_are_found_however_they_are_written() {
        let cases = [
            ("The fee is £2,165.13 a year.", "£2165.13", true),
            ("It costs £40.00.", "£40", true),
            ("It costs £40.", "£40.00", true),
            ("It costs £401.", "£40", false),
            ("It costs £140.", "40", false),
            ("It costs £40.50.", "£40", false),
            ("A 125% premium", "25%", false),
            ("Version 2.5", "5", false),
            ("within 7\u{a0}days", "Within 7 days", true),
            ("You’re\n able to", "you're able to", true),
            ("1,000,000 trees", "1000000", true),
            ("in 2024,2025", "2024", true),
            ("4,12,1999", "1999", true),
            ("apply\u{200b}ing", "applying", true),
            ("reapply", "apply", false),
            ("o fewn 10 diwrnod gwaith", "10 diwrnod", true),
            ("It is 5.", "5", true),
        ];
        for (text, words, expected) in cases {
            assert_eq!(says(&plain(text), &plain(words)), expected, "{text:?} {words:?}");
        }
    }

    #[test]
    fn facts_are_counted_and_what_is_forbidden_is_named() {
        let mut given = Given::default();
        assert_eq!(value(Scorer::KeyFacts, &given), None);
        assert_eq!(value(Scorer::NothingForbidden, &given), None);
        given.sample.key_facts =
            vec![Fact::One("25%".into()), Fact::Any(vec!["ten days".into(), "10 days".into()])];
        given.sample.must_not_say = vec!["50%".into()];
        given.reply.text = "You get 25% off after ten days, not 150%.".into();
        assert_eq!(value(Scorer::KeyFacts, &given), Some(1.0));
        assert_eq!(value(Scorer::NothingForbidden, &given), Some(1.0));
        given.reply.text = "You get 50% off after 10 days.".into();
        assert_eq!(value(Scorer::KeyFacts, &given), Some(0.5));
        assert_eq!(value(Scorer::NothingForbidden, &given), Some(0.0));
    }
}
