//! How far people have come with a review, and how far they agree.

use candour_evals::agreement::Agreement;
use candour_evals::review::{self, Progress};
use candour_evals::statistics::{Confidence, Interval};
use candour_store::{Job, Review, ReviewLabel};
use jiff::Timestamp;

use crate::failure::{Code, Failure};
use crate::page::layout::Layout;
use crate::page::staff::Staff;
use crate::site::Site;

/// How a review stands, as somebody may know it.
pub(super) struct Standing {
    pub(super) progress: Progress,
    /// All that was said.
    pub(super) labels: Vec<ReviewLabel>,
    /// Whether there is something for this person to label.
    pub(super) has_next: bool,
    /// Whether there is something that this person may settle.
    pub(super) may_settle: bool,
    pub(super) agreement: Known,
}

/// How far people agree, as somebody may know it.
pub(super) enum Known {
    /// Somebody has still to label, and must not be led by it.
    Hidden,
    /// No answer has two labels yet.
    Nothing,
    /// It is known.
    Agreement(Agreement),
}

impl Standing {
    pub(super) async fn of(site: &Site, staff: &Staff, review: &Review) -> Result<Self, Failure> {
        let person = &staff.key.grant.name;
        let drawn = site.database.review_drawn(&review.name).await?;
        let labels = site.database.review_labels(&review.name).await?;
        let is_open = review.closed_at.is_none();
        let now = Timestamp::now();
        let has = async |job| {
            Ok::<_, Failure>(
                is_open && site.database.has_answers_for(&review.name, person, job, now).await?,
            )
        };
        let (has_next, may_settle) = (has(Job::Label).await?, has(Job::Settle).await?);
        let progress = review::progress(&drawn, &labels);
        // Whoever knows how far people agree, and sees their own labels, knows what others said.
        let agreement = if is_open && progress.given < progress.wanted {
            Known::Hidden
        } else {
            agreement(labels.clone()).await?
        };
        Ok(Self { progress, labels, has_next, may_settle, agreement })
    }
}

/// How far people agree. Its interval takes thousands of draws, so that it is kept off the runtime.
async fn agreement(labels: Vec<ReviewLabel>) -> Result<Known, Failure> {
    let found = tokio::task::spawn_blocking(move || review::agreement(&labels));
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "agreement could not be computed");
        Failure::from(Code::Internal)
    };
    let found = found.await.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
    Ok(found.map_or(Known::Nothing, Known::Agreement))
}

impl Known {
    /// Why there are no figures.
    pub(super) fn missing(&self, l: &Layout) -> Option<String> {
        match self {
            Self::Hidden => Some(l.t("review-agreement-hidden")),
            Self::Nothing => Some(l.t("review-agreement-none")),
            Self::Agreement(_) => None,
        }
    }

    /// Name and value of each figure; nothing where none may be shown.
    pub(super) fn facts(&self, l: &Layout) -> Vec<(String, String)> {
        let Self::Agreement(found) = self else { return Vec::new() };
        let share = found.share_interval(Confidence::P95).ok();
        let kappa = match found.kappa_interval(Confidence::P95) {
            Some(kappa) => Some(as_text(kappa)),
            None => found.kappa.map(|kappa| without_interval(kappa, l)),
        };
        let mut facts = vec![(l.t("review-agreement-both"), found.n.to_string())];
        facts.extend(share.map(|share| (l.t("review-agreement-share"), as_text(share))));
        facts.extend(kappa.map(|kappa| (l.t("review-agreement-kappa"), kappa)));
        let alpha = found.alpha.map(|alpha| match alpha.interval() {
            Some(interval) => as_text(interval),
            None => without_interval(alpha.value, l),
        });
        facts.extend(alpha.map(|alpha| (l.t("review-agreement-alpha"), alpha)));
        facts
    }
}

/// The value alone, and why: all that was labelled is alike.
fn without_interval(value: f64, l: &Layout) -> String {
    format!("{value:.2} ({})", l.t("review-agreement-alike"))
}

/// The value, and the ends of its interval.
fn as_text(Interval { value, low, high }: Interval) -> String {
    format!("{value:.2} ({low:.2} – {high:.2})")
}
