//! Figures that are estimated, each with the names of the ends of its 95 % interval: whoever fills or shows one of them
//! names it once, and its ends follow.

use super::names;

/// The names of an estimated figure and of the ends of its interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The figure.
    pub value: &'static str,
    /// The lower end.
    pub low: &'static str,
    /// The upper end.
    pub high: &'static str,
}

macro_rules! ranges {
    ($($(#[doc = $meaning:literal])+ $name:ident: $value:ident, $low:ident, $high:ident;)+) => {
        $($(#[doc = $meaning])+
        pub const $name: Range = Range { value: names::$value, low: names::$low, high: names::$high };)+

        /// Every range.
        pub const ALL: &[Range] = &[$($name),+];
    };
}

ranges! {
    /// Of customers, those who order again by a day.
    REPURCHASE_RATE: REPURCHASE_RATE, RATE_LOW, RATE_HIGH;
    /// A rate in one of several definitions.
    RATE: RATE, RATE_LOW, RATE_HIGH;
    /// Of a cohort, those who ordered in a period.
    RETENTION: RETENTION, RETENTION_LOW, RETENTION_HIGH;
    /// Of a region's customers, those with two orders there.
    REPEAT_RATE: REPEAT_RATE, REPEAT_RATE_LOW, REPEAT_RATE_HIGH;
    /// Of a source's customers, those with two orders.
    REPEAT_CUSTOMER_RATE: REPEAT_CUSTOMER_RATE, REPEAT_CUSTOMER_RATE_LOW, REPEAT_CUSTOMER_RATE_HIGH;
    /// The same before corrections.
    REPEAT_CUSTOMER_RATE_BEFORE: REPEAT_CUSTOMER_RATE_BEFORE, REPEAT_CUSTOMER_RATE_BEFORE_LOW,
        REPEAT_CUSTOMER_RATE_BEFORE_HIGH;
    /// Of interest customers, those who converted.
    CONVERSION_RATE: CONVERSION_RATE, CONVERSION_RATE_LOW, CONVERSION_RATE_HIGH;
    /// Of interest customers, those who converted within the days that make periods comparable.
    CONVERSION_7D_RATE: CONVERSION_7D_RATE, CONVERSION_7D_RATE_LOW, CONVERSION_7D_RATE_HIGH;
    /// A region's conversion over the shop's.
    CONVERSION_INDEX: CONVERSION_INDEX, CONVERSION_INDEX_LOW, CONVERSION_INDEX_HIGH;
    /// A region's share over the shop's.
    LOCATION_QUOTIENT: LOCATION_QUOTIENT, LOCATION_QUOTIENT_LOW, LOCATION_QUOTIENT_HIGH;
    /// Of customers who began with a product, the loyal.
    LOYAL_RATE: LOYAL_RATE, LOYAL_RATE_LOW, LOYAL_RATE_HIGH;
    /// Of customers, those who can be reached.
    REACHABLE_SHARE: REACHABLE_SHARE, REACHABLE_LOW, REACHABLE_HIGH;
    /// Of customers who stood in a place, those who moved to another.
    SHARE: SHARE, SHARE_LOW, SHARE_HIGH;
    /// Of decisions of a group, those that took so long.
    DELAY_SHARE: DELAY_SHARE, DELAY_SHARE_LOW, DELAY_SHARE_HIGH;
    /// A measure that is estimated.
    VALUE: VALUE, VALUE_LOW, VALUE_HIGH;
    /// Of customers of the day of a hold-out, those who ordered after it.
    RETURN_RATE: RETURN_RATE, RETURN_RATE_LOW, RETURN_RATE_HIGH;
    /// Of those with so many orders, those with the next within 30 days.
    NEXT_30D_RATE: NEXT_30D_RATE, NEXT_30D_RATE_LOW, NEXT_30D_RATE_HIGH;
    /// The same within 90 days.
    NEXT_90D_RATE: NEXT_90D_RATE, NEXT_90D_RATE_LOW, NEXT_90D_RATE_HIGH;
    /// The same within 180 days.
    NEXT_180D_RATE: NEXT_180D_RATE, NEXT_180D_RATE_LOW, NEXT_180D_RATE_HIGH;
    /// The same within a year.
    NEXT_365D_RATE: NEXT_365D_RATE, NEXT_365D_RATE_LOW, NEXT_365D_RATE_HIGH;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_called_after_what_they_are_the_ends_of() {
        for Range { value, low, high } in ALL {
            let stem = low.strip_suffix("_low").expect("an end");
            assert_eq!(high.strip_suffix("_high"), Some(stem));
            assert!(value.starts_with(stem) || value.ends_with(stem), "{value} {low}");
        }
    }
}
