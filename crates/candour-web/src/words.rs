//! The words of the interface, by key, in both languages. The texts are in `locales/`.

use std::fmt::Display;
use std::sync::LazyLock;

use fluent::concurrent::FluentBundle;
use fluent::{FluentArgs, FluentResource, FluentValue};

use crate::language::Language;

/// The words of one language.
pub(crate) struct Words(FluentBundle<FluentResource>);

/// The words of a language.
pub(crate) fn words(language: Language) -> &'static Words {
    static ENGLISH: LazyLock<Words> = LazyLock::new(|| Words::read("en", &ENGLISH_TEXTS));
    static WELSH: LazyLock<Words> = LazyLock::new(|| Words::read("cy", &WELSH_TEXTS));
    match language {
        Language::English => &ENGLISH,
        Language::Welsh => &WELSH,
    }
}

impl Words {
    /// The words for a key.
    pub(crate) fn t(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// The words for a key, with one text put in.
    pub(crate) fn t1(&self, key: &str, name: &str, value: &dyn Display) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set(name, value.to_string());
        self.format(key, Some(&arguments))
    }

    /// The words for a key that depend on a number.
    pub(crate) fn n(&self, key: &str, name: &str, number: usize) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set(name, FluentValue::from(number));
        self.format(key, Some(&arguments))
    }

    /// A key that is nowhere shows as itself, which a test makes sure never happens.
    fn format(&self, key: &str, arguments: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.0.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        self.0.format_pattern(pattern, arguments, &mut Vec::new()).into_owned()
    }

    fn read(tag: &str, texts: &[&str]) -> Self {
        let language = tag.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // The interface is left-to-right in both languages, so no direction marks are needed.
        bundle.set_use_isolating(false);
        for text in texts {
            // What can be read of a faulty text is used; a test makes sure that all of it can.
            let resource = match FluentResource::try_new((*text).to_owned()) {
                Ok(resource) | Err((resource, _)) => resource,
            };
            bundle.add_resource_overriding(resource);
        }
        Self(bundle)
    }
}

macro_rules! texts {
    ($tag:literal) => {
        [
            include_str!(concat!("../locales/", $tag, "/site.ftl")),
            include_str!(concat!("../locales/", $tag, "/question.ftl")),
            include_str!(concat!("../locales/", $tag, "/answer.ftl")),
            include_str!(concat!("../locales/", $tag, "/about.ftl")),
            include_str!(concat!("../locales/", $tag, "/notices.ftl")),
            include_str!(concat!("../locales/", $tag, "/failure.ftl")),
            include_str!(concat!("../locales/", $tag, "/staff.ftl")),
            include_str!(concat!("../locales/", $tag, "/review.ftl")),
            include_str!(concat!("../locales/", $tag, "/monitoring.ftl")),
        ]
    };
}
static ENGLISH_TEXTS: [&str; 9] = texts!("en");
static WELSH_TEXTS: [&str; 9] = texts!("cy");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_text_can_be_read() {
        for text in ENGLISH_TEXTS.iter().chain(&WELSH_TEXTS) {
            let read = FluentResource::try_new((*text).to_owned());
            assert!(read.is_ok(), "{:?}", read.err().map(|(_, errors)| errors));
        }
    }

    #[test]
    fn every_key_is_in_both_languages_with_the_same_arguments() {
        for (english, welsh) in ENGLISH_TEXTS.iter().zip(&WELSH_TEXTS) {
            let (english, welsh) = (keys(english), keys(welsh));
            assert_eq!(english, welsh);
        }
    }

    #[test]
    fn every_key_that_is_used_exists_and_every_key_is_used() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut used = BTreeSet::new();
        collect_used(&root.join("src"), &mut used);
        collect_used(&root.join("templates"), &mut used);
        let known: BTreeSet<String> =
            ENGLISH_TEXTS.iter().flat_map(|text| keys(text)).map(|(key, _)| key).collect();
        assert_eq!(used, known);
    }

    /// These change the first letter of the word that follows: "gan Gyngor Aberwen". A name that is put in
    /// cannot change, so it stands after a comma or begins the sentence.
    #[test]
    fn no_name_follows_a_welsh_word_that_would_change_it() {
        let changes = ["i", "o", "gan", "â", "a", "am", "ar", "at", "dan", "heb", "yn"];
        for text in WELSH_TEXTS {
            for name in ["{ $body }", "{ $nation }", "{ $nations }"] {
                let before: Vec<&str> = text.split(name).collect();
                // What stands after the last name is before none.
                for words in &before[..before.len() - 1] {
                    let last = words.split_whitespace().next_back().unwrap_or_default();
                    assert!(!changes.contains(&last), "{last} {name}");
                }
            }
        }
    }

    #[test]
    fn numbers_have_plurals_in_both_languages() {
        for (language, number, expected) in [
            (Language::English, 1, "1 day"),
            (Language::English, 90, "90 days"),
            (Language::Welsh, 2, "2 ddiwrnod"),
            (Language::Welsh, 90, "90 diwrnod"),
        ] {
            assert_eq!(words(language).n("days", "count", number), expected);
        }
    }

    /// Keys with the names of their arguments.
    fn keys(text: &str) -> BTreeSet<(String, BTreeSet<String>)> {
        let mut found: Vec<(String, BTreeSet<String>)> = Vec::new();
        for line in text.lines() {
            let is_key = line.starts_with(|first: char| first.is_ascii_lowercase());
            if let Some((key, _)) = line.split_once(" =").filter(|_| is_key) {
                found.push((key.to_owned(), BTreeSet::new()));
            }
            let mut rest = line;
            while let Some((_, after)) = rest.split_once('$') {
                let end = after.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(after.len());
                if let Some((_, arguments)) = found.last_mut() {
                    arguments.insert(after[..end].to_owned());
                }
                rest = &after[end..];
            }
        }
        found.into_iter().collect()
    }

    /// The keys in calls such as `.t("key")`.
    fn collect_used(folder: &Path, used: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect_used(&path, used);
                continue;
            }
            // This file speaks of such calls without making them.
            if path.ends_with("words.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for call in [".t(", ".t1(", ".n("] {
                for after in text.split(call).skip(1) {
                    let Some(after) = after.trim_start().strip_prefix('"') else { continue };
                    used.insert(after.split('"').next().unwrap().to_owned());
                }
            }
        }
    }
}
