//! How much of a question a passage says in other words: each word of the question is held against
//! every word of the passage, and the nearest counts.
//!
//! This is the late interaction of ColBERT (Khattab and Zaharia, 2020) with directions from the table
//! of the embedder that comes with the program, whichever embedder makes the vectors of passages. It
//! sees what a vector of the whole passage cannot: that *part* of it speaks of what is asked.

use std::collections::HashMap;

use super::embed::bilingual::{self, Direction};
use super::stop::is_stop_word;
use super::text::KnownTerm;
use super::words::each_word;

/// The most words of a question that are held against passages: those that are worth most. Eight to
/// all of them give about the same quality (docs/retrieval.md), and each costs time.
const MOST_WORDS: usize = 16;
/// Words less alike than this are taken to have nothing to do with each other.
const ALIKE_FROM: f32 = 0.3;

/// The telling words of a passage with its titles, each once, by the keys of the embedder's table.
pub(crate) type Bag = Vec<u32>;

/// The bag of some texts.
pub(crate) fn bag<'a>(texts: impl IntoIterator<Item = &'a str>) -> Bag {
    let mut bag = Bag::new();
    for text in texts {
        each_word(text, |word| {
            if !is_stop_word(word) {
                bag.push(bilingual::key(word));
            }
        });
    }
    bag.sort_unstable();
    bag.dedup();
    bag
}

/// For each bag, the share of the question's words that it says: 1 where all stand there, and less the
/// farther what stands there is from them. Words count for their rarity.
pub(crate) fn shares<'a>(terms: &[KnownTerm], bags: impl IntoIterator<Item = &'a Bag>) -> Vec<f32> {
    let asked = asked(terms);
    let mut nearness: HashMap<u32, Vec<f32>> = HashMap::new();
    let share = |bag: &Bag| {
        let mut nearest = vec![0.0_f32; asked.len()];
        for key in bag {
            let known = nearness.entry(*key).or_insert_with(|| nearness_of(*key, &asked));
            for (nearest, near) in nearest.iter_mut().zip(known.iter()) {
                *nearest = nearest.max(*near);
            }
        }
        asked.iter().zip(nearest).map(|(word, near)| word.share * near).sum()
    };
    bags.into_iter().map(share).collect()
}

/// A word of the question.
struct Asked {
    key: u32,
    direction: Direction,
    /// What it is worth, all words together being worth 1.
    share: f32,
}

fn asked(terms: &[KnownTerm]) -> Vec<Asked> {
    let worth = |term: &KnownTerm| term.in_passage * term.rarity;
    let mut typed: Vec<&KnownTerm> = terms.iter().filter(|term| !term.is_extra).collect();
    typed.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
    typed.truncate(MOST_WORDS);
    let all = typed.iter().map(|term| worth(term)).sum::<f32>().max(f32::EPSILON);
    let asked = |term: &KnownTerm| Asked {
        key: bilingual::key(&term.written),
        direction: bilingual::direction(&term.written),
        share: worth(term) / all,
    };
    typed.into_iter().map(asked).collect()
}

/// How near a word of a passage is to each of the question's.
fn nearness_of(key: u32, asked: &[Asked]) -> Vec<f32> {
    let direction = bilingual::direction_of(key);
    let near = |word: &Asked| {
        if word.key == key {
            return 1.0;
        }
        let cosine = direction.as_ref().map_or(0.0, |direction| direction.cosine(&word.direction));
        ((cosine - ALIKE_FROM) / (1.0 - ALIKE_FROM)).max(0.0)
    };
    asked.iter().map(near).collect()
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
        assert_eq!(asked(&terms).len(), MOST_WORDS);
        assert_eq!(asked(&terms)[0].key, bilingual::key("badger"));
        assert!(shares_of(&[], ["badger"]) == [0.0], "nothing is asked");
    }
}
