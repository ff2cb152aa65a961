//! How unevenly something is spread.

/// The Gini coefficient of values in ascending order, 0 for all equal, towards 1 for all on one: with `x_i` the i-th of
/// n, `2 Σ i x_i / (n Σ x) − (n + 1) / n` (Gini, "Variabilità e mutabilità", 1912; without the correction for small samples).
/// Values below zero count as 0. None where there is nothing to spread.
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

/// The Lorenz curve at `steps` equal steps: what part of the whole the poorest 1/steps, 2/steps … of all have, with straight lines
/// between one and the next (Lorenz, "Methods of measuring the concentration of wealth", 1905). Values below zero count as 0; empty where
/// there is nothing to spread.
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
