//! One record of an order export, read into typed values or refused with a reason.

use std::borrow::Cow;
use std::collections::HashMap;

use super::encoding::CellEncoding;
use super::layout::Layout;
use super::preset::{ClosedWord, StatusWord, squash, status_word};
use super::records::Record;
use super::reject::Reason;
use super::value::date::{self, DateOrder, DateReader, Day};
use super::value::id::{self, Id};
use super::value::money::{self, Amount};
use super::value::text;
use super::{IdKind, ReadOptions};
use crate::schema::money::{MISSING, UNIT};
use crate::schema::{Field, Key, Status};

/// How the records of one file are read: the layout, resolved to column numbers and encoded words.
#[derive(Debug)]
pub struct RowReader {
    width: usize,
    min_width: usize,
    encoding: CellEncoding,
    order_id: Option<usize>,
    customer: Vec<(usize, IdKind)>,
    created: Option<(usize, DateReader)>,
    paid: Option<(usize, DateReader)>,
    cancelled: Option<usize>,
    status: Option<usize>,
    amount: AmountColumns,
    refund: Option<usize>,
    currency: Option<usize>,
    wanted_currency: Option<String>,
    decimal_comma: bool,
    paid_is_net_of_refund: bool,
    has_continuation_rows: bool,
    raw_words: RawWords,
    has_fast_lane: bool,
    words: HashMap<String, StatusWord>,
}

#[derive(Debug, Clone, Copy)]
enum AmountColumns {
    /// The order's own amount.
    Order(usize),
    /// The row's amount.
    Row(usize),
    /// Quantity (one where there is no column) and unit price.
    Product(Option<usize>, usize),
}

/// A record's values. Days and amounts use their modules' marks for "missing".
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// The order's id.
    pub order: Option<Cow<'a, [u8]>>,
    /// The buyer.
    pub customer: Customer<'a>,
    /// Day of creation.
    pub created_on: i32,
    /// Day of payment.
    pub paid_on: i32,
    /// What was paid before refunds.
    pub amount: i64,
    /// What was given back.
    pub refund: i64,
    /// What became of the order; none where the row does not say.
    pub status: Option<Status>,
    /// What the dates of creation and payment say about the order of day and month in their columns.
    pub evidence: [Evidence; 2],
}

/// A record's values where all its cells are plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlainRow {
    /// The order's id.
    pub order: Key,
    /// The buyer.
    pub customer: Key,
    /// Day of creation.
    pub created_on: i32,
    /// Day of payment.
    pub paid_on: i32,
    /// What was paid before refunds.
    pub amount: i64,
    /// What was given back.
    pub refund: i64,
    /// Code of the status.
    pub status: u8,
}

/// The last date read: rows of an export mostly come by day.
#[derive(Debug, Default)]
pub struct Memo(Option<([u8; 10], i32)>);

impl Memo {
    #[inline]
    fn day(&mut self, cell: &[u8]) -> Option<i32> {
        let (date, clock) = cell.split_first_chunk::<10>()?;
        match self.0 {
            Some((seen, day)) if seen == *date && (clock.is_empty() || date::is_plain_clock(clock)) => {
                Some(day)
            }
            _ => {
                let day = date::plain(cell)?;
                self.0 = Some((*date, day));
                Some(day)
            }
        }
    }
}

/// What one date says about the order of day and month in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Evidence {
    /// There is no date.
    #[default]
    None,
    /// The date begins with its year, or is a number.
    NotNeeded,
    /// It could be read either way.
    Either,
    /// It can only have the day first.
    DayFirst,
    /// It can only have the month first.
    MonthFirst,
}

/// Who bought, as far as the record says.
#[derive(Debug, Clone)]
pub enum Customer<'a> {
    /// The record does not say.
    Unknown,
    /// The platform has masked it.
    Masked,
    /// The id and which column it came from.
    Known(Cow<'a, [u8]>, IdKind),
}

/// Why a record gives no row.
#[derive(Debug)]
pub enum Refusal<'a> {
    /// Broken: reason, column, and what was seen there.
    Broken(Reason, Option<usize>, Cow<'a, [u8]>),
    /// Only empty cells.
    Blank,
    /// The closing total of a report.
    Total,
    /// In another currency than the one asked for.
    OtherCurrency,
}

/// Status words in the file's own bytes, found by length and first byte.
#[derive(Debug)]
struct RawWords {
    words: Vec<(Vec<u8>, StatusWord)>,
    /// The first word of each kind, by [`RawWords::slot`].
    slots: [u8; 256],
}

impl RawWords {
    fn new(words: impl Iterator<Item = (Vec<u8>, StatusWord)>) -> Self {
        let words: Vec<_> = words.take(usize::from(u8::MAX)).collect();
        let mut slots = [u8::MAX; 256];
        for (i, (word, _)) in words.iter().enumerate().rev() {
            slots[Self::slot(word)] = i as u8;
        }
        Self { words, slots }
    }

    #[inline]
    fn slot(word: &[u8]) -> usize {
        let first = word.first().copied().unwrap_or(0);
        usize::from(first.wrapping_mul(31).wrapping_add((word.len() as u8).wrapping_mul(7)))
    }

    #[inline]
    fn get(&self, raw: &[u8]) -> Option<StatusWord> {
        let first = usize::from(self.slots[Self::slot(raw)]);
        self.words.get(first..)?.iter().find(|(word, _)| word == raw).map(|(_, meaning)| *meaning)
    }
}

impl RowReader {
    /// Resolves a layout. `options` may add status words and a wanted currency.
    pub fn new(layout: &Layout, options: &ReadOptions) -> Self {
        let column = |field| layout.column(field);
        let amount = match (column(Field::PaidAmount), column(Field::Amount), column(Field::UnitPrice)) {
            (Some(paid), _, _) => AmountColumns::Order(paid),
            (None, Some(amount), _) => AmountColumns::Row(amount),
            (None, None, Some(price)) => AmountColumns::Product(column(Field::Quantity), price),
            // Every order preset requires one of the three, and so does `--map`.
            (None, None, None) => AmountColumns::Row(usize::MAX),
        };
        let named = [
            (Field::CustomerId, IdKind::Platform),
            (Field::Email, IdKind::Email),
            (Field::Phone, IdKind::Phone),
        ];
        let customer = named.iter().flat_map(|(field, kind)| {
            layout.columns.get(field).into_iter().flatten().map(move |&column| (column, *kind))
        });
        let date = |field| column(field).zip(layout.dates.get(&field).copied());
        let own_words =
            options.status_words.iter().filter_map(|(word, name)| Some((word.as_str(), status_word(name)?)));
        let words: Vec<(&str, StatusWord)> = layout.preset.status_words().chain(own_words).collect();
        let trailing = layout.headers.iter().rev().take_while(|header| header.is_empty()).count();
        Self {
            width: layout.headers.len(),
            min_width: layout.headers.len() - trailing,
            encoding: layout.encoding,
            order_id: column(Field::OrderId),
            customer: customer.collect(),
            created: date(Field::CreatedAt),
            paid: date(Field::PaidAt),
            cancelled: column(Field::CancelledAt),
            status: column(Field::Status),
            amount,
            refund: column(Field::RefundAmount),
            currency: column(Field::Currency),
            wanted_currency: options.currency.clone(),
            decimal_comma: layout.decimal_comma,
            paid_is_net_of_refund: layout.preset.paid_is_net_of_refund,
            has_continuation_rows: layout.preset.has_continuation_rows,
            raw_words: RawWords::new(
                words.iter().filter_map(|(w, m)| Some((layout.encoding.encode(w)?, *m))),
            ),
            has_fast_lane: !layout.decimal_comma
                && options.currency.is_none()
                && column(Field::CancelledAt).is_none()
                && column(Field::Currency).is_none(),
            words: words.iter().map(|(word, meaning)| (squash(word), *meaning)).collect(),
        }
    }

    /// Whether rows carry the whole order's amount, so that several rows of one order count it once.
    pub fn has_order_amount(&self) -> bool {
        matches!(self.amount, AmountColumns::Order(_))
    }

    /// Whether orders have ids.
    pub fn has_order_id(&self) -> bool {
        self.order_id.is_some()
    }

    /// Whether any column could name the buyer.
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
        self.refund.is_some()
    }

    /// The record's currency, where the file has any and none was asked for.
    pub fn currency<'a>(&self, record: &Record<'a>) -> Option<Cow<'a, [u8]>> {
        if self.wanted_currency.is_some() { None } else { self.currency.map(|column| record.cell(column)) }
    }

    /// Reads a record whose cells are all as most exports write them; `None` sends it to [`Self::read`], which
    /// would give the same values.
    #[inline]
    pub fn read_plain(&self, record: &Record<'_>, memo: &mut Memo) -> Option<PlainRow> {
        if !self.has_fast_lane || record.len() != self.width || record.is_unclosed {
            return None;
        }
        let order = match self.order_id {
            Some(column) => Key::of_plain(record.plain(column)?)?,
            None => Key::NONE,
        };
        let customer = match self.customer.first() {
            Some((column, IdKind::Platform)) => Key::of_plain(record.plain(*column)?)?,
            Some(_) => return None,
            None => Key::NONE,
        };
        let mut day = |column: Option<(usize, DateReader)>| match column {
            Some((column, _)) => memo.day(record.plain(column)?),
            None => Some(date::MISSING),
        };
        let (created_on, paid_on) = (day(self.created)?, day(self.paid)?);
        let amount = match self.amount {
            AmountColumns::Order(column) | AmountColumns::Row(column) => money::plain(record.plain(column)?)?,
            AmountColumns::Product(..) => return None,
        };
        let refund = match self.refund {
            Some(column) => money::plain(record.plain(column)?)?.abs(),
            None => 0,
        };
        let status = match self.status {
            Some(column) => match self.raw_words.get(record.plain(column)?)? {
                StatusWord::Plain(status) => status,
                StatusWord::Closed(_) => return None,
            },
            None if amount == 0 => return None,
            None => Status::Paid,
        };
        let amount = if self.paid_is_net_of_refund { amount.saturating_add(refund) } else { amount };
        Some(PlainRow { order, customer, created_on, paid_on, amount, refund, status: status.code() })
    }

    /// Reads a record.
    pub fn read<'a>(&self, record: &Record<'a>) -> Result<Row<'a>, Refusal<'a>> {
        if record.is_unclosed {
            return Err(Refusal::Broken(Reason::UnclosedQuote, None, Cow::Borrowed(b"")));
        }
        self.check_width(record)?;
        self.values(record).map_err(|refusal| match refusal {
            Refusal::Broken(..) if record.is_blank() => Refusal::Blank,
            Refusal::Broken(..) if self.is_total(record) => Refusal::Total,
            refusal => refusal,
        })
    }

    fn check_width<'a>(&self, record: &Record<'a>) -> Result<(), Refusal<'a>> {
        let width = record.len();
        if width < self.min_width {
            if record.is_blank() {
                return Err(Refusal::Blank);
            }
            if self.is_total(record) {
                return Err(Refusal::Total);
            }
            let seen = format!("{width} cells").into_bytes();
            return Err(Refusal::Broken(Reason::TooFewCells, None, Cow::Owned(seen)));
        }
        if width > self.width && (self.width..width).any(|i| !record.cell(i).trim_ascii().is_empty()) {
            let seen = format!("{width} cells").into_bytes();
            return Err(Refusal::Broken(Reason::TooManyCells, None, Cow::Owned(seen)));
        }
        Ok(())
    }

    fn values<'a>(&self, record: &Record<'a>) -> Result<Row<'a>, Refusal<'a>> {
        if let (Some(column), Some(wanted)) = (self.currency, &self.wanted_currency) {
            let currency = self.text(record, column)?;
            let code = text::trim(&currency);
            if !text::is_null(code) && !code.eq_ignore_ascii_case(wanted.as_bytes()) {
                return Err(Refusal::OtherCurrency);
            }
        }
        let order = self.order(record)?;
        let mut evidence = [Evidence::None; 2];
        let created_on = self.day(record, self.created, &mut evidence[0])?;
        let paid_on = self.day(record, self.paid, &mut evidence[1])?;
        if created_on == date::MISSING && paid_on == date::MISSING {
            let column = self.created.or(self.paid).map(|(column, _)| column);
            return Err(Refusal::Broken(Reason::MissingDate, column, Cow::Borrowed(b"")));
        }
        let amount = self.amount(record)?;
        let refund = match self.refund {
            Some(column) => self.money(record, column)?.unwrap_or(0).saturating_abs(),
            None => 0,
        };
        let status = self.status(record, paid_on, amount)?;
        if amount == MISSING && !self.has_continuation_rows && status.is_none_or(Status::is_paid) {
            return Err(Refusal::Broken(Reason::MissingAmount, self.amount_column(), Cow::Borrowed(b"")));
        }
        let amount = match amount {
            MISSING => MISSING,
            net if self.paid_is_net_of_refund => net.saturating_add(refund),
            paid => paid,
        };
        Ok(Row {
            order,
            customer: self.customer(record)?,
            created_on,
            paid_on,
            amount,
            refund,
            status,
            evidence,
        })
    }

    fn order<'a>(&self, record: &Record<'a>) -> Result<Option<Cow<'a, [u8]>>, Refusal<'a>> {
        let Some(column) = self.order_id else { return Ok(None) };
        match id_of(self.text(record, column)?) {
            Ok(CellId::Text(text)) => Ok(Some(text)),
            Ok(CellId::Null | CellId::Masked) => {
                Err(Refusal::Broken(Reason::MissingOrderId, Some(column), record.cell(column)))
            }
            Err(cell) => Err(Refusal::Broken(Reason::RoundedId, Some(column), cell)),
        }
    }

    /// The first column that names the buyer wins; columns come in order of trust.
    fn customer<'a>(&self, record: &Record<'a>) -> Result<Customer<'a>, Refusal<'a>> {
        let mut found = Customer::Unknown;
        for &(column, kind) in &self.customer {
            match id_of(self.text(record, column)?) {
                Ok(CellId::Null) => {}
                Ok(CellId::Masked) => found = Customer::Masked,
                Ok(CellId::Text(text)) => return Ok(Customer::Known(kind.normalised(text), kind)),
                Err(cell) => return Err(Refusal::Broken(Reason::RoundedId, Some(column), cell)),
            }
        }
        Ok(found)
    }

    fn day<'a>(
        &self,
        record: &Record<'a>,
        column: Option<(usize, DateReader)>,
        evidence: &mut Evidence,
    ) -> Result<i32, Refusal<'a>> {
        let Some((column, reader)) = column else { return Ok(date::MISSING) };
        if let Some(day) = record.plain(column).and_then(date::plain) {
            *evidence = Evidence::NotNeeded;
            return Ok(day);
        }
        let cell = self.text(record, column)?;
        match reader.day(&cell) {
            Day::Null => Ok(date::MISSING),
            Day::On(day) => {
                *evidence = Evidence::NotNeeded;
                Ok(day)
            }
            Day::Either(day) => {
                *evidence = Evidence::Either;
                Ok(day)
            }
            Day::Evident(day, order) => {
                *evidence = match order {
                    DateOrder::Dmy => Evidence::DayFirst,
                    DateOrder::Mdy => Evidence::MonthFirst,
                };
                Ok(day)
            }
            Day::Bad => Err(Refusal::Broken(Reason::BadDate, Some(column), cell)),
        }
    }

    fn amount<'a>(&self, record: &Record<'a>) -> Result<i64, Refusal<'a>> {
        match self.amount {
            AmountColumns::Order(column) | AmountColumns::Row(column) => {
                Ok(self.money(record, column)?.unwrap_or(MISSING))
            }
            AmountColumns::Product(quantity, price) => {
                let (Some(price_micros), quantity_micros) = (
                    self.money(record, price)?,
                    quantity.map_or(Ok(Some(UNIT)), |column| self.money(record, column))?,
                ) else {
                    return Ok(MISSING);
                };
                let Some(quantity_micros) = quantity_micros else { return Ok(MISSING) };
                let product = i128::from(price_micros) * i128::from(quantity_micros);
                let half = i128::from(UNIT) / 2 * product.signum();
                i64::try_from((product + half) / i128::from(UNIT))
                    .map_err(|_| Refusal::Broken(Reason::BadAmount, Some(price), record.cell(price)))
            }
        }
    }

    fn amount_column(&self) -> Option<usize> {
        match self.amount {
            AmountColumns::Order(column) | AmountColumns::Row(column) | AmountColumns::Product(_, column) => {
                Some(column)
            }
        }
    }

    fn money<'a>(&self, record: &Record<'a>, column: usize) -> Result<Option<i64>, Refusal<'a>> {
        if let Some(micros) = record.plain(column).filter(|_| !self.decimal_comma).and_then(money::plain) {
            return Ok(Some(micros));
        }
        let cell = self.text(record, column)?;
        match money::parse(&cell, self.decimal_comma) {
            Amount::Null => Ok(None),
            Amount::Micros(micros) => Ok(Some(micros)),
            Amount::Bad => Err(Refusal::Broken(Reason::BadAmount, Some(column), cell)),
        }
    }

    fn status<'a>(
        &self,
        record: &Record<'a>,
        paid_on: i32,
        amount: i64,
    ) -> Result<Option<Status>, Refusal<'a>> {
        if let Some(column) = self.cancelled {
            let cell = record.cell(column);
            if !text::is_null(text::trim(&cell)) {
                return Ok(Some(Status::Cancelled));
            }
        }
        let Some(column) = self.status else {
            // Without a status column an order is what its amount says; an unpaid zero is worth telling from a gift.
            let is_unpaid = self.paid.is_some() && paid_on == date::MISSING && matches!(amount, 0 | MISSING);
            return Ok(Some(if is_unpaid { Status::Pending } else { Status::Paid }));
        };
        let known = record.plain(column).and_then(|raw| self.raw_words.get(raw));
        let word = match known {
            Some(meaning) => meaning,
            None => {
                let cell = self.text(record, column)?;
                if text::is_null(text::trim(&cell)) {
                    return self.blank_status(column);
                }
                let squashed = squash(&String::from_utf8_lossy(&cell));
                match self.words.get(&squashed) {
                    Some(meaning) => *meaning,
                    None => return Err(Refusal::Broken(Reason::UnknownStatus, Some(column), cell)),
                }
            }
        };
        Ok(Some(match word {
            StatusWord::Plain(status) => status,
            StatusWord::Closed(ClosedWord::Closed) if paid_on != date::MISSING => Status::Refunded,
            StatusWord::Closed(ClosedWord::Closed) => Status::ClosedUnpaid,
        }))
    }

    fn blank_status<'a>(&self, column: usize) -> Result<Option<Status>, Refusal<'a>> {
        if self.has_continuation_rows {
            return Ok(None);
        }
        Err(Refusal::Broken(Reason::UnknownStatus, Some(column), Cow::Borrowed(b"")))
    }

    /// A cell as UTF-8.
    fn text<'a>(&self, record: &Record<'a>, column: usize) -> Result<Cow<'a, [u8]>, Refusal<'a>> {
        let cell = record.cell(column);
        match self.encoding.decode(cell) {
            Some(text) => Ok(text),
            None => Err(Refusal::Broken(Reason::BadEncoding, Some(column), record.cell(column))),
        }
    }

    /// Whether the first filled cell says that this is a closing total.
    fn is_total(&self, record: &Record<'_>) -> bool {
        const WORDS: [&str; 6] = ["总计", "合计", "总计:", "合计:", "total", "grandtotal"];
        let first = (0..record.len()).map(|i| record.cell(i)).find(|cell| !cell.trim_ascii().is_empty());
        let Some(text) = first.and_then(|cell| self.encoding.decode(cell)) else { return false };
        WORDS.contains(&squash(&String::from_utf8_lossy(&text)).as_str())
    }
}

/// The id in a cell, borrowed where the cell is; the error is the cell with a rounded number.
fn id_of(cell: Cow<'_, [u8]>) -> Result<CellId<'_>, Cow<'_, [u8]>> {
    let found = match &cell {
        Cow::Borrowed(bytes) => id::parse(bytes),
        Cow::Owned(bytes) => {
            return match id::parse(bytes) {
                Id::Text(text) => Ok(CellId::Text(Cow::Owned(text.to_vec()))),
                Id::Null => Ok(CellId::Null),
                Id::Masked => Ok(CellId::Masked),
                Id::Rounded => Err(cell),
            };
        }
    };
    match found {
        Id::Text(text) => Ok(CellId::Text(Cow::Borrowed(text))),
        Id::Null => Ok(CellId::Null),
        Id::Masked => Ok(CellId::Masked),
        Id::Rounded => Err(cell),
    }
}

enum CellId<'a> {
    Null,
    Masked,
    Text(Cow<'a, [u8]>),
}
