//! Brings GOV.UK Frontend by its lockfile, and takes from it what only GOV.UK may use.
//!
//! The fonts, the images and the blue are licensed to, or stand for, GOV.UK alone. They are removed
//! here, and the build fails if any of them is left. Nothing is written outside Cargo's output folder.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Text that must not be in what is served, in lower case.
const FORBIDDEN: [&str; 6] =
    ["gds transport", "crown", "crest", "@font-face", "/assets/", "#1d70b8"];

/// Colours of GOV.UK's brand, and what stands in their place.
const COLOURS: [(&str, &str); 3] =
    [("#1d70b8", "#0b5a5c"), ("#f4f8fb", "#f3f7f6"), ("#8eb8dc", "#8fb8b6")];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=CANDOUR_FRONTEND");
    println!("cargo::rerun-if-changed=build.rs");
    let output = PathBuf::from(env::var("OUT_DIR")?);
    let package = match env::var_os("CANDOUR_FRONTEND") {
        Some(folder) => PathBuf::from(folder),
        None => install(&output)?,
    };
    let style = read(&package, "dist/govuk/govuk-frontend.min.css")?;
    let script = read(&package, "dist/govuk/govuk-frontend.min.js")?;
    write(&output, "govuk-frontend.min.css", &without_brand(&style))?;
    write(&output, "govuk-frontend.min.js", &without_source_map(&script))
}

/// Installs the package in the output folder, unless this very lockfile is installed there already.
fn install(output: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let source = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../frontend");
    let folder = output.join("frontend");
    let package = folder.join("node_modules/govuk-frontend");
    fs::create_dir_all(&folder)?;
    let mut is_same = package.join("package.json").exists();
    for name in ["package.json", "package-lock.json"] {
        println!("cargo::rerun-if-changed={}", source.join(name).display());
        let wanted = fs::read(source.join(name))?;
        is_same &= fs::read(folder.join(name)).is_ok_and(|found| found == wanted);
        fs::write(folder.join(name), wanted)?;
    }
    if is_same {
        return Ok(package);
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let installed = Command::new(npm)
        .args(["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&folder)
        .output()
        .map_err(|error| format!("npm cannot be run ({error}). {ADVICE}"))?;
    if !installed.status.success() {
        // A failed installation must not look like a finished one next time.
        fs::remove_file(folder.join("package-lock.json"))?;
        let said = String::from_utf8_lossy(&installed.stderr).into_owned();
        return Err(format!("npm ci failed. {ADVICE}\n{said}").into());
    }
    Ok(package)
}

const ADVICE: &str = "The pages need GOV.UK Frontend from npm: install Node.js 20 or later with npm \
    and check that its registry can be reached, or set CANDOUR_FRONTEND to the folder of an unpacked \
    govuk-frontend package of the version in frontend/package.json";

fn read(package: &Path, name: &str) -> Result<String, Box<dyn Error>> {
    let path = package.join(name);
    fs::read_to_string(&path)
        .map_err(|error| format!("{} cannot be read ({error}). {ADVICE}", path.display()).into())
}

/// Writes a file, if nothing that only GOV.UK may use is left in it.
fn write(output: &Path, name: &str, text: &str) -> Result<(), Box<dyn Error>> {
    let lower = text.to_lowercase();
    if let Some(left) = FORBIDDEN.into_iter().find(|word| lower.contains(word)) {
        return Err(format!(
            "{name} still holds \"{left}\", which only GOV.UK may use: teach build.rs to remove it"
        )
        .into());
    }
    Ok(fs::write(output.join(name), text)?)
}

/// The style sheet with fonts of the system, without the images, and in our own colours.
fn without_brand(style: &str) -> String {
    let mut kept = String::with_capacity(style.len());
    keep_rules(&without_comments(style), &mut kept);
    for family in ["\"GDS Transport\",arial,sans-serif", "GDS Transport,arial,sans-serif"] {
        kept = kept.replace(family, "Arial,Helvetica,system-ui,sans-serif");
    }
    for (theirs, ours) in COLOURS {
        kept = kept.replace(theirs, ours);
    }
    kept
}

/// Copies the rules of a style sheet or of the inside of a block, but for those that are not ours.
fn keep_rules(style: &str, kept: &mut String) {
    let mut rest = style;
    while let Some(open) = rest.find(['{', ';']) {
        let prelude = &rest[..open];
        if rest.as_bytes()[open] == b';' {
            kept.push_str(&rest[..=open]);
            rest = &rest[open + 1..];
            continue;
        }
        let end = open + matching_brace(&rest[open..]);
        let body = &rest[open + 1..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        let is_group = prelude.starts_with("@media") || prelude.starts_with("@supports");
        let is_theirs = prelude.starts_with("@font-face")
            || prelude.contains("govuk-footer__crown")
            || prelude.contains("govuk-footer__copyright-logo");
        if is_theirs {
            continue;
        }
        kept.push_str(prelude);
        kept.push('{');
        if is_group {
            keep_rules(body, kept);
        } else {
            kept.push_str(body);
        }
        kept.push('}');
    }
    kept.push_str(rest);
}

/// Where the brace that opens `text` is closed; braces in quotes do not count.
fn matching_brace(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut quote = None;
    for (position, character) in text.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '{') => depth += 1,
            (None, '}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return position;
                }
            }
            _ => {}
        }
    }
    text.len()
}

fn without_comments(style: &str) -> String {
    let mut kept = String::with_capacity(style.len());
    let mut rest = style;
    while let Some((before, after)) = rest.split_once("/*") {
        kept.push_str(before.trim_end());
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept
}

fn without_source_map(script: &str) -> String {
    script.split("//# sourceMappingURL=").next().unwrap_or_default().trim_end().to_owned()
}
