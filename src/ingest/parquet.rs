//! Parquet files as delimited text: from there on they are read as every other export.

use std::io::{self, Cursor, Read};

use polars::prelude::{AnyValue, ArrowDataType, DataFrame, ParquetReader, PolarsResult, SerReader, TimeUnit};

use super::value::date;
use crate::error::{Error, Result};
use crate::schema::money;

/// Rows that are in memory as text at a time.
const BATCH: usize = 50_000;

/// The rows of a Parquet file as comma-separated UTF-8, made as they are read.
pub(super) struct Rows {
    file: Cursor<Vec<u8>>,
    columns: Vec<String>,
    next_row: usize,
    row_count: usize,
    text: Cursor<Vec<u8>>,
}

impl Rows {
    /// Opens a file from its bytes. Returns the names of nested columns too, which are no cells of an export and are
    /// left out.
    pub(super) fn open(name: &str, bytes: Vec<u8>) -> Result<(Self, Vec<String>)> {
        let mut file = Cursor::new(bytes);
        let damaged = |_| {
            Error::input(
                name,
                "this Parquet file cannot be read; it may be cut or damaged",
                "export it again",
            )
        };
        let (columns, left_out, row_count) = schema(&mut file).map_err(damaged)?;
        let header = columns.iter().cloned();
        let text = to_text(Vec::new(), std::iter::once(header))
            .map_err(|error| Error::Internal(error.to_string()))?;
        let rows = Self { file, columns, next_row: 0, row_count, text: Cursor::new(text) };
        Ok((rows, left_out))
    }

    fn batch(&mut self) -> PolarsResult<DataFrame> {
        let slice = (self.next_row, BATCH.min(self.row_count - self.next_row));
        self.next_row += slice.1;
        ParquetReader::new(&mut self.file)
            .with_columns(Some(self.columns.clone()))
            .with_slice(Some(slice))
            .finish()
    }
}

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.text.read(buffer)?;
            if read > 0 || buffer.is_empty() || self.next_row >= self.row_count || self.columns.is_empty() {
                return Ok(read);
            }
            let frame = self.batch().map_err(|_| io::Error::other("the Parquet file is damaged"))?;
            let mut text = std::mem::take(self.text.get_mut());
            text.clear();
            let columns = frame.columns();
            let cells =
                |row| columns.iter().map(move |column| column.get(row).map_or(String::new(), cell_text));
            self.text = Cursor::new(to_text(text, (0..frame.height()).map(cells))?);
        }
    }
}

/// The columns that hold one value per row, the others, and the number of rows.
fn schema(file: &mut Cursor<Vec<u8>>) -> PolarsResult<(Vec<String>, Vec<String>, usize)> {
    let mut reader = ParquetReader::new(file);
    let schema = reader.schema()?;
    let is_plain = |dtype: &ArrowDataType| {
        use ArrowDataType as T;
        matches!(
            dtype,
            T::Null
                | T::Boolean
                | T::Int8
                | T::Int16
                | T::Int32
                | T::Int64
                | T::UInt8
                | T::UInt16
                | T::UInt32
                | T::UInt64
                | T::Float32
                | T::Float64
                | T::Timestamp(..)
                | T::Date32
                | T::Date64
                | T::Utf8
                | T::LargeUtf8
                | T::Utf8View
                | T::Decimal(..)
        )
    };
    let (plain, nested): (Vec<_>, Vec<_>) = schema.iter_values().partition(|field| is_plain(&field.dtype));
    let names = |fields: Vec<&polars::prelude::ArrowField>| {
        fields.iter().map(|field| field.name.to_string()).collect()
    };
    Ok((names(plain), names(nested), reader.num_rows()?))
}

/// Appends records to a text.
fn to_text(
    text: Vec<u8>,
    records: impl Iterator<Item = impl Iterator<Item = String>>,
) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(text);
    for cells in records {
        writer.write_record(cells)?;
    }
    writer.into_inner().map_err(|error| io::Error::other(error.to_string()))
}

/// A value as an export would write it: times as ISO 8601, decimals exactly.
fn cell_text(value: AnyValue<'_>) -> String {
    match value {
        AnyValue::Null => String::new(),
        AnyValue::String(text) => text.to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        AnyValue::Float32(value) => value.to_string(),
        AnyValue::Float64(value) => value.to_string(),
        AnyValue::Date(day) => date::date_of(day).map_or(String::new(), |date| date.to_string()),
        AnyValue::Datetime(at, unit, zone) => time_text(at, unit, zone.is_some()),
        AnyValue::Decimal(value, _, scale) => decimal_text(value, scale),
        other => other.to_string(),
    }
}

fn time_text(at: i64, unit: TimeUnit, has_zone: bool) -> String {
    let seconds = match unit {
        TimeUnit::Nanoseconds => at.div_euclid(1_000_000_000),
        TimeUnit::Microseconds => at.div_euclid(1_000_000),
        TimeUnit::Milliseconds => at.div_euclid(1_000),
    };
    // Parquet keeps times with a zone in UTC.
    let offset = if has_zone { " +0000" } else { "" };
    chrono::DateTime::from_timestamp(seconds, 0)
        .map_or(String::new(), |at| format!("{}{offset}", at.format("%Y-%m-%d %H:%M:%S")))
}

/// A whole number with its last `scale` digits behind the point.
fn decimal_text(value: i128, scale: usize) -> String {
    let micros = u32::try_from(scale).ok().filter(|scale| *scale <= money::SCALE);
    match micros.and_then(|scale| value.checked_mul(10_i128.pow(money::SCALE - scale))) {
        Some(micros) => money::plain(micros),
        // More decimals than money has: the reader of amounts rounds them.
        None => {
            let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
            let (whole, fraction) = digits.split_at(digits.len() - scale);
            format!("{}{whole}.{fraction}", if value < 0 { "-" } else { "" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_and_times_are_written_exactly() {
        assert_eq!(decimal_text(12_345, 2), "123.45");
        assert_eq!(decimal_text(-5, 9), "-0.000000005");
        assert_eq!(time_text(1_464_012_153_999, TimeUnit::Milliseconds, false), "2016-05-23 14:02:33");
        assert_eq!(time_text(-1, TimeUnit::Microseconds, true), "1969-12-31 23:59:59 +0000");
    }
}
