//! How to reach a person, as a page shows it.

use candour_core::Contact;

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

/// A telephone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PhoneView {
    pub(crate) label: String,
    pub(crate) number: LinkView,
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
            phones: contact
                .phones
                .iter()
                .map(|phone| PhoneView {
                    label: phone.label.clone(),
                    number: LinkView {
                        text: phone.number.clone(),
                        href: link::telephone(&phone.number),
                    },
                    hours: phone.hours.clone(),
                })
                .collect(),
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
