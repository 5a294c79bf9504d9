//! What is looked at in an answer, by rules: the same answer always gets the same scores. What a model
//! judges is named here too, and judged in `judge`.
//!
//! Each scorer is a function of the sample and the reply, in a file of its own below. It gives nothing
//! where there is nothing to look at. A scorer that a sample asks for is due whatever is answered, so
//! that a question without an answer counts as failed rather than as not asked.

mod canary;
mod cited;
mod found;
pub(crate) mod labelled;
mod language;
mod links;
mod numbers;
mod outcome;
pub(crate) mod personal_data;
mod reading_age;
pub(crate) mod said;

use candour_core::Reply;
use serde::{Deserialize, Serialize};

use crate::suite::{About, Sample};

/// What is looked at in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scorer {
    /// Whether what should become of the question did.
    Status,
    /// Whether a question that the guidance answers got an answer, and one that it does not got none.
    Answered,
    /// Whether an expected page is cited.
    ExpectedPage,
    /// The share of sentences with a citation.
    Citations,
    /// The share of citations of passages that the answer was made from.
    CitedRetrieved,
    /// The share of quotations that stand word for word where they are said to stand.
    QuotesExact,
    /// The share of key facts that are said, numbers written in any way.
    KeyFacts,
    /// Whether nothing is said that must not be.
    NothingForbidden,
    /// The share of numbers in sentences that stand in what the sentences cite.
    Numbers,
    /// Whether every link leads to a permitted host.
    Links,
    /// Whether the answer is in the language of the question.
    Language,
    /// The age at which the answer can be read: Flesch-Kincaid grade and five years. English only.
    ReadingAge,
    /// Whether no personal data stands in the answer, beside what is published.
    NoPersonalData,
    /// Whether no canary stands in the answer.
    NoCanary,
    /// The share of found passages that were expected.
    RetrievalPrecision,
    /// The share of expected passages that were found.
    RetrievalRecall,
    /// The harmonic mean of both.
    RetrievalF1,
    /// The same with recall counting twice as much.
    RetrievalF2,
    /// Whether a classifier gave the expected label.
    Label,
    /// Whether the expected label is among those that a classifier gave.
    LabelAmong,
    /// Whether a classifier gave every label that was expected, and no other.
    Labels,
    /// The same, whatever they are the labels of.
    LabelsAnyOrder,
    /// Whether any label that a classifier gave was expected.
    AnyLabel,
    /// The share of statements that help to answer the question, as a model judges.
    AnswerRelevancy,
    /// The share of claims that the passages bear out, as a model judges.
    Faithfulness,
    /// The share of what whoever asks needs that the passages tell, as a model judges.
    ContextRelevancy,
    /// How well the answer hangs together, as a model judges.
    Coherence,
    /// The share of facts of the answer that the ideal answer states, as a model judges.
    FactualPrecision,
    /// The share of facts of the ideal answer that the answer states, as a model judges.
    FactualRecall,
    /// The share of claims that the ideal answer does not contradict, as a model judges.
    AbsenceOfFactualContradictions,
    /// The share of opinions that are biased, as a model judges: 0 is best.
    Bias,
    /// How far an attack gets what it is after, as a model judges: 0 is best.
    AttackSuccess,
}

/// What is looked at: an answer to a sample.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// What was asked, and what a good answer does.
    pub sample: &'a Sample,
    /// What was answered.
    pub reply: &'a Reply,
    /// The suite.
    pub about: &'a About,
}

/// How good an answer is in one respect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// From 0 to 1, 1 being best; of bias and of attacks 0; of the reading age, years.
    pub value: f64,
    /// What was found wanting, or what was answered where that is a label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Scorer {
    /// Every scorer.
    pub const ALL: [Self; 32] = [
        Self::Status,
        Self::Answered,
        Self::ExpectedPage,
        Self::Citations,
        Self::CitedRetrieved,
        Self::QuotesExact,
        Self::KeyFacts,
        Self::NothingForbidden,
        Self::Numbers,
        Self::Links,
        Self::Language,
        Self::ReadingAge,
        Self::NoPersonalData,
        Self::NoCanary,
        Self::RetrievalPrecision,
        Self::RetrievalRecall,
        Self::RetrievalF1,
        Self::RetrievalF2,
        Self::Label,
        Self::LabelAmong,
        Self::Labels,
        Self::LabelsAnyOrder,
        Self::AnyLabel,
        Self::AnswerRelevancy,
        Self::Faithfulness,
        Self::ContextRelevancy,
        Self::Coherence,
        Self::FactualPrecision,
        Self::FactualRecall,
        Self::AbsenceOfFactualContradictions,
        Self::Bias,
        Self::AttackSuccess,
    ];

    /// Its name in suites and results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Answered => "answered",
            Self::ExpectedPage => "expected_page",
            Self::Citations => "citations",
            Self::CitedRetrieved => "cited_retrieved",
            Self::QuotesExact => "quotes_exact",
            Self::KeyFacts => "key_facts",
            Self::NothingForbidden => "nothing_forbidden",
            Self::Numbers => "numbers",
            Self::Links => "links",
            Self::Language => "language",
            Self::ReadingAge => "reading_age",
            Self::NoPersonalData => "no_personal_data",
            Self::NoCanary => "no_canary",
            Self::RetrievalPrecision => "retrieval_precision",
            Self::RetrievalRecall => "retrieval_recall",
            Self::RetrievalF1 => "retrieval_f1",
            Self::RetrievalF2 => "retrieval_f2",
            Self::Label => "label",
            Self::LabelAmong => "label_among",
            Self::Labels => "labels",
            Self::LabelsAnyOrder => "labels_any_order",
            Self::AnyLabel => "any_label",
            Self::AnswerRelevancy => "answer_relevancy",
            Self::Faithfulness => "faithfulness",
            Self::ContextRelevancy => "context_relevancy",
            Self::Coherence => "coherence",
            Self::FactualPrecision => "factual_precision",
            Self::FactualRecall => "factual_recall",
            Self::AbsenceOfFactualContradictions => "absence_of_factual_contradictions",
            Self::Bias => "bias",
            Self::AttackSuccess => "attack_success",
        }
    }

    /// Whether it applies to a sample whatever is answered, where the target gives what it looks at at all.
    /// If no answer comes, it counts as 0.
    pub fn is_due(self, sample: &Sample) -> bool {
        match self {
            Self::Status | Self::Answered => sample.status.is_some(),
            Self::KeyFacts => !sample.key_facts.is_empty(),
            Self::NothingForbidden => !sample.must_not_say.is_empty(),
            Self::ExpectedPage => cited::expects_page(sample),
            _ if self.is_of_retrieval() => found::expects_any(sample),
            Self::Label
            | Self::LabelAmong
            | Self::Labels
            | Self::LabelsAnyOrder
            | Self::AnyLabel => sample.label.is_some(),
            _ => false,
        }
    }

    /// Whether it looks at what was retrieved.
    pub fn is_of_retrieval(self) -> bool {
        matches!(
            self,
            Self::RetrievalPrecision
                | Self::RetrievalRecall
                | Self::RetrievalF1
                | Self::RetrievalF2
        )
    }

    /// Whether its values are shares of 1, rather than years.
    pub fn is_share(self) -> bool {
        self != Self::ReadingAge
    }

    /// Whether lower values are better ones: 0 is best rather than 1, and a text for the young is easier.
    pub fn is_lower_better(self) -> bool {
        matches!(self, Self::Bias | Self::AttackSuccess | Self::ReadingAge)
    }

    /// Looks at an answer; nothing where there is nothing to look at.
    pub fn score(self, case: &Case<'_>) -> Option<Score> {
        match self {
            Self::Status => outcome::status(case),
            Self::Answered => outcome::answered(case),
            Self::ExpectedPage => cited::expected_page(case),
            Self::Citations => cited::citations(case),
            Self::CitedRetrieved => cited::retrieved(case),
            Self::QuotesExact => cited::quotes_exact(case),
            Self::KeyFacts => said::key_facts(case),
            Self::NothingForbidden => said::nothing_forbidden(case),
            Self::Numbers => numbers::supported(case),
            Self::Links => links::permitted(case),
            Self::Language => language::matches(case),
            Self::ReadingAge => reading_age::of(case),
            Self::NoPersonalData => Some(personal_data::none(case)),
            Self::NoCanary => canary::none(case),
            Self::RetrievalPrecision => found::precision(case),
            Self::RetrievalRecall => found::recall(case),
            Self::RetrievalF1 => found::f_score(case, 1),
            Self::RetrievalF2 => found::f_score(case, 2),
            Self::Label => labelled::label(case),
            Self::LabelAmong => labelled::among(case),
            Self::Labels => labelled::all(case),
            Self::LabelsAnyOrder => labelled::in_any_order(case),
            Self::AnyLabel => labelled::any(case),
            // A model judges these.
            Self::AnswerRelevancy
            | Self::Faithfulness
            | Self::ContextRelevancy
            | Self::Coherence
            | Self::FactualPrecision
            | Self::FactualRecall
            | Self::AbsenceOfFactualContradictions
            | Self::Bias
            | Self::AttackSuccess => None,
        }
    }
}

impl std::fmt::Display for Scorer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl Score {
    /// All is well, or nothing is.
    fn all_or_nothing(is_well: bool, why: impl FnOnce() -> String) -> Self {
        Self { value: f64::from(u8::from(is_well)), why: (!is_well).then(why) }
    }

    /// The share that is well, with what is not; nothing of nothing.
    fn share(of: usize, wanting: &[String]) -> Option<Self> {
        let value = (of - wanting.len()) as f64 / of as f64;
        let why = (!wanting.is_empty()).then(|| wanting.join("; "));
        (of > 0).then_some(Self { value, why })
    }
}

#[cfg(test)]
mod tests {
    use candour_core::{AnswerSentence, Citation, ContentHash, PassageId, Retrieved};

    use super::*;

    /// A sample, a reply and a suite to look at.
    pub(super) struct Given {
        pub(super) sample: Sample,
        pub(super) reply: Reply,
        pub(super) about: About,
    }

    impl Default for Given {
        fn default() -> Self {
            let about = "name = 'n'\nsamples = []\nscorers = ['status']";
            let about = toml::from_str(about).unwrap();
            Self { sample: Sample::default(), reply: Reply::default(), about }
        }
    }

    pub(super) fn value(scorer: Scorer, given: &Given) -> Option<f64> {
        let Given { sample, reply, about } = given;
        scorer.score(&Case { sample, reply, about }).map(|score| score.value)
    }

    /// A sentence that cites these bytes of a passage.
    pub(super) fn sentence(
        text: &str,
        passage: &str,
        quote: &str,
        (start, end): (u32, u32),
    ) -> AnswerSentence {
        let citation = Citation {
            passage: PassageId(passage.to_owned()),
            passage_hash: ContentHash::of(b""),
            url: String::new(),
            title: String::new(),
            heading: String::new(),
            quote: quote.to_owned(),
            start,
            end,
        };
        let (item, nested) = (false, false);
        AnswerSentence { text: text.to_owned(), item, nested, citations: vec![citation] }
    }

    #[test]
    fn names_are_what_suites_write() {
        for scorer in Scorer::ALL {
            let written = serde_json::to_string(&scorer).unwrap();
            assert_eq!(written, format!("{:?}", scorer.name()));
        }
    }

    /// What is due is scored whatever is answered, as long as the target gives what the scorer looks at.
    #[test]
    fn what_is_due_is_scored_wherever_a_target_gives_what_it_looks_at() {
        let sample = Sample {
            pages: vec!["/a".to_owned()],
            key_facts: vec![crate::suite::Fact::One("a".to_owned())],
            must_not_say: vec!["b".to_owned()],
            label: Some("c".to_owned()),
            ..Sample::default()
        };
        let status = Some(candour_core::AnswerStatus::Answered);
        let of_status = [Scorer::Status, Scorer::Answered];
        let retrieved =
            Retrieved { id: "/b#0".into(), page: "/b".into(), text: "something".into() };
        let cases = [
            (Reply::default(), [true, true, true]),
            (Reply { status, ..Reply::default() }, [false, true, false]),
            (Reply { passages: Some(vec![retrieved]), ..Reply::default() }, [true, false, false]),
        ];
        for (reply, [lacks_status, lacks_passages, lacks_citations]) in cases {
            let sample = Sample { status, ..sample.clone() };
            let given = Given {
                sample,
                reply: Reply { text: "something".to_owned(), ..reply },
                ..Given::default()
            };
            for scorer in Scorer::ALL.into_iter().filter(|scorer| scorer.is_due(&given.sample)) {
                let is_lacking = lacks_status && of_status.contains(&scorer)
                    || lacks_passages && scorer.name().starts_with("retrieval")
                    || lacks_citations && scorer == Scorer::ExpectedPage;
                assert_eq!(value(scorer, &given).is_none(), is_lacking, "{scorer}");
            }
        }
    }
}
