//! A table of one row as people read it: one line per column that has a value.

use unicode_width::UnicodeWidthStr;

use super::cells::{Cell, View};
use super::report::Report;
use super::{Style, words};

/// The headings and values of a row.
pub(super) fn pairs(views: &[View], row: usize, report: &Report, style: &Style) -> Vec<(String, String)> {
    let says = |view: &&View| view.get(row) != Cell::Null;
    let pair = |view: &View| (words::heading(view, style.locale), words::shown(view, row, report, style));
    views.iter().filter(says).map(pair).collect()
}

/// The pairs as lines for a terminal, each with the indent of its continuation lines.
pub(super) fn lines(pairs: &[(String, String)], gap: usize) -> Vec<(String, String)> {
    let width = pairs.iter().map(|(heading, _)| heading.width()).max().unwrap_or(0) + gap;
    let line = |(heading, value): &(String, String)| {
        let pad = " ".repeat(width - heading.width());
        (format!("{heading}{pad}{value}"), " ".repeat(width))
    };
    pairs.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn values_stand_below_one_another() {
        let pairs = [("Segment", "Lost"), ("净额", "5")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        let lines: Vec<String> = lines(&pairs, 2).into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, ["Segment  Lost", "净额     5"]);
    }
}
