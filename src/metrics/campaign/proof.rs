//! Tests on simulated experiments: effects of a known size are found as often as they should be, and none is found if
//! there is none. The experiments are drawn with fixed seeds, so that each count is always the same. The bounds are
//! those within which chance alone would keep the count.

use super::arms::Measured;
use super::lift::Compared;
use crate::metrics::campaign::outcomes::Outcome;
use crate::schema::Micros;

/// An experiment with so many customers in each arm. Of the control 10 % buy; the rate of the treatment is higher by
/// `rise`. What a buyer spends is between 0 and 150 and skewed: 50 times the customer's taste plus 100 times the
/// product of two draws. It goes with what was spent before, which depends on the taste, too.
fn experiment(seed: u64, [treated, control]: [u64; 2], rise: f64) -> Compared {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut arm = |count: u64, rate: f64| {
        let mut measured = Measured::default();
        for _ in 0..count {
            let taste = rng.f64();
            let buys = rng.f64() < rate;
            let spent = if buys { 50.0 * taste + 100.0 * rng.f64() * rng.f64() } else { 0.0 };
            let before = 200.0 * taste + 20.0 * rng.f64();
            measured.add(&Outcome {
                orders: u32::from(buys),
                net: Micros::new((spent * 1e6) as i64),
                before: Micros::new((before * 1e6) as i64),
                ..Outcome::default()
            });
        }
        measured
    };
    let treated = arm(treated, 0.1 + rise);
    let control = arm(control, 0.1);
    Compared::of(&treated, &control)
}

/// A buyer spends 25 + 100 / 4 = 50 on average, so five points more buyers are worth 2.5 per customer.
#[test]
fn intervals_cover_the_effect_in_95_of_100() {
    const SEEDS: u64 = 1_000;
    let (mut rates, mut spends, mut adjusted, mut narrower) = (0, 0, 0, 0);
    for seed in 0..SEEDS {
        let found = experiment(seed, [400, 200], 0.05);
        let (_, low, high) = found.rate.expect("a rate");
        rates += u64::from((low..=high).contains(&0.05));
        let test = |of: Option<crate::stats::means::Difference>| of.and_then(|of| of.test).expect("a test");
        let (spend, cuped) = (test(found.spend), test(found.adjusted));
        spends += u64::from((spend.low..=spend.high).contains(&2_500_000.0));
        adjusted += u64::from((cuped.low..=cuped.high).contains(&2_500_000.0));
        narrower += u64::from(cuped.high - cuped.low < spend.high - spend.low);
    }
    for (what, covered) in [("rate", rates), ("spend", spends), ("adjusted", adjusted)] {
        // 95 % of 1,000 with a standard deviation of 7.
        assert!((930..=970).contains(&covered), "{what}: {covered} of {SEEDS}");
    }
    // Customers who spent more before spend more now, so that adjusting for it mostly makes intervals narrower.
    assert!(narrower > 800, "{narrower} of {SEEDS}");
}

/// The greatest distance between the p-values' distribution and the uniform one.
fn distance(mut p_values: Vec<f64>) -> f64 {
    p_values.sort_by(f64::total_cmp);
    let n = p_values.len() as f64;
    let apart = |(place, p_value): (usize, &f64)| {
        (p_value - place as f64 / n).abs().max((p_value - (place as f64 + 1.0) / n).abs())
    };
    p_values.iter().enumerate().map(apart).fold(0.0, f64::max)
}

/// Test of Kolmogorov and Smirnov: for uniform p-values, a distance above 1.949 / √n comes once in a thousand times
/// (SciPy: kstwobign.ppf(0.999)).
#[test]
fn without_an_effect_p_values_are_uniform() {
    const SEEDS: u64 = 600;
    let (mut spends, mut adjusted, mut false_alarms) = (Vec::new(), Vec::new(), 0);
    for seed in 10_000..10_000 + SEEDS {
        let found = experiment(seed, [300, 300], 0.0);
        let p_value =
            |of: Option<crate::stats::means::Difference>| of.and_then(|of| of.test).map(|test| test.p_value);
        spends.extend(p_value(found.spend));
        adjusted.extend(p_value(found.adjusted));
        false_alarms += u64::from(found.rate_p_value.is_some_and(|p_value| p_value < 0.05));
    }
    let most = 1.949 / (SEEDS as f64).sqrt();
    for p_values in [spends, adjusted] {
        assert_eq!(p_values.len() as u64, SEEDS);
        let found = distance(p_values);
        assert!(found < most, "{found} of {most}");
    }
    // Fisher's test has at most 5 % false alarms, mostly fewer: 30 of 600, with a standard deviation of 5.3.
    assert!((8..=40).contains(&false_alarms), "{false_alarms}");
    // This test can fail: with an effect the p-values are not uniform.
    let p_values = (0..100).map(|seed| experiment(seed, [300, 300], 0.1).rate_p_value.expect("a p-value"));
    assert!(distance(p_values.collect()) > 0.4);
}
