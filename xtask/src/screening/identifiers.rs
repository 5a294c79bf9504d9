//! Identifiers of the United Kingdom, made up in a fixed order: with valid check digits, and with wrong.

use std::ops::Range;

use super::sets::Marked;
use crate::random::Random;

/// How many of each kind.
const EACH: usize = 200;

/// Numbers with valid check digits, as people give them.
pub(super) fn valid() -> Vec<Marked> {
    made(|random, kind| match kind {
        "nhs_number" => nhs(random, 0),
        "tax_reference" => tax(random, 0),
        "card" => card(random, 0),
        "bank_account" => iban(random, 0),
        "driving_licence" => licence(random, 1..13),
        _ => national_insurance(random, "ABCEGHJKLMNPRSTWXYZ"),
    })
}

/// The same with a wrong check digit, a month that there is not, or letters that are not given out.
pub(super) fn wrong() -> Vec<String> {
    let wrong = made(|random, kind| match kind {
        "nhs_number" => nhs(random, 1),
        "tax_reference" => tax(random, 1),
        "card" => card(random, 1),
        "bank_account" => iban(random, 1),
        "driving_licence" => licence(random, 13..43),
        _ => national_insurance(random, "DFIQUV"),
    });
    // The words beside a National Insurance number make any of that form one.
    let has_cue = |line: &str| line.contains("NI ") || line.contains("YG ");
    wrong.into_iter().map(|one| one.line).filter(|line| !has_cue(line)).collect()
}

const FRAMES: [(&str, [&str; 3]); 6] = [
    ("national_insurance", ["my NI number is {}", "{} do I have gaps", "rhif YG {} plîs"]),
    ("nhs_number", ["NHS number {}", "fy rhif GIG yw {}", "it says {} for my NHS number"]),
    ("tax_reference", ["my UTR is {}", "self assessment {} cannot log in", "cyfeirnod treth {}"]),
    ("card", ["I paid with {} twice", "{}", "refund {} please"]),
    ("bank_account", ["pay into {}", "IBAN {} please", "{} is mine"]),
    ("driving_licence", ["licence {}", "{} has the wrong address", "fy nhrwydded {}"]),
];

fn made(mut number: impl FnMut(&mut Random, &str) -> String) -> Vec<Marked> {
    let mut random = Random(1);
    let mut all = Vec::new();
    for (kind, frames) in FRAMES {
        for place in 0..EACH {
            let number = number(&mut random, kind);
            let frame = frames[place % frames.len()];
            let start = frame.find("{}").unwrap_or_default();
            let spans = vec![(kind.to_owned(), start..start + number.len())];
            all.push(Marked { line: frame.replace("{}", &number), spans });
        }
    }
    all
}

fn nhs(random: &mut Random, wrong_by: u32) -> String {
    loop {
        let body = random.digits(9);
        let sum: u32 = body.iter().zip((2..=10).rev()).map(|(digit, weight)| digit * weight).sum();
        let check = (11 - sum % 11) % 11;
        if check < 10 {
            let number = text(&body) + &((check + wrong_by) % 10).to_string();
            return format!("{} {} {}", &number[..3], &number[3..6], &number[6..]);
        }
    }
}

fn tax(random: &mut Random, wrong_by: u32) -> String {
    const WEIGHTS: [u32; 9] = [6, 7, 8, 9, 10, 5, 4, 3, 2];
    const CHECKS: [u32; 11] = [2, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1];
    let body = random.digits(9);
    let sum: u32 = body.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    format!("{}{}", (CHECKS[(sum % 11) as usize] + wrong_by) % 10, text(&body))
}

fn card(random: &mut Random, wrong_by: u32) -> String {
    let mut digits = vec![4];
    digits.extend(random.digits(14));
    let doubled = |(place, digit): (usize, &u32)| {
        if place % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { *digit }
    };
    let sum: u32 = digits.iter().rev().enumerate().map(doubled).sum();
    digits.push((10 - sum % 10 + wrong_by) % 10);
    let number = text(&digits);
    format!("{} {} {} {}", &number[..4], &number[4..8], &number[8..12], &number[12..])
}

fn iban(random: &mut Random, wrong_by: u64) -> String {
    let body = format!("NWBK{}", text(&random.digits(14)));
    let value = |character: char| character.to_digit(36).map(u64::from).unwrap_or_default();
    let remainder = format!("{body}GB00")
        .chars()
        .map(value)
        .fold(0, |remainder, value| (remainder * if value < 10 { 10 } else { 100 } + value) % 97);
    format!("GB{:02}{body}", 98 - remainder + wrong_by)
}

fn licence(random: &mut Random, months: Range<u64>) -> String {
    let month = months.start + random.below(months.end - months.start);
    let (decade, day, year) = (random.below(10), 1 + random.below(28), random.below(10));
    let (initial, last) = (random.letter("ABCDEFGHJKLMNPRSTW"), random.letter("ABCDEFGHJK"));
    format!("MORGA{decade}{month:02}{day:02}{year}{initial}9{}{last}J", random.below(10))
}

fn national_insurance(random: &mut Random, firsts: &str) -> String {
    let (first, second) = (random.letter(firsts), random.letter("ACEHJLMPRSWXYZ"));
    let number = text(&random.digits(6));
    format!("{first}{second}{number}{}", random.letter("ABCD"))
}

fn text(digits: &[u32]) -> String {
    digits.iter().map(ToString::to_string).collect()
}

impl Random {
    fn digits(&mut self, count: usize) -> Vec<u32> {
        (0..count).map(|_| self.below(10) as u32).collect()
    }

    fn letter(&mut self, of: &str) -> char {
        let place = self.below(of.len() as u64) as usize;
        of.chars().nth(place).unwrap_or('A')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers_have_the_check_digits_that_are_made() {
        let mut lines = valid().into_iter().map(|one| one.line);
        assert_eq!(lines.len(), 6 * EACH);
        assert!(lines.any(|line| line.starts_with("my UTR is ")));
        assert!(wrong().len() > 5 * EACH);
    }
}
