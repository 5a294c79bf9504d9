//! The scores of a run in its report: all of them, by tag, and by cluster.

use std::collections::BTreeSet;

use serde_json::Value;

use super::chart::{Chart, Drawing};
use super::document::{Block, Section, Table, Text};
use super::figures::flat;
use super::parts::{ends, figure, is_share, method, no_interval, table};
use super::words::Words;
use super::{Group, Part, RunReport, ScoreReport};
use crate::scored::Rate;
use crate::statistics::Interval;

/// Scores that are shown.
const SCORES: usize = 40;
/// Facts that are shown of what all scores say of themselves.
const BESIDE: usize = 160;

impl RunReport {
    /// The scores that are shown.
    fn shown(&self) -> &[ScoreReport] {
        &self.scores[..self.scores.len().min(SCORES)]
    }

    pub(super) fn scored(&self, words: &Words, percent: &str) -> Section {
        let mut section = Section::new(words.say("scores"));
        let judged = self.judged(words);
        if judged.is_none() && !self.withheld.is_empty() {
            let names: Vec<&str> = self.withheld.iter().map(String::as_str).collect();
            section
                .say(Text::theirs(words.with("judged_withheld", &[("names", &names.join(", "))])));
        }
        section.sections.extend(judged);
        if self.scores.is_empty() {
            if self.withheld.is_empty() {
                section.say(words.say("no_scores"));
            }
            section.sections.extend(self.meanings(words));
            return section;
        }
        if self.shown().len() < self.scores.len() {
            let (all, shown) = (self.scores.len(), self.shown().len());
            section.say(words.with("more_scores", &[("all", &all), ("shown", &shown)]));
        }
        let rates = self.shown().iter().map(|score| &score.rate);
        let rows = rates.filter_map(|rate| Some((rate.name.clone(), rate.estimate.interval()?)));
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
        section.sections.extend(self.meanings(words));
        let mut left = BESIDE;
        for score in self.shown().iter().filter(|score| !score.beside.is_empty()) {
            let title = words.with("beside", &[("name", &score.rate.name)]);
            let mut facts = flat(&Value::Object(score.beside.clone()));
            facts.truncate(left);
            left -= facts.len();
            if facts.is_empty() {
                break;
            }
            let facts = Block::Facts(facts);
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
        for score in self.shown() {
            let Rate { name, estimate, .. } = &score.rate;
            let clusters = estimate.clusters.map_or_else(|| Text::from("–"), Text::from);
            table.row([
                Text::theirs(name),
                figure(estimate.value),
                ends(words, estimate),
                estimate.n.into(),
                score.unscored.into(),
                clusters,
                method(estimate),
            ]);
        }
        table
    }

    /// What has to be known to read the table of scores.
    fn notes(&self, words: &Words) -> Vec<Text> {
        let counted = if self.failures_count { "note_counted" } else { "note_left_out" };
        let mut notes = vec![words.say(counted).into()];
        for score in self.shown() {
            let Rate { name, estimate, .. } = &score.rate;
            notes.extend(no_interval(words, name, estimate));
            if let Some(effect) = score.rate.design_effect.filter(|effect| *effect > 1.5) {
                let effect = format!("{effect:.1}");
                let note = words.with("note_design", &[("name", name), ("effect", &effect)]);
                notes.push(Text::theirs(note));
            }
            if let Some(enough) = score.rate.repeats_enough {
                let enough = format!("{enough:.0}");
                let note = words.with("note_repeats", &[("name", name), ("enough", &enough)]);
                notes.push(Text::theirs(note));
            }
        }
        notes
    }

    /// Scores that some samples lack: those that are shown by name, the others by how many they are.
    pub(super) fn not_scored(&self, words: &Words) -> Vec<Text> {
        let (shown, others) = self.scores.split_at(self.shown().len());
        let lacking = shown.iter().filter(|score| score.unscored > 0);
        let named = lacking.map(|score| {
            let (name, count) = (&score.rate.name, score.unscored);
            Text::theirs(words.with("not_scored", &[("name", name), ("count", &count)]))
        });
        let mut list: Vec<Text> = named.collect();
        let others = others.iter().filter(|score| score.unscored > 0).count();
        if others > 0 {
            list.push(words.with("not_scored_more", &[("count", &others)]).into());
        }
        list
    }

    pub(super) fn by_tag(&self, words: &Words) -> Option<Section> {
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
        let parts = self.tags.iter().flat_map(|group| group.scores.iter().take(SCORES));
        if parts.flatten().any(|part| part.interval.is_none()) {
            section.say(words.say("tags_no_interval"));
        }
        if self.more_tags {
            section.say(words.say("more_tags"));
        }
        Some(section)
    }

    pub(super) fn by_cluster(&self, words: &Words) -> Option<Section> {
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
        table.columns.extend(self.shown().iter().map(|score| score.rate.name.clone()));
        for group in groups {
            let cells = group
                .scores
                .iter()
                .take(SCORES)
                .map(|part| part.as_ref().map_or_else(|| "–".to_owned(), cell).into());
            table.row([Text::theirs(&group.name), group.questions.into()].into_iter().chain(cells));
        }
        table
    }

    /// What our own scorers look at, those that a model judged among them.
    fn meanings(&self, words: &Words) -> Option<Section> {
        let meaning = |name: &String| {
            let meaning = words.find(&format!("scorer_{name}"))?;
            Some((name.clone(), Text::Own(meaning.to_owned())))
        };
        let shown: BTreeSet<&String> = self.shown().iter().map(|score| &score.rate.name).collect();
        let judged = self.withheld.iter().filter(|name| !shown.contains(name));
        let names = self.shown().iter().map(|score| &score.rate.name).chain(judged);
        let facts: Vec<(String, Text)> = names.filter_map(meaning).collect();
        let section = Section::new(words.say("scorers"));
        (!facts.is_empty()).then(|| Section { blocks: vec![Block::Facts(facts)], ..section })
    }
}
