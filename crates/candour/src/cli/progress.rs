//! What a person sees while an ingest goes on: a bar with counts and an estimate on a terminal, a
//! line now and then elsewhere.

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use candour_content::ingest::Progress;
use candour_content::source::SourceSpec;
use candour_store::OutcomeKind;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal;

/// Pages between two lines, where there is no terminal to draw a bar on.
const PAGES_A_LINE: u64 = 1000;

/// Shows progress on standard error.
pub(crate) struct Shown {
    bar: ProgressBar,
    drawn: bool,
    failed: AtomicU64,
}

impl Shown {
    /// A display that is drawn unless `quiet`.
    pub(crate) fn new(quiet: bool) -> Self {
        let drawn = !quiet && std::io::stderr().is_terminal();
        let target = if drawn {
            ProgressDrawTarget::stderr_with_hz(10)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, drawn, failed: AtomicU64::new(0) }
    }

    /// Takes the bar away, so that the summary stands alone.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn style(&self, template: &str) {
        // The templates are constants of this file; a bad one keeps the former style.
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
    }
}

impl Progress for Shown {
    fn source(&self, source: &SourceSpec, pages: Option<u64>) {
        self.bar.set_position(0);
        self.bar.set_message(source.to_string());
        match pages {
            Some(pages) => {
                self.bar.set_length(pages);
                self.style("{msg}  {wide_bar} {pos}/{len} pages, {per_sec}, {eta} left {prefix}");
            }
            None => self.style("{spinner} {msg}  {pos} pages, {per_sec} {prefix}"),
        }
    }

    fn page(&self, _page: &str, outcome: OutcomeKind) {
        self.bar.inc(1);
        if outcome == OutcomeKind::Failed {
            let failed = self.failed.fetch_add(1, Ordering::Relaxed) + 1;
            self.bar.set_prefix(format!("({failed} failed)"));
        }
        if !self.drawn && self.bar.position().is_multiple_of(PAGES_A_LINE) {
            terminal::note(&format!("{} pages read", self.bar.position()));
        }
    }

    fn indexing(&self, passages: u64) {
        self.style("{spinner} {msg}");
        let passages = terminal::counted(passages, "passage");
        self.bar.set_message(format!("building the index of {passages}"));
    }
}
