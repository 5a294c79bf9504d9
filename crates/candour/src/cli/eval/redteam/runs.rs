//! The runs of one command: every suite in every condition, each kept in a folder of its own.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};
use candour_assistant::Mitigations;
use candour_evals::redteam::{ExternalSet, Fared};
use candour_evals::runner::{InFlight, Run, Sync, Target};
use candour_evals::suite::{Sample, Suite};
use jiff::Timestamp;

use super::super::run::{Shown, interruptible};
use super::super::summary;
use super::Redteam;
use super::condition::Condition;
use super::ground::Ground;
use super::outside;
use super::suites::Suites;
use crate::cli::terminal;

/// The runs of one command.
pub(super) struct Runs<'a> {
    pub(super) redteam: &'a Redteam,
    pub(super) folder: &'a Path,
    pub(super) started_at: Timestamp,
}

impl Runs<'_> {
    /// Asks everything in every condition. What `sets` of others come to is asked later, and counted here.
    pub(super) async fn all(
        &self,
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
            let mut fared = Fared::default();
            let own = self.folder.join(condition.name());
            let target = ground.target(condition.mitigations());
            let guidance = self.one(&suites.guidance, target, own.join("guidance")).await?;
            fared.read(&guidance, &suites.guidance)?;
            if let (Some((suite, index)), Ground::Switchable(pilot)) = (&suites.planted, ground) {
                let target = pilot.over(index, condition.mitigations())?;
                let planted = self.one(suite, target, own.join("planted")).await?;
                fared.read(&planted, suite)?;
            }
            all.insert(*condition, fared);
        }
        Ok(all)
    }

    /// How much is about to be asked, before any of it is.
    fn how_many(
        &self,
        ground: &Ground,
        suites: &Suites,
        sets: &[ExternalSet],
        conditions: usize,
    ) -> Result<String> {
        let planted = suites.planted.as_ref().map_or(0, |(suite, _)| suite.samples);
        let each = suites.guidance.samples + planted;
        let mut text = format!("{each} questions in each of {conditions} conditions");
        let of_sets = sets.iter().flat_map(|set| &set.items);
        let of_sets = of_sets.filter(|sample| !outside::is_harmless(sample)).count();
        let states = if matches!(ground, Ground::Switchable(_)) { 2 } else { 1 };
        let mut all = each * conditions as u64 + (of_sets * states) as u64;
        if of_sets > 0 {
            let _ = write!(text, ", {of_sets} of sets of others in each of {states}");
        }
        if ground.asks_earlier_turns() {
            let turns = |sample: &Sample| sample.conversation.len() as u64;
            let turns: u64 = suites.guidance.all()?.iter().map(turns).sum();
            all += turns * conditions as u64;
            if turns > 0 {
                let _ = write!(text, ", {turns} earlier turns of conversations each time");
            }
        }
        let _ = write!(text, ": {all} in all, kept in {}", self.folder.display());
        Ok(text)
    }

    /// Asks a suite, or what is left of it.
    async fn one(&self, suite: &Arc<Suite>, target: Target, folder: PathBuf) -> Result<PathBuf> {
        let shown = Arc::new(Shown::new(suite, false, self.redteam.is_quiet()));
        let run = Run {
            suite: Arc::clone(suite),
            target,
            judging: None,
            folder,
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
        if !summary.is_complete() {
            let out = format!("--out {}", self.folder.display());
            bail!("{}", summary::unfinished(&summary, &out));
        }
        Ok(run.folder)
    }

    fn say(&self, words: &str) {
        if !self.redteam.is_quiet() {
            terminal::note(words);
        }
    }

    /// What a set of others comes to, with all mitigations and with none.
    pub(super) async fn with_and_without(
        &self,
        ground: &Ground,
        suite: &Arc<Suite>,
        name: &str,
    ) -> Result<BTreeMap<&'static str, Fared>> {
        let mut found = BTreeMap::new();
        let switchable = matches!(ground, Ground::Switchable(_));
        let states = [("all", Mitigations::default()), ("none", Mitigations::none())];
        for (state, mitigations) in states.into_iter().take(if switchable { 2 } else { 1 }) {
            let folder = self.folder.join("external").join(name).join(state);
            let run = self.one(suite, ground.target(mitigations), folder).await?;
            let mut fared = Fared::default();
            fared.read(&run, suite)?;
            found.insert(state, fared);
        }
        Ok(found)
    }
}
