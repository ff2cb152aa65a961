//! Lifecycle segments of buyers, with advice for each.

mod params;

use polars::prelude::*;

use super::CustomerFacts;
use super::finish::{self, totals};
use super::group_days::{GroupDay, group_days};
use super::listed_buyers::ListedBuyers;
use crate::error::Result;
use crate::schema::{Micros, names};
pub use params::SegmentParams;

/// The lifecycle segments in the order of a customer's life.
pub const SEGMENTS: [&str; 6] =
    ["just_bought", "active_new", "active_loyal", "lapsing_new", "lapsing_loyal", "lost"];

/// The values of customers, the higher first.
pub const VALUES: [&str; 2] = ["high", "low"];

/// How to address a segment: `care` within the normal repurchase cycle (without a discount, which would breed customers
/// who only buy in promotions), `benefit` at holidays, `stimulate` past the churn line.
pub const MODES: [&str; 6] = [CARE, CARE, CARE, "benefit", "benefit", "stimulate"];

/// The mode within the normal repurchase cycle, without discounts.
pub const CARE: &str = "care";

/// Every buyer's segment.
#[derive(Debug, Clone)]
pub struct Segments {
    /// The columns of the facts, and the number of segment and value as a u8 column.
    frame: DataFrame,
    /// The smallest net amount that is high value.
    high_value: Micros,
}

/// The figures that explain a buyer's segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentReason {
    /// Days since the last order.
    pub recency_days: i32,
    /// The greatest limit that these days are past; `None` if they are past none.
    pub above_days: Option<u32>,
    /// The smallest limit that these days are not past; `None` if they are past all.
    pub up_to_days: Option<u32>,
    /// Orders up to as-of, those before a window too.
    pub order_count: u32,
    /// Paid minus refunded.
    pub net_amount: Micros,
    /// The smallest net amount that is high value.
    pub high_value: Micros,
    /// One of [`SEGMENTS`].
    pub segment: &'static str,
    /// One of [`VALUES`].
    pub value: &'static str,
    /// One of [`MODES`].
    pub mode: &'static str,
}

/// The number of pairs of segment and value.
const GROUPS: usize = SEGMENTS.len() * VALUES.len();

/// The column with the group's number: `2 × segment + value`, by their places in [`SEGMENTS`] and [`VALUES`].
const CODE: &str = "code";

/// Puts every buyer into a segment. Whether somebody is new is decided by all orders up to as-of: an old customer with
/// only one order in the window is not new.
pub fn segment(facts: &CustomerFacts, params: &SegmentParams) -> Result<Segments> {
    let mut frame = facts.frame()?;
    let recency = frame.column(names::RECENCY_DAYS)?.i32()?.rechunk();
    let orders = frame.column(facts.orders_ever())?.u32()?.rechunk();
    let net = frame.column(names::NET_AMOUNT)?.i64()?.rechunk();
    let high_value = high_value(facts, params);
    let rows = recency.cont_slice()?.iter().zip(orders.cont_slice()?).zip(net.cont_slice()?);
    let codes = rows.map(|((recency, orders), net)| {
        params.stage(*recency, *orders) * VALUES.len() as u8 + u8::from(*net < high_value.number())
    });
    let codes = UInt8Chunked::from_vec(CODE.into(), codes.collect()).into_column();
    frame.with_column(codes)?;
    Ok(Segments { frame, high_value })
}

/// The smallest net amount that is high value. By default it is the mean rounded up, as amounts are whole micro-units
/// and so are at or above the mean exactly if they are at or above the mean rounded up.
fn high_value(facts: &CustomerFacts, params: &SegmentParams) -> Micros {
    let count = facts.customer_count.max(1) as i128;
    params.high_value.unwrap_or_else(|| Micros::new(-(-facts.net_total).div_euclid(count) as i64))
}

/// The finish stage: one row per segment and value, empty ones included: segment, value, customer_count,
/// customer_share, order_count, net_amount, net_share, aov, spend_per_customer, median_recency_days, mode, advice (the
/// segment's key, for which writers look up the sentence). The number of a group is `2 × segment + value`, by their
/// places in [`SEGMENTS`] and [`VALUES`].
///
/// # Errors
/// Those of polars.
pub fn summary(days: &[GroupDay]) -> Result<DataFrame> {
    let totals = totals(days, GROUPS);
    let mut columns = vec![
        Column::new(names::SEGMENT.into(), per_row(|segment, _| SEGMENTS[segment])),
        Column::new(names::VALUE.into(), per_row(|_, value| VALUES[value])),
    ];
    columns.extend(finish::columns(&totals));
    columns.push(Column::new(names::MODE.into(), per_row(|segment, _| MODES[segment])));
    columns.push(Column::new(names::ADVICE.into(), per_row(|segment, _| SEGMENTS[segment])));
    Ok(DataFrame::new_infer_height(columns)?)
}

impl Segments {
    /// The places of each buyer's segment in [`SEGMENTS`] and value in [`VALUES`], in the order of the facts.
    pub(super) fn each(&self) -> Result<Vec<(u8, u8)>> {
        let codes = self.frame.column(CODE)?.u8()?;
        Ok(codes
            .iter()
            .flatten()
            .map(|code| (code / VALUES.len() as u8, code % VALUES.len() as u8))
            .collect())
    }

    /// The reasons for the segment of the buyer in this row of `facts`, which must be the facts that were segmented.
    ///
    /// # Errors
    /// Those of polars.
    pub fn reason(&self, facts: &CustomerFacts, params: &SegmentParams, row: usize) -> Result<SegmentReason> {
        let recency_days = self.frame.column(names::RECENCY_DAYS)?.i32()?.get(row).unwrap_or(0);
        let (above_days, up_to_days) = params.limits(recency_days);
        let code = usize::from(self.frame.column(CODE)?.u8()?.get(row).unwrap_or(0));
        let segment = code / VALUES.len();
        Ok(SegmentReason {
            recency_days,
            above_days,
            up_to_days,
            order_count: self.frame.column(facts.orders_ever())?.u32()?.get(row).unwrap_or(0),
            net_amount: self
                .frame
                .column(names::NET_AMOUNT)?
                .i64()?
                .get(row)
                .map_or(Micros::ZERO, Micros::new),
            high_value: self.high_value,
            segment: SEGMENTS[segment],
            value: VALUES[code % VALUES.len()],
            mode: MODES[segment],
        })
    }

    /// The result of the heavy stage, from which [`summary`] is made.
    ///
    /// # Errors
    /// Those of polars.
    pub fn days(&self) -> Result<Vec<GroupDay>> {
        group_days(&self.frame, CODE)
    }

    /// The table of [`summary`]. `facts` must be those that were segmented.
    ///
    /// # Errors
    /// Those of polars.
    pub fn summary(&self, facts: &CustomerFacts) -> Result<DataFrame> {
        let days = self.days()?;
        finish::debug_check_partition(&totals(&days, GROUPS), facts);
        summary(&days)
    }

    /// One row per buyer: customer_id, last_ordered_on, recency_days, order_count, net_amount, segment, value, mode,
    /// advice. `facts` must be those that were segmented and be sorted by [`CustomerFacts::listed`]; the rows are in
    /// their order.
    pub fn customers(&self, facts: &CustomerFacts) -> Result<DataFrame> {
        let codes = self.frame.column(CODE)?.u8()?.rechunk();
        labelled(finish::listing(facts)?, codes.cont_slice()?)
    }

    /// One of the columns segment, value, mode and advice, in the order of the segmented facts.
    ///
    /// # Errors
    /// Those of polars.
    pub fn column(&self, name: &str) -> Result<Column> {
        label(name, self.frame.column(CODE)?.u8()?.rechunk().cont_slice()?)
    }
}

/// The list of [`Segments::customers`] for buyers that an engine has computed, with the number of each one's group.
///
/// # Errors
/// Those of polars.
pub fn list(buyers: &ListedBuyers, groups: &[u8]) -> Result<DataFrame> {
    labelled(buyers.columns(), groups)
}

fn labelled(mut columns: Vec<Column>, codes: &[u8]) -> Result<DataFrame> {
    for name in [names::SEGMENT, names::VALUE, names::MODE, names::ADVICE] {
        columns.push(label(name, codes)?);
    }
    Ok(DataFrame::new_infer_height(columns)?)
}

/// The named column for groups given by number. Advice is the segment's key, for which writers look up the sentence.
fn label(name: &str, codes: &[u8]) -> Result<Column> {
    let labels = match name {
        names::VALUE => per_row(|_, value| VALUES[value]),
        names::MODE => per_row(|segment, _| MODES[segment]),
        _ => per_row(|segment, _| SEGMENTS[segment]),
    };
    finish::labels(name, codes, &labels)
}

/// The label of each group, by its number.
fn per_row(label: impl Fn(usize, usize) -> &'static str) -> Vec<&'static str> {
    (0..SEGMENTS.len())
        .flat_map(|segment| (0..VALUES.len()).map(move |value| (segment, value)))
        .map(|(s, v)| label(s, v))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_segment_has_its_mode() {
        let modes: Vec<(&str, &str)> = SEGMENTS.into_iter().zip(MODES).collect();
        assert_eq!(
            modes,
            [
                ("just_bought", "care"),
                ("active_new", "care"),
                ("active_loyal", "care"),
                ("lapsing_new", "benefit"),
                ("lapsing_loyal", "benefit"),
                ("lost", "stimulate"),
            ]
        );
    }

    use crate::metrics::customer_facts::customer_facts;
    use crate::metrics::testing::{orders, rows};

    /// Ann also bought in January; the window holds one order each of Ann and Bob. Cat's order before the window was
    /// not paid.
    #[test]
    fn an_old_customer_is_loyal_whatever_the_window_holds() {
        let read = orders(
            "order_id,customer_id,status,order_date,amount;1,ann,paid,2026-01-10,100;2,ann,paid,2026-06-10,30;
             3,bob,paid,2026-06-10,20;4,cat,pending,2026-01-10,9;5,cat,paid,2026-06-10,10;6,dan,paid,2026-01-10,70",
        );
        let segmented = |scope| {
            let facts = customer_facts(&read.ingested.orders, &scope, read.ingested.accounting.clone())
                .expect("facts");
            let facts = facts.listed(&read.ingested.orders.customers).expect("a list");
            let segments = segment(&facts, &SegmentParams::default()).expect("segments");
            (segments.customers(&facts).expect("a list"), segments.summary(&facts).expect("a summary"))
        };
        let (list, summary) = segmented(read.window(30, "2026-06-30"));
        let columns = ["customer_id", "order_count", "net_amount", "segment", "value"];
        // The mean net amount in the window is 20.
        assert_eq!(
            rows(&list, &columns),
            ["ann,1,30.00,active_loyal,high", "bob,1,20.00,active_new,high", "cat,1,10.00,active_new,low",]
        );
        let summed: Vec<String> =
            rows(&summary, &["segment", "value", "customer_count", "order_count", "net_amount"])
                .into_iter()
                .filter(|row| !row.contains(",0,0,"))
                .collect();
        assert_eq!(
            summed,
            ["active_new,high,1,1,20.00", "active_new,low,1,1,10.00", "active_loyal,high,1,1,30.00"]
        );
        // Without a window all orders count.
        assert_eq!(
            rows(&segmented(read.up_to("2026-06-30")).0, &columns)[0],
            "ann,2,130.00,active_loyal,high"
        );
        // Leaving out occasional purchases does not change who is loyal.
        let window = super::super::Scope { excludes_occasional: true, ..read.window(30, "2026-06-30") };
        assert_eq!(
            rows(&segmented(window).0, &["customer_id", "segment"]),
            ["ann,active_loyal", "bob,active_new", "cat,active_new"]
        );
    }

    /// The mean of 10, 20 and 31 is 20.33. An amount equal to the mean is high.
    #[test]
    fn high_value_is_at_or_above_the_mean() {
        let of = |amounts: [&str; 3], params: SegmentParams| {
            let [a, b, c] = amounts;
            let read = orders(&format!(
                "order_id,customer_id,order_date,amount;1,a,2026-06-10,{a};2,b,2026-06-10,{b};3,c,2026-06-10,{c}"
            ));
            let scope = read.up_to("2026-06-30");
            let facts = customer_facts(&read.ingested.orders, &scope, read.ingested.accounting.clone())
                .expect("facts");
            let facts = facts.listed(&read.ingested.orders.customers).expect("a list");
            rows(
                &segment(&facts, &params).expect("segments").customers(&facts).expect("a list"),
                &["customer_id", "value"],
            )
        };
        let mean = SegmentParams::default();
        assert_eq!(of(["10", "20", "31"], mean), ["c,high", "b,low", "a,low"]);
        assert_eq!(of(["10", "20", "30"], mean), ["c,high", "b,high", "a,low"]);
        let given = SegmentParams { high_value: Some(Micros::units(10)), ..mean };
        assert_eq!(of(["10", "20", "9.99"], given), ["b,high", "a,high", "c,low"]);
    }
}
