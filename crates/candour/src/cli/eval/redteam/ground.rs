//! What is attacked: a pilot in this process, whose mitigations can be switched, or a target as it is.

use std::sync::Arc;

use anyhow::{Result, bail};
use candour_assistant::Mitigations;
use candour_assistant::model::Models;
use candour_content::index::LiveIndex;
use candour_core::{Config, ContentHash, LanguageModel};
use candour_evals::redteam::{Manner, Scripted};
use candour_evals::runner::Target;

use super::super::pilot::{Pilot, searchable};
use super::super::target::{Named, Speaking};
use crate::app::Place;
use crate::cli::demo;

/// What is attacked.
pub(super) enum Ground {
    /// A pilot in this process.
    Switchable(Box<Switchable>),
    /// Anything else.
    AsItIs {
        target: Target,
        /// Whether it is a deployment, which has to be asked again what was asked earlier.
        is_deployment: bool,
    },
}

/// A pilot in this process.
pub(super) struct Switchable {
    pub(super) place: Place,
    pub(super) index: Arc<LiveIndex>,
    /// What writes its answers, and looks at them; nothing writes where they are quotes.
    pub(super) models: Models,
    /// Whether it is the bundled sample.
    pub(super) is_sample: bool,
    /// Whether the model is a script.
    pub(super) is_scripted: bool,
}

impl Ground {
    /// Makes a target ready: a pilot in this process with its models, and any other without.
    pub(super) async fn open(
        target: &Named,
        place: &Place,
        speaking: &Speaking,
        (models, is_scripted): (Option<Models>, bool),
    ) -> Result<Self> {
        let Some(models) = models else {
            let is_deployment = matches!(target, Named::Api(_));
            let target = target.open(place, speaking, 0, true).await?.target;
            return Ok(Self::AsItIs { target, is_deployment });
        };
        let is_sample = *target == Named::Sample;
        if is_sample {
            demo::prepare(&place.state, true).await?;
        }
        let place = attacked(target, place)?;
        let index = searchable(&place)?;
        let pilot = Switchable { place, index, models, is_sample, is_scripted };
        Ok(Self::Switchable(Box::new(pilot)))
    }

    /// What writes and looks at the answers of a pilot in this process, known before anything is ingested;
    /// nothing of any other target.
    pub(super) fn models(
        target: &Named,
        place: &Place,
        manner: Option<Manner>,
    ) -> Result<Option<Models>> {
        let is_switchable = matches!(target, Named::Sample | Named::Pilot);
        match (is_switchable, manner) {
            (false, None) => Ok(None),
            (false, Some(_)) => bail!(
                "a scripted model writes only for a pilot in this process: attack sample or pilot"
            ),
            (true, Some(manner)) => Ok(Some(scripted(manner))),
            (true, None) => Ok(Some(attacked(target, place)?.measured_models()?)),
        }
    }

    /// What is asked, with these mitigations.
    pub(super) fn target(&self, mitigations: Mitigations) -> Target {
        match self {
            Self::Switchable(pilot) => {
                pilot.with(Arc::clone(&pilot.index), pilot.models.clone(), mitigations)
            }
            Self::AsItIs { target, .. } => target.clone(),
        }
    }

    /// Whether a target is asked what was asked earlier too: a deployment cannot be told what it answered, and
    /// a pilot understands a follow-up from its own answers.
    pub(super) fn asks_earlier_turns(&self) -> bool {
        matches!(self, Self::Switchable(_) | Self::AsItIs { is_deployment: true, .. })
    }

    /// The hash of its configuration and its snapshot, where they are known.
    pub(super) fn known(&self) -> (Option<ContentHash>, Option<String>) {
        let Self::Switchable(pilot) = self else { return (None, None) };
        let snapshot = pilot.index.statistics().map(|statistics| statistics.snapshot);
        (Some(pilot.place.config.hash()), snapshot)
    }

    /// What it is, for people.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::AsItIs { target: Target::Answerer(answerer), .. } => answerer.identity(),
            Self::AsItIs { target: Target::Recorded, .. } => "recorded answers".to_owned(),
            Self::Switchable(pilot) => {
                let name = if pilot.is_sample { "the sample pilot" } else { "the pilot" };
                match pilot.models.writer.as_ref().map(|model| model.identity()) {
                    Some(model) if pilot.is_scripted => {
                        format!(
                            "{name} with the scripted {} model, which is no real one",
                            model.model
                        )
                    }
                    Some(model) => format!("{name} with the model {}", model.model),
                    None => format!("{name} without a model"),
                }
            }
        }
    }
}

/// The pilot that is attacked. The sample takes the language models of the configuration, where it names
/// any, and everything else from its own.
pub(super) fn attacked(target: &Named, place: &Place) -> Result<Place> {
    if *target != Named::Sample {
        return Ok(place.clone());
    }
    let mut sample = demo::place(&place.state)?;
    if !place.config.generation.models.is_empty() {
        let Config { generation, routing, rewriting, judge, .. } = place.config.clone();
        sample.config = Config { generation, routing, rewriting, judge, ..sample.config };
    }
    Ok(sample)
}

fn scripted(manner: Manner) -> Models {
    Models { writer: Some(Arc::new(Scripted(manner))), ..Models::default() }
}

impl Switchable {
    /// The same pilot over an index, with these models and mitigations.
    pub(super) fn with(
        &self,
        index: Arc<LiveIndex>,
        models: Models,
        mitigations: Mitigations,
    ) -> Target {
        Target::Answerer(Arc::new(Pilot::with(&self.place, index, models, mitigations)))
    }

    /// The same for one reader who asks everything, with another model.
    pub(super) fn of_one_reader(
        &self,
        model: Arc<dyn LanguageModel>,
        mitigations: Mitigations,
    ) -> Pilot {
        let models = Models { writer: Some(model), ..Models::default() };
        Pilot::with(&self.place, Arc::clone(&self.index), models, mitigations).of_one_reader()
    }
}
