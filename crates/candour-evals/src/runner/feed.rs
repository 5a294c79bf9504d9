//! What is to be asked next: samples as they stand in their files, each as often as the suite says,
//! without those that are done and those of other shards.

use std::collections::HashSet;
use std::sync::Arc;

use super::record::Key;
use super::shard::Shard;
use crate::suite::{Sample, Samples, Suite, SuiteError};

/// Gives samples and epochs one by one.
pub(super) struct Feed {
    samples: Samples,
    epochs: u32,
    shard: Option<Shard>,
    done: HashSet<Key>,
    current: Option<(Arc<Sample>, u32)>,
}

impl Feed {
    pub(super) fn new(suite: &Suite, shard: Option<Shard>, done: HashSet<Key>) -> Self {
        let (samples, epochs) = (suite.samples(), suite.about.epochs);
        Self { samples, epochs, shard, done, current: None }
    }

    /// The next sample that is to be asked, with its epoch.
    pub(super) fn next(&mut self) -> Result<Option<(Arc<Sample>, u32)>, SuiteError> {
        loop {
            let Some((sample, epoch)) = self.current.take() else {
                let Some(sample) = self.samples.read_next()? else { return Ok(None) };
                if self.shard.is_none_or(|shard| shard.holds(&sample.id)) {
                    self.current = Some((Arc::new(sample), 1));
                }
                continue;
            };
            if epoch < self.epochs {
                self.current = Some((Arc::clone(&sample), epoch + 1));
            }
            if !self.done.contains(&Key::of(&sample.id, epoch)) {
                return Ok(Some((sample, epoch)));
            }
        }
    }
}
