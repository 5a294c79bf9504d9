//! How often each page is read, as its publisher counts: of pages that fit alike, the one that most
//! people come for is the better guess.

use std::collections::HashMap;

use candour_core::PageId;

/// What the most-read page gains. Evidence reaches 6, so this decides between pages that fit about
/// alike, and for a query of one common word it decides nearly alone.
const MOST_READ: f32 = 1.0;

/// How often each page is read.
#[derive(Debug, Default, PartialEq)]
pub struct Views {
    counts: HashMap<PageId, u64>,
    most: u64,
}

/// Why a table of views cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the views is not a path and a number: write `/council-tax,1200`")]
pub struct ViewsError {
    /// The line, from 1.
    pub line: usize,
}

impl Views {
    /// Reads a table of `path,views`, with or without a line that names the columns.
    pub fn parse(text: &str) -> Result<Self, ViewsError> {
        let mut views = Self::default();
        for (number, line) in (1..).zip(text.lines().map(str::trim)) {
            if line.is_empty() || (number == 1 && line.eq_ignore_ascii_case("path,views")) {
                continue;
            }
            let row = line.rsplit_once(',').and_then(|(path, count)| {
                let count: u64 = count.trim().parse().ok()?;
                Some((path.trim().trim_matches('"'), count))
            });
            let Some((path, count)) = row.filter(|(path, _)| !path.is_empty()) else {
                return Err(ViewsError { line: number });
            };
            views.most = views.most.max(count);
            views.counts.insert(PageId(path.to_owned()), count);
        }
        Ok(views)
    }

    /// What is added to the evidence for a page: readers are counted by their orders of magnitude.
    pub(crate) fn gain(&self, page: &PageId) -> f32 {
        let magnitude = |count: u64| (count as f32).ln_1p();
        match self.counts.get(page) {
            Some(count) if self.most > 0 => MOST_READ * magnitude(*count) / magnitude(self.most),
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_read_page_gains_most() {
        let views = Views::parse("path,views\n/a,1000\n\"/b, c\", 9\n/none,0\n\n").unwrap();
        let gain = |path: &str| views.gain(&PageId(path.into()));
        assert!((gain("/a") - MOST_READ).abs() < 1e-6);
        assert!((gain("/b, c") - MOST_READ / 3.0).abs() < 1e-3);
        let only = Views::parse("/only,0").unwrap().gain(&PageId("/only".into()));
        assert!([gain("/none"), gain("/unknown"), only].iter().all(|gain| gain.abs() < 1e-9));
    }

    #[test]
    fn what_is_no_row_is_named_by_line() {
        for (text, line) in [("/a,1\n/b", 2), ("/a,many", 1), (",1", 1), ("/a,-1", 1)] {
            assert_eq!(Views::parse(text), Err(ViewsError { line }), "{text}");
        }
    }
}
