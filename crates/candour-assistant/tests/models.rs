//! Every transport, as the configuration names it, against the stand-in for its server.

#![cfg(test)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use candour_assistant::model::{Outside, contact, from_config, ready};
use candour_core::{
    Config, Generation, Generator, LanguageModel, ModelAttempt, ModelCitation, ModelError,
    ModelEvent, ModelMessage, ModelRequest, ModelRole, ModelSource, Price, StopReason, Transport,
};
use candour_standin::{Fault, Reply, Script, Standin, catalogue};
use futures_util::{StreamExt as _, stream};

/// How many cases run at the same time.
const AT_ONCE: usize = 16;
const KEY: &str = "canary-key-4711";
const QUESTION: &str = "How much is the canary licence?";
#[cfg(feature = "bedrock")]
const TRANSPORTS: [Transport; 3] = [Transport::Anthropic, Transport::Openai, Transport::Bedrock];
#[cfg(not(feature = "bedrock"))]
const TRANSPORTS: [Transport; 2] = [Transport::Anthropic, Transport::Openai];

const OUTSIDE: Outside = Outside {
    variable: |name| (name == "THE_KEY").then(|| KEY.to_owned()),
    now: || jiff::Timestamp::UNIX_EPOCH,
    jitter: || 0.0,
};

fn generator(transport: Transport, endpoint: String) -> Generator {
    Generator {
        transport,
        model: "a-model".into(),
        endpoint,
        key_variable: (transport != Transport::Replay).then(|| "THE_KEY".into()),
        key_file: None,
        price: Price { input: 3.0, output: 15.0, cache_write: Some(3.75), cache_read: Some(0.3) },
    }
}

fn models(models: Vec<Generator>, deadline_seconds: u32) -> Arc<dyn LanguageModel> {
    install_crypto_provider();
    let generation = Generation { models, deadline_seconds, ..Generation::default() };
    from_config(&generation, OUTSIDE).unwrap().unwrap()
}

fn install_crypto_provider() {
    // Another test may have done so already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

fn model_at(transport: Transport, standin: &Standin) -> Generator {
    let path = if transport == Transport::Openai { "/v1" } else { "" };
    generator(transport, format!("{}{path}", standin.address()))
}

fn request() -> ModelRequest {
    let blocks = ["You can renew a licence online.", "It costs £20 if you are over 18.", "Fees"];
    ModelRequest {
        instructions: "Cite every sentence.".into(),
        sources: vec![ModelSource {
            address: "/licence".into(),
            title: "Licence".into(),
            blocks: blocks.map(Into::into).into(),
        }],
        messages: vec![ModelMessage { role: ModelRole::User, text: QUESTION.into() }],
        max_output_tokens: 300,
        ..ModelRequest::default()
    }
}

#[derive(Debug, Default)]
struct Told {
    spans: Vec<(String, Vec<ModelCitation>)>,
    attempts: Vec<ModelAttempt>,
    end: Option<Result<StopReason, ModelError>>,
}

impl Told {
    fn outcomes(&self) -> Vec<&str> {
        self.attempts.iter().map(|attempt| attempt.outcome.as_str()).collect()
    }
}

async fn tell(model: &dyn LanguageModel) -> Told {
    let request = request();
    let calls = request.calls.clone();
    let mut stream = model.generate(request);
    let (mut told, mut words) = (Told::default(), String::new());
    while let Some(item) = stream.next().await {
        assert_eq!(told.end, None, "nothing comes after the end");
        match item {
            Ok(ModelEvent::Text(text)) => words.push_str(&text),
            Ok(ModelEvent::SpanEnd(citations)) => {
                told.spans.push((std::mem::take(&mut words), citations));
            }
            Ok(ModelEvent::Usage(_)) => {}
            Ok(ModelEvent::Again) => (told.spans, words) = Default::default(),
            Ok(ModelEvent::Stop(reason)) => told.end = Some(Ok(reason)),
            Err(error) => told.end = Some(Err(error)),
        }
    }
    told.attempts = calls.ended();
    told
}

fn cite(block: usize, quote: Option<&str>) -> Vec<ModelCitation> {
    vec![ModelCitation { source: 0, blocks: block..block + 1, quote: quote.map(Into::into) }]
}

#[tokio::test]
async fn every_transport_says_the_same_with_the_same_citations() {
    let standin = Standin::start(Script::default()).await.unwrap();
    let [first, second, _] = request().sources[0].blocks.clone().try_into().unwrap();
    for transport in TRANSPORTS {
        let told = tell(&*models(vec![model_at(transport, &standin)], 5)).await;
        let quotes = transport != Transport::Openai;
        let quote = |text| Some(text).filter(|_| quotes);
        let cited: Vec<_> =
            told.spans.into_iter().filter(|(_, citations)| !citations.is_empty()).collect();
        let expected = [
            (first.clone(), cite(0, quote(first.as_str()))),
            (second.clone(), cite(1, quote(second.as_str()))),
        ];
        assert_eq!(cited, expected, "{transport:?}");
        assert_eq!(told.end, Some(Ok(StopReason::Finished)));
        let [attempt] = &told.attempts[..] else { panic!("{:?}", told.attempts) };
        assert_eq!(
            (attempt.outcome.as_str(), attempt.model.model.as_str()),
            ("answered", "a-model")
        );
        assert!(attempt.micro_pounds > 100 && attempt.first_words_ms.is_some(), "{attempt:?}");
    }
}

/// Whatever goes wrong, the stream ends in time, with a reason to stop or an error, and nobody is asked
/// more often than is polite.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_ends_in_time() {
    let cases = TRANSPORTS.into_iter().flat_map(|transport| {
        catalogue().into_iter().map(move |(name, script)| (transport, name, script))
    });
    let ended = stream::iter(cases)
        .map(async |(transport, name, script)| {
            let standin = Standin::start(script).await.unwrap();
            let model = models(vec![model_at(transport, &standin)], 2);
            let began = Instant::now();
            let told = tell(&*model).await;
            let took = began.elapsed();
            let name = format!("{transport:?}: {name}");
            assert!(told.end.is_some(), "{name}: it has no end");
            assert!(took < Duration::from_secs(4), "{name}: it took {took:?}");
            assert!(standin.requests() <= 3, "{name}: {} requests", standin.requests());
            assert!(told.attempts.len() >= standin.requests(), "{name}: {told:?}");
        })
        .buffer_unordered(AT_ONCE)
        .count()
        .await;
    assert!(ended >= TRANSPORTS.len() * 40, "{ended} cases");
}

/// What goes wrong before the first words is nothing to a reader where there is another model.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_model_answers_where_one_fails_before_it_speaks() {
    install_crypto_provider();
    let helped = stream::iter(catalogue())
        .map(async |(name, script)| {
            let failing = Standin::start(script).await.unwrap();
            let good = Standin::start(Script::default()).await.unwrap();
            let generation = Generation {
                models: vec![
                    model_at(Transport::Anthropic, &failing),
                    model_at(Transport::Openai, &good),
                ],
                deadline_seconds: 8,
                hedge_after_seconds: 1,
                ..Generation::default()
            };
            let model = from_config(&generation, OUTSIDE).unwrap().unwrap();
            let told = tell(&*model).await;
            let has_spoken = told.attempts.iter().any(|attempt| attempt.first_words_ms.is_some());
            let has_stopped = matches!(told.end, Some(Ok(_)));
            assert!(has_stopped || has_spoken, "{name}: {told:?}");
            usize::from(good.requests() > 0)
        })
        .buffer_unordered(AT_ONCE)
        .fold(0, async |helped, once| helped + once)
        .await;
    assert!(helped >= 25, "the second model helped {helped} times");
}

#[tokio::test]
async fn what_passes_is_waited_for() {
    let standin = Standin::start(Script::default()).await.unwrap();
    let fault = |status, kind: &str, retry_after: Option<&str>| {
        Script::failing(Fault::Status {
            status,
            kind: kind.into(),
            retry_after: retry_after.map(Into::into),
            error_code: None,
        })
    };
    standin.follow_once([
        fault(529, "overloaded_error", None),
        fault(429, "rate_limit_error", Some("0.2")),
    ]);
    let began = Instant::now();
    let told = tell(&*models(vec![model_at(Transport::Anthropic, &standin)], 5)).await;
    assert_eq!(told.outcomes(), ["unavailable", "limited", "answered"]);
    assert!(began.elapsed() >= Duration::from_millis(450), "{:?}", began.elapsed());
    // A limit without a time is a month's: it is not knocked at again.
    standin.follow_once([fault(429, "rate_limit_error", None)]);
    let told = tell(&*models(vec![model_at(Transport::Anthropic, &standin)], 5)).await;
    assert_eq!(told.end, Some(Err(ModelError::Limited { retry_after: None })));
    assert_eq!(told.outcomes(), ["limited"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_answers_at_once_all_end_well() {
    let script = Script { latency_ms: 300, ..Script::default() };
    let standin = Standin::start(script).await.unwrap();
    let model = models(vec![model_at(Transport::Anthropic, &standin)], 60);
    let ended = stream::iter(0..1000)
        .map(async |_| tell(&*model).await.end)
        .buffer_unordered(1000)
        .filter(|end| std::future::ready(*end == Some(Ok(StopReason::Finished))))
        .count()
        .await;
    assert_eq!((ended, standin.requests()), (1000, 1000));
}

#[tokio::test]
async fn what_was_recorded_is_said_again_with_no_network() {
    install_crypto_provider();
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("record.jsonl");
    let standin = Standin::start(Script::default()).await.unwrap();
    let generation = Generation {
        models: vec![model_at(Transport::Anthropic, &standin)],
        record: Some(record.clone()),
        ..Generation::default()
    };
    let recorder = from_config(&generation, OUTSIDE).unwrap().unwrap();
    let told = tell(&*recorder).await;
    standin.follow(Script { reply: Reply::Refusal, ..Script::default() });
    let replay = models(vec![generator(Transport::Replay, record.display().to_string())], 5);
    let again = tell(&*replay).await;
    assert_eq!((again.spans, again.end), (told.spans, told.end));
    assert_eq!(standin.requests(), 1);
    let text = std::fs::read_to_string(record).unwrap();
    assert!(text.contains(QUESTION) && !text.contains(KEY), "{text}");
    let other = ModelRequest { max_output_tokens: 1, ..request() };
    let unknown: Vec<_> = replay.generate(other).collect().await;
    let unknown = unknown.last().unwrap().as_ref().unwrap_err();
    assert!(unknown.to_string().contains("nothing was recorded"), "{unknown}");
}

/// The examples of docs/models.md mean something to the program.
#[test]
fn documented_configurations_are_read() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/models.md");
    let text = std::fs::read_to_string(page).unwrap();
    let blocks: Vec<&str> = text.split("```toml\n").skip(1).collect();
    assert_eq!(blocks.len(), 8);
    for block in blocks {
        let example = block.split("```").next().unwrap();
        let config = Config::resolve(example, &BTreeMap::new()).unwrap();
        let Config { generation, routing, rewriting, judge, .. } = config;
        let mut lists =
            [generation.models, routing.models, rewriting.models, judge.models].into_iter();
        assert!(lists.any(|models| !models.is_empty()), "{example}");
    }
}

#[test]
fn models_that_cannot_be_used_are_told_with_what_to_do() {
    install_crypto_provider();
    let folder = tempfile::tempdir().unwrap();
    let (file, missing) = (folder.path().join("key"), folder.path().join("none"));
    std::fs::write(&file, "a-key\n").unwrap();
    let claude = || generator(Transport::Anthropic, "https://api.example".into());
    let keyless = || Generator { key_variable: None, ..claude() };
    for (generator, expected) in [
        (claude(), ""),
        (Generator { key_file: Some(file), ..keyless() }, ""),
        (Generator { key_file: Some(missing.clone()), ..keyless() }, "mend `key_file`"),
        (Generator { key_variable: Some("OTHER".into()), ..claude() }, "OTHER"),
        (keyless(), "has no key"),
        (generator(Transport::Openai, "localhost:8000".into()), "is no address"),
        (generator(Transport::Replay, missing.display().to_string()), "cannot be used"),
    ] {
        let told = ready(&generator, OUTSIDE).err().map(|error| error.to_string());
        let told = told.unwrap_or_default();
        assert!(told.contains(expected) && told.is_empty() == expected.is_empty(), "{told}");
    }
}

#[tokio::test]
async fn providers_are_asked_for_nothing_but_whether_they_take_the_key() {
    install_crypto_provider();
    let standin = Standin::start(Script::default()).await.unwrap();
    let claude = model_at(Transport::Anthropic, &standin);
    assert!(contact(&claude, OUTSIDE).await.unwrap().contains("tokens in a greeting"));
    assert_eq!(standin.bodies().len(), 1);
    let unknown = Generator { model: "no-such-model".into(), ..claude };
    let error = contact(&unknown, OUTSIDE).await.unwrap_err().to_string();
    assert!(error.contains("check the model's name"), "{error}");
    let local = model_at(Transport::Openai, &standin);
    assert!(contact(&local, OUTSIDE).await.is_ok());
    let keyless = Generator { key_variable: None, ..local };
    let error = contact(&keyless, OUTSIDE).await.unwrap_err().to_string();
    assert!(error.contains("has no key"), "{error}");
}
