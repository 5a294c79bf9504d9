//! Lines into passages of bounded size, without taking apart what must be read together.

use candour_core::{Heading, UnitKind};

use super::lines::Line;
use super::{MAX_CHARACTERS, MAX_WITH_CONTEXT};
use crate::extract::Section;

/// How much of a passage may be stems and headers that are repeated from an earlier one.
const MAX_REPEATED: usize = MAX_WITH_CONTEXT - MAX_CHARACTERS;
/// A sentence up to this size is repeated where its paragraph goes on in the next passage.
const MAX_OVERLAP: usize = 200;

/// A passage in the making.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) url: String,
    pub(super) headings: Vec<Heading>,
    pub(super) lines: Vec<Line>,
}

impl Draft {
    /// How many characters its text will have, and one.
    pub(super) fn size(&self) -> usize {
        self.lines.iter().map(Line::size).sum()
    }
}

/// The passages of a section; one without lines where it is a heading alone.
pub(super) fn packed(section: &Section, lines: &[Line]) -> Vec<Draft> {
    let mut packer = Packer { lines, chosen: Vec::new(), size: 0, done: Vec::new() };
    for atom in atoms(lines) {
        packer.add(&atom);
    }
    packer.close();
    let mut drafts: Vec<Draft> =
        packer.done.iter().map(|chosen| draft(section, lines, chosen)).collect();
    if drafts.is_empty() {
        drafts.push(draft(section, lines, &[]));
    }
    drafts
}

fn draft(section: &Section, lines: &[Line], chosen: &[usize]) -> Draft {
    let renumbered = |needs: &[usize]| {
        let mut needs: Vec<usize> =
            needs.iter().filter_map(|need| chosen.iter().position(|line| line == need)).collect();
        needs.sort_unstable();
        needs
    };
    let line = |at: &usize| Line { needs: renumbered(&lines[*at].needs), ..lines[*at].clone() };
    Draft {
        url: section.url.clone(),
        headings: section.headings.clone(),
        lines: chosen.iter().map(line).collect(),
    }
}

/// Runs of lines that stay together: a stem and its first item, a header and its first row, a sentence
/// and the conditions after it.
fn atoms(lines: &[Line]) -> Vec<Vec<usize>> {
    let mut atoms: Vec<Vec<usize>> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let is_glued = at > 0 && {
            let last = &lines[at - 1];
            let completes = matches!(last.kind, UnitKind::Stem | UnitKind::Header)
                && line.needs.contains(&(at - 1));
            let limits = last.needs.contains(&at) && !line.is_piece;
            completes || limits
        };
        match atoms.last_mut() {
            Some(atom) if is_glued => atom.push(at),
            _ => atoms.push(vec![at]),
        }
    }
    atoms
}

struct Packer<'a> {
    lines: &'a [Line],
    /// The lines of the passage that is being filled.
    chosen: Vec<usize>,
    size: usize,
    done: Vec<Vec<usize>>,
}

impl Packer<'_> {
    fn add(&mut self, atom: &[usize]) {
        let fresh = self.context(atom, &[]);
        if atom.len() > 1 && self.size_of(atom) + self.size_of(&fresh) > MAX_WITH_CONTEXT {
            for line in atom {
                self.add(&[*line]);
            }
            return;
        }
        let missing = self.context(atom, &self.chosen);
        if !self.chosen.is_empty()
            && self.size + self.size_of(&missing) + self.size_of(atom) > MAX_CHARACTERS
        {
            let overlap = self.overlap(atom);
            self.close();
            self.choose(&overlap);
            let missing = self.context(atom, &self.chosen);
            self.choose(&missing);
        } else {
            self.choose(&missing);
        }
        self.choose(atom);
    }

    fn close(&mut self) {
        if !self.chosen.is_empty() {
            self.done.push(std::mem::take(&mut self.chosen));
        }
        self.size = 0;
    }

    fn choose(&mut self, lines: &[usize]) {
        self.size += self.size_of(lines);
        self.chosen.extend(lines);
    }

    fn size_of(&self, lines: &[usize]) -> usize {
        lines.iter().map(|line| self.lines[*line].size()).sum()
    }

    /// The stems and headers above an atom that are not in `present`, as far as there is room for them;
    /// those nearest to it first.
    fn context(&self, atom: &[usize], present: &[usize]) -> Vec<usize> {
        let Some(first) = atom.first() else { return Vec::new() };
        let line = &self.lines[*first];
        if line.kind == UnitKind::Sentence && !matches!(self.above(*first), Some(UnitKind::Stem)) {
            return Vec::new();
        }
        let mut room = MAX_REPEATED;
        let mut context = Vec::new();
        for need in line
            .needs
            .iter()
            .rev()
            .filter(|need| **need < *first && self.lines[**need].block <= line.block)
        {
            let is_own_piece = self.lines[*need].is_piece
                && line.is_piece
                && self.lines[*need].block == line.block;
            let size = self.lines[*need].size();
            if !is_own_piece && !present.contains(need) && size <= room {
                room -= size;
                context.push(*need);
            }
        }
        context.reverse();
        context
    }

    /// The kind of the nearest line above that a line needs.
    fn above(&self, line: usize) -> Option<UnitKind> {
        let need = self.lines[line].needs.iter().rev().find(|need| **need < line)?;
        Some(self.lines[*need].kind)
    }

    /// The last sentence, where the paragraph that it is in goes on with the atom.
    fn overlap(&self, atom: &[usize]) -> Vec<usize> {
        let (Some(last), Some(first)) = (self.chosen.last(), atom.first()) else {
            return Vec::new();
        };
        let (last_line, first_line) = (&self.lines[*last], &self.lines[*first]);
        let continues = last_line.block == first_line.block
            && last_line.kind == UnitKind::Sentence
            && first_line.kind != UnitKind::Item;
        let is_free =
            last_line.needs.is_empty() && !last_line.is_piece && last_line.size() <= MAX_OVERLAP;
        let fits = last_line.size() + self.size_of(atom) <= MAX_CHARACTERS;
        if continues && is_free && fits { vec![*last] } else { Vec::new() }
    }
}
