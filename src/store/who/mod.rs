//! Shows everything that a store holds of people, for their own information.

mod orders;

use std::collections::BTreeSet;
use std::path::Path;

use polars::prelude::*;

use super::erase::Theirs;
use super::frames;
use super::manifest::{Manifest, TablePart};
use super::names::Names;
use super::person::{Name, Person};
use super::record::Record;
use super::rows::contact_columns;
use super::search::{self, Found};
use super::segment::ORDER_ID;
use super::{Notice, Store, lock, table};
use crate::error::Result;
use crate::schema::{Key, Table, names};

/// Everything that is held of people.
#[derive(Debug)]
pub struct Held {
    /// The ids of the people as exports had them.
    pub ids: BTreeSet<String>,
    /// Contacts that the people share with others.
    pub shared: BTreeSet<String>,
    /// Ids of other people in whose orders a named contact occurs.
    pub others: BTreeSet<String>,
    /// By name, the rows of each table that has any; the last one has the rows that cannot be read.
    pub tables: Vec<(&'static str, DataFrame)>,
}

/// The column that says whether a later import replaced the row; it is kept until the store is compacted.
pub const IS_SUPERSEDED: &str = "is_superseded";
/// The table of rows that cannot be read.
pub const UNREADABLE: &str = "unreadable";
/// The column with the row as it is in the file.
pub const RAW: &str = "raw";
/// The column of phone numbers and e-mail addresses.
pub const CONTACT: &str = "contact";
/// The table of phone numbers and e-mail addresses.
pub const CONTACTS: &str = "contacts";

impl Store {
    /// Everything that is held of people, each named by an id, a phone number or an e-mail address. `note` is called
    /// when it has to wait for a process that removes files.
    ///
    /// # Errors
    /// When a name is unknown, or a file of the store is damaged.
    pub fn who(&self, names: &[String], note: &dyn Fn(Notice<'_>)) -> Result<Held> {
        let names = names.iter().map(|name| Name::of(name)).collect::<Result<Vec<_>>>()?;
        let _reading = lock::reader(self.folder(), note)?;
        let manifest = self.manifest()?;
        let found = search::find(self.folder(), &manifest, &names)?;
        let showing = Showing::new(self.folder(), &manifest, &found);
        let (orders, mut items) = showing.orders()?;
        let mut tables = vec![(Table::Orders.name(), orders)];
        for table in Table::ALL.iter().copied().filter(|table| *table != Table::Orders) {
            let rows = showing.table(table)?;
            match table.holds_items() {
                true => {
                    items = together(vec![items, rows])?;
                    tables.push((table.name(), std::mem::take(&mut items)));
                }
                false => tables.push((table.name(), rows)),
            }
        }
        tables.push((CONTACTS, showing.contacts()?));
        tables.push((UNREADABLE, showing.rejects()?));
        tables.retain(|(_, frame)| frame.height() > 0);
        Ok(Held { ids: found.ids, shared: found.shared, others: found.others, tables })
    }
}

struct Showing<'a> {
    folder: &'a Path,
    manifest: &'a Manifest,
    person: &'a Person,
    theirs: Theirs,
}

impl<'a> Showing<'a> {
    fn new(folder: &'a Path, manifest: &'a Manifest, found: &'a Found) -> Self {
        let customers = found.ids.iter().map(|id| Key::of(id.as_bytes())).collect();
        let theirs = Theirs { customers, orders: found.person.orders.clone() };
        Self { folder, manifest, person: &found.person, theirs }
    }

    /// Which rows belong to the people, or belong to their orders without naming a customer.
    fn rows_of(&self, frame: &DataFrame, is_item: bool) -> PolarsResult<Vec<bool>> {
        let key = |text: Option<&str>| text.map_or(Key::NONE, |text| Key::of(text.as_bytes()));
        let customers = frame.column(names::CUSTOMER_ID)?.str()?;
        let orders = match frame.get_column_index(ORDER_ID) {
            // It is looked up by row, which is slow in a column with many chunks.
            Some(_) => Some(frame.column(ORDER_ID)?.str()?.rechunk()),
            None => None,
        };
        let is_theirs = |(row, customer): (usize, Option<&str>)| {
            let order = orders.as_ref().map(|orders| key(orders.get(row)));
            self.theirs.has(key(customer), order)
                || (is_item && order.is_some_and(|order| self.theirs.orders.contains(&order)))
        };
        Ok(customers.iter().enumerate().map(is_theirs).collect())
    }

    /// The people's rows of another table, with all columns that its exports had.
    fn table(&self, table: Table) -> Result<DataFrame> {
        let mut found = Vec::new();
        for part in self.manifest.tables.iter().filter(|part| part.table == table) {
            let frame = frames::load(self.folder, &part.core, None)?;
            let is_theirs = self.rows_of(&frame, table.holds_items())?;
            if !is_theirs.contains(&true) {
                continue;
            }
            match table.holds_items() {
                true => found.extend(self.table_items(part)?),
                false => {
                    let more = match &part.more {
                        Some(file) => frames::load(self.folder, file, None)?,
                        None => DataFrame::default(),
                    };
                    // A word as the export writes it is shown beside what it was read as.
                    let more: Vec<Column> = more
                        .columns()
                        .iter()
                        .map(|column| match frame.get_column_index(column.name()) {
                            Some(_) => column.clone().with_name(format!("{}_text", column.name()).into()),
                            None => column.clone(),
                        })
                        .collect();
                    let frame = frame.hstack(&more)?;
                    found.push(frame.filter(&BooleanChunked::from_slice("theirs".into(), &is_theirs))?);
                }
            }
        }
        together(found)
    }

    fn table_items(&self, part: &TablePart) -> Result<Option<DataFrame>> {
        let (Some(file), Some(names)) = (&part.lines, &part.names) else { return Ok(None) };
        let lines = frames::load(self.folder, file, None)?;
        let order_ids = lines.column(ORDER_ID)?.str()?.clone();
        let is_own = |order: Option<&str>| {
            order.is_some_and(|order| self.theirs.orders.contains(&Key::of(order.as_bytes())))
        };
        let is_own: Vec<bool> = order_ids.iter().map(is_own).collect();
        let own = lines.filter(&BooleanChunked::from_slice("theirs".into(), &is_own))?;
        let of = own.column(ORDER_ID)?.clone();
        orders::items(&own, of, &Names::load(self.folder, names)?).map(Some)
    }

    fn contacts(&self) -> Result<DataFrame> {
        let of_segments =
            self.manifest.order_rows_held().flat_map(|part| part.phones.iter().chain(&part.mails));
        let of_tables = self.manifest.tables.iter().flat_map(|part| part.phones.iter().chain(&part.mails));
        let mut pairs: BTreeSet<(String, String)> = BTreeSet::new();
        for file in of_segments.chain(of_tables) {
            let frame = frames::load(self.folder, file, None)?;
            let (accounts, contacts) = contact_columns(&frame)?;
            for (account, contact) in accounts.iter().zip(contacts.iter()) {
                if let (Some(account), Some(contact)) = (account, contact)
                    && self.theirs.customers.contains(&Key::of(account.as_bytes()))
                {
                    pairs.insert((account.to_owned(), contact.to_owned()));
                }
            }
        }
        let (accounts, contacts): (Vec<String>, Vec<String>) = pairs.into_iter().unzip();
        let columns =
            vec![Column::new(names::CUSTOMER_ID.into(), accounts), Column::new(CONTACT.into(), contacts)];
        Ok(DataFrame::new_infer_height(columns)?)
    }

    fn rejects(&self) -> Result<DataFrame> {
        let mut found = Vec::new();
        for import in &self.manifest.imports {
            let Some(file) = &import.rejects else { continue };
            let layout = Record::load(self.folder, &import.record)?.info(import).layout;
            let rejects = table::rejects(self.folder, file, import)?;
            found.extend(rejects.into_iter().filter(|reject| self.person.is_in(&reject.raw, &layout)));
        }
        let text = |name: &str, text: fn(&crate::schema::reject::Reject) -> &str| {
            Column::new(name.into(), found.iter().map(text).collect::<Vec<_>>())
        };
        let columns = vec![
            text("file", |reject| &reject.file),
            Column::new("record".into(), found.iter().map(|reject| reject.record as i64).collect::<Vec<_>>()),
            text("reason", |reject| reject.reason.code()),
            text(RAW, |reject| &reject.raw),
        ];
        Ok(DataFrame::new_infer_height(columns)?)
    }
}

/// The rows of several files as one frame, with the columns that any of them has. Columns of different types become
/// texts.
fn together(frames: Vec<DataFrame>) -> Result<DataFrame> {
    let frames: Vec<DataFrame> = frames.into_iter().filter(|frame| frame.height() > 0).collect();
    let mut columns: Vec<(PlSmallStr, DataType)> = Vec::new();
    for column in frames.iter().flat_map(|frame| frame.columns()) {
        match columns.iter_mut().find(|(name, _)| name == column.name()) {
            Some((_, kind)) if kind != column.dtype() => *kind = DataType::String,
            Some(_) => {}
            None => columns.push((column.name().clone(), column.dtype().clone())),
        }
    }
    let mut all: Option<DataFrame> = None;
    for frame in frames {
        let same: PolarsResult<Vec<Column>> = columns
            .iter()
            .map(|(name, kind)| match frame.get_column_index(name) {
                Some(_) => frame.column(name)?.cast(kind),
                None => Ok(Column::full_null(name.clone(), frame.height(), kind)),
            })
            .collect();
        let frame = DataFrame::new(frame.height(), same?)?;
        match &mut all {
            Some(all) => drop(all.vstack_mut(&frame)?),
            None => all = Some(frame),
        }
    }
    Ok(all.unwrap_or_default())
}
