//! Bytes to text. Pages of public bodies are UTF-8, Windows-1252 or (rarely) UTF-16; others are refused
//! rather than read wrongly.

use std::borrow::Cow;

/// How far into a page its own word on the encoding is looked for, as browsers do.
const LOOKED_THROUGH: usize = 1024;

/// The text of some bytes, or why they cannot be read.
pub(super) fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return utf16(rest, u16::from_be_bytes);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let error = match std::str::from_utf8(bytes) {
        Ok(text) if text.contains('\0') => {
            return Err("it holds zero bytes: save it as UTF-8 text".to_owned());
        }
        Ok(text) => return Ok(Cow::Borrowed(text)),
        Err(error) => error,
    };
    match declared(bytes).as_deref() {
        Some(
            "windows-1252" | "cp1252" | "iso-8859-1" | "latin1" | "iso8859-1" | "us-ascii"
            | "ascii",
        ) => Ok(Cow::Owned(bytes.iter().map(|byte| windows_1252(*byte)).collect())),
        Some(other) if other != "utf-8" && other != "utf8" => {
            Err(format!("it is declared as {other}, which is not read: save it as UTF-8"))
        }
        _ => Err(format!(
            "it is not UTF-8 at byte {}, and names no other encoding: save it as UTF-8",
            error.valid_up_to()
        )),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'static, str>, String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    match String::from_utf16(&units) {
        Ok(text) if rest.is_empty() => Ok(Cow::Owned(text)),
        _ => Err("it begins as UTF-16 and is not: save it as UTF-8".to_owned()),
    }
}

/// The encoding that the page names in a `meta` element, in lower case.
fn declared(bytes: &[u8]) -> Option<String> {
    let start =
        String::from_utf8_lossy(&bytes[..bytes.len().min(LOOKED_THROUGH)]).to_ascii_lowercase();
    let after = &start[start.find("charset")? + "charset".len()..];
    let value = after.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let label: String = value
        .chars()
        .take(40)
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':'))
        .collect();
    (!label.is_empty()).then_some(label)
}

/// Windows-1252 differs from Unicode in one stretch; web pages that say "latin1" mean it too.
fn windows_1252(byte: u8) -> char {
    const STRETCH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => STRETCH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_browsers_read_and_refuses_the_rest() {
        let utf16: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain("£5".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        for (bytes, expected) in [
            ("£5".as_bytes(), Ok("£5")),
            (b"\xef\xbb\xbfa", Ok("a")),
            (&utf16, Ok("£5")),
            (
                b"<meta charset=\"windows-1252\">\xa35 \x93a\x94",
                Ok("<meta charset=\"windows-1252\">£5 “a”"),
            ),
            (
                b"<meta content='text/html; charset=ISO-8859-1'>\xe9",
                Ok("<meta content='text/html; charset=ISO-8859-1'>é"),
            ),
            (b"\xa35", Err("not UTF-8 at byte 0")),
            (b"<meta charset=shift_jis>\x82\xa0", Err("shift_jis")),
            (b"\xff\xfea", Err("UTF-16")),
            (b"a\0b", Err("zero bytes")),
        ] {
            match (decoded(bytes), expected) {
                (Ok(text), Ok(expected)) => assert_eq!(text, expected),
                (Err(why), Err(expected)) => assert!(why.contains(expected), "{why}"),
                (got, _) => panic!("{got:?} for {expected:?}"),
            }
        }
    }
}
