//! A page with its passages and their vectors: what ingest keeps and a snapshot is built from.

use candour_core::{ContentHash, Embedder, Page, Passage};
use serde::{Deserialize, Serialize};

/// The version of the form in which pages are kept, and of the text that is embedded.
pub(crate) const VERSION: &str = "prepared-2";

/// A page, ready to be indexed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prepared {
    /// The page.
    pub page: Page,
    /// Its passages.
    pub passages: Vec<Passage>,
    /// One vector for each passage, as `quantise` makes them.
    pub vectors: Vec<Vec<i8>>,
}

impl Prepared {
    /// Embeds the passages of a page.
    pub fn new(page: Page, passages: Vec<Passage>, embedder: &dyn Embedder) -> Self {
        let vectors = passages
            .iter()
            .map(|passage| crate::index::quantise(&embedder.embed(&embedded_text(&page, passage))));
        let vectors = vectors.collect();
        Self { page, passages, vectors }
    }

    /// For keeping in the store: a hash of all that follows, the length of the words, the words as
    /// JSON, the dimension of the vectors, and the vectors number by number.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Writing plain structures to memory cannot fail; empty words are found to be damaged later.
        let words = serde_json::to_vec(&(&self.page, &self.passages)).unwrap_or_default();
        let dimensions = self.vectors.first().map_or(0, Vec::len);
        let mut body = Vec::with_capacity(words.len() + 8 + dimensions * self.vectors.len());
        body.extend((words.len() as u32).to_be_bytes());
        body.extend(words);
        body.extend((dimensions as u32).to_be_bytes());
        body.extend(self.vectors.iter().flatten().map(|number| number.to_be_bytes()[0]));
        let mut bytes = ContentHash::of(&body).as_str().as_bytes().to_vec();
        bytes.append(&mut body);
        bytes
    }

    /// Reads what `to_bytes` wrote; `None` where it is damaged or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (hash, body) = bytes.split_at_checked(HASH_LENGTH)?;
        if ContentHash::of(body).as_str().as_bytes() != hash {
            return None;
        }
        let (length, rest) = number(body)?;
        let (words, rest) = rest.split_at_checked(length)?;
        let (page, passages): (Page, Vec<Passage>) = serde_json::from_slice(words).ok()?;
        let (dimensions, numbers) = number(rest)?;
        if numbers.len() != dimensions.checked_mul(passages.len())? {
            return None;
        }
        let vectors = numbers
            .chunks_exact(dimensions.max(1))
            .map(|vector| vector.iter().map(|byte| i8::from_be_bytes([*byte])).collect());
        let mut vectors: Vec<Vec<i8>> = vectors.collect();
        vectors.resize(passages.len(), Vec::new());
        Some(Self { page, passages, vectors })
    }
}

const HASH_LENGTH: usize = 64;

fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u32::from_be_bytes(*number) as usize, rest))
}

/// The text that stands for a passage in the vector index: its title and headings say what it is about.
fn embedded_text(page: &Page, passage: &Passage) -> String {
    format!("{}\n{}\n{}", page.title, passage.heading_path(), passage.text)
}

#[cfg(test)]
mod tests {
    use candour_core::EmbedderIdentity;
    use proptest::prelude::*;

    use super::*;

    /// Makes vectors of any dimension out of the length of a text.
    struct Lengths(usize);

    impl Embedder for Lengths {
        fn identity(&self) -> EmbedderIdentity {
            EmbedderIdentity { name: "lengths".into(), dimensions: self.0, precision: "i8".into() }
        }

        fn embed(&self, text: &str) -> Vec<f32> {
            (0..self.0).map(|place| if text.len() % 3 == place % 3 { -1.0 } else { 0.5 }).collect()
        }
    }

    fn prepared(texts: &[String], dimensions: usize) -> Prepared {
        let row = |(number, text): (usize, &String)| {
            serde_json::to_vec(&serde_json::json!({ "_id": format!("p#{number}"), "text": text, "metadata": { "url": "/p" } })).unwrap()
        };
        let rows: Vec<Vec<u8>> = texts.iter().enumerate().map(row).collect();
        match crate::source::tests::record_of_rows(rows).extract("") {
            crate::extract::Extraction::Passages(page, passages) => {
                Prepared::new(*page, passages, &Lengths(dimensions))
            }
            other => panic!("{other:?}"),
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_is_read_back(texts in proptest::collection::vec("[a-zé. \n]{0,20}", 1..5), dimensions in 0_usize..5) {
            let prepared = prepared(&texts, dimensions);
            prop_assert_eq!(Prepared::from_bytes(&prepared.to_bytes()), Some(prepared));
        }

        #[test]
        fn damage_is_noticed(at in 0_usize..10_000, change in 1_u8.., cut in 0_usize..10_000) {
            let bytes = prepared(&["One. Two.".into(), "Three.".into()], 3).to_bytes();
            let mut changed = bytes.clone();
            changed[at % bytes.len()] ^= change;
            prop_assert_eq!(Prepared::from_bytes(&changed), None);
            prop_assert_eq!(Prepared::from_bytes(&bytes[..cut % bytes.len()]), None);
        }

        #[test]
        fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let sealed = [ContentHash::of(&bytes).as_str().as_bytes(), &bytes].concat();
            prop_assert_eq!(Prepared::from_bytes(&bytes), None);
            prop_assert_eq!(Prepared::from_bytes(&sealed), None);
        }
    }
}
