//! `application/vnd.amazon.eventstream`: events between lengths and checksums, each with base64 inside.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use candour_core::ModelError;
use serde::Deserialize;

use crate::model::anthropic::Framing;
use crate::model::http::error_event;

/// The lengths and their checksum.
const PRELUDE: usize = 12;
/// Prelude and last checksum.
const FEWEST: usize = PRELUDE + 4;
/// The most bytes that one event may have.
const MOST: usize = 1024 * 1024;
/// The type of a header whose value is a string.
const STRING: u8 = 7;

/// Decodes a stream of frames.
#[derive(Debug, Default)]
pub(super) struct FrameDecoder {
    held: Vec<u8>,
}

impl Framing for FrameDecoder {
    fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, ModelError> {
        self.held.extend_from_slice(bytes);
        let mut events = Vec::new();
        while let Some(frame) = self.next_frame()? {
            events.extend(event(&frame)?);
        }
        Ok(events)
    }
}

impl FrameDecoder {
    /// The next frame, if it is all there.
    fn next_frame(&mut self) -> Result<Option<Frame>, ModelError> {
        let Some(prelude) = self.held.get(..PRELUDE) else { return Ok(None) };
        let (lengths, sum) = prelude.split_at(8);
        if crc32fast::hash(lengths) != number(sum) {
            return Err(broken("the checksum of a frame is wrong"));
        }
        let (total, of_headers) = (number(&lengths[..4]) as usize, number(&lengths[4..]) as usize);
        if !(FEWEST..=MOST).contains(&total) || of_headers > total - FEWEST {
            return Err(broken("the length of a frame is wrong"));
        }
        if self.held.len() < total {
            return Ok(None);
        }
        let rest = self.held.split_off(total);
        let frame = std::mem::replace(&mut self.held, rest);
        let (bytes, sum) = frame.split_at(total - 4);
        if crc32fast::hash(bytes) != number(sum) {
            return Err(broken("the checksum of a frame is wrong"));
        }
        let headers = strings(&bytes[PRELUDE..PRELUDE + of_headers])
            .ok_or_else(|| broken("the headers of a frame are wrong"))?;
        Ok(Some(Frame { headers, payload: bytes[PRELUDE + of_headers..].to_vec() }))
    }
}

struct Frame {
    headers: Vec<(String, String)>,
    payload: Vec<u8>,
}

impl Frame {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }
}

/// What a frame says: the JSON of an event, nothing, or an error.
fn event(frame: &Frame) -> Result<Option<String>, ModelError> {
    #[derive(Deserialize)]
    struct Chunk {
        bytes: String,
    }
    match frame.header(":message-type") {
        "exception" => return Err(error_event(frame.header(":exception-type"))),
        "error" => return Err(error_event(frame.header(":error-code"))),
        _ if frame.header(":event-type") != "chunk" => return Ok(None),
        _ => {}
    }
    let chunk: Chunk = serde_json::from_slice(&frame.payload)
        .map_err(|_| broken("an event is not as documented"))?;
    let bytes =
        STANDARD.decode(chunk.bytes).map_err(|_| broken("an event is not as documented"))?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

/// The headers whose values are strings; `None` where they are not headers.
fn strings(mut bytes: &[u8]) -> Option<Vec<(String, String)>> {
    let mut headers = Vec::new();
    while !bytes.is_empty() {
        let length = usize::from(take(&mut bytes, 1)?[0]);
        let name = String::from_utf8_lossy(take(&mut bytes, length)?).into_owned();
        let kind = take(&mut bytes, 1)?[0];
        let length = match kind {
            0 | 1 => 0,
            2 => 1,
            3 => 2,
            4 => 4,
            5 | 8 => 8,
            6 | STRING => {
                let length = take(&mut bytes, 2)?;
                usize::from(u16::from_be_bytes([length[0], length[1]]))
            }
            9 => 16,
            _ => return None,
        };
        let value = take(&mut bytes, length)?;
        if kind == STRING {
            headers.push((name, String::from_utf8_lossy(value).into_owned()));
        }
    }
    Some(headers)
}

fn take<'b>(bytes: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn broken(why: &str) -> ModelError {
    ModelError::Broken(why.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame as the published format describes it.
    fn frame(headers: &[(&str, &str)], payload: &str) -> Vec<u8> {
        let mut head = Vec::new();
        for (name, value) in headers {
            head.push(name.len() as u8);
            head.extend(name.as_bytes());
            head.push(STRING);
            head.extend((value.len() as u16).to_be_bytes());
            head.extend(value.as_bytes());
        }
        // A header that is no string is passed over.
        head.extend(b"\x01n\x04\x00\x00\x00\x07");
        let total = FEWEST + head.len() + payload.len();
        let mut bytes = [(total as u32).to_be_bytes(), (head.len() as u32).to_be_bytes()].concat();
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        bytes.extend(head);
        bytes.extend(payload.as_bytes());
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        bytes
    }

    fn chunk(data: &str) -> Vec<u8> {
        let payload = format!("{{\"bytes\":\"{}\",\"p\":\"abc\"}}", STANDARD.encode(data));
        frame(&[(":message-type", "event"), (":event-type", "chunk")], &payload)
    }

    #[test]
    fn frames_are_read_wherever_they_are_split() {
        let bytes = [chunk("one"), chunk("two")].concat();
        for size in [1, 7, 40, bytes.len()] {
            let mut decoder = FrameDecoder::default();
            let events: Vec<_> =
                bytes.chunks(size).flat_map(|piece| decoder.push(piece).unwrap()).collect();
            assert_eq!(events, ["one", "two"], "{size}");
        }
    }

    #[test]
    fn what_is_no_frame_is_an_error() {
        let good = chunk("one");
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            let read = FrameDecoder::default().push(&bad);
            assert!(read.is_err(), "byte {at}: {read:?}");
        }
        let exception = frame(
            &[(":message-type", "exception"), (":exception-type", "throttlingException")],
            "{}",
        );
        let read = FrameDecoder::default().push(&exception);
        assert!(matches!(read, Err(ModelError::Limited { retry_after: Some(_) })), "{read:?}");
    }
}
