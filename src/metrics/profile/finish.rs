//! The finish stage: from the sums to the rows of the portrait.

use polars::prelude::DataFrame;

use super::heavy::{Bought, Part};
use super::{Of, ROLES, people};
use crate::error::Result;
use crate::metrics::finish::{amounts, counts, frame, ratios, share, texts};
use crate::schema::{Micros, money, names};

/// One row per role with customers; orders whose role is not known come last.
pub(super) fn role_rows(sums: &Part) -> Vec<people::Row> {
    let row = |(role, (customers, bought)): (Option<&str>, &(u64, Bought))| people::Row {
        key: role.map(str::to_owned),
        customers: *customers,
        bought: *bought,
    };
    let keys = ROLES.iter().copied().map(Some).chain([None]);
    keys.zip(&sums.roles).filter(|(_, (customers, _))| *customers > 0).map(row).collect()
}

/// Names a price band by its limits: `0-50`, `50-100`, `100+`. An amount equal to a limit belongs to the upper band.
pub(super) fn band_name(band: usize, limits: &[Micros]) -> String {
    let text = |limit: Micros| {
        let text = money::plain(limit);
        text.strip_suffix(".00").map_or(text.clone(), str::to_owned)
    };
    match (band.checked_sub(1).map(|low| limits[low]), limits.get(band)) {
        (low, Some(&high)) => format!("{}-{}", text(low.unwrap_or_default()), text(high)),
        (low, None) => format!("{}+", text(low.unwrap_or_default())),
    }
}

pub(super) fn band_rows(sums: &Part, limits: &[Micros]) -> Vec<people::Row> {
    let row = |(band, (customers, bought)): (&usize, &(u64, Bought))| people::Row {
        key: Some(band_name(*band, limits)),
        customers: *customers,
        bought: *bought,
    };
    sums.bands.iter().map(row).collect()
}

pub(super) fn finish(
    dimensions: &[(&'static str, Vec<people::Row>)],
    customers: u64,
    has_orders: bool,
) -> Result<DataFrame> {
    let rows: Vec<(&str, &people::Row)> =
        dimensions.iter().flat_map(|(name, rows)| rows.iter().map(move |row| (*name, row))).collect();
    let bought = |row: &people::Row| Some(row.bought).filter(|_| has_orders);
    frame(vec![
        texts(names::DIMENSION, rows.iter().map(|(name, _)| Some((*name).to_owned()))),
        texts(names::KEY, rows.iter().map(|(_, row)| row.key.clone())),
        counts(names::CUSTOMER_COUNT, rows.iter().map(|(_, row)| Some(row.customers))),
        ratios(
            names::CUSTOMER_SHARE,
            rows.iter().map(|(_, row)| share(i128::from(row.customers), i128::from(customers))),
        ),
        counts(names::ORDER_COUNT, rows.iter().map(|(_, row)| bought(row).map(|bought| bought.orders))),
        amounts(names::NET_AMOUNT, rows.iter().map(|(_, row)| bought(row).map(|bought| bought.net))),
    ])
}

/// The table by weekday and hour. Exports often write a date without a time as midnight, so the table has no rows if
/// every time is midnight.
pub(super) fn hours_frame(sums: &Part, of: Of) -> Result<DataFrame> {
    let cells: Vec<(u32, u32)> = match sums.has_times {
        true => (1..=7).flat_map(|weekday| (0..24).map(move |hour| (weekday, hour))).collect(),
        false => Vec::new(),
    };
    frame(vec![
        counts(names::WEEKDAY, cells.iter().map(|(weekday, _)| Some(u64::from(*weekday)))),
        counts(names::HOUR, cells.iter().map(|(_, hour)| Some(u64::from(*hour)))),
        counts(of.counted(), cells.iter().map(|at| Some(sums.hours.get(at).copied().unwrap_or(0)))),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_named_by_their_limits() {
        let mut sums = Part::default();
        let limits = [50_000_000, 100_500_000].map(Micros::new);
        for band in 0..3 {
            sums.bands.insert(band, (1, Bought::default()));
        }
        let names: Vec<Option<String>> = band_rows(&sums, &limits).into_iter().map(|row| row.key).collect();
        assert_eq!(names, ["0-50", "50-100.50", "100.50+"].map(|name| Some(name.to_owned())));
    }
}
