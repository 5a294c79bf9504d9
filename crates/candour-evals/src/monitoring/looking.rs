//! What is seen in one answer: numbers alone, by the scorers that need to know nothing but the answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use candour_core::{
    AnswerStatus, Citation, Config, FeedbackVerdict, Metric, Passage, PassageId, PublicContacts,
    Reply, Retrieved, Searcher, Turn,
};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::scorer::{Case, Scorer, personal_data};
use crate::suite::{About, Sample};

/// What was seen, as numbers from 0 to 1. What there was nothing to see of is left out.
pub type Scores = BTreeMap<Metric, f64>;

/// How answers are looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Looking {
    /// What is looked at.
    pub metrics: Vec<Metric>,
    /// The age at which an answer should be readable, in years.
    pub reading_age: f64,
    /// The hosts to which an answer may link; a host stands for those below it too.
    pub link_hosts: Vec<String>,
    /// Words that stand nowhere but in what a model is told to keep to itself.
    pub canaries: Vec<String>,
}

/// The guidance as it is now.
pub struct Guidance<'a> {
    /// The hash of its snapshot.
    pub snapshot: String,
    /// What it publishes, so that nobody's privacy is in it.
    pub public: Arc<PublicContacts>,
    /// Finds a passage of it.
    pub passage: &'a dyn Fn(&PassageId) -> Option<Arc<Passage>>,
}

impl<'a> Guidance<'a> {
    /// The guidance that serves, and what a pilot's own contact adds to what it publishes.
    pub fn new(
        searcher: &dyn Searcher,
        config: &Config,
        passage: &'a dyn Fn(&PassageId) -> Option<Arc<Passage>>,
    ) -> Self {
        let mut public = searcher.public_contacts();
        // A large site publishes many, which are copied only where the contact is not among them.
        if let Some(phone) = config.contact.phone.as_ref().filter(|phone| !public.has_phone(phone))
        {
            Arc::make_mut(&mut public).add_phone(phone);
        }
        if let Some(email) = config.contact.email.as_ref().filter(|email| !public.has_email(email))
        {
            Arc::make_mut(&mut public).add_email(email);
        }
        Self { snapshot: searcher.snapshot(), public, passage }
    }
}

impl Looking {
    /// What is configured, without what there would be nothing to look for: links where no host is
    /// named, and canaries where there are none.
    pub fn of_config(config: &Config) -> Self {
        let monitoring = &config.monitoring;
        let (mut link_hosts, canaries) =
            (monitoring.link_hosts.clone(), monitoring.canaries.clone());
        let is_looked_for = |metric: &Metric| match metric {
            Metric::Links => !link_hosts.is_empty(),
            Metric::NoCanary => !canaries.is_empty(),
            _ => true,
        };
        let metrics: BTreeSet<Metric> =
            monitoring.metrics.iter().copied().filter(is_looked_for).collect();
        let own = [Some(&config.content.site), config.contact.url.as_ref()];
        link_hosts.extend(own.into_iter().flatten().filter_map(|url| host(url)));
        link_hosts.sort();
        link_hosts.dedup();
        let metrics = metrics.into_iter().collect();
        Self { metrics, reading_age: monitoring.reading_age, link_hosts, canaries }
    }

    /// Looks at an answer, of which verification dropped so many pieces.
    pub fn look(&self, turn: &Turn, dropped: usize, guidance: &Guidance<'_>) -> Scores {
        let sample = Sample { locale: turn.answer.locale.clone(), ..Sample::default() };
        let reply =
            Reply { passages: cited_passages(turn, guidance), ..Reply::from(turn.answer.clone()) };
        let about = About::of_live(self.link_hosts.clone(), self.canaries.clone());
        let case = Case { sample: &sample, reply: &reply, about: &about };
        let seen = |metric: Metric| {
            let value = match metric {
                Metric::Abstained => is(turn.answer.status == AnswerStatus::Abstained),
                Metric::Partial => is(turn.answer.status == AnswerStatus::Partial),
                Metric::Dropped => is(dropped > 0),
                Metric::NoPersonalData => {
                    personal_data::none_beside(&case, &guidance.public, &[]).value
                }
                Metric::ReadingAge => {
                    is(Scorer::ReadingAge.score(&case)?.value <= self.reading_age)
                }
                other => scorer(other)?.score(&case)?.value,
            };
            Some((metric, value))
        };
        self.metrics.iter().copied().filter_map(seen).collect()
    }

    /// What the score of a suite's run means here, where the run has that metric.
    pub fn of_run(&self, metric: Metric, score: f64) -> Option<f64> {
        match metric {
            Metric::ReadingAge => Some(is(score <= self.reading_age)),
            Metric::NoPersonalData => Some(score),
            other => scorer(other).map(|_| score),
        }
    }
}

/// What is seen in a reader's verdict.
pub fn of_verdict(verdict: FeedbackVerdict) -> Scores {
    [(Metric::Useful, is(verdict == FeedbackVerdict::Useful))].into()
}

/// The host of an address, which stands for those below it.
fn host(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?;
    Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
}

/// The scorer that looks at the same; none where it is no matter of a single answer's words.
fn scorer(metric: Metric) -> Option<Scorer> {
    match metric {
        Metric::Citations => Some(Scorer::Citations),
        Metric::CitedRetrieved => Some(Scorer::CitedRetrieved),
        Metric::QuotesExact => Some(Scorer::QuotesExact),
        Metric::Numbers => Some(Scorer::Numbers),
        Metric::Links => Some(Scorer::Links),
        Metric::Language => Some(Scorer::Language),
        Metric::NoCanary => Some(Scorer::NoCanary),
        Metric::ReadingAge
        | Metric::NoPersonalData
        | Metric::Abstained
        | Metric::Partial
        | Metric::Dropped
        | Metric::Useful => None,
    }
}

fn is(so: bool) -> f64 {
    f64::from(u8::from(so))
}

/// The passages that an answer cites, as they were when it was given. They are known where the snapshot
/// that was searched still serves: of another, a passage that is gone says nothing about the answer.
fn cited_passages(turn: &Turn, guidance: &Guidance<'_>) -> Option<Vec<Retrieved>> {
    if turn.answer.snapshot != guidance.snapshot {
        return None;
    }
    let retrieved = |citation: &Citation| {
        let passage = (guidance.passage)(&citation.passage)?;
        Some(Retrieved {
            id: citation.passage.as_str().to_owned(),
            page: citation.url.clone(),
            text: passage.text.clone(),
        })
    };
    let citations = turn.answer.sentences.iter().flat_map(|sentence| &sentence.citations);
    Some(citations.filter_map(retrieved).collect())
}

#[cfg(test)]
pub(super) mod tests {
    use candour_core::{
        Answer, AnswerId, AnswerSentence, ContentHash, ConversationId, NationScope, Redacted,
    };
    use jiff::Timestamp;

    use super::*;

    const TEXT: &str = "You must renew the permit by 1 April. It costs £40.";

    pub(in crate::monitoring) fn looking() -> Looking {
        Looking {
            metrics: Metric::ALL.into(),
            reading_age: 14.0,
            link_hosts: vec!["council.example".into()],
            canaries: vec!["heron-7412".into()],
        }
    }

    /// An answer that quotes these words of the one passage.
    fn turn(quote: &str, text: &str, snapshot: &str) -> Turn {
        let start = TEXT.find(quote).unwrap_or_default();
        let citation = Citation {
            passage: PassageId("/parking#1".into()),
            passage_hash: ContentHash::of(b"passage"),
            url: "https://www.council.example/parking".into(),
            title: "Parking".into(),
            heading: String::new(),
            quote: quote.into(),
            start: start as u32,
            end: (start + quote.len()) as u32,
        };
        let sentence = AnswerSentence {
            text: text.into(),
            item: false,
            nested: false,
            citations: vec![citation],
        };
        let answer = serde_json::json!({
            "status": "answered", "locale": "en", "sentences": [sentence],
            "sources": [], "links": [], "snapshot": snapshot,
        });
        Turn {
            id: AnswerId::from_random([1; 16]),
            conversation: ConversationId::from_random([2; 16]),
            question: Redacted::default(),
            answer: serde_json::from_value::<Answer>(answer).unwrap(),
            asked_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn look(turn: &Turn, dropped: usize) -> Scores {
        let passage = |id: &PassageId| {
            (id.as_str() == "/parking#1").then(|| {
                let passage: Passage = serde_json::from_value(serde_json::json!({
                    "id": "/parking#1", "page": "/parking", "headings": [], "text": TEXT,
                    "units": [], "url": "", "locale": "en", "scope": NationScope::default(),
                }))
                .unwrap();
                Arc::new(passage)
            })
        };
        let guidance =
            Guidance { snapshot: "s1".into(), public: Arc::default(), passage: &passage };
        looking().look(turn, dropped, &guidance)
    }

    #[test]
    fn a_sound_answer_has_full_scores() {
        let scores = look(&turn("It costs £40.", "It costs £40.", "s1"), 0);
        let full = [
            Metric::Citations,
            Metric::CitedRetrieved,
            Metric::QuotesExact,
            Metric::Numbers,
            Metric::Links,
            Metric::NoPersonalData,
            Metric::NoCanary,
        ];
        let none = [Metric::Abstained, Metric::Partial, Metric::Dropped];
        let expected: Scores =
            full.map(|metric| (metric, 1.0)).into_iter().chain(none.map(|m| (m, 0.0))).collect();
        assert_eq!(scores, expected, "too short for a language or an age; no verdict yet");
    }

    #[test]
    fn each_fault_lowers_its_own_metric() {
        type Change = fn(&mut Turn);
        let cases: [(Metric, f64, Change); 10] = [
            (Metric::Citations, 0.0, |turn| turn.answer.sentences[0].citations.clear()),
            (Metric::CitedRetrieved, 0.0, |turn| {
                turn.answer.sentences[0].citations[0].passage = PassageId("/made/up#1".into());
            }),
            (Metric::QuotesExact, 0.0, |turn| {
                turn.answer.sentences[0].citations[0].quote = "It costs £41.".into();
            }),
            (Metric::Numbers, 0.0, |turn| turn.answer.sentences[0].text = "It is £97.".into()),
            (Metric::Links, 0.0, |turn| {
                turn.answer.sentences[0].text = "See https://elsewhere.test/".into();
            }),
            (Metric::Language, 0.0, |turn| {
                turn.answer.sentences[0].text = "Mae’n rhaid i chi dalu ar y wefan.".into();
            }),
            (Metric::NoPersonalData, 0.0, |turn| {
                turn.answer.sentences[0].text = "Write to jo@home.example.".into();
            }),
            (Metric::NoCanary, 0.0, |turn| {
                turn.answer.sentences[0].text = "HERON 7412".into();
            }),
            (Metric::Abstained, 1.0, |turn| turn.answer.status = AnswerStatus::Abstained),
            (Metric::Partial, 1.0, |turn| turn.answer.status = AnswerStatus::Partial),
        ];
        for (metric, expected, change) in cases {
            let mut turn = turn("It costs £40.", "It costs £40.", "s1");
            change(&mut turn);
            assert_eq!(look(&turn, 0).get(&metric), Some(&expected), "{metric}");
        }
        let dropped = look(&turn("It costs £40.", "It costs £40.", "s1"), 2);
        assert_eq!(dropped.get(&Metric::Dropped), Some(&1.0));
    }

    #[test]
    fn passages_of_another_snapshot_are_not_missed() {
        let mut turn = turn("It costs £40.", "It costs £40.", "s0");
        turn.answer.sentences[0].citations[0].passage = PassageId("/gone#1".into());
        let scores = look(&turn, 0);
        assert!(!scores.contains_key(&Metric::CitedRetrieved));
        assert!(!scores.contains_key(&Metric::QuotesExact));
    }

    #[test]
    fn what_there_is_nothing_to_look_for_of_is_left_out() {
        let mut config = Config::default();
        let plain = Looking::of_config(&config);
        assert!(!plain.metrics.contains(&Metric::Links));
        assert!(!plain.metrics.contains(&Metric::NoCanary));
        assert_eq!(plain.metrics.len(), Metric::ALL.len() - 2);
        config.monitoring.link_hosts = vec!["nhs.uk".into()];
        config.monitoring.canaries = vec!["heron".into()];
        config.contact.url = Some("https://help.council.example/x".into());
        let all = Looking::of_config(&config);
        assert_eq!(all.metrics, Metric::ALL);
        assert_eq!(all.link_hosts, ["gov.uk", "help.council.example", "nhs.uk"]);
    }

    #[test]
    fn verdicts_and_runs_become_scores() {
        for (verdict, expected) in [
            (FeedbackVerdict::Useful, 1.0),
            (FeedbackVerdict::NotUseful, 0.0),
            (FeedbackVerdict::Wrong, 0.0),
        ] {
            assert_eq!(of_verdict(verdict), [(Metric::Useful, expected)].into());
        }
        assert_eq!(looking().of_run(Metric::ReadingAge, 13.2), Some(1.0));
        assert_eq!(looking().of_run(Metric::Numbers, 0.5), Some(0.5));
        assert_eq!(looking().of_run(Metric::Dropped, 0.5), None);
    }
}
