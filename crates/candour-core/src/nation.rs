//! The four nations of the United Kingdom, and which of them a piece of guidance applies to.
//!
//! Devolved rules differ in amounts and eligibility, so a page that does not apply to the asker's
//! nation must never be quoted as if it did.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One nation of the United Kingdom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nation {
    /// England.
    England,
    /// Scotland.
    Scotland,
    /// Wales.
    Wales,
    /// Northern Ireland.
    NorthernIreland,
}

impl Nation {
    /// All four, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::England, Self::Scotland, Self::Wales, Self::NorthernIreland];

    /// The key in the Content API, in URLs and in configuration: `england`, `northern_ireland`…
    pub fn key(self) -> &'static str {
        match self {
            Self::England => "england",
            Self::Scotland => "scotland",
            Self::Wales => "wales",
            Self::NorthernIreland => "northern_ireland",
        }
    }

    /// The English name.
    pub fn name(self) -> &'static str {
        match self {
            Self::England => "England",
            Self::Scotland => "Scotland",
            Self::Wales => "Wales",
            Self::NorthernIreland => "Northern Ireland",
        }
    }

    /// Reads a key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|nation| nation.key() == key)
    }
}

impl fmt::Display for Nation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of nations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<Nation>", into = "Vec<Nation>")]
pub struct Nations(u8);

impl Nations {
    /// Every nation: what guidance applies to unless it says otherwise.
    pub const ALL: Self = Self(0b1111);
    /// No nation.
    pub const NONE: Self = Self(0);

    /// Whether `nation` is in the set.
    pub fn contains(self, nation: Nation) -> bool {
        self.0 & Self::bit(nation) != 0
    }

    /// The set with `nation` added.
    #[must_use]
    pub fn with(self, nation: Nation) -> Self {
        Self(self.0 | Self::bit(nation))
    }

    /// Whether the set holds all four nations.
    pub fn is_all(self) -> bool {
        self == Self::ALL
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// The members, in the order in which they are shown.
    pub fn iter(self) -> impl Iterator<Item = Nation> {
        Nation::ALL.into_iter().filter(move |nation| self.contains(*nation))
    }

    fn bit(nation: Nation) -> u8 {
        1 << nation as u8
    }
}

impl FromIterator<Nation> for Nations {
    fn from_iter<I: IntoIterator<Item = Nation>>(nations: I) -> Self {
        nations.into_iter().fold(Self::NONE, Self::with)
    }
}

impl From<Vec<Nation>> for Nations {
    fn from(nations: Vec<Nation>) -> Self {
        nations.into_iter().collect()
    }
}

impl From<Nations> for Vec<Nation> {
    fn from(nations: Nations) -> Self {
        nations.iter().collect()
    }
}

impl fmt::Debug for Nations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// Where a page or passage applies, and where to look instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NationScope {
    /// The nations it applies to.
    pub applies: Nations,
    /// For some of the other nations, the address of the guidance that applies there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<(Nation, String)>,
    /// Whether this was read from words in the text rather than from the publisher's metadata.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub derived: bool,
}

impl Default for NationScope {
    /// Guidance that says nothing of nations applies to all of them.
    fn default() -> Self {
        Self { applies: Nations::ALL, alternatives: Vec::new(), derived: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_keeps_its_members_through_json() {
        let set: Nations = [Nation::Wales, Nation::England].into_iter().collect();
        let json = serde_json::to_string(&set).unwrap();
        assert_eq!(json, r#"["england","wales"]"#);
        assert_eq!(serde_json::from_str::<Nations>(&json).unwrap(), set);
        assert!(set.contains(Nation::Wales) && !set.contains(Nation::Scotland) && !set.is_all());
    }
}
