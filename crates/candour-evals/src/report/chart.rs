//! Charts as SVG that is drawn by hand: intervals on a common scale, and bars. Each has a title and a
//! description for those who do not see it, takes its colours from the page, and repeats what a table
//! beside it says.

use std::fmt::Write as _;

use super::html::escaped;
use super::shown::{cut, visible};
use crate::statistics::Interval;

/// How wide a drawing is, in units that are pixels where there is room.
const WIDTH: f64 = 640.0;
/// The room for names, to the left.
const NAMES: f64 = 210.0;
/// The room to the right of the scale.
const MARGIN: f64 = 24.0;
/// The height of a row.
const ROW: f64 = 26.0;
/// The room above the first row.
const TOP: f64 = 8.0;
/// No name shows more characters.
const LONGEST_NAME: usize = 28;

/// A chart.
#[derive(Debug, Clone)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// The same at length.
    pub description: String,
    /// What is drawn.
    pub drawing: Drawing,
}

/// What is drawn.
#[derive(Debug, Clone)]
pub enum Drawing {
    /// Values with their intervals, on a scale from one number to another. Where the scale holds 0 within
    /// it, a line marks it.
    Intervals {
        /// The rows by their names.
        rows: Vec<(String, Interval)>,
        /// The ends of the scale.
        scale: [f64; 2],
    },
    /// Counts.
    Bars(Vec<(String, u64)>),
}

impl Chart {
    /// The drawing, with a name from which those of its title and description are made.
    pub(super) fn svg(&self, name: &str) -> String {
        let (drawn, height) = match &self.drawing {
            Drawing::Intervals { rows, scale } => intervals(rows, *scale),
            Drawing::Bars(bars) => self::bars(bars),
        };
        format!(
            "<figure role=\"group\" aria-labelledby=\"{name}t\" tabindex=\"0\"><svg role=\"img\" aria-labelledby=\"{name}t {name}d\" viewBox=\"0 0 {WIDTH} {height}\">\
             <title id=\"{name}t\">{}</title><desc id=\"{name}d\">{}</desc>{drawn}</svg></figure>\n",
            escaped(&visible(&self.title)),
            escaped(&visible(&self.description)),
        )
    }
}

fn label(name: &str) -> String {
    escaped(&visible(&cut(name, LONGEST_NAME)))
}

/// Where on the drawing a value of the scale is.
fn place(value: f64, [least, most]: [f64; 2]) -> f64 {
    let share = ((value - least) / (most - least)).clamp(0.0, 1.0);
    NAMES + share * (WIDTH - NAMES - MARGIN)
}

fn intervals(rows: &[(String, Interval)], scale: [f64; 2]) -> (String, f64) {
    let bottom = TOP + ROW * rows.len() as f64;
    let mut drawn = String::new();
    // Writing to a String cannot fail.
    for step in 0..=4 {
        let value = scale[0] + (scale[1] - scale[0]) * f64::from(step) / 4.0;
        let x = place(value, scale);
        let class = if scale[0] < 0.0 && value.abs() < 1e-9 { "zero" } else { "grid" };
        let _ = write!(
            drawn,
            "<line class=\"{class}\" x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{bottom}\"/>\
             <text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\">{value:.2}</text>",
            bottom + 18.0
        );
    }
    for (at, (name, interval)) in rows.iter().enumerate() {
        let y = TOP + ROW * (at as f64 + 0.5);
        let [low, value, high] =
            [interval.low, interval.value, interval.high].map(|end| place(end, scale));
        let _ = write!(
            drawn,
            "<text class=\"name\" x=\"{:.1}\" y=\"{:.1}\">{}</text>\
             <line class=\"interval\" x1=\"{low:.1}\" y1=\"{y:.1}\" x2=\"{high:.1}\" y2=\"{y:.1}\"/>\
             <circle class=\"value\" cx=\"{value:.1}\" cy=\"{y:.1}\" r=\"5\"/>",
            NAMES - 10.0,
            y + 5.0,
            label(name)
        );
    }
    (drawn, bottom + 28.0)
}

fn bars(bars: &[(String, u64)]) -> (String, f64) {
    let most = bars.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1) as f64;
    let mut drawn = String::new();
    for (at, (name, count)) in bars.iter().enumerate() {
        let y = TOP + ROW * at as f64;
        let width = *count as f64 / most * (WIDTH - NAMES - 80.0);
        let _ = write!(
            drawn,
            "<text class=\"name\" x=\"{:.1}\" y=\"{:.1}\">{}</text>\
             <rect class=\"bar\" x=\"{NAMES}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{:.1}\"/>\
             <text class=\"count\" x=\"{:.1}\" y=\"{:.1}\">{count}</text>",
            NAMES - 10.0,
            y + 18.0,
            label(name),
            y + 4.0,
            ROW - 8.0,
            NAMES + width + 6.0,
            y + 18.0,
        );
    }
    (drawn, TOP * 2.0 + ROW * bars.len() as f64)
}
