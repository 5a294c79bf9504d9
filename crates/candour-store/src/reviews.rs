//! Reviews: sets of answers that people label. The answers stand in `reviewed`, what people say of them in
//! `review_labels`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::audit;
use crate::reviewed::{self, ReviewAnswer};
use crate::rows::{from_json, json, microseconds, plain, time};
use crate::{Act, AuditEntry, Database, StoreError};

/// A set of answers that people label.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// Names it, in addresses too.
    pub name: String,
    /// What is asked of people, and of what.
    pub about: ReviewAbout,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// When it was closed: nothing is labelled any more.
    pub closed_at: Option<Timestamp>,
}

/// What is asked of people, and of what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReviewAbout {
    /// Whether answers are seen one by one or in pairs.
    pub kind: ReviewKind,
    /// What is asked of each.
    pub question: String,
    /// The same in Welsh.
    pub question_cy: Option<String>,
    /// What can be said; of pairs that is always the same. Reviews that were made before it was called so
    /// are read as well.
    #[serde(alias = "choices")]
    pub labels: Vec<PossibleLabel>,
    /// Where the answers come from. Whoever labels is not told.
    pub source: String,
    /// Whether they are answers that readers were given.
    #[serde(default)]
    pub is_of_readers: bool,
    /// What draws begin from.
    pub seed: u64,
}

/// Whether answers are seen one by one or in pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewKind {
    /// One answer to a question.
    Single,
    /// Two answers to the same question.
    Pair,
}

/// Something that can be said of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PossibleLabel {
    /// Names it, in English.
    pub label: String,
    /// The same in Welsh.
    pub label_cy: Option<String>,
    /// What it counts as, between 0 and 1.
    pub value: f64,
}

impl ReviewAbout {
    /// What is said of a pair: which of the two is better.
    pub fn labels_of_pairs() -> Vec<PossibleLabel> {
        [(Self::FIRST, 0.0), (Self::SECOND, 1.0), (Self::SAME, 0.5)]
            .map(|(label, value)| PossibleLabel { label: label.to_owned(), label_cy: None, value })
            .into()
    }

    /// The first of a pair is better.
    pub const FIRST: &str = "first";
    /// The second is.
    pub const SECOND: &str = "second";
    /// Neither is.
    pub const SAME: &str = "same";

    /// What can be said by that name.
    pub fn possible(&self, label: &str) -> Option<&PossibleLabel> {
        self.labels.iter().find(|possible| possible.label == label)
    }
}

impl Database {
    /// Keeps a new review with its answers. False where there is one of that name already.
    pub async fn create_review(
        &self,
        review: &Review,
        answers: &[ReviewAnswer],
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let done = sqlx::query(
            "INSERT INTO reviews (name, about, created_at, created_by) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (name) DO NOTHING",
        )
        .bind(review.name.as_str())
        .bind(json(&review.about)?)
        .bind(microseconds(review.created_at))
        .bind(plain(&review.created_by))
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        reviewed::insert(&mut transaction, review, answers).await?;
        let entry = AuditEntry {
            done_at: review.created_at,
            done_by: review.created_by.clone(),
            action: format!("create review {}", review.name),
            reason: candour_core::Redacted::default(),
        };
        audit::insert(&mut transaction, &entry).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Every review, the newest first.
    pub async fn reviews(&self) -> Result<Vec<Review>, StoreError> {
        let rows: Vec<ReviewRow> = sqlx::query_as(
            "SELECT name, about, created_at, created_by, closed_at FROM reviews \
             ORDER BY created_at DESC, name",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(read_review).collect()
    }

    /// The review of that name.
    pub async fn review(&self, name: &str) -> Result<Option<Review>, StoreError> {
        let row: Option<ReviewRow> = sqlx::query_as(
            "SELECT name, about, created_at, created_by, closed_at FROM reviews WHERE name = $1",
        )
        .bind(plain(name))
        .fetch_optional(&self.pool)
        .await?;
        row.map(read_review).transpose()
    }

    /// Closes a review. False where there is none of that name that is open.
    pub async fn close_review(&self, name: &str, act: &Act) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let done =
            sqlx::query("UPDATE reviews SET closed_at = $1 WHERE name = $2 AND closed_at IS NULL")
                .bind(microseconds(act.at))
                .bind(plain(name))
                .execute(&mut *transaction)
                .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        audit::insert(&mut transaction, &act.entry(format!("close review {name}"))).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// Name, what it is about, when and by whom it was made, when it was closed.
type ReviewRow = (String, String, i64, String, Option<i64>);

fn read_review(row: ReviewRow) -> Result<Review, StoreError> {
    let (name, about, created_at, created_by, closed_at) = row;
    Ok(Review {
        name,
        about: from_json("review", &about)?,
        created_at: time(created_at)?,
        created_by,
        closed_at: closed_at.map(time).transpose()?,
    })
}
