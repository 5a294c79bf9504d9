//! Most of what a sentence says must be in what it cites. This is a heuristic: it compares words and
//! what they mean one by one, and knows nothing of how they hang together.

use super::Code;
use super::claim::Claim;
use super::figure::Figure;
use super::meaning::Meanings;
use super::reading::Word;

/// The least share of a sentence's telling words that must be found.
const LEAST: f32 = 0.6;
/// The same between two languages, where every word is found by its meaning alone.
const LEAST_ACROSS: f32 = 0.3;

/// Checks the words of a sentence.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    let (found, least) =
        if claim.same_language { (share(claim), LEAST) } else { (nearness(claim), LEAST_ACROSS) };
    if found >= least { Ok(()) } else { Err(Code::SupportLow) }
}

/// How near a sentence is to all that it cites, by what they mean.
fn nearness(claim: &Claim<'_>) -> f32 {
    let lines: Vec<&str> = claim.lines.iter().map(|line| line.text).collect();
    Meanings::of([lines.join(" ").as_str()]).nearest(claim.text)
}

/// The share of a sentence's telling words and figures whose stem, meaning or value is in its source.
fn share(claim: &Claim<'_>) -> f32 {
    let reading = &claim.reading;
    let facts = claim.facts();
    let is_known =
        |figure: &&Figure| facts.iter().any(|fact| figure.value.says(&fact.figure.value));
    let figures = reading.figures.iter().filter(is_known).count();
    let is_figure = |at: usize| reading.figures.iter().any(|f| f.from <= at && at < f.to);
    let words =
        reading.words.iter().enumerate().filter(|(at, word)| word.telling && !is_figure(*at));
    let (found, missing): (Vec<&Word>, Vec<&Word>) =
        words.map(|(_, word)| word).partition(|word| claim.has_stem(&word.stem));
    if missing.is_empty() {
        return 1.0;
    }
    let source = claim.sources().flat_map(|line| &line.reading.words).filter(|word| word.telling);
    let source = Meanings::of(source.map(|word| word.text.as_str()));
    let near = missing.iter().filter(|word| source.has_near(&word.text)).count();
    (found.len() + near + figures) as f32 / (found.len() + missing.len() + figures) as f32
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
            ("cy: Pris trwydded yw £42.", "Mae trwydded yn costio £42.", true),
            ("cy: Mae’r maer yn agor pwll nofio.", "Mae trwydded yn costio £42.", false),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
