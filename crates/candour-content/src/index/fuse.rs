//! One ranking from several kinds of evidence: the words and the vector of a passage, and those of the
//! page around it.
//!
//! Each kind is on a scale of its own that means the same for every question (a share of what the
//! words of the question could bring; a cosine), and their weighted sum decides. So scores can be
//! compared between questions, and no ranking has to be standardised first.

use std::collections::BTreeMap;

use candour_core::EmbedderIdentity;

use super::best::Scored;
use super::embed::minilm;
use super::evidence::Evidence;

/// What each kind of evidence counts, with the words of the passage itself at 1. Round numbers: the
/// neighbourhood of these values is flat on ConditionalQA (docs/retrieval.md).
const TITLES: f32 = 0.5;
const COVERAGE: f32 = 0.75;
/// The same where words that mean nearly the same are looked for too.
const NEAR_COVERAGE: f32 = 1.0;
const PAGE_WORDS: f32 = 1.0;
/// A page is as good as its passages together, each counting this share of the one before.
const NEXT_PASSAGE: f32 = 0.5;

/// What vectors count, which depends on what made them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Weights {
    /// That of a passage with the question.
    vector: f32,
    /// The best on its page.
    page_vector: f32,
    /// That of a passage with the first ones found, which say what the question is about at more length
    /// (Rocchio, 1971). Nothing for a bag of words, which is only drawn towards their commonest ones.
    pub(crate) feedback: f32,
    /// What little is said by pages whatever is asked, and by the kind of thing that is asked for: it is
    /// to weigh as much beside more of other evidence.
    little: f32,
}

impl Weights {
    /// Those for a sum of words, and for questions that have no vector.
    const WORDS: Self = Self { vector: 2.0, page_vector: 1.0, feedback: 0.0, little: 1.0 };
    /// A sentence encoder is surer of what it says than a sum of words, and counts three times as much.
    const SENTENCES: Self = Self { vector: 6.0, page_vector: 3.0, feedback: 3.0, little: 2.0 };

    /// Those for a question as an embedder made its vector.
    pub(crate) fn of(embedder: &EmbedderIdentity, question: &[i8]) -> Self {
        let has_direction = question.iter().any(|number| *number != 0);
        if has_direction && minilm::made(embedder) { Self::SENTENCES } else { Self::WORDS }
    }

    /// The most that a passage usually reaches; scores are divided by it, for people to read.
    fn all(self) -> f32 {
        let vectors = self.vector + self.page_vector + self.feedback;
        1.0 + TITLES + NEAR_COVERAGE + PAGE_WORDS + vectors
    }
}

/// A passage that one of the rankings has found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    /// Its place in the snapshot.
    pub(crate) place: u32,
    /// The place of its page.
    pub(crate) page: u32,
    /// What the words of the question say of it.
    pub(crate) words: Evidence,
    /// The cosine of its vector and that of the question's asking part.
    pub(crate) similarity: f32,
    /// The same for all words of the question: what it says for its page.
    pub(crate) page_similarity: f32,
    /// The cosine of its vector and that of the first passages found, once they are.
    pub(crate) feedback: f32,
    /// The share of the question that it says in the same or other words, once it is held against it.
    pub(crate) near_coverage: f32,
    /// What it gains by having what is asked for: an amount, a time.
    pub(crate) answer_type: f32,
    /// What its page's document type and popularity add.
    pub(crate) prior: f32,
}

/// The place of each candidate among `candidates` with its score, best first; of equal ones, the one
/// that comes first in the snapshot.
pub(crate) fn fuse(candidates: &[Candidate], weights: Weights) -> Vec<Scored> {
    let pages = pages(candidates);
    let score = |candidate: &Candidate| {
        let page = pages.get(&candidate.page).copied().unwrap_or_default();
        let words = candidate.words;
        let sum = words.passage
            + TITLES * words.titles
            + (COVERAGE * words.coverage).max(NEAR_COVERAGE * candidate.near_coverage)
            + weights.little * candidate.answer_type
            + PAGE_WORDS * page.words
            + weights.vector * candidate.similarity
            + weights.page_vector * page.similarity
            + weights.feedback * candidate.feedback
            + weights.little * candidate.prior;
        sum / weights.all()
    };
    let scored = (0_u32..).zip(candidates);
    let mut ranked: Vec<Scored> =
        scored.map(|(place, candidate)| Scored { score: score(candidate), place }).collect();
    ranked.sort_unstable_by(|a, b| b.cmp(a));
    ranked
}

/// The evidence for a page.
#[derive(Debug, Clone, Copy, Default)]
struct PageEvidence {
    words: f32,
    share: f32,
    similarity: f32,
}

fn pages(candidates: &[Candidate]) -> BTreeMap<u32, PageEvidence> {
    let mut by_words: Vec<&Candidate> = candidates.iter().collect();
    by_words.sort_by(|a, b| b.words.page.total_cmp(&a.words.page));
    let mut pages: BTreeMap<u32, PageEvidence> = BTreeMap::new();
    for candidate in by_words {
        let first = PageEvidence { words: 0.0, share: 1.0, similarity: -1.0 };
        let page = pages.entry(candidate.page).or_insert(first);
        page.words += candidate.words.page * page.share;
        page.share *= NEXT_PASSAGE;
        page.similarity = page.similarity.max(candidate.page_similarity);
    }
    pages
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn candidate(place: u32, page: u32, similarity: f32) -> Candidate {
        let words = Evidence::default();
        let page_similarity = similarity;
        Candidate {
            place,
            page,
            words,
            similarity,
            page_similarity,
            feedback: 0.0,
            near_coverage: 0.0,
            answer_type: 0.0,
            prior: 0.0,
        }
    }

    fn said(passage: f32) -> Evidence {
        Evidence { passage, page: passage, ..Evidence::default() }
    }

    fn weights() -> Weights {
        Weights { vector: 2.0, page_vector: 1.0, feedback: 1.0, little: 1.0 }
    }

    fn order(candidates: &[Candidate]) -> Vec<u32> {
        fuse(candidates, weights()).iter().map(|scored| scored.place).collect()
    }

    #[test]
    fn each_kind_of_evidence_decides_where_the_others_are_silent() {
        let alike = || vec![candidate(0, 1, 0.5), candidate(1, 2, 0.5), candidate(2, 3, 0.5)];
        assert_eq!(order(&alike()), [0, 1, 2]);
        let check = |change: fn(&mut Candidate)| {
            let mut candidates = alike();
            change(&mut candidates[1]);
            assert_eq!(order(&candidates), [1, 0, 2]);
        };
        check(|candidate| candidate.words.passage = 0.1);
        check(|candidate| candidate.words.titles = 0.1);
        check(|candidate| candidate.words.coverage = 0.1);
        check(|candidate| candidate.words.page = 0.1);
        check(|candidate| candidate.similarity = 0.6);
        check(|candidate| candidate.page_similarity = 0.6);
        check(|candidate| candidate.feedback = 0.1);
        check(|candidate| candidate.near_coverage = 0.1);
        check(|candidate| candidate.answer_type = 0.1);
        check(|candidate| candidate.prior = 0.1);
    }

    #[test]
    fn a_sentence_encoder_counts_more_where_it_says_anything() {
        let identity = |name| super::super::silent_embedder(name).unwrap().identity();
        for (name, question, expected) in [
            ("default", 1, Weights::WORDS),
            ("minilm", 1, Weights::SENTENCES),
            ("minilm-int8", 1, Weights::SENTENCES),
            ("minilm", 0, Weights::WORDS),
        ] {
            assert_eq!(Weights::of(&identity(name), &[0, question]), expected, "{name} {question}");
        }
    }

    #[test]
    fn passages_of_one_page_speak_for_each_other() {
        let mut candidates = vec![candidate(0, 1, 0.5), candidate(1, 2, 0.5), candidate(2, 2, 0.5)];
        for (candidate, words) in candidates.iter_mut().zip([0.6, 0.58, 0.56]) {
            candidate.words = said(words);
        }
        assert_eq!(order(&candidates), [1, 2, 0]);
        candidates[0].words = said(0.9);
        assert_eq!(order(&candidates), [0, 1, 2], "but not for ever");
    }

    fn found() -> impl Strategy<Value = Vec<Candidate>> {
        prop::collection::vec((0_u32..6, -1.0_f32..1.0, 0.0_f32..2.0), 0..40).prop_map(|rows| {
            let rows = (0..).zip(rows);
            let candidates = rows.map(|(place, (page, similarity, words))| Candidate {
                words: said(words),
                ..candidate(place, page, similarity)
            });
            candidates.collect()
        })
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_the_best_comes_first(candidates in found()) {
            let ranked = fuse(&candidates, weights());
            let mut sorted = order(&candidates);
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..candidates.len() as u32).collect::<Vec<_>>());
            prop_assert!(ranked.is_sorted_by(|a, b| a.score >= b.score));
        }

        #[test]
        fn more_of_a_question_never_lowers_a_passage(candidates in found(), which in 0_usize..40) {
            let rank = |candidates: &[Candidate], place: u32| order(candidates).iter().position(|p| *p == place);
            if which < candidates.len() {
                let mut raised = candidates.clone();
                raised[which].words = said(candidates[which].words.passage + 1.0);
                // What it gains, its whole page gains too, but never more than itself.
                prop_assert!(rank(&raised, which as u32) <= rank(&candidates, which as u32));
            }
        }
    }
}
