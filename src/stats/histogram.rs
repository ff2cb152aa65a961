//! Histograms of whole numbers: the distinct values with their counts, instead of millions of values.

use super::by_number::ByNumber;
use super::quantile;

/// The distinct values, ascending, with the number of times each occurs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram(ByNumber<u64>);

impl Histogram {
    /// Adds a value.
    pub fn add(&mut self, value: i32) {
        *self.0.of(value) += 1;
    }

    /// Adds all values of another histogram.
    pub fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|(value, count)| *self.0.of(value) += count);
    }

    /// The number of values.
    pub fn len(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.0.iter().next().is_none()
    }

    /// The quantile at `percent` of the way ([`quantile::percentile`]); `None` when there are no values. The median is
    /// that at 50.
    ///
    /// ```
    /// use ecrm::stats::histogram::Histogram;
    /// let mut gaps = Histogram::default();
    /// [30, 59, 30].map(|gap| gaps.add(gap));
    /// assert_eq!((gaps.len(), gaps.percentile(50), gaps.percentile(75)), (3, Some(30.0), Some(44.5)));
    /// ```
    pub fn percentile(&self, percent: u64) -> Option<f64> {
        let pairs: Vec<(i32, u64)> = self.0.iter().map(|(value, count)| (value, *count)).collect();
        quantile::percentile(&pairs, percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merged_halves_are_the_whole() {
        let of = |values: &[i32]| {
            let mut histogram = Histogram::default();
            values.iter().for_each(|value| histogram.add(*value));
            histogram
        };
        let mut merged = of(&[30, 59]);
        merged.merge(&of(&[30, 7]));
        assert_eq!(merged, of(&[7, 30, 30, 59]));
        assert_eq!((merged.len(), merged.percentile(50), merged.is_empty()), (4, Some(30.0), false));
        assert!(of(&[]).is_empty());
    }
}
