//! Corrections for several tests, and tests over several groups.

use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Adjusts p-values so that they hold for all tests together; their order stays (Holm, "A simple sequentially rejective
/// multiple test procedure", Scandinavian Journal of Statistics 6, 1979).
///
/// ```
/// // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
/// let adjusted = ecrm::stats::several::holm(&[0.01, 0.04, 0.03, 0.005]);
/// assert_eq!(adjusted, [0.03, 0.06, 0.06, 0.02]);
/// ```
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least: f64 = 0.0;
    for (place, test) in order.into_iter().enumerate() {
        least = least.max((p_values[test] * (p_values.len() - place) as f64).min(1.0));
        adjusted[test] = least;
    }
    adjusted
}

/// Adjusts p-values so that, of those below a level, on average no more than that share is due to chance: the false
/// discovery rate of Benjamini and Hochberg ("Controlling the false discovery rate", JRSS B 57, 1995).
///
/// ```
/// // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "BH")
/// let adjusted = ecrm::stats::several::benjamini_hochberg(&[0.01, 0.04, 0.03, 0.005]);
/// assert_eq!(adjusted, [0.02, 0.04, 0.04, 0.02]);
/// ```
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*b].total_cmp(&p_values[*a]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut most: f64 = 1.0;
    for (place, test) in order.into_iter().enumerate() {
        let rank = p_values.len() - place;
        most = most.min(p_values[test] * p_values.len() as f64 / rank as f64);
        adjusted[test] = most;
    }
    adjusted
}

/// Whether effects differ between groups more than by chance, from pairs of each group's effect and its variance: the
/// probability of effects at least so far apart if they are equal in all groups (Cochran, "The combination of estimates
/// from different experiments", Biometrics 10, 1954; Q is chi-square with one degree of freedom less than groups).
/// `None` for fewer than two groups, or if a variance is 0.
pub fn heterogeneity(effects: &[(f64, f64)]) -> Option<f64> {
    if effects.len() < 2 || effects.iter().any(|(_, variance)| *variance <= 0.0) {
        return None;
    }
    let weights: f64 = effects.iter().map(|(_, variance)| 1.0 / variance).sum();
    let mean = effects.iter().map(|(effect, variance)| effect / variance).sum::<f64>() / weights;
    let q = effects.iter().map(|(effect, variance)| (effect - mean).powi(2) / variance).sum();
    beyond(q, effects.len())
}

/// Whether counts agree with planned shares: the probability of counts at least so far from the shares if these are
/// true (Pearson's chi-square, Philosophical Magazine 50, 1900). Shares must add up to 1. `None` for fewer than two
/// counts, if all counts are 0, or if a share is 0.
pub fn fit(counts_and_shares: &[(u64, f64)]) -> Option<f64> {
    let all: u64 = counts_and_shares.iter().map(|(count, _)| count).sum();
    if all == 0 || counts_and_shares.len() < 2 || counts_and_shares.iter().any(|(_, share)| *share <= 0.0) {
        return None;
    }
    let distance = |(count, share): &(u64, f64)| {
        let expected = all as f64 * share;
        (*count as f64 - expected).powi(2) / expected
    };
    beyond(counts_and_shares.iter().map(distance).sum(), counts_and_shares.len())
}

/// The probability that chi-square, with one degree of freedom less than `groups`, exceeds a value.
fn beyond(value: f64, groups: usize) -> Option<f64> {
    Some(ChiSquared::new(groups as f64 - 1.0).ok()?.sf(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_tests_are_dearer_than_one() {
        assert!(holm(&[]).is_empty());
        assert_eq!(holm(&[0.04]), [0.04]);
        assert_eq!(holm(&[0.4, 0.6]), [0.8, 0.8]);
        assert_eq!(holm(&[0.9, 0.8, 0.01]), [1.0, 1.0, 0.03]);
    }

    /// SciPy 1.17: false_discovery_control([0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.9]).
    #[test]
    fn discoveries_that_hold() {
        assert!(benjamini_hochberg(&[]).is_empty());
        assert_eq!(benjamini_hochberg(&[0.04]), [0.04]);
        let found = benjamini_hochberg(&[0.9, 0.001, 0.06, 0.008, 0.042, 0.039, 0.041]);
        for (found, expected) in found.iter().zip([0.9, 0.007, 0.07, 0.028, 0.0588, 0.0588, 0.0588]) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
    }

    /// SciPy 1.17: chisquare([900, 120], [918, 102]) and ([50210, 4790], [49500, 5500]).
    #[test]
    fn a_broken_split_is_found() {
        let found = fit(&[(900, 0.9), (120, 0.1)]).expect("some");
        assert!((found - 0.06028917399060221).abs() < 1e-10, "{found}");
        let found = fit(&[(50_210, 0.9), (4_790, 0.1)]).expect("some");
        assert!((found / 6.024148061935067e-24 - 1.0).abs() < 1e-6, "{found}");
        assert_eq!(
            (fit(&[(5, 1.0)]), fit(&[(0, 0.5), (0, 0.5)]), fit(&[(5, 1.0), (1, 0.0)])),
            (None, None, None)
        );
    }

    /// By hand with NumPy: weights 10,000, 2,500 and 4,444.4, mean 0.016557, Q 6.04918; SciPy: chi2.sf(Q, 2).
    #[test]
    fn effects_that_lie_apart_are_told_from_equal_ones() {
        let effects = [(0.02, 0.01), (0.05, 0.02), (-0.01, 0.015)]
            .map(|(effect, error): (f64, f64)| (effect, error * error));
        let found = heterogeneity(&effects).expect("some");
        assert!((found - 0.04857772609501107).abs() < 1e-10, "{found}");
        assert!(heterogeneity(&[(0.1, 1.0), (0.1, 2.0)]).is_some_and(|p| (p - 1.0).abs() < 1e-12));
        assert_eq!((heterogeneity(&effects[..1]), heterogeneity(&[(0.1, 0.0), (0.2, 1.0)])), (None, None));
    }
}
