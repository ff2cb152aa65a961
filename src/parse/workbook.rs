//! Excel workbooks as delimited text, sheet by sheet: from there on they are read as every other export.

use std::collections::HashMap;
use std::io::Cursor;

use calamine::{Data, Reader, SheetType, SheetVisible, Sheets, open_workbook_auto_from_rs};

use crate::error::{Error, Result};
use crate::parse::source::{Hashing, Source};

/// An opened workbook.
pub struct Workbook {
    name: String,
    book: Sheets<Cursor<Vec<u8>>>,
    hashing: Hashing,
}

/// Whole numbers from here on have more digits than Excel keeps (15): as ids they are rounded.
const ROUNDED: f64 = 1e15;

/// The serial numbers of days that spreadsheets know: up to 9999-12-31.
const SERIALS: std::ops::Range<f64> = 0.0..2_958_466.0;

impl Workbook {
    /// Opens a workbook (xlsx, xlsm, xlsb, xls or ods) from its bytes.
    ///
    /// # Errors
    /// When the bytes are of no workbook, or of one with a password.
    pub(super) fn open(name: String, bytes: Vec<u8>, hashing: Hashing) -> Result<Self> {
        match open_workbook_auto_from_rs(Cursor::new(bytes)) {
            Ok(book) => Ok(Self { name, book, hashing }),
            Err(_) => Err(Error::input_of(name, "workbook_damaged", &[])),
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
    pub(super) fn sheet(&mut self, sheet: &str) -> Result<Source> {
        let range = self.book.worksheet_range(sheet).map_err(|error| {
            let values = [("sheet", format!("{sheet:?}")), ("system", error.to_string())];
            Error::input_of(self.name.clone(), "sheet_damaged", &values)
        })?;
        let mut text = Vec::new();
        let (first, last) = (range.start().unwrap_or((0, 0)), range.end());
        // Rows above the first filled one count too.
        for _ in 0..first.0 {
            text.extend_from_slice(b",\n");
        }
        if last.is_some() {
            let merged = self.merged(sheet, last.map_or(0, |last| last.0));
            let mut writer = csv::Writer::from_writer(&mut text);
            for (number, row) in (first.0..).zip(range.rows()) {
                let padding = std::iter::repeat_n(String::new(), first.1 as usize);
                let cells = (first.1..).zip(row).map(|(column, cell)| match merged.get(&(number, column)) {
                    Some(row) => range.get_value((*row, column)).map_or_else(String::new, cell_text),
                    None => cell_text(cell),
                });
                let cells = padding.chain(cells);
                writer.write_record(cells).map_err(|error| Error::Internal(error.to_string()))?;
            }
            writer.flush().map_err(|error| Error::Internal(error.to_string()))?;
        }
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

impl Workbook {
    /// The cells of a sheet, as row and column, that are merged with one above them, and its row: only that has the
    /// value, which is that of all. Cells that are merged across columns too are titles.
    fn merged(&mut self, sheet: &str, last: u32) -> HashMap<(u32, u32), u32> {
        // What cannot be told is as if nothing was merged.
        let areas = match &mut self.book {
            Sheets::Xlsx(book) => book.merge_cells_by_sheet_name(sheet).unwrap_or_default(),
            Sheets::Xls(book) => book.merge_cells_by_sheet_name(sheet).unwrap_or_default(),
            Sheets::Xlsb(_) | Sheets::Ods(_) => Vec::new(),
        };
        let columns = areas.iter().filter(|area| area.start.1 == area.end.1);
        let below = columns.flat_map(|area| {
            (area.start.0 + 1..=area.end.0.min(last)).map(|row| ((row, area.start.1), area.start.0))
        });
        below.collect()
    }
}

/// A cell as an export would write it: dates as ISO 8601, numbers in full.
fn cell_text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(value) => value.to_string(),
        Data::Int(value) => value.to_string(),
        Data::Float(value) => number(*value),
        Data::DateTime(at) if at.is_duration() => number(at.as_f64()),
        // Days of other millennia are more than the calendar can hold.
        Data::DateTime(at) if !SERIALS.contains(&at.as_f64()) => number(at.as_f64()),
        // Dates are kept to the second: serial numbers hold no more.
        Data::DateTime(at) => match at.as_datetime() {
            Some(at) => {
                use chrono::{DurationRound, TimeDelta};
                let at = at.duration_round(TimeDelta::seconds(1)).unwrap_or(at);
                at.format("%Y-%m-%d %H:%M:%S").to_string()
            }
            None => number(at.as_f64()),
        },
        Data::Error(error) => error.to_string(),
    }
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
