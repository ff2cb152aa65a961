//! Survival analysis: how long it takes until an event happens, if some cases were not watched until it did.

use super::by_number::ByNumber;
use super::proportion::Z;
use super::quantile;

/// The probability that a 95 % interval leaves out on each side.
const TAIL: f64 = 0.025;

/// By time in whole days: the number of cases that had the event then, and of those last seen then without it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Durations(ByNumber<(u64, u64)>);

/// A point of the curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Number of cases watched for that time that had not had the event before.
    pub at_risk: u64,
    /// Number of cases that had the event by then.
    pub events: u64,
    /// Estimated share that has had the event by then, from 0 to 1; `None` after the longest time watched, unless all
    /// had it before.
    pub rate: Option<f64>,
    /// Its 95 % interval.
    pub interval: Option<(f64, f64)>,
}

/// A time without the event, and the chance that it still happens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Silence {
    /// The time in whole days.
    pub time: i32,
    /// The chance, from 0 to 1, that a case still without the event then has it within the days asked about.
    pub chance: f64,
    /// Number of cases still watched at the end of these days.
    pub at_risk: u64,
}

impl Durations {
    /// Adds a case that had the event at `time`, or was last seen then without it.
    pub fn add(&mut self, time: i32, has_event: bool) {
        self.add_many(time, has_event, 1);
    }

    /// Adds `count` such cases.
    pub fn add_many(&mut self, time: i32, has_event: bool, count: u64) {
        let (events, censored) = self.0.of(time);
        if has_event {
            *events += count;
        } else {
            *censored += count;
        }
    }

    /// Adds all cases of another.
    pub fn merge(&mut self, other: &Self) {
        for (time, (events, censored)) in other.0.iter() {
            let mine = self.0.of(time);
            mine.0 += events;
            mine.1 += censored;
        }
    }

    /// Number of cases.
    pub fn len(&self) -> u64 {
        self.0.iter().map(|(_, (events, censored))| events + censored).sum()
    }

    /// Whether there are no cases.
    pub fn is_empty(&self) -> bool {
        self.0.iter().next().is_none()
    }

    /// Number of cases that had the event.
    pub fn event_count(&self) -> u64 {
        self.0.iter().map(|(_, (events, _))| events).sum()
    }

    /// The quantile at `percent` of the times of those that had the event ([`quantile::percentile`]); `None` if there
    /// are none.
    pub fn completed(&self, percent: u64) -> Option<f64> {
        let times: Vec<(i32, u64)> =
            self.0.iter().map(|(time, (events, _))| (time, *events)).filter(|(_, n)| *n > 0).collect();
        quantile::percentile(&times, percent)
    }

    /// The quantile at `percent` of the times of all cases, also of those last seen without the event: the first time
    /// by which at least `percent` of them have had the event by the Kaplan–Meier estimate; `None` if that is never
    /// reached.
    ///
    /// ```
    /// use ecrm::stats::survival::Durations;
    /// let mut durations = Durations::default();
    /// [(1, true), (2, false), (3, true), (4, false)].map(|(time, has_event)| durations.add(time, has_event));
    /// // A quarter on day 1, and 1 − 3/4 · 1/2 on day 3.
    /// assert_eq!([25, 26, 62, 63].map(|percent| durations.reached(percent)), [Some(1), Some(3), Some(3), None]);
    /// ```
    pub fn reached(&self, percent: u64) -> Option<i32> {
        // A product of fractions may differ from a round number in its last digits.
        const TIE: f64 = 1e-9;
        let part = percent as f64 / 100.0 - TIE;
        self.steps()
            .into_iter()
            .find(|step| step.events > 0 && 1.0 - step.surviving >= part)
            .map(|step| step.time)
    }

    /// The smallest time t, in whole days, after which fewer than the share `chance` of those still without the event
    /// have it within the next `days`. That share is `1 − S(t + days) / S(t)`, and only times count at which at least
    /// `min_watched` are still watched at `t + days`. `None` if there is no such time.
    ///
    /// ```
    /// use ecrm::stats::survival::Durations;
    /// let mut durations = Durations::default();
    /// (0..5).for_each(|_| durations.add(10, true));
    /// (0..95).for_each(|_| durations.add(200, false));
    /// // 5 of 100 at once; nobody after the tenth day.
    /// assert_eq!(durations.silence(0.10, 90, 20).map(|silence| silence.time), Some(0));
    /// assert_eq!(durations.silence(0.05, 90, 20).map(|silence| silence.time), Some(10));
    /// assert_eq!(durations.silence(0.05, 191, 20), None);
    /// ```
    pub fn silence(&self, chance: f64, days: i32, min_watched: u64) -> Option<Silence> {
        let steps = self.steps();
        // The chance only falls at times at which S does, and the number watched never rises.
        let times = steps.iter().filter(|step| step.events > 0).map(|step| step.time);
        let is_watched = |silence: &Silence| silence.at_risk >= min_watched.max(1);
        let mut silences =
            std::iter::once(0).chain(times).map_while(|time| after(&steps, time, days).filter(is_watched));
        silences.find(|silence| silence.chance < chance)
    }

    /// The chance of the event in the `days` after a time without it, as in [`Self::silence`]; `None` if no case is
    /// left without it.
    pub fn after(&self, time: i32, days: i32) -> Option<Silence> {
        after(&self.steps(), time, days)
    }

    /// Number of cases last seen without the event.
    pub fn censored_count(&self) -> u64 {
        self.0.iter().map(|(_, (_, censored))| censored).sum()
    }

    /// Number of cases last seen without the event that had been watched for more than `days`.
    pub fn censored_beyond(&self, days: f64) -> u64 {
        let beyond = self.0.iter().filter(|(time, _)| f64::from(*time) > days);
        beyond.map(|(_, (_, censored))| censored).sum()
    }

    /// Each time at which a case had the event or was last seen, with the Kaplan–Meier estimate after it.
    fn steps(&self) -> Vec<Step> {
        let (mut at_risk, mut surviving) = (self.len(), 1.0);
        let step = |(time, &(events, censored)): (i32, &(u64, u64))| {
            surviving *= 1.0 - events as f64 / at_risk as f64;
            let step = Step { time, at_risk, events, surviving };
            at_risk -= events + censored;
            step
        };
        self.0.iter().map(step).collect()
    }

    /// One minus the Kaplan–Meier estimate at each of `times`, which must ascend: with `d` events among the `n` at risk
    /// at a time, S is the product of `1 − d/n` up to it (Kaplan and Meier, "Nonparametric Estimation from Incomplete
    /// Observations", JASA 53, 1958). The variance of S is Greenwood's, `S² · G` with `G = Σ d / (n (n − d))` ("The
    /// natural duration of cancer", 1926). The interval is that of `log(−log S)`, which stays between 0 and 1:
    /// `S^exp(±z √G / log S)` (Kalbfleisch and Prentice, "The Statistical Analysis of Failure Time Data", 1980, 1.3).
    ///
    /// If no case or every case has had the event, that variance is zero and says nothing. The interval is then the
    /// exact one of 0 among those at risk, or of all among those at risk when the last of them had it (Clopper and
    /// Pearson, "The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial", Biometrika 26,
    /// 1934).
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
        let longest = self.0.iter().last().map_or(i32::MIN, |(time, _)| time);
        let mut left = self.0.iter().peekable();
        let (mut at_risk, mut happened) = (self.len(), 0);
        let (mut surviving, mut greenwood) = (1.0, 0.0);
        // The number at risk at the time at which all of them had the event.
        let mut last = None;
        let mut points = Vec::with_capacity(times.len());
        for &time in times {
            let mut leaving = 0;
            while let Some((_, (events, censored))) = left.next_if(|(at, _)| *at <= time) {
                at_risk -= leaving;
                let (d, n) = (*events as f64, at_risk as f64);
                surviving *= 1.0 - d / n;
                greenwood += d / (n * (n - d));
                happened += events;
                last = (*events == at_risk).then_some(at_risk);
                leaving = events + censored;
            }
            // Cases last seen on the day itself were watched up to it.
            let on_the_day = if self.0.has(time) { at_risk } else { at_risk - leaving };
            let (rate, spread) = match (last, happened) {
                (Some(n), _) => (1.0, (TAIL.powf(1.0 / n as f64), 1.0)),
                (None, 0) => (0.0, (0.0, 1.0 - TAIL.powf(1.0 / on_the_day as f64))),
                (None, _) => (1.0 - surviving, interval(surviving, greenwood)),
            };
            // If all had the event, no case is left that could change the rate.
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

/// A time at which a case had the event or was last seen.
struct Step {
    time: i32,
    /// Number of cases watched for that time that had not had the event before.
    at_risk: u64,
    /// Number of cases that had the event then.
    events: u64,
    /// S after this time.
    surviving: f64,
}

fn after(steps: &[Step], time: i32, days: i32) -> Option<Silence> {
    let until = time.saturating_add(days);
    let surviving = |time: i32| {
        let passed = steps.partition_point(|step| step.time <= time);
        passed.checked_sub(1).map_or(1.0, |place| steps[place].surviving)
    };
    let watched = steps.get(steps.partition_point(|step| step.time < until));
    let now = surviving(time);
    let chance = 1.0 - surviving(until) / now;
    (now > 0.0).then(|| Silence { time, chance, at_risk: watched.map_or(0, |step| step.at_risk) })
}

/// The interval of `1 − S`, for S between 0 and 1.
fn interval(surviving: f64, greenwood: f64) -> (f64, f64) {
    let spread = (Z * greenwood.sqrt() / surviving.ln()).abs();
    (1.0 - surviving.powf((-spread).exp()), 1.0 - surviving.powf(spread.exp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times to remission in the 6-MP arm of Freireich et al. (Blood 21, 1963), whose estimate is in every textbook:
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
        // No case of 21 gives 1 − 0.025^(1/21), which R's binom.test(0, 21) prints as 0.1610976.
        let (low, high) = points[0].interval.expect("an interval");
        assert_eq!((low, (high * 1e7).round() / 1e7), (0.0, 0.161_097_6));
        assert_eq!(points[7].interval, None);
        // R's survfit with conf.type = "log-log" prints 0.620 and 0.952 for day 6.
        let (low, high) = points[1].interval.expect("an interval");
        assert_eq!(((1.0 - high) * 1e3).round() / 1e3, 0.62);
        assert_eq!(((1.0 - low) * 1e3).round() / 1e3, 0.952);
    }

    /// By day 13 a quarter of the 21 cases of the 6-MP arm had a remission (S = 0.690), by day 23 half (0.448), and 75
    /// % never (R: quantile(survfit(…)) has 13, 23 and NA at 25, 50 and 75 %). The median of the nine completed times
    /// is 10.
    #[test]
    fn quantiles_are_of_the_ended_or_of_all() {
        let mut durations = Durations::default();
        [6, 6, 6, 7, 10, 13, 16, 22, 23].into_iter().for_each(|time| durations.add(time, true));
        [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
            .into_iter()
            .for_each(|time| durations.add(time, false));
        assert_eq!([25, 50, 75].map(|percent| durations.reached(percent)), [Some(13), Some(23), None]);
        assert_eq!([25, 50, 75].map(|percent| durations.completed(percent)), [6.0, 10.0, 16.0].map(Some));
        assert_eq!((durations.event_count(), durations.len()), (9, 21));
        let nothing = Durations::default();
        assert_eq!(
            (nothing.reached(50), nothing.completed(50), nothing.silence(0.1, 90, 0)),
            (None, None, None)
        );
    }

    /// Ten of 40 come back on day 5, ten on day 50 and one on day 100; the others are watched for 300 days. Within 90
    /// days 20 of 40 come; after day 5, 10 of 30; after day 50, 1 of 20.
    #[test]
    fn silence_begins_where_few_come_back() {
        let mut durations = Durations::default();
        (0..10).for_each(|_| durations.add(5, true));
        (0..10).for_each(|_| durations.add(50, true));
        durations.add(100, true);
        (0..19).for_each(|_| durations.add(300, false));
        let found = durations.silence(0.1, 90, 19).expect("a silence");
        assert_eq!((found.time, found.at_risk), (50, 19));
        assert!((found.chance - 0.05).abs() < 1e-12);
        // With 20, one more would have to be watched. With 0.05, the chance would have to be below one in twenty.
        assert_eq!(durations.silence(0.1, 90, 20), None);
        assert_eq!(durations.silence(0.05, 90, 19).map(|silence| silence.time), Some(100));
        // Within 45 days a quarter of all come, and a third of those left after day 5; within 95 days after it, 11 of
        // these 30.
        assert_eq!(durations.silence(0.26, 45, 19).map(|silence| silence.time), Some(0));
        assert_eq!(durations.silence(0.25, 45, 19).map(|silence| silence.time), Some(50));
        assert_eq!(durations.silence(0.37, 95, 19).map(|silence| silence.time), Some(5));
        assert_eq!(durations.silence(0.35, 95, 19).map(|silence| silence.time), Some(50));
        // Of the 30 silent for 20 days, 11 come within 90 days.
        let after = durations.after(20, 90).expect("somebody");
        assert!((after.chance - 11.0 / 30.0).abs() < 1e-12 && after.at_risk == 19);
        assert_eq!((durations.censored_count(), durations.censored_beyond(299.5)), (19, 19));
        assert_eq!(durations.censored_beyond(300.0), 0);
        // If all have come back, nobody is silent.
        let mut all = Durations::default();
        (0..50).for_each(|_| all.add(5, true));
        assert_eq!(all.silence(0.1, 90, 20), None);
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
        // Before day 3, 0 of 1 has had the event: 0 to 1 − 0.025.
        assert_eq!(rounded(points[0]), (Some(0.0), Some((0.0, 0.975))));
        for (point, at_risk) in points[1..].iter().zip([1, 0, 0]) {
            assert_eq!(rounded(*point), (Some(1.0), Some((0.025, 1.0))));
            assert_eq!((point.at_risk, point.events), (at_risk, 1));
        }
        // With two more on day 20, the exact interval is that of these two: R's binom.test(2, 2) has 0.1581139 to 1.
        durations.add(20, true);
        durations.add(20, true);
        assert_eq!(rounded(durations.curve(&[30])[0]), (Some(1.0), Some((0.158_114, 1.0))));
        assert_eq!(rounded(durations.curve(&[10])[0]).0, Some(0.333_333));
    }

    #[test]
    fn who_is_still_watched_when_the_last_has_it_keeps_the_curve_open() {
        // Both are at risk on day 3 and one has the event: S = 1/2, and nobody is watched on day 4.
        let mut durations = Durations::default();
        durations.add(3, true);
        durations.add(3, false);
        let points = durations.curve(&[3, 4]);
        assert_eq!((points[0].rate, points[0].at_risk), (Some(0.5), 2));
        assert_eq!((points[1].rate, points[1].interval), (None, None));
        // A case that left before does not keep the curve open: the one at risk had the event.
        let mut durations = Durations::default();
        durations.add(2, false);
        durations.add(3, true);
        assert_eq!(rounded(durations.curve(&[4])[0]), (Some(1.0), Some((0.025, 1.0))));
    }

    /// S is 0.9 of ten with G = 1 / (10 · 9). The exponent is 1.959964 · √(1/90) / ln 0.9 = 1.960871 in size, and 1 −
    /// 0.9 to the power of e^∓1.960871 gives 0.014719 and 0.526991.
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
