//! The cells of a result table, typed, for every writer alike.

use polars::prelude::*;

use super::report::{Kind, Spec, Table};
use crate::error::Result;
use crate::schema::money::UNIT;

/// One value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Text(&'a str),
    Int(i64),
    Float(f64),
    /// Micro-units.
    Amount(i128),
    /// Days since 1970-01-01.
    Date(i32),
    Flag(bool),
}

/// A column ready to be read row by row.
pub(super) struct View {
    pub spec: Spec,
    /// The name of its table.
    pub table: &'static str,
    values: Values,
}

enum Values {
    Text(Array<StringType>),
    Int(Array<Int64Type>),
    Float(Array<Float64Type>),
    Amount(Array<Int128Type>),
    Date(Array<Int32Type>),
    Flag(Array<BooleanType>),
    /// Amounts, and whether each is money and no count.
    Figure(Array<Int128Type>, Vec<bool>),
}

/// The one piece of memory behind a column.
type Array<T> = <T as PolarsDataType>::Array;

/// The first `limit` rows of a table's columns.
pub(super) fn views(table: &Table, limit: usize) -> Result<Vec<View>> {
    let frame = table.frame.head(Some(limit));
    table.columns.iter().map(|spec| view(table.name, *spec, &frame)).collect()
}

fn view(table: &'static str, spec: Spec, frame: &DataFrame) -> Result<View> {
    let series = frame.column(spec.name)?.as_materialized_series();
    let values = match series.dtype() {
        DataType::Decimal(_, _) if let Kind::Figure(unit) = spec.kind => {
            let figures = series.decimal()?.physical().rechunk().downcast_as_array().clone();
            let units = frame.column(unit)?.str()?.iter().map(|unit| unit == Some("amount")).collect();
            Values::Figure(figures, units)
        }
        DataType::Boolean => Values::Flag(series.bool()?.rechunk().downcast_as_array().clone()),
        DataType::String => Values::Text(series.str()?.rechunk().downcast_as_array().clone()),
        DataType::Float64 => Values::Float(series.f64()?.rechunk().downcast_as_array().clone()),
        DataType::Decimal(_, _) => {
            Values::Amount(series.decimal()?.physical().rechunk().downcast_as_array().clone())
        }
        DataType::Date => Values::Date(series.date()?.physical().rechunk().downcast_as_array().clone()),
        _ => Values::Int(series.cast(&DataType::Int64)?.i64()?.rechunk().downcast_as_array().clone()),
    };
    Ok(View { spec, table, values })
}

impl View {
    #[inline]
    pub(super) fn get(&self, row: usize) -> Cell<'_> {
        match &self.values {
            Values::Text(column) => column.get(row).map_or(Cell::Null, Cell::Text),
            Values::Int(column) => column.get(row).map_or(Cell::Null, Cell::Int),
            Values::Float(column) => column.get(row).map_or(Cell::Null, Cell::Float),
            Values::Amount(column) => column.get(row).map_or(Cell::Null, Cell::Amount),
            Values::Date(column) => column.get(row).map_or(Cell::Null, Cell::Date),
            Values::Flag(column) => column.get(row).map_or(Cell::Null, Cell::Flag),
            Values::Figure(column, is_amount) => match (column.get(row), is_amount[row]) {
                (None, _) => Cell::Null,
                (Some(figure), true) => Cell::Amount(figure),
                (Some(figure), false) => Cell::Int((figure / i128::from(UNIT)) as i64),
            },
        }
    }

    /// Whether its values are texts.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.values, Values::Text(_))
    }

    /// Whether people expect it on the right.
    pub(super) fn is_number(&self) -> bool {
        !matches!(
            self.spec.kind,
            Kind::CustomerId
                | Kind::Named
                | Kind::Title
                | Kind::LabelOr(_)
                | Kind::Text
                | Kind::Sentence(_)
                | Kind::Label(_)
                | Kind::Phrase { .. }
                | Kind::Date
                | Kind::Flag
        )
    }
}
