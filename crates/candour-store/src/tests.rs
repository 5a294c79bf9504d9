//! The contract of the store: one suite, on SQLite always and on PostgreSQL where
//! `TEST_DATABASE_URL` names a server on which databases may be created.

mod conversations;
mod erasure;
mod evidence;
mod keys;
mod listed;
mod monitoring;
mod pages;
mod receipts;
mod reviews;
mod runs;
mod schema;
mod sessions;
mod spending;
mod switches;

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::{Database, DatabaseAddress};

/// A database of its own for one test.
pub(crate) struct Place {
    pub(crate) address: DatabaseAddress,
    /// The folder of a SQLite file.
    folder: Option<tempfile::TempDir>,
    /// The server of a PostgreSQL database, and the database's name.
    server: Option<(String, String)>,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = DatabaseAddress::in_state(&folder.path().join("a new folder"));
        Self { address, folder: Some(folder), server: None }
    }

    /// None, with a notice, where there is no server to test on.
    #[expect(clippy::print_stderr, reason = "a skipped test says so")]
    pub(crate) async fn postgres() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
            eprintln!("skipped on PostgreSQL: TEST_DATABASE_URL is not set");
            return None;
        };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("candour_test_{}_{number}", std::process::id());
        on_server(&server, format!("CREATE DATABASE {name}")).await;
        let (before, parameters) = match server.split_once('?') {
            Some((before, parameters)) => (before, format!("?{parameters}")),
            None => (server.as_str(), String::new()),
        };
        let (scheme, rest) = before.split_once("://").unwrap();
        let host = rest.split('/').next().unwrap();
        let url = format!("{scheme}://{host}/{name}{parameters}");
        let address = DatabaseAddress::parse(&url).unwrap();
        Some(Self { address, folder: None, server: Some((server, name)) })
    }

    pub(crate) fn folder(&self) -> Option<std::path::PathBuf> {
        self.folder.as_ref().map(|folder| folder.path().join("a new folder"))
    }

    pub(crate) async fn remove(self) {
        if let Some((server, name)) = self.server {
            on_server(&server, format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

async fn on_server(server: &str, sql: String) {
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(server).await.unwrap();
    connection.execute(AssertSqlSafe(sql)).await.unwrap();
    connection.close().await.unwrap();
}

/// Does to the database what no method would: damage, full disks.
pub(crate) async fn tamper(database: &Database, sql: &'static str) {
    sqlx::raw_sql(sql).execute(&database.pool).await.unwrap();
}

/// Each function becomes a test on both databases. It is given the place and the open database.
macro_rules! contract {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let place = crate::tests::Place::sqlite();
                let database = crate::Database::open(&place.address).await.unwrap();
                super::$test(&place, &database).await;
                database.close().await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let Some(place) = crate::tests::Place::postgres().await else { return };
                let database = crate::Database::open(&place.address).await.unwrap();
                super::$test(&place, &database).await;
                database.close().await;
                place.remove().await;
            })+
        }
    };
}
pub(crate) use contract;
