//! The customer table: one row per person that any input names, with the columns that a question names.
//!
//! ```text
//! Ground (people, facts, orders, other tables) ──Provider──▶ columns ──Table──▶ condition, order, list
//! ```
//!
//! A column is declared once, as a [`Spec`] of the [`Provider`] that fills it: its name, what its values are (and so
//! how each format shows and masks them) and how soon a narrow terminal drops it. Headings are words in `locale/`. Only
//! the providers of named columns run, and only what they need is read.
//!
//! To add a column: declare it in the provider of its group (`providers/`) and fill it there; its heading goes into
//! both files of `locale/`, what it means into `define/texts/customers.md`. A new group is one file in `providers/` and
//! its line in [`PROVIDERS`].

mod calls;
pub mod filter;
mod ground;
pub mod messages;
pub mod order_columns;
mod providers;
pub mod reach;
mod table;
mod tagging;
mod vocabulary;

pub use ground::{Ground, Settings, Tables};
pub use providers::{PROVIDERS, STATUSES, expected};
pub use table::{Table, Wished, no_column};
pub use tagging::{Judged, NoRules, TagRule, TagRules};
pub use vocabulary::{OrderBy, OrdersWhere, Where};

use polars::prelude::Column;

use crate::answer::{Kind, Spec};
use crate::error::Result;
use crate::schema::{self, Wants};

/// Fills a group of columns.
#[derive(Debug)]
pub struct Provider {
    /// The columns, in the order in which lists of all show them.
    pub columns: &'static [Spec],
    /// What it needs to be read.
    pub needs: Needs,
    /// Makes those of the columns whose names are given, of one value per row of the ground.
    pub fill: fn(&Ground<'_>, &[&'static str]) -> Result<Vec<Column>>,
}

/// What a column needs beyond who ordered when for how much.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    /// Each customer's orders one after the other, by time.
    pub histories: bool,
    /// Where orders went.
    pub regions: bool,
    /// The time of day of orders, which extras bring too.
    pub times: bool,
    /// Recipients, prices before discounts and sources of orders.
    pub extras: bool,
    /// Costs of orders, which extras bring, from files of items too.
    pub costs: bool,
    /// What orders hold.
    pub items: bool,
    /// What customers did.
    pub events: bool,
    /// Customer lists, as far as most questions want them.
    pub lists: bool,
    /// All that these say.
    pub people: bool,
    /// Which messages customers were sent.
    pub sends: bool,
    /// What the shop's people noted of customers.
    pub notes: bool,
    /// Which tags customers have.
    pub tags: bool,
    /// Where customers came from, where a person says it otherwise.
    pub corrections: bool,
}

impl Needs {
    /// Nothing more.
    pub const NONE: Self = Self {
        histories: false,
        regions: false,
        times: false,
        extras: false,
        costs: false,
        items: false,
        events: false,
        lists: false,
        people: false,
        sends: false,
        notes: false,
        tags: false,
        corrections: false,
    };

    /// To know everybody whom any table names.
    pub const EVERYBODY: Self = Self { events: true, lists: true, sends: true, ..Self::NONE };

    /// What both need.
    pub fn and(self, other: Self) -> Self {
        Self {
            histories: self.histories || other.histories,
            regions: self.regions || other.regions,
            times: self.times || other.times,
            extras: self.extras || other.extras,
            costs: self.costs || other.costs,
            items: self.items || other.items,
            events: self.events || other.events,
            lists: self.lists || other.lists,
            people: self.people || other.people,
            sends: self.sends || other.sends,
            notes: self.notes || other.notes,
            tags: self.tags || other.tags,
            corrections: self.corrections || other.corrections,
        }
    }

    /// What is to be read for it.
    pub fn wants(self) -> Wants {
        let tables = [
            (self.items, schema::Table::OrderItems),
            (self.events, schema::Table::Events),
            (self.lists, schema::Table::Customers),
            (self.sends, schema::Table::Sends),
        ];
        let tables: Vec<schema::Table> =
            tables.into_iter().filter(|(is_needed, _)| *is_needed).map(|(_, table)| table).collect();
        Wants {
            regions: self.regions,
            times: self.times,
            extras: self.extras,
            costs: self.costs,
            items: self.items,
            people: self.people,
            notes: self.notes,
            tags: self.tags,
            corrections: self.corrections,
            details: !tables.is_empty(),
            tables,
            ..Wants::default()
        }
    }
}

/// The provider and the declaration of a column.
pub fn find(name: &str) -> Option<(&'static Provider, &'static Spec)> {
    let mut all =
        PROVIDERS.iter().flat_map(|provider| provider.columns.iter().map(move |spec| (*provider, spec)));
    all.find(|(_, spec)| spec.name == name)
}

/// Every column there is, in the order of their groups.
pub fn columns() -> impl Iterator<Item = &'static Spec> + Clone {
    PROVIDERS.iter().flat_map(|provider| provider.columns)
}

/// Whether a column says nothing where no input says what orders came to.
pub fn rests_on_amounts(name: &str) -> bool {
    use crate::schema::names::*;
    const JUDGED: [&str; 5] = [M_SCORE, RFM_GROUP, VALUE, CLASS, DEEP_DISCOUNT_SHARE];
    JUDGED.contains(&name) || find(name).is_some_and(|(_, spec)| spec.kind == Kind::Amount)
}

/// Whether a column is foretold by a model, which not all data allow.
fn is_forecast(name: &str) -> bool {
    providers::FORECAST.columns.iter().any(|spec| spec.name == name)
}

/// A column as lists of other questions show it: what its values are is declared with the table's columns, and only how
/// soon a narrow terminal drops it is the list's own.
pub fn listed(name: &'static str, rank: u8) -> Spec {
    debug_assert!(find(name).is_some(), "{name} is no column of the customer table");
    Spec { rank, ..find(name).map_or(Spec::new(name, Kind::Text, rank), |(_, spec)| *spec) }
}

/// The columns of a list that names none.
pub const DEFAULT: [&str; 13] = {
    use crate::schema::names::*;
    [
        CUSTOMER_ID,
        STATUS,
        NAME,
        PROVINCE,
        LAST_ORDERED_ON,
        RECENCY_DAYS,
        ORDER_COUNT,
        NET_AMOUNT,
        SEGMENT,
        VALUE,
        RFM_GROUP,
        TAGS,
        NOTE,
    ]
};
