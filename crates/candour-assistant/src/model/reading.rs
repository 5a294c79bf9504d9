//! One request over HTTP and its answer, decoded piece by piece into events. Shared by the transports.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;

use candour_core::{ModelError, ModelEvent, ModelStream};
use futures_util::stream;
use reqwest::Response;

/// More than this is not read of one answer, beside so much for each token that may be said: an event
/// for one has some 200 bytes, and a citation repeats a sentence or two.
const MOST_BYTES: usize = 512 * 1024;
const MOST_BYTES_PER_TOKEN: usize = 1024;
/// How long the end of the connection is waited for once all is said, so that it can be used again.
const END_WAIT: Duration = Duration::from_millis(100);

/// Turns the bytes of an answer into events.
pub(super) trait Protocol: Send + 'static {
    /// Takes the next bytes.
    fn push(&mut self, bytes: &[u8], events: &mut VecDeque<ModelEvent>) -> Result<(), ModelError>;

    /// Nothing more comes. An answer that was not whole is an error.
    fn end(&mut self, events: &mut VecDeque<ModelEvent>) -> Result<(), ModelError>;
}

/// A request on its way.
pub(super) type Asking = Pin<Box<dyn Future<Output = Result<Response, ModelError>> + Send>>;

/// Sends the request when it is first polled, and reads the answer, which may have `max_tokens`.
pub(super) fn read(asking: Asking, protocol: impl Protocol, max_tokens: u32) -> ModelStream {
    let reading = Reading {
        most_bytes: MOST_BYTES + MOST_BYTES_PER_TOKEN * max_tokens as usize,
        stage: Stage::Asking(asking),
        protocol: Box::new(protocol),
        events: VecDeque::new(),
        read: 0,
    };
    Box::pin(stream::unfold(reading, |mut reading| async move {
        let item = reading.next().await?;
        Some((item, reading))
    }))
}

struct Reading {
    stage: Stage,
    protocol: Box<dyn Protocol>,
    events: VecDeque<ModelEvent>,
    read: usize,
    most_bytes: usize,
}

enum Stage {
    Asking(Asking),
    Answering(Response),
    Done,
}

impl Reading {
    async fn next(&mut self) -> Option<Result<ModelEvent, ModelError>> {
        loop {
            if matches!(self.events.front(), Some(ModelEvent::Stop(_))) {
                self.see_out().await;
            }
            if let Some(event) = self.events.pop_front() {
                return Some(Ok(event));
            }
            if let Err(error) = self.advance().await {
                self.stage = Stage::Done;
                return Some(Err(error));
            }
            if self.events.is_empty() && matches!(self.stage, Stage::Done) {
                return None;
            }
        }
    }

    /// Does the next step of the exchange.
    async fn advance(&mut self) -> Result<(), ModelError> {
        match &mut self.stage {
            Stage::Asking(asking) => {
                let response = asking.await?;
                self.stage = Stage::Answering(response);
                Ok(())
            }
            Stage::Answering(response) => match response.chunk().await {
                Ok(Some(bytes)) => {
                    self.read += bytes.len();
                    if self.read > self.most_bytes {
                        return Err(ModelError::Broken("it is longer than is read".into()));
                    }
                    self.protocol.push(&bytes, &mut self.events)
                }
                Ok(None) => {
                    self.stage = Stage::Done;
                    self.protocol.end(&mut self.events)
                }
                Err(_) => Err(ModelError::Broken("the connection broke".into())),
            },
            Stage::Done => Ok(()),
        }
    }

    /// Reads the connection to its end, which comes at once, so that the next request can use it.
    async fn see_out(&mut self) {
        if let Stage::Answering(response) = &mut self.stage {
            let end = async { while let Ok(Some(_)) = response.chunk().await {} };
            let _ = tokio::time::timeout(END_WAIT, end).await;
        }
        self.stage = Stage::Done;
        self.events.truncate(1);
    }
}
