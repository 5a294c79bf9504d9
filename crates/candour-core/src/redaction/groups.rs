//! Numbers that are written in groups: where a mask must not leave half of one.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::checks::digits;
use super::view::pattern;

/// One more group.
static NEXT: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[ -](\d{1,4})[A-Z]?\b"));
/// What is counted or paid is no group, nor is an hour or a day.
static COUNTED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:[.:,/]\d|%| ?(?:st|nd|rd|th|am|pm|days?|weeks?|months?|years?|yrs?|hours?|minutes?|times?|people|persons?|pounds?|pence|bags?|bins?|of|jan\w*|feb\w*|mar(?:ch)?|apr\w*|may|june?|july?|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*|diwrnod|wythnos\w*|mis|misoedd|blynedd|mlynedd|awr|gwaith|o)\b)",
    )
});

/// A number with the groups of digits after it, where it is itself a group of three or four: "1234" of
/// "1234 5678 9012".
pub(super) fn with_next_groups(text: &str, range: Range<usize>) -> Range<usize> {
    let Range { start, mut end } = range;
    let last = text[start..end].rsplit([' ', '-']).next().unwrap_or_default();
    let mut length = last.len();
    while matches!(length, 3..=4) && digits(&text[end - length..end]).len() == length {
        let Some(next) = NEXT.captures(&text[end..]) else { break };
        let whole = next.get_match();
        let group = next.get(1).unwrap_or(whole);
        if COUNTED.is_match(&text[end + group.end()..]) {
            break;
        }
        end += whole.len();
        length = group.len();
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_goes_on_while_groups_follow() {
        for (text, first, whole) in [
            ("1234 5678 9012", 4, "1234 5678 9012"),
            ("123 456 789 and", 3, "123 456 789"),
            ("8012 3456 7", 4, "8012 3456 7"),
            ("8012-3456-78 now", 4, "8012-3456-78"),
            ("1234 5678 9 days ago", 4, "1234 5678"),
            ("1234 12 months", 4, "1234"),
            ("1234 5678.50", 4, "1234"),
            ("12345 16", 5, "12345"),
            ("AB12 3456", 4, "AB12"),
            ("1234 56789", 4, "1234"),
        ] {
            assert_eq!(&text[with_next_groups(text, 0..first)], whole, "{text}");
        }
    }
}
