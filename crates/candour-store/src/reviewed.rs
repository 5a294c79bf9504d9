//! The answers of reviews: all that a review is about, and what is shown of those that people label.

use candour_core::{Answer, AnswerId, AnswerSentence, ConversationId, Redacted};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, AssertSqlSafe};

use crate::rows::{ROWS_AT_ONCE, damaged, from_json, json, microseconds, parameters, plain};
use crate::{Database, Review, StoreError};

/// One answer that a review is about, or one pair of them.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewAnswer {
    /// Names it: the sample of a run, or a reader's answer.
    pub answer: String,
    /// Its place in the order in which people are asked, from 1.
    pub position: u32,
    /// How many people are to label it; none where it was not drawn.
    pub wanted: u32,
    /// How it was drawn.
    pub design: Design,
    /// What is shown of it. Nothing where it was not drawn, and of a reader's answer, which is shown as it
    /// stands in its conversation.
    pub shown: Option<Shown>,
}

/// How an answer was drawn, and what a judge says of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Design {
    /// What the judge says, between 0 and 1.
    pub judge: Option<f64>,
    /// Why it says nothing, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unjudged: Option<Unjudged>,
    /// What the answer has in common with others.
    pub cluster: Option<String>,
    /// The stratum within which answers were drawn at random.
    pub stratum: u32,
}

/// Why a judge says nothing of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unjudged {
    /// It was to say something, and failed.
    Failed,
    /// The answer has nothing that it looks at.
    Inapplicable,
}

impl Unjudged {
    /// Its name in tables and in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Inapplicable => "inapplicable",
        }
    }
}

/// What whoever labels sees.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// What was asked before in the same conversation.
    pub earlier: Vec<Redacted>,
    /// What was asked.
    pub question: Redacted,
    /// The answer, or both of a pair.
    pub answers: Vec<ShownAnswer>,
}

/// An answer, without a word of what gave it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ShownAnswer {
    /// All that the reader reads.
    pub text: String,
    /// Its sentences with what they cite, where they cite anything.
    pub sentences: Vec<AnswerSentence>,
}

/// An answer that a reader was given, for a review to be drawn from.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenAnswer {
    /// Names it.
    pub answer: AnswerId,
    /// The conversation it belongs to.
    pub conversation: ConversationId,
    /// How sure the assistant was, where it looked for an answer.
    pub confidence: Option<f32>,
}

impl Database {
    /// The answers that readers were given from one moment until another, the oldest first.
    pub async fn given_between(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<GivenAnswer>, StoreError> {
        let rows: Vec<(String, String, String)> = sqlx::query_as(
            "SELECT id, conversation, answer FROM turns \
             WHERE asked_at >= $1 AND asked_at < $2 ORDER BY asked_at, id",
        )
        .bind(microseconds(from))
        .bind(microseconds(until))
        .fetch_all(&self.pool)
        .await?;
        let given = |(id, conversation, answer): (String, String, String)| {
            Ok(GivenAnswer {
                answer: AnswerId::parse(&id).ok_or_else(|| damaged("answer identifier", &id))?,
                conversation: ConversationId::parse(&conversation)
                    .ok_or_else(|| damaged("conversation identifier", &conversation))?,
                confidence: from_json::<Answer>("answer", &answer)?.confidence,
            })
        };
        rows.into_iter().map(given).collect()
    }

    /// All answers of a review, in the order in which people are asked.
    pub async fn review_answers(&self, review: &str) -> Result<Vec<ReviewAnswer>, StoreError> {
        let rows: Vec<AnswerRow> = sqlx::query_as(
            "SELECT answer, position, wanted, design, shown FROM review_answers \
             WHERE review = $1 ORDER BY position",
        )
        .bind(plain(review))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(read_answer).collect()
    }

    /// The answers of a review that were drawn, and how many people are to label each.
    pub async fn review_drawn(&self, review: &str) -> Result<Vec<(String, u32)>, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT answer, wanted FROM review_answers WHERE review = $1 AND wanted > 0 \
             ORDER BY position",
        )
        .bind(plain(review))
        .fetch_all(&self.pool)
        .await?;
        let drawn = |(answer, wanted)| (answer, u32::try_from(wanted).unwrap_or_default());
        Ok(rows.into_iter().map(drawn).collect())
    }

    /// The answer of a review at a place.
    pub async fn review_answer(
        &self,
        review: &str,
        position: u32,
    ) -> Result<Option<ReviewAnswer>, StoreError> {
        let row: Option<AnswerRow> = sqlx::query_as(
            "SELECT answer, position, wanted, design, shown FROM review_answers \
             WHERE review = $1 AND position = $2",
        )
        .bind(plain(review))
        .bind(i64::from(position))
        .fetch_optional(&self.pool)
        .await?;
        row.map(read_answer).transpose()
    }
}

/// Keeps the answers of a review that this transaction keeps.
pub(crate) async fn insert(
    connection: &mut AnyConnection,
    review: &Review,
    answers: &[ReviewAnswer],
) -> Result<(), StoreError> {
    for rows in answers.chunks(ROWS_AT_ONCE) {
        let sql = format!(
            "INSERT INTO review_answers (review, answer, position, wanted, design, shown) VALUES {}",
            parameters(1, rows.len(), 6)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(false);
        for row in rows {
            query = query
                .bind(review.name.clone())
                .bind(plain(&row.answer))
                .bind(i64::from(row.position))
                .bind(i64::from(row.wanted))
                .bind(json(&row.design)?)
                .bind(row.shown.as_ref().map(json).transpose()?);
        }
        query.execute(&mut *connection).await?;
    }
    if !review.about.is_of_readers {
        return Ok(());
    }
    // A reader may have had their answer erased since it was found, or may have it erased right now.
    for sql in [
        "UPDATE review_answers SET turn = (SELECT id FROM turns WHERE id = review_answers.answer) \
         WHERE review = $1",
        "DELETE FROM review_answers WHERE review = $1 AND turn IS NULL",
    ] {
        sqlx::query(sql).bind(review.name.as_str()).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Name, place, how many labels are wanted, how it was drawn, what is shown.
type AnswerRow = (String, i64, i64, String, Option<String>);

fn read_answer(row: AnswerRow) -> Result<ReviewAnswer, StoreError> {
    let (answer, position, wanted, design, shown) = row;
    Ok(ReviewAnswer {
        answer,
        position: u32::try_from(position).unwrap_or_default(),
        wanted: u32::try_from(wanted).unwrap_or_default(),
        design: from_json("design of a review", &design)?,
        shown: shown.map(|shown| from_json("reviewed answer", &shown)).transpose()?,
    })
}
