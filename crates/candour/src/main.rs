//! The program `candour`: reads the command line and runs one command.
//!
//! What each command does is in `cli/`, one file a command; how the rooms fit together is in `app`.

mod app;
mod cli;
#[cfg(feature = "otlp")]
mod otlp;

use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    start_log(&arguments);
    if arguments.command.is_server() {
        log_panics_by_place();
    }
    let result = install_crypto_provider().and_then(|()| cli::run(arguments));
    match result {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            cli::terminal::complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// The log goes to standard error, so that standard output holds results alone. `CANDOUR_LOG` takes
/// the filters of `tracing-subscriber`; by default only warnings are shown, and `serve` says more; `eval` leaves out those of the assistant.
fn start_log(arguments: &cli::Arguments) {
    let default = match &arguments.command {
        command if command.is_server() => "info,tantivy=warn,sqlx=warn",
        command if command.is_measurement() => "warn,candour_assistant=error",
        _ => "warn",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("CANDOUR_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(default));
    // The library of the Model Context Protocol logs whole messages, with what was asked and answered.
    let holds_no_words = filter_fn(|metadata| !metadata.target().starts_with("rmcp"));
    let log = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(cli::terminal::has_colours())
        .with_target(false);
    tracing_subscriber::registry().with(filter).with(holds_no_words).with(log).init();
}

/// What a panic says may quote what a reader typed, so a server's log gets its place alone.
fn log_panics_by_place() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "candour panicked: this is a fault, please report it");
    }));
}

/// TLS needs one cryptography provider for the whole process; `ring` builds without a C toolchain's help.
fn install_crypto_provider() -> anyhow::Result<()> {
    rustls::crypto::ring::default_provider().install_default().map_err(|_| {
        anyhow::anyhow!(
            "a TLS provider was already installed: this is a fault in candour, please report it"
        )
    })
}

/// `candour search … | head` closes the pipe early, which is no error.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A log to look into.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_is_logged_without_its_words() {
        let log = Log::default();
        let writer = log.clone();
        let subscriber =
            tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
        let before = std::panic::take_hook();
        log_panics_by_place();
        let panicked = tracing::subscriber::with_default(subscriber, || {
            std::panic::catch_unwind(|| panic!("a reader typed a canary"))
        });
        std::panic::set_hook(before);
        assert!(panicked.is_err());
        let said = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(said.contains("main.rs:") && !said.contains("canary"), "{said}");
    }
}
