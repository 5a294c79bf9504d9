//! Gathers the sample pilot's pages into one file, one page a line, and its questions into a list of
//! files, so that the program carries them.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let sample = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../sample");
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("sample.jsonl"), pages(&sample.join("content"))?)?;
    fs::write(Path::new(&out).join("questions.rs"), questions(&sample.join("questions"))?)?;
    Ok(())
}

fn pages(content: &Path) -> Result<String, Box<dyn Error>> {
    let mut lines = String::new();
    for file in files_in(content, "json")? {
        let text = fs::read_to_string(&file)?;
        let page: serde_json::Value =
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        lines.push_str(&page.to_string());
        lines.push('\n');
    }
    Ok(lines)
}

/// The files of questions as a list in Rust: name and text of each.
fn questions(folder: &Path) -> Result<String, Box<dyn Error>> {
    let mut list = String::from("&[\n");
    for file in files_in(folder, "jsonl")? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let path = file.canonicalize()?.display().to_string();
        writeln!(list, "    ({name:?}, include_str!({path:?})),")?;
    }
    Ok(list + "]\n")
}

/// The files with an ending in a folder and those below it, sorted.
fn files_in(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_in(&path, ending)?);
        } else if path.extension().is_some_and(|extension| extension == ending) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
