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

/// After how many rows a new file is begun. A cluster reads files in parallel, and a small shop should have a single
/// file.
const ROWS_PER_FILE: u64 = 8_000_000;

/// The rows of a row group: what one core reads at a time, and what is held in memory until it is written.
const ROWS_PER_GROUP: usize = 500_000;

/// The name of a table's file; the first one has the number 0.
fn name(number: u64) -> String {
    format!("part-{number:05}.parquet")
}

/// The number of the file with this name; none if it is not a name of ours.
pub(super) fn number(found: &str) -> Option<u64> {
    let number = found.strip_prefix("part-")?.strip_suffix(".parquet")?.parse().ok()?;
    (name(number) == found).then_some(number)
}

/// The files of a table while it is being written.
pub(super) struct Files {
    folder: PathBuf,
    /// The final path of the whole export, which errors name. While it is being written, its files lie under a hidden
    /// name.
    name: PathBuf,
    schema: Schema,
    /// Rows of the next row group.
    waiting: DataFrame,
    open: Option<Open>,
    /// How many files were started.
    pub files: u64,
    /// How many rows were added.
    pub rows: u64,
}

struct Open {
    writer: BatchedWriter<BufWriter<Told>>,
    /// A second handle of the same file, since the writer keeps the first one.
    file: File,
    failure: Failure,
    rows: u64,
}

/// The result of a polars call, or the system's error in writing the file. `name` is the final path, for the error.
fn reported<T>(done: PolarsResult<T>, name: &Path, failure: &Failure) -> Result<T> {
    match (failure.take(), done) {
        (Some(failure), _) => Err(Error::io("write", name, failure)),
        (None, done) => Ok(done?),
    }
}

impl Files {
    /// Starts the files of a table. `folder` holds this export's files of the table; `name` is the final path of the
    /// export.
    pub fn begin(folder: &Path, name: &Path, table: &Exported) -> Result<Self> {
        let failed = |error| Error::io("write", name, error);
        // The table's folder is for its owner alone, too.
        folder.parent().map_or(Ok(()), private::create_folder).map_err(failed)?;
        private::create_folder(folder).map_err(failed)?;
        let schema = table.schema();
        let waiting = DataFrame::empty_with_schema(&schema);
        let (folder, name) = (folder.to_owned(), name.to_owned());
        Ok(Self { folder, name, schema, waiting, open: None, files: 0, rows: 0 })
    }

    /// Adds rows, and writes them when a row group is full.
    pub fn add(&mut self, rows: &DataFrame) -> Result<()> {
        self.rows += rows.height() as u64;
        self.waiting.vstack_mut(rows)?;
        match self.waiting.height() >= ROWS_PER_GROUP {
            true => self.write_waiting(),
            false => Ok(()),
        }
    }

    /// Writes the remaining rows. A table without rows gets one empty file, so that engines know its columns.
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
            reported(open.writer.write_batch(&group), &self.name, &open.failure)?;
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
        Ok(Open { writer: reported(writer, &self.name, &failure)?, file: again, failure, rows: 0 })
    }

    fn close(&mut self) -> Result<()> {
        let Some(Open { writer, file, failure, .. }) = self.open.take() else { return Ok(()) };
        reported(writer.finish(), &self.name, &failure)?;
        // Dropping the writer flushes its buffer. That must happen before the file is synced, and only the file reports
        // a failed flush.
        drop(writer);
        reported(Ok(()), &self.name, &failure)?;
        file.sync_all().map_err(|error| Error::io("write", &self.name, error))
    }
}
