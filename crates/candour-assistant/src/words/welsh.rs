//! A light stemmer for Welsh: initial mutations folded to one form, and the commonest endings.

/// Beginnings that mutation exchanges, the longest first, and the form that stands for all of them.
/// Soft mutation drops `g`, so every velar folds to nothing.
const BEGINNINGS: [(&str, &str); 18] = [
    ("ngh", ""),
    ("mh", "b"),
    ("nh", "d"),
    ("ng", ""),
    ("ph", "b"),
    ("th", "d"),
    ("ch", ""),
    ("dd", "d"),
    ("ll", "l"),
    ("rh", "r"),
    ("p", "b"),
    ("m", "b"),
    ("f", "b"),
    ("b", "b"),
    ("t", "d"),
    ("n", "d"),
    ("c", ""),
    ("g", ""),
];

/// Endings of plurals, verbs and nouns of verbs, the longest first.
const ENDINGS: [&str; 28] = [
    "iadau", "iaeth", "oedd", "iwch", "iais", "odd", "iad", "iau", "ion", "ydd", "wyr", "wch",
    "ant", "ais", "ent", "iol", "wyd", "au", "on", "af", "ir", "io", "ol", "ai", "od", "u", "o",
    "i",
];

/// What stands for all forms of a Welsh word in lower case and without accents.
pub(super) fn stem(word: &str) -> String {
    if word.len() < 3 || !word.is_ascii() {
        return word.to_owned();
    }
    unmutated(endless(word))
}

pub(super) fn unmutated(word: &str) -> String {
    // `ff` is a letter of its own and never comes from mutation.
    if word.starts_with("ff") {
        return word.to_owned();
    }
    for (beginning, instead) in BEGINNINGS {
        if let Some(rest) = word.strip_prefix(beginning) {
            return if rest.is_empty() { word.to_owned() } else { format!("{instead}{rest}") };
        }
    }
    word.to_owned()
}

fn endless(word: &str) -> &str {
    // `Thalu` keeps its ending where `talu` does: one letter became two.
    let grown = match word {
        _ if word.starts_with("ngh") => 2,
        _ if ["th", "ph", "mh", "nh", "dd"].iter().any(|two| word.starts_with(two)) => 1,
        _ => 0,
    };
    let is_enough = |rest: &&str| rest.len() >= 4 + grown;
    // A plural of a word that looks like one itself (trwydded, trwyddedau) loses one ending only.
    let ending = ENDINGS.iter().find_map(|ending| word.strip_suffix(ending).filter(is_enough));
    ending.unwrap_or(word)
}
