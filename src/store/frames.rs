//! Stores frames as Parquet files with a checksum.

use std::fs::File;
use std::io::{self, BufWriter, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use polars::prelude::*;
use rayon::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::files::Writing;
use super::manifest::{FileRef, damaged, unreadable};
use super::opened;
use crate::disk::told::{Failure, Told};
use crate::error::{Error, Result};
use crate::parse::{WrongParquet, check_parquet, guarded};

/// A file that is being written, with the checksum of what was written so far.
pub(super) struct Summed {
    full: PathBuf,
    path: String,
    file: BufWriter<Told>,
    sum: Xxh3,
    bytes: u64,
    failure: Failure,
}

impl Write for Summed {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.file.write(buffer)?;
        self.sum.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Summed {
    pub(super) fn create(writing: &Writing, path: &str) -> Result<Self> {
        let (file, path) = writing.create(path)?;
        let (file, failure) = Told::new(file);
        let (full, file) = (writing.folder().join(&path), BufWriter::with_capacity(1 << 20, file));
        Ok(Self { full, path, file, sum: Xxh3::new(), bytes: 0, failure })
    }

    /// The full path of the file.
    pub(super) fn path(&self) -> &Path {
        &self.full
    }

    /// Waits until the bytes are on the disk.
    pub(super) fn finish(self) -> Result<FileRef> {
        let failed = |error| Error::io("write", &self.full, error);
        let file = self.file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.into_file().sync_all().map_err(failed)?;
        Ok(FileRef { path: self.path, bytes: self.bytes, xxh3: format!("{:016x}", self.sum.digest()) })
    }
}

/// What the compression of a file is chosen for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Size {
    /// Little space.
    Small,
    /// Quick reading, since every run reads it.
    Quick,
    /// The least space, since it is seldom read.
    Least,
}

/// Writes frames with the same columns, each as a row group.
pub(super) fn save(
    writing: &Writing,
    path: &str,
    size: Size,
    schema: &Schema,
    frames: impl Iterator<Item = Result<DataFrame>>,
) -> Result<FileRef> {
    let mut out = Summed::create(writing, path)?;
    let written = write(&mut out, size, schema, frames);
    match (written, out.failure.take()) {
        (Ok(()), _) => out.finish(),
        (Err(_), Some(failure)) => Err(Error::io("write", &out.full, failure)),
        (Err(error), None) => Err(error),
    }
}

fn write(
    out: &mut Summed,
    size: Size,
    schema: &Schema,
    frames: impl Iterator<Item = Result<DataFrame>>,
) -> Result<()> {
    let compression = match size {
        Size::Small => ParquetCompression::Lz4Raw,
        Size::Quick => ParquetCompression::Uncompressed,
        Size::Least => ParquetCompression::Zstd(None),
    };
    let writer = ParquetWriter::new(out).with_compression(compression);
    let mut writer = writer.with_statistics(StatisticsOptions::empty()).batched(schema)?;
    for frame in frames {
        let mut frame = frame?;
        frame.rechunk_mut();
        if frame.height() > 0 {
            writer.write_batch(&frame)?;
        }
    }
    writer.finish()?;
    Ok(())
}

/// Writes one frame.
pub(super) fn save_one(writing: &Writing, path: &str, frame: DataFrame) -> Result<FileRef> {
    let schema = frame.schema().as_ref().clone();
    save(writing, path, Size::Small, &schema, std::iter::once(Ok(frame)))
}

/// Writes a value as MessagePack.
pub(super) fn save_value(writing: &Writing, path: &str, value: &impl Serialize) -> Result<FileRef> {
    let bytes = rmp_serde::to_vec_named(value).map_err(|error| Error::Internal(error.to_string()))?;
    save_bytes(writing, path, &bytes)
}

/// Writes bytes.
pub(super) fn save_bytes(writing: &Writing, path: &str, bytes: &[u8]) -> Result<FileRef> {
    let mut out = Summed::create(writing, path)?;
    out.write_all(bytes).map_err(|error| Error::io("write", &out.full, error))?;
    out.finish()
}

/// The bytes of a file, after checking that they are the ones that were written.
pub(super) fn bytes(folder: &Path, file: &FileRef) -> Result<Vec<u8>> {
    let path = folder.join(&file.path);
    let mut bytes = Vec::new();
    opened::open(folder, file)?.read_to_end(&mut bytes).map_err(|error| unreadable(&path, error))?;
    if bytes.len() as u64 != file.bytes || format!("{:016x}", xxh3_64(&bytes)) != file.xxh3 {
        return Err(damaged(&path));
    }
    Ok(bytes)
}

/// The bytes of a Parquet file. Since the file may come from elsewhere, it is checked that what it claims about itself
/// is plausible before polars reads it.
fn parquet(folder: &Path, file: &FileRef) -> Result<Vec<u8>> {
    let (path, bytes) = (folder.join(&file.path), bytes(folder, file)?);
    let check = |size| guarded(|| check_parquet(&bytes, size)).unwrap_or(Err(WrongParquet::Damaged));
    let checked = match check(file.bytes) {
        // All rows of a file may be alike and take hardly any space. Then the size of the files beside it decides how
        // many rows are plausible.
        Err(WrongParquet::Unfolds) => check(bytes_beside(&path)),
        checked => checked,
    };
    checked.map_err(|_| damaged(&path))?;
    Ok(bytes)
}

/// The total size in bytes of all files in the folder of a file.
fn bytes_beside(path: &Path) -> u64 {
    let files = path.parent().and_then(|folder| folder.read_dir().ok()).into_iter().flatten();
    files.filter_map(|file| Some(file.ok()?.metadata().ok()?.len())).sum()
}

/// Columns of a file; without names all of them. Each row group is a chunk of the frame.
pub(super) fn load(folder: &Path, file: &FileRef, columns: Option<&[&str]>) -> Result<DataFrame> {
    let bytes = parquet(folder, file)?;
    let named = columns.map(|columns| columns.iter().map(|name| (*name).to_owned()).collect());
    let read = |named: Option<Vec<String>>| {
        let reader = ParquetReader::new(Cursor::new(bytes.as_slice())).with_columns(named).set_rechunk(false);
        let read = guarded(|| reader.finish().ok()).flatten();
        read.ok_or_else(|| damaged(&folder.join(&file.path)))
    };
    match read(named) {
        Ok(frame) if frame.height() > 0 => Ok(frame),
        // A file without row groups must be read with all columns.
        _ => read(None),
    }
}

/// A file whose row groups are read one by one.
pub(super) struct Groups {
    path: PathBuf,
    bytes: Vec<u8>,
    metadata: FileMetadataRef,
}

impl Groups {
    pub(super) fn open(folder: &Path, file: &FileRef) -> Result<Self> {
        let (path, bytes) = (folder.join(&file.path), parquet(folder, file)?);
        let read = || ParquetReader::new(Cursor::new(bytes.as_slice())).get_metadata().cloned().ok();
        let metadata = guarded(read).flatten().ok_or_else(|| damaged(&path))?;
        Ok(Self { path, bytes, metadata })
    }

    /// The error that the file is not as it was written.
    pub(super) fn damaged(&self) -> Error {
        damaged(&self.path)
    }

    /// The names of the columns.
    pub(super) fn columns(&self) -> impl Iterator<Item = String> {
        self.metadata
            .schema_descr
            .columns()
            .iter()
            .map(|column| column.descriptor.primitive_type.field_info.name.to_string())
    }

    /// The number of rows in each row group.
    pub(super) fn sizes(&self) -> impl Iterator<Item = usize> {
        self.metadata.row_groups.iter().map(|group| group.num_rows())
    }

    /// Columns of one row group.
    pub(super) fn group(&self, number: usize, columns: &[&str]) -> Result<DataFrame> {
        let (start, rows) = (self.sizes().take(number).sum(), self.sizes().nth(number).unwrap_or(0));
        let mut reader = ParquetReader::new(Cursor::new(self.bytes.as_slice()));
        reader.set_metadata(Arc::clone(&self.metadata));
        let columns = columns.iter().map(|name| (*name).to_owned()).collect();
        let reader = reader.with_columns(Some(columns)).with_slice(Some((start, rows)));
        let read = guarded(|| reader.read_parallel(ParallelStrategy::None).finish().ok()).flatten();
        read.ok_or_else(|| self.damaged())
    }

    /// Reads columns of all row groups in parallel and applies `turn` to each group.
    pub(super) fn load<T: Send>(
        &self,
        columns: &[&str],
        turn: impl Fn(&DataFrame) -> PolarsResult<T> + Sync,
    ) -> Result<Vec<T>> {
        let groups = (0..self.metadata.row_groups.len()).into_par_iter().with_max_len(1);
        groups.map(|number| turn(&self.group(number, columns)?).map_err(|_| self.damaged())).collect()
    }
}

/// Reads a value from a MessagePack file.
pub(super) fn load_value<T: DeserializeOwned>(folder: &Path, file: &FileRef) -> Result<T> {
    rmp_serde::from_slice(&bytes(folder, file)?).map_err(|_| damaged(&folder.join(&file.path)))
}

/// Waits until the entries of a folder are on the disk, where the system supports that.
pub(super) fn sync_folder(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| Error::io("write", folder, error))?;
    Ok(())
}
