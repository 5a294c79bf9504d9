//! What people said of the answers of a review. How they come to say it stands in `labelling`.

use std::collections::BTreeMap;

use candour_core::Redacted;
use jiff::Timestamp;

use crate::rows::{damaged, from_json, plain, time};
use crate::{Database, StoreError};

/// What a person does with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// Labels it, without knowing what others say.
    Label,
    /// Decides between labels that differ.
    Settle,
}

impl Job {
    /// The name in the database.
    pub fn key(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Settle => "settle",
        }
    }
}

/// What a person said of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewLabel {
    /// The answer.
    pub answer: String,
    /// Its place in the review.
    pub position: u32,
    /// Who: the name of a key.
    pub person: String,
    /// What they did.
    pub job: Job,
    /// What they said; nothing where they could not tell.
    pub label: Option<String>,
    /// Why, where they said that.
    pub note: Redacted,
    /// When.
    pub at: Timestamp,
}

/// How an answer of a review stands with somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Held,
    Given,
    Skipped,
}

impl State {
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Given => "given",
            Self::Skipped => "skipped",
        }
    }

    pub(crate) fn of_key(key: &str) -> Result<Self, StoreError> {
        [Self::Held, Self::Given, Self::Skipped]
            .into_iter()
            .find(|state| state.key() == key)
            .ok_or_else(|| damaged("state of a label", &format!("`{key}` is not one")))
    }
}

impl Database {
    /// All that was said in a review, in the order of its answers and then of time.
    pub async fn review_labels(&self, review: &str) -> Result<Vec<ReviewLabel>, StoreError> {
        let rows: Vec<LabelRow> = sqlx::query_as(
            "SELECT l.answer, a.position, person, job, state, label, note, at FROM review_labels l \
             JOIN review_answers a ON a.review = l.review AND a.answer = l.answer \
             WHERE l.review = $1 AND state <> 'held' ORDER BY a.position, at, person",
        )
        .bind(plain(review))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(read_label).collect()
    }

    /// How many labels each review has, of each answer at most as many as it wants, and how many it wants.
    pub async fn review_counts(&self) -> Result<BTreeMap<String, (u64, u64)>, StoreError> {
        let rows: Vec<(String, i64, i64)> = sqlx::query_as(
            "SELECT a.review, CAST(SUM(CASE WHEN given.labels IS NULL THEN 0 \
             WHEN given.labels > a.wanted THEN a.wanted ELSE given.labels END) AS BIGINT), \
             CAST(SUM(a.wanted) AS BIGINT) FROM review_answers a LEFT JOIN \
             (SELECT review, answer, COUNT(*) AS labels FROM review_labels \
             WHERE state = 'given' AND job = 'label' GROUP BY review, answer) given \
             ON given.review = a.review AND given.answer = a.answer GROUP BY a.review",
        )
        .fetch_all(&self.pool)
        .await?;
        let count = |(review, given, wanted): (String, i64, i64)| {
            (review, (given.cast_unsigned(), wanted.cast_unsigned()))
        };
        Ok(rows.into_iter().map(count).collect())
    }

    /// What was said of the answer at a place.
    pub async fn review_labels_at(
        &self,
        review: &str,
        position: u32,
    ) -> Result<Vec<ReviewLabel>, StoreError> {
        let rows: Vec<LabelRow> = sqlx::query_as(
            "SELECT l.answer, a.position, person, job, state, label, note, at FROM review_labels l \
             JOIN review_answers a ON a.review = l.review AND a.answer = l.answer \
             WHERE a.review = $1 AND a.position = $2 AND state <> 'held' ORDER BY at, person",
        )
        .bind(plain(review))
        .bind(i64::from(position))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(read_label).collect()
    }
}

/// Answer, place, person, job, state, label, note, time.
type LabelRow = (String, i64, String, String, String, String, String, i64);

fn read_label(row: LabelRow) -> Result<ReviewLabel, StoreError> {
    let (answer, position, person, job, state, label, note, at) = row;
    Ok(ReviewLabel {
        answer,
        position: u32::try_from(position).unwrap_or_default(),
        person,
        job: read_job(&job)?,
        label: (State::of_key(&state)? == State::Given).then_some(label),
        note: from_json("note", &note)?,
        at: time(at)?,
    })
}

pub(crate) fn read_job(key: &str) -> Result<Job, StoreError> {
    [Job::Label, Job::Settle]
        .into_iter()
        .find(|job| job.key() == key)
        .ok_or_else(|| damaged("job of a label", &format!("`{key}` is not one")))
}
