//! How a run ended, and the words for it in results and logs.

use super::Peer;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Everything was asked.
    Complete,
    /// Whoever started it wants it to stop.
    Stopped,
    /// It reached a limit.
    Limit(Limit),
    /// Somebody could not be reached for [`MOST_UNREACHED`](super::MOST_UNREACHED) questions in a row.
    Unreachable(Peer),
}

/// A limit, named as in the suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The time in which the run is asked.
    Seconds,
    /// The tokens of the whole run.
    Tokens,
    /// What the whole run may cost.
    Money,
}

impl Ending {
    /// All of them. Of several parts of a run that is not whole the first that one has is how it ended.
    const ALL: [Self; 8] = [
        Self::Limit(Limit::Money),
        Self::Limit(Limit::Tokens),
        Self::Limit(Limit::Seconds),
        Self::Unreachable(Peer::Target),
        Self::Unreachable(Peer::Model),
        Self::Unreachable(Peer::Judge),
        Self::Stopped,
        Self::Complete,
    ];

    /// What results and logs say.
    pub(super) fn words(self) -> String {
        match self {
            Self::Complete => "complete".to_owned(),
            Self::Stopped => "stopped".to_owned(),
            Self::Limit(Limit::Seconds) => "limit of seconds".to_owned(),
            Self::Limit(Limit::Tokens) => "limit of tokens".to_owned(),
            Self::Limit(Limit::Money) => "limit of money".to_owned(),
            Self::Unreachable(peer) => format!("{} unreachable", peer.name()),
        }
    }

    /// What such words say; nothing where they are of another program.
    pub(super) fn of_words(words: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ending| ending.words() == words)
    }

    /// How a run ended that lacks something and whose parts ended so: as one of them did that did not come to
    /// its own end, a limit before all else, for what is missing then waits for somebody to raise it.
    pub(super) fn of_parts(endings: &[String]) -> Self {
        let is_of_a_part = |ending: &Self| endings.contains(&ending.words());
        let stopped = Self::ALL.into_iter().filter(|ending| *ending != Self::Complete);
        stopped.into_iter().find(is_of_a_part).unwrap_or(Self::Stopped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_how_a_run_ended() {
        for ending in Ending::ALL {
            assert_eq!(Ending::of_words(&ending.words()), Some(ending));
        }
        assert_eq!(Ending::of_words("limit of patience"), None);
    }

    #[test]
    fn what_is_not_whole_ended_as_its_parts_did() {
        for (parts, expected) in [
            (&[][..], "stopped"),
            (&["complete", "complete"], "stopped"),
            (&["complete", "limit of tokens"], "limit of tokens"),
            (&["stopped", "limit of seconds", "limit of money"], "limit of money"),
            (&["judge unreachable", "stopped"], "judge unreachable"),
            (&["model unreachable", "limit of seconds"], "limit of seconds"),
            (&["something of a later program"], "stopped"),
        ] {
            let parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
            assert_eq!(Ending::of_parts(&parts).words(), expected, "{parts:?}");
        }
    }
}
