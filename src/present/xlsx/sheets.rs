//! Writes a table as sheets: its rows below a frozen header with filters, and its heat map.

use rust_xlsxwriter::{
    Color, ConditionalFormat2ColorScale, ConditionalFormatDataBar, ConditionalFormatType, Worksheet,
};
use unicode_width::UnicodeWidthStr;

use super::super::cells::{Cell, View, views, views_for_people};
use super::super::pivot::Pivot;
use super::super::report::{Grid, Kind, Look, Report, Table};
use super::super::words;
use super::pen::Pen;
use super::xlsx_failed;
use crate::error::Result;

/// The smallest width of a column, in characters; longer texts are wrapped.
const MIN_WIDTH: usize = 8;
const MAX_WIDTH: usize = 60;
/// The most characters by which a column is widened for its heading alone.
const MAX_HEAD: usize = 22;
/// Width of the filter button, in characters.
const BUTTON: usize = 3;
/// Excel's number for A4 paper.
pub(super) const A4: u8 = 9;
/// With more columns, a sheet is printed in landscape.
const MAX_UPRIGHT: usize = 6;

/// The colour of bars, and of the strongest cell of a heat map.
const STRONG: Color = Color::RGB(0x8F_B8_E0);

/// A sheet, and what the first sheet says about it.
pub(super) struct Sheet<'a> {
    pub name: String,
    /// Its content, in full words.
    pub title: String,
    /// The subject of its answer.
    pub about: String,
    pub table: &'a Table,
    /// Number of rows below the header.
    pub rows: usize,
    /// The total number of rows, if not all are on the sheet.
    pub total: Option<usize>,
    pub cells: Worksheet,
}

/// The first rows of a table, or for a record one row per column that has a value; and the number of rows.
pub(super) fn rows(table: &Table, report: &Report, rows: usize, pen: &Pen<'_>) -> Result<(Worksheet, usize)> {
    let is_whole = pen.style.has_keys;
    let views = if is_whole { views(table, rows)? } else { views_for_people(table, rows)? };
    let mut draft = Draft::new(pen, report);
    let height = match table.is_record && !is_whole {
        true => draft.write_record(&views, rows)?,
        false => draft.write_rows(&views, rows)?,
    };
    Ok((draft.finish(height, 0)?, height as usize))
}

/// The heat map of a table with the wanted number of lines, the number of lines drawn, and the total; `None` if the
/// table has no heat map.
pub(super) fn map(
    table: &Table,
    report: &Report,
    pen: &Pen<'_>,
) -> Result<Option<(Worksheet, usize, usize)>> {
    let Some(grid) = &table.grid else { return Ok(None) };
    let rows = table.frame.height();
    let views = views(table, rows)?;
    let view = |name: &str| views.iter().find(|view| view.spec.name == name);
    let (Some(of_line), Some(of_column), Some(value)) = (view(grid.row), view(grid.column), view(grid.value))
    else {
        return Ok(None);
    };
    let has_keys = pen.style.has_keys;
    let shown = |view: &View, row: usize| match view.get(row) {
        Cell::Text(text) if has_keys => words::in_workbooks(view, row, text, report, pen.style).into_owned(),
        _ => words::shown(view, row, report, pen.style),
    };
    let limit = pen.style.limit.unwrap_or(usize::MAX);
    let pivot = Pivot::of(rows, limit, |row| shown(of_line, row), |row| shown(of_column, row));
    let leads: Vec<&View> = [Some(of_line), grid.beside.and_then(view)].into_iter().flatten().collect();
    let mut draft = Draft::new(pen, report);
    let corner = format!("{} \\ {}", pen.heading(of_line), pen.heading(of_column));
    for (column, text) in
        [corner.as_str()].into_iter().chain(leads[1..].iter().map(|view| pen.heading(view))).enumerate()
    {
        draft.head(column, text)?;
    }
    for (place, row) in pivot.columns.iter().enumerate() {
        let column = leads.len() + place;
        match of_column.get(*row) {
            Cell::Int(number) if has_keys || !matches!(of_column.spec.kind, Kind::Label(_)) => {
                draft.head_number(column, number as f64)?;
            }
            _ => draft.head(column, &shown(of_column, *row))?,
        }
    }
    for (line, at) in pivot.lines.iter().zip(1..) {
        for (column, lead) in leads.iter().enumerate() {
            draft.cell(at, column, (lead, line.row))?;
        }
        for (row, column) in line.cells.iter().zip(leads.len()..) {
            let Some(row) = row else { continue };
            draft.cell(at, column, (value, *row))?;
        }
    }
    let height = pivot.lines.len();
    colour(&mut draft.sheet, grid, &pivot, leads.len(), value)?;
    Ok(Some((draft.finish(height as u32, leads.len() as u16)?, height, pivot.total)))
}

/// Colours the cells, from nothing to the largest. The first column of a cohort is always 100 % and would outshine the
/// others, so it does not count.
fn colour(sheet: &mut Worksheet, grid: &Grid, pivot: &Pivot, leads: usize, value: &View) -> Result<()> {
    let skipped = usize::from(grid.look == Look::Numbers);
    let cells = pivot.lines.iter().flat_map(|line| line.cells.iter().skip(skipped).flatten());
    let number = |row: &usize| match value.get(*row) {
        Cell::Int(number) => Some(number as f64),
        Cell::Float(number) => Some(number),
        Cell::Amount(micros) => Some(micros as f64 / 1e6),
        _ => None,
    };
    let greatest = cells.filter_map(number).fold(0.0, f64::max);
    if greatest <= 0.0 {
        return Ok(());
    }
    let scale = ConditionalFormat2ColorScale::new()
        .set_minimum(ConditionalFormatType::Number, 0)
        .set_maximum(ConditionalFormatType::Number, greatest)
        .set_minimum_color(Color::White)
        .set_maximum_color(STRONG);
    let (first, last) = (leads as u16, (leads + pivot.columns.len() - 1) as u16);
    sheet.add_conditional_format(1, first, pivot.lines.len() as u32, last, &scale).map_err(xlsx_failed)?;
    Ok(())
}

/// A sheet being written, with the width of the widest cell in each column.
struct Draft<'a> {
    sheet: Worksheet,
    widths: Vec<usize>,
    pen: &'a Pen<'a>,
    report: &'a Report,
}

impl<'a> Draft<'a> {
    fn new(pen: &'a Pen<'a>, report: &'a Report) -> Self {
        Self { sheet: Worksheet::new(), widths: Vec::new(), pen, report }
    }

    fn write_rows(&mut self, views: &[View], rows: usize) -> Result<u32> {
        for (column, view) in views.iter().enumerate() {
            self.head(column, self.pen.heading(view))?;
            for row in 0..rows {
                self.cell(row as u32 + 1, column, (view, row))?;
            }
            if view.spec.kind == Kind::Bar && rows > 0 {
                let bar = ConditionalFormatDataBar::new()
                    .set_minimum(ConditionalFormatType::Number, 0)
                    .set_maximum(ConditionalFormatType::Number, 1)
                    .set_fill_color(STRONG)
                    .set_solid_fill(true);
                let at = column as u16;
                self.sheet.add_conditional_format(1, at, rows as u32, at, &bar).map_err(xlsx_failed)?;
            }
        }
        Ok(rows as u32)
    }

    fn write_record(&mut self, views: &[View], rows: usize) -> Result<u32> {
        self.head(0, self.pen.word("figure"))?;
        self.head(1, self.pen.word("value"))?;
        let mut at = 0;
        for row in 0..rows {
            for view in views.iter().filter(|view| view.get(row) != Cell::Null) {
                at += 1;
                let room = self.pen.text(&mut self.sheet, (at, 0), self.pen.heading(view))?;
                self.fit(0, room);
                self.cell(at, 1, (view, row))?;
            }
        }
        Ok(at)
    }

    fn head(&mut self, column: usize, text: &str) -> Result<()> {
        let (format, fitting) = (&self.pen.formats.head, self.pen.style.cut.fit(text));
        self.sheet.write_string_with_format(0, column as u16, fitting, format).map_err(xlsx_failed)?;
        self.fit(column, (text.width() + BUTTON).min(MAX_HEAD));
        Ok(())
    }

    fn head_number(&mut self, column: usize, number: f64) -> Result<()> {
        let format = &self.pen.formats.head;
        self.sheet.write_number_with_format(0, column as u16, number, format).map_err(xlsx_failed)?;
        Ok(())
    }

    fn cell(&mut self, at: u32, column: usize, (view, row): (&View, usize)) -> Result<()> {
        let room = self.pen.cell(&mut self.sheet, (at, column as u16), (view, row), self.report)?;
        self.fit(column, room);
        Ok(())
    }

    fn fit(&mut self, column: usize, room: usize) {
        if self.widths.len() <= column {
            self.widths.resize(column + 1, 0);
        }
        self.widths[column] = self.widths[column].max(room);
    }

    /// Sets widths, the frozen header, its filter, and the print layout.
    fn finish(mut self, height: u32, leads: u16) -> Result<Worksheet> {
        for (column, width) in self.widths.iter().enumerate() {
            let width = (width + 2).clamp(MIN_WIDTH, MAX_WIDTH);
            self.sheet.set_column_width(column as u16, width as f64).map_err(xlsx_failed)?;
        }
        self.sheet.set_freeze_panes(1, leads).map_err(xlsx_failed)?;
        let is_map = leads > 0;
        if let Some(last) = self.widths.len().checked_sub(1).filter(|_| !is_map) {
            self.sheet.autofilter(0, 0, height, last as u16).map_err(xlsx_failed)?;
        }
        self.sheet.set_paper_size(A4).set_print_fit_to_pages(1, 0);
        self.sheet.set_repeat_rows(0, 0).map_err(xlsx_failed)?;
        if self.widths.len() > MAX_UPRIGHT {
            self.sheet.set_landscape();
        }
        Ok(self.sheet)
    }
}
