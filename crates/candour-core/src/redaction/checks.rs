//! The check digits of numbers. Each function is given ASCII digits (an IBAN: letters too) and says
//! whether they can be such a number; anything of another length cannot.

/// The digits of a text.
pub(super) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The check of payment cards (ISO/IEC 7812-1, annex B).
pub(super) fn is_luhn(digits: &str) -> bool {
    let sum: u32 = values(digits)
        .rev()
        .enumerate()
        .map(|(place, value)| if place % 2 == 0 { value } else { value * 2 / 10 + value * 2 % 10 })
        .sum();
    !digits.is_empty() && sum.is_multiple_of(10)
}

/// Ten digits, the last one a check modulo 11 (NHS Data Dictionary, NHS number).
pub(super) fn is_nhs(digits: &str) -> bool {
    let sum: u32 = values(digits).zip((2..=10).rev()).map(|(value, weight)| value * weight).sum();
    let check = (11 - sum % 11) % 11;
    digits.len() == 10 && values(digits).last() == Some(check)
}

/// Ten digits, the first one a check modulo 11 over the others.
pub(super) fn is_tax_reference(digits: &str) -> bool {
    const WEIGHTS: [u32; 9] = [6, 7, 8, 9, 10, 5, 4, 3, 2];
    const CHECKS: [u32; 11] = [2, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1];
    let sum: u32 = values(digits).skip(1).zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    digits.len() == 10 && values(digits).next() == Some(CHECKS[(sum % 11) as usize])
}

/// Letters and digits in upper case: the remainder modulo 97 is 1 (ISO 13616).
pub(super) fn is_iban(text: &str) -> bool {
    let (Some(head), Some(tail)) = (text.get(..4), text.get(4..)) else { return false };
    let remainder = tail.chars().chain(head.chars()).try_fold(0_u32, |remainder, character| {
        let value = character.to_digit(36)?;
        let shift = if value < 10 { 10 } else { 100 };
        Some((remainder * shift + value) % 97)
    });
    remainder == Some(1)
}

fn values(digits: &str) -> impl DoubleEndedIterator<Item = u32> {
    digits.bytes().map(|byte| u32::from(byte.wrapping_sub(b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_valid_numbers_and_no_changed_ones() {
        type Check = fn(&str) -> bool;
        let checks: [(Check, &str, usize); 5] = [
            (is_luhn, "4111111111111111", 16),
            (is_luhn, "378282246310005", 15),
            (is_nhs, "9434765919", 10),
            (is_nhs, "4010232137", 10),
            (is_iban, "GB29NWBK60161331926819", 22),
        ];
        for (check, valid, length) in checks {
            assert_eq!(valid.len(), length);
            assert!(check(valid), "{valid}");
            for place in 0..length {
                let old = valid.as_bytes()[place];
                if !old.is_ascii_digit() {
                    continue;
                }
                let mut changed = valid.as_bytes().to_vec();
                changed[place] = if old == b'9' { b'0' } else { old + 1 };
                let changed = String::from_utf8(changed).unwrap();
                assert!(!check(&changed), "{changed} has one digit changed");
            }
        }
        // This check lets some changes pass: two of its remainders give the same digit.
        assert!(is_tax_reference("1955839661"));
        for first in "023456789".chars() {
            assert!(!is_tax_reference(&format!("{first}955839661")));
        }
        for text in ["", "1", "12345678901", "GB"] {
            assert!(!is_nhs(text) && !is_tax_reference(text) && !is_iban(text), "{text}");
        }
    }
}
