//! On which side of a bound a figure has to stay, as people write it: `key_facts.low >= 0.6`.

use serde::{Deserialize, Serialize};

/// On which side of its bound a figure has to stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// There or above.
    AtLeast,
    /// There or below.
    AtMost,
}

impl Side {
    /// Reads a text in two parts, what stands before the sign and what stands behind it; nothing where
    /// there is no sign.
    pub fn split(text: &str) -> Option<(&str, Self, &str)> {
        [Self::AtLeast, Self::AtMost].into_iter().find_map(|side| {
            let (before, behind) = text.split_once(side.sign())?;
            Some((before.trim(), side, behind.trim()))
        })
    }

    /// The sign that stands for it.
    pub fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::AtMost => "<=",
        }
    }

    /// The end of an interval that has to be on this side, so that the whole of it is.
    fn worse_end(self) -> &'static str {
        match self {
            Self::AtLeast => "low",
            Self::AtMost => "high",
        }
    }

    /// Refuses a condition on the other end of an interval: it holds where the figure itself may be on the
    /// wrong side.
    pub fn check_end(self, end: &str) -> Result<(), String> {
        let (worse, sign) = (self.worse_end(), self.sign());
        if end == worse {
            return Ok(());
        }
        Err(format!(
            "an interval whose .{end} end is {sign} a number may lie on the other side of it for the most part: write .{worse} with {sign}"
        ))
    }

    /// Whether a figure is on this side of a bound.
    pub fn holds(self, figure: f64, bound: f64) -> bool {
        match self {
            Self::AtLeast => figure >= bound,
            Self::AtMost => figure <= bound,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_read_by_their_signs() {
        assert_eq!(Side::split("a.low >= 0.5"), Some(("a.low", Side::AtLeast, "0.5")));
        assert_eq!(Side::split("a<=1"), Some(("a", Side::AtMost, "1")));
        assert_eq!(Side::split("a = 1"), None);
        assert!(Side::AtLeast.holds(1.0, 1.0) && Side::AtMost.holds(1.0, 1.0));
        assert!(!Side::AtLeast.holds(0.9, 1.0) && !Side::AtMost.holds(1.1, 1.0));
        assert!(!Side::AtLeast.holds(f64::NAN, 1.0), "what is no number is on no side");
    }
}
