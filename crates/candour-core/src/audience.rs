//! Whom guidance is written for, and in which of these roles a question is asked.
//!
//! Many duties and rights have two sides: what is right for an employer is wrong for who works there,
//! so guidance for others is never quoted without saying whom it is for.

use serde::{Deserialize, Serialize};

/// A kind of reader whom guidance may be written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// People in their own lives: residents, employees, parents, tenants.
    Individual,
    /// Businesses, employers and people who are self-employed.
    Business,
    /// Those who advise, treat or teach others, or apply the rules to them, for their work.
    Professional,
}

impl Audience {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Individual, Self::Business, Self::Professional];

    /// The key in URLs, in the JSON API and on the command line.
    pub fn key(self) -> &'static str {
        match self {
            Self::Individual => "individual",
            Self::Business => "business",
            Self::Professional => "professional",
        }
    }

    /// Reads a key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|audience| audience.key() == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_name_in_json_too() {
        for audience in Audience::ALL {
            assert_eq!(Audience::from_key(audience.key()), Some(audience));
            assert_eq!(serde_json::to_value(audience).unwrap(), audience.key());
        }
        assert_eq!(Audience::from_key("everyone"), None);
    }
}
