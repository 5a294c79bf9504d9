//! How far it is known which attempts succeeded: of attempts none of which had an answer there is no share, and
//! where some had none the share may be as high as if these had all succeeded.

use super::attack::Attack;
use super::fared::Fared;
use super::rate::rate_of;
use crate::statistics::{Rate, StatisticsError};

/// What is known of the share of attempts that succeed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Known {
    /// The share, those without an answer failed; nothing where none had one.
    pub(super) share: Option<Rate>,
    /// The same where these are successes; nothing where all had one.
    pub(super) at_most: Option<Rate>,
}

impl Fared {
    /// What is known of the attempts that are in, of attacks of which a success could be told.
    pub(super) fn known(
        &self,
        is_in: impl Fn(&Attack, &str) -> bool + Copy,
    ) -> Result<Known, StatisticsError> {
        let (answered, all) = self.heard(is_in);
        let rate = |unknown| rate_of(&self.counted(is_in, unknown));
        Ok(Known {
            share: (answered > 0).then(|| rate(false)).transpose()?,
            at_most: (answered < all).then(|| rate(true)).transpose()?,
        })
    }

    /// Of how many attempts it is known whether they succeeded, and how many there are.
    pub(super) fn heard(&self, is_in: impl Fn(&Attack, &str) -> bool + Copy) -> (usize, usize) {
        let answered = self.told(is_in, |attempt| attempt.succeeded);
        (answered.len(), self.counted(is_in, false).len())
    }
}
