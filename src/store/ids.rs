//! An index of the order ids in a segment. It finds the row of an id by reading one or two pages of the file.
//!
//! Ids are in buckets by their hash. The file begins with a head that has the start of each bucket and a checksum of
//! its bytes. Since only parts of the file are read, each part must have a checksum of its own.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::files::Writing;
use super::frames::Summed;
use super::manifest::{FileRef, damaged, unreadable};
use super::opened;
use crate::error::{Error, Result};
use crate::schema::Key;

const MAGIC: &[u8; 8] = b"ecrmids1";
/// The size of the magic bytes, the number of ids and the number of buckets.
const FIXED: usize = 8 + 8 + 8;
/// The size of an id with its row.
const ENTRY: usize = 16 + 4;
/// The size of a bucket's start and checksum.
const SLOT: usize = 8 + 8;
/// About how many ids share a bucket: what a disk reads at once.
const IN_BUCKET: usize = 128;
const MAX_BUCKETS: usize = 1 << 17;

/// The two halves of a key's bytes, to be stored as columns of numbers.
pub(super) fn halves(bytes: [u8; 16]) -> (u64, u64) {
    let number = u128::from_le_bytes(bytes);
    (number as u64, (number >> 64) as u64)
}

/// The key with these halves.
pub(super) fn joined(low: u64, high: u64) -> Key {
    Key::from_bytes((u128::from(high) << 64 | u128::from(low)).to_le_bytes())
}

/// Writes the index of ids, each with its row.
pub(super) fn save(writing: &Writing, path: &str, ids: &[(Key, u32)]) -> Result<FileRef> {
    let buckets = (ids.len() / IN_BUCKET).next_power_of_two().min(MAX_BUCKETS);
    let mut sorted: Vec<(u32, Key, u32)> =
        ids.par_iter().map(|(key, row)| (bucket(*key, buckets) as u32, *key, *row)).collect();
    sorted.par_sort_unstable();
    let mut entries = Vec::with_capacity(ids.len() * ENTRY);
    let mut slots = Vec::with_capacity(buckets * SLOT);
    let mut next = 0;
    for number in 0..buckets {
        let start = entries.len();
        while let Some((_, key, row)) = sorted.get(next).filter(|(bucket, ..)| *bucket as usize == number) {
            entries.extend_from_slice(&key.to_bytes());
            entries.extend_from_slice(&row.to_le_bytes());
            next += 1;
        }
        slots.extend_from_slice(&(start as u64).to_le_bytes());
        slots.extend_from_slice(&xxh3_64(&entries[start..]).to_le_bytes());
    }
    let mut head = MAGIC.to_vec();
    head.extend_from_slice(&(ids.len() as u64).to_le_bytes());
    head.extend_from_slice(&(buckets as u64).to_le_bytes());
    head.append(&mut slots);
    let mut out = Summed::create(writing, path)?;
    let full = out.path().to_owned();
    let failed = |error| Error::io("write", &full, error);
    out.write_all(&head).map_err(failed)?;
    out.write_all(&entries).map_err(failed)?;
    let file = out.finish()?;
    Ok(FileRef { xxh3: format!("{:016x}", xxh3_64(&head)), ..file })
}

/// An index that is open for lookups.
pub(super) struct Ids {
    file: File,
    path: PathBuf,
    head: Vec<u8>,
    count: u64,
    buckets: usize,
}

impl Ids {
    /// Opens an index and checks its head.
    pub(super) fn open(folder: &Path, of: &FileRef) -> Result<Self> {
        let path = folder.join(&of.path);
        let mut file = opened::open(folder, of)?;
        let mut head = vec![0; FIXED];
        let number = |bytes: &[u8], at: usize| {
            bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes)
        };
        let read = file.read_exact(&mut head).and_then(|()| {
            let buckets = number(&head, 16) as usize;
            if !head.starts_with(MAGIC) || buckets > MAX_BUCKETS || !buckets.is_power_of_two() {
                return Err(std::io::ErrorKind::InvalidData.into());
            }
            head.resize(FIXED + buckets * SLOT, 0);
            file.read_exact(&mut head[FIXED..])
        });
        read.map_err(|error| unreadable(&path, error))?;
        let (count, buckets) = (number(&head, 8), number(&head, 16) as usize);
        let entries = of.bytes.checked_sub(head.len() as u64);
        let is_whole = entries.is_some() && count.checked_mul(ENTRY as u64) == entries;
        if !is_whole || format!("{:016x}", xxh3_64(&head)) != of.xxh3 {
            return Err(damaged(&path));
        }
        Ok(Self { file, path, head, count, buckets })
    }

    /// The rows of those `keys` that are in the index.
    pub(super) fn rows_of(&mut self, keys: &[Key]) -> Result<Vec<u32>> {
        Ok(self.places_of(keys)?.into_iter().map(|(row, _)| row).collect())
    }

    /// Like [`Self::rows_of`], with the id of each row.
    pub(super) fn places_of(&mut self, keys: &[Key]) -> Result<Vec<(u32, Key)>> {
        let mut wanted: Vec<(usize, Key)> =
            keys.iter().map(|key| (bucket(*key, self.buckets), *key)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut rows = Vec::new();
        for same in wanted.chunk_by(|a, b| a.0 == b.0) {
            let entries = self.bucket(same[0].0)?;
            for entry in entries.chunks_exact(ENTRY) {
                let (key, row) = entry.split_at(16);
                let key = key.try_into().map(Key::from_bytes).unwrap_or(Key::NONE);
                if same.binary_search_by_key(&key, |(_, wanted)| *wanted).is_ok() {
                    rows.push((row.try_into().map_or(0, u32::from_le_bytes), key));
                }
            }
        }
        rows.sort_unstable();
        Ok(rows)
    }

    /// Checks the checksums of all buckets.
    pub(super) fn verify(&mut self) -> Result<()> {
        (0..self.buckets).try_for_each(|number| self.bucket(number).map(|_| ()))
    }

    fn bucket(&mut self, number: usize) -> Result<Vec<u8>> {
        let at = |place: usize| {
            let bytes = self.head.get(place..place + 8).and_then(|bytes| bytes.try_into().ok());
            bytes.map_or(0, u64::from_le_bytes)
        };
        let slot = FIXED + number * SLOT;
        let end = if number + 1 < self.buckets { at(slot + SLOT) } else { self.count * ENTRY as u64 };
        let (start, sum) = (at(slot), at(slot + 8));
        if end > self.count * ENTRY as u64 {
            return Err(damaged(&self.path));
        }
        let mut bytes = vec![0; end.saturating_sub(start) as usize];
        let read = self
            .file
            .seek(SeekFrom::Start(self.head.len() as u64 + start))
            .and_then(|_| self.file.read_exact(&mut bytes));
        read.map_err(|error| unreadable(&self.path, error))?;
        if xxh3_64(&bytes) != sum {
            return Err(damaged(&self.path));
        }
        Ok(bytes)
    }
}

/// The bucket of an id; the number of buckets is a power of two.
fn bucket(key: Key, buckets: usize) -> usize {
    key.mix() as usize & (buckets - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Wait;

    fn key(number: u32) -> Key {
        Key::of(format!("order-{number}").as_bytes())
    }

    fn written(folder: &Path, ids: &[(Key, u32)]) -> FileRef {
        let writing = Writing::start(folder, Wait { limit: None, note: &|_| () }).expect("a new store");
        save(&writing, "orders/000001.ids", ids).expect("written")
    }

    #[test]
    fn ids_are_found_and_others_are_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let ids: Vec<(Key, u32)> = (0..10_000).map(|number| (key(number), number * 2)).collect();
        let file = written(folder.path(), &ids);
        let mut index = Ids::open(folder.path(), &file).expect("opened");
        let asked = [key(7), key(9_999), key(10_000), key(0), key(7)];
        assert_eq!(index.rows_of(&asked).expect("read"), [0, 14, 19_998]);
        index.verify().expect("whole");
    }

    #[test]
    fn none_at_all_is_an_index_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = written(folder.path(), &[]);
        let mut index = Ids::open(folder.path(), &file).expect("opened");
        assert!(index.rows_of(&[key(1)]).expect("read").is_empty());
    }

    #[test]
    fn any_changed_byte_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let ids: Vec<(Key, u32)> = (0..300).map(|number| (key(number), number)).collect();
        let file = written(folder.path(), &ids);
        let path = folder.path().join(&file.path);
        let whole = std::fs::read(&path).expect("read");
        for at in (0..whole.len()).step_by(97) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, &bytes).expect("written");
            let read = Ids::open(folder.path(), &file).and_then(|mut index| index.verify());
            assert!(read.is_err(), "byte {at}");
        }
    }
}
