//! Logs as one JSON file: read as a stream, so that a long log takes no more memory than its longest
//! sample, and written from an archive.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write as _};
use std::path::Path;

use serde::Deserialize as _;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::archive::Archive;
use super::error::LogError;
use super::header::{Header, VERSION};
use super::read::{archive_header, is_sample, parse};
use super::sample::Sample;
use super::version::Version;

/// Takes the samples of a log one by one.
type Each<'a> = Option<&'a mut dyn FnMut(Sample)>;

/// Writes the archive `from` as the `.json` log `to`, which must not be there yet.
pub fn write_json(from: &Path, to: &Path) -> Result<(), LogError> {
    let archive = Archive::open(from)?;
    let header = archive_header(&archive, from)?;
    let unwritable = LogError::unwritable(to);
    let mut out = BufWriter::new(File::create_new(to).map_err(&unwritable)?);
    let mut text = serde_json::to_vec(&header)
        .map_err(|error| LogError::damaged(from, "header.json", error.to_string()))?;
    // The samples come last in the object.
    text.pop();
    text.extend(b",\"samples\":[");
    out.write_all(&text).map_err(&unwritable)?;
    let samples = archive.members.iter().filter(|member| is_sample(&member.name));
    for (place, member) in samples.enumerate() {
        let bytes = archive.read(member)?;
        parse::<Sample>(&bytes, from, &member.name)?;
        let comma: &[u8] = if place > 0 { b",\n" } else { b"\n" };
        out.write_all(comma).and_then(|()| out.write_all(&bytes)).map_err(&unwritable)?;
    }
    out.write_all(b"]}\n").and_then(|()| out.flush()).map_err(&unwritable)?;
    out.get_ref().sync_all().map_err(&unwritable)
}

/// Reads a log that is one JSON file; the samples are passed over where nobody takes them.
pub(super) fn read(path: &Path, each: Each<'_>) -> Result<Header, LogError> {
    let file = File::open(path).map_err(LogError::unreadable(path))?;
    let mut reader = BufReader::with_capacity(1 << 16, file);
    // A byte order mark is no JSON.
    if reader.fill_buf().map_err(LogError::unreadable(path))?.starts_with(b"\xef\xbb\xbf") {
        reader.consume(3);
    }
    let mut text = serde_json::Deserializer::from_reader(Plain::new(reader));
    let mut version = None;
    let fields = LogVisitor { each, version: &mut version }.deserialize(&mut text);
    version.map_or(Ok(()), |version| version.check(path))?;
    let damaged = |error: serde_json::Error| LogError::damaged(path, "its JSON", error.to_string());
    let fields = fields.and_then(|fields| text.end().map(|()| fields)).map_err(damaged)?;
    if !fields.contains_key("eval") {
        return Err(LogError::NotALog { path: path.display().to_string() });
    }
    Header::deserialize(Value::Object(fields)).map_err(damaged)
}

/// Gives samples away and keeps every other field.
struct LogVisitor<'a, 'b> {
    each: Each<'a>,
    version: &'b mut Option<Version>,
}

impl<'de> DeserializeSeed<'de> for LogVisitor<'_, '_> {
    type Value = Map<String, Value>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for LogVisitor<'_, '_> {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a log")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Map::from_iter([("version".to_owned(), Value::from(VERSION))]);
        while let Some(key) = map.next_key::<String>()? {
            match (key.as_str(), &mut self.each) {
                ("samples", Some(each)) => map.next_value_seed(SampleVisitor(*each))?,
                ("samples" | "reductions", _) => drop(map.next_value::<IgnoredAny>()?),
                ("version", _) => {
                    let version = self.version.insert(map.next_value()?);
                    // What another schema means is not known, so that nothing more is read.
                    let known = version.known();
                    let known = known.ok_or_else(|| serde::de::Error::custom("another schema"))?;
                    fields.insert(key, known.into());
                }
                _ => {
                    fields.insert(key, map.next_value()?);
                }
            }
        }
        Ok(fields)
    }
}

struct SampleVisitor<'a>(&'a mut dyn FnMut(Sample));

impl<'de> DeserializeSeed<'de> for SampleVisitor<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for SampleVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of samples")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut samples: A) -> Result<(), A::Error> {
        while let Some(sample) = samples.next_element()? {
            (self.0)(sample);
        }
        Ok(())
    }
}

/// Makes plain JSON of what Python writes: `NaN` becomes null, and `Infinity` the largest number.
pub(super) struct Plain<R> {
    inner: R,
    in_text: bool,
    escaped: bool,
    left: &'static [u8],
}

impl<R: BufRead> Plain<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, in_text: false, escaped: false, left: b"" }
    }

    /// Whether the byte is the first of a word that is no JSON.
    fn begins_word(&mut self, byte: u8) -> bool {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = self.in_text,
            b'"' => self.in_text = !self.in_text,
            b'N' | b'I' => return !self.in_text,
            _ => {}
        }
        false
    }

    fn replace_word(&mut self, first: u8) -> io::Result<()> {
        let (rest, instead): (&[u8], &'static [u8]) =
            if first == b'N' { (b"aN", b"null") } else { (b"nfinity", b"1.7976931348623157e308") };
        let mut word = [0; 7];
        let word = &mut word[..rest.len()];
        self.inner.read_exact(word)?;
        if word != rest {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a word that is no JSON"));
        }
        self.left = instead;
        Ok(())
    }
}

impl<R: BufRead> Read for Plain<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.left.is_empty() {
            let mut bytes = io::Read::by_ref(&mut self.inner).take(out.len() as u64);
            let copied = bytes.fill_buf()?.len().min(out.len());
            out[..copied].copy_from_slice(&bytes.fill_buf()?[..copied]);
            let word = out[..copied].iter().position(|byte| self.begins_word(*byte));
            self.inner.consume(word.map_or(copied, |at| at + 1));
            match word {
                Some(at) => {
                    self.replace_word(out[at])?;
                    if at > 0 {
                        return Ok(at);
                    }
                }
                None => return Ok(copied),
            }
        }
        let copied = self.left.len().min(out.len());
        out[..copied].copy_from_slice(&self.left[..copied]);
        self.left = &self.left[copied..];
        Ok(copied)
    }
}
