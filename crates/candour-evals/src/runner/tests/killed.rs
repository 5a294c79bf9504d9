//! What was on its way when a run was killed: told by name, and asked again or given up.

use super::*;

#[tokio::test]
async fn what_was_on_its_way_is_known_by_name() {
    let place = Place::new(&["yes", "yes", "yes"], "");
    let echo = Arc::new(Echo::default());
    let run = place.run("r", target(&echo));
    go(&run).await.unwrap();
    // As if the process had been killed while it wrote the last record.
    let whole = fs::read_to_string(place.journal("r")).unwrap();
    let cut = |by: usize| fs::write(place.journal("r"), &whole[..whole.len() - by]).unwrap();
    let last: Record = serde_json::from_str(whole.lines().last().unwrap()).unwrap();
    for by in [1, 20, last.id.len() + 4] {
        cut(by);
        let summary = go(&run).await.unwrap();
        assert_eq!(summary.in_flight, [(last.id.clone(), 1)]);
        assert_eq!((summary.done, summary.errors.len()), (3, 0));
    }
    let again = go(&run).await.unwrap();
    assert_eq!(again.in_flight, [(last.id.clone(), 1)], "it is told by the finished run too");
    cut(1);
    let never = Run { in_flight: InFlight::GiveUp, ..run.clone() };
    let requests = echo.requests.load(Order::Relaxed);
    let summary = go(&never).await.unwrap();
    assert_eq!(summary.errors, BTreeMap::from([("in_flight".to_owned(), 1)]));
    assert!(summary.in_flight.is_empty(), "{:?}", summary.in_flight);
    assert_eq!(echo.requests.load(Order::Relaxed), requests, "it is not asked again");
    // Until somebody wants it.
    let summary = go(&Run { retry_errors: true, ..run.clone() }).await.unwrap();
    assert_eq!(summary.in_flight, [(last.id.clone(), 1)]);
    assert_eq!(echo.requests.load(Order::Relaxed), requests + 1);
}

/// Each kill may cost a request that is paid for twice, and all of them are told, whoever asks when.
#[tokio::test]
async fn what_was_on_its_way_at_any_kill_is_told_and_counted() {
    let place = Place::new(&["yes"; 12], "limits = { tokens = 150 }");
    let (echo, run) = (Arc::new(Echo::default()), place.run("r", target(&Arc::default())));
    let run = Run { connections: 1, target: target(&echo), ..run };
    let stopped = go(&run).await.unwrap();
    let (_, alone) = (stopped.ending, stopped.done);
    fs::remove_file(place.journal("r")).unwrap();
    let mut killed = Vec::new();
    for kill in 0..3 {
        let summary = go(&run).await.unwrap();
        assert_eq!(summary.in_flight, killed, "{kill}");
        let whole = fs::read_to_string(place.journal("r")).unwrap();
        // As if the process had been killed while another question was on its way.
        let kept: Vec<&str> = whole.lines().take(6 + 5 * kill).collect();
        let last: Record = serde_json::from_str(whole.lines().nth(kept.len()).unwrap()).unwrap();
        fs::write(place.journal("r"), kept.join("\n") + "\n").unwrap();
        killed.push((last.id, 1));
        killed.sort();
    }
    let summary = go(&run).await.unwrap();
    assert_eq!((&summary.in_flight, &*summary.ending), (&killed, "limit of tokens"));
    assert!(summary.done < alone, "three that were lost may have cost as much as others");
    let again = go(&run).await.unwrap();
    assert_eq!((again.in_flight, again.done), (killed, summary.done));
}
