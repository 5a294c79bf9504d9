//! Between Rust values and the columns of both databases: times, JSON, and lists of parameters.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;

/// How many rows go into one statement. Far below what either database allows (32,766 parameters in
/// SQLite), because longer statements are no faster.
pub(crate) const ROWS_AT_ONCE: usize = 500;

/// The time as it is kept: microseconds, because PostgreSQL and SQLite both have 64-bit integers.
pub(crate) fn microseconds(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// The time that was kept.
pub(crate) fn time(microseconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(microseconds).map_err(|why| damaged("time", &why))
}

/// The value as JSON text.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|why| damaged("value", &why))
}

/// The value that was kept as JSON text.
pub(crate) fn from_json<T: DeserializeOwned>(
    what: &'static str,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|why| damaged(what, &why))
}

/// What cannot be read, and why.
pub(crate) fn damaged(what: &'static str, why: &dyn std::fmt::Display) -> StoreError {
    StoreError::Damaged { what, why: why.to_string() }
}

/// The text without the one character that PostgreSQL cannot keep.
pub(crate) fn plain(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Random bytes as hexadecimal digits.
pub(crate) fn hexadecimal(bytes: [u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// `($1, $2), ($3, $4)`: the parameters of so many rows, numbered from `first`.
pub(crate) fn parameters(first: usize, rows: usize, columns: usize) -> String {
    let row = |r: usize| {
        let numbers: Vec<String> =
            (0..columns).map(|c| format!("${}", first + r * columns + c)).collect();
        format!("({})", numbers.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_parameters() {
        assert_eq!(parameters(1, 2, 2), "($1, $2), ($3, $4)");
        assert_eq!(parameters(2, 1, 3), "($2, $3, $4)");
    }

    #[test]
    fn a_time_that_cannot_be_is_damage() {
        assert!(matches!(time(i64::MAX), Err(StoreError::Damaged { what: "time", .. })));
    }
}
