//! Helpers for the finish stages: columns, and tables of groups of customers.

use polars::prelude::*;
use polars_arrow::array::{Utf8ViewArray, View};
use rayon::prelude::*;

use super::group_days::GroupDay;
use crate::error::{Error, Result};
use crate::schema::{CustomerCode, CustomerIds, Day, Key, Range, money, names};
use crate::stats::proportion::Proportion;
use crate::stats::quantile::median_doubled;

/// Rows of a list that one core processes at a time.
const AT_ONCE: usize = 1 << 16;

/// The sums of one group of customers.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct GroupTotals {
    pub customers: u64,
    pub orders: u64,
    pub net: i128,
    /// Histogram of recency: days and customers, ascending.
    pub recency: Vec<(i32, u64)>,
}

/// Totals per group (`0..count`); the days may come in any order.
pub(super) fn totals(days: &[GroupDay], count: usize) -> Vec<GroupTotals> {
    let mut totals = vec![GroupTotals::default(); count];
    for day in days {
        let Some(total) = totals.get_mut(usize::from(day.group)) else { continue };
        total.customers += day.customers;
        total.orders += day.orders;
        total.net += day.net;
        total.recency.push((day.recency_days, day.customers));
    }
    totals.iter_mut().for_each(|total| total.recency.sort_unstable());
    totals
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

/// A frame of columns of equal length.
pub(crate) fn frame(columns: Vec<Column>) -> Result<DataFrame> {
    Ok(DataFrame::new_infer_height(columns)?)
}

/// A column of texts.
pub(crate) fn texts(name: &str, values: impl Iterator<Item = Option<String>>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

/// A column of whole numbers.
pub(crate) fn counts(name: &str, values: impl Iterator<Item = Option<u64>>) -> Column {
    Column::new(name.into(), values.map(|count| count.map(|count| count as i64)).collect::<Vec<_>>())
}

/// A column of whole numbers that may be negative.
pub(crate) fn integers(name: &str, values: impl Iterator<Item = Option<i64>>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

/// A column of floating-point numbers, such as shares and rates.
pub(crate) fn ratios(name: &str, values: impl Iterator<Item = Option<f64>>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

/// A column of days, as dates.
pub(crate) fn dates(name: &str, values: impl Iterator<Item = Option<Day>>) -> Column {
    let numbers = values.map(|day| day.map(Day::number));
    Int32Chunked::from_iter_options(name.into(), numbers).into_date().into_column()
}

/// A column of yes and no.
pub(crate) fn flags(name: &str, values: impl Iterator<Item = Option<bool>>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

/// An estimate with the ends of its 95 % interval.
pub(crate) type Estimate = (Option<f64>, Option<(f64, f64)>);

/// A rate with its Wilson interval; empty if the denominator is 0.
pub(crate) fn rate(counts: Proportion) -> Estimate {
    (counts.rate(), counts.interval())
}

/// The columns of an estimated figure and of both ends of its interval.
pub(crate) fn ranged(of: Range, values: impl Iterator<Item = Estimate>) -> [Column; 3] {
    let values: Vec<Estimate> = values.collect();
    [
        ratios(of.value, values.iter().map(|(value, _)| *value)),
        ratios(of.low, values.iter().map(|(_, ends)| ends.map(|(low, _)| low))),
        ratios(of.high, values.iter().map(|(_, ends)| ends.map(|(_, high)| high))),
    ]
}

/// The columns of a rate of counts ([`rate`]).
pub(crate) fn rates(of: Range, values: impl Iterator<Item = Option<Proportion>>) -> [Column; 3] {
    ranged(of, values.map(|counts| counts.map_or((None, None), rate)))
}

/// `part / whole`; `None` if `whole` is 0 or negative.
pub(crate) fn share(part: i128, whole: i128) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The columns of a customer list (id, last day, recency, orders, net amount), for facts that are
/// [`super::CustomerFacts::listed`].
pub(super) fn listing(facts: &super::CustomerFacts) -> Result<Vec<Column>> {
    let frame = facts.frame()?;
    let column = |name: &str| frame.column(name).cloned();
    Ok(vec![
        column(names::CUSTOMER_ID)?,
        column(names::LAST_ORDERED_ON)?,
        column(names::RECENCY_DAYS)?,
        column(names::ORDER_COUNT)?,
        net_amounts(&frame)?,
    ])
}

/// The exact net amounts in a frame of facts.
pub(crate) fn net_amounts(facts: &DataFrame) -> Result<Column> {
    let net = facts.column(names::NET_AMOUNT)?.i64()?.rechunk();
    let net = net.cont_slice()?.par_iter().with_min_len(AT_ONCE).copied().map(i128::from).collect();
    Ok(decimal(Int128Chunked::from_vec(names::NET_AMOUNT.into(), net)))
}

/// The ids of customer codes as texts, built in parallel.
pub(crate) fn ids(customers: &CustomerIds, codes: &[CustomerCode]) -> Result<StringChunked> {
    // The keys are looked up first: codes come in any order, and a loop that does nothing but read keeps many memory
    // accesses in flight.
    let keys = |codes: &[CustomerCode]| codes.iter().map(|code| customers.key(*code)).collect::<Vec<Key>>();
    in_pieces(names::CUSTOMER_ID, codes, |codes| texts_of(customers, &keys(codes)))
}

/// The ids of customer keys as texts, built in parallel.
pub(super) fn ids_of(customers: &CustomerIds, keys: &[Key]) -> Result<StringChunked> {
    in_pieces(names::CUSTOMER_ID, keys, |keys| texts_of(customers, keys))
}

/// Makes the column of ids from their keys. The key of a short id holds the text in the layout of an Arrow view
/// already; the texts of all other ids are put into one buffer.
fn texts_of(customers: &CustomerIds, keys: &[Key]) -> Result<StringChunked> {
    let mut longer = Vec::new();
    let mut look_up = |key: Key| {
        let mut view = View::default();
        customers.with_text(key, |text| {
            view = View::new_from_bytes(text.as_bytes(), 0, longer.len() as u32);
            if !view.is_inline() {
                longer.extend_from_slice(text.as_bytes());
            }
        });
        view
    };
    let whole = |view: u128| View {
        length: view as u32,
        prefix: (view >> 32) as u32,
        buffer_idx: (view >> 64) as u32,
        offset: (view >> 96) as u32,
    };
    let views: Vec<View> = keys.iter().map(|key| key.view().map_or_else(|| look_up(*key), whole)).collect();
    if u32::try_from(longer.len()).is_err() {
        return Err(Error::Internal("customer ids of more than 4 GB together".into()));
    }
    let buffers = vec![longer.into()].into();
    let array = Utf8ViewArray::try_new(ArrowDataType::Utf8View, views.into(), buffers, None)?;
    Ok(StringChunked::with_chunk(names::CUSTOMER_ID.into(), array))
}

/// Builds texts for slices of the values in parallel.
fn in_pieces<T: Sync>(
    name: &str,
    values: &[T],
    piece: impl Fn(&[T]) -> Result<StringChunked> + Sync,
) -> Result<StringChunked> {
    let pieces: Vec<StringChunked> = values.par_chunks(AT_ONCE).map(&piece).collect::<Result<_>>()?;
    let mut all = StringChunkedBuilder::new(name.into(), 0).finish();
    for piece in &pieces {
        all.append(piece)?;
    }
    Ok(all)
}

/// Amounts in micro-units, or sums of them, as an exact decimal column.
pub(crate) fn amounts<T: Into<i128>>(name: &str, micros: impl Iterator<Item = Option<T>>) -> Column {
    decimal(Int128Chunked::from_iter_options(name.into(), micros.map(|micros| micros.map(Into::into))))
}

fn decimal(micros: Int128Chunked) -> Column {
    const DIGITS: usize = 38;
    micros.into_decimal_unchecked(DIGITS, money::SCALE as usize).into_column()
}

/// The label of each code.
pub(crate) fn labels(name: &str, codes: &[u8], labels: &[impl AsRef<str>]) -> Result<Column> {
    labels_of(name, codes, |code| *code, labels)
}

/// The label of each row's code.
pub(crate) fn labels_of<T: Sync>(
    name: &str,
    rows: &[T],
    code: impl Fn(&T) -> u8 + Sync,
    labels: &[impl AsRef<str>],
) -> Result<Column> {
    let labels: Vec<&str> = labels.iter().map(AsRef::as_ref).collect();
    let labels = Column::new(name.into(), labels);
    let piece = |rows: &[T]| {
        let codes = IdxCa::from_vec("code".into(), rows.iter().map(|row| u32::from(code(row))).collect());
        Ok(labels.take(&codes)?.str()?.clone())
    };
    Ok(in_pieces(name, rows, piece)?.into_column())
}

/// The word of each row's number; null for numbers without a word.
pub(crate) fn words<T: Sync>(
    name: &str,
    words: impl IntoIterator<Item = Option<String>>,
    rows: &[T],
    number: impl Fn(&T) -> u32 + Sync,
) -> Result<Column> {
    // The last word is missing, and stands for all numbers beyond.
    let words = texts(name, words.into_iter().chain([None]));
    let missing = words.len() as u32 - 1;
    let piece = |rows: &[T]| {
        let numbers = rows.iter().map(|row| number(row).min(missing)).collect();
        Ok(words.take(&IdxCa::from_vec("number".into(), numbers))?.str()?.clone())
    };
    Ok(in_pieces(name, rows, piece)?.into_column())
}

/// Checks that the sums over groups equal the sums over customers, as each customer is in one group.
pub(super) fn debug_check_partition(totals: &[GroupTotals], facts: &super::CustomerFacts) {
    debug_assert_eq!(totals.iter().map(|total| total.customers).sum::<u64>(), facts.customer_count);
    debug_assert_eq!(totals.iter().map(|total| total.net).sum::<i128>(), facts.net_total);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_no_parts_of_nothing_or_of_less() {
        assert_eq!([0, 1, -1].map(|whole| share(1, whole)), [None, Some(1.0), None]);
        assert_eq!((share(0, 4), share(-1, 4), share(1, 4)), (Some(0.0), Some(-0.25), Some(0.25)));
    }
}
