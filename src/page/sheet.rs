//! Access to the cells of an answer's table by column name and row.

use crate::answer::{Report, Spec, Table};
use crate::error::Result;
use crate::present::cells::{Cell, View, views_for_people};
use crate::present::{Style, words};

/// The length in bytes of the year and month in a date.
const MONTH: usize = 7;

/// A table whose cells are read.
pub(super) struct Sheet<'a> {
    pub table: &'a Table,
    pub report: &'a Report,
    pub style: &'a Style,
    views: Vec<View>,
}

impl<'a> Sheet<'a> {
    /// The table with all its rows.
    pub fn new(table: &'a Table, report: &'a Report, style: &'a Style) -> Result<Self> {
        Ok(Self { table, report, style, views: views_for_people(table, table.frame.height())? })
    }

    /// The table of a name in the reports, with all its rows.
    pub fn named(name: &str, reports: &'a [Report], style: &'a Style) -> Result<Option<Self>> {
        let mut tables =
            reports.iter().flat_map(|report| report.tables.iter().map(move |table| (report, table)));
        let found = tables.find(|(_, table)| table.name == name);
        found.map(|(report, table)| Self::new(table, report, style)).transpose()
    }

    pub fn height(&self) -> usize {
        self.table.frame.height()
    }

    /// The columns that are shown to people, each with whether it is numeric.
    pub fn columns(&self) -> impl Iterator<Item = (Spec, bool)> {
        self.views.iter().map(|view| (view.spec, view.is_number()))
    }

    pub fn has(&self, name: &str) -> bool {
        self.view(name).is_some()
    }

    fn view(&self, name: &str) -> Option<&View> {
        self.views.iter().find(|view| view.spec.name == name)
    }

    /// A cell as people read it; empty if there is no such column.
    pub fn shown(&self, name: &str, row: usize) -> String {
        let shown = self.view(name).map(|view| words::shown(view, row, self.report, self.style));
        match shown {
            // The table names a month by its first day.
            Some(day) if self.report.has_months(name) => day.get(..MONTH).unwrap_or(&day).to_owned(),
            Some(text) => text,
            None => String::new(),
        }
    }

    /// A key or another text as the table has it.
    pub fn key(&self, name: &str, row: usize) -> Option<&str> {
        match self.view(name)?.get(row) {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number, whatever its kind; an amount is in units of the currency.
    pub fn number(&self, name: &str, row: usize) -> Option<f64> {
        match self.view(name)?.get(row) {
            Cell::Int(value) => Some(value as f64),
            Cell::Float(value) => Some(value).filter(|value| value.is_finite()),
            Cell::Amount(micros) => Some(micros as f64 / 1e6),
            _ => None,
        }
    }

    /// Whether a flag is true.
    pub fn flag(&self, name: &str, row: usize) -> bool {
        self.view(name).is_some_and(|view| matches!(view.get(row), Cell::Flag(true)))
    }

    /// The heading of a column.
    pub fn heading(&self, name: &str) -> String {
        self.style.locale.heading(self.table.name, name).to_owned()
    }

    /// The row with the greatest number of a column, the first if several are equal.
    pub fn greatest(&self, name: &str) -> Option<usize> {
        let numbers = (0..self.height()).filter_map(|row| Some((row, self.number(name, row)?)));
        numbers
            .fold(None, |best: Option<(usize, f64)>, (row, number)| match best {
                Some((_, most)) if most >= number => best,
                _ => Some((row, number)),
            })
            .map(|(row, _)| row)
    }

    /// The first row in which a column has this key.
    pub fn row_of(&self, name: &str, key: &str) -> Option<usize> {
        (0..self.height()).find(|row| self.key(name, *row) == Some(key))
    }

    /// The sum of a column.
    pub fn sum(&self, name: &str) -> f64 {
        (0..self.height()).filter_map(|row| self.number(name, row)).sum()
    }
}
