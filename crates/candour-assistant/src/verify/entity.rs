//! Every name and every code of a sentence (benefits, forms, organisations) must be in what it cites, or
//! in a heading or title above that.

use super::Code;
use super::claim::Claim;
use super::figure::Value;
use super::reading::Word;

/// Checks the names of a sentence. `body` is the public body's own name, which any sentence may hold.
pub(super) fn check(claim: &Claim<'_>, body: &str) -> Result<(), Code> {
    let body = crate::words::plain_words(body);
    let words = &claim.reading.words;
    let is_known = |at: usize| body.contains(&words[at].text) || is_in_source(claim, &words[at]);
    let names = (0..words.len()).filter(|at| is_name(words, *at));
    let codes =
        claim.reading.figures.iter().filter(|figure| matches!(figure.value, Value::Code(_)));
    let code_is_known = |code: &Value| {
        claim.sources().any(|line| line.reading.figures.iter().any(|figure| figure.value == *code))
    };
    let agrees = !applies_for_another(claim)
        && names.into_iter().all(is_known)
        && codes.into_iter().all(|f| code_is_known(&f.value));
    if agrees { Ok(()) } else { Err(Code::EntityMissing) }
}

/// Whether one applies for what stands in a heading alone, where the cited words name something else.
fn applies_for_another(claim: &Claim<'_>) -> bool {
    if !claim.same_language {
        return false;
    }
    let own = applied_for(&claim.reading.words);
    let mut cited = claim.lines.iter().flat_map(|line| applied_for(&line.reading.words)).peekable();
    let is_cited = |text: &str| {
        let mut words = claim.lines.iter().flat_map(|line| &line.reading.words);
        words.any(|word| word.text == text && word.capital)
    };
    cited.peek().is_some()
        && own.iter().any(|name| name.iter().all(|text| !is_cited(text)))
        && !cited.any(|name| own.iter().any(|own| own.iter().any(|text| name.contains(text))))
}

/// The words of the names that stand right behind `apply for`, `claim` or `get`.
fn applied_for(words: &[Word]) -> Vec<Vec<&str>> {
    const APPLIES: [&str; 8] =
        ["apply", "applies", "applying", "application", "claim", "claims", "claiming", "entitled"];
    const GETS: [&str; 6] = ["get", "gets", "getting", "claim", "claiming", "receive"];
    let text = |at: usize| words[at].text.as_str();
    let places = (1..words.len()).filter(|at| {
        GETS.contains(&text(at - 1))
            || matches!(text(at - 1), "for" | "to") && *at > 1 && APPLIES.contains(&text(at - 2))
    });
    let names = places.map(|at| {
        let name = words[at..].iter().take_while(|word| word.capital && !word.is_sign());
        name.map(|word| word.text.as_str()).collect()
    });
    names.filter(|name: &Vec<&str>| !name.is_empty()).collect()
}

/// A word with a capital that does not merely begin a sentence, and is no day, month or nation: those
/// are checked elsewhere.
fn is_name(words: &[Word], at: usize) -> bool {
    let word = &words[at];
    let next_is_name = words.get(at + 1).is_some_and(|next| next.capital && next.text.len() > 1);
    let is_figure = word.text.chars().any(|c| c.is_ascii_digit());
    word.capital
        && !is_figure
        && !matches!(word.text.as_str(), "im" | "ive")
        && word.text.len() > 1
        && (!word.first || next_is_name && word.telling)
        && !is_place_or_day(&word.text)
}

fn is_place_or_day(word: &str) -> bool {
    const NAMES: [&str; 50] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "england",
        "scotland",
        "wales",
        "northern",
        "ireland",
        "ionawr",
        "chwefror",
        "mawrth",
        "ebrill",
        "mai",
        "mehefin",
        "gorffennaf",
        "awst",
        "medi",
        "hydref",
        "tachwedd",
        "rhagfyr",
        "llun",
        "mercher",
        "iau",
        "gwener",
        "sadwrn",
        "sul",
        "cymru",
        "nghymru",
        "gymru",
        "lloegr",
        "loegr",
        "alban",
        "iwerddon",
        "gogledd",
    ];
    NAMES.contains(&word.strip_suffix('s').unwrap_or(word)) || NAMES.contains(&word)
}

fn is_in_source(claim: &Claim<'_>, word: &Word) -> bool {
    let singular = |word: &'_ str| word.strip_suffix('s').unwrap_or(word).to_owned();
    let mut known = claim.sources().flat_map(|line| &line.reading.words);
    if claim.has_stem(&word.stem)
        || known.any(|other| singular(&other.text) == singular(&word.text))
        || claim.sources().any(|line| has_initials(&line.reading.words, &word.text))
    {
        return true;
    }
    // Between two languages a name has another form.
    !claim.same_language && claim.source_meanings().has_near(&word.text)
}

/// Whether words that follow each other begin with the letters of an abbreviation; function words may
/// have none.
fn has_initials(words: &[Word], name: &str) -> bool {
    let letters: Vec<char> = name.chars().collect();
    let fits = |words: &[&Word]| {
        words.windows(letters.len().max(1)).any(|run| {
            run.iter().zip(&letters).all(|(word, letter)| word.text.starts_with(*letter))
        })
    };
    let all: Vec<&Word> = words.iter().filter(|word| !word.is_sign()).collect();
    let telling: Vec<&Word> = all.iter().copied().filter(|word| word.telling).collect();
    letters.len() > 1 && (fits(&all) || fits(&telling))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_codes_stand_in_the_source() {
        for (text, quotes, expected) in [
            ("You can get Attendance Allowance.", "You can get Attendance Allowance.", true),
            ("You can get Housing Benefit.", "You can get Attendance Allowance.", false),
            (
                "You can get Attendance Allowance.",
                "Apply for Housing Benefit.\nAttendance Allowance",
                true,
            ),
            ("Send form SA100.", "Use form SA100.", true),
            ("Send form SA101.", "Use form SA100.", false),
            ("Ask the DWP.", "Ask the Department for Work and Pensions.", true),
            ("Ask Aberwen Council.", "Ask us.", true),
            ("Blue Badge holders pay.", "Badge holders pay.", false),
            ("Apply on Monday in Wales.", "Apply on Friday.", true),
            ("Ask for 4 DVD.", "Ask for DVDs.", true),
            ("cy: Ar gyfer ail gar, mae trwydded yn costio £78.", "Ail gar | £78", true),
            ("cy: Cewch Gredyd Pensiwn.", "Cewch Gredyd Pensiwn.", true),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim, "Aberwen Council").is_ok(), expected, "{text} from {quotes}");
        }
    }
}
