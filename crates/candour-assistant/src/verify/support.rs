//! Most of what a sentence says must be in what it cites. This is a heuristic: it compares words and
//! what they mean one by one, and knows nothing of how they hang together.

use super::Code;
use super::claim::Claim;
use super::lexicon::Role;
use super::meaning::Meanings;
use super::reading::Mark;

/// The least share of a sentence's telling words that must be found.
const LEAST: f32 = 0.6;
/// The same where it has a figure of its source.
const LEAST_WITH_FIGURE: f32 = 0.5;
/// The same between two languages, where every word is found by its meaning alone.
const LEAST_ACROSS: f32 = 0.3;

/// Checks the words of a sentence.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    let figures = known_figures(claim);
    let (found, least) = match (claim.same_language, figures) {
        (false, _) => (nearness(claim), LEAST_ACROSS),
        (true, 0) => (share(claim, 0), LEAST),
        (true, figures) => (share(claim, figures), LEAST_WITH_FIGURE),
    };
    if found >= least { Ok(()) } else { Err(Code::SupportLow) }
}

/// How near a sentence is to all that it cites, by what they mean.
fn nearness(claim: &Claim<'_>) -> f32 {
    let lines: Vec<&str> = claim.lines.iter().map(|line| line.text).collect();
    Meanings::of([lines.join(" ").as_str()]).nearest(claim.text)
}

/// How many figures of a sentence are in its source.
fn known_figures(claim: &Claim<'_>) -> usize {
    let figures = claim.reading.figures.iter();
    figures.filter(|figure| claim.bears_out(&figure.value)).count()
}

/// The share of a sentence's telling words and figures whose stem, meaning or value is in its source.
fn share(claim: &Claim<'_>, figures: usize) -> f32 {
    let reading = &claim.reading;
    let words = (0..reading.words.len())
        .filter(|at| reading.words[*at].telling && !reading.is_counted(*at));
    // `It costs nothing` is in `it is free`.
    let is_meant = |at: usize| {
        let is_side = |mark: &&Mark| {
            mark.to > mark.from + 1
                && (mark.from..mark.to).contains(&at)
                && matches!(mark.role, Role::Opposite(..))
        };
        let mut sides = reading.marks.iter().filter(is_side);
        sides.any(|side| {
            claim.lines.iter().flat_map(|line| &line.reading.marks).any(|m| m.role == side.role)
        })
    };
    let (found, missing): (Vec<usize>, Vec<usize>) =
        words.partition(|at| claim.has_stem(&reading.words[*at].stem) || is_meant(*at));
    if missing.is_empty() {
        return 1.0;
    }
    let source = claim.source_meanings();
    let near = missing.iter().filter(|at| source.has_near(&reading.words[**at].text)).count();
    // A figure alone supports nothing.
    let supported = found.len() + near;
    let figures = if supported == 0 { 0 } else { figures };
    (supported + figures) as f32 / (found.len() + missing.len() + figures) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_source_does_not_speak_of_is_dropped() {
        for (text, quotes, expected) in [
            ("A permit for your vehicle costs £42.", "The price of a car permit is £42.", true),
            ("The mayor opens a swimming pool.", "The price of a car permit is £42.", false),
            (
                "Your application is decided within 5 days.",
                "We decide applications within 5 days.",
                true,
            ),
            (
                "It costs nothing to register.",
                "Registration is free and we cannot refuse it.",
                true,
            ),
            ("We must reply within 56 days.", "You have 56 days to pay.", false),
            ("cy: Pris trwydded yw £42.", "Mae trwydded yn costio £42.", true),
            ("cy: Mae’r maer yn agor pwll nofio.", "Mae trwydded yn costio £42.", false),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
