//! all-MiniLM-L6-v2 (Wang and others, 2020; Reimers and Gurevych, 2019): a sentence encoder for English,
//! run in this process on one thread a text.
//!
//! Where its weights come from is left to `models`. It knows no Welsh: Welsh text is cut into letters
//! and lands anywhere.

#![expect(
    clippy::inline_always,
    reason = "the small pieces of a loop must be compiled for the processor that the loop is for"
)]

mod encoder;
mod int8;
mod pointwise;
mod product;
mod weights;
mod wordpiece;

use std::cell::RefCell;

use candour_core::{Embedder, EmbedderIdentity};

pub(crate) use self::encoder::Precision;
use self::encoder::{DIMENSIONS, Encoder, Scratch, WINDOW};
use self::weights::Weights;
use self::wordpiece::WordPiece;
use crate::models::MINILM;

/// The encoder with its vocabulary.
#[derive(Debug)]
pub(crate) struct MiniLm {
    encoder: Encoder,
    words: WordPiece,
    precision: Precision,
}

thread_local! {
    /// Each thread that embeds keeps a few megabytes for it.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl MiniLm {
    /// Takes the weights and the vocabulary from their files; what is wrong with them is told in words.
    pub(crate) fn new(
        weights: &[u8],
        tokenizer: &[u8],
        precision: Precision,
    ) -> Result<Self, String> {
        let encoder = Encoder::new(&Weights::read(weights)?, precision)?;
        Ok(Self { encoder, words: WordPiece::read(tokenizer)?, precision })
    }
}

impl Embedder for MiniLm {
    fn identity(&self) -> EmbedderIdentity {
        identity(self.precision)
    }

    fn embed(&self, text: &str) -> Vec<f32> {
        let tokens = self.words.tokens(text, WINDOW);
        // Between its start and its end there is nothing to read.
        if tokens.len() <= 2 {
            return vec![0.0; DIMENSIONS];
        }
        SCRATCH.with_borrow_mut(|scratch| self.encoder.encode(&tokens, scratch))
    }
}

/// What names the encoder, whether or not its weights are here.
pub(crate) fn identity(precision: Precision) -> EmbedderIdentity {
    let engine = match precision {
        Precision::F32 => "f32",
        Precision::Int8 => "int8",
    };
    EmbedderIdentity {
        name: format!("minilm-l6-v2-{:.12}-{engine}", MINILM.weights().sha256),
        dimensions: DIMENSIONS,
        precision: "i8".to_owned(),
    }
}

/// Whether this encoder, at whatever precision, made the vectors that are named so.
pub(crate) fn made(embedder: &EmbedderIdentity) -> bool {
    [Precision::F32, Precision::Int8].map(identity).contains(embedder)
}

#[cfg(test)]
mod tests;
