//! The words of a sentence laid beside those of a line, and where they differ.

use crate::verify::figure::Figure;
use crate::verify::reading::{Mark, Reading};

/// A stretch where a sentence and the line that it copies differ.
#[derive(Debug, Default)]
pub(super) struct Change {
    /// The places of the line's words that the sentence does not have.
    pub(super) lost: Vec<usize>,
    /// The places of the sentence's words that the line does not have.
    pub(super) added: Vec<usize>,
}

/// The places of the words of a reading, and of the bars between the cells of a row, without other signs.
pub(super) fn spoken(reading: &Reading) -> Vec<usize> {
    let is_said = |at: &usize| !reading.words[*at].is_sign() || reading.words[*at].text == "|";
    (0..reading.words.len()).filter(is_said).collect()
}

/// Lays the words of a sentence beside those of a line, in order: how many they share, and where they
/// differ. This is the longest common subsequence.
pub(super) fn lay_beside(
    own: &Reading,
    said: &[usize],
    source: &Reading,
    there: &[usize],
) -> (usize, Vec<Change>) {
    let is_same = |i: usize, j: usize| own.words[said[i]].text == source.words[there[j]].text;
    let mut longest = vec![vec![0_usize; there.len() + 1]; said.len() + 1];
    for i in (0..said.len()).rev() {
        for j in (0..there.len()).rev() {
            longest[i][j] = if is_same(i, j) {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut changes: Vec<Change> = Vec::new();
    let mut change = Change::default();
    while i < said.len() || j < there.len() {
        if i < said.len() && j < there.len() && is_same(i, j) {
            changes.push(std::mem::take(&mut change));
            (i, j) = (i + 1, j + 1);
        } else if i < said.len() && (j == there.len() || longest[i + 1][j] >= longest[i][j + 1]) {
            change.added.push(said[i]);
            i += 1;
        } else {
            change.lost.push(there[j]);
            j += 1;
        }
    }
    changes.push(change);
    changes.retain(|change| !change.lost.is_empty() || !change.added.is_empty());
    (longest[0][0], changes)
}

/// The figures of which a word is among these.
pub(super) fn figures<'r>(reading: &'r Reading, places: &[usize]) -> Vec<&'r Figure> {
    let touches = |figure: &&Figure| places.iter().any(|at| (figure.from..figure.to).contains(at));
    reading.figures.iter().filter(touches).collect()
}

/// The marks of which a word is among these.
pub(super) fn marks<'r>(
    reading: &'r Reading,
    places: &'r [usize],
) -> impl Iterator<Item = &'r Mark> {
    let touches = |mark: &&Mark| places.iter().any(|at| (mark.from..mark.to).contains(at));
    reading.marks.iter().filter(touches)
}
