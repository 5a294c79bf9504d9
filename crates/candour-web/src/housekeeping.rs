//! What is done beside serving: taking new snapshots into service, and deleting what is too old.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::site::Site;

const REFRESH: Duration = Duration::from_secs(2);
const PURGE: Duration = Duration::from_hours(24);

/// Starts both; they end when `stop` is cancelled, after what they are at.
pub(crate) fn start(site: &Arc<Site>, stop: &CancellationToken) {
    site.tasks.spawn(refresh(Arc::clone(site), stop.clone()));
    site.tasks.spawn(purge(Arc::clone(site), stop.clone()));
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

/// Deletes conversations past their retention, at the start and then daily.
async fn purge(site: Arc<Site>, stop: CancellationToken) {
    loop {
        purge_once(&site).await;
        if stop.run_until_cancelled(tokio::time::sleep(PURGE)).await.is_none() {
            return;
        }
    }
}

pub(crate) async fn purge_once(site: &Site) {
    let kept = SignedDuration::from_hours(24 * i64::from(site.config.store.retention_days));
    let Ok(before) = Timestamp::now().checked_sub(kept) else { return };
    match site.database.purge_conversations(before).await {
        Ok(deleted) if deleted.turns > 0 => {
            tracing::info!(
                turns = deleted.turns,
                feedback = deleted.feedback,
                "old conversations deleted"
            );
        }
        Ok(_) => {}
        Err(error) => tracing::error!(%error, "old conversations could not be deleted"),
    }
}
