//! The fixed words of the assistant, in English and in Welsh, from two reviewed files.
//!
//! Which words are said when is left to the stages.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use candour_core::{Audience, Locale, MaskKind, Nation, Nations};
use jiff::civil::Date;
use serde::Deserialize;

/// The fixed words in one language.
#[derive(Debug, Deserialize)]
pub(crate) struct Replies {
    #[cfg(test)]
    owner: String,
    #[cfg(test)]
    reviewed: Date,
    text: BTreeMap<String, String>,
}

static ENGLISH: LazyLock<Replies> = LazyLock::new(|| read(include_str!("replies/en.toml")));
static WELSH: LazyLock<Replies> = LazyLock::new(|| read(include_str!("replies/cy.toml")));

/// The fixed words for a reader of `locale`.
pub(crate) fn of(locale: &Locale) -> &'static Replies {
    if *locale == Locale::Cy { &WELSH } else { &ENGLISH }
}

/// Whom to call in danger or distress, in a language: for what is said where no question is read.
pub fn crisis_lines(locale: &Locale) -> &'static str {
    of(locale).text("crisis")
}

impl Replies {
    /// The words under `key`. That every key in the code is in both files is tested.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.text.get(key).map_or("", String::as_str)
    }

    /// The words under `key` with `{name}` replaced.
    pub(crate) fn filled(&self, key: &str, values: &[(&str, &str)]) -> String {
        let mut text = self.text(key).to_owned();
        for (name, value) in values {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text.trim().to_owned()
    }

    /// The name of a nation.
    pub(crate) fn nation(&self, nation: Nation) -> &str {
        self.text(match nation {
            Nation::England => "England",
            Nation::Scotland => "Scotland",
            Nation::Wales => "Wales",
            Nation::NorthernIreland => "NorthernIreland",
        })
    }

    /// The names of nations: `England and Wales`.
    pub(crate) fn nations(&self, nations: Nations) -> String {
        self.list(&nations.iter().map(|nation| self.nation(nation)).collect::<Vec<_>>())
    }

    /// The readers that an audience is made of: `businesses, employers and self-employed people`.
    pub(crate) fn audience(&self, audience: Audience) -> &str {
        self.text(match audience {
            Audience::Individual => "individuals",
            Audience::Business => "businesses",
            Audience::Professional => "professionals",
        })
    }

    /// The kinds of personal data, each once.
    pub(crate) fn kinds(&self, kinds: impl IntoIterator<Item = MaskKind>) -> String {
        let mut names: Vec<&str> = Vec::new();
        for kind in kinds {
            let name = self.text(mask_key(kind));
            if !names.contains(&name) {
                names.push(name);
            }
        }
        self.list(&names)
    }

    /// A date as people write it: `3 March 2024`.
    pub(crate) fn date(&self, date: Date) -> String {
        let month =
            self.text("months").split(' ').nth(usize::from(date.month().unsigned_abs()) - 1);
        format!("{} {} {}", date.day(), month.unwrap_or_default(), date.year())
    }

    fn list(&self, names: &[&str]) -> String {
        match names {
            [] => String::new(),
            [one] => (*one).to_owned(),
            [first @ .., last] => {
                let and = self.text("and");
                let last = if and == "a" { joined_in_welsh(last) } else { format!("{and} {last}") };
                format!("{} {last}", first.join(", "))
            }
        }
    }
}

/// `a` and the word after it: `ac` before a vowel, with the article one word, and `c`, `p` and `t`
/// change (Lloegr a Chymru, Cymru a’r Alban).
fn joined_in_welsh(word: &str) -> String {
    let rest = |letters: usize| word.chars().skip(letters).collect::<String>();
    let is_changed = ["ch", "ph", "th"].iter().any(|pair| word.to_lowercase().starts_with(pair));
    match word.chars().next() {
        Some('Y' | 'y') if word[1..].starts_with("r ") => format!("a’r {}", rest(3)),
        Some(first @ ('c' | 'p' | 't' | 'C' | 'P' | 'T')) if !is_changed => {
            format!("a {first}h{}", rest(1))
        }
        Some(first) if "aeiouwyAEIOUWY".contains(first) => format!("ac {word}"),
        _ => format!("a {word}"),
    }
}

fn mask_key(kind: MaskKind) -> &'static str {
    match kind {
        MaskKind::Email => "mask_email",
        MaskKind::Card => "mask_card",
        MaskKind::NationalInsurance => "mask_national_insurance",
        MaskKind::NhsNumber => "mask_nhs_number",
        MaskKind::TaxReference => "mask_tax_reference",
        MaskKind::BankAccount => "mask_bank_account",
        MaskKind::Phone => "mask_phone",
        MaskKind::DrivingLicence => "mask_driving_licence",
        MaskKind::Passport => "mask_passport",
        MaskKind::Address => "mask_address",
        MaskKind::DateOfBirth => "mask_date_of_birth",
        MaskKind::Reference => "mask_reference",
        MaskKind::Name => "mask_name",
    }
}

/// Reads one of the two files, which a test reads too: a mistake in them cannot reach a release.
fn read(file: &str) -> Replies {
    toml::from_str(file).unwrap_or_else(|error| {
        tracing::error!(%error, "the fixed replies cannot be read");
        Replies {
            #[cfg(test)]
            owner: String::new(),
            #[cfg(test)]
            reviewed: Date::default(),
            text: BTreeMap::new(),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use regex::Regex;

    use super::*;

    #[test]
    fn welsh_words_change_after_a() {
        for (word, expected) in [
            ("Cymru", "a Chymru"),
            ("Yr Alban", "a’r Alban"),
            ("Gogledd Iwerddon", "a Gogledd Iwerddon"),
            ("enw", "ac enw"),
            ("rhif ffôn", "a rhif ffôn"),
            ("pasbort", "a phasbort"),
            ("", "a "),
        ] {
            assert_eq!(joined_in_welsh(word), expected);
        }
    }

    #[test]
    fn both_languages_say_the_same_things() {
        let keys = |replies: &'static Replies| replies.text.keys().collect::<Vec<_>>();
        assert_eq!(keys(&ENGLISH), keys(&WELSH));
        let places = Regex::new(r"\{[a-z]+\}").unwrap();
        for (key, english) in &ENGLISH.text {
            let welsh = &WELSH.text[key];
            let names = |text: &str| {
                places
                    .find_iter(text)
                    .map(|found| found.as_str().to_owned())
                    .collect::<BTreeSet<_>>()
            };
            assert_eq!(names(english), names(welsh), "{key}");
            assert!(!english.is_empty() && !welsh.is_empty(), "{key}");
        }
        for replies in [&*ENGLISH, &*WELSH] {
            assert!(!replies.owner.is_empty());
            assert!(replies.reviewed > Date::constant(2026, 1, 1));
            assert_eq!(replies.text("months").split(' ').count(), 12);
        }
    }

    #[test]
    fn crisis_numbers_are_exactly_these() {
        let number = Regex::new(r"\d[\d ]*\d").unwrap();
        for replies in [&*ENGLISH, &*WELSH] {
            let numbers = |key: &str| -> Vec<&str> {
                number.find_iter(replies.text(key)).map(|found| found.as_str()).collect()
            };
            assert_eq!(numbers("crisis"), ["999", "116 123", "85258", "111"]);
            let gas = ["0800 111 999", "0800 002 001"];
            assert_eq!(numbers("emergency"), ["999", gas[0], gas[1], "111", "999"]);
            assert!(replies.text("crisis").contains("SHOUT"));
            assert!(!number.is_match(replies.text("crisis_message")));
            assert!(!number.is_match(replies.text("emergency_message")));
        }
    }

    #[test]
    fn lists_and_dates_read_naturally() {
        let three: Nations =
            [Nation::England, Nation::Wales, Nation::Scotland].into_iter().collect();
        assert_eq!(ENGLISH.nations(three), "England, Scotland and Wales");
        assert_eq!(WELSH.nations(three), "Lloegr, Yr Alban a Chymru");
        assert_eq!(WELSH.date(Date::constant(2026, 5, 3)), "3 Mai 2026");
        assert_eq!(
            WELSH.kinds([MaskKind::Phone, MaskKind::Name, MaskKind::Phone]),
            "rhif ffôn ac enw"
        );
    }

    #[test]
    fn every_kind_of_mask_has_a_name() {
        for kind in [
            MaskKind::Email,
            MaskKind::Card,
            MaskKind::NationalInsurance,
            MaskKind::NhsNumber,
            MaskKind::TaxReference,
            MaskKind::BankAccount,
            MaskKind::Phone,
            MaskKind::DrivingLicence,
            MaskKind::Passport,
            MaskKind::Address,
            MaskKind::DateOfBirth,
            MaskKind::Reference,
            MaskKind::Name,
        ] {
            assert!(!ENGLISH.kinds([kind]).is_empty(), "{kind:?}");
        }
    }
}
