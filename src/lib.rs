//! Customer analytics for online shops.
//!
//! ```text
//! export files ──parse──▶ typed rows ──merge──▶ canonical tables ──metrics──▶ answers ──present──▶ table, csv, json …
//!                  └────store────┘    (reading)    └──customers──┘
//! ```
//!
//! Data only moves forward, and no module knows those above it. [`locale`] and [`error`] have all texts. [`schema`]
//! declares the canonical tables. [`rows`] is the fast path for orders. [`parse`] turns the bytes of one file into
//! typed rows. [`hand`] reads and writes the files that people edit by hand. [`merge`] makes the tables from the rows
//! of many files. [`store`] keeps parsed rows for later runs. [`reading`] goes from named inputs to the tables.
//! [`metrics`] are pure functions on these tables. [`customers`] joins, for each person, the results of the metrics and
//! the columns of the tables. [`present`] writes an [`answer`]. [`cli`] ties these together, with one file per command.
//! All files are written through [`disk`].

pub mod answer;
pub mod check;
pub mod cli;
pub mod config;
pub mod contacts;
pub mod customers;
pub mod define;
pub mod disk;
pub mod engine;
pub mod error;
pub mod export;
pub mod hand;
pub mod limits;
pub mod locale;
pub mod masks;
pub mod merge;
pub mod metrics;
pub mod page;
pub mod parse;
mod place;
pub mod present;
pub mod questions;
pub mod reading;
pub mod regions;
pub mod rows;
pub mod schema;
pub mod stats;
pub mod store;
mod sync;
pub mod text;

pub use error::{Error, Result};
