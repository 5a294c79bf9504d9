//! What a judge says by a rubric, for people: beside rules and labels, and never alone unasked.

use std::fmt::Write as _;

use candour_evals::redteam::{Counts, Rubric};

use super::super::super::judged::{agreement, failures_count, headline_name, status_note};
use super::super::super::table::{Table, figure, interval, unknown};
use super::super::report::{Report, estimate};
use super::{NAME, Told};

/// Failures that are shown; the JSON has more.
const FAILURES_SHOWN: usize = 10;

impl Report {
    /// Whether a rate was refused that the judge's word alone would have to bear.
    pub(in super::super) fn is_refused(&self) -> bool {
        let rubric = self.outcomes.get("all").and_then(|all| all.rubric.as_ref());
        rubric.is_some_and(|one| one.refused.is_some() && one.uncorrected.is_none())
    }

    /// A table, then what has to be known to read it. Writing to a String cannot fail.
    pub(in super::super) fn describe_rubric(&self, text: &mut String) {
        let Some(told) = &self.rubric else { return };
        let states = self.states().iter();
        let of = |key: &str| self.outcomes.get(key)?.rubric.as_ref();
        let shown: Vec<(&str, &Rubric)> =
            states.filter_map(|(key, words)| Some((*words, of(key)?))).collect();
        let families: Vec<&str> = told.families.iter().map(|family| family.name()).collect();
        let _ = writeln!(
            text,
            "\nBy a rubric, of attacks that say what they are after ({}): judged by {} a reply\n",
            families.join(", "),
            told.identity
        );
        text.push_str(&table(&shown));
        text.push('\n');
        for (words, rubric) in &shown {
            explain(words, rubric, text);
        }
        describe_cost(told, text);
        if let Some(all) = of("all").filter(|all| !all.unseen_by_rules.is_empty()) {
            let _ = writeln!(
                text,
                "\nFor people to look at, in {}/all/{NAME}: the judge takes these for successes {}, and no rule saw one:",
                self.folder.display(),
                self.everything()
            );
            for (attack, attempts) in &all.unseen_by_rules {
                let _ = writeln!(text, "  {attack}: {}", attempts.join(", "));
            }
        }
    }
}

/// A column for each condition.
fn table(shown: &[(&str, &Rubric)]) -> String {
    let header: Vec<&str> =
        std::iter::once("").chain(shown.iter().map(|(words, _)| *words)).collect();
    let mut table = Table::new(&header);
    let mut row = |name: &str, of: &dyn Fn(&Rubric) -> Option<String>| {
        let cells: Vec<Option<String>> = shown.iter().map(|(_, rubric)| of(rubric)).collect();
        if cells.iter().any(Option::is_some) {
            let cells = cells.into_iter().map(Option::unwrap_or_default);
            table.row(std::iter::once(name.to_owned()).chain(cells));
        }
    };
    let any = |count: u64| (count > 0).then(|| count.to_string());
    row("attempts", &|one| Some(one.attempts.to_string()));
    row("  turned away, so that nobody was asked", &|one| any(one.turned_away as u64));
    row("  without an answer, or without the model's", &|one| any(one.without_answer as u64));
    row("  beyond a limit", &|one| any(one.left));
    row("  judged", &|one| Some(one.judged.to_string()));
    row("  on which the judge failed", &|one| any(failed(one)));
    row("attempts that succeed", &|one| Some(rate(one)));
    row("attempts that succeed, the judge alone, UNCORRECTED", &|one| {
        one.uncorrected.as_ref().map(estimate)
    });
    row("  judge and rule say that they do", &|one| of_both(one, |both| both.both));
    row("  the judge alone", &|one| of_both(one, |both| both.judge_alone));
    row("  a rule alone", &|one| of_both(one, |both| both.rule_alone));
    row("  neither", &|one| of_both(one, |both| both.neither));
    row("  agreement of both, kappa", &|one| {
        one.with_rule.map(|both| both.kappa.map_or_else(unknown, figure))
    });
    table.text()
}

fn of_both(rubric: &Rubric, count: fn(&Counts) -> usize) -> Option<String> {
    Some(count(&rubric.with_rule?.counts?).to_string())
}

fn failed(rubric: &Rubric) -> u64 {
    rubric.failures.values().sum()
}

/// What people's labels make of the judge.
fn rate(rubric: &Rubric) -> String {
    let corrected = rubric.corrected.as_ref();
    let headline = corrected.and_then(|found| Some((found.status, found.headline?.interval)));
    match headline {
        Some((status, found)) => {
            let ends = interval(found.low, found.high);
            format!("{} ({ends}), {}", figure(found.value), headline_name(status))
        }
        None if rubric.refused.is_some() => "not given".to_owned(),
        None => "none: no answer had to be judged".to_owned(),
    }
}

/// What has to be known to read a column.
fn explain(words: &str, rubric: &Rubric, text: &mut String) {
    if let Some(refused) = &rubric.refused {
        let _ = writeln!(text, "{words}: {refused}");
    }
    let corrected = rubric.corrected.as_ref();
    if let Some(found) = corrected {
        let (labelled, answers) = (found.labelled, found.answers);
        let _ = writeln!(text, "{words}: {labelled} of {answers} answers labelled by people");
        if let Some(note) = status_note(found) {
            let _ = writeln!(text, "{words}: {note}");
        }
        let with_people = found.judge.as_ref().map(|judge| agreement(&judge.agreement));
        let with_people = with_people.unwrap_or_else(|| "not measured".to_owned());
        let _ = writeln!(text, "{words}: judge and people: {with_people}");
        let between = found.between_people.as_ref();
        let between = between.map_or_else(|| "not known".to_owned(), agreement);
        let _ = writeln!(text, "{words}: people among themselves: {between}");
    }
    if failed(rubric) > 0 {
        let kinds = rubric.failures.iter().map(|(kind, count)| format!("{kind} {count}"));
        let kinds = kinds.collect::<Vec<_>>().join(", ");
        let become_of = corrected.map_or("are in no rate", failures_count);
        let _ = writeln!(
            text,
            "{words}: the judge failed on {} answers ({kinds}), which {become_of}",
            failed(rubric)
        );
    }
    if rubric.strange_labels > 0 {
        let strange = rubric.strange_labels;
        let _ =
            writeln!(text, "{words}: {strange} labels are of no attempt that was answered here");
    }
}

/// What judging took in all conditions, and where it failed.
fn describe_cost(told: &Told, text: &mut String) {
    for (condition, id, why) in told.named_failures.iter().take(FAILURES_SHOWN) {
        let _ = writeln!(text, "The judge failed on {condition}/{id}: {why}");
    }
    let more = told.named_failures.len().saturating_sub(FAILURES_SHOWN);
    if more > 0 {
        let _ = writeln!(text, "and on {more} more");
    }
    let spent = &told.spent;
    let money = spent.money.zip(told.prices.as_ref());
    let money = money.map(|(money, prices)| format!(", {money:.4} {}", prices.currency));
    let _ = writeln!(
        text,
        "In all conditions the judge took {} requests, {} tokens{} and {:.1} seconds",
        spent.calls,
        spent.input_tokens + spent.output_tokens,
        money.unwrap_or_default(),
        spent.microseconds as f64 / 1e6
    );
}
