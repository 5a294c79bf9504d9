//! Why something is done and who decides, as the audit says it.

use candour_core::PublicContacts;
use candour_core::redaction::redact;
use candour_store::Act;
use clap::Args;
use jiff::Timestamp;

/// What the audit says about an act.
#[derive(Debug, Args)]
pub(crate) struct Because {
    /// Why, for the audit; do not name readers
    #[arg(long, value_parser = reason)]
    reason: String,

    #[command(flatten)]
    who: By,
}

/// Who acts.
#[derive(Debug, Args)]
pub(crate) struct By {
    /// Who decides, for the audit
    #[arg(long, env = "USER", default_value = "somebody at the command line")]
    pub(crate) by: String,
}

/// The audit is read later, by people who were not there.
pub(crate) fn reason(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("say why in a few words: the audit keeps them".to_owned()),
        reason => Ok(reason.to_owned()),
    }
}

impl Because {
    /// The act, which happens now. What stands in a reason by accident is masked.
    pub(crate) fn act(self) -> Act {
        self.who.act(&self.reason)
    }
}

impl By {
    /// The act of whoever this is, for a reason.
    pub(crate) fn act(self, reason: &str) -> Act {
        let reason = redact(reason, &PublicContacts::default()).text;
        Act { actor: self.by, reason, at: Timestamp::now() }
    }
}
