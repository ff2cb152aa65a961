//! Rows as files: what stands between cells, how characters become bytes, and what those are packed into.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use encoding_rs::GB18030;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::text::quoted;

/// How characters become bytes.
#[derive(Clone, Copy)]
pub enum Encoding {
    Utf8,
    /// With a byte order mark.
    Utf8Bom,
    Gb18030,
    /// With a byte order mark.
    Utf16Le,
    /// Without one.
    Utf16Be,
}

/// What the bytes are packed into.
#[derive(Clone, Copy)]
pub enum Container {
    Plain,
    Gz,
    Zst,
    /// A workbook whose cells are all text, as platforms write them to keep long ids whole.
    TextWorkbook,
    /// A workbook with numbers and dates, as a person saves one.
    Workbook,
}

/// How rows become a file.
#[derive(Clone, Copy)]
pub struct Dress {
    pub delimiter: char,
    pub line_end: &'static str,
    /// Whether cells that need quotes get them.
    pub is_quoted: bool,
    pub encoding: Encoding,
    pub container: Container,
}

impl Dress {
    /// Plain comma-separated text.
    pub const CSV: Self = Self {
        delimiter: ',',
        line_end: "\n",
        is_quoted: true,
        encoding: Encoding::Utf8,
        container: Container::Plain,
    };

    /// As programs on a Chinese Windows write it.
    pub const GBK: Self = Self { line_end: "\r\n", encoding: Encoding::Gb18030, ..Self::CSV };
}

/// A file being written row by row.
pub struct Sheet {
    columns: Vec<&'static str>,
    dress: Dress,
    out: Out,
}

enum Out {
    Plain(BufWriter<File>),
    Gz(Box<GzEncoder<BufWriter<File>>>),
    Zst(zstd::Encoder<'static, BufWriter<File>>),
    Workbook { sheet: Box<Worksheet>, rows: u32, path: PathBuf },
}

impl Sheet {
    /// Creates the file and writes its headers, which come one a line.
    pub fn create(path: &Path, dress: Dress, headers: &'static str) -> io::Result<Self> {
        let out = match dress.container {
            Container::Plain => Out::Plain(create(path)?),
            Container::Gz => Out::Gz(Box::new(GzEncoder::new(create(path)?, Compression::default()))),
            Container::Zst => Out::Zst(zstd::Encoder::new(create(path)?, 0)?),
            Container::TextWorkbook | Container::Workbook => {
                Out::Workbook { sheet: Box::new(Worksheet::new()), rows: 0, path: path.to_path_buf() }
            }
        };
        let columns: Vec<&'static str> = headers.lines().collect();
        let mut sheet = Self { columns: columns.clone(), dress, out };
        match dress.encoding {
            Encoding::Utf8Bom => sheet.out.write_all(b"\xEF\xBB\xBF")?,
            Encoding::Utf16Le => sheet.out.write_all(b"\xFF\xFE")?,
            Encoding::Utf8 | Encoding::Gb18030 | Encoding::Utf16Be => {}
        }
        sheet.line(&columns)?;
        Ok(sheet)
    }

    /// Writes one row. A header that occurs twice means its first column.
    pub fn write(&mut self, row: &[(&str, String)]) -> io::Result<()> {
        let mut cells = vec![""; self.columns.len()];
        for (header, cell) in row {
            // A misspelt header would leave its column blank without anyone noticing.
            let column = self.columns.iter().position(|column| column.trim() == *header);
            let column = column.ok_or_else(|| io::Error::other(format!("no column is called {header}")))?;
            cells[column] = cell;
        }
        self.line(&cells)
    }

    /// Writes what is left.
    pub fn finish(self) -> io::Result<()> {
        match self.out {
            Out::Plain(mut out) => out.flush(),
            Out::Gz(out) => out.finish()?.flush(),
            Out::Zst(out) => out.finish()?.flush(),
            Out::Workbook { sheet, path, .. } => {
                let mut workbook = Workbook::new();
                workbook.push_worksheet(*sheet);
                workbook.save(path).map_err(io::Error::other)
            }
        }
    }

    fn line(&mut self, cells: &[&str]) -> io::Result<()> {
        let Dress { delimiter, line_end, is_quoted, encoding, container } = self.dress;
        if let Out::Workbook { sheet, rows, .. } = &mut self.out {
            let is_typed = matches!(container, Container::Workbook);
            workbook_row(sheet, *rows, cells, is_typed).map_err(io::Error::other)?;
            *rows += 1;
            return Ok(());
        }
        let mut text = String::new();
        for (i, cell) in cells.iter().enumerate() {
            if i > 0 {
                text.push(delimiter);
            }
            text.push_str(&if is_quoted { quoted(cell, delimiter) } else { Cow::Borrowed(*cell) });
        }
        text.push_str(line_end);
        self.out.write_all(&encode(&text, encoding))
    }
}

impl Out {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.write_all(bytes),
            Self::Gz(out) => out.write_all(bytes),
            Self::Zst(out) => out.write_all(bytes),
            // Workbooks take cells, see `line`.
            Self::Workbook { .. } => Ok(()),
        }
    }
}

/// Creates a file, and the folder it is in.
pub fn create(path: &Path) -> io::Result<BufWriter<File>> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(BufWriter::with_capacity(1 << 20, File::create(path)?))
}

fn encode(text: &str, encoding: Encoding) -> Cow<'_, [u8]> {
    match encoding {
        Encoding::Utf8 | Encoding::Utf8Bom => Cow::Borrowed(text.as_bytes()),
        Encoding::Gb18030 => GB18030.encode(text).0,
        Encoding::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Encoding::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    }
}

fn workbook_row(sheet: &mut Worksheet, row: u32, cells: &[&str], is_typed: bool) -> Result<(), XlsxError> {
    let is_time = |cell: &str| NaiveDateTime::parse_from_str(cell, "%Y-%m-%d %H:%M:%S").is_ok();
    for (column, &cell) in (0_u16..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
        if is_typed && is_time(cell) {
            let format = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
            sheet.write_datetime_with_format(row, column, ExcelDateTime::parse_from_str(cell)?, &format)?;
        } else if let Some(amount) = cell.parse::<f64>().ok().filter(|_| is_typed && cell.contains('.')) {
            sheet.write_number(row, column, amount)?;
        } else {
            sheet.write_string(row, column, cell)?;
        }
    }
    Ok(())
}
