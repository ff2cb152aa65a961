//! Files that may be read in two ways: rows that say of orders what they held are items of these where another file
//! lists them, and orders by themselves where none does. Which of the two they are only the other files can tell; here
//! stands which files are such ones, and both ways to read them.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::parse::SourceInfo;
use crate::parse::file::{Parsed, parse};
use crate::parse::input::see_told;
use crate::parse::layout::{self, Layout, Recognised};
use crate::parse::options::ReadOptions;
use crate::parse::recognise::{open, recognise_text};
use crate::parse::source::{Input, Source};
use crate::schema::{Field, Table};

/// The table that a file may be of beside the one that it was recognised as.
#[derive(Debug)]
pub struct Other {
    /// The table.
    pub table: Table,
    /// What only the user can say before it is read as that: which of several columns is meant.
    pub question: Option<Error>,
}

impl Other {
    /// Looks at the head of a file that was recognised, of which the user does not say what it is.
    pub(super) fn of(source: &Source, layout: &Layout, options: &ReadOptions) -> Option<Self> {
        let table = may_also_be(layout).filter(|_| options.preset.is_none())?;
        match layout::recognised(&source.name, source.head(), source.is_whole(), Some(table), options) {
            Ok(Recognised::As(_)) => Some(Self { table, question: None }),
            Ok(Recognised::Nothing(_)) => None,
            Err(question) => Some(Self { table, question: Some(question) }),
        }
    }
}

/// The table that a layout may be of, too.
pub fn may_also_be(layout: &Layout) -> Option<Table> {
    match layout.preset.table {
        Table::OrderItems => Some(Table::Orders),
        Table::Orders if layout.preset.items_of.is_some() || says_items_alone(layout) => {
            Some(Table::OrderItems)
        }
        _ => None,
    }
}

/// Whether a file under ordinary names says of orders when they were placed and what they hold, but not who bought or
/// for how much: it may be the items of orders that another file lists.
pub fn says_items_alone(layout: &Layout) -> bool {
    let has_items = layout.has(Field::ProductId) || layout.has(Field::Title);
    let has_buyer =
        [Field::CustomerId, Field::Email, Field::Phone].into_iter().any(|field| layout.has(field));
    let is_bare = layout.preset.is_generic() && (!layout.says_amounts() || !has_buyer);
    layout.preset.table == Table::Orders && is_bare && layout.has(Field::OrderId) && has_items
}

/// Reads a file that was parsed as something as the other table that it may be of; `input` gives its bytes again.
///
/// # Errors
/// When it cannot be read as that; the file is named.
pub fn parse_other(input: &Input, info: &SourceInfo, table: Table, options: &ReadOptions) -> Result<Parsed> {
    let mut options = Cow::Borrowed(options);
    loop {
        let before = options.progress.so_far();
        let found = open(input, &options)?.files.into_iter().find(|found| found.source.name == info.name);
        let gone = || Error::Internal(format!("{} is not there any more", info.name));
        let (source, layout) = recognise_text(found.ok_or_else(gone)?.source, Some(table), &options)?;
        let mut other = [parse(source, layout, &options)?];
        let mut known = options.told.clone();
        if see_told(&mut other, &mut known).is_none() {
            let [mut other] = other;
            other.info.digest.clone_from(&info.digest);
            return Ok(other);
        }
        options.progress.back_to(before);
        options.to_mut().told = known;
    }
}
