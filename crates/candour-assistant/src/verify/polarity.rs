//! A sentence may not deny what its quote affirms, nor allow what it forbids, nor turn a limit round.

use super::Code;
use crate::words::phrase;

/// Checks a sentence against the words it cites.
pub(super) fn check(text: &str, quotes: &str) -> Result<(), Code> {
    let (claim, source) = (marks(text), marks(quotes));
    let source_lines: Vec<Marks> = quotes.lines().map(marks).collect();
    // A claim may rest on one line of several; then that line decides.
    let agrees = |line: &Marks| line.denials == claim.denials;
    let denial_agrees = agrees(&source) || source_lines.iter().any(agrees);
    let is_subset = |of: &[usize], all: &[usize]| of.iter().all(|mark| all.contains(mark));
    let limits_agree = is_subset(&claim.limits, &source.limits);
    let modals_agree = is_subset(&claim.modals, &source.modals);
    if denial_agrees && limits_agree && modals_agree { Ok(()) } else { Err(Code::PolarityChanged) }
}

#[derive(Debug, Default, PartialEq)]
struct Marks {
    /// How many words deny.
    denials: usize,
    /// Which comparators stand in it, by group.
    limits: Vec<usize>,
    /// Which modals stand in it, by group.
    modals: Vec<usize>,
}

/// Single words: `allwch ddim` is counted by its second.
const DENIALS: [&str; 40] = [
    "not", "cannot", "cant", "dont", "doesnt", "didnt", "wont", "isnt", "arent", "wasnt", "mustnt",
    "shouldnt", "neednt", "couldnt", "havent", "hasnt", "never", "no", "none", "nobody", "nothing",
    "neither", "nor", "without", "ni", "nid", "nad", "na", "nac", "ddim", "dim", "heb", "peidiwch",
    "neb", "byth", "nis", "oni", "beidio", "chewch", "unable",
];

/// Groups of comparators that mean the same.
const LIMITS: [&[&str]; 10] = [
    &["at least", "or more", "no less than", "minimum", "o leiaf", "neu fwy"],
    &["at most", "up to", "no more than", "or less", "maximum", "hyd at", "dim mwy na", "neu lai"],
    &["more than", "over", "above", "exceeds", "mwy na", "dros"],
    &["less than", "under", "below", "fewer than", "llai na", "dan", "o dan"],
    &["before", "cyn"],
    &["after", "ar ol", "ar ôl", "wedi hynny"],
    &["until", "till", "tan"],
    &["from", "since", "o fis", "ers"],
    &["within", "o fewn"],
    &["only", "yn unig", "dim ond"],
];

/// Groups of modals that mean the same.
const MODALS: [&[&str]; 4] = [
    &["must", "have to", "has to", "need to", "required", "rhaid"],
    &[
        "can", "may", "able to", "cannot", "cant", "gallwch", "allwch", "gall", "all", "cewch",
        "gewch", "chewch",
    ],
    &["should", "dylech", "ddylech"],
    &["free", "am ddim", "free of charge"],
];

fn marks(text: &str) -> Marks {
    let words: Vec<String> = phrase(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let line = format!(" {} ", words.join(" "));
    let has = |name: &&str| line.contains(&format!(" {name} "));
    let groups = |groups: &[&[&str]]| {
        let found = groups.iter().enumerate().filter(|(_, names)| names.iter().any(has));
        found.map(|(group, _)| group).collect()
    };
    let denials = words.iter().filter(|word| DENIALS.contains(&word.as_str())).count();
    Marks { denials, limits: groups(&LIMITS), modals: groups(&MODALS) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denials_limits_and_modals_must_agree() {
        for (text, quote, expected) in [
            ("You can apply.", "You can apply online.", true),
            ("You cannot apply.", "You can apply online.", false),
            ("You can apply.", "You cannot apply.", false),
            ("You do not need it.", "You don’t need it.", true),
            ("You need it.", "You do not need it.", false),
            ("You must apply.", "You should apply.", false),
            ("Savings of more than £100.", "Savings of less than £100.", false),
            ("Savings of £100 or more.", "Savings of at least £100.", true),
            ("Savings of at most £100.", "Savings of at least £100.", false),
            ("Apply before you move.", "Apply after you move.", false),
            ("It is free.", "It costs £1.", false),
            ("Gallwch wneud cais.", "Ni allwch wneud cais.", false),
            ("Fe wnawn ni dalu.", "Wnawn ni ddim talu.", false),
            ("Nid oes angen trwydded.", "Mae angen trwydded.", false),
        ] {
            assert_eq!(check(text, quote).is_ok(), expected, "{text} from {quote}");
        }
    }
}
