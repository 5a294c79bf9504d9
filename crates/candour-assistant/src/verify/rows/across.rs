//! A figure of a row in another language than the sentence, where another cell or row may be meant.

use super::Row;
use crate::verify::claim::Claim;
use crate::verify::figure::Figure;
use crate::verify::meaning::Meanings;
use crate::verify::reading::Word;

/// So much nearer to the sentence another row's name may not be.
const NEARER: f32 = 0.03;
/// A row is named where a word of its name is at least so near to one of the sentence.
const KNOWN: f32 = 0.4;

/// Whether a sentence says one figure of several of its kind in a row, or one of a row whose name is farther
/// from its words than another's. Names and columns cannot be matched word by word between two languages.
pub(super) fn may_be_anothers(claim: &Claim<'_>, rows: &[Row<'_>]) -> bool {
    let own = &claim.reading;
    let meanings = Meanings::telling(&own.words);
    own.figures.iter().any(|figure| {
        let (with, without): (Vec<&Row<'_>>, Vec<&Row<'_>>) =
            rows.iter().partition(|row| row.reading.bears_out(&figure.value));
        let [row] = with[..] else { return false };
        let is_rival = |other: &&&Row<'_>| {
            let mut figures = other.reading.figures.iter();
            figures.any(|other| other.value.family() == figure.value.family())
        };
        let mut rivals = without.iter().filter(is_rival).peekable();
        // A row that is named by nothing that is said may be any.
        let is_unknown = rivals.peek().is_some() && nearness_of_name(row, &meanings) < KNOWN;
        is_unknown
            || rivals.any(|other| {
                nearness(other, row, &meanings) > nearness(row, other, &meanings) + NEARER
                    || on_average(other, &meanings) > on_average(row, &meanings) + NEARER
            })
            || is_one_of(claim, row, figure)
    })
}

/// Whether a row has other figures of this kind in other columns, which the sentence does not say.
fn is_one_of(claim: &Claim<'_>, row: &Row<'_>, figure: &Figure) -> bool {
    row.reading.figures.iter().any(|other| {
        other.from > row.from
            && other.value.family() == figure.value.family()
            && !claim.reading.says(&other.value)
    })
}

/// How near the nearest word of a row's name is to those of a sentence; a figure that it says names it too.
fn nearness_of_name(row: &Row<'_>, own: &Meanings<'_>) -> f32 {
    let words = row.reading.words[..row.from].iter().filter(|word| word.telling);
    words.map(|word| own.nearest(&word.text)).fold(0.0, f32::max)
}

/// How near the nearest word of a row's name that another's does not have is to those of a sentence.
fn nearness(row: &Row<'_>, other: &Row<'_>, own: &Meanings<'_>) -> f32 {
    let has = |word: &Word| other.reading.has_stem(&word.stem);
    let words = row.reading.words[..row.from].iter().filter(|word| word.telling && !has(word));
    words.map(|word| own.nearest(&word.text)).fold(0.0, f32::max)
}

/// How near the words of a row's name are to those of a sentence, on average.
fn on_average(row: &Row<'_>, own: &Meanings<'_>) -> f32 {
    let words = row.reading.words[..row.from].iter().filter(|word| word.telling);
    let near: Vec<f32> = words.map(|word| own.nearest(&word.text)).collect();
    near.iter().sum::<f32>() / near.len().max(1) as f32
}
