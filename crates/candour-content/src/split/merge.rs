//! Headings without text, said with a neighbour, and pieces of a few words, put together with their like.

use candour_core::{Heading, UnitKind};

use super::lines::Line;
use super::pack::Draft;
use super::{MAX_CHARACTERS, MIN_CHARACTERS};

/// The drafts without bare headings, and with the small ones put to the one before them under the same
/// headings. What stands under another heading stays apart: a heading is shown above what is quoted, and is
/// no sentence of a passage.
pub(super) fn merged(drafts: Vec<Draft>) -> Vec<Draft> {
    let mut done: Vec<Draft> = Vec::new();
    for draft in without_bare_headings(drafts) {
        match done.last_mut().filter(|last| fit(last, &draft)) {
            Some(last) => append(last, draft),
            None => done.push(draft),
        }
    }
    done
}

/// Whether two neighbours stand under the same headings and can be one passage.
fn fit(first: &Draft, second: &Draft) -> bool {
    let is_small = first.size().min(second.size()) <= MIN_CHARACTERS;
    let has_room = first.size() + second.size() <= MAX_CHARACTERS;
    is_small && has_room && first.url == second.url && first.headings == second.headings
}

fn append(first: &mut Draft, second: Draft) {
    let offset = first.lines.len();
    first.lines.extend(second.lines.into_iter().map(|mut line| {
        line.needs.iter_mut().for_each(|need| *need += offset);
        line
    }));
}

/// A heading without text is above the next section anyway, or is said at its beginning.
fn without_bare_headings(drafts: Vec<Draft>) -> Vec<Draft> {
    let mut done: Vec<Draft> = Vec::new();
    let mut bare: Vec<Draft> = Vec::new();
    for mut draft in drafts {
        if draft.lines.is_empty() {
            bare.push(draft);
            continue;
        }
        for heading in bare.drain(..).rev() {
            say_before(&mut draft, &heading);
        }
        done.push(draft);
    }
    // Nothing follows these: they end the passage before them.
    for heading in bare {
        if let Some(last) = done
            .last_mut()
            .filter(|last| last.url == heading.url && !last.headings.starts_with(&heading.headings))
        {
            last.lines.extend(heading_line(
                &heading.headings[common(&last.headings, &heading.headings)..],
            ));
        }
    }
    done
}

fn say_before(draft: &mut Draft, heading: &Draft) {
    if heading.url != draft.url || draft.headings.starts_with(&heading.headings) {
        return;
    }
    let tail = &heading.headings[common(&draft.headings, &heading.headings)..];
    if let Some(line) =
        heading_line(tail).filter(|line| line.size() + draft.size() <= MAX_CHARACTERS)
    {
        draft.lines.iter_mut().for_each(|other| other.needs.iter_mut().for_each(|need| *need += 1));
        draft.lines.insert(0, line);
    }
}

fn common(first: &[Heading], second: &[Heading]) -> usize {
    first.iter().zip(second).take_while(|(one, other)| one == other).count()
}

/// A heading as a line: it is not quoted by itself.
fn heading_line(headings: &[Heading]) -> Option<Line> {
    let texts: Vec<&str> = headings.iter().map(|heading| heading.text.as_str()).collect();
    let text = texts.join(" > ");
    (!text.is_empty()).then_some(Line {
        text,
        kind: UnitKind::Stem,
        needs: Vec::new(),
        links: Vec::new(),
        block: 0,
        is_piece: false,
    })
}
