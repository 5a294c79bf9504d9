//! What reports say in words of their own, in English and in Welsh.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use candour_core::Locale;

static ENGLISH: LazyLock<Words> = LazyLock::new(|| read(Locale::En, include_str!("words/en.toml")));
static WELSH: LazyLock<Words> = LazyLock::new(|| read(Locale::Cy, include_str!("words/cy.toml")));

/// The words of one language.
#[derive(Debug)]
pub(crate) struct Words {
    language: Locale,
    said: BTreeMap<String, String>,
}

/// The words of a language that reports are written in: Welsh, else English.
pub(crate) fn words(language: &Locale) -> &'static Words {
    if *language == Locale::Cy { &WELSH } else { &ENGLISH }
}

/// A test reads both files and what is made of them, so that none is empty.
fn read(language: Locale, text: &str) -> Words {
    Words { language, said: toml::from_str(text).unwrap_or_default() }
}

impl Words {
    /// The language.
    pub(crate) fn language(&self) -> Locale {
        self.language.clone()
    }

    /// What is said by a name. What has no words shows its name in brackets, which a test looks for.
    pub(crate) fn say(&self, name: &str) -> String {
        self.said.get(name).cloned().unwrap_or_else(|| format!("⟦{name}⟧"))
    }

    /// What is said by a name that may have no words.
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.said.get(name).map(String::as_str)
    }

    /// The same, with what stands for the names in braces.
    pub(crate) fn with(&self, name: &str, places: &[(&str, &dyn ToString)]) -> String {
        let mut said = self.say(name);
        for (place, value) in places {
            said = said.replace(&format!("{{{place}}}"), &value.to_string());
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn places(said: &str) -> BTreeSet<&str> {
        said.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
    }

    #[test]
    fn both_languages_say_the_same() {
        let (english, welsh) = (words(&Locale::En), words(&Locale::Cy));
        assert!(english.said.len() > 50);
        let names = |words: &Words| words.said.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(english), names(welsh));
        for (name, said) in &english.said {
            assert_eq!(places(said), places(&welsh.said[name]), "{name}");
        }
        for scorer in crate::scorer::Scorer::ALL {
            assert!(english.find(&format!("scorer_{scorer}")).is_some(), "{scorer}");
        }
        assert_eq!(english.with("of_total", &[("part", &1), ("whole", &2)]), "1 of 2");
    }
}
