//! Evidence: what one measurement found, about what, and under which circumstances.
//!
//! It is named by its own hash, which covers the hashes of its files, so that whoever knows the name can
//! tell whether anything was changed. The log commits to it as it does to the receipts of answers. It
//! holds the questions of suites and the answers to them, never the words of readers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::hash::ContentHash;
use crate::receipt::commitment;

/// The file of every piece of evidence that holds its figures, as JSON.
pub const RESULT: &str = "result.json";

/// What one measurement found, by the hashes of its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The form of this record: 1.
    pub version: u32,
    /// What was done: `run`, `redteam`, `calibration`, `retrieval`, `log`.
    pub kind: String,
    /// What was measured, and with what, for people.
    pub title: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The version of the program that made it.
    pub program: String,
    /// The hash of the configuration that was measured, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<ContentHash>,
    /// The snapshot that was searched, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<String>,
    /// The hash of the questions, where they are a suite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suite: Option<ContentHash>,
    /// Its files by name; [`RESULT`] is always among them.
    pub files: BTreeMap<String, KeptFile>,
}

/// A file of a piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptFile {
    /// The hash of its content.
    pub hash: ContentHash,
    /// How long it is.
    pub bytes: u64,
}

impl Evidence {
    /// What names it.
    pub fn hash(&self) -> ContentHash {
        // Its maps have string keys only, so that it can always be written.
        ContentHash::of(serde_json::to_string(self).unwrap_or_default().as_bytes())
    }
}

/// Evidence with what shows that the log commits to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaltedEvidence {
    /// The evidence.
    pub evidence: Evidence,
    /// 16 random bytes, in hexadecimal digits, without which the commitment tells nothing.
    pub salt: String,
    /// Where in the log the commitment stands, from 0.
    pub log_position: u64,
}

impl SaltedEvidence {
    /// What the log holds for it.
    pub fn commitment(&self) -> ContentHash {
        commitment(&self.evidence, &self.salt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_covers_everything() {
        let file = KeptFile { hash: ContentHash::of(b"{}"), bytes: 2 };
        let evidence = Evidence {
            version: 1,
            kind: "run".into(),
            title: "a suite asked of a pilot".into(),
            made_at: Timestamp::UNIX_EPOCH,
            program: "0.1.0".into(),
            configuration: None,
            snapshot: None,
            suite: None,
            files: [(RESULT.to_owned(), file.clone())].into(),
        };
        let read: Evidence =
            serde_json::from_str(&serde_json::to_string(&evidence).unwrap()).unwrap();
        assert_eq!(read.hash(), evidence.hash());
        let other_file = KeptFile { hash: ContentHash::of(b"[]"), ..file };
        let others = [
            Evidence { kind: "log".into(), ..evidence.clone() },
            Evidence { snapshot: Some("s".into()), ..evidence.clone() },
            Evidence { files: [(RESULT.to_owned(), other_file)].into(), ..evidence.clone() },
        ];
        for other in others {
            assert_ne!(other.hash(), evidence.hash());
        }
        let salted = SaltedEvidence { evidence, salt: "00".repeat(16), log_position: 0 };
        assert_ne!(salted.commitment(), salted.evidence.hash(), "the log holds a salted hash");
    }
}
