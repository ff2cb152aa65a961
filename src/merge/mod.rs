//! Makes the canonical tables of the rows of many files. It merges overlapping exports, lines of orders, refunds, and
//! ids that belong to one person.

mod assemble;
mod combine;
pub mod identity;
mod lines;
mod people;
mod places;
mod refunds;
mod seams;
mod settled;
mod texts;

use std::collections::{BTreeSet, HashSet};

use rayon::prelude::*;

pub(crate) use assemble::is_beyond;
pub(crate) use combine::{has_duplicates, replace_lines};
pub use people::People;
pub use places::{place as region_place, product_key};
pub(crate) use seams::whole_edges;
pub(crate) use settled::{first_of_each, settle};

use crate::error::{Error, Result};
use crate::locale::{Remark, Words, harmless};
use crate::parse::options::ReadOptions;
use crate::parse::orders::{Aliases, Block, FileTraits};
use crate::parse::tables::TableRows;
use crate::parse::value::currency;
use crate::rows::ItemRows;
use crate::rows::partition;
use crate::schema::accounting::{Accounting, Rule, RuleCounts};
use crate::schema::{Items, Key, Orders, RowParts, money};
use combine::FileGrain;
use identity::{Identities, WhoIsWho, who_is_who};
use lines::FileLines;
use refunds::{Ids, Settled};

/// The result of merging the rows of all files.
#[derive(Debug, Default)]
pub struct Merged {
    /// The orders.
    pub orders: Orders<RowParts>,
    /// The ids of all orders; only filled for a survey.
    pub order_ids: HashSet<Key>,
    /// Who is known under which ids, and which ids were not joined.
    pub identities: Identities,
    /// Maps each id that was joined with others, or that a list of customers renames, to the id of its customer.
    pub aliases: Aliases,
    /// How many rows have a customer id that a list of customers maps to another one.
    pub alias_rows: u64,
    /// How many order ids occur with several customers.
    pub split_orders: u32,
    /// How many orders have rows that disagree on the order's amount.
    pub conflicting_orders: u64,
    /// How many of the rows that were left out come from files of items, by rule. For incomplete orders it is only
    /// counted where a question wants it.
    pub items_left_out: RuleCounts,
    /// Remarks for the user.
    pub notes: Vec<Remark>,
}

/// Merges the rows of all blocks into orders, one row each. The contacts of customers come from `tables`, the rows of
/// the other tables. `items` are the rows of the files of items, in the order of the files; `home` is the country that
/// all platforms of the inputs share, if there is one.
///
/// # Errors
/// When amounts are in several currencies, when decisions on customer ids contradict each other, and when the amounts
/// of an order add up to more than can be held.
pub fn merge(
    files: &[FileTraits],
    mut blocks: Vec<Block>,
    tables: &mut [TableRows],
    mut items: Vec<ItemRows>,
    home: Option<&str>,
    options: &ReadOptions,
    accounting: &mut Accounting,
) -> Result<Merged> {
    // Where no file of orders was named, the items are all that is known of the orders.
    let are_alone = options.wants.baskets && files.is_empty();
    let amounts_are_of_items = are_alone || takes_amounts_of_items(files);
    let takes_refunds = takes_refunds_of_items(files) && items.iter().any(|of| !of.refunds.is_empty());
    let says_refunds_of_items =
        amounts_are_of_items && items.iter().any(|of| !of.refunds.is_empty()) || takes_refunds;
    let takes_costs = takes_costs_of_items(files, options) && items.iter().any(|of| !of.costs.is_empty());
    let are_counted = amounts_are_of_items || takes_refunds || takes_costs;
    let named = named_currencies(&blocks, tables, are_counted);
    let mut currencies = Vec::new();
    currencies.extend(check_currencies(&named, "several_currencies", options)?);
    if !are_counted {
        // Amounts of items are then only added up by product, not with those of orders.
        let of_items = currencies_of_items(tables).collect();
        currencies.extend(check_currencies(&of_items, "several_item_currencies", options)?);
    }
    for block in &blocks {
        accounting.rows_read += block.record_count;
        accounting.excluded.merge(&block.excluded);
    }
    let currency = currency(&named, options);
    let regions = if options.wants.regions { places::number(&mut blocks) } else { Vec::new() };
    let products = lines::number_products(&mut blocks, &mut items);
    let items = FileLines::new(items, amounts_are_of_items);
    let has_items = !items.is_empty();
    let sources = places::number_sources(&mut blocks);
    let texts = texts::number(&mut blocks, &options.wants.order_columns);
    let ids_are_personal = blocks.iter().any(|block| block.has_personal_ids);
    let inferred_days: u64 = blocks.iter().map(|block| block.inferred_days).sum();
    let has_negatives = blocks.iter().any(|block| block.has_negatives);
    let joins = !options.identity.is_idle();
    let is_simple = !options.wants.survey && options.aliases.is_none() && !joins && !has_items;
    let has_parts = files.iter().any(|file| file.is_part);
    if is_simple && !has_parts && have_own_ids(&blocks) {
        // Ids are only kept where refunds have to be matched to their orders.
        let unused = blocks.iter_mut().filter(|_| !has_negatives);
        unused.for_each(|block| block.row_keys = Default::default());
    } else {
        blocks.par_iter_mut().for_each(Block::index_orders);
    }
    let order_ids = if options.wants.survey { order_ids(&blocks) } else { Default::default() };
    let alias_rows = alias_rows(&blocks, options);
    let grain = |file: &FileTraits| FileGrain {
        has_order_amount: file.has_order_amount,
        has_line_ids: file.has_line_id,
        is_part: file.is_part,
        says_refunds: file.says_refunds,
        says_costs: file.has_cost || !options.wants.costs,
    };
    let grains: Vec<FileGrain> = files.iter().map(grain).collect();
    let WhoIsWho { aliases, identities, suggestion } =
        who_is_who(&mut blocks, tables, &grains, home, options)?;
    let mut merged = combine::merge(&mut blocks, &grains, &aliases, (&items, are_alone), &options.wants);
    if let Some(order) = merged.beyond {
        return Err(beyond_order(order));
    }
    blocks.iter().for_each(|block| merged.count_settled(&block.settled));
    accounting.excluded.add(Rule::Superseded, merged.superseded_rows + merged.superseded_items);
    accounting.excluded.add(Rule::DanglingItem, merged.dangling_rows);
    let mut items_left_out = RuleCounts::default();
    items_left_out.add(Rule::Superseded, merged.superseded_items);
    items_left_out.add(Rule::DanglingItem, merged.dangling_rows);
    let lacks_amounts = (are_alone || !files.is_empty()) && lacks_amounts(files, &merged);
    let mut refunds = take_refunds_off(&mut merged, &mut blocks);
    let incomplete = accounting.excluded.of(Rule::IncompleteOrder);
    let mut orders = assemble::assemble(
        merged.parts,
        blocks,
        &options.wants.order_columns,
        lacks_amounts,
        &aliases,
        assemble::Counts { accounting, items_left_out: &mut items_left_out, refunds: &mut refunds },
    )?;
    orders.ids_are_personal = ids_are_personal;
    orders.buyer_count = orders.customers.len() as u32;
    orders.currency = currency;
    orders.regions = regions;
    orders.sources = sources;
    orders.texts = texts;
    orders.items = Items::new(products, std::mem::take(&mut merged.lines));
    orders.has_items = has_items;
    orders.lacks_amounts = lacks_amounts;
    note_columns_of(&mut orders, files);
    orders.says_refunds |= has_negatives || says_refunds_of_items;
    orders.has_cost |= (amounts_are_of_items || takes_costs) && items.say_costs();
    let mut result = Merged {
        orders,
        order_ids,
        identities,
        aliases,
        alias_rows,
        split_orders: merged.split_orders,
        conflicting_orders: merged.conflicting_orders,
        items_left_out,
        notes: Vec::new(),
    };
    let notes = notes(files, &result, merged.repeated_amounts, inferred_days, options);
    result.notes.extend(notes);
    result.notes.extend(suggestion);
    result.notes.extend(of_refunds(&refunds));
    let unknown = accounting.excluded.of(Rule::IncompleteOrder) - incomplete;
    if unknown > 0 && (are_alone || files.iter().any(|file| file.lacks_amounts)) {
        result.notes.push(Remark::new("unknown_amounts").with("n", unknown));
    }
    if merged.shared_ids > 0 {
        result.notes.push(Remark::new("shared_order_ids").with("n", merged.shared_ids));
    }
    result.notes.extend(currencies);
    Ok(result)
}

/// The error that the rows of an order add up to more than [`money::can_be`] allows.
fn beyond_order(order: Key) -> Error {
    let most = ("most", money::plain(money::MAX_KEPT));
    // A long id is only known as its hash.
    match order.text() {
        Some(id) => Error::data_of("beyond_order", &[("order", harmless(&id).into_owned()), most]),
        None => Error::data_of("beyond_some_order", &[most]),
    }
}

/// Where any row is negative, matches refunds that are rows of their own to their orders.
fn take_refunds_off(merged: &mut combine::Merged, blocks: &mut [Block]) -> Settled {
    if !blocks.iter().any(|block| block.has_negatives) {
        return Settled::default();
    }
    let mut parents = refunds::Parents::new();
    for (refund, orders) in blocks.iter_mut().flat_map(|block| std::mem::take(&mut block.refunds)) {
        parents.entry(refund).or_default().push(orders);
    }
    let ids = merged.ids.take().unwrap_or_else(|| Ids::of_parts(&merged.parts, &parents));
    refunds::settle(&mut merged.parts, &parents, &ids)
}

/// Remarks on refunds for the user.
fn of_refunds(settled: &Settled) -> Vec<Remark> {
    let mut remarks = Vec::new();
    if settled.left_out + settled.tied > 0 {
        let remark = Remark::new("refund_records").with("n", settled.left_out + settled.tied);
        remarks.push(remark.with("rows", settled.left_out));
    }
    if settled.beyond.0 > 0 {
        let amount = money::plain(settled.beyond.1);
        remarks.push(Remark::new("refunds_beyond").with("n", settled.beyond.0).with("amount", amount));
    }
    if settled.nobodys.0 > 0 {
        let amount = money::plain(settled.nobodys.1);
        remarks.push(Remark::new("refunds_of_nobody").with("n", settled.nobodys.0).with("amount", amount));
    }
    remarks
}

/// Whether no order id can occur twice: the ids of each block are all greater, or all smaller, than those of the block
/// before. Exports sorted by time usually are like this, and it is found without comparing ids one by one.
fn have_own_ids(blocks: &[Block]) -> bool {
    if blocks.iter().any(|block| !block.orders.keys.is_empty() || !block.lines.keys.is_empty()) {
        return false;
    }
    let with_ids = || blocks.iter().filter(|block| !block.row_keys.is_empty());
    let ranges: Option<Vec<(u128, u128)>> = with_ids().map(|block| block.row_keys.range).collect();
    ranges.is_some_and(|ranges| {
        ranges.is_sorted_by(|(_, last), (first, _)| last < first)
            || ranges.is_sorted_by(|(first, _), (_, last)| first > last)
    })
}

/// Whether no order has an amount, neither from its own rows nor from items or payments.
fn lacks_amounts(files: &[FileTraits], merged: &combine::Merged) -> bool {
    let says_none = files.iter().all(|file| file.lacks_amounts);
    let mut groups = merged.parts.iter().flatten();
    says_none && groups.all(|group| group.columns.amount.iter().all(|amount| *amount == money::MISSING))
}

/// Notes which values the columns of any file have.
fn note_columns_of(orders: &mut Orders<RowParts>, files: &[FileTraits]) {
    orders.has_customer_column = files.iter().any(|file| file.has_customer);
    orders.has_region_column = files.iter().any(|file| file.has_region);
    orders.has_items |= files.iter().any(|file| file.has_items);
    orders.has_full_price = files.iter().any(|file| file.has_full_price);
    orders.says_refunds = files.iter().any(|file| file.has_refund);
    orders.has_cost = files.iter().any(|file| file.has_cost);
    orders.has_recipient = files.iter().any(|file| file.has_recipient);
}

fn alias_rows(blocks: &[Block], options: &ReadOptions) -> u64 {
    let Some(aliases) = &options.aliases else { return 0 };
    let rows = |columns: &partition::Columns| {
        let aliased = columns.customer.iter().enumerate().filter(|(_, key)| aliases.has(**key));
        aliased.map(|(row, _)| u64::from(columns.row_count.get(row).copied().unwrap_or(1))).sum::<u64>()
    };
    blocks.par_iter().flat_map_iter(|block| &block.rows).map(|group| rows(&group.columns)).sum()
}

fn order_ids(blocks: &[Block]) -> HashSet<Key> {
    blocks.iter().flat_map(|block| block.orders.keys.iter().copied()).collect()
}

/// Whether files of items may provide the refunds of orders, since some file of orders has none.
pub(crate) fn takes_refunds_of_items(files: &[FileTraits]) -> bool {
    files.iter().any(|file| !file.says_refunds)
}

/// Whether files of items may provide the costs of orders: the question wants costs, and some file of orders has none.
pub(crate) fn takes_costs_of_items(files: &[FileTraits], options: &ReadOptions) -> bool {
    options.wants.costs && may_take_costs_of_items(files)
}

/// Whether files of items could provide the costs of orders if a question wants them, since some file of orders has
/// none.
pub(crate) fn may_take_costs_of_items(files: &[FileTraits]) -> bool {
    files.iter().any(|file| !file.has_cost)
}

/// Whether amounts of items may be added up with those of orders, so that both must be in one currency.
pub(crate) fn counts_items(files: &[FileTraits], options: &ReadOptions) -> bool {
    takes_amounts_of_items(files) || takes_refunds_of_items(files) || takes_costs_of_items(files, options)
}

/// Whether files of items provide the amounts of orders, since some file of orders has none. Files of payments take
/// precedence over them.
pub(crate) fn takes_amounts_of_items(files: &[FileTraits]) -> bool {
    files.iter().any(|file| file.lacks_amounts) && !files.iter().any(|file| file.is_part)
}

/// The currencies named in the rows of files of items.
fn currencies_of_items(tables: &[TableRows]) -> impl Iterator<Item = &str> {
    tables.iter().flat_map(|table| &table.currencies.of_rows).map(String::as_str)
}

/// The currencies named in columns and amounts of orders, and those of items where their amounts become the orders'.
fn named_currencies<'a>(
    blocks: &'a [Block],
    tables: &'a [TableRows],
    amounts_are_of_items: bool,
) -> BTreeSet<&'a str> {
    let of_columns = blocks.iter().flat_map(|block| &block.currencies).map(String::as_str);
    let written = blocks.iter().flat_map(|block| block.written_currencies.iter().copied());
    let of_items = currencies_of_items(tables).filter(|_| amounts_are_of_items);
    of_columns.chain(written).chain(of_items).collect()
}

/// The currency of all amounts, if it is known: the one that was asked for, or the only one that columns name or
/// amounts are written with.
fn currency(named: &BTreeSet<&str>, options: &ReadOptions) -> Option<String> {
    let wanted = options.currency.as_deref().and_then(currency::name);
    match &wanted {
        Some(wanted) => currency::code([wanted.as_str()]),
        None => currency::code(named.iter().copied()),
    }
}

/// Refuses amounts in several currencies, since they cannot be added up. A survey gets a remark with this code instead.
fn check_currencies(
    seen: &BTreeSet<&str>,
    code: &'static str,
    options: &ReadOptions,
) -> Result<Option<Remark>> {
    if options.currency.is_some() {
        return Ok(None);
    }
    if currency::can_be_one(seen.iter().copied()) {
        let list = || seen.iter().copied().collect::<Vec<_>>().join(", ");
        let is_doubtful = currency::is_doubtful(seen.iter().copied());
        return Ok(is_doubtful.then(|| Remark::new("written_currencies").with("currencies", list())));
    }
    let first = seen.first().copied().unwrap_or_default();
    if options.wants.survey {
        let list = seen.iter().copied().collect::<Vec<_>>().join(", ");
        return Ok(Some(Remark::new(code).with("currencies", list).with("first", first)));
    }
    let list = Words::names(seen.iter().copied()).to_string();
    Err(Error::data_of("several_currencies", &[("currencies", list), ("first", first.to_owned())]))
}

/// The error that rows are in other currencies than the one that was asked for, and none is in that one.
pub(crate) fn other_currencies_only(wanted: &str, seen: &BTreeSet<&str>) -> Error {
    let seen = Words::names(seen.iter().copied()).to_string();
    Error::data_of("currency_nowhere", &[("currency", wanted.to_owned()), ("seen", seen)])
}

fn notes(
    files: &[FileTraits],
    merged: &Merged,
    repeated_amounts: u64,
    inferred_days: u64,
    options: &ReadOptions,
) -> Vec<Remark> {
    let mut notes = Vec::new();
    for file in files.iter().filter(|file| !file.has_order_id) {
        notes.push(Remark::new("no_order_id").with("file", &file.name));
    }
    let mut count = |code, n: u64| {
        if n > 0 {
            notes.push(Remark::new(code).with("n", n));
        }
    };
    count("inferred_days", inferred_days);
    count("conflicting_amounts", merged.conflicting_orders);
    let is_guess = |file: &FileTraits| file.has_order_amount && file.is_guessed;
    if options.mapping.is_empty() && files.iter().any(is_guess) {
        count("repeated_amounts", repeated_amounts);
    }
    count("split_orders", u64::from(merged.split_orders));
    if options.aliases.is_some() {
        notes.push(Remark::new("merged_aliases").with("n", merged.alias_rows));
    }
    notes.extend(merged.identities.notes(&options.identity));
    notes
}
