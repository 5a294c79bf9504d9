//! Citations: of an expected page, on every sentence, of what was retrieved, and word for word.

use candour_core::{Citation, Reply, Retrieved};

use super::{Case, Score};
use crate::suite::Sample;

/// Whether the sample says which page answers it. Where it is not to be answered, no page is due.
pub(super) fn expects_page(sample: &Sample) -> bool {
    use candour_core::AnswerStatus::{Answered, Partial};
    !sample.pages.is_empty() && matches!(sample.status, None | Some(Answered | Partial))
}

/// Whether an expected page is cited; nothing of a target that could cite none, as a model that gives text
/// alone.
pub(super) fn expected_page(case: &Case<'_>) -> Option<Score> {
    if !expects_page(case.sample) || is_text_alone(case.reply) {
        return None;
    }
    let cited: Vec<&str> = citations_of(case).map(page_of).collect();
    let is_right = case.sample.pages.iter().any(|page| {
        cited.contains(&page.as_str()) || citations_of(case).any(|c| path_of(&c.url) == page)
    });
    Some(Score::all_or_nothing(is_right, || format!("cited: {cited:?}")))
}

/// Whether there is nothing but words. What cites can also keep silent, and says then that it did.
fn is_text_alone(reply: &Reply) -> bool {
    let Reply { status, sentences, passages, cited, .. } = reply;
    status.is_none() && sentences.is_empty() && passages.is_none() && cited.is_none()
}

/// The share of sentences with a citation.
pub(super) fn citations(case: &Case<'_>) -> Option<Score> {
    let sentences = &case.reply.sentences;
    let bare: Vec<String> = sentences
        .iter()
        .filter(|sentence| sentence.citations.is_empty())
        .map(|sentence| format!("without a citation: {}", sentence.text))
        .collect();
    Score::share(sentences.len(), &bare)
}

/// The share of citations of passages that the answer was made from; where those are not known, of such as
/// whoever answered has.
pub(super) fn retrieved(case: &Case<'_>) -> Option<Score> {
    let passages = known(case)?;
    let strange: Vec<String> = citations_of(case)
        .filter(|citation| passage(passages, citation).is_none())
        .map(|citation| format!("not retrieved: {}", citation.passage))
        .collect();
    Score::share(citations_of(case).count(), &strange)
}

/// The share of quotations that stand in the passages they cite, word for word.
pub(super) fn quotes_exact(case: &Case<'_>) -> Option<Score> {
    let passages = known(case)?;
    let checked: Vec<(&Citation, &Retrieved)> = citations_of(case)
        .filter_map(|citation| Some((citation, passage(passages, citation)?)))
        .filter(|(_, passage)| !passage.text.is_empty())
        .collect();
    let stands = |(citation, passage): &(&Citation, &Retrieved)| {
        let place = citation.start as usize..citation.end as usize;
        !citation.quote.is_empty() && passage.text.get(place) == Some(citation.quote.as_str())
    };
    let wrong: Vec<String> = checked
        .iter()
        .filter(|pair| !stands(pair))
        .map(|(citation, _)| format!("not word for word in {}", citation.passage))
        .collect();
    Score::share(checked.len(), &wrong)
}

/// The passages that are known: those that the answer was made from, else those that it cites.
pub(super) fn known<'a>(case: &Case<'a>) -> Option<&'a [Retrieved]> {
    case.reply.passages.as_deref().or(case.reply.cited.as_deref())
}

pub(super) fn citations_of<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Citation> {
    case.reply.sentences.iter().flat_map(|sentence| &sentence.citations)
}

/// The passage that a citation names.
pub(super) fn passage<'a>(passages: &'a [Retrieved], citation: &Citation) -> Option<&'a Retrieved> {
    passages.iter().find(|passage| passage.id == citation.passage.as_str())
}

/// The page of a passage, as its identifier says it.
fn page_of(citation: &Citation) -> &str {
    citation.passage.as_str().split('#').next().unwrap_or_default()
}

/// The path of an address, without what follows it.
pub(super) fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').map_or("", |at| &rest[at..]);
    path.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use candour_core::AnswerStatus;

    use super::super::tests::{Given, sentence, value};
    use super::*;
    use crate::scorer::Scorer;

    #[test]
    fn pages_are_found_by_passage_and_by_address() {
        let cases = [
            ("/bins", "/bins#3", "https://a.example/bins#x", Some(1.0)),
            ("/bins.cy", "/bins.cy#0", "https://a.example/bins.cy", Some(1.0)),
            ("/bins", "p-17", "https://a.example/bins?lang=en#x", Some(1.0)),
            ("/bins", "/binsmen#0", "https://a.example/binsmen", Some(0.0)),
        ];
        for (expected, passage, url, wanted) in cases {
            let mut given = Given::default();
            assert_eq!(value(Scorer::ExpectedPage, &given), None);
            given.sample.pages = vec![expected.to_owned()];
            given.reply.sentences = vec![sentence("Bins.", passage, "Bins.", (0, 5))];
            given.reply.sentences[0].citations[0].url = url.to_owned();
            assert_eq!(value(Scorer::ExpectedPage, &given), wanted, "{expected} {url}");
            given.reply.status = Some(AnswerStatus::Answered);
            given.reply.sentences.clear();
            assert_eq!(value(Scorer::ExpectedPage, &given), Some(0.0));
            given.sample.status = Some(AnswerStatus::Abstained);
            assert_eq!(value(Scorer::ExpectedPage, &given), None);
        }
    }

    /// Who keeps silent cites nothing where a page was due; of who could not cite, nobody knows.
    #[test]
    fn a_target_that_gives_text_alone_is_asked_for_no_page() {
        let abstained = Some(AnswerStatus::Abstained);
        for (reply, expected) in [
            (Reply::default(), None),
            (Reply { status: abstained, ..Reply::default() }, Some(0.0)),
            (Reply { passages: Some(Vec::new()), ..Reply::default() }, Some(0.0)),
            (Reply { cited: Some(Vec::new()), ..Reply::default() }, Some(0.0)),
        ] {
            let mut given = Given { reply, ..Given::default() };
            given.sample.pages = vec!["/bins".to_owned()];
            given.reply.text = "On Mondays.".to_owned();
            assert_eq!(value(Scorer::ExpectedPage, &given), expected, "{:?}", given.reply);
        }
    }

    #[test]
    fn citations_are_held_against_what_was_retrieved() {
        let mut given = Given::default();
        assert_eq!(value(Scorer::Citations, &given), None);
        given.reply.sentences = vec![
            sentence("Bins go out.", "/bins#0", "Bins go out.", (4, 16)),
            sentence("On Monday.", "/bins#9", "On Monday.", (0, 10)),
        ];
        assert_eq!(value(Scorer::Citations, &given), Some(1.0));
        assert_eq!(value(Scorer::CitedRetrieved, &given), None, "nobody knows what was retrieved");
        let passage = |text: &str| Retrieved {
            id: "/bins#0".to_owned(),
            page: "/bins".to_owned(),
            text: text.to_owned(),
        };
        given.reply.passages = Some(vec![passage("Yes. Bins go out.")]);
        assert_eq!(value(Scorer::CitedRetrieved, &given), Some(0.5));
        assert_eq!(value(Scorer::QuotesExact, &given), Some(0.0), "one byte off");
        given.reply.passages = Some(vec![passage("Oh! Bins go out.")]);
        assert_eq!(value(Scorer::QuotesExact, &given), Some(1.0));
        // Where it is not known what an answer was made from, what it cites may be.
        let mut cited = given.reply.passages.take().unwrap();
        given.reply.cited = Some(cited.clone());
        assert_eq!(value(Scorer::CitedRetrieved, &given), Some(0.5));
        assert_eq!(value(Scorer::QuotesExact, &given), Some(1.0));
        assert_eq!(value(Scorer::RetrievalRecall, &given), None);
        cited[0].text.clear();
        given.reply.cited = Some(cited);
        assert_eq!(value(Scorer::QuotesExact, &given), None, "the words of then are not known");
        given.reply.sentences[1].citations.clear();
        assert_eq!(value(Scorer::Citations, &given), Some(0.5));
    }
}
