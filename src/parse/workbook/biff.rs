//! Checks the records of old workbooks (xls, [MS-XLS] 2.1.4) before calamine relies on the sizes that they claim.

use super::Wrong;
use super::compound::{u16_at, u32_at};
use super::grid::{Refused, Room};
use crate::limits::{MAX_WORKBOOK_RATIO, MIN_WORKBOOK_BYTES, at_most};

/// Cost of an empty cell: calamine stores it like a filled one, which takes more memory than the comma it is in other
/// formats.
const EMPTY_CELL: u64 = 2;

/// A record of a stream.
struct Record<'a> {
    kind: u16,
    /// Where its bytes begin in the stream.
    at: usize,
    data: &'a [u8],
}

/// The records of a stream from a byte on; continuation records come as records of their own.
fn records(stream: &[u8], start: usize) -> impl Iterator<Item = Record<'_>> {
    let mut next = start;
    std::iter::from_fn(move || {
        let rest = stream.get(next..)?;
        let (kind, len) = (u16_at(rest, 0)?, usize::from(u16_at(rest, 2)?));
        let (at, data) = (next + 4, rest.get(4..4 + len)?);
        next = at + len;
        Some(Record { kind, at, data })
    })
}

const BEGIN: u16 = 0x0809;
const END: u16 = 0x000A;
/// Marks that everything behind it is encrypted.
const LOCKED: u16 = 0x002F;
const SHEET: u16 = 0x0085;
const STRINGS: u16 = 0x00FC;
const CONTINUE: u16 = 0x003C;
const DIMENSIONS: u16 = 0x0200;
const FORMULA_TEXT: u16 = 0x0207;
const SHARED_TEXT: u16 = 0x00FD;
const NUMBERS: u16 = 0x00BD;
const FORMULA: u16 = 0x0006;

/// Checks the size of the cells of all sheets in a workbook stream; `file` is the file's size in bytes. Returns the
/// sheets that would need more memory than allowed, with the reason and the place in the stream where their start is
/// recorded.
///
/// # Errors
/// When the workbook is encrypted, or its sheets share their cells.
pub(super) fn check(stream: &[u8], file: u64) -> Result<Vec<TooMuch>, Wrong> {
    let most = at_most(MIN_WORKBOOK_BYTES, MAX_WORKBOOK_RATIO, file);
    let globals = || records(stream, 0).take_while(|record| record.kind != END);
    if globals().any(|record| record.kind == LOCKED) {
        return Err(Wrong::Locked);
    }
    let strings = shared_lengths(stream);
    let (mut room, mut cells, mut too_much) = (Room::new(most, EMPTY_CELL), 0_u64, Vec::new());
    for (number, sheet) in globals().filter(|record| record.kind == SHEET).enumerate() {
        let Some(start) = u32_at(sheet.data, 0) else { continue };
        let refused = match Claimed::of(stream, start as usize, &strings) {
            Ok(claimed) => {
                cells += claimed.cells;
                // Sheets that share cells can be listed without limit; a real cell takes at least six bytes.
                if cells > stream.len() as u64 {
                    return Err(Wrong::Damaged);
                }
                claimed.take(&mut room).err()
            }
            Err(refused) => Some(refused),
        };
        too_much.extend(refused.map(|refused| TooMuch { number, at: sheet.at, refused }));
    }
    Ok(too_much)
}

/// A sheet that would need more memory than allowed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMuch {
    /// Its index among the sheets.
    pub number: usize,
    /// Where in the stream its start is recorded.
    pub at: usize,
    pub refused: Refused,
}

/// What the records of a sheet claim.
#[derive(Default)]
struct Claimed {
    values: Span,
    formulas: Span,
    cells: u64,
    /// Characters of shared texts.
    text: u64,
}

/// The area that cells span.
#[derive(Default)]
struct Span(Option<(u32, u32, u32, u32)>);

impl Span {
    /// Extends the area by some cells of a row.
    fn extend(&mut self, row: u32, left: u32, right: u32) {
        let (top, bottom, first, last) = self.0.unwrap_or((row, row, left, right));
        self.0 = Some((top.min(row), bottom.max(row), first.min(left), last.max(right)));
    }

    /// Number of rows and columns.
    fn size(&self) -> (u64, u64) {
        let of = |(top, bottom, left, right)| (u64::from(bottom - top + 1), u64::from(right - left + 1));
        self.0.map_or((0, 0), of)
    }
}

impl Claimed {
    /// For the sheet that begins at this byte of the stream. Substreams within it, such as charts, hold no cells of the
    /// sheet.
    fn of(stream: &[u8], start: usize, strings: &[u32]) -> Result<Self, Refused> {
        let mut sheet = Self::default();
        let (mut depth, mut has_begun, mut formula) = (0_u32, false, (0, 0));
        for Record { kind, data, .. } in records(stream, start) {
            match kind {
                BEGIN if has_begun => depth += 1,
                BEGIN => has_begun = true,
                END if depth == 0 => break,
                END => depth -= 1,
                _ if depth > 0 => {}
                DIMENSIONS => check_dimensions(data)?,
                FORMULA_TEXT => {
                    sheet.values.extend(formula.0, formula.1, formula.1);
                    sheet.cells += 1;
                }
                0x0203..=0x0205 | 0x00D6 | 0x027E | SHARED_TEXT | NUMBERS | FORMULA => {
                    let (Some(row), Some(left)) = (u16_at(data, 0), u16_at(data, 2)) else { continue };
                    let last = data.len().checked_sub(2).and_then(|at| u16_at(data, at));
                    let right = last.filter(|last| kind == NUMBERS && *last >= left).unwrap_or(left);
                    let (row, left, right) = (u32::from(row), u32::from(left), u32::from(right));
                    sheet.values.extend(row, left, right);
                    sheet.cells += u64::from(right - left) + 1;
                    if kind == FORMULA {
                        formula = (row, left);
                        sheet.formulas.extend(row, left, left);
                    }
                    if kind == SHARED_TEXT {
                        let text = u32_at(data, 6).and_then(|number| strings.get(number as usize));
                        sheet.text += text.map_or(0, |len| u64::from(*len));
                    }
                }
                _ => {}
            }
        }
        Ok(sheet)
    }

    /// Reserves memory for the sheet.
    fn take(&self, room: &mut Room) -> Result<(), Refused> {
        room.take(&[self.values.size(), self.formulas.size()], self.cells, self.text).map(|_| ())
    }
}

/// Checks the area that a sheet claims to span, since calamine allocates it.
fn check_dimensions(data: &[u8]) -> Result<(), Refused> {
    let wide = |at| u32_at(data, at).map(u64::from);
    let narrow = |at| u16_at(data, at).map(u64::from);
    let (rows, columns) = match data.len() {
        10 => ((narrow(0), narrow(2)), (narrow(4), narrow(6))),
        14 | 16 => ((wide(0), wide(4)), (narrow(8), narrow(10))),
        // calamine refuses such a record.
        _ => return Ok(()),
    };
    let span = |(first, end): (Option<u64>, Option<u64>)| {
        let (first, end) = (first.unwrap_or(0), end.unwrap_or(0));
        // An invalid first column is read as the first column of the sheet.
        if end > first { end - first } else { end.max(1) }
    };
    let (rows, columns) = (span(rows), columns.1.unwrap_or(0).max(span(columns)));
    Room::new(0, EMPTY_CELL).take(&[(rows, columns)], 0, 0).map(|_| ())
}

/// The number of characters of each shared text, as far as the records can be followed: [MS-XLS] 2.5.293.
fn shared_lengths(stream: &[u8]) -> Vec<u32> {
    let mut pieces = Vec::new();
    for Record { kind, data, .. } in records(stream, 0).take_while(|record| record.kind != END) {
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

/// A record and its continuation records.
struct Pieces<'a> {
    rest: std::vec::IntoIter<&'a [u8]>,
    data: &'a [u8],
}

impl Pieces<'_> {
    /// Number of characters of the next text.
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
            // A continuation record states again how wide its characters are.
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
        let small = |cells: &[Vec<u8>]| check(&stream(3, cells, 1), 100);
        assert_eq!(small(&[text_cell(0, 0), text_cell(65_535, 255)]), Ok(Vec::new()));
        // 65,536 rows of 65,536 columns, of which Excel has 256.
        let sparse =
            |number, at, rows, columns| TooMuch { number, at, refused: Refused::Sparse(rows, columns) };
        let far = [text_cell(0, 0), text_cell(65_535, 65_535)];
        assert_eq!(small(&far), Ok(vec![sparse(0, 4, 65_536, 65_536)]));
        let claim = |rows: u32, columns: u16| {
            let rows = [0_u32.to_le_bytes(), rows.to_le_bytes()].concat();
            record(DIMENSIONS, &[&rows[..], &[0; 2], &columns.to_le_bytes(), &[0; 2]].concat())
        };
        assert_eq!(small(&[claim(65_536, 256), text_cell(0, 0)]), Ok(Vec::new()));
        assert_eq!(small(&[claim(u32::MAX, 256)]), Ok(vec![sparse(0, 4, u64::from(u32::MAX), 256)]));
        // What a chart within the sheet holds is no cell of it.
        let chart = [record(BEGIN, &[]), text_cell(65_535, 65_535), record(END, &[])].concat();
        assert_eq!(small(&[text_cell(0, 0), chart, text_cell(1, 1)]), Ok(Vec::new()));
    }

    #[test]
    fn what_sheets_take_is_added_up_and_the_one_that_runs_over_is_named() {
        // 65,536 rows of 200 columns count as 26,214,400 cells, of which there may be 67,108,864: two such sheets. What
        // is no room for them leaves room for a small one.
        let wide = [text_cell(0, 0), text_cell(65_535, 199)];
        let sheets = [&wide[..], &wide, &wide, &[text_cell(0, 0), text_cell(9, 9)]];
        let text = [&[1_u8, 0, 0, 0, 1, 0, 0, 0][..], &[3, 0, 0], b"xxx"].concat();
        let front = [record(STRINGS, &text), record(END, &[])].concat();
        let bodies = sheets.map(|cells| [record(BEGIN, &[0; 8]), cells.concat(), record(END, &[])].concat());
        let mut start = sheets.len() * record(SHEET, &[0; 8]).len() + front.len();
        let mut listed = Vec::new();
        for body in &bodies {
            listed.extend(record(SHEET, &[(start as u32).to_le_bytes(), [0; 4]].concat()));
            start += body.len();
        }
        let stream = [listed, front, bodies.concat()].concat();
        let third = TooMuch { number: 2, at: 2 * 12 + 4, refused: Refused::Sparse(65_536, 200) };
        assert_eq!(check(&stream, 100), Ok(vec![third]));
    }

    #[test]
    fn a_locked_workbook_is_told_as_one() {
        for kind in [0_u16, 1] {
            let lock = record(LOCKED, &[&kind.to_le_bytes()[..], &[7; 4]].concat());
            let stream = [record(BEGIN, &[0; 8]), lock, vec![0x55; 40]].concat();
            assert_eq!(check(&stream, 100), Err(Wrong::Locked));
        }
    }

    #[test]
    fn one_long_text_in_many_cells_or_one_sheet_in_many_is_not_read() {
        let cells: Vec<Vec<u8>> = (0..5_000).map(|row| text_cell(row, 0)).collect();
        let most = MIN_WORKBOOK_BYTES;
        assert_eq!(check(&stream(20_000, &cells, 1), 100), Ok(Vec::new()));
        // 5,000 cells of 30,000 characters: 150,000,000 of 134,217,728.
        let long = vec![TooMuch { number: 0, at: 4, refused: Refused::Long(most) }];
        assert_eq!(check(&stream(30_000, &cells, 1), 100), Ok(long));
        assert_eq!(check(&stream(3, &cells, 20), 100), Err(Wrong::Damaged));
    }

    #[test]
    fn texts_are_followed_through_what_continues_them() {
        // Five narrow characters, two of them in the next record, then two wide ones with a run of formats behind.
        let first = [&[0_u8; 8][..], &[5, 0, 0], b"abc"].concat();
        let second = [&[0_u8][..], b"de", &[2, 0, 9, 1, 0], b"a\0b\0", &[0; 4], &[1, 0, 0], b"z"].concat();
        let stream = [record(STRINGS, &first), record(CONTINUE, &second), record(END, &[])].concat();
        assert_eq!(shared_lengths(&stream), [5, 2, 1]);
    }
}
