//! What is done beside serving: taking new snapshots into service, forgetting what was erased, deleting
//! what is too old, and looking at answers where a plan says so.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::monitoring;
use crate::site::Site;

const REFRESH: Duration = Duration::from_secs(2);
const PURGE: Duration = Duration::from_hours(24);

/// Starts all of it; the parts end when `stop` is cancelled, after what they are at.
pub(crate) fn start(site: &Arc<Site>, stop: &CancellationToken) {
    site.tasks.spawn(refresh(Arc::clone(site), stop.clone()));
    site.tasks.spawn(forget(Arc::clone(site), stop.clone()));
    site.tasks.spawn(purge(Arc::clone(site), stop.clone()));
    site.tasks.spawn(monitoring::run(Arc::clone(site), stop.clone()));
}

/// Looks for a new snapshot. The same complaint is logged once, not every two seconds.
async fn refresh(site: Arc<Site>, stop: CancellationToken) {
    let mut said = String::new();
    while stop.run_until_cancelled(tokio::time::sleep(REFRESH)).await.is_some() {
        let index = Arc::clone(&site.index);
        match tokio::task::spawn_blocking(move || index.refresh()).await {
            Ok(Ok(true)) => {
                tracing::info!("a new snapshot is in service");
                said.clear();
            }
            Ok(Ok(false)) => said.clear(),
            Ok(Err(error)) => {
                let complaint = error.to_string();
                if complaint != said {
                    tracing::error!(error = %complaint, "the new snapshot was not taken into service");
                    said = complaint;
                }
            }
            Err(_) => tracing::error!("looking for a new snapshot panicked"),
        }
    }
}

/// Forgets what is in memory once something was erased, by whichever program.
async fn forget(site: Arc<Site>, stop: CancellationToken) {
    let mut seen = None;
    while stop.run_until_cancelled(tokio::time::sleep(REFRESH)).await.is_some() {
        // A database that does not answer is told of by every question.
        let Ok(last) = site.database.last_erasure().await else { continue };
        if last != seen {
            site.assistant.forget();
            seen = last;
        }
    }
}

/// Deletes what is past its retention, at the start and then daily.
async fn purge(site: Arc<Site>, stop: CancellationToken) {
    loop {
        purge_once(&site).await;
        if stop.run_until_cancelled(tokio::time::sleep(PURGE)).await.is_none() {
            return;
        }
    }
}

/// Deletes what is past its retention. What came of it is logged, nothing included, so that whoever
/// audits the log sees that it was done.
pub(crate) async fn purge_once(site: &Site) {
    let now = Timestamp::now();
    let store = &site.config.store;
    purge_conversations(site, days_ago(now, store.retention_days)).await;
    match site.database.purge_sessions(now).await {
        Ok(sessions) => tracing::info!(sessions, "staff sessions that were over deleted"),
        Err(error) => tracing::error!(%error, "old staff sessions could not be deleted"),
    }
    match site.database.purge_audit(days_ago(now, store.audit_retention_days)).await {
        Ok(entries) => tracing::info!(entries, "audit past its retention deleted"),
        Err(error) => tracing::error!(%error, "the old audit could not be deleted"),
    }
}

/// The configuration allows no more days than there are behind us.
fn days_ago(now: Timestamp, days: u32) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MIN)
}

async fn purge_conversations(site: &Site, before: Timestamp) {
    match site.database.purge_conversations(before).await {
        Ok(deleted) => tracing::info!(
            turns = deleted.turns,
            feedback = deleted.feedback,
            receipts = deleted.receipts,
            reviews = deleted.reviews,
            backups = deleted.backups,
            "conversations past their retention deleted"
        ),
        Err(error) => tracing::error!(%error, "old conversations could not be deleted"),
    }
    // Words of theirs may be in answers that are kept in memory.
    site.assistant.forget();
}
