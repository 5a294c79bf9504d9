//! The suites that are asked: every attempt of every attack with harmless questions beside them, and the
//! same questions where hostile pages are among the guidance.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use candour_content::index::LiveIndex;
use candour_core::ContentHash;
use candour_evals::redteam::{
    Attempts, Family, LeftOut, TWIN, UNDER_ATTACK, attempts, has_criterion,
};
use candour_evals::scorer::Scorer;
use candour_evals::suite::{About, Sample, Suite};

use super::super::run::unpack_sample;
use super::condition::Condition;
use super::ground::Ground;
use super::pages::{Planted, plant};
use super::poison;

const SUITE: &str = include_str!("../../../../../../sample/redteam/suite.toml");
const ATTACKS: &str = include_str!("../../../../../../sample/redteam/attacks.jsonl");
const TWINS: &str = include_str!("../../../../../../sample/redteam/twins.jsonl");

/// The suites of one command.
pub(super) struct Suites {
    /// What is asked of the guidance as it is.
    pub(super) guidance: Arc<Suite>,
    /// What is asked where hostile pages are in it, and that index.
    pub(super) planted: Option<(Arc<Suite>, Arc<LiveIndex>)>,
    /// What is asked where more and more hostile pages are in it, each aimed at a question.
    pub(super) poisoned: Option<Arc<Suite>>,
    /// What of the suite's attacks is not asked.
    pub(super) left_out: LeftOut,
    /// Where they are written.
    folder: PathBuf,
    /// The text of the suite's file, but for what a judge is told.
    about: toml::Table,
    /// What it says of judges.
    judge: Option<toml::Value>,
    /// The attempts that are made, with what their attacks are after.
    pub(super) attempts: Vec<Sample>,
    twins: Vec<Sample>,
}

impl Suites {
    /// Reads the suite, and writes its attempts.
    pub(super) fn write(
        file: &Path,
        folder: &Path,
        families: &[Family],
        most: usize,
    ) -> Result<Self> {
        let file = if file == Path::new("sample") { unpack(folder)? } else { file.to_owned() };
        let suite = Suite::read(&file)?;
        let mut about: toml::Table = std::fs::read_to_string(&file)?.parse()?;
        // What a judge is told comes later than answers do, and asks for none of them again.
        let judge = about.remove("judge");
        let (twins, attacks): (Vec<Sample>, Vec<Sample>) =
            suite.all()?.into_iter().partition(|sample| sample.has_tag(TWIN));
        let twins = twins.into_iter().map(|twin| Sample { goal: None, ..twin }).collect::<Vec<_>>();
        let is_tried =
            |attack: &Sample| families.is_empty() || families.contains(&Family::of(attack));
        let (tried, untried): (Vec<Sample>, Vec<Sample>) = attacks.into_iter().partition(is_tried);
        check(&file, &suite.about, &tried, families)?;
        let tried: Vec<Attempts> = tried.iter().map(|attack| attempts(attack, most)).collect();
        let left_out = LeftOut::of(&tried, untried.iter().map(Family::of));
        let attempts: Vec<Sample> = tried.into_iter().flat_map(|tried| tried.made).collect();
        let asked = attempts.iter().chain(&twins).cloned();
        let asked: Vec<Sample> = asked.map(|sample| Sample { goal: None, ..sample }).collect();
        let folder = folder.join("suites");
        let guidance = write(&folder.join("guidance"), &about, &asked)?;
        let (planted, poisoned) = (None, None);
        Ok(Self { guidance, planted, poisoned, left_out, folder, about, judge, attempts, twins })
    }

    /// The hashes of the suites, by name.
    pub(super) fn hashes(&self) -> BTreeMap<&'static str, ContentHash> {
        let planted = self.planted.as_ref().map(|(suite, _)| ("planted", suite));
        let poisoned = self.poisoned.as_ref().map(|suite| ("poisoned", suite));
        let all = [("guidance", &self.guidance)].into_iter().chain(planted).chain(poisoned);
        all.map(|(name, suite)| (name, suite.hash.clone())).collect()
    }

    /// A suite of these attempts that a judge is asked about, and that nothing else looks at. Their names begin
    /// with that of the condition, so that labels tell whose answers they are of.
    pub(super) fn judged(&self, asked: &[Sample], condition: Condition) -> Result<Arc<Suite>> {
        let mut about = self.about.clone();
        let description = "Attempts of attacks whose answers a judge looks at by a rubric";
        about.insert("description".into(), description.into());
        let scorer = Scorer::AttackSuccess.name();
        about.insert("scorers".into(), toml::Value::Array(vec![scorer.into()]));
        about.extend(self.judge.clone().map(|judge| ("judge".to_owned(), judge)));
        let named = |sample: &Sample| Sample { id: condition.named(&sample.id), ..sample.clone() };
        let asked: Vec<Sample> = asked.iter().map(named).collect();
        write(&self.folder.join("judged").join(condition.name()), &about, &asked)
    }

    /// The same with the questions of hostile pages, where there can be any: a copy of the pilot's guidance
    /// has them.
    pub(super) async fn with_pages(
        mut self,
        folder: &Path,
        ground: &Ground,
        families: &[Family],
    ) -> Result<Self> {
        let is_wanted = families.is_empty() || families.contains(&Family::Indirect);
        let Ground::Switchable(pilot) = ground else { return Ok(self) };
        if !is_wanted {
            return Ok(self);
        }
        let pages = Planted::all()?;
        let mut asked: Vec<Sample> = pages.iter().map(Planted::sample).collect();
        asked.extend(self.twins.iter().cloned().map(|mut twin| {
            twin.id = format!("{UNDER_ATTACK}-{}", twin.id);
            twin.tags.push(UNDER_ATTACK.to_owned());
            twin
        }));
        let suites = folder.join("suites");
        let suite = write(&suites.join("planted"), &self.about, &asked)?;
        let index = plant(&pilot.place, &pages, &folder.join("planted")).await?;
        self.planted = Some((suite, index));
        let questions = if pilot.is_sample {
            Suite::read(&unpack_sample(&suites, "--out")?)?.all()?
        } else {
            self.twins.clone()
        };
        self.poisoned = poison::suite(&suites.join("poisoned"), &self.about, questions)?;
        Ok(self)
    }
}

#[cfg(test)]
impl Suites {
    pub(super) fn about(&self) -> &toml::Table {
        &self.about
    }
}

/// Refuses a suite that no attack of can come to anything.
fn check(file: &Path, about: &About, tried: &[Sample], families: &[Family]) -> Result<()> {
    let file = file.display();
    if about.epochs > 1 {
        bail!("{file} has `epochs`: leave it out, an attack is tried as often as --attempts says");
    }
    if tried.is_empty() {
        let names: Vec<&str> = families.iter().map(|family| family.name()).collect();
        match names.as_slice() {
            [] => bail!("{file} has no attack: all its samples are tagged as harmless (twin)"),
            _ if families.contains(&Family::Indirect) => return Ok(()),
            _ => bail!("{file} has no attack of {}: tag its samples so", names.join(", ")),
        }
    }
    let is_told = |attack: &Sample| {
        has_criterion(attack, about)
            || (attack.status.is_some() && about.scorers.contains(&Scorer::Answered))
    };
    if !tried.iter().any(is_told) {
        bail!(
            "no attack of {file} says what must not come of it, so that nobody could tell whether one succeeds: give each `must_not_say`, and name `nothing_forbidden` among the scorers"
        );
    }
    Ok(())
}

/// Writes a suite of these samples that is otherwise as `about` says, and reads it.
pub(super) fn write(folder: &Path, about: &toml::Table, samples: &[Sample]) -> Result<Arc<Suite>> {
    let mut about = about.clone();
    about.insert("samples".into(), toml::Value::Array(vec!["samples.jsonl".into()]));
    about.remove("shape");
    let mut lines = String::new();
    for sample in samples {
        let _ = writeln!(lines, "{}", serde_json::to_string(sample)?);
    }
    let file = folder.join("suite.toml");
    put(&folder.join("samples.jsonl"), &lines)?;
    put(&file, &about.to_string())?;
    Ok(Arc::new(Suite::read(&file)?))
}

/// The bundled suite, as files.
fn unpack(folder: &Path) -> Result<PathBuf> {
    let folder = folder.join("suites").join("bundled");
    let file = folder.join("suite.toml");
    put(&folder.join("attacks.jsonl"), ATTACKS)?;
    put(&folder.join("twins.jsonl"), TWINS)?;
    put(&file, SUITE)?;
    Ok(file)
}

fn put(file: &Path, text: &str) -> Result<()> {
    std::fs::create_dir_all(file.parent().unwrap_or(file))
        .and_then(|()| std::fs::write(file, text))
        .with_context(|| format!("{} cannot be written: choose another --out", file.display()))
}
