//! Removes a person's rows from parsed rows, with all names that only these rows had.

use std::collections::HashSet;

use super::filter;
use crate::parse::orders::{Block, LostRow};
use crate::parse::tables::TableRows;
use crate::schema::money::MISSING;
use crate::schema::{Key, Status, Table, day};

/// The people whose rows are removed.
#[derive(Debug, Default)]
pub(super) struct Theirs {
    /// The ids of the people.
    pub customers: HashSet<Key>,
    /// The orders of the people. Rows of these orders without a customer are removed too.
    pub orders: HashSet<Key>,
}

impl Theirs {
    /// Whether a row belongs to the people, or has no customer and belongs to one of their orders.
    pub(super) fn has(&self, customer: Key, order: Option<Key>) -> bool {
        self.customers.contains(&customer)
            || (!customer.is_usable() && order.is_some_and(|order| self.orders.contains(&order)))
    }
}

/// Removes the rows of the people `theirs` from a block whose orders are indexed. The phone numbers and e-mail
/// addresses for which `is_contact` is true are removed from all accounts. Returns a description of the removed rows.
pub(super) fn leave_rows(
    block: &mut Block,
    theirs: &Theirs,
    is_contact: impl Fn(&str) -> bool,
) -> Vec<LostRow> {
    let mut is_theirs: Vec<Vec<bool>> = block
        .rows
        .iter()
        .map(|group| group.columns.customer.iter().map(|key| theirs.has(*key, None)).collect())
        .collect();
    for (order, place) in block.orders.keys.iter().zip(&block.orders.places) {
        let (group, row) = (place.group as usize, place.row as usize);
        is_theirs[group][row] |= theirs.has(block.rows[group].columns.customer[row], Some(*order));
    }
    block.accounts.forget(|account| theirs.customers.contains(&account), is_contact);
    let lost = lost_rows(block, &is_theirs);
    filter::leave_out(block, &is_theirs);
    lost
}

fn lost_rows(block: &Block, is_theirs: &[Vec<bool>]) -> Vec<LostRow> {
    let mut lost = Vec::new();
    for (group, is_theirs) in block.rows.iter().zip(is_theirs) {
        let columns = &group.columns;
        for row in (0..is_theirs.len()).filter(|row| is_theirs[*row]) {
            let day = |days: &[i32]| days.get(row).copied().unwrap_or(day::MISSING);
            lost.push(LostRow {
                import: columns.import.get(row).map_or(0, |import| u64::from(*import)),
                customer: columns.customer[row],
                created_on: day(&columns.created_on),
                paid_on: day(&columns.paid_on),
                amount: columns.amount[row],
                gross: columns.extra.get(row).map_or(MISSING, |extra| extra.gross),
                status: Status::ALL.get(usize::from(columns.status[row])).copied(),
            });
        }
    }
    lost
}

/// Removes the people's rows from another table, and returns how many there were.
pub(super) fn leave_table_rows(
    rows: &mut TableRows,
    theirs: &Theirs,
    is_contact: impl Fn(&str) -> bool,
) -> u64 {
    let is_theirs = |row: usize| {
        let customer = rows.customers.get(row).copied().unwrap_or(Key::NONE);
        let order = rows.orders.get(row).copied();
        // Items belong to the person who has the order.
        let is_item = rows.table.is_some_and(Table::holds_items)
            && order.is_some_and(|order| theirs.orders.contains(&order));
        is_item || theirs.has(customer, order)
    };
    let is_kept: Vec<bool> = (0..rows.row_count as usize).map(|row| !is_theirs(row)).collect();
    let erased = is_kept.iter().filter(|is_kept| !**is_kept).count() as u64;
    rows.accounts.forget(|account| theirs.customers.contains(&account), is_contact);
    if erased == 0 {
        return 0;
    }
    rows.retain(&is_kept);
    let items = &mut rows.details.items;
    items.retain(|order| !theirs.orders.contains(order));
    let mut left = vec![0_u64; items.products.list.len()];
    for line in &items.lines {
        left.get_mut(line.product as usize).into_iter().for_each(|rows| *rows += 1);
    }
    let lost: Vec<u64> =
        items.products.list.iter().zip(left).map(|((_, rows), left)| rows.saturating_sub(left)).collect();
    items.products.take_off(&lost);
    erased
}

/// Removes people from the texts of other rows, for example from a remark that names them. `scrubbed` returns the text
/// without them, or none if it does not name them. Returns whether any text changed.
pub(super) fn scrub_texts(rows: &mut TableRows, scrubbed: impl Fn(&str) -> Option<String>) -> bool {
    let details = &mut rows.details;
    let mut is_changed = false;
    for texts in details.more.values_mut() {
        is_changed |= texts.replace(&scrubbed);
    }
    for texts in details.texts.values_mut() {
        let mut is_used = vec![false; texts.dictionary.list.len()];
        for number in &texts.numbers {
            is_used.get_mut(*number as usize).into_iter().for_each(|is_used| *is_used = true);
        }
        let used = texts.dictionary.list.iter_mut().zip(is_used).filter(|(_, is_used)| *is_used);
        for ((text, _), _) in used {
            if let Some(clean) = scrubbed(text) {
                *text = clean;
                is_changed = true;
            }
        }
    }
    is_changed
}
