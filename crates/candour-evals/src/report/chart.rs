//! Charts as SVG that is drawn by hand: intervals on a common scale, and bars. Each has a title and a
//! description for those who do not see it, takes its colours from the page, and repeats what a table
//! beside it says.

use std::collections::{BTreeMap, BTreeSet};
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
/// How high curves are.
const CURVES: f64 = 240.0;
/// The room for the scale to the left of curves.
const SCALE: f64 = 48.0;
/// How lines are told apart without colours: as they are dashed.
const DASHES: [&str; 4] = ["none", "10 6", "2 6", "14 5 2 5"];
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
    /// Shares from 0 to 1 that change with a number, four lines at most.
    Curves(Vec<Line>),
}

/// How a share changes with a number.
#[derive(Debug, Clone)]
pub struct Line {
    /// What it is of.
    pub name: String,
    /// The share at each number, in order.
    pub points: Vec<(usize, Interval)>,
}

impl Chart {
    /// The drawing, with a name from which those of its title and description are made.
    pub(super) fn svg(&self, name: &str) -> String {
        let (drawn, height) = match &self.drawing {
            Drawing::Intervals { rows, scale } => intervals(rows, *scale),
            Drawing::Bars(bars) => self::bars(bars),
            Drawing::Curves(lines) => curves(lines),
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

/// Curves over the numbers that they have points at, one place for each number, and a line with its name for
/// each below.
fn curves(lines: &[Line]) -> (String, f64) {
    let numbers: BTreeSet<usize> =
        lines.iter().flat_map(|line| line.points.iter().map(|(number, _)| *number)).collect();
    let step = (WIDTH - SCALE - 2.0 * MARGIN) / numbers.len().saturating_sub(1).max(1) as f64;
    let across: BTreeMap<usize, f64> =
        (0..).zip(&numbers).map(|(at, number)| (*number, SCALE + step * f64::from(at))).collect();
    let up = |share: f64| 2.0 * TOP + (1.0 - share.clamp(0.0, 1.0)) * CURVES;
    let mut drawn = String::new();
    for quarter in 0..=4 {
        let share = f64::from(quarter) / 4.0;
        let (y, right) = (up(share), WIDTH - 2.0 * MARGIN);
        let _ = write!(
            drawn,
            "<line class=\"grid\" x1=\"{SCALE}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\"/>\
             <text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\">{share:.2}</text>",
            SCALE / 2.0,
            y + 4.0
        );
    }
    // So many numbers stand below without touching.
    let every = numbers.len().div_ceil(12).max(1);
    for (number, x) in across.iter().step_by(every) {
        let y = 2.0 * TOP + CURVES + 20.0;
        let _ = write!(drawn, "<text class=\"tick\" x=\"{x:.1}\" y=\"{y:.1}\">{number}</text>");
    }
    for (at, line) in lines.iter().enumerate() {
        let dashes = DASHES[at % DASHES.len()];
        // Intervals of several lines stand beside each other.
        let aside = 3.0 * at as f64;
        let mut path = String::new();
        for (number, interval) in &line.points {
            let Some(x) = across.get(number).map(|x| x + aside) else { continue };
            let [low, value, high] = [interval.low, interval.value, interval.high].map(up);
            let _ = write!(path, "{x:.1},{value:.1} ");
            let _ = write!(
                drawn,
                "<line class=\"grid\" x1=\"{x:.1}\" y1=\"{low:.1}\" x2=\"{x:.1}\" y2=\"{high:.1}\"/>\
                 <circle class=\"value\" cx=\"{x:.1}\" cy=\"{value:.1}\" r=\"4\"/>"
            );
        }
        let y = 2.0 * TOP + CURVES + 44.0 + ROW * at as f64;
        let _ = write!(
            drawn,
            "<polyline class=\"curve\" stroke-dasharray=\"{dashes}\" points=\"{}\"/>\
             <line class=\"curve\" stroke-dasharray=\"{dashes}\" x1=\"{SCALE}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{y:.1}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            path.trim_end(),
            SCALE + 60.0,
            SCALE + 70.0,
            y + 5.0,
            label(&line.name)
        );
    }
    (drawn, 2.0 * TOP + CURVES + 34.0 + ROW * lines.len() as f64)
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
