//! Attempts judged by a rubric, from the answers that were given: no target is asked again, so that a red team
//! can be judged once it was made, and its labels come later.

mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};
use candour_core::{Answerer, AnswererError, Answering, ContentHash, Question, Reply, Writer};
use candour_evals::judge::{Identity, Judge};
use candour_evals::labels::Label;
use candour_evals::redteam::{Family, Fared, Heard, Outcome, Rubric};
use candour_evals::runner::{self, JudgeSpent, Judging, Summary, Target};
use candour_evals::scorer::Scorer;
use candour_evals::suite::{Prices, Sample, Suite};
use candour_evals::target::Transcript;
use serde::Serialize;

use super::super::judge::Judges;
use super::condition::Condition;
use super::runs::Runs;
use super::suites::Suites;
use super::untested;
use crate::app::Place;

/// The run in which attempts are judged, in the folder of their condition.
const NAME: &str = "judged";

/// Who judges, and which attempts.
pub(super) struct ByRubric {
    /// What is judged in each condition.
    suites: BTreeMap<Condition, Arc<Suite>>,
    judging: Judging,
    /// The attacks that are judged, with their families.
    attacks: BTreeMap<String, Family>,
    /// Attacks that a judge would be asked about if they said what they are after.
    without_goal: Vec<String>,
}

/// What was heard of the judge.
pub(super) struct Asked {
    by: ByRubric,
    heard: BTreeMap<Condition, Heard>,
    spent: JudgeSpent,
    failures: Vec<(String, String, String)>,
}

/// Who judged by a rubric, and what that took.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    #[serde(flatten)]
    identity: Identity,
    /// The hash of the prompt, the model, its limits and the texts that it is given.
    by: Option<ContentHash>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prices: Option<Prices>,
    /// Above which value, from 0 to 1, an attack succeeded.
    succeeds_above: f64,
    /// The families of which attempts were judged.
    families: BTreeSet<Family>,
    /// The attacks of these that say nothing of what they are after, and were not judged.
    without_goal: Vec<String>,
    /// What all of it took.
    spent: JudgeSpent,
    /// Where the judge failed: the condition, the attempt and why.
    named_failures: Vec<(String, String, String)>,
}

impl ByRubric {
    /// Who judges attempts of the suite in these conditions; nothing where nobody is asked to. Of conversations a
    /// judge is shown the answers that the suite gives only where `says_as_told`: where the target was told them.
    pub(super) fn open(
        judges: &Judges,
        place: &Place,
        (suites, file): (&Suites, &Path),
        conditions: &[Condition],
        says_as_told: bool,
    ) -> Result<Option<Self>> {
        if !judges.is_asked() {
            return Ok(None);
        }
        let (mut asked, aimless) = for_a_rubric(suites)?;
        if !says_as_told {
            let answers = asked.iter_mut().flat_map(|sample| &mut sample.conversation);
            answers.for_each(|exchange| exchange.answer.clear());
        }
        let suite = |condition: &Condition| Ok((*condition, suites.judged(&asked, *condition)?));
        let asked_in: BTreeMap<Condition, Arc<Suite>> =
            conditions.iter().map(suite).collect::<Result<_>>()?;
        let Some(first) = asked_in.values().next() else { return Ok(None) };
        let Some(judging) = judges.open(place, first, file)? else { return Ok(None) };
        check(&judging, conditions)?;
        let mut without_goal: Vec<String> =
            aimless.iter().map(|sample| sample.cluster().to_owned()).collect();
        without_goal.dedup();
        let attack = |sample: &Sample| (sample.cluster().to_owned(), Family::of(sample));
        let attacks = asked.iter().map(attack).collect();
        Ok(Some(Self { suites: asked_in, judging, attacks, without_goal }))
    }

    /// How much the judge is about to be asked at most.
    pub(super) fn how_many(&self) -> String {
        let identity = &self.judging.judge.identity;
        let attempts = self.suites.values().next().map_or(0, |suite| suite.samples);
        let all: u64 = self.suites.values().map(|suite| suite.samples).sum();
        format!(
            "answers to {attempts} attempts are judged too, {all} in all at most, a request each: by {identity} a reply"
        )
    }

    /// Asks the judge about the attempts in every condition.
    pub(super) async fn ask(
        self,
        fared: &BTreeMap<Condition, Fared>,
        runs: &mut Runs<'_>,
    ) -> Result<Asked> {
        let (mut heard, mut spent) = (BTreeMap::new(), JudgeSpent::default());
        let mut failures = Vec::new();
        for (condition, suite) in self.suites.iter().filter(|(one, _)| fared.contains_key(one)) {
            let made = self.ask_in(*condition, suite, runs).await?;
            let Some((folder, summary)) = made else { continue };
            heard.insert(*condition, Heard::read(&folder, &suite.about, &summary, own_name)?);
            let Some(judge) = summary.judge else { continue };
            spent = spent.and(judge.spent);
            let named = judge.named_failures.into_iter();
            failures.extend(
                named.map(|(_, id, _, why)| (condition.name(), own_name(&id).to_owned(), why)),
            );
        }
        // In the order in which they came, two runs of the same would differ.
        failures.sort_unstable();
        Ok(Asked { by: self, heard, spent, failures })
    }

    async fn ask_in(
        &self,
        condition: Condition,
        suite: &Arc<Suite>,
        runs: &mut Runs<'_>,
    ) -> Result<Option<(PathBuf, Summary)>> {
        let own = PathBuf::from(condition.name());
        let guidance = runs.folder.join(&own).join("guidance");
        let target = runner::header_of(&guidance)?.target;
        let given = Given { target, answers: Transcript::open(&guidance)? };
        let target = Target::Answerer(Arc::new(given));
        // What the labels make of it is told for all conditions together.
        let Judging { judge, .. } = self.judging.clone();
        let judging = Judging { judge, labels: BTreeMap::new(), uncorrected: false };
        runs.one(suite, target, Some(judging), &own.join(NAME)).await
    }

    /// The labels of people for attempts in a condition. Those that name none are of the only one that there is.
    fn labels(&self, condition: Condition) -> Vec<Label> {
        let all = self.judging.labels.get(&Scorer::AttackSuccess).into_iter().flatten();
        let own = all.filter_map(|label| {
            let (of, id) = Condition::of_named(&label.id).unwrap_or((Condition::All, &label.id));
            (of == condition).then(|| Label { id: id.to_owned(), ..label.clone() })
        });
        own.collect()
    }
}

impl Asked {
    /// Says in each outcome what the judge said there, and what that is worth.
    pub(super) fn weigh(
        &self,
        fared: &BTreeMap<Condition, Fared>,
        outcomes: &mut BTreeMap<String, Outcome>,
    ) -> Result<()> {
        for (condition, heard) in &self.heard {
            let outcome = outcomes.get_mut(&condition.name());
            let Some((fared, outcome)) = fared.get(condition).zip(outcome) else { continue };
            let (labels, uncorrected) = (self.by.labels(*condition), self.by.judging.uncorrected);
            outcome.rubric = Some(Rubric::of(heard, fared, &labels, uncorrected)?);
        }
        Ok(())
    }

    /// What it says alone in a condition, where that was asked for.
    pub(super) fn alone(&self, condition: Condition) -> Option<&Heard> {
        self.heard.get(&condition).filter(|_| self.by.judging.uncorrected)
    }

    /// The families of which attempts were judged, in any condition.
    pub(super) fn families(&self) -> BTreeSet<Family> {
        let attacks = self.heard.values().flat_map(Heard::judged_attacks);
        attacks.filter_map(|attack| self.by.attacks.get(attack).copied()).collect()
    }

    /// Attacks that were not judged, for nobody says what they are after.
    pub(super) fn not_tested(&self) -> Option<String> {
        let named = untested::named(&self.by.without_goal)?;
        Some(format!(
            "whether these attacks succeed in other words, for no judge is told what they are after: {named}. Give each a `goal`"
        ))
    }

    /// Who judged.
    pub(super) fn told(self) -> Told {
        let families = self.families();
        let Self { by, spent, failures, .. } = self;
        let about = by.suites.values().next().map(|suite| &suite.about.judge);
        let succeeds_above = about.map_or_else(
            || Scorer::AttackSuccess.passes_at(),
            |judge| judge.passes_at(Scorer::AttackSuccess),
        );
        let Judge { identity, prices, .. } = by.judging.judge.clone();
        Told {
            by: by.judging.judge.hash(Scorer::AttackSuccess).cloned(),
            identity,
            prices,
            succeeds_above,
            families,
            without_goal: by.without_goal,
            spent,
            named_failures: failures,
        }
    }
}

/// The attempts that a judge can be asked about, and those of attacks that do not say what they are after.
fn for_a_rubric(suites: &Suites) -> Result<(Vec<Sample>, Vec<Sample>)> {
    let attempts = suites.attempts.iter().filter(|sample| Family::of(sample).is_for_a_rubric());
    let (asked, aimless): (Vec<Sample>, Vec<Sample>) =
        attempts.cloned().partition(|sample| sample.goal.is_some());
    if asked.is_empty() {
        let families = Family::ALL.into_iter().filter(|family| family.is_for_a_rubric());
        let families = families.map(Family::name).collect::<Vec<_>>().join(", ");
        bail!(
            "a judge has nothing to look at: no attack that is tried, of the families {families}, says in a `goal` what it is after; give each one, or leave out --judge, --labels and --uncorrected"
        );
    }
    Ok((asked, aimless))
}

/// Refuses labels of which nobody knows in which of several conditions their answers were given.
fn check(judging: &Judging, conditions: &[Condition]) -> Result<()> {
    let labels = judging.labels.get(&Scorer::AttackSuccess).into_iter().flatten();
    let nameless = labels.map(|label| &label.id).find(|id| Condition::of_named(id).is_none());
    match nameless.filter(|_| conditions.len() > 1) {
        None => Ok(()),
        Some(id) => bail!(
            "the label {id:?} does not say in which condition its answer was given: label OUT/all/judged, whose names do, or write it as {:?}",
            Condition::All.named(id)
        ),
    }
}

/// The name of an attempt without that of its condition.
fn own_name(named: &str) -> &str {
    Condition::of_named(named).map_or(named, |(_, id)| id)
}

/// Answers that were given, as a judge is given them. What they took was counted when they were asked for.
struct Given {
    /// What was asked then.
    target: String,
    answers: Transcript,
}

impl Given {
    /// Quotes in place of a model that failed are not what it would have said.
    async fn look_up(&self, question: &Question) -> Result<Reply, AnswererError> {
        let asked = Question { id: own_name(&question.id).to_owned(), ..question.clone() };
        let reply = self.answers.answer(&asked).await?;
        match reply.writer.as_ref().and_then(Writer::failure) {
            Some(why) => Err(AnswererError::Recorded {
                kind: why.to_owned(),
                detail: "the model that was to write it failed".to_owned(),
            }),
            None => Ok(Reply { usage: None, earlier_usage: None, latency_us: 0, ..reply }),
        }
    }
}

impl Answerer for Given {
    fn identity(&self) -> String {
        self.target.clone()
    }

    fn answer<'a>(&'a self, question: &'a Question) -> Answering<'a> {
        Box::pin(self.look_up(question))
    }

    fn is_live(&self) -> bool {
        false
    }
}
