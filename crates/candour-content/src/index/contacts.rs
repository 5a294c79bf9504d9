//! The telephone numbers and e-mail addresses that the guidance itself publishes, gathered while a
//! snapshot is built. That they are no personal data is for `candour_core::redaction` to know.

use std::sync::LazyLock;

use candour_core::{Page, Passage, PublicContacts};
use regex::Regex;

/// A number that begins as British and international ones do, with the usual signs between digits;
/// or a short one after a word that says it is called.
const PHONE: &str = r"(?x)
    (?: \+ \s? \d | \(? \b 0 ) [\d\s()\u{2010}-\u{2013}-]{7,17} \d
  | (?i: \b (?: call | dial | phone | telephone | text | ffoniwch | deialwch ) \s (?-i) (?<short> [1-9]\d{2,5} ) \b )";
const EMAIL: &str = r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+";

// The patterns are constants that the tests use, so that they are known to be sound.
static PHONES: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(PHONE).ok());
static EMAILS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(EMAIL).ok());

/// Adds what a page and its passages publish.
pub(crate) fn gather(contacts: &mut PublicContacts, page: &Page, passages: &[Passage]) {
    for contact in &page.contacts {
        contact.phones.iter().for_each(|phone| contacts.add_phone(&phone.number));
        contact.emails.iter().for_each(|email| contacts.add_email(email));
    }
    for passage in passages {
        gather_from_text(contacts, &passage.text);
        for link in &passage.links {
            if let Some(address) = link.url.strip_prefix("mailto:") {
                contacts.add_email(address.split('?').next().unwrap_or(address));
            }
        }
    }
}

fn gather_from_text(contacts: &mut PublicContacts, text: &str) {
    for found in PHONES.iter().flat_map(|phones| phones.captures_iter(text)) {
        let number = found.name("short").or_else(|| found.get(0));
        contacts.add_phone(number.map_or("", |number| number.as_str()));
    }
    for found in EMAILS.iter().flat_map(|emails| emails.find_iter(text)) {
        contacts.add_email(found.as_str().trim_end_matches('.'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_addresses_are_found_in_running_text() {
        let mut contacts = PublicContacts::default();
        let text = "Call 0300 123 4567 or +44 (0)20 7946 0000. Call 119, not 2021 2022.\n\
                    Write to council.tax@example.gov.uk. Textphone: 01632-960-001";
        gather_from_text(&mut contacts, text);
        for phone in ["03001234567", "+44 (0)20 7946 0000", "119", "01632 960001"] {
            assert!(contacts.has_phone(phone), "{phone} in {contacts:?}");
        }
        for other in ["20212022", "2022"] {
            assert!(!contacts.has_phone(other), "{other} in {contacts:?}");
        }
        assert!(contacts.has_email("Council.Tax@example.gov.uk"), "{contacts:?}");
    }
}
