//! Old workbooks (xls): what they claim, checked before calamine believes it. An xls is a compound file, which is a file
//! system of sectors in chains ([MS-CFB]), and in it a stream of records ([MS-XLS] 2.1.4).
//!
//! Only what takes memory is looked at; whatever else is wrong calamine finds.

use crate::limits::{MAX_WORKBOOK_RATIO, MIN_WORKBOOK_BYTES, at_most};
use crate::parse::workbook::grid::check_area;

/// Why an old workbook is not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// A chain runs in a circle, a stream is longer than the file, or the like.
    Damaged,
    /// Its sheets span so many cells, almost all of them empty.
    Sparse(u64),
    /// Its cells hold more text than so many bytes.
    Long(u64),
}

/// Checks a compound file; what is none passes.
///
/// # Errors
/// When it would take memory that its size does not make plausible.
pub(super) fn check(bytes: &[u8]) -> Result<(), Wrong> {
    const SIGNATURE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
    if !bytes.starts_with(SIGNATURE) {
        return Ok(());
    }
    let Some(stream) = workbook_stream(bytes) else { return Err(Wrong::Damaged) };
    check_sheets(&stream, bytes.len() as u64)
}

/// The last of the numbers that name a sector; above are marks of ends and gaps.
const MAX_SECTOR: u32 = 0xFFFF_FFF9;
const END_OF_CHAIN: u32 = 0xFFFF_FFFE;

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(4).filter_map(|four| u32_at(four, 0))
}

/// Sectors of one size, and which follows which.
struct Sectors<'a> {
    bytes: &'a [u8],
    size: usize,
    next: Vec<u32>,
}

impl Sectors<'_> {
    /// A sector; the last one of a file may be cut.
    fn get(&self, sector: u32) -> Option<&[u8]> {
        let start = (sector as usize).checked_mul(self.size)?;
        let end = start.checked_add(self.size)?.min(self.bytes.len());
        self.bytes.get(start..end)
    }

    /// The bytes of a chain, up to so many; none where it is longer than all sectors together, and so a circle.
    fn chain(&self, start: u32, len: usize) -> Option<Vec<u8>> {
        let (mut chain, mut sector) = (Vec::new(), start);
        for _ in 0..self.bytes.len() / self.size + 3 {
            if sector == END_OF_CHAIN || chain.len() >= len {
                chain.truncate(len);
                return Some(chain);
            }
            chain.extend_from_slice(self.get(sector)?);
            sector = *self.next.get(sector as usize).unwrap_or(&END_OF_CHAIN);
        }
        None
    }
}

/// The stream `Workbook`, or `Book` of yet older files; none where the file is damaged.
fn workbook_stream(bytes: &[u8]) -> Option<Vec<u8>> {
    const HEADER: usize = 512;
    const ENTRY: usize = 128;
    const MINI_SECTOR: usize = 64;
    const MAX_MINI_STREAM: u64 = 4_096;
    let size = match u16_at(bytes, 30)? {
        0x0009 => 512,
        0x000C => 4_096,
        _ => return None,
    };
    let mut sectors = Sectors { bytes: bytes.get(HEADER.max(size)..)?, size, next: Vec::new() };
    sectors.next = allocation(bytes.get(..HEADER)?, &sectors)?;
    let entries = sectors.chain(u32_at(bytes, 48)?, usize::MAX)?;
    let entries: Vec<&[u8]> = entries.chunks_exact(ENTRY).collect();
    let place = |entry: &[u8]| {
        let long = if size == 512 { 0 } else { u64::from(u32_at(entry, 124)?) };
        Some((u32_at(entry, 116)?, u64::from(u32_at(entry, 120)?) | long << u32::BITS))
    };
    let fits = |len: u64| usize::try_from(len).ok().filter(|len| *len <= bytes.len());
    let named = |name: &str| {
        let is = |entry: &&&[u8]| {
            let units = entry[..64].chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
            let own = char::decode_utf16(units.take_while(|unit| *unit != 0)).map_while(Result::ok);
            own.collect::<String>().eq_ignore_ascii_case(name)
        };
        entries.iter().find(is)
    };
    let (start, len) = place(named("Workbook").or_else(|| named("Book"))?)?;
    let mini_sectors = u64::from(u32_at(bytes, 64)?);
    let root = place(entries.first()?)?;
    // calamine reads both of these whole, whatever they are needed for.
    let mini_len = if mini_sectors == 0 { 0 } else { fits(root.1)? };
    let mini_table = fits(mini_sectors * size as u64)?;
    if len >= MAX_MINI_STREAM {
        return sectors.chain(start, fits(len)?);
    }
    let stream = sectors.chain(root.0, mini_len)?;
    let table = sectors.chain(u32_at(bytes, 60)?, mini_table)?;
    let mini = Sectors { bytes: &stream, size: MINI_SECTOR, next: numbers(&table).collect() };
    mini.chain(start, fits(len)?)
}

/// Which sector follows each; none where the tables of that are more than the file has room for.
fn allocation(header: &[u8], sectors: &Sectors<'_>) -> Option<Vec<u32>> {
    let most = sectors.bytes.len() / sectors.size + 1;
    let mut tables: Vec<u32> = numbers(&header[76..]).collect();
    let mut further = u32_at(header, 68)?;
    let mut seen = 0;
    while further <= MAX_SECTOR {
        seen += 1;
        if seen > most {
            return None;
        }
        tables.extend(numbers(sectors.get(further)?));
        further = tables.pop()?;
    }
    tables.retain(|table| *table <= MAX_SECTOR);
    if tables.len() > most {
        return None;
    }
    let mut next = Vec::new();
    for table in tables {
        next.extend(numbers(sectors.get(table)?));
    }
    Some(next)
}

/// The records of a stream: their kind and bytes, without those that continue one.
fn records(stream: &[u8], start: usize) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = stream.get(start..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (kind, len) = (u16_at(rest, 0)?, usize::from(u16_at(rest, 2)?));
        let data = rest.get(4..4 + len)?;
        rest = &rest[4 + len..];
        Some((kind, data))
    })
}

const BEGIN: u16 = 0x0809;
const END: u16 = 0x000A;
const SHEET: u16 = 0x0085;
const STRINGS: u16 = 0x00FC;
const CONTINUE: u16 = 0x003C;
const DIMENSIONS: u16 = 0x0200;
const FORMULA_TEXT: u16 = 0x0207;
const SHARED_TEXT: u16 = 0x00FD;
const NUMBERS: u16 = 0x00BD;
const FORMULA: u16 = 0x0006;

/// Checks what the cells of all sheets come to.
fn check_sheets(stream: &[u8], file: u64) -> Result<(), Wrong> {
    let most = at_most(MIN_WORKBOOK_BYTES, MAX_WORKBOOK_RATIO, file);
    let globals = || records(stream, 0).take_while(|(kind, _)| *kind != END);
    let starts: Vec<u32> =
        globals().filter(|(kind, _)| *kind == SHEET).filter_map(|(_, data)| u32_at(data, 0)).collect();
    let strings = shared_lengths(stream);
    let (mut area, mut filled, mut text) = (0_u64, 0_u64, 0_u64);
    for start in starts {
        let sheet = Claimed::of(stream, start as usize, &strings)?;
        area = area.saturating_add(sheet.area);
        filled += sheet.cells;
        text = text.saturating_add(sheet.text);
        // Sheets that share their cells are as many as a file wants; no honest cell takes less than six bytes.
        if filled > stream.len() as u64 {
            return Err(Wrong::Damaged);
        }
        // calamine keeps an empty cell as a filled one, which takes more than the comma that it is elsewhere.
        check_area(area, 2, filled).map_err(|_| Wrong::Sparse(area))?;
        if text > most {
            return Err(Wrong::Long(most));
        }
    }
    Ok(())
}

/// What the records of a sheet take.
#[derive(Default)]
struct Claimed {
    /// Cells of the areas that its values and its formulas span.
    area: u64,
    cells: u64,
    /// Characters of shared texts.
    text: u64,
}

/// The area that cells span.
#[derive(Default)]
struct Span(Option<(u32, u32, u32, u32)>);

impl Span {
    /// Takes cells of a row.
    fn see(&mut self, row: u32, left: u32, right: u32) {
        let (top, bottom, first, last) = self.0.unwrap_or((row, row, left, right));
        self.0 = Some((top.min(row), bottom.max(row), first.min(left), last.max(right)));
    }

    fn area(&self) -> u64 {
        let of = |(top, bottom, left, right)| u64::from(bottom - top + 1) * u64::from(right - left + 1);
        self.0.map_or(0, of)
    }
}

impl Claimed {
    /// Of the sheet that begins at a byte of the stream; what stands in other streams within it, as charts do, is no
    /// cell of it.
    fn of(stream: &[u8], start: usize, strings: &[u32]) -> Result<Self, Wrong> {
        let (mut sheet, mut values, mut formulas) = (Self::default(), Span::default(), Span::default());
        let (mut depth, mut has_begun, mut formula) = (0_u32, false, (0, 0));
        for (kind, data) in records(stream, start) {
            match kind {
                BEGIN if has_begun => depth += 1,
                BEGIN => has_begun = true,
                END if depth == 0 => break,
                END => depth -= 1,
                _ if depth > 0 => {}
                DIMENSIONS => check_dimensions(data)?,
                FORMULA_TEXT => {
                    values.see(formula.0, formula.1, formula.1);
                    sheet.cells += 1;
                }
                0x0203..=0x0205 | 0x00D6 | 0x027E | SHARED_TEXT | NUMBERS | FORMULA => {
                    let (Some(row), Some(left)) = (u16_at(data, 0), u16_at(data, 2)) else { continue };
                    let last = data.len().checked_sub(2).and_then(|at| u16_at(data, at));
                    let right = last.filter(|last| kind == NUMBERS && *last >= left).unwrap_or(left);
                    let (row, left, right) = (u32::from(row), u32::from(left), u32::from(right));
                    values.see(row, left, right);
                    sheet.cells += u64::from(right - left) + 1;
                    if kind == FORMULA {
                        formula = (row, left);
                        formulas.see(row, left, left);
                    }
                    if kind == SHARED_TEXT {
                        let text = u32_at(data, 6).and_then(|number| strings.get(number as usize));
                        sheet.text += text.map_or(0, |len| u64::from(*len));
                    }
                }
                _ => {}
            }
        }
        sheet.area = values.area() + formulas.area();
        Ok(sheet)
    }
}

/// Checks the area that a sheet says it has, for which calamine makes room.
fn check_dimensions(data: &[u8]) -> Result<(), Wrong> {
    let wide = |at| u32_at(data, at).map(u64::from);
    let narrow = |at| u16_at(data, at).map(u64::from);
    let (rows, columns) = match data.len() {
        10 => ((narrow(0), narrow(2)), (narrow(4), narrow(6))),
        14 | 16 => ((wide(0), wide(4)), (narrow(8), narrow(10))),
        // calamine refuses it.
        _ => return Ok(()),
    };
    let span = |(first, end): (Option<u64>, Option<u64>)| {
        let (first, end) = (first.unwrap_or(0), end.unwrap_or(0));
        // A first column that can be none is taken for the first of all.
        if end > first { end - first } else { end.max(1) }
    };
    let (rows, columns) = (span(rows), columns.1.unwrap_or(0).max(span(columns)));
    check_area(rows, columns.saturating_mul(2), 0)
        .map(|_| ())
        .map_err(|_| Wrong::Sparse(rows.saturating_mul(columns)))
}

/// How many characters each of the texts has that cells share, as far as they can be followed: [MS-XLS] 2.5.293.
fn shared_lengths(stream: &[u8]) -> Vec<u32> {
    let mut pieces = Vec::new();
    for (kind, data) in records(stream, 0).take_while(|(kind, _)| *kind != END) {
        match kind {
            STRINGS => pieces = vec![data.get(8..).unwrap_or_default()],
            CONTINUE if !pieces.is_empty() => pieces.push(data),
            _ if !pieces.is_empty() => break,
            _ => {}
        }
    }
    let mut texts = Pieces { rest: pieces.into_iter(), data: &[] };
    std::iter::from_fn(|| texts.length()).collect()
}

/// A record and those that continue it.
struct Pieces<'a> {
    rest: std::vec::IntoIter<&'a [u8]>,
    data: &'a [u8],
}

impl Pieces<'_> {
    /// The characters of the next text.
    fn length(&mut self) -> Option<u32> {
        while self.data.is_empty() {
            self.data = self.rest.next()?;
        }
        let (count, flags) = (u16_at(self.data, 0)?, *self.data.get(2)?);
        self.data = &self.data[3..];
        let mut behind = 0;
        if flags & 0x8 != 0 {
            behind += 4 * u64::from(u16_at(self.data, 0)?);
            self.data = &self.data[2..];
        }
        if flags & 0x4 != 0 {
            behind += u64::from(u32_at(self.data, 0)?);
            self.data = &self.data[4..];
        }
        let (mut left, mut width) = (usize::from(count), 1 + usize::from(flags & 1));
        loop {
            let here = left.min(self.data.len() / width);
            self.data = &self.data[here * width..];
            left -= here;
            if left == 0 {
                break;
            }
            // What is continued says anew how wide its characters are.
            self.data = self.rest.next()?;
            width = 1 + usize::from(*self.data.first()? & 1);
            self.data = &self.data[1..];
        }
        while behind > self.data.len() as u64 {
            behind -= self.data.len() as u64;
            self.data = self.rest.next()?;
        }
        self.data = &self.data[behind as usize..];
        Some(u32::from(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat()
    }

    /// A cell of the first of the shared texts.
    fn text_cell(row: u16, column: u16) -> Vec<u8> {
        record(SHARED_TEXT, &[row.to_le_bytes(), column.to_le_bytes(), [0; 2], [0; 2], [0; 2]].concat())
    }

    /// A workbook stream with one text of so many characters and a sheet of these records, which is listed so often.
    fn stream(characters: u16, cells: &[Vec<u8>], sheets: usize) -> Vec<u8> {
        let text = [&[1_u8, 0, 0, 0, 1, 0, 0, 0][..], &characters.to_le_bytes(), &[0]].concat();
        let text =
            [record(STRINGS, &[text, vec![b'x'; characters.into()]].concat()), record(END, &[])].concat();
        let start = (sheets * record(SHEET, &[0; 8]).len() + text.len()) as u32;
        let listed = record(SHEET, &[&start.to_le_bytes()[..], &[0; 4]].concat()).repeat(sheets);
        [listed, text, record(BEGIN, &[0; 8]), cells.concat(), record(END, &[])].concat()
    }

    #[test]
    fn old_sheets_are_measured_before_they_are_read() {
        let small = |cells: &[Vec<u8>]| check_sheets(&stream(3, cells, 1), 100);
        assert_eq!(small(&[text_cell(0, 0), text_cell(65_535, 255)]), Ok(()));
        // 65,536 rows of 65,536 columns, of which Excel has 256.
        let sparse = Err(Wrong::Sparse(4_294_967_296));
        assert_eq!(small(&[text_cell(0, 0), text_cell(65_535, 65_535)]), sparse);
        let claim = |rows: u32, columns: u16| {
            let rows = [0_u32.to_le_bytes(), rows.to_le_bytes()].concat();
            record(DIMENSIONS, &[&rows[..], &[0; 2], &columns.to_le_bytes(), &[0; 2]].concat())
        };
        assert_eq!(small(&[claim(65_536, 256), text_cell(0, 0)]), Ok(()));
        assert!(small(&[claim(u32::MAX, 256)]).is_err());
        // What a chart within the sheet holds is no cell of it.
        let chart = [record(BEGIN, &[]), text_cell(65_535, 65_535), record(END, &[])].concat();
        assert_eq!(small(&[text_cell(0, 0), chart, text_cell(1, 1)]), Ok(()));
    }

    #[test]
    fn one_long_text_in_many_cells_or_one_sheet_in_many_is_not_read() {
        let cells: Vec<Vec<u8>> = (0..5_000).map(|row| text_cell(row, 0)).collect();
        let most = MIN_WORKBOOK_BYTES;
        assert_eq!(check_sheets(&stream(20_000, &cells, 1), 100), Ok(()));
        // 5,000 cells of 30,000 characters: 150,000,000 of 134,217,728.
        assert_eq!(check_sheets(&stream(30_000, &cells, 1), 100), Err(Wrong::Long(most)));
        assert_eq!(check_sheets(&stream(3, &cells, 20), 100), Err(Wrong::Damaged));
    }

    #[test]
    fn texts_are_followed_through_what_continues_them() {
        // Five narrow characters, two of them in the next record, then two wide ones with a run of formats behind.
        let first = [&[0_u8; 8][..], &[5, 0, 0], b"abc"].concat();
        let second = [&[0_u8][..], b"de", &[2, 0, 9, 1, 0], b"a\0b\0", &[0; 4], &[1, 0, 0], b"z"].concat();
        let stream = [record(STRINGS, &first), record(CONTINUE, &second), record(END, &[])].concat();
        assert_eq!(shared_lengths(&stream), [5, 2, 1]);
    }

    #[test]
    fn chains_in_a_circle_end() {
        let sectors = Sectors { bytes: &[7; 1_024], size: 512, next: vec![1, 0] };
        assert_eq!(sectors.chain(0, usize::MAX), None);
        assert_eq!(sectors.chain(0, 600).map(|bytes| bytes.len()), Some(600));
        let sectors = Sectors { next: vec![1, END_OF_CHAIN], ..sectors };
        assert_eq!(sectors.chain(0, usize::MAX).map(|bytes| bytes.len()), Some(1_024));
        assert_eq!(sectors.chain(9, 1), None);
    }
}
