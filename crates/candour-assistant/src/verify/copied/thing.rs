//! Another thing in a line that is copied: `report wasps` for `report rats`.

use super::{AUXILIARIES, Change, marks};
use crate::verify::claim::Claim;
use crate::verify::lexicon::Role;
use crate::verify::meaning::Meanings;
use crate::verify::reading::{Mark, Reading, Word};

/// A word is unlike others when none is nearer to it.
const UNLIKE: f32 = 0.35;

/// `Report wasps` for `report rats`: behind the verb that both begin with, what is named nowhere stands for
/// what the line names.
pub(super) fn puts_another_thing(claim: &Claim<'_>, changes: &[Change], source: &Reading) -> bool {
    let tells = |reading: &Reading, at: &usize| reading.words[*at].telling;
    let added = || changes.iter().flat_map(|change| &change.added);
    let new: Vec<&usize> = added().filter(|at| tells(&claim.reading, at)).collect();
    let [new] = new[..] else { return false };
    let word = &claim.reading.words[*new];
    let is_exchanged = changes
        .iter()
        .any(|change| change.added.contains(new) && change.lost.iter().any(|at| tells(source, at)));
    let first = |reading: &Reading| {
        reading.words.first().filter(|word| word.telling).map(|word| word.stem.clone())
    };
    let is_object = *new <= 2 && first(source).is_some() && first(&claim.reading) == first(source);
    let is_unlike = || claim.source_meanings().nearest(&word.text) < UNLIKE;
    is_exchanged
        && !claim.has_stem(&word.stem)
        && (is_object && is_unlike() || is_one_for_another(changes, word, &claim.reading, source))
}

/// `The only adult who works here` for `who lives here`: a sentence that is the line word for word but for one
/// place, where it has a word that is not near what stands there.
fn is_one_for_another(changes: &[Change], word: &Word, own: &Reading, source: &Reading) -> bool {
    let [change] = changes else { return false };
    let lost = || change.lost.iter().map(|at| &source.words[*at]);
    // `Comes` for `is made` is a verb for another, and `maent` says nothing of its own.
    let is_modal = |mark: &Mark| matches!(mark.role, Role::Modal(_));
    let is_verb = marks(own, &change.added).any(is_modal)
        || lost().any(|word| {
            AUXILIARIES.contains(&word.text.as_str())
                || matches!(word.text.as_str(), "maent" | "maen")
        });
    !is_verb && Meanings::telling(lost()).nearest(&word.text) < UNLIKE
}

#[cfg(test)]
mod tests {
    use crate::verify::claim::Claim;
    use crate::verify::copied::check;

    #[test]
    fn nothing_stands_in_the_place_of_another() {
        const SHIP: &str = "You get a berth if you are the only adult who lives on the ship.";
        for (text, expected) in [
            ("You get a berth if you are the only adult who works on the ship.", false),
            ("You get a berth if you are the only tenant who lives on the ship.", false),
            ("You can have a berth if you are the only adult who lives on the ship.", true),
            ("You get a berth if you are the only adult living on the ship.", true),
        ] {
            let claim = Claim::plain(text, SHIP);
            assert_eq!(check(&claim).is_ok(), expected, "{text}");
        }
    }
}
