//! The language of a question: English, Welsh or another, by the words that every text has.

use std::collections::HashSet;

use candour_core::Locale;

use crate::words::{ENGLISH_WORDS, WELSH_WORDS, plain_words};

/// Questions with fewer words than this follow the interface, for they may be in either language.
const TOO_SHORT: usize = 3;

/// Greetings and thanks, which are as short as they are plainly Welsh.
const WELSH_GREETINGS: [&str; 7] =
    ["diolch", "ok diolch", "bore da", "prynhawn da", "noswaith dda", "nos da", "shwmae"];

/// Function words of languages that readers in the United Kingdom also write, that are no words of
/// English or Welsh.
const OTHERS: [(&str, &[&str]); 9] = [
    (
        "pl",
        &[
            "czy",
            "jak",
            "się",
            "jest",
            "mogę",
            "gdzie",
            "dla",
            "nie",
            "muszę",
            "ile",
            "kiedy",
            "mój",
            "moje",
            "od",
            "za",
            "przy",
            "jestem",
            "zarejestrować",
        ],
    ),
    (
        "fr",
        &[
            "je", "est", "les", "des", "une", "pour", "comment", "puis", "dans", "quel", "quelle",
            "où", "vous", "mon", "ma", "combien", "avec", "sur", "payer",
        ],
    ),
    (
        "es",
        &[
            "el", "los", "las", "una", "para", "cómo", "como", "qué", "que", "puedo", "dónde",
            "donde", "cuánto", "cuanto", "mi", "por", "con", "cuándo", "tengo",
        ],
    ),
    (
        "pt",
        &[
            "o", "os", "uma", "para", "como", "posso", "onde", "quanto", "meu", "minha", "não",
            "com", "quando", "fazer", "preciso",
        ],
    ),
    (
        "ro",
        &[
            "cum", "pot", "unde", "este", "pentru", "cât", "sunt", "să", "și", "din", "când",
            "trebuie", "meu", "mea",
        ],
    ),
    (
        "de",
        &[
            "ich", "ist", "der", "die", "das", "wie", "kann", "wo", "für", "nicht", "und", "mein",
            "meine", "eine", "einen", "viel", "wann", "muss",
        ],
    ),
    (
        "it",
        &[
            "il", "gli", "una", "per", "posso", "dove", "quanto", "come", "che", "mio", "mia",
            "sono", "della", "quando", "devo",
        ],
    ),
    ("lt", &["kaip", "kur", "ar", "galiu", "man", "kiek", "yra", "reikia", "mano", "kada"]),
    ("so", &["waa", "maxaa", "sidee", "aan", "iyo", "xaggee", "goorma", "ayaan"]),
];

/// The language of `text`; that of the interface where the text does not tell.
pub fn of(text: &str, interface: &Locale) -> Locale {
    if is_other_script(text) {
        return Locale::Other("und".to_owned());
    }
    let words = plain_words(text);
    if words.len() < TOO_SHORT {
        let greets = WELSH_GREETINGS.contains(&words.join(" ").as_str());
        return if greets { Locale::Cy } else { interface.clone() };
    }
    let english = count(&words, &ENGLISH_WORDS)
        + ALSO_ENGLISH.iter().filter(|word| words.iter().any(|w| w == *word)).count();
    let welsh = count(&words, &WELSH_WORDS) + words.iter().filter(|word| looks_welsh(word)).count();
    if let Some((tag, other)) = other_language(text)
        && other >= 2
        && other > english + welsh
    {
        return Locale::Other(tag.to_owned());
    }
    match welsh.cmp(&english) {
        std::cmp::Ordering::Greater => Locale::Cy,
        std::cmp::Ordering::Less => Locale::En,
        std::cmp::Ordering::Equal => interface.clone(),
    }
}

/// Words of guidance that show an English question without function words.
const ALSO_ENGLISH: [&str; 24] = [
    "council", "tax", "bin", "parking", "permit", "badge", "school", "housing", "benefit",
    "licence", "cost", "price", "apply", "help", "near", "best", "open", "opening", "times",
    "library", "pay", "bus", "waste", "garden",
];

fn count(words: &[String], list: &HashSet<&str>) -> usize {
    words.iter().filter(|word| list.contains(word.as_str())).count()
}

/// Whether the spelling of a word is Welsh: its digraphs, its mutations, `w` and `y` as vowels.
fn looks_welsh(word: &str) -> bool {
    const BEGINNINGS: [&str; 9] = ["ngh", "nh", "mh", "gw", "ll", "rh", "dd", "cyf", "cyn"];
    const INSIDE: [&str; 8] = ["wyd", "ydd", "aeth", "iau", "ddo", "edd", "wch", "nnau"];
    const ENDINGS: [&str; 8] = ["dd", "iad", "wr", "wy", "lch", "aidd", "rwydd", "rch"];
    const ENGLISH_TOO: [&str; 14] = [
        "add", "odd", "rhythm", "rhyme", "rhubarb", "wydd", "march", "church", "search", "arch",
        "research", "belch", "gwent", "llama",
    ];
    word.len() > 3
        && !ENGLISH_TOO.contains(&word)
        && (BEGINNINGS.iter().any(|part| word.starts_with(part))
            || INSIDE.iter().any(|part| word.contains(part))
            || ENDINGS.iter().any(|part| word.ends_with(part)))
}

/// The language among `OTHERS` with the most words in the text, and how many.
fn other_language(text: &str) -> Option<(&'static str, usize)> {
    let lowered = text.to_lowercase();
    let words: Vec<&str> =
        lowered.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let counts = OTHERS
        .iter()
        .map(|(tag, list)| (*tag, words.iter().filter(|word| list.contains(word)).count()));
    counts.rev().max_by_key(|(_, count)| *count)
}

/// Whether most letters are not Latin.
fn is_other_script(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic());
    let (latin, other) = letters.fold((0, 0), |(latin, other), c| {
        if c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}') {
            (latin + 1, other)
        } else {
            (latin, other + 1)
        }
    });
    other > latin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_apart() {
        for (text, expected) in [
            ("How much is a garden waste subscription?", "en"),
            ("fly tipping fine amount", "en"),
            ("cost of taxi knowledge test", "en"),
            ("homeless tonight with 2 kids help", "en"),
            ("wen is feb half term 2027", "en"),
            ("I will add all the bills", "en"),
            ("Faint yw trwydded barcio i breswylwyr?", "cy"),
            ("Ich muss es im Amt tun", "de"),
            ("Pwy sy’n gallu cael Bathodyn Glas?", "cy"),
            ("gostyngiad treth gyngor", "cy"),
            ("Ble mae potiau plastig yn mynd?", "cy"),
            ("Ga i gofrestru genedigaeth y babi yn ddwyieithog?", "cy"),
            ("Rydw i'n agor caffi ym mis Ionawr", "cy"),
            ("Oes rhaid talu i gofrestru genedigaeth, a faint yw tystysgrif?", "cy"),
            ("Does gen i unman i aros heno. Pa rif ddylwn i ffonio?", "cy"),
            ("what is a Welsh dresser worth in Llandudno", "en"),
            ("Jak mogę zarejestrować dziecko?", "pl"),
            ("Comment puis-je payer la taxe ?", "fr"),
            ("¿Cuánto cuesta una licencia para mi perro?", "es"),
            ("Wie kann ich mein Kind anmelden?", "de"),
            ("كيف أدفع الضريبة؟", "und"),
            ("如何申请停车证", "und"),
            ("tip", "en"),
            ("Diolch!", "cy"),
            ("bore hole", "en"),
            ("🙂", "en"),
        ] {
            assert_eq!(of(text, &Locale::En).tag(), expected, "{text}");
        }
        assert_eq!(of("bin", &Locale::Cy), Locale::Cy);
        assert_eq!(of("Bathodyn Glas", &Locale::Cy), Locale::Cy);
    }
}
