//! Opening inputs and recognising what they are.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::limits::MAX_COLUMNS;
use crate::locale::{Remark, Words};
use crate::parse::either::Other;
use crate::parse::encoding::{self, CellEncoding};
use crate::parse::layout::{self, Layout, no_such_header};
use crate::parse::source::{self, Input, Opened, Source, too_wide};
use crate::parse::{ReadOptions, SourceInfo};
use crate::schema::{Field, Table, squash};

/// Recognises a file from its head, without reading it; of a workbook the first sheet that is anything.
pub fn recognise(input: &Input, options: &ReadOptions) -> Result<SourceInfo> {
    let Found { source, layout, .. } = open(input, options)?.files.swap_remove(0);
    Ok(SourceInfo { name: source.name, layout, rows_read: 0, digest: None })
}

/// Refuses what `--map` names where no file has such a header.
///
/// # Errors
/// With the headers of the first file.
pub(crate) fn check_mapping<'s>(
    mut sources: impl Iterator<Item = &'s SourceInfo> + Clone,
    options: &ReadOptions,
) -> Result<()> {
    let has = |header: &String| {
        let wanted = squash(header);
        sources.clone().any(|source| source.layout.headers.iter().any(|header| squash(header) == wanted))
    };
    let nowhere: Vec<(Field, String)> =
        options.mapping.iter().filter(|(_, header)| !has(header)).cloned().collect();
    let error =
        sources.next().and_then(|source| no_such_header(&source.name, &source.layout.headers, &nowhere));
    error.map_or(Ok(()), Err)
}

/// A file, or a sheet of a workbook, that was recognised.
pub(crate) struct Found {
    pub source: Source,
    pub layout: Layout,
    /// What else it may be.
    pub other: Option<Other>,
}

/// What was found in an input.
pub(crate) struct FoundFiles {
    /// At least one.
    pub files: Vec<Found>,
    /// All its bytes, of a workbook or Parquet file that can be read only once.
    pub whole: Option<Arc<[u8]>>,
}

/// Opens an input and recognises it. A workbook gives every visible sheet that is recognised, of each table those that
/// are laid out as its first is; there is always at least one.
pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<FoundFiles> {
    let found = |(source, layout): (Source, Layout)| {
        let is_open = input.table.is_none();
        let other = if is_open { Other::of(&source, &layout, &made(&source, options)) } else { None };
        Found { source, layout, other }
    };
    let (opened, whole) = source::open(input, &options.progress, options.has_digests)?;
    options.kinds.see(&opened);
    let mut book = match opened {
        Opened::Text(source) | Opened::Parquet(source) => {
            let files = vec![found(recognise_text(source, input.table, options)?)];
            return Ok(FoundFiles { files, whole });
        }
        Opened::Workbook(book) => book,
    };
    let all = book.sheets();
    let wanted: Vec<String> = match &options.sheet {
        Some(sheet) if all.contains(sheet) => vec![sheet.clone()],
        Some(sheet) => {
            let values = [("seen", format!("{sheet:?}")), ("names", Words::names(all).to_string())];
            return Err(Error::input_of(input.name(), "no_sheet", &values));
        }
        None => book.visible_sheets(),
    };
    let (mut sheets_found, mut failures): (Vec<(String, Source, Layout)>, _) = (Vec::new(), Vec::new());
    let mut refused: Vec<(String, Error)> = Vec::new();
    for sheet in wanted {
        // A sheet gets its own name only beside others; what rows far down told of it goes by that one.
        let mut options = options.clone();
        let names = [input.name(), sheet_name(&input.name(), &sheet)];
        let own = names.iter().rev().find_map(|name| options.told.remove(name));
        options.told = own.map(|told| (input.name(), told)).into_iter().collect();
        let source = match book.sheet(&sheet)? {
            Ok(source) => source,
            Err(why) => {
                refused.push((sheet.clone(), book.refusal(&sheet, why)));
                continue;
            }
        };
        let headers = widest_row(source.head());
        match recognise_text(source, input.table, &options) {
            Ok((source, layout)) => {
                let is_of_table =
                    |(.., other): &&(String, Source, Layout)| other.preset.table == layout.preset.table;
                let first = sheets_found.iter().find(is_of_table);
                if first.is_none_or(|(.., first)| first.preset.name == layout.preset.name) {
                    sheets_found.push((sheet, source, layout));
                }
            }
            Err(error) => failures.push((sheet, headers, error)),
        }
    }
    // What is of no use says so only where nothing else is there.
    if sheets_found.iter().any(|(.., layout)| layout.preset.table != Table::None) {
        sheets_found.retain(|(.., layout)| layout.preset.table != Table::None);
    }
    let sheets: Vec<String> = sheets_found.iter().map(|(sheet, ..)| sheet.clone()).collect();
    if let Some((_, first, _)) = sheets_found.first_mut().filter(|_| sheets.len() < all.len()) {
        first.remarks.push(Remark::new("sheet").with("sheets", sheets.join(", ")).with("total", all.len()));
    }
    let refused_sheets = || refused.iter().map(|(sheet, _)| sheet.as_str()).collect::<Vec<_>>().join(", ");
    if let Some((_, first, _)) = sheets_found.first_mut().filter(|_| !refused.is_empty()) {
        first.remarks.push(Remark::new("sheets_refused").with("refused", refused_sheets()));
    }
    if sheets_found.is_empty() {
        // What is refused for its size is what there is to mend, whatever else is there.
        let first = refused.into_iter().next().map(|(_, error)| error);
        return Err(first.unwrap_or_else(|| no_sheet(&input.name(), failures)));
    }
    let named = |(sheet, mut source, layout): (String, Source, Layout)| -> Found {
        if sheets.len() > 1 {
            source.name = sheet_name(&source.name, &sheet);
        }
        found((source, layout))
    };
    Ok(FoundFiles { files: sheets_found.into_iter().map(named).collect(), whole })
}

/// The error for a workbook of which no sheet is recognised: each with its headers and why not.
fn no_sheet(name: &str, mut failures: Vec<(String, String, Error)>) -> Error {
    match failures.len() {
        0 => Error::input_of(name, "no_visible_sheets", &[]),
        1 => failures.remove(0).2,
        _ => {
            let sheets = failures.iter().map(|(sheet, headers, _)| format!("{sheet} ({headers})"));
            let sheets = sheets.collect::<Vec<_>>().join("; ");
            let message = Words::of("error", "no_sheet_recognised", &[("sheets", sheets)]);
            // What to do about the sheet that has most to it.
            failures.sort_by_key(|(_, headers, _)| std::cmp::Reverse(headers.matches(',').count()));
            match failures.remove(0).2.parts() {
                Ok((_, hint)) => Error::input(name, message, hint),
                Err(error) => error,
            }
        }
    }
}

/// The cells of the first of the widest rows at the top of a sheet, which are its headers most often.
fn widest_row(head: &[u8]) -> String {
    const MAX_ROWS: usize = 20;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(head);
    let rows = reader.records().map_while(std::result::Result::ok).take(MAX_ROWS);
    let cells = |row: csv::StringRecord| -> Vec<String> {
        row.iter().filter(|cell| !cell.trim().is_empty()).map(|cell| cell.trim().to_owned()).collect()
    };
    let widest = rows.map(cells).fold(
        Vec::new(),
        |widest: Vec<String>, row| {
            if row.len() > widest.len() { row } else { widest }
        },
    );
    widest.join(", ")
}

/// The name of one of several sheets of a workbook.
fn sheet_name(workbook: &str, sheet: &str) -> String {
    format!("{workbook} [{sheet}]")
}

/// How a text is read: what its file says of itself, and what is known of one that was made of cells.
fn made(source: &Source, options: &ReadOptions) -> ReadOptions {
    let options = ReadOptions { has_1904_dates: source.has_1904_dates, ..options.clone() };
    let encoding =
        if source.is_made || source.is_transcoded { Some(CellEncoding::Utf8) } else { options.encoding };
    let delimiter = if source.is_made { Some(b',') } else { options.delimiter };
    ReadOptions { encoding, delimiter, ..options }
}

/// Recognises a text, as one of a table where that is known.
pub(super) fn recognise_text(
    mut source: Source,
    table: Option<Table>,
    options: &ReadOptions,
) -> Result<(Source, Layout)> {
    let mut options = made(&source, options);
    if let Some(utf16) =
        options.encoding.and_then(CellEncoding::utf16).or_else(|| encoding::utf16(source.head()))
    {
        source = source.transcoded(utf16)?;
        options.encoding = Some(CellEncoding::Utf8);
    }
    let of = |options: &ReadOptions| {
        layout::recognise(&source.name, source.head(), source.is_whole(), table, options)
    };
    let asked = options.preset.as_ref().map(|preset| preset.table);
    let layout = match (of(&options), asked) {
        // A preset that was asked for is meant for the files of its table; others are what they are.
        (Err(error), Some(asked)) if table != Some(asked) => {
            let free = ReadOptions { preset: None, ..options.clone() };
            of(&free).ok().filter(|layout| layout.preset.table != asked).ok_or(error)?
        }
        (layout, _) => layout?,
    };
    if layout.headers.len() > MAX_COLUMNS {
        return Err(too_wide(&source.name, layout.headers.len()));
    }
    Ok((source, layout))
}
