//! One of several things that may be chosen is no duty: `you must do one of these`.

use crate::verify::claim::Claim;
use crate::verify::lexicon::{Modal, Role};
use crate::verify::reading::{Mark, Reading};

/// Words that leave a choice.
const CHOICES: [&str; 12] = [
    "or", "either", "one", "any", "choose", "can", "could", "neu", "naill", "un", "gallwch",
    "dewis",
];

/// Whether a sentence makes a duty of one item of a list of which one is enough.
pub(super) fn is_made_a_duty(claim: &Claim<'_>) -> bool {
    let obliges = |reading: &Reading| {
        let is_duty = |mark: &Mark| matches!(mark.role, Role::Modal(Modal::Must | Modal::Need));
        reading.marks.iter().any(is_duty)
    };
    let chooses = |reading: &Reading| {
        reading.words.windows(2).any(|two| {
            matches!(
                (two[0].text.as_str(), two[1].text.as_str()),
                ("one" | "any" | "either", "of") | ("un", "or" | "o")
            )
        })
    };
    let own = &claim.reading;
    let leaves_a_choice = own.has_one_of(&CHOICES);
    let is_list = claim
        .sources()
        .any(|line| line.is_stem() && chooses(&line.reading) && obliges(&line.reading));
    // `Which the tenant has to use` is a duty of the item's own.
    let items = claim.lines.iter().filter(|line| !line.is_stem() && !obliges(&line.reading));
    let says_an_item = items
        .into_iter()
        .any(|line| line.reading.words.iter().any(|word| word.telling && own.has_stem(&word.stem)));
    is_list && obliges(own) && !leaves_a_choice && says_an_item
}
