//! What is wanted of the vectors of a batch. Each loss adds to `slopes` how it grows with each number,
//! and returns its own value.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use crate::texts::TextId;

/// Pairs of a batch: the vectors of their left texts come first, then those of the right ones.
pub(crate) struct Pairs<'a> {
    /// The two texts, and how much the pair counts.
    pub(crate) texts: &'a [(TextId, TextId, f32)],
    pub(crate) temperature: f32,
}

/// Of all texts on the other side, the one of the same pair should be nearest (InfoNCE, both ways:
/// van den Oord and others, 2018).
pub(crate) fn apart(vectors: &Array2<f32>, pairs: &Pairs<'_>, slopes: &mut Array2<f32>) -> f32 {
    let count = pairs.texts.len();
    let (left, right) = vectors.view().split_at(Axis(0), count);
    let cosines = product(&left, &right.t());
    let total: f32 = pairs.texts.iter().map(|(_, _, weight)| weight).sum();
    let (mut wanted, loss) = competition(&cosines.view(), pairs, total);
    let (back, back_loss) = competition(&cosines.t(), pairs, total);
    wanted += &back.t();
    wanted *= 0.5 / pairs.temperature;
    let (mut of_left, mut of_right) = slopes.view_mut().split_at(Axis(0), count);
    of_left += &product(&wanted.view(), &right);
    of_right += &product(&wanted.t(), &left);
    f32::midpoint(loss, back_loss)
}

/// How each cosine should change, by rows, and the loss of the rows.
fn competition(cosines: &ArrayView2<'_, f32>, pairs: &Pairs<'_>, total: f32) -> (Array2<f32>, f32) {
    let row = |(at, (left, right, weight)): (usize, &(TextId, TextId, f32))| {
        // The same text twice in a batch is no wrong answer.
        let is_rival = |other: usize| {
            let same = |(l, r, _): &(TextId, TextId, f32)| l == left || r == right;
            other == at || !pairs.texts.get(other).is_some_and(same)
        };
        let scores = cosines.row(at);
        let best = scores.iter().copied().fold(-1.0, f32::max);
        let mut shares: Vec<f32> = (0..scores.len())
            .map(|other| {
                let score = ((scores[other] - best) / pairs.temperature).exp();
                if is_rival(other) { score } else { 0.0 }
            })
            .collect();
        let sum: f32 = shares.iter().sum();
        let mine = weight / total;
        for share in &mut shares {
            *share *= mine / sum;
        }
        let loss = -(shares[at] / mine).max(1e-9).ln() * mine;
        shares[at] -= mine;
        (shares, loss)
    };
    let rows: Vec<(Vec<f32>, f32)> = pairs.texts.par_iter().enumerate().map(row).collect();
    let loss = rows.iter().map(|(_, loss)| loss).sum();
    let wanted = rows.iter().flat_map(|(shares, _)| shares).copied().collect();
    let shape = (rows.len(), rows.len());
    (Array2::from_shape_vec(shape, wanted).unwrap_or_else(|_| Array2::zeros(shape)), loss)
}

/// Each vector should be near what the teacher says of its text, where it says something.
pub(crate) fn near(
    vectors: &Array2<f32>,
    lessons: &[Option<&[f32]>],
    weight: f32,
    slopes: &mut Array2<f32>,
) -> f32 {
    let count = lessons.iter().flatten().count().max(1) as f32;
    let mut loss = 0.0;
    for (at, lesson) in lessons.iter().enumerate() {
        let Some(lesson) = lesson.map(ndarray::ArrayView1::from) else { continue };
        loss += 1.0 - vectors.row(at).dot(&lesson);
        slopes.row_mut(at).scaled_add(-weight / count, &lesson);
    }
    loss / count
}

/// The texts of a batch should be as near to each other as the teacher says: the Kullback–Leibler
/// divergence of what each text's neighbours are.
pub(crate) fn neighbours(
    vectors: &Array2<f32>,
    lessons: &Array2<f32>,
    temperature: f32,
    weight: f32,
    slopes: &mut Array2<f32>,
) -> f32 {
    let count = vectors.nrows();
    let (ours, theirs) =
        (product(&vectors.view(), &vectors.t()), product(&lessons.view(), &lessons.t()));
    let row = |at: usize| {
        let (ours, theirs) = (shares(&ours, at, temperature), shares(&theirs, at, temperature));
        let both = || ours.iter().zip(&theirs);
        let told = both().filter(|(_, theirs)| **theirs > 1e-9);
        let loss: f32 = told.map(|(ours, theirs)| theirs * (theirs / ours.max(1e-9)).ln()).sum();
        (both().map(|(ours, theirs)| ours - theirs).collect::<Vec<f32>>(), loss)
    };
    let rows: Vec<(Vec<f32>, f32)> = (0..count).into_par_iter().map(row).collect();
    let wanted = rows.iter().flat_map(|(wanted, _)| wanted).copied().collect();
    let shape = (count, count);
    let wanted = Array2::from_shape_vec(shape, wanted).unwrap_or_else(|_| Array2::zeros(shape));
    let mut both_ways = &wanted + &wanted.t();
    both_ways *= weight / temperature / count as f32;
    *slopes += &product(&both_ways.view(), &vectors.view());
    rows.iter().map(|(_, loss)| loss).sum::<f32>() / count as f32
}

/// How a text divides its attention among the others.
fn shares(cosines: &Array2<f32>, at: usize, temperature: f32) -> Vec<f32> {
    let scores = cosines.row(at);
    let others = scores.iter().enumerate().filter(|(other, _)| *other != at);
    let best = others.map(|(_, score)| *score).fold(-1.0, f32::max);
    let mut shares: Vec<f32> =
        scores.iter().map(|score| ((score - best) / temperature).exp()).collect();
    shares[at] = 0.0;
    let sum: f32 = shares.iter().sum();
    for share in &mut shares {
        *share /= sum;
    }
    shares
}

/// A product of matrices, its rows in two halves side by side.
fn product(left: &ArrayView2<'_, f32>, right: &ArrayView2<'_, f32>) -> Array2<f32> {
    let (above, below) = left.split_at(Axis(0), left.nrows() / 2);
    let (above, below) = rayon::join(|| above.dot(right), || below.dot(right));
    ndarray::concatenate(Axis(0), &[above.view(), below.view()]).unwrap_or_else(|_| left.dot(right))
}
