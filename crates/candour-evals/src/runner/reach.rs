//! Whether anybody is there: a run whose target, model or judge cannot be reached, question after question,
//! is stopped, for it would come to nothing and take hours over it.

use candour_core::answerer::UNREACHABLE;

use super::record::Record;

/// After so many questions in a row for which the same host could not be reached, each tried as often as the
/// suite says, nobody is asked any more. A host that starts anew is away for fewer.
pub const MOST_UNREACHED: u32 = 50;

/// Who is asked over a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// What is measured.
    Target,
    /// The model that writes for it.
    Model,
    /// The model that judges.
    Judge,
}

impl Peer {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Model => "model",
            Self::Judge => "judge",
        }
    }

    /// Whether it was reached for a question; nothing where it was not asked.
    fn was_reached(self, record: &Record) -> Option<bool> {
        let reached = |kind: &str| kind != UNREACHABLE;
        match self {
            Self::Target => Some(record.error.as_ref().is_none_or(|error| reached(&error.kind))),
            Self::Model => {
                let writer = record.reply.as_ref()?.writer.as_ref()?;
                Some(writer.failure().is_none_or(reached))
            }
            Self::Judge => {
                let mut judged = record.judged.values();
                let is_asked = !record.judged.is_empty();
                is_asked.then(|| {
                    judged.all(|one| one.error.as_ref().is_none_or(|error| reached(&error.kind)))
                })
            }
        }
    }
}

/// Who was not reached last, and for how many questions in a row.
#[derive(Debug, Default)]
pub(super) struct Reach {
    away: Option<(Peer, u32)>,
}

impl Reach {
    /// Adds what came of a question, for which these were asked. Nothing is added once somebody was away for
    /// too long.
    pub(super) fn add(&mut self, record: &Record, asked: impl Iterator<Item = Peer>) {
        if self.away().is_some() {
            return;
        }
        for peer in asked {
            let before = self.away.filter(|(away, _)| *away == peer).map_or(0, |(_, count)| count);
            match peer.was_reached(record) {
                Some(false) => {
                    self.away = Some((peer, before + 1));
                    return;
                }
                Some(true) if before > 0 => self.away = None,
                _ => {}
            }
        }
    }

    /// Who is away for too long.
    pub(super) fn away(&self) -> Option<Peer> {
        self.away.filter(|(_, count)| *count >= MOST_UNREACHED).map(|(peer, _)| peer)
    }
}
