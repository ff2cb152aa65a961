//! Customer analytics for online shops.
//!
//! ```text
//! export files ──parse──▶ typed rows ──merge──▶ canonical tables ──metrics──▶ answers ──present──▶ table, csv, json …
//!                  └────store────┘    (reading)    └──customers──┘
//! ```
//!
//! Data only moves forward, and no room knows what stands above it: [`locale`] and [`error`] have words, [`schema`]
//! declares the canonical tables, [`rows`] is the fast path for orders, [`parse`] turns the bytes of one file into
//! typed rows, [`hand`] reads and writes what people keep by hand, [`merge`] makes the tables of the rows of many
//! files, [`store`] keeps what parsing gave for the next time, and [`reading`] goes from named inputs to the tables.
//! [`metrics`] are pure functions on these; [`customers`] puts what they and the tables say of each person side by
//! side; [`present`] writes an [`answer`]. [`cli`] ties these together, one file per command. What is written is
//! written by [`disk`].

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
