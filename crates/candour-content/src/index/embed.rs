//! The embedder that comes with the program: hashed words and pieces of words.
//!
//! It knows no meanings, but two spellings or inflections of a word share most of their pieces, so
//! that a misspelt question still lands near the right passages. A trained embedder takes its place
//! behind the same seam. What the words mean is left to that one.

pub(crate) mod minilm;

use candour_core::{Embedder, EmbedderIdentity};

use super::stop::is_stop_word;
use super::words::words;

/// Signed feature hashing (Weinberger and others, 2009) of words and of their 3 to 5 letter pieces.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct HashedSubwords;

const DIMENSIONS: usize = 384;
/// Part of the identity: another seed is another embedder.
const SEED: u64 = 0x5ca1_ab1e_0c0f_fee1;
const PIECE_LENGTHS: std::ops::RangeInclusive<usize> = 3..=5;
/// How much all pieces of a word weigh together against the whole word.
const PIECES_WEIGHT: f32 = 0.8;

impl Embedder for HashedSubwords {
    fn identity(&self) -> EmbedderIdentity {
        EmbedderIdentity {
            name: "hashed-subwords-1".to_owned(),
            dimensions: DIMENSIONS,
            precision: "i8".to_owned(),
        }
    }

    fn embed(&self, text: &str) -> Vec<f32> {
        let mut vector = vec![0.0; DIMENSIONS];
        for (word, times) in counted(words(text)) {
            // The tenth mention of a word says little more than the second.
            let weight = tellingness(&word) * (1.0 + (times as f32).ln());
            add(&mut vector, fnv(b'w', word.as_bytes()), weight);
            add_pieces(&mut vector, &word, weight * PIECES_WEIGHT);
        }
        to_unit_length(&mut vector);
        vector
    }
}

/// Each word once, with how often it occurs; in alphabetical order, so that sums of rounded numbers
/// come out the same on every machine. Only when nothing else is there do stop words count.
fn counted(mut words: Vec<String>) -> Vec<(String, usize)> {
    if words.iter().any(|word| !is_stop_word(word)) {
        words.retain(|word| !is_stop_word(word));
    }
    words.sort_unstable();
    let mut counted: Vec<(String, usize)> = Vec::new();
    for word in words {
        match counted.last_mut() {
            Some((last, times)) if *last == word => *times += 1,
            _ => counted.push((word, 1)),
        }
    }
    counted
}

/// Long words are rarer than short ones (Zipf), and there is no table of frequencies to ask.
fn tellingness(word: &str) -> f32 {
    let letters = word.chars().count().clamp(2, 10) as f32;
    letters.sqrt()
}

/// Adds the pieces of a word between its marked borders, which together weigh `weight`.
fn add_pieces(vector: &mut [f32], word: &str, weight: f32) {
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return;
    }
    let bordered = format!("<{word}>");
    let mut borders: Vec<usize> = bordered.char_indices().map(|(at, _)| at).collect();
    borders.push(bordered.len());
    let pieces = || {
        PIECE_LENGTHS.flat_map(|length| borders.windows(length + 1)).filter_map(|window| {
            let (start, end) = (*window.first()?, *window.last()?);
            bordered.as_bytes().get(start..end)
        })
    };
    let count = pieces().count().max(1);
    let each = weight / (count as f32).sqrt();
    for piece in pieces() {
        add(vector, fnv(b'p', piece), each);
    }
}

/// Adds a feature at the place and with the sign that its hash says.
fn add(vector: &mut [f32], hash: u64, weight: f32) {
    let place = ((hash >> 32) * vector.len() as u64) >> 32;
    let sign = if hash & 1 == 0 { 1.0 } else { -1.0 };
    if let Some(number) = vector.get_mut(place as usize) {
        *number += sign * weight;
    }
}

/// The 64-bit FNV-1a hash with a seed, and a final mixing because FNV's high bits are weak for
/// short inputs.
fn fnv(kind: u8, bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ SEED;
    for byte in std::iter::once(kind).chain(bytes.iter().copied()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}

fn to_unit_length(vector: &mut [f32]) {
    let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
    if length > 0.0 {
        for number in vector {
            *number /= length;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cosine(a: &str, b: &str) -> f32 {
        let (a, b) = (HashedSubwords.embed(a), HashedSubwords.embed(b));
        a.iter().zip(&b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn misspelt_and_inflected_words_stay_near() {
        let passage = "Apply for maternity allowance if you are pregnant";
        for near in ["maternaty alowance", "applying allowances pregnancy"] {
            let far = cosine("vehicle registration", passage);
            assert!(cosine(near, passage) > far + 0.1, "{near}");
        }
    }

    #[test]
    fn the_same_text_has_the_same_vector_on_every_machine() {
        let vector = HashedSubwords.embed("council tax");
        let sum: f64 =
            vector.iter().enumerate().map(|(i, n)| f64::from(*n) * (i as f64 + 1.0)).sum();
        insta::assert_snapshot!(format!("{sum:.3}"), @"132.237");
    }

    #[test]
    fn nothing_has_no_direction() {
        for text in ["", " \n", "?!", "\u{0}"] {
            assert!(HashedSubwords.embed(text).iter().all(|number| *number == 0.0), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_unit_length_or_none(text in "\\PC{0,200}") {
            let vector = HashedSubwords.embed(&text);
            let length: f32 = vector.iter().map(|number| number * number).sum();
            prop_assert_eq!(vector.len(), DIMENSIONS);
            prop_assert!(length == 0.0 || (length - 1.0).abs() < 1e-4, "{}", length);
        }
    }
}
