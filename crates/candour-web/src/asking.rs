//! From a question that arrived to a turn, which is kept where the conversation is: the same for pages
//! and for the API.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use candour_assistant::{
    Ask, AskError, Begun, End, Event, Generated, Mode, Outcome, Rewritten, Routed, Signal,
};
use candour_core::{
    AnswerId, AnswerSentence, Audience, Calls, Chosen, Circumstances, ConversationId, Locale, Mask,
    ModelUsage, Nation, Receipt, RewrittenBy, SortedBy, Stated, Turn, WrittenBy,
};
use candour_store::{NewReceipt, Switch, SwitchState};
use jiff::Timestamp;

use crate::failure::{Code, Failure};
use crate::rate::Asker;
use crate::site::Site;
use crate::spans::{Here, Open};
use crate::trace::{NewModels, NewTrace};

/// The longest that an answer may take.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// How many earlier turns a follow-up question is understood from.
const HISTORY: u32 = 10;

/// A question that arrived.
#[derive(Debug, Clone)]
pub(crate) struct NewQuestion {
    pub(crate) text: String,
    pub(crate) locale: Locale,
    pub(crate) nation: Stated<Nation>,
    pub(crate) audience: Stated<Audience>,
    /// What the reader chose, where the last answer asked for their circumstances.
    pub(crate) chosen: Option<Chosen>,
    /// Whether quotes are enough, for it only leads up to another question.
    pub(crate) leads_up: bool,
    /// Whose budget of the language model it counts against.
    pub(crate) from: Asker,
}

impl NewQuestion {
    /// How it is answered where questions are answered so.
    fn mode(&self, all: Mode) -> Mode {
        if all == Mode::On && self.leads_up { Mode::QuotesOnly } else { all }
    }
}

/// The conversation that a question belongs to.
pub(crate) struct Thread {
    pub(crate) id: ConversationId,
    history: Vec<Turn>,
    /// Whether we keep it. A program that sends the whole conversation each time keeps it itself.
    is_kept: bool,
    /// Whether it is in the store, so that nothing is kept of it any more where it is not found there.
    is_begun: bool,
}

impl Thread {
    /// The same, in the store: its reader may be told its name now, and delete it before it has an answer.
    pub(crate) async fn begun(self, site: &Site) -> Result<Self, Failure> {
        if self.is_begun || !self.is_kept {
            return Ok(self);
        }
        site.database.begin_conversation(self.id, Timestamp::now()).await?;
        Ok(Self { is_begun: true, ..self })
    }

    /// Whether the last answer is the one of that name and offers a choice.
    pub(crate) fn asks_for_choice(&self, answer: &str) -> bool {
        let is_it = |turn: &Turn| turn.id.to_string() == answer && !turn.answer.choices.is_empty();
        self.history.last().is_some_and(is_it)
    }
}

/// A question that was answered, and kept if its conversation is.
pub(crate) struct Asked {
    pub(crate) turn: Turn,
    pub(crate) masks: Vec<Mask>,
    /// The tokens that language models used for it, where one wrote it and they told of any.
    pub(crate) usage: Option<ModelUsage>,
}

/// What is told while an answer is made.
#[derive(Debug)]
pub(crate) enum Told {
    Stage { name: &'static str, milliseconds: f64 },
    Sentence(AnswerSentence),
}

/// The conversation that goes on, or a new one where there is none of that name (any more).
pub(crate) async fn thread(
    site: &Site,
    conversation: Option<ConversationId>,
) -> Result<Thread, Failure> {
    if let Some(id) = conversation {
        let history = site.database.conversation(id, HISTORY).await?;
        if !history.is_empty() {
            return Ok(Thread { id, history, is_kept: true, is_begun: true });
        }
    }
    let id = ConversationId::from_random(random()?);
    Ok(Thread { id, history: Vec::new(), is_kept: true, is_begun: false })
}

/// A conversation of which nothing is kept: whoever asks sends what was said before, of which the last
/// turns are read.
pub(crate) fn passing_thread(history: &[Turn]) -> Result<Thread, Failure> {
    let history = recent(history).to_vec();
    let id = ConversationId::from_random(random()?);
    Ok(Thread { id, history, is_kept: false, is_begun: false })
}

/// The last turns of a conversation, which are read.
pub(crate) fn recent(history: &[Turn]) -> &[Turn] {
    &history[history.len().saturating_sub(HISTORY as usize)..]
}

/// The conversation of that name, which must exist.
pub(crate) async fn existing_thread(
    site: &Site,
    conversation: ConversationId,
) -> Result<Thread, Failure> {
    let thread = thread(site, Some(conversation)).await?;
    if thread.id == conversation { Ok(thread) } else { Err(Code::ConversationNotFound.into()) }
}

/// Forgets a conversation whose first question got no answer.
pub(crate) async fn abandon(site: &Site, conversation: ConversationId) {
    if let Err(error) = site.database.abandon_conversation(conversation).await {
        tracing::warn!(%error, "a conversation without an answer is kept until it is old");
    }
}

/// Answers a question and keeps the turn, if its conversation is kept.
pub(crate) async fn ask(
    site: &Arc<Site>,
    thread: Thread,
    question: NewQuestion,
    tell: impl FnMut(Told) + Send + 'static,
) -> Result<Asked, Failure> {
    let calls = Calls::default();
    let _in_flight = site.metrics.in_flight(calls.clone());
    let mut span = Open::answer(calls.clone());
    let answering = answer(site, thread, question, tell, calls, span.as_mut());
    let asked = tokio::time::timeout(TIME_LIMIT, answering).await;
    asked.unwrap_or_else(|_| Err(Code::Timeout.into())).inspect_err(|failure| {
        site.metrics.failed(failure.code);
        if let Some(span) = &mut span {
            span.failed(failure.code);
        }
    })
}

async fn answer(
    site: &Arc<Site>,
    thread: Thread,
    question: NewQuestion,
    tell: impl FnMut(Told) + Send + 'static,
    calls: Calls,
    span: Option<&mut Open>,
) -> Result<Asked, Failure> {
    let (now, start) = (Timestamp::now(), Instant::now());
    let tell = timed(site, start, span.as_ref().map(|span| span.here.clone()), tell);
    let (conversation, is_kept) = (thread.id, thread.is_kept);
    let is_begun = thread.is_begun;
    // Read for every question, so that a switch works on the next one, whichever replica it comes to.
    let mode = question.mode(mode(&site.database.switches().await?));
    let assistant = Arc::clone(&site.assistant);
    let all_calls = calls.clone();
    let (begun, mut tell) = compute(site, move || {
        let mut tell = tell;
        // Browsers send line breaks as two characters, which would count double.
        let text = question.text.replace("\r\n", "\n");
        let reader = question.from.to_string();
        let ask = Ask {
            locale: question.locale,
            nation: question.nation,
            audience: question.audience,
            chosen: question.chosen,
            history: &thread.history,
            mode,
            reader: Some(&reader),
            calls,
            ..Ask::new(&text, now)
        };
        let begun = assistant.begin(&ask, &mut |event| tell(told(&event)))?;
        Ok::<_, AskError>((begun, tell))
    })
    .await??;
    let outcome: Outcome = match begun {
        Begun::Answered(outcome) => *outcome,
        Begun::Composing(composing) => {
            site.assistant.finish(*composing, &mut |event| tell(told(&event))).await
        }
    };
    site.metrics.answered(&outcome, start.elapsed());
    if let Some(span) = span {
        span.answered(&outcome);
    }
    let Outcome { question, masks, signals, answer, dropped, written_by, .. } = outcome;
    let (generated, routed, rewritten) = (outcome.generated, outcome.routed, outcome.rewritten);
    let answer = answer.into_answer();
    let id = AnswerId::from_random(random()?);
    let turn = Turn { id, conversation, question, answer, asked_at: now };
    if is_kept {
        let models = NewModels {
            generated: generated.as_ref(),
            routed: routed.as_ref(),
            rewritten: rewritten.as_ref(),
        };
        let held_back = held_back(&dropped, generated.as_ref());
        let mut receipt = receipt(site, &turn, dropped, written_by, models)?;
        receipt.signals = signals.into_iter().map(Signal::key).chain(held_back).collect();
        keep(site, &turn, &receipt, is_begun).await?;
    }
    let usage = used(&all_calls).filter(|_| turn.answer.model.is_some());
    Ok(Asked { turn, masks, usage })
}

/// What all requests for one answer used, if any told of it.
fn used(calls: &Calls) -> Option<ModelUsage> {
    let mut sum = ModelUsage::default();
    calls.all().into_iter().for_each(|(_, attempt)| sum += attempt.usage);
    (sum != ModelUsage::default()).then_some(sum)
}

/// What staff may want to see of an answer that is not all that was written for it.
fn held_back(
    dropped: &BTreeMap<&'static str, usize>,
    generated: Option<&Generated>,
) -> impl Iterator<Item = &'static str> + use<> {
    let refused = generated.is_some_and(|generated| generated.end == End::Refused);
    // In place of what is only doubted the reader has its source, and what cites nothing is often a greeting.
    let replaced = generated.map_or(0, |generated| generated.replaced);
    let counted = dropped.iter().filter(|(code, _)| **code != "uncited");
    let is_lost = counted.map(|(_, count)| count).sum::<usize>() > replaced;
    is_lost.then_some("sentence_held_back").into_iter().chain(refused.then_some("model_refused"))
}

/// The same `tell`, with what it is told in the metrics and in the spans too.
fn timed(
    site: &Site,
    start: Instant,
    here: Option<Here>,
    mut tell: impl FnMut(Told) + Send + 'static,
) -> impl FnMut(Told) + Send + 'static {
    let metrics = Arc::clone(&site.metrics);
    let mut is_first = true;
    move |told| {
        metrics.told(&told, is_first, start.elapsed());
        is_first &= !matches!(told, Told::Sentence(_));
        if let (Some(here), Told::Stage { name, milliseconds }) = (&here, &told)
            && !matches!(*name, "rewrite" | "sort" | "write" | "judge")
        {
            // Those are noted with the calls of models in them.
            here.stage(name, *milliseconds);
        }
        tell(told);
    }
}

/// How much of the assistant staff have left switched on.
pub fn mode(switches: &[SwitchState]) -> Mode {
    let is_off = |switch: Switch| switches.iter().any(|set| set.switch == switch && !set.is_on);
    if is_off(Switch::Answers) {
        Mode::Off
    } else if is_off(Switch::Model) {
        Mode::QuotesOnly
    } else {
        Mode::On
    }
}

async fn keep(
    site: &Site,
    turn: &Turn,
    receipt: &NewReceipt,
    is_begun: bool,
) -> Result<(), Failure> {
    if !is_begun {
        site.database.record_turn(turn, receipt).await?;
    } else if !site.database.record_follow_up(turn, receipt).await? {
        // The reader has deleted it while this was answered, and nothing may be kept, in memory either.
        site.assistant.forget();
        return Err(Code::ConversationNotFound.into());
    }
    Ok(())
}

/// The receipt for an answer, with how it came about.
pub(crate) fn receipt(
    site: &Site,
    turn: &Turn,
    dropped: BTreeMap<&'static str, usize>,
    written_by: Option<WrittenBy>,
    models: NewModels<'_>,
) -> Result<NewReceipt, Failure> {
    let timings_ms = &turn.answer.timings_ms;
    let trace = serde_json::to_value(NewTrace { timings_ms, dropped: &dropped, models });
    let circumstances = Circumstances {
        configuration: site.configuration.clone(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        policy: candour_assistant::policy().clone(),
        sorted_by: models.routed.map(sorted_by),
        written_by,
        rewritten_by: models.rewritten.and_then(rewritten_by),
        dropped: dropped.into_iter().map(|(code, count)| (code.to_owned(), count)).collect(),
    };
    Ok(NewReceipt {
        receipt: Receipt::new(turn, circumstances),
        salt: random()?,
        // It has string keys only, so that it can always be written.
        trace: trace.unwrap_or_default(),
        signals: Vec::new(),
    })
}

/// Who sorted the question.
fn sorted_by(routed: &Routed) -> SortedBy {
    let label = routed.label.map(str::to_owned);
    SortedBy { model: routed.model.clone(), prompt: routed.prompt.clone(), label }
}

/// Who wrote the question out, where that was searched.
fn rewritten_by(rewritten: &Rewritten) -> Option<RewrittenBy> {
    let wording = rewritten.wording.clone()?;
    let (model, prompt) = (rewritten.model.clone(), rewritten.prompt.clone());
    Some(RewrittenBy { model, prompt, wording })
}

/// Runs a computation off the runtime, with as many others as there are cores. A panic in it fails
/// this request alone.
pub(crate) async fn compute<T: Send + 'static>(
    site: &Site,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    let computations = Arc::clone(&site.computations);
    let permit = computations.acquire_owned().await.map_err(|_| Failure::from(Code::Internal))?;
    let work = move || {
        // Held by the work and not by the request: a reader who goes away does not end the work.
        let _permit = permit;
        work()
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| {
        tracing::error!("a computation panicked: this is a fault in candour");
        Code::Internal.into()
    })
}

fn told(event: &Event<'_>) -> Told {
    match event {
        Event::Stage { name, milliseconds } => Told::Stage { name, milliseconds: *milliseconds },
        Event::Sentence(sentence) => Told::Sentence((*sentence).clone()),
    }
}

/// Bytes that nobody can guess: whoever knows an identifier can read what it names.
pub(crate) fn random() -> Result<[u8; 16], Failure> {
    let mut bytes = [0; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(error) => {
            tracing::error!(%error, "the system gives no random numbers");
            Err(Code::Internal.into())
        }
    }
}
