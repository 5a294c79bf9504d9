//! True sentences in other words than their source, and lies that differ from them in one thing: how
//! many of the first are dropped, and how many of the second are caught.
//!
//! All were looked at while the checks were made or mended, but for `unseen.txt`, which is measured only.
//! `CANDOUR_SHOW=1` prints every miss.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use candour_core::{Hit, Locale};

use super::corpus::{claim, notice, sample, with_against, written};
use super::{Code, Verifier};
use crate::screen::language_of;

/// A sentence with what it cites, and whether it is true: else its kind of lie.
struct Case {
    page: String,
    cites: Vec<String>,
    text: String,
    lie: Option<String>,
}

fn cases(file: &str) -> Vec<Case> {
    let (mut page, mut cites, mut cases) =
        (String::new(), Vec::<String>::new(), Vec::<Case>::new());
    let mut said = false;
    for line in file.lines() {
        let Some((sign, rest)) = line.split_once(' ') else { continue };
        match sign {
            "#" if rest.starts_with('/') => rest.clone_into(&mut page),
            "=" => {
                if std::mem::take(&mut said) {
                    cites.clear();
                }
                cites.push(rest.to_owned());
            }
            "+" | "-" => {
                said = true;
                let (lie, text) = match rest.split_once(": ") {
                    Some((kind, text)) if sign == "-" => (Some(kind.to_owned()), text),
                    _ => (None, rest),
                };
                cases.push(Case {
                    page: page.clone(),
                    cites: cites.clone(),
                    text: text.to_owned(),
                    lie,
                });
            }
            _ => {}
        }
    }
    cases
}

/// The first reason why the case is dropped, and whether what it cites is shown in its place.
fn verdict(case: &Case, hits: &[Hit]) -> Result<(), (Code, bool)> {
    let mut sentence = None;
    for cite in &case.cites {
        let found = hits.iter().filter(|hit| hit.page.id.0 == case.page).find_map(|hit| {
            let unit = hit.passage.units.iter().position(|unit| hit.passage.quote(unit) == cite)?;
            Some((hit, unit))
        });
        let (hit, unit) = found.unwrap_or_else(|| panic!("{} has no unit {cite:?}", case.page));
        let new = claim(&case.text, hit, &[unit]);
        let sentence = sentence.get_or_insert_with(|| claim(&case.text, hit, &[]));
        for citation in new.citations {
            if !sentence.citations.contains(&citation) {
                sentence.citations.push(citation);
            }
        }
    }
    let sentence = sentence.unwrap();
    let locale = language_of(&case.text, &Locale::En);
    let (shown, dropped) = with_against(hits, &locale, None, |against| {
        let mut verifier = Verifier::new(*against);
        let shown = verifier.take(sentence.clone()).to_vec();
        (shown, verifier.into_dropped())
    });
    if let Some(code) = dropped.into_keys().next() {
        return Err((code, !shown.is_empty()));
    }
    assert_eq!(shown, [sentence]);
    Ok(())
}

/// How a file fares: true sentences, those dropped, those in whose place nothing is shown, and for each
/// kind of lie how many were caught.
struct Tally {
    told: usize,
    dropped: usize,
    lost: usize,
    lies: BTreeMap<String, (usize, usize)>,
}

impl Tally {
    fn caught(&self) -> usize {
        self.lies.values().map(|(caught, _)| caught).sum()
    }

    fn lies(&self) -> usize {
        self.lies.values().map(|(_, all)| all).sum()
    }
}

/// The pages that are cited, read once for all files.
static HITS: LazyLock<Vec<Hit>> = LazyLock::new(|| {
    let mut hits = sample();
    for (pages, locale) in [
        (include_str!("paraphrases/pages.md"), "en"),
        (include_str!("paraphrases/pages.cy.md"), "cy"),
        (include_str!("paraphrases/other_pages.md"), "en"),
        (include_str!("paraphrases/other_pages.cy.md"), "cy"),
        (include_str!("paraphrases/near_pages.md"), "en"),
        (include_str!("paraphrases/near_pages.cy.md"), "cy"),
        (include_str!("paraphrases/strange_pages.md"), "en"),
        (include_str!("paraphrases/strange_pages.cy.md"), "cy"),
        (include_str!("paraphrases/left_out_pages.md"), "en"),
        (include_str!("paraphrases/left_out_pages.cy.md"), "cy"),
    ] {
        hits.extend(written(pages, locale));
    }
    hits
});

fn tally(name: &str, file: &str) -> Tally {
    let show = std::env::var_os("CANDOUR_SHOW").is_some();
    let mut tally = Tally { told: 0, dropped: 0, lost: 0, lies: BTreeMap::new() };
    for case in cases(file) {
        let verdict = verdict(&case, &HITS);
        match (&case.lie, verdict) {
            (None, verdict) => {
                tally.told += 1;
                if let Err((code, is_replaced)) = verdict {
                    tally.dropped += 1;
                    tally.lost += usize::from(!is_replaced);
                    if show {
                        notice(&format!(
                            "{} {}: {}\n   {}",
                            if is_replaced { "QUOTED" } else { "LOST" },
                            code.key(),
                            case.text,
                            case.cites.join(" / ")
                        ));
                    }
                }
            }
            (Some(kind), verdict) => {
                let (caught, all) = tally.lies.entry(kind.clone()).or_default();
                *all += 1;
                *caught += usize::from(verdict.is_err());
                if verdict.is_ok() && show {
                    notice(&format!("MISSED {kind}: {}\n   {}", case.text, case.cites.join(" / ")));
                }
            }
        }
    }
    notice(&format!(
        "{name}: {} of {} true sentences dropped, with nothing in their place {}",
        tally.dropped, tally.told, tally.lost
    ));
    for (kind, (caught, all)) in &tally.lies {
        notice(&format!("  {kind}: {caught} of {all} lies caught"));
    }
    tally
}

fn hold(tally: &Tally, most_dropped: f64, least_caught: f64) {
    let dropped = tally.dropped as f64 / tally.told as f64;
    assert!(dropped <= most_dropped, "{} of {} true sentences dropped", tally.dropped, tally.told);
    assert_eq!(tally.lost, 0, "true sentences with nothing in their place");
    for (kind, (caught, all)) in &tally.lies {
        let least = match kind.as_str() {
            "number" | "date" | "nation" | "link" | "entity" => 1.0,
            "polarity" | "comparator" | "modality" => least_caught,
            _ => 0.95,
        };
        let rate = *caught as f64 / *all as f64;
        assert!(rate >= least, "{kind}: {caught} of {all} lies caught");
    }
}

#[test]
fn english_paraphrases_pass_and_lies_do_not() {
    hold(&tally("English", include_str!("paraphrases/english.txt")), 0.09, 0.95);
}

#[test]
fn welsh_paraphrases_pass_and_lies_do_not() {
    hold(&tally("Welsh", include_str!("paraphrases/welsh.txt")), 0.13, 0.95);
}

#[test]
fn paraphrases_that_were_seen_later_pass_and_lies_do_not() {
    hold(&tally("seen later", include_str!("paraphrases/seen_later.txt")), 0.11, 0.95);
    hold(&tally("seen last", include_str!("paraphrases/seen_last.txt")), 0.16, 0.95);
}

/// Nothing was changed for these.
#[test]
fn unseen_paraphrases_pass_and_lies_do_not() {
    hold(&tally("unseen", include_str!("paraphrases/unseen.txt")), 0.1, 0.9);
}

#[test]
fn paraphrases_with_conditions_pass_and_lies_do_not() {
    hold(&tally("conditions", include_str!("paraphrases/conditions.txt")), 0.18, 0.95);
    hold(&tally("conditions again", include_str!("paraphrases/conditions_again.txt")), 0.2, 0.95);
}

/// Written one after the other, each when what the one before it had shown was mended: what they lost
/// when they were run first stands in `docs/verification.md`.
#[test]
fn paraphrases_at_sight_pass_and_lies_do_not() {
    for (name, file, most_dropped) in [
        ("first sight", include_str!("paraphrases/first_sight.txt"), 0.22),
        ("second sight", include_str!("paraphrases/second_sight.txt"), 0.22),
        ("third sight", include_str!("paraphrases/third_sight.txt"), 0.22),
        ("fourth sight", include_str!("paraphrases/fourth_sight.txt"), 0.33),
    ] {
        hold(&tally(name, file), most_dropped, 1.0);
    }
}

/// Whoever wrote these knew none of the checks. The lies that passed when they were run first were looked
/// at and their causes mended; nothing was changed for the true sentences.
#[test]
fn paraphrases_of_another_hand_are_quoted_where_they_are_doubted() {
    let tally = tally("another hand", include_str!("paraphrases/other_hand.txt"));
    hold(&tally, 0.3, 1.0);
    assert_eq!(tally.caught(), tally.lies(), "lies of another hand passed");
}

/// What a model gets wrong by a slip: another unit, another base, another reach.
#[test]
fn near_misses_are_caught() {
    // `One child with each adult` has the words of `one adult with each child`, and `the cost including
    // VAT` is not known to be another than the net one.
    for (name, file, most_missed, most_dropped) in [
        ("near misses", include_str!("paraphrases/near_misses.txt"), 1, 6),
        ("near misses again", include_str!("paraphrases/near_misses_again.txt"), 2, 5),
    ] {
        let tally = tally(name, file);
        let missed = tally.lies() - tally.caught();
        assert!(missed <= most_missed, "{missed} lies of {name} passed");
        assert!(tally.dropped <= most_dropped, "{} of {} dropped", tally.dropped, tally.told);
        assert_eq!(tally.lost, 0, "true sentences with nothing in their place");
    }
}

/// What stands in a heading, an introduction or a column, or limits what is said.
#[test]
fn what_is_left_out_is_noticed() {
    hold(&tally("left out", include_str!("paraphrases/left_out.txt")), 0.2, 1.0);
}

/// Of these, what has the words of its source and means something else still passes: "who does what to
/// whom" is read by none of the checks.
#[test]
fn lies_of_a_stranger_are_caught() {
    let tally = tally("a stranger", include_str!("paraphrases/strange.txt"));
    let missed = tally.lies() - tally.caught();
    assert!(missed <= 5, "{missed} lies of a stranger passed");
}

/// Of the kinds that an audit from outside found to pass. Told anew when their causes were mended.
#[test]
fn lies_of_an_audit_are_caught() {
    let tally = tally("an audit", include_str!("paraphrases/audited.txt"));
    let missed = tally.lies() - tally.caught();
    assert_eq!(missed, 0, "lies of an audit passed");
    assert_eq!(tally.lost, 0, "true sentences with nothing in their place");
}

/// The same of a later audit, with its own sentences.
#[test]
fn lies_of_a_later_audit_are_caught() {
    hold(&tally("a later audit", include_str!("paraphrases/audited_again.txt")), 0.3, 1.0);
    let unseen = tally("unseen after it", include_str!("paraphrases/audited_unseen.txt"));
    assert_eq!(unseen.lost, 0, "true sentences with nothing in their place");
}

/// Of money, rights, deadlines and who must act. The first were written before the rules that were made for
/// them, the second when those stood.
#[test]
fn lies_that_harm_are_caught() {
    for (name, file, most_missed, most_dropped) in [
        ("harm", include_str!("paraphrases/harm.txt"), 4, 16),
        ("harm again", include_str!("paraphrases/harm_again.txt"), 5, 4),
    ] {
        let tally = tally(name, file);
        let missed = tally.lies() - tally.caught();
        assert!(missed <= most_missed, "{missed} lies of {name} passed");
        assert!(tally.dropped <= most_dropped, "{} of {} dropped", tally.dropped, tally.told);
        assert_eq!(tally.lost, 0, "true sentences with nothing in their place");
    }
}
