//! Checks that apply to the records of every table: number of cells, encoding, and why a record cannot be read.

use std::borrow::Cow;

use crate::parse::encoding::CellEncoding;
use crate::parse::layout::Layout;
use crate::parse::options::IdKind;
use crate::parse::records::Record;
use crate::parse::sections::{self, Header};
use crate::parse::value::id::{self, Id};
use crate::schema::reject::Reason;
use crate::schema::{Field, squash};
use crate::text;

/// Why a record gives no row.
#[derive(Debug)]
pub enum Refusal<'a> {
    /// Unreadable: the reason, the column, and its text as UTF-8.
    Broken(Reason, Option<usize>, Cow<'a, [u8]>),
    /// Only empty cells.
    Blank,
    /// The header again.
    Header,
    /// A closing total of a report.
    Total,
    /// A line of text below a report.
    Remark,
    /// A record that is not a sale.
    NoSale,
    /// Its amount is in another currency than the one asked for.
    OtherCurrency,
}

/// The customer of a record.
#[derive(Debug, Clone)]
pub enum Customer<'a> {
    /// The record does not say.
    Unknown,
    /// The platform has masked it.
    Masked,
    /// The id and which column it came from.
    Known(Cow<'a, [u8]>, IdKind),
}

/// The shape of a file's records.
#[derive(Debug)]
pub struct Shape {
    /// Number of cells in the header.
    pub width: usize,
    /// Number of cells up to the last one that a row must have.
    min_width: usize,
    /// Number of cells up to the last one with a header.
    filled: usize,
    headers: Vec<String>,
    encoding: CellEncoding,
    /// Texts in the lines below the rows, in lower case.
    footer: Vec<String>,
}

impl Shape {
    /// The shape of records under a layout's header.
    pub fn new(layout: &Layout) -> Self {
        let summed = layout.sums.values().flat_map(|(plus, minus)| plus.iter().chain(minus));
        let columns = layout.columns.iter().filter(|(field, _)| !OPTIONAL.contains(field));
        let last = columns.flat_map(|(_, columns)| columns).chain(summed).max();
        let headers = layout.headers.clone();
        Self {
            width: headers.len(),
            min_width: last.map_or(0, |last| last + 1),
            filled: headers.iter().rposition(|header| !header.is_empty()).map_or(0, |last| last + 1),
            headers,
            encoding: layout.encoding,
            footer: layout.preset.footer.iter().map(|text| text.to_lowercase()).collect(),
        }
    }

    /// Checks the number of cells and the quotes.
    pub fn check<'a>(&self, record: &Record<'a>) -> Result<(), Refusal<'a>> {
        if record.is_unclosed {
            return Err(Refusal::Broken(Reason::UnclosedQuote, None, Cow::Borrowed(b"")));
        }
        let width = record.len();
        // Spreadsheets leave out the delimiters of empty last cells; the last line of a file may have been cut off.
        if width < self.min_width || (width < self.filled && record.has_no_line_end()) {
            if record.is_blank() {
                return Err(Refusal::Blank);
            }
            if self.is_total(record) {
                return Err(Refusal::Total);
            }
            let seen = format!("{width} cells").into_bytes();
            return Err(Refusal::Broken(Reason::TooFewCells, None, Cow::Owned(seen)));
        }
        if width > self.width && (self.width..width).any(|i| !record.cell(i).trim_ascii().is_empty()) {
            let seen = format!("{width} cells").into_bytes();
            return Err(Refusal::Broken(Reason::TooManyCells, None, Cow::Owned(seen)));
        }
        Ok(())
    }

    /// The refusal to report, after checking whether the record was meant to be a row at all.
    pub fn settled<'a>(&self, record: &Record<'a>, refusal: Refusal<'a>) -> Refusal<'a> {
        match refusal {
            Refusal::Broken(..) if record.is_blank() => Refusal::Blank,
            Refusal::Broken(..) if self.is_any_header(record) => Refusal::Header,
            Refusal::Broken(..) if self.is_total(record) => Refusal::Total,
            Refusal::Broken(..) if self.is_remark(record) => Refusal::Remark,
            refusal => refusal,
        }
    }

    /// A cell as UTF-8.
    pub fn text<'a>(&self, record: &Record<'a>, column: usize) -> Result<Cow<'a, [u8]>, Refusal<'a>> {
        match self.encoding.decode(record.cell(column)) {
            Some(text) => Ok(text),
            None => Err(self.broken(Reason::BadEncoding, record, column)),
        }
    }

    /// The refusal of a record because of one cell.
    pub fn broken<'a>(&self, reason: Reason, record: &Record<'a>, column: usize) -> Refusal<'a> {
        let seen = self.encoding.lossy(&record.cell(column)).into_owned();
        Refusal::Broken(reason, Some(column), Cow::Owned(seen.into_bytes()))
    }

    /// A record as it stands in the file, for display.
    pub fn raw(&self, record: &Record<'_>) -> String {
        self.encoding.lossy(record.raw()).into_owned()
    }

    /// The id in a cell.
    pub fn id<'a>(&self, record: &Record<'a>, column: usize) -> Result<CellId<'a>, Refusal<'a>> {
        let cell = self.text(record, column)?;
        id_of(cell).map_err(|cell| Refusal::Broken(Reason::RoundedId, Some(column), cell))
    }

    /// The customer, from the first column that names one; the most trusted column is first.
    pub fn customer<'a>(
        &self,
        record: &Record<'a>,
        columns: &[(usize, IdKind)],
    ) -> Result<Customer<'a>, Refusal<'a>> {
        let mut found = Customer::Unknown;
        for &(column, kind) in columns {
            match self.id(record, column)? {
                CellId::Null | CellId::StandIn => {}
                CellId::Masked => found = Customer::Masked,
                CellId::Text(text) => return Ok(Customer::Known(kind.normalised(text), kind)),
            }
        }
        Ok(found)
    }

    /// Whether this is a header again: in another spelling, with other columns, or in another order.
    pub fn is_any_header(&self, record: &Record<'_>) -> bool {
        self.is_header(record) || sections::is_other_header(record, &self.headers, self.encoding)
    }

    /// Whether the first cell is one of the headers, so that this may be a header again. For tables without dates;
    /// elsewhere a header would be refused for its date.
    pub fn begins_as_header(&self, record: &Record<'_>) -> bool {
        let first = record.cell(0);
        let is_headers = |header: &String| header.as_bytes() == first.as_ref();
        first.last().is_some_and(|byte| !byte.is_ascii_digit()) && self.headers.iter().any(is_headers)
    }

    /// The header in this record; `index` is its place in the block.
    pub fn header(&self, record: &Record<'_>, index: u64) -> Header {
        Header { index, cells: sections::cells(record, self.encoding) }
    }

    /// How a record below a header with other columns is refused.
    pub fn foreign<'a>(&self, record: &Record<'a>) -> Refusal<'a> {
        self.settled(record, Refusal::Broken(Reason::OtherColumns, None, Cow::Borrowed(b"")))
    }

    /// Whether this is the header again, in the same spelling.
    pub fn is_header(&self, record: &Record<'_>) -> bool {
        let is = |column: usize, header: &String| {
            let cell = record.cell(column);
            text::trim(self.encoding.lossy(&cell).as_bytes()) == header.as_bytes()
        };
        self.headers.iter().enumerate().all(|(column, header)| is(column, header))
    }

    /// The columns in front of the one that names the customer (or all, if none does) that hold a stand-in.
    pub fn stand_ins<'a>(
        &self,
        record: &Record<'a>,
        columns: &[(usize, IdKind)],
    ) -> impl Iterator<Item = (usize, Cow<'a, [u8]>)> {
        let cells = columns.iter().map(|(column, _)| (*column, self.id(record, *column)));
        let cells = cells.take_while(|(_, id)| !matches!(id, Ok(CellId::Text(_))));
        let cells = cells.filter(|(_, id)| matches!(id, Ok(CellId::StandIn)));
        cells.filter_map(|(column, _)| Some((column, self.text(record, column).ok()?)))
    }

    /// Whether any cell has a text that the platform writes below its reports.
    fn is_remark(&self, record: &Record<'_>) -> bool {
        let has = |column: usize| {
            let cell = record.cell(column);
            let text = self.encoding.lossy(&cell).to_lowercase();
            self.footer.iter().any(|footer| text.contains(footer))
        };
        !self.footer.is_empty() && (0..record.len()).any(has)
    }

    /// Whether the first filled cell marks a closing total.
    fn is_total(&self, record: &Record<'_>) -> bool {
        let first = (0..record.len()).map(|i| record.cell(i)).find(|cell| !cell.trim_ascii().is_empty());
        let Some(text) = first.and_then(|cell| self.encoding.decode(cell)) else { return false };
        closes(&String::from_utf8_lossy(&text))
    }
}

/// Whether the first filled cell of a row marks a closing total.
pub(super) fn closes(cell: &str) -> bool {
    const WORDS: [&str; 16] = [
        "总计",
        "合计",
        "合計",
        "total",
        "totals",
        "grandtotal",
        "gesamt",
        "summe",
        "totale",
        "totaal",
        "totaux",
        "razem",
        "toplam",
        "итого",
        "합계",
        "tổngcộng",
    ];
    WORDS.contains(&squash(cell).trim_end_matches([':', '：']))
}

/// Fields that a row may lack.
const OPTIONAL: [Field; 48] = [
    Field::RefundAmount,
    Field::AfterSale,
    Field::AdjustedAmount,
    Field::PlatformId,
    Field::Shop,
    Field::ParentId,
    Field::CancelledAt,
    Field::ShippedAt,
    Field::DeliveredAt,
    Field::CompletedAt,
    Field::Gross,
    Field::Discount,
    Field::ShippingFee,
    Field::Tax,
    Field::CouponCode,
    Field::PaymentMethod,
    Field::Staff,
    Field::Company,
    Field::Note,
    Field::RefundReason,
    Field::IsPresale,
    Field::ProductId,
    Field::Title,
    Field::ItemKinds,
    Field::Variant,
    Field::Category,
    Field::LineNo,
    Field::Country,
    Field::Province,
    Field::City,
    Field::District,
    Field::Address,
    Field::Recipient,
    Field::Name,
    Field::Gender,
    Field::Birthday,
    Field::Level,
    Field::Wechat,
    Field::Qq,
    Field::RegisteredAt,
    Field::CardClaimedAt,
    Field::Source,
    Field::OptOut,
    Field::Blacklisted,
    Field::Rating,
    Field::Channel,
    Field::Delivered,
    Field::Cost,
];

/// The content of an id cell.
pub enum CellId<'a> {
    /// Nothing.
    Null,
    /// A name shared by all guests, or a spreadsheet error.
    StandIn,
    /// A value that the platform has masked.
    Masked,
    /// The id, borrowed where the cell is.
    Text(Cow<'a, [u8]>),
}

/// The id in a cell. The error is the cell, if it holds a rounded number.
fn id_of(cell: Cow<'_, [u8]>) -> Result<CellId<'_>, Cow<'_, [u8]>> {
    let found = match &cell {
        Cow::Borrowed(bytes) => id::parse(bytes),
        Cow::Owned(bytes) => {
            return match id::parse(bytes) {
                Id::Text(text) => Ok(CellId::Text(Cow::Owned(text.to_vec()))),
                Id::Null => Ok(CellId::Null),
                Id::StandIn => Ok(CellId::StandIn),
                Id::Masked => Ok(CellId::Masked),
                Id::Rounded => Err(cell),
            };
        }
    };
    match found {
        Id::Text(text) => Ok(CellId::Text(Cow::Borrowed(text))),
        Id::Null => Ok(CellId::Null),
        Id::StandIn => Ok(CellId::StandIn),
        Id::Masked => Ok(CellId::Masked),
        Id::Rounded => Err(cell),
    }
}

/// The columns that name customers, most trusted first, or only those of one kind.
pub fn customer_columns(layout: &Layout, key: Option<IdKind>) -> Vec<(usize, IdKind)> {
    let order = &layout.preset.customer_keys;
    let place = |kind: IdKind| order.iter().position(|other| *other == kind).unwrap_or(order.len());
    let mut kinds: Vec<_> =
        IdKind::FIELDS.iter().filter(|(_, kind)| key.is_none_or(|key| key == *kind)).collect();
    kinds.sort_by_key(|(_, kind)| place(*kind));
    let columns = kinds.into_iter().flat_map(|(field, kind)| {
        layout.columns.get(field).into_iter().flatten().map(move |&column| (column, *kind))
    });
    columns.collect()
}

#[cfg(test)]
mod tests {
    use super::closes;

    #[test]
    fn closing_totals_are_told_by_their_first_cell() {
        for cell in ["TOTAL", "Total:", "Grand Total", "合计", "合计：", "Summe", "Итого:"] {
            assert!(closes(cell), "{cell}");
        }
        for cell in ["", "Total wellness bar", "2024-01-03", "合计数量"] {
            assert!(!closes(cell), "{cell}");
        }
    }
}
