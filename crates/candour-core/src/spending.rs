//! The seam around money that several processes spend together: what language models may cost in a day.

use std::pin::Pin;

use jiff::civil::Date;

/// Holds what is left of each day's money, for all who share it.
pub trait SharedBudget: Send + Sync {
    /// Takes at least `least` millionths of a pound for a day and at most `most`, so that all together
    /// never take more than `limit`, and tells how much it is: nothing where so little is not left. What
    /// is taken is spent for all others, whether or not it comes to that.
    fn take(&self, day: Date, least: u64, most: u64, limit: u64) -> Taking<'_>;
}

/// What was taken, on its way; or why nobody knows what is left.
pub type Taking<'a> = Pin<Box<dyn Future<Output = Result<Option<u64>, String>> + Send + 'a>>;
