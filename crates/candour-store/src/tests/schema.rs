//! The versions of the schema, backups, and a full disk.

use candour_core::PageId;
use sqlx::AssertSqlSafe;

use super::{Place, contract, tamper};
use crate::database::Engine;
use crate::migrations::{MIGRATIONS, Migration};
use crate::{Database, DatabaseAddress, StoreError};

contract!(
    opens_again_as_it_was,
    refuses_a_newer_schema,
    backs_up_and_then_migrates,
    a_failed_migration_changes_nothing,
    says_that_the_disk_is_full,
    a_full_disk_is_got_over,
    many_can_open_at_once,
);

pub(super) const SECOND: &str =
    "CREATE TABLE extra (id BIGINT PRIMARY KEY); INSERT INTO extra (id) VALUES (7);";

pub(super) fn with_second(sql: &'static str) -> Vec<Migration> {
    let first = MIGRATIONS.iter().map(|m| Migration { version: m.version, sql: m.sql });
    first.chain([Migration { version: newest() + 1, sql }]).collect()
}

fn newest() -> i64 {
    MIGRATIONS.last().unwrap().version
}

async fn version(database: &Database) -> i64 {
    let sql = "SELECT version FROM schema_version";
    sqlx::query_scalar(sql).fetch_one(&database.pool).await.unwrap()
}

async fn alias(database: &Database) -> Option<String> {
    database.alias(&PageId("/old".into())).await.unwrap()
}

/// The targets of aliases in each backup.
async fn backups(place: &Place, database: &Database) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    if let Some(folder) = place.folder() {
        let names = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let mut names: Vec<_> =
            names.filter(|path| path.to_string_lossy().contains("-backup-")).collect();
        names.sort();
        for name in names {
            let backup = Database::open(&DatabaseAddress::Sqlite(name)).await.unwrap();
            let sql = "SELECT target FROM page_aliases";
            found.push(sqlx::query_scalar(sql).fetch_all(&backup.pool).await.unwrap());
            backup.close().await;
        }
    } else {
        let schemas: Vec<String> = sqlx::query_scalar(
            "SELECT CAST(nspname AS TEXT) FROM pg_namespace WHERE nspname LIKE 'candour_backup%' ORDER BY 1",
        )
        .fetch_all(&database.pool)
        .await
        .unwrap();
        for schema in schemas {
            let sql = AssertSqlSafe(format!("SELECT target FROM {schema}.page_aliases"));
            found.push(sqlx::query_scalar(sql).fetch_all(&database.pool).await.unwrap());
        }
    }
    found
}

async fn opens_again_as_it_was(place: &Place, database: &Database) {
    database.keep_alias(&PageId("/old".into()), "/new").await.unwrap();
    database.close().await;
    let again = Database::open(&place.address).await.unwrap();
    assert_eq!(alias(&again).await.as_deref(), Some("/new"));
    assert_eq!(version(&again).await, newest());
    assert!(backups(place, &again).await.is_empty());
    again.close().await;
    assert!(again.ping().await.is_err());
}

async fn refuses_a_newer_schema(place: &Place, database: &Database) {
    tamper(database, "UPDATE schema_version SET version = 99").await;
    match Database::open(&place.address).await.map(drop) {
        Err(StoreError::Newer { found: 99, known }) => assert_eq!(known, newest()),
        other => panic!("{other:?}"),
    }
    assert_eq!(version(database).await, 99);
    assert!(backups(place, database).await.is_empty());
}

async fn backs_up_and_then_migrates(place: &Place, database: &Database) {
    database.keep_alias(&PageId("/old".into()), "/before").await.unwrap();
    for expected in 1..=2 {
        let migrated = Database::open_with(&place.address, &with_second(SECOND), 2).await.unwrap();
        assert_eq!(version(&migrated).await, newest() + 1);
        assert_eq!(alias(&migrated).await.as_deref(), Some("/before"));
        let extra: i64 =
            sqlx::query_scalar("SELECT id FROM extra").fetch_one(&migrated.pool).await.unwrap();
        assert_eq!(extra, 7);
        let kept = backups(place, &migrated).await;
        assert_eq!(kept, vec![vec!["/before".to_owned()]; expected]);
        // Back to before, as if an older program had been restored: the next backup has a new number.
        tamper(&migrated, "DROP TABLE extra").await;
        tamper(&migrated, "UPDATE schema_version SET version = version - 1").await;
        migrated.close().await;
    }
}

async fn a_failed_migration_changes_nothing(place: &Place, database: &Database) {
    database.keep_alias(&PageId("/old".into()), "/before").await.unwrap();
    let broken =
        with_second("DELETE FROM page_aliases; CREATE TABLE extra (id BIGINT); SELECT nonsense;");
    let failed = Database::open_with(&place.address, &broken, 2).await.map(drop);
    assert!(matches!(failed, Err(StoreError::Database(_))), "{failed:?}");
    assert_eq!(alias(database).await.as_deref(), Some("/before"));
    assert_eq!(version(database).await, newest());
    let migrated = Database::open_with(&place.address, &with_second(SECOND), 2).await.unwrap();
    assert_eq!(version(&migrated).await, newest() + 1);
    migrated.close().await;
}

async fn says_that_the_disk_is_full(place: &Place, database: &Database) {
    let database = if place.folder().is_some() {
        let one = Database::open_with(&place.address, MIGRATIONS, 1).await.unwrap();
        // SQLite refuses to grow beyond this, with the same code as for a full disk.
        tamper(&one, "PRAGMA max_page_count = 1").await;
        one
    } else {
        tamper(
            database,
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$; \
             CREATE TRIGGER full_disk BEFORE INSERT ON page_aliases \
             FOR EACH ROW EXECUTE FUNCTION full_disk();",
        )
        .await;
        database.clone()
    };
    let error = database.keep_alias(&PageId("/old".into()), &"long".repeat(100_000)).await;
    assert!(matches!(error, Err(StoreError::DiskFull)), "{error:?}");
    assert_eq!(alias(&database).await, None);
    database.close().await;
}

async fn a_full_disk_is_got_over(place: &Place, database: &Database) {
    let database = if place.folder().is_some() {
        let one = Database::open_with(&place.address, MIGRATIONS, 1).await.unwrap();
        tamper(&one, "PRAGMA max_page_count = 1").await;
        one
    } else {
        database.clone()
    };
    let mut transaction = database.begin().await.unwrap();
    let sql = "INSERT INTO page_aliases (path, target) VALUES ('/old', $1)";
    let full = sqlx::query(sql).bind("long".repeat(100_000)).execute(&mut *transaction).await;
    assert_eq!(full.is_err(), place.folder().is_some());
    drop(transaction);
    // The connection that met the full disk is replaced by one that knows of no limit.
    database.begin().await.unwrap().commit().await.unwrap();
    database.keep_alias(&PageId("/old".into()), "/new").await.unwrap();
    assert_eq!(alias(&database).await.as_deref(), Some("/new"));
    database.close().await;
}

async fn many_can_open_at_once(_: &Place, database: &Database) {
    let place = match &database.engine {
        Engine::Sqlite(_) => Place::sqlite(),
        Engine::Postgres => Place::postgres().await.unwrap(),
    };
    let mut openers = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let address = place.address.clone();
        openers.spawn(async move { Database::open(&address).await.unwrap().close().await });
    }
    while let Some(opened) = openers.join_next().await {
        opened.unwrap();
    }
    let database = Database::open(&place.address).await.unwrap();
    assert_eq!(version(&database).await, newest());
    database.close().await;
    place.remove().await;
}

#[tokio::test]
async fn says_which_file_cannot_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "not a database, but long enough to be taken for a damaged one").unwrap();
    let inside = DatabaseAddress::Sqlite(file.join("candour.sqlite"));
    let error = Database::open(&inside).await.map(drop).unwrap_err();
    assert!(error.to_string().contains("candour.sqlite"), "{error}");
    let error = Database::open(&DatabaseAddress::Sqlite(file.clone())).await.map(drop);
    assert!(matches!(error, Err(StoreError::Corrupt(_))), "{error:?}");
    let error = Database::open(&DatabaseAddress::Sqlite(folder.path().to_owned())).await.map(drop);
    assert!(matches!(error, Err(StoreError::File { .. })), "a folder is no database: {error:?}");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("not a database"), "a foreign file stays as it is");
}

#[tokio::test]
async fn opens_files_with_odd_names_for_their_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a b?c#d%20é").join("../x y.sqlite");
    std::fs::create_dir(folder.path().join("a b?c#d%20é")).unwrap();
    Database::open(&DatabaseAddress::Sqlite(path)).await.unwrap().close().await;
    let made = folder.path().join("x y.sqlite");
    assert!(made.is_file());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(made.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
