//! `candour mcp`: the Model Context Protocol over standard input and output, for an assistant on this
//! machine.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use candour_web::App;
use clap::Args;

use crate::app::Place;

/// `candour mcp`.
#[derive(Debug, Args)]
pub(crate) struct Mcp {}

impl Mcp {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        let database = place.open_database().await?;
        let index = place.open_index()?;
        let assistant = place.served_assistant(&index, &database)?;
        let app = App::new(place.config.clone(), assistant, index, database.clone());
        let served = candour_web::serve_mcp(app).await;
        database.close().await;
        served.context("the assistant at the other end did not speak the protocol")?;
        Ok(ExitCode::SUCCESS)
    }
}
