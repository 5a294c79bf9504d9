//! A question with its scores, in little memory: a log may have hundreds of thousands.

use std::sync::Arc;

/// One question, as often as it was asked.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// How many questions came before it.
    pub place: usize,
    /// Half of the hash of what was asked.
    pub asked: Option<u128>,
    /// What it has in common with others.
    pub cluster: Option<Arc<str>>,
    /// Its scores.
    pub scores: Scores,
}

/// The scores of each repeat of a question, by their names.
#[derive(Debug, Clone, Default)]
pub struct Scores(Vec<(Arc<str>, u64, f64)>);

impl Scores {
    /// Adds the score of a repeat, or puts it in place of another.
    pub fn insert(&mut self, name: &Arc<str>, repeat: u64, value: f64) {
        let key = (&**name, repeat);
        match self.0.binary_search_by(|(name, repeat, _)| (&**name, *repeat).cmp(&key)) {
            Ok(at) => self.0[at].2 = value,
            Err(at) => {
                self.0.reserve_exact(1);
                self.0.insert(at, (Arc::clone(name), repeat, value));
            }
        }
    }

    /// Takes out the scores with such names, and gives these.
    pub fn take(&mut self, is_meant: impl Fn(&str) -> bool) -> Vec<Arc<str>> {
        self.0.extract_if(.., |(name, ..)| is_meant(name)).map(|(name, ..)| name).collect()
    }

    /// The names of all scores, each as often as it was given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, ..)| &**name)
    }

    /// The repeats that have a score.
    pub fn repeats(&self, name: &str) -> impl Iterator<Item = u64> {
        self.0.iter().filter(move |(own, ..)| **own == *name).map(|(_, repeat, _)| *repeat)
    }

    /// The values of a score, one of each repeat that has it.
    pub fn of(&self, name: &str) -> impl Iterator<Item = f64> {
        self.0.iter().filter(move |(own, ..)| **own == *name).map(|(.., value)| *value)
    }

    /// The scores of one repeat.
    pub fn of_repeat(&self, repeat: u64) -> impl Iterator<Item = (&str, f64)> {
        let own = self.0.iter().filter(move |(_, own, _)| *own == repeat);
        own.map(|(name, _, value)| (&**name, *value))
    }

    /// The mean of a score over the repeats that have it.
    pub fn mean(&self, name: &str) -> Option<f64> {
        let (sum, count) = self.of(name).fold((0.0, 0), |(sum, n), value| (sum + value, n + 1));
        (count > 0).then(|| sum / f64::from(count))
    }
}
