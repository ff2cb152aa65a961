//! Measures of how unevenly amounts are distributed. Values are given in ascending order, each with the number of times
//! it occurs. Negative values count as 0.

use super::proportion::Z;

/// The Gini coefficient, 0 if all values are equal, towards 1 if one has everything: with `x_i` the i-th of n values in
/// ascending order, `2 Σ i x_i / (n Σ x) − (n + 1) / n` (Gini, "Variabilità e mutabilità", 1912; without the correction
/// for small samples). `None` if the total is 0.
///
/// ```
/// use ecrm::stats::concentration::gini;
/// assert_eq!(gini(&[(5, 4)]), Some(0.0));
/// assert_eq!(gini(&[(0, 3), (8, 1)]), Some(0.75));
/// assert_eq!(gini(&[(0, 2)]), None);
/// ```
pub fn gini(ascending: &[(i64, u64)]) -> Option<f64> {
    let Sums { count, total, ranked } = Sums::of(ascending);
    // Computed as one fraction, so that equal values give exactly 0.
    (total > 0).then(|| (2 * ranked - (count + 1) * total) as f64 / (count * total) as f64)
}

/// The 95 % interval of the Gini coefficient by the jackknife: with `G_i` the coefficient without the i-th value and
/// `Ḡ` the mean of these, the variance is `(n − 1)/n · Σ (G_i − Ḡ)²` (Tukey, "Bias and confidence in not quite large
/// samples", 1958; for Gini: Yitzhaki, "Calculating jackknife variance estimators for parameters of the Gini method",
/// JBES 9, 1991). `G_i` is computed once for equal values. The interval is cut off at 0 and 1. `None` if fewer than two
/// values are above 0.
///
/// ```
/// use ecrm::stats::concentration::gini_interval;
/// assert_eq!(gini_interval(&[(5, 4)]), Some((0.0, 0.0)));
/// assert_eq!(gini_interval(&[(0, 3), (8, 1)]), None);
/// ```
pub fn gini_interval(ascending: &[(i64, u64)]) -> Option<(f64, f64)> {
    let whole = gini(ascending)?;
    if levels(ascending).filter(|(value, _)| *value > 0).map(|(_, of)| of).sum::<i128>() < 2 {
        return None;
    }
    let Sums { count, total, ranked } = Sums::of(ascending);
    let (mut rank, mut above) = (0, total);
    // If the last one of equal values is left out, the ranks of all values above decrease by one.
    let without = |(value, of): (i128, i128)| {
        rank += of;
        above -= value * of;
        let (total, ranked) = (total - value, ranked - rank * value - above);
        ((2 * ranked - count * total) as f64 / ((count - 1) * total) as f64, of as f64)
    };
    let each: Vec<(f64, f64)> = levels(ascending).map(without).collect();
    let n = count as f64;
    let mean = each.iter().map(|(gini, of)| gini * of).sum::<f64>() / n;
    let squares = each.iter().map(|(gini, of)| (gini - mean).powi(2) * of).sum::<f64>();
    let spread = Z * ((n - 1.0) / n * squares).sqrt();
    Some(((whole - spread).max(0.0), (whole + spread).min(1.0)))
}

/// The share of the total that the greatest `percent` of all values make, their number rounded up; `None` if the total
/// is 0.
///
/// ```
/// use ecrm::stats::concentration::top_share;
/// assert_eq!(top_share(&[(-4, 1), (1, 1), (3, 1)], 10), Some(0.75));
/// assert_eq!(top_share(&[(-4, 1), (1, 1), (3, 1)], 34), Some(1.0));
/// assert_eq!(top_share(&[(-4, 1), (0, 1)], 50), None);
/// ```
pub fn top_share(ascending: &[(i64, u64)], percent: u32) -> Option<f64> {
    let Sums { count, total, .. } = Sums::of(ascending);
    // Rounded up.
    let mut left = (count * i128::from(percent) + 99) / 100;
    let take = |(value, of): (i128, i128)| {
        let taken = of.min(left);
        left -= taken;
        value * taken
    };
    let top: i128 = levels(ascending).rev().map(take).sum();
    (total > 0).then(|| top as f64 / total as f64)
}

/// The Lorenz curve at `steps` equal steps: the shares of the total that the smallest 1/steps, 2/steps … of all values
/// have, with straight lines between one value and the next (Lorenz, "Methods of measuring the concentration of
/// wealth", 1905). Empty if the total is 0.
///
/// ```
/// use ecrm::stats::concentration::lorenz;
/// assert_eq!(lorenz(&[(1, 1), (3, 1)], 4), [0.125, 0.25, 0.625, 1.0]);
/// ```
pub fn lorenz(ascending: &[(i64, u64)], steps: u32) -> Vec<f64> {
    let Sums { count, total, .. } = Sums::of(ascending);
    if total == 0 {
        return Vec::new();
    }
    let steps = i128::from(steps);
    let mut rest = levels(ascending).peekable();
    // The number of values below the next one, and their sum.
    let (mut below, mut sum) = (0, 0);
    let at = |step: i128| {
        let (low, part) = (count * step / steps, count * step % steps);
        while let Some((value, of)) = rest.next_if(|(_, of)| below + of <= low) {
            below += of;
            sum += value * of;
        }
        let next = rest.peek().map_or(0, |(value, _)| *value);
        let exact = (sum + next * (low - below)) * steps + next * part;
        exact as f64 / (total * steps) as f64
    };
    (1..=steps).map(at).collect()
}

/// The values, negative ones as 0, each with its count.
fn levels(ascending: &[(i64, u64)]) -> impl DoubleEndedIterator<Item = (i128, i128)> {
    ascending.iter().map(|(value, of)| (i128::from((*value).max(0)), i128::from(*of)))
}

/// The sums from which all measures are computed.
struct Sums {
    /// Number of values.
    count: i128,
    /// Their sum.
    total: i128,
    /// The sum of each value times its rank, from 1.
    ranked: i128,
}

impl Sums {
    fn of(ascending: &[(i64, u64)]) -> Self {
        levels(ascending).fold(Self { count: 0, total: 0, ranked: 0 }, |sums, (value, of)| Self {
            count: sums.count + of,
            total: sums.total + value * of,
            // These values have the ranks count + 1 to count + of.
            ranked: sums.ranked + value * (of * sums.count + of * (of + 1) / 2),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_measures_rest_on_one_basis() {
        // Negative values count as 0, so both are 0, 0, 1 and 3, of 4 together.
        let (with, without) = ([(-5, 1), (0, 1), (1, 1), (3, 1)], [(0, 2), (1, 1), (3, 1)]);
        // 2 (3 · 1 + 4 · 3) / (4 · 4) − 5/4.
        assert_eq!(gini(&with), Some(0.625));
        assert_eq!(gini(&with), gini(&without));
        assert_eq!(gini_interval(&with), gini_interval(&without));
        assert_eq!(lorenz(&with, 4), [0.0, 0.0, 0.25, 1.0]);
        assert_eq!(lorenz(&with, 4), lorenz(&without, 4));
        // The greatest quarter is one of four; the rest of the total is that of the curve.
        assert_eq!(
            [25, 26, 50, 75, 100].map(|percent| top_share(&with, percent)),
            [0.75, 1.0, 1.0, 1.0, 1.0].map(Some)
        );
        assert_eq!(top_share(&with, 25), Some(1.0 - lorenz(&with, 4)[2]));
        assert_eq!(top_share(&[], 10), None);
    }

    /// Without one of the 1s, the values 1, 1, 2 and 4 are 1, 2 and 4, with 2 (1 + 4 + 12) / (3 · 7) − 4/3 = 2/7;
    /// without the 2 it is 1/3, and without the 4 it is 1/6.
    #[test]
    fn each_is_left_out_once() {
        let each = [2.0 / 7.0, 2.0 / 7.0, 1.0 / 3.0, 1.0 / 6.0];
        let mean = each.iter().sum::<f64>() / 4.0;
        let variance = 0.75 * each.iter().map(|gini| (gini - mean).powi(2)).sum::<f64>();
        // 2 (1 + 2 + 6 + 16) / (4 · 8) − 5/4.
        let whole = 0.3125;
        for values in [&[(1, 2), (2, 1), (4, 1)][..], &[(1, 1), (1, 1), (2, 1), (4, 1)]] {
            assert_eq!(gini(values), Some(whole));
            let (low, high) = gini_interval(values).expect("an interval");
            assert!((low - (whole - Z * variance.sqrt()).max(0.0)).abs() < 1e-12, "{low}");
            assert!((high - (whole + Z * variance.sqrt())).abs() < 1e-12, "{high}");
        }
    }

    #[test]
    fn the_curve_is_straight_between_one_and_the_next() {
        assert_eq!(lorenz(&[(2, 2), (4, 1)], 2), [0.375, 1.0]);
        assert_eq!(lorenz(&[(2, 1), (2, 1), (4, 1)], 2), [0.375, 1.0]);
        assert_eq!(lorenz(&[], 3), Vec::<f64>::new());
        assert_eq!(lorenz(&[(-1, 1), (0, 1)], 3), Vec::<f64>::new());
    }

    /// The share of nothing is 0, and is never written as -0.
    #[test]
    fn nothing_of_the_whole_has_no_sign() {
        assert!(lorenz(&[(0, 1), (4, 1)], 2)[0].is_sign_positive());
    }
}
