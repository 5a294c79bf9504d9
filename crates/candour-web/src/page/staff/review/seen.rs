//! What somebody sees of an answer that they label: the question, the words of the answer, and what they
//! cite. Nothing says what gave it, how it was judged, or what others said.

use candour_core::{AnswerId, AnswerSentence, Citation, Reply};
use candour_store::{ReviewAnswer, Shown, ShownAnswer};

use crate::failure::{Code, Failure};
use crate::page::contact::LinkView;
use crate::page::layout::Layout;
use crate::page::link;
use crate::site::Site;

/// How many of the questions before it in its conversation are shown.
const EARLIER: u32 = 10;

/// What is seen of an answer, or of a pair.
pub(super) struct Seen {
    pub(super) earlier: Vec<String>,
    pub(super) question: String,
    pub(super) answers: Vec<SeenAnswer>,
}

/// One answer.
pub(super) struct SeenAnswer {
    pub(super) title: String,
    pub(super) lines: Vec<Line>,
    pub(super) passages: Vec<Passage>,
}

/// A line of it, with the numbers of the passages that it cites.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) cites: Vec<usize>,
}

/// What is cited of one part of a page. The link comes after the form, so that the choices are the first
/// that is reached by keyboard.
pub(super) struct Passage {
    pub(super) quotes: Vec<String>,
    pub(super) source: LinkView,
    pub(super) heading: String,
}

impl Seen {
    /// What is seen, the second of a pair first where that is so for this person.
    pub(super) fn new(l: &Layout, shown: Shown, is_swapped: bool) -> Self {
        let mut answers = shown.answers;
        if is_swapped {
            answers.reverse();
        }
        let is_pair = answers.len() > 1;
        let title = |at: usize| match (is_pair, at) {
            (false, _) => l.t("review-answer"),
            (true, 0) => l.t("review-answer-a"),
            (true, _) => l.t("review-answer-b"),
        };
        let answers = answers.into_iter().enumerate();
        Self {
            earlier: shown.earlier.iter().map(ToString::to_string).collect(),
            question: shown.question.to_string(),
            answers: answers.map(|(at, answer)| SeenAnswer::new(title(at), &answer)).collect(),
        }
    }

    /// The pages that are quoted, each once.
    pub(super) fn pages(&self) -> Vec<&LinkView> {
        let mut pages: Vec<&LinkView> = Vec::new();
        for passage in self.answers.iter().flat_map(|answer| &answer.passages) {
            let is_new = pages.iter().all(|page| page.href != passage.source.href);
            if passage.source.href.is_some() && is_new {
                pages.push(&passage.source);
            }
        }
        pages
    }
}

impl SeenAnswer {
    fn new(title: String, answer: &ShownAnswer) -> Self {
        let mut passages: Vec<Passage> = Vec::new();
        let lines = answer.text.lines().filter(|line| !line.trim().is_empty()).map(|text| {
            let sentence = answer.sentences.iter().find(|sentence| sentence.text == text);
            let cites = sentence.map_or_else(Vec::new, |sentence| cite(sentence, &mut passages));
            Line { text: text.to_owned(), cites }
        });
        Self { title, lines: lines.collect(), passages }
    }
}

/// The numbers of the parts of pages that a sentence cites.
fn cite(sentence: &AnswerSentence, passages: &mut Vec<Passage>) -> Vec<usize> {
    let mut numbers: Vec<usize> = Vec::new();
    for Citation { url, title, heading, quote, .. } in &sentence.citations {
        let is_it =
            |passage: &Passage| passage.source.text == *title && passage.heading == *heading;
        let at = passages.iter().position(is_it).unwrap_or_else(|| {
            let source = LinkView { text: title.clone(), href: link::safe(url) };
            passages.push(Passage { quotes: Vec::new(), source, heading: heading.clone() });
            passages.len() - 1
        });
        let quotes = &mut passages[at].quotes;
        if !quotes.contains(quote) {
            quotes.push(quote.clone());
        }
        if !numbers.contains(&(at + 1)) {
            numbers.push(at + 1);
        }
    }
    numbers
}

/// What is shown of an answer: as it was kept with the review, or of a reader's answer as it stands in its
/// conversation.
pub(super) async fn shown(site: &Site, answer: &ReviewAnswer) -> Result<Shown, Failure> {
    if let Some(shown) = &answer.shown {
        return Ok(shown.clone());
    }
    let gone = || Failure::from(Code::AnswerNotFound);
    let id = AnswerId::parse(&answer.answer).ok_or_else(gone)?;
    let turn = site.database.turn(id).await?.ok_or_else(gone)?;
    let earlier = site.database.turns_before(id, EARLIER).await?;
    let earlier = earlier.into_iter().map(|other| other.question).collect();
    let Reply { text, sentences, .. } = turn.answer.into();
    let answers = vec![ShownAnswer { text, sentences }];
    Ok(Shown { earlier, question: turn.question, answers })
}
