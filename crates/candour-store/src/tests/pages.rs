//! What ingest knows of pages.

use candour_core::{ContentHash, PageId};

use super::{Place, contract, tamper};
use crate::{Database, KeptPage, PageState, RunId, StoreError};

contract!(
    keeps_and_replaces_pages,
    lists_pages_in_byte_order_in_pieces,
    forgets_pages,
    holds_many_pages,
    remembers_aliases,
    reads_while_a_long_transaction_writes,
    reports_damaged_pages,
);

fn page(id: &str, source: &str, run: i64) -> KeptPage {
    let state = PageState {
        source: source.into(),
        source_hash: ContentHash::of(id.as_bytes()),
        prepared_with: "splitter-1".into(),
        etag: Some("\"e-1\"".into()),
        last_modified: None,
        seen_in: RunId(run),
    };
    KeptPage { id: PageId(id.into()), state, prepared: vec![0, 255, 7, 0] }
}

fn ids(names: &[&str]) -> Vec<PageId> {
    names.iter().map(|name| PageId((*name).into())).collect()
}

async fn kept(database: &Database) -> Vec<PageId> {
    let hashes = database.page_hashes().await.unwrap();
    hashes.into_iter().map(|(id, _)| id).collect()
}

async fn keeps_and_replaces_pages(_: &Place, database: &Database) {
    let first = page("/a", "dir:x", 1);
    database.keep_pages(&[first.clone(), page("/b", "dir:y", 1)]).await.unwrap();
    assert_eq!(database.pages_after(None, 1).await.unwrap(), vec![first.clone()]);

    let changed = KeptPage {
        state: PageState {
            source_hash: ContentHash::of(b"changed"),
            etag: None,
            last_modified: Some("Tue, 01 Jul 2025 10:00:00 GMT".into()),
            seen_in: RunId(2),
            ..first.state.clone()
        },
        prepared: Vec::new(),
        ..first.clone()
    };
    // The same page twice in one call: the later one counts.
    database.keep_pages(&[first.clone(), changed.clone()]).await.unwrap();
    assert_eq!(database.pages_after(None, 1).await.unwrap(), vec![changed.clone()]);
    let states = database.page_states("dir:x").await.unwrap();
    assert_eq!(states.into_iter().collect::<Vec<_>>(), vec![(first.id, changed.state)]);
    assert!(database.page_states("dir:none").await.unwrap().is_empty());
    database.keep_pages(&[]).await.unwrap();
}

async fn lists_pages_in_byte_order_in_pieces(_: &Place, database: &Database) {
    let sorted = ["", "/A", "/B/z", "/a", "/a-b", "/a.cy", "/a/b", "/b", "/é"];
    let pages: Vec<KeptPage> = sorted.iter().rev().map(|id| page(id, "dir:x", 1)).collect();
    database.keep_pages(&pages).await.unwrap();
    assert_eq!(kept(database).await, ids(&sorted));
    let named = database.pages_named(&ids(&["/é", "/none", "/B/z"])).await.unwrap();
    assert_eq!(named, [page("/B/z", "dir:x", 1), page("/é", "dir:x", 1)]);
    assert!(database.pages_named(&[]).await.unwrap().is_empty());
    let mut read = Vec::new();
    loop {
        let piece = database.pages_after(read.last(), 2).await.unwrap();
        assert!(piece.len() <= 2);
        if piece.is_empty() {
            break;
        }
        read.extend(piece.into_iter().map(|page| page.id));
    }
    assert_eq!(read, ids(&sorted));
    let hashes = database.page_hashes().await.unwrap();
    assert_eq!(hashes[1], (PageId("/A".into()), ContentHash::of(b"/A")));
}

async fn forgets_pages(_: &Place, database: &Database) {
    let pages = [("/a", "x", 1), ("/b", "x", 1), ("/c", "y", 1), ("/d", "y", 2), ("/e", "z", 1)];
    let pages: Vec<KeptPage> =
        pages.into_iter().map(|(id, source, run)| page(id, source, run)).collect();
    database.keep_pages(&pages).await.unwrap();
    database.mark_pages_seen(&ids(&["/a", "/none"]), RunId(2)).await.unwrap();

    assert_eq!(database.forget_unseen("x", RunId(2)).await.unwrap(), 1);
    assert_eq!(kept(database).await, ids(&["/a", "/c", "/d", "/e"]));
    assert_eq!(database.forget_pages(&ids(&["/c", "/none"])).await.unwrap(), 1);
    assert_eq!(kept(database).await, ids(&["/a", "/d", "/e"]));
    assert_eq!(database.keep_only_sources(&["x".into(), "y".into()]).await.unwrap(), 1);
    assert_eq!(kept(database).await, ids(&["/a", "/d"]));
    // What was prepared of a forgotten page is gone too.
    assert_eq!(database.pages_after(None, 9).await.unwrap().len(), 2);
    let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM prepared_pages")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(left, 2);
    assert_eq!(database.keep_only_sources(&[]).await.unwrap(), 2);
    assert_eq!(database.forget_pages(&[]).await.unwrap(), 0);
}

async fn holds_many_pages(_: &Place, database: &Database) {
    // More identifiers than either database allows parameters in one statement would still work.
    let pages: Vec<KeptPage> = (0..2_500).map(|n| page(&format!("/page/{n:05}"), "x", 1)).collect();
    let all: Vec<PageId> = pages.iter().map(|page| page.id.clone()).collect();
    database.keep_pages(&pages).await.unwrap();
    database.mark_pages_seen(&all, RunId(7)).await.unwrap();
    assert_eq!(database.forget_unseen("x", RunId(7)).await.unwrap(), 0);
    let many: Vec<PageId> = (0..70_000).map(|n| PageId(format!("/page/{n:05}"))).collect();
    assert_eq!(database.forget_pages(&many).await.unwrap(), 2_500);
}

async fn remembers_aliases(_: &Place, database: &Database) {
    let from = PageId("/old".into());
    assert_eq!(database.alias(&from).await.unwrap(), None);
    database.keep_alias(&from, "/new").await.unwrap();
    database.keep_alias(&from, "/newer#part").await.unwrap();
    assert_eq!(database.alias(&from).await.unwrap().as_deref(), Some("/newer#part"));
}

async fn reads_while_a_long_transaction_writes(_: &Place, database: &Database) {
    database.keep_pages(&[page("/a", "x", 1)]).await.unwrap();
    let mut transaction = database.begin().await.unwrap();
    sqlx::query("DELETE FROM pages").execute(&mut *transaction).await.unwrap();
    assert_eq!(kept(database).await, ids(&["/a"]));
    drop(transaction);
    assert_eq!(kept(database).await, ids(&["/a"]));
}

async fn reports_damaged_pages(_: &Place, database: &Database) {
    database.keep_pages(&[page("/a", "x", 1)]).await.unwrap();
    tamper(database, "UPDATE pages SET source_hash = 'short'").await;
    let is_damage =
        |error: &StoreError| matches!(error, StoreError::Damaged { what: "content hash", .. });
    assert!(is_damage(&database.page_hashes().await.unwrap_err()));
    assert!(is_damage(&database.page_states("x").await.unwrap_err()));
    assert!(is_damage(&database.pages_after(None, 1).await.unwrap_err()));
}
