//! Simulated samples: how often the 95 % intervals hold the true value. It should be about 95 times in a hundred.

use super::concentration::{gini, gini_interval};
use super::proportion::{Proportion, difference_interval, ratio_to_whole_interval};
use super::survival::Durations;

/// Number of samples of each kind.
const SAMPLES: usize = 4_000;

/// The share of samples whose interval holds the true value; samples without an interval are left out.
fn coverage(seed: u64, truth: f64, mut sample: impl FnMut(&mut fastrand::Rng) -> Option<(f64, f64)>) -> f64 {
    let mut random = fastrand::Rng::with_seed(seed);
    let found: Vec<(f64, f64)> = (0..SAMPLES).filter_map(|_| sample(&mut random)).collect();
    assert!(found.len() > SAMPLES * 9 / 10, "{} have an interval", found.len());
    let holding = found.iter().filter(|(low, high)| (*low..=*high).contains(&truth)).count();
    holding as f64 / found.len() as f64
}

fn assert_holds(what: &str, coverage: f64) {
    assert!((0.92..=0.98).contains(&coverage), "{what}: {coverage}");
}

/// The number of hits among `of` cases, each of which is a hit with the probability `rate`.
fn hits(random: &mut fastrand::Rng, of: u64, rate: f64) -> Proportion {
    Proportion::new((0..of).filter(|_| random.f64() < rate).count() as u64, of)
}

#[test]
fn rates_and_their_differences() {
    for (of, rate) in [(20, 0.3), (60, 0.1), (200, 0.5), (1_000, 0.03)] {
        let found = coverage(of, rate, |random| hits(random, of, rate).interval());
        assert_holds(&format!("Wilson {of} {rate}"), found);
    }
    let found =
        coverage(7, 0.05, |random| difference_interval(hits(random, 150, 0.2), hits(random, 400, 0.15)));
    assert_holds("Newcombe", found);
}

/// A region has 40, 100 or 300 of the shop's 1,000 customers, and converts more, as much or less than the rest.
#[test]
fn ratios_to_the_whole() {
    for (seed, of, own, others) in
        [(1, 100, 0.3, 0.2), (2, 300, 0.1, 0.1), (3, 300, 0.15, 0.4), (4, 40, 0.5, 0.05)]
    {
        let rest = 1_000 - of;
        let whole = (own * of as f64 + others * rest as f64) / 1_000.0;
        let found = coverage(seed, own / whole, |random| {
            let part = hits(random, of, own);
            ratio_to_whole_interval(part, part.with(hits(random, rest, others)))
        });
        assert_holds(&format!("ratio {of} {own} {others}"), found);
    }
}

/// Customers come back after exponentially distributed times with a mean of 60 or 200 days, and are watched for up to a
/// year.
#[test]
fn curves_with_customers_still_watched() {
    let exponential = |random: &mut fastrand::Rng, mean: f64| -(1.0 - random.f64()).ln() * mean;
    for (seed, mean, days) in [(11, 60.0, 30), (12, 60.0, 180), (13, 200.0, 90)] {
        // Times are whole days, so the curve counts those up to the end of the last day.
        let truth = 1.0 - (-f64::from(days + 1) / mean).exp();
        let found = coverage(seed, truth, |random| {
            let mut durations = Durations::default();
            for _ in 0..150 {
                let (back, watched) = (exponential(random, mean), random.f64() * 365.0);
                durations.add(back.min(watched) as i32, back <= watched);
            }
            durations.curve(&[days])[0].interval
        });
        assert_holds(&format!("curve {mean} {days}"), found);
    }
}

/// If nobody of those watched had the event, the exact interval ends at the rate at which that happens in one sample of
/// forty. So with a true rate of that end, this share of samples has nobody.
#[test]
fn exact_intervals_of_nobody() {
    for watched in [10, 40] {
        let mut none = Durations::default();
        (0..watched).for_each(|_| none.add(40, false));
        let (_, end) = none.curve(&[30])[0].interval.expect("an interval");
        let mut random = fastrand::Rng::with_seed(watched);
        let nobody = (0..SAMPLES).filter(|_| hits(&mut random, watched, end).hits == 0).count();
        let part = nobody as f64 / SAMPLES as f64;
        assert!((0.018..=0.032).contains(&part), "{watched}: {part}");
    }
}

/// Exponentially distributed amounts have a Gini coefficient of one half, evenly distributed ones of one third.
#[test]
fn concentrations() {
    let gini_of = |random: &mut fastrand::Rng, of: usize, draw: fn(f64) -> f64| {
        let mut values: Vec<(i64, u64)> = (0..of).map(|_| ((draw(random.f64()) * 1e6) as i64, 1)).collect();
        values.sort_unstable();
        assert!(gini(&values).is_some());
        gini_interval(&values)
    };
    let found = coverage(31, 0.5, |random| gini_of(random, 300, |part| -(1.0 - part).ln()));
    assert_holds("Gini of exponential", found);
    let found = coverage(32, 1.0 / 3.0, |random| gini_of(random, 100, |part| part));
    assert_holds("Gini of uniform", found);
}
