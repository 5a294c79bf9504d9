//! On whose account models are asked: whose budget pays for it, and where each request is noted.

use candour_core::{Calls, ModelRequest};

/// What the requests for one answer have in common.
#[derive(Debug, Clone, Default)]
pub(crate) struct Account {
    /// Whose budget it counts against.
    pub(crate) reader: Option<String>,
    /// What became of each request, by the stage that made it.
    pub(crate) calls: Calls,
}

impl Account {
    /// The request as a stage makes it on this account.
    pub(crate) fn charged(&self, stage: &'static str, request: ModelRequest) -> ModelRequest {
        ModelRequest { reader: self.reader.clone(), calls: self.calls.of(stage), ..request }
    }
}
