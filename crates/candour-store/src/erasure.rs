//! Erasing conversations from every copy that there is: on request, with a deletion receipt, and by age.

use std::collections::BTreeMap;

use candour_core::erasure::subject;
use candour_core::{ConversationId, Erasure, Redacted, SaltedErasure};
use jiff::Timestamp;
use sqlx::AnyConnection;

use crate::audit::{self, AuditEntry};
use crate::copies::Which;
use crate::log::{self, LogEntry};
use crate::rows::{hexadecimal, microseconds};
use crate::{Database, StoreError};

/// Who wants a conversation erased, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct EraseRequest {
    /// The conversation.
    pub conversation: ConversationId,
    /// Who, for the audit.
    pub by: String,
    /// Why, for the audit.
    pub reason: Redacted,
    /// When.
    pub at: Timestamp,
    /// 16 random bytes, for the deletion receipt.
    pub salt: [u8; 16],
}

/// How much was deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deleted {
    /// Questions with their answers.
    pub turns: u64,
    /// Pieces of feedback.
    pub feedback: u64,
    /// Receipts with their salts and traces.
    pub receipts: u64,
    /// Notes of which passages were cited.
    pub citations: u64,
    /// Notes of what screening noticed.
    pub signals: u64,
    /// Places in reviews, with the labels there.
    pub reviews: u64,
    /// Questions with their answers in backups.
    pub backups: u64,
}

impl Deleted {
    fn by_store(self) -> BTreeMap<String, u64> {
        let Self { turns, feedback, receipts, citations, signals, reviews, backups } = self;
        [
            ("questions", turns),
            ("feedback", feedback),
            ("receipts", receipts),
            ("citations", citations),
            ("signals", signals),
            ("reviews", reviews),
            ("backups", backups),
        ]
        .map(|(store, count)| (store.to_owned(), count))
        .into()
    }
}

impl Database {
    /// Erases a conversation and all that hangs on it, from every table, file and backup. What was erased
    /// is told in a deletion receipt, to which the log commits, and noted in the audit without naming the
    /// conversation. One that was only begun is erased too, so that its first answer is not kept. None where
    /// there is nothing of it.
    pub async fn erase_conversation(
        &self,
        request: &EraseRequest,
    ) -> Result<Option<SaltedErasure>, StoreError> {
        // First the backups: where one cannot be cleaned, nothing claims that all is gone.
        let backups = self.delete_from_copies(&Which::One(request.conversation)).await?;
        let mut transaction = self.begin().await?;
        // Changing the row first makes a question that arrives now wait, so that the counts are true.
        let marked = sqlx::query("UPDATE conversations SET turns = -1 WHERE id = $1")
            .bind(request.conversation.to_string())
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        if marked == 0 && backups == 0 {
            return Ok(None);
        }
        let deleted = Deleted { backups, ..delete_marked(&mut transaction).await? };
        let receipt = enter(&mut transaction, request, deleted).await?;
        transaction.commit().await?;
        // What is erased is erased, and its receipt must not be lost with an error.
        self.empty_log_or_warn().await;
        Ok(Some(receipt))
    }

    /// Where in the log the latest erasure stands, so that a program notices those of others.
    pub async fn last_erasure(&self) -> Result<Option<u64>, StoreError> {
        let last: Option<i64> =
            sqlx::query_scalar("SELECT MAX(position) FROM log_entries WHERE kind = 'erasure'")
                .fetch_one(&self.pool)
                .await?;
        Ok(last.map(i64::cast_unsigned))
    }

    /// Deletes every conversation whose last question is older than `before`, from backups too.
    pub async fn purge_conversations(&self, before: Timestamp) -> Result<Deleted, StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query("UPDATE conversations SET turns = -1 WHERE last_asked_at < $1")
            .bind(microseconds(before))
            .execute(&mut *transaction)
            .await?;
        let deleted = delete_marked(&mut transaction).await?;
        transaction.commit().await?;
        self.empty_log_or_warn().await;
        let backups = self.delete_from_copies(&Which::Before(before)).await?;
        Ok(Deleted { backups, ..deleted })
    }
}

/// Deletes the conversations that this transaction marked with -1 turns. Nobody else sees the mark.
async fn delete_marked(connection: &mut AnyConnection) -> Result<Deleted, StoreError> {
    const FEEDBACK: &str = "DELETE FROM feedback WHERE answer IN (SELECT turns.id FROM turns \
        JOIN conversations ON conversations.id = turns.conversation WHERE conversations.turns = -1)";
    const RECEIPTS: &str = "DELETE FROM receipts WHERE answer IN (SELECT turns.id FROM turns \
        JOIN conversations ON conversations.id = turns.conversation WHERE conversations.turns = -1)";
    const CITATIONS: &str = "DELETE FROM cited_passages WHERE answer IN (SELECT turns.id FROM turns \
        JOIN conversations ON conversations.id = turns.conversation WHERE conversations.turns = -1)";
    const SIGNALS: &str = "DELETE FROM turn_signals WHERE answer IN (SELECT turns.id FROM turns \
        JOIN conversations ON conversations.id = turns.conversation WHERE conversations.turns = -1)";
    // Their labels go with them.
    const REVIEWS: &str = "DELETE FROM review_answers WHERE answer IN (SELECT turns.id FROM turns \
        JOIN conversations ON conversations.id = turns.conversation WHERE conversations.turns = -1)";
    const TURNS: &str = "DELETE FROM turns WHERE conversation IN \
        (SELECT id FROM conversations WHERE turns = -1)";
    let mut counts = [0; 6];
    let all = [FEEDBACK, RECEIPTS, CITATIONS, SIGNALS, REVIEWS, TURNS];
    for (count, sql) in counts.iter_mut().zip(all) {
        *count = sqlx::query(sql).execute(&mut *connection).await?.rows_affected();
    }
    sqlx::query("DELETE FROM conversations WHERE turns = -1").execute(&mut *connection).await?;
    let [feedback, receipts, citations, signals, reviews, turns] = counts;
    Ok(Deleted { turns, feedback, receipts, citations, signals, reviews, backups: 0 })
}

/// Makes the deletion receipt, commits to it in the log and notes it in the audit.
async fn enter(
    connection: &mut AnyConnection,
    request: &EraseRequest,
    deleted: Deleted,
) -> Result<SaltedErasure, StoreError> {
    let salt = hexadecimal(request.salt);
    let erasure = Erasure {
        version: 1,
        erased_at: request.at,
        conversation: subject(request.conversation, &salt),
        erased: deleted.by_store(),
    };
    let log_position = log::next_position(connection).await?;
    let receipt = SaltedErasure { erasure, salt, log_position };
    let entry = LogEntry {
        position: log_position,
        kind: "erasure".to_owned(),
        commitment: receipt.commitment(),
        logged_at: request.at,
    };
    log::enter(connection, &entry).await?;
    let counts = receipt.erasure.erased.iter().filter(|(_, count)| **count > 0);
    let counts: Vec<String> = counts.map(|(store, count)| format!("{count} {store}")).collect();
    let counts = if counts.is_empty() { "no answer yet".to_owned() } else { counts.join(", ") };
    let noted = AuditEntry {
        done_at: request.at,
        done_by: request.by.clone(),
        action: format!("erase conversation: {counts} (log {log_position})"),
        reason: request.reason.clone(),
    };
    audit::insert(connection, &noted).await?;
    Ok(receipt)
}
