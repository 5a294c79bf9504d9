//! Which parts of the passages that a search found answer it best. A search shows them; nothing is composed
//! of them, so that what introduces a list may be one too.

use candour_core::{Hit, UnitKind};

use super::pool::Pool;
use super::rank;
use super::reading::Readings;
use super::score::{At, score_of_any};
use crate::retrieve::Retrieved;

/// How many parts are shown, and of how many passages: what stands farther down seldom answers.
const SHOWN: usize = 5;

/// A sentence, an item, a row, or what introduces a list, of a passage that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The place of its passage among those that were found, from 0.
    pub passage: usize,
    /// What stands before it on the page and must be read with it: what introduces it.
    pub before: Vec<String>,
    /// Its words.
    pub text: String,
    /// What stands behind it and must be read with it: exceptions, and the list that it introduces.
    pub after: Vec<String>,
}

/// The few parts that answer best, best first.
pub fn best_parts(text: &str, hits: &[Hit]) -> Vec<Part> {
    let ranked = ranked(text, hits).into_iter().filter(|at| at.passage < SHOWN);
    ranked.take(SHOWN).map(|at| part(&hits[at.passage], at)).collect()
}

/// All parts of the passages that a search for `text` found, best first.
pub fn parts(text: &str, hits: &[Hit]) -> Vec<Part> {
    ranked(text, hits).into_iter().map(|at| part(&hits[at.passage], at)).collect()
}

fn ranked(text: &str, hits: &[Hit]) -> Vec<At> {
    let found = Retrieved::of(text, hits);
    let readings = Readings::default();
    let pool = Pool::new(&found, &readings);
    let passages = pool.passages.iter().enumerate();
    let places = passages.flat_map(|(passage, read)| {
        let units = read.hit.passage.units.iter().enumerate();
        let read_alone = units.filter(|(_, unit)| unit.kind != UnitKind::Header);
        read_alone.map(move |(unit, _)| At { passage, unit })
    });
    let units: Vec<_> = places.map(|at| score_of_any(&pool, at)).collect();
    let asking = pool.asked.beside_circumstances.as_deref().unwrap_or(text);
    let nearness = rank::nearness(&pool, asking, &units);
    let mut ranked: Vec<(f32, At)> =
        nearness.into_iter().zip(units.iter().map(|unit| unit.at)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    ranked.into_iter().map(|(_, at)| at).collect()
}

fn part(hit: &Hit, at: At) -> Part {
    let passage = &hit.passage;
    let words = |unit: usize| passage.quote(&passage.units[unit]).to_owned();
    let mut with = super::closure(passage, at.unit);
    if passage.units[at.unit].kind == UnitKind::Stem {
        let needs = |unit: &usize| passage.units[*unit].needs.contains(&(at.unit as u32));
        with.extend((0..passage.units.len()).filter(needs));
    }
    let side = |is_on: fn(&usize, &usize) -> bool| {
        with.iter().filter(|unit| is_on(unit, &at.unit)).map(|unit| words(*unit)).collect()
    };
    Part {
        passage: at.passage,
        before: side(usize::lt),
        text: words(at.unit),
        after: side(usize::gt),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::memory::page;

    fn found() -> Vec<Hit> {
        let permits = [
            ("What it costs", "Permit\n| First car | £42\n| Second car | £78"),
            (
                "Who can apply",
                "You can apply for a permit if you:\n* live in the zone\n* own or lease a car\n\
                 Visitors cannot apply for a permit.\n+ Unless they stay longer than a month.",
            ),
        ];
        let mut hits = page("/permits", "Parking permits", "en", &permits);
        let bins = [("", "Put your bin out by 7am.")];
        hits.extend(page("/bins", "Bins", "en", &bins));
        for (rank, hit) in hits.iter_mut().enumerate() {
            hit.score = 1.0 - rank as f32 * 0.1;
        }
        hits
    }

    #[test]
    fn the_part_that_answers_comes_first_with_what_it_is_to_be_read_with() {
        let hits = found();
        for (asked, text, before, after) in [
            ("how much for a second car", "Second car | £78", vec!["Permit"], vec![]),
            (
                "who can apply for a permit",
                "You can apply for a permit if you:",
                vec![],
                vec!["live in the zone", "own or lease a car"],
            ),
            ("lease", "own or lease a car", vec!["You can apply for a permit if you:"], vec![]),
            (
                "can visitors apply",
                "Visitors cannot apply for a permit.",
                vec![],
                vec!["Unless they stay longer than a month."],
            ),
        ] {
            let best = parts(asked, &hits).into_iter().next().unwrap();
            let found = (best.text.as_str(), best.before, best.after);
            let owned = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect();
            assert_eq!(found, (text, owned(before), owned(after)), "{asked}");
        }
    }

    #[test]
    fn every_part_but_a_header_is_there_once_and_only_few_are_best() {
        let hits = found();
        let all = parts("permit", &hits);
        assert_eq!(all.len(), 8);
        assert!(all.iter().all(|part| part.text != "Permit"));
        assert_eq!(best_parts("permit", &hits), all[..SHOWN]);
        let many: Vec<Hit> = (0..9).flat_map(|_| hits[2..].to_vec()).collect();
        assert!(best_parts("bin", &many).iter().all(|part| part.passage < SHOWN));
        for nothing in ["", "  ", "!?", "🗑️", "the of and"] {
            assert_eq!(parts(nothing, &hits).len(), 8, "{nothing:?}");
            assert!(parts(nothing, &[]).is_empty());
        }
    }
}
