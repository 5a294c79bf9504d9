//! How a run goes on, while it does.

use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use candour_evals::runner::{Progress, Tally};
use candour_evals::scorer::Scorer;
use candour_evals::statistics::Interval;
use candour_evals::suite::Suite;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::terminal;

/// How often what is shown changes.
const SHOWN_EVERY: Duration = Duration::from_millis(200);
/// How often there is a line, where there is no terminal to draw a bar on.
const A_LINE_EVERY: Duration = Duration::from_secs(30);

/// Shows how a run goes on: a bar with the first measure so far, or a line now and then.
pub(super) struct Shown {
    bar: ProgressBar,
    drawn: bool,
    quiet: bool,
    leading: Option<Scorer>,
    last: Mutex<Instant>,
}

impl Shown {
    pub(super) fn new(suite: &Suite, is_part: bool, quiet: bool) -> Self {
        let drawn = !quiet && std::io::stderr().is_terminal();
        let target = if drawn {
            ProgressDrawTarget::stderr_with_hz(10)
        } else {
            ProgressDrawTarget::hidden()
        };
        let all = suite.samples * u64::from(suite.about.epochs);
        // How many samples a part of a suite has is known at its end.
        let bar = ProgressBar::with_draw_target((!is_part).then_some(all), target);
        let template = if is_part {
            "{spinner} {pos} questions, {per_sec} {msg}"
        } else {
            "{wide_bar} {pos}/{len} questions, {per_sec}, {eta} left {msg}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        let leading = suite
            .about
            .scorers
            .iter()
            .copied()
            .find(|scorer| scorer.is_share() && !scorer.is_judged());
        Self { bar, drawn, quiet, leading, last: Mutex::new(Instant::now()) }
    }

    /// Takes the bar away, so that what comes next stands alone.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn words(&self, tally: &Tally) -> String {
        let leading = self.leading.and_then(|scorer| Some((scorer, tally.so_far(scorer)?)));
        let measure = leading.map_or_else(String::new, |(scorer, so_far)| {
            let Interval { value, low, high } = so_far;
            format!("{} {value:.3} ({low:.3} to {high:.3})", scorer.name())
        });
        match tally.errors.values().sum::<u64>() {
            0 => measure,
            errors => format!("{measure}, {errors} without an answer"),
        }
    }
}

impl Progress for Shown {
    fn done(&self, tally: &Tally) {
        if self.quiet {
            return;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() < if self.drawn { SHOWN_EVERY } else { A_LINE_EVERY } {
            return;
        }
        *last = Instant::now();
        let (done, words) = (tally.done(), self.words(tally));
        if self.drawn {
            self.bar.set_position(done);
            self.bar.set_message(words);
        } else {
            terminal::note(&format!("{} done, {words}", terminal::counted(done, "question")));
        }
    }
}
