//! The list of customers with an interest, whether computed here or by an engine.

use polars::prelude::*;

use crate::error::Result;
use crate::metrics::finish::{counts, dates, flags, frame, integers};
use crate::schema::{Day, names};

/// A customer in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Day of the last interest.
    pub last_day: Day,
    /// Number of events by kind: shop favourites, item favourites, carts.
    pub kinds: [u64; 3],
    /// Whether the customer bought anything up to as-of.
    pub has_bought: bool,
    /// Whether there was a conversion at or after the first interest in the period.
    pub is_converted: bool,
}

/// The table of [`super::Interests::customers`]; `ids` are the customers' ids, one per row.
///
/// # Errors
/// Those of polars.
pub fn list(ids: StringChunked, rows: &[Listed], as_of: Day, discount_days: u32) -> Result<DataFrame> {
    let since = |of: &Listed| i64::from(of.last_day.days_until(as_of));
    let kind = |place: usize| rows.iter().map(move |of| Some(of.kinds[place]));
    frame(vec![
        ids.with_name(names::CUSTOMER_ID.into()).into_column(),
        dates(names::LAST_INTEREST_ON, rows.iter().map(|of| Some(of.last_day))),
        integers(names::DAYS_SINCE_INTEREST, rows.iter().map(|of| Some(since(of)))),
        counts(names::FAV_SHOP_COUNT, kind(0)),
        counts(names::FAV_ITEM_COUNT, kind(1)),
        counts(names::CART_COUNT, kind(2)),
        flags(names::HAS_BOUGHT, rows.iter().map(|of| Some(of.has_bought))),
        flags(names::IS_CONVERTED, rows.iter().map(|of| Some(of.is_converted))),
        flags(
            names::IS_PAST_DISCOUNT_WINDOW,
            rows.iter().map(|of| Some(since(of) > i64::from(discount_days))),
        ),
    ])
}
