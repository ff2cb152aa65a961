//! The figures that explain when a customer's next order is expected.

use super::{Due, DueParams, Expected, ExpectedGap, hundredths};
use crate::schema::{CustomerCode, Day};

/// The figures from which a customer's expected order day and status follow. Gaps are in days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DueReason {
    /// Day of the last order.
    pub last_day: Day,
    /// The median of the customer's own gaps between order days; `None` without a second order day.
    pub own_gap: Option<f64>,
    /// Number of own gaps.
    pub own_gap_count: u32,
    /// The usual gap, which weighs as much as [`DueParams::weight`] own gaps.
    pub usual_gap: f64,
    /// Whether the usual gap is that of the recommended product, and not the shop's.
    pub is_of_product: bool,
    /// The shop's churn line for buyers with one order day or with several, whichever this buyer has.
    pub churn_line_days: Option<f64>,
    /// The silence past which this customer is lost: the churn line, stretched if the expected gap is longer than the
    /// shop's cycle.
    pub lost_after_days: Option<f64>,
    /// The expectation that follows.
    pub expected: Expected,
}

impl Due {
    /// The reasons for a buyer's expected order, with the same parameters that [`Self::new`] was given; `None` for a
    /// code that is no buyer's.
    pub fn reason(&self, customer: CustomerCode, params: &DueParams) -> Option<DueReason> {
        let row = self.0.iter().find(|row| row.customer == customer)?;
        let gap = ExpectedGap::new(row.own_gap_doubled, row.gap_count as usize, row.usual_gap, params.weight);
        let line = params.churn_lines.after(row.gap_count);
        Some(DueReason {
            last_day: row.last_day,
            own_gap: row.own_gap_doubled.map(|gap| gap as f64 / 2.0),
            own_gap_count: row.gap_count,
            usual_gap: row.usual_gap,
            is_of_product: row.is_of_product,
            churn_line_days: line,
            lost_after_days: line.map(|line| stretched(line, gap, params)),
            expected: row.expected(),
        })
    }
}

/// A customer's own churn line in days, for display. The status itself is computed without dividing.
fn stretched(line: f64, gap: ExpectedGap, params: &DueParams) -> f64 {
    let cycle = hundredths(params.cycle_days);
    let own = gap.numerator as f64 / (gap.weights * cycle.max(1)) as f64;
    if cycle <= 0 { line } else { line * own.max(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_churn_line_is_as_much_later_as_the_gap_is_longer() {
        let params = DueParams { due_days: 7, weight: 2, cycle_days: 30.0, churn_lines: Default::default() };
        let line = |own, gaps, prior| stretched(75.0, ExpectedGap::new(own, gaps, prior, 2), &params);
        // A gap shorter than the shop's cycle leaves the line as it is; a gap twice as long makes it twice as long.
        assert_eq!([line(Some(20), 2, 30.0), line(None, 0, 30.0), line(None, 0, 60.0)], [75.0, 75.0, 150.0]);
        // Two own gaps of 90 and a usual one of 30 with the weight of two make 60.
        assert_eq!(line(Some(180), 2, 30.0), 150.0);
        let without = DueParams { cycle_days: 0.0, ..params };
        assert_eq!(stretched(75.0, ExpectedGap::new(None, 0, 30.0, 2), &without), 75.0);
    }
}
