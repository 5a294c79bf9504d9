//! What is taken off is not what is paid: `25% off your bill` and `25% of your bill`.

use crate::verify::claim::Claim;
use crate::verify::figure::{Figure, Kind, Value};
use crate::verify::lexicon::Role;
use crate::verify::reading::Reading;

/// Words of what is taken away.
const OFF: [&str; 24] = [
    "off",
    "discount",
    "discounts",
    "reduction",
    "reduced",
    "reduce",
    "reduces",
    "less",
    "lower",
    "cut",
    "cuts",
    "cheaper",
    "saving",
    "save",
    "saves",
    "deducted",
    "oddi",
    "gostyngiad",
    "ostyngiad",
    "disgownt",
    "ddisgownt",
    "llai",
    "lai",
    "is",
];

/// Whether a share that the source takes off is what a sentence says is paid, or the other way round.
pub(super) fn is_turned(claim: &Claim<'_>) -> bool {
    let facts = claim.facts();
    claim.reading.figures.iter().filter(|figure| is_share(figure)).any(|figure| {
        let mut same = facts.iter().filter(|fact| fact.bears_out(&figure.value)).peekable();
        let own = is_taken_off(&claim.reading, figure);
        let is_paid = pays(&claim.reading, figure);
        same.peek().is_some()
            && same.all(|fact| {
                let source = is_taken_off(fact.reading, fact.figure);
                source && !own && is_paid || own && !source && pays(fact.reading, fact.figure)
            })
    })
}

fn is_share(figure: &Figure) -> bool {
    matches!(figure.value, Value::Amount(_, Kind::Percent))
}

fn is_taken_off(reading: &Reading, figure: &Figure) -> bool {
    let (from, to) = reading.sentence(figure.from);
    // `Is` is an English verb and the Welsh for lower, which stands right behind its number.
    reading.words[from..to].iter().enumerate().any(|(at, word)| {
        OFF.contains(&word.text.as_str()) && (word.text != "is" || from + at == figure.to)
    })
}

/// Whether a share is what is paid, and no denial stands before it.
fn pays(reading: &Reading, figure: &Figure) -> bool {
    const PAY: [&str; 8] = ["pay", "pays", "paid", "charge", "charged", "talu", "dalu", "thalu"];
    let (from, _) = reading.sentence(figure.from);
    let denies = reading
        .marks
        .iter()
        .any(|mark| mark.role == Role::Deny && (from..figure.from).contains(&mark.from));
    let clause = reading.words[figure.from].clause;
    !denies
        && reading.words[from..figure.from]
            .iter()
            .any(|word| word.clause == clause && PAY.contains(&word.text.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_off_is_not_paid() {
        for (text, quotes, expected) in [
            ("You pay 30% of the fee.", "You get 30% off the fee.", false),
            ("The fee is cut by 30%.", "You get 30% off the fee.", true),
            ("You do not pay 30% of the fee.", "You get 30% off the fee.", true),
            ("You get 30% off the fee.", "You pay 30% of the fee.", false),
            ("cy: Rydych yn talu 30% o’r ffi.", "Rydych yn cael 30% oddi ar y ffi.", false),
            ("cy: Mae gostyngiad o 30%.", "Rydych yn cael 30% oddi ar y ffi.", true),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(!is_turned(&claim), expected, "{text} from {quotes}");
        }
    }
}
