//! Customer analytics for online shops.
//!
//! ```text
//! export files ──ingest──▶ canonical tables ──metrics──▶ results ──present──▶ table, csv, json …
//!               │     ▲      (schema)          (stats)              (locale)
//!               └─store┘
//! ```
//!
//! Data only moves forward. [`ingest`] turns whatever a platform exports into the canonical tables of [`schema`], and
//! [`store`] keeps what it parsed for the next time; [`metrics`] are pure functions on these tables; [`customers`] puts
//! what they and the tables say of each person side by side; [`present`] writes an [`answer`]. [`cli`] ties these
//! together, one file per command.

pub mod answer;
pub mod cli;
pub mod config;
pub mod contacts;
pub mod customers;
pub mod error;
pub mod ingest;
pub mod locale;
pub mod masks;
pub mod metrics;
pub mod packed;
mod place;
pub mod present;
pub mod regions;
pub mod schema;
pub mod stats;
pub mod store;
mod sync;

pub use error::{Error, Result};
