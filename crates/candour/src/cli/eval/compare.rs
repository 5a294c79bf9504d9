//! `candour eval compare`: whether one run is better than another, question by question.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use candour_evals::compare::{
    Adjustment, Answered, Change, Comparison, JudgedScores, LeftOut, Plan, compare,
};
use candour_evals::corrected::CorrectedStatus;
use clap::{Args, ValueEnum};

use super::declared::Declared;
use super::judge::{Labels, read_labels};
use super::log::How;
use super::redteam::since;
use super::table::{
    Table, figure, interval_header, interval_of_difference, method_of, no_interval, probability,
    signed, unknown,
};
use crate::cli::terminal;

/// `candour eval compare`.
#[derive(Debug, Args)]
#[command(after_help = "\
Questions are matched by their names and by what they ask; repeats are made one by their mean.
Right and wrong are compared by McNemar's exact test and the interval of Bonett and Price, scores and
clustered questions by Student's t on the differences. Declare the family of scores before you look,
with one --score for each: the more are compared, the more differ by chance.
Where both are folders of `candour eval redteam`, what changed under each condition is told, attempt by
attempt; --gate then fails where more attacks succeed with every mitigation on, or harmless questions
fare worse, where less has an answer, and where BEFORE has what AFTER has not.")]
pub(crate) struct Compare {
    /// The log of the first run, or the folder of a red team
    #[arg(value_name = "BEFORE")]
    before: PathBuf,

    /// The log of the second run, or the folder of a red team
    #[arg(value_name = "AFTER")]
    after: PathBuf,

    #[command(flatten)]
    family: Family,

    /// Fail with status 1 where a score of the second run is surely worse: lower, or higher where lower is better
    #[arg(long)]
    gate: bool,

    #[command(flatten)]
    how: How,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What is compared, and how.
#[derive(Debug, Args)]
pub(super) struct Family {
    /// A score of the family that is compared; give it again for each [default: all that both runs have]
    #[arg(long = "score", value_name = "NAME")]
    scores: Vec<String>,

    /// A file that declares the family: `scores` and `adjust`, in TOML. Its hash stands in the result, so that
    /// whoever published it before the runs can show that nothing was chosen afterwards
    #[arg(long, value_name = "TOML", conflicts_with_all = ["scores", "adjust"])]
    plan: Option<PathBuf>,

    /// How probabilities are adjusted for the family
    #[arg(long, value_name = "HOW", value_enum, default_value_t = Adjust::Holm)]
    adjust: Adjust,

    /// Compare what both runs have, where one has questions, or for a gate scores or attacks, that the other has
    /// not
    #[arg(long)]
    allow_unmatched: bool,

    /// Compare what a model judged even where other prompts, models or limits decided it in the second run
    #[arg(long)]
    allow_other_judges: bool,

    /// Labels by people of the first run's answers, FILE or METRIC=FILE; with those of the second they correct
    /// what a model judged
    #[arg(long, value_name = "LABELS", requires = "labels_after")]
    labels_before: Vec<Labels>,

    /// Labels by people of the second run's answers to the same questions
    #[arg(
        long,
        value_name = "LABELS",
        requires = "labels_before",
        conflicts_with = "count_failures"
    )]
    labels_after: Vec<Labels>,
}

impl Family {
    /// Whether nothing was chosen of it but to compare what both have.
    fn is_all(&self) -> bool {
        let Self { scores, plan, adjust, allow_other_judges, .. } = self;
        let has_labels = !self.labels_before.is_empty() || !self.labels_after.is_empty();
        scores.is_empty()
            && plan.is_none()
            && matches!(adjust, Adjust::Holm)
            && !has_labels
            && !allow_other_judges
    }

    /// What is compared; what a model judged only where labels correct it, or where that was asked for.
    pub(super) fn plan(&self, how: &How) -> Result<Plan> {
        let mut after = read_labels(&self.labels_after, 1)?;
        let mut labels = BTreeMap::new();
        for (scorer, before) in read_labels(&self.labels_before, 1)? {
            let Some(after) = after.remove(&scorer) else {
                bail!("--labels-before has labels of {scorer}, and --labels-after has none");
            };
            labels.insert(scorer.name().to_owned(), [before, after]);
        }
        if let Some(scorer) = after.keys().next() {
            bail!("--labels-after has labels of {scorer}, and --labels-before has none");
        }
        let declared = self.plan.as_deref().map(Declared::read).transpose()?;
        let (family, adjustment, declared) = match declared {
            Some(Declared { scores, adjust, hash }) => (scores, adjust, Some(hash)),
            None => (self.scores.clone(), self.adjust.into(), None),
        };
        Ok(Plan {
            family,
            adjustment,
            declared,
            confidence: how.confidence,
            better: how.better(),
            allow_unmatched: self.allow_unmatched,
            judged: JudgedScores {
                uncorrected: how.uncorrected,
                other_judges: self.allow_other_judges,
            },
            labels,
        })
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Adjust {
    /// No false alarm in the family, for gates
    Holm,
    /// Few false alarms among the alarms, for looking around (Benjamini and Hochberg)
    Bh,
}

impl From<Adjust> for Adjustment {
    fn from(adjust: Adjust) -> Self {
        match adjust {
            Adjust::Holm => Self::Holm,
            Adjust::Bh => Self::BenjaminiHochberg,
        }
    }
}

impl Compare {
    pub(crate) fn run(self) -> Result<ExitCode> {
        if since::is_red_team(&self.before) && since::is_red_team(&self.after) {
            return self.red_teams();
        }
        let (before, after) = (self.how.read(&self.before)?, self.how.read(&self.after)?);
        let confidence = self.how.confidence;
        let plan = self.family.plan(&self.how)?;
        let found = compare(&before, &after, &plan)?;
        if self.json {
            terminal::print_json(&found)?;
        } else {
            let without =
                if self.how.count_failures { found.without_failures() } else { Vec::new() };
            terminal::print(&text(&found, &interval_header(confidence), &without))?;
        }
        let objections =
            if self.gate { found.objections(&plan, self.how.count_failures) } else { Vec::new() };
        Ok(gated(&objections))
    }

    fn red_teams(self) -> Result<ExitCode> {
        if !self.family.is_all() || !self.how.is_usual() {
            bail!(
                "two red teams are compared by all that they measure, attack by attack and at 95 %: leave out all options but --gate, --allow-unmatched and --json, or compare one run of each, such as {}",
                self.before.join("all").join("guidance").display()
            );
        }
        let found = since::compare(&self.before, &self.after)?;
        if self.json {
            terminal::print_json(&found)?;
        } else {
            terminal::print(&found.text())?;
        }
        let allow_unmatched = self.family.allow_unmatched;
        let objections = if self.gate { found.objections(allow_unmatched)? } else { Vec::new() };
        Ok(gated(&objections))
    }
}

/// Says why a gate fails, where it does.
fn gated(objections: &[String]) -> ExitCode {
    for why in objections {
        terminal::note(&format!("the gate fails: {}", terminal::line(why)));
    }
    if objections.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// What was compared; of the scores `without` failures it is said that these were to count.
fn text(found: &Comparison, header: &str, without: &[&str]) -> String {
    let mut text = format!("{} in both runs\n", terminal::counted(found.matched, "question"));
    if let Some(hash) = &found.declared {
        let _ = writeln!(text, "compared as was declared in the file with the hash {hash}");
    }
    text.push('\n');
    text.push_str(&changes(&found.scores, header).text());
    text.push('\n');
    for score in &found.scores {
        explain(&mut text, score);
    }
    failures(&mut text, &found.answered);
    if !without.is_empty() {
        let _ = writeln!(
            text,
            "of which not all count as the worst value, for nobody knows it: {}",
            without.join(", ")
        );
    }
    if found.scores.len() > 1 {
        let how = match found.adjustment {
            Adjustment::Holm => "Holm, so that one false alarm among all is unlikely",
            Adjustment::BenjaminiHochberg => {
                "Benjamini and Hochberg, so that few of the alarms are false"
            }
        };
        let _ = writeln!(text, "adjusted for {} scores by {how}", found.scores.len());
    }
    leave_out(&mut text, found);
    text
}

fn changes(scores: &[Change], header: &str) -> Table {
    let mut table =
        Table::new(&["", "before", "after", "change", header, "p", "adjusted", "", "method"]);
    for score in scores {
        let difference = &score.difference;
        table.row([
            score.name.clone(),
            figure(score.before),
            figure(score.after),
            signed(difference.value),
            interval_of_difference(difference),
            score.p.map_or_else(unknown, probability),
            score.p_adjusted.map_or_else(unknown, probability),
            verdict(score),
            method_of(difference),
        ]);
    }
    table
}

/// Says how many samples of each run have no answer, where any has none.
fn failures(text: &mut String, [first, second]: &[Answered; 2]) {
    if first.failed + second.failed > 0 {
        let _ = writeln!(
            text,
            "without an answer: {} of {} samples of the first run, {} of {} of the second",
            first.failed, first.samples, second.failed, second.samples
        );
    }
}

/// Whether it rose or fell, and whether that is better or worse, where anybody knows.
fn verdict(score: &Change) -> String {
    let name = score.verdict.name();
    match score.is_worse() {
        Some(true) => format!("{name}: worse"),
        Some(false) => format!("{name}: better"),
        None => name.to_owned(),
    }
}

/// Says what was not compared, and why.
fn leave_out(text: &mut String, found: &Comparison) {
    for run in &found.unfinished {
        let _ = writeln!(
            text,
            "the {run} run did not come to its end: what it did not ask is left out"
        );
    }
    let unmatched = [
        ("only in the first run", &found.only_first),
        ("only in the second run", &found.only_second),
        ("ask something else", &found.changed),
    ];
    for (why, ids) in unmatched.into_iter().filter(|(_, ids)| !ids.is_empty()) {
        let _ = writeln!(text, "left out, {why}: {} ({})", ids.len(), some(ids));
    }
    let not_compared = [
        (LeftOut::Judged, "judged by a model, which --labels-before and --labels-after correct"),
        (LeftOut::OnlyFirst, "only in the first run"),
        (LeftOut::OnlySecond, "only in the second run"),
        (LeftOut::OutsideFamily, "outside the family"),
    ];
    for (why, said) in not_compared {
        let of = found.left_out.iter().filter(|(_, own)| **own == why);
        let names: Vec<&str> = of.map(|(name, _)| name.as_str()).collect();
        if !names.is_empty() {
            let _ = writeln!(text, "scores left out, {said}: {}", names.join(", "));
        }
    }
}

/// What has to be known to read a row. Writing to a String cannot fail.
fn explain(text: &mut String, score: &Change) {
    let name = &score.name;
    if let Some(found) = &score.disagreement {
        let _ = write!(
            text,
            "{name}: {} questions rose from 0 to 1 and {} fell, of {}",
            found.gained, found.lost, score.difference.n
        );
        let _ = match found.visible {
            Some(visible) => {
                writeln!(text, "; a change of {visible:.3} would show in four runs of five")
            }
            None => writeln!(text),
        };
    }
    if let Some(found) = &score.corrected {
        let (labelled, questions) = (found.labelled, found.questions);
        let _ = write!(
            text,
            "{name}: people labelled both answers to {labelled} of {questions} questions"
        );
        let _ = match found.trust {
            Some(trust) => writeln!(
                text,
                ", which correct the judge, trusted by {trust:.2}; they alone say {} ({})",
                signed(found.people.value),
                interval_of_difference(&found.people)
            ),
            None => writeln!(text, "; {}", people_alone(found.status)),
        };
        if found.judge_failures > 0 {
            let failed = found.judge_failures;
            let _ = writeln!(
                text,
                "{name}: the judge failed on {failed}, which count as what it says on average"
            );
        }
    }
    text.extend(no_interval(name, &score.difference));
    if let Some(clusters) = score.difference.clusters.filter(|_| score.difference.note.is_none()) {
        let _ =
            writeln!(text, "{name}: questions of one cluster count together: {clusters} clusters");
    }
    if score.failed_as_worst != [0; 2] {
        let [first, second] = score.failed_as_worst;
        let _ = writeln!(
            text,
            "{name}: of samples without an answer {first} of the first run and {second} of the second count as {}",
            score.worst()
        );
    }
    if score.unscored > 0 {
        let _ = writeln!(
            text,
            "{name}: {} questions have the score in one run only, and are left out",
            score.unscored
        );
    }
}

/// Why a change is that of people alone.
fn people_alone(status: CorrectedStatus) -> &'static str {
    match status {
        CorrectedStatus::Labelled => "the change is theirs, and needs no judge",
        CorrectedStatus::Uncalibrated => {
            "the change is theirs alone, uncalibrated: it takes 50 labels, in two clusters at least, to correct a judge"
        }
        _ => "the change is theirs alone, since the judge differs from them on fewer than five",
    }
}

/// The first few names.
fn some(ids: &[String]) -> String {
    let more = if ids.len() > 5 { ", …" } else { "" };
    ids.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ") + more
}
