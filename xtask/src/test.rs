//! `cargo xtask test`: everything that must hold before a change lands.

use std::process::Command;

use anyhow::{Result, bail};

use crate::browser;
use crate::oracle::ORACLES;
use crate::postgres::Cluster;
use crate::step::{self, cargo, in_ci, say};

/// `cargo xtask test`.
pub(crate) fn run() -> Result<()> {
    let mut skipped = Vec::new();
    run_checks(&mut skipped)?;
    say("");
    for reason in &skipped {
        say(&format!("skipped: {reason}"));
    }
    if in_ci() && !skipped.is_empty() {
        bail!("in CI nothing may be skipped");
    }
    say(if skipped.is_empty() {
        "Everything passed."
    } else {
        "Everything that could run passed."
    });
    Ok(())
}

/// Runs every check. What cannot be run here is skipped with its reason; in CI a skip is a failure.
fn run_checks(skipped: &mut Vec<String>) -> Result<()> {
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
    deny(skipped)?;
    tests(skipped)?;
    step::run(cargo(&["test", "--workspace", "--locked", "--doc"]))?;
    if let Some(reason) = browser::missing() {
        skipped.push(format!("browser tests: {reason}"));
        return Ok(());
    }
    browser::run()
}

/// Every unit and integration test, with PostgreSQL beside SQLite and other implementations beside our
/// own where there are any.
fn tests(skipped: &mut Vec<String>) -> Result<()> {
    let mut tests = cargo(&["test", "--workspace", "--locked", "--lib", "--bins", "--tests"]);
    for oracle in &ORACLES {
        match oracle.python() {
            Ok(python) => {
                tests.env(oracle.variable, python);
            }
            // What has to be compiled first may be missing a compiler or a header: its figures are held
            // against reference values too, so that this is told and lets the rest pass.
            Err(reason) if oracle.is_compiled_here() => {
                say(&format!("not compared: {}: {reason:#}", oracle.name));
            }
            Err(reason) => skipped.push(format!("{}: {reason:#}", oracle.name)),
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
            skipped.push(format!("store tests on PostgreSQL: {reason:#}"));
            step::run(tests)
        }
    }
}

/// Licences, sources and duplicate versions. Advisories need a download that not every machine may
/// make, so they are checked where `CANDOUR_ADVISORIES=1` says so.
fn deny(skipped: &mut Vec<String>) -> Result<()> {
    let version =
        |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
    if !version(&mut cargo(&["deny", "--version"])) {
        say("cargo-deny is not installed: installing it once");
        if step::run(cargo(&["install", "cargo-deny", "--version", "0.20.2", "--locked"])).is_err()
        {
            skipped.push(
                "cargo deny: it is not installed and could not be; `cargo install cargo-deny`"
                    .into(),
            );
            return Ok(());
        }
    }
    let mut check = vec!["deny", "--locked", "--offline", "check", "bans", "licenses", "sources"];
    if std::env::var("CANDOUR_ADVISORIES").is_ok_and(|value| value == "1") {
        check.retain(|argument| *argument != "--offline");
        check.push("advisories");
    }
    step::run(cargo(&check))
}
