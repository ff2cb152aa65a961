//! Bar charts. Each row has its name and its value above the bar, so that a long name has the whole width.

use std::collections::HashSet;

use maud::html;
use unicode_width::UnicodeWidthStr;

use super::{COLUMN, Drawn, Figure, WIDTH, fit, unit};
use crate::page::sheet::Sheet;
use crate::page::tables;

/// The most bars of a chart. With more it is hard to read, and the table has them all.
const MAX_BARS: usize = 12;

/// Heights in chart units: the whole row, and in it the text's baseline and the bar.
const ROW: f64 = 36.0;
const BASELINE: f64 = 14.0;
const BAR_TOP: f64 = 20.0;
const BAR: f64 = 9.0;

/// Stands between the parts of a name.
const SEPARATOR: &str = " · ";

/// A bar to be drawn.
struct Bar {
    name: Vec<String>,
    value: String,
    /// Where the bar begins and ends horizontally, in chart units.
    from: f64,
    to: f64,
    class: &'static str,
}

/// A bar chart with one bar per row, each beginning at 0.
pub(crate) fn bars(
    id: &str,
    sheet: &Sheet<'_>,
    label: &[&str],
    value: &str,
    beside: Option<&str>,
) -> Option<Drawn> {
    let rows = once_each(sheet, label);
    let values: Vec<(usize, f64)> =
        rows.filter_map(|row| Some((row, sheet.number(value, row)?.max(0.0)))).take(MAX_BARS).collect();
    let most = values.iter().map(|(_, number)| *number).fold(0.0, f64::max);
    let drawn = values.iter().map(|(row, number)| {
        let mut text = sheet.shown(value, *row);
        if let Some(beside) = beside.filter(|name| sheet.number(name, *row).is_some()) {
            text = format!("{text} · {}", sheet.shown(beside, *row));
        }
        let to = if most > 0.0 { WIDTH * number / most } else { 0.0 };
        Bar { name: name(sheet, label, *row), value: text, from: 0.0, to, class: "bar" }
    });
    let title = match beside {
        Some(beside) => {
            tables::titled(sheet, &format!("{} · {}", sheet.heading(value), sheet.heading(beside)))
        }
        None => tables::titled(sheet, &sheet.heading(value)),
    };
    draw(id, title, drawn.collect(), None)
}

/// A bar chart with one bar per row, each going from 1 to the left or to the right.
pub(crate) fn index(id: &str, sheet: &Sheet<'_>, label: &[&str], value: &str) -> Option<Drawn> {
    /// The least distance from 1 at the edge of the chart, so that small differences look small.
    const MIN_REACH: f64 = 0.5;
    let values: Vec<(usize, f64)> =
        (0..sheet.height()).filter_map(|row| Some((row, sheet.number(value, row)?))).take(MAX_BARS).collect();
    let reach = values.iter().map(|(_, number)| (number - 1.0).abs()).fold(MIN_REACH, f64::max);
    let middle = WIDTH / 2.0;
    let drawn = values.iter().map(|(row, number)| {
        let end = middle + middle * (number - 1.0) / reach;
        let class = if *number < 1.0 { "bar below" } else { "bar" };
        let (name, text) = (name(sheet, label, *row), sheet.shown(value, *row));
        Bar { name, value: text, from: middle.min(end), to: middle.max(end), class }
    });
    let title = tables::titled(sheet, &sheet.heading(value));
    draw(id, title, drawn.collect(), Some(middle))
}

/// A bar chart with one bar for each of these columns in the last row.
pub(crate) fn funnel(id: &str, sheet: &Sheet<'_>, columns: &[&str]) -> Option<Drawn> {
    let row = sheet.height().checked_sub(1)?;
    let values: Vec<(&str, f64)> =
        columns.iter().filter_map(|name| Some((*name, sheet.number(name, row)?))).collect();
    let most = values.iter().map(|(_, number)| *number).fold(0.0, f64::max);
    let first = values.first().map_or(0.0, |(_, number)| *number);
    let drawn = values.iter().map(|(name, number)| {
        let shown = sheet.shown(name, row);
        let value = match first > 0.0 {
            true => format!("{shown} · {:.1}%", number / first * 100.0),
            false => shown,
        };
        let to = if most > 0.0 { WIDTH * number / most } else { 0.0 };
        Bar { name: vec![sheet.heading(name)], value, from: 0.0, to, class: "bar" }
    });
    draw(id, tables::title(sheet), drawn.collect(), None)
}

/// The rows, each pair only once if the table has it in both orders.
fn once_each<'a>(sheet: &'a Sheet<'_>, label: &'a [&str]) -> impl Iterator<Item = usize> + 'a {
    let mut seen: HashSet<Vec<String>> = HashSet::new();
    (0..sheet.height()).filter(move |row| {
        let mut parts = name(sheet, label, *row);
        parts.sort_unstable();
        parts.len() < 2 || seen.insert(parts)
    })
}

/// The parts of a row's name.
fn name(sheet: &Sheet<'_>, label: &[&str], row: usize) -> Vec<String> {
    label.iter().map(|name| sheet.shown(name, row)).filter(|text| !text.is_empty()).collect()
}

/// A name in at most so many columns. If it is longer, each part is cut to an equal share of the room.
fn fitted(name: &[String], columns: usize) -> String {
    let whole = name.join(SEPARATOR);
    if whole.width() <= columns || name.len() < 2 {
        return fit(&whole, columns);
    }
    let room = columns.saturating_sub(SEPARATOR.width() * (name.len() - 1)) / name.len();
    name.iter().map(|part| fit(part, room)).collect::<Vec<_>>().join(SEPARATOR)
}

fn draw(id: &str, title: String, bars: Vec<Bar>, axis: Option<f64>) -> Option<Drawn> {
    if bars.is_empty() {
        return None;
    }
    let description: Vec<String> =
        bars.iter().map(|bar| format!("{}: {}", bar.name.join(SEPARATOR), bar.value)).collect();
    let height = ROW * bars.len() as f64;
    let body = html! {
        @for (place, bar) in bars.iter().enumerate() {
            @let top = ROW * place as f64;
            @let room = ((WIDTH - bar.value.width() as f64 * COLUMN) / COLUMN) as usize;
            text.label x="0" y=(unit(top + BASELINE)) { (fitted(&bar.name, room.saturating_sub(2))) }
            text.figure x=(unit(WIDTH)) y=(unit(top + BASELINE)) { (bar.value) }
            rect.rail x="0" y=(unit(top + BAR_TOP)) width=(unit(WIDTH)) height=(unit(BAR)) rx="2" {}
            @if bar.to > bar.from {
                rect class=(bar.class) x=(unit(bar.from)) y=(unit(top + BAR_TOP)) width=(unit(bar.to - bar.from))
                    height=(unit(BAR)) rx="2" {}
            }
            @if let Some(axis) = axis {
                line.axis x1=(unit(axis)) x2=(unit(axis)) y1=(unit(top + BAR_TOP - 3.0))
                    y2=(unit(top + BAR_TOP + BAR + 3.0)) {}
            }
        }
    };
    let figure =
        Figure { id: id.to_owned(), title, description: description.join("; "), width: WIDTH, height, body };
    Some(figure.drawn())
}

#[cfg(test)]
mod tests {
    use super::fitted;

    #[test]
    fn of_two_long_names_some_of_each_stays() {
        let name = ["JUMBO BAG PINK".to_owned(), "JUMBO BAG RED".to_owned()];
        assert_eq!(fitted(&name, 30), "JUMBO BAG PINK · JUMBO BAG RED");
        assert_eq!(fitted(&name, 23), "JUMBO BAG… · JUMBO BAG…");
        assert_eq!(fitted(&name[..1], 8), "JUMBO B…");
    }
}
