//! The conditions under which the same attempts are made.

use candour_assistant::{Mitigation, Mitigations};

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
