//! Headings without text and passages of a few words, put together with their neighbours.

use candour_core::{Heading, NationScope, Nations, UnitKind};

use super::limits::limits;
use super::lines::Line;
use super::pack::Draft;
use super::{MAX_CHARACTERS, MIN_CHARACTERS};
use crate::extract::scope::{heading_nations, said_in_passage};

/// The drafts with the small ones put into a neighbour of the same part of a page of this scope.
pub(super) fn merged(drafts: Vec<Draft>, page: &NationScope) -> Vec<Draft> {
    let fit = |first: &Draft, second: &Draft| fit(first, second) && hold_alike(first, second, page);
    let mut done: Vec<Draft> = Vec::new();
    let mut rest = without_bare_headings(drafts).into_iter().peekable();
    while let Some(mut draft) = rest.next() {
        loop {
            if draft.size() > MIN_CHARACTERS {
                break;
            }
            let before =
                done.last().filter(|last| fit(last, &draft)).map(|last| nearness(last, &draft));
            let after =
                rest.peek().filter(|next| fit(&draft, next)).map(|next| nearness(&draft, next));
            let joins_next = after.is_some() && after > before;
            let neighbour = if joins_next { rest.next() } else { None };
            match (neighbour, before) {
                (Some(next), _) => draft = joined(draft, next),
                (None, Some(_)) => match done.pop() {
                    Some(last) => draft = joined(last, draft),
                    None => break,
                },
                (None, None) => break,
            }
        }
        done.push(draft);
    }
    done
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

/// Whether two neighbours can be one passage: small enough, of one part, for the same nations, and under no
/// heading that limits only one of them.
fn fit(first: &Draft, second: &Draft) -> bool {
    let headings = |draft: &Draft| {
        draft.headings.iter().map(|heading| heading.text.chars().count() + 3).sum::<usize>()
    };
    let nations =
        |draft: &Draft| heading_nations(draft.headings.iter().map(|heading| heading.text.as_str()));
    let room = first.size() + second.size() + headings(first) + headings(second) <= MAX_CHARACTERS;
    let shared = common(&first.headings, &second.headings);
    let own = first.headings[shared..].iter().chain(&second.headings[shared..]);
    first.url == second.url
        && room
        && nations(first) == nations(second)
        && !own.into_iter().any(|heading| limits(&heading.text))
}

/// Whether the words of one section do not say where they apply in a way that would narrow the other's.
fn hold_alike(first: &Draft, second: &Draft, page: &NationScope) -> bool {
    let narrower = |draft: &Draft| -> Option<Nations> {
        let said = draft.lines.iter().find_map(|line| said_in_passage(&line.text));
        said.filter(|nations| page.applies.iter().any(|nation| !nations.contains(nation)))
    };
    first.headings == second.headings || narrower(first) == narrower(second)
}

/// How closely two drafts belong together: the headings that they share, and whether these are all.
fn nearness(first: &Draft, second: &Draft) -> (usize, bool) {
    (common(&first.headings, &second.headings), first.headings == second.headings)
}

fn common(first: &[Heading], second: &[Heading]) -> usize {
    first.iter().zip(second).take_while(|(one, other)| one == other).count()
}

/// One passage of two. It stands under the headings of the larger; the headings of the other are said in
/// the text, and are quoted with what was under them.
fn joined(first: Draft, second: Draft) -> Draft {
    let shared = common(&first.headings, &second.headings);
    let is_first_larger = first.size() >= second.size();
    let first_tail = if is_first_larger { Vec::new() } else { first.headings[shared..].to_vec() };
    let second_tail = if is_first_larger || !first_tail.is_empty() {
        second.headings[shared..].to_vec()
    } else {
        Vec::new()
    };
    let headings = if is_first_larger { first.headings.clone() } else { second.headings.clone() };
    let mut lines = under(&first_tail, first.lines, 0);
    let offset = lines.len();
    lines.extend(under(&second_tail, second.lines, offset));
    Draft { url: first.url, headings, lines }
}

/// Lines under a heading that is said, as they stand from index `offset` on.
fn under(heading: &[Heading], mut lines: Vec<Line>, offset: usize) -> Vec<Line> {
    let said = heading_line(heading);
    let shift = offset + usize::from(said.is_some());
    for line in &mut lines {
        line.needs.iter_mut().for_each(|need| *need += shift);
        if said.is_some() {
            line.needs.insert(0, offset);
        }
    }
    said.into_iter().chain(lines).collect()
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
