//! Reads named inputs (files and stores) into the canonical tables.

mod beside;
pub mod expand;
mod inputs;
pub mod sends_log;

pub use beside::OnItems;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::hand::{CustomerNotes, CustomerTags};
use crate::locale::{Lang, Remark, Words, harmless};
use crate::merge::identity::Identities;
use crate::merge::{self, People, other_currencies_only};
use crate::parse::options::ReadOptions;
use crate::parse::orders::{Aliases, Block, FileTraits, Survey};
use crate::parse::source::{Input, Place};
use crate::parse::tables::TableRows;
use crate::parse::unreadable::{Tally, empty_rows};
use crate::parse::{self, DateColumn, Parsed, Rows, SourceInfo};
use crate::schema::accounting::{Accounting, RuleCounts};
use crate::schema::coded::CodedFrame;
use crate::schema::day_counts::DayCounts;
use crate::schema::reject::Reject;
use crate::schema::{
    Corrections, CustomerCode, Field, Frames, Key, Orders, Parts, RowParts, Shop, Table, Wants,
};
use crate::store::Store;

/// Everything that was read: the orders are unsorted rows until [`Ingested::in_order`].
#[derive(Debug, Default)]
pub struct Ingested<P = Parts> {
    /// The orders of all inputs.
    pub orders: Orders<P>,
    /// The other tables that were asked for, one per file.
    pub tables: Vec<TableRows>,
    /// The accounting so far: `rows_used` counts the rows behind [`Self::orders`] and those of other tables whose
    /// values were asked for; metrics move rows from there to excluded.
    pub accounting: Accounting,
    /// The part of it for each table beside the orders: rows read, left out while reading, and quarantined.
    pub of_tables: BTreeMap<Table, Accounting>,
    /// Rows of files of items that were left out when they were put beside their orders; of incomplete orders only where
    /// it was asked how many rows of items each order has.
    pub items_left_out: RuleCounts,
    /// Quarantined rows.
    pub rejects: Vec<Reject>,
    /// Tables of which no row could be read, with their number of rows.
    pub unreadable: Vec<(Table, u64)>,
    /// The inputs.
    pub sources: Vec<SourceInfo>,
    /// Remarks for the user.
    pub notes: Vec<Remark>,
    /// The aliases of customer ids.
    pub aliases: Aliases,
    /// The persons with several ids.
    pub identities: Identities,
    /// Statistics on each file of orders, if asked for, in the order of the files.
    pub surveys: Vec<(String, Survey)>,
    /// How the columns of dates were read, if a survey was asked for.
    pub dates: Vec<DateColumn>,
    /// The tables of customers and moments that were asked for with their values and that a file holds.
    pub frames: Frames,
    /// The ids of all orders, if a survey was asked for.
    pub order_ids: HashSet<Key>,
    /// Content of hand-kept files, if asked for; the caller of [`read`] fills it.
    pub hand: Hand,
    /// What only files of items say about the orders.
    pub on_items: OnItems,
}

/// Content of hand-kept files about customers.
#[derive(Debug, Default)]
pub struct Hand {
    /// The notes of each customer.
    pub notes: Option<CustomerNotes>,
    /// The tags of each customer.
    pub tags: Option<CustomerTags>,
    /// The corrected sources.
    pub corrections: Option<Corrections>,
}

impl Ingested {
    /// A view for one of several questions: rows of orders and tables are shared, not copied.
    pub fn for_a_question(&self) -> Self {
        Self {
            orders: self.orders.clone(),
            accounting: self.accounting.clone(),
            sources: self.sources.clone(),
            notes: self.notes.clone(),
            frames: self.frames.clone(),
            hand: Hand { corrections: self.hand.corrections.clone(), ..Hand::default() },
            ..Self::default()
        }
    }

    /// The canonical tables.
    pub fn shop(&self) -> Shop<'_> {
        Shop {
            orders: &self.orders,
            has_orders: self.sources.iter().any(|source| source.table() == Table::Orders),
            names_coupons: self.sources.iter().any(|source| source.layout.has(Field::CouponCode)),
            frames: &self.frames,
            corrections: self.hand.corrections.as_ref(),
        }
    }
}

impl Ingested<RowParts> {
    /// The same without the rows of the orders, after an answer was made from them.
    ///
    /// # Errors
    /// None that depend on the data.
    pub fn without_rows(mut self) -> Result<Ingested> {
        self.orders.parts = RowParts::default();
        self.in_order()
    }

    /// The same with sorted orders, by customer and day, as most questions need them.
    pub fn in_order(self) -> Result<Ingested> {
        Ok(Ingested {
            orders: self.orders.in_order()?,
            tables: self.tables,
            accounting: self.accounting,
            of_tables: self.of_tables,
            items_left_out: self.items_left_out,
            rejects: self.rejects,
            unreadable: self.unreadable,
            sources: self.sources,
            notes: self.notes,
            aliases: self.aliases,
            identities: self.identities,
            surveys: self.surveys,
            dates: self.dates,
            frames: self.frames,
            order_ids: self.order_ids,
            hand: self.hand,
            on_items: self.on_items,
        })
    }
}

/// Recognises an input from its head, without reading it; for a workbook its first recognised sheet, for a store its
/// first file.
pub fn recognise(input: &Input, options: &ReadOptions) -> Result<SourceInfo> {
    match &input.place {
        Place::Store(folder) => Store::open(folder)?.first_source(),
        _ => parse::recognise(input, options),
    }
}

/// Reads the orders of all inputs; if an order is in several, the later input wins.
///
/// # Errors
/// As [`read`], and when no input holds orders.
pub fn read_orders(inputs: &[Input], options: &ReadOptions) -> Result<Ingested<RowParts>> {
    read_any(inputs, options, &[Table::Orders])
}

/// Like [`read`], for a question about at least one of these tables.
///
/// # Errors
/// As [`read`], and when no input holds any of the tables.
pub fn read_any(inputs: &[Input], options: &ReadOptions, tables: &[Table]) -> Result<Ingested<RowParts>> {
    let mut ingested = read(inputs, options)?;
    if ingested.sources.iter().any(|source| tables.contains(&source.table())) {
        return Ok(ingested);
    }
    let has_items = ingested.sources.iter().any(|source| source.table() == Table::OrderItems);
    if options.wants.baskets && has_items {
        ingested.notes.push(Remark::new("items_alone"));
        return Ok(ingested);
    }
    Err(none_among(&ingested.sources, tables))
}

/// The error if no input holds any of these tables.
fn none_among(sources: &[SourceInfo], tables: &[Table]) -> Error {
    let one_or =
        |one: Words, other: Words| Words::of_words("error", "one_or", &[("one", &one), ("other", &other)]);
    let either = |of: &dyn Fn(&Table) -> Words| tables.iter().map(of).reduce(one_or).unwrap_or_default();
    let found = Words::listed(sources.iter().map(|source| {
        let values =
            [("file", harmless(&source.name).into_owned()), ("table", called(source.table()).to_string())];
        Words::of("error", "input_of_table", &values)
    }));
    let values = [("wanted", either(&|table| called(*table)).to_string()), ("found", found.to_string())];
    let exports = either(&|table| {
        let values = [("export", table.export().to_owned()), ("canonical", table.name().to_owned())];
        Words::of("error", "export_of", &values)
    });
    let message = Words::of("error", "none_among", &values);
    let advice = sources.iter().find_map(|source| source.layout.preset.advice.clone());
    let name = Words::of_words("error", "name_exports", &[("exports", &exports)]);
    Error::data(message, advice.unwrap_or(name))
}

/// The name of a table in sentences; in English, the name in flags and files.
fn called(table: Table) -> Words {
    let zh = Lang::Zh.locale().get("canonical", table.name());
    Words { en: table.name().to_owned(), zh: zh.to_owned() }
}

/// Reads the orders of all inputs and the tables beside them that `options` wants.
///
/// # Errors
/// When an input cannot be opened or recognised, dates of a column contradict each other, or amounts are in several
/// currencies.
pub fn read(inputs: &[Input], options: &ReadOptions) -> Result<Ingested<RowParts>> {
    let (mut reading, again) = Reading::of(inputs, options)?;
    reading.done.on_items = reading.on_items();
    if !reading.needs_items() {
        return reading.finish();
    }
    // Amounts or refunds of orders are in files that the question does not need otherwise, so these are read, too.
    let again = inputs
        .iter()
        .zip(again)
        .map(|(input, again)| again.ok_or_else(|| Error::input_of(input.name(), "late_amounts", &[])));
    let again: Vec<Input> = again.collect::<Result<_>>()?;
    options.progress.back_to((0, 0));
    let wants = Wants { items: true, details: true, tables: vec![Table::OrderItems], ..Wants::default() };
    let options = ReadOptions { wants: options.wants.clone().and(&wants), ..options.clone() };
    let (mut second, _) = Reading::of(&again, &options)?;
    // The digests and sizes of the original bytes, which may have been decompressed since.
    for (source, first) in second.done.sources.iter_mut().zip(reading.done.sources) {
        source.digest = first.digest;
    }
    second.finish()
}

/// The inputs while they are being read.
struct Reading<'a> {
    options: &'a ReadOptions,
    files: Vec<FileTraits>,
    blocks: Vec<Block>,
    /// Quarantined rows of orders; those of other tables are added behind them.
    rejects: Vec<Reject>,
    done: Ingested<RowParts>,
}

impl<'a> Reading<'a> {
    fn new(options: &'a ReadOptions) -> Self {
        Self {
            options,
            files: Vec::new(),
            blocks: Vec::new(),
            rejects: Vec::new(),
            done: Ingested::default(),
        }
    }

    fn take(&mut self, parsed: Parsed) -> Result<()> {
        parsed.accounting().check_balance()?;
        let Parsed { info, notes, dates, rejects, rows, .. } = parsed;
        self.done.notes.extend(notes);
        self.done.dates.extend(dates);
        match rows {
            Rows::Orders { traits, mut blocks, survey } => {
                blocks.iter_mut().for_each(|block| block.file = self.files.len());
                self.blocks.append(&mut blocks);
                self.done.surveys.extend(survey.map(|survey| (traits.name.clone(), *survey)));
                self.files.push(traits);
                self.rejects.extend(rejects);
            }
            Rows::Table(rows) => {
                self.done.tables.push(*rows);
                self.done.rejects.extend(rejects);
            }
            Rows::NotNeeded => {}
        }
        self.done.sources.push(info);
        Ok(())
    }

    /// The accounting of the other tables, which is added to that of the orders, since the answer uses them too.
    fn accounts_of_tables(&self) -> BTreeMap<Table, Accounting> {
        let mut accounts: BTreeMap<Table, Accounting> = BTreeMap::new();
        let mut of_file: HashMap<&str, Table> = HashMap::new();
        for table in &self.done.tables {
            let name = table.table.unwrap_or_default();
            of_file.insert(&table.file, name);
            let accounting = accounts.entry(name).or_default();
            accounting.rows_read += table.record_count;
            accounting.excluded.merge(&table.excluded);
        }
        for reject in &self.done.rejects {
            let name = of_file.get(reject.file.as_str()).copied().unwrap_or_default();
            accounts.entry(name).or_default().quarantine(reject.reason, 1);
        }
        accounts
    }

    /// The tables of which no row could be read.
    fn unreadable(&self) -> Vec<(Table, u64)> {
        let mut tally = Tally::default();
        let (read, empty) = (self.blocks.iter().map(|block| block.record_count), self.blocks.iter());
        let empty = empty.map(|block| empty_rows(&block.excluded)).sum();
        tally.add(Table::Orders, read.sum(), empty, self.rejects.len() as u64);
        let mut rejected: HashMap<&str, u64> = HashMap::new();
        for reject in &self.done.rejects {
            *rejected.entry(&reject.file).or_default() += 1;
        }
        for rows in &self.done.tables {
            let rejected = rejected.get(rows.file.as_str()).copied().unwrap_or_default();
            let table = rows.table.unwrap_or(Table::None);
            tally.add(table, rows.record_count, empty_rows(&rows.excluded), rejected);
        }
        tally.unreadable()
    }

    /// Refuses a currency that no row is in. Returns a remark if no row names a currency.
    fn check_currency(&self) -> Result<Option<Remark>> {
        let Some(wanted) = &self.options.currency else { return Ok(None) };
        let seen: BTreeSet<&str> =
            self.blocks.iter().flat_map(|block| &block.other_currencies).map(String::as_str).collect();
        if self.blocks.iter().all(Block::is_empty) && !seen.is_empty() {
            return Err(other_currencies_only(wanted, &seen));
        }
        // If items give the amounts or refunds of orders, their currency counts.
        let items = || {
            let tables = self.done.tables.iter().filter(|table| table.table.is_some_and(Table::holds_items));
            tables.filter(|_| merge::counts_items(&self.files, self.options))
        };
        let of_items: BTreeSet<&str> =
            items().flat_map(|table| &table.currencies.of_others).map(String::as_str).collect();
        if !of_items.is_empty() && items().all(|table| table.row_count == 0) {
            return Err(other_currencies_only(wanted, &of_items));
        }
        let has_orders = !self.files.is_empty();
        let names_any = self.done.sources.iter().any(|source| source.layout.has(Field::Currency))
            || self.blocks.iter().any(|block| block.names_wanted_currency)
            || items().any(|table| table.currencies.has_wanted);
        let is_silent = has_orders && seen.is_empty() && of_items.is_empty() && !names_any;
        Ok(is_silent.then(|| Remark::new("currency_unsaid").with("currency", wanted.to_uppercase())))
    }

    /// The options for reading on, with the aliases in lists of customers.
    fn with_told_aliases(&mut self) -> Result<Cow<'a, ReadOptions>> {
        let tables = &mut self.done.tables;
        let of_customers = tables.iter_mut().filter(|table| table.table == Some(Table::Customers));
        let pairs: Vec<(String, String)> =
            of_customers.flat_map(|table| std::mem::take(&mut table.aliases)).collect();
        Ok(match pairs.is_empty() {
            true => Cow::Borrowed(self.options),
            false => {
                let aliases = Some(Arc::new(Aliases::new(&pairs)?));
                Cow::Owned(ReadOptions { aliases, ..self.options.clone() })
            }
        })
    }

    fn finish(mut self) -> Result<Ingested<RowParts>> {
        self.check_needs()?;
        self.check_payments()?;
        self.find_payments();
        self.parts_last();
        let options = self.with_told_aliases()?;
        let unreadable = self.unreadable();
        let currency = self.check_currency()?;
        let mut accounting = Accounting::default();
        let mut rejects = std::mem::take(&mut self.rejects);
        rejects.iter().for_each(|reject| accounting.quarantine(reject.reason, 1));
        let has_details = self.options.wants.details;
        let of_tables = if has_details { self.accounts_of_tables() } else { BTreeMap::new() };
        of_tables.values().for_each(|of_table| accounting.merge(of_table));
        let items =
            self.done.tables.iter_mut().map(|table| std::mem::take(&mut table.details.items)).collect();
        let home_of_all = country_of(&self.done.sources);
        let tables = &mut self.done.tables;
        let mut merged = merge::merge(
            &self.files,
            self.blocks,
            tables,
            items,
            home_of_all.as_deref(),
            &options,
            &mut accounting,
        )?;
        let mut frames = Frames::default();
        if has_details {
            let mut people = People::new(&mut merged.orders.customers, &merged.aliases);
            // Lists that are read only for their contacts are no part of the answer.
            let is_asked =
                |table: &Table| table.declaration().is_framed() && options.wants.tables.contains(table);
            for table in Table::ALL.iter().copied().filter(is_asked) {
                if let Some((frame, notes)) = people.frame(table, &mut self.done.tables)? {
                    frames.insert(table, frame);
                    self.done.notes.extend(notes);
                }
            }
            if let Some(customers) = &mut frames.customers {
                customers.home = home(&self.done.sources);
            }
            let mut passed_over = PassedOver::of(&mut self.done.tables);
            self.done.tables.clear();
            frames.events = frames.events.take().map(|events| {
                let PassedOver { days, long_ago, .. } = &mut passed_over;
                events.with_passed_over(std::mem::take(days)).with_long_ago(std::mem::take(long_ago))
            });
            self.done.notes.extend(strangers(&merged.orders, &frames, &passed_over, &merged.aliases));
        }
        accounting.use_the_rest();
        let mut notes = merged.notes;
        notes.append(&mut self.done.notes);
        notes.extend(currency);
        rejects.append(&mut self.done.rejects);
        Ok(Ingested {
            orders: merged.orders,
            accounting,
            of_tables,
            items_left_out: merged.items_left_out,
            rejects,
            unreadable,
            notes,
            aliases: merged.aliases,
            identities: merged.identities,
            order_ids: merged.order_ids,
            frames,
            ..self.done
        })
    }
}

/// Events of which only the days are wanted.
#[derive(Default)]
struct PassedOver {
    days: DayCounts,
    /// Their customers, block by block.
    customers: Vec<Vec<Key>>,
    /// By day, the interests that are too long ago for the question. Their customers are above, too, unless they are
    /// known from other events.
    long_ago: DayCounts,
}

impl PassedOver {
    /// Takes these events out of all files.
    fn of(tables: &mut [TableRows]) -> Self {
        let mut all = Self::default();
        for table in tables {
            all.long_ago.merge(&table.long_ago);
            all.days.merge(&table.passed_over);
            all.customers.append(&mut table.passed_over_customers);
        }
        all
    }
}

/// The country of the platforms of customer lists, if it is the same for all.
fn home(sources: &[SourceInfo]) -> Option<String> {
    country_of(sources.iter().filter(|source| source.table().lists_customers()))
}

/// The country of the platforms of files, if it is the same for all.
fn country_of<'a>(sources: impl IntoIterator<Item = &'a SourceInfo>) -> Option<String> {
    let countries: BTreeSet<&String> =
        sources.into_iter().filter_map(|source| source.layout.preset.country.as_ref()).collect();
    countries.first().filter(|_| countries.len() == 1).map(|country| (*country).clone())
}

/// Remarks on tables without any customer among the buyers: customers may be named differently there.
fn strangers(
    orders: &Orders<RowParts>,
    frames: &Frames,
    passed_over: &PassedOver,
    aliases: &Aliases,
) -> Vec<Remark> {
    let is_buyer = |customer: CustomerCode| customer.number() < orders.buyer_count;
    let are_strangers = |(table, frame): &(Table, &CodedFrame)| {
        let mut known = frame.codes();
        let others = passed_over.customers.iter().flatten().filter(|_| *table == Table::Events);
        let is_any = known.len() > 0 || others.clone().next().is_some();
        let names_buyer = || {
            let buyers: HashSet<&Key> =
                orders.customers.keys().iter().take(orders.buyer_count as usize).collect();
            others.clone().any(|key| buyers.contains(&aliases.resolve(*key)))
        };
        orders.has_buyers() && is_any && !known.any(is_buyer) && !names_buyer()
    };
    let tables = frames.iter().filter(are_strangers);
    tables.map(|(table, _)| Remark::new("strangers").with("canonical", table.name())).collect()
}
