//! Dates of birth: any full date with words of birth before it. A year alone is none.

use std::sync::LazyLock;

use regex::Regex;

use super::view::{View, pattern};
use super::{Found, MaskKind, PublicContacts};

static DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:\d{1,2} ?[/. -] ?\d{1,2} ?[/. -] ?(?:\d{4}|\d{2})|\d{4}[/.-]\d{1,2}[/.-]\d{1,2}",
        r"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:(?:19|20)\d{2}|\d{2})",
        r"|\d{1,2}(?:st|nd|rd|th|af|ail|ydd|fed|eg)?(?: of| o)?[ -](?:",
        months!(),
        r"),?[ -]'?(?:\d{4}|\d{2})",
        r"|(?:",
        months!(),
        r") \d{1,2}(?:st|nd|rd|th)?,? \d{4})\b",
    ))
});

/// English and Welsh, with their short forms.
macro_rules! months {
    () => {
        concat!(
            "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|",
            "sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|",
            "ionawr|chwefror|mawrth|ebrill|fai|mai|mehefin|gorffennaf|awst|medi|hydref|",
            "tachwedd|rhagfyr",
        )
    };
}
use months;

static CUE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:born|d\.? ?o\.? ?b\.?|date of birth|birth ?day|birth ?date|n?geni|eni|ganwyd|ganed|(?:p|ph|mh|b)en-?blwydd)(?:\b|\s|:)([^!?\n\x1a]{0,32})$",
    )
});

/// "12/05/1961 is my date of birth".
static CUE_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^,? (?:is|was|yw|ydy|oedd) (?:my|our|his|her|their|the|fy|ei) (?:date of birth|dob|birth ?da(?:te|y)|(?:nyddiad|dyddiad|ddyddiad) geni|(?:p|ph|mh|b)en-?blwydd)\b",
    )
});

/// "Born before 6 April 1951" is a rule's date and not a person's.
static RULE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:before|after|between|since|until|from|prior|cyn|wedi|rhwng|ers|tan|ar ôl)\b")
});

pub(super) fn detect(view: &View, _: &PublicContacts, found: &mut Vec<Found>) {
    for date in DATE.find_iter(view.text()) {
        let before = view.before(date.start(), 48);
        let is_told = CUE.captures(before).is_some_and(|cue| !RULE.is_match(&cue[1]));
        if is_told || CUE_AFTER.is_match(view.after(date.end(), 48)) {
            found.push(Found { kind: MaskKind::DateOfBirth, range: date.range() });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::redaction::tests::{check, check_unchanged};

    #[test]
    fn masks_dates_of_birth() {
        for (before, date) in [
            ("I was born on", "1/2/1980"),
            ("DOB", "01-02-80"),
            ("d.o.b.:", "01.02.1980"),
            ("date of birth is", "1st of February 1980"),
            ("my date of birth", "01021980"),
            ("d.o.b", "010280"),
            ("date of birth -", "5th May '62"),
            ("dyddiad geni:", "5 Mai ’62"),
            ("birthday:", "Feb 1, 1980"),
            ("born", "1980-02-01"),
            ("born", "1\u{a0}February\u{a0}1980"),
            ("fy nyddiad geni yw", "1af o Chwefror 1980"),
            ("ganwyd fi ar", "01/02/1980"),
        ] {
            check(&format!("{before} {date} ok"), &format!("{before} [date of birth] ok"));
        }
        check("12/05/1961 is my date of birth", "[date of birth] is my date of birth");
    }

    #[test]
    fn leaves_other_dates() {
        for text in [
            "born in 1980",
            "born before 6 April 1951",
            "born between 6 April 1950 and 5 October 1953",
            "on 01/02/1980",
            "1 February 1980",
            "my date of birth certificate costs 11",
            "01-04-2025",
            "010280",
            "my date of birth is wrong on form 130280A",
            "ganwyd cyn 6 Ebrill 1951",
        ] {
            check_unchanged(text);
        }
    }
}
