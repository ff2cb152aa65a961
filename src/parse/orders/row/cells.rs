//! Reads cells in every form that exports write them, with one parser per field.

use std::borrow::Cow;

use crate::parse::cell_notes::{CellNotes, Oddity};
use crate::parse::date_order::Evidence;
use crate::parse::orders::row::words::UnknownWord;
use crate::parse::orders::row::{AmountColumns, Refusal, RowReader};
use crate::parse::preset::{AfterSale, RowKind, StatusWord};
use crate::parse::records::Record;
use crate::parse::shape::CellId;
use crate::parse::value::date::{self, DateReader, Day};
use crate::parse::value::id;
use crate::parse::value::money::{self, Amount, Decided, DecimalMark, Why};
use crate::rows::partition::Own;
use crate::schema::money::{MISSING, Micros, UNIT};
use crate::schema::packed::Packed;
use crate::schema::reject::Reason;
use crate::schema::{Status, day, squash};
use crate::text;

impl RowReader {
    pub(super) fn order<'a>(&self, record: &Record<'a>) -> Result<Option<Cow<'a, [u8]>>, Refusal<'a>> {
        let Some(column) = self.order_id else { return Ok(None) };
        let columns = std::iter::once(column).chain(self.other_order_ids.iter().copied());
        let mut ids = columns.map(|column| self.shape.id(record, column));
        match ids.find(|id| !matches!(id, Ok(CellId::Null))).unwrap_or(Ok(CellId::Null))? {
            CellId::Text(text) => Ok(Some(text)),
            CellId::StandIn if self.is_zero_an_order && self.is_zero(record, column) => {
                Ok(Some(Cow::Borrowed(b"0")))
            }
            CellId::Null | CellId::StandIn | CellId::Masked => {
                Err(self.shape.broken(Reason::MissingOrderId, record, column))
            }
        }
    }

    fn is_zero(&self, record: &Record<'_>, column: usize) -> bool {
        id::is_zero(&record.cell(column))
    }

    /// The platform's own id of the order or its shop, which tells orders with equal numbers apart; many rows have
    /// neither.
    pub(super) fn own<'a>(&self, record: &Record<'a>) -> Result<Own, Refusal<'a>> {
        if let Some(column) = self.platform_id
            && let CellId::Text(text) = self.shape.id(record, column)?
        {
            return Ok(Own::of_id(&text));
        }
        let Some(column) = self.shop else { return Ok(Own::NONE) };
        Ok(own_of_shop(text::trim(&self.shape.text(record, column)?)))
    }

    /// The row's own id; `None` if the row has none.
    pub(super) fn line<'a>(&self, record: &Record<'a>) -> Result<Option<Cow<'a, [u8]>>, Refusal<'a>> {
        let Some(column) = self.line_id else { return Ok(None) };
        match self.shape.id(record, column)? {
            CellId::Text(text) => Ok(Some(text)),
            // Rows may be numbered from 0.
            CellId::StandIn if self.is_zero(record, column) => Ok(Some(Cow::Borrowed(b"0"))),
            CellId::Null | CellId::StandIn | CellId::Masked => Ok(None),
        }
    }

    pub(super) fn day<'a>(
        &self,
        record: &Record<'a>,
        column: Option<(usize, DateReader)>,
        evidence: &mut Evidence,
        notes: &mut CellNotes,
    ) -> Result<i32, Refusal<'a>> {
        let Some((column, reader)) = column else { return Ok(day::MISSING) };
        if let Some(day) = record.plain(column).and_then(|cell| date::plain(cell.text())) {
            *evidence = Evidence::NotNeeded;
            return Ok(day);
        }
        let cell = self.shape.text(record, column)?;
        let day = reader.day(&cell);
        notes.add_time(&reader, &cell);
        *evidence = Evidence::of(day);
        match day {
            Day::Null => Ok(day::MISSING),
            Day::Placeholder => {
                notes.add(Oddity::Placeholder, column, &cell);
                Ok(day::MISSING)
            }
            Day::Impossible => Err(Refusal::Broken(Reason::ImpossibleDate, Some(column), cell)),
            Day::On(day) | Day::Either(day) | Day::Evident(day, _) => Ok(day),
            Day::Bad => Err(Refusal::Broken(Reason::BadDate, Some(column), cell)),
        }
    }

    pub(super) fn amount<'a>(
        &self,
        record: &Record<'a>,
        notes: &mut CellNotes,
    ) -> Result<Micros, Refusal<'a>> {
        match &self.amount {
            AmountColumns::Order(column) | AmountColumns::Row(column) => {
                Ok(self.money(record, *column, notes)?.unwrap_or(MISSING))
            }
            AmountColumns::Product(quantity, price) => self.product(record, *quantity, *price, notes),
            AmountColumns::Sum { plus, minus, .. } => self.sum(record, plus, minus, notes),
        }
    }

    fn product<'a>(
        &self,
        record: &Record<'a>,
        quantity: Option<usize>,
        price: usize,
        notes: &mut CellNotes,
    ) -> Result<Micros, Refusal<'a>> {
        let quantity = match quantity {
            Some(column) => self.money(record, column, notes)?,
            None => Some(Micros::units(1)),
        };
        let (Some(of_one), Some(quantity)) = (self.money(record, price, notes)?, quantity) else {
            return Ok(MISSING);
        };
        let product = i128::from(of_one) * i128::from(quantity);
        let half = i128::from(UNIT) / 2 * product.signum();
        of_row((product + half) / i128::from(UNIT))
            .ok_or_else(|| self.shape.broken(Reason::BadAmount, record, price))
    }

    /// The sum of columns; missing only if all columns that are added are missing.
    fn sum<'a>(
        &self,
        record: &Record<'a>,
        plus: &[usize],
        minus: &[usize],
        notes: &mut CellNotes,
    ) -> Result<Micros, Refusal<'a>> {
        let mut sum: Option<i128> = None;
        for &column in plus {
            if let Some(micros) = self.money(record, column, notes)? {
                sum = Some(sum.unwrap_or(0) + i128::from(micros));
            }
        }
        let Some(mut sum) = sum else { return Ok(MISSING) };
        for &column in minus {
            sum -= i128::from(self.money(record, column, notes)?.unwrap_or_default().abs());
        }
        of_row(sum).ok_or_else(|| self.shape.broken(Reason::BadAmount, record, plus[0]))
    }

    /// By how much an order's amount was reduced when it was changed after it was placed.
    pub(super) fn taken_back<'a>(
        &self,
        record: &Record<'a>,
        amount: Micros,
        notes: &mut CellNotes,
    ) -> Result<Micros, Refusal<'a>> {
        let Some(column) = self.adjusted.filter(|_| amount != MISSING) else { return Ok(Micros::ZERO) };
        let adjusted = self.money(record, column, notes)?.filter(|adjusted| *adjusted != Micros::ZERO);
        Ok(adjusted.map_or(Micros::ZERO, |adjusted| (amount - adjusted).max(Micros::ZERO)))
    }

    /// What the record is about; a sale if no column says it.
    pub(super) fn row_kind<'a>(&self, record: &Record<'a>) -> Result<RowKind, Refusal<'a>> {
        let Some(column) = self.row_kind else { return Ok(RowKind::Sale) };
        let cell = self.shape.text(record, column)?;
        let word = squash(&String::from_utf8_lossy(text::trim(&cell)));
        let kind = self.row_kinds.get(&word).copied();
        kind.ok_or(Refusal::Broken(Reason::UnknownKind, Some(column), cell))
    }

    pub(super) fn amount_column(&self) -> Option<usize> {
        self.amount.column()
    }

    pub(super) fn money<'a>(
        &self,
        record: &Record<'a>,
        column: usize,
        notes: &mut CellNotes,
    ) -> Result<Option<Micros>, Refusal<'a>> {
        let Decided { mark, why } = self.numbers.of(column);
        // A whole number reads the same with either decimal mark.
        let is_settled = mark == DecimalMark::Point && why == Why::Known;
        let is_plain = |cell: &Packed<'_>| is_settled || !cell.text().contains(&b'.');
        if let Some(micros) = record.plain(column).filter(is_plain).and_then(money::plain) {
            return Ok(Some(micros));
        }
        let cell = self.shape.text(record, column)?;
        if why != Why::Known {
            notes.add_amount(column, &cell);
        }
        match money::parse(&cell, mark) {
            Amount::Null => Ok(None),
            Amount::Micros(micros) => {
                if money::is_scientific(&cell) {
                    notes.add(Oddity::Scientific, column, &cell);
                }
                Ok(Some(micros))
            }
            Amount::Bad => Err(Refusal::Broken(Reason::BadAmount, Some(column), cell)),
        }
    }

    pub(super) fn status<'a>(
        &self,
        record: &Record<'a>,
        paid_on: i32,
        amount: Micros,
    ) -> Result<Option<Status>, Refusal<'a>> {
        if self.is_part {
            return Ok(None);
        }
        if let Some(column) = self.cancelled {
            let cell = record.cell(column);
            if !text::is_null(text::trim(&cell)) {
                return Ok(Some(Status::Cancelled));
            }
        }
        let Some(column) = self.status else {
            let is_continued = self.has_continuation_rows && amount == MISSING;
            return Ok((!is_continued).then(|| self.status_by_amount(paid_on, amount)));
        };
        let mut status = self.status_in(record, column, paid_on)?;
        for column in &self.payment_status {
            let payment = self.status_in(record, *column, paid_on)?;
            status = match (status, payment) {
                (Some(order), Some(payment)) => Some(order.with_payment(payment)),
                (order, payment) => order.or(payment),
            };
        }
        match status {
            None if self.is_status_blank_so_far => Ok(Some(self.status_by_amount(paid_on, amount))),
            None if self.has_continuation_rows => Ok(None),
            None => Err(Refusal::Broken(Reason::UnknownStatus, Some(column), Cow::Borrowed(b""))),
            status => Ok(status),
        }
    }

    /// The status of an order without a status column, by its amount: an unpaid order of 0 is told from a gift.
    fn status_by_amount(&self, paid_on: i32, amount: Micros) -> Status {
        let is_nothing =
            matches!(amount, Micros::ZERO | MISSING) || (self.unpaid_has_no_date && amount.is_positive());
        let is_unpaid = self.paid.is_some() && paid_on == day::MISSING && is_nothing;
        if is_unpaid { Status::Pending } else { Status::Paid }
    }

    /// The meaning of the status word in a column; `None` for a blank cell.
    fn status_in<'a>(
        &self,
        record: &Record<'a>,
        column: usize,
        paid_on: i32,
    ) -> Result<Option<Status>, Refusal<'a>> {
        let known = record.plain(column).and_then(|raw| self.raw_words.get(raw));
        let word = match known {
            Some(meaning) => meaning,
            None => {
                let cell = self.shape.text(record, column)?;
                match self.words.read(&cell) {
                    Ok(Some(meaning)) => meaning,
                    Ok(None) => return Ok(None),
                    Err(UnknownWord) => {
                        return Err(Refusal::Broken(Reason::UnknownStatus, Some(column), cell));
                    }
                }
            }
        };
        Ok(Some(match word {
            StatusWord::Plain(status) => status,
            StatusWord::Closed if paid_on != day::MISSING => Status::Refunded,
            StatusWord::Closed => Status::ClosedUnpaid,
        }))
    }

    /// The status, corrected by what happened after the sale.
    pub(super) fn after_sale<'a>(
        &self,
        record: &Record<'a>,
        status: Option<Status>,
    ) -> Result<Option<Status>, Refusal<'a>> {
        let Some(column) = self.after_sale else { return Ok(status) };
        let cell = self.shape.text(record, column)?;
        if text::is_null(text::trim(&cell)) {
            return Ok(status);
        }
        match self.after_sale_words.get(&squash(&String::from_utf8_lossy(&cell))) {
            Some(AfterSale::Refunded) if status.is_some_and(Status::is_paid) => Ok(Some(Status::Refunded)),
            Some(_) => Ok(status),
            None => Err(Refusal::Broken(Reason::UnknownStatus, Some(column), cell)),
        }
    }
}

/// A row's amount from the sum of several cells; `None` if no row can have such an amount.
fn of_row(micros: i128) -> Option<Micros> {
    Micros::try_from(micros).ok().filter(|micros| micros.abs() <= money::MAX)
}

/// The shop's identity from its trimmed name.
pub(super) fn own_of_shop(name: &[u8]) -> Own {
    if text::is_null(name) { Own::NONE } else { Own::of_shop(name) }
}
