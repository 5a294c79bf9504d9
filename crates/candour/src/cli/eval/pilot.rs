//! A pilot's own pipeline as something that answers, in this process.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use candour_assistant::{Ask, Assistant, Begun, Mode, Outcome};
use candour_content::index::LiveIndex;
use candour_core::{
    AnswerId, AnswerSentence, Answerer, AnswererError, Answering, ContentHash, ConversationId,
    Question, Reply, Retrieved, TokenUsage, Turn,
};
use jiff::Timestamp;

use crate::app::Place;

/// A pilot over the snapshot that serves.
pub(super) struct Pilot {
    assistant: Arc<Assistant>,
    index: Arc<LiveIndex>,
    /// The hash of the configuration.
    pub(super) configuration: ContentHash,
    /// The snapshot that serves.
    pub(super) snapshot: String,
}

impl Pilot {
    /// Opens a pilot.
    pub(super) fn open(place: &Place) -> Result<Self> {
        let index = place.open_index()?;
        let assistant = Arc::new(place.assistant(&index)?);
        let snapshot = index.statistics().map(|statistics| statistics.snapshot).unwrap_or_default();
        // Whatever the configuration says may decide an answer.
        let configuration = ContentHash::of(format!("{:?}", place.config).as_bytes());
        Ok(Self { assistant, index, configuration, snapshot })
    }
}

impl Answerer for Pilot {
    fn identity(&self) -> String {
        let configuration = self.configuration.short();
        format!("pilot, snapshot {:.12}, configuration {configuration}", self.snapshot)
    }

    fn answer<'a>(&'a self, question: &'a Question) -> Answering<'a> {
        Box::pin(self.reply(question))
    }
}

impl Pilot {
    /// Asks what was asked earlier first: the pipeline understands a follow-up from its own answers.
    async fn reply(&self, question: &Question) -> Result<Reply, AnswererError> {
        let now = question.at.unwrap_or_else(Timestamp::now);
        let mut history = Vec::new();
        for exchange in &question.earlier {
            let outcome = self.ask(&exchange.question, question, history.clone(), now).await?;
            history.push(Turn {
                id: AnswerId::from_random([0; 16]),
                conversation: ConversationId::from_random([0; 16]),
                question: outcome.question,
                answer: outcome.answer.into_answer(),
                asked_at: now,
            });
        }
        let began = Instant::now();
        let outcome = self.ask(&question.text, question, history, now).await?;
        let latency_us = began.elapsed().as_micros() as u64;
        let usage = outcome.generated.map(|generated| TokenUsage {
            input: generated.usage.input_tokens
                + generated.usage.cache_read_tokens
                + generated.usage.cache_write_tokens,
            output: generated.usage.output_tokens,
            estimated: false,
        });
        let answer = outcome.answer.into_answer();
        let passages = Some(passages(&self.index, &answer.sentences));
        Ok(Reply { latency_us, usage, passages, ..Reply::from(answer) })
    }

    /// Asks one question, computing off the runtime.
    async fn ask(
        &self,
        text: &str,
        question: &Question,
        history: Vec<Turn>,
        now: Timestamp,
    ) -> Result<Outcome, AnswererError> {
        let (assistant, text) = (Arc::clone(&self.assistant), text.to_owned());
        let (locale, nation) = (question.locale.clone(), question.nation);
        let begun = tokio::task::spawn_blocking(move || {
            let (text, history, mode) = (text.as_str(), history.as_slice(), Mode::On);
            assistant.begin(
                &Ask { text, locale, nation, chosen: None, history, now, mode, reader: None },
                &mut |_| {},
            )
        });
        let begun = begun.await.map_err(|error| AnswererError::Failed(error.to_string()))?;
        match begun.map_err(|error| AnswererError::Failed(error.to_string()))? {
            Begun::Answered(outcome) => Ok(*outcome),
            Begun::Composing(composing) => Ok(self.assistant.finish(*composing, &mut |_| {}).await),
        }
    }
}

/// The passages of the snapshot that the answer cites: a citation of any other is found out.
fn passages(index: &LiveIndex, sentences: &[AnswerSentence]) -> Vec<Retrieved> {
    let mut found: Vec<Retrieved> = Vec::new();
    for citation in sentences.iter().flat_map(|sentence| &sentence.citations) {
        let is_known = found.iter().any(|passage| passage.id == citation.passage.as_str());
        let passage = index.passage(&citation.passage).filter(|_| !is_known);
        found.extend(passage.map(|passage| Retrieved {
            id: passage.id.to_string(),
            page: passage.page.0.clone(),
            text: passage.text.clone(),
        }));
    }
    found
}
