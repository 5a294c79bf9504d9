//! One answer with its whole trace: what was asked, each sentence with what it rests on, what was dropped
//! and why, what a model did, how long it took, and the receipt.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;
use candour_core::{
    AnswerId, AnswerSentence, Citation, Feedback, ModelAttempt, SaltedReceipt, Turn,
};

use crate::failure::{Code, Failure};
use crate::page::contact::LinkView;
use crate::page::layout::Layout;
use crate::page::link;
use crate::page::render;
use crate::page::staff::{Staff, figure, name};
use crate::site::Site;
use crate::trace::{JudgedTrace, RewrittenTrace, RoutedTrace, Trace, Written};

/// The most questions of the same conversation that are linked.
const OTHERS: u32 = 50;

/// The page.
#[derive(Template)]
#[template(path = "staff/answer.html")]
struct AnswerPage {
    l: Layout,
    id: String,
    conversation: String,
    question: String,
    facts: Vec<(String, String)>,
    message: Option<String>,
    notices: Vec<String>,
    sentences: Vec<SentenceView>,
    dropped: Vec<(String, String, u64)>,
    /// What a model did that was to write the answer.
    model: Option<Vec<(String, String)>>,
    /// The requests to any model: what for, its name, outcome, milliseconds, tokens in, tokens out, cost.
    attempts: Vec<[String; 7]>,
    /// Who wrote the answer, which tells one that was given again.
    writer: Option<String>,
    stages: Vec<(String, String)>,
    receipt: Vec<(String, String)>,
    feedback: Option<FeedbackView>,
    others: Vec<(String, String)>,
}

struct SentenceView {
    text: String,
    citations: Vec<CitationView>,
}

struct CitationView {
    source: LinkView,
    heading: String,
    passage: String,
    quote: String,
}

struct FeedbackView {
    verdict: String,
    comment: String,
    given_at: String,
}

/// `GET /staff/answers/{id}`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<Html<String>, Failure> {
    let gone = || Failure::from(Code::AnswerNotFound);
    let id = AnswerId::parse(&id).ok_or_else(gone)?;
    let turn = site.database.turn(id).await?.ok_or_else(gone)?;
    // Only its beginning is noted: the whole of it opens the answer to whoever has it.
    let short = id.to_string().chars().take(8).collect::<String>();
    staff.note(&site, format!("read answer {short}")).await?;
    let trace = site.database.trace(id).await?.map(Trace::read).unwrap_or_default();
    let receipt = site.database.receipt(id).await?;
    let signals = site.database.signals_of(id).await?;
    let feedback = site.database.feedback(id).await?;
    let l = staff.layout(&site, staff.t("trace-title"));
    let receipt = match &receipt {
        Some(receipt) => receipt_facts(&site, &l, receipt).await?,
        None => Vec::new(),
    };
    render(&AnswerPage {
        id: id.to_string(),
        conversation: turn.conversation.to_string(),
        question: turn.question.as_str().to_owned(),
        facts: facts(&l, &turn, &signals, &trace),
        message: turn.answer.message.clone(),
        notices: turn.answer.notices.iter().map(|notice| notice.text.clone()).collect(),
        sentences: turn.answer.sentences.iter().map(sentence).collect(),
        dropped: dropped(&l, &trace),
        model: trace.generated.as_ref().map(|written| model(&l, written)),
        attempts: trace.attempts().map(|(stage, one)| attempt(&l, stage, one)).collect(),
        writer: turn.answer.model.clone(),
        stages: stages(&l, &trace),
        receipt,
        feedback: feedback.map(|feedback| feedback_view(&l, &feedback)),
        others: others(&site, &l, &turn).await?,
        l,
    })
}

fn facts(l: &Layout, turn: &Turn, signals: &[String], trace: &Trace) -> Vec<(String, String)> {
    let answer = &turn.answer;
    let signals: Vec<String> = signals.iter().map(|key| name::signal(l, key)).collect();
    let mut facts = vec![
        (l.t("trace-asked-at"), name::moment(turn.asked_at)),
        (l.t("trace-status"), name::status(l, answer.status)),
        (l.t("trace-language"), answer.locale.tag().to_owned()),
        (l.t("trace-snapshot"), short(&answer.snapshot)),
    ];
    if let Some(confidence) = answer.confidence {
        facts.push((l.t("trace-confidence"), format!("{confidence:.2}")));
    }
    if let Some(nation) = answer.nation {
        facts.push((l.t("trace-nation"), crate::page::question::nation_name(l, nation)));
    }
    if let Some(audience) = answer.audience {
        let name = crate::page::question::audience_name(l, audience);
        let told = if answer.is_audience_chosen {
            l.t1("trace-audience-chosen", "audience", &name)
        } else {
            l.t1("trace-audience-told", "audience", &name)
        };
        facts.push((l.t("trace-audience"), told));
    }
    if let Some(RewrittenTrace { model, prompt, end, .. }) = &trace.rewritten {
        let end = name::rewrite_end(l, end);
        facts
            .push((l.t("trace-rewritten"), format!("{end} ({}, {})", model.model, prompt.short())));
    }
    if let Some(RoutedTrace { model, prompt, label, end, .. }) = &trace.routed {
        let label = label.clone().unwrap_or_else(|| name::reply_end(l, *end));
        let by = format!("{label} ({}, {})", model.model, prompt.short());
        facts.push((l.t("trace-routed"), by));
    }
    if !signals.is_empty() {
        facts.push((l.t("trace-signals"), signals.join("; ")));
    }
    facts
}

fn sentence(sentence: &AnswerSentence) -> SentenceView {
    let citation = |citation: &Citation| CitationView {
        source: LinkView { text: citation.title.clone(), href: link::safe(&citation.url) },
        heading: citation.heading.clone(),
        passage: citation.passage.as_str().to_owned(),
        quote: citation.quote.clone(),
    };
    SentenceView {
        text: sentence.text.clone(),
        citations: sentence.citations.iter().map(citation).collect(),
    }
}

fn dropped(l: &Layout, trace: &Trace) -> Vec<(String, String, u64)> {
    let codes = trace.dropped.iter();
    codes.map(|(code, count)| (code.clone(), name::dropped(l, code), *count)).collect()
}

fn stages(l: &Layout, trace: &Trace) -> Vec<(String, String)> {
    let times = figure::stage_times(std::slice::from_ref(trace)).into_iter();
    times.map(|time| (name::stage(l, &time.stage), format!("{:.1}", time.median_ms))).collect()
}

fn model(l: &Layout, written: &Written) -> Vec<(String, String)> {
    let usage = &written.usage;
    let mut facts = vec![
        (l.t("model-name"), format!("{} ({})", written.model.model, written.model.transport)),
        (l.t("model-prompt"), written.prompt.short().to_owned()),
        (l.t("model-end"), name::end(l, &written.end)),
        (l.t("model-released"), written.released.to_string()),
        (l.t("model-dropped"), written.dropped.to_string()),
        (l.t("model-replaced"), written.replaced.to_string()),
        (l.t("model-tokens-in"), figure::tokens_in(usage).to_string()),
        (l.t("model-tokens-cached"), usage.cache_read_tokens.to_string()),
        (l.t("model-tokens-out"), usage.output_tokens.to_string()),
    ];
    if let Some(age) = written.reading_age {
        facts.push((l.t("model-reading-age"), format!("{age:.1}")));
    }
    if let Some(JudgedTrace { by, .. }) = &written.judged {
        let name = format!("{} ({})", by.model.model, by.model.transport);
        facts.extend([
            (l.t("model-judge"), name),
            (l.t("model-judge-prompt"), by.prompt.short().to_owned()),
            (l.t("model-judge-end"), name::reply_end(l, by.end)),
            (l.t("model-judge-removed"), by.removed.to_string()),
        ]);
    }
    facts
}

fn attempt(l: &Layout, stage: &str, attempt: &ModelAttempt) -> [String; 7] {
    [
        name::stage(l, stage),
        attempt.model.model.clone(),
        attempt.outcome.clone(),
        attempt.milliseconds.to_string(),
        figure::tokens_in(&attempt.usage).to_string(),
        attempt.usage.output_tokens.to_string(),
        figure::cost(l, attempt.micro_pounds),
    ]
}

async fn receipt_facts(
    site: &Site,
    l: &Layout,
    salted: &SaltedReceipt,
) -> Result<Vec<(String, String)>, Failure> {
    let entry = site.database.log_entry(salted.log_position).await?;
    let is_committed = entry.is_some_and(|entry| entry.commitment == salted.commitment());
    let verdict =
        if is_committed { l.t("receipt-committed") } else { l.t("receipt-not-committed") };
    let receipt = &salted.receipt;
    Ok(vec![
        (l.t("receipt-log"), salted.log_position.to_string()),
        (l.t("receipt-check"), verdict),
        (l.t("receipt-commitment"), salted.commitment().short().to_owned()),
        (l.t("receipt-configuration"), receipt.configuration.short().to_owned()),
        (l.t("receipt-program"), receipt.program.clone()),
    ])
}

fn feedback_view(l: &Layout, feedback: &Feedback) -> FeedbackView {
    FeedbackView {
        verdict: name::verdict(l, feedback.verdict),
        comment: feedback.comment.as_str().to_owned(),
        given_at: name::moment(feedback.given_at),
    }
}

/// The other questions of the conversation, oldest first: address and words.
async fn others(site: &Site, l: &Layout, turn: &Turn) -> Result<Vec<(String, String)>, Failure> {
    let turns = site.database.conversation(turn.conversation, OTHERS).await?;
    let others = turns.into_iter().filter(|other| other.id != turn.id).map(|other| {
        let href = l.href(&format!("/staff/answers/{}", other.id));
        (href, other.question.as_str().to_owned())
    });
    Ok(others.collect())
}

/// The beginning of a hash, by which people tell one from another.
fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}
