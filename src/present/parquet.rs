//! Parquet: the rows of one table with their types.

use std::io::Write;

use polars::prelude::*;

use super::cells::ten_decimals;
use super::report::Report;
use super::{Kind, Style, Writer, chosen, failed};
use crate::error::Result;

pub(super) struct Parquet;

impl Writer for Parquet {
    fn write(&self, report: &Report, style: &Style, out: &mut dyn Write) -> Result<()> {
        let table = chosen(report, style)?;
        let mut frame = table
            .frame
            .head(Some(style.limit.unwrap_or(usize::MAX)))
            .select(table.columns.iter().map(|spec| spec.name))?;
        for spec in &table.columns {
            if let Kind::Phrase { section, .. } | Kind::Sentence(section) | Kind::Clause(section) = spec.kind
            {
                let keys = frame.column(spec.name)?.str()?.clone();
                let words = keys.iter().map(|key| key.map(|key| style.locale.sentence(section, key)));
                frame.with_column(
                    words.collect::<StringChunked>().with_name(spec.name.into()).into_column(),
                )?;
            }
        }
        for spec in &table.columns {
            if let Ok(ratios) = frame.column(spec.name)?.f64() {
                let rounded = ratios.apply_values(ten_decimals);
                frame.with_column(rounded.into_column())?;
            }
        }
        // Written to memory first, so that a full disk is reported by the caller and not by polars.
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes).finish(&mut frame)?;
        out.write_all(&bytes).map_err(failed)
    }
}
