//! The embedders: what turns a text into a vector, so that texts of like meaning are near each other.
//!
//! `bilingual` comes with the program and takes microseconds; `minilm` is obtained on request, and
//! knows more English and no Welsh. Which of them serves is left to `choice`.

pub mod bilingual;
pub(crate) mod minilm;
