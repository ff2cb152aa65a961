//! Limits on what one input may ask of the machine, which no honest file reaches. All of them are here, each with its
//! reason. `ecrm define limits` lists them for users, and a test compares the two. They bound what a file claims and
//! the size of one record, but not the memory of the rows that are read: a small file may expand to many rows.

/// The most bytes of a record of delimited text, and so of a cell. Notes and addresses are kilobytes at most. If no
/// record ends within this length, the file is no table, and reading on would only fill the memory.
pub const MAX_RECORD_BYTES: usize = 16 << 20;

/// The most bytes of a quoted cell. If it does not end within this length, its opening quote is a stray one.
pub const MAX_QUOTED_BYTES: usize = 4 << 20;

/// The most columns of a table, as many as a sheet of Excel may have.
pub const MAX_COLUMNS: usize = 16_384;

/// The most rows of a sheet, as many as a sheet of Excel may have.
pub const MAX_SHEET_ROWS: u32 = 1_048_576;

/// The most empty cells between filled ones in all sheets of a workbook. This allows one value in the last row of Excel
/// and 64 columns.
pub const MAX_EMPTY_CELLS: u64 = 1 << 26;

/// Further empty cells allowed for each filled cell, for sheets with many columns of which few are filled.
pub const MAX_EMPTY_PER_CELL: u64 = 16;

/// Bytes that the texts of all cells of a workbook, or its unpacked parts, may always have.
pub const MIN_WORKBOOK_BYTES: u64 = 128 << 20;

/// Bytes of texts, or of unpacked parts, allowed for each byte of the workbook, if that is more than
/// [`MIN_WORKBOOK_BYTES`]. xlsx expands about ten times, ods almost a hundred times.
pub const MAX_WORKBOOK_RATIO: u64 = 128;

/// Bytes that a gz or zst file may always expand to.
pub const MIN_UNFOLDED_BYTES: u64 = 1 << 30;

/// Bytes allowed for each byte of a gz or zst file, if that is more than [`MIN_UNFOLDED_BYTES`]. Repetitive exports
/// expand some hundred times; gz reaches a thousand times only for a single repeated character.
pub const MAX_UNFOLDED_RATIO: u64 = 1_000;

/// Rows that a gz, zst or Parquet file may always have. Each may be an event of another customer, which takes 410 bytes
/// of memory in a report.
pub const MIN_UNFOLDED_ROWS: u64 = 2_000_000;

/// The least bytes of such a file per row, if that allows more than [`MIN_UNFOLDED_ROWS`]. A day, an amount and an id
/// that differ from row to row take more, however well they are compressed.
pub const MIN_ROW_BYTES: u64 = 2;

/// Cells that a row group of a Parquet file may always hold; a row group is in memory as a whole. Writers make groups
/// of a million rows, for which this allows 64 columns.
pub const MIN_GROUP_CELLS: u64 = 1 << 26;

/// Cells of a row group allowed for each byte of the file, if that is more than [`MIN_GROUP_CELLS`], because exports
/// have empty columns.
pub const MAX_GROUP_RATIO: u64 = 32;

/// Bytes that the pages of a row group may always expand to.
pub const MIN_GROUP_BYTES: u64 = 256 << 20;

/// Bytes of expanded pages allowed for each byte of the file, if that is more than [`MIN_GROUP_BYTES`]. Repetitive
/// texts expand more than thirty times.
pub const MAX_GROUP_BYTES_RATIO: u64 = 128;

/// Cells that a whole Parquet file may always hold.
pub const MIN_PARQUET_CELLS: u64 = 1 << 28;

/// Cells of a whole Parquet file allowed for each of its bytes, if that is more than [`MIN_PARQUET_CELLS`]. This is
/// four times what columns with a single value take.
pub const MAX_PARQUET_RATIO: u64 = 64;

/// The most nested structures in the footer of a Parquet file.
pub const MAX_NESTING: usize = 64;

/// The most quarantined rows of a file, which are kept with their text for `--rejects`. A file with more is not of the
/// table that it was taken for.
pub const MAX_REJECTS: usize = 2_000_000;

/// The most distinct status words that `check` counts one by one. The rows of all others are counted together.
pub const MAX_STATUS_WORDS: usize = 1_000;

/// The most bytes of an error or a hint. What does not fit on a screen is not read.
pub const MAX_SAID_BYTES: usize = 4 << 10;

/// The most different items of an order from which pairs are made. The number of pairs grows with the square, and an
/// order with so many items is stock for another shop.
pub const MAX_BASKET: usize = 500;

/// The most rows that a gz, zst or Parquet file of `size` bytes may have.
pub fn most_rows(size: u64) -> u64 {
    MIN_UNFOLDED_ROWS.max(size / MIN_ROW_BYTES)
}

/// The limit for something of `size` bytes: `least`, or `ratio` for each byte if that is more.
pub fn at_most(least: u64, ratio: u64, size: u64) -> u64 {
    least.max(size.saturating_mul(ratio))
}
