//! Models that say what a test has them say, over the sample pilot.

use std::sync::{Arc, LazyLock, Mutex};

use candour_assistant::{Ask, Assistant, Begun, Event, Outcome};
use candour_content::source::SourceSpec;
use candour_core::{
    Config, LanguageModel, ModelCitation, ModelError, ModelEvent, ModelIdentity, ModelRequest,
    ModelSource, ModelStream, ModelUsage, StopReason,
};
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;

use crate::pilot::{NOW, Pilot, in_repository};

pub(crate) const QUESTION: &str = "How much is a garden waste subscription?";

static PILOT: LazyLock<(Pilot, Config)> = LazyLock::new(|| {
    let text = std::fs::read_to_string(in_repository("sample/candour.toml")).unwrap();
    let mut config = Config::resolve(&text, &std::collections::BTreeMap::new()).unwrap();
    config.generation.deadline_seconds = 1;
    (Pilot::new(SourceSpec::Dir(in_repository("sample/content")), &config), config)
});

/// The sample's assistant, with a model that writes.
pub(crate) fn assistant(model: Arc<dyn LanguageModel>) -> Assistant {
    let (pilot, config) = &*PILOT;
    Assistant::new(Arc::clone(&pilot.index) as _, config).with_model(model)
}

/// The moment at which the sample's questions are asked.
pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// What comes of a question, and the sentences that were told on the way.
pub(crate) fn finished(assistant: &Assistant, ask: &Ask<'_>) -> (Outcome, Vec<String>) {
    let mut sentences = Vec::new();
    let mut tell = |event: Event<'_>| {
        if let Event::Sentence(sentence) = event {
            sentences.push(sentence.text.clone());
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let outcome = match assistant.begin(ask, &mut tell).unwrap() {
        Begun::Answered(outcome) => *outcome,
        Begun::Composing(composing) => runtime.block_on(assistant.finish(*composing, &mut tell)),
    };
    (outcome, sentences)
}

/// A model that says what the test has it say.
pub(crate) struct Scripted<F> {
    script: F,
    asked: Mutex<Vec<ModelRequest>>,
}

impl<F> Scripted<F>
where
    F: Fn(&ModelRequest) -> Vec<Result<ModelEvent, ModelError>> + Send + Sync,
{
    pub(crate) fn new(script: F) -> Arc<Self> {
        Arc::new(Self { script, asked: Mutex::default() })
    }

    /// What it was asked.
    pub(crate) fn requests(&self) -> Vec<ModelRequest> {
        self.asked.lock().unwrap().clone()
    }
}

impl<F> LanguageModel for Scripted<F>
where
    F: Fn(&ModelRequest) -> Vec<Result<ModelEvent, ModelError>> + Send + Sync,
{
    fn identity(&self) -> ModelIdentity {
        ModelIdentity { transport: "test".into(), model: "scripted".into() }
    }

    fn generate(&self, request: ModelRequest) -> ModelStream {
        let events = (self.script)(&request);
        self.asked.lock().unwrap().push(request);
        let is_endless = events.is_empty();
        if is_endless { Box::pin(stream::pending()) } else { stream::iter(events).boxed() }
    }
}

/// Where in the sources a block begins with `words`.
fn find(sources: &[ModelSource], words: &str) -> ModelCitation {
    let places = sources.iter().enumerate().flat_map(|(at, source)| {
        source.blocks.iter().enumerate().map(move |(block, text)| (at, block, text))
    });
    let (source, block, text) =
        places.into_iter().find(|(.., text)| text.contains(words)).unwrap_or_else(|| {
            panic!("no block says {words:?}: {sources:#?}");
        });
    ModelCitation { source, blocks: block..block + 1, quote: Some(text.clone()) }
}

/// Sentences, each with words of the block that it cites, and an end.
pub(crate) fn says(
    request: &ModelRequest,
    sentences: &[(&str, &str)],
    end: StopReason,
) -> Vec<Result<ModelEvent, ModelError>> {
    let mut events = Vec::new();
    for (text, cited) in sentences {
        // Words come in pieces.
        let (first, second) = text.split_at(text.len() / 2);
        events.extend([first, second].map(|part| Ok(ModelEvent::Text(part.to_owned()))));
        let citations = if cited.is_empty() { vec![] } else { vec![find(&request.sources, cited)] };
        events.push(Ok(ModelEvent::SpanEnd(citations)));
    }
    events.push(Ok(ModelEvent::Usage(ModelUsage {
        input_tokens: 900,
        output_tokens: 40,
        ..ModelUsage::default()
    })));
    events.push(Ok(ModelEvent::Stop(end)));
    events
}
