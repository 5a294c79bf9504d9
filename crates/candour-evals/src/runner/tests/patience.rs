//! Targets that ask to be left alone: one that takes few questions at a time, and one that takes none.

use std::time::Instant;

use super::*;

/// Takes one question, and another after each pause; the others are turned away.
struct Scarce {
    pause: Duration,
    takes_none: bool,
    free_from: Mutex<Instant>,
    turned_away: AtomicU64,
}

impl Scarce {
    fn new(pause: Duration, takes_none: bool) -> Arc<Self> {
        let free_from = Mutex::new(Instant::now());
        Arc::new(Self { pause, takes_none, free_from, turned_away: AtomicU64::new(0) })
    }
}

impl Answerer for Scarce {
    fn identity(&self) -> String {
        "scarce".to_owned()
    }

    fn answer<'a>(&'a self, question: &'a Question) -> Answering<'a> {
        let now = Instant::now();
        let mut free_from = self.free_from.lock().unwrap();
        let answer = if self.takes_none || now < *free_from {
            self.turned_away.fetch_add(1, Order::Relaxed);
            let retry_after = Some(self.pause);
            Err(AnswererError::Busy { status: 429, retry_after })
        } else {
            *free_from = now + self.pause;
            Ok(Reply { text: question.text.clone(), ..Reply::default() })
        };
        Box::pin(std::future::ready(answer))
    }
}

#[tokio::test]
async fn a_target_that_asks_for_patience_answers_everything_in_the_end() {
    let place = Place::new(&["yes"; 30], "limits = { tries = 2 }");
    let target = Scarce::new(Duration::from_millis(10), false);
    let run = place.run("r", Target::Answerer(Arc::clone(&target) as _));
    let summary = go(&Run { connections: 10, ..run }).await.unwrap();
    assert_eq!((summary.done, summary.errors.len()), (30, 0), "{:?}", summary.errors);
    // Ten workers that came back together each time would have been turned away nine times in ten.
    let turned_away = target.turned_away.load(Order::Relaxed);
    assert!(turned_away < 150, "{turned_away}");
}

/// What was turned away until the run stopped cost nothing, so that nobody need fear to pay for it twice.
#[tokio::test]
async fn what_was_turned_away_is_not_on_its_way() {
    let limits = "limits = { seconds = 0.1, tries = 9 }";
    for target in
        [Target::Answerer(Scarce::new(Duration::from_secs(50), true) as _), target(&Arc::default())]
    {
        let place = Place::new(&["away"; 3], limits);
        let run = place.run("r", target);
        let first = go(&run).await.unwrap();
        assert_eq!((first.ending.as_str(), first.done), ("limit of seconds", 0));
        let again = go(&run).await.unwrap();
        assert!(again.in_flight.is_empty(), "{:?}", again.in_flight);
    }
}
