//! The report of runs: what was measured, how well it did and how sure that is, where it did worst, what it
//! took, and what was not measured.

use candour_core::Locale;
use serde_json::Value;

use super::RunReport;
use super::attacks::Attacks;
use super::cases::{case, name};
use super::document::{Block, Document, Section, Text};
use super::figures::{figures, flat, without_figures};
use super::gather::plain;
use super::many;
use super::parts::{frame, percent, table};
use super::times::add_times;
use super::words::{Words, words};
use crate::evidence::never_scored;
use crate::inspect_log::Status;
use crate::runner::Writers;
use crate::statistics::Confidence;

/// How many of a hundred intervals that are kept with a result hold the true value.
const KEPT: &str = "95";
/// Models whose tokens are shown.
const MODELS: usize = 40;

impl RunReport {
    /// The report of one run or several.
    pub fn document(runs: &[Self], language: &Locale, confidence: Confidence) -> Document {
        let words = words(language);
        let percent = percent(confidence);
        // Where nothing is worked out here, all intervals are those that were kept.
        let said = if runs.iter().any(|run| run.header.is_some()) { &percent } else { KEPT };
        let keeps = said != KEPT && runs.iter().any(|run| run.outcome.is_some());
        let opening = [
            Some(words.with("opening", &[("percent", &said)])),
            keeps.then(|| words.say("kept_figures")),
            Some(words.say("cut_notice")),
        ];
        let opening = opening.into_iter().flatten();
        let opening = opening.map(|words| Block::Paragraph(words.into())).collect();
        let title = match runs {
            [one] => words.with("title_one", &[("name", &one.title)]),
            runs => words.with("title_many", &[("count", &runs.len())]),
        };
        let sections = match runs {
            [one] => many::of_one(words, one, &percent),
            runs => many::sections(words, runs, &percent),
        };
        frame(words, title, opening, sections)
    }

    pub(super) fn sections(&self, words: &Words, percent: &str) -> Vec<Section> {
        let mut sections = vec![self.about(words)];
        let attacks = self.attacks();
        if let Some(attacks) = &attacks {
            sections.extend(attacks.sections(words));
        } else if !self.figures.is_empty() {
            sections.push(figures(words, &self.figures));
        }
        if self.header.is_some() {
            sections.push(self.scored(words, percent));
            sections.extend(self.labels(words));
            sections.extend(self.by_tag(words));
            sections.extend(self.by_cluster(words));
            sections.push(self.lowest(words));
            sections.push(self.without_answer(words));
            sections.push(self.took(words));
            sections.push(self.limited(words));
        }
        if attacks.is_none() {
            sections.extend(self.other_results(words));
        }
        sections.push(self.not_measured(words));
        sections
    }

    /// What came of attacks, where that is what was measured.
    fn attacks(&self) -> Option<Attacks> {
        self.outcome.as_ref().filter(|_| self.header.is_none()).and_then(Attacks::of)
    }

    pub(super) fn about(&self, words: &Words) -> Section {
        let mut facts: Vec<(String, Text)> = Vec::new();
        let mut fact =
            |name: &str, text: Option<Text>| facts.extend(text.map(|text| (words.say(name), text)));
        if let Some(header) = &self.header {
            let eval = &header.eval;
            fact("fact_suite", Some(Text::theirs(&eval.task)));
            fact("fact_target", Some(Text::theirs(eval.asked_of())));
            fact("fact_when", Some(Text::theirs(&eval.created)));
            fact("fact_status", Some(status(words, header.status).into()));
            let (questions, samples) = (self.questions, self.samples);
            let counts = words.with("counts", &[("questions", &questions), ("samples", &samples)]);
            fact("fact_counts", Some(counts.into()));
            let failed = words.with("of_total", &[("part", &self.failed), ("whole", &samples)]);
            fact("fact_failed", Some(failed.into()));
            fact("fact_writer", self.writer(words));
            fact("fact_epochs", eval.config.epochs.map(Text::from));
            for (key, name) in
                [("shard", "fact_shard"), ("seed", "fact_seed"), ("asked_at", "fact_asked_at")]
            {
                let value = eval.metadata.get(key).filter(|value| !value.is_null());
                fact(name, value.map(|value| Text::theirs(plain(value))));
            }
            let software: Vec<String> =
                eval.packages.iter().map(|(name, version)| format!("{name} {version}")).collect();
            fact(
                "fact_program",
                Some(software.join(", ")).filter(|all| !all.is_empty()).map(Text::theirs),
            );
            let suite = eval.metadata.get("suite_hash").and_then(Value::as_str);
            fact("fact_suite_hash", suite.map(|hash| Text::Name(hash.to_owned())));
        }
        if let Some(outcome) = &self.outcome {
            if self.header.is_none() {
                fact("fact_when", Some(outcome.made_at.to_string().into()));
                fact("fact_program", Some(format!("candour {}", outcome.program).into()));
                let suite = outcome.suite.as_ref().map(ToString::to_string);
                fact("fact_suite_hash", suite.map(Text::Name));
            }
            fact(
                "fact_configuration",
                outcome.configuration.as_ref().map(|hash| Text::Name(hash.to_string())),
            );
            fact("fact_snapshot", outcome.snapshot.clone().map(Text::Name));
        }
        fact("fact_log_hash", self.log_hash.as_ref().map(|hash| Text::Name(hash.to_string())));
        fact("fact_evidence", self.evidence.as_ref().map(|hash| Text::Name(hash.to_string())));
        fact("fact_file", Some(Text::theirs(&self.name)));
        Section { blocks: vec![Block::Facts(facts)], ..Section::new(words.say("about")) }
    }

    /// What became of asking a model to write the answers, where one was asked.
    fn writer(&self, words: &Words) -> Option<Text> {
        let writer = self.outcome.as_ref()?.result.get("writer")?;
        let writer: Writers = serde_json::from_value(writer.clone()).ok()?;
        let Writers { asked, wrote, unused, .. } = &writer;
        let (failed, reasons) = (writer.failures(), writer.reasons());
        let reasons = if failed > 0 { format!(" ({reasons})") } else { reasons };
        Some(Text::theirs(words.with(
            "writer",
            &[
                ("asked", asked),
                ("wrote", wrote),
                ("unused", unused),
                ("failed", &failed),
                ("reasons", &reasons),
            ],
        )))
    }

    fn lowest(&self, words: &Words) -> Section {
        let mut section = Section::new(words.say("lowest"));
        if self.lowest.is_empty() {
            section.say(words.say("lowest_none"));
            return section;
        }
        let (shown, all) = (self.lowest.len(), self.below);
        section.say(words.with("lowest_count", &[("shown", &shown), ("all", &all)]));
        section.sections.extend(self.lowest.iter().map(|one| case(words, one)));
        section
    }

    fn without_answer(&self, words: &Words) -> Section {
        let mut section = Section::new(words.say("errors"));
        if self.failed == 0 {
            section.say(words.say("errors_none"));
            return section;
        }
        let (failed, samples) = (self.failed, self.samples);
        section.say(words.with("errors_count", &[("failed", &failed), ("samples", &samples)]));
        let mut kinds = table(words, words.say("table_errors"), &["kind", "count"]);
        for (kind, count) in &self.errors {
            kinds.row([Text::theirs(kind), (*count).into()]);
        }
        section.table(kinds);
        let shown = self.named_errors.len();
        let caption = words.with("table_named_errors", &[("shown", &shown)]);
        let mut named = table(words, caption, &["sample", "why"]);
        for case in &self.named_errors {
            let why = case.error.clone().unwrap_or_default();
            named.row([Text::theirs(name(words, case)), Text::theirs(why)]);
        }
        section.table(named);
        section
    }

    fn took(&self, words: &Words) -> Section {
        let mut section = Section::new(words.say("times"));
        match &self.times {
            Some(times) => add_times(words, times, &mut section),
            None => section.say(words.say("times_none")),
        }
        if self.tokens.is_empty() {
            section.say(words.say("tokens_none"));
        }
        let mut tokens =
            table(words, words.say("table_tokens"), &["model", "read", "written", "cost"]);
        for (model, used) in self.tokens.iter().take(MODELS) {
            let cost = used.cost.map_or_else(|| words.say("unknown"), |cost| format!("{cost:.4}"));
            tokens.row([
                Text::theirs(model),
                used.input.into(),
                used.output.into(),
                Text::Number(cost),
            ]);
        }
        section.table(tokens);
        if self.tokens.len() > MODELS {
            let all = self.tokens.len();
            section.say(words.with("more_models", &[("all", &all), ("shown", &MODELS)]));
        }
        if let (Some(money), Some(currency)) = (self.spent("money"), self.spent("currency")) {
            section.say(words.with("cost_total", &[("money", &money), ("currency", &currency)]));
        }
        section
    }

    /// What our own runs say of what they took.
    fn spent(&self, key: &str) -> Option<String> {
        self.outcome.as_ref()?.result.get("spent")?.get(key).map(plain)
    }

    /// How a run of ours ended, where that was not at its end.
    fn early_end(&self) -> Option<&str> {
        let ending = self.outcome.as_ref()?.result.get("ending")?.as_str()?;
        (ending != "complete").then_some(ending)
    }

    fn limited(&self, words: &Words) -> Section {
        let mut section = Section::new(words.say("limits"));
        if let Some(ending) = self.early_end() {
            section.say(words.with("limits_run", &[("ending", &ending)]));
        }
        for (kind, count) in &self.limits {
            section.say(Text::theirs(
                words.with("limits_samples", &[("count", count), ("kind", kind)]),
            ));
        }
        if section.blocks.is_empty() {
            section.say(words.say("limits_none"));
        }
        section
    }

    /// What a measurement of several runs left beside its figures.
    fn other_results(&self, words: &Words) -> Option<Section> {
        let result = &self.outcome.as_ref()?.result;
        if self.header.is_some() {
            return None;
        }
        let facts = flat(&without_figures(result));
        let blocks = vec![Block::Facts(facts)];
        Some(Section { blocks, ..Section::new(words.say("other_results")) })
    }

    fn not_measured(&self, words: &Words) -> Section {
        let mut list: Vec<Text> = Vec::new();
        if let Some(header) = &self.header {
            if self.is_unfinished || header.status != Status::Success || self.early_end().is_some()
            {
                list.push(words.say("not_complete").into());
            }
            if let Some(shard) = header.eval.metadata.get("shard").and_then(Value::as_str) {
                list.push(Text::theirs(words.with("not_whole", &[("shard", &shard)])));
            }
            if self.failed > 0 {
                list.push(words.with("not_failed", &[("failed", &self.failed)]).into());
            }
            list.extend(self.not_scored(words));
            let result = self.outcome.as_ref().map(|outcome| &outcome.result);
            let unseen = result.map(never_scored).unwrap_or_default();
            if !unseen.is_empty() {
                list.push(words.with("not_looked", &[("names", &unseen.join(", "))]).into());
            }
            if self.samples == self.questions {
                list.push(words.say("not_repeated").into());
            }
            if self.all_clusters == 0 {
                list.push(words.say("not_clustered").into());
            }
            if self.tokens.values().all(|tokens| tokens.cost.is_none())
                && self.spent("money").is_none()
            {
                list.push(words.say("not_priced").into());
            }
            list.push(words.say("not_people").into());
        }
        list.extend(self.attacks().iter().flat_map(Attacks::not_tested));
        list.push(words.say("not_asked").into());
        Section { blocks: vec![Block::List(list)], ..Section::new(words.say("not_measured")) }
    }
}

fn status(words: &Words, status: Status) -> String {
    words.say(match status {
        Status::Success => "status_success",
        Status::Started => "status_started",
        Status::Cancelled => "status_cancelled",
        Status::Error => "status_error",
    })
}
