//! Words that say nothing of a text's subject, in English and in Welsh. Removing them is left to
//! those who read queries (`terms`) and to the embedder (`embed`); passages are indexed whole.

/// Whether `word` (in lower case, without accents) is too common to tell passages apart, whatever
/// their language. Welsh words of two letters are not: `eu`, `ni` and `pe` are subjects in English.
pub(crate) fn is_stop_word(word: &str) -> bool {
    is_english(word) || (word.len() != 2 && is_welsh(word))
}

/// Whether `word` is too common to tell passages in Welsh apart, or in languages that we know less.
pub(crate) fn is_stop_word_in_welsh(word: &str) -> bool {
    is_english(word) || is_welsh(word)
}

/// Every word that is too common to tell passages apart, whatever their language.
pub(crate) fn stop_words() -> impl Iterator<Item = &'static str> {
    ENGLISH.iter().chain(WELSH).copied().filter(|word| is_stop_word(word))
}

/// Whether `word` is a function word of English.
pub(crate) fn is_english(word: &str) -> bool {
    ENGLISH.binary_search(&word).is_ok()
}

/// Whether `word` is a function word of Welsh.
pub(crate) fn is_welsh(word: &str) -> bool {
    WELSH.binary_search(&word).is_ok()
}

/// English function words, with the pieces that an apostrophe leaves. "Will", "may" and "can" lose
/// their rarer senses here; "will" as a document is found by the words around it.
const ENGLISH: &[&str] = &[
    "a",
    "about",
    "after",
    "again",
    "all",
    "also",
    "am",
    "an",
    "and",
    "any",
    "are",
    "aren",
    "as",
    "at",
    "be",
    "because",
    "been",
    "before",
    "being",
    "between",
    "both",
    "but",
    "by",
    "can",
    "cannot",
    "could",
    "couldn",
    "d",
    "did",
    "didn",
    "do",
    "does",
    "doesn",
    "doing",
    "don",
    "down",
    "during",
    "each",
    "else",
    "ever",
    "few",
    "for",
    "from",
    "further",
    "had",
    "hadn",
    "has",
    "hasn",
    "have",
    "haven",
    "having",
    "he",
    "her",
    "here",
    "hers",
    "herself",
    "him",
    "himself",
    "his",
    "how",
    "i",
    "if",
    "in",
    "into",
    "is",
    "isn",
    "it",
    "its",
    "itself",
    "just",
    "ll",
    "m",
    "may",
    "me",
    "might",
    "mine",
    "more",
    "most",
    "must",
    "my",
    "myself",
    "no",
    "nor",
    "not",
    "now",
    "of",
    "off",
    "on",
    "once",
    "only",
    "or",
    "other",
    "our",
    "ours",
    "ourselves",
    "out",
    "over",
    "own",
    "re",
    "s",
    "same",
    "shall",
    "she",
    "should",
    "shouldn",
    "so",
    "some",
    "such",
    "t",
    "than",
    "that",
    "the",
    "their",
    "theirs",
    "them",
    "themselves",
    "then",
    "there",
    "these",
    "they",
    "this",
    "those",
    "through",
    "to",
    "too",
    "under",
    "until",
    "up",
    "upon",
    "us",
    "ve",
    "very",
    "was",
    "wasn",
    "we",
    "were",
    "weren",
    "what",
    "when",
    "where",
    "which",
    "while",
    "who",
    "whom",
    "whose",
    "why",
    "will",
    "with",
    "would",
    "wouldn",
    "you",
    "your",
    "yours",
    "yourself",
    "yourselves",
];

/// Welsh particles, articles, pronouns, and the forms of prepositions and of `bod` (to be).
const WELSH: &[&str] = &[
    "a", "ac", "ag", "allaf", "allwch", "am", "ambell", "amdanaf", "amdano", "ar", "arall",
    "arnaf", "arni", "arno", "arnoch", "arnynt", "at", "ataf", "atoch", "bod", "bydd", "byddaf",
    "byddant", "byddwch", "byth", "bywch", "cael", "chi", "chwi", "dan", "ddim", "ddod", "dim",
    "dod", "dros", "drwy", "dy", "ei", "eich", "ein", "er", "eraill", "eto", "eu", "fe", "fel",
    "felly", "fi", "fod", "fy", "fydd", "fyddaf", "ga", "gael", "gallaf", "gallwch", "gan",
    "gennych", "gennyf", "ger", "gyda", "gydag", "heb", "hefyd", "hi", "hon", "hwn", "hwnnw",
    "hyd", "hyn", "hynny", "i", "iddi", "iddo", "iddyn", "iddynt", "imi", "mae", "maen", "mai",
    "mewn", "mi", "n", "na", "nac", "nad", "neu", "nhw", "ni", "nid", "o", "oddi", "oedd", "oes",
    "ohono", "ond", "os", "pa", "pam", "pan", "pe", "pob", "pryd", "pwy", "r", "rhag", "roedd",
    "roeddwn", "rwy", "rydw", "rydych", "rydym", "sut", "sy", "sydd", "syn", "ti", "trwy", "tua",
    "u", "un", "unrhyw", "w", "wedi", "wrth", "wyf", "y", "ych", "ydw", "ydwyf", "ydy", "ydych",
    "ydym", "ydynt", "ym", "yn", "yna", "yng", "yno", "yr", "yw",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_in_order_so_that_they_can_be_searched() {
        for list in [ENGLISH, WELSH] {
            for pair in list.windows(2) {
                assert!(pair[0] < pair[1], "{} must come after {}", pair[0], pair[1]);
            }
        }
    }

    #[test]
    fn subjects_are_not_stop_words() {
        for (word, anywhere, in_welsh) in [
            ("the", true, true),
            ("mae", true, true),
            ("yn", false, true),
            ("eu", false, true),
            ("tax", false, false),
            ("treth", false, false),
        ] {
            assert_eq!(is_stop_word(word), anywhere, "{word}");
            assert_eq!(is_stop_word_in_welsh(word), in_welsh, "{word}");
        }
    }
}
