//! What a span is called at the collector: by OpenTelemetry's conventions for HTTP and for generative AI
//! where they have a name, and under `candour.` where they have none.

use std::time::{Duration, SystemTime};

use candour_core::ModelAttempt;
use candour_web::{Place, Span, What};
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

/// A span as it is sent.
pub(super) fn data(span: Span) -> SpanData {
    let Span { place: Place { trace, span, parent }, began, took, what } = span;
    let Described { kind, name, attributes, status } = describe(&what);
    let (trace, span) = (TraceId::from_bytes(trace), SpanId::from_bytes(span));
    let since_epoch = u64::try_from(began.as_nanosecond()).unwrap_or_default();
    let start_time = SystemTime::UNIX_EPOCH + Duration::from_nanos(since_epoch);
    SpanData {
        span_context: SpanContext::new(
            trace,
            span,
            TraceFlags::SAMPLED,
            false,
            TraceState::default(),
        ),
        parent_span_id: parent.map_or(SpanId::INVALID, SpanId::from_bytes),
        parent_span_is_remote: parent.is_some() && matches!(what, What::Request { .. }),
        span_kind: kind,
        name: name.into(),
        start_time,
        end_time: start_time + took,
        attributes,
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status,
        instrumentation_scope: InstrumentationScope::builder("candour").build(),
    }
}

struct Described {
    kind: SpanKind,
    name: String,
    attributes: Vec<KeyValue>,
    status: Status,
}

fn describe(what: &What) -> Described {
    let (kind, name, mut attributes, error) = match what {
        What::Request { method, route, status } => {
            let route = route.as_ref().map(|route| route.as_str().to_owned());
            let name =
                route.iter().fold((*method).to_owned(), |name, route| format!("{name} {route}"));
            let mut attributes = vec![KeyValue::new("http.request.method", *method)];
            attributes.extend(route.map(|route| KeyValue::new("http.route", route)));
            attributes.extend(
                status.map(|status| KeyValue::new("http.response.status_code", i64::from(status))),
            );
            let error = match status {
                Some(status) => (*status >= 500).then(|| status.to_string()),
                None => Some("given_up".to_owned()),
            };
            (SpanKind::Server, name, attributes, error)
        }
        What::Answer { end, dropped } => {
            let mut attributes = vec![KeyValue::new("candour.dropped", whole(*dropped as u64))];
            attributes
                .extend(end.ok().map(|end| KeyValue::new("candour.answer.status", end.key())));
            (SpanKind::Internal, "answer".to_owned(), attributes, end.err().map(str::to_owned))
        }
        What::Stage(name) => (SpanKind::Internal, (*name).to_owned(), Vec::new(), None),
        What::Call(stage, attempt) => {
            let is_error = !matches!(attempt.outcome.as_str(), "answered" | "dropped");
            let error = is_error.then(|| attempt.outcome.clone());
            let name = format!("chat {}", attempt.model.model);
            (SpanKind::Client, name, of_call(stage, attempt), error)
        }
    };
    // The code of the failure says what it was; its words are nobody's business.
    let status = error.as_ref().map_or(Status::Unset, |_| Status::error(""));
    attributes.extend(error.map(|error| KeyValue::new("error.type", error)));
    Described { kind, name, attributes, status }
}

fn of_call(stage: &'static str, attempt: &ModelAttempt) -> Vec<KeyValue> {
    let usage = attempt.usage;
    let read = usage.input_tokens + usage.cache_write_tokens + usage.cache_read_tokens;
    let provider = match attempt.model.transport.as_str() {
        "bedrock" => "aws.bedrock",
        other => other,
    };
    let mut attributes = vec![
        KeyValue::new("gen_ai.operation.name", "chat"),
        KeyValue::new("gen_ai.provider.name", provider.to_owned()),
        KeyValue::new("gen_ai.request.model", attempt.model.model.clone()),
        // The convention counts what a cache gave or took as read.
        KeyValue::new("gen_ai.usage.input_tokens", whole(read)),
        KeyValue::new("gen_ai.usage.cache_creation.input_tokens", whole(usage.cache_write_tokens)),
        KeyValue::new("gen_ai.usage.cache_read.input_tokens", whole(usage.cache_read_tokens)),
        KeyValue::new("gen_ai.usage.output_tokens", whole(usage.output_tokens)),
        KeyValue::new("candour.stage", stage),
        KeyValue::new("candour.outcome", attempt.outcome.clone()),
        KeyValue::new("candour.cost_gbp", attempt.micro_pounds as f64 / 1e6),
    ];
    let first = attempt.first_words_ms;
    attributes.extend(first.map(|ms| KeyValue::new("candour.first_words_ms", whole(ms))));
    attributes
}

fn whole(number: u64) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}
