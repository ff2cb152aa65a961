//! Finds the column of order numbers if no header names it: the column that tells apart rows with equal day, buyer and
//! total.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::parse::layout::Layout;
use crate::parse::layout::sample::Sample;
use crate::parse::value::date::{DateReader, Day};
use crate::schema::{Field, Table};
use crate::text;

/// Day, buyer and amount of a row.
type Purchase<'a> = (String, Vec<&'a str>, &'a str);

/// The one column that repeats exactly where day, buyer and amount repeat, if there are such rows and exactly one such
/// column.
pub(super) fn find_order_id(layout: &Layout, sample: &Sample, probe: &DateReader) -> Option<usize> {
    let is_guess = layout.preset.is_generic() && layout.preset.table == Table::Orders;
    if !is_guess || layout.has(Field::OrderId) {
        return None;
    }
    let day = layout.column(Field::CreatedAt).or(layout.column(Field::PaidAt))?;
    let amount = layout.column(Field::PaidAmount).or(layout.column(Field::Amount))?;
    let buyers: Vec<usize> = [Field::CustomerId, Field::Email, Field::Phone]
        .iter()
        .filter_map(|field| layout.column(*field))
        .collect();
    if buyers.is_empty() {
        return None;
    }
    let mut purchases: BTreeMap<Purchase<'_>, Vec<usize>> = BTreeMap::new();
    for row in 0..sample.len() {
        let cell = sample.cell(row, day);
        let on = match probe.day(cell.as_bytes()) {
            Day::On(day) | Day::Either(day) | Day::Evident(day, _) => day.to_string(),
            _ => cell.to_owned(),
        };
        let who = buyers.iter().map(|column| sample.cell(row, *column)).collect();
        purchases.entry((on, who, sample.cell(row, amount))).or_default().push(row);
    }
    let purchases: Vec<Vec<usize>> = purchases.into_values().collect();
    if purchases.iter().all(|rows| rows.len() < 2) {
        return None;
    }
    let taken = [day, amount];
    let is_free = |column: &usize| !taken.contains(column) && !buyers.contains(column);
    let candidates: Vec<usize> = (0..layout.headers.len())
        .filter(is_free)
        .filter(|column| repeats_with(sample, *column, &purchases) && holds_ids(sample, *column, probe))
        .collect();
    let named: Vec<usize> =
        candidates.iter().copied().filter(|column| sounds_like_an_id(&layout.headers[*column])).collect();
    match (named.as_slice(), candidates.as_slice()) {
        ([column], _) | ([], [column]) => Some(*column),
        _ => None,
    }
}

/// Whether all rows of each repeated purchase have one value in this column, and no other row has that value. A
/// purchase that repeats by chance (a customer buys the same twice a day) has two values.
fn repeats_with(sample: &Sample, column: usize, purchases: &[Vec<usize>]) -> bool {
    let mut owners: HashMap<&str, usize> = HashMap::new();
    let (mut repeated, mut told_apart) = (0, 0);
    for (number, rows) in purchases.iter().enumerate() {
        let values: HashSet<&str> = rows.iter().map(|row| sample.cell(*row, column)).collect();
        for value in &values {
            if text::is_null(value.as_bytes())
                || owners.insert(value, number).is_some_and(|other| other != number)
            {
                return false;
            }
        }
        repeated += usize::from(rows.len() > 1);
        told_apart += usize::from(rows.len() > 1 && values.len() == 1);
    }
    // If the column tells all rows apart, it numbers the rows of an order, not the orders.
    told_apart > 0 && 2 * told_apart >= repeated
}

/// Whether the values of a column can be ids: each has a digit, and none is a date.
fn holds_ids(sample: &Sample, column: usize, probe: &DateReader) -> bool {
    sample.column(column).all(|cell| {
        cell.chars().any(|c| c.is_ascii_digit())
            && !cell.contains(char::is_whitespace)
            && !cell.contains('.')
            && (probe.day(cell.as_bytes()) == Day::Bad || cell.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

/// Whether a header can be that of an order number.
fn sounds_like_an_id(header: &str) -> bool {
    const PARTS: [&str; 20] = [
        "order",
        "invoice",
        "receipt",
        "bill",
        "ticket",
        "transaction",
        "document",
        "voucher",
        "number",
        "ref",
        "bestell",
        "auftrag",
        "beleg",
        "rechnung",
        "commande",
        "pedido",
        "ordine",
        "单",
        "号",
        "编号",
    ];
    const WORDS: [&str; 6] = ["id", "no", "nr", "num", "#", "code"];
    let header = header.to_lowercase();
    PARTS.iter().any(|part| header.contains(part))
        || header.split(|c: char| !c.is_alphanumeric() && c != '#').any(|word| WORDS.contains(&word))
}
