//! The gap after which a customer's next order is expected, and where that puts the customer.

use super::DueParams;

/// The days to the next order, `(n · own + k · prior) / (n + k)`: the median of n own gaps, weighed against a prior
/// that counts as k of them. A fraction, so that nothing is compared that was rounded.
#[derive(Debug, Clone, Copy)]
pub(super) struct ExpectedGap {
    /// Over `weights` and [`HUNDREDTHS`].
    pub numerator: i128,
    pub weights: i128,
}

/// Quantiles of whole days by linear interpolation at whole percents are whole hundredths of a day.
const HUNDREDTHS: i128 = 100;

pub(super) fn hundredths(days: f64) -> i128 {
    (days * HUNDREDTHS as f64).round() as i128
}

impl ExpectedGap {
    pub fn new(own_doubled: Option<i64>, gaps: usize, prior: f64, weight: u32) -> Self {
        let (n, k) = (gaps as i128, i128::from(weight));
        let own = i128::from(own_doubled.unwrap_or(0)) * HUNDREDTHS / 2;
        match n + k {
            0 => Self { numerator: hundredths(prior), weights: 1 },
            weights => Self { numerator: n * own + k * hundredths(prior), weights },
        }
    }

    /// In whole days, half a day up, at least 1.
    pub fn days(self) -> i32 {
        let whole = self.weights * HUNDREDTHS;
        let rounded = (2 * self.numerator + whole).div_euclid(2 * whole);
        rounded.clamp(1, i128::from(i32::MAX)) as i32
    }
}

/// The status's place in [`DUE_STATUSES`]: by the days to or since the expected one, a whole day; and past the churn
/// line, where there is one, which a customer whose expected gap is longer than the shop's cycle crosses as much later,
/// not rounded.
pub(super) fn status(recency: i32, gap: ExpectedGap, line: Option<f64>, params: &DueParams) -> u8 {
    let slack = i64::from(params.due_days);
    let late = i64::from(recency) - i64::from(gap.days());
    let cycle = hundredths(params.cycle_days);
    // recency > line · max(1, gap / cycle), without the divisions.
    let recency = i128::from(recency) * HUNDREDTHS;
    let is_past = line.map(hundredths).is_some_and(|line| {
        recency > line && (cycle <= 0 || recency * cycle * gap.weights > line * gap.numerator)
    });
    match late {
        _ if late < -slack => 2,
        _ if late <= slack => 0,
        _ if is_past => 3,
        _ => 1,
    }
}

/// The fewest days of silence with which [`status`] is that of the lost, for a churn line.
pub(super) fn first_lost_day(gap: ExpectedGap, line: f64, params: &DueParams) -> i32 {
    let (cycle, churn_line) = (hundredths(params.cycle_days), hundredths(line));
    let after_expected = i128::from(gap.days()) + i128::from(params.due_days) + 1;
    let past_line = churn_line.div_euclid(HUNDREDTHS) + 1;
    let stretched = match cycle * gap.weights {
        0 => 0,
        scale => (churn_line * gap.numerator).div_euclid(scale * HUNDREDTHS) + 1,
    };
    after_expected.max(past_line).max(stretched).min(i128::from(i32::MAX)) as i32
}
