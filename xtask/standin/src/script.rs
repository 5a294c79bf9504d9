//! What the stand-in is told to do with a request, and the catalogue of all that can go wrong.
//!
//! A script is read from JSON, so that a header or a flag can hold one.

use serde::{Deserialize, Serialize};

/// What to do with a request. The default is a prompt, true and cited answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Script {
    /// Milliseconds before the first event.
    pub latency_ms: u64,
    /// Milliseconds between one token and the next.
    pub token_ms: u64,
    /// What is said.
    pub reply: Reply,
    /// How many sentences are taken from the sources at most.
    pub sentences: usize,
    /// In which ways sentences are falsified: the first in the first way, the next in the next.
    pub lies: Vec<Lie>,
    /// What goes wrong.
    pub fault: Option<Fault>,
    /// How the bytes are laid out.
    pub wire: Wire,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            latency_ms: 0,
            token_ms: 0,
            reply: Reply::default(),
            sentences: 4,
            lies: Vec::new(),
            fault: None,
            wire: Wire::default(),
        }
    }
}

impl Script {
    /// The default, but for what goes wrong.
    pub fn failing(fault: Fault) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }
}

/// What is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// What the request asks for: a value of the schema, a call of the tool that it forces, or else
    /// sentences of its sources.
    #[default]
    Fitting,
    /// These words, which cite nothing.
    Words(String),
    /// A call of the first tool.
    Tool,
    /// Some words, and then a refusal.
    Refusal,
    /// Half of what would be said, and then this stop reason.
    Stopped(String),
}

/// A way to falsify a sentence while its citation stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lie {
    /// Another number.
    Number,
    /// Another month or year.
    Date,
    /// What is so is not, and the other way round.
    Negation,
    /// Another nation.
    Nation,
    /// A link that nobody gave.
    Link,
    /// A sentence that stands nowhere, with its own words as the quotation.
    Quote,
    /// A condition is left out.
    Condition,
    /// `over` for `under`, `before` for `after`.
    Comparator,
}

impl Lie {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Number,
        Self::Date,
        Self::Negation,
        Self::Nation,
        Self::Link,
        Self::Quote,
        Self::Condition,
        Self::Comparator,
    ];
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// An error instead of an answer.
    Status {
        /// The HTTP status.
        status: u16,
        /// `error.type`.
        kind: String,
        /// The header `retry-after`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<String>,
        /// `error.details.error_code`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error_code: Option<String>,
    },
    /// The page of a proxy instead of an answer.
    Page {
        /// The HTTP status.
        status: u16,
    },
    /// The connection is closed without an answer.
    HangUp,
    /// There is never an answer.
    Silence,
    /// An `error` event after so many others.
    ErrorEvent {
        /// How many events come before it.
        after: usize,
        /// `error.type`.
        kind: String,
    },
    /// The connection breaks in the middle of the event after so many.
    Cut {
        /// How many events come whole.
        after: usize,
    },
    /// Nothing more comes after so many events, and the connection stays open.
    Stall {
        /// How many events come.
        after: usize,
    },
    /// The answer ends in good form after so many events, too soon.
    Short {
        /// How many events come.
        after: usize,
    },
    /// Bytes that are no events.
    Garbage,
    /// One event whose data is no JSON.
    NotJson {
        /// How many events come before it.
        after: usize,
    },
    /// Words without end.
    EndlessWords,
    /// A line without end.
    EndlessLine,
    /// Chat completions without a choice.
    NoChoices,
    /// No usage anywhere, and no stop reason.
    NoUsage,
}

/// How the bytes of a stream are laid out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in a test's script")]
pub struct Wire {
    /// Writes this many bytes at a time, wherever lines and characters end.
    pub split: Option<usize>,
    /// Ends lines with a carriage return and a line feed.
    pub crlf: bool,
    /// Writes a comment before every event.
    pub comments: bool,
    /// Sends a `ping` before every event.
    pub pings: bool,
    /// Sends events, fields, blocks, deltas and citations that nobody has heard of.
    pub unknown: bool,
}

/// Everything that goes wrong, each by a name that a test can print.
pub fn catalogue() -> Vec<(String, Script)> {
    let mut entries: Vec<(String, Script)> = Vec::new();
    for (status, kind) in ERRORS {
        entries.push((format!("status {status}"), Script::failing(status_fault(status, kind))));
    }
    let limited = |retry_after: Option<&str>, error_code: Option<&str>| {
        Script::failing(Fault::Status {
            status: 429,
            kind: "rate_limit_error".into(),
            retry_after: retry_after.map(Into::into),
            error_code: error_code.map(Into::into),
        })
    };
    entries.push(("limited for a second".into(), limited(Some("1"), None)));
    entries.push(("limited for an hour".into(), limited(Some("3600"), None)));
    entries.push(("limited for no length of time".into(), limited(Some("soon"), None)));
    entries.push(("spent".into(), limited(Some("1"), Some("enforced_spend_limit_reached"))));
    for (name, fault) in broken() {
        entries.push((name.into(), Script::failing(fault)));
    }
    for (name, wire) in [
        ("split bytes", Wire { split: Some(3), ..Wire::default() }),
        ("carriage returns", Wire { crlf: true, split: Some(5), ..Wire::default() }),
        ("comments", Wire { comments: true, ..Wire::default() }),
        ("pings", Wire { pings: true, ..Wire::default() }),
        ("the unknown", Wire { unknown: true, ..Wire::default() }),
    ] {
        entries.push((name.into(), Script { wire, ..Script::default() }));
    }
    for reply in [Reply::Refusal, Reply::Words(String::new())].into_iter().chain(stopped()) {
        entries.push((format!("{reply:?}"), Script { reply, ..Script::default() }));
    }
    let slow = Script { latency_ms: 300, token_ms: 20, ..Script::default() };
    entries.push(("slow tokens".into(), slow));
    entries
}

/// Each status that the Messages API documents, with its `error.type`.
const ERRORS: [(u16, &str); 13] = [
    (400, "invalid_request_error"),
    (401, "authentication_error"),
    (402, "billing_error"),
    (403, "permission_error"),
    (404, "not_found_error"),
    (408, "timeout_error"),
    (409, "conflict_error"),
    (413, "request_too_large"),
    (429, "rate_limit_error"),
    (500, "api_error"),
    (503, "api_error"),
    (504, "timeout_error"),
    (529, "overloaded_error"),
];

fn status_fault(status: u16, kind: &str) -> Fault {
    Fault::Status { status, kind: kind.into(), retry_after: None, error_code: None }
}

fn broken() -> Vec<(&'static str, Fault)> {
    let error = |after| Fault::ErrorEvent { after, kind: "overloaded_error".into() };
    vec![
        ("a proxy's page", Fault::Page { status: 502 }),
        ("a page for an answer", Fault::Page { status: 200 }),
        ("a closed connection", Fault::HangUp),
        ("silence", Fault::Silence),
        ("an error as the first event", error(0)),
        ("an error before the first words", error(2)),
        ("an error among the words", error(8)),
        ("a cut at once", Fault::Cut { after: 0 }),
        ("a cut among the words", Fault::Cut { after: 8 }),
        ("a stall at once", Fault::Stall { after: 0 }),
        ("a stall among the words", Fault::Stall { after: 8 }),
        ("nothing at all", Fault::Short { after: 0 }),
        ("an early end", Fault::Short { after: 8 }),
        ("garbage", Fault::Garbage),
        ("an event that is no JSON", Fault::NotJson { after: 4 }),
        ("words without end", Fault::EndlessWords),
        ("a line without end", Fault::EndlessLine),
        ("no choices", Fault::NoChoices),
        ("no usage", Fault::NoUsage),
    ]
}

fn stopped() -> impl Iterator<Item = Reply> {
    ["max_tokens", "model_context_window_exceeded", "pause_turn", "stop_sequence", "a_new_reason"]
        .into_iter()
        .map(|reason| Reply::Stopped(reason.into()))
}
