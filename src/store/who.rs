//! All that a store holds of people, to be shown to them.

use std::collections::BTreeSet;
use std::path::Path;

use polars::prelude::*;

use super::erase::Theirs;
use super::frames;
use super::manifest::{Manifest, Segment, TablePart};
use super::names::Names;
use super::person::{Name, Person};
use super::record::Record;
use super::rows::{contact_columns, load_lines, replaced};
use super::search::{self, Found};
use super::segment::{AMOUNT, CREATED_ON, DISCOUNT, GROSS, LINE_COUNT, ORDER_ID, PAID_ON, QUANTITY};
use super::{Store, lock, table};
use crate::error::Result;
use crate::schema::money::{MISSING, SCALE};
use crate::schema::{Key, Status, Table, names, orders};

/// What is held of people.
#[derive(Debug)]
pub struct Held {
    /// Their ids as the exports had them.
    pub ids: BTreeSet<String>,
    /// Numbers and addresses of theirs that are others' too.
    pub shared: BTreeSet<String>,
    /// Ids of others in whose orders a number or address stands that was named.
    pub others: BTreeSet<String>,
    /// The rows of each table that has any, by its name; rows that cannot be read are the last.
    pub tables: Vec<(&'static str, DataFrame)>,
}

/// Whether a later import replaced the row, which is kept until the store is compacted.
pub const IS_SUPERSEDED: &str = "is_superseded";
/// The table of rows that cannot be read, and its column of what stands in the file.
pub const UNREADABLE: &str = "unreadable";
/// The row as it stands in the file.
pub const RAW: &str = "raw";
/// The column of phone numbers and e-mail addresses.
pub const CONTACT: &str = "contact";
/// The table of phone numbers and e-mail addresses.
pub const CONTACTS: &str = "contacts";

impl Store {
    /// All that is held of people, each named by an id, a phone number or an e-mail address.
    ///
    /// # Errors
    /// When nobody is known by one of the names, or a file of the store is damaged.
    pub fn who(&self, names: &[String]) -> Result<Held> {
        let names = names.iter().map(|name| Name::of(name)).collect::<Result<Vec<_>>>()?;
        let _reading = lock::reader(self.folder());
        let manifest = self.manifest()?;
        let found = search::find(self.folder(), &manifest, &names)?;
        let showing = Showing::new(self.folder(), &manifest, &found);
        let (orders, mut items) = showing.orders()?;
        let mut tables = vec![(Table::Orders.name(), orders)];
        for table in [Table::OrderItems, Table::Customers, Table::Events, Table::Sends] {
            let rows = showing.table(table)?;
            match table {
                Table::OrderItems => {
                    items = together(vec![items, rows])?;
                    tables.push((table.name(), std::mem::take(&mut items)));
                }
                _ => tables.push((table.name(), rows)),
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

    /// Which rows are theirs, or of their orders and nobody's.
    fn rows_of(&self, frame: &DataFrame, is_item: bool) -> PolarsResult<Vec<bool>> {
        let key = |text: Option<&str>| text.map_or(Key::NONE, |text| Key::of(text.as_bytes()));
        let customers = frame.column(names::CUSTOMER_ID)?.str()?;
        let orders = match frame.get_column_index(ORDER_ID) {
            Some(_) => Some(frame.column(ORDER_ID)?.str()?),
            None => None,
        };
        let is_theirs = |(row, customer): (usize, Option<&str>)| {
            let order = orders.map(|orders| key(orders.get(row)));
            self.theirs.has(key(customer), order)
                || (is_item && order.is_some_and(|order| self.theirs.orders.contains(&order)))
        };
        Ok(customers.iter().enumerate().map(is_theirs).collect())
    }

    /// Their orders, and what these hold.
    fn orders(&self) -> Result<(DataFrame, DataFrame)> {
        let (mut orders, mut items) = (Vec::new(), Vec::new());
        for segment in &self.manifest.segments {
            let core = frames::load(self.folder, &segment.core, None)?;
            let is_theirs = self.rows_of(&core, false)?;
            if !is_theirs.contains(&true) {
                continue;
            }
            let details = frames::load(self.folder, &segment.details, None)?;
            let frame = core.hstack(details.columns())?;
            let names = Names::load(self.folder, &segment.names)?;
            orders.push(self.order_rows(segment, &frame, &is_theirs, &names)?);
            items.extend(self.item_rows(segment, &frame, &is_theirs, &names)?);
        }
        Ok((together(orders)?, together(items)?))
    }

    fn order_rows(
        &self,
        segment: &Segment,
        frame: &DataFrame,
        is_theirs: &[bool],
        names: &Names,
    ) -> Result<DataFrame> {
        let replaced = replaced(self.folder, &segment.superseded)?;
        let rows = (0..).zip(is_theirs).filter(|(_, is_theirs)| **is_theirs).map(|(row, _)| row);
        let is_replaced: Vec<bool> = rows.map(|row: u32| replaced.binary_search(&row).is_ok()).collect();
        let own = frame.filter(&BooleanChunked::from_slice("theirs".into(), is_theirs))?;
        let regions: Vec<_> = numbers(&own, orders::REGION)?
            .into_iter()
            .map(|number| names.regions.list.get(number? as usize).map(|(region, _)| region))
            .collect();
        let region = |name: &str, part: fn(&crate::regions::Region) -> &str| {
            let texts = regions.iter().map(|region| region.map(part).filter(|text| !text.is_empty()));
            Column::new(name.into(), texts.collect::<Vec<_>>())
        };
        let sources = numbers(&own, orders::SOURCE)?;
        let sources: Vec<Option<&str>> = sources
            .into_iter()
            .map(|number| names.sources.list.get(number? as usize).map(|(source, _)| source.as_str()))
            .collect();
        let statuses = own.column(orders::STATUS)?.u8()?.clone();
        let statuses: Vec<Option<&str>> = statuses
            .iter()
            .map(|code| Status::ALL.get(usize::from(code?)).map(|status| status.name()))
            .collect();
        let mut columns: Vec<Column> = [ORDER_ID, names::CUSTOMER_ID, CREATED_ON, PAID_ON]
            .iter()
            .map(|name| own.column(name).cloned())
            .collect::<PolarsResult<_>>()?;
        columns.push(Column::new(orders::STATUS.into(), statuses));
        for name in [orders::PAID_AMOUNT, orders::REFUND_AMOUNT, GROSS, DISCOUNT, orders::COST] {
            columns.push(amounts(&own, name)?);
        }
        columns.push(region("country", |region| &region.country));
        columns.push(region("province", |region| &region.province));
        columns.push(region("city", |region| &region.city));
        columns.push(Column::new(orders::SOURCE.into(), sources));
        columns.push(Column::new(IS_SUPERSEDED.into(), is_replaced));
        Ok(DataFrame::new(own.height(), columns)?)
    }

    fn item_rows(
        &self,
        segment: &Segment,
        frame: &DataFrame,
        is_theirs: &[bool],
        names: &Names,
    ) -> Result<Option<DataFrame>> {
        let Some(file) = &segment.lines else { return Ok(None) };
        let lines = frames::load(self.folder, file, None)?;
        let counts = frame.column(LINE_COUNT)?.u32()?.clone();
        let order_ids = frame.column(ORDER_ID)?.str()?.clone();
        let (mut is_own, mut of) = (Vec::with_capacity(lines.height()), Vec::new());
        for ((count, order), is_theirs) in counts.iter().zip(order_ids.iter()).zip(is_theirs) {
            for _ in 0..count.unwrap_or(0) {
                is_own.push(*is_theirs);
                if *is_theirs {
                    of.push(order);
                }
            }
        }
        is_own.resize(lines.height(), false);
        let own = lines.filter(&BooleanChunked::from_slice("theirs".into(), &is_own))?;
        items(&own, Column::new(ORDER_ID.into(), of), names).map(Some)
    }

    /// Their rows of another table, with the columns that its exports had.
    fn table(&self, table: Table) -> Result<DataFrame> {
        let mut found = Vec::new();
        for part in self.manifest.tables.iter().filter(|part| part.table == table) {
            let frame = frames::load(self.folder, &part.core, None)?;
            let is_theirs = self.rows_of(&frame, table == Table::OrderItems)?;
            if !is_theirs.contains(&true) {
                continue;
            }
            match table {
                Table::OrderItems => found.extend(self.table_items(part)?),
                _ => {
                    let more = match &part.more {
                        Some(file) => frames::load(self.folder, file, None)?,
                        None => DataFrame::default(),
                    };
                    // A word as the export has it, beside what it was read as.
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
        items(&own, of, &Names::load(self.folder, names)?).map(Some)
    }

    fn contacts(&self) -> Result<DataFrame> {
        let of_segments =
            self.manifest.segments.iter().flat_map(|part| part.phones.iter().chain(&part.mails));
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
        let text = |name: &str, text: fn(&crate::ingest::reject::Reject) -> &str| {
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

fn numbers(frame: &DataFrame, name: &str) -> PolarsResult<Vec<Option<u32>>> {
    Ok(frame.column(name)?.u32()?.iter().collect())
}

/// Micro-units as exact decimals.
fn amounts(frame: &DataFrame, name: &str) -> PolarsResult<Column> {
    let micros = frame.column(name)?.i64()?.clone();
    Ok(decimals(name, micros.iter()))
}

fn decimals(name: &str, micros: impl Iterator<Item = Option<i64>>) -> Column {
    const DIGITS: usize = 38;
    let micros = micros.map(|micros| micros.filter(|micros| *micros != MISSING).map(i128::from));
    let micros: Vec<Option<i128>> = micros.collect();
    let column = Int128Chunked::from_iter_options(name.into(), micros.into_iter());
    column.into_decimal_unchecked(DIGITS, SCALE as usize).into_column()
}

/// Lines with their products in words.
fn items(lines: &DataFrame, orders: Column, names: &Names) -> Result<DataFrame> {
    let found = load_lines(lines)?;
    let product = |name: &str, part: fn(&crate::schema::items::Product) -> &str| {
        let texts = found.iter().map(|line| {
            let product = names.products.list.get(line.product as usize).map(|(product, _)| part(product));
            product.filter(|text| !text.is_empty())
        });
        Column::new(name.into(), texts.collect::<Vec<_>>())
    };
    Ok(DataFrame::new(
        found.len(),
        vec![
            orders,
            product("product_id", |product| &product.id),
            product("title", |product| &product.title),
            product("category", |product| &product.category),
            decimals(QUANTITY, found.iter().map(|line| Some(line.quantity))),
            decimals(AMOUNT, found.iter().map(|line| Some(line.amount))),
        ],
    )?)
}

/// Rows of several files as one frame, with the columns that any of them has; as texts where these differ in kind.
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
