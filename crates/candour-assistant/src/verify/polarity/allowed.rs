//! What a line allows behind a `but` may not be denied with what stands before it, nor may what it leaves out
//! at its end be put in: `heating, and meals are not included`.

use crate::verify::claim::{Claim, Line};
use crate::verify::heading::excludes;
use crate::verify::lexicon::{Modal, Role};
use crate::verify::reading::{Mark, Reading, Word};

/// Words that turn from what is denied to what is not.
const TURNS: [&str; 9] =
    ["but", "however", "although", "though", "instead", "yet", "still", "ond", "er"];

/// Whether a sentence denies what is allowed behind a `but`.
pub(super) fn is_denied(claim: &Claim<'_>) -> bool {
    let own = &claim.reading;
    let turns = own.has_one_of(&TURNS);
    let denial = own.marks.iter().find(|mark| mark.role == Role::Deny);
    let Some(denial) = denial.filter(|_| !turns) else { return false };
    claim.lines.iter().any(|line| {
        let Some(allowed) = allowed(&line.reading) else { return false };
        let places: Vec<usize> = allowed
            .iter()
            .filter_map(|stem| own.words.iter().position(|word| word.stem == *stem))
            .collect();
        let is_allowed_here = |from: usize, to: usize| {
            own.marks.iter().any(|mark| {
                (from..to).contains(&mark.from)
                    && matches!(mark.role, Role::Modal(Modal::Can | Modal::May))
                    && mark.from > denial.to
            })
        };
        places.len() == allowed.len()
            && places.iter().all(|at| *at > denial.from)
            && !places.iter().min().is_some_and(|first| is_allowed_here(denial.to, *first))
    })
}

/// The telling words of what is allowed behind a `but`, and stand in the line only there.
fn allowed(line: &Reading) -> Option<Vec<&str>> {
    let turn = (0..line.words.len()).find(|at| matches!(line.text_at(*at), "but" | "ond"))?;
    let (_, end) = line.sentence(turn);
    let inside = |mark: &&Mark| (turn..end).contains(&mark.from);
    let mut marks = line.marks.iter().filter(inside);
    let can = |mark: &Mark| matches!(mark.role, Role::Modal(Modal::Can));
    let is_allowed = marks.clone().any(can) && !marks.any(|mark| mark.role == Role::Deny);
    let is_before = |stem: &str| line.words[..turn].iter().any(|word| word.stem == stem);
    let words = line.telling(turn, end).map(|word| word.stem.as_str());
    let words: Vec<&str> = words.filter(|stem| !is_before(stem)).collect();
    (is_allowed && !words.is_empty()).then_some(words)
}

/// Whether a sentence that leaves nothing out has what a line says is not included.
pub(super) fn is_put_in(claim: &Claim<'_>) -> bool {
    let own = &claim.reading;
    let leaves_out = own.denies()
        || own.words.iter().any(|word| excludes(&word.text) || word.text == "separate");
    !leaves_out && claim.lines.iter().any(|line| has_left_out(own, line))
}

fn has_left_out(own: &Reading, line: &Line<'_>) -> bool {
    let reading = &line.reading;
    let has = |word: &Word| own.has_stem(&word.stem);
    let (found, all) = own.found(reading.telling(0, reading.words.len()));
    found * 2 >= all
        && reading.marks.iter().filter(|mark| mark.role == Role::Deny).any(|mark| {
            let before = |back: usize| mark.from.checked_sub(back).map(|at| &reading.words[at]);
            let is_copula = before(1).is_some_and(|w| matches!(w.text.as_str(), "is" | "are"));
            let is_tail = reading.telling(mark.to, reading.words.len()).count() == 1;
            let leads = reading.words[..mark.from].iter().any(|w| w.text == "and" || w.text == ",");
            is_copula && is_tail && leads && before(2).is_some_and(|word| word.telling && has(word))
        })
}

#[cfg(test)]
mod tests {
    use crate::verify::claim::Claim;
    use crate::verify::polarity::check;

    #[test]
    fn what_is_allowed_and_left_out_stays_so() {
        const RACE: &str = "You cannot appeal about a race - but you can ask for a recount";
        const BERTH: &str = "A berth costs £9 a week for water and power is not included.";
        for (text, quotes, expected) in [
            ("You cannot appeal about a race or ask for a recount.", RACE, false),
            ("You cannot ask for a recount of a race.", RACE, false),
            ("You cannot appeal about a race, but you can ask for a recount.", RACE, true),
            ("A berth costs £9 a week for water and power.", BERTH, false),
            ("A berth costs £9 a week for water, without power.", BERTH, true),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
