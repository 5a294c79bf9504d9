//! A passage read once: the words of its units, headings and title, and what its units can answer.
//!
//! None of this depends on a question, and a snapshot gives the same passage as the same `Arc`; so
//! what was read of a passage is kept for the next question.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use candour_content::index::form_numbers::spaced_in_one_word;
use candour_content::index::{Bag, bag, default_embedder, quantise};
use candour_core::{Hit, Passage, UnitKind};

use super::cue::{self, Cue};
use super::speaks::speaks_to_programs;
use crate::words::{plain_words, stems};

/// How many passages are kept: some tens of megabytes, and more than any day's questions are about.
const MOST_KEPT: usize = 4096;

/// A passage with its words.
#[derive(Debug)]
pub(crate) struct Reading {
    /// What was read of each unit, in order.
    pub(super) units: Vec<ReadUnit>,
    /// What its heading announces: `What it costs` announces amounts.
    pub(super) heading_cues: Vec<Cue>,
    /// The stems of the headings above it.
    pub(crate) heading: BTreeSet<String>,
    /// The stems of the page's title.
    pub(crate) title: BTreeSet<String>,
    /// Every word of its title, headings and text, as it is written.
    pub(crate) words: BTreeSet<String>,
    /// The stems of the telling ones among them.
    pub(crate) stems: BTreeSet<String>,
    speaks: OnceLock<bool>,
    meanings: OnceLock<Vec<Meaning>>,
}

/// What a unit means, by the embedder that comes with the program, whichever the index was built with.
#[derive(Debug)]
pub(super) struct Meaning {
    /// Its telling words.
    pub(super) words: Bag,
    /// All of it, as vectors are stored.
    pub(super) vector: Vec<i8>,
}

/// A unit with its words.
#[derive(Debug)]
pub(super) struct ReadUnit {
    /// The stems of its telling words.
    pub(super) stems: BTreeSet<String>,
    /// For a row of a table, the stems of its first cell.
    pub(super) label: BTreeSet<String>,
    /// What kinds of question it answers.
    pub(super) cues: Vec<Cue>,
}

/// What was read of the passages that were found last.
#[derive(Debug, Default)]
pub(crate) struct Readings {
    /// By the place of the passage in memory, which stays taken while its `Arc` is kept beside.
    kept: Mutex<HashMap<usize, Kept>>,
}

/// A passage with what was read of it.
type Kept = (Arc<Passage>, Arc<Reading>);

impl Readings {
    /// What a found passage says.
    pub(crate) fn of(&self, hit: &Hit) -> Arc<Reading> {
        let place = Arc::as_ptr(&hit.passage).addr();
        // A thread that panicked has left whole entries behind, or none.
        let known = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, reading)) = known().get(&place) {
            return Arc::clone(reading);
        }
        let reading = Arc::new(read(hit));
        let mut kept = known();
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(place, (Arc::clone(&hit.passage), Arc::clone(&reading)));
        reading
    }
}

impl Reading {
    /// Whether the passage, its title or a heading above it has a telling word of this stem: all are shown.
    pub(crate) fn has_stem(&self, stem: &str) -> bool {
        self.stems.contains(stem)
    }

    /// What its units mean, which is looked up once.
    pub(super) fn meanings(&self, passage: &Passage) -> &[Meaning] {
        self.meanings.get_or_init(|| {
            let embedder = default_embedder();
            let texts = passage.units.iter().map(|unit| passage.quote(unit));
            let meaning =
                |text| Meaning { words: bag([text]), vector: quantise(&embedder.embed(text)) };
            texts.map(meaning).collect()
        })
    }

    /// Whether the passage speaks to the assistant, which is looked for once, and then told to staff.
    pub(crate) fn speaks(&self, hit: &Hit) -> bool {
        *self.speaks.get_or_init(|| {
            let speaks = speaks_to_programs(hit);
            if speaks {
                let (url, heading) = (&hit.passage.url, hit.passage.heading_path());
                tracing::warn!(
                    page.url = %url, page.heading = %heading,
                    "a passage speaks to the assistant: it is neither quoted nor given to a model"
                );
            }
            speaks
        })
    }
}

/// The first cell of a row, which names it.
pub(super) fn label(text: &str, kind: UnitKind) -> Option<&str> {
    text.split('|').next().filter(|_| kind == UnitKind::Row)
}

fn read(hit: &Hit) -> Reading {
    let passage = &hit.passage;
    // `SA 100` is asked for as `SA100` too.
    let set = |text| {
        let stems = stems(text, &passage.locale).into_iter();
        stems.chain(spaced_in_one_word(text)).collect::<BTreeSet<_>>()
    };
    let units = passage.units.iter().map(|unit| {
        let text = passage.quote(unit);
        let mut cues = cue::answered(text, unit.kind);
        // `You qualify if you:` says what its items are.
        let needs = unit.needs.iter().filter_map(|need| passage.units.get(*need as usize));
        let mut stems_above = needs.filter(|need| need.kind == UnitKind::Stem);
        if stems_above.any(|need| cue::answered(passage.quote(need), need.kind).contains(&Cue::Who))
        {
            cues.push(Cue::Who);
        }
        ReadUnit {
            stems: set(text),
            label: label(text, unit.kind).map(set).unwrap_or_default(),
            cues,
        }
    });
    let mut heading_cues = Vec::new();
    if let Some(heading) = passage.headings.last() {
        cue::add(&mut heading_cues, &heading.text);
    }
    let headings = passage.heading_path();
    let whole = format!("{} {headings} {}", hit.page.title, passage.text);
    Reading {
        units: units.collect(),
        heading_cues,
        heading: set(&headings),
        title: set(&hit.page.title),
        words: plain_words(&whole).into_iter().chain(spaced_in_one_word(&whole)).collect(),
        stems: set(&whole),
        speaks: OnceLock::new(),
        meanings: OnceLock::new(),
    }
}
