//! Server-sent events, decoded from bytes as they come, as the HTML standard says.
//!
//! Lines and characters may be split anywhere. What the events mean is left to the dialects.

/// The most bytes that one event may have.
const MOST_BYTES: usize = 1024 * 1024;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SseEvent {
    /// Its name; empty where it has none.
    pub(super) name: String,
    /// Its data, lines joined.
    pub(super) data: String,
}

/// An event is longer than any that is meant to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLong;

/// Decodes a stream of events.
#[derive(Debug, Default)]
pub(super) struct SseDecoder {
    line: Vec<u8>,
    name: String,
    data: String,
    /// Whether the last byte was a carriage return, with which a line feed would be one line ending.
    after_return: bool,
    /// Whether a first line was seen: a byte order mark may stand before it.
    is_begun: bool,
}

impl SseDecoder {
    /// Takes the next bytes, and gives the events that they complete.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<SseEvent>, TooLong> {
        let mut events = Vec::new();
        let mut rest = bytes;
        if self.after_return && rest.first() == Some(&b'\n') {
            rest = &rest[1..];
        }
        if !bytes.is_empty() {
            self.after_return = false;
        }
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.line.extend_from_slice(&rest[..end]);
            let is_return = rest[end] == b'\r';
            rest = &rest[end + 1..];
            match rest.first() {
                Some(b'\n') if is_return => rest = &rest[1..],
                None => self.after_return = is_return,
                _ => {}
            }
            events.extend(self.end_line());
            self.check()?;
        }
        self.line.extend_from_slice(rest);
        self.check()?;
        Ok(events)
    }

    fn check(&self) -> Result<(), TooLong> {
        let held = self.line.len() + self.data.len() + self.name.len();
        if held > MOST_BYTES { Err(TooLong) } else { Ok(()) }
    }

    fn end_line(&mut self) -> Option<SseEvent> {
        let bytes = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&bytes);
        let line = if self.is_begun { &*line } else { line.trim_start_matches('\u{feff}') };
        self.is_begun = true;
        if line.is_empty() {
            let (name, data) = (std::mem::take(&mut self.name), std::mem::take(&mut self.data));
            return data.strip_suffix('\n').map(|data| SseEvent { name, data: data.to_owned() });
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            // A comment has no name; `id`, `retry` and what is to come matter to nobody here.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(pieces: &[&[u8]]) -> Vec<(String, String)> {
        let mut decoder = SseDecoder::default();
        let events = pieces.iter().flat_map(|piece| decoder.push(piece).unwrap());
        events.map(|event| (event.name, event.data)).collect()
    }

    #[test]
    fn events_are_read_as_the_standard_says() {
        for (text, expected) in [
            ("event: a\ndata: 1\n\n", vec![("a", "1")]),
            ("data: 1\ndata: 2\n\n", vec![("", "1\n2")]),
            ("data:1\r\n\r\ndata:  2\r\r", vec![("", "1"), ("", " 2")]),
            (
                ": a comment\n\ndata\n\nid: 3\nretry: 4\nnew: 5\ndata: x:y\n\n",
                vec![("", ""), ("", "x:y")],
            ),
            ("event: a\n\ndata: 1\n\n", vec![("", "1")]),
            ("\u{feff}data: 1\n\ndata: unfinished", vec![("", "1")]),
            ("", vec![]),
        ] {
            let decoded = decode(&[text.as_bytes()]);
            let decoded: Vec<_> = decoded.iter().map(|(n, d)| (n.as_str(), d.as_str())).collect();
            assert_eq!(decoded, expected, "{text:?}");
        }
    }

    #[test]
    fn no_event_grows_without_bound() {
        for piece in ["x".repeat(1000), format!("data: {}\n", "x".repeat(1000))] {
            let mut decoder = SseDecoder::default();
            let pushed = (0..2000).try_for_each(|_| decoder.push(piece.as_bytes()).map(|_| ()));
            assert_eq!(pushed, Err(TooLong));
        }
    }

    proptest! {
        #[test]
        fn splits_make_no_difference(
            text in "(event: [a-c]|data: [a-zé£]{0,9}|: c|[a-z:]{0,4}|\r|\n|\r\n|\n\n){0,40}",
            cuts in prop::collection::vec(0_usize..400, 0..12),
        ) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
            prop_assert_eq!(decode(&pieces), decode(&[bytes]));
        }
    }
}
