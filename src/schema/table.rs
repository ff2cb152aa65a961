//! The canonical tables.

use serde::{Deserialize, Serialize};

/// The canonical table that a file's rows belong to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Orders, or their items carrying what orders carry.
    Orders,
    /// Items of orders kept in another file.
    OrderItems,
    /// Customers.
    Customers,
    /// Behaviour events.
    Events,
    /// Message sends.
    Sends,
    /// Other ids of customers, kept by hand.
    Aliases,
    /// Something else that platforms export, of no use here.
    #[default]
    None,
}

impl Table {
    /// The tables that hold something, in the order help and configuration list them.
    pub const ALL: [Self; 5] = [Self::Orders, Self::OrderItems, Self::Customers, Self::Events, Self::Sends];

    /// What its flag and its key in `[inputs]` are called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::OrderItems => "items",
            Self::Customers => "customers",
            Self::Events => "events",
            Self::Sends => "sends",
            Self::Aliases => "aliases",
            Self::None => "nothing of use",
        }
    }

    /// The file that holds it, in a phrase.
    pub fn export(self) -> &'static str {
        match self {
            Self::Orders => "an order export",
            Self::OrderItems => "an export of items",
            Self::Customers => "a customer export",
            Self::Events => "a log of events (who did what when)",
            Self::Sends => "a list of sent messages",
            Self::Aliases => "a list of aliases",
            Self::None => "another file",
        }
    }
}
