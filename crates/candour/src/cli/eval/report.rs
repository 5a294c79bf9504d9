//! `candour eval report`: what runs came to, or how one compares with another, as files to keep and send.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use candour_core::Locale;
use candour_evals::report::{ComparisonReport, Document, RunReport, Source, csv, html, markdown};
use clap::Args;
use serde_json::json;

use super::compare::Family;
use super::log::How;
use crate::cli::terminal;

/// `candour eval report`.
#[derive(Debug, Args)]
#[command(after_help = "\
What is written is told by the ending of the name: .html is one page that needs nothing else, .md the same
as Markdown, .json every figure, .csv a row for each sample, or for each figure of what has none,
such as attacks. Any other name is a folder that gets all four.")]
pub(crate) struct Report {
    /// Folders of runs, or Inspect logs, .eval or .json, whoever wrote them
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<PathBuf>,

    /// Compare the run with an earlier one, question by question
    #[arg(long, value_name = "OLD")]
    against: Option<PathBuf>,

    /// The file, or the folder for all of them
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// The language of the report's own words
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = ["en", "cy"])]
    language: String,

    #[command(flatten)]
    how: How,

    #[command(flatten)]
    family: Family,

    /// Print the names of the files as JSON
    #[arg(long)]
    json: bool,
}

impl Report {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let files = files(&self.out, "report")?;
        let sources =
            self.runs.iter().map(|run| Source::open(run)).collect::<Result<Vec<_>, _>>()?;
        match &self.against {
            Some(old) => self.compare(&Source::open(old)?, &sources, &files)?,
            None => self.show(&sources, &files)?,
        }
        tell(&files, self.json)?;
        Ok(ExitCode::SUCCESS)
    }

    fn show(&self, sources: &[Source], files: &[PathBuf]) -> Result<()> {
        let (reading, confidence) = (self.how.reading(), self.how.confidence);
        let read = |source| RunReport::read(source, &reading, confidence);
        let runs = sources.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let document =
            RunReport::document(&runs, &Locale::from(self.language.as_str()), confidence);
        for file in files {
            match as_text(&document, file, &json!({ "runs": runs }))? {
                Some(text) => write(file, &text)?,
                None => csv(sources, &runs, create(file)?)?,
            }
        }
        Ok(())
    }

    fn compare(&self, old: &Source, sources: &[Source], files: &[PathBuf]) -> Result<()> {
        let [new] = sources else {
            bail!("one run is compared with one: name a single run beside --against");
        };
        let confidence = self.how.confidence;
        let plan = self.family.plan(&self.how)?;
        let found = ComparisonReport::read(old, new, &self.how.reading(), &plan)?;
        let document = found.document(&Locale::from(self.language.as_str()), confidence);
        for file in files {
            match as_text(&document, file, &json!(found))? {
                Some(text) => write(file, &text)?,
                None => found.csv(create(file)?)?,
            }
        }
        Ok(())
    }
}

/// What is to be written: the file that was named, or all of them in the folder that was.
pub(super) fn files(out: &Path, name: &str) -> Result<Vec<PathBuf>> {
    let is_known = |ending: &str| ["html", "md", "json", "csv"].contains(&ending);
    let ending = out.extension().map(|ending| ending.to_string_lossy().into_owned());
    if ending.as_deref().is_some_and(is_known) {
        return Ok(vec![out.to_owned()]);
    }
    let is_file_name = |ending: &str| {
        (2..=5).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphabetic())
    };
    if let Some(ending) = ending.filter(|ending| is_file_name(ending) && !out.is_dir()) {
        bail!(
            "a report is no .{ending}: name a file that ends in .html, .md, .json or .csv, or a folder for all four"
        );
    }
    std::fs::create_dir_all(out).with_context(|| {
        format!("the folder {} cannot be made: name another with --out", out.display())
    })?;
    Ok(["html", "md", "json", "csv"].map(|ending| out.join(format!("{name}.{ending}"))).into())
}

/// The text of a file; none of one that is written row by row.
pub(super) fn as_text(
    document: &Document,
    file: &Path,
    figures: &serde_json::Value,
) -> Result<Option<String>> {
    Ok(match file.extension().and_then(|ending| ending.to_str()) {
        Some("html") => Some(html(document)),
        Some("md") => Some(markdown(document)),
        Some("json") => Some(serde_json::to_string_pretty(figures)? + "\n"),
        _ => None,
    })
}

pub(super) fn write(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text).with_context(|| cannot_write(file))
}

pub(super) fn create(file: &Path) -> Result<std::io::BufWriter<std::fs::File>> {
    let file = std::fs::File::create(file).with_context(|| cannot_write(file))?;
    Ok(std::io::BufWriter::new(file))
}

fn cannot_write(file: &Path) -> String {
    format!("{} cannot be written: name another with --out", file.display())
}

/// Says what was written, and how long it is.
pub(super) fn tell(files: &[PathBuf], as_json: bool) -> Result<()> {
    if as_json {
        return terminal::print_json(&json!({ "files": files }));
    }
    let line = |file: &PathBuf| {
        let bytes = std::fs::metadata(file).map_or(0, |metadata| metadata.len());
        format!("{} ({} kB)\n", file.display(), bytes.div_ceil(1000))
    };
    terminal::print(&files.iter().map(line).collect::<String>())
}
