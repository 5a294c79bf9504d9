//! A part of a suite, so that several machines can share it: which samples are in it is told by the
//! hashes of their names alone.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::suite::{Limits, short_hash};

/// One of several parts of a suite, written `2/5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    index: u32,
    of: u32,
}

impl Shard {
    /// Whether a sample belongs to this part.
    pub fn holds(self, id: &str) -> bool {
        short_hash(id) % u128::from(self.of) == u128::from(self.index - 1)
    }

    /// What this part may spend of what the whole may: all parts together spend no more. They are asked side
    /// by side, so that each has the time of the whole.
    #[must_use]
    pub fn limits(self, whole: Limits) -> Limits {
        let (index, of) = (u64::from(self.index), u64::from(self.of));
        let tokens = |all: u64| all / of + u64::from(index <= all % of);
        let money = |all: f64| all / f64::from(self.of);
        Limits { tokens: whole.tokens.map(tokens), money: whole.money.map(money), ..whole }
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (index, of) = text.split_once('/').unwrap_or_default();
        match (index.parse(), of.parse()) {
            (Ok(index), Ok(of)) if index > 0 && index <= of => Ok(Self { index, of }),
            _ => Err(format!("{text:?} is no part of a suite: the second of five is 2/5")),
        }
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_in_one_part() {
        let parts: Vec<Shard> = (1..=5).map(|at| format!("{at}/5").parse().unwrap()).collect();
        let mut sizes = [0; 5];
        for sample in 0..1000 {
            let holding: Vec<usize> =
                (0..5).filter(|part| parts[*part].holds(&format!("s{sample}"))).collect();
            assert_eq!(holding.len(), 1);
            sizes[holding[0]] += 1;
        }
        assert!(sizes.iter().all(|size| (150..250).contains(size)), "{sizes:?}");
    }

    #[test]
    fn parts_spend_together_what_the_whole_may() {
        for (of, all) in [(1, 100), (3, 100), (7, 100), (5, 3)] {
            let whole = Limits {
                tokens: Some(all),
                money: Some(2.0),
                seconds: Some(9.0),
                ..Limits::default()
            };
            let parts = (1..=of).map(|at| Shard { index: at, of }.limits(whole));
            let (mut tokens, mut money) = (0, 0.0);
            for part in parts {
                let own = part.tokens.unwrap();
                assert!(own.abs_diff(all / u64::from(of)) <= 1, "{own} of {all}");
                (tokens, money) = (tokens + own, money + part.money.unwrap());
                assert_eq!((part.seconds, part.tries), (Some(9.0), whole.tries));
            }
            assert!(tokens == all && (money - 2.0_f64).abs() < 1e-12, "{of}: {tokens} {money}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "1", "0/5", "6/5", "1/0", "a/b", "-1/5", "1/5/2"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
        assert_eq!("2/5".parse::<Shard>().unwrap().to_string(), "2/5");
    }
}
