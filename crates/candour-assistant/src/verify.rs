//! Each sentence is held against the text it cites before anyone sees it.
//!
//! The checks are exact and cheap. They read a sentence as a claim that may be worded otherwise than
//! its quote, so that they hold for a model's sentences too. What they do not read is meaning: a claim
//! that passes is supported as far as its numbers, dates, nations, negations and conditions go.

mod across;
mod actors;
mod added;
mod choices;
mod claim;
mod code;
mod comparator;
mod condition;
mod copied;
mod dates;
mod ended;
mod entity;
mod figure;
mod heading;
mod joins;
mod judge;
mod leak;
mod lexicon;
mod limits;
mod links;
mod meaning;
mod modality;
mod nation;
mod needs;
mod numbers;
mod order;
mod polarity;
mod price;
mod quote;
mod reading;
mod repeats;
mod rivals;
mod rows;
mod support;
mod swapped;
mod voice;
mod waits;
mod whose;
mod written;

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod liar;
#[cfg(test)]
mod mutation;
#[cfg(test)]
mod paraphrases;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use candour_core::{
    Answer, AnswerSentence, AnswerStatus, Citation, Config, Hit, Locale, Notice, NoticeKind,
    PublicContacts,
};
use serde::Serialize;

use self::claim::Claim;
pub(crate) use self::code::Code;
pub(crate) use self::figure::{Period, periods};
pub use self::judge::Judged;
pub(crate) use self::judge::judge;
pub(crate) use self::links::names_an_address;
pub(crate) use self::written::Verifier;
use crate::compose::sources;
use crate::mitigations::{Mitigation, Mitigations};
use crate::replies;
use crate::screen::{Place, language_of};
use crate::words::plain_words;

/// An answer that passed verification. There is no other way to make one.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct VerifiedAnswer(Answer);

impl VerifiedAnswer {
    /// The answer, for keeping.
    pub fn into_answer(self) -> Answer {
        self.0
    }

    /// The answer with the time that each stage took, which no check depends on.
    pub(crate) fn timed(mut self, timings_ms: BTreeMap<String, f64>) -> Self {
        self.0.timings_ms = timings_ms;
        self
    }

    /// The answer with fixed words of ours before what it says first.
    pub(crate) fn opening(mut self, key: &str) -> Self {
        let text = replies::of(&self.0.locale).text(key);
        self.0.message = self.0.message.map(|message| format!("{text} {message}"));
        self
    }

    /// The answer with fixed words of ours beside it.
    pub(crate) fn with_notice(mut self, kind: NoticeKind, key: &str) -> Self {
        let text = replies::of(&self.0.locale).text(key).to_owned();
        self.0.notices.push(Notice { kind, text });
        self
    }
}

impl Deref for VerifiedAnswer {
    type Target = Answer;

    fn deref(&self) -> &Answer {
        &self.0
    }
}

/// What answers are held against.
#[derive(Clone, Copy)]
pub(crate) struct Against<'a> {
    /// The passages that were retrieved.
    pub(crate) hits: &'a [Hit],
    /// Further pages whose links may be shown: contact pages, withdrawn pages, other nations' pages.
    pub(crate) beside: &'a [Hit],
    /// The nations that the question is about.
    pub(crate) place: Place,
    /// The pilot.
    pub(crate) config: &'a Config,
    /// What the publisher itself makes public.
    pub(crate) public: &'a PublicContacts,
    /// The language of the answer.
    pub(crate) locale: &'a Locale,
    /// The checks that are made: all of them, but in an experiment.
    pub(crate) mitigations: Mitigations,
}

impl Against<'_> {
    fn has(&self, check: Mitigation) -> bool {
        self.mitigations.has(check)
    }

    fn hit(&self, citation: &Citation) -> Option<&Hit> {
        self.hits.iter().find(|hit| hit.passage.id == citation.passage)
    }
}

/// What verification made of a draft.
pub(crate) struct Verified {
    /// What may be shown.
    pub(crate) answer: VerifiedAnswer,
    /// How much was dropped, by reason.
    pub(crate) dropped: BTreeMap<Code, usize>,
}

/// Drops what does not pass, and says so in the answer.
pub(crate) fn verify(mut draft: Answer, against: &Against<'_>) -> Verified {
    let mut dropped = BTreeMap::new();
    let had_sentences = !draft.sentences.is_empty();
    let passing = |sentence: &AnswerSentence| check(sentence, against);
    drop_failing(&mut draft.sentences, &mut dropped, passing);
    // A sentence that lost what it needs goes too, which may take others with it.
    while against.has(Mitigation::ClaimCheck)
        && let Some(left) = needs::without_orphans(&draft.sentences, against)
    {
        *dropped.entry(Code::ConditionDropped).or_default() += draft.sentences.len() - left.len();
        draft.sentences = left;
    }
    links::drop_unknown(&mut draft, against, &mut dropped);
    choices::drop_unfounded(&mut draft, against, &mut dropped);
    if !dropped.is_empty() {
        tracing::warn!(?dropped, "verification dropped parts of an answer");
        draft.sources = sources(&draft.sentences, against.hits);
        settle(&mut draft, had_sentences);
    }
    Verified { answer: VerifiedAnswer(draft), dropped }
}

/// The language of fewer words cannot be told.
const FEWEST_WORDS: usize = 6;

/// The first reason why a sentence may not be shown.
fn check(sentence: &AnswerSentence, against: &Against<'_>) -> Result<(), Code> {
    if against.has(Mitigation::CitationCheck) {
        quote::check(sentence, against)?;
    }
    check_claim(sentence, &quotes(sentence), against)
}

/// The first reason why a sentence does not say what `quotes` say, a line each.
fn check_claim(sentence: &AnswerSentence, quotes: &str, against: &Against<'_>) -> Result<(), Code> {
    if against.has(Mitigation::ClaimCheck) {
        nation::check(sentence, against)?;
    }
    if against.has(Mitigation::LinkAllowList) {
        links::check(&sentence.text, quotes)?;
    }
    if against.has(Mitigation::Canary) {
        leak::check_canary(&sentence.text)?;
    }
    if against.has(Mitigation::LeakCheck) {
        leak::check(&sentence.text, quotes, against.public)?;
    }
    // What is quoted word for word cannot say anything else than its source.
    if sentence.text == quotes { Ok(()) } else { check_wording(sentence, quotes, against) }
}

/// The checks of a sentence in other words than those it cites.
fn check_wording(
    sentence: &AnswerSentence,
    quotes: &str,
    against: &Against<'_>,
) -> Result<(), Code> {
    let (page, around) = page_of(sentence, against);
    let locale = language(&sentence.text, quotes, &page);
    let mut claim = Claim::new(&sentence.text, &locale, quotes, &around, &page, sentence.item);
    heading::carry_denials(&mut claim, sentence, against);
    if against.has(Mitigation::VoiceCheck) {
        voice::check(&claim)?;
    }
    if !against.has(Mitigation::ClaimCheck) {
        return Ok(());
    }
    // What is quoted stands in the language of its page, which the reader is told.
    let is_mixed = locale != *against.locale && !sentence.is_quoted();
    if is_mixed && plain_words(&sentence.text).len() >= FEWEST_WORDS {
        return Err(Code::LanguageMixed);
    }
    repeats::check(&claim)?;
    nation::check_places(&claim)?;
    numbers::check(&claim)?;
    dates::check(&claim)?;
    entity::check(&claim, &against.config.pilot.body)?;
    comparator::check(&claim)?;
    waits::check(&claim)?;
    polarity::check(&claim)?;
    price::check(&claim)?;
    ended::check(&claim)?;
    modality::check(&claim)?;
    condition::check(&claim)?;
    if !sentence.is_quoted() {
        limits::check(&claim)?;
    }
    joins::check(&claim)?;
    copied::check(&claim)?;
    swapped::check(&claim)?;
    numbers::check_places(&claim)?;
    rows::check(&claim)?;
    across::check(&claim)?;
    rivals::check(&claim)?;
    actors::check(&claim)?;
    whose::check(&claim)?;
    added::check(&claim)?;
    support::check(&claim)?;
    // What introduces an item may deny for it: `check_item` reads them together.
    if sentence.item { Ok(()) } else { heading::check_denials(&claim) }
}

/// The checks of a list's item behind its introduction, where it has one, for what the introduction denies
/// or sets as a condition holds for its items. Where what the item cites hangs on no introduction, only the
/// headings above it are of interest.
fn check_item(
    introduction: Option<&AnswerSentence>,
    item: &AnswerSentence,
    quotes: &str,
    hangs: bool,
    against: &Against<'_>,
) -> Result<(), Code> {
    let said = introduction.map_or_else(String::new, |sentence| format!("{} ", sentence.text));
    let text = format!("{said}{}", item.text);
    let (page, around) = page_of(item, against);
    let locale = language(&text, quotes, &page);
    let mut claim = Claim::new(&text, &locale, quotes, &around, &page, false);
    heading::carry_denials(&mut claim, item, against);
    let alone = Claim::new(&item.text, &locale, quotes, &around, &page, false);
    if !item.is_quoted() && alone.repeats_introduction() {
        // `You can put in turf` is no item of `You cannot put in:`, though both together deny.
        polarity::check(&alone)?;
    }
    if hangs && introduction.is_some() {
        polarity::check(&claim)?;
        condition::check(&claim)?;
    }
    heading::check_denials(&claim)
}

/// The check of what the headings above a sentence limit it to. `before` is said right before it under the
/// same headings.
fn check_limits(
    before: &str,
    sentence: &AnswerSentence,
    quotes: &str,
    against: &Against<'_>,
) -> Result<(), Code> {
    let text = format!("{before}{}", sentence.text);
    let (page, around) = page_of(sentence, against);
    let locale = language(&sentence.text, quotes, &page);
    let claim = Claim::new(&text, &locale, quotes, &around, &page, false);
    heading::check_limits(&claim, sentence, against)
}

/// The language of a sentence: that of the page where it has the page's words.
fn language(text: &str, quotes: &str, page: &Locale) -> Locale {
    let (words, source) = (plain_words(text), plain_words(quotes));
    let shared = words.iter().filter(|word| source.contains(word)).count();
    if shared * 2 >= words.len() { page.clone() } else { language_of(text, page) }
}

/// The language of the page that a sentence cites first, and the headings and titles above all that it
/// cites.
fn page_of(sentence: &AnswerSentence, against: &Against<'_>) -> (Locale, Vec<String>) {
    let first = sentence.citations.first().and_then(|citation| against.hit(citation));
    let page = first.map_or_else(Locale::default, |hit| hit.passage.locale.clone());
    let around = sentence.citations.iter().flat_map(|c| [c.heading.clone(), c.title.clone()]);
    let around: BTreeSet<String> = around.filter(|line| !line.is_empty()).collect();
    (page, around.into_iter().collect())
}

/// All that a sentence cites, one quote a line.
fn quotes(sentence: &AnswerSentence) -> String {
    let quotes: Vec<&str> = sentence.citations.iter().map(|c| c.quote.as_str()).collect();
    quotes.join("\n")
}

fn drop_failing(
    sentences: &mut Vec<AnswerSentence>,
    dropped: &mut BTreeMap<Code, usize>,
    check: impl Fn(&AnswerSentence) -> Result<(), Code>,
) {
    sentences.retain(|sentence| match check(sentence) {
        Ok(()) => true,
        Err(code) => {
            *dropped.entry(code).or_default() += 1;
            false
        }
    });
}

/// Settles the status after something was dropped.
fn settle(answer: &mut Answer, had_sentences: bool) {
    let replies = replies::of(&answer.locale);
    if !had_sentences {
        return;
    }
    if answer.sentences.is_empty() {
        if answer.status != AnswerStatus::Signposted {
            answer.status = AnswerStatus::Abstained;
            answer.message = Some(replies.text("abstained").to_owned());
        }
        // Notices about quotes mean nothing without quotes.
        let stays =
            |kind| matches!(kind, NoticeKind::Crisis | NoticeKind::Masked | NoticeKind::Withdrawn);
        answer.notices.retain(|notice| stays(notice.kind));
    } else {
        if answer.status == AnswerStatus::Answered {
            answer.status = AnswerStatus::Partial;
        }
        let text = replies.text("partial_dropped").to_owned();
        answer.notices.push(Notice { kind: NoticeKind::Partial, text });
    }
}
