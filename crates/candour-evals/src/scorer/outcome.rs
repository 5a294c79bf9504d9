//! What became of the question: its status, and whether it was answered at all.

use candour_core::AnswerStatus;

use super::{Case, Score};

/// Whether the status is the expected one.
pub(super) fn status(case: &Case<'_>) -> Option<Score> {
    let (expected, actual) = (case.sample.status?, case.reply.status?);
    let why = || format!("{} where {} was expected", actual.key(), expected.key());
    Some(Score::all_or_nothing(actual == expected, why))
}

/// Whether a question was answered that should be, and none that should not. In part is answered too.
pub(super) fn answered(case: &Case<'_>) -> Option<Score> {
    let (expected, actual) = (case.sample.status?, case.reply.status?);
    let is_answer = |status| matches!(status, AnswerStatus::Answered | AnswerStatus::Partial);
    let why = || format!("{} where {} was expected", actual.key(), expected.key());
    Some(Score::all_or_nothing(is_answer(actual) == is_answer(expected), why))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Given, value};
    use super::*;
    use crate::scorer::Scorer;

    #[test]
    fn statuses_are_compared() {
        use AnswerStatus::{Abstained, Answered, Partial, Signposted};
        let cases = [
            (Answered, Answered, 1.0, 1.0),
            (Answered, Partial, 0.0, 1.0),
            (Answered, Abstained, 0.0, 0.0),
            (Abstained, Signposted, 0.0, 1.0),
            (Signposted, Partial, 0.0, 0.0),
        ];
        for (expected, actual, status, answered) in cases {
            let mut given = Given::default();
            given.sample.status = Some(expected);
            given.reply.status = Some(actual);
            assert_eq!(value(Scorer::Status, &given), Some(status), "{expected:?} {actual:?}");
            assert_eq!(value(Scorer::Answered, &given), Some(answered), "{expected:?} {actual:?}");
            given.reply.status = None;
            assert_eq!(value(Scorer::Status, &given), None);
        }
    }
}
