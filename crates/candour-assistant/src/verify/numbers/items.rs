//! A figure of one item of a list is not that of another: `dishonesty, in the last 7 years`.

use crate::verify::claim::{Claim, Line};
use crate::verify::meaning::Meanings;
use crate::verify::reading::Word;

/// Whether a sentence gives an item the figure of others of which it says no word.
pub(super) fn is_anothers(claim: &Claim<'_>) -> bool {
    let is_item =
        |line: &&Line<'_>| !line.is_stem() && !line.text.contains('|') && !line.text.ends_with('.');
    if !claim.lines.iter().any(Line::is_stem) {
        return false;
    }
    let items: Vec<&Line<'_>> = claim.lines.iter().filter(is_item).collect();
    let own: Vec<&Word> = claim.reading.telling(0, claim.reading.words.len()).collect();
    let near = Meanings::telling(own.iter().copied());
    let says =
        |word: &Word| own.iter().any(|other| other.stem == word.stem) || near.has_near(&word.text);
    claim.reading.figures.iter().any(|figure| {
        let has = |line: &&&Line<'_>| line.reading.bears_out(&figure.value);
        let (with, without): (Vec<&Line<'_>>, Vec<&Line<'_>>) = items.iter().partition(has);
        let is_beside =
            claim.sources().any(|line| !is_item(&line) && line.reading.bears_out(&figure.value));
        let apart = |line: &Line<'_>, others: &[&Line<'_>]| -> Vec<bool> {
            let reading = &line.reading;
            let words = (0..reading.words.len()).filter(|at| !reading.is_counted(*at));
            let words = words.map(|at| &reading.words[at]).filter(|word| word.telling);
            let is_own = |word: &&Word| !others.iter().any(|other| other.has_stem(&word.stem));
            words.filter(is_own).map(says).collect()
        };
        !with.is_empty()
            && !is_beside
            && with.iter().all(|line| {
                let words = apart(line, &without);
                !words.is_empty() && !words.contains(&true)
            })
            && without.iter().any(|line| {
                let words = apart(line, &with);
                words.iter().filter(|said| **said).count() > 1
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_keep_their_figures() {
        const REFUSED: &str = "We refuse if you were fined for:\nsinking a boat, at any time\nspeeding, in the last 7 years";
        for (text, expected) in [
            ("We refuse if you were fined for sinking a boat in the last 7 years.", false),
            ("We refuse if you were fined for speeding in the last 7 years.", true),
            ("We refuse if you were fined for sinking a boat.", true),
        ] {
            let claim = Claim::plain(text, REFUSED);
            assert_eq!(!is_anothers(&claim), expected, "{text}");
        }
    }
}
