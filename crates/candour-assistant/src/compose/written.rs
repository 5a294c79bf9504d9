//! An answer around sentences that a model wrote and verification let pass: what it is called, what it
//! leaves open, and what stands beside it.

use candour_core::{Answer, AnswerLink, AnswerSentence, AnswerStatus, Notice, NoticeKind};

use super::branch::{Branches, Fit};
use super::choose::Choice;
use super::confidence::Confidence;
use super::pool::Pool;
use super::score::{At, score};
use super::{
    Completeness, Material, beside, confidence, fixed, known, leaves_out, limit, onward, sources,
};
use crate::replies;

/// What is written, measured as what is quoted is.
pub(crate) struct Measure<'a> {
    material: &'a Material<'a>,
    pool: Pool<'a>,
    branches: Branches,
    /// How sure the answer of quotes is that stands in for it.
    quoted: Option<f32>,
}

impl<'a> Measure<'a> {
    /// Measures what is written in place of an answer of quotes that is so sure.
    pub(crate) fn new(material: &'a Material<'a>, quoted: Option<f32>) -> Self {
        let pool = Pool::new(material.found, material.readings);
        let branches = Branches::new(&pool, &known(material), &material.found.locale);
        Self { material, pool, branches, quoted }
    }

    /// Whether these sentences, after so many false starts, make the answer sure enough to be shown. More
    /// sentences make it no less so.
    pub(crate) fn is_sure(&self, sentences: &[AnswerSentence], false_starts: usize) -> bool {
        self.of(sentences, false_starts).1.value() >= self.material.config.answers.abstain_below
    }

    /// The answer made of `sentences`, of which there is at least one. `links` are those that the
    /// sentences point at.
    pub(crate) fn written(
        &self,
        sentences: Vec<AnswerSentence>,
        false_starts: usize,
        links: &[AnswerLink],
        completeness: Option<Completeness>,
    ) -> Answer {
        let material = self.material;
        let mut answer = fixed::empty(material.question, AnswerStatus::Answered);
        answer.sources = sources(&sentences, &material.found.hits);
        answer.sentences = sentences;
        let (choice, confidence) = self.of(&answer.sentences, false_starts);
        answer.confidence = Some(confidence.value());
        let limits = limit::of(material, &self.pool, &choice, &confidence);
        limit::settle(&mut answer, material, &limits);
        for link in links {
            onward::link(&mut answer, link.kind, &link.label, &link.url);
        }
        beside::add(&mut answer, material);
        if completeness == Some(Completeness::Partial) {
            note_partial(&mut answer, "partial_written");
        }
        answer
    }

    /// The answer where the model found none in what it was given.
    pub(crate) fn unanswered(&self) -> Answer {
        let mut answer = fixed::empty(self.material.question, AnswerStatus::Abstained);
        beside::abstain(&mut answer, self.material, &self.pool);
        answer
    }

    /// The answer where `sentences` are too unsure to be shown.
    pub(crate) fn unsure(&self, sentences: &[AnswerSentence], false_starts: usize) -> Answer {
        let confidence = Some(self.of(sentences, false_starts).1.value());
        Answer { confidence, ..self.unanswered() }
    }

    /// The answer where the model declined to answer: fixed words, and the nearest pages.
    pub(crate) fn declined(&self) -> Answer {
        let mut answer = self.unanswered();
        answer.is_blocked = true;
        answer.message = Some(replies::of(&answer.locale).text("declined").to_owned());
        answer
    }

    fn of(&self, sentences: &[AnswerSentence], false_starts: usize) -> (Choice, Confidence) {
        let choice = self.cited(sentences);
        let confidence = confidence(self.material, &self.pool, &choice);
        (choice, Confidence { quoted: self.quoted, false_starts, ..confidence })
    }

    /// What is cited, as if it had been chosen to be quoted, so that it is measured alike.
    fn cited(&self, sentences: &[AnswerSentence]) -> Choice {
        let Self { pool, branches, material, .. } = self;
        let mut choice =
            Choice { match_of: vec![0.0; pool.asked.words.len()], ..Choice::default() };
        for citation in sentences.iter().flat_map(|sentence| &sentence.citations) {
            let passage = pool.passages.iter().position(|p| p.hit.passage.id == citation.passage);
            let Some(passage) = passage else { continue };
            let units = &pool.passages[passage].hit.passage.units;
            let Some(unit) = units.iter().position(|unit| unit.start == citation.start) else {
                continue;
            };
            let at = At { passage, unit };
            if choice.units.contains(&at) {
                continue;
            }
            choice.units.push(at);
            choice.is_open |= branches.fit(passage) == Fit::Open;
            if let Some(scored) = score(pool, at) {
                choice.best_score = choice.best_score.max(scored.score);
                for (found, new) in choice.match_of.iter_mut().zip(&scored.match_of) {
                    *found = found.max(*new);
                }
            }
        }
        choice.is_open |= leaves_out(material, pool, &choice);
        choice
    }
}

/// Says that an answer leaves something open, and why.
pub(crate) fn note_partial(answer: &mut Answer, key: &str) {
    if answer.status == AnswerStatus::Answered {
        answer.status = AnswerStatus::Partial;
    }
    note(answer, NoticeKind::Partial, key);
}

/// Adds fixed words of ours.
pub(crate) fn note(answer: &mut Answer, kind: NoticeKind, key: &str) {
    let text = replies::of(&answer.locale).text(key).to_owned();
    answer.notices.push(Notice { kind, text });
}
