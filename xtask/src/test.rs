//! `cargo xtask test`: everything that must hold before a change lands.

use std::process::Command;

use anyhow::{Result, bail};

use crate::browser;
use crate::oracle::ORACLES;
use crate::postgres::Cluster;
use crate::step::{self, cargo, in_ci, say};

/// `cargo xtask test`.
pub(crate) fn run() -> Result<()> {
    let mut skipped = Skipped::default();
    run_checks(&mut skipped)?;
    say("");
    say(&skipped.told());
    if in_ci() && !skipped.refused.is_empty() {
        bail!("in CI nothing may be skipped that is not tolerated");
    }
    Ok(())
}

/// What could not be run here, each with its reason.
#[derive(Default)]
struct Skipped {
    /// What fails a run in CI.
    refused: Vec<String>,
    /// What no run fails for.
    tolerated: Vec<String>,
}

impl Skipped {
    fn add(&mut self, reason: impl Into<String>) {
        self.refused.push(reason.into());
    }

    /// All of it, for whoever reads the end of a run.
    fn told(&self) -> String {
        let skipped = self.refused.iter().map(|reason| format!("skipped: {reason}\n"));
        let tolerated = self.tolerated.iter().map(|why| format!("skipped, and tolerated: {why}\n"));
        let all: String = skipped.chain(tolerated).collect();
        let end =
            if all.is_empty() { "Everything passed." } else { "Everything that could run passed." };
        all + end
    }
}

/// Runs every check. What cannot be run here is skipped with its reason; in CI a skip is a failure.
fn run_checks(skipped: &mut Skipped) -> Result<()> {
    step::run(cargo(&["fmt", "--all", "--check"]))?;
    step::run(cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))?;
    // The program with the feature, before the tests of the one that is shipped.
    let otlp = ["--features", "otlp", "--locked", "--bin", "candour", "--test", "otlp"];
    let with_otlp = |what: &str, rest: &[&str]| {
        step::run(cargo(&[&[what, "--package", "candour"], &otlp[..], rest].concat()))
    };
    with_otlp("clippy", &["--", "-D", "warnings"])?;
    with_otlp("test", &[])?;
    deny(skipped)?;
    tests(skipped)?;
    step::run(cargo(&["test", "--workspace", "--locked", "--doc"]))?;
    if let Some(reason) = browser::missing() {
        skipped.add(format!("browser tests: {reason}"));
        return Ok(());
    }
    browser::run()
}

/// Every unit and integration test, with PostgreSQL beside SQLite and other implementations beside our
/// own where there are any.
fn tests(skipped: &mut Skipped) -> Result<()> {
    let mut tests = cargo(&["test", "--workspace", "--locked", "--lib", "--bins", "--tests"]);
    for oracle in &ORACLES {
        match oracle.python() {
            Ok(python) => {
                tests.env(oracle.variable, python);
            }
            Err(reason) => {
                let what = format!("{}: {reason:#}", oracle.name);
                match oracle.tolerated {
                    Some(why) => skipped.tolerated.push(format!("{what} ({why})")),
                    None => skipped.add(what),
                }
            }
        }
    }
    if std::env::var_os("TEST_DATABASE_URL").is_some() {
        return step::run(tests);
    }
    match Cluster::start() {
        Ok(cluster) => {
            tests.env("TEST_DATABASE_URL", cluster.url());
            step::run(tests)
        }
        Err(reason) => {
            skipped.add(format!("store tests on PostgreSQL: {reason:#}"));
            step::run(tests)
        }
    }
}

/// Licences, sources and duplicate versions. Advisories need a download that not every machine may
/// make, so they are checked where `CANDOUR_ADVISORIES=1` says so.
fn deny(skipped: &mut Skipped) -> Result<()> {
    let version =
        |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
    if !version(&mut cargo(&["deny", "--version"])) {
        say("cargo-deny is not installed: installing it once");
        if step::run(cargo(&["install", "cargo-deny", "--version", "0.20.2", "--locked"])).is_err()
        {
            skipped.add(
                "cargo deny: it is not installed and could not be; `cargo install cargo-deny`",
            );
            return Ok(());
        }
    }
    // It reads the crates of every platform, of which a build fetched those of its own. Where that cannot
    // be done, it says itself what it lacks.
    let _ = step::run(cargo(&["fetch", "--locked"]));
    let mut check = vec!["deny", "--locked", "--offline", "check", "bans", "licenses", "sources"];
    if std::env::var("CANDOUR_ADVISORIES").is_ok_and(|value| value == "1") {
        check.retain(|argument| *argument != "--offline");
        check.push("advisories");
    }
    step::run(cargo(&check))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_skipped_is_told_at_the_end() {
        let mut skipped = Skipped::default();
        assert_eq!(skipped.told(), "Everything passed.");
        skipped.tolerated.push("sequences: no compiler (others hold them)".to_owned());
        skipped.add("browser tests: no browser");
        assert_eq!(
            skipped.told(),
            "skipped: browser tests: no browser\n\
             skipped, and tolerated: sequences: no compiler (others hold them)\n\
             Everything that could run passed."
        );
    }

    /// One comparison alone is compiled on the machine that makes it.
    #[test]
    fn one_comparison_may_be_missing() {
        let tolerated = ORACLES.iter().filter(|oracle| oracle.tolerated.is_some());
        let names: Vec<&str> = tolerated.map(|oracle| oracle.name).collect();
        assert_eq!(names, ["comparison of confidence sequences with confseq"]);
    }
}
