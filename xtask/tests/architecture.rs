//! The house plan, held against the manifests and the sources: who may know whom, and which room
//! alone may know a thing.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// For each room, the rooms that it may know. An edge that is not here fails the test.
const MAY_KNOW: [(&str, &[&str]); 7] = [
    ("candour-core", &[]),
    ("candour-store", &["candour-core"]),
    ("candour-content", &["candour-core", "candour-store"]),
    ("candour-assistant", &["candour-core", "candour-store", "candour-content"]),
    (
        "candour-web",
        &["candour-core", "candour-store", "candour-content", "candour-assistant", "candour-evals"],
    ),
    ("candour-evals", &["candour-core", "candour-store"]),
    (
        "candour",
        &[
            "candour-core",
            "candour-store",
            "candour-content",
            "candour-assistant",
            "candour-evals",
            "candour-web",
        ],
    ),
];

/// Libraries that one room alone may know. The stand-in for language models, in `xtask/standin`, is no
/// room: it plays somebody else's server, and speaks HTTP below any framework.
const KNOWN_TO_ONE: [(&str, &str); 9] = [
    ("axum", "candour-web"),
    ("tower-http", "candour-web"),
    ("askama", "candour-web"),
    ("rmcp", "candour-web"),
    ("prometheus-client", "candour-web"),
    ("sqlx", "candour-store"),
    ("tantivy", "candour-content"),
    ("clap", "candour"),
    ("opentelemetry", "candour"),
];

#[test]
fn rooms_know_only_whom_they_may() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_KNOW.into_iter().collect();
    for (room, manifest) in manifests() {
        let permitted = allowed.get(room.as_str()).unwrap_or_else(|| {
            panic!("{room} is not in the plan: add it to MAY_KNOW with a reason")
        });
        for known in dependencies(&manifest).iter().filter(|name| name.starts_with("candour")) {
            assert!(permitted.contains(&known.as_str()), "{room} must not know {known}");
        }
    }
}

#[test]
fn a_library_with_one_room_stays_there() {
    for (room, manifest) in manifests() {
        let known = dependencies(&manifest);
        for (library, owner) in KNOWN_TO_ONE {
            assert!(
                room == owner || !known.iter().any(|name| is_part_of(name, library)),
                "{room} must not know {library}: only {owner} does"
            );
        }
    }
}

#[test]
fn only_the_index_knows_the_search_library() {
    for file in sources(&crates().join("candour-content/src")) {
        let path = file.display().to_string();
        let in_index = path.contains("/src/index");
        assert!(
            in_index || !text(&file).contains("tantivy::"),
            "{path} must not use tantivy: only index/ does"
        );
    }
}

#[test]
fn only_the_transports_of_models_know_the_network_and_what_goes_over_it() {
    for file in sources(&crates().join("candour-assistant/src")) {
        let path = file.display().to_string();
        for (word, owner) in
            [("reqwest", "/src/model"), ("search_result_location", "/src/model/anthropic")]
        {
            assert!(
                path.contains(owner) || !text(&file).contains(word),
                "{path} must not speak of {word}: only {owner} does"
            );
        }
    }
}

#[test]
fn the_core_reads_no_clock_and_does_no_io() {
    let banned = [
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "SystemTime",
        "Instant::now",
        "Timestamp::now",
        "tokio",
    ];
    for file in sources(&crates().join("candour-core/src")) {
        for word in banned {
            assert!(!text(&file).contains(word), "{} must not use {word}", file.display());
        }
    }
}

#[test]
fn a_verified_answer_is_made_by_verify_alone() {
    for file in sources(&crates()) {
        let path = file.display().to_string();
        let is_verify = path.contains("candour-assistant/src/verify");
        assert!(
            is_verify || !text(&file).contains("VerifiedAnswer("),
            "{path} must not construct a VerifiedAnswer"
        );
    }
}

#[test]
fn only_the_evaluator_switches_mitigations_off() {
    for file in sources(&crates()) {
        let path = file.display().to_string();
        let is_permitted = ["candour-assistant/", "candour/src/cli/eval/"];
        assert!(
            is_permitted.iter().any(|place| path.contains(place))
                || !["Experiment", "Mitigations", "Observed"]
                    .iter()
                    .any(|word| text(&file).contains(word)),
            "{path} must not speak of experiments with mitigations: what is served has all of them"
        );
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for file in sources(&crates()).into_iter().chain(sources(&crates().join("../xtask"))) {
        assert!(text(&file).starts_with("//!"), "{} must begin with a //! line", file.display());
    }
}

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates")
}

/// Each room's name and parsed manifest.
fn manifests() -> Vec<(String, toml::Table)> {
    let folders = fs::read_dir(crates()).unwrap().map(|entry| entry.unwrap().path());
    let manifests = folders.map(|folder| {
        let table: toml::Table = text(&folder.join("Cargo.toml")).parse().unwrap();
        let name = table["package"]["name"].as_str().unwrap().to_owned();
        assert_eq!(
            folder.file_name().unwrap().to_str(),
            Some(name.as_str()),
            "a folder has its crate's name"
        );
        (name, table)
    });
    manifests.collect()
}

/// What a room depends on when it is built and run. What its tests use is its own business.
/// Whether a library is this one, or one of those that it is published in.
fn is_part_of(name: &str, library: &str) -> bool {
    name.strip_prefix(library).is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', '-']))
}

fn dependencies(manifest: &toml::Table) -> BTreeSet<String> {
    let tables = ["dependencies", "build-dependencies"]
        .into_iter()
        .filter_map(|key| manifest.get(key)?.as_table());
    tables.flat_map(|table| table.keys().cloned()).collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn text(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
