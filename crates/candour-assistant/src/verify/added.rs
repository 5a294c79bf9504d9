//! A detail that the source does not have: for whom, how, of what, and what else must be so.
//!
//! A word more here and there is a sentence in other words. A phrase of which no word stands in the source says
//! something of its own: `for pensioners`, `in cash`, `of your interview`, `and you own it`.

use candour_core::Locale;

use super::Code;
use super::claim::Claim;
use super::reading::{Reading, Word};

/// A word is known where one of the source is at least so near to it.
const NEAR: f32 = 0.4;

/// Words that begin a phrase.
const LEADS: [&str; 14] = [
    "for", "in", "at", "by", "with", "of", "on", "through", "via", "from", "during", "under",
    "per", "as",
];
const LEADS_CY: [&str; 12] =
    ["gyfer", "mewn", "gyda", "gydag", "drwy", "trwy", "gan", "i", "dros", "ar", "fesul", "fel"];

/// Words that join what is said to more of it.
const JOINS: [&str; 2] = ["and", "but"];
const JOINS_CY: [&str; 3] = ["a", "ac", "ond"];

/// Words that say nothing new of what they stand with.
const IDLE: [&str; 28] = [
    "free",
    "charge",
    "cost",
    "example",
    "instance",
    "average",
    "row",
    "total",
    "time",
    "case",
    "place",
    "order",
    "way",
    "addition",
    "general",
    "least",
    "most",
    "council",
    "first",
    "same",
    "need",
    "use",
    "fact",
    "people",
    "enghraifft",
    "gyd",
    "cyngor",
    "cyfartaledd",
];

/// Words that tell little in most sentences, and much in `and you own it`.
const SMALL: [&str; 4] = ["own", "owns", "alone", "berchen"];

/// Checks that no phrase of a sentence is made of words that its source has nothing of.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    if !claim.same_language {
        return Ok(());
    }
    let source = claim.source_meanings();
    let is_known = |word: &Word| {
        // `On your own` in a heading says nothing of who owns.
        if SMALL.contains(&word.text.as_str()) {
            return claim.lines.iter().any(|line| line.has_stem(&word.stem));
        }
        let is_near = || word.telling && source.nearest(&word.text) >= NEAR;
        claim.has_stem(&word.stem) || is_near()
    };
    let is_idle = |word: &Word| IDLE.contains(&word.text.as_str());
    let is_new = phrases(&claim.reading, claim.locale == Locale::Cy).into_iter().any(|phrase| {
        let words: Vec<&Word> = phrase.words.into_iter().filter(|word| !is_idle(word)).collect();
        let known = words.iter().filter(|word| is_known(word)).count();
        match phrase.kind {
            _ if words.is_empty() => false,
            Kind::Duty => known * 2 <= words.len(),
            Kind::Whole => known < words.len(),
            Kind::Other => known == 0,
        }
    });
    if is_new { Err(Code::SupportLow) } else { Ok(()) }
}

/// A phrase or a clause of a sentence, by its telling words.
struct Phrase<'r> {
    words: Vec<&'r Word>,
    kind: Kind,
}

/// What a phrase says.
#[derive(Clone, Copy)]
enum Kind {
    /// What else must be: half of its words must be known.
    Duty,
    /// For whom it is, at the end, or where online: all must, for one word makes it for fewer, or another.
    Whole,
    Other,
}

/// The phrases of a reading. A number is checked by itself, and so is what it counts.
fn phrases(reading: &Reading, is_welsh: bool) -> Vec<Phrase<'_>> {
    let (leads, joins): (&[&str], &[&str]) =
        if is_welsh { (&LEADS_CY, &JOINS_CY) } else { (&LEADS, &JOINS) };
    let text = |at: usize| reading.text_at(at);
    let begins = |at: usize| leads.contains(&text(at)) || joins.contains(&text(at));
    let ends_phrase = |at: usize| begins(at) || matches!(text(at), "or" | "neu");
    let clause = |at: usize| reading.words[at].clause;
    let mut phrases = Vec::new();
    for at in (1..reading.words.len()).filter(|at| begins(*at) && !reading.is_counted(*at)) {
        let ends = |next: &usize| {
            ends_phrase(*next) || reading.words[*next].is_sign() || clause(*next) != clause(at)
        };
        let to = (at + 1..reading.words.len()).find(ends).unwrap_or(reading.words.len());
        if (at..to).any(|place| reading.is_counted(place)) {
            continue;
        }
        let is_told = |word: &&Word| word.telling || SMALL.contains(&word.text.as_str());
        let words = reading.words[at + 1..to].iter().filter(is_told).collect();
        let must = |place: usize| matches!(text(place), "must" | "need" | "rhaid" | "angen");
        let is_last = reading.words[to..].iter().all(Word::is_sign);
        let kind = match text(at) {
            "for" | "gyfer" if is_last => Kind::Whole,
            "at" if reading.text_before(at) == "online" => Kind::Whole,
            word if joins.contains(&word) && (at..to).any(must) => Kind::Duty,
            _ => Kind::Other,
        };
        phrases.push(Phrase { words, kind });
    }
    phrases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_detail_is_invented() {
        for (text, quotes, expected) in [
            ("A badge costs £10.", "A badge costs £10.", true),
            ("A badge costs £10 for pensioners.", "A badge costs £10.", false),
            ("A badge costs £10, in cash.", "A badge costs £10.", false),
            ("A badge costs £10, payable by cheque.", "A badge costs £10.", false),
            ("A badge costs £10 for new customers.", "A customer pays £10 for a badge.", false),
            ("We reply within 5 days by phone.", "We reply within 5 days.", false),
            ("We decide within 5 days of your interview.", "We decide within 5 days.", false),
            (
                "You get it if you live there and you own it.",
                "You get it if you live there.",
                false,
            ),
            ("Register it, and you must bring the baby.", "Register the birth.", false),
            ("Apply online at badges direct.", "Apply for badges online at www.x.example.", false),
            ("A badge is free of charge.", "A badge is free.", true),
            ("Register for a fee with the vehicle.", "Register the car for a fee.", true),
            ("cy: Mae’n costio £10 i bensiynwyr.", "Mae’n costio £10.", false),
            ("cy: Mae’n costio £10 mewn arian parod.", "Mae’n costio £10.", false),
            ("cy: Rydym yn ateb dros y ffôn.", "Rydym yn ateb.", false),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
