//! A sentence may not leave out the condition of what it cites.

use super::Code;
use crate::words::phrase;

/// Words that begin a condition; those in one group can stand for one another.
const CONDITIONS: [&[&str]; 4] = [
    &[
        "if",
        "as long as",
        "provided",
        "when",
        "where",
        "whether",
        "os",
        "pan",
        "ar yr amod",
        "cyhyd a",
        "cyhyd â",
    ],
    &["unless", "oni bai", "oni"],
    &["except", "apart from", "other than", "excluding", "ac eithrio", "heblaw"],
    &["only", "just", "yn unig", "dim ond"],
];

/// Checks a sentence against the words it cites: for each line that it rests on, a condition of the
/// line is a condition of the sentence.
pub(super) fn check(text: &str, quotes: &str) -> Result<(), Code> {
    let claim = conditions(text);
    // With several quotes the condition may be in one that the claim takes only a word from, so that
    // each line is held against the claim and one that agrees is enough.
    let agrees = |line: &str| conditions(line).iter().all(|condition| claim.contains(condition));
    let covered = quotes.lines().filter(|line| !line.trim().is_empty()).any(agrees);
    if covered { Ok(()) } else { Err(Code::ConditionDropped) }
}

/// The groups of conditions that stand in a text.
fn conditions(text: &str) -> Vec<usize> {
    let words: Vec<String> = phrase(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let line = format!(" {} ", words.join(" "));
    let groups = CONDITIONS.iter().enumerate();
    let found =
        groups.filter(|(_, names)| names.iter().any(|name| line.contains(&format!(" {name} "))));
    found.map(|(group, _)| group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_stay() {
        for (text, quote, expected) in [
            (
                "You pay nothing if you live in Aberwen.",
                "You pay nothing if you live in Aberwen.",
                true,
            ),
            ("You pay nothing.", "You pay nothing if you live in Aberwen.", false),
            (
                "You pay nothing as long as you live here.",
                "You pay nothing if you live here.",
                true,
            ),
            ("You get it.", "You get it unless you rent.", false),
            ("You get it.", "You get it, except in August.", false),
            ("Residents get it.", "Only residents get it.", false),
            ("Cewch ostyngiad.", "Cewch ostyngiad oni bai eich bod yn rhentu.", false),
            ("Cewch ostyngiad.", "Cewch ostyngiad os ydych yn rhentu.", false),
            ("The fee is £10.", "The fee is £10.", true),
        ] {
            assert_eq!(check(text, quote).is_ok(), expected, "{text} from {quote}");
        }
    }
}
