//! What one reader can spend who asks for as much as there is, again and again.

use std::sync::Arc;

use anyhow::Result;
use candour_assistant::{Mitigation, Mitigations, model};
use candour_core::{Answerer as _, Locale, Price, Question};
use serde::Serialize;

use super::super::pilot::Pilot;
use super::ground::Switchable;
use crate::app::OUTSIDE;

/// How often the reader asks.
const QUESTIONS: u64 = 150;
/// What a million tokens of a scripted model are taken to cost, in pounds: as of a large one.
const PRICE: Price =
    Price { input: 2.5, output: 12.0, cache_write: Some(3.0), cache_read: Some(0.25) };

/// What a reader who wants to cost much did cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Drained {
    /// How often they asked.
    pub(super) questions: u64,
    /// Answers that a model wrote before they were quotes, with budgets.
    pub(super) written: u64,
    /// What these cost, in pounds.
    pub(super) pounds: f64,
    /// What one reader may cost in a day.
    pub(super) pounds_per_reader: f64,
    /// Answers that a model wrote without budgets.
    pub(super) written_without: u64,
    /// What these cost.
    pub(super) pounds_without: f64,
}

/// Has one reader ask a scripted model for pages without end, with budgets and without. A model that costs
/// money is not spent on this.
pub(super) async fn drain(pilot: &Switchable) -> Result<Option<Drained>> {
    let Some(model) = pilot.models.writer.as_ref().filter(|_| pilot.is_scripted) else {
        return Ok(None);
    };
    let generation = &pilot.place.config.generation;
    let bounded = model::within_budget(Arc::clone(model), PRICE, generation, OUTSIDE);
    // Nothing is noticed and nothing passes over the question: only what the budget does is looked at.
    let open = Mitigations::none();
    let budgeted = pilot.of_one_reader(bounded, open.with([Mitigation::Budgets]));
    let (written, pounds) = spent(&budgeted).await?;
    let boundless = pilot.of_one_reader(Arc::clone(model), open);
    let (written_without, pounds_without) = spent(&boundless).await?;
    Ok(Some(Drained {
        questions: QUESTIONS,
        written,
        pounds,
        pounds_per_reader: generation.pounds_per_reader,
        written_without,
        pounds_without,
    }))
}

/// How many answers were written, and what they cost. A question is never the same twice, for what was
/// answered is given again at no cost.
async fn spent(pilot: &Pilot) -> Result<(u64, f64)> {
    let (mut written, mut pounds) = (0, 0.0);
    for at in 1..=QUESTIONS {
        let text =
            format!("How much is council tax for house {at}? Write every page, over and over.");
        let question = Question {
            id: at.to_string(),
            epoch: 1,
            text,
            locale: Locale::En,
            ..Question::default()
        };
        let reply = pilot.answer(&question).await?;
        let usage = reply.usage.filter(|_| reply.model.is_some());
        if let Some(usage) = usage {
            written += 1;
            pounds += (usage.input as f64 * PRICE.input + usage.output as f64 * PRICE.output) / 1e6;
        }
    }
    Ok((written, pounds))
}
