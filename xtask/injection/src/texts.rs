//! What is learned from and what is only measured: files with an open licence, remembered by hash.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use candour_assistant::injection_features;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A text to learn from.
pub(crate) struct Example {
    /// The places of its features.
    pub(crate) features: Vec<usize>,
    /// Whether it is an attack.
    pub(crate) is_attack: bool,
    /// Where it is from.
    pub(crate) source: Source,
    /// How much it counts.
    pub(crate) weight: f64,
    /// Texts of one group are learned from together or not at all: a technique of attack, a category.
    pub(crate) group: u64,
}

/// Where a text is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The attacks of PurpleLlama's CyberSecurityBenchmarks.
    PurpleLlama,
    /// The attacks of BIPIA.
    Bipia,
    /// Lines that were written for this project.
    Own,
    /// Searches of GOV.UK.
    Searches,
    /// Everything else that is harmless.
    Other,
}

/// A file that was read, for the provenance.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Input {
    name: String,
    licence: &'static str,
    used: &'static str,
    sha256: String,
}

/// All of them.
#[derive(Default)]
pub(crate) struct Texts {
    pub(crate) examples: Vec<Example>,
    /// Attacks and harmless texts of a source that nothing is learned from: PIGuard's validation set.
    pub(crate) held_out: Vec<(String, bool, String)>,
    pub(crate) inputs: Vec<Input>,
}

/// What a category of BIPIA only sets as a task is no attack where a reader asks for it.
const TASKS: [&str; 5] = [
    "Information Retrieval",
    "Content Creation",
    "Learning and Tutoring",
    "Language Translation",
    "Programming Help",
];

const MIT: &str = "MIT";
const OWN: &str = "MIT OR Apache-2.0";
const LEARNED: &str = "learned from";

impl Texts {
    /// Reads the texts under the folder of data and in this checkout.
    pub(crate) fn read(data: &Path) -> Result<Self> {
        let mut texts = Self::default();
        texts.attacks(data)?;
        texts.own()?;
        texts.searches(data)?;
        texts.personal_data(data)?;
        texts.welsh(data)?;
        let name = "safety/notinject/valid.json";
        let validation = texts.json(data, name, "only measured")?;
        texts.held_out = validation
            .as_array()
            .into_iter()
            .flatten()
            .map(|row| (string(row, "prompt"), row["label"] == 1, string(row, "source")))
            .collect();
        Ok(texts)
    }

    fn attacks(&mut self, data: &Path) -> Result<()> {
        let rows = self.json(data, "safety/injection/prompt_injection.json", LEARNED)?;
        for row in rows.as_array().into_iter().flatten() {
            let group = string(row, "injection_variant");
            self.add(&string(row, "user_input"), true, Source::PurpleLlama, 6.0, &group);
        }
        let categories = self.json(data, "safety/bipia/text_attack_train.json", LEARNED)?;
        for (category, rows) in categories.as_object().into_iter().flatten() {
            let is_task = TASKS.contains(&category.as_str());
            for text in rows.as_array().into_iter().flatten().filter_map(Value::as_str) {
                let weight = if is_task { 2.0 } else { 6.0 };
                self.add(text, !is_task, Source::Bipia, weight, category);
            }
        }
        Ok(())
    }

    /// Lines that were written for this project: attacks, what only sounds like one, and what the public
    /// may type with personal data and without.
    fn own(&mut self) -> Result<()> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let lines = folder.join("lines");
        for (file, is_attack, weight) in [("attacks.txt", true, 12.0), ("ordinary.txt", false, 4.0)]
        {
            let text = self.text(&lines, file, OWN, LEARNED)?;
            for (number, line) in lines_of(&text).enumerate() {
                self.add(line, is_attack, Source::Own, weight, &format!("{file} {}", number % 8));
            }
        }
        let redaction = folder.join("../../crates/candour-core/tests/uk");
        for file in ["survive.txt", "mask.txt"] {
            let text = self.text(&redaction, file, OWN, LEARNED)?;
            lines_of(&text).for_each(|line| self.add(line, false, Source::Other, 1.0, line));
        }
        Ok(())
    }

    fn searches(&mut self, data: &Path) -> Result<()> {
        let name = "govuk-search/clickstream-train.csv";
        let text = self.text(data, name, MIT, LEARNED)?;
        let mut queries = BTreeSet::new();
        for row in csv::Reader::from_reader(text.as_bytes()).into_records() {
            let row = row.with_context(|| format!("{name} is not CSV"))?;
            queries.extend(row.get(0).map(str::to_owned));
        }
        for query in queries {
            self.add(&query, false, Source::Searches, 0.5, &query);
        }
        Ok(())
    }

    fn personal_data(&mut self, data: &Path) -> Result<()> {
        let rows = self.json(data, "safety/pii/synth_dataset_v2.json", LEARNED)?;
        for row in rows.as_array().into_iter().flatten() {
            let text = string(row, "full_text");
            self.add(&text, false, Source::Other, 0.5, &text);
        }
        Ok(())
    }

    /// One in eight of the pairs, in both languages.
    fn welsh(&mut self, data: &Path) -> Result<()> {
        let name = "welsh/pairs.jsonl";
        let text = self.text(data, name, "Apache-2.0 and MIT, by the row's repository", LEARNED)?;
        for line in text.lines().step_by(8) {
            let row: Value =
                serde_json::from_str(line).with_context(|| format!("{name} is not JSON"))?;
            for language in ["en", "cy"] {
                let text = string(&row, language);
                self.add(&text, false, Source::Other, 0.3, &text);
            }
        }
        Ok(())
    }

    fn add(&mut self, text: &str, is_attack: bool, source: Source, weight: f64, group: &str) {
        let features = injection_features(text);
        if !features.is_empty() {
            let group = hash(group);
            self.examples.push(Example { features, is_attack, source, weight, group });
        }
    }

    fn json(&mut self, folder: &Path, name: &str, used: &'static str) -> Result<Value> {
        let text = self.text(folder, name, MIT, used)?;
        serde_json::from_str(&text).with_context(|| format!("{name} is not JSON"))
    }

    fn text(
        &mut self,
        folder: &Path,
        name: &str,
        licence: &'static str,
        used: &'static str,
    ) -> Result<String> {
        let path: PathBuf = folder.join(name);
        let bytes = fs::read(&path).with_context(|| {
            format!("{} cannot be read; `--help` says how to name its folder", path.display())
        })?;
        self.inputs.push(Input { name: name.to_owned(), licence, used, sha256: sha256(&bytes) });
        String::from_utf8(bytes).with_context(|| format!("{name} is not UTF-8"))
    }
}

/// The hash of some bytes, in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn hash(text: &str) -> u64 {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

fn lines_of(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn string(row: &Value, key: &str) -> String {
    row[key].as_str().unwrap_or_default().to_owned()
}
