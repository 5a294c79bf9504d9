//! Who does what: `we must reply` is not `you must reply`, and what goes `to your landlord` not `to you`.
//!
//! A verb is read with the one before it who acts. Where every clause of the source with this verb has
//! another, of those who are told apart here, the sentence is doubted; where one cannot be told, it is not.

use std::collections::BTreeSet;

use candour_core::Locale;

use super::Code;
use super::claim::{Claim, Line};
use super::reading::{Reading, Word};

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Actor {
    We,
    You,
    /// By its place in `OTHERS`.
    Other(usize),
}

/// Those who are neither we nor you, each with its forms.
const OTHERS: [&[&str]; 14] = [
    &["landlord", "landlords"],
    &["tenant", "tenants"],
    &["keeper", "keepers"],
    &["driver", "drivers"],
    &["police", "heddlu"],
    &["court", "llys"],
    &["tribunal", "tribiwnlys", "thribiwnlys"],
    &["employer", "employers", "cyflogwr"],
    &["gp", "doctor", "meddyg"],
    &["pharmacist", "fferyllydd"],
    &["school", "headteacher", "ysgol", "pennaeth"],
    &["health"],
    &["adviser", "professional"],
    &["carer", "carers"],
];

/// Whether an actor may stand for another: guidance says `you` to its readers, whoever they are.
fn is_same(own: Actor, other: Actor) -> bool {
    const READERS: [&str; 4] = ["tenant", "keeper", "driver", "carer"];
    let reads = |actor| match actor {
        Actor::You => true,
        Actor::Other(place) => READERS.contains(&OTHERS[place][0]),
        Actor::We => false,
    };
    own == other || reads(own) && reads(other)
}

/// Words that stand between the one who acts and the verb.
const BETWEEN: [&str; 34] = [
    "must", "can", "may", "might", "will", "would", "should", "could", "need", "needs", "to",
    "have", "has", "do", "does", "did", "not", "cannot", "also", "usually", "normally", "always",
    "then", "only", "still", "both", "yn", "ein", "eich", "ei", "n", "hefyd", "fel", "arfer",
];

/// Verbs that say nothing of who acts: what one gets another gives.
const LIGHT: [&str; 14] = [
    "get", "want", "be", "know", "think", "use", "live", "qualify", "agree", "cael", "gwybod",
    "byw", "bod", "eisiau",
];

/// Verbs that pass for words of no meaning elsewhere.
const PLAIN: [&str; 10] =
    ["ask", "asks", "give", "gives", "tell", "tells", "send", "sends", "make", "makes"];

/// Verbs of passing something on, in all their forms.
const PASSES: [&str; 12] = [
    "pay", "paid", "send", "sent", "give", "gave", "post", "write", "report", "return", "transfer",
    "deliver",
];
/// Within so many words before `to`: `send the first month's rent to`.
const PASSED_WITHIN: usize = 5;

/// What is done to somebody, where nothing stands between.
const DONE: [&str; 9] = ["paid", "sent", "told", "given", "made", "put", "seen", "found", "left"];

/// Checks who does what a sentence says, and to whom it goes.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    if claim.same_language && (acts_for_another(claim) || goes_to_another(claim)) {
        return Err(Code::EntityMissing);
    }
    Ok(())
}

fn acts_for_another(claim: &Claim<'_>) -> bool {
    let own = acts(&claim.reading, &claim.locale);
    if own.is_empty() {
        return false;
    }
    let mut leader = None;
    let mut source: Vec<(Actor, &str)> = Vec::new();
    let mut unknown: BTreeSet<&str> = BTreeSet::new();
    for line in &claim.lines {
        let mut there = acts(&line.reading, &claim.page);
        if line.is_stem() {
            leader = last_actor(&line.reading, &claim.page);
        } else if let Some(verb) = first_verb(line) {
            // `Apply online` is said to you; `Replies take 10 days` is said to nobody.
            let is_said = || claim.reading.words.iter().any(|word| word.text == verb.text);
            let actor = leader.or_else(|| is_said().then_some(Actor::You));
            there.extend(actor.map(|actor| (actor, verb.stem.as_str())));
        }
        let verbs = own.iter().map(|(_, verb)| *verb);
        unknown.extend(verbs.filter(|verb| is_without_actor(verb, line, &there)));
        source.extend(there);
    }
    own.iter().any(|(actor, verb)| {
        let mut same = source.iter().filter(|(_, other)| other == verb).peekable();
        !unknown.contains(verb)
            && same.peek().is_some()
            && same.all(|(other, _)| !is_same(*actor, *other))
    })
}

/// The verbs of a sentence with the one who acts right before them.
fn acts<'r>(reading: &'r Reading, locale: &Locale) -> Vec<(Actor, &'r str)> {
    let actors = (0..reading.words.len()).filter_map(|at| Some((at, actor(reading, at, locale)?)));
    actors.filter_map(|(at, actor)| Some((actor, verb(reading, at + 1)?))).collect()
}

fn actor(reading: &Reading, at: usize, locale: &Locale) -> Option<Actor> {
    let text = reading.text_at(at);
    let before = reading.text_before(at);
    if *locale == Locale::Cy {
        return match (before, text) {
            (_, "byddwn" | "rydym" | "rydyn" | "gallwn" | "gennym") | ("i", "ni") => {
                Some(Actor::We)
            }
            (_, "byddwch" | "rydych" | "gallwch" | "gennych") | ("i", "chi") => Some(Actor::You),
            _ => None,
        };
    }
    match text {
        "we" => Some(Actor::We),
        "you" if !matches!(before, "to" | "by" | "for" | "with" | "from" | "of" | "at") => {
            Some(Actor::You)
        }
        // `Ordered by a court to pay` and `somebody such as your GP` name no one who acts.
        _ => {
            let leads = |word: &&super::reading::Word| {
                !matches!(word.text.as_str(), "a" | "an" | "the" | "your" | "their" | "or")
            };
            let before = reading.words[..at].iter().rev().find(leads);
            let is_object = before.is_some_and(|word| {
                matches!(
                    word.text.as_str(),
                    "to" | "by" | "for" | "from" | "with" | "as" | "of" | "court"
                )
            });
            let place = OTHERS.iter().position(|forms| forms.contains(&text))?;
            (!is_object).then_some(Actor::Other(place))
        }
    }
}

/// The stem of the verb that begins behind one who acts, over a time that they have for it.
fn verb(reading: &Reading, from: usize) -> Option<&str> {
    let mut at = from;
    while let Some(word) = reading.words.get(at) {
        if let Some(figure) = reading.figures.iter().find(|figure| figure.from == at) {
            at = figure.to;
        } else if BETWEEN.contains(&word.text.as_str()) {
            at += 1;
        } else {
            // `You’re asked` and `you are paid` say what another does.
            let text = word.text.as_str();
            let next = reading.text_at(at + 1);
            let is_active = text == "made" && matches!(next, "a" | "an" | "the" | "our" | "your");
            if at == from && !is_active && (text.ends_with("ed") || DONE.contains(&text)) {
                return None;
            }
            let is_verb = word.telling && !LIGHT.contains(&word.stem.as_str())
                || PLAIN.contains(&word.text.as_str());
            return is_verb.then_some(&word.stem);
        }
    }
    None
}

/// Whether a line says a verb more often than it says who does that.
fn is_without_actor(verb: &str, line: &Line<'_>, there: &[(Actor, &str)]) -> bool {
    let times = line.reading.words.iter().filter(|word| !word.is_sign() && word.stem == verb);
    times.count() > there.iter().filter(|(_, known)| *known == verb).count()
}

/// The first word of an item, which stands behind the one who acts in its introduction.
fn first_verb<'r>(line: &'r Line<'_>) -> Option<&'r Word> {
    line.reading.words.first().filter(|word| word.telling)
}

/// Who acts at the end of an introduction: `Your landlord must:`.
fn last_actor(reading: &Reading, locale: &Locale) -> Option<Actor> {
    let at = (0..reading.words.len()).rfind(|at| actor(reading, *at, locale).is_some())?;
    let ends = reading.words[at + 1..].iter().all(|word| !word.telling);
    actor(reading, at, locale).filter(|_| ends)
}

/// Whether what the source sends `to your landlord` goes `to you`, or the other way round.
fn goes_to_another(claim: &Claim<'_>) -> bool {
    let to = |reading: &Reading| -> BTreeSet<Actor> {
        let places = (0..reading.words.len()).filter(|at| reading.words[*at].text == "to");
        let passed = places.filter(|at| is_passed(reading, *at));
        passed.filter_map(|at| receiver(reading, at + 1)).collect()
    };
    let own = to(&claim.reading);
    let source: BTreeSet<Actor> = claim.lines.iter().flat_map(|line| to(&line.reading)).collect();
    !source.is_empty()
        && !claim.reading.denies()
        && own.iter().any(|receiver| !source.contains(receiver))
}

/// Whether something is passed on right before a place: `applies to you` and `up to you` pass nothing.
fn is_passed(reading: &Reading, at: usize) -> bool {
    let before = &reading.words[at.saturating_sub(PASSED_WITHIN)..at];
    before.iter().any(|word| PASSES.iter().any(|verb| word.text.starts_with(verb)))
}

/// To whom something goes, where it can be told.
fn receiver(reading: &Reading, from: usize) -> Option<Actor> {
    let mut words = reading.words[from..].iter();
    let first = words.next()?.text.as_str();
    if first == "you" {
        return Some(Actor::You);
    }
    matches!(first, "your" | "the" | "a").then(|| words.next())??;
    let noun = reading.words.get(from + 1)?.text.as_str();
    OTHERS.iter().position(|forms| forms.contains(&noun)).map(Actor::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_acts_stays() {
        for (text, quotes, expected) in [
            ("You have 3 weeks to answer.", "We have 3 weeks to answer.", false),
            ("We have 3 weeks to answer.", "We have 3 weeks to answer.", true),
            ("The keeper must answer.", "We must answer.", false),
            ("We hand you the form.", "Your doctor hands you the form.", false),
            ("You insure the deposit.", "Your landlord must:\ninsure the deposit", false),
            ("Your landlord insures the deposit.", "Your landlord must:\ninsure the deposit", true),
            ("We send the rent to you.", "We send the rent to your landlord.", false),
            ("We send the rent to the landlord.", "We send the rent to your landlord.", true),
            ("You ask the tribunal for a day.", "The tribunal asks you for a day.", false),
            ("You must ask us.", "You ask us and we ask you.", true),
            ("You can apply online.", "Apply online.", true),
            ("We reply within 10 days.", "Replies take up to 10 days.", true),
            ("If this applies to you, speak to your landlord.", "Speak to your landlord.", true),
            ("It is up to you.", "We send the rent to your landlord.", true),
            ("cy: Byddwch yn ein ffonio.", "Byddwn yn eich ffonio.", false),
            ("cy: Byddwn yn eich ffonio chi.", "Byddwn yn eich ffonio.", true),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
