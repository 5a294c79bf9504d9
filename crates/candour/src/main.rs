//! The program `candour`: reads the command line and runs one command.
//!
//! What each command does is in `cli/`, one file a command; how the rooms fit together is in `app`.

mod app;
mod cli;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    start_log(&arguments);
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
/// the filters of `tracing-subscriber`; by default only warnings are shown, and `serve` says more.
fn start_log(arguments: &cli::Arguments) {
    let default =
        if arguments.command.is_server() { "info,tantivy=warn,sqlx=warn" } else { "warn" };
    let filter = tracing_subscriber::EnvFilter::try_from_env("CANDOUR_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
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
