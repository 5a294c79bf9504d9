//! Rows for a range of numbers: `7 to 12 chairs` is the row for a question about 8 chairs.

/// Whether a label states a range that holds one of the numbers.
pub(super) fn holds(label: &str, numbers: &[f64]) -> bool {
    bounds(label)
        .is_some_and(|(low, high)| numbers.iter().any(|number| low <= *number && *number <= high))
}

/// The numbers in a text. Years are left out, for they date things and do not count them.
pub(super) fn numbers(text: &str) -> Vec<f64> {
    let numbers = crate::words::plain_words(text).into_iter().filter_map(|word| {
        let digits = word.trim_end_matches(char::is_alphabetic);
        digits.parse::<f64>().ok()
    });
    numbers.filter(|number| number.fract() != 0.0 || !(1900.0..2100.0).contains(number)).collect()
}

/// The least and the greatest number of a range, if the label states one.
fn bounds(label: &str) -> Option<(f64, f64)> {
    let lowered = label.to_lowercase();
    let stated = numbers(&lowered);
    let has = |words: &[&str]| words.iter().any(|word| lowered.contains(word));
    match stated.as_slice() {
        [low, high] if low < high && has(&[" to ", " i ", "-", "–", " and ", " a "]) => {
            Some((*low, *high))
        }
        [high] if has(&["up to", "or less", "or fewer", "hyd at", "neu lai"]) => Some((0.0, *high)),
        [high] if has(&["under", "less than", "below", "llai na", "dan "]) => {
            Some((0.0, high - f64::EPSILON))
        }
        [low] if has(&["or more", "or over", "neu fwy", "and above"]) => {
            Some((*low, f64::INFINITY))
        }
        [low] if has(&["over", "more than", "above", "dros", "mwy na"]) => {
            Some((low + f64::EPSILON, f64::INFINITY))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_numbers() {
        for (label, question, expected) in [
            ("7 to 12 chairs", "licence for 8 chairs", true),
            ("1 to 6 chairs", "licence for 8 chairs", false),
            ("£4,301 to £33,000", "rateable value 28,000", true),
            ("Up to £4,300", "rateable value 28,000", false),
            ("Over £125,000", "rateable value 200000", true),
            ("100 or more people", "for 100 people", true),
            ("Band D", "band D in 2026", false),
            ("1 April 2026 to 31 March 2027", "how much in 2026", false),
            ("Dros 5", "ar gyfer 8 o bobl", true),
        ] {
            assert_eq!(holds(label, &numbers(question)), expected, "{label}: {question}");
        }
    }
}
