//! What may happen or can be done is not sure to be.

use std::collections::BTreeSet;

use super::{MAY_REACHES, governed, modals};
use crate::verify::claim::Claim;
use crate::verify::lexicon::Modal;
use crate::verify::reading::{Reading, Word};

/// Whether something that may happen is said to happen.
pub(super) fn is_made_sure(claim: &Claim<'_>, source: &BTreeSet<Modal>) -> bool {
    let count =
        |reading: &Reading| modals(reading).filter(|(modal, _)| *modal == Modal::May).count();
    let all: usize = claim.lines.iter().map(|line| count(&line.reading)).sum();
    if !source.contains(&Modal::May) || !claim.same_language || count(&claim.reading) >= all {
        return false;
    }
    let own: BTreeSet<&str> = modals(&claim.reading)
        .filter(|(modal, _)| matches!(modal, Modal::May | Modal::Can))
        .flat_map(|(_, mark)| {
            let end = claim.reading.clause_end(mark.from).max(mark.to);
            claim.reading.telling(mark.to, end).map(|word| word.stem.as_str())
        })
        .collect();
    claim.lines.iter().any(|line| {
        let mut may = modals(&line.reading).filter(|(modal, _)| *modal == Modal::May);
        may.any(|(_, mark)| {
            governed(&line.reading, &mark)
                .is_some_and(|stem| !own.contains(stem) && claim.reading.has_stem(stem))
        })
    })
}

/// Whether one is able where the source says only that one `may be able`.
pub(super) fn is_made_able(claim: &Claim<'_>, own: &BTreeSet<Modal>) -> bool {
    let is_unsure = |word: &Word| matches!(word.text.as_str(), "possible" | "posibl" | "bosibl");
    let says_so = own.contains(&Modal::May) || claim.reading.words.iter().any(is_unsure);
    if !claim.same_language || !own.contains(&Modal::Can) || says_so {
        return false;
    }
    let able = claim.lines.iter().flat_map(|line| {
        let reading = &line.reading;
        let can = modals(reading).filter(|(modal, _)| *modal == Modal::Can);
        can.map(|(_, mark)| {
            modals(reading).any(|(modal, other)| {
                modal == Modal::May && other.from < mark.from && mark.from - other.to < MAY_REACHES
            })
        })
    });
    let able: Vec<bool> = able.collect();
    !able.is_empty() && able.into_iter().all(|is_may| is_may)
}

/// Whether what can be done is said to be done: `we will look` for `we can look`.
pub(super) fn is_promised(claim: &Claim<'_>) -> bool {
    let own = &claim.reading;
    let is_will = |at: &usize| matches!(own.text_at(*at), "will" | "shall");
    let promised = (0..own.words.len()).filter(is_will).filter_map(|at| {
        let next = own.words.get(at + 1)?;
        next.telling.then_some(next.stem.as_str())
    });
    let is_only_possible = |stem: &str| {
        let lines = || claim.lines.iter().map(|line| &line.reading);
        let allowed = |reading: &Reading| {
            modals(reading)
                .filter(|(modal, _)| matches!(modal, Modal::Can | Modal::May))
                .any(|(_, mark)| reading.words.get(mark.to).is_some_and(|word| word.stem == stem))
        };
        let count = |reading: &Reading| reading.words.iter().filter(|w| w.stem == stem).count();
        lines().any(allowed) && lines().map(count).sum::<usize>() == 1
    };
    promised.into_iter().any(is_only_possible)
}
