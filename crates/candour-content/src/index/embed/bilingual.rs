//! The embedder that comes with the program: a table of English and Welsh words, trained by
//! `cargo xtask train-embedder`, whose sum is the meaning of a text in either language.
//!
//! A word without a row of its own is known by its pieces, so that a misspelt, inflected or mutated
//! one still lands near. How the table was made, and of what, stands in `bilingual.toml`.

mod direction;
mod features;
mod table;

use std::sync::{Arc, LazyLock};

use candour_core::{Embedder, EmbedderIdentity};

pub(crate) use self::direction::Directions;
pub use self::features::{key, mentions_weight, piece_weight, pieces};
pub use self::table::{Table, to_bytes};
use crate::index::words::each_word;
pub use crate::index::words::words;

/// A bag of words: their order means nothing to it, and the table says how much each of them counts.
#[derive(Debug)]
pub struct Bilingual<'a> {
    table: Table<'a>,
}

static SHIPPED: &[u8] = include_bytes!("bilingual.bin");

/// The embedder with the table that comes with the program. A test reads that table, so that it
/// cannot be damaged; an empty one would give every text a vector without direction.
pub(crate) fn shipped() -> Arc<Bilingual<'static>> {
    static EMBEDDER: LazyLock<Arc<Bilingual<'static>>> =
        LazyLock::new(|| Arc::new(Bilingual::new(Table::read(SHIPPED).unwrap_or_default())));
    Arc::clone(&EMBEDDER)
}

/// Whether the table that comes with the program has this word: then it is one that many people write,
/// and no slip.
pub fn is_common(word: &str) -> bool {
    words(word).iter().all(|word| shipped().table.word(key(word)).is_some())
}

impl<'a> Bilingual<'a> {
    /// The embedder with this table.
    pub fn new(table: Table<'a>) -> Self {
        Self { table }
    }

    /// The rows of the words that have one, in order of place, and the sum of the pieces of the rest.
    fn read(&self, text: &str) -> (Vec<u32>, Vec<f32>) {
        let mut rows = Vec::with_capacity(text.len() / 5);
        let mut sum = vec![0.0; self.table.dimensions];
        each_word(text, |word| match self.table.word(key(word)) {
            Some(row) => rows.push(row),
            None => self.table.add_pieces(word, &mut sum),
        });
        rows.sort_unstable();
        (rows, sum)
    }
}

impl Embedder for Bilingual<'_> {
    fn identity(&self) -> EmbedderIdentity {
        EmbedderIdentity {
            name: format!("bilingual-1-{}", self.table.fingerprint),
            dimensions: self.table.dimensions,
            precision: "i8".to_owned(),
        }
    }

    fn embed(&self, text: &str) -> Vec<f32> {
        let (rows, mut sum) = self.read(text);
        for mentions in rows.chunk_by(|a, b| a == b) {
            if let Some(row) = mentions.first().and_then(|row| self.table.row(*row)) {
                row.add_to(&mut sum, mentions_weight(mentions.len()));
            }
        }
        to_unit_length(&mut sum);
        sum
    }
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
    use sha2::{Digest as _, Sha256};

    use super::*;

    fn cosine(a: &str, b: &str) -> f32 {
        let (a, b) = (shipped().embed(a), shipped().embed(b));
        a.iter().zip(&b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn the_table_is_the_one_that_its_provenance_names() {
        let hash = Sha256::digest(SHIPPED);
        let hash = hash.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        let provenance = include_str!("bilingual.toml");
        assert!(provenance.contains(&format!("sha256 = \"{hash}\"")), "{hash}");
        assert!(SHIPPED.len() <= 12_000_000, "{} bytes", SHIPPED.len());
        assert!(Table::read(SHIPPED).is_some());
    }

    #[test]
    fn like_meanings_are_near_in_both_languages_and_in_spite_of_spelling() {
        for (question, near, far) in [
            ("how much is my pension", "State Pension: what you’ll get", "Register a vehicle"),
            ("sut ydw i’n talu treth gyngor", "Pay your Council Tax", "Renew a passport"),
            ("Renew a passport", "Adnewyddu pasbort", "Talu’r dreth gyngor"),
            ("maternaty alowance", "Maternity Allowance", "Vehicle registration"),
            ("can I evict the people who rent my flat", "Landlord and tenant", "Child benefit"),
        ] {
            let (near, far) = (cosine(question, near), cosine(question, far));
            assert!(near > far + 0.1, "{question}: {near} {far}");
        }
    }

    #[test]
    fn common_words_are_told_from_slips() {
        for word in ["badger", "gran", "horse", "Council", "treth"] {
            assert!(is_common(word), "{word}");
        }
        for word in ["coucil", "parkng", "recyling", "libary"] {
            assert!(!is_common(word), "{word}");
        }
    }

    #[test]
    fn nothing_has_no_direction() {
        for text in ["", " \n", "?!", "\u{0}"] {
            assert!(shipped().embed(text).iter().all(|number| *number == 0.0), "{text:?}");
        }
    }

    #[test]
    fn a_long_text_and_strange_letters_are_read_to_their_end() {
        for text in ["x".repeat(100_000), "日本語 🏴󠁧󠁢󠁷󠁬󠁳󠁿 ǅ ﬀ".repeat(1000), "council tax ".repeat(5000)]
        {
            let length: f32 = shipped().embed(&text).iter().map(|number| number * number).sum();
            assert!((length - 1.0).abs() < 1e-3, "{length}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_unit_length_or_none(text in "\\PC{0,200}") {
            let vector = shipped().embed(&text);
            let length: f32 = vector.iter().map(|number| number * number).sum();
            prop_assert_eq!(vector.len(), shipped().table.dimensions);
            prop_assert!(length == 0.0 || (length - 1.0).abs() < 1e-4, "{}", length);
        }
    }
}
