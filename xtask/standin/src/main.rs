//! `cargo run -p candour-standin`: the stand-in as a program of its own.

use std::io::Write as _;
use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use candour_standin::{Script, Standin};
use clap::Parser;

/// Plays the servers of language models
///
/// Serves POST /v1/messages, /v1/messages/count_tokens, /v1/chat/completions and Amazon Bedrock's
/// /model/…/invoke and /model/…/invoke-with-response-stream. What it says is taken from the sources
/// that a request brings. A request may bring its own script in the header x-standin-script.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where to listen; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Milliseconds before the first event
    #[arg(long)]
    latency_ms: Option<u64>,
    /// Milliseconds between one token and the next
    #[arg(long)]
    token_ms: Option<u64>,
    /// What to do with every request, such as `{"lies":["number"]}` or `{"fault":"hang_up"}`
    #[arg(long, value_name = "JSON", default_value = "{}")]
    script: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut script: Script =
        serde_json::from_str(&arguments.script).context("--script holds no script")?;
    script.latency_ms = arguments.latency_ms.unwrap_or(script.latency_ms);
    script.token_ms = arguments.token_ms.unwrap_or(script.token_ms);
    let standin = Standin::serve(arguments.listen, script)
        .await
        .with_context(|| format!("{} cannot be listened on", arguments.listen))?;
    writeln!(std::io::stdout(), "{}", standin.address())?;
    tokio::signal::ctrl_c().await?;
    Ok(())
}
