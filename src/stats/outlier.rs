//! Amounts that are far greater than all others.

/// The amount above which amounts are outliers, in the unit of the histogram: above the third quartile by more than
/// three interquartile ranges (the outer fence of Tukey, "Exploratory Data Analysis", 1977), on a logarithmic scale
/// since amounts are skewed; and at least ten times the median, since the amounts of a shop with one price do not vary.
///
/// `histogram` has amounts with their counts, ascending; amounts of 0 or less do not count. `None` for fewer than 30
/// amounts.
///
/// ```
/// use ecrm::stats::outlier::upper_fence;
/// // A median of 100, quartiles of 50 and 200: ln 200 + 3 (ln 200 − ln 50) = ln (200 · 4³).
/// let fence = upper_fence(&[(50, 10), (100, 9), (200, 11)]).unwrap();
/// assert!((12_799..=12_801).contains(&fence));
/// assert_eq!(upper_fence(&[(100, 29)]), None);
/// assert_eq!(upper_fence(&[(100, 30)]), Some(1_000));
/// ```
pub fn upper_fence(histogram: &[(i64, u64)]) -> Option<i64> {
    const MIN_VALUES: u64 = 30;
    const INTERQUARTILE_RANGES: f64 = 3.0;
    const TIMES_MEDIAN: f64 = 10.0;
    let positive = || histogram.iter().filter(|(amount, _)| *amount > 0);
    let total: u64 = positive().map(|(_, count)| count).sum();
    if total < MIN_VALUES {
        return None;
    }
    // The logarithm of the smallest amount that at least this share of all amounts does not exceed.
    let quantile = |part: f64| {
        let wanted = (part * total as f64).ceil() as u64;
        let mut below = 0;
        let found = positive().find(|(_, count)| {
            below += count;
            below >= wanted
        });
        found.map_or(0.0, |(amount, _)| (*amount as f64).ln())
    };
    let (first, median, third) = (quantile(0.25), quantile(0.5), quantile(0.75));
    let fence = (third + INTERQUARTILE_RANGES * (third - first)).max(median + TIMES_MEDIAN.ln());
    Some(fence.exp().round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With quartiles of 100 and 400, ln 400 + 3 ln 4 = ln 25 600, which is above ten times the median of 200.
    #[test]
    fn the_fence_is_three_ranges_above_the_third_quartile() {
        assert_eq!(upper_fence(&[(100, 10), (200, 10), (400, 10)]), Some(25_600));
        // The first quartile is the value that a quarter of 30, 7.5 amounts, do not exceed: the eighth.
        assert_eq!(upper_fence(&[(100, 8), (200, 12), (400, 10)]), Some(25_600));
        assert_eq!(upper_fence(&[(100, 7), (200, 13), (400, 10)]), Some(3_200));
    }

    #[test]
    fn a_shop_with_one_price_has_a_fence_at_ten_times_it() {
        assert_eq!(upper_fence(&[(7, 30)]), Some(70));
        assert_eq!(upper_fence(&[(7, 29)]), None);
        // Amounts of 0 or less do not count.
        assert_eq!(upper_fence(&[(-5, 100), (0, 100), (7, 29)]), None);
    }
}
