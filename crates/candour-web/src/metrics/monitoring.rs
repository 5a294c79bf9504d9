//! What monitoring says, for Prometheus: figures and alarms by metric.

use std::sync::atomic::AtomicU64;

use candour_core::AlarmKind;
use candour_evals::monitoring::{Figure, State};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::Labels;

type Numbers = Family<Labels<1>, Gauge<f64, AtomicU64>>;

/// What is known of the open plan. Without one nothing is shown but failures.
#[derive(Default)]
pub(crate) struct MonitoringMetrics {
    scores: Family<Labels<1>, Gauge>,
    value: Numbers,
    low: Numbers,
    high: Numbers,
    alarm: Family<Labels<2>, Gauge>,
    failures: Counter,
}

impl MonitoringMetrics {
    #[rustfmt::skip]
    pub(super) fn register(&self, to: &mut Registry) {
        to.register("monitoring_scores", "Scores of the open monitoring plan, by metric", self.scores.clone());
        to.register("monitoring_value", "Their mean, by metric", self.value.clone());
        to.register("monitoring_low", "The lower end of its interval, which holds at any time, by metric", self.low.clone());
        to.register("monitoring_high", "The upper end, by metric", self.high.clone());
        to.register("monitoring_alarm", "1 where an alarm was raised, by metric and kind", self.alarm.clone());
        to.register("monitoring_failures", "Times that answers could not be monitored", self.failures.clone());
    }

    /// Puts figures in the place of the earlier ones. Of no score there is no figure.
    pub(crate) fn show(&self, figures: &[Figure]) {
        for figure in figures.iter().filter(|figure| figure.scores > 0) {
            let label = [("metric", figure.metric.key())];
            self.scores.get_or_create(&label).set(figure.scores.cast_signed());
            self.value.get_or_create(&label).set(figure.interval.value);
            self.low.get_or_create(&label).set(figure.interval.low);
            self.high.get_or_create(&label).set(figure.interval.high);
            let has_changed = figure.drift.is_some_and(|drift| drift.has_changed);
            for (kind, is_raised) in [
                (AlarmKind::Threshold, figure.state == State::Broken),
                (AlarmKind::Drift, has_changed),
            ] {
                let labels = [("metric", figure.metric.key()), ("kind", kind.key())];
                self.alarm.get_or_create(&labels).set(i64::from(is_raised));
            }
        }
    }

    /// No plan is open: what was shown of the last one goes.
    pub(crate) fn off(&self) {
        self.scores.clear();
        for numbers in [&self.value, &self.low, &self.high] {
            numbers.clear();
        }
        self.alarm.clear();
    }

    /// Answers could not be monitored.
    pub(crate) fn failed(&self) {
        self.failures.inc();
    }
}
