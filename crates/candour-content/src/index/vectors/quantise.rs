//! Vectors of small whole numbers: what is stored of a vector, and what a question is compared by.
//!
//! Some directions of an embedding carry far more than others. A fixed rotation spreads them over all
//! numbers first (Ailon and Chazelle, 2009, take signs and Hadamard transforms for this), which keeps
//! every cosine, lets one scale serve all numbers of a vector, and makes their signs alone telling.

/// The greatest number of a stored vector.
const MOST: f32 = 127.0;
/// How often signs and transforms are repeated; two rounds mix any number of dimensions well.
const ROUNDS: u64 = 2;

/// A vector as it is stored: rotated, and scaled so that its greatest number is 127. Only its
/// direction is kept. One of no length, or that is no vector, stays silent: all zeros.
pub fn quantise(vector: &[f32]) -> Vec<i8> {
    let mut rotated = vector.to_vec();
    rotate(&mut rotated);
    scaled(&rotated)
}

/// A vector as it is stored, that is rotated already.
pub(super) fn scaled(rotated: &[f32]) -> Vec<i8> {
    let most = rotated.iter().fold(0.0_f32, |most, number| most.max(number.abs()));
    let scale = MOST / most;
    if !scale.is_normal() {
        return vec![0; rotated.len()];
    }
    rotated.iter().map(|number| (number * scale).round() as i8).collect()
}

/// Turns a vector by fixed signs and Hadamard transforms. These need a power of two, so that each
/// round takes the first and the last numbers of such a length, which overlap.
fn rotate(vector: &mut [f32]) {
    let Some(length) = vector.len().checked_ilog2().map(|log| 1_usize << log) else { return };
    let last = vector.len() - length;
    for round in 0..ROUNDS {
        if let Some(first) = vector.get_mut(..length) {
            flip(first, 2 * round);
            transform(first);
        }
        if let Some(last) = vector.get_mut(last..).filter(|_| last > 0) {
            flip(last, 2 * round + 1);
            transform(last);
        }
    }
}

/// Changes the sign of about half of the numbers, the same ones each time.
fn flip(numbers: &mut [f32], seed: u64) {
    for (place, number) in (1_u64..).zip(numbers) {
        // The finalising steps of SplitMix64 (Steele and others, 2014).
        let mut hash = (seed << 32 | place).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash = (hash ^ hash >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash = (hash ^ hash >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        if hash >> 63 == 1 {
            *number = -*number;
        }
    }
}

/// The Hadamard transform of a power of two of numbers, which keeps their length.
fn transform(numbers: &mut [f32]) {
    let mut half = 1;
    while half < numbers.len() {
        for piece in numbers.chunks_exact_mut(2 * half) {
            let (first, second) = piece.split_at_mut(half);
            for (a, b) in first.iter_mut().zip(second) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
    let scale = 1.0 / (numbers.len() as f32).sqrt();
    for number in numbers {
        *number *= scale;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cosine(a: &[f32], b: &[f32]) -> f32 {
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    }

    #[test]
    fn what_has_no_direction_stays_silent() {
        for vector in [vec![], vec![0.0; 7], vec![f32::NAN, 1.0], vec![f32::INFINITY; 3]] {
            let silent = quantise(&vector);
            assert!(silent.len() == vector.len() && silent.iter().all(|number| *number == 0));
        }
    }

    proptest! {
        #[test]
        fn cosines_are_kept(
            (a, b) in (1_usize..400).prop_flat_map(|dimensions| {
                let vector = || prop::collection::vec(-1.0_f32..1.0, dimensions);
                (vector(), vector())
            }),
        ) {
            let is_long = |vector: &[f32]| vector.iter().any(|number| number.abs() > 0.1);
            prop_assume!(is_long(&a) && is_long(&b));
            let small = |vector: &[f32]| -> Vec<f32> {
                quantise(vector).iter().map(|number| f32::from(*number)).collect()
            };
            let (was, is) = (cosine(&a, &b), cosine(&small(&a), &small(&b)));
            prop_assert!((was - is).abs() < 0.02, "{} became {}", was, is);
        }

        #[test]
        fn one_telling_direction_is_spread_over_all(place in 0_usize..300) {
            let mut vector = vec![0.0; 300];
            vector[place] = 1.0;
            let spread = quantise(&vector);
            let told = spread.iter().filter(|number| number.unsigned_abs() > 12).count();
            prop_assert!(told > 100, "{} of 300", told);
        }
    }
}
