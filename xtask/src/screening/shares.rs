//! Shares with their intervals.

/// How many were found of how many.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Found {
    found: usize,
    of: usize,
}

impl Found {
    pub(super) fn add(&mut self, is_found: bool) {
        self.found += usize::from(is_found);
        self.of += 1;
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self { found: self.found + other.found, of: self.of + other.of }
    }

    pub(super) fn share(self) -> String {
        share(self.found, self.of)
    }
}

/// `3 of 250 (1.2 %, 0.4 to 3.5)`: with the 95 % interval of Wilson (1927).
pub(super) fn share(found: usize, of: usize) -> String {
    let (low, high) = wilson(found as f64, of as f64);
    let percent = 100.0 * found as f64 / of.max(1) as f64;
    format!("{found} of {of} ({percent:.2} %, {:.2} to {:.2})", 100.0 * low, 100.0 * high)
}

fn wilson(found: f64, of: f64) -> (f64, f64) {
    const Z: f64 = 1.96;
    let of = of.max(1.0);
    let share = found / of;
    let middle = share + Z * Z / (2.0 * of);
    let half = Z * (share * (1.0 - share) / of + Z * Z / (4.0 * of * of)).sqrt();
    let whole = 1.0 + Z * Z / of;
    (((middle - half) / whole).max(0.0), ((middle + half) / whole).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_has_the_interval_of_wilson() {
        assert_eq!(share(10, 100), "10 of 100 (10.00 %, 5.52 to 17.44)");
        assert_eq!(share(0, 3500), "0 of 3500 (0.00 %, 0.00 to 0.11)");
        assert_eq!(share(5, 5), "5 of 5 (100.00 %, 56.55 to 100.00)");
    }
}
