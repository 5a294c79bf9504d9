//! What has ended is not so now: `free transport ended in July` does not give free transport.

use super::Code;
use super::claim::Claim;
use super::reading::Reading;

/// Words that say that something has ended, where nothing before them makes a condition of it.
const ENDED: [&str; 6] = ["ended", "ceased", "stopped", "abolished", "scrapped", "discontinued"];

/// Words before which what has ended is only told apart: `a badge that has ended`.
const TELLS_APART: [&str; 20] = [
    "that", "which", "who", "because", "if", "when", "before", "after", "until", "once", "unless",
    "os", "pan", "cyn", "ol", "nes", "sydd", "oherwydd", "bod", "fod",
];

/// Words with which a sentence says that something is over.
const OVER: [&str; 23] = [
    "end",
    "ended",
    "ends",
    "ending",
    "stop",
    "stopped",
    "cease",
    "ceased",
    "abolished",
    "scrapped",
    "discontinued",
    "daeth",
    "until",
    "was",
    "were",
    "had",
    "used",
    "closed",
    "before",
    "ben",
    "tan",
    "bellach",
    "roedd",
];

/// Checks that a sentence gives nothing that its source says has ended.
pub(super) fn check(claim: &Claim<'_>) -> Result<(), Code> {
    let own = &claim.reading;
    let says_it = own.has_one_of(&OVER) || own.denies();
    if says_it || !claim.same_language {
        return Ok(());
    }
    let is_over =
        claim.lines.iter().map(|line| &line.reading).filter(|line| has_ended(line)).any(|line| {
            // What ended when says nothing of what it was.
            let telling =
                (0..line.words.len()).filter(|at| line.words[*at].telling && !line.is_counted(*at));
            let telling = telling.map(|at| &line.words[at]);
            let telling = telling.filter(|word| !OVER.contains(&word.text.as_str()));
            let (found, all) = own.found(telling);
            found > 1 && found * 2 >= all
        });
    if is_over { Err(Code::PolarityChanged) } else { Ok(()) }
}

/// Whether a line says that what it begins with has ended.
fn has_ended(line: &Reading) -> bool {
    let ends = |at: &usize| {
        ENDED.contains(&line.text_at(*at))
            || line.text_at(*at) == "i" && line.text_at(at + 1) == "ben"
    };
    let is_past = |from: usize, at: usize| {
        line.text_at(at) != "i"
            || (from..at).any(|at| matches!(line.text_at(at), "daeth" | "ddaeth" | "wedi"))
    };
    (0..line.words.len()).filter(ends).any(|at| {
        let (from, _) = line.sentence(at);
        is_past(from, at) && !(from..at).any(|at| TELLS_APART.contains(&line.text_at(at)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_ended_is_not_given() {
        const FERRY: &str = "The free ferry for students ended in May.";
        for (text, quotes, expected) in [
            ("Students get a free ferry.", FERRY, false),
            ("The free ferry for students stopped in May.", FERRY, true),
            ("Students no longer have a free ferry.", FERRY, true),
            ("Students had a free ferry until May.", FERRY, true),
            ("We cannot extend a pass.", "We cannot extend a pass that has ended.", true),
            ("Renew your pass.", "Renew your pass before it has ended.", true),
            (
                "cy: Mae fferi am ddim i fyfyrwyr.",
                "Daeth y fferi am ddim i fyfyrwyr i ben ym mis Mai.",
                false,
            ),
            (
                "cy: Daeth y fferi am ddim i ben.",
                "Daeth y fferi am ddim i fyfyrwyr i ben ym mis Mai.",
                true,
            ),
        ] {
            let claim = Claim::plain(text, quotes);
            assert_eq!(check(&claim).is_ok(), expected, "{text} from {quotes}");
        }
    }
}
