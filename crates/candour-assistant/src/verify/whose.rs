//! Whose something is: `our mistake` is not `your mistake`, and what it cost us not what it cost you.

use std::collections::BTreeSet;

use candour_core::Locale;

use super::Code;
use super::claim::Claim;
use crate::words;

/// The most words of what one has: `your new home`.
const REACHES: usize = 3;

/// Words behind which `’s` stands for a verb.
const PRONOUNS: [&str; 10] =
    ["It", "He", "She", "That", "There", "What", "Who", "Here", "Where", "How"];

/// Whose it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    We,
    You,
    /// By the name: `England’s`.
    Named(String),
}

/// Checks that what is ours stays ours, and what is yours yours.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    if !claim.same_language {
        return Ok(());
    }
    let own = owned(claim.text, &claim.locale);
    if own.is_empty() {
        return Ok(());
    }
    let lines = claim.sources().flat_map(|line| owned(line.text, &claim.page));
    let source: BTreeSet<(Owner, String)> = lines.collect();
    let is_anothers = own.iter().any(|(owner, stem)| {
        let mut known = source.iter().filter(|(_, other)| other == stem).peekable();
        known.peek().is_some() && known.all(|(other, _)| other != owner)
    });
    if is_anothers { Err(Code::EntityMissing) } else { Ok(()) }
}

/// The stems of what somebody has, and of the verbs of which somebody is the object.
fn owned(text: &str, locale: &Locale) -> BTreeSet<(Owner, String)> {
    let lower = text.to_lowercase().replace('’', "'");
    let written: Vec<&str> = lower.split_whitespace().collect();
    let mut owned: BTreeSet<(Owner, String)> =
        named(text, locale).into_iter().map(|(name, noun)| (Owner::Named(name), noun)).collect();
    for at in 0..written.len() {
        let word = bare(written[at]);
        if let Some(who) = owner(word, locale) {
            let from = at + 1 + usize::from(written.get(at + 1) == Some(&"own"));
            let rest = written.get(from..).unwrap_or_default();
            owned.extend(nouns(rest, locale).map(|noun| (who.clone(), noun)));
        }
        if *locale != Locale::Cy {
            owned.extend(behind(&written, at, word, locale));
        }
    }
    owned
}

/// Who has what stands behind a word.
fn owner(word: &str, locale: &Locale) -> Option<Owner> {
    match word {
        _ if *locale == Locale::Cy => welsh(word),
        "our" => Some(Owner::We),
        "your" => Some(Owner::You),
        _ => None,
    }
}

/// What stands before one who has it (`a mistake of ours`), or to whom it is done (`what it cost us`).
fn behind(written: &[&str], at: usize, word: &str, locale: &Locale) -> Option<(Owner, String)> {
    let before = |back: usize| at.checked_sub(back).map(|at| written[at]);
    let who = if matches!(word, "us" | "ours") { Owner::We } else { Owner::You };
    match word {
        "us" | "you" => Some((who, done(before(1)?, locale)?)),
        "ours" | "yours" if before(1) == Some("of") => Some((who, stem(before(2)?, locale)?)),
        _ => None,
    }
}

/// The stem of a verb behind which stands to whom it is done.
fn done(word: &str, locale: &Locale) -> Option<String> {
    stem(word, locale).filter(|_| word.ends_with(char::is_alphanumeric)).map(|stem| stem + " +")
}

/// What is said to be that of a name: `England’s elections`.
fn named(text: &str, locale: &Locale) -> Vec<(String, String)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let pairs = words.windows(2).filter_map(|two| {
        let name = two[0].strip_suffix("’s").or_else(|| two[0].strip_suffix("'s"))?;
        // `It’s` and `That’s` are no names.
        let is_name = name.starts_with(char::is_uppercase) && !PRONOUNS.contains(&name);
        Some((name.to_lowercase(), stem(two[1], locale)?)).filter(|_| is_name)
    });
    pairs.collect()
}

/// The Welsh for our and your, also where it is cut off behind a word of one letter or two: `i’n`, `o’ch`.
fn welsh(word: &str) -> Option<Owner> {
    const JOINED: [&str; 7] = ["i", "o", "a", "â", "gyda", "neu", "na"];
    match word {
        "ein" => return Some(Owner::We),
        "eich" => return Some(Owner::You),
        _ => {}
    }
    let (joined, rest) = word.split_once('\'')?;
    match rest {
        "n" if JOINED.contains(&joined) => Some(Owner::We),
        "ch" if JOINED.contains(&joined) => Some(Owner::You),
        _ => None,
    }
}

/// The stems of the telling words that stand together at the beginning of a text.
fn nouns(written: &[&str], locale: &Locale) -> impl Iterator<Item = String> {
    let ends = written.iter().position(|word| word.ends_with(|c: char| !c.is_alphanumeric()));
    let within = ends.map_or(written.len(), |at| at + 1).min(REACHES);
    written[..within].iter().map_while(|word| stem(word, locale))
}

fn stem(word: &str, locale: &Locale) -> Option<String> {
    let word = words::word(words::plain_words(bare(word)).concat(), locale);
    word.telling.then_some(word.stem)
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ours_stays_ours() {
        for (text, quotes, expected) in [
            ("You owe it if it was your slip.", "You owe it if it was our slip.", false),
            ("You owe it if it was your own slip.", "You owe it if it was our slip.", false),
            ("You owe it for a slip of yours.", "You owe it if it was our slip.", false),
            ("You owe it for a slip of ours.", "You owe it if it was our slip.", true),
            ("Write to our new office.", "Write to our office.", true),
            ("Leave it at our old home.", "Leave it at your old home.", false),
            ("Our letter names your rights.", "Read about your rights in our letter.", true),
            ("It is what it cost you.", "It is what it cost us.", false),
            ("You vote in Norland’s polls.", "You vote in Sudland’s polls.", false),
            ("You vote in Sudland’s polls.", "You vote in Sudland’s polls.", true),
            ("cy: Darllenwch ein llythyr.", "Darllenwch eich llythyr.", false),
            ("cy: O fewn 9 diwrnod i’ch llythyr.", "O fewn 9 diwrnod i’n llythyr.", false),
            ("cy: O fewn 9 diwrnod i’n llythyr.", "O fewn 9 diwrnod i’n llythyr.", true),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
