//! Opening inputs: files, patterns and standard input, compressed or not, as blocks of whole records.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use sha2::{Digest as _, Sha256};

use super::records::{Dialect, whole_records};
use crate::error::{Error, Result};

/// One input as the user named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

impl Input {
    /// The name messages and rejects use.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Stdin => "standard input".to_owned(),
        }
    }
}

/// Turns names from the command line or `ecrm.toml` into inputs: `-` is standard input, a pattern that the
/// shell did not expand is expanded in name order.
pub fn expand(names: &[String]) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for name in names {
        if name == "-" {
            inputs.push(Input::Stdin);
        } else if Path::new(name).exists() || !name.contains(['*', '?', '[']) {
            inputs.push(Input::File(name.into()));
        } else {
            let paths = glob::glob(name).map_err(|error| {
                Error::usage(format!("{name}: {error}"), "quote a name that contains * ? or [")
            })?;
            let before = inputs.len();
            inputs.extend(paths.filter_map(|path| path.ok()).map(Input::File));
            if inputs.len() == before {
                return Err(Error::input(
                    name,
                    "no file matches this pattern",
                    "check the folder and the ending",
                ));
            }
        }
    }
    Ok(inputs)
}

/// Bytes taken from the inputs so far, before decompression; for progress.
pub type BytesRead = Arc<AtomicU64>;

/// What identifies an input's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// How many there are.
    pub bytes: u64,
    /// Their SHA-256 in hexadecimal.
    pub sha256: String,
}

/// A digest under way, shared with the reader at the bottom of the decoders.
pub type Hashing = Option<Arc<Mutex<(Sha256, u64)>>>;

/// The digest of all bytes read so far.
pub fn digest(hashing: &Hashing) -> Option<Digest> {
    let state = hashing.as_ref()?.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let sha256 = state.0.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Some(Digest { bytes: state.1, sha256 })
}

/// How much is looked at to recognise a file.
const HEAD: usize = 1 << 20;

/// How much is parsed at once: large enough to split work cheaply, small enough to stay in cache.
const BLOCK: usize = 4 << 20;

/// An opened input: its first bytes to recognise it by, and the rest.
pub struct Source {
    /// The name messages use.
    pub name: String,
    head: Vec<u8>,
    is_whole: bool,
    rest: Box<dyn Read + Send>,
    /// The digest of its bytes, where one was asked for.
    pub hashing: Hashing,
}

impl Source {
    /// Opens an input, decompresses gz and zst (recognised by content), and reads its head.
    pub fn open(input: &Input, bytes_read: &BytesRead, has_digest: bool) -> Result<Self> {
        let name = input.name();
        let raw: Box<dyn Read + Send> = match input {
            Input::Stdin => Box::new(io::stdin()),
            Input::File(path) => Box::new(open_file(path)?),
        };
        let failed = |error| Error::io("read", Path::new(&name), error);
        let hashing: Hashing = has_digest.then(Arc::default);
        let mut counted =
            Counted { inner: raw, bytes_read: Arc::clone(bytes_read), hashing: hashing.clone() };
        let magic = read_up_to(&mut counted, 8).map_err(failed)?;
        refuse_other_formats(&name, &magic)?;
        let is = |prefix: &[u8]| magic.starts_with(prefix);
        let (is_gz, is_zst) = (is(b"\x1f\x8b"), is(b"\x28\xb5\x2f\xfd"));
        let replayed = io::Cursor::new(magic).chain(counted);
        let rest: Box<dyn Read + Send> = if is_gz {
            Box::new(flate2::read::MultiGzDecoder::new(io::BufReader::with_capacity(1 << 18, replayed)))
        } else if is_zst {
            Box::new(zstd::stream::read::Decoder::new(replayed).map_err(failed)?)
        } else {
            Box::new(replayed)
        };
        Self::with_head(name, rest, hashing)
    }

    fn with_head(name: String, mut rest: Box<dyn Read + Send>, hashing: Hashing) -> Result<Self> {
        let head = read_up_to(&mut rest, HEAD).map_err(|error| Error::io("read", Path::new(&name), error))?;
        let is_whole = head.len() < HEAD;
        Ok(Self { name, head, is_whole, rest, hashing })
    }

    /// The first bytes, up to one mebibyte.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Whether [`Self::head`] is all there is.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The same input with its UTF-16 turned into UTF-8.
    pub fn transcoded(self, encoding: &'static encoding_rs::Encoding) -> Result<Self> {
        let raw = io::Cursor::new(self.head).chain(self.rest);
        let decoded = encoding_rs_io::DecodeReaderBytesBuilder::new().encoding(Some(encoding)).build(raw);
        Self::with_head(self.name, Box::new(decoded), self.hashing)
    }

    /// Reads what is left, for the digest of an input that is not parsed.
    pub fn drain(mut self) -> Result<()> {
        let failed = |error| Error::io("read", Path::new(&self.name), error);
        io::copy(&mut self.rest, &mut io::sink()).map(|_| ()).map_err(failed)
    }

    /// The input as blocks of whole records, from byte `skip` on.
    pub fn blocks(self, dialect: Dialect, skip: usize) -> Blocks {
        let mut carry = self.head;
        carry.drain(..skip);
        Blocks { name: self.name, rest: self.rest, carry, dialect, is_done: false, used: Used::default() }
    }
}

/// Buffers of parsed blocks, to be filled again: fresh memory costs more than what is done with it.
#[derive(Debug, Clone, Default)]
pub struct Used(Arc<Mutex<Vec<Vec<u8>>>>);

impl Used {
    /// Gives a block's buffer back.
    pub fn put(&self, buffer: Vec<u8>) {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(buffer);
    }

    fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).pop().unwrap_or_default()
    }
}

/// Blocks of whole records; each begins where the one before ended.
pub struct Blocks {
    name: String,
    rest: Box<dyn Read + Send>,
    carry: Vec<u8>,
    dialect: Dialect,
    is_done: bool,
    used: Used,
}

impl Iterator for Blocks {
    type Item = Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut wanted = BLOCK;
        loop {
            let filled = if self.is_done || self.carry.len() >= wanted { Ok(()) } else { self.fill(wanted) };
            if let Err(error) = filled {
                self.is_done = true;
                self.carry.clear();
                return Some(Err(error));
            }
            if self.carry.is_empty() {
                return None;
            }
            let view = &self.carry[..self.carry.len().min(wanted)];
            let is_last = self.is_done && view.len() == self.carry.len();
            let end = whole_records(view, self.dialect, is_last);
            if end > 0 {
                let mut rest = self.used.take();
                rest.clear();
                rest.extend_from_slice(&self.carry[end..]);
                self.carry.truncate(end);
                return Some(Ok(std::mem::replace(&mut self.carry, rest)));
            }
            // A single record longer than the block: look further.
            wanted *= 2;
        }
    }
}

impl Blocks {
    /// Where parsed blocks go.
    pub fn used(&self) -> Used {
        self.used.clone()
    }

    fn fill(&mut self, wanted: usize) -> Result<()> {
        let before = self.carry.len();
        let missing = wanted - before;
        self.carry.reserve_exact(missing);
        let mut limited = (&mut self.rest).take(missing as u64);
        let read = limited
            .read_to_end(&mut self.carry)
            .map_err(|error| Error::io("read", Path::new(&self.name), error))?;
        self.is_done = read < missing;
        Ok(())
    }
}

struct Counted<R> {
    inner: R,
    bytes_read: BytesRead,
    hashing: Hashing,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes_read.fetch_add(read as u64, Ordering::Relaxed);
        if let Some(hashing) = &self.hashing {
            let mut state = hashing.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            state.0.update(&buffer[..read]);
            state.1 += read as u64;
        }
        Ok(read)
    }
}

fn open_file(path: &Path) -> Result<File> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            Error::input(path.display().to_string(), "no such file", "check the name and the folder")
        }
        _ => Error::io("read", path, error),
    })?;
    if file.metadata().is_ok_and(|meta| meta.is_dir()) {
        let name = path.display().to_string();
        let hint = format!("name the files in it, for example '{}/*.csv'", name.trim_end_matches('/'));
        return Err(Error::input(name, "this is a directory", hint));
    }
    Ok(file)
}

fn refuse_other_formats(name: &str, magic: &[u8]) -> Result<()> {
    let what = if magic.starts_with(b"PK\x03\x04") {
        "this is an Excel workbook or a zip archive"
    } else if magic.starts_with(b"\xD0\xCF\x11\xE0") {
        "this is an old Excel workbook"
    } else if magic.starts_with(b"PAR1") {
        "this is a Parquet file"
    } else {
        return Ok(());
    };
    Err(Error::input(name, format!("{what}, not text"), "save it as CSV and name that file"))
}

fn read_up_to(reader: &mut impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
