//! What no honest file reaches: how much one input may ask of the machine. All of it stands here, each with its reason,
//! and `ecrm define limits` says it to users (a test holds the two against each other). They bound what a file claims
//! and what one record may be, not the memory of rows that are read, of which a small file may unfold to many.

/// Bytes of a record of delimited text, and so of a cell. Notes and addresses come to kilobytes; where no record ends
/// within this, what is read is no table, and reading on would only fill the memory.
pub const MAX_RECORD_BYTES: usize = 16 << 20;

/// Bytes of a quoted cell. One that has not ended by then was never meant to be one: its quote is a stray.
pub const MAX_QUOTED_BYTES: usize = 4 << 20;

/// Columns of a table, as many as a sheet of Excel has.
pub const MAX_COLUMNS: usize = 16_384;

/// Rows of a sheet, as many as one of Excel has.
pub const MAX_SHEET_ROWS: u32 = 1_048_576;

/// Empty cells between the filled ones of all sheets of a workbook: one value in the last row of Excel and 64 columns.
pub const MAX_EMPTY_CELLS: u64 = 1 << 26;

/// Further empty cells for each filled one: sheets with many columns of which few are filled.
pub const MAX_EMPTY_PER_CELL: u64 = 16;

/// Bytes that the texts of all cells of a workbook, or its parts, may have in any case.
pub const MIN_WORKBOOK_BYTES: u64 = 128 << 20;

/// Bytes of either for each byte of the workbook, beyond [`MIN_WORKBOOK_BYTES`]. xlsx unfolds to about tenfold, ods to
/// near a hundredfold.
pub const MAX_WORKBOOK_RATIO: u64 = 128;

/// Bytes that a gz or zst file may unfold to in any case.
pub const MIN_UNFOLDED_BYTES: u64 = 1 << 30;

/// Bytes for each byte of a gz or zst file, beyond [`MIN_UNFOLDED_BYTES`]: exports that repeat themselves unfold to
/// some hundredfold, and gz reaches a thousandfold with nothing but one character.
pub const MAX_UNFOLDED_RATIO: u64 = 1_000;

/// Rows that a gz, zst or Parquet file may have in any case; each may be somebody else's event, of 410 bytes of memory
/// in a report.
pub const MIN_UNFOLDED_ROWS: u64 = 2_000_000;

/// Bytes of such a file for each of its rows, beyond [`MIN_UNFOLDED_ROWS`]: a day, an amount and an id that differ from
/// row to row take more, however well they are packed.
pub const MIN_ROW_BYTES: u64 = 2;

/// Cells that a row group of a Parquet file may hold in any case: it is in memory as a whole. Writers make groups of a
/// million rows, of which this is 64 columns.
pub const MIN_GROUP_CELLS: u64 = 1 << 26;

/// Cells of a row group for each byte of the file, beyond [`MIN_GROUP_CELLS`]: exports have columns that are empty.
pub const MAX_GROUP_RATIO: u64 = 32;

/// Bytes that the pages of a row group may unfold to in any case.
pub const MIN_GROUP_BYTES: u64 = 256 << 20;

/// Bytes of them for each byte of the file, beyond [`MIN_GROUP_BYTES`]: texts that repeat themselves unfold to more
/// than thirtyfold.
pub const MAX_GROUP_BYTES_RATIO: u64 = 128;

/// Cells of a whole Parquet file in any case.
pub const MIN_PARQUET_CELLS: u64 = 1 << 28;

/// Cells of it for each of its bytes, beyond [`MIN_PARQUET_CELLS`]: four times what columns of one value come to.
pub const MAX_PARQUET_RATIO: u64 = 64;

/// Structures within one another in the footer of a Parquet file.
pub const MAX_NESTING: usize = 64;

/// Quarantined rows of a file, which are kept with their text for `--rejects`. One with more is not what it was taken
/// for.
pub const MAX_REJECTS: usize = 2_000_000;

/// Distinct words of statuses that `check` counts one by one; the rows of all others are counted together.
pub const MAX_STATUS_WORDS: usize = 1_000;

/// Bytes of an error or a hint: more than fits a screen tells nobody anything.
pub const MAX_SAID_BYTES: usize = 4 << 10;

/// Different items of an order of which pairs are made: they go up with the square, and who buys so many at once stocks
/// a shop.
pub const MAX_BASKET: usize = 500;

/// How many rows a gz, zst or Parquet file of so many bytes may have.
pub fn most_rows(size: u64) -> u64 {
    MIN_UNFOLDED_ROWS.max(size / MIN_ROW_BYTES)
}

/// The greater of what anything may have and what is fair for something of `size` bytes.
pub fn at_most(least: u64, ratio: u64, size: u64) -> u64 {
    least.max(size.saturating_mul(ratio))
}
