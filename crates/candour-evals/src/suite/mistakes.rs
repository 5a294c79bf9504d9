//! The mistakes of a suite's samples, told of together.

use std::collections::BTreeSet;
use std::io;

use super::{Suite, SuiteError};
use crate::sorted::Sorted;

/// Mistakes that are told of at once.
const MISTAKES: usize = 20;

impl Suite {
    /// The first mistakes, in the order of the files; the samples at these places have names of others before
    /// them.
    pub(super) fn mistakes(&self, repeated: &BTreeSet<u64>) -> SuiteError {
        let (mut samples, mut place, mut found) = (self.samples(), 0, Vec::new());
        while found.len() <= MISTAKES {
            match samples.read_next() {
                Ok(None) => break,
                Err(error) => found.push(error),
                Ok(Some(sample)) => {
                    if repeated.contains(&place) {
                        let why = format!("another sample before it has the `id` {:?}", sample.id);
                        found.push(samples.error(why));
                    }
                    place += 1;
                }
            }
        }
        match found.pop() {
            Some(only) if found.is_empty() => only,
            Some(last) => {
                found.push(last);
                SuiteError::Several { mistakes: found }
            }
            None => SuiteError::Changed,
        }
    }
}

/// The places of the first samples that have the name of one before them: those that are told of, and one more.
pub(super) fn repeated(names: &mut Sorted<3>) -> io::Result<BTreeSet<u64>> {
    let (mut before, mut first) = (None, BTreeSet::new());
    names.each(|[high, low, place]| {
        if before.replace((*high, *low)) == Some((*high, *low)) {
            first.insert(*place);
            if first.len() > MISTAKES + 1 {
                first.pop_last();
            }
        }
    })?;
    Ok(first)
}

/// Mistakes one under the other.
pub(super) fn listed(mistakes: &[SuiteError]) -> String {
    let shown = mistakes.iter().take(MISTAKES).map(|mistake| {
        let said = mistake.to_string();
        // What to do is said once, below them.
        let said = said.strip_suffix("; mend the line, or leave it out").unwrap_or(&said);
        format!("\n  {said}")
    });
    let more = if mistakes.len() > MISTAKES { "\n  and more" } else { "" };
    shown.collect::<String>() + more
}
