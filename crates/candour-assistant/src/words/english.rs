//! A light stemmer for English: plurals, past and -ing forms, and the commonest nouns of verbs.

/// The forms that no ending explains, which guidance uses often.
const IRREGULAR: [(&str, &str); 36] = [
    ("paid", "pay"),
    ("bought", "buy"),
    ("sold", "sell"),
    ("got", "get"),
    ("gave", "give"),
    ("given", "give"),
    ("left", "leave"),
    ("lost", "lose"),
    ("sent", "send"),
    ("told", "tell"),
    ("made", "make"),
    ("went", "go"),
    ("children", "child"),
    ("women", "woman"),
    ("men", "man"),
    ("people", "person"),
    ("lives", "live"),
    ("wives", "wife"),
    ("died", "die"),
    ("dying", "die"),
    ("dies", "die"),
    ("drove", "drive"),
    ("driving", "drive"),
    ("driver", "drive"),
    ("built", "build"),
    ("kept", "keep"),
    ("taken", "take"),
    ("took", "take"),
    ("chose", "choose"),
    ("chosen", "choose"),
    ("rating", "rating"),
    ("ratings", "rating"),
    ("fees", "fee"),
    ("trees", "tree"),
    ("eligibility", "eligible"),
    ("deceased", "deceas"),
];

/// What stands for all forms of an English word in lower case.
pub(super) fn stem(word: &str) -> String {
    if let Some((_, stem)) = IRREGULAR.iter().find(|(form, _)| *form == word) {
        return (*stem).to_owned();
    }
    if word.len() < 4 || !word.is_ascii() {
        return word.to_owned();
    }
    finish(nounless(&singular(word)))
}

fn singular(word: &str) -> String {
    if let Some(rest) = word.strip_suffix("ies").filter(|rest| rest.len() > 1) {
        return format!("{rest}y");
    }
    for ending in ["sses", "ches", "shes", "xes", "zes"] {
        if word.ends_with(ending) {
            return word[..word.len() - 2].to_owned();
        }
    }
    let keeps = ["ss", "us", "is"].iter().any(|ending| word.ends_with(ending));
    match word.strip_suffix('s') {
        Some(rest) if !keeps => rest.to_owned(),
        _ => word.to_owned(),
    }
}

/// Takes endings off that make a verb form or a noun of a verb.
fn nounless(word: &str) -> String {
    for (ending, instead) in [("ication", "y"), ("ified", "ify"), ("ied", "y")] {
        if let Some(rest) = word.strip_suffix(ending).filter(|rest| rest.len() > 1) {
            return format!("{rest}{instead}");
        }
    }
    for ending in ["ation", "ing", "ed", "ment", "ly"] {
        if let Some(rest) = word.strip_suffix(ending) {
            let has_vowel = rest.contains(['a', 'e', 'i', 'o', 'u', 'y']);
            if rest.len() >= 3 && has_vowel {
                return undoubled(rest);
            }
        }
    }
    word.to_owned()
}

fn undoubled(word: &str) -> String {
    let bytes = word.as_bytes();
    match bytes {
        [.., before, last] if before == last && !matches!(last, b'l' | b's' | b'e' | b'o') => {
            word[..word.len() - 1].to_owned()
        }
        _ => word.to_owned(),
    }
}

/// Makes ends alike: without a last e, and with -str for -ster, so that `registration` meets `register`.
fn finish(word: String) -> String {
    if let Some(rest) = word.strip_suffix("ster") {
        return format!("{rest}str");
    }
    match word.strip_suffix('e') {
        Some(rest) if rest.len() >= 3 => rest.to_owned(),
        _ => word,
    }
}
