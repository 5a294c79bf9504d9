//! The report of two runs of the same questions: how scores changed and how sure that is, and the questions
//! that got better or worse with both answers side by side.

mod read;

use std::io;

use candour_core::Locale;
use serde::Serialize;

use super::cases::{answered, asked, more_scores};
use super::chart::{Chart, Drawing};
use super::csv::harmless;
use super::document::{Block, Document, Section, Table, Text};
use super::gather::Case;
use super::html::length;
use super::many::MOST;
use super::parts::{ends, figure, frame, method, no_interval, percent, table};
use super::words::{Words, words};
use super::{ReportError, shown};
use crate::compare::{Adjustment, Change, Comparison, LeftOut};
use crate::scored::Better;
use crate::statistics::{Confidence, Interval, Method, NoInterval, Rate};

/// Scores that are shown.
const SCORES: usize = 40;
/// Questions that are shown of each direction, as far as they fit.
const SHOWN: usize = 25;
/// Names that are listed of those that were not compared.
const NAMED: usize = 50;

/// Two runs compared, as a report shows them.
#[derive(Debug, Serialize)]
pub struct ComparisonReport {
    /// What was asked of both.
    pub title: String,
    /// The first run, by what was asked.
    pub before: String,
    /// The second.
    pub after: String,
    /// How scores changed.
    pub comparison: Comparison,
    /// Questions that got worse, those that changed most first.
    pub worse: Vec<Changed>,
    /// How many they are.
    pub all_worse: usize,
    /// Questions that got better.
    pub better: Vec<Changed>,
    /// How many they are.
    pub all_better: usize,
    /// Scores that say nothing of better or worse of a question, for they are no shares.
    pub no_direction: Vec<String>,
    /// Scores of which nobody says which end is the better one: it is taken to be 1.
    pub taken_as_higher: Vec<String>,
}

/// A question whose scores changed.
#[derive(Debug, Serialize)]
pub struct Changed {
    /// How much better its scores got, added up over those of which better is known.
    pub by: f64,
    /// What came of it in the first run.
    pub before: Case,
    /// What came of it in the second.
    pub after: Case,
}

impl ComparisonReport {
    /// The report.
    pub fn document(&self, language: &Locale, confidence: Confidence) -> Document {
        let words = words(language);
        let percent = percent(confidence);
        let alpha = format!("{:.3}", confidence.alpha() * 100.0);
        let alpha = alpha.trim_end_matches('0').trim_end_matches('.');
        let opening = words.with("comparison_opening", &[("alpha", &alpha)]);
        let opening = vec![
            Block::Paragraph(opening.into()),
            Block::Paragraph(words.say("cut_notice").into()),
        ];
        let title = words.with("title_comparison", &[("name", &self.title)]);
        let [about, changes, refused] =
            [self.about(words), self.changes(words, &percent), self.refused(words)];
        let left = MOST.saturating_sub([&about, &changes, &refused].map(length).iter().sum());
        let worse = changed(words, "worse", &self.worse, self.all_worse, left / 2);
        let left = left.saturating_sub(length(&worse));
        let better = changed(words, "better", &self.better, self.all_better, left);
        let sections = vec![about, changes, worse, better, refused];
        let opening = opening.into_iter().chain(self.undirected(words)).collect();
        frame(words, title, opening, sections)
    }

    /// The scores that are shown: those whose change is surest, in the order of all.
    fn shown(&self) -> Vec<&Change> {
        let mut surest: Vec<&Change> = self.comparison.scores.iter().collect();
        let p = |change: &Change| change.p.unwrap_or(f64::INFINITY);
        surest.sort_by(|a, b| p(a).total_cmp(&p(b)));
        surest.truncate(SCORES);
        surest.sort_by(|a, b| a.name.cmp(&b.name));
        surest
    }

    /// How scores changed, a row for each.
    pub fn csv(&self, out: impl io::Write) -> Result<(), ReportError> {
        let mut rows = ::csv::Writer::from_writer(out);
        let header = [
            "score",
            "before",
            "after",
            "change",
            "low",
            "high",
            "p",
            "p_adjusted",
            "verdict",
            "better",
            "questions",
            "clusters",
            "method",
            "note",
        ];
        let mut written = rows.write_record(header);
        for score in &self.comparison.scores {
            let Rate { value, low, high, n, clusters, method, note } = score.difference;
            let means = [score.before, score.after, value].map(Some);
            let numbers = means.into_iter().chain([low, high, score.p, score.p_adjusted]);
            let numbers = numbers.map(|number| number.filter(|number| number.is_finite()));
            let note = note.map_or("", NoInterval::why);
            let better = score.better.map_or("", Better::name);
            let cells = std::iter::once(harmless(score.name.clone()))
                .chain(numbers.map(|number| number.map_or_else(String::new, |n| n.to_string())))
                .chain([score.verdict.name().to_owned(), better.to_owned()])
                .chain([n.to_string(), clusters.map_or_else(String::new, |of| of.to_string())])
                .chain([method.map_or("", Method::name).to_owned(), note.to_owned()]);
            written = written.and_then(|()| rows.write_record(cells));
        }
        written.and_then(|()| rows.flush().map_err(Into::into)).map_err(ReportError::Csv)
    }

    /// Says which scores decide nothing about a question, and of which nobody says what is better.
    fn undirected(&self, words: &Words) -> impl Iterator<Item = Block> {
        let of = |said: &str, scores: &[String]| {
            let names = scores.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
            let said = words.with(said, &[("names", &names)]);
            (!names.is_empty()).then(|| Block::Paragraph(Text::theirs(said)))
        };
        let none = of("no_direction", &self.no_direction);
        none.into_iter().chain(of("taken_as_higher", &self.taken_as_higher))
    }

    fn about(&self, words: &Words) -> Section {
        let adjusted = words.say(match self.comparison.adjustment {
            Adjustment::Holm => "adjusted_holm",
            Adjustment::BenjaminiHochberg => "adjusted_bh",
        });
        let mut facts = vec![
            (words.say("fact_before"), Text::theirs(&self.before)),
            (words.say("fact_after"), Text::theirs(&self.after)),
            (words.say("fact_matched"), self.comparison.matched.into()),
            (words.say("fact_adjusted"), adjusted.into()),
        ];
        let answered = &self.comparison.answered;
        let declared = self.comparison.declared.as_ref();
        facts.extend(
            declared.map(|hash| (words.say("fact_declared"), Text::Name(hash.to_string()))),
        );
        let run = |name: &&'static str| match *name {
            "first" => words.say("fact_before"),
            _ => words.say("fact_after"),
        };
        let unfinished: Vec<String> = self.comparison.unfinished.iter().map(run).collect();
        for (name, run) in ["fact_before_failed", "fact_after_failed"].iter().zip(answered) {
            let part = words.with("of_total", &[("part", &run.failed), ("whole", &run.samples)]);
            facts.push((words.say(name), part.into()));
        }
        if !unfinished.is_empty() {
            facts.push((words.say("fact_unfinished"), unfinished.join(", ").into()));
        }
        Section { blocks: vec![Block::Facts(facts)], ..Section::new(words.say("compared")) }
    }

    fn changes(&self, words: &Words, percent: &str) -> Section {
        let mut section = Section::new(words.say("changes"));
        let (shown, all) = (self.shown(), self.comparison.scores.len());
        if shown.len() < all {
            section.say(words.with("surest_scores", &[("all", &all), ("shown", &shown.len())]));
        }
        let rows =
            shown.iter().filter_map(|one| Some((one.name.clone(), one.difference.interval()?)));
        let rows: Vec<(String, Interval)> =
            rows.filter(|(_, interval)| is_small(interval)).collect();
        if !rows.is_empty() {
            let ends =
                rows.iter().flat_map(|(_, interval)| [interval.low.abs(), interval.high.abs()]);
            // A tenth at least, so that what is hardly a change does not look like one.
            let reach = (ends.fold(0.1, f64::max) * 10.0).ceil() / 10.0;
            section.blocks.push(Block::Chart(Chart {
                title: words.say("chart_changes"),
                description: words.with("chart_changes_description", &[("percent", &percent)]),
                drawing: Drawing::Intervals { rows, scale: [-reach, reach] },
            }));
        }
        section.table(self.change_table(words, percent));
        let notes = shown.iter().filter_map(|one| no_interval(words, &one.name, &one.difference));
        let corrected = shown.iter().filter_map(|one| corrected(words, one));
        let failed = shown.iter().filter_map(|one| failed(words, one));
        let notes: Vec<Text> = notes.chain(corrected).chain(failed).collect();
        if !notes.is_empty() {
            section.blocks.push(Block::List(notes));
        }
        section.table(self.disagreements(words));
        section
    }

    fn change_table(&self, words: &Words, percent: &str) -> Table {
        let caption = words.with("table_changes", &[("percent", &percent)]);
        let columns = [
            "score",
            "before",
            "after",
            "change",
            "interval",
            "p",
            "adjusted",
            "verdict",
            "questions",
            "clusters",
            "method",
        ];
        let mut table = table(words, caption, &columns);
        for score in self.shown() {
            let difference = &score.difference;
            let mut verdict = words.say(&format!("verdict_{}", score.verdict.name()));
            if let Some(is_worse) = score.is_worse() {
                let said = if is_worse { "verdict_worse" } else { "verdict_better" };
                verdict = format!("{verdict}: {}", words.say(said));
            }
            table.row([
                Text::theirs(&score.name),
                figure(score.before),
                figure(score.after),
                signed(difference.value),
                ends(words, difference),
                score.p.map_or_else(dash, probability),
                score.p_adjusted.map_or_else(dash, probability),
                verdict.into(),
                difference.n.into(),
                difference.clusters.map_or_else(dash, Text::from),
                method(difference),
            ]);
        }
        table
    }

    fn disagreements(&self, words: &Words) -> Table {
        let columns = ["score", "gained", "lost", "exact", "visible"];
        let mut table = table(words, words.say("table_disagreements"), &columns);
        for score in self.shown() {
            let Some(found) = &score.disagreement else { continue };
            table.row([
                Text::theirs(&score.name),
                found.gained.into(),
                found.lost.into(),
                probability(found.exact),
                found.visible.map_or_else(dash, figure),
            ]);
        }
        table
    }

    fn refused(&self, words: &Words) -> Section {
        let comparison = &self.comparison;
        let mut list: Vec<Text> = Vec::new();
        for (name, ids) in [
            ("refused_first", &comparison.only_first),
            ("refused_second", &comparison.only_second),
            ("refused_changed", &comparison.changed),
        ] {
            if !ids.is_empty() {
                let names = some(&ids.iter().map(String::as_str).collect::<Vec<_>>());
                list.push(Text::theirs(
                    words.with(name, &[("count", &ids.len()), ("names", &names)]),
                ));
            }
        }
        for why in
            [LeftOut::Judged, LeftOut::OnlyFirst, LeftOut::OnlySecond, LeftOut::OutsideFamily]
        {
            let of = comparison.left_out.iter().filter(|(_, own)| **own == why);
            let names: Vec<&str> = of.map(|(name, _)| name.as_str()).collect();
            if !names.is_empty() {
                let said = words.with(left_out(why), &[("names", &some(&names))]);
                list.push(Text::theirs(said));
            }
        }
        let lacking = || comparison.scores.iter().filter(|score| score.unscored > 0);
        for score in lacking().take(SCORES) {
            let (name, count) = (&score.name, score.unscored);
            list.push(Text::theirs(
                words.with("refused_unscored", &[("name", name), ("count", &count)]),
            ));
        }
        let others = lacking().skip(SCORES).count();
        if others > 0 {
            list.push(words.with("not_scored_more", &[("count", &others)]).into());
        }
        let mut section = Section::new(words.say("refused"));
        if list.is_empty() {
            section.say(words.say("refused_none"));
        } else {
            section.blocks.push(Block::List(list));
        }
        section
    }
}

/// The first names.
fn some(names: &[&str]) -> String {
    let more = if names.len() > NAMED { ", …" } else { "" };
    names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ") + more
}

/// What is said of scores that are not compared.
fn left_out(why: LeftOut) -> &'static str {
    match why {
        LeftOut::Judged => "left_out_judged",
        LeftOut::OnlyFirst => "left_out_first",
        LeftOut::OnlySecond => "left_out_second",
        LeftOut::OutsideFamily => "left_out_family",
    }
}

/// How the labels of people correct a change that a model judged.
fn corrected(words: &Words, change: &Change) -> Option<Text> {
    let found = change.corrected.as_ref()?;
    let people =
        format!("{} ({})", signed(found.people.value).words(), ends(words, &found.people).words());
    let trust = found.trust.map(|trust| format!("{trust:.2}")).unwrap_or_default();
    let name = if found.trust.is_some() { "change_corrected" } else { "change_people" };
    Some(Text::theirs(words.with(
        name,
        &[
            ("name", &change.name),
            ("labelled", &found.labelled),
            ("questions", &found.questions),
            ("failed", &found.judge_failures),
            ("trust", &trust),
            ("people", &people),
        ],
    )))
}

/// How many samples without an answer count in a score.
fn failed(words: &Words, change: &Change) -> Option<Text> {
    let [before, after] = change.failed_as_worst;
    let places: [(&str, &dyn ToString); 4] = [
        ("name", &change.name),
        ("before", &before),
        ("after", &after),
        ("worst", &change.worst()),
    ];
    (before + after > 0).then(|| Text::theirs(words.with("change_failed", &places)))
}

/// The questions that changed, as many as take no more than so many bytes.
fn changed(words: &Words, title: &str, changes: &[Changed], all: usize, most: usize) -> Section {
    let mut section = Section::new(words.say(title));
    if changes.is_empty() {
        section.say(words.say("none_changed"));
        return section;
    }
    let mut taken = 0;
    let fits = |inner: &Section| {
        taken += length(inner);
        taken <= most
    };
    let sections = changes.iter().map(|change| change.section(words)).take_while(fits);
    section.sections = sections.collect();
    let shown = section.sections.len();
    section.say(words.with("changed_count", &[("shown", &shown), ("all", &all)]));
    section
}

impl Changed {
    fn section(&self, words: &Words) -> Section {
        let mut section = Section::new(Text::theirs(&self.before.id));
        section.blocks = asked(words, &self.before);
        section.blocks.push(answered(words, "answer_before", &self.before));
        section.blocks.push(answered(words, "answer_after", &self.after));
        section.table(scores_of(words, self));
        more_scores(words, &self.after, &mut section);
        section
    }
}

/// The scores of a question that are not the same in both runs.
fn scores_of(words: &Words, change: &Changed) -> Table {
    let id = shown::cut(&change.before.id, shown::LONGEST_LINE).into_owned();
    let caption = words.with("table_changed", &[("id", &id)]);
    let mut table = table(words, caption, &["score", "before", "after", "why"]);
    for after in &change.after.scores {
        let before = change.before.scores.iter().find(|before| before.name == after.name);
        let value = before.map(|before| before.value.clone()).unwrap_or_default();
        if value != after.value {
            let cells = [after.name.clone(), value, after.value.clone(), after.why.clone()];
            table.row(cells.map(Text::theirs));
        }
    }
    table
}

fn is_small(interval: &Interval) -> bool {
    [interval.low, interval.high].iter().all(|end| end.abs() <= 1.0)
}

fn dash() -> Text {
    "–".into()
}

fn signed(value: f64) -> Text {
    if value.is_finite() { Text::Number(format!("{value:+.3}")) } else { dash() }
}

fn probability(p: f64) -> Text {
    Text::Number(if p < 0.0001 { "<0.0001".to_owned() } else { format!("{p:.4}") })
}
