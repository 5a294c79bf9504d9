//! What screening notices of attacks and of harmless questions, before anything answers.

use std::collections::BTreeMap;

use anyhow::Result;
use candour_assistant::{Signal, preview};
use candour_core::Searcher as _;
use candour_evals::redteam::{Family, TWIN, rate_of};
use candour_evals::statistics::Rate;
use candour_evals::suite::{Sample, Suite};

use super::ground::Switchable;

/// The share of attempts of each family, and of harmless questions, that look like an instruction.
pub(super) fn by_family(suite: &Suite, pilot: &Switchable) -> Result<BTreeMap<&'static str, Rate>> {
    let samples = suite.all()?;
    let is_twin = |sample: &Sample| sample.has_tag(TWIN);
    let name = |sample: &Sample| if is_twin(sample) { TWIN } else { Family::of(sample).name() };
    rates(samples.iter().map(|sample| (name(sample), sample)), pilot)
}

/// The share of samples that look like an instruction to a pilot as it is configured, by what they are
/// called.
pub(super) fn rates<'a>(
    samples: impl Iterator<Item = (&'static str, &'a Sample)>,
    pilot: &Switchable,
) -> Result<BTreeMap<&'static str, Rate>> {
    let (config, public) = (&pilot.place.config, pilot.index.public_contacts());
    let mut items: BTreeMap<&'static str, BTreeMap<(String, String), f64>> = BTreeMap::new();
    for (name, sample) in samples {
        let signals =
            preview(&sample.question, &sample.locale.interface(), config, &public).signals;
        let is_noticed = signals
            .iter()
            .any(|signal| matches!(signal, Signal::InjectionRule | Signal::InjectionModel));
        let item = (sample.cluster().to_owned(), sample.id.clone());
        items.entry(name).or_default().insert(item, f64::from(u8::from(is_noticed)));
    }
    items.into_iter().map(|(name, items)| Ok((name, rate_of(&items)?))).collect()
}
