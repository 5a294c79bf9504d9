//! A model writes an answer, and each sentence is released once it is verified.
//!
//! What ends badly ends with what was released, marked as partial, or with nothing, so that the caller
//! shows quotes instead. Which model is asked, how often and after what, is left to `model`; how it is
//! listened to is in `heard`.

mod heard;

use std::collections::BTreeMap;
use std::time::Duration;

use candour_core::{
    Answer, AnswerLink, AnswerSentence, ContentHash, LanguageModel, Locale, ModelAttempt,
    ModelIdentity, ModelUsage, NoticeKind, ReplyEnd, Shown, Turn, reading_age,
};
use serde::Serialize;
use tokio::time::Instant;

use self::heard::{Heard, Release};
use crate::account::Account;
use crate::compose::{self, Brief, Material, Measure, PROMPT, Sentences};
use crate::pipeline::Event;
use crate::verify::{self, Against, Code, Judged, Verified, Verifier};

/// What a model did for one answer, for the record. It holds nothing that anyone said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Generated {
    /// The model that answered; where none did, the one that was asked first.
    pub model: ModelIdentity,
    /// The model that is preferred, where another wrote the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<ModelIdentity>,
    /// The version of the instructions: their hash.
    pub prompt: ContentHash,
    /// Tokens used.
    pub usage: ModelUsage,
    /// The requests that it took: the one that answered, those that failed, and those that were given up.
    pub attempts: Vec<ModelAttempt>,
    /// How it ended.
    pub end: End,
    /// Milliseconds until the first sentence was released.
    pub first_sentence_ms: Option<f64>,
    /// Milliseconds until it was written; what a judge took comes after.
    pub milliseconds: f64,
    /// How many sentences were released.
    pub released: usize,
    /// How many sentences did not pass.
    pub dropped: usize,
    /// In place of how many of these what they cite was released, word for word.
    pub replaced: usize,
    /// The age at which what was written can be read, of an English answer that is long enough to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading_age: Option<f64>,
    /// What a judge made of those that did, where one was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judged: Option<Judged>,
}

impl Generated {
    /// The fixed words that say why quotes stand in place of what was to be written.
    pub(crate) fn why_quoted(&self) -> &'static str {
        match self.end {
            End::Spent => "quoted_spent",
            _ if self.is_unjudged() => "quoted_unjudged",
            End::CutOff if self.dropped > 0 => "quoted_unchecked",
            End::Failed | End::TimedOut | End::CutOff => "quoted_failed",
            End::Whole if self.dropped == 0 => "quoted_unwritten",
            End::Whole | End::NoAnswer | End::Refused | End::Unsure => "quoted_unchecked",
        }
    }

    /// Whether what was written is gone because a judge gave no verdict on it.
    fn is_unjudged(&self) -> bool {
        let is_gone = |judged: &Judged| judged.by.end != ReplyEnd::Read && judged.by.removed > 0;
        self.judged.as_ref().is_some_and(is_gone)
    }

    /// Whether the same question may be given the same answer again: it is all that there is to say, and
    /// not what chance or a fault left of it.
    pub(crate) fn is_settled(&self) -> bool {
        let is_judged = |judged: &Judged| judged.by.end == ReplyEnd::Read;
        match self.end {
            _ if !self.judged.iter().all(is_judged) => false,
            End::Whole => true,
            End::NoAnswer => self.released == 0,
            _ => false,
        }
    }
}

/// How a model's answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// It was written to its end.
    Whole,
    /// It is not all that the model would have said.
    CutOff,
    /// It was written, and is too unsure to be shown.
    Unsure,
    /// The model found no answer in what it was given.
    NoAnswer,
    /// The model declined.
    Refused,
    /// The model failed.
    Failed,
    /// The time was up.
    TimedOut,
    /// The budget is spent.
    Spent,
}

impl End {
    /// The name in records and metrics.
    pub fn key(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::CutOff => "cut_off",
            Self::Unsure => "unsure",
            Self::NoAnswer => "no_answer",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Spent => "spent",
        }
    }
}

/// What an answer is written from.
pub(crate) struct Writing<'a> {
    pub(crate) material: Material<'a>,
    pub(crate) against: Against<'a>,
    pub(crate) history: &'a [Turn],
    /// The snapshot that all of it is from.
    pub(crate) snapshot: &'a str,
    pub(crate) account: &'a Account,
    /// Who looks at what was written before it is told.
    pub(crate) judge: Option<&'a dyn LanguageModel>,
    /// How sure the answer of quotes is that stands in for it.
    pub(crate) quoted: Option<f32>,
    /// Whether nobody is shown a sentence before the answer is whole.
    pub(crate) is_held: bool,
}

/// Has the model write the answer. Where nothing passed and the model did not say that there is none, there
/// is only what was dropped.
pub(crate) async fn write(
    model: &dyn LanguageModel,
    writing: Writing<'_>,
    emit: &mut (dyn FnMut(Event<'_>) + Send),
) -> (Result<Verified, BTreeMap<Code, usize>>, Generated) {
    let Writing { material, against, history, snapshot, account, judge, quoted, is_held } = writing;
    let brief = Brief::new(&material);
    let measure = Measure::new(&material, quoted);
    let began = Instant::now();
    let limit = Duration::from_secs(u64::from(material.config.generation.deadline_seconds));
    let request = account.charged("write", brief.request(&material, history));
    let calls = request.calls.clone();
    // Nobody is shown anything before a judge has seen it, or while all of it is held.
    let is_shown = judge.is_none() && !is_held;
    let shown = if is_shown { request.shown.clone() } else { Shown::default() };
    let mut heard = Heard::new(Release::new(brief, &measure, against, shown));
    // What a judge has yet to see is told to nobody.
    let tells: &mut (dyn FnMut(Event<'_>) + Send) =
        if judge.is_some() { &mut |_| {} } else { &mut *emit };
    let mut end = heard.listen(model.generate(request), began + limit, tells).await;
    let milliseconds = |until: Instant| (until - began).as_secs_f64() * 1000.0;
    let written_ms = milliseconds(Instant::now());
    let (Heard { sentences, usage, release }, attempts) = (heard, calls.ended());
    let Release { mut verifier, pointed, mut first, .. } = release;
    let (left, judged) = settle(&mut verifier, &measure, &material, account, judge).await;
    if end == End::Whole && !left.is_empty() && verifier.passed() == 0 {
        end = End::Unsure;
    }
    if judge.is_some() {
        // Only now is it told.
        first = (verifier.passed() > 0).then(Instant::now);
        verifier.sentences().iter().for_each(|sentence| emit(Event::Sentence(sentence)));
    }
    let writer = writer(&attempts).unwrap_or_else(|| model.identity());
    let (released, dropped) = (verifier.passed(), verifier.dropped());
    let replaced = verifier.replaced();
    let is_answer = released > 0 || matches!(end, End::NoAnswer | End::Refused | End::Unsure);
    let false_starts = verifier.false_starts();
    let links = links(pointed, &left);
    let is_quoted = verifier.is_all_in_place();
    let written = Written { left: &left, false_starts, links, sentences, end, is_quoted };
    let verified = if is_answer {
        Ok(verifier.finish(|passed| Answer {
            snapshot: snapshot.to_owned(),
            model: (!is_quoted).then(|| writer.model.clone()),
            ..written.answer(&measure, passed)
        }))
    } else {
        Err(verifier.into_dropped())
    };
    let generated = Generated {
        instead_of: Some(model.identity()).filter(|preferred| is_answer && *preferred != writer),
        model: writer,
        prompt: PROMPT.clone(),
        usage,
        attempts,
        end,
        first_sentence_ms: first.map(milliseconds),
        milliseconds: written_ms,
        released,
        dropped,
        replaced,
        reading_age: verified.as_ref().ok().and_then(|verified| age_of(&verified.answer)),
        judged,
    };
    (verified, generated)
}

/// The reading age of what was written, where it is in English.
fn age_of(answer: &Answer) -> Option<f64> {
    let sentences = answer.sentences.iter().map(|sentence| sentence.text.as_str());
    let text = sentences.collect::<Vec<_>>().join("\n");
    if answer.locale == Locale::En { reading_age(&text) } else { None }
}

/// Has a judge look over what passed, where there is one, and takes back what is left where that is too
/// unsure to be shown. Gives what was left, and what the judge did.
async fn settle(
    verifier: &mut Verifier<'_>,
    measure: &Measure<'_>,
    material: &Material<'_>,
    account: &Account,
    judge: Option<&dyn LanguageModel>,
) -> (Vec<AnswerSentence>, Option<Judged>) {
    let judged = match judge {
        Some(judge) => look_over(judge, verifier, material, account).await,
        None => None,
    };
    let left = verifier.sentences().to_vec();
    if !left.is_empty() && !measure.is_sure(&left, verifier.false_starts()) {
        verifier.withdraw();
    }
    (left, judged)
}

/// Has a judge take away what must go. Without a verdict all of it goes, or none, as is configured.
async fn look_over(
    judge: &dyn LanguageModel,
    verifier: &mut Verifier<'_>,
    material: &Material<'_>,
    account: &Account,
) -> Option<Judged> {
    verifier.end_list();
    if verifier.passed() == 0 {
        return None;
    }
    let rules = &material.config.judge;
    let limit = Duration::from_secs(u64::from(rules.deadline_seconds));
    let question = material.question.for_model();
    let verdict = verify::judge(judge, question, verifier.sentences(), account, limit).await;
    let removed = match verdict.remove() {
        Some(places) => verifier.remove(places),
        None if rules.keep_unjudged => 0,
        None => verifier.remove(&(0..verifier.passed()).collect()),
    };
    Some(verdict.judged(removed))
}

/// Who wrote what there is: the model that answered, or else the one that broke off.
fn writer(attempts: &[ModelAttempt]) -> Option<ModelIdentity> {
    let answered = attempts.iter().rfind(|attempt| attempt.outcome == "answered");
    let broke_off = || {
        let mut others = attempts.iter().filter(|attempt| attempt.outcome != "dropped");
        others.rfind(|attempt| attempt.first_words_ms.is_some())
    };
    answered.or_else(broke_off).map(|attempt| attempt.model.clone())
}

/// What a model wrote, and what is left of it.
struct Written<'a> {
    /// What passed, also where it is too unsure to be shown.
    left: &'a [AnswerSentence],
    false_starts: usize,
    links: Vec<AnswerLink>,
    sentences: Sentences,
    end: End,
    /// Whether none of it is the model's, but what the pages say in its place.
    is_quoted: bool,
}

impl Written<'_> {
    /// The answer around what passed.
    fn answer(&self, measure: &Measure<'_>, passed: Vec<AnswerSentence>) -> Answer {
        match self.end {
            End::Unsure => measure.unsure(self.left, self.false_starts),
            _ if !passed.is_empty() => {
                let completeness = self.sentences.completeness();
                let mut answer =
                    measure.written(passed, self.false_starts, &self.links, completeness);
                if self.is_quoted {
                    compose::note(&mut answer, NoticeKind::Quoted, "quoted_unchecked");
                }
                match self.end {
                    End::Whole => {}
                    End::Refused => compose::note_partial(&mut answer, "partial_declined"),
                    _ => compose::note_partial(&mut answer, "partial_cut_off"),
                }
                answer
            }
            End::Refused => measure.declined(),
            _ => measure.unanswered(),
        }
    }
}

/// The links that the sentences point at which are left.
fn links(
    pointed: Vec<(AnswerSentence, Vec<AnswerLink>)>,
    left: &[AnswerSentence],
) -> Vec<AnswerLink> {
    let shown = pointed.into_iter().filter(|(sentence, _)| left.contains(sentence));
    shown.flat_map(|(_, links)| links).collect()
}
