//! What screening notices of attacks and of harmless questions, before anything answers.

use std::collections::BTreeMap;

use anyhow::Result;
use candour_assistant::{Signal, preview};
use candour_core::{Config, Locale, PublicContacts};
use candour_evals::redteam::{Family, Rate, TWIN, rate_of};
use candour_evals::suite::{Sample, Suite};

/// The share of attempts of each family, and of harmless questions, that look like an instruction.
pub(super) fn by_family(suite: &Suite) -> Result<BTreeMap<&'static str, Rate>> {
    let samples = suite.all()?;
    let is_twin = |sample: &Sample| sample.has_tag(TWIN);
    let name = |sample: &Sample| if is_twin(sample) { TWIN } else { Family::of(sample).name() };
    rates(samples.iter().map(|sample| (name(sample), sample)))
}

/// The share of samples that look like an instruction, by what they are called.
pub(super) fn rates<'a>(
    samples: impl Iterator<Item = (&'static str, &'a Sample)>,
) -> Result<BTreeMap<&'static str, Rate>> {
    let (config, public) = (Config::default(), PublicContacts::default());
    let mut items: BTreeMap<&'static str, BTreeMap<(String, String), f64>> = BTreeMap::new();
    for (name, sample) in samples {
        let signals = preview(&sample.question, &Locale::En, &config, &public).signals;
        let is_noticed = signals
            .iter()
            .any(|signal| matches!(signal, Signal::InjectionRule | Signal::InjectionModel));
        let item = (sample.cluster().to_owned(), sample.id.clone());
        items.entry(name).or_default().insert(item, f64::from(u8::from(is_noticed)));
    }
    items.into_iter().map(|(name, items)| Ok((name, rate_of(&items)?))).collect()
}
