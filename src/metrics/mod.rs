//! Metrics: pure functions from canonical tables and validated parameters to frames.
//!
//! Each file has a *heavy stage*, lazy polars on ids, whole days and fixed-point amounts (filter, group, sum,
//! count, max: what any engine can do), and a *finish stage*, shared plain code on its small result (cut points,
//! ratios, labels, order).

pub mod check;
pub mod customer_facts;
pub mod definition;
mod finish;
pub mod group_map;
pub mod region;
pub mod rfm;
pub mod scope;
pub mod segment;

pub use customer_facts::CustomerFacts;
pub use scope::Scope;
