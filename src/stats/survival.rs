//! How long until something happens, where some have not been watched to the end.

use std::collections::BTreeMap;

/// The 97.5 % quantile of the standard normal distribution: 95 % lie within.
const Z: f64 = 1.959_963_984_540_054;

/// Times in whole days with how many of those watched had the event then, and how many were last seen then without it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Durations(BTreeMap<i32, (u64, u64)>);

/// What is known of a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// How many were watched that long, the event not having happened before.
    pub at_risk: u64,
    /// Those who had the event by then.
    pub events: u64,
    /// Part that has had the event by then, 0 to 1, and its 95 % interval; none after the longest time watched, and
    /// no interval where no or every one of those watched had it.
    pub rate: Option<f64>,
    /// The interval.
    pub interval: Option<(f64, f64)>,
}

impl Durations {
    /// Adds one that had the event at `time`, or was last seen then without it.
    pub fn add(&mut self, time: i32, has_event: bool) {
        let (events, censored) = self.0.entry(time).or_default();
        if has_event {
            *events += 1;
        } else {
            *censored += 1;
        }
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for (time, (events, censored)) in &other.0 {
            let mine = self.0.entry(*time).or_default();
            mine.0 += events;
            mine.1 += censored;
        }
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.0.values().map(|(events, censored)| events + censored).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One minus the Kaplan–Meier estimate at each of `times`, which ascend: with `d` events among the `n` at risk at
    /// a time, S is the product of `1 − d/n` up to it (Kaplan and Meier, "Nonparametric Estimation from Incomplete
    /// Observations", JASA 53, 1958). The variance of S is Greenwood's, `S² · G` with `G = Σ d / (n (n − d))` ("The
    /// natural duration of cancer", 1926), and the interval that of `log(−log S)`, which stays between 0 and 1:
    /// `S^exp(±z √G / log S)` (Kalbfleisch and Prentice, "The Statistical Analysis of Failure Time Data", 1980, 1.3).
    ///
    /// ```
    /// use ecrm::stats::survival::Durations;
    /// let mut durations = Durations::default();
    /// [(1, true), (2, false), (3, true), (4, false)].map(|(time, has_event)| durations.add(time, has_event));
    /// // 3/4 of four are left after day 1; day 3 takes one of the two still watched.
    /// let point = durations.curve(&[3])[0];
    /// assert_eq!((point.at_risk, point.events, point.rate), (2, 2, Some(1.0 - 0.75 * 0.5)));
    /// ```
    pub fn curve(&self, times: &[i32]) -> Vec<Point> {
        let longest = self.0.keys().next_back().copied().unwrap_or(i32::MIN);
        let mut left = self.0.iter().peekable();
        let (mut at_risk, mut happened) = (self.len(), 0);
        let (mut surviving, mut greenwood) = (1.0, 0.0);
        let mut points = Vec::with_capacity(times.len());
        for &time in times {
            let mut leaving = 0;
            while let Some((_, (events, censored))) = left.next_if(|(at, _)| **at <= time) {
                at_risk -= leaving;
                if *events > 0 {
                    let (d, n) = (*events as f64, at_risk as f64);
                    surviving *= 1.0 - d / n;
                    greenwood += d / (n * (n - d));
                    happened += events;
                }
                leaving = events + censored;
            }
            // Those who leave on the day itself were watched up to it.
            let on_the_day = if self.0.contains_key(&time) { at_risk } else { at_risk - leaving };
            let is_known = time <= longest;
            let has_spread = surviving > 0.0 && surviving < 1.0;
            points.push(Point {
                at_risk: on_the_day,
                events: happened,
                rate: is_known.then_some(1.0 - surviving),
                interval: (is_known && has_spread).then(|| interval(surviving, greenwood)),
            });
            at_risk -= leaving;
        }
        points
    }
}

/// The interval of `1 − S`.
fn interval(surviving: f64, greenwood: f64) -> (f64, f64) {
    let spread = (Z * greenwood.sqrt() / surviving.ln()).abs();
    (1.0 - surviving.powf((-spread).exp()), 1.0 - surviving.powf(spread.exp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times to remission in the 6-MP arm of Freireich et al. (Blood 21, 1963), whose estimate every textbook prints:
    /// S(6) = 0.857, S(7) = 0.807, S(10) = 0.753, S(23) = 0.448.
    #[test]
    fn the_curve_is_that_of_the_textbooks() {
        let mut durations = Durations::default();
        for time in [6, 6, 6, 7, 10, 13, 16, 22, 23] {
            durations.add(time, true);
        }
        for time in [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35] {
            durations.add(time, false);
        }
        let points = durations.curve(&[5, 6, 7, 10, 23, 30, 35, 36]);
        let rates: Vec<Option<f64>> =
            points.iter().map(|point| point.rate.map(|rate| ((1.0 - rate) * 1e4).round() / 1e4)).collect();
        let left = [1.0, 0.8571, 0.8067, 0.7529, 0.4482, 0.4482, 0.4482];
        assert_eq!(rates, left.map(Some).into_iter().chain([None]).collect::<Vec<_>>());
        assert_eq!(
            points.iter().map(|point| point.at_risk).collect::<Vec<_>>(),
            [21, 21, 17, 15, 6, 4, 1, 0]
        );
        assert_eq!(points[7].events, 9);
        assert_eq!(points[0].interval, None);
        // R's survfit with conf.type = "log-log" prints 0.620 and 0.952 for day 6.
        let (low, high) = points[1].interval.expect("an interval");
        assert_eq!(((1.0 - high) * 1e3).round() / 1e3, 0.62);
        assert_eq!(((1.0 - low) * 1e3).round() / 1e3, 0.952);
    }

    #[test]
    fn nobody_gives_nothing() {
        let point = Durations::default().curve(&[30])[0];
        assert_eq!(point, Point { at_risk: 0, events: 0, rate: None, interval: None });
    }

    #[test]
    fn when_all_had_it_there_is_no_interval() {
        let mut durations = Durations::default();
        durations.add(3, true);
        let point = durations.curve(&[3])[0];
        assert_eq!((point.rate, point.interval, point.at_risk), (Some(1.0), None, 1));
    }
}
