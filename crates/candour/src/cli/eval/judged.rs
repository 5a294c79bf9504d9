//! `candour eval judged`: a rate that a model judged, corrected by the labels of people.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use candour_evals::agreement::Agreement;
use candour_evals::corrected::{Corrected, CorrectedError, CorrectedStatus, JudgeQuality, correct};
use candour_evals::labels::{self, Label};
use candour_evals::statistics::{Confidence, Estimate, Interval, NoInterval, Rate};
use clap::Args;

use super::log::confidence;
use super::table::{Table, figure, interval, interval_header};
use crate::cli::terminal;

/// `candour eval judged`.
#[derive(Debug, Args)]
#[command(after_help = "\
The table is CSV or JSON Lines, a row for each answer:
  id            names the answer
  judge         what the model says: 0 to 1, yes or no, C or I; empty where it says nothing
  unjudged      why it says nothing: failed, as is assumed, or inapplicable (optional)
  human         what people say; empty where nobody looked
  cluster       what the answer has in common with others, such as its page (optional)
  stratum       the stratum within which labels were drawn at random, where there are any (optional)
  chance        the chance it had of being labelled, where not all were as likely (optional)
  metric        what the label is of, where the table has labels of several (optional): see --metric
  annotator_1   what each person said before they settled on `human` (optional), and so on

Which answers people label must be drawn at random: from all of them without looking at the judge, or
with the column that says how. `candour review` draws, shows and exports them.")]
pub(crate) struct Judged {
    /// The table of judgements and labels
    #[arg(long, value_name = "FILE")]
    labels: PathBuf,

    /// The score whose labels are meant, where the table has those of several
    #[arg(long, value_name = "NAME")]
    metric: Option<String>,

    /// Print what the judge says alone too, which is off by nobody knows how much
    #[arg(long)]
    uncorrected: bool,

    /// How sure intervals are
    #[arg(long, value_name = "SHARE", default_value = "0.95", value_parser = confidence)]
    confidence: Confidence,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Judged {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let labels = of_one_metric(labels::read(&self.labels)?, self.metric.as_deref())?;
        let found =
            correct(&labels, self.uncorrected, self.confidence).map_err(|why| match why {
                CorrectedError::NoJudge => anyhow!("{why}: give the column `judge`"),
                why => why.into(),
            })?;
        if self.json {
            terminal::print_json(&found)?;
        } else {
            terminal::print(&text(&found, &interval_header(self.confidence)))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The labels of one metric: of several there is no rate.
fn of_one_metric(labels: Vec<Label>, chosen: Option<&str>) -> Result<Vec<Label>> {
    let metric = |label: &Label| label.metric.clone().unwrap_or_default();
    let metrics: BTreeSet<String> = labels.iter().map(metric).collect();
    let listed = || {
        let names = metrics.iter().map(|name| if name.is_empty() { "(none)" } else { name });
        names.collect::<Vec<_>>().join(", ")
    };
    let Some(chosen) = chosen else {
        if metrics.len() > 1 {
            bail!("the table has labels of several scores: choose one with --metric: {}", listed());
        }
        return Ok(labels);
    };
    let own: Vec<Label> =
        labels.into_iter().filter(|label| label.metric.as_deref() == Some(chosen)).collect();
    if own.is_empty() {
        bail!("the table has no labels of {chosen}: it has those of {}", listed());
    }
    Ok(own)
}

fn text(found: &Corrected, header: &str) -> String {
    let mut text = format!(
        "{}, {} of them labelled by people\n\n",
        terminal::counted(found.answers, "answer"),
        found.labelled
    );
    let mut table = Table::new(&["", "rate", header, "method"]);
    let mut row = |name: &str, interval_of: Interval, method: String| {
        let Interval { value, low, high } = interval_of;
        table.row([name.to_owned(), figure(value), interval(low, high), method]);
    };
    let method = |estimate: &Estimate| match estimate.clusters {
        Some(clusters) => format!("{}, {clusters} clusters", estimate.method),
        None => estimate.method.to_string(),
    };
    if let Some(headline) = &found.headline {
        let trust = found.trust.map(|trust| format!(", the judge trusted by {trust:.2}"));
        let method = method(headline) + &trust.unwrap_or_default();
        row(headline_name(found.status), headline.interval, method);
    }
    let is_corrected = found.status == CorrectedStatus::Corrected;
    if let Some(check) = found.check.filter(|_| is_corrected) {
        let has_clusters = found.headline.is_some_and(|headline| headline.clusters.is_some());
        let note = if has_clusters { ", which does not know of clusters" } else { "" };
        row("check", check, format!("Lang-Reiczigel{note}"));
    }
    // Otherwise they are the headline.
    let is_beside = is_corrected || found.status == CorrectedStatus::RarelyDiffer;
    if let Some(people) = found.people.as_ref().filter(|_| is_beside) {
        row("people alone", people.interval, method(people));
    }
    if let Some(bare) = &found.uncorrected {
        row("judge alone, UNCORRECTED", bare.interval, method(bare));
    }
    text.push_str(&table.text());
    text.push('\n');
    explain(&mut text, found);
    text
}

pub(super) fn headline_name(status: CorrectedStatus) -> &'static str {
    match status {
        CorrectedStatus::Corrected | CorrectedStatus::RarelyDiffer => "corrected",
        CorrectedStatus::RarelyDifferAlone | CorrectedStatus::ErrorRatesUnknown => "people alone",
        CorrectedStatus::Uncalibrated => "people alone, uncalibrated",
        CorrectedStatus::Labelled | CorrectedStatus::Uncorrected | CorrectedStatus::Unjudged => {
            "people"
        }
    }
}

/// What has to be known to read the table. Writing to a String cannot fail.
fn explain(text: &mut String, found: &Corrected) {
    if let Some(note) = status_note(found) {
        let _ = writeln!(text, "{note}");
    }
    if found.judge_failures > 0 {
        let _ = writeln!(
            text,
            "the judge failed on {} answers, which {}",
            found.judge_failures,
            failures_count(found)
        );
    }
    if found.inapplicable > 0 {
        let _ = writeln!(
            text,
            "the score does not apply to {} answers: what these come to people alone say",
            found.inapplicable
        );
    }
    if let Some(judge) = &found.judge {
        let share = |share: Option<Interval>| match share {
            Some(Interval { value, low, high }) => {
                format!("{} ({})", figure(value), interval(low, high))
            }
            None => "unknown".to_owned(),
        };
        let (sensitivity, specificity) = (share(judge.sensitivity), share(judge.specificity));
        let _ = writeln!(text, "the judge: sensitivity {sensitivity}, specificity {specificity}");
        let _ = writeln!(text, "judge and people: {}", agreement(&judge.agreement));
    }
    let _ = match &found.between_people {
        Some(between) => writeln!(text, "people among themselves: {}", agreement(between)),
        None => writeln!(
            text,
            "how far people agree among themselves is not known, and the judge cannot be asked to do better"
        ),
    };
}

/// What becomes of answers on which the judge failed, in the figures that are shown.
pub(super) fn failures_count(found: &Corrected) -> &'static str {
    match (found.status, found.uncorrected) {
        (CorrectedStatus::Corrected, None) => "count as what it says on average",
        (CorrectedStatus::Corrected, Some(_)) => {
            "count as what it says on average, and are left out of what it says alone"
        }
        _ => "are left out of what it says",
    }
}

/// Why the error rates of a judge that rarely differs from people correct nothing.
fn unknown_errors(judge: Option<&JudgeQuality>) -> String {
    let why = match judge.map(|judge| (judge.sensitivity, judge.specificity)) {
        Some((None, _)) => {
            "people say no of every answer that they labelled, so that nobody knows what the judge makes of others".to_owned()
        }
        Some((_, None)) => {
            "people say yes of every answer that they labelled, so that nobody knows what the judge makes of others".to_owned()
        }
        Some((Some(yes), Some(no))) if yes.value + no.value <= 1.0 => format!(
            "the judge does no better than chance (sensitivity {}, specificity {})",
            figure(yes.value),
            figure(no.value)
        ),
        _ => "the judge said nothing of answers without a label".to_owned(),
    };
    format!("judge and people rarely differ, and {why}: the rate is what people say alone")
}

pub(super) fn status_note(found: &Corrected) -> Option<String> {
    match found.status {
        CorrectedStatus::Uncalibrated => Some(format!(
            "uncalibrated: {} labels are too few to correct the judge, which takes 50",
            found.labelled
        )),
        CorrectedStatus::RarelyDiffer => Some(
            "judge and people rarely differ, so that the wider interval of the judge's error rates is given"
                .to_owned(),
        ),
        CorrectedStatus::RarelyDifferAlone => Some(
            "judge and people rarely differ, which in clusters or with uneven chances of a label nothing corrects for: the rate is what people say alone"
                .to_owned(),
        ),
        CorrectedStatus::ErrorRatesUnknown => Some(unknown_errors(found.judge.as_ref())),
        CorrectedStatus::Uncorrected => {
            Some("uncorrected: nobody knows how far the judge is off".to_owned())
        }
        CorrectedStatus::Labelled => {
            Some("everything is labelled, and the judge not needed".to_owned())
        }
        CorrectedStatus::Unjudged => {
            Some("there is no judge: the rate is what people say alone".to_owned())
        }
        CorrectedStatus::Corrected => None,
    }
}

pub(super) fn agreement(found: &Agreement) -> String {
    let mut text = format!("the same on {} of {}", figure(found.share), found.n);
    if let Some(kappa) = found.kappa {
        let _ = write!(text, ", kappa {}", figure(kappa));
    }
    if let Some(error) = found.standard_error {
        let _ = write!(text, " (standard error {})", figure(error));
    }
    if let Some(why) = found.note {
        let _ = write!(text, " ({})", no_interval(why));
    }
    if let Some(found) = &found.alpha {
        let _ = write!(text, ", {}", alpha(found));
    }
    text
}

/// Alpha with its interval, or with why there is none.
pub(super) fn alpha(found: &Rate) -> String {
    let sure = match (found.interval(), found.note) {
        (Some(Interval { low, high, .. }), _) => interval(low, high),
        (None, why) => why.map_or_else(|| "no interval".to_owned(), no_interval),
    };
    format!("alpha {} ({sure})", figure(found.value))
}

fn no_interval(why: NoInterval) -> String {
    format!("no interval: {}", why.why())
}
