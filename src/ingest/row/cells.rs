//! Cells in whatever dress exports give them, one parser per field.

use std::borrow::Cow;

use super::{AmountColumns, Customer, Evidence, Refusal, RowReader};
use crate::ingest::preset::{ClosedWord, StatusWord, squash};
use crate::ingest::records::Record;
use crate::ingest::reject::Reason;
use crate::ingest::value::date::{self, DateOrder, DateReader, Day};
use crate::ingest::value::id::{self, Id};
use crate::ingest::value::money::{self, Amount};
use crate::ingest::value::text;
use crate::schema::Status;
use crate::schema::money::{MISSING, UNIT};

impl RowReader {
    pub(super) fn order<'a>(&self, record: &Record<'a>) -> Result<Option<Cow<'a, [u8]>>, Refusal<'a>> {
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
    pub(super) fn customer<'a>(&self, record: &Record<'a>) -> Result<Customer<'a>, Refusal<'a>> {
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

    pub(super) fn day<'a>(
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

    pub(super) fn amount<'a>(&self, record: &Record<'a>) -> Result<i64, Refusal<'a>> {
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
                    .ok()
                    .filter(|micros| micros.abs() <= money::MAX)
                    .ok_or_else(|| Refusal::Broken(Reason::BadAmount, Some(price), record.cell(price)))
            }
        }
    }

    pub(super) fn amount_column(&self) -> Option<usize> {
        match self.amount {
            AmountColumns::Order(column) | AmountColumns::Row(column) | AmountColumns::Product(_, column) => {
                Some(column)
            }
        }
    }

    pub(super) fn money<'a>(&self, record: &Record<'a>, column: usize) -> Result<Option<i64>, Refusal<'a>> {
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

    pub(super) fn status<'a>(
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
    pub(super) fn text<'a>(&self, record: &Record<'a>, column: usize) -> Result<Cow<'a, [u8]>, Refusal<'a>> {
        let cell = record.cell(column);
        match self.encoding.decode(cell) {
            Some(text) => Ok(text),
            None => Err(Refusal::Broken(Reason::BadEncoding, Some(column), record.cell(column))),
        }
    }

    /// Whether the first filled cell says that this is a closing total.
    pub(super) fn is_total(&self, record: &Record<'_>) -> bool {
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
