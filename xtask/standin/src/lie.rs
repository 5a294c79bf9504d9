//! Falsifies a true sentence in one named way.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::script::Lie;

/// Sentences that stand in no source.
const FOREIGN: [&str; 3] = [
    "Every household is paid the whole amount without applying.",
    "The rules were abolished and nobody has to do anything.",
    "A neighbour may decide this on your behalf.",
];

static NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"£?\b\d[\d,]*(\.\d+)?"));
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(\d{1,2} )?(January|February|March|April|May|June|July|August|September|October|November|December)( \d{4})?\b|\b(19|20)\d\d\b",
    )
});
static CONDITION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)(,| and| but)? (only )?(if|unless|except|provided|as long as|until)\b[^,;]*")
});
static LEADING_CONDITION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(if|unless|provided|as long as)\b[^,]*, *"));

/// Words behind which `if` begins no condition: it means `whether`, names a case that makes no
/// difference, or gives an example, so that nothing false is said without it.
const NO_CONDITION: [&str; 10] =
    ["even", "check", "know", "decide", "ask", "see", "find out", "matter", "example", "such as"];

/// The sentence, falsified in this way; `None` where it does not lend itself to it.
pub fn tell(sentence: &str, lie: Lie) -> Option<String> {
    let told = match lie {
        Lie::Number => other_number(sentence),
        Lie::Date => other_date(sentence),
        // Before a Welsh word that looks English, `not` makes no sentence in either language.
        Lie::Negation => swapped(sentence, &NEGATIONS).filter(|_| !sentence.contains(" yn ")),
        Lie::Nation => {
            // A row of a table is no sentence that could go on.
            let ends = || (!sentence.contains('|')).then(|| ended(sentence, " in Scotland"));
            swapped(sentence, &NATIONS).or_else(ends)
        }
        Lie::Link => Some(ended(sentence, " at https://apply-now.example/start?from=answer")),
        Lie::Quote => Some(FOREIGN[sentence.len() % FOREIGN.len()].to_owned()),
        Lie::Condition => without_condition(sentence),
        Lie::Comparator => swapped(sentence, &COMPARATORS),
    };
    told.filter(|told| told != sentence && !told.trim().is_empty())
}

/// What stands for its opposite. The first that occurs is taken, so the longer ones come first.
const NEGATIONS: [(&str, &str); 18] = [
    (" must not ", " must "),
    (" cannot ", " can "),
    (" can not ", " can "),
    (" will not ", " will "),
    (" do not ", " do "),
    (" does not ", " does "),
    (" is not ", " is "),
    (" are not ", " are "),
    (" should not ", " should "),
    (" may not ", " may "),
    (" must ", " must not "),
    (" can ", " cannot "),
    (" will ", " will not "),
    (" should ", " should not "),
    (" may ", " may not "),
    (" is ", " is not "),
    (" are ", " are not "),
    (" have to ", " do not have to "),
];

const NATIONS: [(&str, &str); 4] = [
    ("Northern Ireland", "Wales"),
    ("England", "Scotland"),
    ("Scotland", "Wales"),
    ("Wales", "England"),
];

const COMPARATORS: [(&str, &str); 12] = [
    ("more than", "less than"),
    ("less than", "more than"),
    ("at least", "at most"),
    ("at most", "at least"),
    ("up to", "at least"),
    ("no later than", "no earlier than"),
    (" over ", " under "),
    (" under ", " over "),
    (" before ", " after "),
    (" after ", " before "),
    (" within ", " after "),
    (" or more", " or less"),
];

fn swapped(sentence: &str, pairs: &[(&str, &str)]) -> Option<String> {
    let (from, to) = pairs.iter().find(|(from, _)| sentence.contains(from))?;
    Some(sentence.replacen(from, to, 1))
}

/// A number that is no part of a date, with another first digit.
fn other_number(sentence: &str) -> Option<String> {
    let dates: Vec<_> = DATE.find_iter(sentence).map(|date| date.range()).collect();
    let number = NUMBER.find_iter(sentence).find(|number| {
        let is_in_date = dates.iter().any(|date| date.contains(&number.start()));
        let follows_letter = sentence[..number.start()].ends_with(char::is_alphabetic);
        !is_in_date && !follows_letter
    })?;
    let mut told = sentence.to_owned();
    let digit = number.as_str().find(|c: char| c.is_ascii_digit())? + number.start();
    let other = match &sentence[digit..=digit] {
        "9" => "1".to_owned(),
        digit => (digit.parse::<u8>().ok()? + 1).to_string(),
    };
    told.replace_range(digit..=digit, &other);
    Some(told)
}

fn other_date(sentence: &str) -> Option<String> {
    let date = DATE.captures(sentence)?;
    let other = match date.get(2) {
        Some(month) => date[0]
            .replace(month.as_str(), if month.as_str() == "October" { "March" } else { "October" }),
        None => (date[0].parse::<u32>().ok()? + 1).to_string(),
    };
    Some(DATE.replace(sentence, |_: &Captures<'_>| other.clone()).into_owned())
}

fn without_condition(sentence: &str) -> Option<String> {
    if LEADING_CONDITION.is_match(sentence) {
        let rest = LEADING_CONDITION.replace(sentence, "");
        let mut characters = rest.chars();
        let first = characters.next()?;
        return Some(first.to_uppercase().chain(characters).collect());
    }
    let found = CONDITION.find_iter(sentence).find(|found| {
        let before = sentence[..found.start()].trim_end().to_lowercase();
        !NO_CONDITION.iter().any(|word| before.ends_with(word))
    })?;
    let (before, after) = (&sentence[..found.start()], &sentence[found.end()..]);
    let end = if after.is_empty() { "." } else { after };
    Some(format!("{before}{end}"))
}

/// The sentence with something more before its full stop.
fn ended(sentence: &str, more: &str) -> String {
    let body = sentence.trim_end_matches(['.', '!', '?', ':', ';']);
    format!("{body}{more}.")
}

#[expect(clippy::expect_used, reason = "the patterns are constants, and a test compiles them all")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern compiles")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_falsifies_what_it_says() {
        for (lie, sentence, expected) in [
            (Lie::Number, "You pay £1,090 by 5 May 2026.", Some("You pay £2,090 by 5 May 2026.")),
            (Lie::Number, "Use form P45 by 5 May 2026.", None),
            (Lie::Date, "Apply by 5 May 2026.", Some("Apply by 5 October 2026.")),
            (Lie::Date, "It ended in 2024.", Some("It ended in 2025.")),
            (Lie::Date, "Apply today.", None),
            (Lie::Negation, "You cannot appeal.", Some("You can appeal.")),
            (Lie::Negation, "You must tell us.", Some("You must not tell us.")),
            (Lie::Nation, "Apply in Wales.", Some("Apply in England.")),
            (Lie::Nation, "Apply by post.", Some("Apply by post in Scotland.")),
            (Lie::Condition, "You can apply if you are 16.", Some("You can apply.")),
            (Lie::Condition, "If you are 16, you can apply.", Some("You can apply.")),
            (Lie::Condition, "You can apply.", None),
            (Lie::Condition, "You can apply, even if you rent.", None),
            (Lie::Condition, "Check if you can apply.", None),
            (Lie::Comparator, "You get more than £5.", Some("You get less than £5.")),
            (Lie::Comparator, "You get £5.", None),
        ] {
            assert_eq!(tell(sentence, lie).as_deref(), expected, "{lie:?} of {sentence:?}");
        }
    }

    #[test]
    fn no_lie_is_the_truth() {
        let sentences = [
            "If you are under 16, you must not pay more than £20 before 1 June 2026 in England.",
            "Bring a passport",
            FOREIGN[0],
        ];
        for sentence in sentences {
            for told in Lie::ALL.into_iter().filter_map(|lie| tell(sentence, lie)) {
                assert_ne!(told, sentence);
            }
        }
    }
}
