//! Lists and tables: what belongs together, and whether all of it is quoted.

use std::collections::BTreeSet;

use candour_core::{Nation, Nations, Passage, UnitKind};

use super::pool::Pool;
use super::reading::label;
use super::score::{At, Scored};
use crate::screen::nations_named_in;

/// A list with the lists inside it, or a table.
pub(super) struct List<'p> {
    passage: &'p Passage,
    /// The rank of the passage.
    rank: usize,
    /// The unit that introduces it.
    root: usize,
    /// What is in it, without what introduces it.
    members: Vec<usize>,
}

impl PartialEq for List<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.rank, self.root) == (other.rank, other.root)
    }
}

impl<'p> List<'p> {
    /// The list or table that a unit is in, if it is in one that something introduces.
    pub(super) fn around(pool: &'p Pool<'_>, at: At) -> Option<Self> {
        let passage: &'p Passage = &pool.passages[at.passage].hit.passage;
        let root = root(passage, at.unit)?;
        let members = (0..passage.units.len())
            .filter(|unit| *unit != root && self::root(passage, *unit) == Some(root));
        Some(Self { passage, rank: at.passage, root, members: members.collect() })
    }

    /// What is in it and not chosen. Rows that are another's than the reader's are not missed: their
    /// score says so.
    pub(super) fn missing(&self, candidates: &[Scored], chosen: &BTreeSet<At>) -> Vec<At> {
        let is_anothers =
            |at: &At| candidates.iter().any(|unit| unit.at == *at && unit.score < 0.0);
        let members = self.members.iter().map(|unit| At { passage: self.rank, unit: *unit });
        members.filter(|at| !chosen.contains(at) && !is_anothers(at)).collect()
    }

    /// Whether something in it is missing. A table of nations has no more for a reader in one of them.
    pub(super) fn is_cut(
        &self,
        candidates: &[Scored],
        chosen: &BTreeSet<At>,
        nation: Option<Nation>,
    ) -> bool {
        self.row_of(nation).is_none() && !self.missing(candidates, chosen).is_empty()
    }

    /// The row of a nation, where the rows are named for nations.
    pub(super) fn row_of(&self, nation: Option<Nation>) -> Option<At> {
        let named = self.members.iter().filter_map(|unit| {
            let label = label(
                self.passage.quote(&self.passage.units[*unit]),
                self.passage.units[*unit].kind,
            );
            Some((*unit, nations_named_in(label?))).filter(|(_, nations)| !nations.is_empty())
        });
        let named: Vec<(usize, Nations)> = named.collect();
        let row = named.iter().find(|(_, nations)| nation.is_some_and(|own| nations.contains(own)));
        row.filter(|_| named.len() > 1).map(|(unit, _)| At { passage: self.rank, unit: *unit })
    }
}

/// The unit that introduces the outermost list or the table that a unit is in.
fn root(passage: &Passage, unit: usize) -> Option<usize> {
    let unit = passage.units.get(unit)?;
    if matches!(unit.kind, UnitKind::Sentence | UnitKind::Header) {
        return None;
    }
    let introduces = |kind: UnitKind| match unit.kind {
        UnitKind::Row => kind == UnitKind::Header,
        _ => kind == UnitKind::Stem,
    };
    let needs = unit.needs.iter().map(|need| *need as usize);
    needs.filter(|need| passage.units.get(*need).is_some_and(|need| introduces(need.kind))).min()
}
