//! Matrix products in eight-bit whole numbers: a quarter of the memory, and several times the speed
//! where the processor multiplies bytes itself (AVX-512 VNNI).
//!
//! Weights are scaled by output, activations by row as they come. Sums are exact 32-bit numbers, so
//! that the order of adding does not matter.

use archmage::prelude::*;

use super::pointwise::ROUND;
use super::product::{GROUP, RowsMut, WIDTH};

/// Bytes that are multiplied and added in one go.
const STEP: usize = 4;
const LANES: usize = 16;
const PARTS: usize = WIDTH / LANES;

/// `STEP` weights of each column of a panel, on a border of the processor's cache lines.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Slice([[i8; STEP * LANES]; PARTS]);

/// A layer's matrix in panels of `WIDTH` columns, each panel read from end to end.
#[derive(Debug)]
pub(super) struct PackedBytes {
    depth: usize,
    slices: Vec<Slice>,
    columns: Vec<Column>,
}

/// What turns the whole number of one output back into a real one.
#[derive(Debug, Clone, Copy, Default)]
struct Column {
    scale: f32,
    bias: f32,
    /// The sum of its weights, by which the activations' zero is taken off again.
    sum: i32,
}

/// Rows of activations as bytes.
#[derive(Debug, Default)]
pub(super) struct Bytes {
    rows: Vec<[u8; STEP]>,
    /// By row: what a byte stands for is `scale * (byte - zero)`.
    scales: Vec<(f32, i32)>,
    sums: Vec<[i32; LANES]>,
}

impl PackedBytes {
    /// The matrix of a layer: `weights` holds the weights of one output after another.
    pub(super) fn layer(weights: &[f32], bias: &[f32]) -> Self {
        let depth = weights.len() / bias.len().max(1);
        let outputs: Vec<(Vec<i8>, f32)> =
            weights.chunks_exact(depth.max(1)).map(quantised).collect();
        let width = bias.len().next_multiple_of(WIDTH);
        let mut slices = Vec::with_capacity(width * depth / (STEP * WIDTH));
        for first in (0..width).step_by(WIDTH) {
            slices.extend((0..depth).step_by(STEP).map(|k| {
                Slice(std::array::from_fn(|part| {
                    std::array::from_fn(|at| {
                        let output = outputs.get(first + part * LANES + at / STEP);
                        let weight = output.and_then(|(row, _)| row.get(k + at % STEP));
                        weight.copied().unwrap_or_default()
                    })
                }))
            }));
        }
        let mut columns: Vec<Column> = outputs
            .iter()
            .zip(bias)
            .map(|((row, scale), bias)| Column {
                scale: *scale,
                bias: *bias,
                sum: row.iter().map(|weight| i32::from(*weight)).sum(),
            })
            .collect();
        columns.resize(width, Column::default());
        Self { depth, slices, columns }
    }
}

/// Numbers as bytes, and what one step of a byte stands for.
pub(super) fn quantised(numbers: &[f32]) -> (Vec<i8>, f32) {
    let largest = numbers.iter().fold(0.0_f32, |largest, number| largest.max(number.abs()));
    let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
    (numbers.iter().map(|number| (number / scale + ROUND).to_bits() as i8).collect(), scale)
}

impl Bytes {
    /// `y = x · matrix + bias` for `rows` rows of `x`, a multiple of `GROUP`.
    pub(super) fn product(
        &mut self,
        rows: usize,
        x: &[f32],
        matrix: &PackedBytes,
        y: &mut RowsMut<'_>,
    ) {
        self.rows.resize(rows * matrix.depth / STEP, [0; STEP]);
        self.scales.clear();
        let inputs =
            x.chunks_exact(matrix.depth).zip(self.rows.chunks_exact_mut(matrix.depth / STEP));
        self.scales.extend(
            inputs.take(rows).map(|(numbers, bytes)| to_bytes(numbers, bytes.as_flattened_mut())),
        );
        self.sums.resize(rows * PARTS, [0; LANES]);
        let panels = matrix.slices.chunks_exact(matrix.depth / STEP);
        for (panel, (slices, columns)) in panels.zip(matrix.columns.chunks_exact(WIDTH)).enumerate()
        {
            sums(&self.rows, slices, &mut self.sums);
            for (row, (sums, scale)) in self.sums.chunks_exact(PARTS).zip(&self.scales).enumerate()
            {
                let start = row * y.stride + panel * WIDTH;
                to_real(sums.as_flattened(), columns, *scale, &mut y.numbers[start..start + WIDTH]);
            }
        }
    }
}

/// Rounds a row to bytes between its smallest and its largest number.
#[autoversion(v4, v3, neon, scalar)]
fn to_bytes(numbers: &[f32], bytes: &mut [u8]) -> (f32, i32) {
    let mut least = [0.0_f32; LANES];
    let mut most = [0.0_f32; LANES];
    for lane in numbers.as_chunks::<LANES>().0 {
        for i in 0..LANES {
            least[i] = if lane[i] < least[i] { lane[i] } else { least[i] };
            most[i] = if lane[i] > most[i] { lane[i] } else { most[i] };
        }
    }
    let least = least.into_iter().fold(0.0, f32::min);
    let most = most.into_iter().fold(0.0, f32::max);
    let scale = if most > least { (most - least) / 255.0 } else { 1.0 };
    let zero = (-least / scale).round_ties_even();
    let inverse = 1.0 / scale;
    for (byte, number) in bytes.iter_mut().zip(numbers) {
        let whole = (number * inverse + zero).clamp(0.0, 255.0);
        *byte = (whole + ROUND).to_bits() as u8;
    }
    (scale, zero as i32)
}

#[autoversion(v4, v3, neon, scalar)]
fn to_real(sums: &[i32], columns: &[Column], (scale, zero): (f32, i32), y: &mut [f32]) {
    for ((y, sum), column) in y.iter_mut().zip(sums).zip(columns) {
        let sum = (sum - zero * column.sum) as f32;
        *y = sum.mul_add(scale * column.scale, column.bias);
    }
}

/// The products of all rows with one panel.
fn sums(x: &[[u8; STEP]], slices: &[Slice], sums: &mut [[i32; LANES]]) {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(token) = X64V4xToken::summon() {
            return sums_v4x(token, x, slices, sums);
        }
        if let Some(token) = X64V3Token::summon() {
            return sums_v3(token, x, slices, sums);
        }
    }
    sums_plain(x, slices, sums);
}

/// Plain loops, which the compiler turns into what the processor has. A product of two bytes fits
/// sixteen bits.
#[autoversion(v3, neon, scalar)]
fn sums_plain(x: &[[u8; STEP]], slices: &[Slice], sums: &mut [[i32; LANES]]) {
    let mut all = [[0_i32; STEP * LANES]; PARTS];
    for (input, sums) in x.chunks_exact(slices.len()).zip(sums.as_chunks_mut::<PARTS>().0) {
        let all: &mut [i32] = all.as_flattened_mut();
        all.fill(0);
        for (bytes, Slice(slice)) in input.iter().zip(slices) {
            let bytes: [i16; 16] = std::array::from_fn(|at| i16::from(bytes[at % STEP]));
            for (all, slice) in all.chunks_exact_mut(16).zip(slice.as_flattened().chunks_exact(16))
            {
                for ((sum, byte), weight) in all.iter_mut().zip(bytes).zip(slice) {
                    *sum += i32::from(byte * i16::from(*weight));
                }
            }
        }
        for (sum, steps) in sums.as_flattened_mut().iter_mut().zip(all.as_chunks::<STEP>().0) {
            *sum = steps.iter().sum();
        }
    }
}

#[arcane(import_intrinsics)]
fn sums_v4x(_: X64V4xToken, x: &[[u8; STEP]], slices: &[Slice], sums: &mut [[i32; LANES]]) {
    let mut left = sums.len() / PARTS;
    let (mut x, mut sums) = (x, sums);
    while left > 0 {
        let rows = if left >= 12 { 12 } else { GROUP };
        let (these, rest) = x.split_at(rows * slices.len());
        let (into, rest_of_sums) = sums.split_at_mut(rows * PARTS);
        if rows == 12 {
            rows_v4x::<12>(these, slices, into);
        } else {
            rows_v4x::<GROUP>(these, slices, into);
        }
        (x, sums, left) = (rest, rest_of_sums, left - rows);
    }
}

#[rite(v4x, import_intrinsics)]
fn rows_v4x<const R: usize>(x: &[[u8; STEP]], slices: &[Slice], into: &mut [[i32; LANES]]) {
    let inputs: [&[[u8; STEP]]; R] =
        std::array::from_fn(|r| &x[r * slices.len()..][..slices.len()]);
    let mut sums = [[_mm512_setzero_si512(); PARTS]; R];
    for (k, Slice(slice)) in slices.iter().enumerate() {
        let (left, right) = (_mm512_loadu_si512(&slice[0]), _mm512_loadu_si512(&slice[1]));
        for (sums, input) in sums.iter_mut().zip(inputs) {
            let bytes = _mm512_set1_epi32(i32::from_le_bytes(input[k]));
            sums[0] = _mm512_dpbusd_epi32(sums[0], bytes, left);
            sums[1] = _mm512_dpbusd_epi32(sums[1], bytes, right);
        }
    }
    for (into, sum) in into.iter_mut().zip(sums.as_flattened()) {
        _mm512_storeu_si512(into, *sum);
    }
}

/// Without VNNI, bytes are widened to sixteen bits, multiplied and added in pairs.
#[arcane(import_intrinsics)]
fn sums_v3(_: X64V3Token, x: &[[u8; STEP]], slices: &[Slice], sums: &mut [[i32; LANES]]) {
    let depth = slices.len();
    for (x, into) in x.chunks_exact(GROUP * depth).zip(sums.chunks_exact_mut(GROUP * PARTS)) {
        for eighth in 0..WIDTH / 8 {
            rows_v3(x, slices, eighth, into);
        }
    }
}

#[rite(v3, import_intrinsics)]
fn rows_v3(x: &[[u8; STEP]], slices: &[Slice], eighth: usize, into: &mut [[i32; LANES]]) {
    let inputs: [&[[u8; STEP]]; GROUP] =
        std::array::from_fn(|r| &x[r * slices.len()..][..slices.len()]);
    let mut sums = [[_mm256_setzero_si256(); 2]; GROUP];
    for (k, Slice(slice)) in slices.iter().enumerate() {
        let weights = &slice.as_flattened().as_chunks::<16>().0[eighth * 2..][..2];
        let left = _mm256_cvtepi8_epi16(_mm_loadu_si128(&weights[0]));
        let right = _mm256_cvtepi8_epi16(_mm_loadu_si128(&weights[1]));
        for (sums, input) in sums.iter_mut().zip(inputs) {
            let bytes = _mm256_cvtepu8_epi16(_mm_set1_epi32(i32::from_le_bytes(input[k])));
            sums[0] = _mm256_add_epi32(sums[0], _mm256_madd_epi16(bytes, left));
            sums[1] = _mm256_add_epi32(sums[1], _mm256_madd_epi16(bytes, right));
        }
    }
    for (r, [left, right]) in sums.into_iter().enumerate() {
        // Two sums of each column lie side by side; adding neighbours leaves the middle swapped.
        let columns = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_hadd_epi32(left, right));
        let into = into[r * PARTS..][..PARTS].as_flattened_mut();
        _mm256_storeu_si256(&mut into.as_chunks_mut::<8>().0[eighth], columns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(count: usize, seed: usize) -> impl Iterator<Item = u8> {
        (0..count).map(move |i| ((i + seed) * 7919 % 251) as u8)
    }

    #[test]
    fn all_processors_give_the_same_sums() {
        for (rows, steps) in [(4, 1), (16, 5), (28, 96)] {
            let x: Vec<u8> = bytes(rows * steps * STEP, 1).collect();
            let x = x.as_chunks::<STEP>().0;
            let weights: Vec<i8> = bytes(steps * STEP * WIDTH, 2).map(u8::cast_signed).collect();
            let pieces = weights.as_chunks::<{ STEP * LANES }>().0.as_chunks::<PARTS>().0;
            let slices: Vec<Slice> = pieces.iter().copied().map(Slice).collect();
            let run = |sums: &dyn Fn(&mut [[i32; LANES]])| {
                let mut into = vec![[0; LANES]; rows * PARTS];
                sums(&mut into);
                into
            };
            let plain = run(&|into| sums_plain(x, &slices, into));
            for (row, column) in (0..rows).flat_map(|row| (0..WIDTH).map(move |c| (row, c))) {
                let sum: i32 = (0..steps * STEP)
                    .map(|k| {
                        let weight = slices[k / STEP].0.as_flattened()[column * STEP + k % STEP];
                        i32::from(x[row * steps + k / STEP][k % STEP]) * i32::from(weight)
                    })
                    .sum();
                assert_eq!(plain.as_flattened()[row * WIDTH + column], sum);
            }
            assert_eq!(run(&|into| sums(x, &slices, into)), plain);
            #[cfg(target_arch = "x86_64")]
            if let Some(token) = X64V3Token::summon() {
                assert_eq!(run(&|into| sums_v3(token, x, &slices, into)), plain);
            }
        }
    }

    #[test]
    fn products_stay_near_the_real_ones() {
        let (rows, depth, columns) = (8, 64, 40);
        let numbers = |count, seed| -> Vec<f32> {
            bytes(count, seed).map(|byte| (f32::from(byte) - 90.0) / 50.0).collect()
        };
        let (x, weights, bias) =
            (numbers(rows * depth, 3), numbers(depth * columns, 4), numbers(columns, 5));
        let mut y = vec![0.0; rows * WIDTH * 2];
        let to = &mut RowsMut { numbers: &mut y, stride: WIDTH * 2 };
        Bytes::default().product(rows, &x, &PackedBytes::layer(&weights, &bias), to);
        for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |c| (row, c))) {
            let pairs = x[row * depth..].iter().zip(&weights[column * depth..]).take(depth);
            let real = pairs.map(|(x, weight)| x * weight).sum::<f32>() + bias[column];
            let found = y[row * WIDTH * 2 + column];
            assert!((found - real).abs() < 0.6, "{found} is not near {real}");
        }
    }
}
