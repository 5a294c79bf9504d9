//! The language of a page, a question or an interface.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A language. Candour speaks English and Welsh; pages may be in any other language too.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Locale {
    /// English, `en`.
    #[default]
    En,
    /// Welsh, `cy`.
    Cy,
    /// Any other language, by its lower-case BCP 47 tag.
    Other(String),
}

impl Locale {
    /// The BCP 47 tag: `en`, `cy`, `ar`…
    pub fn tag(&self) -> &str {
        match self {
            Self::En => "en",
            Self::Cy => "cy",
            Self::Other(tag) => tag,
        }
    }

    /// The language that the interface uses for a reader of this one: Welsh for Welsh, else English.
    #[must_use]
    pub fn interface(&self) -> Self {
        if *self == Self::Cy { Self::Cy } else { Self::En }
    }
}

impl From<&str> for Locale {
    /// Reads a tag; the region is dropped where Candour speaks the language (`en-GB` is English).
    fn from(tag: &str) -> Self {
        let tag = tag.trim().to_ascii_lowercase();
        match tag.split(['-', '_']).next() {
            Some("en" | "") | None => Self::En,
            Some("cy") => Self::Cy,
            Some(_) => Self::Other(tag),
        }
    }
}

impl From<String> for Locale {
    fn from(tag: String) -> Self {
        Self::from(tag.as_str())
    }
}

impl From<Locale> for String {
    fn from(locale: Locale) -> Self {
        locale.tag().to_owned()
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_tags() {
        for (tag, expected) in [
            ("en", Locale::En),
            ("en-GB", Locale::En),
            ("", Locale::En),
            ("cy", Locale::Cy),
            ("CY_GB", Locale::Cy),
            ("zh-TW", Locale::Other("zh-tw".into())),
        ] {
            assert_eq!(Locale::from(tag), expected, "{tag}");
        }
    }
}
