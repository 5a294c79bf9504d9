//! A figure of one line among the words of another: `registering costs £12.50` over `it is free` and `a certificate
//! costs £12.50`.

use crate::verify::claim::{Claim, Line};
use crate::verify::figure::{Figure, Value};
use crate::verify::lexicon::{Lexicon, Role};
use crate::verify::meaning::Meanings;
use crate::verify::reading::{Reading, Word};

/// Whether a sentence has a figure of lines of which it says at most half of the words, and a word of what else
/// is cited, or stands above, that these have not. Rows are read by `rows`.
pub(super) fn are_mixed(claim: &Claim<'_>) -> bool {
    let lines: Vec<&Line<'_>> =
        claim.lines.iter().filter(|line| !line.is_header && !line.is_stem()).collect();
    let own = Meanings::telling(&claim.reading.words);
    // A sentence that has the figures of several lines sums them up.
    let figures: Vec<&Figure> = claim.reading.figures.iter().filter(|f| counts(f)).collect();
    let all = |line: &&&Line<'_>| figures.iter().all(|f| line.reading.bears_out(&f.value));
    let is_of_one_line = lines.iter().any(|line| all(&line));
    is_of_one_line
        && figures.into_iter().any(|figure| {
            let (with, without): (Vec<&Line<'_>>, Vec<&Line<'_>>) =
                lines.iter().partition(|line| line.reading.bears_out(&figure.value));
            let is_row = lines.iter().any(|line| line.text.contains('|'));
            if with.is_empty() || without.is_empty() || is_row {
                return false;
            }
            let is_half_said = |line: &&Line<'_>| {
                let words: Vec<&Word> = telling(&line.reading, figure, claim).collect();
                let is_said =
                    |word: &&&Word| claim.reading.has_stem(&word.stem) || own.has_near(&word.text);
                let said = words.iter().filter(is_said).count();
                said < words.len() && said * 2 <= words.len()
            };
            with.iter().all(is_half_said) && speaks_of(claim, &with, &without)
        })
}

/// Whether a sentence has a word that others have and these lines have not, nor one near to it.
fn speaks_of(claim: &Claim<'_>, these: &[&Line<'_>], others: &[&Line<'_>]) -> bool {
    let words = these.iter().flat_map(|line| &line.reading.words);
    let meanings = Meanings::telling(words);
    let mut own = claim.reading.telling(0, claim.reading.words.len());
    own.any(|word| {
        let has = |line: &Line<'_>| line.has_stem(&word.stem);
        let stands_there = others.iter().any(|line| has(line)) || claim.around.iter().any(has);
        stands_there
            && !is_price(&claim.reading, word, claim)
            && !these.iter().any(|line| has(line))
            && !meanings.has_near(&word.text)
    })
}

/// The telling words of the sentence of a line that has a figure, but for those that say that it is a price.
fn telling<'r>(
    reading: &'r Reading,
    figure: &Figure,
    claim: &'r Claim<'_>,
) -> impl Iterator<Item = &'r Word> {
    let place = reading.figures.iter().find(|other| figure.value.says(&other.value));
    let (from, to) = place.map_or((0, reading.words.len()), |place| reading.sentence(place.from));
    let words = (from..to).filter(|at| !reading.is_counted(*at)).map(|at| &reading.words[at]);
    words.filter(move |word| word.telling && !is_price(reading, word, claim))
}

fn is_price(reading: &Reading, word: &Word, claim: &Claim<'_>) -> bool {
    let pair = Lexicon::of(&claim.locale).free;
    reading.marks.iter().any(|mark| {
        let is_side =
            pair.is_some_and(|pair| matches!(mark.role, Role::Opposite(p, _) if p == pair));
        is_side && reading.words[mark.from..mark.to].iter().any(|other| other.text == word.text)
    })
}

fn counts(figure: &Figure) -> bool {
    !matches!(figure.value, Value::Ordinal(_) | Value::Rate(..) | Value::Code(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_stays_among_the_words_of_its_line() {
        for (text, quotes, expected) in [
            (
                "You have 21 days to appeal against a refused exemption.",
                "You must tell us within 21 days if the home is not exempt.\nIf we refuse an exemption, you can appeal.",
                false,
            ),
            (
                "We reply to objections within 28 days.",
                "The keeper then has 28 days to make a formal challenge.\nWe reply to objections.",
                false,
            ),
            (
                "The keeper has 28 days to challenge it, and we reply.",
                "The keeper has 28 days to challenge it.\nWe reply to objections.",
                true,
            ),
            ("It costs £9 to join.", "It costs £9.", true),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(!are_mixed(&claim), expected, "{text} from {quotes}");
        }
    }
}
