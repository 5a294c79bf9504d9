//! Any deployment of Candour, over its JSON API.

use std::time::{Duration, Instant};

use candour_core::{
    Answer, Answerer, AnswererError, Answering, Endpoint, Nation, Question, Reply, Retrieved,
};
use serde::{Deserialize, Serialize};

use super::http::{Host, TargetError, malformed, refused};

/// What a deployment is called as a model.
const DEPLOYMENT: &str = "candour/assistant";

/// The longest that the passages of an answer are waited for.
const LOOKING_UP: Duration = Duration::from_secs(5);

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
        let is_cited = turn.answer.sentences.iter().any(|sentence| !sentence.citations.is_empty());
        let cited = if is_cited { self.cited_in_time(turn.id.as_deref()).await } else { None };
        Ok(Reply { latency_us, cited, ..Reply::from(turn.answer) })
    }

    /// The passages that an answer cites, where the deployment says so soon: the answer, which may have been
    /// paid for, does not wait for them.
    async fn cited_in_time(&self, id: Option<&str>) -> Option<Vec<Retrieved>> {
        tokio::time::timeout(LOOKING_UP, self.cited(id)).await.ok().flatten()
    }

    /// The passages that an answer cites, as the deployment has them; those that it has not are left out.
    /// Nothing where it does not tell, as one of an earlier version: the answer is there without it.
    async fn cited(&self, id: Option<&str>) -> Option<Vec<Retrieved>> {
        let body = self.host.get(&["api", "v1", "answers", id?, "sources"]).await?;
        let Sources { sources } = serde_json::from_slice(&body).ok()?;
        let known = sources.into_iter().filter(|source| source.state != "gone");
        let passage = |source: Cited| {
            let text = source.text.filter(|_| source.state == "unchanged").unwrap_or_default();
            Retrieved { id: source.passage, page: source.url, text }
        };
        Some(known.map(passage).collect())
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
        serde_json::from_slice(&body).map_err(|error| malformed(&body, &error))
    }
}

impl Answerer for Deployment {
    fn identity(&self) -> String {
        self.host.url().to_string()
    }

    fn endpoint(&self) -> Option<Endpoint> {
        Some(Endpoint { model: DEPLOYMENT.to_owned(), base_url: self.host.base_url() })
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
    id: Option<String>,
    #[serde(default)]
    conversation: Option<String>,
    answer: Answer,
}

#[derive(Deserialize)]
struct Sources {
    sources: Vec<Cited>,
}

#[derive(Deserialize)]
struct Cited {
    passage: String,
    url: String,
    state: String,
    #[serde(default)]
    text: Option<String>,
}
