//! Small shops made by hand, for the tests beside each metric.

use chrono::NaiveDate;
use polars::prelude::*;

use super::Scope;
use crate::parse::ReadOptions;
use crate::parse::source::Input;
use crate::reading::{Ingested, read_any};
use crate::schema::{Day, RowParts, Shop, Table, Wants, money};

/// A shop whose files were read.
pub struct Read {
    pub ingested: Ingested,
}

/// The day written as `yyyy-mm-dd`.
pub fn on(date: &str) -> Day {
    date.parse::<NaiveDate>().expect("a date").into()
}

/// Reads files, each given by name and text: a header and rows, separated by `;`.
pub fn read(files: &[(&str, &str)]) -> Read {
    Read { ingested: as_they_came(files).in_order().expect("orders") }
}

/// As [`read`], but reads further columns that `wants` names.
pub fn read_wanting(files: &[(&str, &str)], wants: &Wants) -> Read {
    Read { ingested: as_they_came_wanting(files, wants).in_order().expect("orders") }
}

/// As [`read`], but leaves the orders unsorted, as the files give them.
pub fn as_they_came(files: &[(&str, &str)]) -> Ingested<RowParts> {
    as_they_came_wanting(files, &Wants::default())
}

fn as_they_came_wanting(files: &[(&str, &str)], more: &Wants) -> Ingested<RowParts> {
    let text = |lines: &str| lines.split(';').map(|line| format!("{}\n", line.trim())).collect::<String>();
    let inputs: Vec<Input> =
        files.iter().map(|(name, lines)| Input::bytes(*name, text(lines).into_bytes())).collect();
    let wants = Wants {
        regions: true,
        extras: true,
        items: true,
        details: true,
        tables: vec![Table::Events, Table::OrderItems, Table::Customers],
        ..Wants::default()
    };
    let tables = [Table::Orders, Table::Events, Table::Customers];
    let options = ReadOptions { wants: wants.and(more), ..ReadOptions::default() };
    let ingested = read_any(&inputs, &options, &tables).expect("files that can be read");
    assert!(ingested.rejects.is_empty(), "{:?}", ingested.rejects);
    ingested
}

/// Reads one file of orders.
pub fn orders(lines: &str) -> Read {
    read(&[("orders.csv", lines)])
}

impl Read {
    pub fn shop(&self) -> Shop<'_> {
        self.ingested.shop()
    }

    /// The scope of all time up to a day.
    pub fn up_to(&self, date: &str) -> Scope {
        Scope::up_to(on(date))
    }

    /// The scope of the last `days` days up to a day.
    pub fn window(&self, days: u32, date: &str) -> Scope {
        Scope { window: Some(days), ..self.up_to(date) }
    }
}

/// The rows of a frame as the texts of the named columns, separated by commas. Numbers that are not whole are rounded
/// to six decimals.
pub fn rows(frame: &DataFrame, columns: &[&str]) -> Vec<String> {
    let columns: Vec<Vec<String>> =
        columns.iter().map(|name| texts(frame.column(name).expect("a column"))).collect();
    let row = |row: usize| columns.iter().map(|column| column[row].as_str()).collect::<Vec<_>>().join(",");
    (0..frame.height()).map(row).collect()
}

fn texts(column: &Column) -> Vec<String> {
    fn each<T>(values: impl Iterator<Item = Option<T>>, text: impl Fn(T) -> String) -> Vec<String> {
        values.map(|value| value.map_or_else(String::new, &text)).collect()
    }
    let series = column.as_materialized_series();
    match series.dtype() {
        DataType::Float64 => {
            each(series.f64().expect("numbers").iter(), |value| format!("{}", (value * 1e6).round() / 1e6))
        }
        DataType::Date => {
            each(series.date().expect("dates").physical().iter(), |day| Day::new(day).to_string())
        }
        DataType::Decimal(_, _) => each(series.decimal().expect("amounts").physical().iter(), money::plain),
        _ => {
            let text = series.cast(&DataType::String).expect("texts");
            each(text.str().expect("texts").iter(), str::to_owned)
        }
    }
}
