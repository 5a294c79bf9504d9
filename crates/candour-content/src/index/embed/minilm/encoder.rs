//! The encoder of all-MiniLM-L6-v2: six transformer layers as in BERT (Devlin and others, 2019), and
//! the mean of what they make of each token, at unit length.

use super::int8::{Bytes, PackedBytes, quantised};
use super::pointwise::{Norm, add_and_normalise, gelu, softmax};
use super::product::{GROUP, Packed, Rows, RowsMut, WIDTH, product};
use super::weights::Weights;

/// How many numbers stand for a token, and for a text.
pub(super) const DIMENSIONS: usize = 384;
/// How many tokens of a text are read. The model was trained on shorter texts and measured with this.
pub(super) const WINDOW: usize = 256;
const VOCABULARY: usize = 30_522;
const POSITIONS: usize = 512;
const LAYERS: usize = 6;
const HEADS: usize = 12;
const HEAD: usize = DIMENSIONS / HEADS;
const INNER: usize = 4 * DIMENSIONS;
/// Query, key and value of a token lie side by side.
const QKV: usize = 3 * DIMENSIONS;

/// How the weights are kept and multiplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precision {
    /// As they were trained.
    F32,
    /// As bytes: a quarter of the memory, faster, and a little less exact.
    Int8,
}

/// All weights, ready to be multiplied.
#[derive(Debug)]
pub(super) struct Encoder {
    words: Words,
    positions: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
}

/// The numbers of each token of the vocabulary before anything is around it.
#[derive(Debug)]
enum Words {
    F32(Vec<f32>),
    Int8(Vec<(Vec<i8>, f32)>),
}

#[derive(Debug)]
struct Layer {
    query_key_value: Matrix,
    mix: Matrix,
    mix_norm: Norm,
    widen: Matrix,
    narrow: Matrix,
    norm: Norm,
}

#[derive(Debug)]
enum Matrix {
    F32(Packed),
    Int8(PackedBytes),
}

/// Room for the numbers of one text, kept so that none is allocated for the next.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// The numbers of each token.
    hidden: Vec<f32>,
    /// What a layer adds to them.
    added: Vec<f32>,
    /// Query, key and value, or the inner numbers.
    wide: Vec<f32>,
    /// What attention gathered.
    gathered: Vec<f32>,
    attention: Attention,
    bytes: Bytes,
}

#[derive(Debug, Default)]
struct Attention {
    scores: Vec<f32>,
    keys: Packed,
    values: Packed,
}

impl Encoder {
    /// Takes the weights from their file; what is wrong with it is told in words.
    pub(super) fn new(weights: &Weights<'_>, precision: Precision) -> Result<Self, String> {
        let get = |name: &str, shape: &[usize]| weights.tensor(name, shape);
        let words = get("embeddings.word_embeddings.weight", &[VOCABULARY, DIMENSIONS])?;
        let mut positions = get("embeddings.position_embeddings.weight", &[POSITIONS, DIMENSIONS])?;
        let kinds = get("embeddings.token_type_embeddings.weight", &[2, DIMENSIONS])?;
        // All tokens are of the first kind, so that it can be added once and for all.
        for position in positions.chunks_exact_mut(DIMENSIONS) {
            position.iter_mut().zip(&kinds).for_each(|(number, kind)| *number += kind);
        }
        positions.truncate(WINDOW * DIMENSIONS);
        let words = match precision {
            Precision::F32 => Words::F32(words),
            Precision::Int8 => Words::Int8(words.chunks_exact(DIMENSIONS).map(quantised).collect()),
        };
        let layers = (0..LAYERS).map(|number| Layer::new(weights, number, precision));
        let norm = norm(weights, "embeddings.LayerNorm")?;
        Ok(Self { words, positions, norm, layers: layers.collect::<Result<_, _>>()? })
    }

    /// The vector of a text that was cut into tokens.
    pub(super) fn encode(&self, tokens: &[u32], scratch: &mut Scratch) -> Vec<f32> {
        let rows = tokens.len().next_multiple_of(GROUP);
        self.embed(tokens, rows, scratch);
        for layer in &self.layers {
            layer.apply(tokens.len(), rows, scratch);
        }
        let mut mean = vec![0.0; DIMENSIONS];
        for row in scratch.hidden.chunks_exact(DIMENSIONS).take(tokens.len()) {
            mean.iter_mut().zip(row).for_each(|(mean, number)| *mean += number);
        }
        let length = mean.iter().map(|number| number * number).sum::<f32>().sqrt();
        for number in &mut mean {
            *number /= length.max(f32::MIN_POSITIVE);
        }
        mean
    }

    /// Begins with each token's own numbers and those of its place; rows that only fill a group are 0.
    fn embed(&self, tokens: &[u32], rows: usize, scratch: &mut Scratch) {
        scratch.hidden.clear();
        scratch.hidden.resize(rows * DIMENSIONS, 0.0);
        let places = self.positions.chunks_exact(DIMENSIONS);
        let hidden = scratch.hidden.chunks_exact_mut(DIMENSIONS);
        for ((row, token), place) in hidden.zip(tokens).zip(places) {
            self.words.copy(*token as usize, row);
            add_and_normalise(row, place, &self.norm);
        }
    }
}

impl Words {
    fn copy(&self, token: usize, row: &mut [f32]) {
        match self {
            Self::F32(words) => row.copy_from_slice(&words[token * DIMENSIONS..][..DIMENSIONS]),
            Self::Int8(words) => {
                let (bytes, scale) = &words[token];
                row.iter_mut().zip(bytes).for_each(|(n, byte)| *n = f32::from(*byte) * scale);
            }
        }
    }
}

impl Layer {
    fn new(weights: &Weights<'_>, number: usize, precision: Precision) -> Result<Self, String> {
        let name = |part: &str| format!("encoder.layer.{number}.{part}");
        let matrix = |parts: &[&str], columns: usize, depth: usize| {
            let (mut numbers, mut bias) = (Vec::new(), Vec::new());
            for part in parts {
                numbers
                    .extend(weights.tensor(&name(&format!("{part}.weight")), &[columns, depth])?);
                bias.extend(weights.tensor(&name(&format!("{part}.bias")), &[columns])?);
            }
            Ok::<_, String>(match precision {
                Precision::F32 => Matrix::F32(Packed::layer(&numbers, &bias)),
                Precision::Int8 => Matrix::Int8(PackedBytes::layer(&numbers, &bias)),
            })
        };
        let attention = ["attention.self.query", "attention.self.key", "attention.self.value"];
        Ok(Self {
            query_key_value: matrix(&attention, DIMENSIONS, DIMENSIONS)?,
            mix: matrix(&["attention.output.dense"], DIMENSIONS, DIMENSIONS)?,
            mix_norm: norm(weights, &name("attention.output.LayerNorm"))?,
            widen: matrix(&["intermediate.dense"], INNER, DIMENSIONS)?,
            narrow: matrix(&["output.dense"], DIMENSIONS, INNER)?,
            norm: norm(weights, &name("output.LayerNorm"))?,
        })
    }

    fn apply(&self, tokens: usize, rows: usize, scratch: &mut Scratch) {
        let Scratch { hidden, added, wide, gathered, attention, bytes } = scratch;
        self.query_key_value.apply(rows, hidden, DIMENSIONS, wide, QKV, bytes);
        attention.gather(tokens, rows, wide, gathered);
        self.mix.apply(rows, gathered, DIMENSIONS, added, DIMENSIONS, bytes);
        normalise(hidden, added, &self.mix_norm);
        self.widen.apply(rows, hidden, DIMENSIONS, wide, INNER, bytes);
        gelu(&mut wide[..rows * INNER]);
        self.narrow.apply(rows, wide, INNER, added, DIMENSIONS, bytes);
        normalise(hidden, added, &self.norm);
    }
}

impl Matrix {
    fn apply(
        &self,
        rows: usize,
        x: &[f32],
        depth: usize,
        y: &mut Vec<f32>,
        columns: usize,
        bytes: &mut Bytes,
    ) {
        y.resize(rows * columns, 0.0);
        let y = &mut RowsMut { numbers: y, stride: columns };
        match self {
            Self::F32(matrix) => product(rows, Rows { numbers: x, stride: depth }, matrix, y),
            Self::Int8(matrix) => bytes.product(rows, x, matrix, y),
        }
    }
}

impl Attention {
    /// Gathers for each token, head by head, the values of the tokens whose keys answer its query.
    fn gather(&mut self, tokens: usize, rows: usize, qkv: &[f32], gathered: &mut Vec<f32>) {
        gathered.resize(rows * DIMENSIONS, 0.0);
        let width = tokens.next_multiple_of(WIDTH);
        self.scores.resize(rows * width, 0.0);
        let scale = 1.0 / (HEAD as f32).sqrt();
        for first in (0..DIMENSIONS).step_by(HEAD) {
            let keys = |number, token| qkv[token * QKV + DIMENSIONS + first + number];
            let values = |token, number| qkv[token * QKV + 2 * DIMENSIONS + first + number];
            self.keys.fill(HEAD, tokens, keys);
            self.values.fill(tokens, HEAD, values);
            let queries = Rows { numbers: &qkv[first..], stride: QKV };
            let scores = &mut RowsMut { numbers: &mut self.scores, stride: width };
            product(rows, queries, &self.keys, scores);
            for row in self.scores.chunks_exact_mut(width) {
                softmax(&mut row[..tokens], scale);
            }
            let shares = Rows { numbers: &self.scores, stride: width };
            let to = &mut RowsMut { numbers: &mut gathered[first..], stride: DIMENSIONS };
            product(rows, shares, &self.values, to);
        }
    }
}

fn norm(weights: &Weights<'_>, name: &str) -> Result<Norm, String> {
    Ok(Norm {
        gain: weights.tensor(&format!("{name}.weight"), &[DIMENSIONS])?,
        bias: weights.tensor(&format!("{name}.bias"), &[DIMENSIONS])?,
    })
}

fn normalise(hidden: &mut [f32], added: &[f32], norm: &Norm) {
    let rows = hidden.chunks_exact_mut(DIMENSIONS).zip(added.chunks_exact(DIMENSIONS));
    rows.for_each(|(row, added)| add_and_normalise(row, added, norm));
}
