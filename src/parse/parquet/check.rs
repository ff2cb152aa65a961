//! Checks the sizes that a Parquet file claims in its footer and page headers against the size of the file, before
//! polars allocates memory for them.

use polars_parquet::parquet::compression::{Compression, DecompressionContext, decompress};
use polars_parquet_format::thrift::protocol::TCompactInputProtocol;
use polars_parquet_format::{
    ColumnMetaData, CompressionCodec, DataPageHeaderV2, FieldRepetitionType, FileMetaData, PageHeader,
    PageType, RowGroup, Type,
};

use super::deltas;
use crate::limits::{
    MAX_COLUMNS, MAX_GROUP_BYTES_RATIO, MAX_GROUP_RATIO, MAX_NESTING, MAX_PARQUET_RATIO, MIN_GROUP_BYTES,
    MIN_GROUP_CELLS, MIN_PARQUET_CELLS, at_most,
};

/// Why a file is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// It contradicts itself.
    Damaged,
    /// It has too many columns; the number is given.
    Wide(usize),
    /// It unfolds to more than allowed.
    Unfolds,
}

/// Checks a file. `size` is the number of bytes that decides how much it may unfold to: its own size, or that of all
/// files it belongs to. Returns its number of rows.
///
/// # Errors
/// When it is cut, damaged, or would take more memory than its size makes plausible.
pub(crate) fn check(bytes: &[u8], size: u64) -> Result<u64, Wrong> {
    let metadata = footer(bytes).ok_or(Wrong::Damaged)?;
    let leaves = check_schema(&metadata)?;
    let mut cells = 0_u64;
    for group in &metadata.row_groups {
        let own = check_group(bytes, group, &leaves, size)?;
        cells = cells.saturating_add(own);
    }
    if cells > at_most(MIN_PARQUET_CELLS, MAX_PARQUET_RATIO, size) {
        return Err(Wrong::Unfolds);
    }
    let rows = |group: &RowGroup| u64::try_from(group.num_rows).unwrap_or(0);
    Ok(metadata.row_groups.iter().map(rows).fold(0, u64::saturating_add))
}

/// Reads the footer, which is followed by its length and the last four bytes of the file.
fn footer(bytes: &[u8]) -> Option<FileMetaData> {
    /// Bytes of memory allowed per byte of the footer.
    const ROOM: usize = 64;
    const LEAST_ROOM: usize = 1 << 20;
    let (rest, len) = bytes.strip_suffix(b"PAR1")?.split_last_chunk::<4>()?;
    let start = rest.len().checked_sub(u32::from_le_bytes(*len) as usize)?;
    let footer = &rest[start..];
    let room = footer.len().saturating_mul(ROOM).max(LEAST_ROOM);
    FileMetaData::read_from_in_protocol(&mut TCompactInputProtocol::new(footer, room)).ok()
}

/// What the schema says about a column.
struct Leaf {
    /// Bytes per value; 0 if values differ in size.
    width: u64,
    /// Whether a row has at most one value, as all columns that are read have.
    is_plain: bool,
    /// Whether pages say which values are missing.
    has_gaps: bool,
}

/// Checks the number of columns and the depth of nesting, since the reader recurses for each level. Returns the columns
/// in order.
fn check_schema(metadata: &FileMetaData) -> Result<Vec<Leaf>, Wrong> {
    // Structures, including the table itself, are elements in addition to the columns.
    if metadata.schema.len() > 2 * MAX_COLUMNS {
        return Err(Wrong::Wide(metadata.schema.len()));
    }
    let mut leaves = Vec::new();
    // For each open structure, how many of its elements are still to come.
    let mut open: Vec<i32> = Vec::new();
    for element in &metadata.schema {
        while open.last() == Some(&0) {
            open.pop();
        }
        if let Some(left) = open.last_mut() {
            *left -= 1;
        }
        match element.num_children {
            Some(children) if children < 0 => return Err(Wrong::Damaged),
            Some(children) if children > 0 => open.push(children),
            _ => {
                let width = element.type_length.filter(|_| element.type_ == Some(Type::FIXED_LEN_BYTE_ARRAY));
                leaves.push(Leaf {
                    width: u64::try_from(width.unwrap_or(0)).map_err(|_| Wrong::Damaged)?,
                    is_plain: open.len() <= 1
                        && element.repetition_type != Some(FieldRepetitionType::REPEATED),
                    has_gaps: element.repetition_type == Some(FieldRepetitionType::OPTIONAL),
                });
            }
        }
        if open.len() > MAX_NESTING {
            return Err(Wrong::Damaged);
        }
    }
    if leaves.len() > MAX_COLUMNS {
        return Err(Wrong::Wide(leaves.len()));
    }
    Ok(leaves)
}

/// Checks a row group. Returns its number of cells.
fn check_group(bytes: &[u8], group: &RowGroup, leaves: &[Leaf], size: u64) -> Result<u64, Wrong> {
    /// Bytes of memory per cell that the limit on cells already covers.
    const CELL_BYTES: u64 = 16;
    let most = at_most(MIN_GROUP_BYTES, MAX_GROUP_BYTES_RATIO, size);
    let rows = u64::try_from(group.num_rows).map_err(|_| Wrong::Damaged)?;
    let (mut cells, mut unfolded) = (0_u64, 0_u64);
    if group.columns.len() != leaves.len() {
        return Err(Wrong::Damaged);
    }
    for (column, leaf) in group.columns.iter().zip(leaves) {
        let chunk = column.meta_data.as_ref().ok_or(Wrong::Damaged)?;
        let values = u64::try_from(chunk.num_values).map_err(|_| Wrong::Damaged)?;
        cells = cells.saturating_add(rows.max(values));
        if cells > at_most(MIN_GROUP_CELLS, MAX_GROUP_RATIO, size) {
            return Err(Wrong::Unfolds);
        }
        let pages = Pages { chunk, leaf, most: most - unfolded }.check(bytes)?;
        // Dictionary entries of fixed size take their full width in every cell.
        let wide = if leaf.width > CELL_BYTES { values.saturating_mul(leaf.width) } else { 0 };
        unfolded = unfolded.saturating_add(pages.max(wide));
        if unfolded > most {
            return Err(Wrong::Unfolds);
        }
    }
    Ok(cells)
}

/// The pages of a column in a row group.
struct Pages<'a> {
    chunk: &'a ColumnMetaData,
    leaf: &'a Leaf,
    /// Bytes that they may unfold to.
    most: u64,
}

impl Pages<'_> {
    /// Checks them. Returns the number of bytes that they claim to unfold to.
    ///
    /// # Errors
    /// When they contradict the column or the file, or unfold to more than allowed.
    fn check(&self, bytes: &[u8]) -> Result<u64, Wrong> {
        /// A header consists of a few numbers and perhaps the smallest and largest value.
        const HEADER_ROOM: usize = 16 << 20;
        let chunk = self.chunk;
        let mut rest = self.bytes_of(bytes).ok_or(Wrong::Damaged)?;
        let (mut seen, mut unfolded) = (0_i64, 0_u64);
        while seen < chunk.num_values && !rest.is_empty() {
            let mut protocol = TCompactInputProtocol::new(&mut rest, HEADER_ROOM);
            let header = PageHeader::read_from_in_protocol(&mut protocol).map_err(|_| Wrong::Damaged)?;
            let len = usize::try_from(header.compressed_page_size).map_err(|_| Wrong::Damaged)?;
            let (page, behind) = rest.split_at_checked(len).ok_or(Wrong::Damaged)?;
            rest = behind;
            unfolded += u64::try_from(header.uncompressed_page_size).map_err(|_| Wrong::Damaged)?;
            if unfolded > self.most {
                return Err(Wrong::Unfolds);
            }
            let values = i64::from(values_of(&header).ok_or(Wrong::Damaged)?);
            if !(0..=chunk.num_values - seen).contains(&values) {
                return Err(Wrong::Damaged);
            }
            seen += values;
            unfolded += self.check_deltas(&header, page, values as u64, self.most - unfolded)?;
        }
        Ok(unfolded)
    }

    fn bytes_of<'b>(&self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let chunk = self.chunk;
        let start = usize::try_from(chunk.dictionary_page_offset.unwrap_or(chunk.data_page_offset)).ok()?;
        let end = start.checked_add(usize::try_from(chunk.total_compressed_size).ok()?)?;
        bytes.get(start..end)
    }

    /// Checks the number of values that a page claims in its own data, if its encoding has such a number. Returns the
    /// number of bytes by which its texts exceed those of the page; `most` are allowed.
    fn check_deltas(&self, header: &PageHeader, page: &[u8], values: u64, most: u64) -> Result<u64, Wrong> {
        let v2 = header.data_page_header_v2.as_ref();
        let encoding = header.data_page_header.as_ref().map(|v1| v1.encoding).or(v2.map(|v2| v2.encoding));
        let Some(encoding) = encoding.filter(|of| deltas::ENCODINGS.contains(of) && self.leaf.is_plain)
        else {
            return Ok(0);
        };
        let unfolded = self.unfolded(header, page).ok_or(Wrong::Damaged)?;
        let own = self.without_levels(v2, unfolded.as_deref().unwrap_or(page)).ok_or(Wrong::Damaged)?;
        let beyond = deltas::check(own, encoding, values).ok_or(Wrong::Damaged)?;
        if beyond > most { Err(Wrong::Unfolds) } else { Ok(beyond) }
    }

    /// The decompressed bytes of a page; `Some(None)` if they are not compressed in the file.
    fn unfolded(&self, header: &PageHeader, page: &[u8]) -> Option<Option<Vec<u8>>> {
        let v2 = header.data_page_header_v2.as_ref();
        let is_folded = v2.is_none_or(|v2| v2.is_compressed.unwrap_or(true));
        if self.chunk.codec == CompressionCodec::UNCOMPRESSED || !is_folded {
            return Some(None);
        }
        // In pages of version 2 the levels come first and are not compressed.
        let levels = v2.map_or(Some(0), levels_of)?;
        let mut unfolded = vec![0; usize::try_from(header.uncompressed_page_size).ok()?];
        unfolded.get_mut(..levels)?.copy_from_slice(page.get(..levels)?);
        if page.len() > levels {
            let codec = Compression::try_from(self.chunk.codec).ok()?;
            let mut context = DecompressionContext::Unset;
            decompress(codec, &page[levels..], &mut unfolded[levels..], &mut context).ok()?;
        }
        Some(Some(unfolded))
    }

    /// The bytes of a page behind its levels, for a plain column.
    fn without_levels<'b>(&self, v2: Option<&DataPageHeaderV2>, page: &'b [u8]) -> Option<&'b [u8]> {
        match v2 {
            Some(v2) => page.get(levels_of(v2)?..),
            None if self.leaf.has_gaps => {
                let (len, rest) = page.split_first_chunk::<4>()?;
                rest.get(u32::from_le_bytes(*len) as usize..)
            }
            None => Some(page),
        }
    }
}

/// Number of bytes of levels in front of the values of a version 2 page.
fn levels_of(page: &DataPageHeaderV2) -> Option<usize> {
    let [definition, repetition] = [page.definition_levels_byte_length, page.repetition_levels_byte_length];
    usize::try_from(definition).ok()?.checked_add(usize::try_from(repetition).ok()?)
}

/// The number of values that a page has for the column; `None` for an impossible page.
fn values_of(header: &PageHeader) -> Option<i32> {
    match (&header.data_page_header, &header.data_page_header_v2, &header.dictionary_page_header) {
        (Some(page), ..) if header.type_ == PageType::DATA_PAGE => Some(page.num_values),
        (_, Some(page), _) if header.type_ == PageType::DATA_PAGE_V2 => {
            levels_of(page).map(|_| page.num_values)
        }
        (.., Some(words)) if header.type_ == PageType::DICTIONARY_PAGE => {
            // Each value takes at least a byte, or belongs to a page whose values take none.
            let fits = (0..=header.uncompressed_page_size.max(1)).contains(&words.num_values);
            fits.then_some(0)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::{ParquetReader, SerReader};
    use polars_parquet::parquet::compression::{CompressionOptions, ZstdLevel, compress};
    use polars_parquet_format::thrift::protocol::{TCompactOutputProtocol, TOutputProtocol};
    use polars_parquet_format::{ColumnChunk, DataPageHeader, Encoding, SchemaElement};

    use super::*;

    type Thrift<'a> = TCompactOutputProtocol<&'a mut Vec<u8>>;

    fn thrift(write: impl FnOnce(&mut Thrift<'_>)) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut protocol = TCompactOutputProtocol::new(&mut bytes);
        write(&mut protocol);
        protocol.flush().expect("written");
        bytes
    }

    /// A file of one column with one page of so many values, whose bytes are these. `has_gaps` is whether values may be
    /// missing, `is_folded` whether the page is compressed.
    fn file(
        encoding: Encoding,
        kind: Type,
        page: &[u8],
        values: i32,
        has_gaps: bool,
        is_folded: bool,
    ) -> Vec<u8> {
        // Of a column with gaps: one run of `values` levels of 1.
        let levels = match has_gaps {
            true => [&3_u32.to_le_bytes()[..], &[(2 * values) as u8 | 0x80, (values >> 6) as u8, 1]].concat(),
            false => Vec::new(),
        };
        let whole = [&levels[..], page].concat();
        let mut body = Vec::new();
        match is_folded {
            true => {
                compress(CompressionOptions::Zstd(None::<ZstdLevel>), &whole, &mut body).expect("compressed")
            }
            false => body.clone_from(&whole),
        }
        let rle = Encoding::RLE;
        let v1 = DataPageHeader {
            num_values: values,
            encoding,
            definition_level_encoding: rle,
            repetition_level_encoding: rle,
            statistics: None,
        };
        let header = PageHeader {
            type_: PageType::DATA_PAGE,
            uncompressed_page_size: whole.len() as i32,
            compressed_page_size: body.len() as i32,
            crc: None,
            data_page_header: Some(v1),
            index_page_header: None,
            dictionary_page_header: None,
            data_page_header_v2: None,
        };
        let header = thrift(|out| {
            header.write_to_out_protocol(out).expect("written");
        });
        let (len, count) = ((header.len() + body.len()) as i64, i64::from(values));
        let chunk = ColumnMetaData {
            type_: kind,
            encodings: vec![encoding],
            path_in_schema: vec!["x".to_owned()],
            codec: if is_folded { CompressionCodec::ZSTD } else { CompressionCodec::UNCOMPRESSED },
            num_values: count,
            total_uncompressed_size: len,
            total_compressed_size: len,
            key_value_metadata: None,
            data_page_offset: 4,
            index_page_offset: None,
            dictionary_page_offset: None,
            statistics: None,
            encoding_stats: None,
            bloom_filter_offset: None,
            bloom_filter_length: None,
            size_statistics: None,
        };
        let chunk = ColumnChunk {
            file_path: None,
            file_offset: 4,
            meta_data: Some(chunk),
            offset_index_offset: None,
            offset_index_length: None,
            column_index_offset: None,
            column_index_length: None,
            crypto_metadata: None,
            encrypted_column_metadata: None,
        };
        let group = RowGroup {
            columns: vec![chunk],
            total_byte_size: len,
            num_rows: count,
            sorting_columns: None,
            file_offset: None,
            total_compressed_size: None,
            ordinal: None,
        };
        let optional = if has_gaps { FieldRepetitionType::OPTIONAL } else { FieldRepetitionType::REQUIRED };
        let element = |name: &str, kind: Option<Type>, children: Option<i32>| SchemaElement {
            type_: kind,
            type_length: None,
            repetition_type: kind.map(|_| optional),
            name: name.to_owned(),
            num_children: children,
            converted_type: None,
            scale: None,
            precision: None,
            field_id: None,
            logical_type: None,
        };
        let footer = FileMetaData {
            version: 2,
            schema: vec![element("table", None, Some(1)), element("x", Some(kind), None)],
            num_rows: count,
            row_groups: vec![group],
            key_value_metadata: None,
            created_by: None,
            column_orders: None,
            encryption_algorithm: None,
            footer_signing_key_metadata: None,
        };
        let footer = thrift(|out| {
            footer.write_to_out_protocol(out).expect("written");
        });
        let end = (footer.len() as u32).to_le_bytes();
        [&b"PAR1"[..], &header, &body, &footer, &end, b"PAR1"].concat()
    }

    /// What polars reads of the file, in a text.
    fn read(bytes: &[u8]) -> String {
        let frame = ParquetReader::new(std::io::Cursor::new(bytes)).finish().expect("a file");
        let column = &frame.columns()[0];
        let texts = (0..frame.height()).map(|row| format!("{:?}", column.get(row).expect("a row")));
        texts.collect::<Vec<_>>().join(" ")
    }

    /// Blocks of 128 numbers in four parts, all of which go up by what `up` says twice.
    fn numbers(count: u8, first: u8, up: u8) -> Vec<u8> {
        vec![128, 1, 4, count, 2 * first, up, 0, 0, 0, 0]
    }

    #[test]
    fn pages_of_differences_are_followed_behind_levels_and_compression() {
        let texts = [numbers(2, 0, 6), numbers(2, 5, 4), b"Helloicopter".to_vec()].concat();
        let lengths = [numbers(2, 3, 2), b"oneFour".to_vec()].concat();
        for (has_gaps, is_folded) in [(false, false), (true, false), (false, true), (true, true)] {
            let (int, text) = (Type::INT64, Type::BYTE_ARRAY);
            let file =
                |encoding, kind, page: &[u8], values| file(encoding, kind, page, values, has_gaps, is_folded);
            let size = |bytes: &[u8]| check(bytes, bytes.len() as u64).map(|_| ());
            let good = file(Encoding::DELTA_BINARY_PACKED, int, &numbers(3, 7, 4), 3);
            assert!(size(&good).is_ok());
            assert_eq!(read(&good), "Int64(7) Int64(9) Int64(11)");
            let good = file(Encoding::DELTA_LENGTH_BYTE_ARRAY, text, &lengths, 2);
            assert!(size(&good).is_ok() && read(&good).contains("111, 110, 101"), "{}", read(&good));
            let good = file(Encoding::DELTA_BYTE_ARRAY, text, &texts, 2);
            assert_eq!(size(&good), Ok(()));
            // A page of three values that says of itself that it has a hundred.
            for (encoding, kind) in [
                (Encoding::DELTA_BINARY_PACKED, int),
                (Encoding::DELTA_LENGTH_BYTE_ARRAY, text),
                (Encoding::DELTA_BYTE_ARRAY, text),
            ] {
                let page = [numbers(100, 0, 0), numbers(100, 0, 0)].concat();
                assert_eq!(size(&file(encoding, kind, &page, 3)), Err(Wrong::Damaged), "{encoding:?}");
                assert_eq!(size(&file(encoding, kind, &page, 100)), Ok(()), "{encoding:?}");
            }
        }
    }

    #[test]
    fn texts_that_repeat_others_count_as_what_they_come_to() {
        // 4,000 texts, each with 100 bytes beyond the one before (zigzag 200): 100 times 4,000 times 3,999 halves are
        // 799,800,000 bytes, of which 268,435,456 may be.
        let front = |first: &[u8]| [&[128, 1, 4, 0xa0, 0x1f], first].concat();
        let prefixes = [front(&[0]), [200, 1, 0, 0, 0, 0].repeat(32)].concat();
        let suffixes = [front(&[200, 1]), [0; 5].repeat(32)].concat();
        let page = [prefixes, suffixes, vec![b'x'; 400_000]].concat();
        let bytes = file(Encoding::DELTA_BYTE_ARRAY, Type::BYTE_ARRAY, &page, 4_000, false, true);
        assert_eq!(check(&bytes, bytes.len() as u64), Err(Wrong::Unfolds));
        // Among as many bytes as make it plausible it is fine.
        assert!(check(&bytes, 10 << 20).is_ok());
    }

    #[test]
    fn a_page_of_more_values_than_its_column_is_none() {
        let plain = |bytes: &[u8], values| file(Encoding::PLAIN, Type::INT64, bytes, values, false, false);
        let good = plain(&[7, 0, 0, 0, 0, 0, 0, 0], 1);
        assert!(check(&good, good.len() as u64).is_ok());
        assert_eq!(read(&good), "Int64(7)");
        for encoding in [Encoding::PLAIN, Encoding::BYTE_STREAM_SPLIT, Encoding::DELTA_BINARY_PACKED] {
            let bytes = file(encoding, Type::INT64, &[0; 8], i32::MAX, false, false);
            assert_eq!(check(&bytes, bytes.len() as u64), Err(Wrong::Unfolds), "{encoding:?}");
        }
    }
}
