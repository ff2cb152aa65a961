//! Estimated figures with the names of their columns and of the ends of their 95 % intervals. Code that fills or shows
//! a figure names it once, and the columns of its interval follow.

use super::names;

/// The names of an estimated figure and of the two ends of its interval.
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
    /// The share of customers who order again by a day.
    REPURCHASE_RATE: REPURCHASE_RATE, RATE_LOW, RATE_HIGH;
    /// The repurchase rate by one of several definitions.
    RATE: RATE, RATE_LOW, RATE_HIGH;
    /// The share of a cohort that ordered in a period.
    RETENTION: RETENTION, RETENTION_LOW, RETENTION_HIGH;
    /// The share of a region's customers who have at least two orders there.
    REPEAT_RATE: REPEAT_RATE, REPEAT_RATE_LOW, REPEAT_RATE_HIGH;
    /// The share of a source's customers who have at least two orders.
    REPEAT_CUSTOMER_RATE: REPEAT_CUSTOMER_RATE, REPEAT_CUSTOMER_RATE_LOW, REPEAT_CUSTOMER_RATE_HIGH;
    /// [`REPEAT_CUSTOMER_RATE`] before sources were corrected by hand.
    REPEAT_CUSTOMER_RATE_BEFORE: REPEAT_CUSTOMER_RATE_BEFORE, REPEAT_CUSTOMER_RATE_BEFORE_LOW,
        REPEAT_CUSTOMER_RATE_BEFORE_HIGH;
    /// The share of interested customers who bought afterwards.
    CONVERSION_RATE: CONVERSION_RATE, CONVERSION_RATE_LOW, CONVERSION_RATE_HIGH;
    /// The share of interested customers who bought within a fixed number of days, so that periods can be compared.
    CONVERSION_7D_RATE: CONVERSION_7D_RATE, CONVERSION_7D_RATE_LOW, CONVERSION_7D_RATE_HIGH;
    /// A region's conversion rate divided by the shop's.
    CONVERSION_INDEX: CONVERSION_INDEX, CONVERSION_INDEX_LOW, CONVERSION_INDEX_HIGH;
    /// A region's share of a category or month, divided by the shop's.
    LOCATION_QUOTIENT: LOCATION_QUOTIENT, LOCATION_QUOTIENT_LOW, LOCATION_QUOTIENT_HIGH;
    /// The share of customers with the product in their first order who became loyal.
    LOYAL_RATE: LOYAL_RATE, LOYAL_RATE_LOW, LOYAL_RATE_HIGH;
    /// The share of customers who can be reached.
    REACHABLE_SHARE: REACHABLE_SHARE, REACHABLE_LOW, REACHABLE_HIGH;
    /// The share of a group's customers on the earlier day who are in a given group on the later day.
    SHARE: SHARE, SHARE_LOW, SHARE_HIGH;
    /// The share of the decisions in a group that took this long.
    DELAY_SHARE: DELAY_SHARE, DELAY_SHARE_LOW, DELAY_SHARE_HIGH;
    /// An estimated measure.
    VALUE: VALUE, VALUE_LOW, VALUE_HIGH;
    /// The share of customers on the day of a holdout who ordered after it.
    RETURN_RATE: RETURN_RATE, RETURN_RATE_LOW, RETURN_RATE_HIGH;
    /// The share of customers with a given number of orders who placed the next one within 30 days.
    NEXT_30D_RATE: NEXT_30D_RATE, NEXT_30D_RATE_LOW, NEXT_30D_RATE_HIGH;
    /// [`NEXT_30D_RATE`] for 90 days.
    NEXT_90D_RATE: NEXT_90D_RATE, NEXT_90D_RATE_LOW, NEXT_90D_RATE_HIGH;
    /// [`NEXT_30D_RATE`] for 180 days.
    NEXT_180D_RATE: NEXT_180D_RATE, NEXT_180D_RATE_LOW, NEXT_180D_RATE_HIGH;
    /// [`NEXT_30D_RATE`] for a year.
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
