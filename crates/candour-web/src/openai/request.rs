//! What a client of chat completions sends, and what is read of it: the last thing that the user said is
//! the question, and what was said before is the conversation.

use std::collections::BTreeMap;
use std::sync::Arc;

use candour_assistant::Assistant;
use candour_core::{Answer, AnswerId, AnswerStatus, Config, ConversationId, Locale, Stated, Turn};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::asking::{self, NewQuestion, Thread, compute};
use crate::failure::{Code, Failure};
use crate::openai::{MODEL, choices};
use crate::rate::Asker;
use crate::site::Site;

/// How much longer than the longest question an answer may be that a client sends back.
const ANSWERS_TO_QUESTIONS: usize = 8;

/// A request for a chat completion. Whatever else it holds has no effect.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ChatBody {
    /// `assistant`.
    #[schema(example = "assistant")]
    model: String,
    /// The conversation. The last message of the user is the question.
    messages: Vec<MessageBody>,
    /// Whether the answer comes as server-sent events.
    #[serde(default)]
    stream: Option<bool>,
    /// What the stream holds beside the answer.
    #[serde(default)]
    stream_options: Option<StreamOptionsBody>,
    /// How many answers: 1, because there is only one.
    #[serde(default)]
    n: Option<u32>,
}

/// What a stream holds beside the answer.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct StreamOptionsBody {
    /// Whether a last chunk says how many tokens there were.
    #[serde(default)]
    include_usage: Option<bool>,
}

/// One message of the conversation.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct MessageBody {
    /// `user` or `assistant`. Messages of any other role are not read: nobody instructs this assistant
    /// over the network.
    #[schema(example = "user")]
    role: String,
    /// What was said.
    #[serde(default)]
    content: Option<ContentBody>,
}

/// Text, whole or in parts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ContentBody {
    /// Whole.
    Text(String),
    /// In parts.
    Parts(Vec<PartBody>),
}

/// A part of a message.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PartBody {
    /// `text`: nothing else can be read.
    #[schema(example = "text")]
    r#type: String,
    /// The words.
    #[serde(default)]
    text: Option<String>,
}

/// A request that was read.
pub(super) struct Chat {
    pub(super) thread: Thread,
    pub(super) question: NewQuestion,
    pub(super) streams: bool,
    /// Whether a stream ends with the usage.
    pub(super) tells_usage: bool,
    /// The bytes of everything that was read.
    pub(super) bytes: usize,
}

impl Chat {
    /// Reads a request. Personal data in what was said before is masked here; in the question it is when
    /// that is answered.
    pub(super) async fn read(
        site: &Arc<Site>,
        body: ChatBody,
        from: Asker,
    ) -> Result<Self, Failure> {
        if body.model != MODEL {
            return Err(Code::ModelNotFound.into());
        }
        if body.n.is_some_and(|n| n != 1) {
            return Err(Failure::with(Code::InvalidRequest, "there is one answer: send `n` as 1"));
        }
        let (question, before) = split(body.messages)?;
        let bytes = question.len() + before.iter().map(|said| said.text.len()).sum::<usize>();
        let work = Arc::clone(site);
        let said_before = move || {
            let mut turns = turns(&work.assistant, before, &work.config);
            choices::restore(&work.assistant, &mut turns);
            turns
        };
        let history = compute(site, said_before).await?;
        let locale = history.last().map_or(Locale::En, |turn| turn.answer.locale.interface());
        Ok(Self {
            thread: asking::passing_thread(&history)?,
            question: NewQuestion {
                text: question,
                locale,
                nation: Stated::Nothing,
                audience: Stated::Nothing,
                chosen: None,
                leads_up: false,
                from,
            },
            streams: body.stream.unwrap_or_default(),
            tells_usage: body.stream_options.and_then(|it| it.include_usage).unwrap_or_default(),
            bytes,
        })
    }
}

/// Something that was said before.
struct Said {
    is_user: bool,
    text: String,
}

/// The question, and what was said before it.
fn split(messages: Vec<MessageBody>) -> Result<(String, Vec<Said>), Failure> {
    let mut said = Vec::new();
    for message in messages {
        let is_user = message.role == "user";
        if is_user || message.role == "assistant" {
            said.push(Said { is_user, text: text(message.content)? });
        }
    }
    let last = said.iter().rposition(|said| said.is_user);
    let question = last.map(|at| said.split_off(at).swap_remove(0).text);
    let question = question.ok_or_else(|| {
        Failure::with(
            Code::QuestionEmpty,
            "no message has the role `user`: send the question as one",
        )
    })?;
    Ok((question, said))
}

fn text(content: Option<ContentBody>) -> Result<String, Failure> {
    let parts = match content {
        None => return Ok(String::new()),
        Some(ContentBody::Text(text)) => return Ok(text),
        Some(ContentBody::Parts(parts)) => parts,
    };
    let texts = parts.into_iter().map(|part| match part.r#type.as_str() {
        "text" => Ok(part.text.unwrap_or_default()),
        _ => Err(Failure::with(
            Code::InvalidRequest,
            "only text can be read: send `content` as a string, or as parts of the type `text`",
        )),
    });
    Ok(texts.collect::<Result<Vec<_>, _>>()?.join("\n"))
}

/// What was said before as turns, with personal data masked. What is longer than we would take or say is
/// left out: reading it would cost more than it can tell.
fn turns(assistant: &Assistant, before: Vec<Said>, config: &Config) -> Vec<Turn> {
    let longest = config.answers.max_question_characters;
    let mut turns: Vec<Turn> = Vec::new();
    for said in before {
        let limit = if said.is_user { longest } else { longest * ANSWERS_TO_QUESTIONS };
        if said.text.chars().count() > limit {
            continue;
        }
        let redacted = assistant.redact(&said.text);
        match turns.last_mut() {
            _ if said.is_user => {
                let before = turns.last().map_or(Locale::En, |turn| turn.answer.locale.clone());
                let locale = candour_assistant::language_of(redacted.as_str(), &before);
                turns.push(turn(redacted, locale));
            }
            Some(turn) => {
                if candour_assistant::asks_back(redacted.as_str()) {
                    turn.answer.status = AnswerStatus::Clarify;
                }
                turn.answer.message = Some(redacted.to_string());
                turn.answer.choices = choices::claimed(&said.text);
            }
            None => {}
        }
    }
    turns
}

/// A turn of which only the words are known.
fn turn(question: candour_core::Redacted, locale: Locale) -> Turn {
    let answer = Answer {
        status: AnswerStatus::Answered,
        locale,
        nation: None,
        audience: None,
        is_audience_chosen: false,
        message: None,
        is_blocked: false,
        sentences: Vec::new(),
        sources: Vec::new(),
        links: Vec::new(),
        choices: Vec::new(),
        notices: Vec::new(),
        contacts: Vec::new(),
        model: None,
        confidence: None,
        snapshot: String::new(),
        timings_ms: BTreeMap::new(),
    };
    // Nobody looks these up: the turn is in no database.
    let (id, conversation) = (AnswerId::from_random([0; 16]), ConversationId::from_random([0; 16]));
    Turn { id, conversation, question, answer, asked_at: Timestamp::UNIX_EPOCH }
}
