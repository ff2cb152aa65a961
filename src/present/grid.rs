//! Heat maps for terminals: rows that each hold one cell, drawn as a grid.

use unicode_width::UnicodeWidthStr;

use super::cells::{Cell, View};
use super::pivot::{self, Pivot};
use super::report::{Grid, Kind, Look, Report};
use super::{Style, words};
use crate::locale::grouped;

/// Rows of a grid unless `--limit` says otherwise.
const ROWS: usize = 36;

/// Shades from nothing to full, if there are no colours.
const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];
/// The shades if only ASCII can be shown.
const ASCII_SHADES: [char; 5] = [' ', '.', ':', 'o', '#'];
/// Background colours from faint to strong, among the 256 that terminals share.
const COLORS: [u8; 5] = [255, 195, 159, 117, 75];

/// A line of the grid: its name, the values beside it, and its cells by column.
struct Line<'a> {
    name: String,
    beside: Option<String>,
    cells: Vec<Option<(Cell<'a>, &'a View)>>,
}

/// The drawn grid, the names of the columns that did not fit, and the number of lines left out.
pub(super) struct Drawn {
    pub text: String,
    pub hidden: Vec<String>,
    pub rows: usize,
    pub total: usize,
}

/// Draws the rows of a table, which must be sorted by grid line.
pub(super) fn draw(grid: &Grid, views: &[View], rows: usize, report: &Report, style: &Style) -> Drawn {
    let view = |name: &str| views.iter().find(|view| view.spec.name == name);
    let (Some(row_view), Some(column_view), Some(value_view)) =
        (view(grid.row), view(grid.column), view(grid.value))
    else {
        return Drawn { text: String::new(), hidden: Vec::new(), rows: 0, total: 0 };
    };
    let limit = style.limit.unwrap_or(ROWS);
    let shown = |view: &View, row: usize| words::shown(view, row, report, style);
    let Pivot { columns, lines, total } =
        Pivot::of(rows, limit, |row| shown(row_view, row), |row| shown(column_view, row));
    let columns: Vec<String> = columns.into_iter().map(|row| shown(column_view, row)).collect();
    let line = |line: pivot::Line| Line {
        name: shown(row_view, line.row),
        beside: grid.beside.and_then(view).map(|view| shown(view, line.row)),
        cells: line.cells.iter().map(|row| row.map(|row| (value_view.get(row), value_view))).collect(),
    };
    let lines: Vec<Line<'_>> = lines.into_iter().map(line).collect();
    let (text, hidden) = lay_out(grid, &columns, &lines, (row_view, views), style);
    Drawn { text, hidden, rows: lines.len(), total }
}

/// A column in front of the cells: the name of the line, or a value beside it.
struct Lead {
    head: String,
    values: Vec<String>,
    is_number: bool,
}

impl Lead {
    fn width(&self) -> usize {
        self.values.iter().chain([&self.head]).map(|text| text.width()).max().unwrap_or(0)
    }

    /// A cell of the column, padded, with the gap behind.
    fn cell(&self, text: &str) -> String {
        let pad = " ".repeat(self.width() - text.width());
        if self.is_number { format!("{pad}{text}  ") } else { format!("{text}{pad}  ") }
    }
}

fn lay_out(
    grid: &Grid,
    columns: &[String],
    lines: &[Line<'_>],
    (row_view, views): (&View, &[View]),
    style: &Style,
) -> (String, Vec<String>) {
    let head = |view: &View| words::heading(view, style.locale);
    let names = lines.iter().map(|line| line.name.clone()).collect();
    let mut leads = vec![Lead { head: head(row_view), values: names, is_number: false }];
    if let Some(beside) = grid.beside.and_then(|name| views.iter().find(|view| view.spec.name == name)) {
        let values = lines.iter().map(|line| line.beside.clone().unwrap_or_default()).collect();
        leads.push(Lead { head: head(beside), values, is_number: true });
    }
    let greatest = greatest(grid, lines);
    let cells: Vec<Vec<String>> = lines
        .iter()
        .map(|line| (0..columns.len()).map(|i| body(grid, line.cells.get(i), greatest, style)).collect())
        .collect();
    let width =
        |i: usize| cells.iter().map(|row| &row[i]).chain([&columns[i]]).map(|text| text.width()).max();
    let widths: Vec<usize> = (0..columns.len()).map(|i| width(i).unwrap_or(0)).collect();
    let taken: usize = leads.iter().map(|lead| lead.width() + 2).sum();
    let room = style.width.map_or(usize::MAX, usize::from).saturating_sub(taken);
    let kept = fitting(&widths, room);
    let mut text = String::new();
    let mut line = |leads: String, cells: String| {
        text.push_str(format!("{leads}{cells}").trim_end());
        text.push('\n');
    };
    line(
        leads.iter().map(|lead| lead.cell(&lead.head)).collect(),
        (0..kept).map(|i| format!("{} ", padded(&columns[i], widths[i]))).collect(),
    );
    for (row, cells) in cells.iter().enumerate() {
        let cell = |i: usize| {
            let value =
                lines[row].cells.get(i).and_then(|cell| cell.as_ref()).and_then(|(cell, _)| number(cell));
            painted(&padded(&cells[i], widths[i]), value, greatest, style)
        };
        line(leads.iter().map(|lead| lead.cell(&lead.values[row])).collect(), (0..kept).map(cell).collect());
    }
    (text, columns[kept..].to_vec())
}

/// How many columns of these widths fit, with a space between them.
fn fitting(widths: &[usize], room: usize) -> usize {
    let mut used = 0_usize;
    let fits = widths.iter().take_while(|width| {
        used += **width + 1;
        used - 1 <= room
    });
    fits.count()
}

/// The largest cell, which gets the strongest colour. The first period of a cohort is always 100 % and would outshine
/// the others, so it does not count.
fn greatest(grid: &Grid, lines: &[Line<'_>]) -> f64 {
    let skipped = usize::from(grid.look == Look::Numbers);
    let cells = lines.iter().flat_map(|line| line.cells.iter().skip(skipped));
    cells.filter_map(|cell| cell.as_ref().and_then(|(cell, _)| number(cell))).fold(0.0, f64::max)
}

/// A cell's text on its background colour, followed by a space.
fn painted(text: &str, value: Option<f64>, greatest: f64, style: &Style) -> String {
    match value.filter(|_| style.has_color && greatest > 0.0) {
        Some(value) => {
            let color = COLORS[shade(value / greatest, COLORS.len())];
            format!("\u{1b}[48;5;{color};38;5;16m{text}\u{1b}[0m ")
        }
        None => format!("{text} "),
    }
}

/// Right-aligned.
fn padded(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(text.width())))
}

/// The text of a cell: a short number, or a shade.
fn body(grid: &Grid, cell: Option<&Option<(Cell<'_>, &View)>>, greatest: f64, style: &Style) -> String {
    let Some(Some((cell, view))) = cell else { return String::new() };
    let Some(value) = number(cell) else { return String::new() };
    let shades = if style.is_ascii { ASCII_SHADES } else { SHADES };
    let mark = shades[if greatest > 0.0 { shade(value / greatest, shades.len()) } else { 0 }];
    if grid.look == Look::Shades {
        return if style.has_color { "  ".to_owned() } else { mark.to_string().repeat(2) };
    }
    match view.spec.kind {
        Kind::Share | Kind::Bar => format!("{:.0}%", value * 100.0),
        _ => grouped(&format!("{value:.0}")),
    }
}

/// The index, among `count` shades, for a part of the largest value. A value above 0 never gets the first shade.
fn shade(part: f64, count: usize) -> usize {
    if part <= 0.0 { 0 } else { ((part.min(1.0) * (count - 1) as f64).ceil() as usize).clamp(1, count - 1) }
}

fn number(cell: &Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Int(value) => Some(*value as f64),
        Cell::Float(value) => Some(*value),
        Cell::Amount(micros) => Some(*micros as f64 / 1e6),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_is_never_shown_as_nothing() {
        assert_eq!([0.0, 0.01, 0.25, 0.26, 1.0, 2.0].map(|part| shade(part, 5)), [0, 1, 1, 2, 4, 4]);
    }
}
