//! Looks for personal data in files.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use super::personal::Canary;

/// What was found, and where.
#[derive(Default)]
pub(super) struct Found {
    pub(super) bytes: usize,
    /// How often a mask was found, which stands where personal data stood.
    pub(super) masks: usize,
    pub(super) searched: usize,
    pub(super) files: usize,
    pub(super) kinds: BTreeMap<&'static str, PathBuf>,
}

impl Found {
    /// Looks for every secret in every file under these folders.
    pub(super) fn search(canaries: &[Canary], folders: &[PathBuf]) -> Result<Self> {
        let mut beginnings: HashMap<&[u8], Vec<(&str, &'static str)>> = HashMap::new();
        for canary in canaries {
            for secret in &canary.secrets {
                let beginning = &secret.as_bytes()[..BEGINNING];
                beginnings.entry(beginning).or_default().push((secret, canary.kind));
            }
        }
        beginnings.entry(&MASK.as_bytes()[..BEGINNING]).or_default().push((MASK, ""));
        let mut found = Self::default();
        for folder in folders {
            found.search_folder(&beginnings, folder)?;
        }
        ensure!(found.files > 3 && found.searched > 1_000_000, "there is too little to search");
        Ok(found)
    }

    fn search_folder(&mut self, beginnings: &Beginnings<'_>, folder: &Path) -> Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            // Sockets are no files, and PostgreSQL removes files of its own as it works.
            if path.is_dir() {
                self.search_folder(beginnings, &path)?;
            } else if let Ok(bytes) = fs::read(&path) {
                self.files += 1;
                self.searched += bytes.len();
                self.search_bytes(beginnings, &bytes, &path);
            }
        }
        Ok(())
    }

    fn search_bytes(&mut self, beginnings: &Beginnings<'_>, bytes: &[u8], path: &Path) {
        for (at, window) in bytes.windows(BEGINNING).enumerate() {
            let Some(secrets) = beginnings.get(window) else { continue };
            for (secret, kind) in secrets {
                let is_it = bytes[at..].starts_with(secret.as_bytes());
                if is_it && *secret == MASK {
                    self.masks += 1;
                } else if is_it && !is_inside(bytes, at, at + secret.len()) {
                    self.bytes += secret.len();
                    self.kinds.insert(kind, path.to_owned());
                }
            }
        }
    }
}

/// One of the masks.
const MASK: &str = "[National Insurance number]";

/// How many bytes of a secret are looked up at once. No secret is shorter.
const BEGINNING: usize = 8;

type Beginnings<'a> = HashMap<&'a [u8], Vec<(&'a str, &'static str)>>;

/// Whether these bytes are but a part of a longer number or word, such as a hash.
fn is_inside(bytes: &[u8], start: usize, end: usize) -> bool {
    let is_part = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    is_part(before) || is_part(bytes.get(end))
}

#[cfg(test)]
mod tests {
    use super::super::personal::canary;
    use super::*;

    #[test]
    fn what_is_kept_is_found_and_parts_of_longer_words_are_not() {
        let canaries: Vec<Canary> = (0..10_000).map(canary).collect();
        let secrets = canaries.iter().flat_map(|canary| &canary.secrets);
        let each: std::collections::BTreeSet<&String> = secrets.clone().collect();
        assert!(
            each.iter().all(|secret| secret.len() >= BEGINNING),
            "none is too short to look for"
        );
        assert!(each.len() > 10_000, "every question has its own");
        for canary in &canaries {
            assert!(canary.secrets.iter().any(|secret| canary.said.contains(secret)));
        }
        let mut beginnings: Beginnings<'_> = HashMap::new();
        for canary in &canaries[1..2] {
            let secret = canary.secrets[1].as_str();
            beginnings.insert(&secret.as_bytes()[..BEGINNING], vec![(secret, canary.kind)]);
        }
        let card = &canaries[1].secrets[1];
        for (text, expected) in [
            (format!("a\"{card}\"b"), card.len()),
            (format!("\0{card}\0{card}"), 2 * card.len()),
            (format!("deadbeef{card}"), 0),
            (format!("{card}0"), 0),
        ] {
            let mut found = Found::default();
            found.search_bytes(&beginnings, text.as_bytes(), Path::new("file"));
            assert_eq!(found.bytes, expected, "{text}");
        }
    }
}
