//! Metrics: pure functions from canonical tables and validated parameters to frames.
//!
//! Each has a *heavy stage*, on ids, whole days and fixed-point amounts (filter, group, sum, count, max: what any
//! engine can do), and a *finish stage*, shared plain code on its small result (cut points, ratios, labels, order). The
//! heavy stages of most are one pass over what each customer bought ([`histories`]).

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
