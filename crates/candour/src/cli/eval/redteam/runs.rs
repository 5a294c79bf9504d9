//! The runs of one command: every suite in every condition, each kept in a folder of its own.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};
use candour_assistant::Mitigations;
use candour_evals::redteam::{ExternalSet, Fared};
use candour_evals::runner::{Ending, InFlight, Judging, LOG, Run, Summary, Sync, Target};
use candour_evals::suite::{Sample, Suite};
use jiff::Timestamp;

use super::super::run::interruptible;
use super::super::shown::Shown;
use super::super::summary;
use super::Redteam;
use super::budget::Budget;
use super::condition::Condition;
use super::ground::Ground;
use super::suites::Suites;
use super::{outside, poison};
use crate::cli::terminal;

/// The logs of runs below a folder, in order.
pub(super) fn logs(folder: &Path) -> Result<Vec<PathBuf>> {
    let (mut logs, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with(LOG) {
                logs.push(path);
            }
        }
    }
    logs.sort();
    Ok(logs)
}

/// The runs of one command.
pub(super) struct Runs<'a> {
    pub(super) redteam: &'a Redteam,
    pub(super) folder: &'a Path,
    pub(super) started_at: Timestamp,
    pub(super) budget: Budget,
}

impl Runs<'_> {
    /// Asks everything in every condition. Poisoned indexes and sets of others are asked later, and counted
    /// here.
    pub(super) async fn all(
        &mut self,
        conditions: &[Condition],
        ground: &Ground,
        suites: &Suites,
        sets: &[ExternalSet],
    ) -> Result<BTreeMap<Condition, Fared>> {
        self.say(&self.how_many(ground, suites, sets, conditions.len())?);
        let mut all = BTreeMap::new();
        for (at, condition) in conditions.iter().enumerate() {
            if matches!(ground, Ground::Switchable(_)) {
                self.say(&format!("{} of {}: {}", at + 1, conditions.len(), condition.words()));
            }
            let mut asked = vec![(&suites.guidance, ground.target(condition.mitigations()))];
            if let (Some((suite, index)), Ground::Switchable(pilot)) = (&suites.planted, ground) {
                let (index, models) = (Arc::clone(index), pilot.models.clone());
                asked.push((suite, pilot.with(index, models, condition.mitigations())));
            }
            let own = PathBuf::from(condition.name());
            for ((suite, target), name) in asked.into_iter().zip(["guidance", "planted"]) {
                let made = self.one(suite, target, None, &own.join(name)).await?;
                if let Some((folder, _)) = made {
                    all.entry(*condition).or_insert_with(Fared::default).read(&folder, suite)?;
                }
            }
        }
        Ok(all)
    }

    /// How much is about to be asked at most, before any of it is.
    fn how_many(
        &self,
        ground: &Ground,
        suites: &Suites,
        sets: &[ExternalSet],
        conditions: usize,
    ) -> Result<String> {
        let planted = suites.planted.as_ref().map_or(0, |(suite, _)| suite.samples);
        let each = suites.guidance.samples + planted;
        let in_each = |times: usize| match times {
            1 => String::new(),
            times => format!(" in each of {times}"),
        };
        let mut text = format!("{each} questions{}", in_each(conditions));
        if conditions > 1 {
            text.push_str(" conditions");
        }
        let mut all = each * conditions as u64;
        if let (Some(suite), Ground::Switchable(pilot)) = (&suites.poisoned, ground) {
            let times = (poison::COUNTS.len() * poison::states(&pilot.models).len()) as u64;
            let _ = write!(text, ", {} of poisoned pages {times} times", suite.samples);
            all += suite.samples * times;
        }
        let of_sets: usize = sets.iter().map(|set| outside::asked(set, ground)).sum();
        let states = if matches!(ground, Ground::Switchable(_)) { 2 } else { 1 };
        all += (of_sets * states) as u64;
        if of_sets > 0 {
            let _ = write!(text, ", {of_sets} of sets of others{}", in_each(states));
        }
        if ground.asks_earlier_turns() {
            let turns = |sample: &Sample| sample.conversation.len() as u64;
            let planted = suites.planted.as_ref().map(|(suite, _)| suite);
            let asked = [&suites.guidance].into_iter().chain(planted).map(|suite| suite.all());
            let asked: Vec<Vec<Sample>> = asked.collect::<Result<_, _>>()?;
            let turns: u64 = asked.iter().flatten().map(turns).sum();
            all += turns * conditions as u64;
            if turns > 0 {
                let _ = write!(text, ", {turns} earlier turns of conversations each time");
            }
        }
        let _ = write!(text, ": {all} in all at most, kept in {}", self.folder.display());
        Ok(text)
    }

    /// Asks a suite, or what is left of it, and whoever judges its answers. Nothing is asked, and no folder given,
    /// beyond a limit.
    pub(super) async fn one(
        &mut self,
        suite: &Arc<Suite>,
        target: Target,
        judging: Option<Judging>,
        name: &Path,
    ) -> Result<Option<(PathBuf, Summary)>> {
        let shown_name = name.display().to_string();
        let Some(limits) = self.budget.left() else {
            self.budget.leave(&shown_name, 0, suite.samples);
            return Ok(None);
        };
        let shown = Arc::new(Shown::new(suite, false, self.redteam.is_quiet()));
        let mut limited = Suite::clone(suite);
        limited.about.limits = limits;
        let run = Run {
            suite: Arc::new(limited),
            target,
            judging,
            folder: self.folder.join(name),
            connections: self.redteam.connections.into(),
            shard: None,
            sync: Sync::EverySecond,
            retry_errors: self.redteam.retry_errors,
            in_flight: InFlight::AskAgain,
            started_at: self.started_at,
        };
        let summary = interruptible(&run, &shown).await;
        shown.finish();
        let summary = summary?;
        if !matches!(summary.ended(), Ending::Complete | Ending::Limit(_)) {
            let out = format!("--out {}", self.folder.display());
            bail!("{}", summary::unfinished(&summary, &out));
        }
        self.budget.spend(&summary, &shown_name, &run.folder)?;
        Ok(Some((run.folder, summary)))
    }

    pub(super) fn say(&self, words: &str) {
        if !self.redteam.is_quiet() {
            terminal::note(words);
        }
    }

    /// What a set of others comes to, with all mitigations and with none.
    pub(super) async fn with_and_without(
        &mut self,
        ground: &Ground,
        suite: &Arc<Suite>,
        name: &str,
    ) -> Result<BTreeMap<&'static str, Fared>> {
        let mut found = BTreeMap::new();
        let switchable = matches!(ground, Ground::Switchable(_));
        let states = [("all", Mitigations::default()), ("none", Mitigations::none())];
        for (state, mitigations) in states.into_iter().take(if switchable { 2 } else { 1 }) {
            let folder = Path::new("external").join(name).join(state);
            let target = ground.target(mitigations);
            let Some((run, _)) = self.one(suite, target, None, &folder).await? else {
                continue;
            };
            let mut fared = Fared::default();
            fared.read(&run, suite)?;
            found.insert(state, fared);
        }
        Ok(found)
    }
}
