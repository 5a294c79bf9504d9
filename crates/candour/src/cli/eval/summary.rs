//! What a run came to, as a table for people.

use std::fmt::Write as _;

use candour_core::AnswererError;
use candour_evals::runner::{Distribution, Ending, Label, Limit, MOST_UNREACHED, Summary};

use super::judgements;
use super::table::{figure, interval_of, method_of, no_interval, unknown};
use crate::cli::terminal;

/// Errors that are shown; the JSON has more.
const ERRORS_SHOWN: usize = 10;

/// Questions that were on their way, and are named; the JSON has all.
const IN_FLIGHT_SHOWN: usize = 10;

/// A table, then what has to be known to read it, how to go on with a run that is not complete, and the
/// command that asks again what failed. Writing to a String cannot fail.
pub(super) fn describe(summary: &Summary, go_on: &str, command: &str) -> String {
    let mut text = format!("{} asked of {}\n", summary.suite, summary.target);
    let done = match summary.questions {
        Some(all) => format!("{} of {}", summary.done, terminal::counted(all, "question")),
        None => terminal::counted(summary.done, "question"),
    };
    let errors: u64 = summary.errors.values().sum();
    let _ = write!(text, "{done} done, {errors} of them without an answer");
    if let Some(writers) = &summary.writer {
        let _ = write!(text, "; {writers}");
    }
    if !summary.is_complete() {
        let _ = write!(text, "; {go_on}");
    }
    let _ = writeln!(
        text,
        "\n\n{:21}{:>7}   {:16}{:>8}{:>9}   method",
        "", "mean", "95 % interval", "samples", "clusters"
    );
    for (scorer, rate) in &summary.measures {
        let (value, ends, method) = (figure(rate.value), interval_of(rate), method_of(rate));
        let clusters = rate.clusters.map_or_else(String::new, |clusters| clusters.to_string());
        let n = rate.n;
        let _ = writeln!(text, "{scorer:21}{value:>7}   {ends:16}{n:8}{clusters:>9}   {method}");
    }
    for (scorer, rate) in &summary.measures {
        text.extend(no_interval(scorer.name(), rate));
    }
    for (scorer, Distribution { median, max, sd }) in &summary.distributions {
        let _ = writeln!(
            text,
            "{}: median {median:.3}, highest {max:.3}, standard deviation {sd:.3}",
            scorer.name()
        );
    }
    if summary.done > 0 && !summary.without_material.is_empty() {
        let names: Vec<&str> = summary.without_material.iter().map(|one| one.name()).collect();
        let names = names.join(", ");
        let _ = writeln!(text, "Without a mean, for no answer had anything to look at: {names}.");
    }
    describe_labels(summary, &mut text);
    describe_errors(summary, command, &mut text);
    describe_cost(summary, &mut text);
    if let Some(judge) = &summary.judge {
        judgements::describe(judge, &mut text);
    }
    text
}

/// Why not everything was asked, and how to go on; `out` names the folder.
pub(super) fn unfinished(summary: &Summary, out: &str) -> String {
    let ending = &summary.ending;
    match summary.ended() {
        Ending::Limit(Limit::Tokens | Limit::Money) if summary.shard.is_some() => format!(
            "{ending}, of which this part has its own: raise that of the whole in the suite, and the same command with {out} goes on"
        ),
        Ending::Limit(_) => {
            format!("{ending}: raise it in the suite, and the same command with {out} goes on")
        }
        Ending::Unreachable(_) => format!(
            "{ending} for {MOST_UNREACHED} questions in a row: see that it runs and that its address is right; the same command with {out} and --retry-errors goes on, and asks these again"
        ),
        Ending::Stopped | Ending::Complete => {
            format!("{ending}: the same command with {out} goes on")
        }
    }
}

fn describe_labels(summary: &Summary, text: &mut String) {
    if summary.labels.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\n{:23}{:>18}{:>18}{:>18}{:>18}{:>10}",
        "label", "precision", "recall", "f1", "f2", "expected"
    );
    for (name, label) in &summary.labels {
        describe_label(name, label, text);
    }
    if let Some(label) = &summary.weighted {
        describe_label("weighted by how many are expected", label, text);
    }
}

/// The figures of a label, and below them their intervals.
fn describe_label(name: &str, label: &Label, text: &mut String) {
    let share =
        |share: Option<f64>| share.map_or_else(|| "-".to_owned(), |share| format!("{share:.3}"));
    let [precision, recall, f1, f2] =
        [label.precision, label.recall, label.f1, label.f2].map(share);
    let (width, expected) = (41 - precision.len(), label.expected);
    let _ = writeln!(text, "{name:width$}{precision}{recall:>18}{f1:>18}{f2:>18}{expected:>10}");
    let Some(rates) = &label.intervals else { return };
    let ends = rates.all().map(|(_, rate)| rate.map_or_else(unknown, |rate| interval_of(&rate)));
    let [precision, recall, f1, f2] = ends;
    let _ = writeln!(text, "{:23}{precision:>18}{recall:>18}{f1:>18}{f2:>18}", "  95 % interval");
    for (figure, rate) in rates.all() {
        text.extend(rate.and_then(|rate| no_interval(&format!("{name}: {figure}"), &rate)));
    }
}

fn describe_errors(summary: &Summary, command: &str, text: &mut String) {
    if !summary.errors.is_empty() {
        text.push_str("\nWithout an answer, and counted as 0 where something was due:\n");
    }
    for (id, epoch, why) in summary.named_errors.iter().take(ERRORS_SHOWN) {
        let _ = writeln!(text, "  {id} (epoch {epoch}): {why}");
    }
    let more = summary.errors.values().sum::<u64>().saturating_sub(ERRORS_SHOWN as u64);
    if more > 0 {
        let _ = writeln!(text, "  and {more} more");
    }
    if summary.is_in_vain() {
        text.push_str("Nothing was answered.\n");
    }
    let turned_away = AnswererError::Busy { status: 429, retry_after: None }.to_string();
    if summary.named_errors.iter().any(|(_, _, why)| *why == turned_away) {
        text.push_str("It turned questions away: give fewer --connections, or to --key-env a key with a limit of its own.\n");
    }
    if !summary.errors.is_empty() {
        let _ = writeln!(text, "To ask these again: {command} and --retry-errors.");
    }
    if !summary.in_flight.is_empty() {
        let shown = summary.in_flight.iter().take(IN_FLIGHT_SHOWN);
        let names: Vec<String> = shown.map(|(id, epoch)| format!("{id} (epoch {epoch})")).collect();
        let more = match summary.in_flight.len().saturating_sub(IN_FLIGHT_SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let _ = writeln!(
            text,
            "\nOn their way when an earlier part of the run stopped, and perhaps paid for twice: {}{more}",
            names.join(", ")
        );
    }
}

fn describe_cost(summary: &Summary, text: &mut String) {
    let spent = &summary.spent;
    if let (Some(median), Some(p95)) = (spent.latency_ms_median, spent.latency_ms_p95) {
        let _ = writeln!(
            text,
            "\nHalf of the answers took {median} ms or less, 95 % {p95} ms or less."
        );
    }
    if spent.input_tokens + spent.output_tokens > 0 {
        let _ = write!(text, "{} tokens read, {} written", spent.input_tokens, spent.output_tokens);
        if let (Some(money), Some(currency)) = (spent.money, &spent.currency) {
            let _ = write!(text, ": {money:.4} {currency}");
        }
        if spent.estimated > 0 {
            let _ = write!(text, " ({} answers guessed from their length)", spent.estimated);
        }
        text.push_str(".\n");
    }
}
