//! The ways of lying. Each takes a true unit and gives it back with one thing changed, or nothing where
//! it has nothing of that kind.

macro_rules! pattern {
    ($name:ident, $pattern:expr) => {
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($pattern).unwrap());
    };
}

mod condition;
mod left_out;
mod source;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use candour_core::{AnswerSentence, Hit, Locale, Nation};
use regex::{Captures, Regex};

use crate::screen::nations_named_in;

/// A true unit with all that it cites.
pub(super) struct Truth<'a> {
    hit: &'a Hit,
    said: AnswerSentence,
    /// Its words.
    text: String,
    /// Everything that a check may find in its source: what it cites, headings and title.
    source: String,
}

impl<'a> Truth<'a> {
    pub(super) fn new(hit: &'a Hit, said: AnswerSentence) -> Self {
        let quotes = said.citations.iter().map(|c| format!("{}\n", c.quote));
        let source = format!(
            "{}{}\n{}",
            quotes.collect::<String>(),
            hit.passage.heading_path(),
            hit.page.title
        );
        Self { hit, text: said.text.clone(), said, source }
    }

    fn is_english(&self) -> bool {
        self.hit.passage.locale == Locale::En
    }

    fn with(&self, text: String) -> Option<AnswerSentence> {
        (text != self.text).then(|| AnswerSentence { text, ..self.said.clone() })
    }

    /// Replaces one of the matches of a pattern, chosen by the dice.
    fn replace(
        &self,
        pattern: &Regex,
        dice: &mut Dice,
        with: impl FnOnce(&Captures<'_>) -> Option<String>,
    ) -> Option<AnswerSentence> {
        let all: Vec<Captures<'_>> = pattern.captures_iter(&self.text).collect();
        let found = all.get(dice.below(all.len())?)?;
        let place = found.get(0)?.range();
        let new = with(found)?;
        self.with(format!("{}{new}{}", &self.text[..place.start], &self.text[place.end..]))
    }
}

/// Chance that is the same every time.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> usize {
        // A linear congruential generator, with Knuth's numbers.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize
    }

    fn below(&mut self, end: usize) -> Option<usize> {
        (end > 0).then(|| self.next() % end)
    }
}

type Way = fn(&Truth<'_>, &[Hit], &mut Dice) -> Option<AnswerSentence>;

/// Every way of lying by the kind that it is of.
pub(super) const WAYS: [(&str, Way); 21] = [
    ("number", number),
    ("date", month),
    ("date", year),
    ("nation", nation),
    ("nation", nation_added),
    ("negation", denied),
    ("negation", affirmed),
    ("comparator", comparator),
    ("condition", condition::dropped),
    ("condition", condition::cut),
    ("condition", condition::turned),
    ("condition", condition::only_dropped),
    ("heading's denial", left_out::heading_affirmed),
    ("introduction's denial", left_out::introduction_affirmed),
    ("heading's condition", left_out::heading_condition),
    ("column", left_out::column),
    ("limit", left_out::limit),
    ("duty", left_out::duty),
    ("link", source::link),
    ("foreign quote", source::foreign_words),
    ("foreign quote", source::changed_quote),
];

pattern!(NUMBER, r"\d+(?:[.,]\d+)*");
pattern!(ADDRESS, r"(?i)https?://\S+|\bwww\.\S+|\S+@\S+|\b0\d[\d ]{7,}\d\b");
pattern!(
    MONTH,
    r"\b(January|February|March|April|June|July|August|September|October|November|December|Ionawr|Chwefror|Ebrill|Mehefin|Gorffennaf|Awst|Hydref|Tachwedd|Rhagfyr)\b"
);
pattern!(YEAR, r"\b(?:19|20)\d\d\b");
pattern!(NATION, r"\b(?:Northern Ireland|England|Scotland|Wales)\b");
pattern!(
    AUXILIARY,
    r"\b(?i:(you|we|they|it|this|these|which|who|that|and|council|people|parent|application|court|tribunal) (can|must|will|should|may|is|are|has|have to|do|does)) (?:[a-z])"
);
pattern!(
    DENIAL,
    r"\b(?:cannot|can’t|must not|will not|should not|is not|are not|has not|have not|do not|does not|don’t|doesn’t|isn’t|aren’t)\b"
);
pattern!(
    BOUND_BEFORE,
    r"\b(?i:at least|more than|less than|up to|over|under|within|no more than|before|after|until|by) (?:£?\d)"
);
pattern!(BOUND_AFTER, r"\b\d[\d.,]* (?:or (?:more|over|less|under|older|younger))\b");

/// One number becomes another that stands nowhere in the source, so that it is another amount.
/// Addresses and telephone numbers have a way of their own.
fn number(truth: &Truth<'_>, _: &[Hit], dice: &mut Dice) -> Option<AnswerSentence> {
    let addresses: Vec<_> = ADDRESS.find_iter(&truth.text).map(|a| a.range()).collect();
    let known: BTreeSet<String> =
        NUMBER.find_iter(&truth.source).map(|number| number.as_str().replace(',', "")).collect();
    truth.replace(&NUMBER, dice, |found| {
        let number = found.get(0)?;
        if addresses.iter().any(|address| address.contains(&number.start())) {
            return None;
        }
        let digits: Vec<char> = number.as_str().chars().collect();
        let at = digits.iter().position(char::is_ascii_digit)?;
        (1..9)
            .map(|step| {
                let mut digits = digits.clone();
                let digit = digits[at].to_digit(10).unwrap_or(0);
                digits[at] = char::from_digit((digit + step - 1) % 9 + 1, 10).unwrap_or('1');
                digits.into_iter().collect::<String>()
            })
            // A number in words would say the same where the source writes it so.
            .find(|new| !known.contains(&new.replace(',', "")) && !has_in_words(&truth.source, new))
    })
}

fn has_in_words(source: &str, number: &str) -> bool {
    const WORDS: [(&str, &str); 14] = [
        ("1", "one"),
        ("2", "two"),
        ("3", "three"),
        ("4", "four"),
        ("5", "five"),
        ("6", "six"),
        ("7", "seven"),
        ("8", "eight"),
        ("9", "nine"),
        ("2", "dau"),
        ("2", "dwy"),
        ("2", "ddwy"),
        ("3", "tri"),
        ("2", "twice"),
    ];
    let source = source.to_lowercase();
    WORDS.iter().any(|(digits, word)| *digits == number && source.contains(word))
}

/// A month becomes one that the source does not name.
fn month(truth: &Truth<'_>, _: &[Hit], dice: &mut Dice) -> Option<AnswerSentence> {
    let months: [&str; 4] = if truth.is_english() {
        ["February", "June", "August", "November"]
    } else {
        ["Chwefror", "Mehefin", "Awst", "Tachwedd"]
    };
    let new = months.into_iter().find(|month| !truth.source.contains(month))?;
    truth.replace(&MONTH, dice, |_| Some(new.to_owned()))
}

/// A year becomes one that the source does not name.
fn year(truth: &Truth<'_>, _: &[Hit], dice: &mut Dice) -> Option<AnswerSentence> {
    let new = (1990..2099).map(|year| year.to_string()).find(|year| {
        !truth.source.contains(year.as_str()) && !truth.source.contains(&format!("-{}", &year[2..]))
    })?;
    truth.replace(&YEAR, dice, |_| Some(new))
}

/// A nation becomes one that neither the source names nor the passage is for.
fn nation(truth: &Truth<'_>, _: &[Hit], dice: &mut Dice) -> Option<AnswerSentence> {
    let new = other_nation(truth)?;
    // Names such as Bank of England, Transport for Wales and Church in Wales are of no place.
    truth.replace(&NATION, dice, |found| {
        let before = &truth.text[..found.get(0)?.start()];
        let is_name =
            ["Bank of ", "Church of ", "Church in ", "Transport for ", "Offer for ", "Decisions "];
        (!is_name.iter().any(|name| before.ends_with(name))).then(|| new.name().to_owned())
    })
}

/// What is said of no nation is said of one.
fn nation_added(truth: &Truth<'_>, _: &[Hit], dice: &mut Dice) -> Option<AnswerSentence> {
    let new = other_nation(truth)?;
    if !truth.is_english()
        || !dice.next().is_multiple_of(4)
        || !nations_named_in(&truth.text).is_empty()
    {
        return None;
    }
    truth.with(format!("In {}: {}", new.name(), truth.text))
}

fn other_nation(truth: &Truth<'_>) -> Option<Nation> {
    let named = nations_named_in(&truth.source);
    let scope = truth.hit.passage.scope.applies;
    Nation::ALL.into_iter().find(|n| !named.contains(*n) && (scope.is_all() || !scope.contains(*n)))
}

/// What is affirmed is denied: `not` after a verb of the main part. Units that hold a denial already
/// are left to the next way, for two denials may cancel out; so are questions and `whether`.
fn denied(truth: &Truth<'_>, _: &[Hit], dice: &mut Dice) -> Option<AnswerSentence> {
    let lower = truth.source.to_lowercase();
    let doubtful = [
        "not", "n’t", "no ", "never", "whether", "unless", "how ", "what ", "without", "even if",
        "any ",
    ];
    if !truth.is_english() || doubtful.iter().any(|word| lower.contains(word)) {
        return None;
    }
    truth.replace(&AUXILIARY, dice, |found| {
        let whole = found.get(0)?.as_str();
        let verb = found.get(2)?.as_str();
        let subject = found.get(1)?.as_str();
        let next = &whole[whole.len() - 1..];
        let denied = match verb {
            "have to" => "do not have to".to_owned(),
            verb => format!("{verb} not"),
        };
        Some(format!("{subject} {denied} {next}"))
    })
}

/// What is denied is affirmed. Left out: `if not`, `whether or not`, and a second denial in the unit,
/// for either may leave the meaning as it was.
fn affirmed(truth: &Truth<'_>, _: &[Hit], dice: &mut Dice) -> Option<AnswerSentence> {
    let lower = truth.text.to_lowercase();
    let doubtful =
        ["whether", "if not", "not only", "unless", "nor ", "neither", "no ", "even if", "without"];
    if !truth.is_english()
        || doubtful.iter().any(|word| lower.contains(word))
        || DENIAL.find_iter(&truth.source).count() != 1
    {
        return None;
    }
    truth.replace(&DENIAL, dice, |found| {
        Some(
            match &found[0] {
                "cannot" | "can’t" => "can",
                "must not" => "must",
                "will not" => "will",
                "should not" => "should",
                "is not" | "isn’t" => "is",
                "are not" | "aren’t" => "are",
                "has not" => "has",
                "have not" => "have",
                "does not" | "doesn’t" => "does",
                _ => "do",
            }
            .to_owned(),
        )
    })
}

/// A limit right before or behind a number is turned to the other side. The number stands once in the
/// source, so that no other limit of the same number is true.
fn comparator(truth: &Truth<'_>, _: &[Hit], dice: &mut Dice) -> Option<AnswerSentence> {
    const TURNED: [(&str, &str); 18] = [
        ("at least", "at most"),
        ("no more than", "more than"),
        ("more than", "less than"),
        ("less than", "more than"),
        ("up to", "at least"),
        ("over", "under"),
        ("under", "over"),
        ("within", "after"),
        ("before", "after"),
        ("after", "before"),
        ("until", "from"),
        ("by", "after"),
        ("or more", "or less"),
        ("or over", "or under"),
        ("or less", "or more"),
        ("or under", "or over"),
        ("or older", "or younger"),
        ("or younger", "or older"),
    ];
    let is_after = dice.next().is_multiple_of(2) && BOUND_AFTER.is_match(&truth.text);
    let pattern = if is_after { &BOUND_AFTER } else { &BOUND_BEFORE };
    if !truth.is_english() {
        return None;
    }
    truth.replace(pattern, dice, |found| {
        let whole = found.get(0)?;
        let rest = &truth.text[whole.end() - 1..];
        let number = if is_after {
            NUMBER.find(whole.as_str())?.as_str()
        } else {
            NUMBER.find(rest)?.as_str()
        };
        let counts =
            NUMBER.find_iter(&truth.source).filter(|other| other.as_str() == number).count();
        let lower = whole.as_str().to_lowercase();
        let (from, to) = TURNED.iter().find(|(from, _)| lower.contains(from))?;
        // The day of a date has its month and year as numbers beside it; `not over` is turned already.
        let before = truth.text[..whole.start()].to_lowercase();
        let is_denied = ["not", "no", "cannot", "than", "never", "n’t"]
            .iter()
            .any(|w| before.trim_end().ends_with(w));
        let changes_by = *from == "by"
            && (rest.contains('%') || before.contains("increase") || before.contains("reduce"));
        (counts == 1 && !is_denied && !changes_by).then(|| lower.replacen(from, to, 1))
    })
}
