//! Reads the items of a record, in files of orders and in files of items.

use std::borrow::Cow;
use std::sync::Arc;

use crate::parse::cell_notes::{CellNotes, Oddity};
use crate::parse::encoding::CellEncoding;
use crate::parse::layout::Layout;
use crate::parse::records::Record;
use crate::parse::value::id::{self, Id};
use crate::parse::value::money::{self, Decided, DecimalMark, Numbers, Why};
use crate::rows::dictionary::Dictionary;
use crate::schema::items::{Line, Product};
use crate::schema::money::{MISSING, Micros, UNIT, can_be};
use crate::schema::packed::Packed;
use crate::schema::{Field, Key};
use crate::text;

/// The quantity, if no column says it.
const ONE: Micros = Micros::units(1);

/// Reads the items of records of one file.
#[derive(Debug)]
pub struct ItemReader {
    id: Option<usize>,
    title: Option<usize>,
    category: Option<usize>,
    quantity: Option<usize>,
    amount: Option<usize>,
    unit_price: Option<usize>,
    /// The columns of amounts that are added and subtracted, if no single column has the amount.
    sums: Option<(Vec<usize>, Vec<usize>)>,
    kinds: Option<usize>,
    separator: Option<String>,
    cells: CellReader,
}

impl ItemReader {
    /// Resolves a layout; `None` if it names no items.
    pub fn new(layout: &Layout) -> Option<Self> {
        let column = |field| layout.column(field);
        let reader = Self {
            id: column(Field::ProductId),
            title: column(Field::Title),
            category: column(Field::Category),
            quantity: column(Field::Quantity),
            amount: column(Field::Amount),
            unit_price: column(Field::UnitPrice),
            sums: layout.sums.get(&Field::Amount).cloned(),
            kinds: column(Field::ItemKinds),
            separator: layout.preset.title_separator.clone(),
            cells: CellReader::new(layout),
        };
        (reader.id.is_some() || reader.title.is_some() || reader.category.is_some()).then_some(reader)
    }

    /// Adds the items of a record and returns the place of the first; `None` if the record names none. Products get the
    /// numbers of `products`. `is_lost` is whether the item's own status says that it was not kept.
    pub fn lines(
        &self,
        record: &Record<'_>,
        is_lost: bool,
        products: &mut Dictionary<Arc<Product>>,
        lines: &mut Vec<Line>,
        notes: &mut CellNotes,
    ) -> Option<usize> {
        let start = lines.len();
        if let Some(separator) = &self.separator {
            lines.extend(self.joined(record, separator, is_lost, products, notes));
        } else {
            lines.extend(self.line(record, is_lost, products, notes));
        }
        lines.last_mut()?.is_last = true;
        (lines.len() > start).then_some(start)
    }

    /// The items of a record whose titles share a cell, if there are as many titles as the record's number of kinds
    /// says. Otherwise it is unknown where one title ends.
    fn joined(
        &self,
        record: &Record<'_>,
        separator: &str,
        is_lost: bool,
        products: &mut Dictionary<Arc<Product>>,
        notes: &mut CellNotes,
    ) -> Vec<Line> {
        let cell = self.title.and_then(|column| self.cells.text(record, column)).unwrap_or_default();
        let title = String::from_utf8_lossy(&cell);
        let kinds = self.kinds.and_then(|column| self.cells.money(record, column, notes).known());
        let pieces: Vec<&str> = match kinds {
            Some(ONE) => vec![title.trim()],
            _ => title.split(separator).map(str::trim).filter(|piece| !piece.is_empty()).collect(),
        };
        if kinds.is_some_and(|kinds| kinds != Micros::units(pieces.len() as i64)) {
            return Vec::new();
        }
        let line = |title: &str| {
            let product = Product { title: title.to_owned(), ..Product::default() };
            let product = products.number(title.as_bytes(), || Arc::new(product));
            Line { product, quantity: MISSING, amount: MISSING, is_lost, is_last: false }
        };
        pieces.into_iter().filter(|piece| !piece.is_empty()).map(line).collect()
    }

    fn line(
        &self,
        record: &Record<'_>,
        is_lost: bool,
        products: &mut Dictionary<Arc<Product>>,
        notes: &mut CellNotes,
    ) -> Option<Line> {
        let columns = [self.id, self.title, self.category];
        let cells =
            columns.map(|column| column.map_or(Cow::Borrowed(b"".as_slice()), |column| record.cell(column)));
        if cells.iter().all(|cell| text::is_null(text::trim(cell))) {
            return None;
        }
        let [id, title, category] = cells.each_ref().map(|cell| Key::of(cell));
        let product =
            products.number_of_keys([id, title, category, Key::NONE], || Arc::new(self.product(record)));
        let mut number =
            |column: Option<usize>| column.map_or(MISSING, |column| self.cells.money(record, column, notes));
        let quantity = number(self.quantity);
        let amount = match (number(self.amount), number(self.unit_price)) {
            (MISSING, MISSING) => self.sum(record, notes),
            (MISSING, price) => product_of(quantity.known().unwrap_or(ONE), price),
            (amount, _) => amount,
        };
        Some(Line { product, quantity, amount, is_lost, is_last: false })
    }

    /// The sum of several amount columns; missing, with a note, if no shop can have such an amount.
    fn sum(&self, record: &Record<'_>, notes: &mut CellNotes) -> Micros {
        let Some((plus, minus)) = &self.sums else { return MISSING };
        let mut known = |columns: &[usize]| -> Vec<Micros> {
            let amounts = columns.iter().map(|column| self.cells.money(record, *column, notes));
            amounts.filter_map(Micros::known).collect()
        };
        let (added, taken) = (known(plus), known(minus));
        if added.is_empty() {
            return MISSING;
        }
        let sum = |amounts: Vec<Micros>, of: fn(Micros) -> Micros| -> i128 {
            amounts.into_iter().map(|amount| i128::from(of(amount))).sum()
        };
        let sum = Micros::try_from(sum(added, |amount| amount) - sum(taken, Micros::abs)).ok();
        sum.filter(|sum| can_be(*sum)).unwrap_or_else(|| {
            notes.add(Oddity::Unreadable, plus[0], &record.cell(plus[0]));
            MISSING
        })
    }

    fn product(&self, record: &Record<'_>) -> Product {
        let text = |column: Option<usize>| {
            let cell = column.and_then(|column| self.cells.text(record, column));
            cell.map_or_else(String::new, |cell| String::from_utf8_lossy(&cell).into_owned())
        };
        let id = column_id(self.id.and_then(|column| self.cells.text(record, column)));
        Product { id, title: text(self.title), category: text(self.category) }
    }
}

/// An id without the decoration that spreadsheets add.
fn column_id(cell: Option<Cow<'_, [u8]>>) -> String {
    let Some(cell) = cell else { return String::new() };
    match id::parse(&cell) {
        Id::Text(text) => String::from_utf8_lossy(text).into_owned(),
        _ => String::from_utf8_lossy(&cell).into_owned(),
    }
}

/// The product of two numbers; missing if it is too large for any shop's amount.
pub fn product_of(a: Micros, b: Micros) -> Micros {
    let product = Micros::try_from(i128::from(a) * i128::from(b) / i128::from(UNIT)).ok();
    product.filter(|product| can_be(*product)).unwrap_or(MISSING)
}

/// Reads cells that may be missing or unreadable without refusing the row.
#[derive(Debug)]
pub struct CellReader {
    encoding: CellEncoding,
    numbers: Numbers,
}

impl CellReader {
    /// Resolves a layout.
    pub fn new(layout: &Layout) -> Self {
        Self { encoding: layout.encoding, numbers: layout.numbers.clone() }
    }

    /// The trimmed text of a cell; `None` if it is blank.
    pub fn text<'a>(&self, record: &Record<'a>, column: usize) -> Option<Cow<'a, [u8]>> {
        let cell = self.encoding.decode(record.cell(column))?;
        let trimmed = text::trim(&cell);
        if text::is_null(trimmed) {
            return None;
        }
        let is_whole = trimmed.len() == cell.len();
        Some(if is_whole { cell } else { Cow::Owned(trimmed.to_vec()) })
    }

    /// The number in a cell. An unreadable one is noted and counts as missing.
    pub fn money(&self, record: &Record<'_>, column: usize, notes: &mut CellNotes) -> Micros {
        let Decided { mark, why } = self.numbers.of(column);
        // A whole number reads the same with either decimal mark.
        let is_settled = mark == DecimalMark::Point && why == Why::Known;
        let is_plain = |cell: &Packed<'_>| is_settled || !cell.text().contains(&b'.');
        if let Some(micros) = record.plain(column).filter(is_plain).and_then(money::plain) {
            return micros;
        }
        let Some(cell) = self.encoding.decode(record.cell(column)) else {
            notes.add(Oddity::Unreadable, column, &record.cell(column));
            return MISSING;
        };
        if why != Why::Known {
            notes.add_amount(column, &cell);
        }
        match money::parse(&cell, mark) {
            money::Amount::Micros(micros) => {
                if money::is_scientific(&cell) {
                    notes.add(Oddity::Scientific, column, &cell);
                }
                micros
            }
            money::Amount::Null => MISSING,
            money::Amount::Bad => {
                notes.add(Oddity::Unreadable, column, &cell);
                MISSING
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_times_prices_are_exact() {
        let [two_and_a_half, price, product] = [2_500_000, 1_990_000, 4_975_000].map(Micros::new);
        assert_eq!(product_of(two_and_a_half, price), product);
        // A million pieces at a million each is an amount, at ten million no longer.
        let [million, ten_millions] = [1_000_000, 10_000_000].map(Micros::units);
        assert_eq!(product_of(million, million), Micros::units(1_000_000_000_000));
        assert_eq!(product_of(million, ten_millions), MISSING);
        assert_eq!(product_of(-million, ten_millions), MISSING);
    }
}
