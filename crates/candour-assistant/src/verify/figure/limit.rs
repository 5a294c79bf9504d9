//! What limits a figure, and towards what it is counted.

use super::names::is_filler;
use super::{Figure, Kind, Value};
use crate::verify::lexicon::{Bound, Role};
use crate::verify::reading::{Mark, Reading, Word};

/// What limits a figure: words right before it, or right after.
pub(super) fn bound(figure: &mut Figure, reading: &Reading) {
    let start = figure.from;
    let before = reading.marks.iter().filter_map(|mark| match mark.role {
        Role::BoundBefore(bound) if mark.to <= start && gap(&reading.words[mark.to..start], 5) => {
            Some((*mark, bound))
        }
        _ => None,
    });
    let nearest = before.max_by_key(|(mark, _)| (mark.to, mark.to - mark.from));
    let mut after = reading.marks.iter().filter_map(|mark| match mark.role {
        Role::BoundAfter(bound)
            if mark.from >= figure.to && gap(&reading.words[figure.to..mark.from], 4) =>
        {
            Some((*mark, bound))
        }
        _ => None,
    });
    let Some((mark, bound)) = after.next().or(nearest) else { return };
    if !can_limit(&reading.words[mark.from..mark.to], &figure.value) {
        return;
    }
    figure.limit = Some((mark.from, mark.to));
    figure.bound = Some(bound);
    let strict = matches!(bound, Bound::MoreThan | Bound::LessThan);
    if strict && let Some(denial) = denial_before(reading, &mark) {
        figure.denial = Some(denial);
        figure.bound = Some(bound.complement());
    }
}

/// `By` is a limit of dates and times alone, for an amount changes `by 5%`; so is `from` of what is not
/// an age or an amount, and the Welsh `o`.
fn can_limit(words: &[Word], value: &Value) -> bool {
    let is_when = matches!(
        value,
        Value::Date(_) | Value::Amount(_, Kind::Clock) | Value::Weekday(_) | Value::TaxYear(_)
    );
    let is_span = matches!(
        value,
        Value::Amount(_, Kind::Day | Kind::WorkingDay | Kind::Month | Kind::Hour | Kind::Minute)
    );
    let is_named = match value {
        Value::Ordinal(_) => true,
        Value::Code(code) => !code.starts_with(|c: char| c.is_ascii_digit()),
        _ => false,
    };
    match words {
        [word] => match word.text.as_str() {
            "by" | "erbyn" | "o" | "since" | "ers" => is_when,
            "before" | "after" | "cyn" => !matches!(value, Value::Amount(_, Kind::Age)),
            "from" => !is_named,
            "until" | "till" | "tan" | "hyd" => {
                is_when || is_span || matches!(value, Value::Amount(_, Kind::Age))
            }
            _ => !is_named || is_when,
        },
        _ => !is_named || is_when,
    }
}

fn gap(words: &[Word], most: usize) -> bool {
    words.len() <= most && words.iter().all(|word| is_filler(&word.text))
}

/// A denial in the clause of a strict limit, before it and after no other figure.
fn denial_before(reading: &Reading, limit: &Mark) -> Option<usize> {
    let clause = reading.words[limit.from].clause;
    let denies = |mark: &&Mark| {
        mark.role == Role::Deny
            && mark.from < limit.from
            && reading.words[mark.from].clause == clause
    };
    let denial = reading.marks.iter().rfind(denies).map(|mark| mark.from)?;
    // `You cannot use a vehicle that is longer than 2 metres` denies the use, and says how long.
    let is_apart = reading.words[denial..limit.from].iter().any(|word| word.text == "that");
    (!is_apart).then_some(denial)
}

/// `9am to 5pm`, `between 14 and 20`, `16-18`: the first is the least and the second the most.
pub(super) fn ranges(figures: &mut [Figure], reading: &Reading, is_welsh: bool) {
    let is_between = |figure: &Figure| {
        figure.limit.is_some_and(|(from, _)| matches!(reading.text_at(from), "between" | "rhwng"))
    };
    // `Between two events` limits nothing.
    for figure in figures.iter_mut().filter(|figure| is_between(figure)) {
        figure.bound = None;
    }
    for at in 1..figures.len() {
        let (from, to) = (figures[at - 1].to, figures[at].from);
        let between: Vec<&str> = reading.words[from..to]
            .iter()
            .map(|word| word.text.as_str())
            .filter(|word| {
                !is_filler(word) || matches!(*word, "to" | "i") || is_welsh && *word == "a"
            })
            .collect();
        let is_between = is_between(&figures[at - 1]);
        let joins = match between.as_slice() {
            ["to" | "-" | "–" | "until" | "till"] | ["up", "to"] => true,
            ["i" | "tan" | "hyd"] | ["hyd", "at"] => is_welsh,
            ["and" | "a" | "ac"] => is_between,
            _ => false,
        };
        let alike = figures[at - 1].value.family() == figures[at].value.family();
        if !joins || !alike || matches!(figures[at].value, Value::Ordinal(_) | Value::Code(_)) {
            continue;
        }
        for (figure, bound) in [(at - 1, Bound::AtLeast), (at, Bound::AtMost)] {
            figures[figure].bound = Some(bound);
            figures[figure].limit.get_or_insert((from, to));
        }
    }
}

/// Whether `before` or `after` follows a figure.
pub(super) fn towards(rest: &[Word]) -> Option<bool> {
    let mut texts = rest.iter().map(|word| word.text.as_str());
    match (texts.next(), texts.next()) {
        (Some("before" | "cyn"), _) | (Some("prior"), Some("to")) => Some(true),
        (Some("after" | "following"), _) | (Some("ar"), Some("ol")) => Some(false),
        _ => None,
    }
}
