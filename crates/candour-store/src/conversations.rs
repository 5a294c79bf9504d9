//! Conversations: questions (masked), their answers, and what readers think of them.

use candour_core::{AnswerId, ConversationId, Feedback, FeedbackVerdict, Turn};
use jiff::Timestamp;
use sqlx::AnyConnection;

use crate::receipts::{self, NewReceipt};
use crate::rows::{damaged, from_json, json, microseconds, time};
use crate::{Database, StoreError};

impl Database {
    /// Keeps one question and its answer, with the receipt, to which the log commits in the same
    /// transaction. A conversation begins with its first turn. Times are kept
    /// to the microsecond.
    ///
    /// Only masked text is accepted:
    ///
    /// ```
    /// # use candour_core::{PublicContacts, Turn, redaction::redact};
    /// fn asked(turn: Turn, typed: &str) -> Turn {
    ///     Turn { question: redact(typed, &PublicContacts::default()).text, ..turn }
    /// }
    /// ```
    ///
    /// ```compile_fail,E0308
    /// # use candour_core::{PublicContacts, Turn, redaction::redact};
    /// fn asked(turn: Turn, typed: &str) -> Turn {
    ///     Turn { question: typed.to_owned(), ..turn }
    /// }
    /// ```
    pub async fn record_turn(&self, turn: &Turn, receipt: &NewReceipt) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let position: i64 = sqlx::query_scalar(
            "INSERT INTO conversations (id, turns, last_asked_at) VALUES ($1, 1, $2) \
             ON CONFLICT (id) DO UPDATE SET turns = conversations.turns + 1, last_asked_at = \
             CASE WHEN excluded.last_asked_at > conversations.last_asked_at \
             THEN excluded.last_asked_at ELSE conversations.last_asked_at END RETURNING turns",
        )
        .bind(turn.conversation.to_string())
        .bind(microseconds(turn.asked_at))
        .fetch_one(&mut *transaction)
        .await?;
        insert_turn(&mut transaction, turn, position).await?;
        receipts::insert(&mut transaction, receipt).await?;
        Ok(transaction.commit().await?)
    }

    /// Begins a conversation without a turn, for a first answer whose reader can name it, and so delete it,
    /// before it is there: it is then kept as a follow-up is. There is nothing in it but the time.
    pub async fn begin_conversation(
        &self,
        id: ConversationId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO conversations (id, turns, last_asked_at) VALUES ($1, 0, $2)")
            .bind(id.to_string())
            .bind(microseconds(at))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Forgets a conversation that was begun and got no turn.
    pub async fn abandon_conversation(&self, id: ConversationId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM conversations WHERE id = $1 AND turns = 0")
            .bind(id.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Keeps one more question of a conversation. False where there is no such conversation (any
    /// more): one that its reader has deleted does not come back with an answer that was under way.
    pub async fn record_follow_up(
        &self,
        turn: &Turn,
        receipt: &NewReceipt,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let position: Option<i64> = sqlx::query_scalar(
            "UPDATE conversations SET turns = turns + 1, last_asked_at = \
             CASE WHEN last_asked_at < $2 THEN $2 ELSE last_asked_at END \
             WHERE id = $1 RETURNING turns",
        )
        .bind(turn.conversation.to_string())
        .bind(microseconds(turn.asked_at))
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(position) = position else { return Ok(false) };
        insert_turn(&mut transaction, turn, position).await?;
        receipts::insert(&mut transaction, receipt).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The turns of a conversation, oldest first, the last `limit` of them.
    pub async fn conversation(
        &self,
        id: ConversationId,
        limit: u32,
    ) -> Result<Vec<Turn>, StoreError> {
        let rows: Vec<TurnRow> = sqlx::query_as(
            "SELECT id, conversation, question, answer, asked_at FROM turns \
             WHERE conversation = $1 ORDER BY asked_at DESC, position DESC LIMIT $2",
        )
        .bind(id.to_string())
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().rev().map(read_turn).collect()
    }

    /// The turns of a conversation before an answer, oldest first, the last `limit` of them.
    pub async fn turns_before(
        &self,
        answer: AnswerId,
        limit: u32,
    ) -> Result<Vec<Turn>, StoreError> {
        let rows: Vec<TurnRow> = sqlx::query_as(
            "SELECT earlier.id, earlier.conversation, earlier.question, earlier.answer, \
             earlier.asked_at FROM turns JOIN turns earlier \
             ON earlier.conversation = turns.conversation AND earlier.position < turns.position \
             WHERE turns.id = $1 ORDER BY earlier.position DESC LIMIT $2",
        )
        .bind(answer.to_string())
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().rev().map(read_turn).collect()
    }

    /// One turn, by its answer.
    pub async fn turn(&self, id: AnswerId) -> Result<Option<Turn>, StoreError> {
        let row: Option<TurnRow> = sqlx::query_as(
            "SELECT id, conversation, question, answer, asked_at FROM turns WHERE id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(&self.pool)
        .await?;
        row.map(read_turn).transpose()
    }

    /// Keeps a reader's verdict; a second one on the same answer replaces the first. False where
    /// there is no such answer.
    pub async fn record_feedback(&self, feedback: &Feedback) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO feedback (answer, verdict, comment, given_at) \
             SELECT id, $2, $3, $4 FROM turns WHERE id = $1 \
             ON CONFLICT (answer) DO UPDATE SET verdict = excluded.verdict, \
             comment = excluded.comment, given_at = excluded.given_at",
        )
        .bind(feedback.answer.to_string())
        .bind(feedback.verdict.key())
        .bind(json(&feedback.comment)?)
        .bind(microseconds(feedback.given_at))
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// The verdict on an answer.
    pub async fn feedback(&self, answer: AnswerId) -> Result<Option<Feedback>, StoreError> {
        let row: Option<(String, String, i64)> =
            sqlx::query_as("SELECT verdict, comment, given_at FROM feedback WHERE answer = $1")
                .bind(answer.to_string())
                .fetch_optional(&self.pool)
                .await?;
        let Some((verdict, comment, given_at)) = row else { return Ok(None) };
        Ok(Some(Feedback {
            answer,
            verdict: read_verdict(&verdict)?,
            comment: from_json("comment", &comment)?,
            given_at: time(given_at)?,
        }))
    }
}

async fn insert_turn(
    connection: &mut AnyConnection,
    turn: &Turn,
    position: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO turns (id, conversation, position, question, answer, asked_at, status) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(turn.id.to_string())
    .bind(turn.conversation.to_string())
    .bind(position)
    .bind(json(&turn.question)?)
    .bind(json(&turn.answer)?)
    .bind(microseconds(turn.asked_at))
    .bind(turn.answer.status.key())
    .execute(connection)
    .await?;
    Ok(())
}

/// Identifier, conversation, question, answer, time.
type TurnRow = (String, String, String, String, i64);

fn read_turn((id, conversation, question, answer, asked_at): TurnRow) -> Result<Turn, StoreError> {
    Ok(Turn {
        id: AnswerId::parse(&id).ok_or_else(|| damaged("answer identifier", &id))?,
        conversation: ConversationId::parse(&conversation)
            .ok_or_else(|| damaged("conversation identifier", &conversation))?,
        question: from_json("question", &question)?,
        answer: from_json("answer", &answer)?,
        asked_at: time(asked_at)?,
    })
}

pub(crate) fn read_verdict(key: &str) -> Result<FeedbackVerdict, StoreError> {
    FeedbackVerdict::of_key(key).ok_or_else(|| damaged("verdict", &format!("`{key}` is not one")))
}
