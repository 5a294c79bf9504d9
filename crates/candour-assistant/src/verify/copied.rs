//! A sentence that copies a line but for some words may not differ from it in those that carry the rule.
//!
//! The other checks ask whether the words of a sentence stand anywhere in what it cites, for a true
//! sentence may put them otherwise. Where a line is copied, its words can be laid beside those of the
//! sentence one by one, and what was left out, put in or exchanged can be looked at by itself.

mod laid;
mod thing;

use self::laid::{Change, figures, lay_beside, marks, spoken};
use self::thing::puts_another_thing;
use super::Code;
use super::claim::{Claim, Line};
use super::condition::extent;
use super::lexicon::{Bound, Condition, Role};
use super::nation::named_by;
use super::order;
use super::reading::{Mark, Reading};

/// A sentence copies a line when at least so many of a hundred of its words stand there in this order.
const COPIED: usize = 65;

/// The most pairs of words that are compared: a sentence of 100 words and a line of 2,000.
const MOST_LAID: usize = 200_000;

/// Words that begin what a line says beside its condition, where they stand before the condition.
const LEADING: [&str; 9] = ["|", "and", "but", "only", "a", "ac", "ond", "dim", "just"];

/// Words of limits that have other meanings, which are looked at where they stand at a number.
const VAGUE: [&str; 14] = [
    "from", "by", "since", "through", "past", "inside", "once", "between", "as", "o", "wedi",
    "hyd", "dan", "rhwng",
];

/// Words that stand beside a denial and say nothing by themselves.
const AUXILIARIES: [&str; 16] = [
    "do", "does", "did", "is", "are", "was", "were", "be", "been", "has", "have", "had", "will",
    "would", "to", "should",
];

/// Words behind which stands who or what is meant.
const RELATIVE: [&str; 4] = ["that", "who", "sy", "sydd"];

/// Checks a sentence against the line that it copies, where there is one.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    if !claim.same_language {
        return Ok(());
    }
    let own = spoken(&claim.reading);
    if claim.lines.iter().any(|line| denies_a_part(&claim.reading, &own, &line.reading)) {
        return Err(Code::PolarityChanged);
    }
    let is_copy = |shared: usize| shared * 100 >= own.len() * COPIED;
    // A line that is too short for that is not looked at, nor one of endless words.
    let lines = claim.lines.iter().filter(|line| {
        let there = spoken(&line.reading).len();
        is_copy(there) && own.len() * there <= MOST_LAID
    });
    let laid: Vec<(usize, &Line<'_>, Vec<Change>)> = lines
        .map(|line| {
            let there = spoken(&line.reading);
            let (shared, changes) = lay_beside(&claim.reading, &own, &line.reading, &there);
            (shared, line, changes)
        })
        .filter(|(shared, ..)| is_copy(*shared))
        .collect();
    // Where it copies several lines alike, one that it agrees with is enough.
    let most = laid.iter().map(|(shared, ..)| *shared).max();
    let best = laid.iter().filter(|(shared, ..)| Some(*shared) == most);
    let mut verdicts = best.map(|(_, line, changes)| agrees(claim, line, changes));
    let first = verdicts.next().unwrap_or(Ok(()));
    if first.is_ok() || verdicts.any(|verdict| verdict.is_ok()) { Ok(()) } else { first }
}

fn agrees(claim: &Claim<'_>, line: &Line<'_>, changes: &[Change]) -> Result<(), Code> {
    let (own, source) = (&claim.reading, &line.reading);
    if puts_another_thing(claim, changes, source) {
        return Err(Code::SupportLow);
    }
    for change in changes {
        keeps_figures(change, own, source)?;
        if turns_a_limit(change, own, source) && !order::is_same(own, source) {
            return Err(Code::ComparatorChanged);
        }
        if moves_elsewhere(change, claim, line) {
            return Err(Code::NationMismatch);
        }
    }
    if denies_otherwise(changes, own, source) {
        return Err(Code::PolarityChanged);
    }
    if changes.iter().any(|change| loses_a_condition(change, changes, own, source))
        || changes.iter().any(|change| widens_a_denial(change, source))
    {
        return Err(Code::ConditionDropped);
    }
    Ok(())
}

/// Whether a sentence copies what a line says before or behind a `but`, with a denial more or less.
fn denies_a_part(own: &Reading, said: &[usize], source: &Reading) -> bool {
    let there = spoken(source);
    let parts: Vec<&[usize]> =
        there.split(|at| matches!(source.text_at(*at), "but" | "ond")).collect();
    parts.len() > 1
        && parts.into_iter().filter(|part| said.len() * part.len() <= MOST_LAID).any(|part| {
            let (shared, changes) = lay_beside(own, said, source, part);
            let is_copy = |all: usize| shared * 100 >= all * COPIED;
            is_copy(said.len()) && is_copy(part.len()) && denies_otherwise(&changes, own, source)
        })
}

/// Whether a number stays what it is where it stands.
fn keeps_figures(change: &Change, own: &Reading, source: &Reading) -> Result<(), Code> {
    let (lost, added) = (figures(source, &change.lost), figures(own, &change.added));
    for figure in added {
        let mut rivals =
            lost.iter().filter(|other| other.value.family() == figure.value.family()).peekable();
        if rivals.peek().is_some() && !rivals.any(|other| figure.value.says(&other.value)) {
            let is_date = figure.value.is_date();
            return Err(if is_date { Code::DateMissing } else { Code::NumberMissing });
        }
    }
    Ok(())
}

/// Whether a limit of one side stands where the line has one of the other.
fn turns_a_limit(change: &Change, own: &Reading, source: &Reading) -> bool {
    let sides = |reading: &Reading, places: &[usize]| -> Vec<bool> {
        marks(reading, places)
            .filter(|mark| !VAGUE.contains(&reading.text_at(mark.from)))
            .filter_map(|mark| match mark.role {
                Role::BoundBefore(bound) | Role::BoundAfter(bound) => {
                    Some(matches!(bound, Bound::AtMost | Bound::LessThan))
                }
                _ => None,
            })
            .collect()
    };
    let (lost, added) = (sides(source, &change.lost), sides(own, &change.added));
    added.iter().any(|side| !lost.is_empty() && !lost.contains(side))
}

/// Whether a nation stands where the line has none or another, unless a line of its own names it alone.
fn moves_elsewhere(change: &Change, claim: &Claim<'_>, line: &Line<'_>) -> bool {
    let added = named_by(change.added.iter().map(|at| &claim.reading.words[*at]));
    let named = line.nations();
    let lost = named_by(change.lost.iter().map(|at| &line.reading.words[*at]));
    added.iter().filter(|nation| !named.contains(*nation)).any(|nation| {
        let tells = |other: &Line<'_>| {
            let there = other.nations();
            there.contains(nation) && there.iter().count() == 1 && !contrasts(&other.reading)
        };
        !lost.is_empty() || !claim.sources().any(tells)
    })
}

/// Whether a line tells one nation from another.
fn contrasts(reading: &Reading) -> bool {
    let words = ["different", "differ", "differs", "own", "separate", "gwahanol", "wahanol"];
    reading.has_one_of(&words) || reading.denies()
}

/// Whether a sentence has a denial more or less than the line, with nothing else around it that is
/// other. Two may cancel each other out.
fn denies_otherwise(changes: &[Change], own: &Reading, source: &Reading) -> bool {
    // `Not unless` is `only if`.
    let is_turned = order::is_same(own, source)
        || changes.iter().any(|change| {
            let turns = |mark: &Mark| matches!(mark.role, Role::Condition(_));
            marks(own, &change.added).chain(marks(source, &change.lost)).any(turns)
        });
    let denials = |change: &Change| {
        let count = |reading: &Reading, places: &[usize]| {
            let denies = |mark: &&Mark| mark.role == Role::Deny && places.contains(&mark.from);
            reading.marks.iter().filter(denies).count()
        };
        count(own, &change.added) + count(source, &change.lost)
    };
    let is_light =
        |change: &&Change| says_nothing(own, &change.added) && says_nothing(source, &change.lost);
    let light: usize = changes.iter().filter(is_light).map(denials).sum();
    // A part of the line that is left out whole denies nothing here.
    let is_part = |change: &&Change| change.added.is_empty() && change.lost.len() > 3;
    let all: usize = changes.iter().filter(|change| !is_part(change)).map(denials).sum();
    !is_turned && light % 2 == 1 && all % 2 == 1
}

/// Whether words only deny, oblige and allow.
fn says_nothing(reading: &Reading, places: &[usize]) -> bool {
    places.iter().all(|at| {
        let is_role = |mark: &Mark| {
            (mark.from..mark.to).contains(at) && matches!(mark.role, Role::Deny | Role::Modal(_))
        };
        AUXILIARIES.contains(&reading.text_at(*at)) || reading.marks.iter().any(is_role)
    })
}

/// Whether what is left out sets a condition that is not said otherwise.
fn loses_a_condition(change: &Change, changes: &[Change], own: &Reading, source: &Reading) -> bool {
    let mark_at =
        |at: usize| source.marks.iter().find(|mark| mark.from == at && is_condition(mark.role));
    let leads = |at: usize| LEADING.contains(&source.text_at(at));
    let begins = |at: &usize| !leads(*at) || mark_at(*at).is_some();
    let Some(first) = change.lost.iter().copied().find(begins) else { return false };
    let adds_nothing = changes.iter().all(|change| change.added.is_empty());
    // `You must show you qualify` leaves out no more than `that`.
    let tells = |at: &usize| source.words[*at].telling;
    if adds_nothing && narrows(source, first) && change.lost.iter().any(tells) {
        return true;
    }
    // One of several cases less is still true of the others.
    let last = change.lost.last().map_or("", |at| source.text_at(*at));
    match mark_at(first) {
        Some(mark) if !matches!(last, "or" | "neu") => {
            adds_nothing || !is_said_otherwise(mark, changes, own, source)
        }
        _ => false,
    }
}

/// `You cannot pay the fee` is more than `You cannot pay the fee in instalments`. One of several things
/// that are barred may be left out.
fn widens_a_denial(change: &Change, source: &Reading) -> bool {
    let (Some(first), Some(last)) = (change.lost.first(), change.lost.last()) else { return false };
    let is_barred = |at: usize| {
        let (from, _) = source.sentence(at);
        source.marks.iter().any(|mark| mark.role == Role::Deny && (from..at).contains(&mark.from))
    };
    let joins = |at: usize| {
        let word = &source.words[at];
        word.is_sign()
            || matches!(word.text.as_str(), "or" | "nor" | "neu" | "na" | "and" | "a" | "ac")
    };
    let is_one_of_several =
        joins(*first) || joins(*last) || first.checked_sub(1).is_some_and(joins);
    let tells = |at: &usize| source.words[*at].telling;
    change.added.is_empty()
        && change.lost.iter().any(tells)
        && is_barred(*first)
        && !is_one_of_several
}

/// `A vehicle that is over 2 metres high` is not any vehicle.
fn narrows(reading: &Reading, at: usize) -> bool {
    RELATIVE.contains(&reading.text_at(at))
        && at.checked_sub(1).is_some_and(|before| !reading.words[before].is_sign())
}

/// Whether the sentence has as many conditions as the line, or half of the words of this one.
fn is_said_otherwise(mark: &Mark, changes: &[Change], own: &Reading, source: &Reading) -> bool {
    let count = |reading: &Reading| reading.marks.iter().filter(|m| is_condition(m.role)).count();
    let is_added = |stem: &str| {
        changes.iter().flat_map(|change| &change.added).any(|at| own.words[*at].stem == stem)
    };
    let is_lost = |at: usize| changes.iter().any(|change| change.lost.contains(&at));
    let (from, to) = extent(source, mark);
    let telling: Vec<usize> = (from..to).filter(|at| source.words[*at].telling).collect();
    let gone = telling.iter().filter(|at| is_lost(**at) && !is_added(&source.words[**at].stem));
    count(own) >= count(source) || gone.count() * 2 <= telling.len()
}

fn is_condition(role: Role) -> bool {
    matches!(role, Role::Condition(Condition::If | Condition::Unless | Condition::Until))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_keep_the_words_that_carry_the_rule() {
        for (text, quotes, expected) in [
            ("You can apply.", "You can apply if you rent your home.", false),
            ("If you rent your home, you can apply.", "You can apply if you rent your home.", true),
            ("You can apply if you rent.", "You can apply if you own or if you rent.", true),
            ("Keep paying.", "Keep paying until we write.", false),
            (
                "You are a carer, partner or friend.",
                "You are a carer if you help a partner or friend.",
                false,
            ),
            (
                "People in Wales who are 60 can travel free.",
                "If you live in Wales and are 60, you can travel free.",
                true,
            ),
            (
                "You cannot bring a van.",
                "You cannot bring a van that is over 2 metres high.",
                false,
            ),
            ("You must show you live here.", "You must show that you live here.", true),
            ("The form the council sends.", "The form that the council sends.", true),
            ("Pay the council.", "Pay the council, which sends the bill.", true),
            ("Part 2 is due when you apply.", "Part 1 is due when you apply.", false),
            ("Term starts on 1 September 2027.", "Term starts on 1 September 2026.", false),
            ("Band | Total after the charge", "Band | Total before the charge", false),
            ("Park | £2 | £1 | £2", "Park | £1 | £1 | £2", false),
            ("It lasts at most a whole year.", "It lasts at least a whole year.", false),
            ("The grant is paid by the council.", "The grant is paid from the council.", true),
            (
                "They do not have to let you go.",
                "They have to let you go but do not have to pay you.",
                false,
            ),
            (
                "It has to be registered before it can be used.",
                "It cannot be used until it has been registered.",
                true,
            ),
            ("Nobody cannot live there.", "Nobody can live there.", false),
            ("You need no letter.", "You do not need a letter.", true),
            ("You cannot pay the fee.", "You cannot pay the fee in instalments.", false),
            ("You must not feed the swans.", "You must not feed bread to the swans.", false),
            ("You cannot smoke on board.", "You cannot smoke or vape on board.", true),
            (
                "You have to leave only if a court says so.",
                "You do not have to leave unless a court says so.",
                true,
            ),
            (
                "You must ask the council in Scotland.",
                "You must ask the council.\nEngland and Scotland differ.",
                false,
            ),
            (
                "You must ask the council in Wales.",
                "You must ask the council.\nThese rules are for Wales.",
                true,
            ),
            ("A permit costs £20.", "A badge costs £10.\nA permit costs £20.", true),
            ("cy: Gallwch wneud cais.", "Gallwch wneud cais os ydych yn rhentu.", false),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
