//! Normalises additional columns that hold days, amounts or yes and no, so that those of several files can be compared
//! and sorted.

use std::collections::BTreeMap;
use std::fmt::Write;

use rayon::prelude::*;

use crate::parse::cell_notes::{CellNotes, Oddity};
use crate::parse::date_order::Decision;
use crate::parse::orders::OrderFile;
use crate::parse::orders::block::Block;
use crate::parse::orders::row::FurtherColumn;
use crate::parse::orders::texts::Words;
use crate::parse::value::date::{DateOrder, DateReader, Day};
use crate::parse::value::money::{self, Amount, Cells, DecimalMark};
use crate::rows::dictionary::UNKNOWN;
use crate::schema::money as micros;
use crate::schema::orders::TextKind;
use crate::schema::words::Flag;
use crate::schema::{Field, day, iso};

/// Appends the normalised form of a text. Returns whether the text could be read.
type Read = Box<dyn Fn(&str, &mut String) -> bool + Sync>;

impl OrderFile {
    /// Normalises the texts of the blocks' additional columns: days as `2026-05-23` or `2026-05-23 22:02:00`, amounts
    /// as plain decimals, flags as `true` and `false`. Texts that cannot be read are noted and count as empty.
    pub fn settle_further(&self, blocks: &mut [Block], decided: &[Decision], notes: &mut CellNotes) {
        let Some(reader) = &self.readers.further else { return };
        for (place, column) in
            reader.columns().iter().enumerate().filter(|(_, column)| !column.places.is_empty())
        {
            let read: Read = match column.kind {
                TextKind::Id | TextKind::Text | TextKind::Joined => continue,
                TextKind::Date => {
                    let reader = self.dates_of(column, place, blocks, decided);
                    Box::new(move |text: &str, out: &mut String| moment(&reader, text, out))
                }
                TextKind::Amount => {
                    let mark = self.mark_of(column, place, blocks);
                    Box::new(move |text: &str, out: &mut String| amount(mark, text, out))
                }
                TextKind::Flag => {
                    // A cell of a platform's own flag column is true if it holds anything.
                    let filled = (!self.layout.preset.is_generic()).then_some(true);
                    Box::new(move |text: &str, out: &mut String| {
                        let flag = Flag::Presale.of(text).or(filled);
                        flag.is_some_and(|flag| write!(out, "{flag}").is_ok())
                    })
                }
            };
            settle(blocks, place, column.places[0], &*read, notes);
        }
    }

    /// How a column of dates is read: like the days of creation and payment, or by those of its own dates that can be
    /// read in one way only.
    fn dates_of(
        &self,
        column: &FurtherColumn,
        place: usize,
        blocks: &[Block],
        decided: &[Decision],
    ) -> DateReader {
        let known = column.field.and_then(|field| self.layout.dates.get(&field));
        let any = self.layout.dates.get(&Field::CreatedAt).or(self.layout.dates.get(&Field::PaidAt));
        let mut reader = known.or(any).copied().unwrap_or(self.dates);
        let header = &self.layout.headers[column.places[0]];
        let own = decided.iter().find(|decision| decision.column.header == *header);
        let first = decided.iter().find(|decision| decision.column.order != "year_first");
        let order = |decision: &Decision| match decision.column.order {
            "mdy" => DateOrder::Mdy,
            "dmy" => DateOrder::Dmy,
            _ => reader.order,
        };
        if let Some(own) = own {
            return DateReader { order: order(own), ..reader };
        }
        if let Some(first) = first {
            reader.order = order(first);
        }
        if !reader.is_certain || known.is_none() {
            let evident = texts(blocks, place).filter_map(|text| match reader.day(text.as_bytes()) {
                Day::Evident(_, order) => Some(order),
                _ => None,
            });
            let orders: Vec<DateOrder> = evident.collect();
            let (day_first, month_first) =
                (orders.contains(&DateOrder::Dmy), orders.contains(&DateOrder::Mdy));
            reader.order = match (day_first, month_first) {
                (true, false) => DateOrder::Dmy,
                (false, true) => DateOrder::Mdy,
                _ => reader.order,
            };
        }
        reader
    }

    /// The decimal mark of a column of amounts: the one its own cells show, or else that of the paid amounts.
    fn mark_of(&self, column: &FurtherColumn, place: usize, blocks: &[Block]) -> DecimalMark {
        let amounts = [Field::PaidAmount, Field::Amount, Field::UnitPrice];
        let paid = amounts.into_iter().find_map(|field| self.layout.column(field));
        let of_file = paid.map_or(DecimalMark::Point, |paid| self.layout.numbers.of(paid).mark);
        if let Some(mark) = self.decimal {
            return mark;
        }
        if self.layout.columns.values().flatten().filter(|other| **other == column.places[0]).count() > 1 {
            return of_file;
        }
        let mut cells = Cells::default();
        texts(blocks, place).for_each(|text| cells.add(text.as_bytes()));
        cells.evident().unwrap_or(of_file)
    }
}

fn texts(blocks: &[Block], place: usize) -> impl Iterator<Item = &str> {
    blocks.iter().filter_map(move |block| block.texts.words.get(place)).flat_map(Words::iter)
}

/// Normalises the texts of a column with `read`.
fn settle(
    blocks: &mut [Block],
    place: usize,
    column: usize,
    read: &(dyn Fn(&str, &mut String) -> bool + Sync),
    notes: &mut CellNotes,
) {
    let unread = blocks.par_iter_mut().map(|block| settle_block(block, place, read));
    let unread = unread.reduce(BTreeMap::new, |mut all, of_block| {
        of_block.into_iter().for_each(|(text, rows)| *all.entry(text).or_default() += rows);
        all
    });
    for (text, rows) in unread.into_iter().filter(|(_, rows)| *rows > 0) {
        notes.add_many(Oddity::Unreadable, column, text.as_bytes(), rows);
    }
}

/// Normalises the texts of one block. Returns the texts that cannot be read, with their number of rows.
fn settle_block(
    block: &mut Block,
    place: usize,
    read: &(dyn Fn(&str, &mut String) -> bool + Sync),
) -> BTreeMap<String, u64> {
    let mut unread: BTreeMap<String, u64> = BTreeMap::new();
    let Some(words) = block.texts.words.get_mut(place) else { return unread };
    let mut changed = Words::default();
    let is_read = words
        .iter()
        .map(|text| changed.write(|out| text.is_empty() || read(text, out)))
        .collect::<Vec<bool>>();
    if is_read.contains(&false) {
        let mut rows = vec![0_u64; is_read.len()];
        let numbers = block.rows.iter().filter_map(|group| group.columns.texts.get(place)).flatten();
        numbers.filter(|number| **number != UNKNOWN).for_each(|number| rows[*number as usize] += 1);
        for ((text, _), rows) in words.iter().zip(&is_read).zip(&rows).filter(|((_, is_read), _)| !**is_read)
        {
            *unread.entry(text.to_owned()).or_default() += rows;
        }
    }
    *words = changed;
    unread
}

/// Writes a day, with its time if there is one. Placeholders for "no day" become empty.
fn moment(reader: &DateReader, text: &str, out: &mut String) -> bool {
    let (day, second) = match reader.moment(text.as_bytes()) {
        (Day::On(day) | Day::Either(day) | Day::Evident(day, _), second) => (day, second),
        (Day::Null | Day::Placeholder, _) => return true,
        (Day::Impossible | Day::Bad, _) => return false,
    };
    let mut moment = Vec::with_capacity("2026-05-23 22:02:00".len());
    iso::write_iso(&mut moment, day);
    if second != day::MISSING {
        for (mark, part) in [(b' ', second / 3600), (b':', second / 60 % 60), (b':', second % 60)] {
            moment.extend([mark, b'0' + (part / 10) as u8, b'0' + (part % 10) as u8]);
        }
    }
    out.push_str(&String::from_utf8_lossy(&moment));
    true
}

fn amount(mark: DecimalMark, text: &str, out: &mut String) -> bool {
    match money::parse(text.as_bytes(), mark) {
        Amount::Null => true,
        Amount::Micros(amount) => {
            out.push_str(&micros::plain(amount));
            true
        }
        Amount::Bad => false,
    }
}
