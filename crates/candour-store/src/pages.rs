//! What ingest knows of each page: the hash of what the publisher sent and the passages made of it,
//! so that an unchanged page is neither fetched, split nor embedded again.

use std::collections::BTreeMap;

use candour_core::{ContentHash, PageId};
use sqlx::{AnyConnection, AssertSqlSafe};

use crate::rows::{ROWS_AT_ONCE, damaged, parameters};
use crate::{Database, RunId, StoreError};

/// One page as ingest keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptPage {
    /// What names the page.
    pub id: PageId,
    /// What has to be the same for `prepared` to be used again.
    pub state: PageState,
    /// The page with its passages and vectors, in a form that `candour-content` alone reads.
    pub prepared: Vec<u8>,
}

/// By what a later ingest recognises that nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageState {
    /// The source that the page came from, as it was configured: `dir:sample/content`.
    pub source: String,
    /// The hash of what the publisher sent.
    pub source_hash: ContentHash,
    /// The version of everything that turns it into passages and vectors.
    pub prepared_with: String,
    /// The publisher's `ETag`, for conditional requests.
    pub etag: Option<String>,
    /// The publisher's `Last-Modified`, for conditional requests.
    pub last_modified: Option<String>,
    /// The last run that saw the page at its source.
    pub seen_in: RunId,
}

impl Database {
    /// The state of every page of a source.
    pub async fn page_states(
        &self,
        source: &str,
    ) -> Result<BTreeMap<PageId, PageState>, StoreError> {
        let rows: Vec<StateRow> = sqlx::query_as(
            "SELECT id, source, source_hash, prepared_with, etag, last_modified, seen_in \
             FROM pages WHERE source = $1",
        )
        .bind(source)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(read_state).collect()
    }

    /// Keeps pages, replacing older versions, in one transaction.
    pub async fn keep_pages(&self, pages: &[KeptPage]) -> Result<(), StoreError> {
        // In order of identifier, so that two writers never wait for each other.
        let latest: BTreeMap<&PageId, &KeptPage> =
            pages.iter().map(|page| (&page.id, page)).collect();
        let mut transaction = self.begin().await?;
        for page in latest.values() {
            keep_page(&mut transaction, page).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Notes that unchanged pages were seen in a run.
    pub async fn mark_pages_seen(&self, ids: &[PageId], run: RunId) -> Result<(), StoreError> {
        let mut ids: Vec<&PageId> = ids.iter().collect();
        ids.sort();
        let mut transaction = self.begin().await?;
        for some in ids.chunks(ROWS_AT_ONCE) {
            let list = parameters(2, 1, some.len());
            let sql = format!("UPDATE pages SET seen_in = $1 WHERE id IN {list}");
            let query = sqlx::query(AssertSqlSafe(sql)).persistent(some.len() == ROWS_AT_ONCE);
            let query = some.iter().fold(query.bind(run.0), |query, id| query.bind(id.as_str()));
            query.execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Pages in order of identifier, after `after`, at most `limit`: for reading all of them in pieces.
    pub async fn pages_after(
        &self,
        after: Option<&PageId>,
        limit: u32,
    ) -> Result<Vec<KeptPage>, StoreError> {
        // Two texts, because `$1 IS NULL OR …` would keep PostgreSQL from using the index.
        let sql = match after {
            Some(_) => {
                "SELECT id, source, source_hash, prepared_with, etag, last_modified, seen_in, \
                 prepared FROM pages JOIN prepared_pages ON page = id \
                 WHERE id > $1 ORDER BY id LIMIT $2"
            }
            None => {
                "SELECT id, source, source_hash, prepared_with, etag, last_modified, seen_in, \
                 prepared FROM pages JOIN prepared_pages ON page = id \
                 WHERE id >= $1 ORDER BY id LIMIT $2"
            }
        };
        let rows: Vec<KeptRow> = sqlx::query_as(sql)
            .bind(after.map_or("", PageId::as_str))
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(read_kept).collect()
    }

    /// These pages, in order of identifier; those that are not kept are left out.
    pub async fn pages_named(&self, ids: &[PageId]) -> Result<Vec<KeptPage>, StoreError> {
        let mut pages = Vec::with_capacity(ids.len());
        for some in ids.chunks(ROWS_AT_ONCE) {
            let sql = format!(
                "SELECT id, source, source_hash, prepared_with, etag, last_modified, seen_in, \
                 prepared FROM pages JOIN prepared_pages ON page = id WHERE id IN {}",
                parameters(1, 1, some.len())
            );
            let query = sqlx::query_as(AssertSqlSafe(sql)).persistent(false);
            let query = some.iter().fold(query, |query, id| query.bind(id.as_str()));
            let rows: Vec<KeptRow> = query.fetch_all(&self.pool).await?;
            for row in rows {
                pages.push(read_kept(row)?);
            }
        }
        pages.sort_by(|a: &KeptPage, b| a.id.cmp(&b.id));
        Ok(pages)
    }

    /// The identifier of every page with the hash of what its publisher sent, in order of
    /// identifier: what a snapshot's name covers.
    pub async fn page_hashes(&self) -> Result<Vec<(PageId, ContentHash)>, StoreError> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT id, source_hash FROM pages ORDER BY id")
                .fetch_all(&self.pool)
                .await?;
        rows.into_iter().map(|(id, hash)| Ok((PageId(id), read_hash(&hash)?))).collect()
    }

    /// Forgets single pages (gone, redirected). Returns how many there were.
    pub async fn forget_pages(&self, ids: &[PageId]) -> Result<u64, StoreError> {
        let mut ids: Vec<&PageId> = ids.iter().collect();
        ids.sort();
        let mut forgotten = 0;
        let mut transaction = self.begin().await?;
        for some in ids.chunks(ROWS_AT_ONCE) {
            let sql = format!("DELETE FROM pages WHERE id IN {}", parameters(1, 1, some.len()));
            let query = sqlx::query(AssertSqlSafe(sql)).persistent(some.len() == ROWS_AT_ONCE);
            let query = some.iter().fold(query, |query, id| query.bind(id.as_str()));
            forgotten += query.execute(&mut *transaction).await?.rows_affected();
        }
        transaction.commit().await?;
        Ok(forgotten)
    }

    /// Forgets the pages of a source that a complete run did not see. Returns how many there were.
    pub async fn forget_unseen(&self, source: &str, run: RunId) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM pages WHERE source = $1 AND seen_in <> $2")
            .bind(source)
            .bind(run.0)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }

    /// Forgets every page whose source is not in `sources`. Returns how many there were.
    pub async fn keep_only_sources(&self, sources: &[String]) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let known: Vec<String> =
            sqlx::query_scalar("SELECT DISTINCT source FROM pages ORDER BY source")
                .fetch_all(&mut *transaction)
                .await?;
        let mut forgotten = 0;
        for source in known.iter().filter(|source| !sources.contains(source)) {
            let done = sqlx::query("DELETE FROM pages WHERE source = $1")
                .bind(source.as_str())
                .execute(&mut *transaction)
                .await?;
            forgotten += done.rows_affected();
        }
        transaction.commit().await?;
        Ok(forgotten)
    }

    /// Records that a path now leads to another one.
    pub async fn keep_alias(&self, from: &PageId, to: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO page_aliases (path, target) VALUES ($1, $2) \
             ON CONFLICT (path) DO UPDATE SET target = excluded.target",
        )
        .bind(from.as_str())
        .bind(to)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Where a path leads now, if it was redirected.
    pub async fn alias(&self, from: &PageId) -> Result<Option<String>, StoreError> {
        let target = sqlx::query_scalar("SELECT target FROM page_aliases WHERE path = $1")
            .bind(from.as_str())
            .fetch_optional(&self.pool)
            .await?;
        Ok(target)
    }
}

/// One page at a time: what is prepared can be megabytes, too much for several in one statement.
async fn keep_page(connection: &mut AnyConnection, page: &KeptPage) -> Result<(), StoreError> {
    let state = &page.state;
    sqlx::query(
        "INSERT INTO pages (id, source, source_hash, prepared_with, etag, last_modified, seen_in) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET \
         source = excluded.source, source_hash = excluded.source_hash, \
         prepared_with = excluded.prepared_with, etag = excluded.etag, \
         last_modified = excluded.last_modified, seen_in = excluded.seen_in",
    )
    .bind(page.id.as_str())
    .bind(state.source.as_str())
    .bind(state.source_hash.as_str())
    .bind(state.prepared_with.as_str())
    .bind(state.etag.as_deref())
    .bind(state.last_modified.as_deref())
    .bind(state.seen_in.0)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO prepared_pages (page, prepared) VALUES ($1, $2) \
         ON CONFLICT (page) DO UPDATE SET prepared = excluded.prepared",
    )
    .bind(page.id.as_str())
    .bind(page.prepared.as_slice())
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Identifier, source, hash, prepared with, `ETag`, `Last-Modified`, run.
type StateRow = (String, String, String, String, Option<String>, Option<String>, i64);

/// The same, then what is prepared.
type KeptRow = (String, String, String, String, Option<String>, Option<String>, i64, Vec<u8>);

fn read_state(row: StateRow) -> Result<(PageId, PageState), StoreError> {
    let (id, source, source_hash, prepared_with, etag, last_modified, seen_in) = row;
    let source_hash = read_hash(&source_hash)?;
    let seen_in = RunId(seen_in);
    let state = PageState { source, source_hash, prepared_with, etag, last_modified, seen_in };
    Ok((PageId(id), state))
}

fn read_kept(row: KeptRow) -> Result<KeptPage, StoreError> {
    let (id, source, source_hash, prepared_with, etag, last_modified, seen_in, prepared) = row;
    let row = (id, source, source_hash, prepared_with, etag, last_modified, seen_in);
    let (id, state) = read_state(row)?;
    Ok(KeptPage { id, state, prepared })
}

fn read_hash(text: &str) -> Result<ContentHash, StoreError> {
    ContentHash::parse(text).ok_or_else(|| damaged("content hash", &format!("`{text}` is not one")))
}
