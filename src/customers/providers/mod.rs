//! The groups of columns, one file each.

mod analyses;
mod behaviour;
mod contact;
mod due;
mod forecast;
mod hand;
mod orders;
mod taste;
mod who;
mod worth;

pub use due::expected;
pub(super) use forecast::FORECAST;
pub use who::STATUSES;
pub(super) use who::{contact, is_contact};

use super::Provider;

/// All groups, in the order in which a list of all columns shows them.
pub const PROVIDERS: [&Provider; 22] = [
    &who::IDENTITY,
    &who::CALLED,
    &who::TRAITS,
    &who::REACHED,
    &who::PLACE,
    &who::JOINED,
    &who::ORIGIN,
    &who::ALLOWED,
    &orders::FACTS,
    &orders::SUMS,
    &taste::ITEMS,
    &worth::WORTH,
    &analyses::SCORES,
    &analyses::LIFECYCLE,
    &due::DUE,
    &taste::TASTE,
    &behaviour::BEHAVIOUR,
    &contact::CONTACTED,
    &contact::REACHABLE,
    &hand::TAGS,
    &hand::NOTES,
    &FORECAST,
];
