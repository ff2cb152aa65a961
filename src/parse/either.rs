//! Files that can be read as two tables. Rows that say what orders held, but not who bought or for how much, are items
//! if another input lists the orders, and orders themselves if none does. Only the other inputs can decide that. This
//! module finds such files and reads them either way.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::parse::SourceInfo;
use crate::parse::file::{Parsed, parse};
use crate::parse::input::add_row_findings;
use crate::parse::layout::{self, Layout, Recognised};
use crate::parse::options::ReadOptions;
use crate::parse::recognise::{open, recognise_text};
use crate::parse::source::{Input, Source};
use crate::schema::{Field, Table};

/// The second table that a file can be read as.
#[derive(Debug)]
pub struct Other {
    /// The table.
    pub table: Table,
    /// A question that only the user can answer before the file is read as that table: which of several columns is
    /// meant.
    pub question: Option<Error>,
}

impl Other {
    /// Finds the second table of a recognised file whose table the user did not name.
    pub(super) fn of(source: &Source, layout: &Layout, options: &ReadOptions) -> Option<Self> {
        let table = may_also_be(layout).filter(|_| options.preset.is_none())?;
        match layout::recognised(&source.name, source.head(), source.is_whole(), Some(table), options) {
            Ok(Recognised::As(_)) => Some(Self { table, question: None }),
            Ok(Recognised::Nothing(_)) => None,
            Err(question) => Some(Self { table, question: Some(question) }),
        }
    }
}

/// The second table that a layout can be read as.
pub fn may_also_be(layout: &Layout) -> Option<Table> {
    match layout.preset.table {
        Table::OrderItems => Some(Table::Orders),
        Table::Orders if layout.preset.items_of.is_some() || says_items_alone(layout) => {
            Some(Table::OrderItems)
        }
        _ => None,
    }
}

/// Whether a file with ordinary column names says when orders were placed and what they held, but neither who bought
/// nor for how much. Such a file may hold the items of orders that another file lists.
pub fn says_items_alone(layout: &Layout) -> bool {
    let has_items = layout.has(Field::ProductId) || layout.has(Field::Title);
    let has_buyer =
        [Field::CustomerId, Field::Email, Field::Phone].into_iter().any(|field| layout.has(field));
    let is_bare = layout.preset.is_generic() && (!layout.says_amounts() || !has_buyer);
    layout.preset.table == Table::Orders && is_bare && layout.has(Field::OrderId) && has_items
}

/// Reads a file again as its second table; `input` gives its bytes again.
///
/// # Errors
/// When it cannot be read as that table; the error names the file.
pub fn parse_other(input: &Input, info: &SourceInfo, table: Table, options: &ReadOptions) -> Result<Parsed> {
    let mut options = Cow::Borrowed(options);
    loop {
        let before = options.progress.so_far();
        let found = open(input, &options)?.files.into_iter().find(|found| found.source.name == info.name);
        let gone = || Error::Internal(format!("{} is not there any more", info.name));
        let (source, layout) = recognise_text(found.ok_or_else(gone)?.source, Some(table), &options)?;
        let mut other = [parse(source, layout, &options)?];
        let mut known = options.row_findings.clone();
        if add_row_findings(&mut other, &mut known).is_none() {
            let [mut other] = other;
            other.info.digest.clone_from(&info.digest);
            return Ok(other);
        }
        options.progress.back_to(before);
        options.to_mut().row_findings = known;
    }
}
