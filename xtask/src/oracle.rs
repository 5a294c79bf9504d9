//! The Python packages that our own figures are held against, in an environment of their own under
//! `target`.

use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result};

use crate::step::{self, command, install_debian, root, say};

/// Where the tests look for the Python that has the packages.
pub(crate) const VARIABLE: &str = "CANDOUR_ORACLE_PYTHON";

/// The versions that the published figures were computed with, and all that they need themselves.
const PACKAGES: [&str; 2] = ["ir-measures==0.4.3", "pytrec-eval-terrier==0.5.11"];

/// Prints the versions of the packages, so that a changed pin is noticed.
const VERSIONS: &str = "import importlib.metadata as m, ir_measures, pytrec_eval; \
     print(*(f'{p}=={m.version(p)}' for p in ('ir-measures', 'pytrec-eval-terrier')))";

/// The Python that has the packages: the one that is named in the environment, else one that is set up
/// once.
pub(crate) fn python() -> Result<OsString> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return Ok(named);
    }
    let folder = root().join("target/oracle");
    let python = folder.join("bin/python");
    if !has_packages(&python) {
        say("the oracle's Python packages are not there: installing them once");
        make_environment(&folder)
            .context("it has no Python environment (Debian: `apt-get install python3-venv`)")?;
        let mut install = command(&python, &["-m", "pip", "install", "--quiet"]);
        install.args(PACKAGES);
        step::run(install).context("its packages could not be installed with pip")?;
    }
    Ok(python.into())
}

fn make_environment(folder: &Path) -> Result<()> {
    let make = || {
        let mut make = command("python3", &["-m", "venv", "--clear"]);
        make.arg(folder);
        step::run(make)
    };
    make().or_else(
        |error| {
            if install_debian(&["python3", "python3-venv"]) { make() } else { Err(error) }
        },
    )
}

fn has_packages(python: &Path) -> bool {
    let output = command(python, &["-c", VERSIONS]).stderr(Stdio::null()).output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim() == PACKAGES.join(" "))
}
