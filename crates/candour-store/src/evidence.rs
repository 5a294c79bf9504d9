//! Evidence: what measurements found, named by hash. Its files are kept by `blobs`.

use candour_core::{ContentHash, Evidence, SaltedEvidence};
use jiff::Timestamp;

use crate::log::{self, LogEntry};
use crate::rows::{from_json, hexadecimal, json, microseconds};
use crate::{Database, StoreError};

impl Database {
    /// Keeps evidence and commits to it in the log. What is kept already stays as it is, so that the same
    /// measurement is never entered twice. `at` is the moment of entering, whenever it was measured, and
    /// `salt` is 16 random bytes.
    pub async fn keep_evidence(
        &self,
        evidence: &Evidence,
        at: Timestamp,
        salt: [u8; 16],
    ) -> Result<SaltedEvidence, StoreError> {
        let hash = evidence.hash();
        let mut transaction = self.begin().await?;
        // Taking the position first makes whoever keeps the same at this moment wait.
        let log_position = log::next_position(&mut transaction).await?;
        let kept: Option<Row> =
            sqlx::query_as(BY_HASH).bind(hash.as_str()).fetch_optional(&mut *transaction).await?;
        if let Some(kept) = kept {
            return read(kept);
        }
        let evidence = evidence.clone();
        let salted = SaltedEvidence { evidence, salt: hexadecimal(salt), log_position };
        let entry = LogEntry {
            position: log_position,
            kind: "evidence".to_owned(),
            commitment: salted.commitment(),
            logged_at: at,
        };
        log::enter(&mut transaction, &entry).await?;
        sqlx::query(
            "INSERT INTO evidence (hash, kind, made_at, evidence, salt, log_position) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(hash.as_str())
        .bind(salted.evidence.kind.as_str())
        .bind(microseconds(salted.evidence.made_at))
        .bind(json(&salted.evidence)?)
        .bind(salted.salt.as_str())
        .bind(log_position.cast_signed())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(salted)
    }

    /// The evidence with this hash.
    pub async fn evidence(&self, hash: &ContentHash) -> Result<Option<SaltedEvidence>, StoreError> {
        let row: Option<Row> =
            sqlx::query_as(BY_HASH).bind(hash.as_str()).fetch_optional(&self.pool).await?;
        row.map(read).transpose()
    }

    /// All evidence, the latest first; of one kind, where one is given.
    pub async fn all_evidence(
        &self,
        kind: Option<&str>,
    ) -> Result<Vec<SaltedEvidence>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT evidence, salt, log_position FROM evidence \
             WHERE kind = COALESCE($1, kind) ORDER BY made_at DESC, hash",
        )
        .bind(kind)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(read).collect()
    }
}

const BY_HASH: &str = "SELECT evidence, salt, log_position FROM evidence WHERE hash = $1";

type Row = (String, String, i64);

fn read((evidence, salt, position): Row) -> Result<SaltedEvidence, StoreError> {
    let evidence = from_json("piece of evidence", &evidence)?;
    Ok(SaltedEvidence { evidence, salt, log_position: position.cast_unsigned() })
}
