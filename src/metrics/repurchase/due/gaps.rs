//! The gap after which a customer's next order is expected, and the status that follows from it.

use super::DueParams;

/// The expected days to the next order, `(n · own + k · prior) / (n + k)`: the median `own` of n own gaps, averaged
/// with a usual gap `prior` that counts as k gaps. It is kept as a fraction, so that comparisons are exact.
#[derive(Debug, Clone, Copy)]
pub(super) struct ExpectedGap {
    /// To be divided by `weights` and [`HUNDREDTHS`] to get days.
    pub numerator: i128,
    pub weights: i128,
}

/// Gaps are counted in hundredths of a day. Quantiles of whole days, interpolated linearly at whole percents, are whole
/// hundredths.
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

    /// In whole days, rounded half up, at least 1.
    pub fn days(self) -> i32 {
        let whole = self.weights * HUNDREDTHS;
        let rounded = (2 * self.numerator + whole).div_euclid(2 * whole);
        rounded.clamp(1, i128::from(i32::MAX)) as i32
    }
}

/// The place of the status in [`DUE_STATUSES`]. Before, around and after the expected day it follows from the rounded
/// gap. After it, the customer is lost if the silence is past the churn line. For a customer whose expected gap is
/// longer than the shop's cycle, the line is stretched by the exact ratio of the two.
pub(super) fn status(recency: i32, gap: ExpectedGap, line: Option<f64>, params: &DueParams) -> u8 {
    let slack = i64::from(params.due_days);
    let late = i64::from(recency) - i64::from(gap.days());
    let cycle = hundredths(params.cycle_days);
    // Computes recency > line · max(1, gap / cycle) without dividing.
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

/// The fewest days of silence after which [`status`] says that a customer with this churn line is lost.
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
