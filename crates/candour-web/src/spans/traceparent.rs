//! How a caller names the trace that a request is a part of.

/// The trace and the span that `traceparent` names (W3C Trace Context, section 3.2), and whether the trace
/// is gathered.
pub(super) fn traceparent(value: &str) -> Option<([u8; 16], [u8; 8], bool)> {
    let mut parts = value.split('-');
    let version = number::<1>(parts.next()?)?;
    let (trace, span) = (number::<16>(parts.next()?)?, number::<8>(parts.next()?)?);
    let [flags] = number::<1>(parts.next()?)?;
    let is_whole = version != [0] || parts.next().is_none();
    let is_valid = version != [0xff] && trace != [0; 16] && span != [0; 8];
    (is_whole && is_valid).then_some((trace, span, flags & 1 == 1))
}

/// Bytes in lower-case hexadecimal digits.
fn number<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let is_lower = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
    if digits.len() != 2 * N || !digits.bytes().all(is_lower) {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_traceparent_is_read_as_the_standard_has_it() {
        let zero = "0".repeat(32);
        for (value, is_read) in [
            (PARENT.to_owned(), true),
            (format!("01{}-more", &PARENT[2..]), true),
            (format!("{PARENT}-more"), false),
            (format!("ff{}", &PARENT[2..]), false),
            (PARENT.replace("0af7651916cd43dd8448eb211c80319c", &zero), false),
            (PARENT.replace("b7ad6b7169203331", &zero[..16]), false),
            (PARENT.replace("b7ad", "B7AD"), false),
            (PARENT.replace("-01", "-+1"), false),
        ] {
            assert_eq!(traceparent(&value).is_some(), is_read, "{value}");
        }
    }
}
