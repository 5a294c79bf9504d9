//! `candour serve`: the question page and the JSON API.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use candour_web::App;
use clap::Args;
use tokio::net::TcpListener;

use super::terminal;
use crate::app::Place;

/// `candour serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The address to listen on [default: `listen` under [serve] in candour.toml, 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
}

impl Serve {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        let listener = listen(self.listen.as_deref().unwrap_or(&place.config.serve.listen)).await?;
        let words = format!("Serving on http://{}  (Ctrl+C stops it)", listener.local_addr()?);
        let ready = || {
            terminal::note(&words);
            Ok(())
        };
        serve(place, listener, ready).await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Binds the address that pages are served on.
pub(crate) async fn listen(address: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let advice = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                "another program uses this port: stop it, or choose another with --listen"
            }
            std::io::ErrorKind::PermissionDenied => {
                "ports below 1024 need privileges: choose another with --listen"
            }
            _ => "check the address and port given with --listen or under [serve] in candour.toml",
        };
        anyhow::Error::new(error).context(format!("cannot listen on {address}: {advice}"))
    })
}

/// Serves a pilot until the process is asked to stop. `ready` is called once all that is needed is there.
pub(crate) async fn serve(
    place: &Place,
    listener: TcpListener,
    ready: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let database = place.open_database().await?;
    let index = place.open_index()?;
    let assistant = place.served_assistant(&index, &database)?;
    let app = App::new(place.config.clone(), assistant, index, database.clone());
    #[cfg(feature = "otlp")]
    let exporter = crate::otlp::Exporter::start()?;
    #[cfg(feature = "otlp")]
    let app = exporter.iter().fold(app, |app, exporter| exporter.watch(app));
    ready()?;
    let served = candour_web::serve(listener, app, stop_signal()).await;
    #[cfg(feature = "otlp")]
    if let Some(exporter) = exporter {
        exporter.stop().await;
    }
    database.close().await;
    served.context("the server stopped on an error of the network")
}

/// Resolves when the process is asked to stop: Ctrl+C, or the signal that service managers send.
async fn stop_signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
