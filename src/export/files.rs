//! The Parquet files of one table, written as the rows come.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use polars::io::parquet::write::BatchedWriter;
use polars::prelude::*;

use super::declared::Exported;
use crate::disk::private;
use crate::error::{Error, Result};

/// Rows of a file: a cluster reads files side by side, and a small shop should have one.
const ROWS_PER_FILE: u64 = 8_000_000;

/// Rows of a row group, which is what one core reads at a time, and what is held here until it is written.
const ROWS_PER_GROUP: usize = 500_000;

/// The files of a table that is being written.
pub(super) struct Files {
    folder: PathBuf,
    schema: Schema,
    /// Rows that wait for their group to be full.
    waiting: DataFrame,
    open: Option<Open>,
    /// Files that were begun.
    pub files: u64,
    /// Rows that were taken.
    pub rows: u64,
}

struct Open {
    path: PathBuf,
    writer: BatchedWriter<BufWriter<File>>,
    /// The same file once more: the writer keeps what it writes to.
    file: File,
    rows: u64,
}

impl Files {
    /// Of a table, in the folder of this run's rows of it.
    pub fn begin(folder: &Path, table: &Exported) -> Result<Self> {
        let failed = |error| Error::io("write", folder, error);
        // The one above too is for its owner alone.
        folder.parent().map_or(Ok(()), private::create_folder).map_err(failed)?;
        private::create_folder(folder).map_err(failed)?;
        let schema = table.schema();
        let waiting = DataFrame::empty_with_schema(&schema);
        Ok(Self { folder: folder.to_owned(), schema, waiting, open: None, files: 0, rows: 0 })
    }

    /// Adds rows.
    pub fn add(&mut self, rows: &DataFrame) -> Result<()> {
        self.rows += rows.height() as u64;
        self.waiting.vstack_mut(rows)?;
        match self.waiting.height() >= ROWS_PER_GROUP {
            true => self.write_waiting(),
            false => Ok(()),
        }
    }

    /// Writes what is left; a table without rows has one file without any, which says what its columns are.
    pub fn finish(&mut self) -> Result<()> {
        if self.waiting.height() > 0 || self.files == 0 {
            self.write_waiting()?;
        }
        self.close()
    }

    fn write_waiting(&mut self) -> Result<()> {
        let mut group = std::mem::replace(&mut self.waiting, DataFrame::empty_with_schema(&self.schema));
        group.rechunk_mut();
        if self.open.is_none() {
            self.open = Some(self.begin_file()?);
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        if group.height() > 0 {
            open.writer.write_batch(&group)?;
            open.rows += group.height() as u64;
        }
        match open.rows >= ROWS_PER_FILE {
            true => self.close(),
            false => Ok(()),
        }
    }

    fn begin_file(&mut self) -> Result<Open> {
        let path = self.folder.join(format!("part-{:05}.parquet", self.files));
        let failed = |error| Error::io("write", &path, error);
        let file = private::create(&path).map_err(failed)?;
        let again = file.try_clone().map_err(failed)?;
        self.files += 1;
        let writer = ParquetWriter::new(BufWriter::new(file)).batched(&self.schema)?;
        Ok(Open { path, writer, file: again, rows: 0 })
    }

    fn close(&mut self) -> Result<()> {
        let Some(Open { path, writer, file, .. }) = self.open.take() else { return Ok(()) };
        writer.finish()?;
        // Its buffer goes to the file before that is asked to be on the medium.
        drop(writer);
        file.sync_all().map_err(|error| Error::io("write", &path, error))
    }
}
