//! Rows that need no merging and stand by customer and day already, as a store keeps them: they become parts of the
//! canonical table as they are.

use polars::prelude::*;

use crate::error::Result;
use crate::schema::{Key, orders};

/// Parts have about so many rows: enough to be worth a turn, few enough to stay in cache and to occupy every core.
const PART: usize = 40_000;

/// Rows of orders, each an order of its own, whose customers have no other rows.
#[derive(Debug, Default)]
pub struct SortedRows {
    /// The customers in the order of their rows; keys that name nobody too.
    pub customers: Vec<Key>,
    /// How many rows each of them has.
    pub row_counts: Vec<u32>,
    /// Texts of the customers whose ids are long.
    pub long: Vec<(Key, Box<str>)>,
    /// `ordered_on`, `status`, `paid_amount` and `refund_amount` as the canonical table has them.
    pub frame: DataFrame,
}

/// Parts of the canonical table.
#[derive(Default)]
pub(super) struct SortedParts {
    pub known: Vec<DataFrame>,
    /// Of orders that name nobody.
    pub unknown: Vec<DataFrame>,
    /// The customers' keys, by code.
    pub keys: Vec<Key>,
}

impl SortedRows {
    /// How many customers are somebody.
    pub(super) fn named(&self) -> u32 {
        self.customers.iter().filter(|key| key.is_usable()).count() as u32
    }

    /// The rows as parts, the customers numbered from `base` on.
    pub(super) fn into_parts(mut self, base: u32) -> Result<SortedParts> {
        let height = self.frame.height();
        let (codes, cuts) = self.codes(base);
        self.frame.with_column(UInt32Chunked::from_vec(orders::CUSTOMER.into(), codes).into_column())?;
        let mut parts = SortedParts::default();
        let ends = cuts.iter().skip(1).map(|(start, _)| *start).chain([height]);
        for ((start, whose), end) in cuts.iter().zip(ends) {
            let slice = self.frame.slice(*start as i64, end - start);
            let part = part(&slice, *whose)?;
            let list = if *whose == Whose::Somebodys { &mut parts.known } else { &mut parts.unknown };
            list.push(part);
        }
        parts.keys = self.customers;
        parts.keys.retain(|key| key.is_usable());
        Ok(parts)
    }

    /// The number of each row's customer, which means nothing where that is nobody; and where each part begins, and whose
    /// rows it has.
    fn codes(&self, base: u32) -> (Vec<u32>, Vec<(usize, Whose)>) {
        /// Written without asking whether a customer has so many rows: few have more.
        const USUAL: usize = 8;
        let mut codes = vec![0; self.frame.height() + USUAL];
        let (mut cuts, mut start, mut code): (Vec<(usize, Whose)>, _, _) = (Vec::new(), 0, base);
        for (key, rows) in self.customers.iter().zip(&self.row_counts) {
            let whose = Whose::of(*key);
            if cuts.last().is_none_or(|(from, last)| *last != whose || start - from >= PART) {
                cuts.push((start, whose));
            }
            let end = start + *rows as usize;
            codes[start..start + USUAL].fill(code);
            if end - start > USUAL {
                codes[start + USUAL..end].fill(code);
            }
            start = end;
            code += u32::from(whose == Whose::Somebodys);
        }
        codes.truncate(start);
        (codes, cuts)
    }
}

/// Whose rows those of a part are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Somebodys,
    Nobodys,
    Masked,
}

impl Whose {
    fn of(key: Key) -> Self {
        match key {
            Key::MASKED => Self::Masked,
            Key::NONE => Self::Nobodys,
            _ => Self::Somebodys,
        }
    }
}

/// A part with the columns that the rows leave out.
fn part(rows: &DataFrame, whose: Whose) -> Result<DataFrame> {
    let height = rows.height();
    let customer = match whose {
        Whose::Somebodys => rows.column(orders::CUSTOMER)?.clone(),
        _ => UInt32Chunked::full_null(orders::CUSTOMER.into(), height).into_column(),
    };
    let constant = |name: &str, value: Scalar| Column::new_scalar(name.into(), value, height);
    let columns = vec![
        customer,
        constant(orders::IS_MASKED, Scalar::from(whose == Whose::Masked)),
        rows.column(orders::ORDERED_ON)?.clone(),
        rows.column(orders::STATUS)?.clone(),
        rows.column(orders::PAID_AMOUNT)?.clone(),
        rows.column(orders::REFUND_AMOUNT)?.clone(),
        constant(orders::ROW_COUNT, Scalar::from(1_u32)),
        constant(orders::SPLIT, Scalar::from(0_u32)),
    ];
    Ok(DataFrame::new(height, columns)?)
}
