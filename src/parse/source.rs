//! Opens inputs (files and standard input, compressed or not) as blocks of whole records.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result, STANDARD_INPUT, said};
use crate::limits::{
    MAX_COLUMNS, MAX_RECORD_BYTES, MAX_UNFOLDED_RATIO, MIN_UNFOLDED_BYTES, at_most, most_rows,
};
use crate::locale::{Remark, Words, harmless};
use crate::parse::blocks::Blocks;
use crate::parse::parquet;
use crate::parse::records::Dialect;
use crate::parse::unpaired::{Paired, Unpaired};
use crate::parse::workbook::{Workbook, megabytes};
use crate::place::descriptor;
use crate::schema::{Table, nearest};
use crate::sync::locked;

/// An input as the user named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Where its bytes are.
    pub place: Place,
    /// Its table, if the user named it.
    pub table: Option<Table>,
}

/// Where the bytes of an input are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
    /// Bytes in memory, under a name.
    Bytes(String, Arc<[u8]>),
    /// A store, whose files were read when they were imported.
    Store(PathBuf),
}

impl Input {
    /// A file, whatever it holds.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { place: Place::File(path.into()), table: None }
    }

    /// Standard input.
    pub fn stdin() -> Self {
        Self { place: Place::Stdin, table: None }
    }

    /// Bytes in memory; the name is used in messages.
    pub fn bytes(name: impl Into<String>, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self { place: Place::Bytes(name.into(), bytes.into()), table: None }
    }

    /// The name for messages and rejected rows.
    pub fn name(&self) -> String {
        match &self.place {
            Place::Bytes(name, _) => name.clone(),
            Place::File(path) | Place::Store(path) => path.display().to_string(),
            Place::Stdin => STANDARD_INPUT.to_owned(),
        }
    }

    /// Whether the same bytes can be read from it again.
    pub fn can_be_read_twice(&self) -> bool {
        match &self.place {
            Place::Bytes(..) | Place::Store(_) => true,
            Place::File(path) => std::fs::metadata(path).is_ok_and(|meta| meta.is_file()),
            Place::Stdin => false,
        }
    }

    /// Whether a later run cannot read it under its name: a pipe, or a file opened for this run (`/dev/fd/3`).
    pub fn is_passing(&self) -> bool {
        match &self.place {
            Place::File(path) => {
                let is_special = |meta: std::fs::Metadata| !meta.is_file() && !meta.is_dir();
                std::fs::metadata(path).is_ok_and(is_special) || descriptor(path).is_some()
            }
            Place::Stdin => true,
            Place::Bytes(..) | Place::Store(_) => false,
        }
    }
}

/// How much has been read: bytes and rows.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<(AtomicU64, AtomicU64)>);

impl Progress {
    /// Counts bytes taken from an input, before decompression.
    pub fn add_bytes(&self, bytes: u64) {
        self.0.0.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts parsed rows.
    pub fn add_rows(&self, rows: u64) {
        self.0.1.fetch_add(rows, Ordering::Relaxed);
    }

    /// Resets the counts to an earlier state because the input is read again.
    pub fn back_to(&self, (bytes, rows): (u64, u64)) {
        self.0.0.store(bytes, Ordering::Relaxed);
        self.0.1.store(rows, Ordering::Relaxed);
    }

    /// Bytes and rows so far.
    pub fn so_far(&self) -> (u64, u64) {
        (self.0.0.load(Ordering::Relaxed), self.0.1.load(Ordering::Relaxed))
    }
}

/// Which kinds of files were opened, to tell the user of settings that had no effect.
#[derive(Debug, Clone, Default)]
pub struct Kinds(Arc<(AtomicBool, AtomicBool, AtomicBool)>);

impl Kinds {
    /// Notes the kind of an opened input.
    pub(super) fn note_kind(&self, opened: &Opened) {
        match opened {
            Opened::Text(_) => self.0.0.store(true, Ordering::Relaxed),
            Opened::Workbook(_) => self.0.1.store(true, Ordering::Relaxed),
            Opened::Parquet(_) => {}
        }
    }

    /// Whether there was a file of delimited text.
    pub fn has_text(&self) -> bool {
        self.0.0.load(Ordering::Relaxed)
    }

    /// Notes that a time has a zone offset.
    pub(super) fn note_zone(&self) {
        self.0.2.store(true, Ordering::Relaxed);
    }

    /// Whether any time had an offset, so that its day depends on the shop's zone.
    pub fn has_zones(&self) -> bool {
        self.0.2.load(Ordering::Relaxed)
    }

    /// Whether there was a workbook.
    pub fn has_workbook(&self) -> bool {
        self.0.1.load(Ordering::Relaxed)
    }
}

/// Identifies the bytes of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// Number of bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

/// A digest being computed, shared with the reader below the decoders.
pub type Hashing = Option<Arc<Mutex<(Sha256, u64)>>>;

/// The digest of all bytes read so far.
pub fn digest(hashing: &Hashing) -> Option<Digest> {
    let state = locked(hashing.as_ref()?);
    Some(Digest { bytes: state.1, sha256: hexadecimal(&state.0) })
}

/// The SHA-256 of everything a reader gives, in hexadecimal.
pub fn sha256(reader: &mut impl Read) -> io::Result<String> {
    let (mut sum, mut buffer) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(hexadecimal(&sum)),
            read => sum.update(&buffer[..read]),
        }
    }
}

fn hexadecimal(sum: &Sha256) -> String {
    sum.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How many bytes are examined to recognise a file.
const HEAD: usize = 1 << 20;

/// An opened input: text, or a workbook with a text in every sheet.
pub enum Opened {
    /// Delimited text.
    Text(Source),
    /// Delimited text made of the rows of a Parquet file.
    Parquet(Source),
    /// An Excel workbook.
    Workbook(Box<Workbook>),
}

/// Delimited text: its first bytes, by which it is recognised, and the rest.
pub struct Source {
    /// The name messages use.
    pub name: String,
    head: Vec<u8>,
    is_whole: bool,
    rest: Box<dyn Read + Send>,
    /// The digest of its bytes, if asked for.
    pub hashing: Hashing,
    /// Remarks about how it was opened.
    pub remarks: Vec<Remark>,
    /// Whether its serial day numbers count from 1904, if it says so.
    pub has_1904_dates: Option<bool>,
    /// Whether the text was made from the cells of a workbook or Parquet file: it is UTF-8 with commas.
    pub is_made: bool,
    /// Whether it was converted from UTF-16 to UTF-8.
    pub is_transcoded: bool,
}

/// Opens an input: decompresses gz and zst and reads Excel and Parquet, all recognised by content. For an Excel or
/// Parquet input that can be read only once, all bytes are returned too, since they are in memory anyway.
pub fn open(input: &Input, progress: &Progress, has_digest: bool) -> Result<(Opened, Option<Arc<[u8]>>)> {
    let name = input.name();
    let raw: Box<dyn Read + Send> = match &input.place {
        Place::Stdin => Box::new(io::stdin()),
        Place::File(path) | Place::Store(path) => Box::new(open_file(path)?),
        Place::Bytes(_, bytes) => Box::new(io::Cursor::new(Arc::clone(bytes))),
    };
    let failed = |error| unreadable(&name, error);
    let hashing: Hashing = has_digest.then(Arc::default);
    let taken = Arc::new(AtomicU64::new(0));
    let mut counted = Counted {
        inner: raw,
        progress: progress.clone(),
        hashing: hashing.clone(),
        taken: Arc::clone(&taken),
    };
    let magic = read_up_to(&mut counted, 8).map_err(failed)?;
    let is = |prefix: &[u8]| magic.starts_with(prefix);
    let (is_gz, is_zst) = (is(b"\x1f\x8b"), is(b"\x28\xb5\x2f\xfd"));
    let replayed = io::Cursor::new(magic).chain(counted);
    let mut rest: Box<dyn Read + Send> = if is_gz {
        let decoder = flate2::read::MultiGzDecoder::new(io::BufReader::with_capacity(1 << 18, replayed));
        Box::new(Unfolded { inner: decoder, taken, given: 0, ends: [0; 2] })
    } else if is_zst {
        let decoder = zstd::stream::read::Decoder::new(replayed).map_err(failed)?;
        Box::new(Unfolded { inner: decoder, taken, given: 0, ends: [0; 2] })
    } else {
        Box::new(replayed)
    };
    let magic = read_up_to(&mut rest, 8).map_err(failed)?;
    let is = |prefix: &[u8]| magic.starts_with(prefix);
    let (is_workbook, is_parquet) = (is(b"PK\x03\x04") || is(b"\xD0\xCF\x11\xE0"), is(b"PAR1"));
    let mut rest = io::Cursor::new(magic).chain(rest);
    if is_workbook || is_parquet {
        let mut bytes = Vec::new();
        rest.read_to_end(&mut bytes).map_err(failed)?;
        let whole = (!input.can_be_read_twice()).then(|| Arc::from(bytes.as_slice()));
        if is_workbook {
            let book = Workbook::open(name, bytes, hashing)?;
            return Ok((Opened::Workbook(Box::new(book)), whole));
        }
        let (rows, left_out) = parquet::Rows::open(&name, bytes)?;
        let mut source = Source::with_head(name, Box::new(rows), hashing)?;
        if !left_out.is_empty() {
            source.remarks.push(Remark::new("nested_columns").with("headers", left_out.join(", ")));
        }
        source.is_made = true;
        return Ok((Opened::Parquet(source), whole));
    }
    Ok((Opened::Text(Source::with_head(name, Box::new(rest), hashing)?), None))
}

impl Source {
    /// From a reader of delimited text.
    pub(super) fn with_head(name: String, mut rest: Box<dyn Read + Send>, hashing: Hashing) -> Result<Self> {
        let head = read_up_to(&mut rest, HEAD).map_err(|error| unreadable(&name, error))?;
        let is_whole = head.len() < HEAD;
        Ok(Self {
            name,
            head,
            is_whole,
            rest,
            hashing,
            remarks: Vec::new(),
            has_1904_dates: None,
            is_made: false,
            is_transcoded: false,
        })
    }

    /// The first bytes, up to one mebibyte.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Whether [`Self::head`] is all there is.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The same input, converted from UTF-16 to UTF-8.
    pub fn transcoded(self, encoding: &'static encoding_rs::Encoding) -> Result<Self> {
        let raw = io::Cursor::new(self.head).chain(self.rest);
        let raw = Paired::new(raw, encoding == encoding_rs::UTF_16BE);
        let decoded = encoding_rs_io::DecodeReaderBytesBuilder::new().encoding(Some(encoding)).build(raw);
        let source = Self::with_head(self.name, Box::new(Unpaired::new(decoded)), self.hashing)?;
        Ok(Self { is_transcoded: true, ..source })
    }

    /// The same input, and all its text, read into memory.
    pub fn kept(mut self) -> Result<(Self, Arc<[u8]>)> {
        let failed = |error| unreadable(&self.name, error);
        let mut text = self.head.clone();
        self.rest.read_to_end(&mut text).map_err(failed)?;
        let text: Arc<[u8]> = text.into();
        let mut rest = io::Cursor::new(Arc::clone(&text));
        rest.set_position(self.head.len() as u64);
        Ok((Self { rest: Box::new(rest), ..self }, text))
    }

    /// Reads the rest, to complete the digest of an input that is not parsed.
    pub fn drain(mut self) -> Result<()> {
        let failed = |error| unreadable(&self.name, error);
        io::copy(&mut self.rest, &mut io::sink()).map(|_| ()).map_err(failed)
    }

    /// The input as blocks of whole records, from byte `skip` on.
    pub fn blocks(self, dialect: Dialect, skip: usize) -> Blocks {
        Blocks::new(self.name, &self.head[skip..], self.rest, dialect)
    }
}

/// A decompressed file, up to the size that the compressed size makes plausible.
struct Unfolded<R> {
    inner: R,
    /// Bytes of the compressed file read so far.
    taken: Arc<AtomicU64>,
    given: u64,
    /// Line feeds and carriage returns among them: there are at most as many rows as the larger of the two. Line breaks
    /// within cells and halves of UTF-16 units are counted too, of which a row has few.
    ends: [u64; 2],
}

impl<R: Read> Read for Unfolded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.given += read as u64;
        for (count, end) in self.ends.iter_mut().zip(*b"\n\r") {
            *count += memchr::memchr_iter(end, &buffer[..read]).count() as u64;
        }
        let taken = self.taken.load(Ordering::Relaxed);
        let bytes = at_most(MIN_UNFOLDED_BYTES, MAX_UNFOLDED_RATIO, taken);
        if self.given > bytes {
            return Err(io::Error::other(Limit::Unfolded(bytes)));
        }
        let rows = most_rows(taken);
        if self.ends.iter().any(|count| *count > rows) {
            return Err(io::Error::other(Limit::Rows(rows)));
        }
        Ok(read)
    }
}

struct Counted<R> {
    inner: R,
    progress: Progress,
    hashing: Hashing,
    /// Bytes so far.
    taken: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.progress.add_bytes(read as u64);
        self.taken.fetch_add(read as u64, Ordering::Relaxed);
        if let Some(hashing) = &self.hashing {
            let mut state = locked(hashing);
            state.0.update(&buffer[..read]);
            state.1 += read as u64;
        }
        Ok(read)
    }
}

fn open_file(path: &Path) -> Result<File> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => missing(path),
        _ => Error::io("read", path, error),
    })?;
    if file.metadata().is_ok_and(|meta| meta.is_dir()) {
        let name = path.display().to_string();
        let folder = harmless(name.trim_end_matches('/')).into_owned();
        return Err(Error::input_of(name, "input_is_folder", &[("folder", folder)]));
    }
    Ok(file)
}

/// The file in the same folder with the name most similar to that of a missing file; `None` if none is similar.
pub fn file_beside(path: &Path) -> Option<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort_unstable();
    let wanted = path.file_name().map_or_else(Default::default, |name| name.to_string_lossy());
    nearest(&wanted, names.iter().map(String::as_str)).map(|near| path.with_file_name(near))
}

/// The error for a missing file, with the most similar name in its folder.
fn missing(path: &Path) -> Error {
    let (message, hint) = match file_beside(path) {
        Some(near) => {
            let near = near.display().to_string();
            (said("no_file", &[]).0, Words::of("error", "did_you_mean", &[("near", near)]))
        }
        None => said("no_file", &[]),
    };
    Error::input(path.display().to_string(), message, hint)
}

/// The metadata of the file or pipe behind standard input.
#[cfg(unix)]
pub(crate) fn stdin_meta() -> Option<std::fs::Metadata> {
    use std::os::fd::AsFd;
    let own = io::stdin().as_fd().try_clone_to_owned().ok()?;
    File::from(own).metadata().ok()
}

/// Whether standard input is a pipe, a socket (as behind ssh) or a regular file, not a device such as `/dev/null`.
#[cfg(unix)]
pub fn stdin_is_stream() -> bool {
    use std::os::unix::fs::FileTypeExt;
    stdin_meta().is_some_and(|meta| {
        let kind = meta.file_type();
        kind.is_fifo() || kind.is_socket() || kind.is_file()
    })
}

/// On other systems than Unix, anything but a terminal may have data.
#[cfg(not(unix))]
pub fn stdin_is_stream() -> bool {
    true
}

/// Which limit an input exceeds; carried in an I/O error.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(super) enum Limit {
    /// A record is too long.
    #[error("a record is too long")]
    Record,
    /// A compressed file unfolds to more than so many bytes.
    #[error("it unfolds to too much")]
    Unfolded(u64),
    /// A compressed file unfolds to more than so many rows.
    #[error("it unfolds to too many rows")]
    Rows(u64),
}

/// The error for bytes that cannot be read, from the system or from a decoder, whose own words would not help.
pub(super) fn unreadable(name: &str, error: io::Error) -> Error {
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(Limit::Record) => {
            let most = ("bytes", megabytes(MAX_RECORD_BYTES as u64));
            return Error::input_of(name, "record_unending", &[most]);
        }
        Some(Limit::Unfolded(most)) => {
            return Error::input_of(name, "input_unfolds", &[("bytes", megabytes(*most))]);
        }
        Some(Limit::Rows(most)) => return too_many_rows(name, *most),
        None => {}
    }
    if error.raw_os_error().is_some() {
        return Error::io("read", Path::new(name), error);
    }
    Error::input_of(name, "input_cut", &[])
}

/// The error for a file with more rows than its size makes plausible.
pub(super) fn too_many_rows(name: &str, most: u64) -> Error {
    Error::input_of(name, "input_unfolds_rows", &[("rows", most.to_string())])
}

/// The error for a table with too many columns.
pub(super) fn too_wide(name: &str, columns: usize) -> Error {
    let values = [("columns", columns.to_string()), ("most", MAX_COLUMNS.to_string())];
    Error::input_of(name, "too_many_columns", &values)
}

fn read_up_to(reader: &mut impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::MIN_UNFOLDED_ROWS;

    #[test]
    fn compressed_files_unfold_so_far() {
        let unfolded = |taken: u64, given: u64| {
            let taken = Arc::new(AtomicU64::new(taken));
            let mut reader = Unfolded { inner: io::repeat(b'x'), taken, given, ends: [0; 2] };
            reader.read(&mut [0; 10]).map_err(|error| unreadable("a.csv.zst", error).to_string())
        };
        assert_eq!(unfolded(1, MIN_UNFOLDED_BYTES - 10), Ok(10));
        let refused = unfolded(1, MIN_UNFOLDED_BYTES - 9).expect_err("too much");
        assert!(refused.starts_with("a.csv.zst: ") && refused.contains("1024 MiB"), "{refused}");
        // Two megabytes may unfold to a thousand times as much.
        assert_eq!(unfolded(2 << 20, 2_000 << 20).err().map(|said| said.contains("2000 MiB")), Some(true));
        assert_eq!(unfolded(2 << 20, (2_000 << 20) - 10), Ok(10));
    }

    #[test]
    fn compressed_files_have_so_many_rows() {
        let unfolded = |taken: u64, end: u8, before: u64| {
            let taken = Arc::new(AtomicU64::new(taken));
            let mut reader = Unfolded { inner: io::repeat(end), taken, given: 0, ends: [before; 2] };
            reader.read(&mut [0; 10]).map_err(|error| unreadable("a.csv.gz", error).to_string())
        };
        for end in *b"\n\r" {
            assert_eq!(unfolded(100, end, MIN_UNFOLDED_ROWS - 10), Ok(10));
            let refused = unfolded(100, end, MIN_UNFOLDED_ROWS - 9).expect_err("too many");
            assert!(refused.starts_with("a.csv.gz: ") && refused.contains("2,000,000"), "{refused}");
        }
        // Ten million bytes may hold half as many rows.
        assert_eq!(unfolded(10_000_000, b'\n', 4_999_990), Ok(10));
        assert!(unfolded(10_000_000, b'\n', 4_999_991).is_err());
    }
}
