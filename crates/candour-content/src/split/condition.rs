//! Sentences that limit what was said before them, so that neither is quoted alone.

/// Beginnings of a sentence that limits or reverses the one before it, in lower case with curly
/// apostrophes. A beginning ends at a word border.
const LIMITING: &[&str] = &[
    "unless",
    "except",
    "however",
    "but",
    "only if",
    "only when",
    "although",
    "though",
    "otherwise",
    "even so",
    "the exception",
    "the only exception",
    "there are exceptions",
    "there is an exception",
    "there is one exception",
    "exceptions",
    "you will not need to",
    "this does not apply",
    "this doesn’t apply",
    "this does not include",
    "this doesn’t include",
    "this does not mean",
    "this doesn’t mean",
    "these do not apply",
    "these don’t apply",
    "this only applies",
    "this applies only",
    "this applies if",
    "this applies when",
    "this applies unless",
    "this rule does not apply",
    "this rule only applies",
    "this is only",
    "this is unless",
    "this must be",
    "this cannot be",
    "this can’t be",
    "this excludes",
    "you can only do this",
    "you can do this only",
    "you can do this if",
    "you cannot do this",
    "you can’t do this",
    "you do not need to do this",
    "you don’t need to do this",
    "you must do this",
    "you may only do this",
    "it does not apply",
    "it doesn’t apply",
    "it only applies",
    "they do not apply",
    "they don’t apply",
    "they only apply",
    "these only apply",
    "these are only",
    "that does not apply",
    "the same applies",
    "not if",
    "not all",
    "nor",
    "yet",
    // Welsh
    "oni bai",
    "ond",
    "fodd bynnag",
    "ac eithrio",
    "dim ond os",
    "dim ond pan",
    "heblaw",
    "nid yw hyn yn berthnasol",
    "nid yw hyn yn gymwys",
    "nid yw hyn yn cynnwys",
    "yr eithriad",
    "yr unig eithriad",
    "er hynny",
];

/// Whether a sentence begins by limiting the one before it.
pub(super) fn limits_the_last(sentence: &str) -> bool {
    let start: String =
        sentence.trim_start_matches(['(', '‘', '“', '"', '\'']).chars().take(40).collect();
    let start = start.to_lowercase().replace('\'', "’");
    LIMITING.iter().any(|beginning| {
        let rest = start.strip_prefix(beginning);
        rest.is_some_and(|rest| {
            !rest.starts_with(|c: char| c.is_alphanumeric() || c == '’' || c == '-')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limiting_sentences_are_known_by_how_they_begin() {
        for (sentence, expected) in [
            ("Unless you are 60, you pay.", true),
            ("However, you cannot park there.", true),
            ("But you cannot park there.", true),
            ("This doesn't apply if you rent.", true),
            ("You can do this only if you own it.", true),
            ("(Except on Sundays.)", true),
            ("The only exception is if you hold a Blue Badge.", true),
            ("Oni bai eich bod yn rhentu, talwch.", true),
            ("Ond ni allwch barcio.", true),
            ("Dim ond os ydych yn berchen arno.", true),
            ("Button batteries are free.", false),
            ("This applies to you.", false),
            ("You can apply.", false),
            ("Onderzoek is a Dutch word.", false),
            ("", false),
        ] {
            assert_eq!(limits_the_last(sentence), expected, "{sentence}");
        }
    }
}
