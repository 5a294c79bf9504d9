//! One ranking from several kinds of evidence: the words and the vector of a passage, and those of the
//! page around it.
//!
//! Each kind is counted in standard deviations among the candidates, and the weighted sum decides.
//! Fusion by rank alone forgets by how much the first beats the second, and lets a weak ranking
//! spoil a strong one: on ConditionalQA it stays one point (short questions) and three points
//! (long ones) of nDCG@10 behind.

use std::collections::BTreeMap;

use super::best::Scored;

/// What each kind of evidence counts, with the words of the passage itself at 1. Measured on
/// ConditionalQA with the hashed embedder, and rounded; the neighbourhood of these values is flat.
const VECTOR: f32 = 0.4;
const PAGE_WORDS: f32 = 1.4;
const PAGE_VECTOR: f32 = 0.5;
/// A page is as good as its passages together, each counting this share of the one before.
const NEXT_PASSAGE: f32 = 0.5;

/// A passage that one of the rankings has found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    /// Its place in the snapshot.
    pub(crate) place: u32,
    /// The place of its page.
    pub(crate) page: u32,
    /// The cosine of its vector and the question's.
    pub(crate) similarity: f32,
    /// What its document type adds, in standard deviations.
    pub(crate) prior: f32,
}

/// All candidates, best first, with scores from 1 for the best to 0 for the worst; of equal ones, the
/// one that comes first in the snapshot. `by_words` is the ranking by words, read to `depth`.
pub(crate) fn fuse(candidates: &[Candidate], by_words: &[Scored], depth: usize) -> Vec<Scored> {
    // Where the ranking was cut, a passage that it lacks may still score as much as its last one.
    let floor = match by_words.last() {
        Some(last) if by_words.len() >= depth => last.score,
        _ => 0.0,
    };
    let words: BTreeMap<u32, f32> =
        by_words.iter().map(|scored| (scored.place, scored.score)).collect();
    let words_of = |candidate: &Candidate| words.get(&candidate.place).copied().unwrap_or(floor);
    let pages = pages(candidates, by_words);
    let page_of = |candidate: &Candidate| pages.get(&candidate.page).copied().unwrap_or_default();
    let evidence = [
        (1.0, standardised(candidates.iter().map(words_of))),
        (VECTOR, standardised(candidates.iter().map(|candidate| candidate.similarity))),
        (PAGE_WORDS, standardised(candidates.iter().map(|c| page_of(c).words.max(floor)))),
        (PAGE_VECTOR, standardised(candidates.iter().map(|c| page_of(c).similarity))),
    ];
    let sum = |index: usize| -> f32 {
        evidence.iter().filter_map(|(weight, of)| Some(weight * of.get(index)?)).sum()
    };
    let scored = candidates.iter().enumerate().map(|(index, candidate)| Scored {
        score: sum(index) + candidate.prior,
        place: candidate.place,
    });
    let mut ranked: Vec<Scored> = scored.collect();
    ranked.sort_unstable_by(|a, b| b.cmp(a));
    scale(&mut ranked);
    ranked
}

/// The evidence for a page.
#[derive(Debug, Clone, Copy, Default)]
struct PageEvidence {
    words: f32,
    share: f32,
    similarity: f32,
}

fn pages(candidates: &[Candidate], by_words: &[Scored]) -> BTreeMap<u32, PageEvidence> {
    let mut pages: BTreeMap<u32, PageEvidence> = BTreeMap::new();
    let page_of: BTreeMap<u32, u32> = candidates.iter().map(|c| (c.place, c.page)).collect();
    for candidate in candidates {
        let first = PageEvidence { words: 0.0, share: 1.0, similarity: -1.0 };
        let page = pages.entry(candidate.page).or_insert(first);
        page.similarity = page.similarity.max(candidate.similarity);
    }
    for scored in by_words {
        if let Some(page) = page_of.get(&scored.place).and_then(|page| pages.get_mut(page)) {
            page.words += scored.score * page.share;
            page.share *= NEXT_PASSAGE;
        }
    }
    pages
}

/// Numbers as distances from their mean, in standard deviations; all 0 where they are all alike.
fn standardised(numbers: impl Iterator<Item = f32>) -> Vec<f32> {
    let numbers: Vec<f32> = numbers.collect();
    let count = numbers.len().max(1) as f32;
    let mean = numbers.iter().sum::<f32>() / count;
    let variance = numbers.iter().map(|number| (number - mean).powi(2)).sum::<f32>() / count;
    let deviation = variance.sqrt();
    let is_alike = deviation <= f32::EPSILON * mean.abs().max(1.0);
    let standard = |number| if is_alike { 0.0 } else { (number - mean) / deviation };
    numbers.into_iter().map(standard).collect()
}

/// Makes the best score 1 and the worst 0: nobody is to read a meaning into sums of deviations.
fn scale(ranked: &mut [Scored]) {
    let (Some(best), Some(worst)) = (ranked.first().copied(), ranked.last().copied()) else {
        return;
    };
    let range = best.score - worst.score;
    for scored in ranked {
        scored.score = if range > 0.0 { (scored.score - worst.score) / range } else { 1.0 };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn candidate(place: u32, page: u32, similarity: f32) -> Candidate {
        Candidate { place, page, similarity, prior: 0.0 }
    }

    fn scored(place: u32, score: f32) -> Scored {
        Scored { score, place }
    }

    fn places(ranked: &[Scored]) -> Vec<u32> {
        ranked.iter().map(|scored| scored.place).collect()
    }

    #[test]
    fn each_kind_of_evidence_decides_where_the_others_are_silent() {
        let alike = |page: [u32; 3]| {
            vec![candidate(0, page[0], 0.5), candidate(1, page[1], 0.5), candidate(2, page[2], 0.5)]
        };
        let apart = [1, 2, 3];
        let check = |candidates: Vec<Candidate>, words: &[Scored], expected: [u32; 3]| {
            assert_eq!(places(&fuse(&candidates, words, 100)), expected);
        };
        check(alike(apart), &[], [0, 1, 2]);
        check(alike(apart), &[scored(2, 3.0), scored(1, 1.0)], [2, 1, 0]);
        let mut near = alike(apart);
        near[1].similarity = 0.9;
        check(near, &[], [1, 0, 2]);
        let mut prior = alike(apart);
        prior[2].prior = 0.1;
        check(prior, &[], [2, 0, 1]);
        // Two good passages of one page speak for each other against a single one a little better.
        check(alike([1, 2, 2]), &[scored(0, 3.0), scored(1, 2.9), scored(2, 2.8)], [1, 2, 0]);
    }

    #[test]
    fn a_single_passage_found_by_words_stands_out_from_all_found_by_likeness() {
        let candidates: Vec<Candidate> =
            (0..50).map(|n| candidate(n, n, 0.3 + n as f32 / 1000.0)).collect();
        assert_eq!(places(&fuse(&candidates, &[scored(7, 0.4)], 100))[0], 7);
    }

    fn found() -> impl Strategy<Value = (Vec<Candidate>, Vec<Scored>)> {
        prop::collection::vec((0_u32..6, -1.0_f32..1.0, prop::option::of(0.01_f32..40.0)), 0..40)
            .prop_map(|rows| {
                let mut words = Vec::new();
                let mut candidates = Vec::new();
                for (place, (page, similarity, score)) in (0..).zip(rows) {
                    candidates.push(candidate(place, page, similarity));
                    words.extend(score.map(|score| scored(place, score)));
                }
                words.sort_unstable_by(|a, b| b.cmp(a));
                (candidates, words)
            })
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_scores_go_from_one_to_zero((candidates, words) in found(), depth in 1_usize..40) {
            let ranked = fuse(&candidates, &words, depth);
            let mut sorted = places(&ranked);
            sorted.sort_unstable();
            prop_assert_eq!(sorted, candidates.iter().map(|c| c.place).collect::<Vec<_>>());
            prop_assert!(ranked.is_sorted_by(|a, b| a.score >= b.score));
            prop_assert!(ranked.iter().all(|s| (0.0..=1.0).contains(&s.score)), "{:?}", ranked);
            prop_assert!(ranked.first().is_none_or(|best| best.score > 0.999_999));
        }

        #[test]
        fn a_better_score_by_words_never_lowers_a_passage((candidates, words) in found(), which in 0_usize..40) {
            // With every passage on a page of its own, so that it lifts no other.
            let apart: Vec<Candidate> = candidates.iter().map(|c| Candidate { page: c.place, ..*c }).collect();
            let rank = |words: &[Scored], place: u32| places(&fuse(&apart, words, 100)).iter().position(|p| *p == place);
            if let Some(chosen) = words.get(which).copied() {
                let mut raised = words.clone();
                raised[which].score = words[0].score + 1.0;
                raised.sort_unstable_by(|a, b| b.cmp(a));
                // Deviations are relative, so only the order against those below it is sure.
                prop_assert!(rank(&raised, chosen.place) <= rank(&words, chosen.place));
            }
        }
    }
}
