//! The connection to the database. Where it is stands in `address`, its schema in `migrations`.

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyConnection, AnyPool, ConnectOptions, Connection, Executor, Transaction};

use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio_util::task::TaskTracker;

use crate::migrations::{self, MIGRATIONS, Migration};
use crate::spending::Waiting;
use crate::{DatabaseAddress, StoreError};

/// The one database of a pilot. Cloning is cheap and shares the connections.
#[derive(Clone)]
pub struct Database {
    pub(crate) pool: AnyPool,
    pub(crate) engine: Engine,
    /// Whose turn it is to write to SQLite.
    turn: Arc<Mutex<()>>,
    /// Who waits for that; the first of them waits for the turn itself.
    queue: Arc<Mutex<()>>,
    /// What is spent and waits to be counted.
    pub(crate) spending: Arc<Waiting>,
    /// The tasks that count it.
    pub(crate) settling: TaskTracker,
}

/// Which database it is, for the few things that the two say differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Engine {
    /// With the path of the file.
    Sqlite(PathBuf),
    Postgres,
}

impl Engine {
    /// How a transaction that will write begins. SQLite must take its one write lock at once: a
    /// reader that becomes a writer fails when another has written in between.
    pub(crate) fn begin(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }
}

impl Database {
    /// Opens the database, creating it or migrating its schema as needed.
    pub async fn open(address: &DatabaseAddress) -> Result<Self, StoreError> {
        Self::open_with(address, MIGRATIONS, 8).await
    }

    /// Opens it with other migrations or fewer connections, which only tests do.
    pub(crate) async fn open_with(
        address: &DatabaseAddress,
        migrations: &[Migration],
        connections: u32,
    ) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let (engine, url) = match address {
            DatabaseAddress::Sqlite(path) => {
                let path = prepare_file(path).await?;
                let url = sqlite_url(&path)?;
                (Engine::Sqlite(path), url)
            }
            DatabaseAddress::Postgres(url) => (Engine::Postgres, url.clone()),
        };
        // A statement's text is never logged: the log belongs to those who call.
        let options = url.parse::<AnyConnectOptions>()?.disable_statement_logging();
        // The pool would try again until its time is up; a wrong address should be told at once.
        let mut first = options.connect().await?;
        set_up(&mut first, &engine).await?;
        first.close().await?;
        let set_up_as = engine.clone();
        let pool = AnyPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(20))
            // SQLite ends a transaction by itself when the disk is full, which its driver does not
            // notice: such a connection would refuse every transaction to come.
            .before_acquire(|connection, _| {
                let is_usable = !connection.is_in_transaction();
                Box::pin(async move { Ok(is_usable) })
            })
            .after_connect(move |connection, _| {
                let engine = set_up_as.clone();
                Box::pin(async move { set_up(connection, &engine).await })
            })
            .connect_with(options)
            .await?;
        let (turn, queue) = (Arc::default(), Arc::default());
        let (spending, settling) = (Arc::default(), TaskTracker::new());
        let database = Self { pool, engine, turn, queue, spending, settling };
        match migrations::migrate(&database, migrations).await {
            Ok(()) => Ok(database),
            Err(error) => {
                database.close().await;
                Err(error)
            }
        }
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.pool.execute("SELECT 1").await?;
        Ok(())
    }

    /// Closes every connection, flushing what is pending.
    pub async fn close(&self) {
        self.settling.close();
        self.settling.wait().await;
        self.pool.close().await;
    }

    /// Begins a transaction that will write.
    pub(crate) async fn begin(&self) -> Result<Writing, StoreError> {
        let _first = match self.engine {
            Engine::Sqlite(_) => Some(self.queue.lock().await),
            Engine::Postgres => None,
        };
        self.begin_first().await
    }

    /// The same before all but the first of those who wait: for what is short, and what answers wait for.
    pub(crate) async fn begin_first(&self) -> Result<Writing, StoreError> {
        let turn = match self.engine {
            Engine::Sqlite(_) => Some(Arc::clone(&self.turn).lock_owned().await),
            Engine::Postgres => None,
        };
        let transaction = self.pool.begin_with(self.engine.begin()).await?;
        Ok(Writing { transaction, _turn: turn })
    }

    /// The same where what went before must not be undone by an error.
    pub(crate) async fn empty_log_or_warn(&self) {
        if let Err(error) = self.empty_log().await {
            tracing::warn!(%error, "deleted words stay in the write-ahead log until the next deletion");
        }
    }

    /// Empties SQLite's write-ahead log, in which deleted words stay readable until others take their
    /// place. While somebody reads it cannot be emptied, so the next deletion tries again.
    pub(crate) async fn empty_log(&self) -> Result<(), StoreError> {
        if self.engine == Engine::Postgres {
            return Ok(());
        }
        let mut connection = self.pool.acquire().await?;
        connection.execute("PRAGMA busy_timeout = 1000").await?;
        let emptied: Result<i64, _> =
            sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *connection).await;
        connection.execute(BUSY_TIMEOUT).await?;
        if emptied? != 0 {
            tracing::warn!("deleted words stay in the write-ahead log until the next deletion");
        }
        Ok(())
    }
}

/// A transaction that writes. SQLite takes one writer at a time and lets the others sleep and try
/// again, so those of this process take turns instead.
pub(crate) struct Writing {
    transaction: Transaction<'static, Any>,
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Writing {
    /// Makes what was written last.
    pub(crate) async fn commit(self) -> Result<(), sqlx::Error> {
        self.transaction.commit().await
    }
}

impl Deref for Writing {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.transaction
    }
}

impl DerefMut for Writing {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }
}

/// How long a connection to SQLite waits for another's lock: less than a reader waits for an answer, so
/// that they are told that it is the database.
pub(crate) const BUSY_TIMEOUT: &str = "PRAGMA busy_timeout = 20000";

/// What every connection to SQLite is told. PostgreSQL needs nothing.
async fn set_up(connection: &mut AnyConnection, engine: &Engine) -> Result<(), sqlx::Error> {
    if *engine == Engine::Postgres {
        return Ok(());
    }
    connection.execute(BUSY_TIMEOUT).await?;
    write_ahead(connection).await?;
    // Deleted conversations are overwritten, not only unlinked.
    connection
        .execute(
            "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;",
        )
        .await?;
    Ok(())
}

/// Lets readers go on while one writes. A new file is switched to that by whoever comes first; SQLite
/// refuses others who try at that moment at once, whatever the time-out, so they try again.
async fn write_ahead(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    const LOCKED: [&str; 2] = ["5", "261"];
    let mut tries = 0;
    loop {
        let Err(error) = connection.execute("PRAGMA journal_mode = WAL").await else {
            return Ok(());
        };
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        let is_locked = code.is_some_and(|code| LOCKED.contains(&code.as_ref()));
        tries += 1;
        if !is_locked || tries > 200 {
            return Err(error);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Makes the folder and an empty file that only this user can read, and gives the file's full path.
async fn prepare_file(path: &Path) -> Result<PathBuf, StoreError> {
    let wrong = |why| StoreError::File { path: path.display().to_string(), why };
    let full = std::path::absolute(path).map_err(wrong)?;
    let (Some(folder), Some(name)) = (full.parent(), full.file_name()) else {
        return Err(wrong(std::io::ErrorKind::IsADirectory.into()));
    };
    tokio::fs::create_dir_all(folder).await.map_err(wrong)?;
    let full = tokio::fs::canonicalize(folder).await.map_err(wrong)?.join(name);
    match create_private(&full).await {
        Err(why) if why.kind() != std::io::ErrorKind::AlreadyExists => return Err(wrong(why)),
        _ => {}
    }
    if tokio::fs::metadata(&full).await.is_ok_and(|file| file.is_file()) {
        Ok(full)
    } else {
        Err(wrong(std::io::Error::other("it is not a plain file")))
    }
}

/// Creates a file that was not there, readable by this user alone.
pub(crate) async fn create_private(path: &Path) -> Result<(), std::io::Error> {
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    options.open(path).await.map(drop)
}

/// The file as a URL, in which every unusual character is escaped.
pub(crate) fn sqlite_url(path: &Path) -> Result<String, StoreError> {
    use std::fmt::Write as _;
    let Some(text) = path.to_str() else {
        return Err(StoreError::Address(format!("sqlite:{}", path.display())));
    };
    let mut url = String::from("sqlite://");
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(&byte) {
            url.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
    Ok(url)
}
