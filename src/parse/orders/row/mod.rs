//! Reads one record of an order export into typed values, or refuses it with a reason.
//!
//! Most records of most exports are plain and take the fast lane ([`plain`]); all others are read cell by cell
//! ([`cells`]). For a record that both can read, the values are the same.

mod cells;
mod columns;
mod extra;
mod further;
mod item;
mod place;
mod plain;
mod time;
mod words;

use std::borrow::Cow;
use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_64;

use crate::parse::cell_notes::CellNotes;
use crate::parse::currencies::CurrencyReader;
use crate::parse::date_order::Evidence;
use crate::parse::layout::Layout;
use crate::parse::preset::{AfterSale, OrderIdDate, RowKind, StatusWord};
use crate::parse::records::Record;
use crate::parse::sections::Header;
pub use crate::parse::shape::{Customer, Refusal};
use crate::parse::shape::{Shape, customer_columns};
use crate::parse::value::currency::Mark;
use crate::parse::value::date::DateReader;
use crate::parse::value::money::Numbers;
use crate::parse::{IdKind, ReadOptions};
use crate::rows::partition::Own;
use crate::schema::money::{MISSING, Micros};
use crate::schema::reject::Reason;
use crate::schema::{Field, Key, Status, day, squash};
use crate::text;

pub(super) use columns::status_columns;
use columns::{amount_columns, other_order_ids};
pub use extra::ExtraReader;
pub use further::{FurtherColumn, FurtherReader, has_further, is_further_column};
pub use item::{CellReader, ItemReader, product_of};
pub use place::{PlaceReader, Places};
pub use plain::{Beside, Lane};
pub use time::TimeReader;
use words::RawWords;
pub use words::{StatusWords, UnknownWord, words_of};

/// Reads the records of one file: the layout, resolved to column numbers and encoded words.
#[derive(Debug)]
pub struct RowReader {
    shape: Shape,
    order_id: Option<usize>,
    /// Columns with another order number, for platforms that leave the usual one blank on some rows.
    other_order_ids: Vec<usize>,
    /// Whether orders may be numbered from 0.
    is_zero_an_order: bool,
    /// The column of the platform's own order id, beside the order number.
    platform_id: Option<usize>,
    shop: Option<usize>,
    /// The column that names the order of a refund.
    parent: Option<usize>,
    line_id: Option<usize>,
    /// Columns that identify a row's item and never change.
    item: Vec<usize>,
    customer: Vec<(usize, IdKind)>,
    created: Option<(usize, DateReader)>,
    paid: Option<(usize, DateReader)>,
    cancelled: Option<usize>,
    status: Option<usize>,
    /// Additional status columns, which say whether the order was paid.
    payment_status: Vec<usize>,
    /// Whether the status column is empty in the head of the file: its blank cells then mean nothing.
    is_status_blank_so_far: bool,
    /// Columns that look like statuses, are not read, and are empty in the head.
    blank_so_far: Vec<usize>,
    after_sale: Option<usize>,
    row_kind: Option<usize>,
    amount: AmountColumns,
    adjusted: Option<usize>,
    refund: Option<usize>,
    currency: CurrencyReader,
    numbers: Numbers,
    paid_is_net_of_refund: bool,
    has_continuation_rows: bool,
    unpaid_has_no_date: bool,
    is_part: bool,
    /// Whether no column has amounts: another file may have them.
    lacks_amounts: bool,
    order_id_date: Option<OrderIdDate>,
    raw_words: RawWords,
    has_fast_lane: bool,
    words: StatusWords,
    after_sale_words: HashMap<String, AfterSale>,
    row_kinds: HashMap<String, RowKind>,
}

#[derive(Debug, Clone)]
enum AmountColumns {
    /// The column of the order's amount, repeated on each of its rows.
    Order(usize),
    /// The column of the row's own amount.
    Row(usize),
    /// The columns of quantity (1 if there is no column) and unit price.
    Product(Option<usize>, usize),
    /// Columns to add and columns to take off.
    Sum {
        plus: Vec<usize>,
        minus: Vec<usize>,
        /// Whether the sum is the order's amount instead of the row's.
        is_of_order: bool,
    },
}

impl AmountColumns {
    /// The first of the columns.
    fn column(&self) -> Option<usize> {
        match self {
            Self::Order(column) | Self::Row(column) | Self::Product(_, column) => Some(*column),
            Self::Sum { plus, .. } => plus.first().copied(),
        }
    }
}

/// The values of a record. Missing days are [`day::MISSING`], missing amounts [`MISSING`].
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// The order's id.
    pub order: Option<Cow<'a, [u8]>>,
    /// The row's own id, if the file has row ids.
    pub line: Option<Cow<'a, [u8]>>,
    /// The buyer.
    pub customer: Customer<'a>,
    /// Day of creation.
    pub created_on: i32,
    /// Day of payment.
    pub paid_on: i32,
    /// The amount paid, before refunds.
    pub amount: Micros,
    /// The amount refunded.
    pub refund: Micros,
    /// The order's status; `None` if the row does not say.
    pub status: Option<Status>,
    /// The platform's own id of the order or its shop, which tells orders with equal numbers apart.
    pub own: Own,
    /// Whether the day of creation was taken from the order number because the row has no date.
    pub is_day_inferred: bool,
    /// What the dates of creation and payment show about the order of day and month.
    pub evidence: [Evidence; 2],
}

/// The fields that identify an item.
const ITEM: [Field; 7] = [
    Field::LineId,
    Field::ProductId,
    Field::Title,
    Field::Variant,
    Field::Quantity,
    Field::UnitPrice,
    Field::Amount,
];

impl Row<'_> {
    /// The key that tells the row from all others: its own id combined with the order's, since many exports number the
    /// rows of each order from 1.
    pub fn line_key(&self) -> Key {
        match (&self.order, &self.line) {
            (Some(order), Some(line)) => Key::of(&[order.as_ref(), b"\0", line.as_ref()].concat()),
            _ => Key::NONE,
        }
    }
}

impl RowReader {
    /// Resolves a layout. `options` may add status words and ask for one currency.
    pub fn new(layout: &Layout, options: &ReadOptions) -> Self {
        let column = |field| layout.column(field);
        let date = |field| column(field).zip(layout.dates.get(&field).copied());
        let words = words_of(layout, options);
        let statuses = status_columns(layout);
        let amount = amount_columns(layout);
        let currency = CurrencyReader::new(layout, amount.column(), options);
        Self {
            shape: Shape::new(layout),
            order_id: column(Field::OrderId),
            other_order_ids: other_order_ids(layout),
            is_zero_an_order: !layout.found.zero_is_shared,
            platform_id: column(Field::PlatformId).filter(|_| column(Field::OrderId).is_some()),
            shop: column(Field::Shop).filter(|_| column(Field::OrderId).is_some()),
            parent: column(Field::ParentId),
            item: ITEM.iter().filter_map(|field| column(*field)).collect(),
            line_id: column(Field::LineId).filter(|_| column(Field::OrderId).is_some()),
            customer: customer_columns(layout, options.customer_key),
            created: date(Field::CreatedAt),
            paid: date(Field::PaidAt),
            cancelled: column(Field::CancelledAt),
            status: statuses.first().copied(),
            payment_status: statuses.get(1..).unwrap_or_default().to_vec(),
            is_status_blank_so_far: layout.statuses.is_blank_so_far,
            blank_so_far: layout.statuses.unread_and_blank_so_far.clone(),
            after_sale: column(Field::AfterSale),
            row_kind: column(Field::RowKind),
            amount,
            adjusted: column(Field::AdjustedAmount),
            refund: column(Field::RefundAmount),
            numbers: layout.numbers.clone(),
            paid_is_net_of_refund: layout.preset.paid_is_net_of_refund,
            has_continuation_rows: layout.preset.has_continuation_rows,
            unpaid_has_no_date: layout.preset.unpaid_has_no_date,
            is_part: layout.preset.is_part,
            lacks_amounts: !layout.says_amounts(),
            order_id_date: layout.preset.order_id_date,
            raw_words: RawWords::new(
                words.iter().filter_map(|(w, m)| Some((layout.encoding.encode(w)?, *m))),
            ),
            has_fast_lane: !layout.numbers.has_comma()
                && options.currency.is_none()
                && column(Field::CancelledAt).is_none()
                && column(Field::PlatformId).is_none()
                && (column(Field::Shop).is_none() || layout.encoding.is_utf8())
                && statuses.len() < 2
                && column(Field::AfterSale).is_none()
                && column(Field::RowKind).is_none()
                && !layout.preset.unpaid_has_no_date
                && !layout.preset.is_part
                && layout.says_amounts()
                && column(Field::AdjustedAmount).is_none()
                && column(Field::LineId).is_none()
                && column(Field::Currency).is_none()
                && !currency.is_in_header(),
            currency,
            words: StatusWords::new(&words),
            after_sale_words: after_sale_words(layout, options),
            row_kinds: layout.preset.row_kind_words().map(|(word, kind)| (squash(word), kind)).collect(),
        }
    }

    /// A record as it stands in the file, for display.
    pub fn raw(&self, record: &Record<'_>) -> String {
        self.shape.raw(record)
    }

    /// Whether the status column is empty in the head of the file.
    pub fn is_status_blank_so_far(&self) -> bool {
        self.is_status_blank_so_far
    }

    /// Whether a record has a status word, known or unknown.
    pub fn has_status_word(&self, record: &Record<'_>) -> bool {
        let columns = self.status.iter().chain(&self.payment_status);
        columns.map(|column| self.cell(record, *column)).any(|cell| !text::is_null(text::trim(&cell)))
    }

    /// Columns that look like statuses, are not read and are empty in the head.
    pub fn blank_so_far(&self) -> &[usize] {
        &self.blank_so_far
    }

    /// A cell as UTF-8; empty if it cannot be decoded.
    pub fn cell<'a>(&self, record: &Record<'a>, column: usize) -> Cow<'a, [u8]> {
        self.shape.text(record, column).unwrap_or_default()
    }

    /// A header found among the rows.
    pub fn header(&self, record: &Record<'_>, index: u64) -> Header {
        self.shape.header(record, index)
    }

    /// How a record below a header with other columns is refused.
    pub fn foreign<'a>(&self, record: &Record<'a>) -> Refusal<'a> {
        self.shape.foreign(record)
    }

    /// The usual number of cells of a record.
    pub fn width(&self) -> usize {
        self.shape.width
    }

    /// Whether rows repeat the order's amount, so that it is counted once per order.
    pub fn has_order_amount(&self) -> bool {
        matches!(self.amount, AmountColumns::Order(_) | AmountColumns::Sum { is_of_order: true, .. })
    }

    /// Whether no column has amounts.
    pub fn lacks_amounts(&self) -> bool {
        self.lacks_amounts
    }

    /// Whether orders have ids.
    pub fn has_order_id(&self) -> bool {
        self.order_id.is_some()
    }

    /// Whether a column tells orders of different shops with equal numbers apart.
    pub fn says_own(&self) -> bool {
        self.platform_id.is_some() || self.shop.is_some()
    }

    /// The text of a record's order id; empty if there is none.
    pub fn order_text<'a>(&self, record: &Record<'a>) -> Cow<'a, [u8]> {
        self.order(record).ok().flatten().unwrap_or_default()
    }

    /// The order id that a refund record names.
    pub fn parent<'a>(&self, record: &Record<'a>) -> Option<Cow<'a, [u8]>> {
        self.shape.text(record, self.parent?).ok()
    }

    /// Whether consecutive rows of one order can be joined: they are parts of orders that the file itself lists, and
    /// have no ids of their own.
    pub fn can_be_joined(&self) -> bool {
        !self.is_part && !self.has_line_id()
    }

    /// Whether rows have ids of their own.
    pub fn has_line_id(&self) -> bool {
        self.line_id.is_some()
    }

    /// A hash of the fields that identify a record's item. It stays the same in later exports, in which status and
    /// times may differ.
    pub fn item_hash(&self, record: &Record<'_>) -> u64 {
        if self.item.is_empty() {
            return xxh3_64(record.raw());
        }
        let mut text = Vec::with_capacity(64);
        for &column in &self.item {
            text.extend_from_slice(&record.cell(column));
            text.push(0);
        }
        xxh3_64(&text)
    }

    /// The columns that should name the buyer but hold a guest's placeholder or an error, with their cells.
    pub fn stand_ins<'a>(&self, record: &Record<'a>) -> impl Iterator<Item = (usize, Cow<'a, [u8]>)> {
        self.shape.stand_ins(record, &self.customer)
    }

    /// Whether the buyer was taken from another column than the first that could name one, or is unknown.
    pub fn lacks_first_id(&self, customer: &Customer<'_>) -> bool {
        match customer {
            Customer::Unknown => true,
            Customer::Masked => false,
            Customer::Known(_, kind) => self.customer.first().is_some_and(|(_, first)| first != kind),
        }
    }

    /// Whether any column names buyers.
    pub fn has_customer(&self) -> bool {
        !self.customer.is_empty()
    }

    /// Whether there is a column for the day of creation.
    pub fn has_created(&self) -> bool {
        self.created.is_some()
    }

    /// Whether there is a column for the day of payment.
    pub fn has_paid(&self) -> bool {
        self.paid.is_some()
    }

    /// Whether there is a column for refunds.
    pub fn has_refund(&self) -> bool {
        self.refund.is_some() || self.adjusted.is_some()
    }

    /// The cell of the currency column, if there is one and no currency was asked for.
    pub fn currency<'a>(&self, record: &Record<'a>) -> Option<Cow<'a, [u8]>> {
        self.currency.in_column(record, &self.shape)
    }

    /// Whether the user asked for the amounts of one currency.
    pub fn has_wanted_currency(&self) -> bool {
        self.currency.has_wanted()
    }

    /// The currencies written beside the record's amount, if no column says the currency.
    pub fn written_currencies(&self, record: &Record<'_>) -> [Option<Mark>; 3] {
        self.currency.written(record, &self.shape)
    }

    /// The currencies named in a record's currency column or beside its amount.
    pub fn named_currencies(&self, record: &Record<'_>) -> Vec<String> {
        self.currency.named(record, &self.shape)
    }

    /// Reads a record, or says why it is refused.
    pub fn read<'a>(&self, record: &Record<'a>, notes: &mut CellNotes) -> Result<Row<'a>, Refusal<'a>> {
        let checked = self.shape.check(record);
        checked
            .and_then(|()| self.values(record, notes))
            .map_err(|refusal| self.shape.settled(record, refusal))
    }

    fn values<'a>(&self, record: &Record<'a>, notes: &mut CellNotes) -> Result<Row<'a>, Refusal<'a>> {
        let kind = self.row_kind(record)?;
        if kind == RowKind::Other {
            return Err(Refusal::NoSale);
        }
        if self.currency.is_other(record, &self.shape)? {
            return Err(Refusal::OtherCurrency);
        }
        let order = self.order(record)?;
        let mut evidence = [Evidence::None; 2];
        let mut created_on = self.day(record, self.created, &mut evidence[0], notes)?;
        let paid_on = self.day(record, self.paid, &mut evidence[1], notes)?;
        let mut is_day_inferred = false;
        if created_on == day::MISSING && paid_on == day::MISSING {
            let day =
                self.order_id_date.zip(order.as_deref()).and_then(|(form, id)| day_of_order_id(form, id));
            is_day_inferred = day.is_some();
            created_on = day.unwrap_or(day::MISSING);
        }
        let has_no_day = created_on == day::MISSING && paid_on == day::MISSING && !self.is_part;
        // A row that continues an order has no day; the order's first row has it.
        if has_no_day && !(self.has_continuation_rows && self.amount(record, notes)? == MISSING) {
            let column = self.created.or(self.paid).map(|(column, _)| column);
            return Err(match column {
                Some(column) => self.shape.broken(Reason::MissingDate, record, column),
                None => Refusal::Broken(Reason::MissingDate, None, Cow::Borrowed(b"")),
            });
        }
        let amount = match (kind, self.amount(record, notes)?) {
            (_, MISSING) => MISSING,
            (RowKind::Refund, amount) => -amount.abs(),
            (_, amount) if amount.is_negative() && self.row_kind.is_some() => return Err(Refusal::NoSale),
            (_, amount) => amount,
        };
        let refund = match self.refund {
            Some(column) => self.money(record, column, notes)?.unwrap_or_default().abs(),
            None => Micros::ZERO,
        };
        let refund = refund.max(self.taken_back(record, amount, notes)?);
        let status = self.after_sale(record, self.status(record, paid_on, amount)?)?;
        let may_lack_amount = self.has_continuation_rows || self.lacks_amounts;
        if amount == MISSING && !may_lack_amount && status.is_none_or(Status::is_paid) {
            return Err(Refusal::Broken(Reason::MissingAmount, self.amount_column(), Cow::Borrowed(b"")));
        }
        let amount = match amount {
            MISSING => MISSING,
            net if self.paid_is_net_of_refund => net + refund,
            paid => paid,
        };
        Ok(Row {
            order,
            line: self.line(record)?,
            customer: self.shape.customer(record, &self.customer)?,
            created_on,
            paid_on,
            amount,
            refund,
            status,
            own: self.own(record)?,
            is_day_inferred,
            evidence,
        })
    }
}

/// The platform's words for what happened after the sale, overridden by the user's own status words.
fn after_sale_words(layout: &Layout, options: &ReadOptions) -> HashMap<String, AfterSale> {
    let meaning = |word: StatusWord| match word {
        StatusWord::Plain(Status::Refunded) => AfterSale::Refunded,
        _ => AfterSale::Kept,
    };
    let platform = layout.preset.after_sale_words().map(|(word, meaning)| (squash(word), meaning));
    let own = options.status_words.iter();
    let own = own.filter_map(|(word, name)| Some((squash(word), meaning(StatusWord::named(name)?))));
    platform.chain(own).collect()
}

/// The day at the start of an order number, if it is a real day.
fn day_of_order_id(form: OrderIdDate, id: &[u8]) -> Option<i32> {
    let OrderIdDate::Yymmdd = form;
    let digits = id.first_chunk::<6>().filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
    let two = |i: usize| u32::from(digits[i] - b'0') * 10 + u32::from(digits[i + 1] - b'0');
    chrono::NaiveDate::from_ymd_opt(2000 + two(0) as i32, two(2), two(4)).map(day::days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_numbers_say_their_day_only_where_it_is_one() {
        let day = |id: &str| day_of_order_id(OrderIdDate::Yymmdd, id.as_bytes());
        // 2026-05-23 is day 20596.
        assert_eq!(day("260523-123456789012345"), Some(20_596));
        assert_eq!(day("269923-1"), None);
        assert_eq!(day("2605"), None);
    }
}
