//! The report of runs: what was measured, how well it did and how sure that is, where it did worst, what it
//! took, and what was not measured.

use candour_core::Locale;
use serde_json::Value;

use super::chart::{Chart, Drawing};
use super::document::{Block, Document, Section, Table, Text};
use super::gather::{Case, plain};
use super::words::{Words, words};
use super::{Group, Part, RunReport, ScoreReport, Times};
use crate::evidence::Figure;
use crate::inspect_log::Status;
use crate::statistics::{Confidence, Interval};

/// Facts that are shown of what a score or a result says of itself.
const FACTS: usize = 40;

impl RunReport {
    /// The report of one run or several.
    pub fn document(runs: &[Self], language: &Locale, confidence: Confidence) -> Document {
        let words = words(language);
        let percent = percent(confidence);
        let opening = vec![
            Block::Paragraph(words.with("opening", &[("percent", &percent)]).into()),
            Block::Paragraph(words.say("cut_notice").into()),
        ];
        let title = match runs {
            [one] => words.with("title_one", &[("name", &one.title)]),
            runs => words.with("title_many", &[("count", &runs.len())]),
        };
        let sections = match runs {
            [one] => one.sections(words, &percent),
            runs => runs
                .iter()
                .map(|run| Section {
                    title: run.title.as_str().into(),
                    blocks: Vec::new(),
                    sections: run.sections(words, &percent),
                })
                .collect(),
        };
        frame(words, title, opening, sections)
    }

    fn sections(&self, words: &Words, percent: &str) -> Vec<Section> {
        let mut sections = vec![self.about(words)];
        if !self.figures.is_empty() {
            sections.push(figures(words, &self.figures));
        }
        if self.header.is_some() {
            sections.push(self.scored(words, percent));
            sections.extend(self.by_tag(words));
            sections.extend(self.by_cluster(words));
            sections.push(self.lowest(words));
            sections.push(self.without_answer(words));
            sections.push(self.took(words));
            sections.push(self.limited(words));
        }
        sections.extend(self.other_results(words));
        sections.push(self.not_measured(words));
        sections
    }

    fn about(&self, words: &Words) -> Section {
        let mut facts: Vec<(String, Text)> = Vec::new();
        let mut fact =
            |name: &str, text: Option<Text>| facts.extend(text.map(|text| (words.say(name), text)));
        if let Some(header) = &self.header {
            let eval = &header.eval;
            fact("fact_suite", Some(Text::theirs(&eval.task)));
            fact("fact_target", Some(Text::theirs(&eval.model)));
            fact("fact_when", Some(Text::theirs(&eval.created)));
            fact("fact_status", Some(status(words, header.status).into()));
            let (questions, samples) = (self.questions, self.samples);
            let counts = words.with("counts", &[("questions", &questions), ("samples", &samples)]);
            fact("fact_counts", Some(counts.into()));
            let failed = words.with("of_total", &[("part", &self.failed), ("whole", &samples)]);
            fact("fact_failed", Some(failed.into()));
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

    fn scored(&self, words: &Words, percent: &str) -> Section {
        let mut section = Section::new(words.say("scores"));
        if self.scores.is_empty() {
            section.say(words.say("no_scores"));
            return section;
        }
        let rates: Vec<_> = self.scores.iter().filter_map(|score| score.rate.as_ref()).collect();
        let rows = rates.iter().map(|rate| (rate.name.clone(), rate.estimate.interval));
        let rows: Vec<(String, Interval)> = rows.filter(|(_, rate)| is_share(rate)).collect();
        if !rows.is_empty() {
            section.blocks.push(Block::Chart(Chart {
                title: words.say("chart_scores"),
                description: words.with("chart_scores_description", &[("percent", &percent)]),
                drawing: Drawing::Intervals { rows, scale: [0.0, 1.0] },
            }));
        }
        section.table(self.score_table(words, percent));
        section.blocks.push(Block::List(self.notes(words)));
        section.sections.extend(meanings(words, &self.scores));
        for score in self.scores.iter().filter(|score| !score.beside.is_empty()) {
            let title = words.with("beside", &[("name", &score.name)]);
            let facts = Block::Facts(flat(&Value::Object(score.beside.clone())));
            section
                .sections
                .push(Section { blocks: vec![facts], ..Section::new(Text::theirs(title)) });
        }
        section
    }

    fn score_table(&self, words: &Words, percent: &str) -> Table {
        let caption = words.with("table_scores", &[("percent", &percent)]);
        let columns = ["score", "mean", "interval", "questions", "unscored", "clusters", "method"];
        let mut table = table(words, caption, &columns);
        for score in &self.scores {
            let unscored = score.unscored.into();
            let Some(rate) = &score.rate else {
                let none = || Text::Own(words.say("unknown"));
                table.row([
                    Text::theirs(&score.name),
                    none(),
                    none(),
                    0_usize.into(),
                    unscored,
                    none(),
                    none(),
                ]);
                continue;
            };
            let estimate = &rate.estimate;
            let clusters = estimate.clusters.map_or_else(|| Text::from("–"), Text::from);
            table.row([
                Text::theirs(&score.name),
                figure(estimate.interval.value),
                span(words, estimate.interval.low, estimate.interval.high),
                estimate.n.into(),
                unscored,
                clusters,
                estimate.method.name().into(),
            ]);
        }
        table
    }

    /// What has to be known to read the table of scores.
    fn notes(&self, words: &Words) -> Vec<Text> {
        let counted = if self.failures_count { "note_counted" } else { "note_left_out" };
        let mut notes = vec![words.say(counted).into()];
        for score in &self.scores {
            let name = &score.name;
            if let Some(why) = &score.unknown {
                let note = words.with("note_no_figure", &[("name", name), ("why", why)]);
                notes.push(Text::theirs(note));
            }
            let Some(rate) = &score.rate else { continue };
            if let Some(effect) = rate.design_effect.filter(|effect| *effect > 1.5) {
                let effect = format!("{effect:.1}");
                let note = words.with("note_design", &[("name", name), ("effect", &effect)]);
                notes.push(Text::theirs(note));
            }
            if let Some(enough) = rate.repeats_enough {
                let enough = format!("{enough:.0}");
                let note = words.with("note_repeats", &[("name", name), ("enough", &enough)]);
                notes.push(Text::theirs(note));
            }
        }
        notes
    }

    fn by_tag(&self, words: &Words) -> Option<Section> {
        if self.tags.is_empty() {
            return None;
        }
        let cell = |part: &Part| match part.interval {
            Some([low, high]) if low.is_finite() && high.is_finite() => {
                let [value, low, high] = [part.value, low, high].map(|end| format!("{end:.2}"));
                words.with(
                    "tag_cell",
                    &[("value", &value), ("low", &low), ("high", &high), ("n", &part.n)],
                )
            }
            _ => {
                let value = format!("{:.2}", part.value);
                words.with("cluster_cell", &[("value", &value), ("n", &part.n)])
            }
        };
        let mut section = Section::new(words.say("by_tag"));
        section.table(self.groups(words, "tag", words.say("table_tags"), &self.tags, &cell));
        if self.more_tags {
            section.say(words.say("more_tags"));
        }
        Some(section)
    }

    fn by_cluster(&self, words: &Words) -> Option<Section> {
        if self.clusters.is_empty() {
            return None;
        }
        let cell = |part: &Part| {
            let value = format!("{:.2}", part.value);
            words.with("cluster_cell", &[("value", &value), ("n", &part.n)])
        };
        let caption = words.with("table_clusters", &[("all", &self.all_clusters)]);
        let mut section = Section::new(words.say("by_cluster"));
        section.table(self.groups(words, "cluster", caption, &self.clusters, &cell));
        Some(section)
    }

    fn groups(
        &self,
        words: &Words,
        first: &str,
        caption: String,
        groups: &[Group],
        cell: &dyn Fn(&Part) -> String,
    ) -> Table {
        let mut table = table(words, caption, &[first, "questions"]);
        table.columns.extend(self.scores.iter().map(|score| score.name.clone()));
        for group in groups {
            let cells = group
                .scores
                .iter()
                .map(|part| part.as_ref().map_or_else(|| "–".to_owned(), cell).into());
            table.row([Text::theirs(&group.name), group.questions.into()].into_iter().chain(cells));
        }
        table
    }

    fn lowest(&self, words: &Words) -> Section {
        let mut section = Section::new(words.say("lowest"));
        if self.lowest.is_empty() {
            section.say(words.say("lowest_none"));
            return section;
        }
        let (shown, all) = (self.lowest.len(), self.below);
        section.say(words.with("lowest_count", &[("shown", &shown), ("all", &all)]));
        section.sections.extend(self.lowest.iter().map(|case| self::case(words, case)));
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
        for (model, used) in &self.tokens {
            let cost = used.cost.map_or_else(|| words.say("unknown"), |cost| format!("{cost:.4}"));
            tokens.row([
                Text::theirs(model),
                used.input.into(),
                used.output.into(),
                Text::Number(cost),
            ]);
        }
        section.table(tokens);
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
            for score in self.scores.iter().filter(|score| score.unscored > 0) {
                let (name, count) = (&score.name, score.unscored);
                list.push(Text::theirs(
                    words.with("not_scored", &[("name", name), ("count", &count)]),
                ));
            }
            let unseen = self.never_scored();
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
        list.push(words.say("not_asked").into());
        Section { blocks: vec![Block::List(list)], ..Section::new(words.say("not_measured")) }
    }

    /// Scorers of our own that were asked for and had nothing to look at.
    fn never_scored(&self) -> Vec<String> {
        let asked =
            self.outcome.as_ref().and_then(|outcome| outcome.result.get("scorers")?.as_array());
        let asked = asked.into_iter().flatten().filter_map(Value::as_str);
        let is_scored = |name: &str| self.scores.iter().any(|score| score.name == name);
        asked.filter(|name| !is_scored(name)).map(str::to_owned).collect()
    }
}

/// A document around sections, with what every report says.
pub(super) fn frame(
    words: &Words,
    title: String,
    opening: Vec<Block>,
    sections: Vec<Section>,
) -> Document {
    Document {
        language: words.language(),
        title,
        opening,
        sections,
        ending: words.with("made_by", &[("version", &env!("CARGO_PKG_VERSION"))]),
        skip: words.say("skip"),
    }
}

/// A table with columns by their names.
pub(super) fn table(words: &Words, caption: String, columns: &[&str]) -> Table {
    let columns = columns.iter().map(|column| words.say(&format!("column_{column}"))).collect();
    Table { caption, columns, rows: Vec::new() }
}

/// A figure as reports show it.
pub(super) fn figure(value: f64) -> Text {
    Text::Number(format!("{value:.3}"))
}

/// An interval as reports show it; one without ends is none.
pub(super) fn span(words: &Words, low: f64, high: f64) -> Text {
    if !low.is_finite() || !high.is_finite() {
        return Text::Own(words.say("unknown"));
    }
    let [low, high] = [low, high].map(|end| format!("{end:.3}"));
    Text::Number(words.with("from_to", &[("low", &low), ("high", &high)]))
}

/// How sure intervals are, in percent.
pub(super) fn percent(confidence: Confidence) -> String {
    // Rounded to where a person's choice of a level ends, so that 0.95 is not 94.99999.
    ((f64::from(confidence) * 1e6).round() / 1e4).to_string()
}

fn is_share(interval: &Interval) -> bool {
    [interval.value, interval.low, interval.high].iter().all(|end| (-0.2..=1.2).contains(end))
}

fn status(words: &Words, status: Status) -> String {
    words.say(match status {
        Status::Success => "status_success",
        Status::Started => "status_started",
        Status::Cancelled => "status_cancelled",
        Status::Error => "status_error",
    })
}

/// What our own scorers look at.
fn meanings(words: &Words, scores: &[ScoreReport]) -> Option<Section> {
    let meaning = |score: &ScoreReport| {
        let meaning = words.find(&format!("scorer_{}", score.name))?;
        Some((score.name.clone(), Text::Own(meaning.to_owned())))
    };
    let facts: Vec<(String, Text)> = scores.iter().filter_map(meaning).collect();
    let blocks = vec![Block::Facts(facts)];
    let has_any = matches!(&blocks[0], Block::Facts(facts) if !facts.is_empty());
    has_any.then(|| Section { blocks, ..Section::new(words.say("scorers")) })
}

/// The name of a sample, with the time that it was asked where it was asked again.
pub(super) fn name(words: &Words, case: &Case) -> String {
    if case.epoch == 1 {
        return case.id.clone();
    }
    words.with("epoch", &[("id", &case.id), ("epoch", &case.epoch)])
}

/// What was asked and what should have come back.
pub(super) fn asked(words: &Words, case: &Case) -> Vec<Block> {
    let mut blocks = Vec::new();
    if case.question.is_empty() {
        blocks.push(Block::Paragraph(words.say("question_unknown").into()));
    } else {
        let question = Text::Theirs(case.question.clone(), case.language.clone());
        blocks.push(Block::Said { label: words.say("question"), words: question });
    }
    if !case.expected.is_empty() {
        let expected = Text::Theirs(case.expected.join("\n"), case.language.clone());
        blocks.push(Block::Said { label: words.say("expected"), words: expected });
    }
    blocks
}

/// What was answered, under a label.
pub(super) fn answered(words: &Words, label: &str, case: &Case) -> Block {
    let said = match &case.error {
        Some(error) => format!("{}: {error}", words.say("no_answer")),
        None => case.answer.clone(),
    };
    Block::Said { label: words.say(label), words: Text::Theirs(said, case.language.clone()) }
}

fn case(words: &Words, case: &Case) -> Section {
    let id = name(words, case);
    let mut section = Section::new(Text::theirs(&id));
    section.blocks = asked(words, case);
    section.blocks.push(answered(words, "answer", case));
    let mut scores =
        table(words, words.with("table_case", &[("id", &id)]), &["score", "value", "why"]);
    for score in &case.scores {
        scores.row([
            Text::theirs(&score.name),
            Text::theirs(&score.value),
            Text::theirs(&score.why),
        ]);
    }
    section.table(scores);
    section
}

fn add_times(words: &Words, times: &Times, section: &mut Section) {
    let named = |bin: &super::Bin| format!("{} – {}", time(words, bin.from), time(words, bin.to));
    section.blocks.push(Block::Chart(Chart {
        title: words.say("chart_times"),
        description: words.say("chart_times_description"),
        drawing: Drawing::Bars(times.bins.iter().map(|bin| (named(bin), bin.count)).collect()),
    }));
    let mut bins = table(words, words.say("table_bins"), &["time", "answers"]);
    for bin in &times.bins {
        bins.row([named(bin).into(), bin.count.into()]);
    }
    section.table(bins);
    let caption = words.with("table_quantiles", &[("n", &times.n)]);
    let mut quantiles = table(words, caption, &["quantile", "no_longer"]);
    let rows = [
        ("quantile_least", times.least),
        ("quantile_median", times.median),
        ("quantile_p95", times.p95),
        ("quantile_p99", times.p99),
        ("quantile_most", times.most),
    ];
    for (name, seconds) in rows {
        quantiles.row([words.say(name).into(), Text::Number(time(words, seconds))]);
    }
    section.table(quantiles);
}

fn time(words: &Words, seconds: f64) -> String {
    let (name, value) =
        if seconds < 1.0 { ("milliseconds", seconds * 1000.0) } else { ("seconds", seconds) };
    let shown = if value < 10.0 { format!("{value:.1}") } else { format!("{value:.0}") };
    words.with(name, &[("n", &shown.trim_end_matches(".0"))])
}

/// Figures in tables: those that stand under the same keys together.
pub(super) fn figures(words: &Words, figures: &[Figure]) -> Section {
    let parent =
        |figure: &Figure| figure.name.rsplit_once('.').map_or("", |(parent, _)| parent).to_owned();
    let mut section = Section::new(words.say("figures"));
    for group in figures.chunk_by(|a, b| parent(a) == parent(b)) {
        let above = group.first().map(parent).unwrap_or_default();
        let caption = if above.is_empty() {
            words.say("table_figures_top")
        } else {
            words.with("table_figures", &[("name", &above)])
        };
        let own = |figure: &Figure| figure.name.rsplit('.').next().unwrap_or_default().to_owned();
        let known = group.iter().filter_map(|figure| {
            let interval = Interval { value: figure.value, low: figure.low?, high: figure.high? };
            is_share(&interval).then(|| (own(figure), interval))
        });
        let rows: Vec<(String, Interval)> = known.collect();
        if rows.len() > 1 {
            section.blocks.push(Block::Chart(Chart {
                title: caption.clone(),
                description: words.with("chart_scores_description", &[("percent", &95)]),
                drawing: Drawing::Intervals { rows, scale: [0.0, 1.0] },
            }));
        }
        let mut table =
            table(words, caption, &["figure", "mean", "interval", "questions", "method"]);
        for one in group {
            let interval = one.low.zip(one.high).map(|(low, high)| span(words, low, high));
            table.row([
                Text::theirs(own(one)),
                figure(one.value),
                interval.unwrap_or_else(|| Text::Own(words.say("unknown"))),
                one.n.map_or_else(|| Text::from("–"), Text::from),
                Text::theirs(one.method.clone().unwrap_or_else(|| "–".to_owned())),
            ]);
        }
        section.table(table);
    }
    section
}

/// A result without what the tables of figures show.
fn without_figures(value: &Value) -> Value {
    match value {
        Value::Object(object) if object.contains_key("low") && object.contains_key("high") => {
            Value::Null
        }
        Value::Object(object) => {
            object.iter().map(|(key, inner)| (key.clone(), without_figures(inner))).collect()
        }
        Value::Array(items) => items.iter().map(without_figures).collect(),
        other => other.clone(),
    }
}

/// Whatever is in an object, as names and texts: the keys that lead to each, with dots between.
pub(super) fn flat(value: &Value) -> Vec<(String, Text)> {
    fn walk(value: &Value, name: &str, facts: &mut Vec<(String, Text)>) {
        let is_plain = |item: &Value| !item.is_object() && !item.is_array();
        match value {
            _ if facts.len() >= FACTS => {}
            Value::Object(object) => {
                for (key, inner) in object {
                    let below = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                    walk(inner, &below, facts);
                }
            }
            Value::Array(items) if items.iter().all(is_plain) => {
                let items: Vec<String> = items.iter().take(50).map(plain).collect();
                facts.push((name.to_owned(), Text::theirs(items.join(", "))));
            }
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    walk(item, &format!("{name}.{at}"), facts);
                }
            }
            Value::Null => {}
            plain_value => facts.push((name.to_owned(), Text::theirs(plain(plain_value)))),
        }
    }
    let mut facts = Vec::new();
    walk(value, "", &mut facts);
    facts
}
