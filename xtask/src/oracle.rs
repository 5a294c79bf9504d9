//! The Python packages that our own figures and files are held against, each set in an environment of
//! its own under `target`.

use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result};

use crate::step::{self, command, install_debian, root, say};

/// A set of packages, with the versions that the published figures were computed with.
pub(crate) struct Oracle {
    /// What is held against it.
    pub(crate) name: &'static str,
    /// Where the tests look for the Python that has the packages.
    pub(crate) variable: &'static str,
    /// The folder under `target`.
    folder: &'static str,
    packages: &'static [&'static str],
    /// Packages that these are built with, where they are not built already.
    build: &'static [&'static str],
    /// Why a run may do without it even where nothing may be skipped; nothing where it may not.
    pub(crate) tolerated: Option<&'static str>,
}

/// All of them.
pub(crate) const ORACLES: [Oracle; 7] = [
    Oracle {
        name: "comparison with ir_measures",
        variable: "CANDOUR_ORACLE_PYTHON",
        folder: "oracle",
        packages: &["ir-measures==0.4.3", "pytrec-eval-terrier==0.5.11"],
        build: &[],
        tolerated: None,
    },
    Oracle {
        name: "comparison of statistics with their published implementations",
        variable: "CANDOUR_STATISTICS_PYTHON",
        folder: "statistics",
        packages: &[
            "statsmodels==0.15.0",
            "scikit-learn==1.9.1",
            "krippendorff==0.9.0",
            "ppi-python==0.2.3",
        ],
        build: &[],
        tolerated: None,
    },
    Oracle {
        name: "comparison of confidence sequences with confseq",
        variable: "CANDOUR_CONFSEQ_PYTHON",
        folder: "confseq",
        packages: &["confseq==0.0.11"],
        // It needs an old NumPy, and is built against Boost.
        build: &[
            "numpy<2",
            "scipy",
            "matplotlib",
            "pandas",
            "multiprocess",
            "pybind11>=2.11",
            "scikit-build",
            "cmake<4",
            "ninja",
            "setuptools<81",
            "wheel",
        ],
        tolerated: Some(
            "it is compiled from source, which takes a compiler and Boost's headers, and the same figures are held against reference values in the tests",
        ),
    },
    Oracle {
        name: "logs read and written by Inspect",
        variable: "CANDOUR_INSPECT_PYTHON",
        folder: "inspect",
        packages: &["inspect-ai==0.3.285"],
        build: &[],
        tolerated: None,
    },
    Oracle {
        name: "logs read by an early Inspect",
        variable: "CANDOUR_INSPECT_EARLY_PYTHON",
        folder: "inspect-early",
        packages: &["inspect-ai==0.3.150"],
        build: &[],
        tolerated: None,
    },
    Oracle {
        name: "official clients of language models against their stand-in",
        variable: "CANDOUR_CLIENTS_PYTHON",
        folder: "clients",
        packages: &["anthropic==2.14.0", "boto3==1.44.8", "openai==3.57.0"],
        build: &[],
        tolerated: None,
    },
    Oracle {
        name: "official clients of our endpoints for programs",
        variable: "CANDOUR_CALLERS_PYTHON",
        folder: "callers",
        packages: &["openai==3.57.0", "inspect-ai==0.3.285", "mcp==2.3.0"],
        build: &[],
        tolerated: None,
    },
];

impl Oracle {
    /// The Python that has the packages: the one that is named in the environment, else one that is set
    /// up once.
    pub(crate) fn python(&self) -> Result<OsString> {
        if let Some(named) = std::env::var_os(self.variable) {
            return Ok(named);
        }
        let folder = root().join("target").join(self.folder);
        let python = folder.join("bin/python");
        if !self.is_installed(&python) {
            say(&format!("{}: installing Python packages once", self.name));
            make_environment(&folder)
                .context("it has no Python environment (Debian: `apt-get install python3-venv`)")?;
            self.install(&python).context("its packages could not be installed with pip")?;
        }
        Ok(python.into())
    }

    fn install(&self, python: &Path) -> Result<()> {
        let mut install = command(python, &["-m", "pip", "install", "--quiet"]);
        if !self.build.is_empty() {
            // Where this fails the headers may be there all the same.
            install_debian(&["libboost-dev", "g++"]);
            let mut build = command(python, &["-m", "pip", "install", "--quiet"]);
            build.args(self.build);
            step::run(build)?;
            install.arg("--no-build-isolation");
        }
        install.args(self.packages);
        step::run(install)
    }

    /// Whether the packages are there in these versions, so that a changed pin is noticed.
    fn is_installed(&self, python: &Path) -> bool {
        const VERSIONS: &str = "import importlib.metadata as m, sys; \
             print(*(f'{p}=={m.version(p)}' for p in (a.split('==')[0] for a in sys.argv[1:])))";
        let mut versions = command(python, &["-c", VERSIONS]);
        let output = versions.args(self.packages).stderr(Stdio::null()).output();
        output.is_ok_and(|output| {
            String::from_utf8_lossy(&output.stdout).trim() == self.packages.join(" ")
        })
    }
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
