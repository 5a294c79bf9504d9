//! A rate of attempts, and how sure it is where the attempts of one attack are not independent.

use std::collections::BTreeMap;

use crate::statistics::{
    Confidence, Estimate, Method, NoInterval, Observations, Rate, StatisticsError,
    clopper_pearson_with, estimate,
};

/// Values of a run by cluster and item, so that another run of the same items can be held against it.
pub type Items = BTreeMap<(String, String), f64>;

/// How items stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grouping {
    /// Each is a cluster of its own, which is none.
    Apart,
    /// Several are in one cluster, and there are several clusters.
    Clustered,
    /// There are several, all in one.
    Together,
}

impl Grouping {
    pub(super) fn of<'a>(items: impl Iterator<Item = &'a (String, String)>) -> Self {
        let sizes = sizes(items);
        match (sizes.len(), sizes.values().any(|size| *size > 1)) {
            (_, false) => Self::Apart,
            (1, true) => Self::Together,
            _ => Self::Clustered,
        }
    }
}

fn sizes<'a>(items: impl Iterator<Item = &'a (String, String)>) -> BTreeMap<&'a str, usize> {
    let mut sizes = BTreeMap::new();
    for (cluster, _) in items {
        *sizes.entry(cluster.as_str()).or_default() += 1;
    }
    sizes
}

/// How sure the rate of items is. In clusters it is the exact interval of as many observations as there
/// would be if all items of a cluster were alike (Kish, 1965): never more than there are clusters, and the
/// same whatever came of them, so that one success more never makes a rate look lower.
pub fn rate_of(items: &Items) -> Result<Rate, StatisticsError> {
    let all = Observations::alone(items.values().copied())?;
    let (n, value) = (items.len(), all.moments().mean().min(1.0));
    match Grouping::of(items.keys()) {
        Grouping::Apart => Ok(estimate(&all, Confidence::P95)?.into()),
        Grouping::Together => Ok(Rate::without_interval(value, n, Some(1), NoInterval::OneAttack)),
        Grouping::Clustered => {
            let sizes = sizes(items.keys());
            let squares: f64 = sizes.values().map(|size| (*size as f64).powi(2)).sum();
            let worth = (n as f64).powi(2) / squares;
            let interval = clopper_pearson_with(value, worth, Confidence::P95)?;
            let (clusters, method) = (Some(sizes.len()), Method::ClusteredClopperPearson);
            Ok(Estimate { interval, n, clusters, method }.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn items(sizes: &[usize]) -> Items {
        let cluster = |(at, size): (usize, &usize)| {
            let item = move |item: usize| ((format!("a{at}"), format!("{item:03}")), 0.0);
            (0..*size).map(item)
        };
        sizes.iter().enumerate().flat_map(cluster).collect()
    }

    #[test]
    fn one_success_of_many_is_no_surer_than_none() {
        let mut tried = items(&[25; 40]);
        let none = rate_of(&tried).unwrap();
        assert_eq!((none.n, none.clusters, none.value), (1000, Some(40), 0.0));
        let exact = crate::statistics::clopper_pearson(0, 40, Confidence::P95).unwrap();
        assert!((none.high.unwrap() - exact.high).abs() < 1e-9);
        *tried.values_mut().next().unwrap() = 1.0;
        assert!(rate_of(&tried).unwrap().high > none.high);
    }

    #[test]
    fn a_single_attack_tells_nothing_of_others() {
        let one = rate_of(&items(&[3])).unwrap();
        assert_eq!((one.value, one.low, one.high, one.clusters), (0.0, None, None, Some(1)));
        let json = serde_json::to_value(one).unwrap();
        assert!(json["high"].is_null() && json["note"].is_string());
        assert!(rate_of(&items(&[1])).unwrap().high.is_some());
        assert!(rate_of(&Items::new()).is_err());
    }

    proptest! {
        #[test]
        fn the_upper_end_never_falls_as_successes_are_added(
            sizes in proptest::collection::vec(1_usize..12, 2..12),
            order in any::<u64>(),
        ) {
            let mut tried = items(&sizes);
            let mut keys: Vec<(String, String)> = tried.keys().cloned().collect();
            keys.sort_by_key(|(cluster, item)| {
                candour_core::ContentHash::of(format!("{order}{cluster}{item}").as_bytes())
            });
            let mut before = rate_of(&tried).unwrap();
            for key in keys {
                tried.insert(key, 1.0);
                let after = rate_of(&tried).unwrap();
                prop_assert!(after.high >= before.high.map(|high| high - 1e-12), "{before:?} {after:?}");
                prop_assert!(after.low >= before.low.map(|low| low - 1e-12));
                prop_assert!(after.low <= Some(after.value) && Some(after.value) <= after.high);
                before = after;
            }
        }
    }
}
