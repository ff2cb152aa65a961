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

use super::Provider;

/// All of them, in the order in which lists of all columns show these.
pub const PROVIDERS: [&Provider; 14] = [
    &who::IDENTITY,
    &who::PEOPLE,
    &orders::FACTS,
    &orders::SUMS,
    &taste::ITEMS,
    &worth::WORTH,
    &analyses::SCORES,
    &analyses::LIFECYCLE,
    &due::DUE,
    &taste::TASTE,
    &behaviour::BEHAVIOUR,
    &contact::CONTACT,
    &hand::HAND,
    &forecast::FORECAST,
];
