//! The currency of a record's amounts, as far as the file says it: in a column, beside the amount itself, or in the
//! header of the amount.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::parse::layout::Layout;
use crate::parse::options::ReadOptions;
use crate::parse::records::Record;
use crate::parse::shape::{Refusal, Shape};
use crate::parse::value::currency::{self, Mark};
use crate::parse::value::money;
use crate::schema::Field;

/// Reads the currency of the records of one file.
#[derive(Debug)]
pub struct CurrencyReader {
    column: Option<usize>,
    amount: Option<usize>,
    /// The currency that the amount's header names, where no column says it.
    of_header: Option<Mark>,
    wanted: Option<String>,
}

impl CurrencyReader {
    /// Finds the columns that say a currency; `amount` is the column of the amounts.
    pub fn new(layout: &Layout, amount: Option<usize>, options: &ReadOptions) -> Self {
        Self {
            column: layout.column(Field::Currency),
            amount,
            of_header: amount.and_then(|column| layout.header_currency(column)),
            wanted: options.currency.as_deref().and_then(currency::name),
        }
    }

    /// Whether the header of the amounts names their currency.
    pub fn is_in_header(&self) -> bool {
        self.of_header.is_some()
    }

    /// Whether the user asked for the amounts of one currency.
    pub fn has_wanted(&self) -> bool {
        self.wanted.is_some()
    }

    /// The cell of the currency column, where the file has one and no currency was asked for.
    pub fn in_column<'a>(&self, record: &Record<'a>, shape: &Shape) -> Option<Cow<'a, [u8]>> {
        let column = self.column.filter(|_| self.wanted.is_none())?;
        shape.text(record, column).ok()
    }

    /// The currencies written beside the record's amount, where no column says the currency.
    pub fn written(&self, record: &Record<'_>, shape: &Shape) -> [Option<Mark>; 3] {
        let Some(column) = self.amount.filter(|_| self.column.is_none()) else { return [None; 3] };
        // Most amounts are bare numbers, which name no currency.
        let of_header = [self.of_header, None, None];
        if record.plain(column).is_some_and(|cell| money::plain(cell).is_some()) {
            return of_header;
        }
        match shape.text(record, column).map_or([None; 3], |cell| money::currencies(&cell)) {
            [None, None, None] => of_header,
            written => written,
        }
    }

    /// Whether the record's amount is in another currency than the one asked for. `false` where the record does not
    /// say.
    pub fn is_other<'a>(&self, record: &Record<'a>, shape: &Shape) -> Result<bool, Refusal<'a>> {
        let Some(wanted) = self.wanted.as_deref() else { return Ok(false) };
        let own = match self.column {
            Some(column) => currency::name(&String::from_utf8_lossy(&shape.text(record, column)?)),
            None => None,
        };
        let written = self.written(record, shape);
        let names = written.iter().flatten().map(|mark| mark.name).chain(own.as_deref());
        Ok(!currency::can_be_one(names.chain([wanted])))
    }

    /// The currencies named in the record's currency column or beside its amount.
    pub fn named(&self, record: &Record<'_>, shape: &Shape) -> Vec<String> {
        let text = self.column.and_then(|column| shape.text(record, column).ok());
        let own = text.and_then(|cell| currency::name(&String::from_utf8_lossy(&cell)));
        let written = self.written(record, shape).into_iter().flatten().map(|mark| mark.name.to_string());
        own.into_iter().chain(written).collect()
    }
}

/// The currencies that the rows of a file of items name.
#[derive(Debug, Default, Clone)]
pub struct Currencies {
    /// The currencies of the rows that are read.
    pub of_rows: BTreeSet<String>,
    /// The currencies of the rows that were left out because another currency was asked for.
    pub of_others: BTreeSet<String>,
    /// Whether the currency that was asked for is written beside amounts.
    pub has_wanted: bool,
    /// The last cell of the currency column: most rows have the currency of the row before.
    last: Vec<u8>,
}

impl Currencies {
    /// Starts with the currencies of rows that were read in an earlier run.
    pub fn of_rows(of_rows: BTreeSet<String>) -> Self {
        Self { of_rows, ..Self::default() }
    }

    /// Adds the currencies of a row that is read.
    pub fn add_row(&mut self, reader: &CurrencyReader, record: &Record<'_>, shape: &Shape) {
        if let Some(cell) = reader.in_column(record, shape).filter(|cell| cell.as_ref() != self.last) {
            self.of_rows.extend(currency::name(&String::from_utf8_lossy(&cell)));
            self.last = cell.into_owned();
        }
        for mark in reader.written(record, shape).into_iter().flatten() {
            match reader.has_wanted() {
                true => self.has_wanted = true,
                false if self.of_rows.contains(mark.name) => {}
                false => drop(self.of_rows.insert(mark.name.to_owned())),
            }
        }
    }

    /// Adds the currencies of the next block.
    pub fn merge(&mut self, other: Self) {
        self.of_rows.extend(other.of_rows);
        self.of_others.extend(other.of_others);
        self.has_wanted |= other.has_wanted;
    }
}
