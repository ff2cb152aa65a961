//! Which columns the values of an order are read from.

use crate::parse::layout::Layout;
use crate::parse::orders::row::AmountColumns;
use crate::schema::Field;

/// Columns that number the order where the first one is blank: of layouts that are known, not guessed.
pub(super) fn other_order_ids(layout: &Layout) -> Vec<usize> {
    let columns = layout.columns.get(&Field::OrderId).filter(|_| !layout.preset.is_generic());
    columns.map(|columns| columns[1..].to_vec()).unwrap_or_default()
}

/// The columns that say what became of an order: its own, then those that say whether it was paid.
pub(in crate::parse::orders) fn status_columns(layout: &Layout) -> Vec<usize> {
    let columns = |field| layout.columns.get(&field).into_iter().flatten().copied();
    let is_place = |column: &usize| columns(Field::Province).any(|place| place == *column);
    // Of a platform's layout the headers of one field are other names of one column.
    let further = if layout.preset.is_generic() { usize::MAX } else { 0 };
    let own = columns(Field::Status).enumerate().filter(|(i, column)| *i == 0 || !is_place(column));
    let own = own.map(|(_, column)| column).take(further.max(1));
    let mut statuses: Vec<usize> = own.chain(columns(Field::PaymentStatus)).collect();
    let mut seen = Vec::new();
    statuses.retain(|column| {
        !seen.contains(column) && {
            seen.push(*column);
            true
        }
    });
    statuses
}

/// In place of a column where there is none: no record has so many cells, and a cell that a record lacks is empty.
const NO_COLUMN: usize = usize::MAX;

/// The columns that the amount is in; [`NO_COLUMN`] where none says it.
pub(super) fn amount_columns(layout: &Layout) -> AmountColumns {
    let column = |field| layout.column(field);
    for (field, is_of_order) in [(Field::PaidAmount, true), (Field::Amount, false)] {
        if let Some((plus, minus)) = layout.sums.get(&field) {
            return AmountColumns::Sum { plus: plus.clone(), minus: minus.clone(), is_of_order };
        }
    }
    match (column(Field::PaidAmount), column(Field::Amount), column(Field::UnitPrice)) {
        (Some(paid), _, _) => AmountColumns::Order(paid),
        (None, Some(amount), _) => AmountColumns::Row(amount),
        (None, None, Some(price)) => AmountColumns::Product(column(Field::Quantity), price),
        (None, None, None) => AmountColumns::Row(NO_COLUMN),
    }
}
