//! Parquet files as delimited text; from there they are read like every other export.

mod check;
mod deltas;

pub(crate) use check::{Wrong, check};

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use chrono_tz::Tz;

use polars::io::parquet::metadata::{FileMetadata, FileMetadataRef};
use polars::prelude::{
    AnyValue, ArrowDataType, Column, DataFrame, ParquetReader, PolarsResult, SerReader, TimeUnit,
};

use crate::error::{Error, Result};
use crate::limits::{MAX_RECORD_BYTES, most_rows};
use crate::parse::foreign::guarded;
use crate::parse::source::{Limit, too_many_rows, too_wide};
use crate::parse::workbook::{number, unmistakable};
use crate::schema::{day, money};

/// When so many bytes of text are ready, they are read before more are written.
const BATCH: usize = 1 << 20;

/// The rows of a Parquet file as comma-separated UTF-8, written while they are read.
pub(super) struct Rows {
    file: Cursor<Vec<u8>>,
    metadata: FileMetadataRef,
    columns: Vec<String>,
    /// The zone of each column of times, if it has one.
    zones: Vec<Option<Tz>>,
    next_group: usize,
    next_row: usize,
    /// The current row group, and how many of its rows were read.
    group: DataFrame,
    group_row: usize,
    text: Cursor<Vec<u8>>,
}

impl Rows {
    /// Opens a file from its bytes. Also returns the names of nested columns, which are left out.
    ///
    /// # Errors
    /// When it is cut or damaged, or would take more memory than its size makes plausible.
    pub(super) fn open(name: &str, bytes: Vec<u8>) -> Result<(Self, Vec<String>)> {
        let wrong = |wrong: Wrong| match wrong {
            Wrong::Damaged => Error::input_of(name, "parquet_damaged", &[]),
            Wrong::Wide(columns) => too_wide(name, columns),
            Wrong::Unfolds => Error::input_of(name, "parquet_unfolds", &[]),
        };
        let size = bytes.len() as u64;
        let row_count = guarded(|| check(&bytes, size)).unwrap_or(Err(Wrong::Damaged)).map_err(wrong)?;
        if row_count > most_rows(size) {
            return Err(too_many_rows(name, most_rows(size)));
        }
        let mut file = Cursor::new(bytes);
        let read = guarded(|| schema(&mut file).ok()).flatten().ok_or_else(|| wrong(Wrong::Damaged))?;
        let Schema { metadata, columns, zones, left_out } = read;
        let (next_group, next_row, group, group_row) = (0, 0, DataFrame::default(), 0);
        let mut rows = Self {
            file,
            metadata,
            columns,
            zones,
            next_group,
            next_row,
            group,
            group_row,
            text: Cursor::default(),
        };
        let mut writer = csv::Writer::from_writer(Vec::new());
        let header = writer.write_record(&rows.columns).and_then(|()| Ok(writer.flush()?));
        header.map_err(|error| Error::Internal(error.to_string()))?;
        rows.text = Cursor::new(writer.into_inner().unwrap_or_default());
        Ok((rows, left_out))
    }

    /// Reads the next row group with any rows, unless one is being read. Returns whether there is one.
    fn fill(&mut self) -> PolarsResult<bool> {
        while self.group_row >= self.group.height() {
            let Some(group) = self.metadata.row_groups.get(self.next_group) else { return Ok(false) };
            // Whole row groups: starting within one would decode all rows before again.
            let slice = (self.next_row, group.num_rows());
            self.next_group += 1;
            self.next_row += slice.1;
            let mut reader = ParquetReader::new(&mut self.file);
            reader.set_metadata(Arc::clone(&self.metadata));
            (self.group, self.group_row) = (DataFrame::default(), 0);
            self.group = reader.with_columns(Some(self.columns.clone())).with_slice(Some(slice)).finish()?;
        }
        Ok(true)
    }

    /// Writes the next rows as text in place of the previous ones; nothing behind the last.
    ///
    /// # Errors
    /// When a row is longer than any row may be.
    fn write(&mut self) -> io::Result<()> {
        let mut text = std::mem::take(self.text.get_mut());
        text.clear();
        let mut writer = csv::Writer::from_writer(text);
        let columns: Vec<(&Column, Option<Tz>)> =
            self.group.columns().iter().zip(self.zones.iter().copied()).collect();
        let mut written = 0;
        while self.group_row < self.group.height() && written < BATCH {
            let mut record = 0;
            for (column, zone) in &columns {
                let cell = column.get(self.group_row).map_or(String::new(), |value| cell_text(value, *zone));
                record += cell.len() + 1;
                if record > MAX_RECORD_BYTES {
                    return Err(io::Error::other(Limit::Record));
                }
                writer.write_field(cell)?;
            }
            writer.write_record(None::<&[u8]>)?;
            written += record;
            self.group_row += 1;
        }
        let text = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        self.text = Cursor::new(text);
        Ok(())
    }
}

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.text.read(buffer)?;
            if read > 0 || buffer.is_empty() || self.columns.is_empty() {
                return Ok(read);
            }
            let damaged = || io::Error::other("the Parquet file is damaged");
            let more = guarded(|| match self.fill() {
                Ok(true) => self.write().map(|()| true),
                Ok(false) => Ok(false),
                Err(_) => Err(damaged()),
            });
            if !more.unwrap_or_else(|| Err(damaged()))? {
                return Ok(0);
            }
        }
    }
}

/// The columns of a file.
struct Schema {
    metadata: FileMetadataRef,
    /// The columns that hold one value per row.
    columns: Vec<String>,
    zones: Vec<Option<Tz>>,
    /// Columns with several values per row, which are left out.
    left_out: Vec<String>,
}

fn schema(file: &mut Cursor<Vec<u8>>) -> PolarsResult<Schema> {
    let mut reader = ParquetReader::new(&mut *file);
    // The types that the writing program had in memory (dictionaries, large texts) do not matter, but its zones do.
    let written = reader.schema()?;
    let mut metadata = FileMetadata::clone(reader.get_metadata()?);
    metadata.key_value_metadata = None;
    let metadata = Arc::new(metadata);
    let mut reader = ParquetReader::new(file);
    reader.set_metadata(Arc::clone(&metadata));
    let schema = reader.schema()?;
    let (plain, nested): (Vec<_>, Vec<_>) = schema.iter_values().partition(|field| is_plain(&field.dtype));
    let zone = |name: &str| match written.get(name).map(|field| &field.dtype) {
        Some(ArrowDataType::Timestamp(_, Some(zone))) => zone.parse().ok(),
        _ => None,
    };
    Ok(Schema {
        zones: plain.iter().map(|field| zone(&field.name)).collect(),
        columns: plain.iter().map(|field| field.name.to_string()).collect(),
        left_out: nested.iter().map(|field| field.name.to_string()).collect(),
        metadata,
    })
}

fn is_plain(dtype: &ArrowDataType) -> bool {
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
            | T::Binary
            | T::LargeBinary
            | T::BinaryView
            | T::Decimal(..)
    )
}

/// A value as an export would write it: times as ISO 8601, decimals exactly.
fn cell_text(value: AnyValue<'_>, zone: Option<Tz>) -> String {
    match value {
        AnyValue::Null => String::new(),
        AnyValue::String(text) => text.to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        AnyValue::Float32(value) => number(f64::from(value)),
        AnyValue::Float64(value) => number(value),
        AnyValue::Date(day) => day::date_of(day).map_or(String::new(), |date| date.to_string()),
        AnyValue::Binary(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        AnyValue::BinaryOwned(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        AnyValue::Datetime(at, unit, utc) => time_text(at, unit, zone.or(utc.map(|_| Tz::UTC))),
        AnyValue::DatetimeOwned(at, unit, utc) => time_text(at, unit, zone.or(utc.map(|_| Tz::UTC))),
        AnyValue::Decimal(value, _, scale) => unmistakable(decimal_text(value, scale)),
        other => other.to_string(),
    }
}

/// A time; if it has a zone, in which Parquet stores it as UTC, as local time of that zone.
fn time_text(at: i64, unit: TimeUnit, zone: Option<Tz>) -> String {
    let seconds = match unit {
        TimeUnit::Nanoseconds => at.div_euclid(1_000_000_000),
        TimeUnit::Microseconds => at.div_euclid(1_000_000),
        TimeUnit::Milliseconds => at.div_euclid(1_000),
    };
    let Some(at) = chrono::DateTime::from_timestamp(seconds, 0) else { return String::new() };
    match zone {
        Some(zone) => at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S %z").to_string(),
        None => at.format("%Y-%m-%d %H:%M:%S").to_string(),
    }
}

/// A whole number with its last `scale` digits as decimals.
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
        assert_eq!(time_text(1_464_012_153_999, TimeUnit::Milliseconds, None), "2016-05-23 14:02:33");
        assert_eq!(time_text(-1, TimeUnit::Microseconds, Some(Tz::UTC)), "1969-12-31 23:59:59 +0000");
        // 2025-12-31 23:00 in UTC is the next morning in Shanghai.
        let morning = time_text(1_767_222_000_000, TimeUnit::Milliseconds, Some(Tz::Asia__Shanghai));
        assert_eq!(morning, "2026-01-01 07:00:00 +0800");
    }
}
