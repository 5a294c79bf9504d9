//! What kind of thing a question plainly asks for, and whether a passage has one: an amount, or a
//! time. A passage without what is asked for hardly answers (the expected answer type of Voorhees and
//! Tice, 2000, kept to the two kinds that can be told by their look).

use std::sync::LazyLock;

use regex::Regex;

/// What a passage gains that has an amount, or a time, when it is asked for: gentle beside evidence
/// that reaches 6.
const AMOUNT: f32 = 0.3;
const TIME: f32 = 0.1;

/// What is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct AnswerTypes {
    amount: bool,
    time: bool,
}

impl AnswerTypes {
    /// What a question asks for, in English or in Welsh.
    pub(crate) fn asked_for(question: &str) -> Self {
        Self { amount: matches(&ASKS_AMOUNT, question), time: matches(&ASKS_TIME, question) }
    }

    /// What a passage gains that has what is asked for.
    pub(crate) fn gain(self, passage: &str) -> f32 {
        let has_amount = || passage.contains(['£', '%']);
        let has_time = || matches(&GIVES_TIME, passage);
        let gain = |is_so, gain| if is_so { gain } else { 0.0 };
        gain(self.amount && has_amount(), AMOUNT) + gain(self.time && has_time(), TIME)
    }
}

// English first, then Welsh.
static ASKS_AMOUNT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compiled(
        r"(?i)\bhow much\b|\bwhat\b.{0,20}\b(costs?|fees?|price|amount|rate|threshold)\b|\bfaint (yw|ydy|ydi|mae|maen|fydd|o arian)\b|\bbeth yw.{0,15}\b(cost|gost|pris|ffi|swm|gyfradd|trothwy)\b",
    )
});
static ASKS_TIME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compiled(
        r"(?i)\b(when|deadlines?|time limit|by what date|how (long|soon|often|many (days|weeks|months|years)))\b|\b(pryd|pa mor (hir|aml|fuan)|am faint|dyddiad cau)\b",
    )
});
static GIVES_TIME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compiled(
        r"(?i)\b(\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve)[- ]((working|calendar) )?(hour|day|week|month|year)s?\b|\b\d{1,2} (january|february|march|april|may|june|july|august|september|october|november|december)\b|\b\d+ (o )?(awr|oriau|d?diwrnod|d?diwrnodau|wythnos|wythnosau|mis|misoedd|m?blynedd)\b|\b\d{1,2} (ionawr|chwefror|mawrth|ebrill|mai|mehefin|gorffennaf|awst|medi|hydref|tachwedd|rhagfyr)\b",
    )
});

/// None of a pattern that is none, which a test rules out.
fn compiled(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_show_what_they_ask_for() {
        assert!([&ASKS_AMOUNT, &ASKS_TIME, &GIVES_TIME].iter().all(|pattern| pattern.is_some()));
        for (question, amount, time) in [
            ("How much is Child Benefit?", true, false),
            ("What is the current rate?", true, false),
            ("What’s the fee?", true, false),
            ("Faint yw'r dreth?", true, false),
            ("Beth yw'r gost?", true, false),
            ("How long does it take?", false, true),
            ("When is the deadline?", false, true),
            ("Pryd mae’r dyddiad cau?", false, true),
            ("How much do I pay and when?", true, true),
            ("Can I get a Blue Badge?", false, false),
            ("What documents do I need?", false, false),
            ("Sut mae gwneud cais?", false, false),
            ("", false, false),
        ] {
            assert_eq!(
                AnswerTypes::asked_for(question),
                AnswerTypes { amount, time },
                "{question}"
            );
        }
    }

    #[test]
    fn a_passage_gains_by_what_is_asked_for_and_given() {
        let asked = AnswerTypes { amount: true, time: true };
        for (text, amount, time) in [
            ("You get £26.05 a week.", true, false),
            ("The rate is 20%.", true, false),
            ("Apply within 28 working days.", false, true),
            ("It takes six weeks.", false, true),
            ("Pay £5 by 31 January.", true, true),
            ("Gwnewch gais o fewn 28 diwrnod.", false, true),
            ("Talwch erbyn 31 Ionawr.", false, true),
            ("You may apply online.", false, false),
        ] {
            let expected = f32::from(u8::from(amount)) * AMOUNT + f32::from(u8::from(time)) * TIME;
            assert!((asked.gain(text) - expected).abs() < 1e-6, "{text}");
            assert!(AnswerTypes::default().gain(text) < 1e-6, "{text}: nothing is asked for");
        }
    }
}
