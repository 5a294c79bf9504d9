//! Reading age: the age at which an English text can be read.
//!
//! The grade of Flesch and Kincaid (1975), 0.39 words a sentence + 11.8 syllables a word - 15.59, is the
//! year of an American school; its pupils are five years older than its number. Syllables are counted as
//! groups of vowels, without a silent `e` at the end.

/// Of fewer words the formula says nothing.
const FEWEST_WORDS: f64 = 20.0;

/// The reading age of an English text, to a tenth of a year; nothing of a short one.
pub fn reading_age(text: &str) -> Option<f64> {
    let is_word = |word: &&str| word.chars().any(char::is_alphabetic);
    let (mut words, mut sentences, mut syllables) = (0_usize, 0_usize, 0_usize);
    // A list item or a row ends with its line, with or without a stop.
    for sentence in text.split(['\n', '!', '?']).flat_map(|line| line.split(". ")) {
        let before = words;
        for word in sentence.split_whitespace().filter(is_word) {
            words += 1;
            syllables += syllables_of(word);
        }
        sentences += usize::from(words > before);
    }
    let (words, sentences, syllables) = (words as f64, sentences as f64, syllables as f64);
    let grade = 0.39 * words / sentences + 11.8 * syllables / words - 15.59;
    (words >= FEWEST_WORDS).then_some(((grade + 5.0) * 10.0).round() / 10.0)
}

fn syllables_of(word: &str) -> usize {
    let letters: Vec<char> = word.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
    let is_vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    let mut groups = 0;
    for (at, letter) in letters.iter().enumerate() {
        groups += usize::from(is_vowel(*letter) && (at == 0 || !is_vowel(letters[at - 1])));
    }
    let is_silent = matches!(letters[..], [.., before, 'e'] if !is_vowel(before) && before != 'l');
    (groups - usize::from(is_silent && groups > 1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_are_counted() {
        let cases = [("bin", 1), ("bicycle", 3), ("table", 2), ("made", 1), ("the", 1)];
        for (word, expected) in cases {
            assert_eq!(syllables_of(word), expected, "{word}");
        }
    }

    #[test]
    fn the_age_follows_the_formula() {
        // 20 words of one syllable in 4 sentences: 0.39 * 5 + 11.8 - 15.59 + 5.
        let easy = "The cat sat on it. The dog sat on it. The pig sat on it. The hen sat on it.";
        assert_eq!(reading_age(easy), Some(3.2));
        let list = easy.replace(". ", "\n");
        assert_eq!(reading_age(&list), Some(3.2), "a line ends a sentence too");
        assert_eq!(reading_age("Too short to tell."), None);
    }
}
