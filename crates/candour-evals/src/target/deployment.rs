//! Any deployment of Candour, over its JSON API.

use std::time::Instant;

use candour_core::{Answer, Answerer, AnswererError, Answering, Nation, Question, Reply};
use serde::{Deserialize, Serialize};

use super::http::{Host, TargetError, refused};

/// A deployment behind an address.
pub struct Deployment {
    host: Host,
}

impl Deployment {
    /// The deployment at `address`, such as `https://host`; the key is sent as a bearer token.
    pub fn new(address: &str, key: Option<&str>) -> Result<Self, TargetError> {
        Ok(Self { host: Host::new(address, "api/v1/ask", key)? })
    }

    /// Asks what was asked earlier first, in one conversation: a deployment cannot be told what it
    /// answered. How long that took does not count.
    async fn ask(&self, question: &Question) -> Result<Reply, AnswererError> {
        let mut conversation = None;
        for exchange in &question.earlier {
            let turn = self.post(&exchange.question, question, conversation).await?;
            conversation = turn.conversation;
        }
        let began = Instant::now();
        let turn = self.post(&question.text, question, conversation).await?;
        let latency_us = began.elapsed().as_micros() as u64;
        Ok(Reply { latency_us, ..Reply::from(turn.answer) })
    }

    async fn post(
        &self,
        text: &str,
        question: &Question,
        conversation: Option<String>,
    ) -> Result<Turn, AnswererError> {
        let locale = question.locale.interface();
        let request = Request {
            question: text,
            locale: locale.tag(),
            nation: question.nation,
            conversation: conversation.as_deref(),
        };
        let (status, body) = self.host.post(&request).await?;
        if !status.is_success() {
            return Err(refused(status, &body));
        }
        serde_json::from_slice(&body).map_err(|error| AnswererError::Malformed(error.to_string()))
    }
}

impl Answerer for Deployment {
    fn identity(&self) -> String {
        self.host.url().to_string()
    }

    fn answer<'a>(&'a self, question: &'a Question) -> Answering<'a> {
        Box::pin(self.ask(question))
    }
}

#[derive(Serialize)]
struct Request<'a> {
    question: &'a str,
    locale: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    nation: Option<Nation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation: Option<&'a str>,
}

#[derive(Deserialize)]
struct Turn {
    #[serde(default)]
    conversation: Option<String>,
    answer: Answer,
}
