//! The conditions under which the same attempts are made.

use candour_assistant::{Mitigation, Mitigations};

/// Between the name of a condition and that of an attempt.
const BETWEEN: char = '~';

/// Which mitigations are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Condition {
    /// All: as it serves.
    All,
    /// None.
    None,
    /// All but one.
    Without(Mitigation),
    /// One alone.
    Only(Mitigation),
}

impl Condition {
    /// All and none, and for each mitigation both without it and with it alone: what it adds to the others,
    /// and what it does by itself.
    pub(super) fn of(switched: &[Mitigation]) -> Vec<Self> {
        let without = switched.iter().map(|one| Self::Without(*one));
        let only = switched.iter().map(|one| Self::Only(*one));
        [Self::All, Self::None].into_iter().chain(without).chain(only).collect()
    }

    /// Its name in folders and results.
    pub(super) fn name(self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::None => "none".to_owned(),
            Self::Without(one) => format!("without-{one}"),
            Self::Only(one) => format!("only-{one}"),
        }
    }

    /// The name of an attempt in this condition, for those who see it beside others.
    pub(super) fn named(self, id: &str) -> String {
        format!("{}{BETWEEN}{id}", self.name())
    }

    /// The condition that such a name begins with, and the name of the attempt, which has two parts itself.
    pub(super) fn of_named(named: &str) -> Option<(Self, &str)> {
        let (condition, id) = named.split_once(BETWEEN).filter(|(_, id)| id.contains(BETWEEN))?;
        let mut all = Self::of(&Mitigation::ALL).into_iter();
        Some((all.find(|one| one.name() == condition)?, id))
    }

    /// The same for people.
    pub(super) fn words(self) -> String {
        match self {
            Self::All => "every mitigation on".to_owned(),
            Self::None => "every mitigation off".to_owned(),
            Self::Without(one) => format!("{one} off, all others on"),
            Self::Only(one) => format!("{one} on, all others off"),
        }
    }

    pub(super) fn mitigations(self) -> Mitigations {
        match self {
            Self::All => Mitigations::default(),
            Self::None => Mitigations::none(),
            Self::Without(one) => Mitigations::default().without([one]),
            Self::Only(one) => Mitigations::none().with([one]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_condition() {
        for condition in Condition::of(&Mitigation::ALL) {
            let named = condition.named("a-1~plain");
            assert_eq!(Condition::of_named(&named), Some((condition, "a-1~plain")), "{named}");
        }
        // An attack may be called as a condition is, and a name may have no condition.
        for bare in ["none~plain", "a-1~plain", "never~a-1~plain", "all", ""] {
            assert_eq!(Condition::of_named(bare), None, "{bare}");
        }
    }
}
