//! The seam around answering: what is asked of anything that answers, and what it gives back.
//!
//! Our own pipeline, a deployment over HTTP, a language model and a transcript are all an `Answerer`,
//! so that they can be measured alike. No runtime is needed to name one: an answer is a boxed future.

use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::answer::{Answer, AnswerSentence, AnswerStatus};
use crate::locale::Locale;
use crate::model::ModelUsage;
use crate::nation::Nation;

/// Answers questions, many at a time.
pub trait Answerer: Send + Sync {
    /// Names what answers, and all that is known to decide its answers, for the record of a run.
    fn identity(&self) -> String;

    /// The model and its address, where it is one model that is reached over a network.
    fn endpoint(&self) -> Option<Endpoint> {
        None
    }

    /// Answers a question. Whoever drops the future asks for no answer any more.
    fn answer<'a>(&'a self, question: &'a Question) -> Answering<'a>;

    /// Whether somebody is asked now. Where answers are looked up, a host that could not be reached when they
    /// were given says nothing of now.
    fn is_live(&self) -> bool {
        true
    }
}

/// A model that is reached over a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// What it is called there.
    pub model: String,
    /// What all addresses there begin with.
    pub base_url: String,
}

/// An answer on its way.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Result<Reply, AnswererError>> + Send + 'a>>;

/// A question, with what is known around it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Question {
    /// Names it among those that are asked; a transcript is looked up by it.
    pub id: String,
    /// How often it has been asked, this time included.
    pub epoch: u32,
    /// What is asked.
    pub text: String,
    /// What was said before it, oldest first.
    pub earlier: Vec<Exchange>,
    /// The language of the interface.
    pub locale: Locale,
    /// The nation that the reader chose, if any.
    pub nation: Option<Nation>,
    /// The moment of asking, where it is to be another than now and the answerer can be told.
    pub at: Option<Timestamp>,
}

/// A question and its answer, earlier in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// What was asked.
    pub question: String,
    /// What was answered.
    pub answer: String,
}

/// What came of a question.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reply {
    /// What became of the question, where the answerer says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<AnswerStatus>,
    /// All that the reader reads.
    pub text: String,
    /// The answer's sentences with their citations; none where the answerer gives text alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sentences: Vec<AnswerSentence>,
    /// Where the answer leads, beside links within its text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<String>,
    /// The passages that the answer was made from, where they are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passages: Option<Vec<Retrieved>>,
    /// Where those are not known, the passages that it cites, as whoever answered has them. The text of one
    /// that was published anew since is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cited: Option<Vec<Retrieved>>,
    /// The model that wrote it, where one did and is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What became of asking a model to write it, where one was asked and an answer is there without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writer: Option<Writer>,
    /// How sure the answerer is, 0 to 1, where it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// Why a model stopped, in its own word: `stop`, `length`, `content_filter`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop: Option<String>,
    /// What it took, in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<TokenUsage>,
    /// What answering the earlier turns of its conversation anew took, where that had to be done and is
    /// known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier_usage: Option<TokenUsage>,
    /// How long it took, in microseconds.
    pub latency_us: u64,
}

/// What became of asking a model to write an answer that has other words where it gives none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Writer {
    /// The answer is what it wrote, as far as that may be shown, and what it cites in place of the rest.
    Wrote,
    /// It was heard, and nothing of what it said is shown, nor anything in its place.
    Unused,
    /// It failed, and why: the key of a [`ModelError`](crate::ModelError). What it would have said nobody
    /// knows.
    Failed(String),
}

impl Writer {
    /// Why it failed, if it did.
    pub fn failure(&self) -> Option<&str> {
        match self {
            Self::Failed(why) => Some(why),
            Self::Wrote | Self::Unused => None,
        }
    }
}

/// A passage that an answer was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retrieved {
    /// What names it.
    pub id: String,
    /// The path or the address of its page.
    pub page: String,
    /// Its words.
    pub text: String,
}

/// Tokens that an answer took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenUsage {
    /// What was read.
    pub input: u64,
    /// What was written.
    pub output: u64,
    /// Whether these are guesses from the length of the texts, because the answerer said nothing or
    /// something impossible.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
}

impl From<ModelUsage> for TokenUsage {
    /// What a model told of itself: what it read from a cache, or wrote into one, was read too.
    fn from(usage: ModelUsage) -> Self {
        Self {
            input: usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens,
            output: usage.output_tokens,
            estimated: false,
        }
    }
}

/// The name of [`AnswererError::Refused`], by which records of it are known.
pub const REFUSED: &str = "refused";
/// The name of [`AnswererError::TooLong`], by which records of it are known.
pub const TOO_LONG: &str = "too_long";
/// The name of [`AnswererError::Unreachable`], and of a model that cannot be reached.
pub const UNREACHABLE: &str = "unreachable";

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswererError {
    /// There is no connection: nothing was sent.
    #[error("it cannot be reached ({0}): check that it runs and that its address is right")]
    Unreachable(String),
    /// The connection broke before the answer was whole.
    #[error("the connection to it broke ({0}): check that it stays up")]
    Broken(String),
    /// It took too long.
    #[error("it gave no answer within {0:?}: allow more time, or ask fewer questions at once")]
    TimedOut(Duration),
    /// It asks for patience, or has failed for the moment.
    #[error("it could not answer now (HTTP {status}): {}", busy(*status))]
    Busy {
        /// The HTTP status.
        status: u16,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// It will not take the question.
    #[error("it refused the question (HTTP {status}): {detail}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it says.
        detail: String,
    },
    /// It does not read questions of this length, which it says to whoever asks one.
    #[error("it turned the question away: {0}")]
    TooLong(String),
    /// What it sent is no answer.
    #[error("what it sent is no answer: {0}")]
    Malformed(String),
    /// A transcript does not hold this question.
    #[error("the transcript has no answer to it: record one, or leave the question out")]
    NotRecorded,
    /// An earlier run had this failure.
    #[error("{detail}")]
    Recorded {
        /// Its kind.
        kind: String,
        /// The same for people.
        detail: String,
    },
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}

/// What helps against a status: fewer questions only where there were too many.
fn busy(status: u16) -> &'static str {
    if status == 429 {
        "ask fewer questions at once"
    } else {
        "see what it has logged, and ask again"
    }
}

impl AnswererError {
    /// A stable name for what went wrong.
    pub fn kind(&self) -> &str {
        match self {
            Self::Unreachable(_) => UNREACHABLE,
            Self::Broken(_) => "broken",
            Self::TimedOut(_) => "timed_out",
            Self::Busy { .. } => "busy",
            Self::Refused { .. } => REFUSED,
            Self::TooLong(_) => TOO_LONG,
            Self::Malformed(_) => "malformed",
            Self::NotRecorded => "not_recorded",
            Self::Recorded { kind, .. } => kind,
            Self::Failed(_) => "failed",
        }
    }

    /// Whether asking again may help. After a time-out it may, but the first answer may have been paid
    /// for, so that it is not done unasked.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Broken(_) | Self::Busy { .. })
    }

    /// For how long the answerer asks to be left alone, where it does.
    pub fn patience(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after, .. } => retry_after.filter(|wait| !wait.is_zero()),
            _ => None,
        }
    }

    /// Whether nothing was answered that could be charged for: nothing was sent, or it was turned away.
    pub fn is_free(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Busy { status: 429, .. })
    }
}

impl Reply {
    /// All that it took, its earlier turns too, in tokens; nothing where nobody knows.
    pub fn spent(&self) -> Option<TokenUsage> {
        self.earlier_usage.into_iter().chain(self.usage).reduce(TokenUsage::and)
    }
}

impl TokenUsage {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            output: self.output.saturating_add(other.output),
            estimated: self.estimated || other.estimated,
        }
    }
}

impl From<Answer> for Reply {
    /// Our own answers as whoever reads them sees them. How long it took is left to whoever asked.
    fn from(answer: Answer) -> Self {
        let mut said: Vec<&str> = answer.message.as_deref().into_iter().collect();
        said.extend(answer.sentences.iter().map(|sentence| sentence.text.as_str()));
        said.extend(answer.choices.iter().map(|choice| choice.label.as_str()));
        said.extend(answer.notices.iter().map(|notice| notice.text.as_str()));
        for contact in &answer.contacts {
            said.extend(contact.phones.iter().map(|phone| phone.number.as_str()));
            said.extend(contact.emails.iter().map(String::as_str));
        }
        let text = said.join("\n");
        let of_contacts = answer.contacts.iter().flat_map(|contact| &contact.links);
        let links = answer.links.iter().map(|link| &link.url);
        let links = links.chain(answer.sources.iter().map(|source| &source.url));
        let links = links.chain(of_contacts.map(|link| &link.url)).cloned().collect();
        let (status, sentences, model) = (Some(answer.status), answer.sentences, answer.model);
        let confidence = answer.confidence;
        Self { status, text, sentences, links, model, confidence, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_holds_what_the_reader_can_choose() {
        let choice =
            |label: &str| serde_json::json!({ "label": label, "condition": "", "page": "/bins" });
        let answer: Answer = serde_json::from_value(serde_json::json!({
            "status": "clarify", "locale": "en", "message": "Which is yours?",
            "sentences": [], "sources": [], "links": [],
            "choices": [choice("A house"), choice("A flat")],
        }))
        .unwrap();
        assert_eq!(Reply::from(answer).text, "Which is yours?\nA house\nA flat");
    }
}
