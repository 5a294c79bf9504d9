//! The words and signs of a text.

use candour_core::Locale;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::Word;
use crate::words;

/// Words of address and of time that tell nothing of a subject, besides the function words.
const ADDRESS: [&str; 22] = [
    "one", "ones", "you", "your", "yours", "yourself", "must", "within", "anything", "usually",
    "rather", "whose", "fewn", "byddwch", "byddwn", "cafodd", "caiff", "rydyn", "gallwch",
    "eisiau", "unig", "oni",
];

/// The words and signs of a text.
pub(super) fn tokens(text: &str, locale: &Locale) -> Vec<Word> {
    let letters: Vec<char> = text.nfc().collect();
    let mut words: Vec<Word> = Vec::with_capacity(letters.len() / 4);
    let mut at = 0;
    let mut first = true;
    while at < letters.len() {
        let letter = letters[at];
        if letter.is_alphanumeric() {
            let (text, end) = word_at(&letters, at);
            let word = words::word(text, locale);
            let is_figure = word.text.starts_with(|c: char| c.is_ascii_digit());
            words.push(Word {
                telling: word.telling
                    && !is_figure
                    && !ADDRESS.contains(&word.text.as_str())
                    && !ADDRESS.contains(&word.stem.as_str()),
                text: word.text,
                stem: word.stem,
                capital: letter.is_uppercase(),
                first: std::mem::take(&mut first),
                clause: 0,
            });
            at = end;
        } else {
            if is_sign(&letters, at) {
                first |= matches!(letter, '.' | '!' | '?' | ':' | '\n' | '|');
                words.push(sign(letter));
            }
            at += 1;
        }
    }
    words
}

fn sign(letter: char) -> Word {
    Word {
        text: letter.to_string(),
        stem: String::new(),
        telling: false,
        capital: false,
        first: false,
        clause: 0,
    }
}

fn is_sign(letters: &[char], at: usize) -> bool {
    let beside = |at: Option<usize>| at.and_then(|at| letters.get(at)).copied();
    let (before, after) = (beside(at.checked_sub(1)), beside(at.checked_add(1)));
    match letters[at] {
        ',' | '.' | ';' | ':' | '!' | '?' | '(' | ')' | '|' | '£' | '%' | '+' | '\n' | '–'
        | '—' | '&' => true,
        '-' => {
            let is_space = |c: Option<char>| c.is_none_or(char::is_whitespace);
            let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
            is_space(before) && is_space(after)
                || is_digit(after) && before.is_some_and(char::is_alphanumeric)
        }
        _ => false,
    }
}

/// The word that begins at a place, and where it ends. A number goes on over a point, comma, colon or
/// stroke between digits.
fn word_at(letters: &[char], start: usize) -> (String, usize) {
    let mut end = start;
    let mut text = String::new();
    let is_number = letters[start].is_ascii_digit();
    while let Some(letter) = letters.get(end) {
        let next = letters.get(end + 1);
        let joins = is_number
            && matches!(letter, ',' | '.' | ':' | '/')
            && next.is_some_and(char::is_ascii_digit)
            && text.ends_with(|c: char| c.is_ascii_digit());
        if letter.is_alphanumeric() || joins {
            text.extend(folded(*letter));
            end += 1;
        } else if matches!(letter, '\'' | '’') && next.is_some_and(|next| next.is_alphabetic()) {
            let rest: String = letters[end + 1..]
                .iter()
                .take_while(|c| c.is_alphabetic())
                .collect::<String>()
                .to_lowercase();
            if rest == "t" && text.ends_with('n') {
                text.push('t');
            } else if !words::is_cut_off(&rest) {
                break;
            }
            end += 1 + rest.chars().count();
        } else {
            break;
        }
    }
    (text, end.max(start + 1))
}

fn folded(letter: char) -> impl Iterator<Item = char> {
    letter.nfkd().filter(|part| !is_combining_mark(*part)).flat_map(char::to_lowercase)
}
