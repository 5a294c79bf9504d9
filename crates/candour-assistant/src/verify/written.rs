//! Verifies an answer while a model writes it: each sentence before anyone sees it.
//!
//! A list is more than its lines. An item is read behind the line that introduces it, on both sides: so
//! "you rent" under "You cannot get it if:" is not taken for "You can get it if you rent". An
//! introduction waits until an item of it has passed, and its items go with it where it does not. One
//! that the model does not cite is replaced by the page's own.

use std::collections::{BTreeMap, BTreeSet};

use candour_core::{Answer, AnswerSentence, Citation, UnitKind};

use crate::compose::quoted;
use crate::mitigations::Mitigation;

use super::{
    Against, Code, Verified, VerifiedAnswer, check_claim, check_together, links, quote, settle,
};

/// What has passed of an answer so far.
pub(crate) struct Verifier<'a> {
    against: Against<'a>,
    passed: Vec<AnswerSentence>,
    introduction: Introduction,
    dropped: BTreeMap<Code, usize>,
}

/// The line that introduces the list that is being written.
#[derive(Debug, Default)]
enum Introduction {
    /// No list is being written.
    #[default]
    None,
    /// It passed, and no item has passed yet.
    Waiting(AnswerSentence),
    /// It passed and was shown.
    Shown(AnswerSentence),
    /// The model cites nothing for it.
    Uncited,
    /// It did not pass.
    Dropped,
}

impl<'a> Verifier<'a> {
    /// A verifier that holds sentences against `against`.
    pub(crate) fn new(against: Against<'a>) -> Self {
        let introduction = Introduction::None;
        Self { against, passed: Vec::new(), introduction, dropped: BTreeMap::new() }
    }

    /// Takes the next sentence, and gives what may be shown now: nothing, the sentence, or an
    /// introduction that waited for it with the sentence.
    pub(crate) fn take(&mut self, sentence: AnswerSentence) -> &[AnswerSentence] {
        let before = self.passed.len();
        if sentence.item {
            self.take_item(sentence);
        } else {
            self.take_statement(sentence);
        }
        &self.passed[before..]
    }

    /// What has passed.
    pub(crate) fn sentences(&self) -> &[AnswerSentence] {
        &self.passed
    }

    /// Ends the list that is being written, so that no introduction waits for an item any more: one of
    /// nothing is dropped.
    pub(crate) fn end_list(&mut self) {
        if let Introduction::Waiting(_) = std::mem::take(&mut self.introduction) {
            self.drop_one(Code::ConditionDropped);
        }
    }

    /// Takes away what a judge says must go. The items of a list go with their introduction, and an
    /// introduction with the last of its items.
    pub(crate) fn remove(&mut self, places: &BTreeSet<usize>) {
        let mut goes: Vec<bool> = (0..self.passed.len()).map(|at| places.contains(&at)).collect();
        let mut start = 0;
        while start < self.passed.len() {
            let items = self.passed[start + 1..].iter().take_while(|next| next.item).count();
            let end = start + 1 + items;
            let opening = &self.passed[start];
            let is_introduction = items > 0 && !opening.item && opening.text.ends_with(':');
            if is_introduction && goes[start] {
                goes[start..end].fill(true);
            } else if is_introduction && goes[start + 1..end].iter().all(|goes| *goes) {
                goes[start] = true;
            }
            start = end;
        }
        for _ in goes.iter().filter(|goes| **goes) {
            self.drop_one(Code::Judged);
        }
        let mut goes = goes.into_iter();
        self.passed.retain(|_| !goes.next().unwrap_or_default());
    }

    /// How many sentences have passed.
    pub(crate) fn passed(&self) -> usize {
        self.passed.len()
    }

    /// How many sentences did not pass.
    pub(crate) fn dropped(&self) -> usize {
        self.dropped.values().sum()
    }

    /// The answer that `build` makes of what has passed.
    pub(crate) fn finish(mut self, build: impl FnOnce(Vec<AnswerSentence>) -> Answer) -> Verified {
        self.end_list();
        let mut answer = build(self.passed.clone());
        answer.sentences = self.passed;
        links::drop_unknown(&mut answer, &self.against, &mut self.dropped);
        // What is said around an answer is no part of it.
        if self.dropped.keys().any(|code| *code != Code::Uncited) {
            tracing::warn!(dropped = ?self.dropped, "verification dropped parts of an answer");
            settle(&mut answer, true);
        }
        Verified { answer: VerifiedAnswer(answer), dropped: self.dropped }
    }

    fn take_statement(&mut self, sentence: AnswerSentence) {
        self.end_list();
        let reads_claims = self.against.has(Mitigation::ClaimCheck);
        let introduces = reads_claims && sentence.text.ends_with(':');
        if sentence.citations.is_empty() && self.against.has(Mitigation::CitationCheck) {
            self.drop_one(Code::Uncited);
            if introduces {
                self.introduction = Introduction::Uncited;
            }
            return;
        }
        let checked = self.check(&sentence, None);
        let checked = match checked {
            Ok(()) if reads_claims && !introduces && self.is_half(&sentence) => {
                Err(Code::ConditionDropped)
            }
            checked => checked,
        };
        match (checked, introduces) {
            (Ok(()), true) => self.introduction = Introduction::Waiting(sentence),
            (Ok(()), false) => self.passed.push(sentence),
            (Err(code), introduces) => {
                self.drop_one(code);
                if introduces {
                    self.introduction = Introduction::Dropped;
                }
            }
        }
    }

    fn take_item(&mut self, sentence: AnswerSentence) {
        if matches!(self.introduction, Introduction::Uncited)
            && let Some(own) = self.introduction_of(&sentence)
            && self.check(&own, None).is_ok()
        {
            self.introduction = Introduction::Waiting(own);
        }
        let introduction = match &self.introduction {
            Introduction::None | Introduction::Uncited => None,
            Introduction::Dropped => return self.drop_one(Code::ConditionDropped),
            Introduction::Waiting(sentence) | Introduction::Shown(sentence) => Some(sentence),
        };
        if let Err(code) = self.check(&sentence, introduction) {
            return self.drop_one(code);
        }
        if let Introduction::Waiting(introduction) = std::mem::take(&mut self.introduction) {
            self.passed.push(introduction.clone());
            self.introduction = Introduction::Shown(introduction);
        }
        self.passed.push(sentence);
    }

    /// The line that introduces what an item cites, as it stands in the page.
    fn introduction_of(&self, item: &AnswerSentence) -> Option<AnswerSentence> {
        item.citations.iter().find_map(|citation| {
            let hit = self.against.hit(citation)?;
            let units = &hit.passage.units;
            let unit = units.iter().find(|unit| unit.start == citation.start)?;
            let mut needs = unit.needs.iter().map(|need| *need as usize);
            let stem = needs
                .find(|need| units.get(*need).is_some_and(|need| need.kind == UnitKind::Stem))?;
            quoted(hit, stem)
        })
    }

    /// Whether a statement rests on the introduction of a list alone, whose items say when it is true.
    fn is_half(&self, statement: &AnswerSentence) -> bool {
        statement.citations.iter().any(|citation| {
            let Some(hit) = self.against.hit(citation) else { return false };
            let units = &hit.passage.units;
            let at = |start: u32| units.iter().position(|unit| unit.start == start);
            let Some(own) = at(citation.start) else { return false };
            let is_stem = units[own].kind == UnitKind::Stem;
            let beside = statement.citations.iter().filter(|c| c.passage == citation.passage);
            let mut beside = beside.filter_map(|c| at(c.start));
            is_stem && !beside.any(|other| units[other].needs.contains(&(own as u32)))
        })
    }

    fn drop_one(&mut self, code: Code) {
        *self.dropped.entry(code).or_default() += 1;
    }

    fn check(
        &self,
        sentence: &AnswerSentence,
        introduction: Option<&AnswerSentence>,
    ) -> Result<(), Code> {
        if self.against.has(Mitigation::CitationCheck) {
            quote::check(sentence, &self.against)?;
        }
        let lines = lines(sentence, &self.against);
        // Where what is cited hangs on nothing, neither does the item.
        let hangs = lines.iter().any(|line| line.trim_end().ends_with(':'));
        let lines = lines.join("\n");
        check_claim(sentence, &lines, &self.against)?;
        let reads_claims = self.against.has(Mitigation::ClaimCheck);
        match introduction.filter(|_| hangs && reads_claims) {
            Some(introduction) => check_together(introduction, sentence, &lines, &self.against),
            None => Ok(()),
        }
    }
}

/// What a sentence cites with all that this needs, a line for each unit in the order of the page: the
/// introduction of a list, the header of a table, the condition that follows.
fn lines<'h>(sentence: &AnswerSentence, against: &'h Against<'_>) -> Vec<&'h str> {
    let mut found: BTreeMap<(usize, usize), &str> = BTreeMap::new();
    for (place, citation) in sentence.citations.iter().enumerate() {
        let Some(hit) = against.hit(citation) else { continue };
        let passage = &hit.passage;
        let first = |other: &Citation| other.passage == citation.passage;
        let place = sentence.citations.iter().position(first).unwrap_or(place);
        let unit = passage.units.iter().position(|unit| unit.start == citation.start);
        let needs = unit.into_iter().flat_map(|unit| &passage.units[unit].needs);
        for at in needs.map(|need| *need as usize).chain(unit) {
            let words = passage.units.get(at).map(|unit| passage.quote(unit));
            found.extend(words.map(|words| ((place, at), words)));
        }
    }
    found.into_values().collect()
}
