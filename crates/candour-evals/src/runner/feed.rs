//! What is to be asked next: samples as they stand in their files, each as often as the suite says,
//! without those that are done and those of other shards.

use std::sync::Arc;

use super::RunnerError;
use super::latest::{Latest, Places};
use super::shard::Shard;
use super::written::Place;
use crate::suite::{Sample, Samples, Suite};

/// A sample that is to be asked, and which time this is.
pub(super) struct Due {
    pub(super) sample: Arc<Sample>,
    pub(super) epoch: u32,
    /// The record of it on which a judge failed, where there is one.
    pub(super) unjudged: Option<Place>,
}

/// Gives samples and epochs one by one.
pub(super) struct Feed {
    samples: Samples,
    /// How many samples were read.
    read: u64,
    epochs: u32,
    shard: Option<Shard>,
    current: Option<(Arc<Sample>, u32)>,
    /// What is recorded already, in the order in which it is asked for.
    recorded: Places<4>,
    /// The first of that which is still to come.
    next: Option<[u64; 4]>,
    retry_errors: bool,
}

impl Feed {
    pub(super) fn new(
        suite: &Suite,
        shard: Option<Shard>,
        recorded: Latest,
        retry_errors: bool,
    ) -> Result<Self, RunnerError> {
        let mut recorded = recorded.in_suite_order(suite)?;
        let next = recorded.next()?;
        let (samples, epochs) = (suite.samples(), suite.about.epochs);
        Ok(Self { samples, read: 0, epochs, shard, current: None, recorded, next, retry_errors })
    }

    /// The next sample that is to be asked, with its epoch.
    pub(super) fn next(&mut self) -> Result<Option<Due>, RunnerError> {
        loop {
            let Some((sample, epoch)) = self.current.take() else {
                let Some(sample) = self.samples.read_next()? else { return Ok(None) };
                self.read += 1;
                if self.shard.is_none_or(|shard| shard.holds(&sample.id)) {
                    self.current = Some((Arc::new(sample), 1));
                }
                continue;
            };
            if epoch < self.epochs {
                self.current = Some((Arc::clone(&sample), epoch + 1));
            }
            let recorded = self.recorded(epoch)?;
            if recorded.is_none_or(|place| !place.stands(self.retry_errors)) {
                let unjudged = recorded.filter(|place| place.is_unjudged && !place.is_error);
                return Ok(Some(Due { sample, epoch, unjudged }));
            }
        }
    }

    /// Where the sample that was read last is recorded, if it is.
    fn recorded(&mut self, epoch: u32) -> Result<Option<Place>, RunnerError> {
        let wanted = [self.read - 1, epoch.into()];
        while self.next.is_some_and(|[at, epoch, ..]| [at, epoch] < wanted) {
            self.next = self.recorded.next()?;
        }
        let found = self.next.filter(|[at, epoch, ..]| [*at, *epoch] == wanted);
        Ok(found.map(|[_, _, offset, rest]| Place::of_numbers([offset, rest])))
    }
}
