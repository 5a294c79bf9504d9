//! Review by people: staff label answers without knowing what gave them or what others say of them. One
//! file a page; `seen` is what they see of an answer, `around` what stands around its quotes, `figures` how far they have come and agree.
//!
//! Nothing is taken by looking: an answer is taken by sending a form, and shown to whoever took it.

pub(crate) mod answer;
mod around;
mod figures;
pub(crate) mod list;
pub(crate) mod one;
mod seen;
#[cfg(test)]
mod tests;

use candour_store::{Review, ReviewAbout, ReviewKind};

use crate::failure::{Code, Failure};
use crate::page::layout::Layout;
use crate::site::Site;

/// The review of that name.
async fn review(site: &Site, name: &str) -> Result<Review, Failure> {
    site.database.review(name).await?.ok_or_else(|| Code::NotFound.into())
}

/// Words that whoever made a review wrote, and their language where it is not the page's.
struct Wording {
    text: String,
    lang: Option<&'static str>,
}

impl Wording {
    fn new(l: &Layout, english: &str, welsh: Option<&str>) -> Self {
        match welsh.filter(|_| l.is_welsh()) {
            Some(welsh) => Self { text: welsh.to_owned(), lang: None },
            None => Self { text: english.to_owned(), lang: l.is_welsh().then_some("en") },
        }
    }

    fn of_page(text: String) -> Self {
        Self { text, lang: None }
    }

    /// What is asked of each answer.
    fn question(l: &Layout, about: &ReviewAbout) -> Self {
        Self::new(l, &about.question, about.question_cy.as_deref())
    }

    /// What a label says to somebody who sees the second of a pair first, or not.
    fn label(l: &Layout, about: &ReviewAbout, label: &str, is_swapped: bool) -> Self {
        match (about.kind, label) {
            (ReviewKind::Pair, ReviewAbout::SAME) => Self::of_page(l.t("review-same")),
            (ReviewKind::Pair, label) if (label == ReviewAbout::FIRST) != is_swapped => {
                Self::of_page(l.t("review-a-better"))
            }
            (ReviewKind::Pair, _) => Self::of_page(l.t("review-b-better")),
            (ReviewKind::Single, label) => {
                let welsh = about.possible(label).and_then(|possible| possible.label_cy.as_deref());
                Self::new(l, label, welsh)
            }
        }
    }
}
