//! Words that tell a name from what is none, from `words.toml`.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Deserialize, Default)]
struct File {
    no_names: String,
    no_person: String,
    forenames: String,
    surnames: String,
    known: String,
}

struct Words {
    no_names: HashSet<String>,
    no_person: HashSet<String>,
    forenames: HashSet<String>,
    surnames: HashSet<String>,
    known: HashSet<String>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    // A test reads the file too, so that a mistake in it cannot reach a release.
    let file: File = toml::from_str(include_str!("words.toml")).unwrap_or_default();
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    Words {
        no_names: words(&file.no_names),
        no_person: words(&file.no_person),
        forenames: words(&file.forenames),
        surnames: words(&file.surnames),
        known: file.known.split([',', '\n']).map(|name| name.trim().to_owned()).collect(),
    }
});

/// Whether a word is a forename.
pub(super) fn is_forename(word: &str) -> bool {
    WORDS.forenames.contains(&bare(word))
}

/// Whether a word cannot be in a name that announces itself.
pub(super) fn is_no_name(word: &str) -> bool {
    WORDS.no_names.contains(&bare(word))
}

/// Whether a word cannot be in a name that only its capitals show.
pub(super) fn is_no_person(word: &str) -> bool {
    let bare = bare(word);
    let parts = || bare.split('-').map(|part| part.strip_suffix("'s").unwrap_or(part));
    parts().any(|part| WORDS.no_names.contains(part) || WORDS.no_person.contains(part))
}

/// Whether a word cannot be in a name after a forename: "Emma White" is one.
pub(super) fn is_no_surname(word: &str) -> bool {
    is_no_person(word) && !WORDS.surnames.contains(&bare(word))
}

/// Whether everyone knows this name.
pub(super) fn is_known(name: &str) -> bool {
    WORDS.known.contains(&bare(name))
}

fn bare(word: &str) -> String {
    word.trim_matches(['.', '\'', '-', ' ', ',']).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_can_be_read() {
        let file: File = toml::from_str(include_str!("words.toml")).unwrap();
        for list in [&file.no_names, &file.no_person, &file.forenames, &file.known] {
            assert!(list.split_whitespace().count() > 50);
            assert_eq!(list, &list.to_lowercase(), "words are in lower case");
        }
    }

    #[test]
    fn no_forename_is_another_word() {
        let both: Vec<_> = WORDS.forenames.intersection(&WORDS.no_person).collect();
        assert!(both.is_empty(), "{both:?}");
    }
}
