//! The Parquet files of one table, written as the rows come.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use polars::io::parquet::write::BatchedWriter;
use polars::prelude::*;

use super::declared::Exported;
use crate::disk::private;
use crate::disk::told::{Failure, Told};
use crate::error::{Error, Result};

/// Rows of a file: a cluster reads files side by side, and a small shop should have one.
const ROWS_PER_FILE: u64 = 8_000_000;

/// Rows of a row group, which is what one core reads at a time, and what is held here until it is written.
const ROWS_PER_GROUP: usize = 500_000;

/// What the file of a table is called, counted from 0.
fn name(number: u64) -> String {
    format!("part-{number:05}.parquet")
}

/// The number of the file that is called so.
pub(super) fn number(found: &str) -> Option<u64> {
    let number = found.strip_prefix("part-")?.strip_suffix(".parquet")?.parse().ok()?;
    (name(number) == found).then_some(number)
}

/// The files of a table that is being written.
pub(super) struct Files {
    folder: PathBuf,
    /// What the whole export is going to be called, which errors name: its files have hidden names until they are all
    /// there.
    name: PathBuf,
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
    writer: BatchedWriter<BufWriter<Told>>,
    /// The same file once more: the writer keeps what it writes to.
    file: File,
    failure: Failure,
    rows: u64,
}

/// What polars did with a file, or what the system said to that; `name` is what it is going to be called.
fn told<T>(done: PolarsResult<T>, name: &Path, failure: &Failure) -> Result<T> {
    match (failure.take(), done) {
        (Some(failure), _) => Err(Error::io("write", name, failure)),
        (None, done) => Ok(done?),
    }
}

impl Files {
    /// Of a table, in the folder of this run's rows of it; `name` is what the export is going to be called.
    pub fn begin(folder: &Path, name: &Path, table: &Exported) -> Result<Self> {
        let failed = |error| Error::io("write", name, error);
        // The one above too is for its owner alone.
        folder.parent().map_or(Ok(()), private::create_folder).map_err(failed)?;
        private::create_folder(folder).map_err(failed)?;
        let schema = table.schema();
        let waiting = DataFrame::empty_with_schema(&schema);
        let (folder, name) = (folder.to_owned(), name.to_owned());
        Ok(Self { folder, name, schema, waiting, open: None, files: 0, rows: 0 })
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
            told(open.writer.write_batch(&group), &self.name, &open.failure)?;
            open.rows += group.height() as u64;
        }
        match open.rows >= ROWS_PER_FILE {
            true => self.close(),
            false => Ok(()),
        }
    }

    fn begin_file(&mut self) -> Result<Open> {
        let failed = |error| Error::io("write", &self.name, error);
        let file = private::create(&self.folder.join(name(self.files))).map_err(failed)?;
        let again = file.try_clone().map_err(failed)?;
        self.files += 1;
        let (told_file, failure) = Told::new(file);
        let writer = ParquetWriter::new(BufWriter::new(told_file)).batched(&self.schema);
        Ok(Open { writer: told(writer, &self.name, &failure)?, file: again, failure, rows: 0 })
    }

    fn close(&mut self) -> Result<()> {
        let Some(Open { writer, file, failure, .. }) = self.open.take() else { return Ok(()) };
        told(writer.finish(), &self.name, &failure)?;
        // Its buffer goes to the file before that is asked to be on the medium, and only the file tells where that
        // fails.
        drop(writer);
        told(Ok(()), &self.name, &failure)?;
        file.sync_all().map_err(|error| Error::io("write", &self.name, error))
    }
}
