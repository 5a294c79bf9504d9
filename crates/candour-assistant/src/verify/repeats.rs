//! A sentence that says the same again and again, or goes on far beyond what it cites.

use std::collections::HashMap;

use super::Code;
use super::claim::Claim;

/// Two words side by side may stand so often in a sentence, or as often as in the source.
const MOST_OF_A_PAIR: usize = 4;
/// A sentence may have so many words more than twice those of its source.
const MOST_BEYOND: usize = 60;

/// Checks that a sentence neither repeats itself nor is far longer than what it rests on.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    let own: Vec<&str> = claim.text.split_whitespace().collect();
    let source: Vec<&str> =
        claim.lines.iter().flat_map(|line| line.text.split_whitespace()).collect();
    let known = pairs(&source);
    let is_too_often = |(pair, count): (&(String, String), &usize)| {
        *count > MOST_OF_A_PAIR.max(known.get(pair).copied().unwrap_or_default())
    };
    let is_long = own.len() > source.len() * 2 + MOST_BEYOND;
    if is_long || pairs(&own).iter().any(is_too_often) { Err(Code::SupportLow) } else { Ok(()) }
}

/// How often two words stand side by side.
fn pairs(words: &[&str]) -> HashMap<(String, String), usize> {
    let mut pairs = HashMap::new();
    for two in words.windows(2) {
        *pairs.entry((two[0].to_lowercase(), two[1].to_lowercase())).or_default() += 1;
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_and_on_is_doubted() {
        for (text, quotes, expected) in [
            ("You can have 3 permits.", "You can have up to 3 permits.", true),
            (&format!("You can have permits {}.", "and permits ".repeat(5)), "Permits.", false),
            (&"word after another ".repeat(5), &*"word after another ".repeat(5), true),
            (&"a b c d e f g h i j k l m n o p q r s t ".repeat(4), "Permits.", false),
        ] {
            assert_eq!(check(&Claim::plain(text, quotes)).is_ok(), expected, "{text}");
        }
    }
}
