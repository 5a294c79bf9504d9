//! Matrix products in single precision: rows of activations times a matrix that was packed for it.
//!
//! Each number of the result is one chain of fused multiply-adds in the same order on every processor
//! that has them, so that a text has the same vector wherever it is embedded.

use archmage::prelude::*;

/// Columns of a matrix that are computed together.
pub(super) const WIDTH: usize = 32;
/// Rows are computed in groups of so many; buffers hold a whole number of groups.
pub(super) const GROUP: usize = 4;
const LANES: usize = 16;
const PARTS: usize = WIDTH / LANES;

/// One row of a panel, on a border of the processor's cache lines.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Slice([[f32; LANES]; PARTS]);

/// A matrix with `depth` rows in panels of `WIDTH` columns, each panel read from end to end, and what
/// is added to each column.
#[derive(Debug, Default)]
pub(super) struct Packed {
    depth: usize,
    slices: Vec<Slice>,
    bias: Vec<[[f32; LANES]; PARTS]>,
}

/// Rows of activations that begin `stride` numbers apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) numbers: &'a [f32],
    pub(super) stride: usize,
}

/// Where the rows of a result go.
#[derive(Debug)]
pub(super) struct RowsMut<'a> {
    pub(super) numbers: &'a mut [f32],
    pub(super) stride: usize,
}

impl Packed {
    /// Packs a matrix that is given by its numbers at (row, column), in place of what was there.
    #[inline(always)]
    pub(super) fn fill(&mut self, depth: usize, columns: usize, at: impl Fn(usize, usize) -> f32) {
        self.depth = depth;
        self.slices.clear();
        for first in (0..columns).step_by(WIDTH) {
            self.slices.extend((0..depth).map(|row| {
                Slice(by_lane(|lane| {
                    let column = first + lane;
                    if column < columns { at(row, column) } else { 0.0 }
                }))
            }));
        }
        self.bias.clear();
        self.bias.resize(columns.div_ceil(WIDTH), [[0.0; LANES]; PARTS]);
    }

    /// The matrix of a layer: `weights` holds the weights of one output after another.
    pub(super) fn layer(weights: &[f32], bias: &[f32]) -> Self {
        let (columns, depth) = (bias.len(), weights.len() / bias.len().max(1));
        let mut packed = Self::default();
        packed.fill(depth, columns, |row, column| weights[column * depth + row]);
        for (panel, part) in packed.bias.iter_mut().enumerate() {
            *part = by_lane(|lane| bias.get(panel * WIDTH + lane).copied().unwrap_or_default());
        }
        packed
    }

    fn panels(&self) -> impl Iterator<Item = (&[Slice], &[[f32; LANES]; PARTS])> {
        self.slices.chunks_exact(self.depth.max(1)).zip(&self.bias)
    }
}

#[inline(always)]
fn by_lane(value: impl Fn(usize) -> f32) -> [[f32; LANES]; PARTS] {
    std::array::from_fn(|part| std::array::from_fn(|lane| value(part * LANES + lane)))
}

/// `y = x · matrix + bias` for the first `rows` rows, a multiple of `GROUP`. A row of `y` takes whole
/// panels.
pub(super) fn product(rows: usize, x: Rows<'_>, matrix: &Packed, y: &mut RowsMut<'_>) {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(token) = X64V4Token::summon() {
            return product_v4(token, rows, x, matrix, y);
        }
        if let Some(token) = X64V3Token::summon() {
            return product_v3(token, rows, x, matrix, y);
        }
    }
    product_plain(rows, x, matrix, y);
}

/// Twelve rows at a time fill the 32 registers of AVX-512; what is left goes in groups of four.
#[arcane(import_intrinsics)]
fn product_v4(_: X64V4Token, rows: usize, x: Rows<'_>, matrix: &Packed, y: &mut RowsMut<'_>) {
    for (panel, (slices, bias)) in matrix.panels().enumerate() {
        let mut row = 0;
        while row + 12 <= rows {
            rows_v4::<12>(row, x, slices, bias, panel, y);
            row += 12;
        }
        while row + GROUP <= rows {
            rows_v4::<GROUP>(row, x, slices, bias, panel, y);
            row += GROUP;
        }
    }
}

#[rite(v4, import_intrinsics)]
fn rows_v4<const R: usize>(
    first: usize,
    x: Rows<'_>,
    slices: &[Slice],
    bias: &[[f32; LANES]; PARTS],
    panel: usize,
    y: &mut RowsMut<'_>,
) {
    let inputs: [&[f32]; R] = inputs(first, x, slices.len());
    let mut sums = [[_mm512_loadu_ps(&bias[0]), _mm512_loadu_ps(&bias[1])]; R];
    for (k, Slice(slice)) in slices.iter().enumerate() {
        let (left, right) = (_mm512_loadu_ps(&slice[0]), _mm512_loadu_ps(&slice[1]));
        for (sums, input) in sums.iter_mut().zip(inputs) {
            let number = _mm512_set1_ps(input[k]);
            sums[0] = _mm512_fmadd_ps(number, left, sums[0]);
            sums[1] = _mm512_fmadd_ps(number, right, sums[1]);
        }
    }
    for (r, sums) in sums.iter().enumerate() {
        for (output, sum) in y.panel(first + r, panel).iter_mut().zip(sums) {
            _mm512_storeu_ps(output, *sum);
        }
    }
}

/// Four rows of half a panel fill the pipeline of AVX2 without running out of its 16 registers.
#[arcane(import_intrinsics)]
fn product_v3(_: X64V3Token, rows: usize, x: Rows<'_>, matrix: &Packed, y: &mut RowsMut<'_>) {
    for (panel, (slices, bias)) in matrix.panels().enumerate() {
        for first in (0..rows).step_by(GROUP) {
            for part in 0..PARTS {
                rows_v3(first, x, slices, bias, (panel, part), y);
            }
        }
    }
}

#[rite(v3, import_intrinsics)]
fn rows_v3(
    first: usize,
    x: Rows<'_>,
    slices: &[Slice],
    bias: &[[f32; LANES]; PARTS],
    (panel, part): (usize, usize),
    y: &mut RowsMut<'_>,
) {
    let inputs: [&[f32]; GROUP] = inputs(first, x, slices.len());
    let [left, right] = halves(&bias[part]);
    let mut sums = [[_mm256_loadu_ps(left), _mm256_loadu_ps(right)]; GROUP];
    for (k, Slice(slice)) in slices.iter().enumerate() {
        let [left, right] = halves(&slice[part]);
        let (left, right) = (_mm256_loadu_ps(left), _mm256_loadu_ps(right));
        for (sums, input) in sums.iter_mut().zip(inputs) {
            let number = _mm256_set1_ps(input[k]);
            sums[0] = _mm256_fmadd_ps(number, left, sums[0]);
            sums[1] = _mm256_fmadd_ps(number, right, sums[1]);
        }
    }
    for (r, sums) in sums.iter().enumerate() {
        let output = &mut y.panel(first + r, panel)[part];
        for (output, sum) in output.as_chunks_mut::<8>().0.iter_mut().zip(sums) {
            _mm256_storeu_ps(output, *sum);
        }
    }
}

/// Plain loops, which the compiler turns into what every processor of the target has.
fn product_plain(rows: usize, x: Rows<'_>, matrix: &Packed, y: &mut RowsMut<'_>) {
    for (panel, (slices, bias)) in matrix.panels().enumerate() {
        for first in (0..rows).step_by(GROUP) {
            let inputs: [&[f32]; GROUP] = inputs(first, x, slices.len());
            for part in 0..PARTS {
                let mut sums = [bias[part]; GROUP];
                for (k, Slice(slice)) in slices.iter().enumerate() {
                    for (sums, input) in sums.iter_mut().zip(inputs) {
                        for (sum, weight) in sums.iter_mut().zip(&slice[part]) {
                            *sum = fused(input[k], *weight, *sum);
                        }
                    }
                }
                for (r, sums) in sums.into_iter().enumerate() {
                    y.panel(first + r, panel)[part] = sums;
                }
            }
        }
    }
}

/// Where a target has no instruction for it, as x86 before 2013, exactness in the last bit would cost
/// a hundredfold.
#[inline(always)]
fn fused(a: f32, b: f32, sum: f32) -> f32 {
    if cfg!(any(target_arch = "aarch64", target_feature = "fma")) {
        a.mul_add(b, sum)
    } else {
        a * b + sum
    }
}

/// The next rows of activations, each of exactly the matrix's depth.
#[inline(always)]
fn inputs<const R: usize>(first: usize, x: Rows<'_>, depth: usize) -> [&[f32]; R] {
    std::array::from_fn(|r| &x.numbers[(first + r) * x.stride..][..depth])
}

#[inline(always)]
fn halves(numbers: &[f32; LANES]) -> [&[f32; 8]; 2] {
    match numbers.as_chunks().0 {
        [left, right] => [left, right],
        _ => [&[0.0; 8]; 2],
    }
}

impl RowsMut<'_> {
    #[inline(always)]
    fn panel(&mut self, row: usize, panel: usize) -> &mut [[f32; LANES]] {
        let start = row * self.stride + panel * WIDTH;
        self.numbers[start..start + WIDTH].as_chunks_mut().0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers without a pattern that a wrong order could hide behind.
    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|i| (((i + seed) * 7919 % 1009) as f32 - 504.0) / 97.0).collect()
    }

    fn check(rows: usize, depth: usize, columns: usize) {
        let (x, weights) = (numbers(rows * depth, 1), numbers(depth * columns, 2));
        let bias = numbers(columns, 3);
        let matrix = Packed::layer(&weights, &bias);
        let stride = columns.next_multiple_of(WIDTH);
        let x = Rows { numbers: &x, stride: depth };
        let run = |product: &dyn Fn(&mut RowsMut<'_>)| {
            let mut y = vec![0.0_f32; rows * stride];
            product(&mut RowsMut { numbers: &mut y, stride });
            y
        };
        let plain = run(&|y| product_plain(rows, x, &matrix, y));
        for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |c| (row, c))) {
            let pairs = x.numbers[row * depth..].iter().zip(&weights[column * depth..]).take(depth);
            let sum = pairs.fold(bias[column], |sum, (x, weight)| fused(*x, *weight, sum));
            assert_eq!(plain[row * stride + column].to_bits(), sum.to_bits());
        }
        let near = |other: &[f32]| {
            let largest = plain.iter().zip(other).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(largest < 1e-2, "{rows} {depth} {columns}: {largest}");
        };
        #[cfg(target_arch = "x86_64")]
        {
            let v3 = X64V3Token::summon().map(|v3| run(&|y| product_v3(v3, rows, x, &matrix, y)));
            let v4 = X64V4Token::summon().map(|v4| run(&|y| product_v4(v4, rows, x, &matrix, y)));
            v3.iter().chain(&v4).for_each(|other| near(other));
            if let (Some(v3), Some(v4)) = (v3, v4) {
                assert_eq!(v3, v4, "both fuse, in the same order");
            }
        }
        near(&run(&|y| product(rows, x, &matrix, y)));
    }

    #[test]
    fn all_processors_give_what_plain_arithmetic_gives() {
        for (rows, depth, columns) in [(4, 1, 1), (12, 32, 40), (16, 7, 33), (28, 100, 96)] {
            check(rows, depth, columns);
        }
    }
}
