//! A figure of one column is not that of another whose name a sentence says.

use std::collections::BTreeSet;

use super::Row;
use crate::verify::claim::Claim;
use crate::verify::figure::Figure;
use crate::verify::reading::{Reading, Word};

/// Within so many words before a column's name it is left out.
const OUTSIDE_WITHIN: usize = 5;

/// Whether a sentence says one column's name alone, and a figure of the rows that it names that stands in
/// other columns only.
pub(super) fn is_in_another(claim: &Claim<'_>, rows: &[Row<'_>], names: &[(usize, usize)]) -> bool {
    let rows: Vec<&Row<'_>> = names.iter().map(|(_, row)| &rows[*row]).collect();
    let Some(header) = rows.first().and_then(|row| row.header) else { return false };
    let Some(place) = named(&claim.reading, header) else { return false };
    let is_elsewhere = |figure: &Figure| {
        let columns = rows.iter().flat_map(|row| columns_of(figure, row.reading));
        let columns: BTreeSet<usize> = columns.collect();
        let family = figure.value.family();
        // A name that another cell of the row answers in its own way says nothing of this figure.
        let has_like = rows.iter().any(|row| {
            let is_there = |other: &Figure| {
                other.value.family() == family && row.reading.column(other.from) == place
            };
            row.reading.figures.iter().any(is_there)
        });
        !columns.is_empty() && !columns.contains(&0) && !columns.contains(&place) && has_like
    };
    // Of two figures the column may be that of the other.
    let mut figures = claim.reading.figures.iter();
    let is_there =
        |figure: &Figure| rows.iter().any(|row| columns_of(figure, row.reading).contains(&place));
    !figures.clone().any(is_there) && figures.any(is_elsewhere)
}

/// The one column of which a sentence says a word that stands in no other's name.
fn named(own: &Reading, header: &Reading) -> Option<usize> {
    let cells: Vec<BTreeSet<&str>> = header
        .words
        .split(|word| word.text == "|")
        .map(|cell| {
            cell.iter().filter(|word| word.telling).map(|word| word.stem.as_str()).collect()
        })
        .collect();
    let says = |stem: &str| own.words.iter().any(|word: &Word| word.telling && word.stem == stem);
    let is_named = |column: &usize| {
        let others = || cells.iter().enumerate().filter(|(other, _)| other != column);
        let is_own = |stem: &&&str| !others().any(|(_, cell)| cell.contains(**stem));
        cells[*column].iter().filter(is_own).any(|stem| says(stem))
    };
    let named: Vec<usize> = (1..cells.len()).filter(is_named).collect();
    let [column] = named[..] else { return None };
    let is_left_out = own
        .words
        .iter()
        .enumerate()
        .any(|(at, word)| cells[column].contains(word.stem.as_str()) && is_outside(own, at));
    match (is_left_out, cells.len()) {
        (false, _) => Some(column),
        // Of two columns the other is meant.
        (true, 3) => Some(3 - column),
        (true, _) => None,
    }
}

/// Whether what a word names is left out: `outside the town centre`, `not in the town centre`.
fn is_outside(own: &Reading, at: usize) -> bool {
    const OUTSIDE: [&str; 9] =
        ["outside", "not", "beyond", "except", "elsewhere", "away", "allan", "heblaw", "eithrio"];
    let before = &own.words[at.saturating_sub(OUTSIDE_WITHIN)..at];
    let near = before.iter().rev().take_while(|word| !word.is_sign());
    near.into_iter().any(|word| OUTSIDE.contains(&word.text.as_str()))
}

fn columns_of(figure: &Figure, reading: &Reading) -> Vec<usize> {
    let same = reading.figures.iter().filter(|other| figure.value.says(&other.value));
    same.map(|other| reading.column(other.from)).collect()
}

#[cfg(test)]
mod tests {
    use crate::verify::claim::Claim;
    use crate::verify::rows::check;

    #[test]
    fn figures_stay_in_their_columns() {
        const UNEVEN: &str = "Stay | By the lake | In the wood\nOne night | Free | £18\n\
            One month in your own tent in the summer | £400 | £250";
        const PITCHES: &str =
            "Stay | By the lake | In the wood\nOne night | £30 | £18\nOne month | £400 | £250";
        for (text, expected) in [
            ("A pitch for one night costs £30 by the lake.", true),
            ("A pitch for one night costs £18 by the lake.", false),
            ("A pitch for one night outside the wood costs £18.", false),
            ("A pitch for one night outside the wood costs £30.", true),
            ("A pitch for one month costs £250 in the wood.", true),
            ("A pitch for one month costs £400 in the wood.", false),
            ("One night costs £30 by the lake or £18 in the wood.", true),
        ] {
            let claim = Claim::plain(text, PITCHES);
            assert_eq!(check(&claim).is_ok(), expected, "{text}");
        }
        // The place of a word in one row is none in a shorter one.
        let claim = Claim::plain("By the lake, one night or one month costs £18.", UNEVEN);
        assert!(check(&claim).is_err());
    }
}
