//! A sentence may not leave out the condition of what it cites, nor set one of its own.

use super::Code;
use super::claim::{Claim, Line};
use super::figure::Value;
use super::lexicon::{Condition, Modal, Role};
use super::meaning::Meanings;
use super::reading::{Mark, Reading, Word};

/// A sentence rests on a line when it has at least this share of the words that the condition is about.
const RESTS: f32 = 0.51;
/// The same for a line that says `only`, whose words are not told apart.
const RESTS_ON_LIMIT: f32 = 0.35;
/// It keeps a condition when it has at least this share of the condition's own words.
const KEEPS: f32 = 0.5;

/// Checks the conditions of a sentence and of the lines that it rests on.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    let keeps = if claim.same_language {
        keeps_sense(claim) && keeps_all(claim) && adds_none(claim)
    } else {
        keeps_kinds(claim)
    };
    if keeps { Ok(()) } else { Err(Code::ConditionDropped) }
}

/// Whether every condition of every line that the sentence rests on is in the sentence.
fn keeps_all(claim: &Claim<'_>) -> bool {
    let own =
        Meanings::of(claim.reading.words.iter().filter(|w| w.telling).map(|w| w.text.as_str()));
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
    if main.is_empty() || share(&main, claim, own) < RESTS {
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
        return has_kind(&claim.reading, condition);
    }
    // A word that is near one of the main part says nothing of the condition.
    let is_main = |word: &Word| {
        elsewhere.iter().any(|item| matches!(item, Item::Word(w) if w.stem == word.stem))
    };
    let rest = claim.reading.words.iter().filter(|word| word.telling && !is_main(word));
    share(&content, claim, &Meanings::of(rest.map(|word| word.text.as_str()))) >= KEEPS
}

/// Where the words of a condition begin and end: up to the next comma where it opens its sentence, else
/// to the end of the sentence or a `but`.
fn extent(reading: &Reading, mark: &Mark) -> (usize, usize) {
    let (start, end) = reading.sentence(mark.from);
    let opens = reading.telling(start, mark.from).next().is_none();
    let has_comma = reading.words[mark.to..end].iter().any(|word| word.text == ",");
    let stops = |at: &usize| {
        let word = &reading.words[*at];
        match word.text.as_str() {
            "," | ":" => opens,
            ";" | "|" | ")" => true,
            // `If you live here but pay elsewhere` goes on.
            "but" | "ond" => {
                let next = reading.words.get(at + 1).map_or("", |word| word.text.as_str());
                !opens && SUBJECTS.contains(&next)
            }
            // `If the home is empty you may get`: the main part begins with its subject.
            "you" | "we" | "they" => {
                opens && !has_comma && reading.telling(mark.to, *at).next().is_some()
            }
            _ => false,
        }
    };
    (mark.to, (mark.to..end).find(stops).unwrap_or(end))
}

/// Words that begin a main part.
const SUBJECTS: [&str; 12] =
    ["you", "we", "they", "it", "the", "this", "your", "only", "gallwch", "mae", "rhaid", "ni"];

/// A telling word, or a figure.
#[derive(Clone, Copy)]
enum Item<'r> {
    Word(&'r Word),
    Figure(&'r Value),
}

impl Item<'_> {
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Word(one), Self::Word(two)) => one.stem == two.stem,
            (Self::Figure(one), Self::Figure(two)) => one == two,
            _ => false,
        }
    }
}

/// What a line says outside a condition, and inside.
fn parts<'r>(
    reading: &'r Reading,
    from: usize,
    to: usize,
    mark: &Mark,
) -> (Vec<Item<'r>>, Vec<Item<'r>>) {
    let (start, end) = reading.sentence(mark.from);
    // `Do this, and do that if`: the condition is that of the second part.
    let joins = |at: &usize| {
        let next = reading.words.get(at + 1).map_or("", |word| word.text.as_str());
        matches!(reading.words[*at].text.as_str(), "," | ";")
            && matches!(next, "and" | "but" | "or" | "a" | "ac" | "ond")
    };
    let start = (start..mark.from).rfind(joins).map_or(start, |at| at + 1);
    // Another condition of the same sentence is no part of what this one is about.
    let others: Vec<(usize, usize)> = reading
        .conditions()
        .filter(|(other, _)| other.from != mark.from)
        .filter(|(_, kind)| matches!(kind, Condition::If | Condition::Unless | Condition::Until))
        .filter(|(other, _)| !(from..to).contains(&other.from))
        .map(|(other, _)| (other.from, extent(reading, &other).1))
        .collect();
    let apart = |at: usize| others.iter().any(|(from, to)| (*from..*to).contains(&at));
    let parts = (start..mark.from).chain(to..end).filter(|at| !apart(*at));
    let mut main: Vec<Item<'_>> = parts.flat_map(|at| words_of(reading, at, at + 1)).collect();
    if main.is_empty() {
        main = words_of(reading, reading.sentence(mark.from).0, mark.from);
    }
    (main, words_of(reading, from, to))
}

/// The telling words and the figures between two places.
fn words_of(reading: &Reading, from: usize, to: usize) -> Vec<Item<'_>> {
    let is_counted = |at: usize| reading.figures.iter().any(|f| f.from <= at && at < f.to);
    let words = (from..to.max(from))
        .filter(|at| reading.words[*at].telling && !is_counted(*at))
        .map(|at| Item::Word(&reading.words[at]));
    // A figure belongs to where it begins.
    let figures = reading.figures.iter().filter(|f| f.from >= from && f.from < to);
    words.chain(figures.map(|figure| Item::Figure(&figure.value))).collect()
}

fn share(items: &[Item<'_>], claim: &Claim<'_>, own: &Meanings<'_>) -> f32 {
    let found = items.iter().filter(|item| has(claim, item, own)).count();
    found as f32 / items.len().max(1) as f32
}

fn has(claim: &Claim<'_>, item: &Item<'_>, own: &Meanings<'_>) -> bool {
    match item {
        Item::Word(word) => {
            claim.reading.words.iter().any(|other| other.stem == word.stem)
                || own.has_near(&word.text)
        }
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
    let denies = |reading: &Reading| reading.marks.iter().any(|mark| mark.role == Role::Deny);
    let any = |wanted: Condition| claim.lines.iter().any(|line| has(&line.reading, wanted));
    let own = &claim.reading;
    let turned = denies(own)
        || has(own, Condition::Only)
        || claim.lines.iter().any(|line| denies(&line.reading));
    let adds_exception = has(own, Condition::Unless) && !any(Condition::Unless);
    let loses_exception = has(own, Condition::If)
        && !has(own, Condition::Unless)
        && any(Condition::Unless)
        && !any(Condition::If);
    !(adds_exception || loses_exception) || turned
}

/// `Only` stays, or is said as a duty, a denial or an exception that the source does not have itself.
fn keeps_limit(claim: &Claim<'_>, line: &Line<'_>, mark: &Mark) -> bool {
    let reading = &line.reading;
    let (start, end) = reading.sentence(mark.from);
    let own = Meanings::of([]);
    let words = words_of(reading, start, end);
    if share(&words, claim, &own) < RESTS_ON_LIMIT {
        return true;
    }
    let limits = |role: Role| {
        matches!(
            role,
            Role::Condition(Condition::Only | Condition::Unless)
                | Role::Deny
                | Role::Modal(Modal::Must | Modal::Need)
        )
    };
    let count = |reading: &Reading| reading.marks.iter().filter(|mark| limits(mark.role)).count();
    count(&claim.reading) >= count(reading).min(1) && has_limit(&claim.reading, reading)
}

/// Whether a sentence limits in a way that its source does not in the same words but for `only`.
fn has_limit(own: &Reading, source: &Reading) -> bool {
    let has = |reading: &Reading, wanted: &dyn Fn(Role) -> bool| {
        reading.marks.iter().any(|mark| wanted(mark.role))
    };
    let only = |role: Role| role == Role::Condition(Condition::Only);
    let duty = |role: Role| matches!(role, Role::Modal(Modal::Must | Modal::Need));
    let denial = |role: Role| matches!(role, Role::Deny | Role::Condition(Condition::Unless));
    has(own, &only)
        || has(own, &duty) && !has(source, &duty)
        || has(own, &denial) && !has(source, &denial)
}

/// Whether the conditions that the sentence sets are made of words of its source.
fn adds_none(claim: &Claim<'_>) -> bool {
    let source = Meanings::of(
        claim
            .sources()
            .flat_map(|line| line.reading.words.iter())
            .filter(|w| w.telling)
            .map(|w| w.text.as_str()),
    );
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
}
