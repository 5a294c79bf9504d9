//! Chains of models that do what a test says, on a clock that waits for nobody.

use std::collections::VecDeque;
use std::sync::Mutex;

use candour_core::{Generation, ModelUsage, StopReason};

use super::*;

/// What a model does when it is asked once more.
#[derive(Debug, Clone)]
enum Does {
    Fails(ModelError),
    Says(&'static str),
    /// Is silent for so many seconds before it speaks.
    Thinks(u64),
    /// Says something and fails.
    Breaks,
}

struct Scripted {
    name: &'static str,
    script: Mutex<VecDeque<Does>>,
}

impl LanguageModel for Scripted {
    fn identity(&self) -> ModelIdentity {
        ModelIdentity { transport: "test".into(), model: self.name.into() }
    }

    fn generate(&self, _: ModelRequest) -> ModelStream {
        let does = self.script.lock().unwrap().pop_front().expect("it is not asked that often");
        let usage = ModelUsage { input_tokens: 10, output_tokens: 2, ..ModelUsage::default() };
        let says = |text: &str| {
            stream::iter([
                Ok(ModelEvent::Usage(usage)),
                Ok(ModelEvent::Text(text.to_owned())),
                Ok(ModelEvent::SpanEnd(Vec::new())),
                Ok(ModelEvent::Stop(StopReason::Finished)),
            ])
        };
        match does {
            Does::Fails(error) => stream::iter([Err(error)]).boxed(),
            Does::Says(text) => says(text).boxed(),
            Does::Thinks(seconds) => {
                let wait = stream::once(sleep(Duration::from_secs(seconds)));
                wait.filter_map(async |()| None).chain(says("at last")).boxed()
            }
            Does::Breaks => {
                let broken = ModelError::Broken("reset".into());
                stream::iter([Ok(ModelEvent::Text("half".into())), Err(broken)]).boxed()
            }
        }
    }
}

struct Told {
    words: String,
    end: Result<StopReason, ModelError>,
    /// The model and the outcome of each attempt.
    attempts: Vec<(String, String)>,
    seconds: f64,
}

fn chain(scripts: &[(&'static str, &[Does])], generation: &Generation) -> Chain {
    let links = scripts.iter().map(|(name, script)| Link {
        model: Arc::new(Scripted { name, script: Mutex::new(script.iter().cloned().collect()) }),
        price: Price { input: 1.0, output: 10.0, ..Price::default() },
        breaker: Arc::default(),
    });
    let rules = Rules {
        deadline: Duration::from_secs(generation.deadline_seconds.into()),
        hedge_after: Duration::from_secs(generation.hedge_after_seconds.into()),
        budget: Budget::new(generation, None),
        now: || Timestamp::UNIX_EPOCH,
        jitter: || 1.0,
    };
    Chain::new(links.collect(), rules)
}

async fn tell(chain: &Chain) -> Told {
    tell_of(chain, ModelRequest::default()).await
}

async fn tell_of(chain: &Chain, request: ModelRequest) -> Told {
    let began = Instant::now();
    let request = ModelRequest { max_output_tokens: 10, ..request };
    let calls = request.calls.clone();
    let mut stream = chain.generate(request);
    let mut words = String::new();
    let end = loop {
        match stream.next().await.expect("a stream has an end") {
            Ok(ModelEvent::Text(text)) => words.push_str(&text),
            Ok(ModelEvent::Stop(reason)) => break Ok(reason),
            Ok(ModelEvent::Again) => words.clear(),
            Ok(_) => {}
            Err(error) => break Err(error),
        }
    };
    assert!(stream.next().await.is_none(), "nothing comes after the end");
    let attempts = calls.ended().into_iter().map(|attempt| (attempt.model.model, attempt.outcome));
    Told { words, end, attempts: attempts.collect(), seconds: began.elapsed().as_secs_f64() }
}

/// Asks once, and compares the words, the attempts and the seconds that it took.
async fn check(
    scripts: &[(&'static str, &[Does])],
    words: &str,
    attempts: &[(&str, &str)],
    seconds: f64,
) -> Told {
    let told = tell(&chain(scripts, &Generation::default())).await;
    let seen: Vec<_> = told.attempts.iter().map(|(m, o)| (m.as_str(), o.as_str())).collect();
    assert_eq!((told.words.as_str(), &*seen), (words, attempts), "{scripts:?}");
    assert!((told.seconds - seconds).abs() < 0.01, "{scripts:?} took {}", told.seconds);
    told
}

fn unavailable() -> Does {
    Does::Fails(ModelError::Unavailable("529".into()))
}

fn limited(seconds: Option<u64>) -> Does {
    Does::Fails(ModelError::Limited { retry_after: seconds.map(Duration::from_secs) })
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_tried_again_and_the_rest_goes_to_the_next_model() {
    use Does::{Fails, Says};
    let invalid = || Fails(ModelError::Invalid("404".into()));
    let (a, b) = ("first", "second");
    check(&[(a, &[Says("yes")])], "yes", &[(a, "answered")], 0.0).await;
    check(
        &[(a, &[unavailable(), unavailable(), Says("yes")])],
        "yes",
        &[(a, "unavailable"), (a, "unavailable"), (a, "answered")],
        1.5,
    )
    .await;
    check(&[(a, &[limited(Some(3)), Says("yes")])], "yes", &[(a, "limited"), (a, "answered")], 3.0)
        .await;
    // Neither a month nor an hour is waited for, and no wrong request is made twice.
    for (does, outcome) in [
        (limited(None), "limited"),
        (limited(Some(3600)), "limited"),
        (invalid(), "invalid"),
        (Fails(ModelError::Unauthorised), "unauthorised"),
        (Fails(ModelError::Spent("there".into())), "spent"),
    ] {
        let scripts: [(_, &[Does]); 2] = [(a, &[does]), (b, &[Says("yes")])];
        check(&scripts, "yes", &[(a, outcome), (b, "answered")], 0.0).await;
    }
    let scripts: [(_, &[Does]); 2] = [(a, &[invalid()]), (b, &[invalid()])];
    let told = check(&scripts, "", &[(a, "invalid"), (b, "invalid")], 0.0).await;
    assert_eq!(told.end, Err(ModelError::Invalid("404".into())));
}

#[tokio::test(start_paused = true)]
async fn the_next_model_is_asked_beside_a_silent_one() {
    let (a, b) = ("first", "second");
    let says = &[Does::Says("yes")];
    check(&[(a, &[Does::Thinks(20)]), (b, says)], "yes", &[(a, "dropped"), (b, "answered")], 8.0)
        .await;
    // Whoever speaks first is heard, even if it was asked first.
    check(
        &[(a, &[Does::Thinks(9)]), (b, &[Does::Thinks(9)])],
        "at last",
        &[(b, "dropped"), (a, "answered")],
        9.0,
    )
    .await;
    let late = check(&[(a, &[Does::Thinks(99)])], "", &[(a, "timed_out")], 20.0).await;
    assert_eq!(late.end, Err(ModelError::TimedOut));
}

#[tokio::test(start_paused = true)]
async fn the_next_model_begins_anew_where_one_breaks_off_and_nothing_was_shown() {
    let (a, b, c) = ("first", "second", "third");
    let (says, breaks) = (&[Does::Says("yes")], &[Does::Breaks]);
    let broke = [(a, "broken"), (b, "answered")];
    check(&[(a, breaks), (b, says)], "yes", &broke, 0.0).await;
    let broke = [(a, "broken"), (b, "broken"), (c, "answered")];
    check(&[(a, breaks), (b, breaks), (c, says)], "yes", &broke, 0.0).await;
    // Who was asked beside a silent one is not asked once more.
    let broke = [(a, "dropped"), (b, "broken"), (c, "answered")];
    check(&[(a, &[Does::Thinks(9)]), (b, breaks), (c, says)], "yes", &broke, 8.0).await;
    let told = check(&[(a, breaks)], "half", &[(a, "broken")], 0.0).await;
    assert_eq!(told.end, Err(ModelError::Broken("reset".into())));
    let told = check(
        &[(a, breaks), (b, &[unavailable(), unavailable(), unavailable()])],
        "",
        &[(a, "broken"), (b, "unavailable"), (b, "unavailable"), (b, "unavailable")],
        1.5,
    )
    .await;
    assert_eq!(told.end, Err(ModelError::Unavailable("529".into())));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_again_once_something_was_shown() {
    let chain = chain(&[("first", &[Does::Breaks]), ("second", &[])], &Generation::default());
    let told = tell_of(&chain, was_shown()).await;
    assert_eq!((told.words.as_str(), told.attempts.len()), ("half", 1));
    assert_eq!(told.end, Err(ModelError::Broken("reset".into())));
}

/// A request of whose answer something was shown.
fn was_shown() -> ModelRequest {
    let request = ModelRequest::default();
    request.shown.note();
    request
}

#[tokio::test(start_paused = true)]
async fn who_has_spent_the_budget_asks_nobody() {
    // One answer sets 100 aside and costs 30.
    let generation = Generation { pounds_per_day: 0.000_140, ..Generation::default() };
    let chain = chain(&[("first", &[Does::Says("one"), Does::Says("two")])], &generation);
    assert_eq!(tell(&chain).await.words, "one");
    assert_eq!(tell(&chain).await.words, "two");
    let third = tell(&chain).await;
    assert!(matches!(third.end, Err(ModelError::Spent(_))), "{:?}", third.end);
    assert_eq!(third.attempts, []);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_paid_is_not_the_request_after_a_rest() {
    let generation = Generation { pounds_per_day: 0.0, ..Generation::default() };
    let chain = chain(&[("first", &[])], &generation);
    let breaker = &chain.links[0].breaker;
    breaker.count(&ModelError::Unauthorised, Instant::now());
    sleep(Duration::from_mins(6)).await;
    assert!(matches!(tell(&chain).await.end, Err(ModelError::Spent(_))));
    assert!(breaker.admits(Instant::now()), "the one request is still there");
    let told = tell(&chain).await;
    assert!(matches!(told.end, Err(ModelError::Unavailable(_))), "{:?}", told.end);
}

#[tokio::test]
async fn where_nobody_counts_only_what_is_free_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let address = candour_store::DatabaseAddress::in_state(folder.path());
    let database = candour_store::Database::open(&address).await.unwrap();
    database.close().await;
    let generation = Generation::default();
    let chain =
        || chain(&[("dear", &[]), ("dearer", &[]), ("own", &[Does::Says("yes")])], &generation);
    let told = |mut chain: Chain, price| {
        let budget = Budget::new(&Generation::default(), Some(database.clone()));
        Arc::get_mut(&mut chain.rules).unwrap().budget = budget;
        Arc::get_mut(&mut chain.links[2]).unwrap().price = price;
        async move { tell(&chain).await }
    };
    assert_eq!(told(chain(), Price::default()).await.words, "yes");
    let none = told(chain(), Price { output: 1.0, ..Price::default() }).await;
    assert_eq!((none.end, none.attempts), (Err(ModelError::Uncounted), Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn who_fails_again_and_again_is_left_alone() {
    let chain = chain(
        &[
            ("first", &[const { Does::Breaks }; 5]),
            ("second", &[Does::Says("yes"), Does::Says("yes")]),
        ],
        &Generation::default(),
    );
    for _ in 0..5 {
        assert_eq!(tell_of(&chain, was_shown()).await.words, "half");
    }
    let told = tell(&chain).await;
    assert_eq!(told.attempts, [("second".to_owned(), "answered".to_owned())]);
}
