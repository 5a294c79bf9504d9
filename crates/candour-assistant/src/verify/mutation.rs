//! True sentences, each changed in one place: verification must let the true one through and drop the
//! changed one, for the right reason.

use candour_core::{
    Answer, AnswerLink, AnswerSentence, AnswerStatus, Citation, Hit, LinkKind, Locale, Nation,
};

use super::corpus::{citation, with_against};
use super::{Code, Verified, verify};
use crate::tests::memory::{page, with_page};

const TEXT: &str = "Pay the fine of £35 within 14 days in Wales.\nYou cannot park here unless you hold a Blue Badge.\nApply by 15 January 2027 at www.aberwen.example/apply.\nYou get 25% off if you live alone.\nYou must be aged at least 18.\nCall 029 2018 0110 before 5pm.\nPeople can apply if:\n* they are aged 60 or over";

fn hits() -> Vec<Hit> {
    page("/p", "Rules", "en", &[("Fines", TEXT)])
}

fn sentence(hit: &Hit, unit: usize, text: &str) -> AnswerSentence {
    let citation = citation(hit, &hit.passage.units[unit]);
    AnswerSentence { text: text.to_owned(), item: false, nested: false, citations: vec![citation] }
}

fn verified(hits: &[Hit], sentences: &[AnswerSentence], nation: Option<Nation>) -> Verified {
    let draft: Answer = serde_json::from_value(serde_json::json!({
        "status": "answered", "locale": "en", "sentences": sentences, "sources": [], "links": []
    }))
    .unwrap();
    verify_draft(hits, draft, nation)
}

fn verify_draft(hits: &[Hit], draft: Answer, nation: Option<Nation>) -> Verified {
    with_against(hits, &Locale::En, nation, |against| verify(draft, against))
}

#[test]
fn verbatim_quotes_pass() {
    let hits = hits();
    for unit in 0..6 {
        let text = hits[0].passage.quote(&hits[0].passage.units[unit]).to_owned();
        let verified = verified(&hits, &[sentence(&hits[0], unit, &text)], None);
        assert_eq!(verified.answer.sentences.len(), 1, "{text}: {:?}", verified.dropped);
        assert_eq!(verified.answer.status, AnswerStatus::Answered);
    }
}

#[test]
fn honest_rewordings_pass() {
    let hits = hits();
    for (unit, text) in [
        (0, "In Wales, pay the £35 fine within 14 days."),
        (2, "The deadline is 15 January 2027."),
        (3, "If you live alone, your bill is 25% lower."),
        (4, "You must be 18 or more."),
    ] {
        let verified = verified(&hits, &[sentence(&hits[0], unit, text)], None);
        assert_eq!(verified.answer.sentences.len(), 1, "{text}: {:?}", verified.dropped);
    }
}

#[test]
fn changed_sentences_are_dropped() {
    let hits = hits();
    for (unit, text, code) in [
        (0, "Pay the fine of £53 within 14 days in Wales.", Code::NumberMissing),
        (0, "Pay the fine of £35 within 41 days in Wales.", Code::NumberMissing),
        (0, "Pay the fine of £35 within 14 weeks in Wales.", Code::NumberMissing),
        (0, "Pay the fine of £35 within 14 days in Scotland.", Code::NationMismatch),
        (1, "You can park here unless you hold a Blue Badge.", Code::PolarityChanged),
        (1, "You cannot park here.", Code::ConditionDropped),
        (2, "Apply by 16 January 2027 at www.aberwen.example/apply.", Code::DateMissing),
        (2, "Apply by 15 June 2027 at www.aberwen.example/apply.", Code::DateMissing),
        (2, "Apply after 15 January 2027 at www.aberwen.example/apply.", Code::ComparatorChanged),
        (2, "Apply by 15 January 2027 at www.evil.example/apply.", Code::LinkNotAllowed),
        (3, "You get 52% off if you live alone.", Code::NumberMissing),
        (3, "You get 25% off.", Code::ConditionDropped),
        (3, "You do not get 25% off if you live alone.", Code::PolarityChanged),
        (4, "You must be aged under 18.", Code::ComparatorChanged),
        (4, "You should be aged at least 18.", Code::ModalityChanged),
        (5, "Call 029 2018 0111 before 5pm.", Code::LinkNotAllowed),
        (5, "Call 029 2018 0110 after 5pm.", Code::ComparatorChanged),
        (5, "Call [phone] before 5pm.", Code::Leak),
        (5, "", Code::CitationInvalid),
    ] {
        let verified = verified(&hits, &[sentence(&hits[0], unit, text)], None);
        assert!(verified.answer.sentences.is_empty(), "{text} was not dropped");
        assert_eq!(verified.dropped.keys().collect::<Vec<_>>(), [&code], "{text}");
        assert_eq!(verified.answer.status, AnswerStatus::Abstained, "{text}");
    }
}

#[test]
fn changed_citations_are_dropped() {
    let hits = hits();
    let true_text = "You get 25% off if you live alone.";
    let change = |change: &dyn Fn(&mut Citation)| {
        let mut sentence = sentence(&hits[0], 3, true_text);
        change(&mut sentence.citations[0]);
        sentence
    };
    for (sentence, code) in [
        (change(&|c| c.start += 1), Code::CitationInvalid),
        (change(&|c| c.end = u32::MAX), Code::CitationInvalid),
        (change(&|c| c.quote = "You get 25% off".into()), Code::CitationInvalid),
        (change(&|c| c.passage.0.push('9')), Code::CitationInvalid),
        (change(&|c| c.url = "https://evil.example/".into()), Code::CitationInvalid),
        (change(&|c| c.passage_hash = candour_core::ContentHash::of(b"x")), Code::SourceStale),
        (
            AnswerSentence {
                text: true_text.into(),
                item: false,
                nested: false,
                citations: vec![],
            },
            Code::CitationInvalid,
        ),
    ] {
        let verified = verified(&hits, std::slice::from_ref(&sentence), None);
        assert_eq!(verified.dropped.keys().collect::<Vec<_>>(), [&code], "{sentence:?}");
    }
}

#[test]
fn withdrawn_pages_and_other_nations_are_dropped() {
    let withdrawn = with_page(hits(), |page| {
        page.withdrawn = Some(candour_core::Withdrawal { explanation: String::new(), at: None });
    });
    let text = "You get 25% off if you live alone.";
    let result = verified(&withdrawn, &[sentence(&withdrawn[0], 3, text)], None);
    assert!(result.dropped.contains_key(&Code::SourceStale));
    let scottish =
        with_page(hits(), |page| page.scope.applies = [Nation::Scotland].into_iter().collect());
    let result = verified(&scottish, &[sentence(&scottish[0], 3, text)], Some(Nation::England));
    assert!(result.dropped.contains_key(&Code::NationMismatch));
    let result = verified(&scottish, &[sentence(&scottish[0], 3, text)], Some(Nation::Scotland));
    assert!(result.dropped.is_empty());
}

#[test]
fn an_item_without_its_stem_and_a_stem_without_an_item_are_dropped() {
    let hits = hits();
    let (stem, item) = (
        sentence(&hits[0], 6, "People can apply if:"),
        sentence(&hits[0], 7, "they are aged 60 or over"),
    );
    for alone in [&stem, &item] {
        let verified = verified(&hits, std::slice::from_ref(alone), None);
        assert!(verified.dropped.contains_key(&Code::ConditionDropped), "{alone:?}");
    }
    assert_eq!(verified(&hits, &[stem, item], None).answer.sentences.len(), 2);
}

#[test]
fn what_is_dropped_makes_the_answer_partial() {
    let hits = hits();
    let good = sentence(&hits[0], 3, "You get 25% off if you live alone.");
    let bad = sentence(&hits[0], 0, "Pay the fine of £99 within 14 days in Wales.");
    let verified = verified(&hits, &[good, bad], None);
    assert_eq!(verified.answer.status, AnswerStatus::Partial);
    assert_eq!(verified.answer.sentences.len(), 1);
    assert_eq!(verified.answer.sources.len(), 1);
    assert!(verified.answer.notices.iter().any(|notice| notice.text.contains("checks")));
}

#[test]
fn links_lead_to_retrieved_pages_only() {
    let hits = hits();
    let link = |url: &str| AnswerLink { label: "x".into(), url: url.into(), kind: LinkKind::Page };
    let mut draft = verified(&hits, &[], None).answer.into_answer();
    draft.links = vec![
        link("https://aberwen.example/p"),
        link("https://evil.example/"),
        link("https://aberwen.example/p?q=1"),
    ];
    draft.contacts = vec![candour_core::Contact { title: "Not ours".into(), ..Default::default() }];
    let verified = verify_draft(&hits, draft, None);
    assert_eq!(verified.answer.links.len(), 1);
    assert!(verified.answer.contacts.is_empty());
    assert_eq!(verified.dropped[&Code::LinkNotAllowed], 3);
}
