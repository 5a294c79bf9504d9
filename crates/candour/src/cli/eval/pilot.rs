//! A pilot's own pipeline as something that answers, in this process.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, bail};
use candour_assistant::model::Models;
use candour_assistant::{
    Ask, AskError, End, Experiment, Mitigation, Mitigations, Mode, Observed, Observing,
};
use candour_content::index::LiveIndex;
use candour_core::{
    AnswerId, Answerer, AnswererError, Answering, Config, ContentHash, ConversationId, Passage,
    PassageId, Question, Reply, Retrieved, TokenUsage, Turn, Writer,
};
use jiff::Timestamp;

use crate::app::Place;

/// A pilot over the snapshot that serves.
pub(super) struct Pilot {
    experiment: Arc<Experiment>,
    index: Arc<LiveIndex>,
    /// The hash of the configuration.
    pub(super) configuration: ContentHash,
    /// The snapshot that serves.
    pub(super) snapshot: String,
    /// What is off, and which script writes, where that is so.
    aside: String,
    /// The one reader who asks everything, where their budget is to be felt.
    reader: Option<&'static str>,
}

impl Pilot {
    /// Opens a pilot as it serves.
    pub(super) fn open(place: &Place) -> Result<Self> {
        Ok(Self::with(place, searchable(place)?, place.measured_models()?, Mitigations::default()))
    }

    /// The same with models of the caller's, and with some mitigations only.
    pub(super) fn with(
        place: &Place,
        index: Arc<LiveIndex>,
        models: Models,
        mitigations: Mitigations,
    ) -> Self {
        let snapshot = index.statistics().map(|statistics| statistics.snapshot).unwrap_or_default();
        let configuration = place.config.hash();
        let aside = aside(&place.config, &models, mitigations);
        let experiment = Experiment::new(place.assistant_with(&index, models), mitigations);
        let experiment = Arc::new(experiment);
        Self { experiment, index, configuration, snapshot, aside, reader: None }
    }

    /// The same with one reader who asks everything.
    pub(super) fn of_one_reader(self) -> Self {
        Self { reader: Some("one reader"), ..self }
    }
}

/// The index of a pilot. One without guidance is refused: it would fail on each question, one by one.
pub(super) fn searchable(place: &Place) -> Result<Arc<LiveIndex>> {
    let index = place.open_index()?;
    if index.statistics().is_none() {
        bail!(
            "nothing has been ingested into {} yet: run `candour ingest`, or ask the bundled one with --target sample",
            place.state.display()
        );
    }
    Ok(index)
}

/// What is otherwise than as the pilot serves.
fn aside(config: &Config, models: &Models, mitigations: Mitigations) -> String {
    let off = Mitigation::ALL.into_iter().filter(|one| !mitigations.has(*one));
    let off: Vec<&str> = off.map(Mitigation::name).collect();
    let mut aside = String::new();
    if !off.is_empty() {
        aside = format!(", without {}", off.join(", "));
    }
    if models.writer.is_none() && !config.generation.models.is_empty() {
        aside.push_str(", without its model");
    }
    let writer = models.writer.as_ref().map(|model| model.identity());
    if let Some(script) = writer.filter(|writer| writer.transport == "scripted") {
        aside.push_str(", scripted model ");
        aside.push_str(&script.model);
    }
    aside
}

impl Answerer for Pilot {
    fn identity(&self) -> String {
        let configuration = self.configuration.short();
        let aside = &self.aside;
        format!("pilot, snapshot {:.12}, configuration {configuration}{aside}", self.snapshot)
    }

    fn answer<'a>(&'a self, question: &'a Question) -> Answering<'a> {
        Box::pin(self.reply(question))
    }
}

impl Pilot {
    /// Asks what was asked earlier first: the pipeline understands a follow-up from its own answers.
    async fn reply(&self, question: &Question) -> Result<Reply, AnswererError> {
        let now = question.at.unwrap_or_else(Timestamp::now);
        let (mut history, mut earlier_usage, mut failed) = (Vec::new(), None, None);
        for exchange in &question.earlier {
            let observed = self.ask(&exchange.question, question, history.clone(), now).await?;
            earlier_usage =
                earlier_usage.into_iter().chain(usage(&observed)).reduce(TokenUsage::and);
            let in_vain = || writer(&observed).filter(|writer| writer.failure().is_some());
            failed = failed.or_else(in_vain);
            history.push(Turn {
                id: AnswerId::from_random([0; 16]),
                conversation: ConversationId::from_random([0; 16]),
                question: observed.question,
                answer: observed.answer,
                asked_at: now,
            });
        }
        let began = Instant::now();
        let observed = self.ask(&question.text, question, history, now).await?;
        let latency_us = began.elapsed().as_micros() as u64;
        let usage = usage(&observed);
        // What a conversation would have come to had the model not failed at an earlier turn, nobody knows.
        let writer = failed.or_else(|| writer(&observed));
        let passages = Some(passages(&self.index, &observed.retrieved));
        let reply = Reply::from(observed.answer);
        Ok(Reply { latency_us, usage, earlier_usage, writer, passages, ..reply })
    }

    /// Asks one question, computing off the runtime.
    async fn ask(
        &self,
        text: &str,
        question: &Question,
        history: Vec<Turn>,
        now: Timestamp,
    ) -> Result<Observed, AnswererError> {
        let (experiment, text) = (Arc::clone(&self.experiment), text.to_owned());
        let (locale, nation, reader) =
            (question.locale.clone(), question.nation.into(), self.reader);
        let observing = tokio::task::spawn_blocking(move || {
            let (text, history, mode) = (text.as_str(), history.as_slice(), Mode::On);
            experiment.begin(&Ask { locale, nation, history, mode, reader, ..Ask::new(text, now) })
        });
        let observing =
            observing.await.map_err(|error| AnswererError::Failed(error.to_string()))?;
        match observing.map_err(|error| match error {
            AskError::TooLong { .. } => AnswererError::TooLong(error.to_string()),
            _ => AnswererError::Failed(error.to_string()),
        })? {
            Observing::Answered(observed) => Ok(*observed),
            Observing::Composing(unfinished) => Ok(self.experiment.finish(unfinished).await),
        }
    }
}

/// What a model that wrote took.
fn usage(observed: &Observed) -> Option<TokenUsage> {
    observed.generated.as_ref().map(|generated| generated.usage.into())
}

/// What became of asking a model to write the answer. One that it wrote earlier, and that is given again, is
/// what it wrote.
fn writer(observed: &Observed) -> Option<Writer> {
    if observed.answer.model.is_some() {
        return Some(Writer::Wrote);
    }
    let generated = observed.generated.as_ref()?;
    Some(match generated.end {
        End::Failed => {
            let ended = generated.attempts.iter().rfind(|attempt| attempt.outcome != "dropped");
            let why = ended.map_or_else(|| generated.end.key(), |attempt| &attempt.outcome);
            Writer::Failed(why.to_owned())
        }
        End::TimedOut | End::Spent => Writer::Failed(generated.end.key().to_owned()),
        End::Whole | End::CutOff | End::NoAnswer | End::Refused | End::Unsure => Writer::Unused,
    })
}

/// The passages that the pipeline found, and made the answer from.
fn passages(index: &LiveIndex, retrieved: &[PassageId]) -> Vec<Retrieved> {
    let passages = retrieved.iter().filter_map(|id| index.passage(id));
    let of = |passage: Arc<Passage>| Retrieved {
        id: passage.id.to_string(),
        page: passage.page.0.clone(),
        text: passage.text.clone(),
    };
    passages.map(of).collect()
}
