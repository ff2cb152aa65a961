//! What a Parquet file claims, checked before polars makes room for it: what its footer and the headers of its pages
//! say of sizes, against the size of the file.

use polars_parquet_format::thrift::protocol::TCompactInputProtocol;
use polars_parquet_format::{ColumnMetaData, FileMetaData, PageHeader, PageType, RowGroup, Type};

use crate::limits::{
    MAX_COLUMNS, MAX_GROUP_BYTES_RATIO, MAX_GROUP_RATIO, MAX_NESTING, MAX_PARQUET_RATIO, MIN_GROUP_BYTES,
    MIN_GROUP_CELLS, MIN_PARQUET_CELLS, at_most, most_rows,
};

/// Why a file is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It contradicts itself.
    Damaged,
    /// It has so many columns.
    Wide(usize),
    /// It unfolds to more than it may.
    Unfolds,
    /// It has more rows than so many.
    Long(u64),
}

/// Checks a file.
///
/// # Errors
/// When it is cut, damaged, or would take memory that its size does not make plausible.
pub(super) fn check(bytes: &[u8]) -> Result<(), Wrong> {
    let metadata = footer(bytes).ok_or(Wrong::Damaged)?;
    let leaves = check_schema(&metadata)?;
    let size = bytes.len() as u64;
    let most = most_rows(size);
    let rows = |group: &RowGroup| u64::try_from(group.num_rows).unwrap_or(0);
    if metadata.row_groups.iter().map(rows).fold(0, u64::saturating_add) > most {
        return Err(Wrong::Long(most));
    }
    let mut cells = 0_u64;
    for group in &metadata.row_groups {
        let own = check_group(bytes, group, &leaves)?;
        cells = cells.saturating_add(own);
    }
    if cells > at_most(MIN_PARQUET_CELLS, MAX_PARQUET_RATIO, size) { Err(Wrong::Unfolds) } else { Ok(()) }
}

/// The footer, which stands in front of its length and the last four bytes.
fn footer(bytes: &[u8]) -> Option<FileMetaData> {
    /// What a footer may take in memory for each of its bytes.
    const ROOM: usize = 64;
    const LEAST_ROOM: usize = 1 << 20;
    let (rest, len) = bytes.strip_suffix(b"PAR1")?.split_last_chunk::<4>()?;
    let start = rest.len().checked_sub(u32::from_le_bytes(*len) as usize)?;
    let footer = &rest[start..];
    let room = footer.len().saturating_mul(ROOM).max(LEAST_ROOM);
    FileMetaData::read_from_in_protocol(&mut TCompactInputProtocol::new(footer, room)).ok()
}

/// Checks how many columns there are, and how deep they are nested: what reads them calls itself for each level. Gives
/// how many bytes a value of each column has, in the order of the columns; 0 where values differ.
fn check_schema(metadata: &FileMetaData) -> Result<Vec<u64>, Wrong> {
    // Structures, of which the table itself is one, are elements beside the columns.
    if metadata.schema.len() > 2 * MAX_COLUMNS {
        return Err(Wrong::Wide(metadata.schema.len()));
    }
    let mut widths = Vec::new();
    // How many elements are still to come of each structure that has begun.
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
                widths.push(u64::try_from(width.unwrap_or(0)).map_err(|_| Wrong::Damaged)?);
            }
        }
        if open.len() > MAX_NESTING {
            return Err(Wrong::Damaged);
        }
    }
    if widths.len() > MAX_COLUMNS {
        return Err(Wrong::Wide(widths.len()));
    }
    Ok(widths)
}

/// Checks a row group; gives how many cells it has.
fn check_group(bytes: &[u8], group: &RowGroup, widths: &[u64]) -> Result<u64, Wrong> {
    /// What a cell takes in memory anyhow, which the bound of cells covers.
    const CELL_BYTES: u64 = 16;
    let size = bytes.len() as u64;
    let rows = u64::try_from(group.num_rows).map_err(|_| Wrong::Damaged)?;
    let (mut cells, mut unfolded) = (0_u64, 0_u64);
    if group.columns.len() != widths.len() {
        return Err(Wrong::Damaged);
    }
    for (column, width) in group.columns.iter().zip(widths) {
        let chunk = column.meta_data.as_ref().ok_or(Wrong::Damaged)?;
        let values = u64::try_from(chunk.num_values).map_err(|_| Wrong::Damaged)?;
        cells = cells.saturating_add(rows.max(values));
        if cells > at_most(MIN_GROUP_CELLS, MAX_GROUP_RATIO, size) {
            return Err(Wrong::Unfolds);
        }
        let pages = check_pages(bytes, chunk).ok_or(Wrong::Damaged)?;
        // Words of a dictionary are as wide as the column says wherever they stand.
        let wide = if *width > CELL_BYTES { values.saturating_mul(*width) } else { 0 };
        unfolded = unfolded.saturating_add(pages.max(wide));
        if unfolded > at_most(MIN_GROUP_BYTES, MAX_GROUP_BYTES_RATIO, size) {
            return Err(Wrong::Unfolds);
        }
    }
    Ok(cells)
}

/// Checks the pages of a column; gives how many bytes they say that they unfold to. None where they contradict the
/// column or the file.
fn check_pages(bytes: &[u8], chunk: &ColumnMetaData) -> Option<u64> {
    /// A header is some numbers, and perhaps the least and greatest value.
    const HEADER_ROOM: usize = 16 << 20;
    let start = usize::try_from(chunk.dictionary_page_offset.unwrap_or(chunk.data_page_offset)).ok()?;
    let end = start.checked_add(usize::try_from(chunk.total_compressed_size).ok()?)?;
    let mut rest = bytes.get(start..end)?;
    let (mut seen, mut unfolded) = (0_i64, 0_u64);
    while seen < chunk.num_values && !rest.is_empty() {
        let header =
            PageHeader::read_from_in_protocol(&mut TCompactInputProtocol::new(&mut rest, HEADER_ROOM))
                .ok()?;
        rest = rest.get(usize::try_from(header.compressed_page_size).ok()?..)?;
        unfolded += u64::try_from(header.uncompressed_page_size).ok()?;
        let values =
            match (header.data_page_header, header.data_page_header_v2, header.dictionary_page_header) {
                (Some(page), ..) if header.type_ == PageType::DATA_PAGE => page.num_values,
                (_, Some(page), _) if header.type_ == PageType::DATA_PAGE_V2 => {
                    let levels = [page.definition_levels_byte_length, page.repetition_levels_byte_length];
                    levels.iter().all(|len| *len >= 0).then_some(page.num_values)?
                }
                (.., Some(words)) if header.type_ == PageType::DICTIONARY_PAGE => {
                    // Each takes a byte, or is one of values that take none.
                    let fits = (0..=header.uncompressed_page_size.max(1)).contains(&words.num_values);
                    fits.then_some(0)?
                }
                _ => return None,
            };
        (0..=chunk.num_values - seen).contains(&i64::from(values)).then_some(())?;
        seen += i64::from(values);
    }
    Some(unfolded)
}
