//! Language: whether an answer is in the language of its question, English or Welsh, by the small
//! words that no sentence goes without.

use candour_core::Locale;

use super::{Case, Score};

const ENGLISH: &[&str] = &[
    "the", "of", "and", "to", "is", "are", "for", "your", "if", "with", "not", "this", "that",
    "be", "on", "by", "from", "or", "must", "will", "when", "who", "what", "has", "have", "their",
    "we", "it", "as", "at", "they", "about",
];
const WELSH: &[&str] = &[
    "yn", "yr", "ar", "ac", "gyda", "chi", "eich", "ni", "ein", "mae", "nid", "oes", "sydd", "sy",
    "bydd", "fydd", "rhaid", "gallwch", "os", "neu", "gan", "wedi", "hwn", "hon", "hyn", "pan",
    "byddwn", "byddwch", "rydych", "rydym", "cael", "y", "am", "ei", "i'r", "o'r", "a'r", "mewn",
];

/// Whether the words are in the language of the question; nothing where too few words tell.
pub(super) fn matches(case: &Case<'_>) -> Option<Score> {
    let found = detect(&words_of(case))?;
    let expected = match &case.sample.locale {
        Locale::Other(_) => return None,
        known => known,
    };
    Some(Score::all_or_nothing(found == *expected, || format!("in {}", found.tag())))
}

/// What was answered: the sentences where there are any, else all that was said.
pub(super) fn words_of(case: &Case<'_>) -> String {
    let sentences = &case.reply.sentences;
    if sentences.is_empty() {
        return case.reply.text.clone();
    }
    sentences.iter().map(|sentence| sentence.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn detect(text: &str) -> Option<Locale> {
    let lower = text.to_lowercase().replace('\u{2019}', "'");
    let words = || lower.split(|c: char| !c.is_alphabetic() && c != '\'');
    let count = |list: &[&str]| words().filter(|word| list.contains(word)).count();
    let (english, welsh) = (count(ENGLISH), count(WELSH));
    let is_told = english + welsh >= 2 && english != welsh;
    is_told.then_some(if welsh > english { Locale::Cy } else { Locale::En })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Given, value};
    use super::*;
    use crate::scorer::Scorer;

    #[test]
    fn small_words_tell_the_language() {
        let cases = [
            ("You must renew the permit by 1 April.", Some(Locale::En)),
            ("Mae’n rhaid i chi adnewyddu’r drwydded erbyn 1 Ebrill.", Some(Locale::Cy)),
            ("Gallwch wneud cais ar y wefan neu yn y llyfrgell.", Some(Locale::Cy)),
            ("£40.00", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(detect(text), expected, "{text}");
            let mut given = Given::default();
            given.reply.text = text.to_owned();
            given.sample.locale = Locale::Cy;
            let is_welsh = expected.map(|locale| f64::from(u8::from(locale == Locale::Cy)));
            assert_eq!(value(Scorer::Language, &given), is_welsh);
        }
    }
}
