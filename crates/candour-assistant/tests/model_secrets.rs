//! Neither what is asked and said nor a key is in any log or error, whatever goes wrong with a model.
//!
//! In a file of its own, because it listens to the log of the whole process.

#![cfg(test)]

use std::io::Write;
use std::sync::{Arc, Mutex};

use candour_assistant::model::{Outside, from_config};
use candour_core::{
    Generation, Generator, ModelMessage, ModelRequest, ModelRole, Price, Transport,
};
use candour_standin::{Script, Standin, catalogue};
use futures_util::{StreamExt as _, stream};

const OUTSIDE: Outside = Outside {
    variable: |_| Some("canary-key-4711".into()),
    now: || jiff::Timestamp::UNIX_EPOCH,
    jitter: || 0.0,
};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn nothing_that_is_secret_is_logged() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .init();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cases = catalogue().into_iter().flat_map(|(_, script)| {
        [(Transport::Anthropic, "", script.clone()), (Transport::Openai, "/v1", script)]
    });
    let told = stream::iter(cases)
        .map(async |(transport, path, script)| attempts_and_end(transport, path, script).await)
        .buffer_unordered(16);
    let errors: String = told.collect::<Vec<_>>().await.concat();
    assert!(errors.contains("unauthorised"), "{errors}");
    assert!(!errors.contains("canary"), "{errors}");
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(log.contains("is not asked for a while"), "nothing is logged: {log}");
    assert!(!log.contains("canary"), "{}", log.lines().find(|l| l.contains("canary")).unwrap());
}

async fn attempts_and_end(transport: Transport, path: &str, script: Script) -> String {
    let standin = Standin::start(script).await.unwrap();
    let model = Generator {
        transport,
        model: "a-model".into(),
        endpoint: format!("{}{path}", standin.address()),
        key_variable: Some("KEY".into()),
        key_file: None,
        price: Price::default(),
    };
    let generation =
        Generation { models: vec![model], deadline_seconds: 3, ..Generation::default() };
    let model = from_config(&generation, OUTSIDE).unwrap().unwrap();
    let question = ModelMessage { role: ModelRole::User, text: "A canary question".into() };
    let request =
        ModelRequest { messages: vec![question], max_output_tokens: 50, ..ModelRequest::default() };
    let calls = request.calls.clone();
    let events: Vec<_> = model.generate(request).collect().await;
    format!("{events:?} {:?}", calls.all())
}
