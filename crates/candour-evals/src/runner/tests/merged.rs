//! Parts of a run that are put together.

use super::*;

#[tokio::test]
async fn parts_of_a_suite_make_the_whole() {
    let place = Place::new(&["yes"; 50], "");
    let echo = Arc::new(Echo::default());
    let mut done = 0;
    for part in ["1/3", "2/3", "3/3"] {
        let run = Run { shard: Some(part.parse().unwrap()), ..place.run("p", target(&echo)) };
        let run = Run { folder: run.folder.join(part.replace('/', "-")), ..run };
        done += go(&run).await.unwrap().done;
    }
    assert_eq!((done, echo.asked.lock().unwrap().len()), (50, 50));
    let run = place.run("whole", target(&echo));
    let parts = ["1-3", "2-3", "3-3"].map(|part| place.0.path().join("p").join(part));
    let fails = |parts: &[PathBuf], name: &str| {
        merge(&run.suite, parts, &place.0.path().join(name)).unwrap_err().to_string()
    };
    let twice = fails(&[parts[0].clone(), parts[0].clone()], "twice");
    assert!(
        twice.contains("another process is busy") || twice.contains("part before it"),
        "{twice}"
    );
    let partly = merge(&run.suite, &parts[..2], &place.0.path().join("partly")).unwrap();
    assert!(!partly.is_complete() && partly.done < 50);
    let merged = merge(&run.suite, &parts, &run.folder).unwrap();
    assert!(merged.is_complete());
    assert!(fails(&parts, "whole").contains("holds a run already"));
    // The whole is a run like any other, and what a part of it lacks is asked there.
    assert_eq!(go(&run).await.unwrap(), merged);
    let partly = place.run("partly", target(&echo));
    assert_eq!(go(&partly).await.unwrap().measures, merged.measures);
    go(&place.run("straight", target(&Arc::default()))).await.unwrap();
    let log = |name: &str| samples_of(&place.0.path().join(name).join("log.eval"));
    assert_eq!(log("straight"), log("whole"));
}

/// Parts spend together what the whole may, and what stopped one is told of the whole.
#[tokio::test]
async fn parts_share_the_limits_of_the_whole_and_their_endings() {
    // Each answer takes 15 tokens.
    let place = Place::new(&["yes"; 60], "limits = { tokens = 301 }");
    let echo = Arc::new(Echo::default());
    let mut parts = Vec::new();
    for part in ["1/3", "2/3", "3/3"] {
        let run = Run { shard: Some(part.parse().unwrap()), ..place.run("p", target(&echo)) };
        let run = Run { folder: run.folder.join(part.replace('/', "-")), connections: 1, ..run };
        let found = go(&run).await.unwrap();
        assert_eq!((found.ending.as_str(), found.done), ("limit of tokens", 7), "a third of 301");
        parts.push(run.folder);
    }
    let whole = place.run("whole", target(&echo));
    let merged = merge(&whole.suite, &parts, &whole.folder).unwrap();
    assert_eq!((merged.ending.as_str(), merged.done), ("limit of tokens", 21));
    let header = inspect_log::read_header(&whole.folder.join(LOG)).unwrap();
    assert_eq!(header.eval.metadata["ending"], "limit of tokens");
    // The whole has the limit of the whole, which its parts have reached.
    assert_eq!(go(&whole).await.unwrap().done, 21);
}

/// Nothing is begun that a corrected command finds in its way, or takes for the whole.
#[tokio::test]
async fn a_merge_that_fails_leaves_no_run_behind() {
    let place = Place::new(&["yes"; 4], "");
    let run = place.run("part", target(&Arc::default()));
    go(&run).await.unwrap();
    let (part, copy) = (run.folder.clone(), place.0.path().join("copy"));
    fs::create_dir(&copy).unwrap();
    fs::copy(part.join(JOURNAL), copy.join(JOURNAL)).unwrap();
    let whole = place.0.path().join("whole");
    let failed = merge(&run.suite, &[part.clone(), copy], &whole);
    assert!(matches!(failed, Err(RunnerError::Twice { .. })), "{failed:?}");
    assert!(!whole.exists());
    assert!(merge(&run.suite, &[part], &whole).unwrap().is_complete());
    let left = fs::read_dir(&whole).unwrap().map(|entry| entry.unwrap().file_name());
    let mut left: Vec<_> = left.map(|name| name.into_string().unwrap()).collect();
    left.sort();
    assert_eq!(left, [JOURNAL, LOG], "nothing else is left either");
}

#[tokio::test]
async fn what_was_on_its_way_in_a_part_is_so_in_the_whole() {
    let place = Place::new(&["yes"; 4], "");
    let echo = Arc::new(Echo::default());
    let part = place.run("part", target(&echo));
    go(&part).await.unwrap();
    // As if the process had been killed while it wrote the last record.
    let text = fs::read_to_string(place.journal("part")).unwrap();
    fs::write(place.journal("part"), &text[..text.len() - 1]).unwrap();
    let last: Record = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let whole = place.run("whole", target(&echo));
    let merged = merge(&part.suite, std::slice::from_ref(&part.folder), &whole.folder).unwrap();
    assert_eq!((merged.done, &merged.in_flight), (3, &vec![(last.id.clone(), 1)]));
    let requests = echo.requests.load(Order::Relaxed);
    let summary = go(&Run { in_flight: InFlight::GiveUp, ..whole }).await.unwrap();
    assert!(summary.in_flight.is_empty(), "{:?}", summary.in_flight);
    assert_eq!(summary.errors, BTreeMap::from([("in_flight".to_owned(), 1)]));
    assert_eq!(echo.requests.load(Order::Relaxed), requests, "it is not paid for twice");
}
