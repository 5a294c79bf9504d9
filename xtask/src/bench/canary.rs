//! `cargo xtask bench canary`: asks questions full of made-up personal data over every way in, then looks
//! for it in every file of the state directory, in the log, in the metrics, in traces, in receipts, in what
//! staff are shown at the command line and, where a server can be started, in PostgreSQL.

mod collector;
mod found;
mod personal;
mod ways;

use std::fs::{self, File};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use self::found::Found;
use self::personal::{Canary, canary};
use self::ways::{ask_all, send};
use super::server::{Scratch, Server, program};
use crate::postgres::Cluster;
use crate::step::say;

/// Asks so many questions on SQLite and, where there is one, on PostgreSQL.
pub(super) fn run(questions: usize) -> Result<()> {
    let canaries: Vec<Canary> = (0..questions).map(canary).collect();
    measure("SQLite", &canaries, None)?;
    match Cluster::start() {
        Ok(cluster) => measure("PostgreSQL", &canaries, Some(&cluster)),
        Err(reason) => {
            say(&format!("canary: skipped on PostgreSQL: {reason:#}"));
            Ok(())
        }
    }
}

fn measure(database: &str, canaries: &[Canary], cluster: Option<&Cluster>) -> Result<()> {
    let scratch = Scratch::new()?;
    let (log, kept) = (scratch.path().join("log"), scratch.path().join("kept"));
    fs::create_dir(&kept)?;
    let (began, url) = (Instant::now(), cluster.map(Cluster::url));
    let traces = scratch.path().join("traces");
    let collector = collector::start(&traces)?;
    let server = Server::logging(&scratch, File::create(&log)?, url.as_deref(), collector)?;
    let staff = |words: &[&str]| at_the_command_line(&scratch, url.as_deref(), words);
    staff(&["monitor", "start", "--reason", "made-up personal data"])?;
    let masked = ask_all(server.address(), canaries, &kept)?;
    fs::write(kept.join("staff"), shown_to_staff(&staff)?)?;
    let metrics = send(server.address(), "GET", "/metrics", &[], "")?;
    ensure!(metrics.contains("candour_pii_masked_total"), "there are no metrics: {metrics}");
    fs::write(scratch.path().join("metrics"), &metrics)?;
    if let Some(cluster) = cluster {
        cluster.dump(&scratch.path().join("dump"))?;
    }
    // Looked through while it runs: what is in the log of the database is not yet in the database.
    let mut places = vec![scratch.path().to_owned()];
    places.extend(cluster.map(|cluster| cluster.folder().to_owned()));
    let running = Found::search(canaries, &places)?;
    drop(server);
    let stopped = Found::search(canaries, &places)?;
    let seconds = began.elapsed().as_secs_f64();
    for (kind, place) in running.kinds.iter().chain(&stopped.kinds) {
        say(&format!("canary: found {kind} in {}", place.display()));
    }
    say(&format!(
        "canary: {database}: {} questions, {masked} of which came back masked, {} masks kept, {:.0} MB in {} files searched twice, {:.1} MB of it traces, {} bytes of personal data found (bar: 0), {seconds:.0} s",
        canaries.len(),
        stopped.masks,
        running.searched as f64 / 1e6,
        running.files,
        fs::metadata(&traces)?.len() as f64 / 1e6,
        running.bytes + stopped.bytes,
    ));
    ensure!(running.bytes + stopped.bytes == 0, "personal data was kept");
    ensure!(masked == canaries.len(), "not every canary was masked");
    // What stands in its place must be found, or nothing was looked through.
    ensure!(stopped.masks > 0, "no mask was found in what is kept");
    Ok(())
}

/// Has people label what readers were given, and gives all that staff are shown of it, of monitoring and of
/// the audit.
fn shown_to_staff(staff: &impl Fn(&[&str]) -> Result<String>) -> Result<String> {
    let created = ["review", "create", "canary", "--from", "2020-01-01", "--answers", "100"];
    let asked = ["--question", "Is it right?", "--labels", "right,wrong"];
    let shown = [
        staff(&[&created[..], &asked[..]].concat())?,
        staff(&["review", "list", "--json"])?,
        staff(&["monitor", "show", "--json"])?,
        staff(&["monitor", "verify", "--json"])?,
        staff(&["audit", "--limit", "1000", "--json"])?,
    ];
    Ok(shown.concat())
}

/// Runs a command beside the server, and gives what it printed.
fn at_the_command_line(
    scratch: &Scratch,
    database: Option<&str>,
    words: &[&str],
) -> Result<String> {
    let mut command = Command::new(program());
    command.args(words).arg("--state").arg(scratch.path().join("demo"));
    command
        .current_dir(scratch.path())
        .envs(database.map(|url| ("CANDOUR_STORE__DATABASE_URL", url)));
    let output = command.output().context("the program could not be started")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`candour {}` failed: {said}", words.join(" "));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
