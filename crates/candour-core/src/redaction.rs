//! Personal data is masked before text typed by the public is stored, logged or sent anywhere.
//!
//! `Redacted` can be made by `redact` alone, and `candour-store` accepts nothing else, so that the
//! promise is kept by the compiler. What is looked for stands in the modules below this one, one kind
//! of personal data each; what it is looked for in is a `View` of the text.

mod address;
mod bank;
mod birth;
mod checks;
mod documents;
mod email;
mod groups;
mod name;
mod numbers;
mod phone;
#[cfg(test)]
mod tests;
mod view;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Text in which personal data is masked. Masking twice changes nothing.
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct Redacted(String);

impl Redacted {
    /// The masked text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Redacted {
    /// Even masked words of a reader stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redacted({} bytes)", self.0.len())
    }
}

impl<'de> Deserialize<'de> for Redacted {
    /// What is read back is masked again, so that not even a changed file can bring personal data in.
    /// Which contacts are public is not known here: a publisher's own number that stayed when the
    /// text was first masked is masked now.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(redact(&text, &PublicContacts::default()).text)
    }
}

/// Masks personal data in `text`. Telephone numbers and e-mail addresses in `public` stay: they are
/// the publisher's own.
///
/// What is masked can uncover more (a cue comes nearer to its number), so it is looked again until
/// nothing is found. That is also why masking the result changes nothing: it looks the same.
pub fn redact(text: &str, public: &PublicContacts) -> Redaction {
    let mut masks: Vec<Mask> = Vec::new();
    loop {
        let view = view::View::of(text, &masks);
        let mut found = Vec::new();
        for detect in DETECTORS {
            detect(&view, public, &mut found);
        }
        found.retain(|one| !view.text()[one.range.clone()].contains(view::BARRIER));
        if found.is_empty() {
            return Redaction { text: Redacted(apply(text, &masks)), masks };
        }
        masks.extend(found.into_iter().map(|one| {
            let Range { start, end } = view.original(one.range);
            Mask { kind: one.kind, start, end }
        }));
        masks = without_overlaps(masks);
    }
}

/// Finds one sort of personal data in a view.
type Detector = fn(&view::View, &PublicContacts, &mut Vec<Found>);

const DETECTORS: [Detector; 8] = [
    email::detect,
    bank::detect,
    numbers::detect,
    documents::detect,
    birth::detect,
    phone::detect,
    address::detect,
    name::detect,
];

/// What a detector found, as a range of the view's text.
struct Found {
    kind: MaskKind,
    range: Range<usize>,
}

/// In order, with what overlaps made one mask: half a number must not stay because another pattern
/// claimed the other half. The longest gives the kind, and among equals the first kind.
fn without_overlaps(mut masks: Vec<Mask>) -> Vec<Mask> {
    masks.sort_by_key(|mask| (mask.start, std::cmp::Reverse(mask.end), mask.kind));
    let mut joined: Vec<Mask> = Vec::with_capacity(masks.len());
    for mask in masks {
        match joined.last_mut() {
            Some(last) if mask.start < last.end => {
                if mask.end - mask.start > last.end - last.start {
                    last.kind = mask.kind;
                }
                last.end = last.end.max(mask.end);
            }
            _ => joined.push(mask),
        }
    }
    joined
}

fn apply(text: &str, masks: &[Mask]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for mask in masks {
        masked.push_str(&text[done..mask.start]);
        masked.push_str(mask.kind.mask());
        done = mask.end;
    }
    masked.push_str(&text[done..]);
    masked
}

/// What `redact` gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redaction {
    /// The text with masks in place of personal data.
    pub text: Redacted,
    /// What was masked, in order.
    pub masks: Vec<Mask>,
}

/// One piece of personal data that was masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mask {
    /// What it was.
    pub kind: MaskKind,
    /// Where it began in the text as given, in bytes.
    pub start: usize,
    /// Where it ended in the text as given, in bytes, exclusive.
    pub end: usize,
}

/// The kinds of personal data that are masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaskKind {
    /// An e-mail address.
    Email,
    /// A payment card number.
    Card,
    /// A National Insurance number.
    NationalInsurance,
    /// An NHS number.
    NhsNumber,
    /// A unique taxpayer reference.
    TaxReference,
    /// A sort code and account number, or an IBAN.
    BankAccount,
    /// A telephone number that is not a public one.
    Phone,
    /// A driving licence number.
    DrivingLicence,
    /// A passport number.
    Passport,
    /// A postcode, or the address around it.
    Address,
    /// A date of birth.
    DateOfBirth,
    /// A reference number of a case, permit or vehicle.
    Reference,
    /// A person's name.
    Name,
}

impl MaskKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Email,
        Self::Card,
        Self::NationalInsurance,
        Self::NhsNumber,
        Self::TaxReference,
        Self::BankAccount,
        Self::Phone,
        Self::DrivingLicence,
        Self::Passport,
        Self::Address,
        Self::DateOfBirth,
        Self::Reference,
        Self::Name,
    ];

    /// What stands in the text in its place. Where it is read again, it is known as a mask and its
    /// words are no cue for anything.
    pub fn mask(self) -> &'static str {
        match self {
            Self::Email => "[email address]",
            Self::Card => "[card number]",
            Self::NationalInsurance => "[National Insurance number]",
            Self::NhsNumber => "[NHS number]",
            Self::TaxReference => "[tax reference]",
            Self::BankAccount => "[bank account]",
            Self::Phone => "[phone number]",
            Self::DrivingLicence => "[driving licence number]",
            Self::Passport => "[passport number]",
            Self::Address => "[address]",
            Self::DateOfBirth => "[date of birth]",
            Self::Reference => "[reference number]",
            Self::Name => "[name]",
        }
    }
}

/// The publisher's own telephone numbers and e-mail addresses, which are not personal data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicContacts {
    /// Digits only.
    phones: BTreeSet<String>,
    /// In lower case.
    emails: BTreeSet<String>,
}

impl PublicContacts {
    /// Adds a telephone number, however it is written.
    pub fn add_phone(&mut self, number: &str) {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        if digits.len() >= 3 {
            self.phones.insert(digits);
        }
    }

    /// Adds an e-mail address.
    pub fn add_email(&mut self, address: &str) {
        self.emails.insert(address.trim().to_lowercase());
    }

    /// Adds all that others have.
    pub fn add_all(&mut self, others: &Self) {
        self.phones.extend(others.phones.iter().cloned());
        self.emails.extend(others.emails.iter().cloned());
    }

    /// Whether this is a telephone number of the publisher's.
    pub fn has_phone(&self, number: &str) -> bool {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        self.phones.contains(&digits)
    }

    /// Whether this is an e-mail address of the publisher's.
    pub fn has_email(&self, address: &str) -> bool {
        self.emails.contains(&address.trim().to_lowercase())
    }
}
