//! Proportions, their intervals, and tests and intervals of their differences and ratios.

use statrs::function::erf::erfc;

/// The 97.5 % quantile of the standard normal distribution: 95 % lie within.
pub(super) const Z: f64 = 1.959_963_984_540_054;

/// The 80 % quantile of the standard normal distribution, for a power of 80 %.
const Z_OF_POWER: f64 = 0.841_621_233_572_914_2;

/// With up to this many in the smaller group Fisher's exact test is made; beyond it the approximation is as good.
pub const MAX_FISHER: u64 = 1_000;

/// Counts in tables are compared if at least this many are expected (Cochran, "Some Methods for Strengthening the
/// Common χ² Tests", Biometrics 10, 1954).
pub const MIN_EXPECTED: u64 = 5;

/// A number of hits among a number of cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Proportion {
    /// Cases with the property.
    pub hits: u64,
    /// All cases; at least as many.
    pub of: u64,
}

impl Proportion {
    /// `hits` of `of` cases.
    pub fn new(hits: u64, of: u64) -> Self {
        Self { hits, of }
    }

    /// The two together, of different cases.
    pub fn with(self, other: Self) -> Self {
        Self { hits: self.hits + other.hits, of: self.of + other.of }
    }

    /// The share of hits, from 0 to 1; `None` if there are no cases.
    pub fn rate(self) -> Option<f64> {
        (self.of > 0).then(|| self.hits as f64 / self.of as f64)
    }

    /// Its 95 % interval by Wilson ("Probable inference, the law of succession, and statistical inference", JASA 22,
    /// 1927), which stays between 0 and 1 and is valid for few cases, too. `None` if there are no cases.
    ///
    /// ```
    /// use ecrm::stats::proportion::Proportion;
    /// // Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I: .2553 to .3662.
    /// let (low, high) = Proportion::new(81, 263).interval().unwrap();
    /// assert_eq!((format!("{low:.4}"), format!("{high:.4}")), ("0.2553".to_owned(), "0.3662".to_owned()));
    /// ```
    pub fn interval(self) -> Option<(f64, f64)> {
        let (rate, n) = (self.rate()?, self.of as f64);
        let whole = 1.0 + Z * Z / n;
        let centre = (rate + Z * Z / (2.0 * n)) / whole;
        let half = Z / whole * (rate * (1.0 - rate) / n + Z * Z / (4.0 * n * n)).sqrt();
        let low = if self.hits == 0 { 0.0 } else { centre - half };
        let high = if self.hits == self.of { 1.0 } else { centre + half };
        Some((low, high))
    }
}

/// The 95 % interval of `a`'s rate minus `b`'s: method 10 of Newcombe ("Interval estimation for the difference between
/// independent proportions: comparison of eleven methods", Statistics in Medicine 17, 1998), which combines the two
/// intervals of Wilson. `None` if one has no cases.
pub fn difference_interval(a: Proportion, b: Proportion) -> Option<(f64, f64)> {
    let (rate_a, rate_b) = (a.rate()?, b.rate()?);
    let ((low_a, high_a), (low_b, high_b)) = (a.interval()?, b.interval()?);
    let difference = rate_a - rate_b;
    let below = (rate_a - low_a).hypot(high_b - rate_b);
    let above = (high_a - rate_a).hypot(rate_b - low_b);
    Some((difference - below, difference + above))
}

/// The 95 % interval of the ratio of a part's rate to that of the whole it belongs to, by the log method (Katz et al.,
/// "Obtaining confidence intervals for the risk ratio in cohort studies", Biometrics 34, 1978). Let the part have `a`
/// hits of `n`, and the rest, which is independent of it, `c` of `m`, and let `B = a + c`. By the delta method, the
/// variance of the logarithm is `(1/a − 1/B)² · a (1 − a/n) + c (1 − c/m) / B²`. If that is 0, since there is no hit in
/// the rest or nothing but hits, a half is added to each of the four counts (Haldane, "The estimation and significance
/// of the logarithm of a ratio of frequencies", Annals of Human Genetics 20, 1956), so that a few cases are not taken
/// as certain. The upper end is at most the ratio of a part with all hits of the whole, and a part that is the whole
/// has a ratio of 1. `None` if the part has no hit.
///
/// ```
/// use ecrm::stats::proportion::{Proportion, ratio_to_whole_interval};
/// let whole = Proportion::new(10, 100);
/// assert_eq!(ratio_to_whole_interval(whole, whole), Some((1.0, 1.0)));
/// ```
pub fn ratio_to_whole_interval(part: Proportion, whole: Proportion) -> Option<(f64, f64)> {
    if part.hits == 0 || part.of == 0 {
        return None;
    }
    if part.of >= whole.of {
        return Some((1.0, 1.0));
    }
    let others = (whole.hits.saturating_sub(part.hits) as f64, (whole.of - part.of) as f64);
    let spread = |add: f64| {
        let (a, n, c, m) =
            (part.hits as f64 + add, part.of as f64 + 2.0 * add, others.0 + add, others.1 + 2.0 * add);
        let all = a + c;
        let missed = |hits: f64, of: f64| hits * (1.0 - hits / of).max(0.0);
        let variance = (1.0 / a - 1.0 / all).powi(2) * missed(a, n) + missed(c, m) / (all * all);
        ((a / n) / (all / (n + m)), Z * variance.sqrt())
    };
    let (ratio, spread) =
        Some(spread(0.0)).filter(|(_, spread)| *spread > 0.0).unwrap_or_else(|| spread(0.5));
    let most = whole.of as f64 / part.of as f64;
    Some((ratio * (-spread).exp(), (ratio * spread.exp()).min(most)))
}

/// Whether counts are large enough to compare a part's rate with that of the whole: at the rate of the whole, at least
/// [`MIN_EXPECTED`] of the part would be hits, and at least as many would not.
pub fn is_comparable(part: Proportion, whole: Proportion) -> bool {
    let expected =
        |hits: u64| u128::from(part.of) * u128::from(hits) >= u128::from(MIN_EXPECTED) * u128::from(whole.of);
    whole.of > 0 && expected(whole.hits) && expected(whole.of.saturating_sub(whole.hits))
}

/// The probability of a difference at least so great if there is none: by Fisher's exact test if the smaller group has
/// up to [`MAX_FISHER`] cases, else by the z test of two proportions. `None` if one group is empty.
pub fn p_value(a: Proportion, b: Proportion) -> Option<f64> {
    if a.of.min(b.of) <= MAX_FISHER { fisher(a, b) } else { z_test(a, b) }
}

/// Fisher's exact test, two-sided ("On the interpretation of χ² from contingency tables, and the calculation of P",
/// JRSS 85, 1922): given the margins, the probability of all tables that are no more likely than this one.
/// Probabilities are compared to seven digits, as in R's `fisher.test`. `None` if one group is empty.
///
/// Tables that are far less likely than this one add nothing, and on either side all tables after the first such one
/// are at least as unlikely. The work therefore grows with the distance between this table and the likeliest one, not
/// with the size of the groups.
///
/// Each table's probability is that of its neighbour times a ratio of four whole numbers. The logarithms of these
/// ratios are added up, so no digits are lost to factorials of millions.
pub fn fisher(a: Proportion, b: Proportion) -> Option<f64> {
    const TIE: f64 = 1e-7;
    /// The logarithm below which a table's share of the sum is lost in rounding.
    const NEGLIGIBLE: f64 = -50.0;
    if a.of == 0 || b.of == 0 {
        return None;
    }
    let hits = a.hits + b.hits;
    let (least, most) = (hits.saturating_sub(b.of), hits.min(a.of));
    // The logarithm of the probability of the table with `hit` in the first group, divided by that of this table.
    let mut up = 0.0;
    let above = (a.hits..most).map(|hit| {
        let (hit, rest) = (hit as f64, (hits - hit) as f64);
        let (missed, others) = (a.of as f64 - hit, b.of as f64 - rest);
        up += (missed * rest).ln() - ((hit + 1.0) * (others + 1.0)).ln();
        up
    });
    let above: Vec<f64> = above.take_while(|log| *log > NEGLIGIBLE).collect();
    let mut down = 0.0;
    let below = (least + 1..=a.hits).rev().map(|hit| {
        let (hit, rest) = (hit as f64, (hits - hit) as f64);
        let (missed, others) = (a.of as f64 - hit, b.of as f64 - rest);
        down += (hit * others).ln() - ((missed + 1.0) * (rest + 1.0)).ln();
        down
    });
    let below = below.take_while(|log| *log > NEGLIGIBLE);
    let logs: Vec<f64> = below.chain(above).chain([0.0]).collect();
    let likeliest = logs.iter().copied().fold(f64::MIN, f64::max);
    let sum = |logs: &mut dyn Iterator<Item = f64>| logs.map(|log| (log - likeliest).exp()).sum::<f64>();
    let rare = sum(&mut logs.iter().copied().filter(|log| *log <= TIE));
    Some((rare / sum(&mut logs.iter().copied())).min(1.0))
}

/// The probability that a standard normal variable is at least as far from 0 as z, on either side.
pub(super) fn two_sided(z: f64) -> f64 {
    erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// The z test of two proportions, two-sided, with the pooled variance. `None` if one group is empty; 1 if all cases or
/// none have the property, as nothing can differ then.
pub fn z_test(a: Proportion, b: Proportion) -> Option<f64> {
    let difference = a.rate()? - b.rate()?;
    let pooled = Proportion::new(a.hits + b.hits, a.of + b.of).rate()?;
    let error = (pooled * (1.0 - pooled) * (1.0 / a.of as f64 + 1.0 / b.of as f64)).sqrt();
    Some(if error > 0.0 { two_sided(difference / error) } else { 1.0 })
}

/// The smallest rise of the rate, over the `rate` of `control` customers, that a test with `treated` customers would
/// detect in four cases of five at a two-sided level of 5 %: what the z test of two proportions needs for a power of 80
/// % (Fleiss, Levin and Paik, "Statistical Methods for Rates and Proportions", 2003, 4.2, without correction for
/// continuity). `None` if not even a rise to a rate of 1 would be detected, or a group is empty.
pub fn detectable_rise(rate: f64, treated: u64, control: u64) -> Option<f64> {
    if treated == 0 || control == 0 {
        return None;
    }
    let (n, m) = (treated as f64, control as f64);
    // How far a rise exceeds the rise that is just detected.
    let margin = |rise: f64| {
        let other = rate + rise;
        let pooled = (n * other + m * rate) / (n + m);
        let at_null = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
        let at_rise = (other * (1.0 - other) / n + rate * (1.0 - rate) / m).sqrt();
        rise - Z * at_null - Z_OF_POWER * at_rise
    };
    let (mut low, mut high) = (0.0, 1.0 - rate);
    if margin(high) <= 0.0 {
        return None;
    }
    // After a hundred halvings the two are equal.
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if margin(middle) > 0.0 { high = middle } else { low = middle }
    }
    Some(high)
}

/// The difference of two rates and its variance after adding one hit and one miss to each group (Agresti and Caffo,
/// "Simple and effective confidence intervals for proportions and differences of proportions", The American
/// Statistician 54, 2000), so that a group in which nobody or everybody has the property is not taken as certain.
pub fn steadied_difference(a: Proportion, b: Proportion) -> (f64, f64) {
    let steadied = |of: Proportion| {
        let (rate, n) = ((of.hits + 1) as f64 / (of.of + 2) as f64, (of.of + 2) as f64);
        (rate, rate * (1.0 - rate) / n)
    };
    let ((rate_a, variance_a), (rate_b, variance_b)) = (steadied(a), steadied(b));
    (rate_a - rate_b, variance_a + variance_b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(hits: u64, of: u64) -> Proportion {
        Proportion::new(hits, of)
    }

    fn is_near(found: f64, expected: f64) -> bool {
        (found - expected).abs() <= 1e-9 * expected.abs().max(1e-30)
    }

    /// statsmodels 0.15: proportion_confint(…, method="wilson").
    #[test]
    fn wilsons_interval_holds_at_its_ends() {
        let (low, high) = of(81, 263).interval().expect("some");
        assert!(is_near(low, 0.2552885198782742) && is_near(high, 0.36620957698280004));
        let (low, high) = of(0, 20).interval().expect("some");
        assert!(low == 0.0 && is_near(high, 0.1611251580528194));
        let (low, high) = of(20, 20).interval().expect("some");
        assert!(is_near(low, 0.8388748419471804) && high == 1.0);
        assert_eq!(of(0, 0).interval(), None);
    }

    /// Newcombe 1998, table II: 56/70 against 48/80 is .0524 to .3339, 9/10 against 3/10 .1705 to .8090, 10/10 against
    /// 0/20 .6791 to 1; more digits by statsmodels' confint_proportions_2indep(…, method="newcomb").
    #[test]
    fn newcombes_intervals_are_the_published_ones() {
        for (a, b, low, high) in [
            (of(56, 70), of(48, 80), 0.05243147240236498, 0.33387265403690614),
            (of(9, 10), of(3, 10), 0.1705227239345029, 0.809017973535488),
            (of(10, 10), of(0, 20), 0.6790860371419145, 1.0),
        ] {
            let found = difference_interval(a, b).expect("some");
            assert!(is_near(found.0, low) && is_near(found.1, high), "{found:?}");
        }
        assert_eq!(difference_interval(of(0, 0), of(1, 2)), None);
    }

    /// 30 of 200 in the part and 100 of 1,000 in all have a ratio of 1.5, with a variance of (1/30 − 1/100)² · 30 ·
    /// 0.85 + 70 · (1 − 70/800) / 10,000 = 0.0202708, so that Z times its root is 0.279051.
    #[test]
    fn a_part_is_compared_with_its_whole_on_the_scale_of_logarithms() {
        let (low, high) = ratio_to_whole_interval(of(30, 200), of(100, 1_000)).expect("some");
        assert!((low - 1.134752).abs() < 1e-6 && (high - 1.982813).abs() < 1e-6, "{low} {high}");
        // One hit of two in the part and none of two in the rest count as 1.5 of 3 and 0.5 of 3: a ratio of 1.5, with a
        // spread of √(1/8) · Z. The upper end is at most the ratio with all hits.
        let (low, high) = ratio_to_whole_interval(of(1, 2), of(1, 4)).expect("some");
        assert!((low - 0.750146).abs() < 1e-6 && high == 2.0, "{low} {high}");
        assert_eq!(ratio_to_whole_interval(of(0, 200), of(100, 1_000)), None);
        assert_eq!(ratio_to_whole_interval(of(0, 0), of(0, 0)), None);
    }

    #[test]
    fn five_expected_hits_and_misses_are_comparable() {
        // At a rate of a tenth, 5 hits of 50 are expected, and 4.9 of 49.
        assert!(is_comparable(of(0, 50), of(100, 1_000)) && !is_comparable(of(9, 49), of(100, 1_000)));
        assert!(is_comparable(of(50, 50), of(900, 1_000)) && !is_comparable(of(49, 49), of(900, 1_000)));
        assert!(!is_comparable(of(50, 50), of(50, 50)) && !is_comparable(of(0, 0), of(0, 0)));
    }

    /// SciPy 1.17: scipy.stats.fisher_exact([[hits, misses], [hits, misses]])[1].
    #[test]
    fn fishers_test_is_that_of_scipy() {
        for (a, b, p) in [
            (of(8, 10), of(1, 6), 0.034965034965034975),
            (of(56, 70), of(48, 80), 0.012521129749209154),
            (of(3, 1_000), of(15, 100_000), 0.0007066307409107544),
            (of(120, 1_000), of(3_000, 100_000), 1.850803197662563e-36),
            (of(7, 20), of(2, 32), 0.019216165017982505),
            (of(0, 20), of(0, 30), 1.0),
            (of(10, 20), of(10, 20), 1.0),
        ] {
            let found = fisher(a, b).expect("some");
            assert!((found - p).abs() <= 1e-9 * p, "{a:?} {b:?} {found}");
            // Neither the order of the groups matters, nor whether hits or misses are counted.
            let (turned, missed) =
                (fisher(b, a).expect("some"), fisher(of(a.of - a.hits, a.of), of(b.of - b.hits, b.of)));
            assert!((turned - p).abs() <= 1e-9 * p && (missed.expect("some") - p).abs() <= 1e-9 * p);
        }
        assert_eq!(fisher(of(0, 0), of(1, 2)), None);
        // A probability too small for a floating point number is 0, without an error.
        assert_eq!(fisher(of(1_000, 1_000), of(0, 1_000)), Some(0.0));
    }

    /// statsmodels 0.15: proportions_ztest([560, 480], [10000, 12000]) and ([1, 900], [1000, 100000]).
    #[test]
    fn the_z_test_is_that_of_statsmodels() {
        let found = z_test(of(560, 10_000), of(480, 12_000)).expect("some");
        assert!((found - 2.5748256250745382e-08).abs() < 1e-14, "{found}");
        let found = z_test(of(1, 1_000), of(900, 100_000)).expect("some");
        assert!((found - 0.007425042330602365).abs() < 1e-12, "{found}");
        assert_eq!((z_test(of(0, 5), of(0, 7)), z_test(of(0, 0), of(0, 7))), (Some(1.0), None));
    }

    #[test]
    fn the_exact_test_is_made_up_to_a_thousand() {
        let (a, b) = (of(10, 1_000), of(40, 2_000));
        assert_eq!(p_value(a, b), fisher(a, b));
        assert_eq!(p_value(b, a), fisher(b, a));
        let a = of(10, 1_001);
        assert_eq!(p_value(a, b), z_test(a, b));
        assert_ne!(fisher(a, b), z_test(a, b));
    }

    /// The differences at which statsmodels' power_proportions_2indep(difference, rate, treated, control / treated),
    /// which also counts the other tail, is 0.8.
    #[test]
    fn what_can_be_told_is_as_statsmodels_has_it() {
        for (rate, treated, control, rise) in [
            (0.05, 9_000, 1_000, 0.022987545447010947),
            (0.1, 500, 500, 0.05946660677017177),
            (0.0, 1_000, 100, 0.0473948526757216),
            (0.02, 100_000, 10_000, 0.004393492541668428),
        ] {
            let found = detectable_rise(rate, treated, control).expect("some");
            assert!((found - rise).abs() < 1e-5 * rise, "{rate} {found}");
        }
        // Not detected even if all three bought.
        assert_eq!(detectable_rise(0.5, 3, 3), None);
        assert_eq!((detectable_rise(0.5, 0, 3), detectable_rise(0.5, 3, 0)), (None, None));
    }

    /// With one hit and one miss more, the rates are 2/4 and 1/5: the difference is 1/2 − 1/5 and the variance 0.25/4 +
    /// 0.16/5.
    #[test]
    fn certainty_is_steadied() {
        let (difference, variance) = steadied_difference(of(1, 2), of(0, 3));
        assert!((difference - 0.3).abs() < 1e-15 && (variance - 0.0945).abs() < 1e-15);
    }
}
