//! Metrics: pure functions from canonical tables and validated parameters to frames.
//!
//! Each metric has two stages. The *heavy stage* works on ids, whole days and fixed-point amounts, with operations that
//! any engine has: filter, group, sum, count, max. The *finish stage* is plain code that all engines share; it works on
//! the small result of the heavy stage (cut points, ratios, labels, sort order). The heavy stage of most metrics is one
//! pass over each customer's orders ([`histories`]).

pub mod audience;
pub mod baskets;
pub mod calendar;
pub mod campaign;
pub mod care;
pub mod cohort;
pub mod coverage;
pub mod customer_facts;
pub mod documents;
pub(crate) mod finish;
pub mod firsts;
pub mod group_days;
pub mod group_map;
pub mod habits;
pub mod histories;
pub mod holdout;
pub mod interest;
pub mod latest;
pub mod listed_buyers;
mod listing_order;
pub mod migration;
pub(crate) mod moment;
pub mod origins;
pub mod overview;
mod places;
pub mod predict;
pub mod products;
pub mod profile;
pub mod purchases;
pub mod region;
pub mod repurchase;
pub mod rfm;
pub mod scope;
pub mod segment;
pub mod sources;
#[cfg(test)]
pub(crate) mod testing;
pub mod touchpoints;
pub mod trend;
pub mod value;

pub use customer_facts::CustomerFacts;
pub use scope::{Scope, ScopeRequest};
