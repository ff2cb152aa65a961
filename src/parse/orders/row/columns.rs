//! Finds the columns from which the values of an order are read.

use crate::parse::layout::Layout;
use crate::parse::orders::row::AmountColumns;
use crate::schema::Field;

/// Columns with other order numbers, for rows in which the first such column is blank. Only in known layouts, not in
/// guessed ones.
pub(super) fn other_order_ids(layout: &Layout) -> Vec<usize> {
    let columns = layout.columns.get(&Field::OrderId).filter(|_| !layout.preset.is_generic());
    columns.map(|columns| columns[1..].to_vec()).unwrap_or_default()
}

/// The status columns: the order's status first, then columns that say whether it was paid.
pub(in crate::parse::orders) fn status_columns(layout: &Layout) -> Vec<usize> {
    let columns = |field| layout.columns.get(&field).into_iter().flatten().copied();
    let is_place = |column: &usize| columns(Field::Province).any(|place| place == *column);
    // In a platform's layout the headers of one field are alternative names of one column.
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

/// Stands for a missing column: no record has so many cells, and a cell beyond a record's end is empty.
const NO_COLUMN: usize = usize::MAX;

/// The columns of the amount; [`NO_COLUMN`] if there are none.
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
