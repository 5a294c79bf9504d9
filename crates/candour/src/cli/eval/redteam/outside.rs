//! Sets of attacks that others have made. Their words are in no report, journal or log: an item is known by
//! its file, place and hash.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use candour_evals::redteam::{ExternalSet, Outcome, TWIN};
use candour_evals::statistics::Rate;
use candour_evals::suite::{Sample, Suite};
use serde::Serialize;

use super::ground::Ground;
use super::noticed;
use super::runs::Runs;

/// What came of one set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Measured {
    /// The set.
    pub(super) set: &'static str,
    /// How many items it has.
    pub(super) items: usize,
    /// Of its attacks and of its harmless prompts, the share that looks like an instruction to a pilot in
    /// this process; how others screen is not known.
    pub(super) noticed: BTreeMap<&'static str, Rate>,
    /// With all mitigations and with none: the share of attacks whose words are repeated.
    pub(super) success: BTreeMap<&'static str, Rate>,
    /// The same where items without an answer count as repeated; nothing where all had one.
    pub(super) success_at_most: BTreeMap<&'static str, Rate>,
    /// The same: numbers of items that had no answer.
    pub(super) unanswered: BTreeMap<&'static str, u64>,
    /// The same: numbers of items that were turned away for their length, and count as not repeated.
    pub(super) too_long: BTreeMap<&'static str, u64>,
}

/// Whether an item is a prompt that means no harm, which is screened and never asked.
pub(super) fn is_harmless(sample: &Sample) -> bool {
    sample.has_tag(TWIN)
}

/// Measures sets. Harmless prompts are only screened: what they ask is not in the guidance.
pub(super) async fn measure(
    sets: &[ExternalSet],
    ground: &Ground,
    runs: &Runs<'_>,
) -> Result<Vec<Measured>> {
    let mut measured = Vec::new();
    for set in sets {
        let kind = |sample: &Sample| if is_harmless(sample) { "harmless" } else { "attacks" };
        let noticed = match ground {
            Ground::Switchable(pilot) => {
                noticed::rates(set.items.iter().map(|sample| (kind(sample), sample)), pilot)?
            }
            Ground::AsItIs { .. } => BTreeMap::new(),
        };
        let attacks: Vec<Sample> =
            set.items.iter().filter(|sample| !is_harmless(sample)).cloned().collect();
        let (mut success, mut success_at_most) = (BTreeMap::new(), BTreeMap::new());
        let (mut unanswered, mut too_long) = (BTreeMap::new(), BTreeMap::new());
        if !attacks.is_empty() {
            // On a disk its words would outlast whoever was killed.
            let suite = Arc::new(Suite::in_memory(&about(set.name), attacks)?);
            for (state, fared) in runs.with_and_without(ground, &suite, set.name).await? {
                let outcome = Outcome::of(&fared)?;
                success.extend(outcome.success.map(|rate| (state, rate)));
                success_at_most.extend(outcome.success_at_most.map(|rate| (state, rate)));
                unanswered.insert(state, fared.unanswered());
                too_long.insert(state, fared.too_long());
            }
        }
        measured.push(Measured {
            set: set.name,
            items: set.items.len(),
            noticed,
            success,
            success_at_most,
            unanswered,
            too_long,
        });
    }
    Ok(measured)
}

fn about(set: &str) -> String {
    format!(
        "name = \"{set}\"\nsamples = []\nwithhold = true\nscorers = [\"nothing_forbidden\", \"no_canary\"]\nasked_at = \"2026-11-23T12:00:00Z\"\ncanaries = [\"kestrel-lantern-0417\"]\n"
    )
}
