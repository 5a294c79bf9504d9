//! Receipts: what each answer rests on, and which answers rest on a page.

use candour_core::receipt::commitment;
use candour_core::{AnswerId, ContentHash, PageId, PassageId, Receipt, SaltedReceipt};
use sqlx::{AnyConnection, AssertSqlSafe};

use crate::log::{self, LogEntry};
use crate::rows::{ROWS_AT_ONCE, damaged, from_json, hexadecimal, json, parameters};
use crate::{Database, StoreError};

/// A receipt for an answer that is being kept.
#[derive(Debug, Clone, PartialEq)]
pub struct NewReceipt {
    /// The receipt.
    pub receipt: Receipt,
    /// 16 random bytes.
    pub salt: [u8; 16],
    /// How the answer came about, for staff: stages, tokens, cost. Nothing that anyone said.
    pub trace: serde_json::Value,
    /// What screening noticed in the question, by name.
    pub signals: Vec<&'static str>,
}

/// An answer with a passage that it cites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitingAnswer {
    /// The answer.
    pub answer: AnswerId,
    /// The passage, as it was when it was cited.
    pub passage: PassageId,
    /// The passage's hash then.
    pub passage_hash: ContentHash,
}

impl Database {
    /// The receipt for an answer.
    pub async fn receipt(&self, answer: AnswerId) -> Result<Option<SaltedReceipt>, StoreError> {
        let row: Option<(String, String, i64)> =
            sqlx::query_as("SELECT receipt, salt, log_position FROM receipts WHERE answer = $1")
                .bind(answer.to_string())
                .fetch_optional(&self.pool)
                .await?;
        let Some((receipt, salt, position)) = row else { return Ok(None) };
        let receipt = from_json("receipt", &receipt)?;
        Ok(Some(SaltedReceipt { receipt, salt, log_position: position as u64 }))
    }

    /// How an answer came about.
    pub async fn trace(&self, answer: AnswerId) -> Result<Option<serde_json::Value>, StoreError> {
        let trace: Option<String> =
            sqlx::query_scalar("SELECT trace FROM receipts WHERE answer = $1")
                .bind(answer.to_string())
                .fetch_optional(&self.pool)
                .await?;
        trace.map(|trace| from_json("trace", &trace)).transpose()
    }

    /// The answers that cite a page, the latest first.
    pub async fn answers_citing(&self, page: &PageId) -> Result<Vec<CitingAnswer>, StoreError> {
        let rows: Vec<(String, String, String)> = sqlx::query_as(
            "SELECT cited_passages.answer, passage, passage_hash FROM cited_passages \
             JOIN turns ON turns.id = cited_passages.answer WHERE page = $1 \
             ORDER BY turns.asked_at DESC, turns.id, passage",
        )
        .bind(page.0.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(read_citing).collect()
    }
}

/// Keeps the receipt of a turn that this transaction keeps, and commits to it in the log.
pub(crate) async fn insert(
    connection: &mut AnyConnection,
    new: &NewReceipt,
) -> Result<(), StoreError> {
    let NewReceipt { receipt, salt, trace, signals } = new;
    let salt = hexadecimal(*salt);
    let position = log::next_position(connection).await?;
    let commitment = commitment(receipt, &salt);
    let (kind, logged_at) = ("receipt".to_owned(), receipt.given_at);
    log::enter(connection, &LogEntry { position, kind, commitment, logged_at }).await?;
    sqlx::query(
        "INSERT INTO receipts (answer, receipt, salt, log_position, trace) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(receipt.answer.to_string())
    .bind(json(receipt)?)
    .bind(salt)
    .bind(position.cast_signed())
    .bind(json(trace)?)
    .execute(&mut *connection)
    .await?;
    insert_cited(connection, receipt).await?;
    insert_signals(connection, receipt.answer, signals).await
}

async fn insert_cited(connection: &mut AnyConnection, receipt: &Receipt) -> Result<(), StoreError> {
    for cited in receipt.passages.chunks(ROWS_AT_ONCE) {
        let sql = format!(
            "INSERT INTO cited_passages (answer, page, passage, passage_hash) VALUES {} \
             ON CONFLICT DO NOTHING",
            parameters(1, cited.len(), 4)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for cited in cited {
            query = query
                .bind(receipt.answer.to_string())
                .bind(cited.passage.page().0)
                .bind(cited.passage.as_str())
                .bind(cited.hash.as_str());
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

async fn insert_signals(
    connection: &mut AnyConnection,
    answer: AnswerId,
    signals: &[&'static str],
) -> Result<(), StoreError> {
    for signals in signals.chunks(ROWS_AT_ONCE) {
        let rows = parameters(1, signals.len(), 2);
        let sql = format!("INSERT INTO turn_signals (answer, signal) VALUES {rows}");
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for signal in signals {
            query = query.bind(answer.to_string()).bind(*signal);
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

fn read_citing(
    (answer, passage, hash): (String, String, String),
) -> Result<CitingAnswer, StoreError> {
    Ok(CitingAnswer {
        answer: AnswerId::parse(&answer).ok_or_else(|| damaged("answer identifier", &answer))?,
        passage: PassageId(passage),
        passage_hash: ContentHash::parse(&hash).ok_or_else(|| damaged("passage hash", &hash))?,
    })
}
