//! Words in base64 or hexadecimal digits, in which an instruction may hide.

/// Shorter runs are words, references and numbers.
const SHORTEST: usize = 16;
/// What is decoded of one text, in bytes: a question is never longer.
const LONGEST: usize = 8_192;

/// The texts that are encoded in `text` and can be read.
pub(super) fn readable(text: &str) -> Vec<String> {
    let runs = text.split(|one: char| !is_in_alphabet(one)).filter(|run| run.len() >= SHORTEST);
    let runs = runs.map(|run| &run[..run.len().min(LONGEST)]);
    runs.filter_map(|run| hexadecimal(run).or_else(|| base64(run))).collect()
}

fn is_in_alphabet(one: char) -> bool {
    one.is_ascii_alphanumeric() || matches!(one, '+' | '/' | '-' | '_' | '=')
}

fn hexadecimal(run: &str) -> Option<String> {
    let run = run.strip_prefix("0x").unwrap_or(run);
    let pairs = run.as_bytes().chunks_exact(2);
    let bytes = pairs.map(|pair| {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        Some((digit(pair[0])? * 16 + digit(pair[1])?) as u8)
    });
    words(bytes.collect::<Option<Vec<u8>>>()?)
}

/// Both alphabets of RFC 4648, with or without padding.
fn base64(run: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(run.len() * 3 / 4);
    let (mut held, mut bits) = (0_u32, 0);
    for letter in run.trim_end_matches('=').bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        held = (held << 6 | u32::from(value)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    words(bytes)
}

/// The bytes as text, if it is some: letters and spaces nearly throughout, and more than one word.
fn words(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    let all = text.chars().count();
    let plain = text.chars().filter(|one| one.is_alphabetic() || *one == ' ').count();
    (plain * 10 >= all * 8 && text.trim().contains(' ')).then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_decoded_and_nothing_else() {
        for (text, expected) in [
            ("see SGVsbG8gdGhlcmUsIGFsbA== ok", &["Hello there, all"][..]),
            ("SGVsbG8gdGhlcmUsIGFsbA", &["Hello there, all"]),
            ("0x48656c6c6f20746865726521", &["Hello there!"]),
            ("universalcreditapplication", &[]),
            ("1234567890123456 gwf066369546 aaaaaaaaaaaaaaaaaaaaaaaa", &[]),
            ("https://www.gov.uk/apply-for-a-council-tax-reduction", &[]),
            ("", &[]),
        ] {
            assert_eq!(readable(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in any::<String>()) {
            let _ = readable(&text);
        }
    }
}
