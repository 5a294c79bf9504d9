//! Why something could not be kept or read, and what to do about it.

/// Why something could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address in the configuration is of no known form.
    #[error("`{0}` is not a database address: use sqlite:PATH or postgres://…")]
    Address(String),
    /// The database was written by a newer Candour.
    #[error(
        "the database has schema version {found}, newer than this program's {known}: run the newer program, or restore the backup it made before migrating"
    )]
    Newer {
        /// The version in the database.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// The backup before a migration failed, so nothing was changed.
    #[error(
        "the database could not be backed up before its migration, so nothing was changed: {0}"
    )]
    Backup(String),
    /// The disk is full.
    #[error("the disk is full: free some space and try again; nothing that was stored is lost")]
    DiskFull,
    /// What was read is not what was written.
    #[error("a stored {what} cannot be read: {why}")]
    Damaged {
        /// The kind of record.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The folder or file of the database cannot be made.
    #[error(
        "the database file {path} cannot be opened: {why}: check that the folder exists and can be written"
    )]
    File {
        /// Where it should be.
        path: String,
        /// What the system says.
        why: std::io::Error,
    },
    /// The database says no.
    #[error("the database failed: {0}")]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if is_disk_full(&error) {
            return Self::DiskFull;
        }
        match error {
            sqlx::Error::ColumnDecode { index, source } => {
                Self::Damaged { what: "record", why: format!("column {index}: {source}") }
            }
            other => Self::Database(other),
        }
    }
}

/// SQLite calls it 13 (`SQLITE_FULL`), PostgreSQL 53100 (`disk_full`).
fn is_disk_full(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(code.as_deref(), Some("13" | "53100"))
}
