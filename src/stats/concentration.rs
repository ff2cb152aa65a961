//! How unevenly something is spread.

use super::proportion::Z;

/// The Gini coefficient of values in ascending order, 0 for all equal, towards 1 for all on one: with `x_i` the i-th of
/// n, `2 Σ i x_i / (n Σ x) − (n + 1) / n` (Gini, "Variabilità e mutabilità", 1912; without the correction for small
/// samples). Values below zero count as 0. None where there is nothing to spread.
///
/// ```
/// use ecrm::stats::concentration::gini;
/// assert_eq!(gini(&[5, 5, 5, 5]), Some(0.0));
/// assert_eq!(gini(&[0, 0, 0, 8]), Some(0.75));
/// assert_eq!(gini(&[0, 0]), None);
/// ```
pub fn gini(ascending: &[i64]) -> Option<f64> {
    let values = || ascending.iter().map(|value| i128::from((*value).max(0)));
    let total: i128 = values().sum();
    if total == 0 {
        return None;
    }
    let ranked: i128 = values().zip(1..).map(|(value, rank)| value * rank).sum();
    let count = ascending.len() as i128;
    // One fraction, so that equal values give exactly 0.
    Some((2 * ranked - (count + 1) * total) as f64 / (count * total) as f64)
}

/// The 95 % interval of the Gini coefficient of values in ascending order, by the jackknife: with `G_i` that of all but
/// the i-th and `Ḡ` their mean, the variance is `(n − 1)/n · Σ (G_i − Ḡ)²` (Tukey, "Bias and confidence in not quite
/// large samples", 1958; for Gini: Yitzhaki, "Calculating jackknife variance estimators for parameters of the Gini
/// method", JBES 9, 1991). Kept between 0 and 1. None where fewer than two have anything.
///
/// ```
/// use ecrm::stats::concentration::gini_interval;
/// assert_eq!(gini_interval(&[5, 5, 5, 5]), Some((0.0, 0.0)));
/// assert_eq!(gini_interval(&[0, 0, 0, 8]), None);
/// ```
pub fn gini_interval(ascending: &[i64]) -> Option<(f64, f64)> {
    let whole = gini(ascending)?;
    let values = || ascending.iter().map(|value| i128::from((*value).max(0)));
    if values().filter(|value| *value > 0).count() < 2 {
        return None;
    }
    let count = ascending.len() as i128;
    let total: i128 = values().sum();
    let ranked: i128 = values().zip(1..).map(|(value, rank)| value * rank).sum();
    // Without one, those above it are one rank lower.
    let mut above = total;
    let without = |(value, rank): (i128, i128)| {
        above -= value;
        let (total, ranked) = (total - value, ranked - rank * value - above);
        (2 * ranked - count * total) as f64 / ((count - 1) * total) as f64
    };
    let each: Vec<f64> = values().zip(1..).map(without).collect();
    let n = count as f64;
    let mean = each.iter().sum::<f64>() / n;
    let variance = (n - 1.0) / n * each.iter().map(|gini| (gini - mean).powi(2)).sum::<f64>();
    let spread = Z * variance.sqrt();
    Some(((whole - spread).max(0.0), (whole + spread).min(1.0)))
}

/// What part of the whole the best `percent` of all make, who are rounded up. Values below zero count as 0, as in the
/// others here; none where there is nothing to spread.
///
/// ```
/// use ecrm::stats::concentration::top_share;
/// assert_eq!(top_share(&[-4, 1, 3], 10), Some(0.75));
/// assert_eq!(top_share(&[-4, 1, 3], 34), Some(1.0));
/// assert_eq!(top_share(&[-4, 0], 50), None);
/// ```
pub fn top_share(ascending: &[i64], percent: usize) -> Option<f64> {
    let sum = |values: &[i64]| -> i128 { values.iter().map(|value| i128::from((*value).max(0))).sum() };
    let whole = sum(ascending);
    let count = (ascending.len() * percent).div_ceil(100).min(ascending.len());
    (whole > 0).then(|| sum(&ascending[ascending.len() - count..]) as f64 / whole as f64)
}

/// The Lorenz curve at `steps` equal steps: what part of the whole the poorest 1/steps, 2/steps … of all have, with
/// straight lines between one and the next (Lorenz, "Methods of measuring the concentration of wealth", 1905). Values
/// below zero count as 0; empty where there is nothing to spread.
///
/// ```
/// use ecrm::stats::concentration::lorenz;
/// assert_eq!(lorenz(&[1, 3], 4), [0.125, 0.25, 0.625, 1.0]);
/// ```
pub fn lorenz(ascending: &[i64], steps: usize) -> Vec<f64> {
    let mut cumulated = vec![0_i128];
    for value in ascending {
        cumulated.push(cumulated.last().copied().unwrap_or(0) + i128::from((*value).max(0)));
    }
    let total = cumulated[ascending.len()];
    if total == 0 {
        return Vec::new();
    }
    let at = |step: usize| {
        let (low, rest) = (ascending.len() * step / steps, ascending.len() * step % steps);
        let next = cumulated[(low + 1).min(ascending.len())];
        let exact = cumulated[low] * steps as i128 + (next - cumulated[low]) * rest as i128;
        exact as f64 / (total * steps as i128) as f64
    };
    (1..=steps).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_measures_rest_on_one_basis() {
        // Below zero is zero: 0, 0, 1, 3 of 4.
        let (with, without) = ([-5, 0, 1, 3], [0, 0, 1, 3]);
        // 2 (3 · 1 + 4 · 3) / (4 · 4) − 5/4.
        assert_eq!(gini(&with), Some(0.625));
        assert_eq!(gini(&with), gini(&without));
        assert_eq!(lorenz(&with, 4), [0.0, 0.0, 0.25, 1.0]);
        assert_eq!(lorenz(&with, 4), lorenz(&without, 4));
        // The best quarter is one of four; what the others have is the rest of the curve.
        assert_eq!(
            [25, 26, 50, 75, 100].map(|percent| top_share(&with, percent)),
            [0.75, 1.0, 1.0, 1.0, 1.0].map(Some)
        );
        assert_eq!(top_share(&with, 25), Some(1.0 - lorenz(&with, 4)[2]));
        assert_eq!(top_share(&[], 10), None);
    }

    #[test]
    fn the_curve_is_straight_between_one_and_the_next() {
        assert_eq!(lorenz(&[2, 2, 4], 2), [0.375, 1.0]);
        assert_eq!(lorenz(&[], 3), Vec::<f64>::new());
        assert_eq!(lorenz(&[-1, 0], 3), Vec::<f64>::new());
    }

    /// Who has nothing has 0 of the whole, which is never written as -0.
    #[test]
    fn nothing_of_the_whole_has_no_sign() {
        assert!(lorenz(&[0, 4], 2)[0].is_sign_positive());
    }
}
