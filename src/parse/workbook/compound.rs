//! Old workbooks (xls) are streams in a compound file, which is a file system of chained sectors ([MS-CFB]).
//!
//! Only what decides about memory is checked; calamine finds everything else that is wrong.

use super::Wrong;

/// A stream of a compound file.
pub(super) struct Stream {
    pub bytes: Vec<u8>,
    /// Where its sectors are in the file, and the size of a sector in bytes.
    places: Vec<usize>,
    size: usize,
}

impl Stream {
    /// Where a byte of the stream is in the file.
    pub(super) fn place(&self, at: usize) -> Option<usize> {
        Some(self.places.get(at / self.size)? + at % self.size)
    }
}

/// The stream `Workbook` of a compound file, or `Book` in even older ones; `None` if the bytes are no compound file.
///
/// # Errors
/// When the file is damaged, or holds an encrypted workbook.
pub(super) fn workbook_stream(bytes: &[u8]) -> Result<Option<Stream>, Wrong> {
    const SIGNATURE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
    if !bytes.starts_with(SIGNATURE) {
        return Ok(None);
    }
    let directory = Directory::of(bytes).ok_or(Wrong::Damaged)?;
    // An xlsx file with a password is stored as such a stream.
    let is_locked = directory.find(&["EncryptedPackage"]).is_some();
    let stream = directory.find(&["Workbook", "Book"]).and_then(|entry| directory.stream(entry));
    match stream {
        Some(stream) => Ok(Some(stream)),
        None => Err(if is_locked { Wrong::Locked } else { Wrong::Damaged }),
    }
}

/// The largest sector number; larger values mark ends and gaps.
const MAX_SECTOR: u32 = 0xFFFF_FFF9;
const END_OF_CHAIN: u32 = 0xFFFF_FFFE;
/// Minimum number of bytes in front of the sectors.
const HEADER: usize = 512;

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(4).filter_map(|four| u32_at(four, 0))
}

/// Sectors of one size, and the number of the sector that follows each.
struct Sectors<'a> {
    bytes: &'a [u8],
    size: usize,
    next: Vec<u32>,
}

impl Sectors<'_> {
    /// Where a sector begins, and its bytes; the last sector of a file may be cut.
    fn get(&self, sector: u32) -> Option<(usize, &[u8])> {
        let start = (sector as usize).checked_mul(self.size)?;
        let end = start.checked_add(self.size)?.min(self.bytes.len());
        Some((start, self.bytes.get(start..end)?))
    }

    /// The chain of sectors from `start`, up to `len` bytes; `None` if it is longer than all sectors together and
    /// therefore circular.
    fn chain(&self, start: u32, len: usize) -> Option<Stream> {
        let mut chain = Stream { bytes: Vec::new(), places: Vec::new(), size: self.size };
        let mut sector = start;
        for _ in 0..self.bytes.len() / self.size + 3 {
            if sector == END_OF_CHAIN || chain.bytes.len() >= len {
                chain.bytes.truncate(len);
                return Some(chain);
            }
            let (place, bytes) = self.get(sector)?;
            chain.bytes.extend_from_slice(bytes);
            chain.places.push(place);
            sector = *self.next.get(sector as usize).unwrap_or(&END_OF_CHAIN);
        }
        None
    }
}

/// The directory of a compound file.
struct Directory<'a> {
    header: &'a [u8],
    sectors: Sectors<'a>,
    /// Bytes in front of the sectors.
    front: usize,
    entries: Vec<u8>,
}

/// An entry of the directory: where a stream begins, and how long it is.
#[derive(Clone, Copy)]
struct Entry {
    start: u32,
    len: u64,
}

impl<'a> Directory<'a> {
    /// `None` if the file is damaged.
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let size = match u16_at(bytes, 30)? {
            0x0009 => 512,
            0x000C => 4_096,
            _ => return None,
        };
        let (header, front) = (bytes.get(..HEADER)?, HEADER.max(size));
        let mut sectors = Sectors { bytes: bytes.get(front..)?, size, next: Vec::new() };
        sectors.next = allocation(header, &sectors)?;
        let entries = sectors.chain(u32_at(bytes, 48)?, usize::MAX)?.bytes;
        Some(Self { header, sectors, front, entries })
    }

    fn entries(&self) -> impl Iterator<Item = &[u8]> {
        const ENTRY: usize = 128;
        self.entries.chunks_exact(ENTRY)
    }

    fn entry(&self, entry: &[u8]) -> Option<Entry> {
        let long = if self.sectors.size == 512 { 0 } else { u64::from(u32_at(entry, 124)?) };
        Some(Entry { start: u32_at(entry, 116)?, len: u64::from(u32_at(entry, 120)?) | long << u32::BITS })
    }

    /// The first of these streams that exists.
    fn find(&self, names: &[&str]) -> Option<Entry> {
        let is = |entry: &[u8], name: &str| {
            let units = entry[..64].chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
            let own = char::decode_utf16(units.take_while(|unit| *unit != 0)).map_while(Result::ok);
            own.collect::<String>().eq_ignore_ascii_case(name)
        };
        let found = names.iter().find_map(|name| self.entries().find(|entry| is(entry, name)));
        self.entry(found?)
    }

    /// `None` if it is longer than the file, or its chain is broken.
    fn stream(&self, entry: Entry) -> Option<Stream> {
        const MINI_SECTOR: usize = 64;
        const MAX_MINI_STREAM: u64 = 4_096;
        let file = self.front + self.sectors.bytes.len();
        let fits = |len: u64| usize::try_from(len).ok().filter(|len| *len <= file);
        let mini_sectors = u64::from(u32_at(self.header, 64)?);
        let root = self.entry(self.entries().next()?)?;
        // calamine reads both of these in full, whether they are needed or not.
        let mini_len = if mini_sectors == 0 { 0 } else { fits(root.len)? };
        let mini_table = fits(mini_sectors * self.sectors.size as u64)?;
        let within_file = |stream: Stream, place: &dyn Fn(usize) -> Option<usize>| {
            let places =
                stream.places.iter().map(|at| Some(self.front + place(*at)?)).collect::<Option<_>>()?;
            Some(Stream { places, ..stream })
        };
        if entry.len >= MAX_MINI_STREAM {
            return within_file(self.sectors.chain(entry.start, fits(entry.len)?)?, &Some);
        }
        let whole = self.sectors.chain(root.start, mini_len)?;
        let table = self.sectors.chain(u32_at(self.header, 60)?, mini_table)?;
        let next = numbers(&table.bytes).collect();
        let mini = Sectors { bytes: &whole.bytes, size: MINI_SECTOR, next };
        within_file(mini.chain(entry.start, fits(entry.len)?)?, &|at| whole.place(at))
    }
}

/// The sector that follows each sector; `None` if the tables for that do not fit into the file.
fn allocation(header: &[u8], sectors: &Sectors<'_>) -> Option<Vec<u32>> {
    let most = sectors.bytes.len() / sectors.size + 1;
    let mut tables: Vec<u32> = numbers(&header[76..]).collect();
    let mut further = u32_at(header, 68)?;
    let mut seen = 0;
    while further <= MAX_SECTOR {
        seen += 1;
        if seen > most {
            return None;
        }
        tables.extend(numbers(sectors.get(further)?.1));
        further = tables.pop()?;
    }
    tables.retain(|table| *table <= MAX_SECTOR);
    if tables.len() > most {
        return None;
    }
    let mut next = Vec::new();
    for table in tables {
        next.extend(numbers(sectors.get(table)?.1));
    }
    Some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_in_a_circle_end() {
        let sectors = Sectors { bytes: &[7; 1_024], size: 512, next: vec![1, 0] };
        let len =
            |sectors: &Sectors<'_>, start, len| sectors.chain(start, len).map(|chain| chain.bytes.len());
        assert_eq!(len(&sectors, 0, usize::MAX), None);
        assert_eq!(len(&sectors, 0, 600), Some(600));
        let sectors = Sectors { next: vec![1, END_OF_CHAIN], ..sectors };
        assert_eq!(len(&sectors, 0, usize::MAX), Some(1_024));
        assert_eq!(len(&sectors, 9, 1), None);
    }

    #[test]
    fn a_byte_of_a_stream_is_found_in_the_file() {
        let bytes: Vec<u8> = (0..4).flat_map(|sector| [sector; 512]).collect();
        let sectors = Sectors { bytes: &bytes, size: 512, next: vec![END_OF_CHAIN, 0, 0, 1] };
        let chain = sectors.chain(3, usize::MAX).expect("no circle");
        assert_eq!([0, 511, 512, 1_024].map(|at| chain.place(at)), [1_536, 2_047, 512, 0].map(Some));
        assert!((0..1_536).all(|at| bytes[chain.place(at).expect("within")] == chain.bytes[at]));
        assert_eq!(chain.place(1_536), None);
    }
}
