//! The browser tests: the real program, the sample pilot, and Chromium with axe-core.

use std::env;

use anyhow::Result;

use crate::step::{self, cargo, command, install_debian, is_installed, root};

/// Where Chromium may be, in order of preference.
const CHROMIUM: [&str; 4] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Why the browser tests cannot run here, after trying to install what they need.
pub(crate) fn missing() -> Option<String> {
    if !is_installed("node") || !is_installed("npm") {
        return Some("Node.js and npm are not installed".into());
    }
    if chromium().is_none() && !install_debian(&["chromium"]) {
        return Some("Chromium is not installed; install it, or name it in CHROMIUM".into());
    }
    None
}

/// Builds the program and runs the browser tests against it.
pub(crate) fn run() -> Result<()> {
    step::run(cargo(&["build", "--locked", "--package", "candour"]))?;
    let frontend = root().join("frontend");
    let mut install = command("npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    install.current_dir(&frontend);
    step::run(install)?;
    let mut tests = command("node", &["--test", "--test-concurrency=2", "tests/"]);
    tests.current_dir(&frontend);
    if let Some(chromium) = chromium() {
        tests.env("CHROMIUM", chromium);
    }
    step::run(tests)
}

fn chromium() -> Option<String> {
    env::var("CHROMIUM")
        .ok()
        .or_else(|| CHROMIUM.into_iter().find(|name| is_installed(name)).map(str::to_owned))
}
