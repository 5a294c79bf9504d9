//! The reading age of an English answer.

use candour_core::{Locale, reading_age};

use super::language::words_of;
use super::{Case, Score};

/// The reading age of an English answer; nothing of a short one.
pub(super) fn of(case: &Case<'_>) -> Option<Score> {
    if case.sample.locale != Locale::En {
        return None;
    }
    Some(Score { value: reading_age(&words_of(case))?, why: None })
}

#[cfg(test)]
mod tests {
    use candour_core::Locale;

    use super::super::tests::{Given, value};
    use crate::scorer::Scorer;

    #[test]
    fn an_english_answer_has_one() {
        let easy = "The cat sat on it. The dog sat on it. The pig sat on it. The hen sat on it.";
        let mut given = Given::default();
        given.reply.text = easy.to_owned();
        assert_eq!(value(Scorer::ReadingAge, &given), Some(3.2));
        given.sample.locale = Locale::Cy;
        assert_eq!(value(Scorer::ReadingAge, &given), None);
    }
}
