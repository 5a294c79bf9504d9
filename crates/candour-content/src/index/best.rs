//! The best few of many scored passages, with ties broken the same way every time.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// A passage, by its place in the snapshot, with its score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// How well it fits.
    pub score: f32,
    /// Its place in the snapshot.
    pub place: u32,
}

impl Eq for Scored {}

impl PartialOrd for Scored {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scored {
    /// The better one is greater; of equal ones, the one that comes first in the snapshot.
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then(other.place.cmp(&self.place))
    }
}

/// Keeps the best of what it is offered.
pub(crate) struct Best {
    kept: BinaryHeap<Reverse<Scored>>,
    most: usize,
}

impl Best {
    /// Keeps at most `most`.
    pub(crate) fn new(most: usize) -> Self {
        Self { kept: BinaryHeap::with_capacity(most.min(1024) + 1), most }
    }

    /// Takes a passage into account.
    pub(crate) fn offer(&mut self, score: f32, place: u32) {
        self.kept.push(Reverse(Scored { score, place }));
        if self.kept.len() > self.most {
            self.kept.pop();
        }
    }

    /// The score that a passage must exceed to be kept, or the least number while there is room.
    pub(crate) fn threshold(&self) -> f32 {
        match self.kept.peek() {
            Some(Reverse(worst)) if self.kept.len() >= self.most => worst.score,
            _ => f32::MIN,
        }
    }

    /// What was kept, best first.
    pub(crate) fn into_sorted(self) -> Vec<Scored> {
        self.kept.into_sorted_vec().into_iter().map(|Reverse(scored)| scored).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keeps_what_sorting_everything_would(
            scores in prop::collection::vec(0_u8..8, 0..60), most in 0_usize..20
        ) {
            let mut best = Best::new(most);
            let mut all = Vec::new();
            for (place, score) in scores.into_iter().enumerate() {
                let scored = Scored { score: f32::from(score), place: place as u32 };
                best.offer(scored.score, scored.place);
                all.push(scored);
            }
            all.sort_by_key(|scored| Reverse(*scored));
            all.truncate(most);
            prop_assert_eq!(best.into_sorted(), all);
        }
    }
}
