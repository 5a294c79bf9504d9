//! Denials that say the same turned round: `not unless` and `only if`, `not until` and `before`.

use candour_core::Locale;

use super::denials::denials_in;
use crate::verify::claim::Claim;
use crate::verify::condition::extent;
use crate::verify::lexicon::{Condition, Modal, Role};
use crate::verify::order;
use crate::verify::reading::{Mark, Reading};

/// `Cannot park unless` is `can park only if`: the denial and the exception are one in the other.
pub(super) fn is_turned_round(claim: &Claim<'_>) -> bool {
    let has = |reading: &Reading, wanted: &[Condition]| {
        reading.conditions().any(|(_, condition)| wanted.contains(&condition))
    };
    let without = |reading: &Reading| reading.has_one_of(&["without", "heb"]);
    // What a condition denies is no part of the rule: `only if you cannot be recognised`.
    let denies_rule = |reading: &Reading| {
        let inside: Vec<(usize, usize)> =
            reading.conditions().map(|(mark, _)| extent(reading, &mark)).collect();
        let is_inside = |at: usize| inside.iter().any(|(from, to)| (*from..*to).contains(&at));
        let denies = |mark: &Mark| {
            mark.role == Role::Deny
                || mark.role == Role::Condition(Condition::Unless)
                    && reading.words[mark.from].text == "but"
        };
        reading.marks.iter().any(|mark| denies(mark) && !is_inside(mark.from))
    };
    let excepts = |reading: &Reading| {
        denies_rule(reading) && has(reading, &[Condition::Unless, Condition::Until])
    };
    let limits = |reading: &Reading| has(reading, &[Condition::Only]) && !denies_rule(reading);
    // `Cannot take part without a passport` is `need a passport to take part`.
    let is_twice = |reading: &Reading| {
        without(reading) && denials_in(reading, claim.locale == Locale::Cy).count() > 1
    };
    let obliges = |reading: &Reading| {
        let is_duty = |mark: &Mark| matches!(mark.role, Role::Modal(Modal::Must | Modal::Need));
        !reading.denies() && reading.marks.iter().any(is_duty)
    };
    let own = &claim.reading;
    claim.lines.iter().map(|line| &line.reading).any(|line| {
        order::is_same(own, line)
            || excepts(own) && limits(line)
            || limits(own) && excepts(line)
            || obliges(own) && is_twice(line)
            || is_twice(own) && obliges(line)
    })
}

#[cfg(test)]
mod tests {
    use crate::verify::claim::Claim;
    use crate::verify::polarity::check;

    #[test]
    fn denials_agree_when_they_are_said_otherwise() {
        for (text, quotes, expected) in [
            (
                "You need a check only if you look so different that nobody can know you.",
                "You do not need a check unless you look so different that you cannot be known.",
                true,
            ),
            (
                "Wait until you have a visa before you book.",
                "Do not book until you have a visa.",
                true,
            ),
            ("Book before you have a visa.", "Do not book until you have a visa.", false),
            (
                "You cannot claim if you live together; you need to be married.",
                "Couples who live together cannot claim unless they are married.",
                false,
            ),
            ("You can earn £9 before you pay tax.", "Your first £9 is free of tax.", true),
            (
                "You must pay in one go, as instalments are not taken.",
                "You cannot pay in instalments.",
                true,
            ),
            ("You must pay in instalments.", "You cannot pay in instalments.", false),
            (
                "You can appeal if you forgot the deadline, which is a good excuse.",
                "You can appeal.\nForgetting the deadline is not a good excuse.",
                false,
            ),
            (
                "The grant is for people who work alone.",
                "The grant is not for people who:\nwork alone",
                false,
            ),
            (
                "cy: Ceisiwn beidio â rhoi gwely, ac os nad oes dim arall ni ddylai bara.",
                "Rydym yn ceisio peidio â rhoi gwely.\nOs nad oes dim arall, ni ddylai bara.",
                true,
            ),
            ("It is possible to claim.", "You cannot claim.", false),
            (
                "You need a notice to sell beer, but not to serve it.",
                "Beer can be served but not sold unless you have a notice.",
                false,
            ),
            (
                "There are no loans for a degree, except for nurses.",
                "You cannot get a loan for a degree, but there are exceptions for nurses.",
                true,
            ),
            (
                "cy: Peidiwch â ffonio os nad ydych yn siŵr.",
                "Ffoniwch hyd yn oed os nad ydych yn siŵr.",
                false,
            ),
            (
                "cy: Ni fyddwn yn eich ffonio yr un diwrnod os rhowch wybod i ni eich bod bron â methu ymdopi.",
                "Os ydych bron â methu ymdopi, rhowch wybod i ni, a byddwn yn eich ffonio yr un diwrnod.",
                false,
            ),
            (
                "cy: Ni fyddwn yn eich ffonio os ydych bron â methu ymdopi.",
                "Os ydych bron â methu ymdopi, byddwn yn eich ffonio.",
                false,
            ),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
