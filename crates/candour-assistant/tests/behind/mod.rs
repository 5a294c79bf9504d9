//! Models behind a stand-in, as a configuration names them.

use candour_assistant::model::Outside;
use candour_core::{Generator, Price, Transport};
use candour_standin::Standin;

/// What models take from outside: a key, and no time or chance.
pub(crate) const OUTSIDE: Outside = Outside {
    variable: |_| Some("a-key".into()),
    now: || jiff::Timestamp::UNIX_EPOCH,
    jitter: || 0.0,
};

/// A model that speaks the Messages API.
pub(crate) fn behind(standin: &Standin, model: &str) -> Generator {
    Generator {
        transport: Transport::Anthropic,
        model: model.into(),
        endpoint: standin.address(),
        key_variable: Some("KEY".into()),
        key_file: None,
        price: Price::default(),
    }
}
