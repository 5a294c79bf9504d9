//! Judges: a language model says of an answer what no rule can, and its words become a score.
//!
//! A judgement is taken in small steps (`step`), each with its own prompt, texts and form of reply.
//! `findings` reads replies strictly, `measures` makes scores of them, `voice` asks. The runner journals
//! each step as it does questions. A judge is handed in: nothing here knows how one is reached. What a
//! judge's rate is worth the runner says beside it, from the labels of people.

mod fence;
mod findings;
mod measures;
mod settings;
mod step;
mod voice;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use candour_core::{AnswerStatus, ContentHash, LanguageModel, ModelIdentity, ModelRequest};
use serde::{Deserialize, Serialize};

pub use self::settings::Settings;
pub use self::step::Step;
pub use self::voice::Judgement;
pub(crate) use self::voice::Passing;

use self::findings::{Finding, Findings};
use self::step::{Material, Part};
use self::voice::Voice;
use crate::runner::{Failure, RunnerError};
use crate::scorer::{Case, Score, Scorer};
use crate::suite::Prices;
use crate::target::{TargetError, Transcript};

/// The key of a score's metadata, in a log, that holds the hash of what decided it.
pub(crate) const JUDGED_BY: &str = "judged_by";
/// The key of a sample's metadata that says which scores the judge failed on.
pub(crate) const JUDGE_FAILURES: &str = "judge_failures";

/// A model that judges.
#[derive(Clone)]
pub struct Judge {
    /// Which it is, and what decides what it says.
    pub identity: Identity,
    /// What its tokens cost, where that is known.
    pub prices: Option<Prices>,
    patience: Duration,
    voice: Voice,
    /// For each judged measure the hash of what decides it.
    hashes: Arc<BTreeMap<Scorer, ContentHash>>,
}

/// What decides what a judge says, beside what it is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// The model.
    pub model: ModelIdentity,
    /// How freely words are drawn.
    pub temperature: f32,
    /// The most tokens of one reply.
    pub max_output_tokens: u32,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model: ModelIdentity { transport, model }, temperature, max_output_tokens } =
            self;
        write!(f, "{transport} {model}, temperature {temperature}, {max_output_tokens} tokens")
    }
}

impl Judge {
    /// A judge that is asked.
    pub fn new(model: Arc<dyn LanguageModel>, settings: &Settings, prices: Option<Prices>) -> Self {
        let identity = Identity {
            model: model.identity(),
            temperature: settings.temperature,
            max_output_tokens: settings.max_output_tokens,
        };
        let patience = Duration::from_secs_f64(settings.seconds);
        Self::with(identity, prices, patience, Voice::Model(model))
    }

    /// A judge that says what it said in the run in a folder.
    pub fn recorded(folder: &Path, prices: Option<Prices>) -> Result<Self, JudgeError> {
        let header = crate::runner::header_of(folder)?;
        let identity = header
            .judge
            .ok_or_else(|| JudgeError::NoJudge { path: folder.display().to_string() })?;
        let voice = Voice::Recorded(Arc::new(Transcript::open(folder)?));
        Ok(Self::with(identity, prices, Duration::MAX, voice))
    }

    fn with(identity: Identity, prices: Option<Prices>, patience: Duration, voice: Voice) -> Self {
        let hash = |scorer: Scorer| (scorer, step::hash_of(&measures::steps(scorer), &identity));
        let hashes = Scorer::ALL.into_iter().filter(|scorer| scorer.is_judged()).map(hash);
        let hashes = Arc::new(hashes.collect());
        Self { identity, prices, patience, voice, hashes }
    }

    /// Whether somebody is asked now.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self.voice, Voice::Model(_))
    }

    /// What decides a judged score beside the texts. Scores with different hashes are not of the same
    /// measure.
    pub fn hash(&self, scorer: Scorer) -> Option<&ContentHash> {
        self.hashes.get(&scorer)
    }
}

/// What is to be asked next.
pub(crate) struct Next {
    pub(crate) step: Step,
    pub(crate) request: ModelRequest,
    pub(crate) hash: ContentHash,
}

/// What came of a judged measure for one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// The hash of the prompts, the model, its limits and the texts that it is given.
    pub by: ContentHash,
    /// The score; none where the judge failed.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
    /// Else why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

/// The judging of one answer, step by step. Nothing in it waits: whoever drives it asks and writes down.
pub(crate) struct Judging<'a> {
    judge: &'a Judge,
    material: Material,
    scorers: Vec<Scorer>,
    steps: BTreeSet<Step>,
    findings: Findings,
    taken: Vec<Judgement>,
    /// What was said of the answer in an earlier run, where the judge says that again.
    recorded: Result<Vec<Judgement>, Failure>,
}

impl<'a> Judging<'a> {
    /// Begins to judge an answer. One that turned its question away is not judged.
    pub(crate) fn new(judge: &'a Judge, case: &Case<'_>, epoch: u32) -> Self {
        let material = Material::of(case);
        let turned_away = matches!(
            case.reply.status,
            Some(AnswerStatus::Abstained | AnswerStatus::Clarify | AnswerStatus::Signposted)
        );
        let applies = |scorer: &Scorer| !turned_away && measures::applies(*scorer, &material);
        let scorers: Vec<Scorer> = case.about.scorers.iter().copied().filter(applies).collect();
        let steps = scorers.iter().flat_map(|scorer| measures::steps(*scorer)).collect();
        let recorded = match &judge.voice {
            Voice::Model(_) => Ok(Vec::new()),
            Voice::Recorded(transcript) => {
                transcript.judgements(&case.sample.id, epoch).map_err(Failure::from)
            }
        };
        let (findings, taken) = (Findings::default(), Vec::new());
        Self { judge, material, scorers, steps, findings, taken, recorded }
    }

    /// What is to be asked next, unless all was. What builds upon a step that failed is not asked, and
    /// fails as that did.
    pub(crate) fn next(&mut self) -> Option<Next> {
        while let Some(step) = self.steps.pop_first() {
            let failed =
                step.before().find_map(|earlier| self.findings.0.get(&earlier)?.clone().err());
            if let Some(failure) = failed {
                self.findings.0.insert(step, Err(failure));
                continue;
            }
            if step == Step::Bias && self.findings.items(Step::Opinions).is_empty() {
                continue;
            }
            let request = self.request(step);
            // A request is data alone, and writing it down cannot fail.
            let sent = serde_json::to_vec(&request).unwrap_or_default();
            let identity = self.judge.identity.to_string();
            let hash = ContentHash::of_list([identity.as_bytes(), &sent]);
            return Some(Next { step, request, hash });
        }
        None
    }

    /// What is asked in a step that may be taken, by what was found before it.
    pub(crate) fn request(&self, step: Step) -> ModelRequest {
        let listed = |earlier| self.findings.listed(earlier);
        step.request(&self.material, &self.judge.identity, listed)
    }

    /// Asks what is to be asked next, once. Where that fails in a way that may pass, it says so.
    pub(crate) async fn ask(&self, next: Next) -> (Judgement, Option<Passing>) {
        let Next { step, request, hash } = next;
        match (&self.judge.voice, &self.recorded) {
            (Voice::Model(model), _) => {
                voice::ask(model.as_ref(), step, request, hash, self.judge.patience).await
            }
            (Voice::Recorded(_), Ok(recorded)) => (voice::recall(recorded, step, hash), None),
            (Voice::Recorded(_), Err(failure)) => {
                (Judgement::failed(step, hash, failure.clone()), None)
            }
        }
    }

    /// Whether what was said can be read.
    pub(crate) fn reads(&self, judgement: &Judgement) -> bool {
        self.read(judgement).is_ok()
    }

    /// Takes what was said.
    pub(crate) fn take(&mut self, judgement: Judgement) {
        let finding = self.read(&judgement);
        self.findings.0.insert(judgement.step, finding);
        self.taken.push(judgement);
    }

    fn read(&self, judgement: &Judgement) -> Result<Finding, Failure> {
        match &judgement.error {
            Some(failure) => Err(failure.clone()),
            None => self.findings.read(judgement.step, &judgement.said, &self.material),
        }
    }

    /// The scores, and what was said for them.
    pub(crate) fn finish(self) -> (BTreeMap<Scorer, Judged>, Vec<Judgement>) {
        let judged = |scorer: Scorer| {
            let by = self.judge.hash(scorer)?.clone();
            let (score, error) = match measures::score(scorer, &self.findings) {
                Ok(score) => (Some(score), None),
                Err(error) => (None, Some(error)),
            };
            Some((scorer, Judged { by, score, error }))
        };
        (self.scorers.iter().copied().filter_map(judged).collect(), self.taken)
    }
}

/// Of these judgements those that a measure rests on.
pub(crate) fn behind(scorer: Scorer, judgements: &[Judgement]) -> impl Iterator<Item = &Judgement> {
    let steps = measures::steps(scorer);
    judgements.iter().filter(move |judgement| steps.contains(&judgement.step))
}

impl Material {
    fn of(case: &Case<'_>) -> Self {
        let (sample, reply) = (case.sample, case.reply);
        let mut question = String::new();
        for exchange in &sample.conversation {
            question.extend([&exchange.question, "\n", &exchange.answer, "\n\n"]);
        }
        question.push_str(&sample.question(1, None).text);
        let passages = reply.passages.iter().flatten().filter(|passage| !passage.text.is_empty());
        let context: Vec<String> =
            passages.map(|passage| format!("{}\n{}", passage.page, passage.text)).collect();
        let filled = |text: &String| !text.trim().is_empty();
        Self {
            question,
            answer: reply.text.clone(),
            ideal: sample.ideal_answer.clone().filter(filled),
            context: Some(context.join("\n\n")).filter(filled),
            goal: sample.goal.clone().filter(filled),
        }
    }

    fn has(&self, part: Part) -> bool {
        match part {
            Part::Question | Part::Listed(_) => true,
            Part::Answer => !self.answer.trim().is_empty(),
            Part::Ideal => self.ideal.is_some(),
            Part::Context => self.context.is_some(),
            Part::Goal => self.goal.is_some(),
        }
    }
}

/// Why a judge cannot be heard again.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// The run cannot be read.
    #[error(transparent)]
    Run(#[from] RunnerError),
    /// Its journal cannot be read.
    #[error(transparent)]
    Journal(#[from] TargetError),
    /// Nobody judged there.
    #[error("no model judged the run in {path}: name a run that was judged, or a model")]
    NoJudge {
        /// The folder.
        path: String,
    },
}

#[cfg(test)]
mod tests;
