//! Heat maps: the shade of a cell follows its number, which is written in the cell or in the table below.

use maud::{Markup, html};
use unicode_width::UnicodeWidthStr;

use super::{Drawn, Figure, WIDTH, fit, unit};
use crate::answer::{Grid, Kind, Look};
use crate::locale::grouped;
use crate::page::sheet::Sheet;
use crate::page::tables;

/// The most rows of a map. The last ones are kept: a shop of ten years has more cohorts than fit on a screen.
const MAX_ROWS: usize = 24;
/// The most columns of a map, the first ones being kept. More numbers would be too small on paper; shades may be
/// narrower, so that all 24 hours fit.
const MAX_NUMBERS: usize = 16;
const MAX_SHADES: usize = 24;
/// The most columns of text in a row's name.
const MAX_NAME: usize = 16;

/// The number of shades. The faintest is for 0.
const SHADES: usize = 5;

/// Heights in chart units: of a row, and of the two heading lines above.
const ROW: f64 = 24.0;
const HEAD: f64 = 40.0;
/// The vertical positions of the text in these lines.
const LINES: [f64; 2] = [12.0, 32.0];
/// The least and the greatest width of a cell with a number, so that a few columns fill the chart.
const MIN_CELL: f64 = 30.0;
const MAX_CELL: f64 = 60.0;
/// The greatest width of a text column in a cell, in chart units.
const SMALL_COLUMN: f64 = 7.4;
/// The height of the legend in chart units.
const LEGEND: f64 = 30.0;

/// The cells of a map with the names of rows and columns.
struct Cells {
    columns: Vec<String>,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    beside: String,
    cells: Vec<Option<(f64, String)>>,
}

/// The heat map of a table; `None` if the table lacks these columns or has no numbers in them.
pub(crate) fn heat(id: &str, sheet: &Sheet<'_>, grid: &Grid) -> Option<Drawn> {
    let cells = cells(sheet, grid)?;
    let greatest = greatest(grid, &cells);
    let shows_numbers = grid.look != Look::Shades;
    let lead = |of: &dyn Fn(&Row) -> &String, head: &str| {
        let texts = cells.rows.iter().map(of).map(|text| text.width()).chain([head.width()]);
        texts.max().unwrap_or(0).min(MAX_NAME) as f64 * SMALL_COLUMN + 8.0
    };
    let name_head = sheet.heading(grid.row);
    let beside_head = grid.beside.map(|name| sheet.heading(name));
    let names = lead(&|row| &row.name, &name_head);
    let left = names + beside_head.as_ref().map_or(0.0, |head| lead(&|row| &row.beside, head));
    let texts = cells.rows.iter().flat_map(|row| row.cells.iter().flatten().map(|(_, text)| text.width()));
    let widest = texts.chain(cells.columns.iter().map(|text| text.width())).max().unwrap_or(1) as f64;
    let count = cells.columns.len() as f64;
    let least = if shows_numbers { (widest * SMALL_COLUMN + 8.0).max(MIN_CELL) } else { 1.0 };
    let cell = ((WIDTH - left) / count).clamp(least, MAX_CELL.max(least));
    let width = (left + cell * count).max(WIDTH);
    let bottom = HEAD + ROW * cells.rows.len() as f64;
    // There is no room for the names of all hours: every third is written, or fewer.
    let every = if shows_numbers { 1 } else { (widest * SMALL_COLUMN / cell).ceil().max(3.0) as usize };
    let body = html! {
        text.tick x=(unit(left)) y=(unit(LINES[0])) { (fit(&sheet.heading(grid.column), MAX_NAME)) }
        text.tick x="0" y=(unit(LINES[1])) { (fit(&name_head, MAX_NAME)) }
        @if let Some(head) = &beside_head {
            text.tick.end x=(unit(left - 8.0)) y=(unit(LINES[1])) { (fit(head, MAX_NAME)) }
        }
        @for (place, column) in cells.columns.iter().enumerate().filter(|(place, _)| place % every == 0) {
            text.tick.middle x=(unit(left + cell * (place as f64 + 0.5))) y=(unit(LINES[1])) { (column) }
        }
        @for (place, row) in cells.rows.iter().enumerate() {
            @let top = HEAD + ROW * place as f64;
            text.tick x="0" y=(unit(top + 16.0)) { (fit(&row.name, MAX_NAME)) }
            @if beside_head.is_some() {
                text.tick.end x=(unit(left - 8.0)) y=(unit(top + 16.0)) { (row.beside) }
            }
            @for (place, found) in row.cells.iter().enumerate() {
                @if let Some((number, text)) = found {
                    @let shade = shade(*number, greatest);
                    @let x = left + cell * place as f64;
                    rect class={ "h" (shade) } x=(unit(x)) y=(unit(top)) width=(unit(cell - 1.0)) height=(unit(ROW - 1.0)) {
                        @if !shows_numbers { title { (row.name) " " (cells.columns[place]) ": " (text) } }
                    }
                    @if shows_numbers {
                        text class={ "cell middle t" (shade) } x=(unit(x + (cell - 1.0) / 2.0)) y=(unit(top + 16.0)) { (text) }
                    }
                }
            }
        }
        (legend(sheet, grid, left, bottom, greatest))
    };
    let title = tables::titled(sheet, &sheet.heading(grid.value));
    let description = description(sheet, grid, &cells);
    let height = bottom + LEGEND;
    Some(Figure { id: id.to_owned() + "-map", title, description, width, height, body }.drawn())
}

fn cells(sheet: &Sheet<'_>, grid: &Grid) -> Option<Cells> {
    if ![grid.row, grid.column, grid.value].iter().all(|name| sheet.has(name)) {
        return None;
    }
    let mut cells = Cells { columns: Vec::new(), rows: Vec::new() };
    for row in 0..sheet.height() {
        let (name, column) = (sheet.shown(grid.row, row), sheet.shown(grid.column, row));
        let place = match cells.columns.iter().position(|known| *known == column) {
            Some(place) => place,
            None => {
                cells.columns.push(column);
                cells.columns.len() - 1
            }
        };
        if cells.rows.last().is_none_or(|last| last.name != name) {
            let beside = grid.beside.map(|beside| sheet.shown(beside, row)).unwrap_or_default();
            cells.rows.push(Row { name, beside, cells: Vec::new() });
        }
        let Some(last) = cells.rows.last_mut() else { continue };
        last.cells.resize(last.cells.len().max(place + 1), None);
        last.cells[place] = sheet.number(grid.value, row).map(|number| (number, short(sheet, grid, number)));
    }
    let gone = cells.rows.len().saturating_sub(MAX_ROWS);
    cells.rows.drain(..gone);
    let most = if grid.look == Look::Shades { MAX_SHADES } else { MAX_NUMBERS };
    // Periods that are not over yet have no number. Columns without any number at the right are dropped.
    let known = |row: &Row| row.cells.iter().rposition(Option::is_some).map_or(0, |place| place + 1);
    let count = cells.rows.iter().map(known).max().unwrap_or(0).min(most);
    cells.columns.truncate(count);
    cells.rows.iter_mut().for_each(|row| row.cells.truncate(count));
    (count > 0).then_some(cells)
}

/// The text of a cell, without decimals.
fn short(sheet: &Sheet<'_>, grid: &Grid, number: f64) -> String {
    let spec = sheet.columns().find(|(spec, _)| spec.name == grid.value);
    match spec.map(|(spec, _)| spec.kind) {
        Some(Kind::Share | Kind::Bar) => format!("{:.0}%", number * 100.0),
        _ => grouped(&format!("{number:.0}")),
    }
}

/// How many columns at the left are not compared with the others: all customers order in the first period of a cohort.
fn skipped(grid: &Grid) -> usize {
    usize::from(grid.beside.is_some() && grid.look == Look::Numbers)
}

/// The greatest number that is compared, which gets the strongest shade.
fn greatest(grid: &Grid, cells: &Cells) -> f64 {
    let skipped = skipped(grid);
    let numbers = cells.rows.iter().flat_map(|row| row.cells.iter().skip(skipped).flatten());
    numbers.map(|(number, _)| *number).fold(0.0, f64::max)
}

/// The shade of a number, 0 to 4. A number above 0 gets at least 1.
fn shade(number: f64, greatest: f64) -> usize {
    if number <= 0.0 || greatest <= 0.0 {
        return 0;
    }
    let part = (number / greatest).min(1.0);
    ((part * (SHADES - 1) as f64).ceil() as usize).clamp(1, SHADES - 1)
}

/// The legend with all shades, from 0 to the greatest number.
fn legend(sheet: &Sheet<'_>, grid: &Grid, left: f64, bottom: f64, greatest: f64) -> Markup {
    const SWATCH: f64 = 18.0;
    let top = bottom + 8.0;
    html! {
        text.tick.end x=(unit(left - 6.0)) y=(unit(top + 11.0)) { (short(sheet, grid, 0.0)) }
        @for shade in 0..SHADES {
            rect class={ "h" (shade) } x=(unit(left + SWATCH * shade as f64)) y=(unit(top)) width=(unit(SWATCH - 1.0)) height="13" {}
        }
        text.tick x=(unit(left + SWATCH * SHADES as f64 + 4.0)) y=(unit(top + 11.0)) { (short(sheet, grid, greatest)) }
    }
}

/// The five greatest cells in words, for screen readers. The table has all cells.
fn description(sheet: &Sheet<'_>, grid: &Grid, cells: &Cells) -> String {
    const MAX_SAID: usize = 5;
    let skipped = skipped(grid);
    let mut all: Vec<(f64, String)> = Vec::new();
    for row in &cells.rows {
        for (place, found) in row.cells.iter().enumerate().skip(skipped) {
            if let Some((number, text)) = found {
                all.push((*number, format!("{}, {}: {text}", row.name, cells.columns[place])));
            }
        }
    }
    // The sorting is stable, so equal numbers stay in the order of rows and then columns.
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    let said: Vec<String> = all.into_iter().take(MAX_SAID).map(|(_, text)| text).collect();
    let heads = format!("{}, {}", sheet.heading(grid.row), sheet.heading(grid.column));
    format!("{} ({heads}): {}", sheet.style.locale.get("page", "greatest"), said.join("; "))
}

#[cfg(test)]
mod tests {
    use super::shade;

    #[test]
    fn something_never_has_the_shade_of_nothing() {
        assert_eq!(
            [0.0, -3.0, 0.1, 25.0, 26.0, 100.0, 200.0].map(|number| shade(number, 100.0)),
            [0, 0, 1, 1, 2, 4, 4]
        );
        assert_eq!(shade(0.0, 0.0), 0);
    }
}
