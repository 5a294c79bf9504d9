//! Damage, interruption, and input that is not what it should be.

use super::*;

#[tokio::test]
async fn bad_files_do_not_stop_the_good_ones() {
    let mut pilot = Pilot::new().await;
    pilot.content.max_page_bytes = 2_000;
    pilot.write("good.json", answer("/good", "Good."));
    pilot.write("broken.json", "{\"base_path\": ");
    pilot.write(
        "latin1.json",
        b"{\"base_path\":\"/latin\",\"title\":\"Caf\xe9\",\"schema_name\":\"answer\"}",
    );
    pilot.write(
        "utf16.json",
        answer("/utf16", "x").encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>(),
    );
    pilot.write("list.json", "[1, 2]");
    pilot
        .write("untitled.json", r#"{"base_path":"/untitled","schema_name":"answer","details":{}}"#);
    pilot.write("large.json", "x".repeat(3_000));
    pilot.write("deep.json", "[".repeat(1_900));
    let summary = pilot.run(&[pilot.dir()]).await;
    assert_eq!(summary.indexed, 1, "{summary:?}");
    assert_eq!(summary.failed.values().sum::<u64>(), 7, "{summary:?}");
    assert_eq!(summary.failed.get("too_large"), Some(&1));
    assert_eq!(summary.failed.get("missing_field:title"), Some(&1));
}

#[tokio::test]
async fn a_bad_line_is_named_with_its_place() {
    let pilot = Pilot::new().await;
    let lines = pilot.place.path().join("items.jsonl");
    let first = answer("/a", "One.");
    fs::write(&lines, [first.as_str(), "{oops", &answer("/b", "Two.")].join("\n")).unwrap();
    let summary = pilot.run(&[SourceSpec::Jsonl(lines)]).await;
    assert_eq!((summary.indexed, summary.failed.values().sum::<u64>()), (2, 1));
    let run = pilot.database.last_run().await.unwrap().unwrap();
    let failed = pilot.database.outcomes(run.id, Some(OutcomeKind::Failed)).await.unwrap();
    assert_eq!(failed[0].page, "items.jsonl:2");
    let place = format!("line 2 (byte {})", first.len() + 1);
    assert!(failed[0].detail.as_ref().unwrap().starts_with(&place), "{failed:?}");
}

#[tokio::test]
async fn a_page_whose_nations_cannot_be_read_is_not_quoted_as_if_it_held_everywhere() {
    let pilot = Pilot::new().await;
    let page = |nations: &str| format!("---\ntitle: Grants\n{nations}---\nAsk the council.\n");
    pilot.write("grants.md", page(""));
    assert_eq!(pilot.run(&[pilot.dir()]).await.passages, 1);
    pilot.write("grants.md", page("nations: scottland\n"));
    let summary = pilot.run(&[pilot.dir()]).await;
    assert_eq!((summary.failed.get("unknown_nation"), summary.passages), (Some(&1), 0));
    assert_eq!(pilot.pages().await, Vec::<String>::new());
    let run = pilot.database.last_run().await.unwrap().unwrap();
    let failed = pilot.database.outcomes(run.id, Some(OutcomeKind::Failed)).await.unwrap();
    assert_eq!(failed[0].page, "grants.md");
    assert!(failed[0].detail.as_ref().unwrap().contains("`scottland`"), "{failed:?}");
    pilot.write("grants.md", page("nations: Scotland\n"));
    assert_eq!(pilot.run(&[pilot.dir()]).await.passages, 1);
}

#[tokio::test]
async fn a_page_that_turns_bad_keeps_its_last_good_text() {
    let pilot = Pilot::new().await;
    pilot.write("a.json", answer("/a", "Good."));
    pilot.run(&[pilot.dir()]).await;
    pilot.write("a.json", r#"{"base_path":"/a","schema_name":"answer","details":{}}"#);
    let summary = pilot.run(&[pilot.dir()]).await;
    assert_eq!(
        (summary.failed.values().sum::<u64>(), summary.deleted, summary.passages),
        (1, 0, 1)
    );
    assert_eq!(pilot.pages().await, ["/a"]);
}

#[tokio::test]
async fn a_source_that_is_not_there_is_named_and_nothing_is_lost() {
    let pilot = Pilot::new().await;
    pilot.write("a.json", answer("/a", "Good."));
    pilot.run(&[pilot.dir()]).await;
    fs::rename(pilot.folder(), pilot.place.path().join("elsewhere")).unwrap();
    let error = pilot.try_run(&[pilot.dir()], true).await.unwrap_err();
    assert!(error.to_string().contains(&pilot.dir().to_string()), "{error}");
    assert_eq!(pilot.pages().await, ["/a"]);
}

#[tokio::test]
async fn two_ingests_do_not_share_a_state_directory() {
    let pilot = Pilot::new().await;
    pilot.write("a.json", answer("/a", "Good."));
    let held = lock::take(&pilot.state()).unwrap();
    assert!(matches!(pilot.try_run(&[pilot.dir()], false).await, Err(IngestError::Busy)));
    drop(held);
    assert_eq!(pilot.run(&[pilot.dir()]).await.indexed, 1);
}

async fn damage(pilot: &Pilot, id: &str) {
    let kept = pilot.database.pages_after(None, 100).await.unwrap();
    let mut page = kept.into_iter().find(|page| page.id.as_str() == id).unwrap();
    let middle = page.prepared.len() / 2;
    page.prepared[middle] ^= 1;
    pilot.database.keep_pages(&[page]).await.unwrap();
}

#[tokio::test]
async fn a_damaged_page_is_made_again() {
    let pilot = Pilot::new().await;
    pilot.write("a.json", answer("/a", "One."));
    pilot.write("b.json", answer("/b", "Two."));
    pilot.run(&[pilot.dir()]).await;
    damage(&pilot, "/a").await;
    pilot.write("b.json", answer("/b", "Three."));
    let summary = pilot.run(&[pilot.dir()]).await;
    assert_eq!((summary.pages, summary.indexed, summary.unchanged, summary.passages), (2, 2, 0, 2));
    assert!(summary.failed.is_empty());
}

#[tokio::test]
async fn a_damaged_page_of_another_source_is_reported() {
    let pilot = Pilot::new().await;
    pilot.write("a.json", answer("/a", "One."));
    let lines = pilot.place.path().join("more.jsonl");
    fs::write(&lines, answer("/b", "Two.")).unwrap();
    pilot.run(&[pilot.dir(), SourceSpec::Jsonl(lines.clone())]).await;
    damage(&pilot, "/b").await;
    pilot.write("a.json", answer("/a", "Changed."));
    let summary = pilot.run(&[pilot.dir()]).await;
    assert_eq!(
        (summary.indexed, summary.failed.get("damaged"), summary.passages),
        (1, Some(&1), 1)
    );
    assert_eq!(
        pilot.run(&[SourceSpec::Jsonl(lines)]).await.passages,
        2,
        "its source brings it back"
    );
}

#[tokio::test]
async fn a_lost_snapshot_is_built_again() {
    let pilot = Pilot::new().await;
    pilot.write("a.json", answer("/a", "One."));
    let first = pilot.run(&[pilot.dir()]).await;
    fs::remove_dir_all(pilot.state().join("snapshots")).unwrap();
    let second = pilot.run(&[pilot.dir()]).await;
    assert_eq!((second.unchanged, second.snapshot), (1, first.snapshot.clone()));
    assert!(pilot.state().join("snapshots").join(first.snapshot).exists());
}

#[tokio::test]
async fn an_empty_source_gives_an_empty_snapshot() {
    let pilot = Pilot::new().await;
    let summary = pilot.run(&[pilot.dir()]).await;
    assert_eq!((summary.pages, summary.passages, summary.snapshot.len()), (0, 0, 64));
}
