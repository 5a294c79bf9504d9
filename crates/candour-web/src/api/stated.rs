//! What a request says of the reader: a nation or a role, or that what was said before holds no more.

use candour_core::{Audience, Nation, Stated};
use serde::Deserialize;
use utoipa::ToSchema;

/// A nation of the United Kingdom, or `unknown` to take back what was said before.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StatedNation {
    England,
    Scotland,
    Wales,
    NorthernIreland,
    Unknown,
}

impl From<StatedNation> for Stated<Nation> {
    fn from(nation: StatedNation) -> Self {
        match nation {
            StatedNation::England => Self::Is(Nation::England),
            StatedNation::Scotland => Self::Is(Nation::Scotland),
            StatedNation::Wales => Self::Is(Nation::Wales),
            StatedNation::NorthernIreland => Self::Is(Nation::NorthernIreland),
            StatedNation::Unknown => Self::Unknown,
        }
    }
}

/// A kind of reader whom guidance may be written for, or `unknown` to take back what was said before.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StatedAudience {
    Individual,
    Business,
    Professional,
    Unknown,
}

impl From<StatedAudience> for Stated<Audience> {
    fn from(audience: StatedAudience) -> Self {
        match audience {
            StatedAudience::Individual => Self::Is(Audience::Individual),
            StatedAudience::Business => Self::Is(Audience::Business),
            StatedAudience::Professional => Self::Is(Audience::Professional),
            StatedAudience::Unknown => Self::Unknown,
        }
    }
}
