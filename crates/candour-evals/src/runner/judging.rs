//! Judging an answer: its steps one after another, each written down before it is asked and with its
//! reply after, so that nothing that was said is paid for again.

use super::asking::{Asking, lock};
use super::record::{Begun, Key, Part, Record};
use super::written::{Place, Written};
use super::{InFlight, RunnerError};
use crate::judge::{Judge, Judgement, Judging, Next, Passing};
use crate::runner::Failure;
use crate::scorer::Case;
use crate::suite::Sample;

impl Asking {
    /// What an earlier part of the run knows of a question, but for a record that stands.
    pub(super) fn begun(
        &self,
        sample: &Sample,
        epoch: u32,
        unjudged: Option<Place>,
    ) -> Result<Begun, RunnerError> {
        let parts = self.begun.get(&Key::of(&sample.id, epoch));
        begun(self.journal.written(), unjudged.iter().chain(parts.into_iter().flatten()))
    }

    /// Judges the answer of a record. Returns whether all was judged: a limit may come first.
    pub(super) async fn judge(
        &self,
        judge: &Judge,
        sample: &Sample,
        record: &mut Record,
        begun: Begun,
    ) -> Result<bool, RunnerError> {
        let Some(reply) = &record.reply else { return Ok(true) };
        let case = Case { sample, reply, about: &self.suite.about };
        let mut judging = Judging::new(judge, &case, record.epoch);
        let part = Part { of: (record.id.clone(), record.epoch), ..Part::default() };
        let mut is_kept = begun.reply.is_some();
        while let Some(next) = judging.next() {
            if let Some(known) = self.known(&judging, &next, &begun) {
                judging.take(known);
                continue;
            }
            if !is_kept {
                self.keep(&Part { reply: Some(reply.clone()), ..part.clone() }).await?;
                is_kept = true;
            }
            if self.must_rest() {
                return Ok(false);
            }
            let Some(judgement) = self.judge_step(&judging, &part, next, &begun).await? else {
                return Ok(false);
            };
            lock(&self.tally).spend_judgement(&judgement);
            self.keep(&Part { judgement: Some(judgement.clone()), ..part.clone() }).await?;
            judging.take(judgement);
        }
        (record.judged, record.judgements) = judging.finish();
        Ok(true)
    }

    /// What was said already where the same was asked. Where errors are to be asked again, it counts
    /// only if it can be read.
    fn known(&self, judging: &Judging<'_>, next: &Next, begun: &Begun) -> Option<Judgement> {
        let mut said = begun.judgements.iter().rev();
        let is_same = |one: &&Judgement| one.step == next.step && one.request == next.hash;
        let known = said.find(is_same)?;
        (!self.retry_errors || judging.reads(known)).then(|| known.clone())
    }

    /// Asks until there is a judgement, or no more hope of one, as targets are asked; nothing where the run is
    /// stopped first. Each time is written down beforehand.
    async fn judge_step(
        &self,
        judging: &Judging<'_>,
        part: &Part,
        next: Next,
        begun: &Begun,
    ) -> Result<Option<Judgement>, RunnerError> {
        if self.in_flight == InFlight::GiveUp && begun.judging == Some(next.step) {
            let failed = Judgement::failed(next.step, next.hash, Failure::in_flight());
            // It was sent, as far as anybody knows.
            return Ok(Some(Judgement { requests: 1, ..failed }));
        }
        let Next { step, hash, .. } = &next;
        let (step, hash) = (*step, hash.clone());
        let (mut tried, mut before, mut next) = (1, None::<Judgement>, Some(next));
        loop {
            let again = self.is_again(&part.of.0, part.of.1);
            self.keep(&Part { judging: Some(step), again, ..part.clone() }).await?;
            let again = || Next { step, request: judging.request(step), hash: hash.clone() };
            let (mut judgement, passing) = judging.ask(next.take().unwrap_or_else(again)).await;
            if let Some(before) = &before {
                judgement.took_also(before);
            }
            let is_last = tried >= self.suite.about.limits.tries;
            let Some(Passing { retry_after }) = passing.filter(|_| !is_last) else {
                return Ok(Some(judgement));
            };
            if !self.wait(retry_after, tried).await {
                if judgement.requests == 0 {
                    // Nothing was sent, so that nothing is on its way.
                    self.keep(part).await?;
                }
                return Ok(None);
            }
            (tried, before) = (tried + 1, Some(judgement));
        }
    }

    pub(super) async fn keep(&self, part: &Part) -> Result<(), RunnerError> {
        let length = self.journal.add(part)?;
        self.journal.settled(length).await
    }
}

/// Reads what stands at some places of a journal: records that a judge failed on, and parts of records.
pub(super) fn begun<'a>(
    written: &Written,
    places: impl IntoIterator<Item = &'a Place>,
) -> Result<Begun, RunnerError> {
    let mut begun = Begun::default();
    for place in places {
        begun.add(written.line_at(*place)?);
    }
    Ok(begun)
}
