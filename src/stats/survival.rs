//! How long until something happens, where some have not been watched to the end.

use std::collections::BTreeMap;

/// The 97.5 % quantile of the standard normal distribution: 95 % lie within.
const Z: f64 = 1.959_963_984_540_054;

/// What an interval of 95 % leaves out on each side.
const TAIL: f64 = 0.025;

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
    /// Part that has had the event by then, 0 to 1; none after the longest time watched, unless everybody had it
    /// before.
    pub rate: Option<f64>,
    /// Its 95 % interval.
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
    /// Where nobody or everybody has had the event that variance is zero and says nothing; the interval is then the
    /// exact one of those at risk: of none of them, or of all when the last had it (Clopper and Pearson, "The
    /// Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial", Biometrika 26, 1934).
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
        // How many were at risk when all of them had it.
        let mut last = None;
        let mut points = Vec::with_capacity(times.len());
        for &time in times {
            let mut leaving = 0;
            while let Some((_, (events, censored))) = left.next_if(|(at, _)| **at <= time) {
                at_risk -= leaving;
                let (d, n) = (*events as f64, at_risk as f64);
                surviving *= 1.0 - d / n;
                greenwood += d / (n * (n - d));
                happened += events;
                last = (*events == at_risk).then_some(at_risk);
                leaving = events + censored;
            }
            // Those who leave on the day itself were watched up to it.
            let on_the_day = if self.0.contains_key(&time) { at_risk } else { at_risk - leaving };
            let (rate, spread) = match (last, happened) {
                (Some(n), _) => (1.0, (TAIL.powf(1.0 / n as f64), 1.0)),
                (None, 0) => (0.0, (0.0, 1.0 - TAIL.powf(1.0 / on_the_day as f64))),
                (None, _) => (1.0 - surviving, interval(surviving, greenwood)),
            };
            // Where all had it, none are left for whom it could change.
            let is_known = time <= longest || last.is_some();
            points.push(Point {
                at_risk: on_the_day,
                events: happened,
                rate: is_known.then_some(rate),
                interval: is_known.then_some(spread),
            });
            at_risk -= leaving;
        }
        points
    }
}

/// The interval of `1 − S`, where S is between 0 and 1.
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
        // Nobody of 21: 1 − 0.025^(1/21), which R's binom.test(0, 21) prints as 0.1610976.
        let (low, high) = points[0].interval.expect("an interval");
        assert_eq!((low, (high * 1e7).round() / 1e7), (0.0, 0.161_097_6));
        assert_eq!(points[7].interval, None);
        // R's survfit with conf.type = "log-log" prints 0.620 and 0.952 for day 6.
        let (low, high) = points[1].interval.expect("an interval");
        assert_eq!(((1.0 - high) * 1e3).round() / 1e3, 0.62);
        assert_eq!(((1.0 - low) * 1e3).round() / 1e3, 0.952);
    }

    #[test]
    fn nobody_gives_nothing() {
        let point = Durations::default().curve(&[30])[0];
        assert_eq!(point, Point { at_risk: 0, events: 0, rate: None, interval: None });
        assert!(Durations::default().is_empty());
    }

    fn rounded(point: Point) -> (Option<f64>, Option<(f64, f64)>) {
        let round = |value: f64| (value * 1e6).round() / 1e6;
        (point.rate.map(round), point.interval.map(|(low, high)| (round(low), round(high))))
    }

    /// R: binom.test(1, 1)$conf.int is 0.025, 1.
    #[test]
    fn where_all_had_it_the_curve_stays_and_its_interval_is_exact() {
        let mut durations = Durations::default();
        durations.add(3, true);
        let points = durations.curve(&[2, 3, 4, 365]);
        // Before, none of the one: 0 to 1 − 0.025.
        assert_eq!(rounded(points[0]), (Some(0.0), Some((0.0, 0.975))));
        for (point, at_risk) in points[1..].iter().zip([1, 0, 0]) {
            assert_eq!(rounded(*point), (Some(1.0), Some((0.025, 1.0))));
            assert_eq!((point.at_risk, point.events), (at_risk, 1));
        }
        // Two more on day 20: of those two the exact interval is, binom.test(2, 2) of R's 0.1581139 to 1.
        durations.add(20, true);
        durations.add(20, true);
        assert_eq!(rounded(durations.curve(&[30])[0]), (Some(1.0), Some((0.158_114, 1.0))));
        assert_eq!(rounded(durations.curve(&[10])[0]).0, Some(0.333_333));
    }

    #[test]
    fn who_is_still_watched_when_the_last_has_it_keeps_the_curve_open() {
        // Both are at risk on day 3, one has it: S = 1/2, and nobody is watched on day 4.
        let mut durations = Durations::default();
        durations.add(3, true);
        durations.add(3, false);
        let points = durations.curve(&[3, 4]);
        assert_eq!((points[0].rate, points[0].at_risk), (Some(0.5), 2));
        assert_eq!((points[1].rate, points[1].interval), (None, None));
        // Who left before does not: the one at risk had it.
        let mut durations = Durations::default();
        durations.add(2, false);
        durations.add(3, true);
        assert_eq!(rounded(durations.curve(&[4])[0]), (Some(1.0), Some((0.025, 1.0))));
    }

    /// 0.9 of ten with G = 1 / (10 · 9): the spread is 1.959964 · √(1/90) / ln 0.9 = 1.960871 in size, and 1 − 0.9 to
    /// the power of e^∓1.960871 gives 0.014719 and 0.526991.
    #[test]
    fn the_interval_is_that_of_the_formula() {
        let mut durations = Durations::default();
        durations.add(1, true);
        (0..9).for_each(|_| durations.add(5, false));
        assert_eq!(rounded(durations.curve(&[4])[0]), (Some(0.1), Some((0.014_719, 0.526_991))));
        // Merged halves are the whole.
        let (mut one, mut other) = (Durations::default(), Durations::default());
        one.add(1, true);
        (0..4).for_each(|_| one.add(5, false));
        (0..5).for_each(|_| other.add(5, false));
        one.merge(&other);
        assert_eq!((one.len(), one.is_empty()), (10, false));
        assert_eq!(one, durations);
    }
}
