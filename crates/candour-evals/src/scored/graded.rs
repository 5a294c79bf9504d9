//! Which scores of somebody else's log a model judged, as far as the log tells.
//!
//! Our own logs say it of each score. Inspect's do not, and what a model says alone is off by nobody knows how
//! much: where a log leaves it open, a score is taken for a model's unless rules are known to give it.

use std::collections::{BTreeMap, BTreeSet};

use candour_core::ContentHash;
use serde_json::{Map, Value, json};

use crate::inspect_log::{Header, Sample};

/// How the names of Inspect's scorers begin that ask a model.
const MODEL_GRADED: &str = "model_graded";

/// Inspect's scorers that are rules.
pub(super) const RULES: [&str; 10] = [
    "answer",
    "choice",
    "exact",
    "f1",
    "includes",
    "match",
    "math",
    "pattern",
    "perplexity",
    "target_perplexity",
];

/// Words in the name of an option or of a role that name who judges.
const JUDGES: [&str; 3] = ["grader", "judge", "model"];

/// The key of a score's metadata under which Inspect keeps what it asked a model, and the reply.
const GRADING: &str = "grading";

/// What the samples of a log say of who judged.
#[derive(Debug, Default)]
pub(super) struct Graded {
    /// Scores that carry what a model was asked.
    asked: BTreeSet<String>,
    /// Models that were used, and whether one was used as a judge.
    models: BTreeSet<String>,
    has_judge: bool,
}

impl Graded {
    /// One more sample.
    pub(super) fn add(&mut self, sample: &Sample) {
        for (name, score) in &sample.scores {
            let about = score.metadata.as_ref();
            if about.is_some_and(|about| about.contains_key(GRADING)) && !self.asked.contains(name)
            {
                self.asked.insert(name.clone());
            }
        }
        let new = |model: &&String| !self.models.contains(*model);
        let new: Vec<String> = sample.model_usage.keys().filter(new).cloned().collect();
        self.models.extend(new);
        self.has_judge |= sample.role_usage.keys().any(|role| names_a_judge(role));
    }

    /// Those of the scores of a log that a model judged, or may have, with a hash of what is known of the
    /// judge.
    pub(super) fn of<'a>(
        mut self,
        header: &Header,
        names: impl Iterator<Item = &'a str>,
    ) -> BTreeMap<String, String> {
        let eval = &header.eval;
        self.models.extend(header.stats.model_usage.keys().cloned());
        self.models.remove(&eval.model);
        self.has_judge |= eval.model_roles.keys().any(|role| names_a_judge(role));
        let is_open = self.has_judge || !self.models.is_empty();
        let told = told(header);
        let judge = |name: &str| {
            let score = name.split('/').next().unwrap_or(name);
            let (scorer, options) = known(score, &told);
            let is_judged = scorer.starts_with(MODEL_GRADED)
                || self.asked.contains(score)
                || options.is_some_and(|options| options.iter().any(names_a_model))
                || is_open && !RULES.contains(&scorer);
            is_judged.then(|| self.hash(header, scorer, options))
        };
        names.filter_map(|name| Some((name.to_owned(), judge(name)?))).collect()
    }

    /// What is known of a judge. Where no other model is named, it is the one that answered.
    fn hash(&self, header: &Header, scorer: &str, options: Option<&Map<String, Value>>) -> String {
        let own = Some(&header.eval.model).filter(|_| self.models.is_empty());
        let options: BTreeMap<&String, &Value> =
            options.into_iter().flatten().map(|(key, value)| (key, model_of(value))).collect();
        let roles: BTreeMap<&String, &Value> =
            header.eval.model_roles.iter().map(|(key, value)| (key, model_of(value))).collect();
        let known = json!([scorer, options, roles, self.models, own]);
        ContentHash::of(known.to_string().as_bytes()).to_string()
    }
}

/// What each scorer was told, by its name without its package: before the run, and beside its results.
fn told(header: &Header) -> BTreeMap<&str, Map<String, Value>> {
    let results = header.results.iter().flat_map(|results| &results.scores);
    let results = results.map(|score| (&score.scorer, &score.params));
    let scorers = header.eval.scorers.iter().map(|scorer| (&scorer.name, &scorer.options));
    let mut told: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for (name, options) in results.chain(scorers) {
        let short = name.rsplit('/').next().unwrap_or(name);
        told.entry(short).or_default().extend(options.clone());
    }
    told
}

/// The scorer of a score and what it was told. A second scorer of one name has a number behind it.
fn known<'a>(
    name: &'a str,
    told: &'a BTreeMap<&str, Map<String, Value>>,
) -> (&'a str, Option<&'a Map<String, Value>>) {
    let first = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_known = |name: &str| told.contains_key(name) || RULES.contains(&name);
    let scorer = if !is_known(name) && is_known(first) { first } else { name };
    (scorer, told.get(scorer))
}

fn names_a_judge(role: &str) -> bool {
    JUDGES.iter().any(|word| role.to_lowercase().contains(word))
}

/// Whether an option of a scorer names a model, or a scorer that asks one.
fn names_a_model((key, value): (&String, &Value)) -> bool {
    !value.is_null() && (names_a_judge(key) || asks_a_model(value))
}

fn asks_a_model(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(MODEL_GRADED),
        Value::Array(values) => values.iter().any(asks_a_model),
        Value::Object(table) => table.values().any(asks_a_model),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A model by its name, without what it was told; anything else as it is.
fn model_of(value: &Value) -> &Value {
    value.get("model").filter(|model| model.is_string()).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect_log::{ScorerResults, ScorerSpec, Spec, Usage};

    fn header(name: &str, options: &Value) -> Header {
        let options = options.as_object().cloned().unwrap_or_default();
        let scorers = vec![ScorerSpec { name: name.to_owned(), options }];
        let model = "mockllm/model".to_owned();
        Header::started(Spec { scorers, model, ..Spec::default() })
    }

    fn judged(header: &Header, samples: &[Sample], names: &[&str]) -> Vec<String> {
        let mut graded = Graded::default();
        for sample in samples {
            graded.add(sample);
        }
        graded.of(header, names.iter().copied()).into_keys().collect()
    }

    #[test]
    fn a_scorer_is_told_by_its_name_and_by_what_it_was_told() {
        let nested = json!({"first": {"type": "scorer", "name": "inspect_ai/model_graded_qa"}});
        for (name, options, score, expected) in [
            ("model_graded_qa", json!({}), "model_graded_qa", true),
            ("inspect_ai/model_graded_fact", json!({}), "model_graded_fact1", true),
            ("ours/tone", json!({"model": "mockllm/judge"}), "tone", true),
            ("ours/tone", json!({"model": {"model": "mockllm/judge"}}), "tone/warm", true),
            ("ours/tone", json!({"grader_model": "mockllm/judge"}), "tone2", true),
            ("tone", json!({"judge": "mockllm/judge"}), "tone", true),
            ("match", json!({"grader": "mockllm/judge"}), "match", true),
            ("cascade", nested, "cascade", true),
            ("tone", json!({"model": null, "scale": 5}), "tone", false),
            ("match", json!({"location": "end"}), "match1", false),
        ] {
            let found = judged(&header(name, &options), &[], &[score, "f1"]);
            let expected: Vec<String> = expected.then(|| score.to_owned()).into_iter().collect();
            assert_eq!(found, expected, "{name} {score}");
        }
    }

    /// Early logs list no scorers, and say beside the results what they were told.
    #[test]
    fn early_logs_say_it_beside_the_results() {
        let params = json!({"model": "mockllm/judge"}).as_object().unwrap().clone();
        let score = ScorerResults { scorer: "tone".into(), params, ..ScorerResults::default() };
        let mut header = header("match", &json!({}));
        header.eval.scorers.clear();
        header.results.get_or_insert_default().scores.push(score);
        assert_eq!(judged(&header, &[], &["tone", "match"]), ["tone"]);
    }

    /// Where a judge was there and nobody says which score is its, all are that are not known to be rules.
    #[test]
    fn a_second_model_leaves_open_who_judged() {
        let names = ["answer", "choice", "exact", "f1", "includes", "match", "pattern", "tone"];
        let plain = header("tone", &json!({}));
        let using = |model: &str| {
            let mut sample = Sample::new("a", 1, "a", "");
            sample.model_usage.insert(model.into(), Usage::default());
            sample
        };
        assert_eq!(judged(&plain, &[using("mockllm/model")], &names), [""; 0]);
        assert_eq!(judged(&plain, &[using("mockllm/judge")], &names), ["tone"]);
        let mut as_judge = using("mockllm/model");
        as_judge.role_usage.insert("grader".into(), Usage::default());
        assert_eq!(judged(&plain, &[as_judge], &names), ["tone"]);
        let mut counted = plain.clone();
        counted.stats.model_usage.insert("mockllm/judge".into(), Usage::default());
        assert_eq!(judged(&counted, &[], &names), ["tone"]);
        let mut cast = plain.clone();
        cast.eval.model_roles.insert("grader".into(), json!({"model": "mockllm/judge"}));
        assert_eq!(judged(&cast, &[], &names), ["tone"]);
        let mut asked = using("mockllm/model");
        let about = json!({"grading": []}).as_object().cloned();
        asked.scores.insert(
            "tone".into(),
            crate::inspect_log::Score { metadata: about, ..crate::inspect_log::Score::new("C") },
        );
        assert_eq!(judged(&plain, &[asked], &names), ["tone"]);
    }

    /// A judge is another where its model or its prompt is, and not for how its model was set up.
    #[test]
    fn judges_are_told_apart() {
        let hash = |options: Value, model: &str| {
            let mut header = header("tone", &options);
            header.eval.model = model.to_owned();
            let mut graded = Graded::default();
            graded.models.insert("mockllm/judge".into());
            graded.of(&header, ["tone"].into_iter()).remove("tone").unwrap()
        };
        let model = |id: u8| json!({"model": {"model": "mockllm/judge", "model_args": {"id": id}}});
        assert_eq!(hash(model(1), "a"), hash(model(2), "b"));
        assert_ne!(hash(model(1), "a"), hash(json!({"model": "mockllm/other"}), "a"));
        assert_ne!(hash(json!({"template": "x"}), "a"), hash(json!({"template": "y"}), "a"));
    }
}
