//! Rows as typed columns, and the basis of the fast path for orders: keys, dictionaries that number texts, and
//! partitions that fit into the cache.

pub mod dictionary;
mod extra;
mod item_rows;
pub(crate) mod key_table;
pub(crate) mod partition;
pub(crate) mod row_keys;
mod sorted;

pub use extra::{Extra, Extras, NO_EXTRA};
pub use item_rows::ItemRows;
pub use sorted::{Numbered, ReadRows, SortedRows};
