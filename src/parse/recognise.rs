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

/// Recognises a file from its head, without reading it; for a workbook, its first sheet that is recognised.
pub fn recognise(input: &Input, options: &ReadOptions) -> Result<SourceInfo> {
    let Found { source, layout, .. } = open(input, options)?.files.swap_remove(0);
    Ok(SourceInfo { name: source.name, layout, rows_read: 0, digest: None })
}

/// Refuses a header in `--map` that no file has.
///
/// # Errors
/// With the headers of the first file in the text.
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

/// A recognised file or sheet of a workbook.
pub(crate) struct Found {
    pub source: Source,
    pub layout: Layout,
    /// The second table that it can be read as.
    pub other: Option<Other>,
}

/// The recognised files of an input.
pub(crate) struct FoundFiles {
    /// At least one.
    pub files: Vec<Found>,
    /// All its bytes, if it is a workbook or Parquet file that can be read only once.
    pub whole: Option<Arc<[u8]>>,
}

/// Opens an input and recognises it. A workbook gives all visible sheets that are recognised, per table those with the
/// same layout as the first; there is always at least one.
pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<FoundFiles> {
    let found = |(source, layout): (Source, Layout)| {
        let is_open = input.table.is_none();
        let other = if is_open { Other::of(&source, &layout, &made(&source, options)) } else { None };
        Found { source, layout, other }
    };
    let (opened, whole) = source::open(input, &options.progress, options.has_digests)?;
    options.kinds.note_kind(&opened);
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
        // A sheet has its own name only if there are several; what its rows showed on a first reading is kept under
        // that name.
        let mut options = options.clone();
        let names = [input.name(), sheet_name(&input.name(), &sheet)];
        let own = names.iter().rev().find_map(|name| options.row_findings.remove(name));
        options.row_findings = own.map(|row_findings| (input.name(), row_findings)).into_iter().collect();
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
    // Sheets that cannot be used are reported only if there are no others.
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
        // A sheet that is too large is the problem to report, whatever the others are.
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

/// The error for a workbook without a recognised sheet: lists each with its headers and the reason.
fn no_sheet(name: &str, mut failures: Vec<(String, String, Error)>) -> Error {
    match failures.len() {
        0 => Error::input_of(name, "no_visible_sheets", &[]),
        1 => failures.remove(0).2,
        _ => {
            let sheets = failures.iter().map(|(sheet, headers, _)| format!("{sheet} ({headers})"));
            let sheets = sheets.collect::<Vec<_>>().join("; ");
            let message = Words::of("error", "no_sheet_recognised", &[("sheets", sheets)]);
            // The hint is for the sheet with the most columns.
            failures.sort_by_key(|(_, headers, _)| std::cmp::Reverse(headers.matches(',').count()));
            match failures.remove(0).2.parts() {
                Ok((_, hint)) => Error::input(name, message, hint),
                Err(error) => error,
            }
        }
    }
}

/// The cells of the first of the widest rows at the top of a sheet, which is usually the header.
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

/// The name of one of several sheets of a workbook, for messages.
fn sheet_name(workbook: &str, sheet: &str) -> String {
    format!("{workbook} [{sheet}]")
}

/// The options for reading a text: with what the file says about itself, and what is known of a text made from cells.
fn made(source: &Source, options: &ReadOptions) -> ReadOptions {
    let options = ReadOptions { has_1904_dates: source.has_1904_dates, ..options.clone() };
    let encoding =
        if source.is_made || source.is_transcoded { Some(CellEncoding::Utf8) } else { options.encoding };
    let delimiter = if source.is_made { Some(b',') } else { options.delimiter };
    ReadOptions { encoding, delimiter, ..options }
}

/// Recognises a text; as a file of the given table if that is known.
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
        // A preset chosen by the user applies to files of its table; other files are recognised without it.
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
