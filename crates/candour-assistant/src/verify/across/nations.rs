//! What is said of one nation that stands in a line about another, in another language than the lines.

use std::sync::LazyLock;

use regex::Regex;

use super::Cited;
use crate::verify::claim::Claim;
use crate::verify::meaning::Meanings;

/// The names of the nations, which would make a line near to whatever names the same.
static NAMES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:england|wales|scotland|northern ireland|lloegr|cymru|nghymru|gymru|chymru|yr alban|gogledd iwerddon|english|welsh|scottish)\b").ok()
});

/// Whether a line that names other nations alone is nearer to a sentence about one than those that name it.
pub(super) fn may_be_anothers(claim: &Claim<'_>, cited: &[Cited<'_>]) -> bool {
    let own = claim.nations();
    if own.iter().count() != 1 {
        return false;
    }
    let Some(names) = NAMES.as_ref() else { return true };
    let bare = |text: &str| names.replace_all(text, "").into_owned();
    let said = bare(claim.text);
    let nearest = |of_own: bool| {
        let is_meant = |cited: &&Cited<'_>| {
            let nations = cited.line.nations();
            !nations.is_empty() && nations.iter().any(|n| own.contains(n)) == of_own
        };
        let near = |cited: &Cited<'_>| Meanings::of([&*bare(cited.line.text)]).nearest(&said);
        cited.iter().filter(is_meant).map(near).reduce(f32::max)
    };
    matches!((nearest(true), nearest(false)), (Some(with), Some(without)) if without > with)
}
