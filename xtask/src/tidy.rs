//! `cargo xtask tidy`: how long files and functions are. A compass, not a gate.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::step::{root, say};

/// Prints the lengths of files and functions, with the longest of each.
pub(crate) fn run() -> Result<()> {
    let mut files = Vec::new();
    collect(&root().join("crates"), &mut files)?;
    collect(&root().join("xtask"), &mut files)?;
    let mut file_lengths = Vec::new();
    let mut function_lengths = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file)?;
        let name = file.strip_prefix(root()).unwrap_or(&file).display().to_string();
        function_lengths.extend(
            functions(&text)
                .into_iter()
                .map(|(function, length)| (length, format!("{name}: {function}"))),
        );
        file_lengths.push((text.lines().count(), name));
    }
    report("files", "lines: aim median ≤ 150, p90 ≤ 500", &mut file_lengths);
    report("functions", "lines: aim p90 ≤ 35, p99 ≤ 80", &mut function_lengths);
    Ok(())
}

fn report(what: &str, aim: &str, lengths: &mut [(usize, String)]) {
    lengths.sort();
    let at = |share: usize| {
        lengths
            .get((lengths.len() * share / 100).min(lengths.len().saturating_sub(1)))
            .map_or(0, |(length, _)| *length)
    };
    say(&format!(
        "{} {what}, median {} p90 {} p99 {} ({aim})",
        lengths.len(),
        at(50),
        at(90),
        at(99)
    ));
    for (length, name) in lengths.iter().rev().take(6) {
        say(&format!("  {length:>5}  {name}"));
    }
}

/// Functions and their lengths, told by indentation, which rustfmt guarantees.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        let Some(after) =
            trimmed.split_once("fn ").filter(|(before, _)| before.split(' ').all(is_modifier))
        else {
            continue;
        };
        let indent = &line[..line.len() - trimmed.len()];
        let close = format!("{indent}}}");
        if let Some(length) = lines[start..].iter().position(|line| *line == close) {
            let name = after.1.split(['(', '<']).next().unwrap_or_default();
            found.push((name.to_owned(), length + 1));
        }
    }
    found
}

fn is_modifier(word: &str) -> bool {
    word.is_empty() || word.starts_with("pub") || matches!(word, "const" | "async")
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}
