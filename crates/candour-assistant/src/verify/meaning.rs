//! Whether two words mean nearly the same, by the embedder that comes with the program, which knows
//! English and Welsh words alike.

use std::cell::OnceCell;
use std::sync::{Arc, LazyLock};

use candour_content::index::default_embedder;
use candour_core::Embedder;

use super::reading::Word;

/// How near two words must be. Words at this distance are forms or close synonyms of each other; what
/// merely belongs to one subject (`car` and `road`) is farther apart.
const NEAR: f32 = 0.5;

static EMBEDDER: LazyLock<Arc<dyn Embedder>> = LazyLock::new(default_embedder);

/// Words by what they mean, which is looked up when it is first asked for.
pub(super) struct Meanings<'w> {
    words: Vec<&'w str>,
    vectors: OnceCell<Vec<Vec<f32>>>,
}

impl<'w> Meanings<'w> {
    /// The meanings of these words.
    pub(super) fn of(words: impl IntoIterator<Item = &'w str>) -> Self {
        Self { words: words.into_iter().collect(), vectors: OnceCell::new() }
    }

    /// The meanings of those of these words that tell something.
    pub(super) fn telling(words: impl IntoIterator<Item = &'w Word>) -> Self {
        let telling = words.into_iter().filter(|word| word.telling);
        Self::of(telling.map(|word| word.text.as_str()))
    }

    /// Whether one of them is near a word.
    pub(super) fn has_near(&self, word: &str) -> bool {
        self.nearest(word) >= NEAR
    }

    /// How near the nearest of them is: 1 where it is the same.
    pub(super) fn nearest(&self, word: &str) -> f32 {
        let vector = EMBEDDER.embed(word);
        let dot = |other: &Vec<f32>| vector.iter().zip(other).map(|(a, b)| a * b).sum::<f32>();
        let embed = || self.words.iter().map(|word| EMBEDDER.embed(word)).collect();
        self.vectors.get_or_init(embed).iter().map(dot).fold(0.0, f32::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_words_are_near() {
        let words = Meanings::of(["price", "apply", "vehicle", "bin", "treth"]);
        for (word, expected) in [
            ("cost", true),
            ("application", true),
            ("car", true),
            ("tax", true),
            ("prison", false),
            ("holiday", false),
        ] {
            assert_eq!(words.has_near(word), expected, "{word}: {}", words.nearest(word));
        }
    }
}
