//! Excel workbooks, which are for people: texts in their language, a first sheet that explains the others and the data
//! they use, and one sheet per table. `--keys` keeps the machine formats' names.

mod front;
mod names;
mod pen;
mod sheets;

use std::io::Write;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use super::report::{Report, Table};
use super::{Style, Writer, failed, is_beside_the_point, wanted};
use crate::error::{Error, Result};
use names::Names;
use pen::Pen;
use sheets::Sheet;

pub(super) struct Xlsx;

/// The most rows of a sheet below its header.
const MAX_ROWS: usize = 1_048_575;

/// The content of a workbook.
#[derive(Debug)]
pub struct Book<'a> {
    /// The title in its heading, if it is not the usual one.
    pub title: Option<&'a str>,
    /// The scope of the whole workbook; the tables are in the parts.
    pub whole: &'a Report,
    /// Whether personal data are always masked, so that no flag shows them.
    pub is_masked_always: bool,
    /// The answers, in order.
    pub parts: Vec<Part<'a>>,
}

/// The answers about one subject.
#[derive(Debug)]
pub struct Part<'a> {
    /// The key of the subject.
    pub name: &'static str,
    /// The subject in words.
    pub title: &'a str,
    /// The answers.
    pub reports: &'a [Report],
    /// Remarks about the answers, as sentences.
    pub notes: &'a [String],
    /// If there are no answers: the reason, and what would help, as sentences.
    pub lacks: &'a [String],
}

impl Writer for Xlsx {
    fn write(&self, report: &Report, style: &Style, out: &mut dyn Write) -> Result<()> {
        let title = style.locale.get("report", report.name);
        let reports = std::slice::from_ref(report);
        let part = Part { name: report.name, title, reports, notes: &[], lacks: &[] };
        Book { title: None, whole: report, is_masked_always: false, parts: vec![part] }.write(style, out)
    }
}

impl Part<'_> {
    /// What the sheets call it.
    fn called(&self, pen: &Pen<'_>) -> &str {
        if pen.style.has_keys { self.name } else { self.title }
    }
}

impl Book<'_> {
    /// Writes the workbook; its words are those of `style`.
    ///
    /// # Errors
    /// When a table has more rows than a sheet, or the place to write to fails.
    pub fn write(&self, style: &Style, out: &mut dyn Write) -> Result<()> {
        let pen = Pen::new(style);
        let masked_before = style.masks.count();
        let mut names = Names::default();
        let front = names.give(&[pen.word("about")]);
        let mut sheets = Vec::new();
        for part in &self.parts {
            for report in part.reports {
                for table in shown(report, style)? {
                    sheets.extend(sheets_of(part, report, table, &mut names, &pen)?);
                }
            }
        }
        let mut workbook = Workbook::new();
        // A fixed creation time, so that equal inputs give equal bytes.
        let created = ExcelDateTime::from_ymd(2000, 1, 1).map_err(xlsx_failed)?;
        let title = self.title.unwrap_or_else(|| match style.has_keys {
            true => self.whole.name,
            false => style.locale.get("report", self.whole.name),
        });
        workbook.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&created));
        workbook.push_worksheet(front::sheet(self, [&front, title], &sheets, masked_before, &pen)?);
        sheets.into_iter().for_each(|sheet| workbook.push_worksheet(sheet.cells));
        let bytes = workbook.save_to_buffer().map_err(xlsx_failed)?;
        out.write_all(&bytes).map_err(failed)
    }
}

/// The tables that a workbook has of a report.
fn shown<'a>(report: &'a Report, style: &Style) -> Result<Vec<&'a Table>> {
    let is_spared =
        |table: &&Table| !style.has_keys && style.table.is_none() && is_beside_the_point(table, report);
    Ok(wanted(report, style)?.into_iter().filter(|table| !is_spared(table)).collect())
}

/// The sheets of a table: its heat map, if it has one, and its rows.
fn sheets_of<'a>(
    part: &Part<'a>,
    report: &'a Report,
    table: &'a Table,
    names: &mut Names,
    pen: &Pen<'_>,
) -> Result<Vec<Sheet<'a>>> {
    let locale = pen.style.locale;
    let rows = table.frame.height().min(pen.style.limit.unwrap_or(usize::MAX));
    if rows > MAX_ROWS {
        let values = [("count", rows.to_string()), ("most", MAX_ROWS.to_string())];
        return Err(Error::data_of("sheet_is_full", &values));
    }
    let title = if pen.style.has_keys { table.name } else { report.name_of(table, locale) };
    let of_report = format!("{}_{}", report.name, table.name);
    let short = locale.find("sheet", &of_report).or_else(|| locale.find("sheet", table.name));
    let short = short.filter(|_| !pen.style.has_keys).unwrap_or(title);
    let further = match pen.style.has_keys {
        true => of_report,
        false => format!("{} {short}", part.title),
    };
    let mut sheets = Vec::new();
    let mut add = |(cells, rows), title: String, wishes: [&str; 2], total| {
        let name = names.give(&wishes);
        sheets.push(Sheet { name, title, about: part.called(pen).to_owned(), table, rows, total, cells });
    };
    if let Some((map, lines, total)) = sheets::map(table, report, pen)? {
        let named = |title: &str| match pen.style.has_keys {
            true => format!("{title}_map"),
            false => locale.get("workbook", "map").replace("{title}", title),
        };
        let total = Some(total).filter(|total| *total > lines);
        add((map, lines), named(title), [&named(short), &named(&further)], total);
    }
    let total = Some(table.frame.height()).filter(|total| *total > rows);
    add(sheets::rows(table, report, rows, pen)?, title.to_owned(), [short, &further], total);
    for sheet in &mut sheets {
        sheet.cells.set_name(&sheet.name).map_err(xlsx_failed)?;
    }
    Ok(sheets)
}

fn xlsx_failed(error: XlsxError) -> Error {
    Error::Internal(error.to_string())
}
