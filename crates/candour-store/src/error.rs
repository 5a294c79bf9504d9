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
    /// A backup cannot be cleaned of what is to be deleted.
    #[error(
        "the backup {path} cannot be cleaned of what is to be erased ({why}): remove it if it is not needed, then erase again"
    )]
    Copy {
        /// The backup.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// A file of evidence is not what it was.
    #[error(
        "the file {path} of a piece of evidence is damaged ({why}): restore it from a backup, or enter the same files again with `candour evidence add`"
    )]
    Blob {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// No file of evidence can be written.
    #[error(
        "evidence cannot be kept in {path} ({why}): check that the folder exists and can be written"
    )]
    Blobs {
        /// The folder.
        path: String,
        /// What the system says.
        why: std::io::Error,
    },
    /// The disk is full.
    #[error("the disk is full: free some space and try again; nothing that was stored is lost")]
    DiskFull,
    /// The database file is not a database any more.
    #[error(
        "the database file is damaged ({0}): restore a backup of it, or move it away (it is candour.sqlite in the state directory, unless `store.database_url` names another) and run `candour ingest`, which reads every page again"
    )]
    Corrupt(String),
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
    /// The database takes too long.
    #[error(
        "the database did not answer in time: see what else uses it, and how busy its machine is"
    )]
    Slow,
    /// The database says no.
    #[error("the database failed: {0}")]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let found = error.as_database_error();
        let code = found.and_then(sqlx::error::DatabaseError::code);
        match code.as_deref() {
            Some(code) if DISK_FULL.contains(&code) => return Self::DiskFull,
            Some(code) if is_corrupt(code) => {
                return Self::Corrupt(found.map(ToString::to_string).unwrap_or_default());
            }
            _ => {}
        }
        match error {
            sqlx::Error::ColumnDecode { index, source } => {
                Self::Damaged { what: "record", why: format!("column {index}: {source}") }
            }
            other => Self::Database(other),
        }
    }
}

/// SQLite calls it 13 (`SQLITE_FULL`), or 4874 (`SQLITE_IOERR_SHMSIZE`) where there is not even room for
/// what its readers share; PostgreSQL calls it 53100 (`disk_full`).
const DISK_FULL: [&str; 3] = ["13", "4874", "53100"];

/// SQLite's 11 (`SQLITE_CORRUPT`) and 26 (`SQLITE_NOTADB`), alone or in the low byte of a longer code.
/// PostgreSQL's codes have five characters, of which `XX001` and `XX002` are for its administrator.
fn is_corrupt(code: &str) -> bool {
    code.len() < 5 && code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 11 | 26))
}
