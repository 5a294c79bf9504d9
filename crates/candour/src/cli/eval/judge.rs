//! Who judges what no rule can, as it is named on the command line or in a suite.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, Result, bail};
use candour_assistant::model;
use candour_core::{Generator, Price, Transport};
use candour_evals::judge::Judge;
use candour_evals::labels::{self, Label};
use candour_evals::report::visible;
use candour_evals::runner::{Judging, names_an_answer};
use candour_evals::scorer::Scorer;
use candour_evals::suite::{Prices, Suite};
use clap::Args;

use crate::app::{OUTSIDE, Place};
use crate::cli::terminal;

/// Who judges, and what people say.
#[derive(Debug, Args)]
pub(super) struct Judges {
    /// Who judges, where a scorer needs a model; `suite` is the model that the suite names
    #[arg(long, value_name = "JUDGE")]
    judge: Option<Named>,

    /// The name of the model that judges
    #[arg(long, value_name = "NAME")]
    judge_model: Option<String>,

    /// The environment variable that holds its key
    #[arg(long, value_name = "NAME")]
    judge_key_env: Option<String>,

    /// People's labels: a table with a column `metric`, or METRIC=FILE for each metric
    #[arg(long, value_name = "[METRIC=]FILE")]
    labels: Vec<Labels>,

    /// Print what the judge says alone, which is off by nobody knows how much
    #[arg(long)]
    pub(super) uncorrected: bool,
}

/// Who judges.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Named {
    /// The first of the pilot's models.
    Pilot,
    /// The model that the suite names. Whoever wrote the suite chose where answers are sent then.
    Suite,
    /// A model over a transport, at an address.
    Model(Transport, String),
    /// What was said in an earlier run.
    Transcript(PathBuf),
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match (text, text.split_once(':')) {
            ("pilot", _) => Self::Pilot,
            ("suite", _) => Self::Suite,
            (_, Some(("chat", url))) => Self::Model(Transport::Openai, url.to_owned()),
            (_, Some(("anthropic", url))) => Self::Model(Transport::Anthropic, url.to_owned()),
            (_, Some(("bedrock", region))) => Self::Model(Transport::Bedrock, region.to_owned()),
            (_, Some(("transcript", run))) => Self::Transcript(run.into()),
            _ => {
                return Err(
                    "name chat:URL, anthropic:URL, bedrock:REGION, pilot, suite or transcript:RUN"
                        .to_owned(),
                );
            }
        })
    }
}

/// A table of people's labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Labels {
    /// What they are of, where the table does not say.
    metric: Option<Scorer>,
    file: PathBuf,
}

impl FromStr for Labels {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((name, file)) = text.split_once('=') else {
            return Ok(Self { metric: None, file: text.into() });
        };
        Ok(Self { metric: Some(metric(name)?), file: file.into() })
    }
}

fn metric(name: &str) -> Result<Scorer, String> {
    let mut judged = Scorer::ALL.into_iter().filter(|scorer| scorer.is_judged());
    judged.find(|scorer| scorer.name() == name).ok_or_else(|| {
        let judged = Scorer::ALL.into_iter().filter(|scorer| scorer.is_judged());
        let names: Vec<&str> = judged.map(Scorer::name).collect();
        format!("no model judges {name:?}: labels are of one of {}", names.join(", "))
    })
}

impl Judges {
    /// Whether anything is asked of a judge.
    pub(super) fn is_asked(&self) -> bool {
        self.judge.is_some() || !self.labels.is_empty() || self.uncorrected
    }

    /// Who judges a suite; nobody where no scorer needs it.
    pub(super) fn open(
        &self,
        place: &Place,
        suite: &Suite,
        file: &Path,
    ) -> Result<Option<Judging>> {
        let mut judged = suite.about.scorers.iter().filter(|scorer| scorer.is_judged());
        let Some(first) = judged.next() else {
            if self.is_asked() {
                bail!(
                    "no model judges in this suite, so that --judge, --labels and --uncorrected say nothing: name a judged scorer in it, or leave them out"
                );
            }
            return Ok(None);
        };
        let judge = self.judge(place, suite, *first)?;
        check_money(suite, &judge)?;
        let labels = self.read_labels(suite, file)?;
        for (scorer, labels) in &labels {
            if !suite.about.scorers.contains(scorer) {
                let count = labels.len();
                terminal::note(&format!(
                    "{count} labels are of {scorer}, which is no scorer of the suite"
                ));
            }
        }
        Ok(Some(Judging { judge, labels, uncorrected: self.uncorrected }))
    }

    fn judge(&self, place: &Place, suite: &Suite, needed_by: Scorer) -> Result<Judge> {
        let settings = &suite.about.judge;
        if let Some(Named::Transcript(run)) = &self.judge {
            return Ok(Judge::recorded(run, settings.prices.clone())?);
        }
        let Some(generator) = self.generator(place, settings.model.as_ref())? else {
            let own = settings.model.as_ref().map_or_else(String::new, |model| {
                format!(", or --judge suite to send answers to {}", visible(&model.endpoint))
            });
            bail!(
                "{needed_by} is judged by a model, and none is named: give --judge chat:URL --judge-model NAME{own}, or leave the scorer out"
            );
        };
        let prices = settings.prices.clone().or_else(|| in_pounds(generator.price));
        let model = model::alone(&generator, OUTSIDE)?;
        Ok(Judge::new(model, settings, prices))
    }

    /// The model that judges, where one is named. That of the suite judges only where it is asked for.
    fn generator(&self, place: &Place, of_suite: Option<&Generator>) -> Result<Option<Generator>> {
        let mut generator = match &self.judge {
            Some(Named::Model(transport, endpoint)) => {
                let Some(model) = self.judge_model.clone() else {
                    bail!("a judge needs the name of its model: give --judge-model NAME");
                };
                let (endpoint, price) = (endpoint.clone(), Price::default());
                let (key_variable, key_file) = (None, None);
                Generator { transport: *transport, model, endpoint, key_variable, key_file, price }
            }
            Some(Named::Pilot) => {
                let models = &place.config.generation.models;
                models.first().cloned().context(
                    "the pilot has no model to judge with: name one under [[generation.models]] in candour.toml, or another --judge",
                )?
            }
            Some(Named::Suite) => {
                let generator = of_suite.cloned().context(
                    "the suite names no model to judge with: give another --judge, or [judge.model] in the suite",
                )?;
                let host = visible(&generator.endpoint);
                terminal::note(&format!("The suite's own judge is asked: answers go to {host}"));
                generator
            }
            Some(Named::Transcript(_)) | None => return Ok(None),
        };
        if let Some(model) = &self.judge_model {
            generator.model.clone_from(model);
        }
        if let Some(name) = &self.judge_key_env {
            (generator.key_variable, generator.key_file) = (Some(name.clone()), None);
        }
        Ok(Some(generator))
    }

    /// The labels of people by what they are of.
    fn read_labels(&self, suite: &Suite, file: &Path) -> Result<BTreeMap<Scorer, Vec<Label>>> {
        let of_suite = suite.about.judge.labels.as_ref().map(|labels| Labels {
            metric: None,
            file: file.parent().unwrap_or_else(|| Path::new(".")).join(labels),
        });
        // People label what was answered: before the first run there is nothing to read.
        let of_suite = of_suite.filter(|labels| labels.file.exists());
        let named = if self.labels.is_empty() { of_suite.as_slice() } else { &self.labels };
        read_labels(named, suite.about.epochs)
    }
}

/// The labels of tables by what they are of, where each question was asked so often.
pub(super) fn read_labels(named: &[Labels], epochs: u32) -> Result<BTreeMap<Scorer, Vec<Label>>> {
    let mut found: BTreeMap<Scorer, Vec<Label>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for Labels { metric: own, file } in named {
        for label in labels::read_if(file, |label| check(label, epochs))? {
            let of = match (&label.metric, own) {
                (Some(name), _) => metric(name).map_err(anyhow::Error::msg)?,
                (None, Some(own)) => *own,
                (None, None) => bail!(
                    "{} does not say what its labels are of: give it a column `metric`, or name it as METRIC={}",
                    file.display(),
                    file.display()
                ),
            };
            // A table of several metrics is read for the one that was named.
            if own.is_some_and(|own| own != of) {
                continue;
            }
            if !seen.insert((of, label.id.clone())) {
                let (id, file) = (&label.id, file.display());
                bail!(
                    "{file} has a label of {of} for {id:?}, and so has a table before it: leave one out"
                );
            }
            found.entry(of).or_default().push(label);
        }
    }
    Ok(found)
}

/// Says what would make a label one of nothing, or of an answer that nobody looked at.
fn check(label: &Label, epochs: u32) -> Result<(), String> {
    if let Some(name) = &label.metric {
        metric(name)?;
    }
    if names_an_answer(&label.id, epochs) {
        return Ok(());
    }
    let id = &label.id;
    Err(format!(
        "{id:?} does not say which of {epochs} answers to a question it is of: `id` is the sample's with # and the repeat, such as {id}#1"
    ))
}

/// What a model costs in pounds, where the configuration says.
fn in_pounds(price: Price) -> Option<Prices> {
    let Price { input, output, .. } = price;
    (input > 0.0 || output > 0.0).then(|| Prices {
        currency: "GBP".to_owned(),
        input_per_million: input,
        output_per_million: output,
    })
}

/// A limit on money can count only what it knows the price of, in one currency.
fn check_money(suite: &Suite, judge: &Judge) -> Result<()> {
    let (about, currency) = (&suite.about, judge.prices.as_ref().map(|prices| &prices.currency));
    let own = about.prices.as_ref().map(|prices| &prices.currency);
    match (about.limits.money, currency) {
        (None, _) => Ok(()),
        (Some(_), None) => bail!(
            "limits.money needs to know what the judge costs: give prices under [judge] in the suite"
        ),
        (Some(_), some) if some == own => Ok(()),
        (Some(_), _) => bail!("limits.money needs the prices of the judge in the suite's currency"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judges_and_labels_are_named_in_one_word() {
        let url = "http://127.0.0.1:9/v1";
        let chat = Named::Model(Transport::Openai, url.to_owned());
        assert_eq!(format!("chat:{url}").parse(), Ok(chat));
        assert_eq!("pilot".parse(), Ok(Named::Pilot));
        assert_eq!("suite".parse(), Ok(Named::Suite));
        assert_eq!("transcript:a/b".parse(), Ok(Named::Transcript("a/b".into())));
        for wrong in ["", "http://127.0.0.1", "model:x"] {
            assert!(wrong.parse::<Named>().is_err(), "{wrong}");
        }
        let labels = Labels { metric: Some(Scorer::Faithfulness), file: "a.csv".into() };
        assert_eq!("faithfulness=a.csv".parse(), Ok(labels));
        assert_eq!("a.csv".parse(), Ok(Labels { metric: None, file: "a.csv".into() }));
        assert!("status=a.csv".parse::<Labels>().unwrap_err().contains("answer_relevancy"));
    }

    /// A label counts for the answer that somebody looked at, or is told of by its line.
    #[test]
    fn labels_are_of_one_answer_and_of_a_measure_that_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let read = |own: Option<Scorer>, tables: &[&str], epochs| {
            let named = |(at, table): (usize, &&str)| {
                let file = folder.path().join(format!("{at}.csv"));
                std::fs::write(&file, table).unwrap();
                Labels { metric: own, file }
            };
            let named: Vec<Labels> = tables.iter().enumerate().map(named).collect();
            read_labels(&named, epochs).map_err(|error| error.to_string())
        };
        let coherence = Some(Scorer::Coherence);
        let plain = "id,human\na,1\n";
        let both = "id,metric,human\na#1,coherence,1\na#1,bias,0\na#2,bias,0\n";
        for (own, tables, epochs, expected) in [
            (coherence, &[plain][..], 3, "0.csv line 2: \"a\" does not say which of 3 answers"),
            (coherence, &["id,human\na#1,1\nb#x,0\n"], 3, "0.csv line 3: \"b#x\" does not say"),
            (
                None,
                &["id,metric,human\na,cohrence,1\n"],
                1,
                "0.csv line 2: no model judges \"cohrence\"",
            ),
            (
                coherence,
                &["id,metric,human\na,coherence,1\nb,cohrence,1\n"],
                1,
                "0.csv line 3: no model",
            ),
            (coherence, &[plain, plain], 1, "1.csv has a label of coherence for \"a\", and so has"),
            (None, &[plain], 1, "0.csv does not say what its labels are of"),
        ] {
            let error = read(own, tables, epochs).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        for (own, tables, epochs, expected) in [
            (coherence, &[plain][..], 1, vec![1]),
            (coherence, &["id,human\na#1,1\na#2,1\n"], 2, vec![2]),
            (coherence, &[both], 2, vec![1]),
            (None, &[both], 2, vec![1, 2]),
        ] {
            let found: Vec<usize> =
                read(own, tables, epochs).unwrap().values().map(Vec::len).collect();
            assert_eq!(found, expected, "{tables:?}");
        }
    }
}
