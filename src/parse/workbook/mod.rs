//! Excel workbooks as delimited text, sheet by sheet; from there they are read like every other export.

mod biff;
mod compound;
mod grid;
mod parts;

use std::borrow::Cow;
use std::io::Cursor;

use calamine::{
    Data, DataRef, Error as Fault, OdsError, Reader, SheetType, SheetVisible, Sheets, XlsError, XlsbError,
    XlsxError, open_workbook_auto_from_rs,
};

use crate::error::{Error, Result};
use crate::limits::{MAX_COLUMNS, MAX_SHEET_ROWS, MAX_WORKBOOK_RATIO, MIN_WORKBOOK_BYTES, at_most};
use crate::parse::foreign::guarded;
use crate::parse::source::{Hashing, Source};
pub(super) use grid::Refused;
use grid::{Grid, Merged, Room};
use parts::Parts;

/// An opened workbook.
pub struct Workbook {
    name: String,
    book: Sheets<Cursor<Vec<u8>>>,
    hashing: Hashing,
    /// The memory that its sheets may still take.
    room: Room,
    checked: Checked,
}

/// What is known of a workbook before it is opened.
struct Checked {
    /// Whether any sheet may have merged cells.
    may_merge: bool,
    /// Sheets of an old workbook, by index, that would take more memory than allowed and are therefore emptied before
    /// it is opened.
    too_much: Vec<(usize, Refused)>,
}

/// Why a workbook is not opened.
#[derive(Debug, PartialEq, Eq)]
enum Wrong {
    /// It contradicts itself.
    Damaged,
    /// It cannot be read without its password.
    Locked,
    /// Its parts unfold to more than so many bytes.
    Unfolds(u64),
}

/// Whole numbers from here on have more than the 15 digits that Excel keeps: as ids they are rounded.
const ROUNDED: f64 = 1e15;

/// The serial day numbers of spreadsheets: up to 9999-12-31.
const SERIALS: std::ops::Range<f64> = 0.0..2_958_466.0;

impl Workbook {
    /// Opens a workbook (xlsx, xlsm, xlsb, xls or ods) from its bytes.
    ///
    /// # Errors
    /// When the bytes are no workbook, need a password, or would take more memory than their size makes plausible.
    pub(super) fn open(name: String, mut bytes: Vec<u8>, hashing: Hashing) -> Result<Self> {
        let room = Room::new(at_most(MIN_WORKBOOK_BYTES, MAX_WORKBOOK_RATIO, bytes.len() as u64), 1);
        let opened = Checked::of(&mut bytes).and_then(|checked| {
            let opened = guarded(|| open_workbook_auto_from_rs(Cursor::new(bytes)));
            opened.unwrap_or(Err(Fault::Msg(""))).map(|book| (book, checked)).map_err(|fault| wrong(&fault))
        });
        match opened {
            Ok((book, checked)) => Ok(Self { name, book, hashing, room, checked }),
            Err(Wrong::Damaged) => Err(Error::input_of(name, "workbook_damaged", &[])),
            Err(Wrong::Locked) => Err(Error::input_of(name, "workbook_locked", &[])),
            Err(Wrong::Unfolds(most)) => {
                Err(Error::input_of(name, "workbook_unfolds", &[("bytes", megabytes(most))]))
            }
        }
    }

    /// The names of the sheets, in the workbook's order.
    pub(super) fn sheets(&self) -> Vec<String> {
        self.book.sheet_names()
    }

    /// The names of the sheets that are not hidden.
    pub(super) fn visible_sheets(&self) -> Vec<String> {
        let sheets = self.book.sheets_metadata().iter();
        sheets
            .filter(|sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet)
            .map(|sheet| sheet.name.clone())
            .collect()
    }

    /// A sheet as comma-separated UTF-8, one record per row from the first on, so that record numbers are row numbers.
    /// [`Refused`] if its cells would take more memory than allowed.
    ///
    /// # Errors
    /// When it is damaged.
    pub(super) fn sheet(&mut self, sheet: &str) -> Result<Result<Source, Refused>> {
        let damaged = |system: String| {
            let values = [("sheet", format!("{sheet:?}")), ("system", system)];
            Error::input_of(self.name.clone(), "sheet_damaged", &values)
        };
        let number = self.book.sheets_metadata().iter().position(|own| own.name == sheet);
        if let Some((_, refused)) = self.checked.too_much.iter().find(|(of, _)| Some(*of) == number) {
            return Ok(Err(*refused));
        }
        let (book, room, may_merge) = (&mut self.book, &self.room, self.checked.may_merge);
        let read = guarded(|| {
            let merged = if may_merge { merged(book, sheet) } else { Merged::default() };
            (filled(book, sheet, room), merged)
        });
        // The message of a panic would not help the user.
        let Some((filled, merged)) = read else { return Err(damaged("…".to_owned())) };
        let grid = filled.map_err(|fault| damaged(fault.to_string()))?;
        let text = match grid.and_then(|grid| grid.into_text(&merged, &mut self.room)) {
            Ok(text) => text,
            Err(refused) => return Ok(Err(refused)),
        };
        let mut source =
            Source::with_head(self.name.clone(), Box::new(Cursor::new(text)), self.hashing.clone())?;
        source.has_1904_dates = Some(self.has_1904_dates());
        source.is_made = true;
        Ok(Ok(source))
    }

    /// The error for a sheet that is refused.
    pub(super) fn refusal(&self, sheet: &str, refused: Refused) -> Error {
        let mut values = vec![("sheet", format!("{sheet:?}"))];
        let key = match refused {
            Refused::Beyond(row, column) => {
                values.push(("row", (u64::from(row) + 1).to_string()));
                values.push(("column", (u64::from(column) + 1).to_string()));
                values.push(("most_rows", MAX_SHEET_ROWS.to_string()));
                values.push(("most_columns", MAX_COLUMNS.to_string()));
                "cell_beyond"
            }
            Refused::Sparse(rows, columns) => {
                values.push(("rows", rows.to_string()));
                values.push(("columns", columns.to_string()));
                "sheet_sparse"
            }
            Refused::Long(most) => {
                values.push(("bytes", megabytes(most)));
                "sheet_long"
            }
        };
        Error::input_of(self.name.clone(), key, &values)
    }

    /// Whether days count from 1904, as on old Macs.
    fn has_1904_dates(&self) -> bool {
        match &self.book {
            Sheets::Xlsx(book) => book.has_1904_epoch(),
            Sheets::Xls(book) => book.has_1904_epoch(),
            Sheets::Xlsb(book) => book.has_1904_epoch(),
            Sheets::Ods(_) => false,
        }
    }
}

impl Checked {
    /// Checks the sizes that a workbook claims. Sheets of an old workbook that would take too much memory are emptied
    /// in `bytes`, since such a workbook is opened with all its sheets.
    fn of(bytes: &mut [u8]) -> Result<Self, Wrong> {
        let parts = guarded(|| parts::unfold(bytes)).unwrap_or(Ok(Parts { may_merge: true }));
        let may_merge = parts.map_err(Wrong::Unfolds)?.may_merge;
        let Some(stream) = compound::workbook_stream(bytes)? else {
            return Ok(Self { may_merge, too_much: Vec::new() });
        };
        let too_much = biff::check(&stream.bytes, bytes.len() as u64)?;
        for sheet in &too_much {
            // Sets the start of the sheet to the end of the stream.
            for (at, byte) in (sheet.at..).zip((stream.bytes.len() as u32).to_le_bytes()) {
                *stream.place(at).and_then(|place| bytes.get_mut(place)).ok_or(Wrong::Damaged)? = byte;
            }
        }
        let too_much = too_much.into_iter().map(|sheet| (sheet.number, sheet.refused)).collect();
        // Another archive may lie within it.
        Ok(Self { may_merge: true, too_much })
    }
}

/// What is wrong with a workbook that calamine cannot open.
fn wrong(fault: &Fault) -> Wrong {
    let is_locked = matches!(
        fault,
        Fault::Xlsx(XlsxError::Password)
            | Fault::Xlsb(XlsbError::Password)
            | Fault::Xls(XlsError::Password)
            | Fault::Ods(OdsError::Password)
    );
    if is_locked { Wrong::Locked } else { Wrong::Damaged }
}

/// A number of bytes as people write it.
pub(super) fn megabytes(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}

/// The filled cells of a sheet, for whose text there must be room.
fn filled(
    book: &mut Sheets<Cursor<Vec<u8>>>,
    sheet: &str,
    room: &Room,
) -> Result<Result<Grid, Refused>, Fault> {
    let mut grid = Grid::default();
    // Read one by one, since a whole sheet would be as large as it claims to be.
    macro_rules! from_cells {
        ($cells:expr, $fault:path) => {
            while let Some(cell) = $cells.next_cell().map_err($fault)? {
                let ((row, column), value) = (cell.get_position(), cell.get_value());
                if matches!(value, DataRef::Empty) {
                    continue;
                }
                if let Err(refused) = grid.add(row, column, &cell_text(value), room) {
                    return Ok(Err(refused));
                }
            }
        };
    }
    match book {
        Sheets::Xlsx(book) => match book.worksheet_cells_reader(sheet) {
            Ok(mut cells) => from_cells!(cells, Fault::Xlsx),
            // A sheet that consists of a chart.
            Err(XlsxError::NotAWorksheet(_)) => {}
            Err(fault) => return Err(Fault::Xlsx(fault)),
        },
        Sheets::Xlsb(book) => {
            let mut cells = book.worksheet_cells_reader(sheet).map_err(Fault::Xlsb)?;
            from_cells!(cells, Fault::Xlsb);
        }
        // These formats were read into memory when the workbook was opened.
        Sheets::Xls(_) | Sheets::Ods(_) => {
            let range = book.worksheet_range(sheet)?;
            let (top, left) = range.start().unwrap_or((0, 0));
            for (row, column, value) in range.used_cells() {
                let (row, column) = (top as usize + row, left as usize + column);
                let value = borrowed(value);
                if let Err(refused) = grid.add(row as u32, column as u32, &cell_text(&value), room) {
                    return Ok(Err(refused));
                }
            }
        }
    }
    Ok(Ok(grid))
}

/// The merged cells of a sheet; empty if they cannot be read.
fn merged(book: &mut Sheets<Cursor<Vec<u8>>>, sheet: &str) -> Merged {
    Merged::of(match book {
        Sheets::Xlsx(book) => book.merge_cells_by_sheet_name(sheet).unwrap_or_default(),
        Sheets::Xls(book) => book.merge_cells_by_sheet_name(sheet).unwrap_or_default(),
        Sheets::Xlsb(_) | Sheets::Ods(_) => Vec::new(),
    })
}

/// The cell with its text borrowed.
fn borrowed(cell: &Data) -> DataRef<'_> {
    match cell {
        Data::Empty => DataRef::Empty,
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => DataRef::SharedString(text),
        Data::Bool(value) => DataRef::Bool(*value),
        Data::Int(value) => DataRef::Int(*value),
        Data::Float(value) => DataRef::Float(*value),
        Data::DateTime(at) => DataRef::DateTime(*at),
        Data::Error(error) => DataRef::Error(error.clone()),
    }
}

/// A cell as an export would write it: dates as ISO 8601, numbers in full.
fn cell_text<'a>(cell: &'a DataRef<'_>) -> Cow<'a, str> {
    let own = match cell {
        DataRef::Empty => return Cow::Borrowed(""),
        DataRef::SharedString(text) => return Cow::Borrowed(text),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            return text.into();
        }
        DataRef::Bool(value) => value.to_string(),
        DataRef::Int(value) => value.to_string(),
        DataRef::Float(value) => number(*value),
        DataRef::DateTime(at) if at.is_duration() => number(at.as_f64()),
        // The calendar cannot hold days of other millennia.
        DataRef::DateTime(at) if !SERIALS.contains(&at.as_f64()) => number(at.as_f64()),
        // Dates are rounded to the second, the precision of serial numbers.
        DataRef::DateTime(at) => match at.as_datetime() {
            Some(at) => {
                use chrono::{DurationRound, TimeDelta};
                let at = at.duration_round(TimeDelta::seconds(1)).unwrap_or(at);
                at.format("%Y-%m-%d %H:%M:%S").to_string()
            }
            None => number(at.as_f64()),
        },
        DataRef::Error(error) => error.to_string(),
    };
    Cow::Owned(own)
}

/// A number in full, or as a spreadsheet shows it if it has more digits than are kept. Three decimals get a fourth: as
/// text 1.234 could mean 1234, which the number does not.
pub(super) fn number(value: f64) -> String {
    if value.abs() >= ROUNDED {
        // Written as a spreadsheet would save it, so that the reader of ids sees that it is rounded.
        return format!("{value:E}").replacen('E', "E+", 1);
    }
    unmistakable(value.to_string())
}

/// A number's text with a zero behind three decimals.
pub(super) fn unmistakable(mut text: String) -> String {
    const DECIMALS: usize = 3;
    if text.find('.').is_some_and(|point| text.len() - point - 1 == DECIMALS) {
        text.push('0');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits_and_rounded_ids_show() {
        assert_eq!(number(12.0), "12");
        assert_eq!((number(12.345).as_str(), number(-0.5).as_str()), ("12.3450", "-0.5"));
        assert_eq!(number(0.1 + 0.2), "0.30000000000000004");
        assert_eq!(number(18_600_000_001.0), "18600000001");
        assert_eq!(number(1_930_679_858_170_647_123.0), "1.930679858170647E+18");
    }
}
