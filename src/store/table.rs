//! Stores the rows of tables other than orders as files, in the order in which they came, and the rows that cannot be
//! read.
//!
//! | file | columns |
//! |---|---|
//! | core | `customer_id`; `order_id`, `kind`, `second` where the table has them; a column for each date; `gender`, `level`, `source`, `category`, `rating`; `country`, `province`, `city` |
//! | lines | `order_id` and the columns of an order's items; `refund_amount`, `cost`, and the items' own ids as `line_key`, where the file has them |
//! | more | the texts of all further columns as the export writes them, by the name of their field (`opt_out`, `campaign_id`, `unit_price` …); `attribute HEADER` is a column of customers that only this shop has |
//! | interests | for events, what questions about interests need: see [`interests`] |
//! | rejects | `record`, `reason`, `column`, `seen`, `raw` |

use std::collections::HashMap;
use std::path::Path;

use polars::prelude::*;

use super::files::Writing;
use super::frames::Size;
use super::manifest::{FileRef, Import, TablePart, damaged};
use super::names::Names;
use super::record::Record;
use super::segment::{COST, LINE_KEY, MAIL, ORDER_ID, PHONE, REFUND, frame_of_contacts, frame_of_lines};
use super::{Wanted, frames, ids, interests, moments, rows as order_rows};
use crate::error::Result;
use crate::parse::currencies::Currencies;
use crate::parse::layout::Layout;
use crate::parse::tables::items::{cost_of, given_back, is_cost_of_piece, line_key};
use crate::parse::tables::{Details, PlainTexts, TableRows, Texts};
use crate::parse::value::money::{self, DecimalMark};
use crate::regions::Region;
use crate::rows::ItemRows;
use crate::rows::dictionary::UNKNOWN;
use crate::schema::accounting::Rule;
use crate::schema::money::{MISSING, Micros};
use crate::schema::reject::{Reason, Reject};
use crate::schema::table::day_fields;
use crate::schema::{EventKind, Field, Key, Table, day, names};

pub(super) const KIND: &str = "kind";
pub(super) const SECOND: &str = "second";
const PLACE: [&str; 3] = ["country", "province", "city"];
/// Fields whose texts are stored in the core file.
const TEXTS: [Field; 5] = [Field::Gender, Field::Level, Field::Source, Field::Category, Field::Rating];

/// Writes the rows of an import's table; `number` is the number in the names of the files.
pub(super) fn save(writing: &Writing, number: u64, import: u64, rows: &TableRows) -> Result<TablePart> {
    let table = rows.table.unwrap_or(Table::None);
    let path = |what: &str| format!("{}/{number:06}{what}.parquet", table.name());
    let items = &rows.details.items;
    let has_lines = !items.lines.is_empty();
    let (phones, mails) = contacts(rows)?;
    let names = Names::of_products(items.products.clone());
    let (interests, stretches) = interests::save(writing, &path(".interests"), rows)?.unzip();
    let stretches = stretches.unwrap_or_default();
    Ok(TablePart {
        import,
        table,
        rows: rows.row_count,
        forgotten: 0,
        core: save_core(writing, &path(".core"), &core(rows)?, ROWS_IN_GROUP)?,
        lines: has_lines.then(|| frames::save_one(writing, &path(".lines"), lines(rows)?)).transpose()?,
        names: has_lines.then(|| frames::save_one(writing, &path(".names"), names.frame()?)).transpose()?,
        phones: (phones.height() > 0)
            .then(|| frames::save_one(writing, &path(".phones"), phones))
            .transpose()?,
        mails: (mails.height() > 0).then(|| frames::save_one(writing, &path(".mails"), mails)).transpose()?,
        more: more(rows)?.map(|frame| frames::save_one(writing, &path(".more"), frame)).transpose()?,
        interests,
        stretches,
    })
}

/// The number of rows in a row group of the core.
pub(super) const ROWS_IN_GROUP: usize = 1 << 17;

/// Writes the core in row groups with this number of rows, which can be read in parallel.
pub(super) fn save_core(writing: &Writing, path: &str, core: &DataFrame, rows: usize) -> Result<FileRef> {
    let groups = (0..core.height()).step_by(rows);
    let groups = groups.map(|start| Ok(core.slice(start as i64, rows)));
    frames::save(writing, path, Size::Small, core.schema(), groups)
}

/// Reads the rows of a table.
pub(super) fn load(
    folder: &Path,
    part: &TablePart,
    import: &Import,
    record: &Record,
    wanted: &Wanted,
) -> Result<TableRows> {
    let broken = |file: &FileRef| damaged(&folder.join(&file.path));
    let mut rows = TableRows {
        file: import.name.clone(),
        table: Some(part.table),
        row_count: part.rows,
        record_count: import.rows_read - part.forgotten,
        excluded: record.excluded(),
        words: record.words.clone(),
        decimal: record.decimal(),
        currencies: Currencies::of_rows(record.item_currencies.clone()),
        ..TableRows::default()
    };
    let is_bare = part.table == Table::Events && wanted.wants.details && wanted.wants.bare_events;
    // The question looks only at interests and purchases, and no customer has another id there.
    let is_of_interests = is_bare && wanted.wants.interests_alone && !wanted.has_aliases;
    let is_read = is_of_interests && interests::load(folder, part, wanted.wants.recent_interests, &mut rows)?;
    if !is_read && (!is_bare || !moments::load(folder, part, wanted, &mut rows)?) {
        let frame = frames::load(folder, &part.core, None)?;
        if frame.height() as u64 != part.rows {
            return Err(broken(&part.core));
        }
        read(&frame, &mut rows).map_err(|_| broken(&part.core))?;
    }
    if let Some(file) = part.phones.as_ref().filter(|_| wanted.phones || wanted.wants.phones) {
        rows.accounts = order_rows::load_phones(folder, file)?;
    }
    if let Some(file) = part.mails.as_ref().filter(|_| wanted.mails || wanted.wants.texts) {
        order_rows::load_mails(folder, file, &mut rows.accounts)?;
    }
    if !wanted.wants.details {
        // The texts of the ids that contacts refer to.
        let long = std::mem::take(&mut rows.details.long);
        let mut rows = without_details(rows);
        if wanted.phones || wanted.mails {
            rows.details.long = long;
        }
        return Ok(rows);
    }
    if let (Some(file), Some(names)) = (&part.lines, &part.names) {
        let products = Names::load(folder, names)?.products;
        let items = items_of(&frames::load(folder, file, None)?).map_err(|_| broken(file))?;
        rows.details.items = ItemRows { products, ..items };
        let layout = record.info(import).layout;
        if let Some(file) = part.more.as_ref().filter(|_| lacks_columns(&rows.details.items, &layout)) {
            let more = frames::load(folder, file, None)?;
            fill_in(&mut rows.details.items, &more, &layout, record.decimal()).map_err(|_| broken(file))?;
        }
    }
    // The same columns are read as from a file of this table.
    let declaration = part.table.declaration();
    let words = declaration.words(&wanted.wants);
    let wants_all = declaration.wants_texts(&wanted.wants);
    // Most words are not in the core but in this file; earlier versions kept some words in both.
    let is_elsewhere = |field: &Field| record.has(*field) && !rows.details.texts.contains_key(field);
    let is_read = wants_all || words.iter().any(is_elsewhere);
    if let Some(file) = part.more.as_ref().filter(|_| is_read) {
        let frame = frames::load(folder, file, None)?;
        for column in frame.columns() {
            let texts = column.str().map_err(|_| broken(file))?;
            let name = column.name().to_string();
            match name.parse::<Field>().ok().filter(|field| words.contains(field)) {
                Some(field) => drop(rows.details.texts.insert(field, numbered(texts))),
                None if wants_all => drop(rows.details.more.insert(name, plain(texts))),
                None => {}
            }
        }
    }
    Ok(rows)
}

/// Makes the rows like those of reading without details, in which events that say nothing about interest are left out.
fn without_details(mut rows: TableRows) -> TableRows {
    rows.details = Details::default();
    let ignored = rows.kinds.iter().filter(|kind| **kind == EventKind::Ignore).count();
    if ignored > 0 {
        let is_kept: Vec<bool> = rows.kinds.iter().map(|kind| *kind != EventKind::Ignore).collect();
        rows.retain(&is_kept);
        rows.excluded.add(Rule::OtherKind, ignored as u64);
    }
    rows
}

pub(super) fn id_column(name: &str, keys: &[Key], long: &HashMap<Key, Box<str>>) -> Column {
    let text = |key: &Key| {
        key.is_usable()
            .then(|| key.text().or_else(|| long.get(key).map(|text| text.to_string())).unwrap_or_default())
    };
    let mut column = StringChunkedBuilder::new(name.into(), keys.len());
    keys.iter().for_each(|key| column.append_option(text(key)));
    column.finish().into_column()
}

fn core(rows: &TableRows) -> Result<DataFrame> {
    let details = &rows.details;
    let mut columns = vec![id_column(names::CUSTOMER_ID, &rows.customers, &details.long)];
    if !rows.orders.is_empty() {
        columns.push(id_column(ORDER_ID, &rows.orders, &details.long));
    }
    if !rows.kinds.is_empty() {
        let kinds: Vec<&str> = rows.kinds.iter().map(|kind| kind.name()).collect();
        columns.push(Column::new(KIND.into(), kinds));
    }
    for (field, days) in &rows.days {
        let days = days.iter().map(|day| Some(*day).filter(|day| *day != day::MISSING));
        columns.push(Int32Chunked::from_iter_options(field.name().into(), days).into_date().into_column());
    }
    if !details.seconds.is_empty() {
        let seconds =
            details.seconds.iter().map(|second| Some(*second).filter(|second| *second != day::MISSING));
        columns.push(Int32Chunked::from_iter_options(SECOND.into(), seconds).into_column());
    }
    let words = details.texts.iter().filter(|(field, _)| TEXTS.contains(field));
    columns.extend(words.map(|(field, texts)| text_column(field.name(), texts.iter())));
    if !details.regions.is_empty() {
        for (part, name) in PLACE.iter().enumerate() {
            let of = |number: &u32| {
                details.places.list.get(*number as usize).map(|(region, _)| match part {
                    0 => region.country.as_str(),
                    1 => region.province.as_str(),
                    _ => region.city.as_str(),
                })
            };
            let values: Vec<Option<&str>> = details.regions.iter().map(of).collect();
            columns.push(Column::new((*name).into(), values));
        }
    }
    Ok(DataFrame::new(rows.row_count as usize, columns)?)
}

/// The texts of further columns, by name; none if there are no such columns.
fn more(rows: &TableRows) -> Result<Option<DataFrame>> {
    let details = &rows.details;
    let words = details.texts.iter().filter(|(field, _)| !TEXTS.contains(field));
    let words = words.map(|(field, texts)| text_column(field.name(), texts.iter()));
    let plain = details.more.iter().map(|(name, texts)| text_column(name, texts.iter()));
    let mut columns: Vec<Column> = words.chain(plain).collect();
    if columns.is_empty() {
        return Ok(None);
    }
    columns.sort_by(|a, b| a.name().cmp(b.name()));
    Ok(Some(DataFrame::new(rows.row_count as usize, columns)?))
}

fn text_column<'a>(name: &str, texts: impl Iterator<Item = Option<&'a str>>) -> Column {
    StringChunked::from_iter_options(name.into(), texts).into_column()
}

/// A column of texts with numbers for the different texts.
fn numbered(column: &StringChunked) -> Texts {
    let mut texts = Texts::default();
    column.iter().for_each(|text| texts.push(text));
    texts
}

fn plain(column: &StringChunked) -> PlainTexts {
    let mut texts = PlainTexts::default();
    column.iter().for_each(|text| texts.push(text));
    texts
}

fn read(frame: &DataFrame, rows: &mut TableRows) -> PolarsResult<()> {
    let has = |name: &str| frame.get_column_index(name).is_some();
    let mut long = HashMap::new();
    rows.customers = keys(frame, names::CUSTOMER_ID, &mut long)?;
    if has(ORDER_ID) {
        rows.orders = keys(frame, ORDER_ID, &mut long)?;
    }
    rows.details.long = long;
    if has(KIND) {
        let kinds = frame.column(KIND)?.str()?.clone();
        rows.kinds =
            kinds.iter().map(|kind| kind.and_then(EventKind::named).unwrap_or(EventKind::Ignore)).collect();
    }
    for field in day_fields().filter(|field| has(field.name())) {
        rows.days.insert(field, order_rows::whole(frame, field.name(), day::can_be)?);
    }
    if has(SECOND) {
        rows.details.seconds = order_rows::whole(frame, SECOND, day::is_second)?;
    }
    for field in TEXTS.into_iter().filter(|field| has(field.name())) {
        rows.details.texts.insert(field, numbered(frame.column(field.name())?.str()?));
    }
    if PLACE.iter().all(|name| has(name)) {
        // Cells are looked up by row, which is slow in a column with many chunks.
        let texts = |name: &str| Ok(frame.column(name)?.str()?.rechunk().into_owned());
        let parts: Vec<StringChunked> = PLACE.into_iter().map(texts).collect::<PolarsResult<_>>()?;
        for row in 0..frame.height() {
            let text = |part: usize| parts[part].get(row).unwrap_or_default().to_owned();
            let cells = [text(0), text(1), text(2)];
            let region = || Region::named(text(0), text(1), text(2));
            let number = match parts[0].get(row) {
                Some(_) => rows.details.places.number(cells.join("\0").as_bytes(), region),
                None => UNKNOWN,
            };
            rows.details.regions.push(number);
        }
    }
    Ok(())
}

/// Ids as keys; a null is [`Key::NONE`].
pub(super) fn keys(
    frame: &DataFrame,
    name: &str,
    long: &mut HashMap<Key, Box<str>>,
) -> PolarsResult<Vec<Key>> {
    let column = frame.column(name)?.str()?;
    let mut keys = Vec::with_capacity(column.len());
    for chunk in column.downcast_iter() {
        for (view, text) in chunk.views().iter().zip(chunk.iter()) {
            let key = match text {
                Some(text) => Key::of_view(view.as_u128()).unwrap_or_else(|| Key::of(text.as_bytes())),
                None => Key::NONE,
            };
            if let Some(text) = text.filter(|_| key.is_hash()) {
                long.entry(key).or_insert_with(|| text.into());
            }
            keys.push(key);
        }
    }
    Ok(keys)
}

fn lines(rows: &TableRows) -> Result<DataFrame> {
    let items = &rows.details.items;
    let mut frame = frame_of_lines(items.lines.iter().copied())?;
    frame.with_column(id_column(ORDER_ID, &items.orders, &rows.details.long))?;
    for (name, amounts) in [(REFUND, &items.refunds), (COST, &items.costs)] {
        if !amounts.is_empty() {
            let amounts = amounts.iter().map(|amount| amount.known().map(Micros::number));
            frame.with_column(Int64Chunked::from_iter_options(name.into(), amounts).into_column())?;
        }
    }
    if !items.ids.is_empty() {
        let halves: Vec<(u64, u64)> = items.ids.iter().map(|id| ids::halves(id.to_bytes())).collect();
        let low = UInt64Chunked::from_iter_values(LINE_KEY[0].into(), halves.iter().map(|half| half.0));
        let high = UInt64Chunked::from_iter_values(LINE_KEY[1].into(), halves.iter().map(|half| half.1));
        frame.with_column(low.into_column())?;
        frame.with_column(high.into_column())?;
    }
    Ok(frame)
}

/// The items in a file of lines, without their products.
fn items_of(frame: &DataFrame) -> PolarsResult<ItemRows> {
    let has = |name: &str| frame.get_column_index(name).is_some();
    let amounts = |name: &str, missing: Micros| match has(name) {
        true => order_rows::amounts(frame, name, missing),
        false => Ok(Vec::new()),
    };
    let ids = match has(LINE_KEY[0]) {
        true => {
            let [low, high] = [frame.column(LINE_KEY[0])?.u64()?, frame.column(LINE_KEY[1])?.u64()?];
            let halves = low.iter().zip(high.iter());
            halves.map(|(low, high)| ids::joined(low.unwrap_or(0), high.unwrap_or(0))).collect()
        }
        false => Vec::new(),
    };
    Ok(ItemRows {
        orders: keys(frame, ORDER_ID, &mut HashMap::new())?,
        lines: order_rows::load_lines(frame)?,
        refunds: amounts(REFUND, Micros::ZERO)?,
        costs: amounts(COST, MISSING)?,
        ids,
        ..ItemRows::default()
    })
}

/// Whether the file has columns of items of which an earlier version kept only the texts.
fn lacks_columns(items: &ItemRows, layout: &Layout) -> bool {
    let columns = [
        (Field::RefundAmount, items.refunds.is_empty()),
        (Field::Cost, items.costs.is_empty()),
        (Field::LineId, items.ids.is_empty()),
    ];
    columns.into_iter().any(|(field, is_empty)| is_empty && layout.has(field))
}

/// Fills in the columns that [`lacks_columns`] found missing, from their texts.
fn fill_in(
    items: &mut ItemRows,
    more: &DataFrame,
    layout: &Layout,
    decimal: DecimalMark,
) -> PolarsResult<()> {
    let texts = |field: Field| -> PolarsResult<Option<&StringChunked>> {
        let is_there = layout.has(field) && more.get_column_index(field.name()).is_some();
        // If a row of the file holds several items, it is not known to which of them the texts belong.
        let texts = if is_there { Some(more.column(field.name())?.str()?) } else { None };
        Ok(texts.filter(|texts| texts.len() == items.lines.len()))
    };
    let amount = |text: Option<&str>| match money::parse(text.unwrap_or_default().as_bytes(), decimal) {
        money::Amount::Micros(micros) => micros,
        money::Amount::Null | money::Amount::Bad => MISSING,
    };
    if let Some(texts) = texts(Field::RefundAmount)?.filter(|_| items.refunds.is_empty()) {
        items.refunds = texts.iter().map(|text| given_back(amount(text))).collect();
    }
    if let Some(texts) = texts(Field::Cost)?.filter(|_| items.costs.is_empty()) {
        let is_of_piece = is_cost_of_piece(layout);
        let costs = texts.iter().zip(&items.lines);
        items.costs = costs.map(|(text, line)| cost_of(line, amount(text), is_of_piece)).collect();
    }
    if let Some(texts) = texts(Field::LineId)?.filter(|_| items.ids.is_empty()) {
        let ids = texts.iter().zip(&items.orders);
        items.ids = ids.map(|(text, order)| line_key(*order, text.unwrap_or_default().as_bytes())).collect();
    }
    Ok(())
}

/// The phone numbers and the e-mail addresses of accounts.
fn contacts(rows: &TableRows) -> Result<(DataFrame, DataFrame)> {
    let text = |key: Key| key.text().or_else(|| rows.details.long.get(&key).map(|text| text.to_string()));
    let phones = rows.accounts.iter().filter_map(|(account, phone)| Some((text(account)?, phone.text()?)));
    let mails = rows.accounts.mails().filter_map(|(account, mail)| Some((text(account)?, mail.to_owned())));
    let (mut phones, mut mails): (Vec<_>, Vec<_>) = (phones.collect(), mails.collect());
    phones.sort_unstable();
    mails.sort_unstable();
    Ok((frame_of_contacts(PHONE, &phones)?, frame_of_contacts(MAIL, &mails)?))
}

/// Writes the rows that cannot be read; none if there are none. `number` is the number in the name of the file.
pub(super) fn save_rejects(writing: &Writing, number: u64, rejects: &[Reject]) -> Result<Option<FileRef>> {
    if rejects.is_empty() {
        return Ok(None);
    }
    let texts = |name: &str, text: fn(&Reject) -> Option<&str>| {
        Column::new(name.into(), rejects.iter().map(text).collect::<Vec<_>>())
    };
    let frame = DataFrame::new(
        rejects.len(),
        vec![
            UInt64Chunked::from_iter_values("record".into(), rejects.iter().map(|reject| reject.record))
                .into_column(),
            texts("reason", |reject| Some(reject.reason.code())),
            texts("column", |reject| reject.column.as_deref()),
            texts("seen", |reject| Some(&reject.seen)),
            texts("raw", |reject| Some(&reject.raw)),
        ],
    )?;
    frames::save_one(writing, &format!("rejects/{number:06}.parquet"), frame).map(Some)
}

/// Reads the rows that could not be read.
pub(super) fn rejects(folder: &Path, file: &FileRef, import: &Import) -> Result<Vec<Reject>> {
    let frame = frames::load(folder, file, None)?;
    let read = || -> PolarsResult<Vec<Reject>> {
        let text = |name: &str| frame.column(name)?.str().cloned();
        let (reason, column, seen, raw) = (text("reason")?, text("column")?, text("seen")?, text("raw")?);
        let record = frame.column("record")?.u64()?;
        let none = || polars_err!(ComputeError: "a cell is empty, or no reason has this code");
        let of = |row: usize| {
            let reason = Reason::ALL.iter().find(|own| Some(own.code()) == reason.get(row));
            Ok(Reject {
                file: import.name.clone(),
                record: record.get(row).ok_or_else(none)?,
                reason: *reason.ok_or_else(none)?,
                column: column.get(row).map(str::to_owned),
                seen: seen.get(row).ok_or_else(none)?.to_owned(),
                raw: raw.get(row).ok_or_else(none)?.to_owned(),
            })
        };
        (0..frame.height()).map(of).collect()
    };
    read().map_err(|_| damaged(&folder.join(&file.path)))
}
