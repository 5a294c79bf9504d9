//! The answers that were judged: rows of numbers while a run goes on, on disk where they are many, and with
//! what people say of them once it is over.

use std::collections::{BTreeMap, HashSet};
use std::io;

use crate::labels::Label;
use crate::runner::Key;
use crate::scorer::Scorer;
use crate::sorted::{Rows, Sorted};

/// What stands for the value of an answer on which the judge failed: the bits of no number.
const NO_VALUE: u64 = u64::MAX;

/// An answer as numbers: the measure, the name, the cluster, the value.
pub(super) fn row(scorer: Scorer, key: Key, cluster: u64, value: Option<f64>) -> [u64; 6] {
    let [high, low, epoch] = key.numbers();
    [scorer as u64, high, low, epoch, cluster, value.map_or(NO_VALUE, f64::to_bits)]
}

/// All answers, those of a measure one after another.
pub(super) struct Answers {
    rows: Rows<6>,
    next: Option<[u64; 6]>,
}

impl Answers {
    /// Begins with the first of the rows.
    pub(super) fn of(answers: Sorted<6>) -> io::Result<Self> {
        let mut rows = answers.into_rows()?;
        Ok(Self { next: rows.next()?, rows })
    }

    /// Gives each answer of a measure: its name, its cluster and its value. Measures are asked for in their
    /// order.
    fn each_of(
        &mut self,
        scorer: Scorer,
        mut answer: impl FnMut(Key, u64, Option<f64>),
    ) -> io::Result<()> {
        while let Some([of, high, low, epoch, cluster, bits]) = self.next
            && of <= scorer as u64
        {
            if of == scorer as u64 {
                let value = (bits != NO_VALUE).then(|| f64::from_bits(bits));
                answer(Key::of_numbers([high, low, epoch]), cluster, value);
            }
            self.next = self.rows.next()?;
        }
        Ok(())
    }
}

/// What the judge says of each answer, with what people say of it; and how many labels are of one.
pub(super) fn joined(
    scorer: Scorer,
    answers: &mut Answers,
    labels: &BTreeMap<Key, &Label>,
    judge: impl Fn(f64) -> f64,
) -> io::Result<(Vec<Label>, usize)> {
    // The chance of an answer that has no label does not count.
    let unlabelled = labels.values().any(|label| label.chance.is_some()).then_some(1.0);
    let (mut joined, mut clusters, mut known) = (Vec::new(), Vec::new(), 0);
    answers.each_of(scorer, |key, cluster, value| {
        let label = labels.get(&key);
        known += usize::from(label.is_some());
        clusters.push(cluster);
        joined.push(Label {
            id: label.map(|label| label.id.clone()).unwrap_or_default(),
            metric: None,
            judge: value.map(&judge),
            unjudged: None,
            human: label.and_then(|label| label.human),
            cluster: None,
            chance: label.map_or(unlabelled, |label| label.chance),
            stratum: label.and_then(|label| label.stratum.clone()),
            annotators: label.map(|label| label.annotators.clone()).unwrap_or_default(),
        });
    })?;
    let different: HashSet<u64> = clusters.iter().copied().collect();
    if different.len() < clusters.len() {
        for (label, cluster) in joined.iter_mut().zip(clusters) {
            label.cluster = Some(cluster.to_string());
        }
    }
    Ok((joined, known))
}
