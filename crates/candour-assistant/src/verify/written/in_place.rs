//! What stands in place of a sentence that a check doubts.
//!
//! The checks read words, and now and then doubt what is true in other words. What a doubted sentence
//! cites is shown in its place, word for word, so that the reader has what the page says.

use candour_core::{AnswerSentence, Hit, UnitKind};

use super::{Introduction, Verifier, units};
use crate::compose::{closure, quoted};
use crate::verify::Code;

/// How many sentences may stand in place of one, and beside these how many items of lists and rows.
const MOST_IN_PLACE: usize = 4;
const MOST_ITEMS_IN_PLACE: usize = 10;

impl Verifier<'_> {
    /// Shows what a doubted sentence cites in its place, where that stands by itself.
    pub(super) fn replace(&mut self, sentence: &AnswerSentence, code: Code) {
        let Some(quotes) = is_doubt(code).then(|| self.in_place_of(sentence)).flatten() else {
            return self.drop_one(code);
        };
        // Items that follow are none of the page's list.
        if quotes.iter().any(|quote| quote.item) {
            self.introduction = Introduction::Dropped;
        }
        self.put_in_place(quotes, code);
    }

    /// The same for an item, behind the introduction that its list has.
    pub(super) fn replace_item(&mut self, item: &AnswerSentence, code: Code) {
        match is_doubt(code).then(|| self.in_place_of_item(item)).flatten() {
            Some(quotes) => self.put_in_place(quotes, code),
            None => self.drop_one(code),
        }
    }

    fn put_in_place(&mut self, quotes: Vec<AnswerSentence>, code: Code) {
        *self.dropped.entry(code).or_default() += 1;
        self.replaced += 1;
        let is_said = |quote: &AnswerSentence| self.passed.contains(quote);
        if quotes.iter().all(is_said) {
            return;
        }
        // An item or a row stands behind what introduces it, also where that was said before.
        let is_apart = quotes.iter().all(|quote| !quote.item);
        let new: Vec<AnswerSentence> =
            quotes.into_iter().filter(|quote| !is_apart || !self.passed.contains(quote)).collect();
        self.introduce();
        self.in_place.extend(new.iter().cloned());
        self.passed.extend(new);
    }

    /// All that a sentence cites, with what this needs, in the order of the page; nothing where some of it
    /// may not be shown, or is only the introduction of a list.
    fn in_place_of(&self, sentence: &AnswerSentence) -> Option<Vec<AnswerSentence>> {
        let places = self.cited_whole(sentence)?;
        let quotes = places.into_iter().map(|(hit, at)| quoted(hit, at));
        let quotes: Option<Vec<AnswerSentence>> = quotes.collect();
        let may_be_shown = |quote: &AnswerSentence| self.check(quote, None).is_ok();
        quotes.filter(|quotes| !self.is_half(sentence) && quotes.iter().all(may_be_shown))
    }

    /// The items of the page that an item cites, where they may stand behind the introduction.
    fn in_place_of_item(&self, item: &AnswerSentence) -> Option<Vec<AnswerSentence>> {
        let introduction = self.introduction.sentence()?;
        let places = self.cited_whole(item)?.into_iter();
        let places = places.filter(|(hit, at)| hit.passage.units[*at].kind != UnitKind::Stem);
        let quotes: Option<Vec<AnswerSentence>> = places.map(|(hit, at)| quoted(hit, at)).collect();
        // It may stand behind the words for its own introduction alone.
        let is_introduced = |quote: &AnswerSentence| {
            let own = self.introduction_of(quote);
            own.is_some_and(|own| own.citations.iter().any(|c| introduction.citations.contains(c)))
        };
        let may_be_shown = |quote: &AnswerSentence| {
            quote.item && is_introduced(quote) && self.check(quote, Some(introduction)).is_ok()
        };
        quotes.filter(|quotes| !quotes.is_empty() && quotes.iter().all(may_be_shown))
    }

    /// The units that a sentence cites with all that must be quoted with them, unless they are too many.
    fn cited_whole(&self, sentence: &AnswerSentence) -> Option<Vec<(&Hit, usize)>> {
        let whole = units(sentence, &self.against, closure);
        let is_item = |(hit, at): &&(&Hit, usize)| {
            matches!(hit.passage.units[*at].kind, UnitKind::Item | UnitKind::Row)
        };
        let items = whole.iter().filter(is_item).count();
        let may_stand = items <= MOST_ITEMS_IN_PLACE && whole.len() - items <= MOST_IN_PLACE;
        (may_stand && !whole.is_empty()).then_some(whole)
    }
}

/// Whether a check that reads words can have taken a true sentence for a false one.
fn is_doubt(code: Code) -> bool {
    matches!(
        code,
        Code::NumberMissing
            | Code::ComparatorChanged
            | Code::DateMissing
            | Code::PolarityChanged
            | Code::ModalityChanged
            | Code::ConditionDropped
            | Code::EntityMissing
            | Code::SupportLow
    )
}
