//! Sends spans to an OpenTelemetry collector, over HTTP in protobuf, where the standard variables name one.
//!
//! What is sent is what `candour_web::Span` can hold, and `data` says how it is called there. Spans wait in a
//! queue of a fixed length, of which a thread of its own sends a part at a time: where the collector is slow
//! or away, spans are lost, and answers never wait. Sampling and processing are left to the collector.

mod client;
mod data;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use candour_web::{App, Span, Spans};
use opentelemetry::KeyValue;
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::EnvResourceDetector;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanProcessor as _};

use self::client::Client;

/// How long the last spans may take when the program stops.
const GRACE: Duration = Duration::from_secs(5);

/// How long the queue is, and what is taken from it and when: the SDK reads these, and without any of each
/// nothing is sent.
const QUEUE: [&str; 3] =
    ["OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "OTEL_BSP_SCHEDULE_DELAY"];

/// Gives variables of the environment, none where one is empty.
type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Sends spans.
#[derive(Debug)]
pub(crate) struct Exporter {
    queue: BatchSpanProcessor,
    follows_callers: bool,
}

impl Exporter {
    /// Begins to send, where the environment names a collector.
    pub(crate) fn start() -> Result<Option<Arc<Self>>> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let Some(settings) = Settings::read(&variable)? else { return Ok(None) };
        let exporter = settings.exporter()?;
        let mut queue = BatchSpanProcessor::builder(exporter).build();
        queue.set_resource(&resource(&variable));
        tracing::info!("traces are sent to an OpenTelemetry collector");
        Ok(Some(Arc::new(Self { queue, follows_callers: settings.follows_callers })))
    }

    /// The same app, whose spans are sent.
    pub(crate) fn watch(self: &Arc<Self>, app: App) -> App {
        app.with_spans(Arc::clone(self) as _, self.follows_callers)
    }

    /// Sends what still waits, for as long as that is worth waiting for.
    pub(crate) async fn stop(self: Arc<Self>) {
        let stopped = tokio::task::spawn_blocking(move || self.queue.shutdown_with_timeout(GRACE));
        if !matches!(stopped.await, Ok(Ok(()))) {
            tracing::warn!("the last spans could not be sent to the OpenTelemetry collector");
        }
    }
}

impl Spans for Exporter {
    fn take(&self, span: Span) {
        self.queue.on_end(data::data(span));
    }
}

/// What the standard variables say, as far as it is for the program to do.
#[derive(Debug, PartialEq, Eq)]
struct Settings {
    follows_callers: bool,
    timeout: Duration,
}

impl Settings {
    /// None where nothing is to be sent. What cannot be done as it says is refused.
    fn read(variable: Variables<'_>) -> Result<Option<Self>> {
        let either = |name: &str| {
            ["OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_"].into_iter().find_map(|start| {
                let name = format!("{start}{name}");
                variable(&name).map(|value| (name, value))
            })
        };
        let own = |name: &str| variable(name).map(|value| (name.to_owned(), value));
        let exporter = own("OTEL_TRACES_EXPORTER");
        let is_off =
            variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if is_off
            || exporter.as_ref().is_some_and(|(_, value)| value == "none")
            || either("ENDPOINT").is_none()
        {
            return Ok(None);
        }
        let only = |said: Option<(String, String)>, known: &[&str]| match said {
            Some((name, value)) if !known.contains(&value.as_str()) => {
                bail!(
                    "{name} is `{value}`, and candour knows only {}: leave it out or change it",
                    known.join(", ")
                )
            }
            _ => Ok(()),
        };
        only(exporter, &["otlp"])?;
        only(either("PROTOCOL"), &["http/protobuf"])?;
        only(own("OTEL_TRACES_SAMPLER"), &["always_on", "parentbased_always_on"])?;
        let timeout = match either("TIMEOUT") {
            Some((name, value)) => Duration::from_millis(above_zero(&name, &value)?),
            None => Duration::from_secs(10),
        };
        for name in QUEUE {
            own(name).map(|(name, value)| above_zero(&name, &value)).transpose()?;
        }
        let propagators = variable("OTEL_PROPAGATORS").unwrap_or_default();
        let follows_callers = propagators.split(',').any(|name| name.trim() == "tracecontext");
        Ok(Some(Self { follows_callers, timeout }))
    }

    /// The exporter reads the address, headers and compression for itself.
    fn exporter(&self) -> Result<SpanExporter> {
        let built = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(self.timeout)
            .with_http_client(Client::new(self.timeout)?)
            .build();
        // What the library says of it would show the address, in which a secret may stand.
        built.map_err(|_: ExporterBuildError| {
            anyhow::anyhow!(
                "the address or the headers in the variables OTEL_EXPORTER_OTLP_… cannot be used: change them"
            )
        })
    }
}

/// The number that a variable holds, which has to be one to work with.
fn above_zero(name: &str, value: &str) -> Result<u64> {
    match value.trim().parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => bail!("{name} is not a whole number above 0: change it"),
    }
}

/// What names this program to the collector.
fn resource(variable: Variables<'_>) -> Resource {
    let resource = Resource::builder_empty()
        .with_service_name("candour")
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_detector(Box::new(EnvResourceDetector::new()));
    match variable("OTEL_SERVICE_NAME") {
        Some(name) => resource.with_service_name(name).build(),
        None => resource.build(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Option<Settings>> {
        let variable = |name: &str| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        Settings::read(&variable)
    }

    const ENDPOINT: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");

    #[test]
    fn the_standard_variables_decide() {
        let usual = Settings { follows_callers: false, timeout: Duration::from_secs(10) };
        for (more, expected) in [
            (&[][..], Some(&usual)),
            (&[("OTEL_SDK_DISABLED", "TRUE")], None),
            (&[("OTEL_TRACES_EXPORTER", "none")], None),
            (&[("OTEL_PROPAGATORS", "baggage")], Some(&usual)),
        ] {
            let variables = [&[ENDPOINT], more].concat();
            assert_eq!(read(&variables).unwrap().as_ref(), expected, "{more:?}");
        }
        assert_eq!(read(&[("OTEL_SERVICE_NAME", "x")]).unwrap(), None, "no collector is named");
        let own = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1/x");
        let timeout = ("OTEL_EXPORTER_OTLP_TIMEOUT", "50");
        let follows = ("OTEL_PROPAGATORS", "tracecontext, baggage");
        let expected = Settings { follows_callers: true, timeout: Duration::from_millis(50) };
        assert_eq!(read(&[own, timeout, follows]).unwrap(), Some(expected));
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        for wrong in [
            ("OTEL_TRACES_EXPORTER", "zipkin"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
            ("OTEL_TRACES_SAMPLER", "traceidratio"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
            ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "0"),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
            ("OTEL_BSP_SCHEDULE_DELAY", "0"),
        ] {
            let error = read(&[ENDPOINT, wrong]).unwrap_err().to_string();
            assert!(error.contains(wrong.0) && error.contains("change it"), "{error}");
        }
    }
}
