//! What a judge takes away, and what is left without it.

use std::collections::BTreeSet;

use candour_core::AnswerSentence;

use super::{Introduction, Verifier};
use crate::verify::Code;

impl Verifier<'_> {
    /// Takes away what a judge says must go. The items of a list go with their introduction, and an
    /// introduction with the last of its items. What is left is checked again, for what went may have said
    /// the condition of what followed it. Gives how many the judge took away.
    pub(crate) fn remove(&mut self, places: &BTreeSet<usize>) -> usize {
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
        let gone = goes.iter().filter(|goes| **goes).count();
        for _ in 0..gone {
            self.drop_one(Code::Judged);
        }
        if gone > 0 {
            let passed = std::mem::take(&mut self.passed).into_iter();
            let left = passed.zip(goes).filter(|(_, goes)| !goes).map(|(sentence, _)| sentence);
            left.for_each(|sentence| self.take_again(sentence));
            self.end_list();
        }
        gone
    }

    /// Takes what has passed before. What is quoted may be a part, like the header of a table, that would
    /// not pass by itself: it needs nothing of what is said above it but the introduction of its list.
    fn take_again(&mut self, sentence: AnswerSentence) {
        let is_dropped = sentence.item && matches!(self.introduction, Introduction::Dropped);
        if !sentence.is_quoted() || is_dropped {
            self.take(sentence);
            return;
        }
        if sentence.item {
            self.introduce();
        } else {
            self.end_list();
        }
        if sentence.text.ends_with(':') && self.introduction.sentence().is_none() {
            self.introduction = Introduction::Shown(sentence.clone());
        }
        self.passed.push(sentence);
    }
}
