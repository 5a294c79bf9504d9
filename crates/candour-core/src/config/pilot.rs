//! `[pilot]` and `[contact]`: who runs the assistant, and who helps when it cannot.

use serde::{Deserialize, Serialize};

use crate::locale::Locale;
use crate::nation::Nation;
use crate::page::{Contact, Link, PhoneNumber};

/// Who runs the assistant, and for whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pilot {
    /// The public body's name. The default says plainly that nobody has set it.
    pub body: String,
    /// The body's name in Welsh; the English name is used where it is absent.
    pub body_cy: Option<String>,
    /// What the assistant is called.
    pub service: String,
    /// What the assistant is called in Welsh.
    pub service_cy: Option<String>,
    /// Up to four questions to offer on the first page and at the end of `candour demo`.
    pub examples: Vec<String>,
    /// The same in Welsh.
    pub examples_cy: Vec<String>,
    /// The nation that most readers are in. It is assumed where a reader names none, and the answer
    /// says so. Absent by default: a body that serves all four should not assume one.
    pub nation: Option<Nation>,
}

impl Default for Pilot {
    fn default() -> Self {
        Self {
            body: "Unnamed public body".into(),
            body_cy: None,
            service: "Ask our guidance".into(),
            service_cy: Some("Gofynnwch i’n canllawiau".into()),
            examples: Vec::new(),
            examples_cy: Vec::new(),
            nation: None,
        }
    }
}

/// Who helps when the assistant cannot. Shown on every answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HumanContact {
    /// Who is reached: "Customer services".
    pub name: String,
    /// The same in Welsh.
    pub name_cy: Option<String>,
    /// A telephone number.
    pub phone: Option<String>,
    /// When it is answered.
    pub hours: Option<String>,
    /// The same in Welsh.
    pub hours_cy: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
    /// A page with more ways to get in touch.
    pub url: Option<String>,
}

impl HumanContact {
    /// As a contact in the reader's language.
    pub fn contact(&self, locale: &Locale) -> Contact {
        let welsh = *locale == Locale::Cy;
        let pick = |en: &str, cy: &Option<String>| match cy {
            Some(cy) if welsh => cy.clone(),
            _ => en.to_owned(),
        };
        let title = pick(&self.name, &self.name_cy);
        let phones = self.phone.iter().map(|number| PhoneNumber {
            label: String::new(),
            number: number.clone(),
            hours: pick(self.hours.as_deref().unwrap_or_default(), &self.hours_cy),
        });
        Contact {
            phones: phones.collect(),
            emails: self.email.iter().cloned().collect(),
            addresses: Vec::new(),
            links: self
                .url
                .iter()
                .map(|url| Link { label: title.clone(), url: url.clone() })
                .collect(),
            title,
        }
    }
}
