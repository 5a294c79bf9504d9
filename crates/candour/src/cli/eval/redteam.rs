//! `candour eval redteam`: attacks on a target, each mitigation on and off at the same attempts, beside
//! harmless questions.

mod budget;
mod changes;
mod condition;
mod ground;
mod noticed;
mod outcomes;
mod outside;
mod pages;
mod poison;
mod report;
mod rubric;
mod runs;
pub(super) mod since;
mod suites;
#[cfg(test)]
mod tests;
mod untested;
mod wallet;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use candour_assistant::Mitigation;
use candour_assistant::model::Models;
use candour_core::evidence::RESULT;
use candour_evals::redteam::{
    Compared, Disguise, Effect, ExternalSet, Family, Fared, LeftOut, Manner, Outcome, adjust,
    read_external, talk_over,
};
use candour_evals::runner::set_aside;
use clap::Args;
use jiff::Timestamp;

use self::budget::{Budget, COMPLETE};
use self::condition::Condition;
use self::ground::Ground;
use self::report::Report;
use self::rubric::{Asked, ByRubric};
use self::runs::Runs;
use self::suites::Suites;
use super::judge::Judges;
use super::target::{Named, Speaking};
use crate::app::Place;
use crate::cli::evidence::leave;
use crate::cli::terminal;

/// What is told of all runs, in their folder.
const REPORT: &str = "report.json";

/// `candour eval redteam`.
#[derive(Debug, Args)]
#[command(after_help = "\
The suite is the bundled one, or a file as in docs/evaluation.md: what must not come of an attack is what
its sample must not say, its tags name its family, and samples tagged `twin` are harmless.
Each attack is tried plain and in disguises, a conversation turn by turn. All of it is done with every
mitigation on, with none, without each one, and with each one alone, on the same attempts: that takes a
pilot in this process. A target over a network is attacked as it is.
Then hostile pages are put among the pilot's own, in indexes of their own made from what it keeps.
With --judge a model says by a rubric whether the answers give what the attacks are after (`goal`), also of
a red team that was made before. What it says is never given alone: --labels corrects it by what people say.
The limits of the suite hold for the whole command: what is beyond them is told as not tested.

A run is kept in a folder; the same command with the same --out goes on where it stopped.
What is measured, and what is not: docs/redteam.md.")]
pub(crate) struct Redteam {
    /// The suite's file; `sample` is the bundled one
    #[arg(value_name = "SUITE", default_value = "sample")]
    suite: PathBuf,

    /// What is attacked: sample, pilot, api:URL or chat:URL, as for `candour eval run`
    #[arg(long, value_name = "TARGET")]
    target: Option<Named>,

    #[command(flatten)]
    speaking: Speaking,

    #[command(flatten)]
    script: Script,

    #[command(flatten)]
    judges: Judges,

    /// Switch only this mitigation; may be given again. [default: all that do something]
    #[arg(long, value_name = "NAME")]
    mitigation: Vec<Mitigation>,

    /// Try only attacks of this family; may be given again
    #[arg(long, value_name = "NAME")]
    family: Vec<Family>,

    /// How many attempts are made of an attack, plain first
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u16).range(1..=Disguise::ALL.len() as i64))]
    attempts: u16,

    /// A folder with sets of others: CyberSecEval's injections, BIPIA, NotInject, XSTest
    #[arg(long, value_name = "DIR")]
    attacks: Option<PathBuf>,

    /// Ask again what had no answer when the runs stopped, or none of the model, for that failed
    #[arg(long)]
    retry_errors: bool,

    /// How many questions are on their way at a time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=1000))]
    connections: u16,

    /// The folder of the runs [default: a new one in the state directory]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Print JSON
    #[arg(long)]
    json: bool,

    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
}

/// A script that writes the answers, where one does.
#[derive(Debug, Args)]
struct Script {
    /// Have a script write the answers that obeys whoever attacks, whatever it reads
    #[arg(long)]
    worst_case_model: bool,

    /// Have a script write the answers that obeys all but what its prompt marks as data
    #[arg(long, conflicts_with = "worst_case_model")]
    naive_model: bool,
}

impl Script {
    fn manner(&self) -> Option<Manner> {
        match (self.worst_case_model, self.naive_model) {
            (true, _) => Some(Manner::WorstCase),
            (_, true) => Some(Manner::Naive),
            _ => None,
        }
    }
}

impl Redteam {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        let started_at = Timestamp::now();
        let folder = self.out.clone().unwrap_or_else(|| {
            let time = started_at.strftime("%Y-%m-%dT%H-%M-%S");
            place.state.join("runs").join(format!("redteam-{time}"))
        });
        let is_sample = self.suite == Path::new("sample");
        let own = if is_sample { Named::Sample } else { Named::Pilot };
        let target = self.target.as_ref().unwrap_or(&own);
        // What was asked for wrongly is told before anything is ingested.
        let sets = self.attacks.as_ref().map(|folder| read_external(folder)).transpose()?;
        let sets = sets.unwrap_or_default();
        let manner = self.script.manner();
        let models = Ground::models(target, place, manner)?;
        let conditions = self.conditions(models.as_ref())?;
        let suites = Suites::write(&self.suite, &folder, &self.family, self.attempts.into())?;
        // A pilot and a deployment answer the earlier turns of conversations themselves.
        let says_as_told = matches!(target, Named::Chat(_));
        let own = (&suites, self.suite.as_path());
        let rubric = ByRubric::open(&self.judges, place, own, &conditions, says_as_told)?;
        let ground =
            Ground::open(target, place, &self.speaking, (models, manner.is_some())).await?;
        let suites = suites.with_pages(&folder, &ground, &self.family).await?;
        let budget = Budget::new(suites.guidance.about.limits);
        let mut runs = Runs { redteam: &self, folder: &folder, started_at, budget };
        set_aside(&folder, &[REPORT, RESULT])?;
        if let Some(rubric) = &rubric {
            runs.say(&rubric.how_many());
        }
        let fared = runs.all(&conditions, &ground, &suites, &sets).await?;
        let asked = match rubric {
            Some(rubric) => Some(rubric.ask(&fared, &mut runs).await?),
            None => None,
        };
        let report = self.report(&sets, &ground, &suites, (&fared, asked), runs).await?;
        let file = folder.join(REPORT);
        std::fs::write(&file, serde_json::to_vec_pretty(&report)?)
            .with_context(|| format!("{} cannot be written", file.display()))?;
        let outcome = report.evidence(&ground)?;
        let entered = leave(place, &folder, &outcome).await?;
        if self.json {
            let mut found = report.printed()?;
            found["evidence"] = entered.as_json();
            terminal::print_json(&found)?;
        } else {
            terminal::print(&format!("{}{}\n", report.text(), entered.words(Some(&folder))))?;
        }
        let is_in_vain = report.outcomes.values().any(Outcome::is_in_vain);
        let is_well = report.ending == COMPLETE && !report.is_refused() && !is_in_vain;
        Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// Whether attacks of a family are tried.
    fn tries(&self, family: Family) -> bool {
        self.family.is_empty() || self.family.contains(&family)
    }

    /// What of the suite's attacks is not tried, and of those that are put among a pilot's pages.
    fn left_out(&self, ground: &Ground, suites: &Suites) -> LeftOut {
        let mut left_out = suites.left_out.clone();
        let has_pages = matches!(ground, Ground::Switchable(_));
        if has_pages && !self.tries(Family::Indirect) {
            left_out.families.insert(Family::Indirect.name().to_owned());
        }
        left_out
    }

    fn is_quiet(&self) -> bool {
        self.quiet || self.json
    }

    /// The conditions under which everything is tried: one of a target that is not a pilot in this process.
    fn conditions(&self, models: Option<&Models>) -> Result<Vec<Condition>> {
        let Some(models) = models else {
            if !self.mitigation.is_empty() {
                bail!(
                    "the mitigations of a target over a network cannot be switched: leave out --mitigation, or attack sample or pilot"
                );
            }
            return Ok(vec![Condition::All]);
        };
        if let Some(idle) = self.mitigation.iter().find(|one| !does_something(**one, models)) {
            bail!(
                "{idle} does something only where a model writes (for `judge`: and another judges): configure one, or give --worst-case-model"
            );
        }
        let switched: Vec<Mitigation> = if self.mitigation.is_empty() {
            Mitigation::ALL.into_iter().filter(|one| does_something(*one, models)).collect()
        } else {
            self.mitigation.clone()
        };
        Ok(Condition::of(&switched))
    }

    /// Everything that is told, from what the runs recorded and record yet.
    async fn report(
        &self,
        sets: &[ExternalSet],
        ground: &Ground,
        suites: &Suites,
        (fared, asked): (&BTreeMap<Condition, Fared>, Option<Asked>),
        mut runs: Runs<'_>,
    ) -> Result<Report> {
        let prices = suites.guidance.about.prices.as_ref();
        let outcome = |(condition, fared): (&Condition, &Fared)| {
            Ok((condition.name(), Outcome::of(fared, prices)?))
        };
        let mut outcomes: BTreeMap<String, Outcome> =
            fared.iter().map(outcome).collect::<Result<_>>()?;
        asked.iter().try_for_each(|asked| asked.weigh(fared, &mut outcomes))?;
        let left_out = self.left_out(ground, suites);
        let all = runs.folder.join(Condition::All.name()).join("guidance");
        let poisoned = match (ground, &suites.poisoned) {
            (Ground::Switchable(pilot), Some(suite)) => {
                poison::curves(suite, pilot, &mut runs).await?
            }
            _ => BTreeMap::new(),
        };
        let external = outside::measure(sets, ground, &mut runs).await?;
        let mut not_tested =
            self.not_tested(ground, suites, fared, (&outcomes, &left_out), &runs.budget);
        let judged = asked.as_ref().map(Asked::families);
        not_tested.push(untested::in_other_words(judged.as_ref()));
        not_tested.extend(asked.as_ref().and_then(Asked::not_tested));
        Ok(Report {
            target: ground.describe(),
            program: env!("CARGO_PKG_VERSION"),
            ending: runs.budget.ending(),
            suites: suites.hashes(),
            is_switched: matches!(ground, Ground::Switchable(_)),
            folder: runs.folder.to_owned(),
            not_tested,
            left_out,
            outcomes,
            effects: effects(fared, asked.as_ref())?,
            rubric: asked.map(Asked::told),
            poisoned,
            wallet: match ground {
                Ground::Switchable(pilot) if self.tries(Family::Wallet) => {
                    wallet::drain(pilot).await?
                }
                _ => None,
            },
            judge: talk_over(&all, &suites.guidance)?,
            noticed: match ground {
                Ground::Switchable(pilot) => noticed::by_family(&suites.guidance, pilot)?,
                Ground::AsItIs { .. } => BTreeMap::new(),
            },
            external,
            logs: runs::logs(runs.folder)?,
        })
    }
}

/// Whether a mitigation makes any difference beside these models.
fn does_something(mitigation: Mitigation, models: &Models) -> bool {
    match mitigation {
        Mitigation::Judge => models.judge.is_some(),
        one => models.writer.is_some() || !one.needs_a_model(),
    }
}

/// What each mitigation changes, beside all others and beside none.
fn effects(fared: &BTreeMap<Condition, Fared>, asked: Option<&Asked>) -> Result<Vec<Effect>> {
    let mut effects = Vec::new();
    for condition in fared.keys() {
        let (mitigation, beside, off, on) = match condition {
            Condition::Without(one) => (one, "all", condition, &Condition::All),
            Condition::Only(one) => (one, "none", &Condition::None, condition),
            Condition::All | Condition::None => continue,
        };
        let Some((without, with)) = fared.get(off).zip(fared.get(on)) else { continue };
        let mut compared = Compared::of(without, with)?;
        let alone = asked.and_then(|asked| asked.alone(*off).zip(asked.alone(*on)));
        if let Some((off, on)) = alone {
            compared.add_uncorrected(off, on)?;
        }
        effects.push(Effect { mitigation: mitigation.name().to_owned(), beside, compared });
    }
    adjust(effects.iter_mut().map(|effect| &mut effect.compared).collect())?;
    Ok(effects)
}
