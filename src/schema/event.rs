//! The kind of a behaviour event.

use serde::{Deserialize, Serialize};

/// The kind of an event. Presets map the words in exports to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum EventKind {
    /// Looked at an item.
    View = 0,
    /// Made the shop a favourite.
    FavShop = 1,
    /// Made an item a favourite.
    FavItem = 2,
    /// Removed a favourite.
    Unfav = 3,
    /// Put into the cart.
    Cart = 4,
    /// Removed from the cart.
    Uncart = 5,
    /// Scanned a code.
    Scan = 6,
    /// Bought.
    Purchase = 7,
    /// Reviewed.
    Review = 8,
    /// An action that shows no interest in an item, such as opening the home page or searching.
    Ignore = 9,
}

impl EventKind {
    /// Every kind, in the order of their codes.
    pub const ALL: [Self; 10] = [
        Self::View,
        Self::FavShop,
        Self::FavItem,
        Self::Unfav,
        Self::Cart,
        Self::Uncart,
        Self::Scan,
        Self::Purchase,
        Self::Review,
        Self::Ignore,
    ];

    /// The name used in canonical files, presets and output.
    pub fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::FavShop => "fav_shop",
            Self::FavItem => "fav_item",
            Self::Unfav => "unfav",
            Self::Cart => "cart",
            Self::Uncart => "uncart",
            Self::Scan => "scan",
            Self::Purchase => "purchase",
            Self::Review => "review",
            Self::Ignore => "ignore",
        }
    }

    /// The kinds that show an interest: a favourite or a cart.
    pub const INTEREST: [Self; 3] = [Self::FavShop, Self::FavItem, Self::Cart];

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
