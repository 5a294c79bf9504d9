//! Verifies an answer while a model writes it: each sentence before anyone sees it.
//!
//! A list is more than its lines. An item is read behind the line that introduces it, on both sides: so
//! "you rent" under "You cannot get it if:" is not taken for "You can get it if you rent". An
//! introduction waits until an item of it has passed, and its items go with it where it does not. One
//! that did not pass, or that the model does not cite, is replaced by the page's own.

mod in_place;
mod judged;
mod part;
mod remark;

use std::collections::{BTreeMap, BTreeSet};

use candour_core::{Answer, AnswerSentence, Citation, Hit, PageId, Passage, UnitKind};

use crate::compose::quoted;
use crate::mitigations::Mitigation;

use self::remark::{loses_limit, says_something};
use super::{
    Against, Code, Verified, VerifiedAnswer, check_claim, check_item, check_limits, links, quote,
    settle,
};

/// What has passed of an answer so far.
pub(crate) struct Verifier<'a> {
    against: Against<'a>,
    passed: Vec<AnswerSentence>,
    introduction: Introduction,
    dropped: BTreeMap<Code, usize>,
    /// In place of how many that were dropped stands what they cite.
    replaced: usize,
    /// What passed and is not the model's: what stands in place of its words.
    in_place: Vec<AnswerSentence>,
    /// Whether the reader misses anything that was dropped.
    is_missing: bool,
    /// How many were dropped, with nothing in their place, before the first that passed.
    false_starts: usize,
    has_passed: bool,
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
    /// The model cites nothing for it: its words. They are missed, unless the page's own take their place.
    Uncited(String),
    /// It did not pass.
    Dropped,
}

impl Introduction {
    /// The line, where it passed.
    fn sentence(&self) -> Option<&AnswerSentence> {
        match self {
            Self::Waiting(sentence) | Self::Shown(sentence) => Some(sentence),
            Self::None | Self::Uncited(_) | Self::Dropped => None,
        }
    }
}

impl<'a> Verifier<'a> {
    /// A verifier that holds sentences against `against`.
    pub(crate) fn new(against: Against<'a>) -> Self {
        Self {
            against,
            passed: Vec::new(),
            introduction: Introduction::None,
            dropped: BTreeMap::new(),
            replaced: 0,
            in_place: Vec::new(),
            is_missing: false,
            false_starts: 0,
            has_passed: false,
        }
    }

    /// Forgets what it was given: another begins anew.
    pub(crate) fn begin_again(&mut self) {
        *self = Self::new(self.against);
    }

    /// Takes the next sentence, and gives what may be shown now: nothing, the sentence, what it cites, or
    /// an introduction that waited for it with the sentence.
    pub(crate) fn take(&mut self, sentence: AnswerSentence) -> &[AnswerSentence] {
        let before = self.passed.len();
        if sentence.item {
            self.take_item(sentence);
        } else {
            self.take_statement(sentence);
        }
        self.has_passed |= !self.passed.is_empty();
        &self.passed[before..]
    }

    /// What has passed.
    pub(crate) fn sentences(&self) -> &[AnswerSentence] {
        &self.passed
    }

    /// Ends the list that is being written, so that no introduction waits for an item any more: one of
    /// nothing is dropped.
    pub(crate) fn end_list(&mut self) {
        match std::mem::take(&mut self.introduction) {
            Introduction::Waiting(_) => self.drop_one(Code::ConditionDropped),
            Introduction::Uncited(words) => self.is_missing |= says_something(&words),
            Introduction::None | Introduction::Shown(_) | Introduction::Dropped => {}
        }
    }

    /// Takes away all that has passed, for an answer of it would be too unsure.
    pub(crate) fn withdraw(&mut self) {
        self.end_list();
        for _ in std::mem::take(&mut self.passed) {
            self.drop_one(Code::Unsure);
        }
        // Where there is no answer, no part of one is missing.
        self.is_missing = false;
    }

    /// How many sentences have passed.
    pub(crate) fn passed(&self) -> usize {
        self.passed.len()
    }

    /// How many sentences did not pass.
    pub(crate) fn dropped(&self) -> usize {
        self.dropped.values().sum()
    }

    /// How many sentences with sources were dropped, with nothing in their place, before the first that
    /// passed. What comes later changes it no more, so that whoever has seen a sentence has seen it counted.
    pub(crate) fn false_starts(&self) -> usize {
        self.false_starts
    }

    /// In place of how many of these what they cite is shown.
    pub(crate) fn replaced(&self) -> usize {
        self.replaced
    }

    /// Whether all that passed stands in place of what the model wrote, and none of it is the model's.
    pub(crate) fn is_all_in_place(&self) -> bool {
        let is_in_place = |sentence: &AnswerSentence| self.in_place.contains(sentence);
        !self.passed.is_empty() && self.passed.iter().all(is_in_place)
    }

    /// What was dropped of an answer of which nothing may be shown.
    pub(crate) fn into_dropped(self) -> BTreeMap<Code, usize> {
        self.dropped
    }

    /// The answer that `build` makes of what has passed.
    pub(crate) fn finish(mut self, build: impl FnOnce(Vec<AnswerSentence>) -> Answer) -> Verified {
        self.end_list();
        let mut answer = build(self.passed.clone());
        answer.sentences = self.passed;
        let before = self.dropped.clone();
        links::drop_unknown(&mut answer, &self.against, &mut self.dropped);
        if self.is_missing || self.dropped != before {
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
            return self.drop_uncited(sentence.text, introduces);
        }
        let checked = self.check(&sentence, None);
        let checked = match checked {
            Ok(()) if reads_claims && !introduces && self.is_part(&sentence) => {
                Err(Code::ConditionDropped)
            }
            checked => checked,
        };
        match (checked, introduces) {
            (Ok(()), true) => self.introduction = Introduction::Waiting(sentence),
            (Ok(()), false) if self.is_said(&sentence) => {}
            (Ok(()), false) => self.passed.push(sentence),
            (Err(code), true) => {
                self.drop_one(code);
                self.introduction = Introduction::Dropped;
            }
            (Err(code), false) => self.replace(&sentence, code),
        }
    }

    /// Whether the same was said before, and is shown already.
    fn is_said(&self, sentence: &AnswerSentence) -> bool {
        self.passed.iter().any(|other| !other.item && other.text == sentence.text)
    }

    fn take_item(&mut self, sentence: AnswerSentence) {
        if self.introduction.sentence().is_none()
            && let Some(own) = self.introduction_of(&sentence)
            && self.check(&own, None).is_ok()
        {
            if let Introduction::Uncited(words) = &self.introduction {
                self.is_missing |= loses_limit(words, &own.text);
            }
            self.in_place.push(own.clone());
            self.introduction = Introduction::Waiting(own);
        }
        if matches!(self.introduction, Introduction::Dropped) {
            return self.drop_one(Code::ConditionDropped);
        }
        let introduction = self.introduction.sentence();
        match self.check(&sentence, introduction) {
            Ok(()) => {
                self.introduce();
                self.passed.push(sentence);
            }
            Err(code) => self.replace_item(&sentence, code),
        }
    }

    /// Shows the introduction that waits for an item.
    fn introduce(&mut self) {
        if let Introduction::Waiting(introduction) = &self.introduction {
            let introduction = introduction.clone();
            self.passed.push(introduction.clone());
            self.introduction = Introduction::Shown(introduction);
        }
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

    /// Counts one that is missing.
    fn drop_one(&mut self, code: Code) {
        *self.dropped.entry(code).or_default() += 1;
        self.is_missing = true;
        self.false_starts += usize::from(!self.has_passed);
    }

    /// Counts one that cites nothing. It is missing where it says anything of the matter: it may be the
    /// condition of what passed before it.
    fn drop_uncited(&mut self, text: String, introduces: bool) {
        *self.dropped.entry(Code::Uncited).or_default() += 1;
        if introduces {
            self.introduction = Introduction::Uncited(text);
        } else {
            self.is_missing |= says_something(&text);
        }
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
        if !reads_claims {
            return Ok(());
        }
        if sentence.item {
            check_item(introduction, sentence, &lines, hangs, &self.against)?;
        }
        if sentence.is_quoted() {
            return Ok(());
        }
        if let Some(before) = self.said_above(sentence, introduction) {
            return check_limits(&before, sentence, &lines, &self.against);
        }
        // The headings of the part that it cites first are shown, and those of no other.
        let own = self.part_of(sentence);
        let mut others = sentence.clone();
        others.citations.retain(|citation| self.part(citation) != own);
        check_limits("", &others, &lines, &self.against)
    }

    /// The part of a page that a sentence is from: that which it quotes, or else cites first.
    fn part_of<'c>(&self, sentence: &'c AnswerSentence) -> Option<(&PageId, &'c str)> {
        let is_quote = |citation: &&Citation| citation.quote == sentence.text;
        let quote = sentence.citations.iter().find(is_quote);
        self.part(quote.or_else(|| sentence.citations.first())?)
    }

    /// The page and the heading that a citation is from.
    fn part<'c>(&self, citation: &'c Citation) -> Option<(&PageId, &'c str)> {
        Some((&self.against.hit(citation)?.page.id, &citation.heading))
    }

    /// What is said right before a sentence of the same part of a page; nothing where some of it is quoted,
    /// so that the headings of that part are shown.
    fn said_above(
        &self,
        sentence: &AnswerSentence,
        introduction: Option<&AnswerSentence>,
    ) -> Option<String> {
        let own = self.part_of(sentence);
        let before = self.passed.iter().rev().take_while(|other| self.part_of(other) == own);
        let mut before: Vec<&AnswerSentence> = before.collect();
        before.reverse();
        before.extend(introduction.filter(|_| sentence.item));
        if before.iter().any(|other| other.is_quoted()) {
            return None;
        }
        Some(before.iter().flat_map(|other| [other.text.as_str(), " "]).collect())
    }
}

/// What a sentence cites with all that this needs, a line for each unit in the order of the page: the
/// introduction of a list, the header of a table, the condition that follows.
fn lines<'h>(sentence: &AnswerSentence, against: &'h Against<'_>) -> Vec<&'h str> {
    let units = units(sentence, against, needed).into_iter();
    units.map(|(hit, at)| hit.passage.quote(&hit.passage.units[at])).collect()
}

/// A unit with what it needs.
fn needed(passage: &Passage, at: usize) -> BTreeSet<usize> {
    let needs = passage.units.get(at).into_iter().flat_map(|unit| &unit.needs);
    needs.map(|need| *need as usize).chain([at]).filter(|at| *at < passage.units.len()).collect()
}

/// The units that a sentence cites, each with what `whole` says belongs to it, in the order of the page.
fn units<'h>(
    sentence: &AnswerSentence,
    against: &'h Against<'_>,
    whole: impl Fn(&Passage, usize) -> BTreeSet<usize>,
) -> Vec<(&'h Hit, usize)> {
    let mut found: BTreeMap<(usize, usize), (&Hit, usize)> = BTreeMap::new();
    for (place, citation) in sentence.citations.iter().enumerate() {
        let Some(hit) = against.hit(citation) else { continue };
        let first = |other: &Citation| other.passage == citation.passage;
        let place = sentence.citations.iter().position(first).unwrap_or(place);
        let unit = hit.passage.units.iter().position(|unit| unit.start == citation.start);
        for at in unit.into_iter().flat_map(|unit| whole(&hit.passage, unit)) {
            found.insert((place, at), (hit, at));
        }
    }
    found.into_values().collect()
}
