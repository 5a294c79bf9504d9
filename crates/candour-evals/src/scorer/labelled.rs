//! What a classifier gave: one label, and others by their names, such as the guardrails that an answer
//! triggers or the second topic of a question.
//!
//! A classifier that gives one label replies with it; one that gives more replies with a JSON object,
//! `{"label": "tax", "labels": {"secondary": "benefits"}}`. A flag that is not there is false.

use std::collections::{BTreeMap, BTreeSet};

use candour_core::{AnswerStatus, Reply};
use serde::{Deserialize, Serialize};

use super::{Case, Score};

/// What stands for a named label that was not given.
pub(crate) const NONE: &str = "none";

/// The labels that a classifier gave, or should give.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Labels {
    pub(crate) label: String,
    pub(crate) labels: BTreeMap<String, String>,
}

impl Labels {
    /// The labels that a reply gives. A reply that is no such object is one label.
    pub(crate) fn of(reply: &Reply) -> Self {
        let said = reply.text.trim();
        let mut given = serde_json::from_str(said)
            .unwrap_or_else(|_| Self { label: said.to_owned(), labels: BTreeMap::new() });
        given.labels.retain(|_, label| is_given(label));
        given
    }

    /// What a reply with these labels says.
    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    fn all(&self) -> BTreeSet<&str> {
        self.labels.values().map(String::as_str).chain([self.label.as_str()]).collect()
    }
}

/// Whether a named label says anything: a flag that is false is as good as none.
pub(crate) fn is_given(label: &str) -> bool {
    !matches!(label, "" | "false" | NONE)
}

/// Each name with the label that was expected and the one that was given.
pub(crate) fn pairs<'a>(
    expected: &'a BTreeMap<String, String>,
    given: &'a BTreeMap<String, String>,
) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> {
    let names: BTreeSet<&String> = expected.keys().chain(given.keys()).collect();
    names.into_iter().map(move |name| {
        let of =
            |labels: &'a BTreeMap<String, String>| labels.get(name).map_or(NONE, String::as_str);
        (name.as_str(), of(expected), of(given))
    })
}

/// Whether the label is the expected one.
pub(super) fn label(case: &Case<'_>) -> Option<Score> {
    let expected = case.sample.label.as_deref()?;
    let actual = given_label(expected, case.reply);
    Some(Score { value: f64::from(u8::from(actual == expected)), why: Some(actual) })
}

/// Whether the expected label is among those that were given.
pub(super) fn among(case: &Case<'_>) -> Option<Score> {
    compared(case, |expected, given| given.all().contains(expected.label.as_str()))
}

/// Whether every label is the expected one.
pub(super) fn all(case: &Case<'_>) -> Option<Score> {
    compared(case, |expected, given| expected == given)
}

/// Whether the labels are the expected ones, whatever they are the labels of.
pub(super) fn in_any_order(case: &Case<'_>) -> Option<Score> {
    compared(case, |expected, given| expected.all() == given.all())
}

/// Whether any label is an expected one.
pub(super) fn any(case: &Case<'_>) -> Option<Score> {
    compared(case, |expected, given| !expected.all().is_disjoint(&given.all()))
}

fn compared(case: &Case<'_>, is_right: impl Fn(&Labels, &Labels) -> bool) -> Option<Score> {
    let label = case.sample.label.clone()?;
    let mut labels = case.sample.labels.clone();
    labels.retain(|_, label| is_given(label));
    let (expected, given) = (Labels { label, labels }, Labels::of(case.reply));
    Some(Score::all_or_nothing(is_right(&expected, &given), || given.to_text()))
}

/// The label that was given: the words of the reply. Where the label is a yes or no to being stopped
/// and the reply is neither word, it is whether the question was turned away.
fn given_label(expected: &str, reply: &Reply) -> String {
    let said = Labels::of(reply).label;
    let is_flag = |text: &str| matches!(text, "true" | "false");
    if !is_flag(expected) || is_flag(&said) {
        return said;
    }
    let turned_away = matches!(
        reply.status,
        Some(AnswerStatus::Abstained | AnswerStatus::Signposted | AnswerStatus::Clarify)
    );
    (turned_away || reply.stop.as_deref() == Some("content_filter")).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Given, value};
    use super::*;
    use crate::scorer::Scorer;

    #[test]
    fn labels_are_the_words_or_whether_it_was_turned_away() {
        let stopped = Some("content_filter");
        let cases = [
            ("genuine_rag", " genuine_rag\n", None, None, 1.0),
            ("genuine_rag", "greetings", None, None, 0.0),
            ("true", "true", None, None, 1.0),
            ("false", "true", None, None, 0.0),
            (
                "true",
                "{\"label\": \"true\", \"labels\": {\"political\": \"true\"}}",
                None,
                None,
                1.0,
            ),
            ("true", "I cannot help with that.", Some(AnswerStatus::Signposted), None, 1.0),
            ("true", "Of course!", Some(AnswerStatus::Answered), None, 0.0),
            ("true", "", None, stopped, 1.0),
            ("false", "", None, stopped, 0.0),
        ];
        for (expected, said, status, stop, wanted) in cases {
            let mut given = Given::default();
            given.sample.label = Some(expected.to_owned());
            given.reply = Reply {
                text: said.to_owned(),
                status,
                stop: stop.map(str::to_owned),
                ..Reply::default()
            };
            assert_eq!(value(Scorer::Label, &given), Some(wanted), "{expected} {said}");
        }
    }

    #[test]
    fn topics_are_compared_as_gds_does() {
        let scorers = [
            Scorer::Label,
            Scorer::LabelAmong,
            Scorer::Labels,
            Scorer::LabelsAnyOrder,
            Scorer::AnyLabel,
        ];
        // Expected, given, and by hand: primary with primary, primary with either, both, both in any
        // order, any.
        let cases = [
            (("tax", "work"), ("tax", "work"), [1, 1, 1, 1, 1]),
            (("tax", "work"), ("work", "tax"), [0, 1, 0, 1, 1]),
            (("tax", "work"), ("tax", ""), [1, 1, 0, 0, 1]),
            (("tax", ""), ("tax", "work"), [1, 1, 0, 0, 1]),
            (("tax", ""), ("work", "tax"), [0, 1, 0, 0, 1]),
            (("tax", "work"), ("work", "law"), [0, 0, 0, 0, 1]),
            (("tax", ""), ("law", ""), [0, 0, 0, 0, 0]),
        ];
        let labels = |(label, secondary): (&str, &str)| Labels {
            label: label.to_owned(),
            labels: [("secondary".to_owned(), secondary.to_owned())].into(),
        };
        for (expected, actual, wanted) in cases {
            let mut given = Given::default();
            let Labels { label, labels: others } = labels(expected);
            (given.sample.label, given.sample.labels) = (Some(label), others);
            given.reply.text = labels(actual).to_text();
            let found = scorers.map(|scorer| value(scorer, &given));
            assert_eq!(
                found,
                wanted.map(|value| Some(f64::from(value))),
                "{expected:?} {actual:?}"
            );
        }
    }
}
