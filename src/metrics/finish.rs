//! What the finish stages share: tables of groups of customers.

use polars::prelude::*;

use super::customer_facts::sum;
use crate::error::Result;
use crate::schema::{money, names};
use crate::stats::quantile::median_doubled;

/// The sums of one group of customers.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct GroupTotals {
    pub customers: u64,
    pub orders: u64,
    pub net: i128,
    /// Histogram of recency: days and customers, ascending.
    pub recency: Vec<(i32, u64)>,
}

/// Totals per value of the u8 column `group` (`0..count`), from the columns of customer facts.
pub(super) fn totals(customers: LazyFrame, group: &str, count: usize) -> Result<Vec<GroupTotals>> {
    // Per group and day of recency is as small as the calendar and carries the medians too.
    let cells = customers
        .group_by([col(group), col(names::RECENCY_DAYS)])
        .agg([
            len().cast(DataType::Int64).alias(names::CUSTOMER_COUNT),
            col(names::ORDER_COUNT).cast(DataType::Int64).sum(),
            col(names::NET_AMOUNT).cast(DataType::Int128).sum(),
        ])
        .sort([group, names::RECENCY_DAYS], SortMultipleOptions::default())
        .collect()?;
    let mut totals = vec![GroupTotals::default(); count];
    let groups = cells.column(group)?.u8()?;
    let recency = cells.column(names::RECENCY_DAYS)?.i32()?;
    let customers = cells.column(names::CUSTOMER_COUNT)?.i64()?;
    let orders = cells.column(names::ORDER_COUNT)?.i64()?;
    let net = cells.column(names::NET_AMOUNT)?.i128()?;
    for row in 0..cells.height() {
        let Some(total) = groups.get(row).and_then(|group| totals.get_mut(group as usize)) else { continue };
        let customers = customers.get(row).unwrap_or(0) as u64;
        total.customers += customers;
        total.orders += orders.get(row).unwrap_or(0) as u64;
        total.net += net.get(row).unwrap_or(0);
        total.recency.push((recency.get(row).unwrap_or(0), customers));
    }
    Ok(totals)
}

/// The columns that every table of groups has, one row per group in the order given.
pub(super) fn columns(totals: &[GroupTotals]) -> Vec<Column> {
    let all_customers: u64 = totals.iter().map(|total| total.customers).sum();
    let all_net: i128 = totals.iter().map(|total| total.net).sum();
    let collect = |value: &dyn Fn(&GroupTotals) -> Option<i64>| totals.iter().map(value).collect::<Vec<_>>();
    let ratio = |value: &dyn Fn(&GroupTotals) -> Option<f64>| totals.iter().map(value).collect::<Vec<_>>();
    vec![
        Column::new(names::CUSTOMER_COUNT.into(), collect(&|total| Some(total.customers as i64))),
        Column::new(
            names::CUSTOMER_SHARE.into(),
            ratio(&|total| share(total.customers as i128, all_customers as i128)),
        ),
        Column::new(names::ORDER_COUNT.into(), collect(&|total| Some(total.orders as i64))),
        amounts(names::NET_AMOUNT, totals.iter().map(|total| Some(total.net))),
        Column::new(names::NET_SHARE.into(), ratio(&|total| share(total.net, all_net))),
        amounts(names::AOV, totals.iter().map(|total| money::mean(total.net, total.orders))),
        amounts(
            names::SPEND_PER_CUSTOMER,
            totals.iter().map(|total| money::mean(total.net, total.customers)),
        ),
        Column::new(
            names::MEDIAN_RECENCY_DAYS.into(),
            ratio(&|total| median_doubled(&total.recency).map(|doubled| doubled as f64 / 2.0)),
        ),
    ]
}

/// A frame of columns of one length.
pub(super) fn frame(columns: Vec<Column>) -> Result<DataFrame> {
    Ok(DataFrame::new_infer_height(columns)?)
}

/// A column of texts.
pub(super) fn texts(name: &str, values: impl Iterator<Item = Option<String>>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

/// A column of whole numbers.
pub(super) fn counts(name: &str, values: impl Iterator<Item = Option<u64>>) -> Column {
    Column::new(name.into(), values.map(|count| count.map(|count| count as i64)).collect::<Vec<_>>())
}

/// A column of whole numbers that may be negative.
pub(super) fn integers(name: &str, values: impl Iterator<Item = Option<i64>>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

/// A column of shares, rates and other numbers that are no whole ones.
pub(super) fn ratios(name: &str, values: impl Iterator<Item = Option<f64>>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

/// A column of days since 1970-01-01, as dates.
pub(super) fn dates(name: &str, values: impl Iterator<Item = Option<i32>>) -> Column {
    Int32Chunked::from_iter_options(name.into(), values).into_date().into_column()
}

/// A column of yes and no.
pub(super) fn flags(name: &str, values: impl Iterator<Item = Option<bool>>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

/// A part of a whole; none of nothing, or of less.
pub(super) fn share(part: i128, whole: i128) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The columns of a customer list, its rows in `order`: id, last day, recency, orders, net amount.
pub(super) fn listing(
    facts: &super::CustomerFacts,
    customers: &crate::schema::CustomerIds,
    order: &[u32],
) -> Result<Vec<Column>> {
    let rows = IdxCa::from_slice("row".into(), order);
    let frame = facts.frame.take(&rows)?;
    let codes = frame.column(crate::schema::orders::CUSTOMER)?.u32()?.rechunk();
    let mut columns = vec![ids(customers, codes.cont_slice()?)?.into_column()];
    for name in [names::LAST_ORDERED_ON, names::RECENCY_DAYS, names::ORDER_COUNT] {
        columns.push(frame.column(name)?.clone());
    }
    let net = frame.column(names::NET_AMOUNT)?.i64()?.rechunk();
    let net = net.cont_slice()?.iter().map(|net| i128::from(*net)).collect();
    columns.push(decimal(Int128Chunked::from_vec(names::NET_AMOUNT.into(), net)));
    Ok(columns)
}

/// The texts of customers' codes, in pieces made side by side.
pub(super) fn ids(customers: &crate::schema::CustomerIds, codes: &[u32]) -> Result<StringChunked> {
    use rayon::prelude::*;
    const PIECE: usize = 1 << 16;
    let pieces: Vec<StringChunked> = codes
        .par_chunks(PIECE)
        .map(|codes| {
            let mut ids = StringChunkedBuilder::new(names::CUSTOMER_ID.into(), codes.len());
            customers.each_text(codes, |text| ids.append_value(text));
            ids.finish()
        })
        .collect();
    let mut all = StringChunkedBuilder::new(names::CUSTOMER_ID.into(), 0).finish();
    for piece in &pieces {
        all.append(piece)?;
    }
    Ok(all)
}

/// Micro-units as an exact decimal column.
pub(super) fn amounts(name: &str, micros: impl Iterator<Item = Option<i128>>) -> Column {
    decimal(Int128Chunked::from_iter_options(name.into(), micros))
}

fn decimal(micros: Int128Chunked) -> Column {
    const DIGITS: usize = 38;
    micros.into_decimal_unchecked(DIGITS, money::SCALE as usize).into_column()
}

/// A u8 column of codes as the labels they stand for.
pub(super) fn labels(name: &str, codes: &Column, order: &[u32], labels: &[String]) -> Result<Column> {
    let rows = IdxCa::from_slice("row".into(), order);
    let codes = codes.take(&rows)?.cast(&DataType::UInt32)?;
    Ok(Column::new(name.into(), labels).take(codes.u32()?)?)
}

/// Checks the sums of groups against the sums of customers: each customer is in one group.
pub(super) fn debug_check_partition(totals: &[GroupTotals], facts: &super::CustomerFacts) {
    debug_assert_eq!(totals.iter().map(|total| total.customers).sum::<u64>(), facts.customer_count());
    debug_assert_eq!(
        totals.iter().map(|total| total.net).sum::<i128>(),
        facts.frame.column(names::NET_AMOUNT).ok().and_then(|net| sum(net).ok()).unwrap_or_default()
    );
}
