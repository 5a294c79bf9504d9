//! One answer of a review, with the form in which somebody says what they think of it, or settles between
//! what others said.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use candour_evals::review::is_swapped;
use candour_store::{
    Given, Job, NewLabel, Review, ReviewAbout, ReviewAnswer, ReviewKind, ReviewLabel,
};
use jiff::Timestamp;

use super::around::Around;
use super::one::take;
use super::seen::{Seen, shown};
use super::{Wording, review};
use crate::failure::{Dressed, Failure};
use crate::page::form::Form;
use crate::page::layout::Layout;
use crate::page::render;
use crate::page::staff::Staff;
use crate::site::Site;

/// The longest note, in characters.
const NOTE_LIMIT: usize = 500;
/// What the form sends where somebody cannot tell. No label is an empty text.
const CANNOT_TELL: &str = "?";

/// The page.
#[derive(Template)]
#[template(path = "staff/review/answer.html")]
struct AnswerPage {
    l: Layout,
    /// The address of the review.
    review: String,
    position: u32,
    seen: Seen,
    around: Around,
    question: Wording,
    choices: Vec<ChoiceView>,
    cannot_tell: bool,
    note: String,
    /// What others said, where it is to be settled.
    others: Vec<(Wording, String)>,
    /// Which field must be mended, and what is wrong with it.
    mistake: Option<(&'static str, String)>,
}

impl AnswerPage {
    fn is_wrong(&self, field: &str) -> Option<&str> {
        let (found, error) = self.mistake.as_ref()?;
        (*found == field).then_some(error)
    }
}

/// One choice.
struct ChoiceView {
    value: String,
    words: Wording,
    is_chosen: bool,
}

/// What is known of an answer that somebody has taken.
struct Taken {
    review: Review,
    answer: ReviewAnswer,
    job: Job,
    is_swapped: bool,
    labels: Vec<ReviewLabel>,
}

/// What was typed into the form.
#[derive(Default)]
struct Typed {
    choice: String,
    note: String,
}

/// `GET /staff/reviews/{name}/answers/{position}`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    staff: Staff,
    Path((name, position)): Path<(String, u32)>,
) -> Result<Response, Failure> {
    let Some(taken) = Taken::find(&site, &staff, &name, position).await? else {
        return Ok(back(&staff, &name, "").into_response());
    };
    let own = taken.labels.iter().find(|label| label.person == staff.key.grant.name);
    let typed = own.map_or_else(Typed::default, |own| Typed {
        choice: own.label.as_deref().map_or(CANNOT_TELL, |label| taken.sent(label)).to_owned(),
        note: own.note.to_string(),
    });
    page(&site, &staff, &taken, typed, None).await
}

/// `POST /staff/reviews/{name}/answers/{position}`
pub(crate) async fn give(
    State(site): State<Arc<Site>>,
    staff: Staff,
    Path((name, position)): Path<(String, u32)>,
    form: Form,
) -> Result<Response, Failure> {
    let Some(taken) = Taken::find(&site, &staff, &name, position).await? else {
        return Ok(back(&staff, &name, "").into_response());
    };
    let typed =
        Typed { choice: form.text("choice").to_owned(), note: form.text("note").trim().to_owned() };
    let label = taken.label(&typed.choice);
    if let Some(mistake) = mistake(&staff, &typed, label.is_some()) {
        let mut response = page(&site, &staff, &taken, typed, Some(mistake)).await?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        response.extensions_mut().insert(Dressed);
        return Ok(response);
    }
    let person = &staff.key.grant.name;
    let note = site.assistant.redact(&typed.note);
    let at = Timestamp::now();
    let new = NewLabel { review: &name, position, person, label, note, at };
    let given = site.database.give_label(&new).await?;
    let was_said = taken.labels.iter().any(|label| label.person == *person);
    let leads = match given {
        Given::Kept if was_said => back(&staff, &name, ""),
        Given::Kept => take(&site, &staff, &taken.review, taken.job).await?,
        Given::TooLate => back(&staff, &name, "?notice=late"),
        Given::Settled => back(&staff, &name, "?notice=settled"),
        Given::NotTaken | Given::Closed => back(&staff, &name, ""),
    };
    Ok(leads.into_response())
}

/// To the page of the review.
fn back(staff: &Staff, name: &str, query: &str) -> Redirect {
    let path = format!("/staff/reviews/{name}{query}");
    Redirect::to(&staff.reader.language.href(&path))
}

impl Taken {
    /// The answer, if this person has taken it and the review is open.
    async fn find(
        site: &Site,
        staff: &Staff,
        name: &str,
        position: u32,
    ) -> Result<Option<Self>, Failure> {
        let review = review(site, name).await?;
        let person = &staff.key.grant.name;
        let job = site.database.review_job(name, position, person).await?;
        let answer = site.database.review_answer(name, position).await?;
        let (Some(job), Some(answer), None) = (job, answer, review.closed_at) else {
            return Ok(None);
        };
        let labels = site.database.review_labels_at(name, position).await?;
        let is_swapped = review.about.kind == ReviewKind::Pair
            && is_swapped(review.about.seed, &answer.answer, person);
        Ok(Some(Self { review, answer, job, is_swapped, labels }))
    }

    /// What others said, by the words they said and not by who said it first.
    fn others(&self, l: &Layout) -> Vec<(Wording, String)> {
        let mut said: Vec<(&str, String)> = self
            .labels
            .iter()
            .filter(|label| self.job == Job::Settle && label.job == Job::Label)
            .filter_map(|label| Some((label.label.as_deref()?, label.note.to_string())))
            .collect();
        said.sort_unstable();
        let words = |label| Wording::label(l, &self.review.about, label, self.is_swapped);
        said.into_iter().map(|(label, note)| (words(label), note)).collect()
    }

    fn choices(&self, l: &Layout, typed: &Typed) -> Vec<ChoiceView> {
        let about = &self.review.about;
        let mut choices: Vec<ChoiceView> = about
            .labels
            .iter()
            .map(|choice| ChoiceView {
                value: self.sent(&choice.label).to_owned(),
                words: Wording::label(l, about, &choice.label, self.is_swapped),
                is_chosen: typed.choice == self.sent(&choice.label),
            })
            .collect();
        if self.is_swapped {
            // A comes first, whichever that is.
            choices.swap(0, 1);
        }
        choices
    }

    /// What the form sends for a label. Of a pair it says nothing of which run is which.
    fn sent<'a>(&self, label: &'a str) -> &'a str {
        match (self.review.about.kind, label) {
            (ReviewKind::Single, label) | (ReviewKind::Pair, label @ ReviewAbout::SAME) => label,
            (ReviewKind::Pair, label) if (label == ReviewAbout::FIRST) != self.is_swapped => "a",
            (ReviewKind::Pair, _) => "b",
        }
    }

    /// The label that the form sent.
    fn label(&self, sent: &str) -> Option<&str> {
        let labels = self.review.about.labels.iter().map(|possible| possible.label.as_str());
        labels.into_iter().find(|label| self.sent(label) == sent)
    }
}

/// Which field must be mended, and how.
fn mistake(staff: &Staff, typed: &Typed, is_label: bool) -> Option<(&'static str, String)> {
    if typed.note.chars().count() > NOTE_LIMIT {
        return Some(("note", staff.reader.words().n("review-note-long", "limit", NOTE_LIMIT)));
    }
    match (is_label, typed.choice.as_str(), typed.note.is_empty()) {
        (true, ..) | (false, CANNOT_TELL, false) => None,
        (false, CANNOT_TELL, true) => Some(("note", staff.t("review-note-missing"))),
        (false, ..) => Some(("choice", staff.t("review-choice-missing"))),
    }
}

async fn page(
    site: &Site,
    staff: &Staff,
    taken: &Taken,
    typed: Typed,
    mistake: Option<(&'static str, String)>,
) -> Result<Response, Failure> {
    let position = taken.answer.position;
    let mut l =
        staff.layout(site, staff.reader.words().n("review-number", "number", position as usize));
    l.has_error = mistake.is_some();
    if taken.answer.shown.is_none() {
        // These are the words of a reader.
        let action = format!("read answer {position} of review {}", taken.review.name);
        staff.note(site, action).await?;
    }
    let shown = shown(site, &taken.answer).await?;
    let around = Around::of(site, &shown).await?;
    let seen = Seen::new(&l, shown, taken.is_swapped);
    let page = AnswerPage {
        review: l.href(&format!("/staff/reviews/{}", taken.review.name)),
        position,
        seen,
        around,
        question: Wording::question(&l, &taken.review.about),
        choices: taken.choices(&l, &typed),
        cannot_tell: typed.choice == CANNOT_TELL,
        note: typed.note,
        others: taken.others(&l),
        mistake,
        l,
    };
    Ok(render(&page)?.into_response())
}
