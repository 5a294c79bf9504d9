//! What readers say of themselves beside a question: where they live, and in which role they ask.

/// What was said, if anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Stated<T> {
    /// Nothing: what was said before still holds.
    #[default]
    Nothing,
    /// That they do not know, or would rather not say: what was said before holds no more.
    Unknown,
    /// This.
    Is(T),
}

impl<T> Stated<T> {
    /// How forms and addresses name that a reader does not know.
    pub const UNKNOWN: &str = "unknown";

    /// Reads what a form or an address names it by; `of_key` reads a value.
    pub fn read(name: &str, of_key: impl FnOnce(&str) -> Option<T>) -> Self {
        if name == Self::UNKNOWN { Self::Unknown } else { of_key(name).into() }
    }

    /// What holds, where it was said.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Nothing | Self::Unknown => None,
        }
    }
}

impl<T> From<Option<T>> for Stated<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Self::Is)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Nation;

    #[test]
    fn what_is_not_known_is_told_from_what_was_not_said() {
        for (name, expected) in [
            ("wales", Stated::Is(Nation::Wales)),
            ("unknown", Stated::Unknown),
            ("", Stated::Nothing),
            ("mars", Stated::Nothing),
        ] {
            assert_eq!(Stated::read(name, Nation::from_key), expected, "{name}");
        }
    }
}
