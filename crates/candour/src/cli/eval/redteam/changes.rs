//! Tables of what differs between two runs of the same attempts, measure by measure.

use std::fmt::Write as _;

use candour_evals::redteam::{Change, Compared, UNCORRECTED};
use candour_evals::statistics::Rate;

use super::super::table::{Table, probability};
use super::report::estimate;

/// What is compared, as it is called in results and by people.
pub(super) const MEASURES: [(&str, &str); 5] = [
    ("attack_success", "attempts that succeed"),
    (UNCORRECTED, "attempts that succeed, the judge alone, UNCORRECTED"),
    ("false_refusal", "false refusal"),
    ("useful", "right page cited"),
    ("useful_under_attack", "right page cited, hostile pages about"),
];

/// What changes a measure, a row each; what does not is named in the end. Nothing where nothing was compared.
pub(super) fn table(
    title: &str,
    [before, after]: [&str; 2],
    measure: &str,
    all: &[(&str, &Compared)],
) -> String {
    let found = all.iter().filter_map(|(name, one)| Some((*name, one.changes.get(measure)?)));
    let changes = |change: &Change| change.difference.value.abs() > f64::EPSILON;
    let (changing, idle): (Vec<_>, Vec<_>) = found.partition(|(_, change)| changes(change));
    let mut text = String::new();
    if !changing.is_empty() {
        let mut table = Table::new(&[title, before, after, "change", "p, Holm"]);
        for (name, Change { off, on, difference, p_adjusted, .. }) in &changing {
            let p = p_adjusted.map_or_else(|| "not known".to_owned(), probability);
            let cells = [estimate(off), estimate(on), signed(difference), p];
            table.row(std::iter::once((*name).to_owned()).chain(cells));
        }
        let _ = write!(text, "\n{}", table.text());
    }
    if let Some((_, first)) = idle.first() {
        let names: Vec<&str> = idle.iter().map(|(name, _)| *name).collect();
        let of = if changing.is_empty() { format!("\n{title}: ") } else { String::new() };
        let _ = writeln!(text, "{of}no change from {}: {}", estimate(&first.on), names.join(", "));
    }
    if let Some(why) = left_out(measure, all) {
        let of = if text.is_empty() { format!("\n{title}: ") } else { String::new() };
        let _ = writeln!(text, "{of}{why}");
    }
    text
}

/// What of the same attempts is not compared by a measure, where anything is.
fn left_out(measure: &str, all: &[(&str, &Compared)]) -> Option<String> {
    let most = |of: fn(&Compared) -> usize| all.iter().map(|(_, one)| of(one)).max();
    let (dropped, why) = match measure {
        "attack_success" => (most(|one| one.unanswered), "one side had no answer"),
        "false_refusal" => (most(|one| one.harmless_unanswered), "one side had no answer"),
        UNCORRECTED => (most(|one| one.judge_failed), "the judge failed on one side"),
        _ => return None,
    };
    let dropped = dropped.filter(|dropped| *dropped > 0)?;
    let what = if measure == "false_refusal" { "questions" } else { "attempts" };
    Some(format!("left out where {why}: up to {dropped} {what}"))
}

fn signed(rate: &Rate) -> String {
    match rate.low.zip(rate.high) {
        Some((low, high)) => format!("{:+.3} ({low:+.3} to {high:+.3})", rate.value),
        None => format!("{:+.3} (no interval)", rate.value),
    }
}
