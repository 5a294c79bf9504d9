//! Ingest runs, and what became of each page in them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::{AnyConnection, AssertSqlSafe};

use crate::rows::{ROWS_AT_ONCE, damaged, from_json, json, microseconds, parameters, plain, time};
use crate::{Database, StoreError};

/// The outcomes of how many runs are kept. A publisher with half a million pages adds as many rows
/// with every run, and nobody asks what became of a page ten ingests ago.
const RUNS_WITH_OUTCOMES: i64 = 10;

/// Names a run; later runs have larger numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub i64);

/// One ingest.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Names it.
    pub id: RunId,
    /// The sources, as they were given.
    pub sources: Vec<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; absent when it was interrupted or still goes on.
    pub finished_at: Option<Timestamp>,
    /// Its summary as JSON, once it has ended.
    pub summary: Option<String>,
}

/// What became of one page in one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The page's path, or the file and line where it has none.
    pub page: String,
    /// What became of it.
    pub kind: OutcomeKind,
    /// Why, for skipped and failed pages: a short stable name such as `no_text`.
    pub reason: Option<String>,
    /// More about it, for people.
    pub detail: Option<String>,
}

/// What can become of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutcomeKind {
    /// Split, embedded and kept.
    Indexed,
    /// The same as before.
    Unchanged,
    /// Left out on purpose.
    Skipped,
    /// Could not be read.
    Failed,
    /// No longer at its source.
    Deleted,
}

impl OutcomeKind {
    const ALL: [Self; 5] =
        [Self::Indexed, Self::Unchanged, Self::Skipped, Self::Failed, Self::Deleted];

    /// The name in the database.
    pub fn key(self) -> &'static str {
        match self {
            Self::Indexed => "indexed",
            Self::Unchanged => "unchanged",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Deleted => "deleted",
        }
    }
}

impl Database {
    /// Begins a run. When the last run had the same sources and never finished, that run goes on
    /// instead: its identifier is returned, and the pages it saw count as seen. The outcomes of the
    /// last ten runs are kept.
    pub async fn begin_run(&self, sources: &[String], at: Timestamp) -> Result<RunId, StoreError> {
        let mut transaction = self.begin().await?;
        let last: i64 = sqlx::query_scalar("UPDATE last_run SET id = id RETURNING id")
            .fetch_one(&mut *transaction)
            .await?;
        let sources = json(&sources)?;
        if is_unfinished(&mut transaction, last, &sources).await? {
            transaction.commit().await?;
            return Ok(RunId(last));
        }
        let id = last + 1;
        sqlx::query("UPDATE last_run SET id = $1").bind(id).execute(&mut *transaction).await?;
        sqlx::query("INSERT INTO runs (id, sources, started_at) VALUES ($1, $2, $3)")
            .bind(id)
            .bind(sources)
            .bind(microseconds(at))
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM run_outcomes WHERE run <= $1")
            .bind(id - RUNS_WITH_OUTCOMES)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(RunId(id))
    }

    /// Adds outcomes to a run; a later outcome of the same page replaces the earlier.
    pub async fn record_outcomes(
        &self,
        run: RunId,
        outcomes: &[Outcome],
    ) -> Result<(), StoreError> {
        // One statement may not name a row twice. Order keeps two writers from waiting for each other.
        let latest: BTreeMap<String, &Outcome> =
            outcomes.iter().map(|outcome| (plain(&outcome.page), outcome)).collect();
        let latest: Vec<(String, &Outcome)> = latest.into_iter().collect();
        let mut transaction = self.begin().await?;
        for rows in latest.chunks(ROWS_AT_ONCE) {
            let sql = format!(
                "INSERT INTO run_outcomes (run, page, kind, reason, detail) VALUES {} \
                 ON CONFLICT (run, page) DO UPDATE SET kind = excluded.kind, \
                 reason = excluded.reason, detail = excluded.detail",
                parameters(1, rows.len(), 5)
            );
            let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(rows.len() == ROWS_AT_ONCE);
            for (page, outcome) in rows {
                query = query
                    .bind(run.0)
                    .bind(page.as_str())
                    .bind(outcome.kind.key())
                    .bind(outcome.reason.as_deref().map(plain))
                    .bind(outcome.detail.as_deref().map(plain));
            }
            query.execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Ends a run.
    pub async fn finish_run(
        &self,
        run: RunId,
        summary: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE runs SET finished_at = $1, summary = $2 WHERE id = $3")
            .bind(microseconds(at))
            .bind(plain(summary))
            .bind(run.0)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The newest run, finished or not.
    pub async fn last_run(&self) -> Result<Option<Run>, StoreError> {
        let row: Option<RunRow> = sqlx::query_as(
            "SELECT id, sources, started_at, finished_at, summary FROM runs \
             ORDER BY id DESC LIMIT 1",
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some((id, sources, started_at, finished_at, summary)) = row else { return Ok(None) };
        Ok(Some(Run {
            id: RunId(id),
            sources: from_json("list of sources", &sources)?,
            started_at: time(started_at)?,
            finished_at: finished_at.map(time).transpose()?,
            summary,
        }))
    }

    /// What became of the pages of a run, of one kind or of all, in order of page.
    pub async fn outcomes(
        &self,
        run: RunId,
        kind: Option<OutcomeKind>,
    ) -> Result<Vec<Outcome>, StoreError> {
        let rows: Vec<OutcomeRow> = sqlx::query_as(
            "SELECT page, kind, reason, detail FROM run_outcomes \
             WHERE run = $1 AND ($2 IS NULL OR kind = $2) ORDER BY page",
        )
        .bind(run.0)
        .bind(kind.map(OutcomeKind::key))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(read_outcome).collect()
    }
}

/// Whether this run had the same sources and never finished.
async fn is_unfinished(
    connection: &mut AnyConnection,
    run: i64,
    sources: &str,
) -> Result<bool, StoreError> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM runs WHERE id = $1 AND finished_at IS NULL AND sources = $2",
    )
    .bind(run)
    .bind(sources)
    .fetch_one(connection)
    .await?;
    Ok(count > 0)
}

/// Identifier, sources, beginning, end, summary.
type RunRow = (i64, String, i64, Option<i64>, Option<String>);

/// Page, kind, reason, detail.
type OutcomeRow = (String, String, Option<String>, Option<String>);

fn read_outcome((page, kind, reason, detail): OutcomeRow) -> Result<Outcome, StoreError> {
    let known = OutcomeKind::ALL.into_iter().find(|known| known.key() == kind);
    let kind = known.ok_or_else(|| damaged("outcome", &format!("`{kind}` is not one")))?;
    Ok(Outcome { page, kind, reason, detail })
}
