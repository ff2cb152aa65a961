//! The typed cells of a result table, for all writers.

use std::ops::Range;

use polars::prelude::*;

use super::report::{Kind, Spec, Table};
use crate::error::Result;
use crate::schema::money::{self, UNIT};
use crate::schema::names;

/// One value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cell<'a> {
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

/// A column, prepared for reading row by row.
pub(crate) struct View {
    pub spec: Spec,
    /// The name of its table.
    pub table: &'static str,
    values: Values,
    nulls: Nulls,
    /// For a column of personal data: the person of each row.
    people: Option<Array<StringType>>,
}

/// How many values of a column are missing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nulls {
    None,
    Some,
    All,
}

enum Values {
    Text(Array<StringType>),
    Byte(Array<UInt8Type>),
    Count(Array<UInt32Type>),
    Short(Array<Int32Type>),
    Int(Array<Int64Type>),
    Float(Array<Float64Type>),
    Amount(Array<Int128Type>),
    Date(Array<Int32Type>),
    Flag(Array<BooleanType>),
    /// Numbers in micro-units, and for each row whether it is money (otherwise a count).
    Figure(Array<Int128Type>, Vec<bool>),
}

/// The single chunk of a column.
type Array<T> = <T as PolarsDataType>::Array;

/// The values of a column in which no value is missing, or every one.
#[derive(Clone, Copy)]
pub(super) enum Memory<'a> {
    /// All are missing.
    Nothing,
    Text(&'a Array<StringType>),
    Byte(&'a [u8]),
    Count(&'a [u32]),
    Short(&'a [i32]),
    Int(&'a [i64]),
    /// Micro-units.
    Amount(&'a [i128]),
    /// Days since 1970-01-01.
    Date(&'a [i32]),
}

/// The first `limit` rows of a table's columns.
pub(super) fn views(table: &Table, limit: usize) -> Result<Vec<View>> {
    views_within(table, 0..limit)
}

/// The first `limit` rows of the columns that people are shown.
pub(crate) fn views_for_people(table: &Table, limit: usize) -> Result<Vec<View>> {
    let frame = table.frame.slice(0, limit);
    let is_shown = |spec: &&Spec| {
        let has_value = |column: &Column| column.null_count() < column.len();
        !table.shown_if_any.contains(&spec.name) || table.frame.column(spec.name).is_ok_and(has_value)
    };
    table.columns.iter().filter(is_shown).map(|spec| view(table.name, *spec, &frame)).collect()
}

/// A range of a table's rows, as far as they exist.
pub(super) fn views_within(table: &Table, rows: Range<usize>) -> Result<Vec<View>> {
    let frame = table.frame.slice(rows.start as i64, rows.len());
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
        DataType::UInt8 => Values::Byte(series.u8()?.rechunk().downcast_as_array().clone()),
        DataType::UInt32 => Values::Count(series.u32()?.rechunk().downcast_as_array().clone()),
        DataType::Int32 => Values::Short(series.i32()?.rechunk().downcast_as_array().clone()),
        _ => Values::Int(series.cast(&DataType::Int64)?.i64()?.rechunk().downcast_as_array().clone()),
    };
    let people = match (spec.kind, frame.column(names::CUSTOMER_ID)) {
        (Kind::Personal(_), Ok(ids)) => Some(ids.str()?.rechunk().downcast_as_array().clone()),
        _ => None,
    };
    let nulls = match series.null_count() {
        0 => Nulls::None,
        count if count == series.len() => Nulls::All,
        _ => Nulls::Some,
    };
    Ok(View { spec, table, values, nulls, people })
}

/// A ratio as all formats write it: rounded to ten decimals, so that no format shows the noise of binary arithmetic
/// (0.19999999999999996).
pub(super) fn ten_decimals(value: f64) -> f64 {
    /// Below this, a value times 10¹⁰ is a whole number that a float holds exactly.
    const SMALL: f64 = 1e5;
    let rounded = match value.abs() < SMALL {
        true => (value * 1e10).round() / 1e10,
        false => format!("{value:.10}").parse().unwrap_or(value),
    };
    // Turns -0 into 0.
    rounded + 0.0
}

/// Writes what [`ten_decimals`] returns, with no more digits than needed, as `Display` does but faster: lists have
/// millions of ratios.
pub(super) fn write_ratio(out: &mut Vec<u8>, value: f64) {
    /// Floats hold whole numbers below this exactly: 15 digits.
    const MAX_EXACT: f64 = 1e15;
    const SCALE: u64 = 10_000_000_000;
    let scaled = (value.abs() * SCALE as f64).round();
    if !(scaled < MAX_EXACT && scaled / SCALE as f64 == value.abs()) {
        out.extend_from_slice(value.to_string().as_bytes());
        return;
    }
    if value.is_sign_negative() {
        out.push(b'-');
    }
    let scaled = scaled as u64;
    out.extend_from_slice(itoa::Buffer::new().format(scaled / SCALE).as_bytes());
    money::write_decimals(out, scaled % SCALE, 10, 0);
}

impl View {
    #[inline]
    pub(crate) fn get(&self, row: usize) -> Cell<'_> {
        match &self.values {
            Values::Text(column) => column.get(row).map_or(Cell::Null, Cell::Text),
            Values::Byte(column) => column.get(row).map_or(Cell::Null, |value| Cell::Int(value.into())),
            Values::Count(column) => column.get(row).map_or(Cell::Null, |value| Cell::Int(value.into())),
            Values::Short(column) => column.get(row).map_or(Cell::Null, |value| Cell::Int(value.into())),
            Values::Int(column) => column.get(row).map_or(Cell::Null, Cell::Int),
            Values::Float(column) => {
                column.get(row).map_or(Cell::Null, |value| Cell::Float(ten_decimals(value)))
            }
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

    /// The values as slices, if none or all are missing; `None` otherwise, and for kinds of columns that never have many
    /// rows.
    pub(super) fn memory(&self) -> Option<Memory<'_>> {
        match self.nulls {
            Nulls::None => {}
            Nulls::Some => return None,
            Nulls::All => return Some(Memory::Nothing),
        }
        match &self.values {
            Values::Text(column) => Some(Memory::Text(column)),
            Values::Byte(column) => Some(Memory::Byte(column.values())),
            Values::Count(column) => Some(Memory::Count(column.values())),
            Values::Short(column) => Some(Memory::Short(column.values())),
            Values::Int(column) => Some(Memory::Int(column.values())),
            Values::Amount(column) => Some(Memory::Amount(column.values())),
            Values::Date(column) => Some(Memory::Date(column.values())),
            Values::Float(_) | Values::Flag(_) | Values::Figure(..) => None,
        }
    }

    /// The person of a row, if the column holds personal data and the table says whose.
    pub(super) fn person(&self, row: usize) -> Option<&str> {
        self.people.as_ref().filter(|people| row < people.len()).and_then(|people| people.get(row))
    }

    /// Whether the column is right-aligned.
    pub(crate) fn is_number(&self) -> bool {
        !matches!(
            self.spec.kind,
            Kind::CustomerId
                | Kind::Named
                | Kind::Title
                | Kind::LabelOr(_)
                | Kind::Text
                | Kind::Command { .. }
                | Kind::Personal(_)
                | Kind::Sentence(_)
                | Kind::Clause(_)
                | Kind::Label(_)
                | Kind::Phrase { .. }
                | Kind::Date
                | Kind::Flag
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ten_decimals, write_ratio};

    #[test]
    fn ratios_have_at_most_ten_decimals() {
        for (value, text) in [
            (0.199_999_999_999_999_96, "0.2"),
            (0.1 + 0.2, "0.3"),
            (1.0 / 3.0, "0.3333333333"),
            (2.0 / 3.0, "0.6666666667"),
            (-1e-12, "0"),
            (1e-10, "0.0000000001"),
            (912_345.123_456_7, "912345.1234567"),
            (99_999.999_999_999_99, "100000"),
            (12_345_678.9, "12345678.9"),
            (1e300, &format!("{}", 1e300)),
        ] {
            assert_eq!(ten_decimals(value).to_string(), text);
        }
        assert!(ten_decimals(f64::NAN).is_nan() && ten_decimals(f64::INFINITY).is_infinite());
    }

    fn written(value: f64) -> String {
        let mut out = Vec::new();
        write_ratio(&mut out, value);
        String::from_utf8(out).expect("digits")
    }

    #[test]
    fn extreme_ratios_are_written_as_display_has_them() {
        for value in [0.0, 1.0, -1.0, 0.5, 1e-10, -1e-10, 99_999.999_999_999_9, 1e5, 1e15, 1e300, 5e-324] {
            assert_eq!(written(value), value.to_string());
        }
        assert_eq!([f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(written), ["NaN", "inf", "-inf"]);
    }

    proptest! {
        #[test]
        fn ratios_are_written_as_display_has_them(value in any::<f64>(), small in -1e5..1e5_f64, part in 0.0..1.0_f64) {
            for value in [value, small, part] {
                prop_assert_eq!(written(value), value.to_string());
                prop_assert_eq!(written(ten_decimals(value)), ten_decimals(value).to_string());
            }
        }
    }
}
