//! The versions of the schema, and how a database comes from one to the next: backed up first, then
//! changed in one transaction. A database of a newer version is left as it is.

use std::path::{Path, PathBuf};

use sqlx::{AnyConnection, AssertSqlSafe, Executor};

use crate::copies::{BACKUP, BACKUP_SCHEMA};
use crate::database::{Engine, Writing, create_private};
use crate::{Database, StoreError};

/// One step of the schema.
pub(crate) struct Migration {
    /// The version that it leads to. Versions count from 1 without gaps.
    pub(crate) version: i64,
    /// The statements, in words that both databases understand.
    pub(crate) sql: &'static str,
}

/// All steps, oldest first. A step that has been released is never changed.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, sql: include_str!("../migrations/0001_initial.sql") },
    Migration { version: 2, sql: include_str!("../migrations/0002_receipts.sql") },
    Migration { version: 3, sql: include_str!("../migrations/0003_keys.sql") },
    Migration { version: 4, sql: include_str!("../migrations/0004_operating.sql") },
    Migration { version: 5, sql: include_str!("../migrations/0005_reviews.sql") },
    Migration { version: 6, sql: include_str!("../migrations/0006_monitoring.sql") },
    Migration { version: 7, sql: include_str!("../migrations/0007_evidence.sql") },
    Migration { version: 8, sql: include_str!("../migrations/0008_spending.sql") },
];

/// An arbitrary number by which replicas that open the same PostgreSQL database take turns.
const POSTGRES_LOCK: i64 = 0x0063_616e_646f_7572;

/// Brings the database to the newest version in `migrations`.
pub(crate) async fn migrate(
    database: &Database,
    migrations: &[Migration],
) -> Result<(), StoreError> {
    let mut transaction = begin(database).await?;
    let mut found = version(&mut transaction).await?;
    if is_current(found, migrations)? {
        return Ok(transaction.commit().await?);
    }
    if found > 0 {
        if let Engine::Sqlite(path) = &database.engine {
            // SQLite cannot copy itself inside a transaction.
            transaction.commit().await?;
            back_up_sqlite(database, path, found).await?;
            transaction = begin(database).await?;
            found = version(&mut transaction).await?;
            // Another process may have migrated meanwhile.
            if is_current(found, migrations)? {
                return Ok(transaction.commit().await?);
            }
        } else {
            back_up_postgres(&mut transaction, found).await.map_err(backup_failed)?;
        }
    }
    for migration in migrations.iter().filter(|migration| migration.version > found) {
        let sql = migration.sql.replace("{bytewise}", bytewise(&database.engine));
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *transaction).await?;
    }
    let newest = newest(migrations);
    sqlx::query("UPDATE schema_version SET version = $1")
        .bind(newest)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    tracing::info!(from = found, to = newest, "the database schema was migrated");
    Ok(())
}

fn newest(migrations: &[Migration]) -> i64 {
    migrations.last().map_or(0, |migration| migration.version)
}

fn is_current(found: i64, migrations: &[Migration]) -> Result<bool, StoreError> {
    let known = newest(migrations);
    if found > known { Err(StoreError::Newer { found, known }) } else { Ok(found == known) }
}

fn bytewise(engine: &Engine) -> &'static str {
    match engine {
        Engine::Sqlite(_) => "COLLATE BINARY",
        Engine::Postgres => "COLLATE \"C\"",
    }
}

/// Begins a transaction in which nobody else migrates.
async fn begin(database: &Database) -> Result<Writing, StoreError> {
    let mut transaction = database.begin().await?;
    if database.engine == Engine::Postgres {
        sqlx::query("SELECT pg_advisory_xact_lock($1)")
            .bind(POSTGRES_LOCK)
            .execute(&mut *transaction)
            .await?;
    }
    Ok(transaction)
}

/// The version of the schema; 0 in an empty database.
async fn version(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    connection
        .execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
        .await?;
    let found: Option<i64> = sqlx::query_scalar("SELECT version FROM schema_version")
        .fetch_optional(&mut *connection)
        .await?;
    if found.is_none() {
        connection.execute("INSERT INTO schema_version (version) VALUES (0)").await?;
    }
    Ok(found.unwrap_or_default())
}

fn backup_failed(why: impl std::fmt::Display) -> StoreError {
    StoreError::Backup(why.to_string())
}

/// Copies the file to `NAME.vVERSION-backup-NUMBER` beside it.
async fn back_up_sqlite(database: &Database, path: &Path, from: i64) -> Result<(), StoreError> {
    let backup = free_name(path, from).await.map_err(backup_failed)?;
    let Some(target) = backup.to_str() else {
        return Err(backup_failed("its path is not UTF-8"));
    };
    let copied = sqlx::query("VACUUM INTO $1").bind(target).execute(&database.pool).await;
    if let Err(why) = copied {
        // Half a backup looks like a whole one, so it goes. Failing to remove it changes nothing.
        let _ = tokio::fs::remove_file(&backup).await;
        return Err(backup_failed(why));
    }
    tracing::info!(backup = %backup.display(), "the database was backed up before its migration");
    Ok(())
}

/// Creates the file of the backup under the first number that is free.
async fn free_name(path: &Path, from: i64) -> Result<PathBuf, std::io::Error> {
    let mut number = 1_u32;
    loop {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".v{from}{BACKUP}{number}"));
        let name = PathBuf::from(name);
        match create_private(&name).await {
            Err(why) if why.kind() == std::io::ErrorKind::AlreadyExists => number += 1,
            other => return other.map(|()| name),
        }
    }
}

/// Copies this program's tables into a schema `candour_backup_vVERSION_NUMBER` of the same database,
/// in the transaction of the migration: either both happen or neither.
async fn back_up_postgres(connection: &mut AnyConnection, from: i64) -> Result<(), sqlx::Error> {
    let mut number = 1_u32;
    let schema = loop {
        let name = format!("{BACKUP_SCHEMA}{from}_{number}");
        let taken: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM pg_namespace WHERE nspname = $1")
            .bind(name.as_str())
            .fetch_one(&mut *connection)
            .await?;
        if taken == 0 {
            break name;
        }
        number += 1;
    };
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT CAST(tablename AS TEXT) FROM pg_tables \
         WHERE schemaname = current_schema() AND tableowner = current_user ORDER BY tablename",
    )
    .fetch_all(&mut *connection)
    .await?;
    let copies = tables.iter().map(|table| {
        let table = table.replace('"', "\"\"");
        format!("CREATE TABLE {schema}.\"{table}\" AS TABLE \"{table}\";")
    });
    let sql = format!("CREATE SCHEMA {schema};{}", copies.collect::<String>());
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await?;
    tracing::info!(backup = schema, "the database was backed up before its migration");
    Ok(())
}
