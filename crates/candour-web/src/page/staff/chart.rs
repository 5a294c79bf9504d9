//! A chart of how an interval narrows, drawn by the server: 0 % at the foot, 100 % at the top.

use candour_evals::monitoring::{Point, Threshold};

/// The size of the drawing, in its own units.
pub(super) const WIDTH: f64 = 600.0;
pub(super) const HEIGHT: f64 = 120.0;

/// What is drawn, as the attributes of SVG want it.
pub(super) struct Chart {
    /// The outline of the interval.
    pub(super) band: String,
    /// The mean.
    pub(super) line: String,
    /// How high the threshold stands.
    pub(super) threshold: Option<String>,
}

impl Chart {
    /// The chart of some points; none of fewer than two, which show no way.
    pub(super) fn of(points: &[Point], threshold: Option<Threshold>) -> Option<Self> {
        let most = points.last().filter(|_| points.len() > 1)?.scores as f64;
        let at = |point: &Point, share: f64| {
            format!("{:.1},{}", point.scores as f64 / most * WIDTH, height(share))
        };
        let upper = points.iter().map(|point| at(point, point.interval.high));
        let lower = points.iter().rev().map(|point| at(point, point.interval.low));
        let line = points.iter().map(|point| at(point, point.interval.value));
        Some(Self {
            band: upper.chain(lower).collect::<Vec<_>>().join(" "),
            line: line.collect::<Vec<_>>().join(" "),
            threshold: threshold.map(|threshold| height(threshold.value)),
        })
    }
}

fn height(share: f64) -> String {
    format!("{:.1}", (1.0 - share) * HEIGHT)
}

#[cfg(test)]
mod tests {
    use candour_core::Side;
    use candour_evals::statistics::Interval;

    use super::*;

    #[test]
    fn the_band_goes_there_and_back() {
        let point =
            |scores, value, low, high| Point { scores, interval: Interval { value, low, high } };
        let points = [point(1, 1.0, 0.0, 1.0), point(4, 0.75, 0.5, 1.0)];
        let threshold = Threshold { side: Side::AtLeast, value: 0.9 };
        let chart = Chart::of(&points, Some(threshold)).unwrap();
        assert_eq!(chart.band, "150.0,0.0 600.0,0.0 600.0,60.0 150.0,120.0");
        assert_eq!(chart.line, "150.0,0.0 600.0,30.0");
        assert_eq!(chart.threshold.as_deref(), Some("12.0"));
        assert!(Chart::of(&points[..1], None).is_none() && Chart::of(&[], None).is_none());
    }
}
