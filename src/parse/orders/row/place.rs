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

/// The one column that says where orders went.
#[derive(Debug, Clone, Copy)]
pub struct OnlyColumn {
    /// What it says: the place in [`PlaceReader::single_columns`].
    part: usize,
    /// Its place in the file.
    pub column: usize,
}

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

    /// The column that alone says where an order went; `None` if there are several, or if it holds addresses.
    pub fn only_column(&self) -> Option<OnlyColumn> {
        let columns = self.columns();
        let mut named = (0..).zip(columns).filter(|(_, columns)| !columns.is_empty());
        let (part, columns) = named.next().filter(|_| self.address.is_empty())?;
        let &[column] = columns else { return None };
        named.next().is_none().then_some(OnlyColumn { part, column })
    }

    /// Like [`Self::number_of_plain`], for the cell of the only column.
    #[inline]
    pub fn number_of_only(&self, only: OnlyColumn, cell: Packed<'_>, places: &mut Places) -> u32 {
        let key = [Key::of_packed(cell), Key::NONE, Key::NONE, Key::NONE];
        places.number_of_keys(key, || {
            let mut cells = [const { Cow::Borrowed(&[] as &[u8]) }; 4];
            cells[only.part] = Cow::Borrowed(cell.text());
            self.region(&cells)
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(columns: [&[usize]; 4]) -> PlaceReader {
        let [country, province, city, address] = columns.map(<[usize]>::to_vec);
        let home = Some("中国".to_owned());
        PlaceReader { country, province, city, address, home, encoding: CellEncoding::Utf8 }
    }

    #[test]
    fn the_only_column_means_what_it_means_among_others() {
        for (part, texts) in [
            (0, ["中国", " US ", "-", ""]),
            (1, ["浙江省", " 浙江 ", "新疆维吾尔自治区", ""]),
            (2, ["杭州市", "Hangzhou", "null", ""]),
        ] {
            let mut columns: [&[usize]; 4] = [&[], &[], &[], &[]];
            columns[part] = &[5];
            let reader = reader(columns);
            let only = reader.only_column().expect("one column");
            assert_eq!((only.part, only.column), (part, 5));
            let (mut alone, mut among) = (Places::default(), Places::default());
            for text in texts {
                let mut cells = [const { Cow::Borrowed(&[] as &[u8]) }; 4];
                cells[part] = Cow::Borrowed(text.as_bytes());
                let number = reader.number_of_only(only, Packed::of(text.as_bytes()), &mut alone);
                assert_eq!(number, reader.number_of(&cells, &mut Vec::new(), &mut among), "{text}");
            }
            assert_eq!(alone.list, among.list);
        }
    }

    #[test]
    fn several_columns_and_addresses_are_no_only_column() {
        for columns in [[&[][..], &[1], &[2], &[]], [&[], &[1, 2], &[], &[]], [&[], &[], &[], &[3]]] {
            assert!(reader(columns).only_column().is_none(), "{columns:?}");
        }
    }
}
