//! How much of a question a passage says in other words: each word of the question is held against
//! every word of the passage, and the nearest counts.
//!
//! This is the late interaction of ColBERT (Khattab and Zaharia, 2020) with directions from the table
//! of the embedder that comes with the program, whichever embedder makes the vectors of passages. It
//! sees what a vector of the whole passage cannot: that *part* of it speaks of what is asked.

use std::sync::LazyLock;

use super::embed::bilingual::{self, Directions};
use super::form_numbers::spaced;
use super::stop::stop_words;
use super::text::KnownTerm;
use super::words::each_word;

/// The most words of a question that are held against passages: those that are worth most. Eight to
/// all of them give about the same quality (docs/retrieval.md), and each costs time.
const MOST_WORDS: usize = 16;
/// Words less alike than this are taken to have nothing to do with each other.
const ALIKE_FROM: f32 = 0.3;

/// The telling words of a text, each once, by the keys of the embedder's table.
pub type Bag = Vec<u32>;

/// The bag of some texts.
pub fn bag<'a>(texts: impl IntoIterator<Item = &'a str>) -> Bag {
    let mut bag = Bag::new();
    for text in texts {
        each_word(text, |word| bag.push(bilingual::key(word)));
        bag.extend(spaced(text).map(|(letters, number)| bilingual::key(&(letters + &number))));
    }
    bag.sort_unstable();
    bag.dedup();
    bag.retain(|key| STOP_KEYS.binary_search(key).is_err());
    bag
}

/// The keys of words that say nothing, in order: looking a number up is quicker than a word.
static STOP_KEYS: LazyLock<Vec<u32>> = LazyLock::new(|| {
    let mut keys: Vec<u32> = stop_words().map(bilingual::key).collect();
    keys.sort_unstable();
    keys
});

/// For each bag, what it says of a question in the word index: words count for their rarity.
pub(crate) fn shares<'a>(terms: &[KnownTerm], bags: impl IntoIterator<Item = &'a Bag>) -> Vec<f32> {
    asked(terms).shares(bags)
}

fn asked(terms: &[KnownTerm]) -> AskedWords {
    let typed = terms.iter().filter(|term| !term.is_extra);
    AskedWords::new(typed.map(|term| (term.written.as_str(), term.in_passage * term.rarity)))
}

/// The words of a question that are worth most.
#[derive(Default)]
pub struct AskedWords {
    keys: Vec<u32>,
    directions: Directions,
    /// What each is worth, all together being worth 1.
    shares: Vec<f32>,
}

impl AskedWords {
    /// Those of some words with what each is worth.
    pub fn new<'w>(words: impl IntoIterator<Item = (&'w str, f32)>) -> Self {
        let mut words: Vec<(&str, f32)> = words.into_iter().collect();
        words.sort_by(|a, b| b.1.total_cmp(&a.1));
        words.truncate(MOST_WORDS);
        let all = words.iter().map(|(_, worth)| worth).sum::<f32>().max(f32::EPSILON);
        let mut asked = Self::default();
        for (word, worth) in words {
            asked.keys.push(bilingual::key(word));
            asked.directions.add(word);
            asked.shares.push(worth / all);
        }
        asked
    }

    /// For each bag, the share of the words that it says: 1 where all stand there, and less the farther
    /// what stands there is from them.
    pub fn shares<'a>(&self, bags: impl IntoIterator<Item = &'a Bag>) -> Vec<f32> {
        let bags: Vec<&Bag> = bags.into_iter().collect();
        // Passages of one subject share most of their words, each of which is compared once.
        let mut there: Vec<u32> = bags.iter().flat_map(|bag| bag.iter().copied()).collect();
        there.sort_unstable();
        there.dedup();
        let cosines = self.directions.cosines(&there);
        bags.into_iter().map(|bag| self.share(bag, &there, &cosines)).collect()
    }

    /// What a bag says of them. `cosines` has a line for each word that is `there`.
    fn share(&self, bag: &Bag, there: &[u32], cosines: &[f32]) -> f32 {
        let asked = self.keys.len().max(1);
        let mut nearest = vec![0.0_f32; self.keys.len()];
        let mut lines = there.iter().zip(cosines.chunks_exact(asked));
        for key in bag {
            // Both are in order, and all of the bag is there.
            let line = lines.find(|(other, _)| *other == key).map_or(&[][..], |(_, line)| line);
            for (nearest, cosine) in nearest.iter_mut().zip(line) {
                *nearest = nearest.max(*cosine);
            }
        }
        let nearness = self.keys.iter().zip(nearest).map(|(key, cosine)| {
            let stands_there = bag.binary_search(key).is_ok();
            if stands_there { 1.0 } else { (cosine - ALIKE_FROM).max(0.0) / (1.0 - ALIKE_FROM) }
        });
        self.shares.iter().zip(nearness).map(|(share, near)| share * near).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(written: &str, rarity: f32) -> KnownTerm {
        KnownTerm {
            written: written.to_owned(),
            forms: Vec::new(),
            in_passage: 1.0,
            in_page: 1.0,
            is_extra: false,
            rarity,
        }
    }

    fn shares_of<const N: usize>(terms: &[KnownTerm], texts: [&str; N]) -> Vec<f32> {
        let bags = texts.map(|text| bag([text]));
        shares(terms, &bags)
    }

    #[test]
    fn the_same_words_say_all_other_words_some_and_strangers_nothing() {
        let terms = [term("evict", 2.0), term("flat", 1.0)];
        let texts = ["To evict from a flat", "Eviction from a house", "Deep sea fishing", ""];
        let shares = shares_of(&terms, texts);
        assert!((shares[0] - 1.0).abs() < 1e-6, "{shares:?}");
        assert!(shares[1] > 0.3 && shares[1] < 0.95, "{shares:?}");
        assert!(shares[2] < 0.1 && shares[3] == 0.0, "{shares:?}");
    }

    #[test]
    fn a_word_counts_in_the_other_language_and_misspelt() {
        for (asked, there) in [("pasbort", "passport"), ("passprt", "passport")] {
            let shares = shares_of(&[term(asked, 1.0)], [there, "fishing"]);
            assert!(shares[0] > shares[1] + 0.2, "{asked}: {shares:?}");
        }
    }

    #[test]
    fn a_word_that_no_table_knows_counts_where_it_stands() {
        let shares = shares_of(&[term("zq9913", 1.0)], ["Form ZQ9913", "Form ZQ9914"]);
        assert_eq!(shares, [1.0, 0.0]);
    }

    #[test]
    fn of_a_long_question_the_words_that_are_worth_most_are_held() {
        let mut terms: Vec<KnownTerm> = (0..40).map(|n| term(&format!("word{n}"), 1.0)).collect();
        terms.push(term("badger", 9.0));
        let asked = asked(&terms);
        assert_eq!(asked.keys.len(), MOST_WORDS);
        assert_eq!(asked.keys[0], bilingual::key("badger"));
        assert!(shares_of(&[], ["badger"]) == [0.0], "nothing is asked");
    }
}
