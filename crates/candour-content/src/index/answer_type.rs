//! What kind of thing a question plainly asks for, and whether a passage has one: an amount, or a
//! time. A passage without what is asked for hardly answers (the expected answer type of Voorhees and
//! Tice, 2000, kept to the two kinds that can be told by their look).

use std::sync::LazyLock;

use candour_core::pattern::with_plain_borders;
use regex::Regex;

use super::question::asking_part;
use super::terms::bounded;

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
    /// What the sentences of a question that ask are about, in English or in Welsh: `when I was ill` only
    /// tells of circumstances.
    pub(crate) fn asked_for(question: &str) -> Self {
        let (asking, _) = asking_part(bounded(question));
        let time = matches(&ASKS_TIME, &asking);
        // `Faint mae’n gymryd` is how long it takes.
        let is_welsh_time = time && matches(&TAKES, &asking);
        Self { amount: !is_welsh_time && matches(&ASKS_AMOUNT, &asking), time }
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
        r"(?i)\bhow much\b|\bwhat\b.{0,20}\b(costs?|fees?|price|amount|rate|threshold)\b|\bfaint (yw|ydy|ydi|fydd|fydda i|ga i|gaf i|sy|sydd|o arian|maen?)\b|\bbeth (yw|ydy|ydi).{0,15}\b(cost|gost|pris|ffi|swm|gyfradd|trothwy)\b",
    )
});
static ASKS_TIME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compiled(
        r"(?i)\b(when|deadlines?|time limit|by what date|how (long|soon|often|many (days|weeks|months|years)))\b|\b(pryd|pa mor (hir|aml|fuan)|am faint|faint o amser|dyddiad cau)\b|\bfaint\b.{0,15}\b[cg]ymryd\b",
    )
});
static TAKES: LazyLock<Option<Regex>> =
    LazyLock::new(|| compiled(r"(?i)\bfaint\b.{0,15}\b([cg]ymryd|amser)\b"));
static GIVES_TIME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compiled(
        r"(?i)\b(\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve)[- ]((working|calendar) )?(hour|day|week|month|year)s?\b|\b\d{1,2} (january|february|march|april|may|june|july|august|september|october|november|december)\b|\b(\d+|un|dau|dwy|tri|tair|pedwar|pedair|pum|pump|chwe|chwech|saith|wyth|naw|deg|deng|deuddeg|deuddeng) (o )?(awr|oriau|(d|dd|n)iwrnod(au)?|wythnos(au)?|[mf]is(oedd)?|(bl|fl|ml)ynedd)\b|\b\d{1,2} (ionawr|chwefror|mawrth|ebrill|mai|mehefin|gorffennaf|awst|medi|hydref|tachwedd|rhagfyr)\b",
    )
});

/// None of a pattern that is none, which a test rules out.
fn compiled(pattern: &str) -> Option<Regex> {
    Regex::new(&with_plain_borders(pattern)).ok()
}

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_show_what_they_ask_for() {
        assert!(
            [&ASKS_AMOUNT, &ASKS_TIME, &TAKES, &GIVES_TIME].iter().all(|pattern| pattern.is_some())
        );
        for (question, amount, time) in [
            ("How much is Child Benefit?", true, false),
            ("What is the current rate?", true, false),
            ("What’s the fee?", true, false),
            ("Faint yw'r dreth?", true, false),
            ("Beth yw'r gost?", true, false),
            ("Beth ydy'r pris?", true, false),
            ("Faint ga i?", true, false),
            ("Faint fydda i'n ei gael?", true, false),
            ("Faint sy'n rhaid i mi ei dalu?", true, false),
            ("Faint mae'n gymryd?", false, true),
            ("Faint o amser sydd gen i?", false, true),
            ("Faint o blant?", false, false),
            ("How long does it take?", false, true),
            ("When is the deadline?", false, true),
            ("Pryd mae’r dyddiad cau?", false, true),
            ("How much do I pay and when?", true, true),
            ("When I was ill I paid a fee of £5. Can I get it back?", false, false),
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
            ("Ar ôl 5 mlynedd", false, true),
            ("o fewn 2 fis", false, true),
            ("10 niwrnod gwaith", false, true),
            ("chwe wythnos", false, true),
            ("You may apply online.", false, false),
        ] {
            let expected = f32::from(u8::from(amount)) * AMOUNT + f32::from(u8::from(time)) * TIME;
            assert!((asked.gain(text) - expected).abs() < 1e-6, "{text}");
            assert!(AnswerTypes::default().gain(text) < 1e-6, "{text}: nothing is asked for");
        }
    }
}
