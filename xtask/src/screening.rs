//! `cargo xtask measure-screening`: the figures of docs/screening.md, measured from outside by giving
//! lines to `candour screen` and reading what it would keep of them.

mod identifiers;
mod program;
mod sets;
mod shares;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use self::program::{Kept, Program};
use self::sets::{Marked, Sets};
use self::shares::{Found, share};
use crate::step::say;

/// `cargo xtask measure-screening`.
#[derive(Args)]
pub(crate) struct Screening {
    /// The folder of the data, as CONTRIBUTING describes it
    #[arg(long, default_value = "../shared/data")]
    data: PathBuf,
    /// The program to measure; else the release program is built and measured
    #[arg(long)]
    program: Option<PathBuf>,
    /// Show every line in which something was masked that is not marked, or not masked that is
    #[arg(long)]
    show: bool,
}

impl Screening {
    /// Measures and prints.
    pub(crate) fn run(self) -> Result<()> {
        let program = Program::find(self.program)?;
        let sets = Sets { data: self.data };
        let report = Report { program, show: self.show };
        say("# Personal data\n");
        report.survivors("lines that must survive", &Sets::project("survive.txt")?)?;
        report.recall("lines with marked data", &Sets::marked("mask.txt")?)?;
        report.recall("the same, no rule mended on them", &Sets::marked("unseen.txt")?)?;
        report.recall("identifiers with valid check digits", &identifiers::valid())?;
        report.survivors("identifiers with wrong check digits", &identifiers::wrong())?;
        for set in sets.harmless()? {
            report.survivors(&set.name, &set.lines)?;
        }
        for set in sets.synthetic()? {
            report.recall(&set.0, &set.1)?;
        }
        say("\n# Instructions to the assistant, danger and abuse\n");
        let mut texts = sets.harmless()?;
        texts.extend(sets.safety()?);
        for set in &texts {
            report.signals(&set.name, &set.lines)?;
        }
        report.speed(&texts.into_iter().flat_map(|set| set.lines).collect::<Vec<_>>())
    }
}

struct Report {
    program: Program,
    show: bool,
}

impl Report {
    /// How many lines in which nothing is personal have a mask.
    fn survivors(&self, name: &str, lines: &[String]) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let kept = self.program.screen(lines)?;
        let masked = kept.iter().filter(|kept| !kept.masks.is_empty());
        let refused = kept.iter().filter(|kept| kept.is_refused()).count();
        say(&format!(
            "{name}: {} have a mask, {refused} are refused",
            share(masked.clone().count(), lines.len())
        ));
        if self.show {
            let shown = kept.iter().zip(lines).filter(|(kept, _)| !kept.masks.is_empty());
            shown.for_each(|(kept, line)| say(&format!("    {line}\n      {}", kept.text)));
        }
        Ok(())
    }

    /// How much of what is marked is masked, by kind, and how much of what is masked is marked.
    fn recall(&self, name: &str, marked: &[Marked]) -> Result<()> {
        if marked.is_empty() {
            return Ok(());
        }
        let lines: Vec<String> = marked.iter().map(|one| one.line.clone()).collect();
        let kept = self.program.screen(&lines)?;
        let mut by_kind: BTreeMap<&str, Found> = BTreeMap::new();
        let (mut masks, mut astray) = (0, 0);
        for (one, kept) in marked.iter().zip(&kept) {
            for (kind, span) in &one.spans {
                let is_whole = kept
                    .masks
                    .iter()
                    .any(|(_, mask)| mask.start <= span.start && span.end <= mask.end);
                by_kind.entry(kind).or_default().add(is_whole);
            }
            let is_astray = |(_, mask): &&(String, std::ops::Range<usize>)| {
                !one.spans.iter().any(|(_, span)| mask.start < span.end && span.start < mask.end)
            };
            masks += kept.masks.len();
            astray += kept.masks.iter().filter(is_astray).count();
            self.show_misses(one, kept);
        }
        let all = by_kind.values().fold(Found::default(), |sum, one| sum.and(*one));
        say(&format!(
            "{name}: {} masked whole; of {masks} masks {astray} are on nothing marked",
            all.share()
        ));
        for (kind, found) in by_kind {
            say(&format!("    {kind}: {}", found.share()));
        }
        Ok(())
    }

    fn show_misses(&self, one: &Marked, kept: &Kept) {
        let covers = |span: &std::ops::Range<usize>| {
            kept.masks.iter().any(|(_, mask)| mask.start <= span.start && span.end <= mask.end)
        };
        if self.show && !one.spans.iter().all(|(_, span)| covers(span)) {
            say(&format!("    {}\n      {}", one.line, kept.text));
        }
    }

    /// How many lines raise each signal, and how many are refused.
    fn signals(&self, name: &str, lines: &[String]) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let kept = self.program.screen(lines)?;
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for signal in kept.iter().flat_map(|kept| &kept.signals) {
            *counts.entry(signal).or_default() += 1;
        }
        let is_injection =
            |kept: &&Kept| kept.signals.iter().any(|one| one.starts_with("injection"));
        let injections = kept.iter().filter(is_injection).count();
        let refused = kept.iter().filter(|kept| kept.is_refused()).count();
        say(&format!(
            "{name}: taken for an instruction {}; {refused} refused; {counts:?}",
            share(injections, lines.len())
        ));
        Ok(())
    }

    fn speed(&self, lines: &[String]) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let mut best = f64::INFINITY;
        for _ in 0..3 {
            let began = std::time::Instant::now();
            self.program.screen(lines)?;
            best = best.min(began.elapsed().as_secs_f64());
        }
        let bytes: usize = lines.iter().map(String::len).sum();
        say(&format!(
            "\n{} lines of {} bytes on average: {:.0} lines a second, the best of 3 runs",
            lines.len(),
            bytes / lines.len().max(1),
            lines.len() as f64 / best
        ));
        Ok(())
    }
}
