//! What a row of a table says stays with that row, also where it is no number: `free`, `yes`, `every week`.
//!
//! A row is known by the words of its first cell. Names and values are paired in the order in which a
//! sentence says them; where that leaves a choice, nothing is said of it.

mod across;
mod columns;

use std::collections::BTreeSet;

use candour_core::Locale;

use super::Code;
use super::claim::{Claim, Line};
use super::figure::Figure;
use super::lexicon::{Lexicon, Role};
use super::reading::{Mark, Reading, Word};

/// The most words between two words of one name: `a private ceremony for one person`.
const GAP: usize = 3;

/// What each word of a name that a sentence does not say counts against it.
const MISSING: f32 = 0.1;

/// Checks what a sentence says of the rows that it names.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    let rows: Vec<Row<'_>> = claim.lines.iter().filter_map(|line| Row::of(line, claim)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    if !claim.same_language {
        let is_unsure = across::may_be_anothers(claim, &rows);
        return if is_unsure { Err(Code::NumberMissing) } else { Ok(()) };
    }
    let is_welsh = claim.locale == Locale::Cy;
    let Some(names) = names(&claim.reading, &rows, is_welsh) else { return Ok(()) };
    if is_answered_otherwise(claim, &rows, &names) {
        return Err(Code::PolarityChanged);
    }
    if has_anothers_value(claim, &rows, &names) || columns::is_in_another(claim, &rows, &names) {
        Err(Code::NumberMissing)
    } else {
        Ok(())
    }
}

/// A row that is cited.
struct Row<'c> {
    reading: &'c Reading,
    header: Option<&'c Reading>,
    /// The words of its first cell that its column's name does not have.
    name: BTreeSet<String>,
    /// Where its other cells begin.
    from: usize,
}

impl<'c> Row<'c> {
    fn of(line: &'c Line<'_>, claim: &'c Claim<'_>) -> Option<Self> {
        let reading = &line.reading;
        let from = reading.words.iter().position(|word| word.text == "|")?;
        if line.is_header {
            return None;
        }
        let header = line.header.map(|at| &claim.lines[at].reading);
        let mut name: BTreeSet<String> = (0..from).filter_map(|at| token(reading, at)).collect();
        if let Some(header) = header {
            let end = header.words.iter().position(|word| word.text == "|").unwrap_or(0);
            (0..end).filter_map(|at| token(header, at)).for_each(|word| {
                name.remove(&word);
            });
        }
        Some(Self { reading, header, name, from })
    }

    fn says(&self, said: &Said<'_>, pair: Option<u16>) -> bool {
        match said {
            Said::Figure(own) => self.reading.bears_out(&own.value),
            Said::Free => self.reading.marks.iter().any(|mark| is_free(mark, pair)),
        }
    }

    /// Whether it has a price, which stands against `free`.
    fn names_a_price(&self) -> bool {
        let is_price = |figure: &Figure| figure.from > self.from && figure.value.is_money();
        self.reading.figures.iter().any(is_price)
    }

    /// What its one cell of `yes` or `no` says, with the telling words above it.
    fn answer(&self) -> Option<(bool, BTreeSet<&'c str>)> {
        let cells: Vec<&[Word]> = self.reading.words.split(|word| word.text == "|").collect();
        let answers = cells.iter().enumerate().skip(1).filter_map(|(column, cell)| {
            let words: Vec<&str> = cell.iter().map(|word| word.text.as_str()).collect();
            let is_yes = match words[..] {
                ["yes" | "oes" | "ydy" | "ydyn" | "ie" | "cewch" | "gallwch"] => true,
                ["no" | "na"] | ["nac" | "na", "oes" | "ydy" | "ydyn" | "chewch" | "allwch"] => {
                    false
                }
                _ => return None,
            };
            Some((column, is_yes))
        });
        let [(column, is_yes)] = answers.collect::<Vec<_>>()[..] else { return None };
        let above = self.header?.words.split(|word| word.text == "|").nth(column)?;
        let above = above.iter().filter(|word| word.telling).map(|word| word.stem.as_str());
        Some((is_yes, above.collect()))
    }
}

/// A word as part of a name: its stem, a denial, a number or a letter.
fn token(reading: &Reading, at: usize) -> Option<String> {
    let word = &reading.words[at];
    let denies = |mark: &Mark| mark.role == Role::Deny && (mark.from..mark.to).contains(&at);
    let is_label = word.text.starts_with(|c: char| c.is_ascii_digit())
        || word.text.len() == 1 && !matches!(word.text.as_str(), "a" | "i" | "o" | "y");
    if word.is_sign() {
        None
    } else if reading.marks.iter().any(denies) {
        Some("not".to_owned())
    } else {
        (word.telling || is_label).then(|| word.stem.clone())
    }
}

/// Where a sentence names rows, and which. `None` where it cannot be told.
fn names(own: &Reading, rows: &[Row<'_>], is_welsh: bool) -> Option<Vec<(usize, usize)>> {
    let known = |at: &usize| {
        token(own, *at).is_some_and(|token| rows.iter().any(|row| row.name.contains(&token)))
    };
    let ends = |at: usize| {
        let word = &own.words[at];
        let joins: &[&str] =
            if is_welsh { &["a", "ac", "neu", "ond"] } else { &["and", "or", "but"] };
        word.is_sign() || joins.contains(&word.text.as_str())
    };
    let mut clusters: Vec<Vec<usize>> = Vec::new();
    for at in (0..own.words.len()).filter(known) {
        match clusters.last_mut() {
            Some(cluster)
                if cluster
                    .last()
                    .is_some_and(|last| at - last <= GAP + 1 && !(last + 1..at).any(ends)) =>
            {
                cluster.push(at);
            }
            _ => clusters.push(vec![at]),
        }
    }
    let named = clusters.into_iter().map(|cluster| {
        let tokens: BTreeSet<String> = cluster.iter().filter_map(|at| token(own, *at)).collect();
        // A denial by itself names nothing.
        if tokens.iter().all(|token| token == "not") {
            return Some(None);
        }
        best(&tokens, rows).map(|row| Some((cluster[0], row)))
    });
    Some(named.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
}

/// The row whose name fits best, where there is one.
fn best(tokens: &BTreeSet<String>, rows: &[Row<'_>]) -> Option<usize> {
    let score = |row: &Row<'_>| {
        let said = row.name.intersection(tokens).count() as f32;
        said - (row.name.len() as f32 - said) * MISSING
    };
    let mut scores: Vec<(f32, usize)> =
        rows.iter().enumerate().map(|(at, row)| (score(row), at)).collect();
    scores.sort_by(|one, other| other.0.total_cmp(&one.0));
    match scores[..] {
        [(first, _), (second, _), ..] if first <= second => None,
        [(_, at), ..] => Some(at),
        [] => None,
    }
}

/// What a sentence says of a row.
enum Said<'r> {
    Figure(&'r Figure),
    Free,
}

fn is_free(mark: &Mark, pair: Option<u16>) -> bool {
    pair.is_some_and(|pair| mark.role == Role::Opposite(pair, false))
}

/// What a sentence says that stands in a row and in no line beside the table, by its place.
fn values<'c>(claim: &'c Claim<'_>, rows: &[Row<'_>], pair: Option<u16>) -> Vec<(usize, Said<'c>)> {
    let is_beside = |figure: &Figure| {
        let mut lines = claim.sources().filter(|line| !line.text.contains('|'));
        lines.any(|line| line.reading.bears_out(&figure.value))
    };
    let figures = claim.reading.figures.iter().filter(|figure| {
        rows.iter().any(|row| row.says(&Said::Figure(figure), pair)) && !is_beside(figure)
    });
    let mut values: Vec<(usize, Said<'_>)> =
        figures.map(|figure| (figure.from, Said::Figure(figure))).collect();
    let denies = |at: usize| {
        let clause = claim.reading.words[at].clause;
        let mut marks = claim.reading.marks.iter().filter(|mark| mark.role == Role::Deny);
        marks.any(|mark| mark.from < at && claim.reading.words[mark.from].clause == clause)
    };
    let beside_free = claim.lines.iter().any(|line| {
        !line.text.contains('|') && line.reading.marks.iter().any(|mark| is_free(mark, pair))
    });
    let free = claim.reading.marks.iter().filter(|mark| is_free(mark, pair) && !denies(mark.from));
    values.extend(free.filter(|_| !beside_free).map(|mark| (mark.from, Said::Free)));
    values
}

/// Whether a row is given what only another has.
fn has_anothers_value(claim: &Claim<'_>, rows: &[Row<'_>], names: &[(usize, usize)]) -> bool {
    let pair = Lexicon::of(&claim.locale).free;
    let is_name = |at: usize| names.iter().any(|(from, _)| *from == at);
    let values: Vec<(usize, Said<'_>)> =
        values(claim, rows, pair).into_iter().filter(|(at, _)| !is_name(*at)).collect();
    let is_wrong = |of: &[usize], said: &Said<'_>| {
        // A figure is one only where some row says it.
        let is_others = match said {
            Said::Figure(_) => true,
            Said::Free => {
                rows.iter().any(|row| row.says(said, pair))
                    || of.iter().any(|row| rows[*row].names_a_price())
            }
        };
        !of.is_empty() && is_others && !of.iter().any(|row| rows[*row].says(said, pair))
    };
    let groups = groups(names, &values);
    let all: Vec<usize> = names.iter().map(|(_, row)| *row).collect();
    let pairs: Vec<(Vec<usize>, Vec<usize>)> = if groups.len().is_multiple_of(2) {
        groups.chunks(2).map(|two| (of_names(two), of_values(two))).collect()
    } else {
        vec![(all, (0..values.len()).collect())]
    };
    pairs.iter().any(|(of, said)| said.iter().any(|at| is_wrong(of, &values[*at].1)))
}

/// Names, or values, that stand together.
enum Group {
    Names(Vec<usize>),
    Values(Vec<usize>),
}

fn of_names(groups: &[Group]) -> Vec<usize> {
    let names = groups.iter().filter_map(|group| match group {
        Group::Names(rows) => Some(rows.clone()),
        Group::Values(_) => None,
    });
    names.flatten().collect()
}

fn of_values(groups: &[Group]) -> Vec<usize> {
    let values = groups.iter().filter_map(|group| match group {
        Group::Values(values) => Some(values.clone()),
        Group::Names(_) => None,
    });
    values.flatten().collect()
}

fn groups(names: &[(usize, usize)], values: &[(usize, Said<'_>)]) -> Vec<Group> {
    let mut places: Vec<(usize, bool, usize)> =
        names.iter().map(|(at, row)| (*at, true, *row)).collect();
    places.extend(values.iter().enumerate().map(|(index, (at, _))| (*at, false, index)));
    places.sort_unstable();
    let mut groups: Vec<Group> = Vec::new();
    for (_, is_name, which) in places {
        match (groups.last_mut(), is_name) {
            (Some(Group::Names(rows)), true) => rows.push(which),
            (Some(Group::Values(values)), false) => values.push(which),
            (_, true) => groups.push(Group::Names(vec![which])),
            (_, false) => groups.push(Group::Values(vec![which])),
        }
    }
    groups
}

/// Whether a sentence denies what all rows that it names answer with `yes`, or affirms their `no`.
fn is_answered_otherwise(claim: &Claim<'_>, rows: &[Row<'_>], names: &[(usize, usize)]) -> bool {
    let own = &claim.reading;
    // A denial in another clause denies something else.
    let asked = |above: &BTreeSet<&str>| -> BTreeSet<usize> {
        let asks = |word: &&Word| word.telling && above.contains(word.stem.as_str());
        own.words.iter().filter(asks).map(|word| word.clause).collect()
    };
    let denies = |clauses: &BTreeSet<usize>| {
        let mut marks = own.marks.iter().filter(|mark| mark.role == Role::Deny);
        marks.any(|mark| clauses.contains(&own.words[mark.from].clause))
    };
    let mut answers = names.iter().map(|(_, row)| rows[*row].answer()).peekable();
    answers.peek().is_some()
        && answers.all(|answer| {
            answer.is_some_and(|(is_yes, above)| {
                let clauses = asked(&above);
                !clauses.is_empty() && is_yes == denies(&clauses)
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_what_they_say() {
        const BOOKS: &str = "Beth | Faint\nLlyfrau | 20\nE-lyfrau ac e-lyfrau llafar | 10";
        const PLACES: &str = "Where | Price\nThe hills | Free\nThe coast | Up to £10";
        const DAYS: &str = "Bin | When\nFood box | every week\nGrey bin | every 3 weeks";
        const CLERKS: &str =
            "Clerk | Most notices | Late ones\nHold a card | 50 | 10\nDo not hold a card | 5 | 2";
        const VOTES: &str = "Vote | Do you need a card?\nTown vote | No\nCounty vote | Yes";
        for (text, quotes, expected) in [
            ("On the coast it costs up to £10 and in the hills it is free.", PLACES, true),
            ("In the hills it costs up to £10 and on the coast it is free.", PLACES, false),
            ("The coast is free.", PLACES, false),
            ("The hills are free.", PLACES, true),
            ("The grey bin is emptied every week and the food box every 3 weeks.", DAYS, false),
            ("The food box is emptied every week and the grey bin every 3 weeks.", DAYS, true),
            ("If you do not hold a card you can give 10 late ones.", CLERKS, false),
            ("If you do not hold a card you can give 2 late ones.", CLERKS, true),
            ("If you hold a card you can give 10 late ones.", CLERKS, true),
            ("You need a card for a town vote.", VOTES, false),
            ("You do not need a card for a town vote.", VOTES, true),
            ("You do not need a card for a county vote.", VOTES, false),
            ("You need a card for a county vote.", VOTES, true),
            ("Even if you have not voted before, you need a card for a county vote.", VOTES, true),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
        for (text, expected) in
            [("cy: Cewch 20 llyfr a 10 e-lyfr.", true), ("cy: Cewch 10 llyfr ac 20 e-lyfr.", false)]
        {
            let claim = Claim::plain(text, BOOKS);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {BOOKS}");
        }
    }
}
