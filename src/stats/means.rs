//! Means of whole numbers, their intervals, and tests of the difference of two means. Sums are exact, so the order of
//! the values changes nothing.

use statrs::distribution::{Continuous, ContinuousCDF, StudentsT};

/// The share of a distribution below the upper end of a 95 % interval.
const UPPER: f64 = 0.975;

/// The count, mean and variance of some values.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sample {
    /// Number of values.
    pub count: u64,
    /// Their mean; 0 if there are none.
    pub mean: f64,
    /// Their sample variance, with the divisor n − 1; 0 for fewer than two values.
    pub variance: f64,
}

/// Values, and a covariate of each that was known before, as means, variances and covariance.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Paired {
    /// The values.
    pub values: Sample,
    /// The covariate.
    pub before: Sample,
    /// Their sample covariance, with the divisor n − 1.
    pub covariance: f64,
}

/// The difference of two means, in the unit of the values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The first minus the second.
    pub value: f64,
    /// Its 95 % interval and p-value; `None` if the values do not show how much they vary.
    pub test: Option<Test>,
    /// The variance of the difference.
    pub variance: f64,
}

/// The interval and the p-value of a difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Test {
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Two-sided: the probability of a difference at least so great if there is none.
    pub p_value: f64,
}

impl Sample {
    /// Computes the figures of these values.
    ///
    /// ```
    /// use ecrm::stats::means::Sample;
    /// assert_eq!(Sample::of([2, 4, 9].into_iter()), Sample { count: 3, mean: 5.0, variance: 13.0 });
    /// ```
    pub fn of(values: impl Iterator<Item = i64> + Clone) -> Self {
        Paired::of(values.map(|value| (value, 0))).values
    }

    /// The 95 % interval of the mean, by Student's t ("The probable error of a mean", Biometrika 6, 1908); `None` for
    /// fewer than two values or if all are equal, as they do not show how much they vary.
    pub fn interval(&self) -> Option<(f64, f64)> {
        if self.count < 2 || self.variance == 0.0 {
            return None;
        }
        let half = upper_quantile(&student(self.count as f64 - 1.0)?) * self.error().sqrt();
        Some((self.mean - half, self.mean + half))
    }

    /// The variance of the mean.
    fn error(&self) -> f64 {
        self.variance / self.count as f64
    }
}

impl Paired {
    /// Computes the figures of pairs of a value and its covariate.
    pub fn of(pairs: impl Iterator<Item = (i64, i64)> + Clone) -> Self {
        let (mut count, mut sums) = (0_u64, (0_i128, 0_i128));
        for (value, before) in pairs.clone() {
            count += 1;
            sums = (sums.0 + i128::from(value), sums.1 + i128::from(before));
        }
        if count == 0 {
            return Self::default();
        }
        // Squares are taken around a whole number next to the mean, so that no digits cancel out.
        let n = i128::from(count);
        let origin = (sums.0.div_euclid(n), sums.1.div_euclid(n));
        let rest = (sums.0.rem_euclid(n) as f64, sums.1.rem_euclid(n) as f64);
        let (mut values, mut befores) = (Wide::default(), Wide::default());
        let (mut same, mut opposite) = (Wide::default(), Wide::default());
        for (value, before) in pairs {
            let (value, before) = (i128::from(value) - origin.0, i128::from(before) - origin.1);
            values.add(value, value);
            befores.add(before, before);
            if (value < 0) == (before < 0) { &mut same } else { &mut opposite }.add(value, before);
        }
        let n = count as f64;
        let per_degree = |sum: f64, correction: f64| match count {
            1 => 0.0,
            _ => (sum - correction / n) / (n - 1.0),
        };
        let sample = |origin: i128, rest: f64, squares: Wide| Sample {
            count,
            mean: origin as f64 + rest / n,
            variance: per_degree(squares.as_f64(), rest * rest).max(0.0),
        };
        Self {
            values: sample(origin.0, rest.0, values),
            before: sample(origin.1, rest.1, befores),
            covariance: per_degree(same.as_f64() - opposite.as_f64(), rest.0 * rest.1),
        }
    }

    /// The values minus `theta` times the covariate.
    fn without(&self, theta: f64) -> Sample {
        let variance =
            self.values.variance + theta * theta * self.before.variance - 2.0 * theta * self.covariance;
        Sample {
            count: self.values.count,
            mean: self.values.mean - theta * self.before.mean,
            variance: variance.max(0.0),
        }
    }
}

/// The difference of the means of `a` and `b`, with Welch's t test and the degrees of freedom of Welch and
/// Satterthwaite (Welch, "The generalization of Student's problem when several different population variances are
/// involved", Biometrika 34, 1947). `None` if one of them is empty.
pub fn welch(a: &Sample, b: &Sample) -> Option<Difference> {
    if a.count == 0 || b.count == 0 {
        return None;
    }
    let value = a.mean - b.mean;
    let variance = a.error() + b.error();
    let test = || {
        if a.count < 2 || b.count < 2 || variance == 0.0 {
            return None;
        }
        let part = |of: &Sample| of.error() * of.error() / (of.count as f64 - 1.0);
        let student = student(variance * variance / (part(a) + part(b)))?;
        let (error, quantile) = (variance.sqrt(), upper_quantile(&student));
        let p_value = (2.0 * student.sf((value / error).abs())).min(1.0);
        Some(Test { low: value - quantile * error, high: value + quantile * error, p_value })
    };
    Some(Difference { value, test: test(), variance })
}

/// As [`welch`], after subtracting what is explained by a covariate that was known before (CUPED: Deng, Xu, Kohavi and
/// Walker, "Improving the sensitivity of online controlled experiments by utilizing pre-experiment data", WSDM 2013).
/// Theta is the slope within the groups, pooled over both, as in an analysis of covariance, so that the effect of the
/// treatment does not change it.
pub fn cuped(a: &Paired, b: &Paired) -> Option<Difference> {
    let degrees = |of: &Paired| of.values.count.saturating_sub(1) as f64;
    let spread = degrees(a) * a.before.variance + degrees(b) * b.before.variance;
    let together = degrees(a) * a.covariance + degrees(b) * b.covariance;
    let theta = if spread > 0.0 { together / spread } else { 0.0 };
    welch(&a.without(theta), &b.without(theta))
}

fn student(freedom: f64) -> Option<StudentsT> {
    StudentsT::new(0.0, 1.0, freedom).ok()
}

/// The 97.5 % quantile. With many degrees of freedom the library's quantile is accurate to only four digits, but its
/// distribution function to all: Newton's steps with the latter improve the former.
fn upper_quantile(student: &StudentsT) -> f64 {
    let step = |at: f64| at + (student.sf(at) - (1.0 - UPPER)) / student.pdf(at);
    (0..3).fold(student.inverse_cdf(UPPER), |at, _| step(at))
}

/// A sum, in 192 bits, of the absolute values of products of two 65-bit numbers.
#[derive(Debug, Clone, Copy, Default)]
struct Wide {
    low: u128,
    high: u64,
}

impl Wide {
    /// Adds the absolute value of `a · b`, where both are differences of 64-bit numbers and so below 2^64 in size.
    fn add(&mut self, a: i128, b: i128) {
        let (sum, is_carried) = self.low.overflowing_add(a.unsigned_abs() * b.unsigned_abs());
        self.low = sum;
        self.high += u64::from(is_carried);
    }

    fn as_f64(self) -> f64 {
        self.high as f64 * 2_f64.powi(128) + self.low as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_near(found: f64, expected: f64) -> bool {
        (found - expected).abs() <= 1e-9 * expected.abs()
    }

    fn hundredths<const N: usize>(values: [f64; N]) -> Sample {
        Sample::of(values.map(|value| (value * 100.0_f64).round() as i64).into_iter())
    }

    const SPENT: [f64; 9] = [0.0, 0.0, 0.0, 12.5, 99.9, 0.0, 45.0, 0.0, 7.25];

    /// SciPy 1.17: ttest_ind(a, b, equal_var=False) and its confidence_interval(). The first data are the screws of the
    /// textbooks (NIST's worked example); the second are amounts, most of which are 0.
    #[test]
    fn welchs_test_is_that_of_scipy() {
        let a = hundredths([30.02, 29.99, 30.11, 29.97, 30.01, 29.99]);
        let b = hundredths([29.89, 29.93, 29.72, 29.98, 30.02, 29.98]);
        let found = welch(&a, &b).expect("some");
        let test = found.test.expect("a test");
        assert!(is_near(test.p_value, 0.09077332428566112), "{test:?}");
        assert!(
            (test.low - -1.956908964604008).abs() < 1e-7 && (test.high - 20.956908964604493).abs() < 1e-7
        );
        let (a, b) = (hundredths(SPENT), hundredths([0.0, 20.0, 0.0, 0.0, 3.5]));
        let found = welch(&a, &b).expect("some");
        let test = found.test.expect("a test");
        assert!(is_near(found.value, 1359.4444444444445) && is_near(test.p_value, 0.2826620064265567));
        assert!(is_near(test.low, -1314.0764153372551) && is_near(test.high, 4032.965304226144), "{test:?}");
    }

    /// SciPy 1.17: t.interval(0.95, n − 1, mean, sem).
    #[test]
    fn the_interval_of_a_mean_is_students() {
        let (low, high) = hundredths(SPENT).interval().expect("some");
        assert!(is_near(low, -777.4683590948943) && is_near(high, 4436.357247983783));
        assert_eq!(Sample::of([5].into_iter()).interval(), None);
        assert_eq!(Sample::of([5, 5, 5].into_iter()).interval(), None);
    }

    /// SciPy 1.17: t.ppf(0.975, df) and 2 t.sf(2.2, df).
    #[test]
    fn students_distribution_is_that_of_scipy() {
        for (freedom, quantile, beyond) in [
            (1.0, 12.706204736174694, 0.27159949756018376),
            (2.5, 3.5746548420036817, 0.13291398541966912),
            (5.0, 2.5705818356363146, 0.07909389790318237),
            (30.0, 2.0422724563012378, 0.035648439996835785),
            (1e3, 1.9623390808264083, 0.028035025326697913),
            (1e6, 1.959966356814107, 0.02780712291602387),
        ] {
            let student = student(freedom).expect("a distribution");
            let found = upper_quantile(&student);
            assert!((found - quantile).abs() < 1e-8 * quantile, "{freedom} {found}");
            assert!((2.0 * student.sf(2.2) - beyond).abs() < 1e-8 * beyond, "{freedom}");
        }
    }

    /// statsmodels 0.15: the coefficient of the arm in OLS(y ~ arm + before) is the difference; Welch's interval and p
    /// are SciPy's of y − theta · before.
    #[test]
    fn cuped_is_an_analysis_of_covariance() {
        let treated = [(12, 10), (3, 0), (35, 30), (20, 22), (9, 5), (50, 41)];
        let control = [(7, 8), (14, 15), (2, 0), (30, 33), (21, 27)];
        let (a, b) = (Paired::of(treated.into_iter()), Paired::of(control.into_iter()));
        let found = cuped(&a, &b).expect("some");
        let test = found.test.expect("a test");
        assert!(is_near(found.value, 5.298298906439852) && is_near(test.p_value, 0.025494138128638193));
        assert!(is_near(test.low, 0.8144665144363339) && is_near(test.high, 9.782131298443371), "{test:?}");
        // A covariate with the same value for all explains nothing.
        let plain = |pairs: &[(i64, i64)]| {
            Paired::of(pairs.iter().map(|(value, _)| (*value, 7)).collect::<Vec<_>>().into_iter())
        };
        let (a, b) = (plain(&treated), plain(&control));
        assert_eq!(cuped(&a, &b), welch(&a.values, &b.values));
    }

    #[test]
    fn values_that_do_not_vary_are_no_proof() {
        let none = Sample::of([0; 30].into_iter());
        let found = welch(&none, &none).expect("some");
        assert_eq!((found.value, found.test), (0.0, None));
        assert_eq!(welch(&none, &Sample::default()), None);
        let one = Sample::of([4].into_iter());
        assert_eq!(welch(&one, &hundredths(SPENT)).expect("some").test, None);
    }

    /// Around a large mean the squares are as exact as around 0, in any order of the values.
    #[test]
    fn sums_are_exact() {
        let far = 4_000_000_000_000_000_000;
        let sample = Sample::of([far + 2, far + 4, far + 9].into_iter());
        assert_eq!((sample.count, sample.variance), (3, 13.0));
        let turned = Sample::of([far + 9, far + 2, far + 4].into_iter());
        assert_eq!(turned, sample);
        // The sum of these squares of 126 bits exceeds 128 bits. If half of n values are at each of two opposite ends,
        // the variance is end² n / (n − 1).
        let ends = Sample::of([i64::MAX, -i64::MAX, i64::MAX, -i64::MAX, i64::MAX, -i64::MAX].into_iter());
        assert!(is_near(ends.variance, (i64::MAX as f64).powi(2) * 1.2));
    }
}
