//! Runs in which nobody is there: stopped after a while, gone on with, and not mistaken for others.

use super::*;

const TRIED_ONCE: &str = "limits = { tries = 1 }";

#[tokio::test]
async fn a_target_that_is_not_there_is_not_asked_to_the_end() {
    for (text, ending) in [("away", "target unreachable"), ("model away", "model unreachable")] {
        let place = Place::new(&[text; 300], TRIED_ONCE);
        let echo = Arc::new(Echo::default());
        let run = place.run("r", target(&echo));
        let first = go(&run).await.unwrap();
        assert_eq!(first.ending, ending);
        // Those that were on their way are waited for, and everything that is done is counted.
        let most = u64::from(MOST_UNREACHED) + run.connections as u64;
        assert!((u64::from(MOST_UNREACHED)..most).contains(&first.done), "{}", first.done);
        let failed = first.writer.as_ref().map_or(0, Writers::failures);
        assert_eq!(
            first.errors.get("unreachable").copied().unwrap_or_default() + failed,
            first.done
        );
        let asked = echo.requests.load(Order::Relaxed);
        // It goes on where it stopped, and what nobody was reached for is asked again where that is wanted.
        let second = go(&run).await.unwrap();
        assert_eq!(second.done, echo.requests.load(Order::Relaxed), "{text}");
        assert!(second.done >= 2 * u64::from(MOST_UNREACHED));
        let third = go(&Run { retry_errors: true, ..run.clone() }).await.unwrap();
        assert_eq!(third.ending, ending);
        let repeated = echo.asked.lock().unwrap().values().filter(|times| **times == 2).count();
        assert!(repeated >= MOST_UNREACHED as usize, "{asked}");
        // Whoever only looks up what came of it has nobody to reach.
        let transcript = Arc::new(Transcript::open(&run.folder).unwrap());
        let again = go(&place.run("again", Target::Answerer(transcript))).await.unwrap();
        assert!(again.is_complete());
        assert_eq!(again.done, 300);
    }
}

#[tokio::test]
async fn who_is_reached_now_and_then_is_asked_to_the_end() {
    let often: Vec<&str> = (0..200).map(|at| if at % 40 == 39 { "yes" } else { "away" }).collect();
    let place = Place::new(&often, TRIED_ONCE);
    let echo = Arc::new(Echo::default());
    let summary = go(&Run { connections: 1, ..place.run("r", target(&echo)) }).await.unwrap();
    assert_eq!((summary.ending.as_str(), summary.done), ("complete", 200));
    // An answer for which no model was asked says nothing of whether one is there.
    let mixed: Vec<&str> =
        (0..200).map(|at| if at % 2 == 0 { "yes" } else { "model away" }).collect();
    let place = Place::new(&mixed, TRIED_ONCE);
    let summary = go(&Run { connections: 1, ..place.run("r", target(&echo)) }).await.unwrap();
    assert_eq!((summary.ending.as_str(), summary.done), ("model unreachable", 100));
    // What is all asked when the last is not reached is complete.
    let place = Place::new(&["away"; MOST_UNREACHED as usize], TRIED_ONCE);
    let summary = go(&Run { connections: 1, ..place.run("r", target(&echo)) }).await.unwrap();
    assert!(summary.is_complete());
}
