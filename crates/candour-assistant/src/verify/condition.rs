//! A sentence may not leave out the condition of what it cites, nor set one of its own.

mod either;
mod limit;
mod merged;
mod one_of;
mod part;
mod parts;

use self::either::are_made_one;
use self::limit::{adds_limit, keeps_limit};
use self::merged::takes_anothers;
use self::one_of::is_made_a_duty;
pub(super) use self::parts::{Item, extent, words_of};
use self::parts::{cases, parts};
use super::Code;
use super::claim::{Claim, Line};
use super::lexicon::{Condition, Role};
use super::meaning::Meanings;
use super::reading::{Mark, Reading, Word};

/// A sentence rests on a line when it has at least this share of the words that the condition is about.
const RESTS: f32 = 0.51;
/// It keeps a condition when it has at least this share of the condition's own words.
const KEEPS: f32 = 0.5;

/// Checks the conditions of a sentence and of the lines that it rests on.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    let keeps = if claim.same_language {
        keeps_sense(claim)
            && keeps_all(claim)
            && adds_none(claim)
            && !adds_limit(claim)
            && !takes_anothers(claim)
            && !is_made_a_duty(claim)
            && !are_made_one(claim)
            && !part::is_left_out(claim)
    } else {
        keeps_kinds(claim)
    };
    if keeps { Ok(()) } else { Err(Code::ConditionDropped) }
}

/// Whether every condition of every line that the sentence rests on is in the sentence.
fn keeps_all(claim: &Claim<'_>) -> bool {
    let own = Meanings::telling(&claim.reading.words);
    claim.lines.iter().all(|line| {
        line.reading.conditions().all(|(mark, condition)| match condition {
            Condition::Only => keeps_limit(claim, line, &mark),
            _ => keeps_condition(claim, line, &mark, condition, &own),
        })
    })
}

fn keeps_condition(
    claim: &Claim<'_>,
    line: &Line<'_>,
    mark: &Mark,
    condition: Condition,
    own: &Meanings<'_>,
) -> bool {
    let (from, to) = extent(&line.reading, mark);
    let (main, mut content) = parts(&line.reading, from, to, mark);
    // A line that is an exception to another holds for whatever rests on that.
    if main.is_empty() && condition == Condition::Unless && !content.is_empty() {
        return share(&content, claim, own) >= KEEPS;
    }
    if main.is_empty() {
        // `It is free` has no words of its own.
        return claim.lines.len() > 1
            || has_condition(claim)
            || content.is_empty()
            || share(&content, claim, own) >= KEEPS;
    }
    let found = share(&main, claim, own);
    let is_short = main.len() == 2 && claim.lines.len() == 1 && found > 0.0;
    if found < RESTS && !is_short && !is_part_of(claim, line, &main) {
        return true;
    }
    // The words of a condition that only introduces a list are in the items.
    if content.is_empty() && line.is_stem() {
        let others = claim.lines.iter().filter(|other| other.text != line.text);
        content = others
            .flat_map(|other| words_of(&other.reading, 0, other.reading.words.len()))
            .collect();
        return !content.is_empty() && content.iter().any(|word| has(claim, word, own))
            || has_condition(claim);
    }
    // Words that the sentence has elsewhere too do not tell whether the condition was kept.
    let (start, end) = line.reading.sentence(mark.from);
    let mut elsewhere = words_of(&line.reading, start, mark.from);
    elsewhere.extend(words_of(&line.reading, to, end));
    content.retain(|item| !elsewhere.iter().any(|other| item.is_same(other)));
    if content.is_empty() {
        return keeps_kind(claim, line, (from, to), condition);
    }
    keeps_cases(claim, cases(&line.reading, from, to), &elsewhere, condition)
}

/// Whether a sentence has a condition of the same kind as one without words of its own. `If you do not`
/// denies what stands in the sentence before.
fn keeps_kind(
    claim: &Claim<'_>,
    line: &Line<'_>,
    (from, to): (usize, usize),
    condition: Condition,
) -> bool {
    let denies = |reading: &Reading, from: usize, to: usize| {
        let mut marks = reading.marks.iter().filter(|m| from <= m.from && m.from < to);
        marks.any(|m| matches!(m.role, Role::Deny | Role::Condition(Condition::Unless)))
    };
    let own = &claim.reading;
    has_kind(own, condition)
        && (!denies(&line.reading, from, to) || denies(own, 0, own.words.len()))
}

/// Whether a sentence has every case of a condition, by the words that the line has only there.
fn keeps_cases(
    claim: &Claim<'_>,
    cases: Vec<Vec<Vec<Item<'_>>>>,
    elsewhere: &[Item<'_>],
    condition: Condition,
) -> bool {
    // A word that is near one of the main part says nothing of the condition.
    let is_main = |word: &Word| {
        elsewhere.iter().any(|item| matches!(item, Item::Word(w) if w.stem == word.stem))
    };
    let rest = Meanings::telling(claim.reading.words.iter().filter(|word| !is_main(word)));
    let is_apart = |item: &Item<'_>| !elsewhere.iter().any(|other| item.is_same(other));
    let is_kept = |part: &Vec<Item<'_>>| share(part, claim, &rest) >= KEEPS;
    cases.into_iter().all(|case| {
        let parts = case.into_iter().map(|part| part.into_iter().filter(is_apart).collect());
        let parts: Vec<Vec<Item<'_>>> = parts.filter(|part: &Vec<_>| !part.is_empty()).collect();
        // Every exception stands; of several conditions that are each enough, one does.
        match condition {
            Condition::Unless => parts.iter().all(is_kept),
            _ => parts.is_empty() || parts.iter().any(is_kept),
        }
    })
}

/// Whether a sentence says a part of what a line says outside its condition, and nothing of another line.
fn is_part_of(claim: &Claim<'_>, line: &Line<'_>, main: &[Item<'_>]) -> bool {
    let own = words_of(&claim.reading, 0, claim.reading.words.len());
    let known = own.iter().filter(|item| main.iter().any(|other| item.is_same(other))).count();
    let has = |other: &Line<'_>| {
        let words = words_of(&other.reading, 0, other.reading.words.len());
        own.iter().filter(|item| words.iter().any(|word| item.is_same(word))).count()
    };
    let others = claim.lines.iter().filter(|other| other.text != line.text);
    known > 1 && known * 4 >= own.len() * 3 && others.map(has).all(|count| count < known)
}

fn share(items: &[Item<'_>], claim: &Claim<'_>, own: &Meanings<'_>) -> f32 {
    let found = items.iter().filter(|item| has(claim, item, own)).count();
    found as f32 / items.len().max(1) as f32
}

fn has(claim: &Claim<'_>, item: &Item<'_>, own: &Meanings<'_>) -> bool {
    match item {
        Item::Word(word) => claim.reading.has_stem(&word.stem) || own.has_near(&word.text),
        Item::Figure(value) => claim.reading.figures.iter().any(|figure| figure.value.says(value)),
    }
}

fn has_condition(claim: &Claim<'_>) -> bool {
    claim.reading.conditions().next().is_some()
}

/// Whether the sentence has a condition of this kind, or says it as a limit.
fn has_kind(reading: &Reading, wanted: Condition) -> bool {
    reading.conditions().any(|(_, kind)| kind == wanted || kind == Condition::Only)
}

/// Whether `if` and `unless` are where the source has them: one may stand for the other only with a
/// denial (`if you do not`), or with `only`.
fn keeps_sense(claim: &Claim<'_>) -> bool {
    let has = |reading: &Reading, wanted: Condition| {
        reading.conditions().any(|(_, condition)| condition == wanted)
    };
    let any = |wanted: Condition| claim.lines.iter().any(|line| has(&line.reading, wanted));
    let own = &claim.reading;
    let turned = own.denies()
        || has(own, Condition::Only)
        || claim.lines.iter().any(|line| line.reading.denies());
    let adds_exception = has(own, Condition::Unless) && !any(Condition::Unless);
    let loses_exception = has(own, Condition::If)
        && !has(own, Condition::Unless)
        && any(Condition::Unless)
        && !any(Condition::If);
    !(adds_exception || loses_exception) || turned
}

/// Whether the conditions that the sentence sets are made of words of its source.
fn adds_none(claim: &Claim<'_>) -> bool {
    let source = claim.source_meanings();
    claim.reading.conditions().filter(|(_, condition)| *condition != Condition::Only).all(
        |(mark, condition)| {
            let (from, to) = extent(&claim.reading, &mark);
            let items = words_of(&claim.reading, from, to);
            let is_known = |item: &&Item<'_>| match item {
                Item::Word(word) => claim.has_stem(&word.stem) || source.has_near(&word.text),
                Item::Figure(_) => true,
            };
            let known = items.iter().filter(is_known).count();
            // One word may be put otherwise where the source has a condition of this kind.
            let is_kind = items.len() == 1
                && claim.lines.iter().any(|line| has_kind(&line.reading, condition));
            known * 2 >= items.len() || is_kind
        },
    )
}

/// Between two languages: a line's kinds of condition are the sentence's.
fn keeps_kinds(claim: &Claim<'_>) -> bool {
    let kinds = |reading: &Reading| -> Vec<bool> {
        let has =
            |wanted: Condition| reading.conditions().any(|(_, condition)| condition == wanted);
        vec![
            has(Condition::If) || has(Condition::When) || has(Condition::Until),
            has(Condition::Unless),
            has(Condition::Only),
        ]
    };
    let own = kinds(&claim.reading);
    let is_in =
        |line: &Line<'_>| kinds(&line.reading).iter().zip(&own).all(|(line, own)| !line || *own);
    claim.lines.iter().any(is_in)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_stay() {
        for (text, quotes, expected) in [
            (
                "You pay nothing if you live in Aberwen.",
                "You pay nothing if you live in Aberwen.",
                true,
            ),
            ("You pay nothing.", "You pay nothing if you live in Aberwen.", false),
            (
                "People who live in Aberwen pay nothing.",
                "You pay nothing if you live in Aberwen.",
                true,
            ),
            (
                "You pay nothing as long as you live here.",
                "You pay nothing if you live here.",
                true,
            ),
            ("You pay nothing.", "You ask us, so you pay nothing if you live in Aberwen.", false),
            ("You get it.", "You get it unless you rent.", false),
            ("You get it if you rent.", "You get it unless you rent.", false),
            ("You get it if you do not rent.", "You get it unless you rent.", true),
            ("You get the grant.", "You get the grant, except in August.", false),
            ("Residents get it.", "Only residents get it.", false),
            ("It is for residents only.", "Only residents get it.", true),
            ("Do not park in a bay.", "Do not park in a bay until your permit starts.", false),
            (
                "You cannot park.",
                "You cannot park.\nThe only exception is if you hold a Blue Badge.",
                false,
            ),
            (
                "You cannot park unless you hold a Blue Badge.",
                "You cannot park.\nThe only exception is if you hold a Blue Badge.",
                true,
            ),
            ("You can apply.", "You can apply if you:\nrent your home", false),
            ("You can apply if you rent your home.", "You can apply if you:\nrent your home", true),
            (
                "You can apply if you own two dogs and a boat.",
                "You can apply if you rent your home.",
                false,
            ),
            ("The fee is £10.", "The fee is £10.", true),
            (
                "If you do not turn up without a reason, we fine you.",
                "We fine you if you do not come and have no reason.",
                false,
            ),
            (
                "You can use a caterer.",
                "You may bring a caterer, as long as they are registered.",
                false,
            ),
            ("It is free.", "If it was stolen, it is free.", false),
            ("You can apply only by phone.", "Apply by phone or online.", false),
            ("Spend it on providing meals.", "Spend it only on providing meals.", false),
            (
                "People in hospital for over a year do not get it.",
                "You do not get it if you are in hospital for over a year.",
                true,
            ),
            ("Once granted, it lasts 5 years.", "It lasts 5 years.", false),
            ("cy: Cewch ostyngiad.", "Cewch ostyngiad oni bai eich bod yn rhentu.", false),
            ("cy: Cewch ostyngiad.", "Cewch ostyngiad os ydych yn rhentu.", false),
            (
                "cy: Os ydych yn rhentu, cewch ostyngiad.",
                "Cewch ostyngiad os ydych yn rhentu.",
                true,
            ),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }

    #[test]
    fn every_case_of_a_condition_stays() {
        for (text, quotes, expected) in [
            (
                "You can apply if you rent.",
                "You can apply if you rent and have lived here since birth.",
                false,
            ),
            (
                "You can apply if you are a student.",
                "You can apply if you rent a flat or are a student.",
                true,
            ),
            (
                "You can swim unless it snows.",
                "You can swim unless it snows or the pool is full.",
                false,
            ),
            (
                "A building needs no permission, such as a hobby room.",
                "A building needs no permission if it belongs to the house, such as a hobby room.",
                false,
            ),
            (
                "We close your claim if you reply.",
                "Reply within 7 days.\nIf you do not, we close your claim.",
                false,
            ),
            (
                "You can get help if you are disabled.",
                "If you are ill, old or disabled, you can get help.",
                true,
            ),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
