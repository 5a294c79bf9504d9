//! Several ranked lists as one, by reciprocal rank.

use std::collections::BTreeMap;

use candour_core::Hit;

/// Cormack, Clarke and Büttcher (2009) found 60 to work on many collections.
const K: f32 = 60.0;

/// The lists as one, best first. Of a passage found twice, the better measures are kept.
pub(super) fn fused(lists: &[Vec<Hit>]) -> Vec<Hit> {
    let mut scores: BTreeMap<String, (f32, Hit)> = BTreeMap::new();
    for list in lists {
        for (rank, hit) in list.iter().enumerate() {
            let gain = 1.0 / (K + rank as f32 + 1.0);
            let entry =
                scores.entry(hit.passage.id.0.clone()).or_insert_with(|| (0.0, hit.clone()));
            entry.0 += gain;
            entry.1.coverage = entry.1.coverage.max(hit.coverage);
            entry.1.similarity = entry.1.similarity.max(hit.similarity);
        }
    }
    let mut hits: Vec<Hit> =
        scores.into_values().map(|(score, hit)| Hit { score, ..hit }).collect();
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.passage.id.cmp(&b.passage.id)));
    hits
}
