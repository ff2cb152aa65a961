//! Excel workbooks as delimited text, sheet by sheet: from there on they are read as every other export.

mod compound;
mod grid;
mod parts;

use std::borrow::Cow;
use std::io::Cursor;

use calamine::{
    Data, DataRef, Error as Fault, Reader, SheetType, SheetVisible, Sheets, XlsxError,
    open_workbook_auto_from_rs,
};

use crate::error::{Error, Result};
use crate::limits::{MAX_COLUMNS, MAX_SHEET_ROWS, MAX_WORKBOOK_RATIO, MIN_WORKBOOK_BYTES, at_most};
use crate::parse::foreign::guarded;
use crate::parse::source::{Hashing, Source};
use compound::Wrong;
use grid::{Grid, Merged, Refused};

/// An opened workbook.
pub struct Workbook {
    name: String,
    book: Sheets<Cursor<Vec<u8>>>,
    hashing: Hashing,
    /// Bytes of text that its sheets may still have.
    left: u64,
}

/// Whole numbers from here on have more digits than Excel keeps (15): as ids they are rounded.
const ROUNDED: f64 = 1e15;

/// The serial numbers of days that spreadsheets know: up to 9999-12-31.
const SERIALS: std::ops::Range<f64> = 0.0..2_958_466.0;

impl Workbook {
    /// Opens a workbook (xlsx, xlsm, xlsb, xls or ods) from its bytes.
    ///
    /// # Errors
    /// When the bytes are of no workbook, of one with a password, or of one that would take more memory than its size
    /// makes plausible.
    pub(super) fn open(name: String, bytes: Vec<u8>, hashing: Hashing) -> Result<Self> {
        let left = at_most(MIN_WORKBOOK_BYTES, MAX_WORKBOOK_RATIO, bytes.len() as u64);
        if let Err(most) = guarded(|| parts::check_unfolded(&bytes)).unwrap_or(Ok(())) {
            return Err(Error::input_of(name, "workbook_unfolds", &[("bytes", megabytes(most))]));
        }
        match compound::check(&bytes) {
            Ok(()) => {}
            Err(Wrong::Damaged) => return Err(Error::input_of(name, "workbook_damaged", &[])),
            Err(Wrong::Sparse(cells)) => {
                return Err(Error::input_of(name, "workbook_sparse", &[("cells", cells.to_string())]));
            }
            Err(Wrong::Long(most)) => {
                return Err(Error::input_of(name, "workbook_unfolds", &[("bytes", megabytes(most))]));
            }
        }
        match guarded(|| open_workbook_auto_from_rs(Cursor::new(bytes))) {
            Some(Ok(book)) => Ok(Self { name, book, hashing, left }),
            Some(Err(_)) | None => Err(Error::input_of(name, "workbook_damaged", &[])),
        }
    }

    /// The sheets, in the workbook's order.
    pub(super) fn sheets(&self) -> Vec<String> {
        self.book.sheet_names()
    }

    /// Those that a person sees.
    pub(super) fn visible_sheets(&self) -> Vec<String> {
        let sheets = self.book.sheets_metadata().iter();
        sheets
            .filter(|sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet)
            .map(|sheet| sheet.name.clone())
            .collect()
    }

    /// A sheet as comma-separated UTF-8, one record per row from the first on, so that record numbers are row numbers.
    ///
    /// # Errors
    /// When it is damaged, or its cells would take more room than they may.
    pub(super) fn sheet(&mut self, sheet: &str) -> Result<Source> {
        let damaged = |system: String| {
            let values = [("sheet", format!("{sheet:?}")), ("system", system)];
            Error::input_of(self.name.clone(), "sheet_damaged", &values)
        };
        let (book, left) = (&mut self.book, self.left);
        // What panics says nothing that would help.
        let read = guarded(|| (filled(book, sheet, left), merged(book, sheet)));
        let Some((filled, merged)) = read else { return Err(damaged("…".to_owned())) };
        let refused = |refused| refused_cells(&self.name, sheet, refused);
        let grid = match filled {
            Ok(grid) => grid.map_err(refused)?,
            Err(fault) => return Err(damaged(fault.to_string())),
        };
        let text = grid.into_text(&merged).map_err(refused)?;
        self.left = left.saturating_sub(text.len() as u64);
        let mut source =
            Source::with_head(self.name.clone(), Box::new(Cursor::new(text)), self.hashing.clone())?;
        source.has_1904_dates = Some(self.has_1904_dates());
        source.is_made = true;
        Ok(source)
    }

    /// Whether days are counted from 1904, as old Macs did.
    fn has_1904_dates(&self) -> bool {
        match &self.book {
            Sheets::Xlsx(book) => book.has_1904_epoch(),
            Sheets::Xls(book) => book.has_1904_epoch(),
            Sheets::Xlsb(book) => book.has_1904_epoch(),
            Sheets::Ods(_) => false,
        }
    }
}

/// The error for cells of a sheet that take more room than they may.
fn refused_cells(name: &str, sheet: &str, refused: Refused) -> Error {
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
    Error::input_of(name, key, &values)
}

/// Bytes as people say them.
pub(super) fn megabytes(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}

/// The filled cells of a sheet, of up to so many bytes of text.
fn filled(
    book: &mut Sheets<Cursor<Vec<u8>>>,
    sheet: &str,
    most: u64,
) -> Result<Result<Grid, Refused>, Fault> {
    let mut grid = Grid::default();
    // One cell after the other, since whole sheets are as large as they say they are.
    macro_rules! from_cells {
        ($cells:expr, $fault:path) => {
            while let Some(cell) = $cells.next_cell().map_err($fault)? {
                let ((row, column), value) = (cell.get_position(), cell.get_value());
                if matches!(value, DataRef::Empty) {
                    continue;
                }
                if let Err(refused) = grid.add(row, column, &cell_text(value), most) {
                    return Ok(Err(refused));
                }
            }
        };
    }
    match book {
        Sheets::Xlsx(book) => match book.worksheet_cells_reader(sheet) {
            Ok(mut cells) => from_cells!(cells, Fault::Xlsx),
            // A sheet of nothing but a chart.
            Err(XlsxError::NotAWorksheet(_)) => {}
            Err(fault) => return Err(Fault::Xlsx(fault)),
        },
        Sheets::Xlsb(book) => {
            let mut cells = book.worksheet_cells_reader(sheet).map_err(Fault::Xlsb)?;
            from_cells!(cells, Fault::Xlsb);
        }
        // These are in memory since they were opened.
        Sheets::Xls(_) | Sheets::Ods(_) => {
            let range = book.worksheet_range(sheet)?;
            let (top, left) = range.start().unwrap_or((0, 0));
            for (row, column, value) in range.used_cells() {
                let (row, column) = (top as usize + row, left as usize + column);
                let value = borrowed(value);
                if let Err(refused) = grid.add(row as u32, column as u32, &cell_text(&value), most) {
                    return Ok(Err(refused));
                }
            }
        }
    }
    Ok(Ok(grid))
}

/// The merged cells of a sheet. What cannot be told is as if nothing was merged.
fn merged(book: &mut Sheets<Cursor<Vec<u8>>>, sheet: &str) -> Merged {
    Merged::of(match book {
        Sheets::Xlsx(book) => book.merge_cells_by_sheet_name(sheet).unwrap_or_default(),
        Sheets::Xls(book) => book.merge_cells_by_sheet_name(sheet).unwrap_or_default(),
        Sheets::Xlsb(_) | Sheets::Ods(_) => Vec::new(),
    })
}

/// The same cell without its own text.
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
        // Days of other millennia are more than the calendar can hold.
        DataRef::DateTime(at) if !SERIALS.contains(&at.as_f64()) => number(at.as_f64()),
        // Dates are kept to the second: serial numbers hold no more.
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

/// A number in full, or as a spreadsheet shows it where it has more digits than are kept. Three decimals get a fourth:
/// in text 1.234 may be more than a thousand, which a number is not.
pub(super) fn number(value: f64) -> String {
    if value.abs() >= ROUNDED {
        // As a spreadsheet would save it, so that an id is seen to be rounded.
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
