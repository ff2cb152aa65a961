//! Reads one record of a table beside the orders, cell by cell.

use std::borrow::Cow;

use crate::parse::cell_notes::{CellNotes, Oddity};
use crate::parse::date_order::Evidence;
use crate::parse::orders::UnknownWord;
use crate::parse::preset::StatusWord;
use crate::parse::records::Record;
use crate::parse::shape::{CellId, Customer, Refusal};
use crate::parse::value::date::{DateReader, Day};
use crate::parse::value::id;
use crate::schema::accounting::Rule;
use crate::schema::reject::Reason;
use crate::schema::table::Unnamed;
use crate::schema::{EventKind, Field, Key, day, squash};
use crate::text;

use super::{TableReader, TableRows, rating};

/// Why a record gives no row.
pub(super) enum Outcome<'a> {
    Excluded(Rule),
    Refused(Refusal<'a>),
}

impl<'a> From<Refusal<'a>> for Outcome<'a> {
    fn from(refusal: Refusal<'a>) -> Self {
        Self::Refused(refusal)
    }
}

impl TableReader {
    pub(super) fn read_row<'a>(&self, record: &Record<'a>, rows: &mut TableRows) -> Result<(), Outcome<'a>> {
        self.shape.check(record)?;
        // A repeated header of orders is refused for its dates; a table may have no dates.
        let is_other = || self.shape.begins_as_header(record) && self.shape.is_any_header(record);
        if self.shape.is_header(record) || (self.moment.is_none() && is_other()) {
            return Err(Refusal::Header.into());
        }
        if let Some(currency) = &self.currency
            && currency.is_other(record, &self.shape)?
        {
            return Err(Refusal::OtherCurrency.into());
        }
        let order = self.order_key(record)?;
        let is_lost = self.is_lost(record)?;
        let customer = self.shape.customer(record, &self.customer)?;
        let mut days = Vec::with_capacity(self.dates.len());
        for (field, column, reader) in &self.dates {
            days.push((*field, self.read_day(record, *field, *column, reader, &mut rows.notes)?));
        }
        if self.moment.is_some_and(|moment| days.iter().all(|(field, _)| *field != moment)) {
            return Err(Refusal::Broken(Reason::MissingDate, None, Cow::Borrowed(b"")).into());
        }
        let kind = self.read_kind(record, rows)?;
        // A row without a customer cannot be joined to anything.
        let customer = match customer {
            Customer::Known(text, _) => text,
            Customer::Masked => return Err(Outcome::Excluded(Rule::MaskedCustomer)),
            Customer::Unknown => match self.table.declaration().unnamed {
                Unnamed::Kept => Cow::Borrowed(b"".as_slice()),
                Unnamed::LeftOut => return Err(Outcome::Excluded(Rule::NoCustomer)),
                Unnamed::Refused => {
                    let column = self.customer.first().map(|(column, _)| *column);
                    return Err(Refusal::Broken(Reason::MissingCustomer, column, Cow::Borrowed(b"")).into());
                }
            },
        };
        for (field, (_, evidence)) in &days {
            rows.evidence.entry(*field).or_default()[*evidence as usize] += 1;
        }
        // An event that shows no interest still shows that the customer was there.
        if kind == Some(EventKind::Ignore) && self.details.is_none() {
            return Err(Outcome::Excluded(Rule::OtherKind));
        }
        if let Some(alias) = self.alias {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            match self.shape.id(record, alias)? {
                CellId::Text(alias) => rows.aliases.push((text(&alias), text(&customer))),
                CellId::Masked => return Err(Outcome::Excluded(Rule::MaskedCustomer)),
                CellId::Null | CellId::StandIn => {
                    return Err(self.shape.broken(Reason::MissingCustomer, record, alias).into());
                }
            }
        }
        let key = Key::of(&customer);
        if let Some((column, key)) =
            self.order.zip(order).filter(|(_, key)| self.keeps_texts && key.is_hash())
            && let CellId::Text(text) = self.shape.id(record, column)?
        {
            rows.details.long.insert(key, String::from_utf8_lossy(&text).into());
        }
        if self.keeps_ids && key.is_hash() {
            rows.details.long.entry(key).or_insert_with(|| String::from_utf8_lossy(&customer).into());
        }
        rows.customers.push(key);
        rows.orders.extend(order);
        rows.kinds.extend(kind);
        for (field, (day, _)) in days {
            rows.days.entry(field).or_default().push(day);
        }
        if let Some(phones) = &self.phones {
            rows.accounts.add_phone(key, phones.of(record));
        }
        if let Some(mails) = &self.mails {
            rows.accounts.add_mail(key, mails.of(record));
        }
        if let Some(column) = self.rating {
            let cell = self.shape.text(record, column)?;
            let is_read =
                text::is_null(text::trim(&cell)) || rating(&String::from_utf8_lossy(&cell)).is_some();
            if !is_read {
                rows.notes.add(Oddity::Unreadable, column, &cell);
            }
        }
        if let Some(details) = &self.details {
            details.read(record, &customer, (order, is_lost), &mut rows.details, &mut rows.notes);
        }
        if let Some(currency) = &self.currency {
            rows.currencies.add_row(currency, record, &self.shape);
        }
        rows.row_count += 1;
        Ok(())
    }

    fn order_key<'a>(&self, record: &Record<'a>) -> Result<Option<Key>, Refusal<'a>> {
        let Some(column) = self.order else { return Ok(None) };
        match self.shape.id(record, column)? {
            CellId::Text(text) => Ok(Some(Key::of(&text))),
            // Orders may be numbered from 0.
            CellId::StandIn if id::is_zero(&record.cell(column)) => Ok(Some(Key::of(b"0"))),
            CellId::Null | CellId::StandIn | CellId::Masked if self.table.holds_items() => {
                Err(self.shape.broken(Reason::MissingOrderId, record, column))
            }
            CellId::Null | CellId::StandIn | CellId::Masked => Ok(Some(Key::NONE)),
        }
    }

    /// Whether an item's own status says that it was not kept; a blank status does not. A row with an unknown status is
    /// refused, as it is for orders.
    fn is_lost<'a>(&self, record: &Record<'a>) -> Result<bool, Refusal<'a>> {
        let Some((column, words)) = &self.status else { return Ok(false) };
        let cell = self.shape.text(record, *column)?;
        match words.read(&cell) {
            Ok(Some(StatusWord::Plain(status))) => Ok(!status.is_paid()),
            Ok(Some(StatusWord::Closed)) => Ok(true),
            Ok(None) => Ok(false),
            Err(UnknownWord) => Err(Refusal::Broken(Reason::UnknownStatus, Some(*column), cell)),
        }
    }

    /// The day in a date column. The day of a moment must be there; a customer's dates may be missing or odd (a
    /// birthday in 1900).
    fn read_day<'a>(
        &self,
        record: &Record<'a>,
        field: Field,
        column: usize,
        reader: &DateReader,
        notes: &mut CellNotes,
    ) -> Result<(i32, Evidence), Refusal<'a>> {
        let cell = self.shape.text(record, column)?;
        let day = reader.day(&cell);
        notes.add_time(reader, &cell);
        let is_needed = self.moment == Some(field);
        match day {
            Day::On(value) | Day::Either(value) | Day::Evident(value, _) => Ok((value, Evidence::of(day))),
            Day::Null | Day::Placeholder if is_needed => {
                Err(Refusal::Broken(Reason::MissingDate, Some(column), cell))
            }
            Day::Bad if is_needed => Err(Refusal::Broken(Reason::BadDate, Some(column), cell)),
            Day::Impossible if is_needed => Err(Refusal::Broken(Reason::ImpossibleDate, Some(column), cell)),
            Day::Null => Ok((day::MISSING, Evidence::None)),
            Day::Placeholder => {
                notes.add(Oddity::Placeholder, column, &cell);
                Ok((day::MISSING, Evidence::None))
            }
            Day::Bad | Day::Impossible => {
                notes.add(Oddity::Unreadable, column, &cell);
                Ok((day::MISSING, Evidence::None))
            }
        }
    }

    fn read_kind<'a>(
        &self,
        record: &Record<'a>,
        rows: &mut TableRows,
    ) -> Result<Option<EventKind>, Refusal<'a>> {
        let Some(column) = self.kind else {
            let is_needed = self.table.declaration().needed().any(|field| field == Field::Kind);
            let unsaid = Refusal::Broken(Reason::UnknownKind, None, Cow::Borrowed(b""));
            return if is_needed { Err(unsaid) } else { Ok(None) };
        };
        let cell = self.shape.text(record, column)?;
        let word = String::from_utf8_lossy(text::trim(&cell)).into_owned();
        let kind = self.kinds.get(&squash(&word)).copied();
        *rows.words.entry((word, kind)).or_default() += 1;
        match kind {
            Some(kind) => Ok(Some(kind)),
            None => Err(Refusal::Broken(Reason::UnknownKind, Some(column), cell)),
        }
    }
}
