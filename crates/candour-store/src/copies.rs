//! Copies of the database that were made before its schema changed. What is deleted is deleted there too:
//! one rule holds for every copy.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use candour_core::ConversationId;
use jiff::Timestamp;
use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, AssertSqlSafe, ConnectOptions, Connection, Executor};

use crate::database::{BUSY_TIMEOUT, Engine, sqlite_url};
use crate::rows::microseconds;
use crate::{Database, StoreError};

/// What stands between the name of a database and the number of its backup, after the version.
pub(crate) const BACKUP: &str = "-backup-";

/// How the name of a schema with a backup begins, in PostgreSQL.
pub(crate) const BACKUP_SCHEMA: &str = "candour_backup_v";

/// The tables whose rows hang on an answer, in whatever version of the schema.
const HANGING: [&str; 6] =
    ["feedback", "receipts", "cited_passages", "turn_signals", "review_labels", "review_answers"];

/// The conversations to delete.
pub(crate) enum Which {
    /// That one.
    One(ConversationId),
    /// Those whose last question is older.
    Before(Timestamp),
}

impl Database {
    /// Deletes conversations from every backup, and tells how many questions that were.
    pub(crate) async fn delete_from_copies(&self, which: &Which) -> Result<u64, StoreError> {
        match &self.engine {
            Engine::Sqlite(path) => {
                let mut turns = 0;
                for copy in backups(path).await? {
                    turns += delete_from_file(&copy, which).await.map_err(|why| {
                        StoreError::Copy { path: copy.display().to_string(), why: why.to_string() }
                    })?;
                }
                Ok(turns)
            }
            Engine::Postgres => self.delete_from_schemas(which).await,
        }
    }

    async fn delete_from_schemas(&self, which: &Which) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let schemas: Vec<String> = sqlx::query_scalar(
            "SELECT CAST(nspname AS TEXT) FROM pg_namespace WHERE nspname LIKE $1 ORDER BY 1",
        )
        .bind(format!("{}%", BACKUP_SCHEMA.replace('_', "\\_")))
        .fetch_all(&mut *transaction)
        .await?;
        let mut turns = 0;
        for schema in schemas {
            let tables: Vec<String> = sqlx::query_scalar(
                "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = $1",
            )
            .bind(schema.as_str())
            .fetch_all(&mut *transaction)
            .await?;
            turns += delete(&mut transaction, &format!("{schema}."), &tables, which).await?;
        }
        transaction.commit().await?;
        Ok(turns)
    }
}

/// The backups beside a SQLite file.
async fn backups(path: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let wrong = |why| StoreError::File { path: path.display().to_string(), why };
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(OsStr::to_str))
    else {
        return Ok(Vec::new());
    };
    let is_backup = |file: &str| {
        file.strip_prefix(name)
            .and_then(|rest| rest.strip_prefix(".v")?.split_once(BACKUP))
            .is_some_and(|(version, number)| {
                version.parse::<u32>().is_ok() && number.parse::<u32>().is_ok()
            })
    };
    let mut found = Vec::new();
    let mut files = tokio::fs::read_dir(folder).await.map_err(wrong)?;
    while let Some(file) = files.next_entry().await.map_err(wrong)? {
        if file.file_name().to_str().is_some_and(is_backup) {
            found.push(file.path());
        }
    }
    found.sort();
    Ok(found)
}

async fn delete_from_file(copy: &Path, which: &Which) -> Result<u64, StoreError> {
    let options = sqlite_url(copy)?.parse::<AnyConnectOptions>()?.disable_statement_logging();
    let mut connection = options.connect().await?;
    connection.execute(BUSY_TIMEOUT).await?;
    connection.execute("PRAGMA secure_delete = ON").await?;
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
            .fetch_all(&mut connection)
            .await?;
    let mut transaction = connection.begin().await?;
    let turns = delete(&mut transaction, "", &tables, which).await?;
    transaction.commit().await?;
    connection.close().await?;
    Ok(turns)
}

/// Deletes from the copy whose tables have this prefix, and tells how many questions that were.
async fn delete(
    connection: &mut AnyConnection,
    prefix: &str,
    tables: &[String],
    which: &Which,
) -> Result<u64, StoreError> {
    let has = |name: &&str| tables.iter().any(|table| table == name);
    // A backup that was cut off as it began has no tables at all.
    if !has(&"conversations") {
        return Ok(0);
    }
    let mut turns = 0;
    for id in conversations(connection, prefix, which).await? {
        let run = async |connection: &mut AnyConnection, sql: String| {
            sqlx::query(AssertSqlSafe(sql)).bind(id.as_str()).execute(connection).await
        };
        for table in HANGING.iter().filter(|table| has(table)) {
            let sql = format!(
                "DELETE FROM {prefix}{table} WHERE answer IN \
                 (SELECT id FROM {prefix}turns WHERE conversation = $1)"
            );
            run(connection, sql).await?;
        }
        if has(&"monitoring_records") {
            // Numbers stay, without what they are of. A copy in a schema has no rule that sees to it.
            let sql = format!(
                "UPDATE {prefix}monitoring_records SET answer = NULL WHERE answer IN \
                 (SELECT id FROM {prefix}turns WHERE conversation = $1)"
            );
            run(connection, sql).await?;
        }
        let sql = format!("DELETE FROM {prefix}turns WHERE conversation = $1");
        turns += run(connection, sql).await?.rows_affected();
        run(connection, format!("DELETE FROM {prefix}conversations WHERE id = $1")).await?;
    }
    Ok(turns)
}

async fn conversations(
    connection: &mut AnyConnection,
    prefix: &str,
    which: &Which,
) -> Result<Vec<String>, StoreError> {
    let condition = match which {
        Which::One(_) => "id = $1",
        Which::Before(_) => "last_asked_at < $1",
    };
    let sql = AssertSqlSafe(format!("SELECT id FROM {prefix}conversations WHERE {condition}"));
    let query = sqlx::query_scalar(sql);
    let query = match which {
        Which::One(id) => query.bind(id.to_string()),
        Which::Before(time) => query.bind(microseconds(*time)),
    };
    Ok(query.fetch_all(connection).await?)
}
