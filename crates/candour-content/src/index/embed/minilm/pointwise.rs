//! What is done number by number between the products: normalising, softmax and GELU.
//!
//! Plain loops in a fixed order of adding, compiled for each kind of processor. There are no fused
//! multiply-adds here, so that every processor gives the same last bit.

#![expect(clippy::excessive_precision, reason = "the handbook's own figures are easier to check")]

use archmage::prelude::*;

const LANES: usize = 16;
/// Adding it rounds to a whole number, which then stands in the low bits: 1.5 times 2 to the 23rd.
pub(super) const ROUND: f32 = 12_582_912.0;
/// What keeps BERT's division from dividing by nothing.
const EPSILON: f32 = 1e-12;

/// What a normalised row is multiplied by, and what is added to it.
#[derive(Debug)]
pub(super) struct Norm {
    pub(super) gain: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

/// Adds `more` to `row`, and brings the sum to mean 0 and variance 1, then to the norm's own.
#[autoversion(v4, v3, neon, scalar)]
pub(super) fn add_and_normalise(row: &mut [f32], more: &[f32], norm: &Norm) {
    for (number, more) in row.iter_mut().zip(more) {
        *number += more;
    }
    let count = row.len() as f32;
    let mean = sum(row, |number| number) / count;
    let variance = sum(row, |number| (number - mean) * (number - mean)) / count;
    let scale = 1.0 / (variance + EPSILON).sqrt();
    for ((number, gain), bias) in row.iter_mut().zip(&norm.gain).zip(&norm.bias) {
        *number = (*number - mean) * scale * gain + bias;
    }
}

/// The softmax of `scale` times a row.
#[autoversion(v4, v3, neon, scalar)]
pub(super) fn softmax(row: &mut [f32], scale: f32) {
    let largest = largest(row);
    for number in row.iter_mut() {
        *number = exp((*number - largest) * scale);
    }
    let inverse = 1.0 / sum(row, |number| number);
    for number in row {
        *number *= inverse;
    }
}

/// `x / 2 · (1 + erf(x / √2))` of every number.
#[autoversion(v4, v3, neon, scalar)]
pub(super) fn gelu(numbers: &mut [f32]) {
    for number in numbers {
        *number = *number * 0.5 * (1.0 + erf(*number * std::f32::consts::FRAC_1_SQRT_2));
    }
}

/// The largest number, in lanes as well.
#[inline(always)]
fn largest(numbers: &[f32]) -> f32 {
    let larger = |a: f32, b: f32| if a > b { a } else { b };
    let mut most = [f32::MIN; LANES];
    let (whole, rest) = numbers.as_chunks::<LANES>();
    for lanes in whole {
        for (most, number) in most.iter_mut().zip(lanes) {
            *most = larger(*most, *number);
        }
    }
    most.iter().chain(rest).copied().fold(f32::MIN, larger)
}

/// A sum in lanes: wide, and in the same order everywhere.
#[inline(always)]
fn sum(numbers: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut sums = [0.0; LANES];
    let (whole, rest) = numbers.as_chunks::<LANES>();
    for lanes in whole {
        for (sum, number) in sums.iter_mut().zip(lanes) {
            *sum += of(*number);
        }
    }
    for (sum, number) in sums.iter_mut().zip(rest) {
        *sum += of(*number);
    }
    sums.iter().sum()
}

/// The error function to 1.5e-7, by Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
#[inline(always)]
fn erf(x: f32) -> f32 {
    let size = x.abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * size);
    let series = t
        * (0.254_829_592
            + t * (-0.284_496_736
                + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    (1.0 - series * exp(-size * size)).copysign(x)
}

/// The exponential of a number that is not positive: a power of two, which is set in the exponent's
/// bits, times the Taylor series of what remains between -0.35 and 0.35.
#[inline(always)]
fn exp(x: f32) -> f32 {
    let x = if x > -87.0 { x } else { -87.0 };
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let whole = rounded - ROUND;
    // The logarithm of 2 in two parts, of which the first has few enough bits to multiply exactly.
    let rest = x - whole * 0.693_359_375 + whole * 2.121_944_4e-4;
    let series = 1.0
        + rest
            * (1.0
                + rest
                    * (1.0 / 2.0
                        + rest
                            * (1.0 / 6.0
                                + rest * (1.0 / 24.0 + rest * (1.0 / 120.0 + rest / 720.0)))));
    let power = (rounded.to_bits() << 23).wrapping_add(127 << 23);
    series * f32::from_bits(power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softmax_adds_to_one_and_keeps_the_order() {
        let mut row: Vec<f32> = (0..37).map(|i| (i * 29 % 37) as f32 - 90.0).collect();
        let before = row.clone();
        softmax(&mut row, 0.5);
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        for (share, number) in row.iter().zip(&before) {
            let ratio = f64::from(*share / row[0]).ln();
            assert!((ratio - 0.5 * f64::from(number - before[0])).abs() < 1e-4);
        }
    }

    #[test]
    fn the_exponential_is_right_to_seven_digits() {
        for x in (-8_700..=0).map(|i| i as f32 / 100.0) {
            let right = f64::from(x).exp();
            assert!((f64::from(exp(x)) / right - 1.0).abs() < 3e-7, "{x}");
        }
    }

    #[test]
    fn gelu_has_its_known_values() {
        // By the normal distribution's tables: x times the share below x.
        let mut numbers = [-10.0, -1.0, 0.0, 0.5, 1.0, 2.0, 10.0];
        gelu(&mut numbers);
        let known = [0.0, -0.158_655_25, 0.0, 0.345_731_23, 0.841_344_75, 1.954_499_7, 10.0];
        for (number, known) in numbers.iter().zip(known) {
            assert!((number - known).abs() < 5e-7, "{number} {known}");
        }
    }

    #[test]
    fn a_normalised_row_has_mean_0_and_variance_1() {
        let mut row: Vec<f32> = (0..384).map(|i| (i * 31 % 384) as f32).collect();
        let norm = Norm { gain: vec![1.0; 384], bias: vec![0.0; 384] };
        add_and_normalise(&mut row, &vec![5.0; 384], &norm);
        let mean = row.iter().sum::<f32>() / 384.0;
        let variance = row.iter().map(|number| number * number).sum::<f32>() / 384.0;
        assert!(mean.abs() < 1e-5 && (variance - 1.0).abs() < 1e-5, "{mean} {variance}");
    }
}
