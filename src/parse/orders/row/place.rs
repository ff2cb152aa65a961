//! Reads where an order went, from the columns that say it.

use std::borrow::Cow;

use crate::parse::encoding::CellEncoding;
use crate::parse::layout::Layout;
use crate::parse::records::Record;
use crate::regions::{Region, Written};
use crate::rows::dictionary::Dictionary;
use crate::schema::packed::Packed;
use crate::schema::{Field, Key};
use crate::text;

/// Reads the regions of one file's records.
#[derive(Debug)]
pub struct PlaceReader {
    country: Vec<usize>,
    province: Vec<usize>,
    city: Vec<usize>,
    address: Vec<usize>,
    home: Option<String>,
    encoding: CellEncoding,
}

/// The regions of a block's rows.
pub type Places = Dictionary<Region>;

impl PlaceReader {
    /// Resolves a layout; `None` if it has no columns of places.
    pub fn new(layout: &Layout) -> Option<Self> {
        let columns = |field| layout.columns.get(&field).cloned().unwrap_or_default();
        let reader = Self {
            country: columns(Field::Country),
            province: columns(Field::Province),
            city: columns(Field::City),
            address: columns(Field::Address),
            home: layout.preset.country.clone(),
            encoding: layout.encoding,
        };
        let has_any = [&reader.country, &reader.province, &reader.city, &reader.address]
            .iter()
            .any(|columns| !columns.is_empty());
        has_any.then_some(reader)
    }

    /// The number of a record's region in `places`.
    pub fn number(&self, record: &Record<'_>, places: &mut Places) -> u32 {
        self.number_of(&self.columns().map(|columns| filled(columns, record)), &mut Vec::new(), places)
    }

    /// The columns of country, province, city and address, if each is at most one column.
    pub fn single_columns(&self) -> Option<[Option<usize>; 4]> {
        let are_single = self.columns().iter().all(|columns| columns.len() <= 1);
        are_single.then(|| self.columns().map(|columns| columns.first().copied()))
    }

    /// The number of the region that these cells mean, in the order of [`Self::single_columns`]; `key` is a reusable
    /// buffer.
    pub fn number_of(&self, cells: &[Cow<'_, [u8]>; 4], key: &mut Vec<u8>, places: &mut Places) -> u32 {
        // A few places occur often, so the meaning of the raw cells, with any padding, is looked up in a table.
        key.clear();
        for cell in cells {
            key.extend_from_slice(cell);
            key.push(0);
        }
        places.number(key, || self.region(cells))
    }

    /// Like [`Self::number_of`], for cells that hold no addresses but short words, which are compared at once.
    #[inline]
    pub fn number_of_plain(&self, cells: [Packed<'_>; 4], key: &mut Vec<u8>, places: &mut Places) -> u32 {
        let texts = || cells.map(|cell| Cow::Borrowed(cell.text()));
        match self.address.is_empty() {
            true => places.number_of_keys(cells.map(Key::of_packed), || self.region(&texts())),
            false => self.number_of(&texts(), key, places),
        }
    }

    fn columns(&self) -> [&[usize]; 4] {
        [&self.country, &self.province, &self.city, &self.address]
    }

    fn region(&self, cells: &[Cow<'_, [u8]>; 4]) -> Region {
        let is_blank = !cells.iter().any(|cell| says_anything(cell));
        let texts = cells.each_ref().map(|cell| {
            let cell: &[u8] = if says_anything(cell) { cell } else { b"" };
            let decoded = self.encoding.decode(Cow::Borrowed(cell)).unwrap_or_default();
            String::from_utf8_lossy(&decoded).into_owned()
        });
        let written =
            Written { country: &texts[0], province: &texts[1], city: &texts[2], address: &texts[3] };
        // If no cell names a place, the platform's country is not added either.
        let home = self.home.as_deref().filter(|_| !is_blank);
        Region::of(written, home)
    }
}

/// Whether a cell names a place.
fn says_anything(cell: &[u8]) -> bool {
    !text::is_null(text::trim(cell))
}

/// The first cell that names a place.
fn filled<'a>(columns: &[usize], record: &Record<'a>) -> Cow<'a, [u8]> {
    columns.iter().map(|&column| record.cell(column)).find(|cell| says_anything(cell)).unwrap_or_default()
}
