//! The program that screens: lines in, what it would keep of each out. Any program will do that prints
//! the same objects.

use std::io::{BufRead as _, BufReader, Write as _};
use std::ops::Range;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{env, thread};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::step::{cargo, root, run};

/// A program that screens.
pub(super) struct Program(PathBuf);

/// What it would keep of a line.
pub(super) struct Kept {
    pub(super) text: String,
    pub(super) masks: Vec<(String, Range<usize>)>,
    pub(super) signals: Vec<String>,
    route: String,
}

impl Kept {
    /// Whether it would not be taken as a question.
    pub(super) fn is_refused(&self) -> bool {
        matches!(self.route.as_str(), "empty" | "too_long")
    }

    fn read(line: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(line).context("it printed what is no JSON")?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let place = |value: &Value| value.as_u64().unwrap_or_default() as usize;
        let masks = value["masked"].as_array().into_iter().flatten();
        let signals = value["signals"].as_array().into_iter().flatten();
        Ok(Self {
            text: text(&value["text"]),
            masks: masks
                .map(|mask| (text(&mask["kind"]), place(&mask["start"])..place(&mask["end"])))
                .collect(),
            signals: signals.map(text).collect(),
            route: text(&value["route"]),
        })
    }
}

impl Program {
    /// The program that was named, or the release program, which is built.
    pub(super) fn find(named: Option<PathBuf>) -> Result<Self> {
        if let Some(program) = named {
            return Ok(Self(program));
        }
        run(cargo(&["build", "--release", "--locked", "--package", "candour"]))?;
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
        Ok(Self(target.join("release/candour")))
    }

    /// Screens lines, none of which may hold a line feed.
    pub(super) fn screen(&self, lines: &[String]) -> Result<Vec<Kept>> {
        let mut child = Command::new(&self.0)
            .args(["screen", "--json", "--longest", "100000"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} cannot be started", self.0.display()))?;
        let mut input = child.stdin.take().context("its input is closed")?;
        let output = child.stdout.take().context("its output is closed")?;
        let text = lines.join("\n") + "\n";
        let kept = thread::scope(|scope| {
            let writer = scope.spawn(move || input.write_all(text.as_bytes()));
            let read = BufReader::new(output).lines().map(|line| Kept::read(&line?));
            let kept = read.collect::<Result<Vec<Kept>>>();
            writer.join().map_err(|_| anyhow::anyhow!("the lines could not be given to it"))??;
            kept
        })?;
        ensure!(child.wait()?.success(), "{} failed", self.0.display());
        ensure!(kept.len() == lines.len(), "{} lines gave {} objects", lines.len(), kept.len());
        Ok(kept)
    }
}
