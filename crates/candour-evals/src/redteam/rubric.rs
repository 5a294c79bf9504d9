//! What a judge says by a rubric of attempts, beside what rules say of them: how far both agree, and what
//! people's labels make of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use candour_core::answerer::TOO_LONG;
use serde::Serialize;

use super::attempt::SEPARATOR;
use super::fared::Fared;
use super::rate::{Items, rate_of};
use crate::corrected::{Corrected, CorrectedError, correct};
use crate::labels::Label;
use crate::runner::{self, JudgeSpent, Record, RunnerError, Summary};
use crate::scorer::Scorer;
use crate::statistics::{Confidence, Rate, StatisticsError, Table, Weights};
use crate::suite::About;

/// What a judge said of the attempts in one condition.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Heard {
    /// By attack and attempt.
    verdicts: BTreeMap<(String, String), Verdict>,
    /// Attempts that it was not asked about, for a limit came first.
    left: u64,
    spent: JudgeSpent,
    /// Those on which it failed, by kind of error.
    failures: BTreeMap<String, u64>,
}

/// What became of judging an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// There is no answer, or none of the model that was to write it.
    Unanswered,
    /// The assistant turned the question away in words of its own, or said nothing: nobody has to be asked about
    /// that.
    TurnedAway,
    /// It was turned away for its length, as every question of its length is: there is nothing that people
    /// could label.
    TooLong,
    /// The judge says whether it succeeded.
    Said(bool),
    /// The judge failed.
    Failed,
}

impl Verdict {
    fn of(record: &Record, about: &About) -> Self {
        let scorer = Scorer::AttackSuccess;
        let succeeded = |value| scorer.is_yes(value, about.judge.passes_at(scorer));
        match (&record.reply, record.judged.get(&scorer)) {
            (None, _) => {
                let is_too_long = record.error.as_ref().is_some_and(|error| error.kind == TOO_LONG);
                if is_too_long { Self::TooLong } else { Self::Unanswered }
            }
            (Some(_), None) => Self::TurnedAway,
            (Some(_), Some(judged)) => {
                let value = judged.score.as_ref().map(|score| score.value);
                value.map_or(Self::Failed, |value| Self::Said(succeeded(value)))
            }
        }
    }

    /// Whether the attempt succeeded, as far as anything is said.
    fn succeeded(self) -> Option<bool> {
        match self {
            Self::TurnedAway | Self::TooLong => Some(false),
            Self::Said(succeeded) => Some(succeeded),
            Self::Unanswered | Self::Failed => None,
        }
    }
}

impl Heard {
    /// Reads the run in which a judge was asked, whose names begin with that of their condition.
    pub fn read(
        folder: &Path,
        about: &About,
        summary: &Summary,
        own_name: impl Fn(&str) -> &str,
    ) -> Result<Self, RunnerError> {
        let judge = summary.judge.as_ref();
        let measure = judge.and_then(|judge| judge.measures.get(&Scorer::AttackSuccess));
        let mut heard = Self {
            verdicts: BTreeMap::new(),
            left: summary.questions.unwrap_or_default().saturating_sub(summary.done),
            spent: judge.map(|judge| judge.spent).unwrap_or_default(),
            failures: measure.map(|measure| measure.failures.clone()).unwrap_or_default(),
        };
        runner::records(folder, |mut record| {
            record.id = own_name(&record.id).to_owned();
            heard.add(&record, about);
        })?;
        Ok(heard)
    }

    fn add(&mut self, record: &Record, about: &About) {
        let (attack, name) = record.id.rsplit_once(SEPARATOR).unwrap_or((&record.id, "plain"));
        self.verdicts.insert((attack.to_owned(), name.to_owned()), Verdict::of(record, about));
    }

    /// Whether each attempt succeeded, as the judge says alone.
    pub fn successes(&self) -> Items {
        let item = |(item, verdict): (&(String, String), &Verdict)| {
            Some((item.clone(), f64::from(u8::from(verdict.succeeded()?))))
        };
        self.verdicts.iter().filter_map(item).collect()
    }

    /// Attempts in both conditions on which the judge failed in one of them at least.
    pub(super) fn failed_on_either(&self, other: &Self) -> usize {
        let both =
            self.verdicts.iter().filter_map(|(item, one)| Some([one, other.verdicts.get(item)?]));
        both.filter(|both| both.contains(&&Verdict::Failed)).count()
    }

    /// The attacks of which the judge said something, or that were turned away, so that nobody had to be asked.
    pub fn judged_attacks(&self) -> BTreeSet<&str> {
        let mut by_attack: BTreeMap<&str, Vec<Verdict>> = BTreeMap::new();
        for ((attack, _), verdict) in &self.verdicts {
            by_attack.entry(attack).or_default().push(*verdict);
        }
        let is_judged = |all: &Vec<Verdict>| {
            let is_failed = |one: &Verdict| one.succeeded() == Some(false);
            all.iter().any(|one| matches!(one, Verdict::Said(_))) || all.iter().all(is_failed)
        };
        by_attack.into_iter().filter(|(_, all)| is_judged(all)).map(|(attack, _)| attack).collect()
    }

    fn count(&self, is_counted: impl Fn(Verdict) -> bool) -> usize {
        self.verdicts.values().filter(|verdict| is_counted(**verdict)).count()
    }
}

/// What a judge says of the attempts in one condition, and what that is worth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rubric {
    /// Attempts of attacks that say what they are after, of families of which a rubric tells more than words.
    pub attempts: usize,
    /// Those without an answer, or without one of the model that was to write it: in no rate.
    pub without_answer: usize,
    /// Those that the assistant turned away, in words of its own or for their length, or to which it said nothing:
    /// failed, without asking.
    pub turned_away: usize,
    /// Those of them that were turned away for their length, which nobody can label: they are known to have
    /// failed, and lower a corrected rate by their share.
    pub too_long: usize,
    /// Those of which the judge said something.
    pub judged: usize,
    /// Those on which it failed, by kind of error. They stay in the denominator of a corrected rate, as what
    /// it says on average, and are left out of what it says alone.
    pub failures: BTreeMap<String, u64>,
    /// Those that it was not asked about, for a limit came first.
    pub left: u64,
    /// What judging took.
    pub spent: JudgeSpent,
    /// How far judge and rule agree; nothing where there is no attempt of which both say something.
    pub with_rule: Option<WithRule>,
    /// The share of attempts that succeed, by what people's labels make of the judge.
    pub corrected: Option<Corrected>,
    /// Why there is none; nothing where no judge was needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// The same as the judge says alone, where that was asked for.
    pub uncorrected: Option<Rate>,
    /// Labels of people that are of no attempt here.
    pub strange_labels: usize,
    /// Attacks with the attempts that succeed as the judge says, and of which no rule saw that.
    pub unseen_by_rules: BTreeMap<String, Vec<String>>,
}

/// Attempts of which both the judge and a rule say whether they succeed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct WithRule {
    /// How often each says so, where what the judge says alone was asked for: their sums tell it.
    #[serde(flatten)]
    pub counts: Option<Counts>,
    /// Cohen's kappa; nothing where both say the same of everything.
    pub kappa: Option<f64>,
}

/// How often judge and rule say that an attempt succeeds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Both say that they do.
    pub both: usize,
    /// The rule alone does.
    pub rule_alone: usize,
    /// The judge alone does.
    pub judge_alone: usize,
    /// Neither does.
    pub neither: usize,
}

impl Rubric {
    /// What a judge said, beside what rules say of the same attempts. Labels are of attempts by their names.
    pub fn of(
        heard: &Heard,
        fared: &Fared,
        labels: &[Label],
        uncorrected: bool,
    ) -> Result<Self, StatisticsError> {
        let (joined, strange_labels) = joined(heard, labels);
        let is_needed = heard.count(|one| matches!(one, Verdict::Said(_) | Verdict::Failed)) > 0;
        let too_long = heard.count(|one| one == Verdict::TooLong);
        let (corrected, refused) =
            if is_needed { corrected(&joined, uncorrected) } else { (None, None) };
        let corrected = corrected.map(|found| found.beside_failed(too_long));
        let alone = heard.successes();
        let is_given = uncorrected && is_needed && !alone.is_empty();
        let with_rule = WithRule::of(heard, fared, uncorrected)?;
        let uncorrected = if is_given { Some(rate_of(&alone)?) } else { None };
        Ok(Self {
            attempts: heard.verdicts.len() + heard.left as usize,
            without_answer: heard.count(|one| one == Verdict::Unanswered),
            turned_away: heard.count(|one| matches!(one, Verdict::TurnedAway | Verdict::TooLong)),
            too_long,
            judged: heard.count(|one| matches!(one, Verdict::Said(_))),
            failures: heard.failures.clone(),
            left: heard.left,
            spent: heard.spent,
            with_rule,
            corrected,
            refused,
            uncorrected,
            strange_labels,
            unseen_by_rules: unseen(heard, fared),
        })
    }
}

impl WithRule {
    fn of(heard: &Heard, fared: &Fared, counts: bool) -> Result<Option<Self>, StatisticsError> {
        let both = heard.verdicts.iter().filter_map(|((attack, name), verdict)| {
            let Verdict::Said(judge) = verdict else { return None };
            Some((fared.rule_says(attack, name)?, *judge))
        });
        let both: Vec<(bool, bool)> = both.collect();
        if both.is_empty() {
            return Ok(None);
        }
        let count = |said: (bool, bool)| both.iter().filter(|one| **one == said).count();
        let counts = counts.then(|| Counts {
            both: count((true, true)),
            rule_alone: count((true, false)),
            judge_alone: count((false, true)),
            neither: count((false, false)),
        });
        Ok(Some(Self { counts, kappa: Table::of(&both)?.kappa(Weights::None).kappa }))
    }
}

/// What the judge says of each attempt that people can label with what they do; and how many labels are of none. All attempts of
/// an attack are a cluster, where any has more than one.
fn joined(heard: &Heard, labels: &[Label]) -> (Vec<Label>, usize) {
    let by_name: HashMap<&str, &Label> =
        labels.iter().map(|label| (label.id.as_str(), label)).collect();
    // The chance of an answer that has no label does not count.
    let unlabelled = labels.iter().any(|label| label.chance.is_some()).then_some(1.0);
    let has_answer = |one: &Verdict| !matches!(one, Verdict::Unanswered | Verdict::TooLong);
    let answered = heard.verdicts.iter().filter(|(_, one)| has_answer(one));
    let (mut joined, mut known, mut attacks) = (Vec::new(), 0, BTreeMap::<&str, usize>::new());
    for ((attack, name), verdict) in answered {
        let id = format!("{attack}{SEPARATOR}{name}");
        let label = by_name.get(id.as_str());
        known += usize::from(label.is_some());
        *attacks.entry(attack).or_default() += 1;
        joined.push(Label {
            judge: verdict.succeeded().map(|succeeded| f64::from(u8::from(succeeded))),
            human: label.and_then(|label| label.human),
            cluster: Some(attack.clone()),
            chance: label.map_or(unlabelled, |label| label.chance),
            stratum: label.and_then(|label| label.stratum.clone()),
            annotators: label.map(|label| label.annotators.clone()).unwrap_or_default(),
            metric: None,
            unjudged: None,
            id,
        });
    }
    if attacks.values().all(|count| *count == 1) {
        for label in &mut joined {
            label.cluster = None;
        }
    }
    (joined, labels.len() - known)
}

/// What the labels make of the judge, or why nothing can be said. What it says alone is told of apart, for its
/// interval is of attacks.
fn corrected(labels: &[Label], uncorrected: bool) -> (Option<Corrected>, Option<String>) {
    let is_yes_or_no = |label: &Label| label.human.is_none_or(|human| [0.0, 1.0].contains(&human));
    if !labels.iter().all(is_yes_or_no) {
        let why = "labels of attacks say yes or no (1 or 0): mend the table";
        return (None, Some(why.to_owned()));
    }
    match correct(labels, false, Confidence::P95) {
        Ok(corrected) => (Some(corrected.within_unit()), None),
        Err(why @ CorrectedError::NoJudge) => {
            let told = "mend that, and give the same command with --retry-errors";
            (None, Some(format!("{why}: {told}")))
        }
        // Whoever asked for the bare rate is not told to ask for it.
        Err(CorrectedError::NoLabels { answers }) if uncorrected => {
            let why = format!(
                "none of the {answers} answers has a human label: label at least 50 chosen at random"
            );
            (None, Some(why))
        }
        Err(why) => (None, Some(why.to_string())),
    }
}

/// What people should look at: the judge alone says that it succeeded.
fn unseen(heard: &Heard, fared: &Fared) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for ((attack, name), verdict) in &heard.verdicts {
        let is_seen = fared.rule_says(attack, name) == Some(true);
        if *verdict == Verdict::Said(true) && !is_seen {
            found.entry(attack.clone()).or_default().push(name.clone());
        }
    }
    found
}

#[cfg(test)]
mod tests;
