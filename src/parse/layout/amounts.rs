//! Which columns hold amounts, and whether of orders or of items: a column of words holds no amounts, whatever its
//! header says, and an amount that is equal on all rows of an order is the order's.

use std::collections::HashMap;

use crate::parse::layout::Layout;
use crate::parse::layout::sample::Sample;
use crate::parse::options::ReadOptions;
use crate::parse::value::money::{self, Amount, DecimalMark};
use crate::schema::money::{Micros, UNIT};
use crate::schema::{Field, Table, squash};
use crate::text;

const AMOUNTS: [Field; 8] = [
    Field::PaidAmount,
    Field::Amount,
    Field::UnitPrice,
    Field::RefundAmount,
    Field::Gross,
    Field::Discount,
    Field::Cost,
    Field::Quantity,
];

/// Takes columns of words and of flags away from the amount fields if only ordinary header names put them there.
/// Returns those that say yes or no, or a status (`paid`, `refunded`).
pub(super) fn settle_amounts(layout: &mut Layout, sample: &Sample, options: &ReadOptions) -> Vec<usize> {
    let mut answers = Vec::new();
    if !layout.preset.is_generic() || layout.preset.table != Table::Orders {
        return answers;
    }
    for field in AMOUNTS {
        let Some(columns) = layout.columns.get(&field).cloned() else { continue };
        let is_answer = matches!(field, Field::PaidAmount | Field::RefundAmount);
        // A column that the user mapped to an amount stays one.
        let is_guess = !options.mapping.iter().any(|(said, _)| *said == field);
        let is_flag =
            |column: &usize| is_answer && is_guess && holds_flags(sample, &layout.headers[*column], *column);
        // Flags are taken as amounts if there is no other amount.
        let has_amounts = field == Field::RefundAmount
            || has_other(layout, field)
            || columns.iter().any(|column| !is_flag(column) && !holds_words(sample, *column));
        let (words, numbers): (Vec<usize>, Vec<usize>) = columns
            .iter()
            .copied()
            .partition(|column| holds_words(sample, *column) || (has_amounts && is_flag(column)));
        if words.is_empty() {
            continue;
        }
        let says = |column: &&usize| is_flag(column) || holds_answers(layout, sample, **column);
        answers.extend(words.iter().filter(|_| is_answer).filter(says));
        // If there is no other column, it stays, so that rows are refused with its name.
        let is_needed = matches!(field, Field::PaidAmount | Field::Amount | Field::UnitPrice)
            && !has_other(layout, field);
        match (numbers.is_empty(), is_needed) {
            (true, true) => {}
            (true, false) => drop(layout.columns.remove(&field)),
            (false, _) => drop(layout.columns.insert(field, numbers)),
        }
    }
    answers
}

/// Whether another field than this one has an amount column.
fn has_other(layout: &Layout, field: Field) -> bool {
    let others = [Field::PaidAmount, Field::Amount, Field::UnitPrice];
    others.into_iter().any(|other| other != field && layout.has(other))
}

/// Whether a column holds words and no amounts.
fn holds_words(sample: &Sample, column: usize) -> bool {
    let mut has_words = false;
    for cell in sample.column(column).filter(|cell| !text::is_null(cell.as_bytes())) {
        match [DecimalMark::Point, DecimalMark::Comma].map(|mark| money::parse(cell.as_bytes(), mark)) {
            [Amount::Bad, Amount::Bad] => has_words |= !cell.chars().any(|c| c.is_ascii_digit()),
            _ => return false,
        }
    }
    has_words
}

/// Whether a column says yes or no in numbers: its header names no amount, and its cells are all 0 or 1, both of which
/// occur.
fn holds_flags(sample: &Sample, header: &str, column: usize) -> bool {
    let header = squash(header);
    if ["amount", "total", "sum", "value", "金额", "额"].iter().any(|word| header.contains(word)) {
        return false;
    }
    let (mut has_no, mut has_yes) = (false, false);
    let cells = sample.column(column).filter(|cell| !text::is_null(cell.as_bytes()));
    cells.map(|cell| cell.strip_suffix(".0").unwrap_or(cell)).all(|cell| {
        (has_no, has_yes) = (has_no || cell == "0", has_yes || cell == "1");
        matches!(cell, "0" | "1")
    }) && has_no
        && has_yes
}

/// Whether a column says yes or no, or an order's status.
fn holds_answers(layout: &Layout, sample: &Sample, column: usize) -> bool {
    const ANSWERS: [&str; 14] =
        ["yes", "no", "y", "n", "true", "false", "是", "否", "ja", "nein", "oui", "non", "sí", "si"];
    let is_answer = |word: &str| {
        let word = squash(word);
        ANSWERS.contains(&word.as_str())
            || layout.preset.status_words().any(|(status, _)| squash(status) == word)
    };
    sample.column(column).filter(|cell| !text::is_null(cell.as_bytes())).all(is_answer)
}

/// Finds rows of items whose `total` is that of their order: it is equal on all rows of every order with several rows,
/// though these are of different items, and it is not the row's price times quantity. Returns the column.
pub(super) fn settle_total(layout: &mut Layout, sample: &Sample) -> Option<usize> {
    let (order, total) = (layout.column(Field::OrderId)?, layout.column(Field::Amount)?);
    let is_guess = layout.preset.is_generic() && layout.preset.table == Table::Orders;
    if !is_guess || layout.has(Field::PaidAmount) || !is_total(&layout.headers[total]) {
        return None;
    }
    let items: Vec<usize> = [Field::ProductId, Field::Title, Field::Variant]
        .iter()
        .filter_map(|field| layout.column(*field))
        .collect();
    let mut orders: HashMap<&str, Vec<usize>> = HashMap::new();
    for row in 0..sample.len() {
        let id = sample.cell(row, order);
        if !text::is_null(id.as_bytes()) {
            orders.entry(id).or_default().push(row);
        }
    }
    let of_several: Vec<&Vec<usize>> = orders.values().filter(|rows| rows.len() > 1).collect();
    let alike = |rows: &[usize], column: usize| {
        rows.iter().all(|row| sample.cell(*row, column) == sample.cell(rows[0], column))
    };
    let has_items = |rows: &&&Vec<usize>| items.is_empty() || items.iter().any(|item| !alike(rows, *item));
    let telling = of_several.iter().filter(has_items).count();
    /// With fewer orders, two equal prices may be chance.
    const MIN_TELLING_ORDERS: usize = 2;
    let is_of_orders = telling >= MIN_TELLING_ORDERS
        && of_several.iter().all(|rows| alike(rows, total))
        && !is_product(layout, sample, total, &of_several);
    if !is_of_orders {
        return None;
    }
    layout.columns.remove(&Field::Amount);
    layout.columns.insert(Field::PaidAmount, vec![total]);
    Some(total)
}

/// Whether a header says that its column is a total.
pub fn is_total(header: &str) -> bool {
    let header = header.to_lowercase();
    ["total", "总", "合计", "gesamt", "summe", "итого"].iter().any(|word| header.contains(word))
}

/// Whether on most rows the total is quantity times price.
fn is_product(layout: &Layout, sample: &Sample, total: usize, orders: &[&Vec<usize>]) -> bool {
    let Some(price) = layout.column(Field::UnitPrice) else { return false };
    let number = |row: usize, column: usize| match money::parse(
        sample.cell(row, column).as_bytes(),
        DecimalMark::Point,
    ) {
        Amount::Micros(micros) => Some(micros),
        _ => None,
    };
    let (mut products, mut rows) = (0, 0);
    for &row in orders.iter().copied().flatten() {
        let quantity = layout.column(Field::Quantity).and_then(|column| number(row, column));
        let quantity = quantity.unwrap_or(Micros::units(1));
        let (Some(price), Some(total)) = (number(row, price), number(row, total)) else { continue };
        rows += 1;
        let product = i128::from(price) * i128::from(quantity) / i128::from(UNIT);
        products += usize::from(product == i128::from(total));
    }
    2 * products > rows
}
