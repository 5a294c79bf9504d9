//! Every number of a sentence (money, percentages, ages, durations, times of day) must be in what it
//! cites, and be about the same thing there.

mod each;
mod intervals;
mod items;
mod lines;
mod more;
mod share;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::Code;
use super::claim::{Claim, Fact, about};
use super::figure::{Figure, Kind, Value};
use super::reading::Reading;

/// Two numbers that stand for a range or a choice. The same number twice is neither.
static PAIR: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(\d[\d,.]*)\s?(?:to|or|and|neu|i|a|-|–)\s?(\d[\d,.]*)").ok());

/// Checks that each number stands in the source.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    let is_known =
        |figure: &Figure| is_left_to_others(figure, claim) || claim.bears_out(&figure.value);
    let is_empty_range = PAIR.as_ref().is_some_and(|pair| {
        let mut pairs = pair.captures_iter(claim.text);
        pairs.any(|pair| {
            let same = pair[1].trim_end_matches([',', '.']) == pair[2].trim_end_matches([',', '.']);
            same && !claim.lines.iter().any(|line| line.text.contains(&pair[0]))
        })
    });
    if is_empty_range {
        return Err(Code::NumberMissing);
    }
    if claim.reading.figures.iter().all(is_known) { Ok(()) } else { Err(Code::NumberMissing) }
}

/// Checks that no two numbers have changed places: a number that shares words with another one's
/// surroundings, and none that tell its own apart, was moved.
pub(super) fn check_places(claim: &Claim<'_>) -> Result<(), Code> {
    if !claim.same_language {
        return Ok(());
    }
    let facts = claim.facts();
    let figures = &claim.reading.figures;
    let abouts: Vec<BTreeSet<String>> =
        (0..figures.len()).map(|at| about(&claim.reading, at, None)).collect();
    let is_moved = (0..figures.len()).any(|at| {
        is_moved(&figures[at], &abouts[at], &facts, claim)
            || is_exchanged(at, &facts, claim)
            || is_crossed(at, &abouts, &facts, claim)
            || is_relabelled(&figures[at], &facts, claim)
            || is_rebased(&figures[at], &facts, claim)
    });
    if is_moved
        || each::is_made_one(claim)
        || intervals::are_crossed(claim)
        || items::is_anothers(claim)
        || lines::are_mixed(claim)
        || more::is_left_out(claim)
        || more::is_put_on_top(claim)
        || share::is_turned(claim)
    {
        Err(Code::NumberMissing)
    } else {
        Ok(())
    }
}

/// Whether two numbers have exchanged the words that stand right before them.
fn is_exchanged(at: usize, facts: &[Fact<'_>], claim: &Claim<'_>) -> bool {
    let figures = &claim.reading.figures;
    let own = &figures[at];
    let before = |figure: &Figure| word_before(&claim.reading, figure);
    let in_source = |figure: &Figure, word: Option<&str>| {
        let mut same = facts.iter().filter(|fact| fact.bears_out(&figure.value));
        same.any(|fact| word_before(fact.reading, fact.figure) == word)
    };
    figures[at + 1..].iter().any(|other| {
        let is_pair = other.value.family() == own.value.family() && !other.value.says(&own.value);
        let (first, second) = (before(own), before(other));
        is_pair
            && first != second
            && in_source(own, second)
            && in_source(other, first)
            && !in_source(own, first)
            && !in_source(other, second)
    })
}

/// Whether two numbers stand each among the words that tell the other from it.
fn is_crossed(
    at: usize,
    abouts: &[BTreeSet<String>],
    facts: &[Fact<'_>],
    claim: &Claim<'_>,
) -> bool {
    let figures = &claim.reading.figures;
    let own = &figures[at];
    let of = |figure: &Figure| -> Vec<&Fact<'_>> {
        facts.iter().filter(|fact| fact.bears_out(&figure.value)).collect()
    };
    let shared = |around: &BTreeSet<String>, fact: &Fact<'_>, not: &Fact<'_>| {
        apart(fact, not).filter(|word| around.contains(*word)).count()
    };
    (at + 1..figures.len()).any(|next| {
        let other = &figures[next];
        if other.value.family() != own.value.family() || other.value.says(&own.value) {
            return false;
        }
        let (first, second) = (&abouts[at], &abouts[next]);
        let (mine, theirs) = (of(own), of(other));
        let mut pairs = mine.iter().flat_map(|one| theirs.iter().map(move |two| (*one, *two)));
        !mine.is_empty()
            && !theirs.is_empty()
            && pairs.all(|(one, two)| {
                let (mine, theirs) = (shared(first, two, one), shared(second, one, two));
                let straight = shared(first, one, two) + shared(second, two, one);
                mine > 0 && theirs > 0 && mine + theirs > straight
            })
    })
}

/// `Band 2` where the source speaks of `Band 3` alone, though a 2 stands elsewhere in it.
fn is_relabelled(figure: &Figure, facts: &[Fact<'_>], claim: &Claim<'_>) -> bool {
    if !matches!(figure.value, Value::Amount(_, Kind::Plain)) {
        return false;
    }
    let label = |reading: &Reading, figure: &Figure| -> Option<String> {
        let before = &reading.words[figure.from.checked_sub(1)?];
        before.telling.then(|| before.stem.clone())
    };
    let Some(own) = label(&claim.reading, figure) else { return false };
    let mut same = facts
        .iter()
        .filter(|fact| label(fact.reading, fact.figure).is_some_and(|label| label == own))
        .peekable();
    same.peek().is_some() && !same.any(|fact| fact.bears_out(&figure.value))
}

/// `20p a letter` where the source says `20p a page`.
fn is_rebased(figure: &Figure, facts: &[Fact<'_>], claim: &Claim<'_>) -> bool {
    let Some(own) = each::base(&claim.reading, figure) else { return false };
    let same = facts.iter().filter(|fact| fact.bears_out(&figure.value));
    let known: Vec<&str> =
        same.filter_map(|fact| each::base(fact.reading, fact.figure)).flatten().collect();
    !known.is_empty() && !own.iter().any(|noun| known.contains(noun))
}

fn word_before<'r>(reading: &'r Reading, figure: &Figure) -> Option<&'r str> {
    let mut before = reading.words[..figure.from].iter().rev().filter(|word| !word.is_sign());
    before.next().map(|word| word.text.as_str())
}

/// A number that shares words with another one's surroundings and none with its own, where that other
/// one does not stand in its surroundings itself.
fn is_moved(
    figure: &Figure,
    about: &BTreeSet<String>,
    facts: &[Fact<'_>],
    claim: &Claim<'_>,
) -> bool {
    let own: Vec<&Fact<'_>> = facts.iter().filter(|fact| fact.bears_out(&figure.value)).collect();
    if own.is_empty() || own.iter().any(|fact| fact.figure.value.family() != figure.value.family())
    {
        return false;
    }
    let is_rival = |fact: &&Fact<'_>| {
        fact.figure.value.family() == figure.value.family() && !fact.bears_out(&figure.value)
    };
    facts.iter().filter(is_rival).any(|rival| {
        let shared = |fact: &Fact<'_>, not: &Fact<'_>| {
            apart(fact, not).filter(|word| about.contains(*word)).count()
        };
        let before = word_before(&claim.reading, figure);
        let follows = |fact: &Fact<'_>| word_before(fact.reading, fact.figure) == before;
        let is_moved = own.iter().all(|own| {
            let moves = shared(rival, own) > 0 && shared(own, rival) == 0;
            moves && (!follows(own) || follows(rival))
        });
        is_moved && !is_at_home(rival, &own, claim)
    })
}

/// Whether a figure of the source stands in the sentence among the words that tell it from others.
fn is_at_home(rival: &Fact<'_>, others: &[&Fact<'_>], claim: &Claim<'_>) -> bool {
    let figures = claim.reading.figures.iter().enumerate();
    let mut same = figures.filter(|(_, figure)| figure.value.says(&rival.figure.value));
    same.any(|(at, _)| {
        let around = self::about(&claim.reading, at, None);
        others.iter().all(|own| apart(rival, own).any(|word| around.contains(word)))
    })
}

/// The words that tell one figure of the source from another. In `one costs £62 a year and the other
/// £34` the year is that of both.
fn apart<'f>(fact: &'f Fact<'_>, other: &'f Fact<'_>) -> impl Iterator<Item = &'f String> {
    let is_rate = |word: &str| word.starts_with("Rate(");
    let has_rate = other.about.iter().any(|word| is_rate(word));
    fact.about.difference(&other.about).filter(move |word| has_rate || !is_rate(word))
}

/// Dates and codes have checks of their own; `the first` and `the day` say nothing new unless the
/// source counts too.
fn is_left_to_others(figure: &Figure, claim: &Claim<'_>) -> bool {
    match &figure.value {
        Value::Code(_) => true,
        Value::Ordinal(1) => {
            !claim.facts().iter().any(|fact| matches!(fact.figure.value, Value::Ordinal(_)))
        }
        // `The day you move`, `an hour permit`: no rates.
        Value::Rate(..) => {
            let lead = claim.reading.text_at(figure.from);
            let next = claim.reading.words.get(figure.to);
            let is_day = figure.value == Value::Rate(Kind::Day, 1) && claim.has_word("day");
            let is_article = matches!(lead, "a" | "an" | "one" | "un");
            // `25c y dydd` is a price by the day, `y diwrnod` the day.
            let is_price = claim
                .reading
                .figures
                .iter()
                .any(|other| other.to == figure.from && other.value.is_money());
            matches!(lead, "the" | "y" | "yr") && !is_price
                || is_day && matches!(lead, "every" | "each")
                || is_article && next.is_some_and(|next| next.telling)
        }
        value => value.is_date(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_agree_and_stay_where_they_belong() {
        for (text, quotes, expected) in [
            ("It costs £1,000.", "The fee is £1000.", true),
            ("It costs 1000 pounds.", "The fee is £1,000.00.", true),
            ("It costs £1.2 million.", "The fee is £1,200,000.", true),
            ("It costs £1.2 million.", "The fee is £1.2.", false),
            ("It costs 150p.", "The fee is £1.50.", true),
            ("It costs £35.", "The fee is £3.50.", false),
            ("It costs 20p a letter.", "The fee is 20p a page.", false),
            ("It costs 20p for each page.", "The fee is 20p a page.", true),
            ("It costs £20 for every additional nest.", "It is £20 for each extra nest.", true),
            ("It is paid in one part.", "It is paid in 2 equal parts.", false),
            ("We write to one side.", "We write to both sides.", false),
            ("You get one part, then the other.", "A part is paid, then 2 parts.", true),
            ("It costs £35.", "You have 35 days.", false),
            ("You get 25% off.", "The discount is 25 per cent.", true),
            ("You get 25% off.", "The discount is £25.", false),
            ("You have six months.", "Apply within 6 months.", true),
            ("You have twenty-one days.", "Apply within 21 days.", true),
            ("You have a fortnight.", "Apply within 2 weeks.", true),
            ("It lasts a year.", "It lasts 12 months.", true),
            ("You have 28 days.", "Apply within 28 weeks.", false),
            ("You have 28 days.", "Apply within 28 working days.", false),
            ("It is £42 a month.", "It is £42 a year.", false),
            ("You pay weekly.", "You pay each month.", false),
            ("Apply when you turn 60.", "Apply before your 60th birthday.", true),
            ("You can be 16 to 19 years old.", "You can be aged 16 to 19.", true),
            ("The second car costs more.", "The first car costs less.", false),
            ("Open at noon.", "Open at 12pm.", true),
            ("Open at 9.30am.", "Open at 9:30am.", true),
            ("Open at 9am.", "Open at 9pm.", false),
            (
                "It is £18 for adults and £35 for children.",
                "It is £35 for adults and £18 for children.",
                false,
            ),
            (
                "Children pay £18 and adults £35.",
                "It is £35 for adults and £18 for children.",
                true,
            ),
            (
                "A first car costs £24 for 12 months.",
                "Permit | 12 months | 6 months\nFirst car | £42 | £24",
                false,
            ),
            (
                "A first car costs £24 for 6 months.",
                "Permit | 12 months | 6 months\nFirst car | £42 | £24",
                true,
            ),
            ("Band 2 waits for a 2 bedroom home.", "Band | 2 bedroom home\nBand 3 | long", false),
            ("We add £8 for every £2.", "We add £2 for every £8.", false),
            ("cy: Mae gennych chwe mis.", "Gwnewch gais o fewn 6 mis.", true),
            ("cy: O fewn 14 wythnos.", "Talwch o fewn 14 diwrnod.", false),
            ("cy: Mae dwy ganolfan.", "Mae 2 ganolfan.", true),
            ("Nothing to count.", "Nothing.", true),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(
                check(&claim).and_then(|()| check_places(&claim)).is_ok(),
                expected,
                "{text} from {quotes}"
            );
        }
    }

    #[test]
    fn numbers_in_words_are_read() {
        for (text, quotes, expected) in [
            ("cy: Cewch bymtheg llyfr.", "Cewch 15 llyfr.", true),
            ("cy: Cewch bymtheg llyfr.", "Cewch 12 llyfr.", false),
            ("cy: Am un ar ddeg wythnos.", "Am 11 wythnos.", true),
            ("cy: Am un mis ar ddeg.", "Am 11 mis.", true),
            ("cy: Am un mis ar bymtheg.", "Am 11 mis.", false),
            ("cy: Cewch ddau ddeg tri llyfr.", "Cewch 23 llyfr.", true),
            ("cy: Cewch hanner cant o lyfrau.", "Cewch 50 llyfr.", true),
            ("cy: Cewch ddeunaw llyfr.", "Cewch 15 llyfr.", false),
            ("Borrow two dozen books.", "Borrow 24 books.", true),
            ("Borrow half a dozen books.", "Borrow 12 books.", false),
            ("Wait a hundred and fifty days.", "Wait 150 days.", true),
            ("Wait ninety-nine days.", "Wait 99 days.", true),
            (
                "Wait a hundred hundred hundred hundred hundred hundred hundred hundred hundred hundred days.",
                "Wait 99 days.",
                false,
            ),
            ("It costs £999999999999 million.", "It costs £9.", false),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }

    #[test]
    fn numbers_keep_what_they_count_and_belong_to() {
        for (text, quotes, expected) in [
            (
                "The form costs £9, while online it costs £7.",
                "It costs £9 online and £7 with a form.",
                false,
            ),
            (
                "Paper returns are due by 31 January and online returns by 31 October.",
                "Send a paper return by 31 October or an online one by 31 January.",
                false,
            ),
            (
                "A half plot costs £62 a year.",
                "A full plot costs £62 a year and a half plot costs £34.",
                false,
            ),
            ("A full plot costs £62.", "A full plot costs £62 a year and a half plot £34.", true),
            (
                "Reply 3 or more clear weeks before.",
                "Reply at least 3 clear working days before.",
                false,
            ),
            ("Reply 3 or more days before.", "Reply at least 3 days before.", true),
            ("The first 3 days are unpaid.", "You are paid for all days but the first 3.", true),
            (
                "Above £100,000 of income you lose £1 for each £2.",
                "For every £2 of income above £100,000 you lose £1.",
                true,
            ),
            ("It is open every day but Monday.", "It is open on any day but Monday.", true),
            ("You owe a quarter of it.", "You owe 25% of it.", true),
            ("You owe half of it.", "You owe 25% of it.", false),
            ("The fine is cut by half.", "The fine is halved.", true),
            (
                "Take 52 weeks, of which 2 weeks (4 if you work in a factory) come after the birth.",
                "Take 52 weeks.\nTake 2 weeks after the birth, or 4 weeks if you work in a factory.",
                true,
            ),
            (
                "We answer within 20 working days.",
                "We write within 2 working days and answer within 20.",
                true,
            ),
            ("cy: Mae’n costio £3.20 am bob bag 25 litr.", "Pob bag 25 litr | £3.20", true),
        ] {
            let claim = Claim::plain(text, quotes);
            let agrees = check(&claim).and_then(|()| check_places(&claim)).is_ok();
            assert_eq!(agrees, expected, "{text} from {quotes}");
        }
    }
}
