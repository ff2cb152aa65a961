//! The canonical orders table: one row per order, narrow and typed.

use polars::prelude::{Column, DataFrame, DataType, IntoLazy, LazyFrame};
use rayon::prelude::*;

use super::{CustomerIds, Items};
use crate::error::Result;
use crate::regions::Region;

/// Code of the buyer in [`Orders::customers`] (u32), null where the export names nobody.
pub const CUSTOMER: &str = "customer";
/// Whether the buyer is given, but masked by the platform (bool).
pub const IS_MASKED: &str = "is_masked";
/// Calendar day of the order in the shop's zone: payment, else creation (date).
pub const ORDERED_ON: &str = "ordered_on";
/// [`super::Status`] as its code (u8).
pub const STATUS: &str = "status";
/// What was paid, before refunds (i64, micro-units).
pub const PAID_AMOUNT: &str = "paid_amount";
/// What was given back (i64, micro-units).
pub const REFUND_AMOUNT: &str = "refund_amount";
/// Rows of the export that make up the order (u32), for the row accounting.
pub const ROW_COUNT: &str = "row_count";

/// The same number above 0 on orders of several customers under one order id, else 0 (u32).
pub const SPLIT: &str = "split";

/// Number of the region ordered to in [`Orders::regions`] (u32); only where it was asked for.
pub const REGION: &str = "region";

/// Second of the day of [`ORDERED_ON`] (i32), null where no time is given; this and the next only where asked for.
pub const SECOND: &str = "second";
/// Number of the source in [`Orders::sources`] (u32), null where none is given.
pub const SOURCE: &str = "source";
/// Hash of the recipient's name (u64), null where it is masked or not given.
pub const RECIPIENT: &str = "recipient";
/// What the order would have cost without discounts (i64, micro-units), null where nothing says it.
pub const FULL_PRICE: &str = "full_price";
/// What the goods cost the shop (i64, micro-units), null where nothing says it.
pub const COST: &str = "cost";
/// Place of the order's lines in [`Orders::items`] (u64), [`super::items::NO_LINES`] where it has none.
pub const LINES: &str = "lines";

/// In place of a region's number: nothing says where the order went.
pub const UNKNOWN_REGION: u32 = u32::MAX;

/// The orders of all inputs, merged: each order once.
///
/// A credit note is a row whose amount is negative.
#[derive(Debug, Clone, Default)]
pub struct Orders {
    /// One row per order, with the columns named in this module.
    pub parts: Parts,
    /// The buyers' ids by code, and behind them those of customers whom only other tables know.
    pub customers: CustomerIds,
    /// The regions by number, in the order of their names; empty where they were not asked for.
    pub regions: Vec<Region>,
    /// The sources by number, in the order of their names; empty where they were not asked for.
    pub sources: Vec<String>,
    /// What orders hold; empty where it was not asked for.
    pub items: Items,
    /// Whether any input says what orders hold.
    pub has_items: bool,
    /// Whether any input says what orders would have cost without discounts.
    pub has_full_price: bool,
    /// Whether any input says what the goods cost the shop.
    pub has_cost: bool,
    /// Whether any input names recipients.
    pub has_recipient: bool,
    /// Whether the inputs have any column that says where orders went.
    pub has_region_column: bool,
    /// How many of the customers the orders name; other tables name those behind them.
    pub buyer_count: u32,
    /// Whether the inputs have any column that could name a buyer.
    pub has_customer_column: bool,
    /// Whether some buyers are known only by e-mail or phone.
    pub ids_are_personal: bool,
    /// Whether some order ids stand for orders of several customers.
    pub has_splits: bool,
}

/// A table in parts: all orders of a customer are in one part and stand together, by day, in the order of the
/// customers' codes; orders without a customer are in parts of their own. What is asked per customer is asked part
/// by part, which stays in cache and runs on all cores.
#[derive(Debug, Clone)]
pub struct Parts(Vec<DataFrame>);

impl Orders {
    /// Whether any order names its buyer.
    pub fn has_buyers(&self) -> bool {
        self.buyer_count > 0
    }
}

impl Default for Parts {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Parts {
    /// From frames with the columns of the orders table; none gives an empty table.
    pub fn new(mut frames: Vec<DataFrame>) -> Self {
        if frames.is_empty() {
            frames.push(empty());
        }
        Self(frames)
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.0.iter().map(DataFrame::height).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Turns every part into another.
    pub fn each(&self, turn: impl Fn(&DataFrame) -> Result<DataFrame> + Sync + Send) -> Result<Self> {
        Ok(Self(self.each_answer(turn)?))
    }

    /// Asks every part; the answers come in the order of the parts.
    pub fn each_answer<T: Send>(
        &self,
        ask: impl Fn(&DataFrame) -> Result<T> + Sync + Send,
    ) -> Result<Vec<T>> {
        self.0.par_iter().map(ask).collect()
    }

    /// Looks at every part in turn.
    pub fn visit(&self, look: impl FnMut(&DataFrame) -> Result<()>) -> Result<()> {
        self.0.iter().try_for_each(look)
    }

    /// Asks every part and puts the answers under one another, in the order of the parts.
    pub fn ask(&self, ask: impl Fn(LazyFrame) -> LazyFrame + Sync + Send) -> Result<DataFrame> {
        self.ask_frames(|part| Ok(ask(part.clone().lazy()).collect()?))
    }

    /// As [`Self::ask`], for questions that look at a customer's orders one after the other.
    pub fn ask_frames(
        &self,
        ask: impl Fn(&DataFrame) -> Result<DataFrame> + Sync + Send,
    ) -> Result<DataFrame> {
        let mut answers = self.each(ask)?.0.into_iter();
        let mut all = answers.next().unwrap_or_default();
        for answer in answers {
            all.vstack_mut_owned(answer)?;
        }
        all.rechunk_mut();
        Ok(all)
    }
}

/// A part without orders, which gives results their columns.
fn empty() -> DataFrame {
    let columns = [
        (CUSTOMER, DataType::UInt32),
        (IS_MASKED, DataType::Boolean),
        (ORDERED_ON, DataType::Date),
        (STATUS, DataType::UInt8),
        (PAID_AMOUNT, DataType::Int64),
        (REFUND_AMOUNT, DataType::Int64),
        (ROW_COUNT, DataType::UInt32),
        (SPLIT, DataType::UInt32),
        (REGION, DataType::UInt32),
    ];
    let columns = columns.iter().map(|(name, dtype)| Column::new_empty((*name).into(), dtype));
    DataFrame::new_infer_height(columns.collect()).unwrap_or_default()
}
