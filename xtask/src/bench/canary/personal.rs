//! Made-up personal data of every kind that is masked, each with the check digits that a real one has, and
//! different for every question. It belongs to nobody.

/// One piece of it in a sentence.
pub(super) struct Canary {
    /// The kind, by the name of its mask.
    pub(super) kind: &'static str,
    /// What a reader says, with the data in it.
    pub(super) said: String,
    /// What must be found nowhere.
    pub(super) secrets: Vec<String>,
}

/// How many kinds there are: as many as are masked, with the two forms of a bank account.
pub(super) const KINDS: usize = 14;

/// The canary of a question; each number from 0 to 9,999 has its own.
pub(super) fn canary(number: usize) -> Canary {
    let n = number as u64;
    let word = word(n);
    let (kind, said, secrets) = match number % KINDS {
        0 => {
            let address = format!("{word}.{n}@home-{n}.example");
            ("email", format!("My email is {address}."), vec![address])
        }
        1 => {
            let card = with_luhn(4_000_000_000_000_000 + n * 7_919_377);
            let spaced = grouped(&card, &[4, 4, 4, 4]);
            ("card", format!("My card number is {spaced}."), vec![spaced, card])
        }
        2 => {
            let digits = format!("{:06}", 100_000 + n * 83);
            let spaced = format!("AB {} C", grouped(&digits, &[2, 2, 2]));
            let said = format!("My National Insurance number is {spaced}.");
            ("national insurance", said, vec![spaced, format!("AB{digits}C")])
        }
        3 => {
            let ten = nhs(400_000_000 + n * 7);
            let spaced = grouped(&ten, &[3, 3, 4]);
            ("NHS number", format!("My NHS number is {spaced}."), vec![spaced, ten])
        }
        4 => {
            let ten = tax_reference(100_000_000 + n * 9_973);
            ("tax reference", format!("My UTR is {ten}."), vec![ten])
        }
        5 => {
            let (sort, account) =
                (format!("20-{:02}-{:02}", n / 100, n % 100), 30_000_000 + n * 61);
            let said = format!("My sort code is {sort} and my account number is {account}.");
            ("bank account", said, vec![account.to_string()])
        }
        6 => {
            let iban = iban(n);
            ("IBAN", format!("My IBAN is {iban}."), vec![iban])
        }
        7 => {
            let phone = format!("07911 {:06}", 100_000 + n * 83);
            let joined = phone.replace(' ', "");
            ("phone", format!("Ring me on {phone}."), vec![phone, joined])
        }
        8 => {
            let licence = format!("{}{}", &word.to_uppercase()[..5], "657054SM9IJ");
            ("driving licence", format!("My driving licence is {licence}."), vec![licence])
        }
        9 => {
            let passport = (500_000_000 + n * 31).to_string();
            ("passport", format!("My passport number is {passport}."), vec![passport])
        }
        10 => {
            let street = format!("{} Road", capital(&word));
            let said = format!("I live at {} {street}, Cardiff CF24 3QP.", n % 90 + 1);
            ("address", said, vec![street])
        }
        11 => {
            let (year, month, day) = (1931 + n / 336, MONTHS[(n / 28 % 12) as usize], n % 28 + 1);
            let born = format!("{day} {month} {year}");
            ("date of birth", format!("I was born on {born}."), vec![born])
        }
        12 => {
            let reference = format!("{}{:06}", &word.to_uppercase()[..3], 100_000 + n * 83);
            ("reference", format!("My case reference is {reference}."), vec![reference])
        }
        _ => {
            let name = format!("{} {}", capital(&word), capital(&self::word(n + 20_011)));
            let surname = capital(&self::word(n + 20_011));
            ("name", format!("My name is {name}."), vec![name, surname])
        }
    };
    Canary { kind, said, secrets }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A word that nobody writes, of four syllables.
fn word(n: u64) -> String {
    const SYLLABLES: [&str; 20] = [
        "zan", "qua", "vex", "dro", "plim", "kez", "jor", "wub", "fyx", "goz", "huq", "nib", "taz",
        "ruv", "bix", "moq", "lek", "pyd", "cuz", "sij",
    ];
    let syllable = |at: u64| SYLLABLES[(at % 20) as usize];
    [syllable(n / 8_000 + 3), syllable(n / 400), syllable(n / 20), syllable(n)].concat()
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

fn grouped(digits: &str, sizes: &[usize]) -> String {
    let mut rest = digits;
    let groups = sizes.iter().map(|size| {
        let (group, after) = rest.split_at(*size);
        rest = after;
        group
    });
    groups.collect::<Vec<_>>().join(" ")
}

/// The first fifteen digits, and the sixteenth that Luhn's check wants.
fn with_luhn(sixteen: u64) -> String {
    let first = sixteen / 10;
    let sum: u64 = (0..15)
        .map(|place| {
            let digit = first / 10_u64.pow(place) % 10;
            let doubled = if place % 2 == 0 { digit * 2 } else { digit };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    format!("{first}{}", (10 - sum % 10) % 10)
}

/// Nine digits and the tenth that the NHS's check wants. Where none fits, the next nine are taken.
fn nhs(mut nine: u64) -> String {
    loop {
        let sum: u64 =
            (0..9).map(|place| nine / 10_u64.pow(place) % 10 * u64::from(place + 2)).sum();
        match 11 - sum % 11 {
            10 => nine += 1,
            check => return format!("{nine}{}", check % 11),
        }
    }
}

/// Nine digits after the one that the tax office's check wants.
fn tax_reference(nine: u64) -> String {
    const WEIGHTS: [u64; 9] = [6, 7, 8, 9, 10, 5, 4, 3, 2];
    const CHECKS: [u64; 11] = [2, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1];
    let digit = |place: usize| nine / 10_u64.pow(8 - place as u32) % 10;
    let sum: u64 = (0..9).map(|place| digit(place) * WEIGHTS[place]).sum();
    format!("{}{nine}", CHECKS[(sum % 11) as usize])
}

/// An account at a bank of four letters, with the two digits that the check wants.
fn iban(n: u64) -> String {
    let account = format!("{:014}", 20_000_000_000_000 + n * 7_919);
    // Letters count from 10: the bank WEST is 32 14 28 29, GB is 16 11.
    let spelt = format!("32142829{account}161100");
    let rest = spelt.bytes().fold(0, |rest, digit| (rest * 10 + u64::from(digit - b'0')) % 97);
    format!("GB{:02}WEST{account}", 98 - rest)
}
