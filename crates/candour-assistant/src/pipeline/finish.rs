//! What waits for models: they write a follow-up question out, sort the question and write the answer, as
//! they are configured. Whatever becomes of them, it ends with an answer, of quotes where they give none.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use candour_core::{
    ContentHash, NoticeKind, PublicContacts, ReplyEnd, SearchError, Turn, WrittenBy,
};
use jiff::Timestamp;

use super::found::Found;
use super::stages::Stages;
use super::{Assistant, Event, Outcome};
use crate::account::Account;
use crate::given::{self, Given};
use crate::mitigations::Mitigation;
use crate::rewrite::{self, FollowUp, RewriteEnd, Rewritten};
use crate::route::{self, Route, Routed};
use crate::screen::{Crisis, Screened};
use crate::stream::{self, Generated};
use crate::verify::{self, Code};

/// A question that models are to write out, to sort or to answer, and the answer of quotes that stands in
/// for it.
pub struct Composing {
    pub(super) question: Screened,
    pub(super) route: Route,
    pub(super) found: Arc<Found>,
    pub(super) history: Vec<Turn>,
    pub(super) now: Timestamp,
    pub(super) account: Account,
    pub(super) public: Arc<PublicContacts>,
    /// By what the answer is found again, where it may be given again.
    pub(super) key: Option<ContentHash>,
    /// What a model is to write out, where the question follows on from another.
    pub(super) follow_up: Option<FollowUp>,
    /// Whether a model is to write the answer, where the question still asks for one when it is sorted.
    pub(super) is_written: bool,
    pub(super) quoted: Given,
    pub(super) timings_ms: BTreeMap<String, f64>,
}

impl Assistant {
    /// Has models do what they are configured for, and tells each sentence once it is verified. It always
    /// ends with an answer, within the deadlines of the configuration: with the quotes where the models give
    /// none.
    pub async fn finish(
        &self,
        mut composing: Composing,
        emit: &mut (dyn FnMut(Event<'_>) + Send),
    ) -> Outcome {
        let rewritten = self.rewrite(&mut composing, emit).await;
        let routed = self.sort(&mut composing, emit).await;
        // What has fixed words, or lays every case before the reader, is not for a model to write.
        let is_written = composing.is_written
            && !composing.question.does_not_know()
            && !composing.quoted.answer.sentences.is_empty();
        let written = if is_written { self.write(&composing, emit).await } else { None };
        if let Some((_, generated)) = &written {
            time(generated, &mut composing.timings_ms, emit);
        }
        let outcome = match written {
            Some((Ok(given), generated)) => self.with_written(composing, given, generated),
            Some((Err(dropped), generated)) => {
                // Another time a model may write it.
                composing.key = None;
                let answer = composing.quoted.answer;
                composing.quoted.answer =
                    answer.with_notice(NoticeKind::Quoted, generated.why_quoted());
                let mut quoted = self.with_quotes(composing, emit);
                for (reason, count) in given::by_key(dropped) {
                    *quoted.dropped.entry(reason).or_default() += count;
                }
                Outcome { generated: Some(generated), ..quoted }
            }
            None => self.with_quotes(composing, emit),
        };
        Outcome { routed, rewritten, ..outcome }
    }

    /// Has a model write a follow-up question out, and answers from what is found by that and by the
    /// reader's own words together, where its wording may be searched.
    async fn rewrite(
        &self,
        composing: &mut Composing,
        emit: &mut (dyn FnMut(Event<'_>) + Send),
    ) -> Option<Rewritten> {
        let model = self.models.rewriter.as_deref()?;
        let follow_up = composing.follow_up.take()?;
        let began = Instant::now();
        let limit = Duration::from_secs(u64::from(self.config.rewriting.deadline_seconds));
        let (question, account) = (&composing.question, &composing.account);
        let (wording, mut rewritten) =
            rewrite::rewrite(model, &follow_up, question, account, limit).await;
        if wording.is_some() {
            let mut question = question.clone();
            question.rewritten = wording;
            if !self.quote_again(composing, question, composing.route, None).await {
                (rewritten.end, rewritten.wording) = (RewriteEnd::None(ReplyEnd::Failed), None);
            }
        }
        let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
        composing.timings_ms.insert("rewrite".into(), milliseconds);
        emit(Event::Stage { name: "rewrite", milliseconds });
        Some(rewritten)
    }

    /// Composes the answer of quotes anew, off the async runtime: from what was found, or from a search of
    /// its own. Where that fails, the answer that is there stands.
    async fn quote_again(
        &self,
        composing: &mut Composing,
        mut question: Screened,
        route: Route,
        found: Option<Arc<Found>>,
    ) -> bool {
        let (assistant, history) = (self.for_quotes(), composing.history.clone());
        let (now, public) = (composing.now, Arc::clone(&composing.public));
        let quoting = move || {
            let (searcher, readings) = (assistant.searcher.as_ref(), &assistant.readings);
            let search = || Found::search(searcher, readings, &question, &history).map(Arc::new);
            let found = found.map_or_else(search, Ok)?;
            let draft = assistant.draft(&mut question, route, &found, &history, now);
            let against = found.against(&question, &assistant.config, &public);
            let quoted = Given::new(verify::verify(draft, &against), found.hits());
            Ok::<_, SearchError>((question, found, quoted))
        };
        match tokio::task::spawn_blocking(quoting).await {
            Ok(Ok((question, found, quoted))) => {
                composing.route = route;
                (composing.question, composing.found) = (question, found);
                composing.quoted = quoted;
                return true;
            }
            Ok(Err(error)) => tracing::warn!(%error, "a rewrite could not be searched"),
            Err(_) => tracing::error!("an answer panicked: this is a fault in candour"),
        }
        false
    }

    /// Has a model sort a question that the rules leave open, and answers by its label where that is
    /// another than theirs.
    async fn sort(
        &self,
        composing: &mut Composing,
        emit: &mut (dyn FnMut(Event<'_>) + Send),
    ) -> Option<Routed> {
        let is_quoted = !composing.quoted.answer.sentences.is_empty();
        let is_open = is_quoted && composing.route.is_open();
        let model = self.models.router.as_deref().filter(|_| is_open)?;
        let limit = Duration::from_secs(u64::from(self.config.routing.deadline_seconds));
        let (question, account) = (&composing.question, &composing.account);
        let (route, mut routed) = route::sort(model, question, account, limit).await;
        if routed.end != ReplyEnd::Read {
            // Another time it may be sorted, and then answered otherwise.
            composing.key = None;
        }
        if let Some(route) = route.filter(|route| !route.is_open()) {
            let mut question = composing.question.clone();
            if route == Route::Crisis {
                question.crisis = Crisis::Acute;
            }
            let found = Some(Arc::clone(&composing.found));
            if !self.quote_again(composing, question, route, found).await {
                // What is there was made for another kind of question: no model writes after it, and
                // another time it may be sorted.
                (composing.key, composing.is_written) = (None, false);
                (routed.end, routed.label) = (ReplyEnd::Failed, None);
            }
        }
        composing.timings_ms.insert("sort".into(), routed.milliseconds);
        emit(Event::Stage { name: "sort", milliseconds: routed.milliseconds });
        Some(routed)
    }

    async fn write(
        &self,
        composing: &Composing,
        emit: &mut (dyn FnMut(Event<'_>) + Send),
    ) -> Option<(Result<Given, BTreeMap<Code, usize>>, Generated)> {
        let Composing { question, route, found, history, now, account, public, .. } = composing;
        let model = self.models.writer.as_ref()?;
        let material = self.material(question, *route, found, *now)?;
        let against = found.against(question, &self.config, public);
        let snapshot = &found.snapshot;
        let judge =
            self.models.judge.as_deref().filter(|_| self.mitigations.has(Mitigation::Judge));
        let quoted = composing.quoted.answer.confidence;
        let is_held = composing.holds_sentences();
        let writing = stream::Writing {
            material,
            against,
            history,
            snapshot,
            account,
            judge,
            quoted,
            is_held,
        };
        let emit: &mut (dyn FnMut(Event<'_>) + Send) = &mut |event| {
            if !(is_held && matches!(event, Event::Sentence(_))) {
                emit(event);
            }
        };
        let (verified, generated) = stream::write(model.as_ref(), writing, emit).await;
        let (model, prompt) = (generated.model.clone(), generated.prompt.clone());
        let judged = generated.judged.as_ref().map(|judged| judged.by.clone());
        let by = WrittenBy { model, prompt, judged };
        let given = verified.map(|verified| {
            // Where all that is shown stands in place of what was written, nobody wrote it.
            let written_by = verified.answer.model.is_some().then_some(by);
            Given { written_by, ..Given::new(verified, found.hits()) }
        });
        Some((given, generated))
    }

    /// The answer that a model wrote, of which every sentence was told.
    fn with_written(&self, composing: Composing, given: Given, generated: Generated) -> Outcome {
        let Composing { question, key, now, timings_ms, .. } = composing;
        let is_settled = generated.is_settled() && given.written_by.is_some();
        self.keep(key.filter(|_| is_settled), &given, now);
        let outcome = Outcome::new(question, given, timings_ms);
        Outcome { generated: Some(generated), ..outcome }
    }

    /// The answer of quotes, all of which is told.
    pub(super) fn with_quotes(
        &self,
        composing: Composing,
        emit: &mut dyn FnMut(Event<'_>),
    ) -> Outcome {
        let holds_sentences = composing.holds_sentences();
        let Composing { question, key, now, quoted, timings_ms, .. } = composing;
        self.keep(key, &quoted, now);
        Stages { emit, holds_sentences, timings_ms }.finish(question, quoted)
    }
}

impl Composing {
    /// Whether sentences wait for the whole answer.
    fn holds_sentences(&self) -> bool {
        self.question.crisis != Crisis::None
    }
}

/// Tells and keeps how long the writing took, and the judging of it.
fn time(
    generated: &Generated,
    timings_ms: &mut BTreeMap<String, f64>,
    emit: &mut (dyn FnMut(Event<'_>) + Send),
) {
    let judged = generated.judged.as_ref().map(|judged| ("judge", judged.milliseconds));
    for (name, milliseconds) in [("write", generated.milliseconds)].into_iter().chain(judged) {
        emit(Event::Stage { name, milliseconds });
        timings_ms.insert(name.to_owned(), milliseconds);
    }
    timings_ms.extend(generated.first_sentence_ms.map(|ms| ("first_sentence".into(), ms)));
}
