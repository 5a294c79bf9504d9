//! What a model judged, as a table for people: each rate with what people's labels make of it, how far
//! the judge agrees with people, and what it took.

use std::fmt::Write as _;

use candour_evals::corrected::Corrected;
use candour_evals::runner::{JudgeSpent, JudgeSummary, JudgedMeasure};
use candour_evals::scorer::Scorer;

use super::judged::{agreement, alpha, failures_count, headline_name, status_note};
use super::table::{Table, figure, interval};

/// Failures that are shown; the JSON has more.
const FAILURES_SHOWN: usize = 10;

/// The table, then what has to be known to read it. Writing to a String cannot fail.
pub(super) fn describe(judge: &JudgeSummary, text: &mut String) {
    let _ = writeln!(text, "\nJudged by {} a reply\n", judge.identity);
    let currency = judge.prices.as_ref().map_or("money", |prices| prices.currency.as_str());
    let mut table = Table::new(&[
        "",
        "rate",
        "95 % interval",
        "of",
        "what it is",
        "judged",
        "failed",
        "agreement with people",
        "tokens",
        currency,
        "seconds",
    ]);
    for (scorer, measure) in &judge.measures {
        table.row(row(*scorer, measure));
    }
    table.row(total(&judge.spent));
    text.push_str(&table.text());
    text.push('\n');
    for (scorer, measure) in &judge.measures {
        explain(*scorer, measure, text);
    }
    for scorer in &judge.without_material {
        let _ = writeln!(
            text,
            "{scorer}: no answer has what it looks at (passages, an ideal answer or a goal)"
        );
    }
    for (scorer, id, epoch, why) in judge.named_failures.iter().take(FAILURES_SHOWN) {
        let _ = writeln!(text, "The judge failed on {scorer} of {id} (epoch {epoch}): {why}");
    }
    let more = judge.named_failures.len().saturating_sub(FAILURES_SHOWN);
    if more > 0 {
        let _ = writeln!(text, "and on {more} more");
    }
}

fn row(scorer: Scorer, measure: &JudgedMeasure) -> [String; 11] {
    let failed: u64 = measure.failures.values().sum();
    let headline = measure.headline().map(|estimate| estimate.interval);
    let (rate, ends) = match headline {
        Some(found) => (figure(found.value), interval(found.low, found.high)),
        None => ("not given".to_owned(), String::new()),
    };
    let side = if scorer.is_lower_better() { "up to" } else { "from" };
    let of = match measure.rate {
        "passes" => format!("passing, {side} {}", measure.passes_at),
        "succeeds" => format!("succeeding, above {}", measure.passes_at),
        _ => "mean score".to_owned(),
    };
    let corrected = measure.corrected.as_ref();
    let [tokens, money, seconds] = spent(&measure.spent);
    [
        scorer.name().to_owned(),
        rate,
        ends,
        of,
        corrected.map(kind).unwrap_or_default(),
        measure.judged.to_string(),
        failed.to_string(),
        corrected.map_or_else(|| "not measured".to_owned(), with_people),
        tokens,
        money,
        seconds,
    ]
}

fn total(all: &JudgeSpent) -> [String; 11] {
    let [tokens, money, seconds] = spent(all);
    let name = format!("in all, {} requests", all.calls);
    let empty = String::new;
    [name, empty(), empty(), empty(), empty(), empty(), empty(), empty(), tokens, money, seconds]
}

fn spent(spent: &JudgeSpent) -> [String; 3] {
    let guessed = if spent.estimated > 0 { " (guessed in part)" } else { "" };
    [
        format!("{}{guessed}", spent.input_tokens + spent.output_tokens),
        spent.money.map(|money| format!("{money:.4}")).unwrap_or_default(),
        format!("{:.1}", spent.microseconds as f64 / 1e6),
    ]
}

/// What the rate is: corrected, of people alone, or bare.
fn kind(corrected: &Corrected) -> String {
    match &corrected.headline {
        Some(headline) => format!("{} ({})", headline_name(corrected.status), headline.method),
        None => "judge alone, UNCORRECTED".to_owned(),
    }
}

fn with_people(corrected: &Corrected) -> String {
    let kappa = corrected.judge.as_ref().and_then(|judge| judge.agreement.kappa);
    let kappa = kappa.map(|kappa| format!("kappa {}, ", figure(kappa))).unwrap_or_default();
    match &corrected.alpha {
        Some(found) => format!("{kappa}{}", alpha(found)),
        None => "not measured".to_owned(),
    }
}

/// What has to be known to read a row.
fn explain(scorer: Scorer, measure: &JudgedMeasure, text: &mut String) {
    if let Some(refused) = &measure.refused {
        let _ = writeln!(text, "{scorer}: {refused}");
    }
    if let Some(corrected) = &measure.corrected {
        if corrected.labelled > 0 {
            let (labelled, answers) = (corrected.labelled, corrected.answers);
            let _ = writeln!(text, "{scorer}: {labelled} of {answers} answers labelled by people");
        }
        if let Some(note) = status_note(corrected) {
            let _ = writeln!(text, "{scorer}: {note}");
        }
        if let Some(bare) = corrected.uncorrected.filter(|_| corrected.headline.is_some()) {
            let value = figure(bare.interval.value);
            let _ = writeln!(text, "{scorer}: the judge alone says {value}, UNCORRECTED");
        }
        if corrected.labelled > 0 {
            let _ = match &corrected.between_people {
                Some(between) => {
                    writeln!(text, "{scorer}: people among themselves: {}", agreement(between))
                }
                None => writeln!(
                    text,
                    "{scorer}: how far people agree among themselves is not known, and the judge cannot be asked to do better"
                ),
            };
        }
    }
    let failed: u64 = measure.failures.values().sum();
    if failed > 0 {
        let all = measure.judged + failed;
        let kinds: Vec<String> =
            measure.failures.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        let _ = writeln!(
            text,
            "{scorer}: the judge failed on {failed} of {all} ({}){}",
            kinds.join(", "),
            measure.corrected.as_ref().map_or_else(String::new, |corrected| format!(
                ", which {}",
                failures_count(corrected)
            ))
        );
    }
    if measure.strange_labels > 0 {
        let strange = measure.strange_labels;
        let _ = writeln!(text, "{scorer}: {strange} labels are of no answer that was judged here");
    }
}
