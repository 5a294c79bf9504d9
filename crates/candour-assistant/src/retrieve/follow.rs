//! Follow-up questions: `How much is it?` is searched as it stands and together with what it rests on.

use std::collections::BTreeSet;

use candour_core::config::Pilot;
use candour_core::{AnswerStatus, Audience, Locale, Nation, Stated, Turn};

use super::{Before, Rest, Wording};
use crate::compose::exclude;
use crate::screen::{Place, Role, Screened, chosen_with, own_words, place_of};
use crate::words::{Word, plain_words, stems, words};

/// A question with more telling words than this stands on its own.
const MOST_TELLING: usize = 3;

/// Beginnings of a question that goes on from the last one.
const BEGINNINGS: [&str; 16] = [
    "and ",
    "what about",
    "how about",
    "what if",
    "but ",
    "so ",
    "also ",
    "is that",
    "does that",
    "ok ",
    "a beth",
    "beth am",
    "beth os",
    "ac ",
    "ond ",
    "felly ",
];

/// Beginnings of a question about a case of what was said.
const CASES: [&str; 3] = ["what if", "beth os", "os "];

/// Words that point to something said before.
const POINTERS: [&str; 20] = [
    "it", "they", "them", "that", "those", "these", "this", "there", "then", "one", "ones", "same",
    "hyn", "hynny", "hwnnw", "nhw", "yno", "fe", "hi", "rheini",
];

/// The same in Welsh, which says `about it` and `of them` in one word.
const PREPOSITIONS: [&str; 20] = [
    "amdano", "amdani", "amdanyn", "arno", "arni", "arnyn", "ato", "ati", "atyn", "drosto",
    "drosti", "drostyn", "ganddo", "ganddi", "ohono", "ohoni", "ohonyn", "ynddo", "ynddi",
    "ynddyn",
];

/// Whether a question may rest on the one before it.
pub(crate) fn rests_on_history(text: &str, locale: &Locale, history: &[Turn]) -> bool {
    if history.is_empty() {
        return false;
    }
    let telling = words(text, locale).iter().filter(|word| word.telling).count();
    if telling > MOST_TELLING {
        return false;
    }
    let lowered = text.to_lowercase();
    BEGINNINGS.iter().any(|beginning| lowered.starts_with(beginning))
        || *locale == Locale::Cy && begins_with_and(text, locale)
        || plain_words(text).iter().any(|word| points_back(word))
        || telling <= 1
        || after_clarification(history)
}

/// Whether a Welsh question goes on with `a`: before a verb it asks, `A oes`, before anything else it is
/// `and`.
fn begins_with_and(text: &str, locale: &Locale) -> bool {
    const ALSO: [&str; 6] = ["sut", "faint", "pryd", "ble", "pwy", "beth"];
    let words = words(text, locale);
    let is_no_verb = |word: &Word| word.telling || ALSO.contains(&word.text.as_str());
    words.first().is_some_and(|first| first.text == "a") && words.get(1).is_some_and(is_no_verb)
}

fn points_back(word: &str) -> bool {
    POINTERS.contains(&word) || is_preposition(word)
}

/// Whether a Welsh word is a preposition with what it points to, which whoever names that says otherwise.
pub(crate) fn is_preposition(word: &str) -> bool {
    PREPOSITIONS.contains(&word)
}

/// What to look for: the question, and with a follow-up the question before it.
pub(super) fn wording(question: &Screened, history: &[Turn]) -> Wording {
    let text = question.own_words.as_str();
    let follows = rests_on_history(text, &question.locale, history);
    let subject = if follows { subject(history, &question.locale) } else { Vec::new() };
    let rest = rest(text, &subject);
    let chosen = chosen(text, &subject, &question.locale);
    if let Some(rewritten) = question.rewritten.clone() {
        return Wording {
            question: text.to_owned(),
            before: Some(Before::Rewritten(rewritten)),
            rest,
            chosen,
        };
    }
    let named = naming(&subject).map(|turn| own_words(&turn.question));
    let mut before: Vec<String> = named.collect();
    before.extend(question.choice().map(|choice| choice.label.clone()));
    let before = (!before.is_empty()).then(|| Before::Said(before.join(" ")));
    Wording { question: text.to_owned(), before, rest, chosen }
}

/// What the reader chose of the circumstances that they were asked for: it holds for a follow-up that says no
/// other of them.
fn chosen(text: &str, subject: &[&Turn], locale: &Locale) -> Vec<String> {
    let set = |text: &str| stems(text, locale).into_iter().collect::<BTreeSet<_>>();
    let own = set(text);
    let replies = subject.windows(2).filter_map(|turns| {
        let (choices, said) = (&turns[0].answer.choices, turns[1].question.as_str());
        let label = &choices.iter().find(|choice| choice.label == said)?.label;
        let telling =
            choices.iter().map(|other| set(&other.label)).reduce(|all, other| &all | &other);
        let others = &telling.unwrap_or_default() - &set(label);
        (own.is_disjoint(&others) && !exclude(text, label)).then(|| label.clone())
    });
    replies.collect()
}

/// The turns whose words say what is asked about: what began the subject, whatever was asked of it since, what
/// the reader chose of the circumstances that they were asked for, and the last.
fn naming<'a>(subject: &[&'a Turn]) -> impl Iterator<Item = &'a Turn> {
    let last = subject.len().saturating_sub(1);
    let is_reply = |at: usize| at > 0 && !subject[at - 1].answer.choices.is_empty();
    let named = (0..subject.len()).filter(move |at| *at == 0 || *at == last || is_reply(*at));
    named.map(|at| subject[at])
}

/// What the last of these turns that has quotes was answered from.
fn rest(text: &str, subject: &[&Turn]) -> Option<Rest> {
    let last = subject.iter().rev().map(|turn| (turn, pages_of(turn)));
    let (turn, mut pages) = last
        .into_iter()
        .find(|(turn, pages)| !(pages.is_empty() && turn.answer.choices.is_empty()))?;
    pages.extend(turn.answer.choices.iter().map(|choice| choice.page.clone()));
    let lowered = text.to_lowercase();
    let is_bound = CASES.iter().any(|case| lowered.starts_with(case))
        || plain_words(text).iter().any(|word| points_back(word));
    Some(Rest { pages, is_bound, holds: false, is_bare: false })
}

/// The pages that an answer quotes.
fn pages_of(turn: &Turn) -> BTreeSet<String> {
    let citations = turn.answer.sentences.iter().flat_map(|sentence| &sentence.citations);
    let pages = citations.filter_map(|citation| citation.passage.0.rsplit_once('#'));
    pages.map(|(page, _)| page.to_owned()).collect()
}

/// Where a follow-up is about: what it rests on says so where it does not say it itself. A nation that was
/// chosen stays chosen, but where the reader now says that they do not know theirs.
pub(crate) fn place_of_follow_up(
    question: &Screened,
    said: Stated<Nation>,
    history: &[Turn],
    pilot: &Pilot,
) -> Place {
    let place = question.place;
    let follows = rests_on_history(&question.own_words, &question.locale, history);
    if !follows || !place.named.is_empty() || !place.assumed {
        return place;
    }
    let subject = subject(history, &question.locale);
    let places = subject.iter().rev().map(|turn| place_of(turn.question.as_str(), None, pilot));
    if let Some(before) = places.into_iter().find(|place| !place.named.is_empty()) {
        return before;
    }
    let before = subject.last().filter(|_| said != Stated::Unknown);
    match before.and_then(|turn| chosen_with(turn, pilot)) {
        Some(nation) => Place { nation: Some(nation), assumed: false, ..place },
        None => place,
    }
}

/// In which role a follow-up is asked: that of what it rests on, where it does not tell another. What was
/// chosen stays chosen, but where the reader now says that they do not know.
pub(crate) fn role_of_follow_up(
    question: &Screened,
    said: Stated<Audience>,
    history: &[Turn],
) -> Role {
    let role = question.role;
    let follows = rests_on_history(&question.own_words, &question.locale, history);
    if !follows || role.is_chosen {
        return role;
    }
    let before =
        subject(history, &question.locale).last().map(|turn| Role::of_answer(&turn.answer));
    before
        .filter(|before| said != Stated::Unknown || !before.is_chosen)
        .filter(|before| role.audience.is_none() || role.audience == before.audience)
        .unwrap_or(role)
}

/// The last turns back to the one that began the subject, oldest first: one that stands on its own, or
/// whose answer left the pages of the one before it. Thanks and greetings have no subject.
fn subject<'a>(history: &'a [Turn], locale: &Locale) -> Vec<&'a Turn> {
    let has_subject = |turn: &Turn| {
        turn.answer.status != AnswerStatus::Signposted || !turn.answer.sentences.is_empty()
    };
    let mut turns: Vec<&Turn> = Vec::new();
    for (at, turn) in history.iter().enumerate().rev().filter(|(_, turn)| has_subject(turn)) {
        // A last turn that strayed may still rest on the one before.
        let is_left = turns.len() > 1 && turns.last().is_some_and(|later| has_left(turn, later));
        if is_left {
            break;
        }
        turns.push(turn);
        let earlier = history.get(..at).unwrap_or_default();
        if !rests_on_history(&own_words(&turn.question), locale, earlier) {
            break;
        }
    }
    turns.reverse();
    turns
}

/// Whether an answer quotes none of the pages that the one before it quotes.
fn has_left(before: &Turn, later: &Turn) -> bool {
    let (before, later) = (pages_of(before), pages_of(later));
    !before.is_empty() && !later.is_empty() && before.is_disjoint(&later)
}

/// Whether the assistant has just asked the reader to say more.
fn after_clarification(history: &[Turn]) -> bool {
    history.last().is_some_and(|turn| turn.answer.status == AnswerStatus::Clarify)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use candour_core::{
        Answer, AnswerId, Config, ConversationId, Hit, PublicContacts, SearchError, SearchQuery,
        Searcher, redaction,
    };
    use jiff::Timestamp;

    use super::super::{glossary, phrases};
    use super::*;
    use crate::compose::Readings;
    use crate::mitigations::Mitigations;
    use crate::pipeline::Ask;
    use crate::retrieve::Quotable;
    use crate::screen::screen;

    /// Finds nothing, and notes what was looked for.
    #[derive(Default)]
    struct Listening(Mutex<Vec<String>>);

    impl Searcher for Listening {
        fn search(&self, query: &SearchQuery) -> Result<Vec<Hit>, SearchError> {
            self.0.lock().unwrap().push(query.text.clone());
            Ok(Vec::new())
        }

        fn snapshot(&self) -> String {
            String::new()
        }

        fn public_contacts(&self) -> Arc<PublicContacts> {
            Arc::default()
        }
    }

    fn turn(question: &str) -> Turn {
        let answer: Answer = serde_json::from_value(serde_json::json!({
            "status": "answered", "locale": "en", "sources": [], "links": [],
            "message": "In Scotland it costs £999 for a heron.", "sentences": [],
        }))
        .unwrap();
        Turn {
            id: AnswerId::from_random([1; 16]),
            conversation: ConversationId::from_random([1; 16]),
            question: redaction::redact(question, &PublicContacts::default()).text,
            answer,
            asked_at: Timestamp::UNIX_EPOCH,
        }
    }

    /// The words that reviewed lists may add to a search.
    fn reviewed() -> impl Iterator<Item = &'static str> {
        let publishers = phrases::PHRASES.iter().map(|(_, meant)| meant.as_str());
        publishers.chain(glossary::TERMS.iter().map(|(_, english)| english.as_str()))
    }

    #[test]
    fn a_follow_up_is_searched_as_it_stands_and_in_words_of_the_reader_or_of_reviewed_lists() {
        for (history, text, expected) in [
            (&[][..], "How much is it?", &[][..]),
            (&["How do I renew a Blue Badge?"], "How much does it cost?", &["renew", "badge"]),
            (&["How do I renew a Blue Badge?"], "And in Wales?", &["renew", "badge"]),
            (
                &["Who collects garden waste?", "What about sofas?"],
                "how much is that",
                &["sofas", "waste"],
            ),
            (&["Sut mae adnewyddu Bathodyn Glas?"], "Faint yw hynny?", &["bathodyn"]),
            (&["Alla i gael asesiad gofalwr?"], "Pwy sy’n penderfynu amdano?", &["asesiad"]),
            // Publishers have other words for what these say.
            (&["Who collects garden waste?"], "Do I get money off it?", &["waste"]),
            (&[], "Faint yw casglu gwastraff gardd?", &[]),
            // A question with a subject of its own begins anew.
            (
                &["How do I renew a Blue Badge?"],
                "When are library books about planets due back?",
                &[],
            ),
        ] {
            let history: Vec<Turn> = history.iter().map(|question| turn(question)).collect();
            let ask = Ask { history: &history, ..Ask::new(text, Timestamp::UNIX_EPOCH) };
            let public = PublicContacts::default();
            let question =
                screen(&ask, &Config::default(), &public, Mitigations::default()).unwrap();
            let listening = Listening::default();
            let (readings, mitigations) = (Readings::default(), Mitigations::default());
            let quotable = Quotable { searcher: &listening, readings: &readings, mitigations };
            super::super::retrieve(&quotable, &question, &history).unwrap();
            let searched = listening.0.into_inner().unwrap();
            assert!(searched.iter().any(|words| words == text), "{text}: {searched:?}");
            let said = history.iter().map(|turn| turn.question.as_str()).chain([text]);
            let mut known: BTreeSet<String> = said.flat_map(plain_words).collect();
            known.extend(reviewed().flat_map(plain_words));
            for words in &searched {
                let added: Vec<String> =
                    plain_words(words).into_iter().filter(|word| !known.contains(word)).collect();
                assert!(added.is_empty(), "{words}: {added:?} is of neither reader nor list");
            }
            let wording = wording(&question, &history);
            let looked_for = wording.whole();
            let plain = plain_words(&looked_for);
            assert!(expected.iter().all(|word| plain.iter().any(|p| p == word)), "{looked_for}");
            assert_eq!(wording.before.is_none(), expected.is_empty(), "{text}");
        }
    }
}
