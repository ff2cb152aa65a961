//! Confidence intervals in tables for people: they are written behind their figure, `33.3% (5.5–94.6%)`, instead of in
//! columns of their own.

use unicode_width::UnicodeWidthStr;

use super::cells::{Cell, View};
use super::report::{Kind, Report};
use super::table::BAR;
use super::{Style, words};
use crate::schema::{Range, ranges};

/// The columns of an estimated figure's interval.
pub(super) struct Band<'a> {
    value: &'static str,
    low: &'a View,
    high: &'a View,
}

/// Separates the columns that hold ends of intervals from all others.
pub(super) fn told_apart<'v>(columns: &[&'v View]) -> (Vec<&'v View>, Vec<Band<'v>>) {
    let find = |name: &str| columns.iter().find(|view| view.spec.name == name).copied();
    let band = |range: &Range| {
        find(range.value)?;
        Some(Band { value: range.value, low: find(range.low)?, high: find(range.high)? })
    };
    let bands: Vec<Band<'v>> = ranges::ALL.iter().filter_map(band).collect();
    let is_end = |view: &&&View| {
        let ends = bands.iter().flat_map(|band| [band.low.spec.name, band.high.spec.name]);
        ends.into_iter().any(|end| end == view.spec.name)
    };
    (columns.iter().filter(|view| !is_end(view)).copied().collect(), bands)
}

/// The cells of the columns, with intervals behind their figures.
pub(super) fn beside(
    columns: &[&View],
    bare: &[Vec<String>],
    bands: &[Band<'_>],
    report: &Report,
    style: &Style,
) -> Vec<Vec<String>> {
    let cells = columns.iter().zip(bare).map(|(view, cells)| {
        match bands.iter().find(|band| band.value == view.spec.name) {
            Some(band) => with_band(view, cells, band, report, style),
            None => cells.clone(),
        }
    });
    cells.collect()
}

/// The cells of a figure with its interval behind, aligned.
fn with_band(view: &View, cells: &[String], band: &Band<'_>, report: &Report, style: &Style) -> Vec<String> {
    /// Width of the share in front of a bar, and the space between.
    const SHARE: usize = 7;
    let interval = |row: usize| match (band.low.get(row), band.high.get(row)) {
        (Cell::Null, _) | (_, Cell::Null) => String::new(),
        _ => {
            let [low, high] = [band.low, band.high].map(|view| words::shown(view, row, report, style));
            let low = if high.ends_with('%') { low.trim_end_matches('%') } else { &low };
            format!(" ({low}–{high})")
        }
    };
    let intervals: Vec<String> = (0..cells.len()).map(interval).collect();
    let widest = intervals.iter().map(|interval| interval.width()).max().unwrap_or(0);
    let texts = cells.iter().zip(&intervals).map(|(cell, interval)| {
        let pad = " ".repeat(widest - interval.width());
        match view.spec.kind {
            Kind::Bar => format!("{cell:<width$}{interval}{pad}", width = SHARE + BAR),
            _ => format!("{cell}{interval}{pad}"),
        }
    });
    texts.collect()
}
