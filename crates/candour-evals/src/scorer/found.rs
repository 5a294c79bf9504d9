//! What was retrieved, held against what should be: precision, recall and their harmonic mean.

use std::collections::BTreeSet;

use super::{Case, Score};
use crate::suite::Sample;

/// Whether the sample says what should be found.
pub(super) fn expects_any(sample: &Sample) -> bool {
    !sample.passages.is_empty() || !sample.pages.is_empty() && !sample.by_passage
}

/// The share of what was found that was expected; nothing where nothing was found.
pub(super) fn precision(case: &Case<'_>) -> Option<Score> {
    let Counts { both, found, .. } = count(case)?;
    share(both, found)
}

/// The share of what was expected that was found.
pub(super) fn recall(case: &Case<'_>) -> Option<Score> {
    let Counts { both, expected, .. } = count(case)?;
    share(both, expected)
}

/// The harmonic mean of precision and recall, which counts `weight` times as much; nothing where nothing
/// was found, or nothing should be.
pub(super) fn f_score(case: &Case<'_>, weight: usize) -> Option<Score> {
    let Counts { both, found, expected } = count(case)?;
    let square = weight * weight;
    if found == 0 || expected == 0 {
        None
    } else {
        share((1 + square) * both, found + square * expected)
    }
}

struct Counts {
    both: usize,
    found: usize,
    expected: usize,
}

/// Counts passages where the sample names passages, else pages.
fn count(case: &Case<'_>) -> Option<Counts> {
    let retrieved = case.reply.passages.as_deref()?;
    let by_passage = case.sample.by_passage || !case.sample.passages.is_empty();
    if !by_passage && case.sample.pages.is_empty() {
        return None;
    }
    let named = if by_passage { &case.sample.passages } else { &case.sample.pages };
    let expected: BTreeSet<&str> = named.iter().map(String::as_str).collect();
    let found: BTreeSet<&str> = retrieved
        .iter()
        .map(|one| if by_passage { one.id.as_str() } else { one.page.as_str() })
        .collect();
    let both = expected.intersection(&found).count();
    Some(Counts { both, found: found.len(), expected: expected.len() })
}

fn share(part: usize, whole: usize) -> Option<Score> {
    (whole > 0).then(|| Score { value: part as f64 / whole as f64, why: None })
}

#[cfg(test)]
mod tests {
    use candour_core::Retrieved;

    use super::super::tests::{Given, value};
    use crate::scorer::Scorer;

    #[test]
    fn found_and_expected_are_counted_once_each() {
        let cases: [(&[&str], [Option<f64>; 4]); 3] = [
            (&["a", "b", "b", "c"], [Some(1.0 / 3.0), Some(0.5), Some(0.4), Some(5.0 / 11.0)]),
            (&["a", "d"], [Some(1.0), Some(1.0), Some(1.0), Some(1.0)]),
            (&[], [None, Some(0.0), None, None]),
        ];
        for (found, [precision, recall, f1, f2]) in cases {
            let mut given = Given::default();
            let retrieved = |id: &&str| Retrieved {
                id: (*id).to_owned(),
                page: format!("/{id}"),
                text: String::new(),
            };
            assert_eq!(value(Scorer::RetrievalRecall, &given), None);
            given.reply.passages = Some(found.iter().map(retrieved).collect());
            assert_eq!(value(Scorer::RetrievalRecall, &given), None, "nothing is expected");
            given.sample.pages = vec!["/a".to_owned(), "/d".to_owned()];
            for by_passage in [false, true] {
                if by_passage {
                    given.sample.passages = vec!["a".to_owned(), "d".to_owned()];
                }
                assert_eq!(value(Scorer::RetrievalPrecision, &given), precision, "{found:?}");
                assert_eq!(value(Scorer::RetrievalRecall, &given), recall, "{found:?}");
                assert_eq!(value(Scorer::RetrievalF1, &given), f1, "{found:?}");
                assert_eq!(value(Scorer::RetrievalF2, &given), f2, "{found:?}");
            }
            // Where no passage should be found, every one is wrong, whatever page it is of.
            (given.sample.passages, given.sample.by_passage) = (Vec::new(), true);
            let none = (!found.is_empty()).then_some(0.0);
            assert_eq!(value(Scorer::RetrievalPrecision, &given), none, "{found:?}");
            for scorer in [Scorer::RetrievalRecall, Scorer::RetrievalF1, Scorer::RetrievalF2] {
                assert_eq!(value(scorer, &given), None, "{found:?}");
            }
        }
    }
}
