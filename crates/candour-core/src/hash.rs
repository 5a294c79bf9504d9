//! The SHA-256 of some bytes, by which content, snapshots and configurations are named.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A SHA-256 digest, written as 64 lower-case hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct ContentHash(String);

impl ContentHash {
    /// The hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self::of_parts([bytes])
    }

    /// The hash of several parts, each preceded by its length, so that moving a border between two
    /// parts changes the hash.
    pub fn of_list<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        Self::from_digest(&hasher.finalize())
    }

    /// The hash of a byte stream that arrives in pieces: where the pieces are cut makes no difference.
    pub fn of_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self::from_digest(&hasher.finalize())
    }

    /// The hash whose digest was computed elsewhere, as of a file that is read piece by piece.
    pub fn of_digest(digest: [u8; 32]) -> Self {
        Self::from_digest(&digest)
    }

    /// Reads a hash that was written by this type; `None` where it is not 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        (text.len() == 64 && text.bytes().all(is_hex)).then(|| Self(text.to_owned()))
    }

    /// All 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve digits, for people to read.
    pub fn short(&self) -> &str {
        &self.0[..12]
    }

    fn from_digest(digest: &[u8]) -> Self {
        Self(hexadecimal(digest))
    }
}

/// Bytes as lower-case hexadecimal digits.
pub fn hexadecimal(bytes: &[u8]) -> String {
    use fmt::Write as _;
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

impl TryFrom<String> for ContentHash {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a hash is 64 lower-case hexadecimal digits")
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.short())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_published_vector() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            ContentHash::of(b"abc").as_str(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn what_is_no_hash_is_not_read_as_one() {
        let read = |text: &str| serde_json::from_value::<ContentHash>(text.into());
        let hash = ContentHash::of(b"abc");
        assert_eq!(read(hash.as_str()).unwrap(), hash);
        assert_eq!(serde_json::to_value(&hash).unwrap(), hash.as_str());
        for wrong in ["", "ab", "../../../../etc/passwd", &hash.as_str().to_uppercase()] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_list_remembers_its_borders_and_parts_do_not() {
        let list =
            |parts: &[&'static str]| ContentHash::of_list(parts.iter().map(|p| p.as_bytes()));
        assert_ne!(list(&["ab", "c"]), list(&["a", "bc"]));
        assert_eq!(ContentHash::of_parts([b"ab".as_slice(), b"c"]), ContentHash::of(b"abc"));
    }
}
