//! Tables for people: localised, as wide as the terminal, with texts that fit no column written below.

use std::borrow::Cow;
use std::io::Write;

use comfy_table::{
    Attribute, Cell as TableCell, CellAlignment, Color, ContentArrangement, Table as Lines, presets,
};
use unicode_width::UnicodeWidthStr;

use super::cells::{Cell, View, views, views_for_people};
use super::report::{Grid, Kind, Report, Table};
use super::{Style, Writer, bands, chart, command, failed, grid, is_beside_the_point, record, wanted, words};
use crate::error::Result;
use crate::locale::{broken, grouped, harmless};

pub(super) struct TableWriter;

/// Width that titles keep before other columns are left out.
const TITLE: usize = 24;
/// Width of a bar in characters.
pub(super) const BAR: usize = 10;
/// Width taken by the gap after each column.
const GAP: usize = 2;

impl Writer for TableWriter {
    fn write(&self, report: &Report, style: &Style, out: &mut dyn Write) -> Result<()> {
        let locale = style.locale;
        let mut text = String::new();
        let title = locale.get("report", report.name);
        let title = if style.has_color { format!("\u{1b}[1m{title}\u{1b}[0m") } else { title.to_owned() };
        text.push_str(&format!("{title}\n"));
        for line in [words::scope_line(report, locale), words::accounting_line(report, locale)] {
            text.push_str(&wrapped(&line, style.width, ""));
        }
        for table in wanted(report, style)?.into_iter().filter(|table| !is_beside_the_point(table, report)) {
            text.push('\n');
            let masked_before = style.masks.count();
            write_table(&mut text, report, table, style)?;
            if style.masks.count() > masked_before {
                text.push_str(&wrapped(locale.get("text", "masked"), style.width, ""));
            }
        }
        if style.is_ascii {
            text = text.replace(['·', '–'], "-").replace('█', "#").replace('…', "~");
        }
        out.write_all(text.as_bytes()).map_err(failed)
    }
}

fn write_table(text: &mut String, report: &Report, table: &Table, style: &Style) -> Result<()> {
    let locale = style.locale;
    let limit = style.limit.unwrap_or(table.usual_rows);
    let rows = table.frame.height().min(limit);
    let views = views_for_people(table, rows)?;
    if let Some(title) = report.title_of(table, locale) {
        text.push_str(&wrapped(title, style.width, ""));
    }
    if let Some(grid) = &table.grid {
        return write_grid(text, table, grid, report, style);
    }
    if table.is_record {
        for row in 0..rows {
            let lines = record::lines(&record::pairs(&views, row, report, style), GAP);
            lines.iter().for_each(|(line, indent)| text.push_str(&wrapped(line, style.width, indent)));
        }
        return Ok(());
    }
    if views.iter().any(|view| matches!(view.spec.kind, Kind::Sentence(_))) {
        write_sentences(text, &views, rows, report, style);
        write_more(text, table, (rows, table.frame.height()), style);
        return Ok(());
    }
    let (below, columns): (Vec<&View>, Vec<&View>) =
        views.iter().partition(|view| matches!(view.spec.kind, Kind::Phrase { .. } | Kind::Command { .. }));
    let (columns, bands) = bands::told_apart(&columns);
    let bare: Vec<Vec<String>> = columns
        .iter()
        .map(|view| (0..rows).map(|row| cell_text(view, row, report, style)).collect())
        .collect();
    let hidden = too_many(&columns, &bare, style);
    let banded = bands::beside(&columns, &bare, &bands, report, style);
    // Intervals are written beside their figures if that hides no column.
    let cells =
        if hidden.is_empty() && too_many(&columns, &banded, style).is_empty() { banded } else { bare };
    let cells = shortened(&columns, cells, &hidden, style);
    // The column that names a command becomes the line above it.
    let names_commands =
        |column: &View| below.iter().any(|view| view.spec.kind == Kind::Command { of: column.spec.name });
    if !columns.iter().all(|column| names_commands(column)) {
        write_lines(text, &columns, &cells, &hidden, style);
    }
    for view in below {
        write_phrases(text, view, rows, report, style);
        write_commands(text, (view, &columns), rows, report, style);
    }
    write_more(text, table, (rows, table.frame.height()), style);
    if let Some(curve) = &table.curve
        && let Some(drawn) = chart::draw(curve, style)
    {
        text.push_str(&format!("\n{}\n{drawn}", locale.get("tables", curve.title)));
    }
    if !hidden.is_empty() {
        let names: Vec<String> = hidden.iter().map(|&i| words::heading(columns[i], locale)).collect();
        let names = names.join(locale.get("text", "listed"));
        let note = locale.fill("hidden", &[("columns", &names), ("csv", &csv(report, table))]);
        text.push_str(&wrapped(&note, style.width, ""));
    }
    Ok(())
}

/// Writes the rows in columns; columns that have no room are left out.
fn write_lines(text: &mut String, columns: &[&View], cells: &[Vec<String>], hidden: &[usize], style: &Style) {
    let mut lines = Lines::new();
    lines.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    if !style.has_color {
        lines.force_no_tty();
    } else {
        lines.enforce_styling();
    }
    let kept =
        || columns.iter().zip(cells).enumerate().filter(|(i, _)| !hidden.contains(i)).map(|(_, pair)| pair);
    lines.set_header(kept().map(|(view, _)| header_cell(view, style)));
    for row in 0..cells.first().map_or(0, Vec::len) {
        lines.add_row(kept().map(|(view, cells)| body_cell(view, &cells[row], style)));
    }
    // No gap behind the last column: in a bold heading trailing spaces would not be trimmed, and a line that just fits
    // the terminal would wrap.
    let last = kept().count().saturating_sub(1);
    for (place, column) in lines.column_iter_mut().enumerate() {
        column.set_padding((0, if place < last { GAP as u16 } else { 0 }));
    }
    for line in lines.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// A heat map.
fn write_grid(text: &mut String, table: &Table, grid: &Grid, report: &Report, style: &Style) -> Result<()> {
    let rows = table.frame.height();
    let drawn = grid::draw(grid, &views(table, rows)?, rows, report, style);
    text.push_str(&drawn.text);
    write_more(text, table, (drawn.rows, drawn.total), style);
    if let (Some(first), Some(last)) = (drawn.hidden.first(), drawn.hidden.last()) {
        let columns = if first == last { first.clone() } else { format!("{first}–{last}") };
        let note = style.locale.fill("hidden", &[("columns", &columns), ("csv", &csv(report, table))]);
        text.push_str(&wrapped(&note, style.width, ""));
    }
    Ok(())
}

/// The flags that give a table with all its columns.
fn csv(report: &Report, table: &Table) -> String {
    match report.tables.first() {
        Some(first) if first.name != table.name => format!("--format csv --table {}", table.name),
        _ => "--format csv".to_owned(),
    }
}

/// Writes the total number of rows, if not all are shown.
fn write_more(text: &mut String, table: &Table, (rows, height): (usize, usize), style: &Style) {
    if rows < height {
        let count = |n: usize| grouped(&n.to_string());
        let what = style.locale.get("rows", table.row);
        let places = [("shown", count(rows)), ("total", count(height)), ("rows", what.to_owned())];
        let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
        text.push_str(&wrapped(&style.locale.fill("shown", &places), style.width, ""));
    }
}

/// Writes one line per row: the columns that are never hidden, and the sentence.
fn write_sentences(text: &mut String, views: &[View], rows: usize, report: &Report, style: &Style) {
    let is_sentence = |view: &&View| matches!(view.spec.kind, Kind::Sentence(_));
    let leads: Vec<&View> = views.iter().filter(|view| !is_sentence(view) && view.spec.rank == 0).collect();
    let cells: Vec<Vec<String>> =
        leads.iter().map(|view| (0..rows).map(|row| cell_text(view, row, report, style)).collect()).collect();
    let widths: Vec<usize> =
        cells.iter().map(|cells| cells.iter().map(|cell| cell.width()).max().unwrap_or(0) + GAP).collect();
    let indent = " ".repeat(widths.iter().sum());
    let is_above = |row: usize| {
        let same = |cells: &[String]| cells[row] == cells[row - 1];
        row > 0 && cells.len() > 1 && cells[1..].iter().all(|cells| same(cells))
    };
    for row in 0..rows {
        let mut line = String::new();
        for (cells, width) in cells.iter().zip(&widths) {
            line.push_str(&cells[row]);
            line.push_str(&" ".repeat(width - cells[row].width()));
        }
        for view in views.iter().filter(is_sentence) {
            let text = cell_text(view, row, report, style);
            let is_long = text.width() > style.locale.get("text", "as_above").width() * 4;
            match is_long && is_above(row) && text == cell_text(view, row - 1, report, style) {
                true => line.push_str(style.locale.get("text", "as_above")),
                false => line.push_str(&text),
            }
        }
        text.push_str(&wrapped(&line, style.width, &indent));
    }
}

fn cell_text(view: &View, row: usize, report: &Report, style: &Style) -> String {
    let shown = words::shown(view, row, report, style);
    match (view.spec.kind, view.get(row)) {
        (Kind::Bar, Cell::Float(share)) => {
            let full = (share.clamp(0.0, 1.0) * BAR as f64).round() as usize;
            format!("{shown:>6} {}", "█".repeat(full))
        }
        _ => shown,
    }
}

/// The width of each column, including the gap behind it.
fn widths(columns: &[&View], cells: &[Vec<String>], longest_title: usize, style: &Style) -> Vec<usize> {
    let width = |(view, cells): (&&View, &Vec<String>)| {
        let header = words::heading(view, style.locale).width();
        let widest = cells.iter().map(|cell| cell.width()).max().unwrap_or(0);
        let is_title = matches!(view.spec.kind, Kind::Title | Kind::Clause(_));
        let widest = if is_title { widest.min(longest_title) } else { widest };
        widest.max(header) + GAP
    };
    columns.iter().zip(cells).map(width).collect()
}

/// The indices of columns for which a narrow terminal has no room; both ends of an interval are left out together.
fn too_many(columns: &[&View], cells: &[Vec<String>], style: &Style) -> Vec<usize> {
    let Some(width) = style.width else { return Vec::new() };
    let widths = widths(columns, cells, TITLE, style);
    let mut hidden: Vec<usize> = Vec::new();
    let mut total: usize = widths.iter().sum();
    while total > usize::from(width) + GAP {
        let candidates = (0..columns.len()).filter(|i| columns[*i].spec.rank > 0 && !hidden.contains(i));
        let Some(next) = candidates.max_by_key(|&i| columns[i].spec.rank) else { break };
        for place in std::iter::once(next).chain(other_end(columns, next)) {
            total -= widths[place];
            hidden.push(place);
        }
    }
    hidden.sort_unstable();
    hidden
}

/// The column of the other end of an interval, given one end.
fn other_end(columns: &[&View], end: usize) -> Option<usize> {
    let name = columns[end].spec.name;
    let low = || name.strip_suffix("_high").map(|stem| format!("{stem}_low"));
    let other = name.strip_suffix("_low").map(|stem| format!("{stem}_high")).or_else(low)?;
    columns.iter().position(|view| view.spec.name == other)
}

/// Shortens ids and titles if the kept columns are still too wide, the widest most; other texts are short anyway.
fn shortened(
    columns: &[&View],
    cells: Vec<Vec<String>>,
    hidden: &[usize],
    style: &Style,
) -> Vec<Vec<String>> {
    const MIN_WIDTH: usize = 8;
    let Some(width) = style.width else { return cells };
    let mut widths = widths(columns, &cells, usize::MAX, style);
    let is_kept = |i: &usize| !hidden.contains(i);
    let is_long =
        |i: &usize| matches!(columns[*i].spec.kind, Kind::CustomerId | Kind::Title | Kind::Clause(_));
    let total: usize = (0..columns.len()).filter(is_kept).map(|i| widths[i]).sum();
    for _ in 0..total.saturating_sub(usize::from(width) + GAP) {
        let long = (0..columns.len()).filter(|i| is_kept(i) && is_long(i));
        match long.filter(|&i| widths[i] > MIN_WIDTH + GAP).max_by_key(|&i| widths[i]) {
            Some(widest) => widths[widest] -= 1,
            None => break,
        }
    }
    let shorten = |(i, column): (usize, Vec<String>)| match is_long(&i) {
        true => column.into_iter().map(|text| cut(text, widths[i] - GAP)).collect(),
        false => column,
    };
    cells.into_iter().enumerate().map(shorten).collect()
}

/// A text of at most `room` columns, with an ellipsis in place of its end if it is longer. The number that tells a mask
/// from another person's stays (`s***ne@exa…#2`).
fn cut(text: String, room: usize) -> String {
    const DIGITS: usize = 4;
    if text.width() <= room {
        return text;
    }
    if let Some((mask, number)) = text.rsplit_once('#')
        && (1..=DIGITS).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && number.len() + 1 < room
    {
        return format!("{}#{number}", cut(mask.to_owned(), room - number.len() - 1));
    }
    let mut short = String::new();
    for c in text.chars() {
        short.push(c);
        if short.width() + 1 > room {
            short.pop();
            break;
        }
    }
    short + "…"
}

fn header_cell(view: &View, style: &Style) -> TableCell {
    let cell = TableCell::new(words::heading(view, style.locale)).set_alignment(alignment(view));
    if style.has_color { cell.add_attribute(Attribute::Bold) } else { cell }
}

fn body_cell(view: &View, text: &str, style: &Style) -> TableCell {
    let cell = TableCell::new(text).set_alignment(alignment(view));
    if style.has_color && view.spec.kind == Kind::Bar { cell.fg(Color::Cyan) } else { cell }
}

fn alignment(view: &View) -> CellAlignment {
    if view.is_number() && view.spec.kind != Kind::Bar { CellAlignment::Right } else { CellAlignment::Left }
}

/// Writes each text of a phrase column once, named by the label of its key.
fn write_phrases(text: &mut String, view: &View, rows: usize, report: &Report, style: &Style) {
    let Kind::Phrase { section, of } = view.spec.kind else { return };
    let mut seen: Vec<&str> = Vec::new();
    for row in 0..rows {
        let Cell::Text(key) = view.get(row) else { continue };
        if !seen.contains(&key) {
            seen.push(key);
        }
    }
    if seen.is_empty() {
        return;
    }
    text.push('\n');
    let names: Vec<Cow<'_, str>> =
        seen.iter().map(|key| harmless(words::label(of, key, report, style.locale))).collect();
    let widest = names.iter().map(|name| name.width()).max().unwrap_or(0);
    for (name, key) in names.iter().zip(&seen) {
        let pad = " ".repeat(widest - name.width() + GAP);
        let phrase = harmless(words::label(section, key, report, style.locale));
        let line = format!("{name}{pad}{phrase}");
        text.push_str(&wrapped(&line, style.width, &" ".repeat(widest + GAP)));
    }
}

/// Writes the commands of a column, each below the name that its row gives it.
fn write_commands(
    text: &mut String,
    (view, columns): (&View, &[&View]),
    rows: usize,
    report: &Report,
    style: &Style,
) {
    let Kind::Command { of } = view.spec.kind else { return };
    let name = columns.iter().find(|column| column.spec.name == of);
    for row in 0..rows {
        let name = name.map(|name| cell_text(name, row, report, style)).unwrap_or_default();
        text.push_str(&format!("\n{name}\n"));
        text.push_str(&command::lines(&cell_text(view, row, report, style), style.width));
    }
}

/// Breaks a line at the terminal's width and indents the continuation lines.
fn wrapped(line: &str, width: Option<u16>, indent: &str) -> String {
    let width = usize::from(width.unwrap_or(u16::MAX)).max(indent.len() + 20);
    broken(line, width, indent) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_ids_are_cut_to_their_room() {
        assert_eq!(cut("customer-0001".into(), 8), "custome…");
        assert_eq!(cut("小明小红小刚".into(), 8), "小明小…");
        assert_eq!(cut("short".into(), 8), "short");
        assert_eq!(cut("s***ne@example.com#12".into(), 10), "s***ne…#12");
        assert_eq!(cut("#12345678".into(), 5), "#123…");
    }
}
