//! Disks that take lines and fail to keep them.

use std::fs::File;
use std::io;

use super::*;

/// What a run fails with where the disk is told to keep lines in this way.
async fn failure(place: &Place, sync: Sync, sync_data: fn(&File) -> io::Result<()>) -> String {
    let run = Run { sync, ..place.run("r", target(&Arc::default())) };
    let mut journal = Journal::open(&run.folder, &run.header(), sync).unwrap();
    journal.sync_data = sync_data;
    let stop = Arc::default();
    let running = run.run_into(journal, &stop, Arc::new(Deaf));
    let result = tokio::time::timeout(Duration::from_secs(20), running).await;
    result.expect("it ends").unwrap_err().to_string()
}

#[tokio::test]
async fn a_disk_that_fails_stops_a_run_that_can_go_on() {
    for sync in [Sync::Always, Sync::EverySecond] {
        let full = |_: &File| Err(io::ErrorKind::StorageFull.into());
        let place = Place::new(&["yes"; 20], "");
        let error = failure(&place, sync, full).await;
        assert!(error.contains("(no storage space): make room"), "{error}");
        let asked = fs::read_to_string(place.journal("r")).unwrap().matches("asking").count();
        // Each connection waits for its line, if the disk has not failed before it; else all may be asked
        // before the disk is looked at.
        let most = if sync == Sync::Always { 3 } else { 20 };
        assert!(asked <= most, "{asked}");
        assert!(go(&place.run("r", target(&Arc::default()))).await.unwrap().is_complete());
    }
}

/// The system tells of what it could not write once, and then that all is well.
#[tokio::test]
async fn a_failure_that_is_told_once_is_not_forgotten() {
    fn once(_: &File) -> io::Result<()> {
        static TOLD: AtomicBool = AtomicBool::new(false);
        let is_told = TOLD.swap(true, Order::Relaxed);
        if is_told { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
    }
    let place = Place::new(&["hangs"], "limits = { seconds_per_answer = 1.3, tries = 1 }");
    let error = failure(&place, Sync::EverySecond, once).await;
    assert!(error.contains("no storage space"), "{error}");
}
