//! Excel workbooks: one sheet per table, English keys, typed cells. Text cells are strings, never formulas.

use std::io::Write;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Note, Workbook, XlsxError};

use super::cells::{Cell, View, views_for_people};
use super::report::{Kind, Report, Table};
use super::{Style, Writer, failed, wanted, words};
use crate::error::{Error, Result};
use crate::schema::day;
use crate::text::neutral;

pub(super) struct Xlsx;

/// Rows of a sheet below its header.
const MAX_ROWS: usize = 1_048_575;

impl Writer for Xlsx {
    fn write(&self, report: &Report, style: &Style, out: &mut dyn Write) -> Result<()> {
        let mut workbook = Workbook::new();
        // A fixed time of creation: the same inputs give the same bytes.
        let created = ExcelDateTime::from_ymd(2000, 1, 1).map_err(xlsx_failed)?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
        for table in wanted(report, style)? {
            let rows = table.frame.height().min(style.limit.unwrap_or(usize::MAX));
            if rows > MAX_ROWS {
                let values = [("count", rows.to_string()), ("most", MAX_ROWS.to_string())];
                return Err(Error::data_of("sheet_is_full", &values));
            }
            add_sheet(&mut workbook, report, table, rows, style)?;
        }
        let bytes = workbook.save_to_buffer().map_err(xlsx_failed)?;
        out.write_all(&bytes).map_err(failed)
    }
}

fn add_sheet(
    workbook: &mut Workbook,
    report: &Report,
    table: &Table,
    rows: usize,
    style: &Style,
) -> Result<()> {
    let sheet = workbook.add_worksheet();
    sheet.set_name(table.name).map_err(xlsx_failed)?;
    sheet.set_freeze_panes(1, 0).map_err(xlsx_failed)?;
    let bold = Format::new().set_bold();
    let masked_before = style.masks.count();
    for (column, view) in views_for_people(table, rows)?.iter().enumerate() {
        let column = column as u16;
        sheet.write_string_with_format(0, column, view.spec.name, &bold).map_err(xlsx_failed)?;
        sheet.set_column_width(column, if is_wide(view) { 24.0 } else { 14.0 }).map_err(xlsx_failed)?;
        let format = Format::new().set_num_format(number_format(view));
        for row in 0..rows {
            let at = row as u32 + 1;
            match view.get(row) {
                Cell::Null => continue,
                Cell::Text(text) => {
                    let text = words::in_workbooks(view, row, text, report, style);
                    sheet.write_string(at, column, neutral(&text))
                }
                Cell::Int(value) => sheet.write_number_with_format(at, column, value as f64, &format),
                Cell::Float(value) => sheet.write_number_with_format(at, column, value, &format),
                // Excel's numbers are binary floats: exact to 15 digits.
                Cell::Amount(micros) => {
                    sheet.write_number_with_format(at, column, micros as f64 / 1e6, &format)
                }
                Cell::Flag(flag) => sheet.write_boolean(at, column, flag),
                Cell::Date(day) => match excel_date(day) {
                    Some(date) => sheet.write_datetime_with_format(at, column, &date, &format),
                    None => continue,
                },
            }
            .map_err(xlsx_failed)?;
        }
    }
    if style.masks.count() > masked_before {
        let note = Note::new(style.locale.get("text", "masked")).add_author_prefix(false);
        sheet.insert_note(0, 0, &note).map_err(xlsx_failed)?;
    }
    Ok(())
}

fn is_wide(view: &View) -> bool {
    matches!(
        view.spec.kind,
        Kind::CustomerId
            | Kind::Text
            | Kind::Command { .. }
            | Kind::Title
            | Kind::Sentence(_)
            | Kind::Clause(_)
            | Kind::Phrase { .. }
    )
}

fn number_format(view: &View) -> &'static str {
    match view.spec.kind {
        Kind::Amount | Kind::Figure(_) => "#,##0.00####",
        Kind::Share | Kind::Bar => "0.0%",
        Kind::Date => "yyyy-mm-dd",
        _ => "General",
    }
}

fn excel_date(day: i32) -> Option<ExcelDateTime> {
    use chrono::Datelike;
    let date = day::date_of(day)?;
    ExcelDateTime::from_ymd(u16::try_from(date.year()).ok()?, date.month() as u8, date.day() as u8).ok()
}

fn xlsx_failed(error: XlsxError) -> Error {
    Error::Internal(error.to_string())
}
