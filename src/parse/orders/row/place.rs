//! Where an order went, from whichever columns say it.

use std::borrow::Cow;

use crate::parse::encoding::CellEncoding;
use crate::parse::layout::Layout;
use crate::parse::records::Record;
use crate::regions::{Region, Written};
use crate::rows::dictionary::Dictionary;
use crate::schema::Field;
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

/// The regions met in a block.
pub type Places = Dictionary<Region>;

impl PlaceReader {
    /// Resolves a layout; `None` where it says nothing of places.
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

    /// The number of a record's region among those met so far.
    pub fn number(&self, record: &Record<'_>, places: &mut Places) -> u32 {
        let cells =
            [&self.country, &self.province, &self.city, &self.address].map(|columns| filled(columns, record));
        // Few places are met often; what their cells mean is looked up once.
        let mut key = Vec::with_capacity(64);
        for cell in &cells {
            key.extend_from_slice(cell);
            key.push(0);
        }
        places.number(&key, || self.region(&cells))
    }

    fn region(&self, cells: &[Cow<'_, [u8]>; 4]) -> Region {
        let is_blank = cells.iter().all(|cell| text::is_null(text::trim(cell)));
        let texts = cells.each_ref().map(|cell| {
            let decoded = self.encoding.decode(Cow::Borrowed(cell)).unwrap_or_default();
            String::from_utf8_lossy(&decoded).into_owned()
        });
        let written =
            Written { country: &texts[0], province: &texts[1], city: &texts[2], address: &texts[3] };
        // Where no cell says anything, the platform's country does not either.
        let home = self.home.as_deref().filter(|_| !is_blank);
        Region::of(written, home)
    }
}

/// The first cell that says anything.
fn filled<'a>(columns: &[usize], record: &Record<'a>) -> Cow<'a, [u8]> {
    let cells = columns.iter().map(|&column| record.cell(column));
    cells.into_iter().find(|cell| !text::is_null(text::trim(cell))).unwrap_or_default()
}
