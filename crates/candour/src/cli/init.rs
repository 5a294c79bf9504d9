//! `candour init`: begins a pilot with a `candour.toml` in which every key is explained.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;

use super::terminal;

/// What is written: every key with its default and the reason for it.
const TEMPLATE: &str = include_str!("init/candour.toml");

/// `candour init`.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The folder of the new pilot
    #[arg(default_value = ".")]
    folder: PathBuf,
}

impl Init {
    pub(crate) fn run(self) -> Result<ExitCode> {
        std::fs::create_dir_all(&self.folder)
            .with_context(|| format!("the folder {} cannot be made", self.folder.display()))?;
        let file = self.folder.join("candour.toml");
        // `create_new` makes sure that a configuration that is there is never overwritten.
        match std::fs::OpenOptions::new().write(true).create_new(true).open(&file) {
            Ok(mut open) => open
                .write_all(TEMPLATE.as_bytes())
                .with_context(|| format!("{} cannot be written", file.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                bail!("{} is there already and was left as it is", file.display())
            }
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be made", file.display()));
            }
        }
        terminal::print(&format!(
            "Wrote {}. Next:\n  1. set the body's name, its contact and `sources` in it\n  2. candour ingest\n  3. candour serve",
            file.display()
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use candour_core::Config;

    use super::*;

    #[test]
    fn the_template_states_the_defaults() {
        let written = Config::resolve(TEMPLATE, &BTreeMap::new()).unwrap();
        assert_eq!(written, Config::default());
    }

    #[test]
    fn the_template_names_every_key() {
        let defaults = toml::Table::try_from(Config::default()).unwrap();
        for (section, keys) in &defaults {
            assert!(TEMPLATE.contains(&format!("[{section}]")), "[{section}] is missing");
            for key in keys.as_table().unwrap().keys() {
                let set = TEMPLATE
                    .lines()
                    .any(|line| line.trim_start_matches("# ").starts_with(&format!("{key} =")));
                assert!(set, "{section}.{key} is missing");
            }
        }
    }
}
