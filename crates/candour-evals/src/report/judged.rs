//! What a model judged in a run: each rate with what people's labels make of it, never what the judge says
//! alone unless that was asked for, how far it agrees with people, and what it took.

use serde_json::Value;

use super::RunReport;
use super::attacks;
use super::document::{Block, Section, Table, Text};
use super::parts::{figure, span, table};
use super::words::Words;

/// One judged measure, as it stands in a result.
struct Measure<'a>(&'a Value);

impl Measure<'_> {
    fn number(&self, at: &str) -> Option<f64> {
        self.0.pointer(at).and_then(Value::as_f64)
    }

    fn count(&self, at: &str) -> u64 {
        self.0.pointer(at).and_then(Value::as_u64).unwrap_or_default()
    }

    fn text(&self, at: &str) -> Option<&str> {
        self.0.pointer(at).and_then(Value::as_str)
    }

    /// Where the figure stands: what people's labels make of the judge, else what it says alone, which
    /// `without_bare_rates` leaves only where that was asked for by name.
    fn headline(&self) -> Option<&'static str> {
        ["/corrected/headline", "/corrected/uncorrected"]
            .into_iter()
            .find(|at| self.0.pointer(at).is_some_and(Value::is_object))
    }

    /// What the figure is.
    fn kind(&self) -> &'static str {
        match self.text("/corrected/status") {
            None => "unknown",
            Some("corrected" | "rarely-differ") => "judged_corrected",
            Some("uncorrected") if self.headline().is_some() => "judged_bare",
            Some("uncorrected") => "judged_kept_back",
            Some(_) => "judged_people",
        }
    }

    fn failed(&self) -> u64 {
        let failures = self.0.get("failures").and_then(Value::as_object);
        failures.into_iter().flat_map(|kinds| kinds.values()).filter_map(Value::as_u64).sum()
    }

    /// How far the judge agrees with people.
    fn agreement(&self, words: &Words) -> Text {
        let kappa = self.number("/corrected/judge/agreement/kappa");
        let kappa = kappa.map(|kappa| format!("kappa {kappa:.3}"));
        let end = |name: &str| self.number(&format!("/corrected/alpha/{name}"));
        let alpha = end("value").map(|alpha| match (end("low"), end("high")) {
            (Some(low), Some(high)) => {
                format!("alpha {alpha:.3} ({})", span(words, low, high).words())
            }
            _ => format!("alpha {alpha:.3}"),
        });
        let known: Vec<String> = kappa.into_iter().chain(alpha).collect();
        if known.is_empty() { words.say("unknown").into() } else { known.join(", ").into() }
    }
}

impl RunReport {
    /// Takes out what a judge says alone, in which nobody knows how far it is off. A run that was told to
    /// print it has it in its figures and in its log.
    pub(super) fn without_bare_rates(mut self) -> Self {
        let measures = self.outcome.as_mut().and_then(|outcome| {
            outcome.result.pointer_mut("/judge/measures").and_then(Value::as_object_mut)
        });
        for corrected in
            measures.into_iter().flatten().filter_map(|(_, one)| one.get_mut("corrected"))
        {
            take_bare(corrected);
        }
        if let Some(outcome) = &mut self.outcome {
            attacks::take_bare(&mut outcome.result);
        }
        let is_ours = self.header.as_ref().is_some_and(|header| header.eval.is_ours());
        let results = self.header.as_mut().and_then(|header| header.results.as_mut());
        let scores = results.map(|results| results.scores.iter_mut()).into_iter().flatten();
        // The keys of a table are scores of their own, which results know by the key alone.
        let is_withheld = |name: &str, scorer: &str| {
            let key = format!("{scorer}/{name}");
            self.withheld.contains(name) || self.withheld.contains(&key)
        };
        for score in scores.filter(|score| is_withheld(&score.name, &score.scorer)) {
            score.metrics.retain(|name, _| is_ours && name != "uncorrected");
            score.metadata.as_mut().and_then(|about| about.get_mut("corrected")).map(take_bare);
        }
        self
    }

    /// What a model judged, where one did.
    pub(super) fn judged(&self, words: &Words) -> Option<Section> {
        let judge = self.outcome.as_ref()?.result.get("judge")?;
        let measures = judge.get("measures")?.as_object().filter(|all| !all.is_empty())?;
        let mut section = Section::new(words.say("judged"));
        let model = judge.pointer("/model/model").and_then(Value::as_str).unwrap_or_default();
        section.say(Text::theirs(words.with("judged_by", &[("model", &model)])));
        let currency = judge.pointer("/prices/currency").and_then(Value::as_str);
        let columns = [
            "score",
            "rate",
            "interval",
            "rate_of",
            "what",
            "judged",
            "judge_failed",
            "agreement",
            "tokens",
            "cost",
        ];
        let mut rows = table(words, words.say("table_judged"), &columns);
        let mut refused = Vec::new();
        for (name, measure) in measures {
            let measure = Measure(measure);
            row(words, name, &measure, currency, &mut rows);
            let why = measure.text("/refused");
            refused.extend(why.map(|why| Text::theirs(format!("{name}: {why}"))));
        }
        section.table(rows);
        if !refused.is_empty() {
            section.blocks.push(Block::List(refused));
        }
        Some(section)
    }
}

fn take_bare(corrected: &mut Value) {
    if let Some(corrected) = corrected.as_object_mut() {
        corrected.remove("uncorrected");
    }
}

fn row(words: &Words, name: &str, measure: &Measure<'_>, currency: Option<&str>, rows: &mut Table) {
    let unknown = || Text::Own(words.say("unknown"));
    let end = |end: &str| measure.number(&format!("{}/{end}", measure.headline()?));
    let rate_of = match measure.text("/rate") {
        Some(rate @ ("passes" | "succeeds")) => {
            let passes_at = measure.number("/passes_at").unwrap_or_default();
            words.with(&format!("judged_{rate}"), &[("from", &passes_at)])
        }
        _ => words.say("judged_mean"),
    };
    let cost = measure.number("/spent/money");
    let cost = cost.map(|cost| format!("{cost:.4} {}", currency.unwrap_or_default()));
    rows.row([
        Text::theirs(name),
        end("value").map_or_else(unknown, figure),
        end("low").zip(end("high")).map_or_else(unknown, |(low, high)| span(words, low, high)),
        rate_of.into(),
        words.say(measure.kind()).into(),
        measure.count("/judged").into(),
        measure.failed().into(),
        measure.agreement(words),
        (measure.count("/spent/input_tokens") + measure.count("/spent/output_tokens")).into(),
        cost.map_or_else(unknown, Text::theirs),
    ]);
}
