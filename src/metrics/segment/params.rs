//! The thresholds of lifecycle segments.

use crate::error::{Error, Result};
use crate::schema::Micros;

/// Where one segment ends and the next begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentParams {
    /// `just_bought` up to this many days since the last order.
    pub just_bought_days: u32,
    /// `active` up to this many days.
    pub active_days: u32,
    /// `lapsing` up to this many days, `lost` after.
    pub lapsing_days: u32,
    /// `loyal` from this number of orders.
    pub loyal_orders: u32,
    /// High value from this net amount; `None` is the shop's spend per customer.
    pub high_value: Option<Micros>,
}

impl Default for SegmentParams {
    fn default() -> Self {
        Self { just_bought_days: 7, active_days: 90, lapsing_days: 365, loyal_orders: 2, high_value: None }
    }
}

impl SegmentParams {
    /// The place in [`super::SEGMENTS`] of a customer with this many days since the last order and this many orders.
    pub fn stage(&self, recency_days: i32, orders: u32) -> u8 {
        let is_loyal = u8::from(orders >= self.loyal_orders);
        match self.passed(recency_days) {
            0 => 0,
            1 => 1 + is_loyal,
            2 => 3 + is_loyal,
            _ => 5,
        }
    }

    /// How close a customer is to the shop: 0 for a lost one, 1 and 2 for a lapsing one, 3 and 4 for an active one
    /// (just bought included). Of each pair the greater number is for loyal customers.
    pub fn level(&self, recency_days: i32, orders: u32) -> u8 {
        let is_loyal = u8::from(orders >= self.loyal_orders);
        match self.passed(recency_days) {
            0 | 1 => 3 + is_loyal,
            2 => 1 + is_loyal,
            _ => 0,
        }
    }

    /// Whether a customer with this many days since the last order is lost.
    pub fn is_lost(&self, recency_days: i32) -> bool {
        self.passed(recency_days) == self.last_days().len()
    }

    /// The last days, since the last order, of all stages but the last one, ascending.
    fn last_days(&self) -> [u32; 3] {
        [self.just_bought_days, self.active_days, self.lapsing_days]
    }

    /// The number of [`Self::last_days`] that this many days are past.
    fn passed(&self, recency_days: i32) -> usize {
        self.last_days().iter().filter(|last| i64::from(recency_days) > i64::from(**last)).count()
    }

    /// The limits between which this many days since the last order lie: the greatest that they are past, and the
    /// smallest that they are not.
    pub fn limits(&self, recency_days: i32) -> (Option<u32>, Option<u32>) {
        let (last_days, passed) = (self.last_days(), self.passed(recency_days));
        let above = passed.checked_sub(1).and_then(|place| last_days.get(place).copied());
        (above, last_days.get(passed).copied())
    }

    /// Checks that the thresholds ascend.
    pub fn check(&self) -> Result<()> {
        let (just, active, lapsing) = (self.just_bought_days, self.active_days, self.lapsing_days);
        if just < active && active < lapsing {
            return Ok(());
        }
        let values = [("just", just), ("active", active), ("lapsing", lapsing)];
        Err(Error::usage_of("segment_days", &values.map(|(name, days)| (name, days.to_string()))))
    }
}

#[cfg(test)]
mod tests {
    use super::super::SEGMENTS;
    use super::*;

    #[test]
    fn segments_end_with_their_last_day() {
        let params = SegmentParams::default();
        let stage = |recency, orders| SEGMENTS[usize::from(params.stage(recency, orders))];
        for (recency, new, loyal) in [
            (0, "just_bought", "just_bought"),
            (7, "just_bought", "just_bought"),
            (8, "active_new", "active_loyal"),
            (90, "active_new", "active_loyal"),
            (91, "lapsing_new", "lapsing_loyal"),
            (365, "lapsing_new", "lapsing_loyal"),
            (366, "lost", "lost"),
        ] {
            assert_eq!((stage(recency, 1), stage(recency, 2)), (new, loyal), "{recency}");
        }
        let from_three = SegmentParams { loyal_orders: 3, ..params };
        assert_eq!(
            [2, 3].map(|orders| SEGMENTS[usize::from(from_three.stage(30, orders))]),
            ["active_new", "active_loyal"]
        );
    }

    #[test]
    fn days_lie_between_two_limits() {
        let limits = |recency| SegmentParams::default().limits(recency);
        assert_eq!([limits(0), limits(7)], [(None, Some(7)); 2]);
        assert_eq!([limits(8), limits(90)], [(Some(7), Some(90)); 2]);
        assert_eq!([limits(91), limits(365)], [(Some(90), Some(365)); 2]);
        assert_eq!(limits(366), (Some(365), None));
    }

    #[test]
    fn thresholds_ascend() {
        let with = |just, active, lapsing| SegmentParams {
            just_bought_days: just,
            active_days: active,
            lapsing_days: lapsing,
            ..SegmentParams::default()
        };
        assert!(with(7, 90, 365).check().is_ok());
        assert!(with(7, 7, 365).check().is_err());
        assert!(with(7, 90, 90).check().is_err());
    }
}
