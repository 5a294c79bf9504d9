//! How to reach a person, as a page shows it.

use candour_core::{Contact, PhoneNumber};

use crate::language::Language;
use crate::page::link;
use crate::site::Site;

/// A contact, with links that dial and write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContactView {
    pub(crate) title: String,
    pub(crate) phones: Vec<PhoneView>,
    pub(crate) emails: Vec<LinkView>,
    pub(crate) addresses: Vec<String>,
    pub(crate) links: Vec<LinkView>,
}

/// The numbers of one line, such as its own and its textphone's, and when they are answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PhoneView {
    /// What each is for, and the number.
    pub(crate) numbers: Vec<(String, LinkView)>,
    pub(crate) hours: String,
}

/// Words that may lead somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LinkView {
    pub(crate) text: String,
    pub(crate) href: Option<String>,
}

impl ContactView {
    /// Whom the configuration names, if it names anyone.
    pub(crate) fn of_config(site: &Site, language: Language) -> Option<Self> {
        let view = Self::new(&site.config.contact.contact(&language.locale()));
        let is_empty = view.phones.is_empty() && view.emails.is_empty() && view.links.is_empty();
        (!is_empty).then_some(view)
    }

    pub(crate) fn new(contact: &Contact) -> Self {
        Self {
            title: contact.title.clone(),
            phones: contact.phones.chunk_by(is_same_line).map(PhoneView::new).collect(),
            emails: contact
                .emails
                .iter()
                .map(|address| LinkView { text: address.clone(), href: link::email(address) })
                .collect(),
            addresses: contact.addresses.clone(),
            links: contact
                .links
                .iter()
                .map(|to| LinkView {
                    text: if to.label.is_empty() { to.url.clone() } else { to.label.clone() },
                    href: link::safe(&to.url),
                })
                .collect(),
        }
    }
}

/// Whether the second is another number of the first's line: "Repairs textphone" of "Repairs". Its hours
/// are then said once.
fn is_same_line(first: &PhoneNumber, second: &PhoneNumber) -> bool {
    !first.label.is_empty() && second.label.starts_with(&first.label) && second.hours == first.hours
}

impl PhoneView {
    fn new(line: &[PhoneNumber]) -> Self {
        let number = |phone: &PhoneNumber| {
            let href = link::telephone(&phone.number);
            (phone.label.clone(), LinkView { text: phone.number.clone(), href })
        };
        let hours = line.first().map(|phone| phone.hours.clone()).unwrap_or_default();
        Self { numbers: line.iter().map(number).collect(), hours }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_that_the_numbers_of_a_line_share_are_said_once() {
        let phone = |(label, hours): (&str, &str)| PhoneNumber {
            label: label.to_owned(),
            number: "029 2018 0100".to_owned(),
            hours: hours.to_owned(),
        };
        for (phones, lines) in [
            (vec![("Repairs", "9 to 5"), ("Repairs textphone", "9 to 5")], vec![2]),
            (vec![("Repairs", "9 to 5"), ("Repairs textphone", "9 to 12")], vec![1, 1]),
            (vec![("Repairs", "9 to 5"), ("Rent", "9 to 5")], vec![1, 1]),
            (vec![("", "9 to 5"), ("Rent", "9 to 5")], vec![1, 1]),
            (vec![], vec![]),
        ] {
            let phones: Vec<PhoneNumber> = phones.into_iter().map(phone).collect();
            let view = ContactView::new(&Contact { phones, ..Contact::default() });
            let found: Vec<usize> = view.phones.iter().map(|line| line.numbers.len()).collect();
            assert_eq!(found, lines, "{view:?}");
        }
    }
}
