//! A liar at scale: true units, each changed in one place and in one of the ways that are checked. None
//! may pass. And the other side: no unit is dropped for saying what it says.
//!
//! A change that leaves the meaning as it was would be no lie, so each way of lying rules that out by
//! how it is made; the comment at each says how. What is chosen is decided by a fixed seed.

mod ways;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use candour_core::{AnswerSentence, Hit, Locale, UnitKind};

use self::ways::{Dice, Truth, WAYS};
use super::corpus::{citation, claim, conditionalqa, notice, sample, with_against};
use super::{Against, Code, check, check_limits, check_wording, quotes};

/// One in so many units is lied about, for an unoptimised build is slow; all are, with several seeds,
/// with `CANDOUR_MEASURE=1` in the environment.
const EVERY: usize = 4;

/// Lies of every kind, and those that pass.
fn lies(hits: &[Hit], every: usize, seed: u64) -> (BTreeMap<&'static str, usize>, Vec<String>) {
    let (mut told, mut passed) = (BTreeMap::new(), Vec::new());
    let mut dice = Dice::new(seed);
    let units = hits.iter().flat_map(|hit| (0..hit.passage.units.len()).map(move |at| (hit, at)));
    for (hit, unit) in units.skip(seed as usize % every).step_by(every) {
        let quote = hit.passage.quote(&hit.passage.units[unit]);
        let mut said = claim(quote, hit, &[unit]);
        said.item = hit.passage.units[unit].kind == UnitKind::Item;
        let truth = Truth::new(hit, said);
        for (kind, way) in WAYS {
            let Some(lie) = way(&truth, hits, &mut dice) else { continue };
            *told.entry(kind).or_default() += 1;
            // A search per lie through all passages would be slow: those cited are enough.
            let cited = cited(&lie, hits);
            if with_against(&cited, &cited[0].passage.locale, None, |against| passes(&lie, against))
            {
                let source = quotes(&lie).replace('\n', " / ");
                passed.push(format!("{kind}: {}\n    {source}", lie.text));
            }
        }
    }
    (told, passed)
}

/// Whether a sentence is told in the middle of nothing else.
fn passes(lie: &AnswerSentence, against: &Against<'_>) -> bool {
    check(lie, against).is_ok() && check_limits("", lie, &quotes(lie), against).is_ok()
}

fn cited(sentence: &AnswerSentence, hits: &[Hit]) -> Vec<Hit> {
    let is_cited = |hit: &&Hit| sentence.citations.iter().any(|c| c.passage == hit.passage.id);
    hits.iter().filter(is_cited).cloned().collect()
}

fn no_lie_passes(name: &str, hits: &[Hit]) {
    let measures = std::env::var_os("CANDOUR_MEASURE").is_some();
    let (every, seeds) = if measures { (1, 3) } else { (EVERY, 1) };
    for seed in 1..=seeds {
        let (told, passed) = lies(hits, every, seed);
        let all: usize = told.values().sum();
        notice(&format!("{name}, seed {seed}: {} of {all} lies passed, of {told:?}", passed.len()));
        if std::env::var_os("CANDOUR_SHOW").is_some() {
            for lie in &passed {
                notice(lie);
            }
        }
        assert!(all >= 2000, "only {all} lies were told");
        assert!(passed.is_empty(), "{} lies passed, such as {}", passed.len(), passed[0]);
    }
}

#[test]
fn no_lie_about_the_sample_passes() {
    no_lie_passes("sample", &sample());
}

#[test]
fn no_lie_about_real_guidance_passes() {
    if let Some(hits) = conditionalqa() {
        no_lie_passes("conditionalqa", &hits);
    }
}

/// The units that the checks of wording would drop although they say nothing but themselves.
fn dropped(hits: &[Hit]) -> (usize, Vec<(Code, String)>) {
    let (mut all, mut dropped) = (0, Vec::new());
    for hit in hits.iter().filter(|hit| !matches!(hit.passage.locale, Locale::Other(_))) {
        let cited = [hit.clone()];
        for unit in 0..hit.passage.units.len() {
            let quote = hit.passage.quote(&hit.passage.units[unit]);
            all += 1;
            // As it is quoted, and as a list's item is cited with its stem.
            let mut item = claim(quote, hit, &[unit]);
            item.item = hit.passage.units[unit].kind == UnitKind::Item;
            let alone = AnswerSentence {
                citations: vec![citation(hit, &hit.passage.units[unit])],
                ..item.clone()
            };
            // A sentence that limits the whole list is said beside it.
            let of_stem = item.citations.iter().all(|c| c.quote == quote || c.quote.ends_with(':'));
            let both = if item.item && of_stem { vec![alone, item] } else { vec![alone] };
            for sentence in both {
                let wording = with_against(&cited, &cited[0].passage.locale, None, |against| {
                    check_wording(&sentence, &quotes(&sentence), against)
                });
                if let Err(code) = wording {
                    dropped.push((code, quote.to_owned()));
                    break;
                }
            }
        }
    }
    (all, dropped)
}

fn no_quote_is_dropped(name: &str, hits: &[Hit]) {
    let (all, dropped) = dropped(hits);
    notice(&format!(
        "{name}: {} of {all} quotes would be dropped by the checks of wording",
        dropped.len()
    ));
    if std::env::var_os("CANDOUR_SHOW").is_some() {
        for (code, quote) in &dropped {
            notice(&format!("{}: {quote}", code.key()));
        }
    }
    assert!(dropped.is_empty(), "{} quotes, such as {:?}", dropped.len(), dropped[0]);
}

#[test]
fn no_quote_of_the_sample_is_dropped() {
    no_quote_is_dropped("sample", &sample());
}

#[test]
fn no_quote_of_real_guidance_is_dropped() {
    if let Some(hits) = conditionalqa() {
        no_quote_is_dropped("conditionalqa", &hits);
    }
}

/// How long a sentence takes: of interest only in an optimised build.
#[test]
#[ignore = "it measures time: see docs/verification.md"]
fn how_long_a_sentence_takes() {
    let hits = sample();
    let units = hits.iter().flat_map(|hit| (0..hit.passage.units.len()).map(move |at| (hit, at)));
    let sentences: Vec<(&Hit, AnswerSentence)> = units
        .map(|(hit, unit)| (hit, claim(hit.passage.quote(&hit.passage.units[unit]), hit, &[unit])))
        .collect();
    let mut times: Vec<Duration> = Vec::new();
    for (hit, sentence) in &sentences {
        with_against(std::slice::from_ref(*hit), &hit.passage.locale, None, |against| {
            let began = Instant::now();
            let _ = black_box(check_wording(sentence, &quotes(sentence), against));
            times.push(began.elapsed());
        });
    }
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 1000];
    notice(&format!(
        "{} sentences: half within {:?}, 99 % within {:?}, all within {:?}",
        times.len(),
        at(500),
        at(990),
        at(1000)
    ));
}
