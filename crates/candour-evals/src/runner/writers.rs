//! What became of asking a model to write the answers of a run, where those have other words when it gives
//! none: who reads only the answers takes the words in its place for what it said.

use std::collections::BTreeMap;
use std::fmt;

use candour_core::{Reply, Writer};
use serde::{Deserialize, Serialize};

/// What became of asking a model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writers {
    /// Answers that it was asked for.
    pub asked: u64,
    /// Answers that are what it wrote.
    pub wrote: u64,
    /// Answers in which nothing is shown of what it said.
    pub unused: u64,
    /// Answers that it failed on, by why.
    pub failed: BTreeMap<String, u64>,
}

impl Writers {
    /// Adds what became of it for one answer.
    pub fn add(&mut self, reply: &Reply) {
        let Some(writer) = &reply.writer else { return };
        self.asked += 1;
        match writer {
            Writer::Wrote => self.wrote += 1,
            Writer::Unused => self.unused += 1,
            Writer::Failed(why) => *self.failed.entry(why.clone()).or_default() += 1,
        }
    }

    /// Adds what became of it elsewhere.
    pub fn extend(&mut self, others: &Self) {
        self.asked += others.asked;
        self.wrote += others.wrote;
        self.unused += others.unused;
        for (why, count) in &others.failed {
            *self.failed.entry(why.clone()).or_default() += count;
        }
    }

    /// The same, where a model was asked at all.
    pub fn known(&self) -> Option<Self> {
        (self.asked > 0).then(|| self.clone())
    }

    /// How many answers it failed on.
    pub fn failures(&self) -> u64 {
        self.failed.values().sum()
    }

    /// Why it failed, each with how often.
    pub fn reasons(&self) -> String {
        let each = self.failed.iter().map(|(why, count)| format!("{why} {count}"));
        each.collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Writers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the model wrote {} of {}, failed in {}",
            self.wrote,
            self.asked,
            self.failures()
        )?;
        if self.failures() > 0 {
            write!(f, " ({})", self.reasons())?;
        }
        if self.unused > 0 {
            write!(f, ", and in {} nothing of what it said is shown", self.unused)?;
        }
        Ok(())
    }
}
