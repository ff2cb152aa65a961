//! Quantiles of integers, exactly.

/// The cut points that split values into `bins` parts: the `1/bins … (bins-1)/bins` quantiles by linear interpolation
/// (R type 7; Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996). They are returned as numerators over
/// `bins`.
///
/// `values` may be in any order. With `h = (n - 1) k / bins` a quantile is `v[⌊h⌋] + (h - ⌊h⌋)(v[⌊h⌋+1] - v[⌊h⌋])`: a
/// fraction over `bins`, so nothing is rounded. Without values there are no cut points.
///
/// ```
/// // 40 % of the way through 0, 10, 20, 30 is 12: 60/5.
/// assert_eq!(ecrm::stats::quantile::cut_numerators(&[30_i64, 10, 0, 20], 5), [30, 60, 90, 120]);
/// ```
pub fn cut_numerators<T: Copy + Ord + Into<i64>>(values: &[T], bins: u8) -> Vec<i128> {
    let Some(last) = values.len().checked_sub(1) else { return Vec::new() };
    let bins = usize::from(bins);
    let ranks = (1..bins).map(|k| (last * k / bins, last * k % bins));
    let quantile = |value: i64, next: i64, rest: usize| {
        let (value, next) = (i128::from(value), i128::from(next));
        value * bins as i128 + (next - value) * rest as i128
    };
    // Selecting the cut points without sorting all values would earn less than 3 % of a question's time.
    let mut values = values.to_vec();
    values.sort_unstable();
    let at = |rank: usize| values[rank.min(last)].into();
    ranks.map(|(low, rest)| quantile(at(low), at(low + 1), rest)).collect()
}

/// As [`cut_numerators`], from a histogram: (value, count) pairs, values ascending.
///
/// ```
/// // 0, 10, 10, 30: the quarters are at 7.5, 10 and 15; times four.
/// assert_eq!(ecrm::stats::quantile::histogram_cuts(&[(0, 1), (10, 2), (30, 1)], 4), [30, 40, 60]);
/// ```
pub fn histogram_cuts(histogram: &[(i64, u64)], bins: u8) -> Vec<i128> {
    let total: u64 = histogram.iter().map(|(_, count)| count).sum();
    let Some(last) = total.checked_sub(1).map(u128::from) else { return Vec::new() };
    let bins = u128::from(bins);
    let at = |rank: u128| i128::from(at(histogram, rank.min(last) as u64));
    let cut = |k: u128| {
        let (low, rest) = (last * k / bins, last * k % bins);
        at(low) * bins as i128 + (at(low + 1) - at(low)) * rest as i128
    };
    (1..bins).map(cut).collect()
}

/// The quantile of the values at `part` of a thousand, as in [`cut_numerators`], rounded down to a whole number; `None`
/// without values. The values may be in any order, and are reordered.
///
/// ```
/// // Nearly the greatest of 1, 2, 100: 2 + 0.998 × 98 = 99.8.
/// assert_eq!(ecrm::stats::quantile::per_mille(&mut [100, 1, 2], 999), Some(99));
/// ```
pub fn per_mille(values: &mut [i64], part: usize) -> Option<i64> {
    let last = values.len().checked_sub(1)?;
    let (low, rest) = (last * part / 1_000, last * part % 1_000);
    let (_, at_low, above) = values.select_nth_unstable(low);
    let value = i128::from(*at_low);
    let next = above.iter().copied().min().map_or(value, i128::from);
    Some((value + (next - value) * rest as i128 / 1_000) as i64)
}

/// The quantile of a histogram of (value, count) pairs in ascending order at `percent` of the way, by linear
/// interpolation as in [`cut_numerators`]; `None` when it is empty.
///
/// ```
/// // 1, 2, 2, 4: the third quarter is at 2 + 0.25 × 2.
/// assert_eq!(ecrm::stats::quantile::percentile(&[(1, 1), (2, 2), (4, 1)], 75), Some(2.5));
/// ```
pub fn percentile(histogram: &[(i32, u64)], percent: u64) -> Option<f64> {
    let total: u64 = histogram.iter().map(|(_, count)| count).sum();
    let last = total.checked_sub(1)?;
    let (low, rest) = (last * percent / 100, last * percent % 100);
    let (below, above) = (at(histogram, low), at(histogram, (low + 1).min(last)));
    Some((below * 100 + (above - below) * rest as i64) as f64 / 100.0)
}

/// Twice the median of a histogram of (value, count) pairs, values ascending; `None` if it is empty.
///
/// The median of an even count is the mean of the middle two, hence twice.
pub fn median_doubled(histogram: &[(i32, u64)]) -> Option<i64> {
    let total: u64 = histogram.iter().map(|(_, count)| count).sum();
    if total == 0 {
        return None;
    }
    Some(at(histogram, (total - 1) / 2) + at(histogram, total / 2))
}

/// The value that has `rank` values before it.
fn at<T: Copy + Into<i64>>(histogram: &[(T, u64)], rank: u64) -> i64 {
    let mut before = 0;
    let found = histogram.iter().find(|(_, count)| {
        before += count;
        before > rank
    });
    found.map_or(0, |(value, _)| (*value).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_points_match_hand_computed_type_7_quantiles() {
        // 1..=10: the 20 % quantile is 1 + 9 * 0.2 = 2.8, then 4.6, 6.4, 8.2; times five.
        let shuffled = [3, 9, 1, 10, 5, 7, 2, 8, 6, 4];
        assert_eq!(cut_numerators::<i32>(&shuffled, 5), [14, 23, 32, 41]);
        assert_eq!(cut_numerators::<i64>(&[10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 5), [14, 23, 32, 41]);
        assert_eq!(cut_numerators::<u32>(&[7], 5), [35, 35, 35, 35]);
        assert_eq!(cut_numerators::<i64>(&[], 5), Vec::<i128>::new());
        // Terciles of 0, 1: 1/3 and 2/3.
        assert_eq!(cut_numerators::<i64>(&[0, 1], 3), [1, 2]);
        // The same values, far apart.
        let far_apart = shuffled.map(|value| i64::from(value) * 1_000_000);
        assert_eq!(cut_numerators(&far_apart, 5), [14, 23, 32, 41].map(|cut| cut * 1_000_000));
    }

    /// NumPy: quantile(range(1, 1001), 0.999) is 999.001.
    #[test]
    fn a_quantile_in_thousandths_is_of_type_7() {
        let mut values: Vec<i64> = (1..=1_000).rev().map(|value| value * 1_000).collect();
        assert_eq!(per_mille(&mut values, 999), Some(999_001));
        assert_eq!(per_mille(&mut values, 0), Some(1_000));
        assert_eq!(per_mille(&mut values, 1_000), Some(1_000_000));
        assert_eq!((per_mille(&mut [], 999), per_mille(&mut [7], 999)), (None, Some(7)));
    }

    #[test]
    fn median_of_odd_even_and_empty_histograms() {
        assert_eq!(median_doubled(&[(1, 1), (5, 1), (9, 1)]), Some(10));
        assert_eq!(median_doubled(&[(1, 2), (4, 2)]), Some(5));
        assert_eq!(median_doubled(&[(3, 5), (4, 1)]), Some(6));
        assert_eq!(median_doubled(&[]), None);
    }

    /// R: quantile(c(1, 2, 2, 4, 10), type = 7) at 0, 25, 40, 50, 75, 90 and 100 %.
    #[test]
    fn percentiles_are_of_type_7() {
        let histogram = [(1, 1), (2, 2), (4, 1), (10, 1)];
        let at = |percent| percentile(&histogram, percent);
        assert_eq!([0, 25, 40, 50, 75, 90, 100].map(at), [1.0, 2.0, 2.0, 2.0, 4.0, 7.6, 10.0].map(Some));
        // Position 0.8 · 3 = 2.4 of 1, 3, 3 and 4, counted from 0.
        assert_eq!(percentile(&[(1, 1), (3, 2), (4, 1)], 80), Some(3.4));
        assert_eq!(percentile(&[(7, 1)], 90), Some(7.0));
        assert_eq!(percentile(&[], 50), None);
    }

    #[test]
    fn the_value_at_a_rank_has_as_many_before_it() {
        let histogram = [(3_i32, 2), (5, 1)];
        assert_eq!([0, 1, 2].map(|rank| at(&histogram, rank)), [3, 3, 5]);
    }
}
