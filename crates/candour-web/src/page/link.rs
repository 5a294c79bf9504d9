//! Addresses that are put into a page: http, https and paths on this site, and nothing else.

/// The address, if it is safe to link to.
pub(crate) fn safe(url: &str) -> Option<String> {
    let url = url.trim();
    let is_clean =
        !url.contains(|c: char| c.is_control() || c.is_whitespace() || "\"'<>\\`".contains(c));
    let is_path = url.starts_with('/') && !url.starts_with("//");
    let lower = url.get(..8).unwrap_or(url).to_ascii_lowercase();
    let is_web = lower.starts_with("https://") || lower.starts_with("http://");
    (is_clean && (is_path || is_web)).then(|| url.to_owned())
}

/// A link that dials, for numbers that can be dialled.
pub(crate) fn telephone(number: &str) -> Option<String> {
    let dialled: String = number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let is_number = number.chars().all(|c| c.is_ascii_digit() || " +()-".contains(c));
    (is_number && dialled.len() >= 3).then(|| format!("tel:{dialled}"))
}

/// A link that begins an e-mail.
pub(crate) fn email(address: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@.-_+".contains(c);
    let is_address = address.matches('@').count() == 1 && address.chars().all(is_plain);
    is_address.then(|| format!("mailto:{address}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_addresses_are_linked() {
        for (url, is_safe) in [
            ("https://www.example.org/a?b=c#d", true),
            ("HTTP://example.org", true),
            ("/council-tax#apply", true),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("javascript:alert(1)", false),
            ("java\nscript:alert(1)", false),
            ("data:text/html,x", false),
            ("https://example.org/\" onclick=\"x", false),
            ("mailto:a@b.example", false),
            ("", false),
        ] {
            assert_eq!(safe(url).is_some(), is_safe, "{url:?}");
        }
    }

    #[test]
    fn numbers_and_addresses_become_links() {
        assert_eq!(telephone("029 2018 0100").as_deref(), Some("tel:02920180100"));
        assert_eq!(telephone("+44 (0)20 7946 0000").as_deref(), Some("tel:+4402079460000"));
        assert_eq!(telephone("text SHOUT to 85258"), None);
        assert_eq!(email("help@aberwen.example").as_deref(), Some("mailto:help@aberwen.example"));
        assert_eq!(email("a@b.example?bcc=c@d.example"), None);
    }
}
