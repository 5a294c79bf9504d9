//! Which headings limit what stands beneath them, so that no other words may come under them.

use std::sync::LazyLock;

use regex::Regex;

/// Conditions, denials, earlier and later cases, and whom it is for; and numbers, which are ages, amounts and
/// dates. `Ni` denies at the beginning and before a verb, and is `us` elsewhere.
const LIMITS: &str = r"(?ix)
    \b(?:if|unless|except\w*|exempt\w*|exclu\w*|only|not|no|cannot|never|\w+n[’']t)\b
    | ^(?:when\s+you|for|old|older|newer|earlier|later|past|previous|former|everyone\s+else|others)\b
    | \b(?:os|oni|ac\s+eithrio|heblaw|eithriad\w*|yn\s+unig|nad|na|ddim|dim|methu)\b
    | ^nid?\b
    | \bnid?\s+(?:yw|ydy\w*|oes|all\w*|ellir|fydd\w*|fu|chewch|chaiff|chaniateir|ddyl\w*|dderbyn\w*)\b
    | \b(?:hŷn|cynharach|diweddarach|blaenorol|mwy\s+newydd)\b
    | ^(?:pan|ar\s+gyfer|hen|pawb\s+arall)\b
    | \d";

/// Numbers that only count.
const STEPS: &str = r"(?i)^(?:step|part|stage|cam|rhan)\s+\d+[^\d]*$";

static PATTERNS: LazyLock<Option<(Regex, Regex)>> =
    LazyLock::new(|| Some((Regex::new(LIMITS).ok()?, Regex::new(STEPS).ok()?)));

/// Whether a heading may be a condition of the words beneath it, or deny them.
pub(super) fn limits(heading: &str) -> bool {
    PATTERNS
        .as_ref()
        .is_some_and(|(limits, steps)| limits.is_match(heading) && !steps.is_match(heading))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_that_limit_are_told_from_those_that_name() {
        for (heading, expected) in [
            ("If you get Pension Credit", true),
            ("Tenancies that began before 1 April 2020", true),
            ("Who cannot get it", true),
            ("What we don’t take", true),
            ("Exceptions", true),
            ("Children aged 5 to 10", true),
            ("For businesses", true),
            ("Old rules", true),
            ("Newer plots", true),
            ("Earlier applications", true),
            ("Everyone else", true),
            ("Os ydych yn cael Credyd Pensiwn", true),
            ("Pethau nad ydym yn eu casglu", true),
            ("Beth ni allwn ei gasglu", true),
            ("Nid yw’n cael ei gasglu", true),
            ("Plotiau hŷn", true),
            ("Plotiau mwy newydd", true),
            ("Step 1: write to us", false),
            ("How to apply", false),
            ("Notices", false),
            ("When to tell us", false),
            ("Starting later", false),
            ("Cysylltu â ni", false),
            ("Ffyrdd hyn", false),
            ("Sut i wneud cais", false),
            ("Newidiadau", false),
        ] {
            assert_eq!(limits(heading), expected, "{heading}");
        }
    }
}
