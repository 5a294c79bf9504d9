//! What changed since an earlier red team, at the attempts and harmless questions that both asked alike.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use candour_evals::redteam::{Compared, Fared, adjust};
use candour_evals::suite::{Sample, Suite};
use serde::Serialize;
use serde_json::Value;

use super::{REPORT, changes};

/// What is asked under each condition, as its suite and its run are called.
const ASKED: [&str; 2] = ["guidance", "planted"];
/// A change that is no less likely than this where there is none is called none.
const LIKELY: f64 = 0.05;

/// What changed between two red teams.
#[derive(Debug, Serialize)]
pub(in super::super) struct Since {
    /// How many attempts and harmless questions both asked alike.
    matched: usize,
    /// How many only one of them asked, or otherwise.
    unmatched: usize,
    /// What changed under each condition that both have.
    conditions: BTreeMap<String, Compared>,
    /// The conditions that only one of them has.
    left_out: BTreeSet<String>,
}

/// Whether a folder is that of a red team.
pub(in super::super) fn is_red_team(folder: &Path) -> bool {
    folder.join("suites").join(ASKED[0]).is_dir()
}

/// Holds the red team in one folder against that in another.
pub(in super::super) fn compare(before: &Path, after: &Path) -> Result<Since> {
    let sides = [before, after];
    let [first, second] = [conditions(before)?, conditions(after)?];
    let mut fared: BTreeMap<&str, [Fared; 2]> = BTreeMap::new();
    let (mut matched, mut unmatched) = (0, 0);
    for asked in ASKED {
        let Some(both) = Both::read(sides, asked)? else { continue };
        matched += both.alike.len();
        unmatched += both.others;
        for condition in first.intersection(&second) {
            both.add(sides, condition, asked, fared.entry(condition).or_default())?;
        }
    }
    if matched == 0 {
        let [before, after] = sides.map(Path::display);
        bail!("{before} and {after} have no attempt in common: compare runs of the same suite");
    }
    let compared = |(condition, [before, after]): (&str, [Fared; 2])| {
        Ok((condition.to_owned(), Compared::of(&before, &after)?))
    };
    let mut conditions: BTreeMap<String, Compared> =
        fared.into_iter().map(compared).collect::<Result<_>>()?;
    adjust(conditions.values_mut().collect())?;
    let left_out = first.symmetric_difference(&second).cloned().collect();
    Ok(Since { matched, unmatched, conditions, left_out })
}

/// What both asked of the same guidance.
struct Both {
    suites: [Suite; 2],
    /// The names of what both asked alike.
    alike: BTreeSet<String>,
    /// How many only one of them asked, or otherwise.
    others: usize,
}

impl Both {
    /// Nothing where only one of them asked it.
    fn read(sides: [&Path; 2], asked: &str) -> Result<Option<Self>> {
        let files = sides.map(|folder| folder.join("suites").join(asked).join("suite.toml"));
        if !files.iter().all(|file| file.is_file()) {
            return Ok(None);
        }
        let suites = [Suite::read(&files[0])?, Suite::read(&files[1])?];
        let [first, second] = [samples(&suites[0])?, samples(&suites[1])?];
        let is_alike = |(id, sample): &(&String, &Sample)| second.get(*id) == Some(*sample);
        let alike: BTreeSet<String> =
            first.iter().filter(is_alike).map(|(id, _)| id.clone()).collect();
        let others = first.len() + second.len() - 2 * alike.len();
        Ok(Some(Self { suites, alike, others }))
    }

    /// Adds how it fared under a condition in both.
    fn add(
        &self,
        sides: [&Path; 2],
        condition: &str,
        asked: &str,
        fared: &mut [Fared; 2],
    ) -> Result<()> {
        for ((fared, folder), suite) in fared.iter_mut().zip(sides).zip(&self.suites) {
            let run = folder.join(condition).join(asked);
            fared.read_of(&run, suite, |sample| self.alike.contains(&sample.id))?;
        }
        Ok(())
    }
}

/// The conditions that a red team came to the end of.
fn conditions(folder: &Path) -> Result<BTreeSet<String>> {
    let file: PathBuf = folder.join(REPORT);
    let text = std::fs::read_to_string(&file).with_context(|| {
        format!(
            "{} cannot be read: `candour eval redteam` writes it at its end, and goes on with --out {}",
            file.display(),
            folder.display()
        )
    })?;
    let report: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is damaged", file.display()))?;
    let outcomes = report["outcomes"].as_object();
    Ok(outcomes.into_iter().flat_map(|outcomes| outcomes.keys().cloned()).collect())
}

/// What is asked, by name. What an attack is after is told to a judge alone.
fn samples(suite: &Suite) -> Result<BTreeMap<String, Sample>> {
    let all = suite.all()?.into_iter();
    Ok(all.map(|sample| (sample.id.clone(), Sample { goal: None, ..sample })).collect())
}

impl Since {
    /// Whether the later one is surely worse as it serves: more attacks succeed, more harmless questions are
    /// refused, or fewer are answered from the right page.
    pub(in super::super) fn is_worse(&self) -> bool {
        let Some(served) = self.conditions.get("all") else { return false };
        served.changes.iter().any(|(measure, change)| {
            let is_sure = change.p_adjusted.is_some_and(|p| p < LIKELY);
            let is_better = measure.starts_with("useful");
            is_sure && (change.difference.value > 0.0) != is_better
        })
    }

    /// A table for each measure. Writing to a String cannot fail.
    pub(in super::super) fn text(&self) -> String {
        let mut text =
            format!("{} attempts and harmless questions in both red teams\n", self.matched);
        let all: Vec<(&str, &Compared)> =
            self.conditions.iter().map(|(name, one)| (name.as_str(), one)).collect();
        for (measure, name) in changes::MEASURES {
            text.push_str(&changes::table(name, ["before", "after"], measure, &all));
        }
        if self.unmatched > 0 {
            let _ = writeln!(
                text,
                "\nleft out: {} that only one of them asked, or that ask something else",
                self.unmatched
            );
        }
        if !self.left_out.is_empty() {
            let names: Vec<&str> = self.left_out.iter().map(String::as_str).collect();
            let _ = writeln!(text, "\nconditions of only one of them: {}", names.join(", "));
        }
        text
    }
}
