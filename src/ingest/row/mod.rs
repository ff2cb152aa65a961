//! One record of an order export, read into typed values or refused with a reason.
//!
//! Most records of most exports are plain and take the fast lane ([`plain`]); all others are read cell by cell
//! ([`cells`]). Where both can read a record they give the same values.

mod cells;
mod plain;
mod words;

use std::borrow::Cow;
use std::collections::HashMap;

use super::encoding::CellEncoding;
use super::layout::Layout;
use super::preset::{StatusWord, squash, status_word};
use super::records::Record;
use super::reject::Reason;
use super::value::date::{self, DateReader};
use super::value::text;
use super::{IdKind, ReadOptions};
use crate::schema::money::MISSING;
use crate::schema::{Field, Status};

pub use plain::{Memo, PlainRow};
use words::RawWords;

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
        // The user's own words beat the platform's.
        let words: Vec<(&str, StatusWord)> = own_words.chain(layout.preset.status_words()).collect();
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
            words: words.iter().rev().map(|(word, meaning)| (squash(word), *meaning)).collect(),
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
}
