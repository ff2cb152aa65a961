//! Rows that need no merging and stand by customer and day already, as a store keeps them: they become parts of the
//! canonical table as they are.

use polars::prelude::*;

use crate::error::Result;
use crate::schema::{Key, orders};

/// Parts have about so many rows: enough to be worth a turn, few enough to stay in cache and to occupy every core.
const PART: u32 = 40_000;

/// Rows of orders, each an order of its own, whose customers have no other rows.
#[derive(Debug, Default)]
pub struct SortedRows {
    /// The customers in the order of their rows, with how many each has; keys that name nobody too.
    pub runs: Vec<(Key, u32)>,
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
    /// The rows as parts, the customers numbered from `base` on.
    pub(super) fn into_parts(mut self, base: u32) -> Result<SortedParts> {
        let height = self.frame.height();
        let mut parts = SortedParts::default();
        let mut codes: Vec<u32> = Vec::with_capacity(height);
        // Where each part begins, and whose rows it has.
        let mut cuts: Vec<(u32, Whose)> = Vec::new();
        for (key, rows) in &self.runs {
            let (start, whose) = (codes.len() as u32, Whose::of(*key));
            if cuts.last().is_none_or(|(from, last)| *last != whose || start - from >= PART) {
                cuts.push((start, whose));
            }
            codes.resize(codes.len() + *rows as usize, base + parts.keys.len() as u32);
            if whose == Whose::Somebodys {
                parts.keys.push(*key);
            }
        }
        let codes = UInt32Chunked::from_vec(orders::CUSTOMER.into(), codes).into_column();
        self.frame.with_column(codes)?;
        let ends = cuts.iter().skip(1).map(|(start, _)| *start).chain([height as u32]);
        for ((start, whose), end) in cuts.iter().zip(ends) {
            let slice = self.frame.slice(i64::from(*start), (end - start) as usize);
            let part = part(&slice, *whose)?;
            let list = if *whose == Whose::Somebodys { &mut parts.known } else { &mut parts.unknown };
            list.push(part);
        }
        Ok(parts)
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
