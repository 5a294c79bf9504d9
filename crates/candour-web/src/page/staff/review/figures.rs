//! How far people have come with a review, and how far they agree.

use candour_evals::agreement::Agreement;
use candour_evals::review::{self, Progress};
use candour_evals::statistics::{Confidence, Interval};
use candour_store::{Review, ReviewLabel};
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
    pub(super) agreement: Known,
}

/// How far people agree, as somebody may know it.
pub(super) enum Known {
    /// They have still to label, and must not be led by it.
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
        let has_next = is_open && site.database.has_answers_for(&review.name, person, now).await?;
        let has_labelled = labels.iter().any(|label| label.person == *person);
        let may_know = staff.is_admin() || !is_open || (has_labelled && !has_next);
        let agreement = if may_know {
            let found = review::agreement(&labels).map_err(|error| {
                tracing::error!(%error, "agreement could not be computed");
                Failure::from(Code::Internal)
            })?;
            found.map_or(Known::Nothing, Known::Agreement)
        } else {
            Known::Hidden
        };
        Ok(Self { progress: review::progress(&drawn, &labels), labels, has_next, agreement })
    }
}

impl Known {
    /// In few words, for a list.
    pub(super) fn brief(&self, l: &Layout) -> String {
        match self {
            Self::Hidden => l.t("review-agreement-hidden"),
            Self::Nothing => l.t("review-agreement-none"),
            Self::Agreement(found) => format!("{:.0} %", found.share * 100.0),
        }
    }

    /// Name and value of each figure; nothing where none may be shown.
    pub(super) fn facts(&self, l: &Layout) -> Vec<(String, String)> {
        let Self::Agreement(found) = self else { return Vec::new() };
        let share = found.share_interval(Confidence::P95).ok();
        let kappa = match found.kappa_interval(Confidence::P95) {
            Some(kappa) => Some(as_text(kappa)),
            None => found.kappa.map(|kappa| format!("{kappa:.2}")),
        };
        let mut facts = vec![(l.t("review-agreement-both"), found.n.to_string())];
        facts.extend(share.map(|share| (l.t("review-agreement-share"), as_text(share))));
        facts.extend(kappa.map(|kappa| (l.t("review-agreement-kappa"), kappa)));
        facts.extend(found.alpha.map(|alpha| (l.t("review-agreement-alpha"), as_text(alpha))));
        facts
    }
}

/// The value, and the ends of its interval.
fn as_text(Interval { value, low, high }: Interval) -> String {
    format!("{value:.2} ({low:.2} – {high:.2})")
}
