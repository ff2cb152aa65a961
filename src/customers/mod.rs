//! The customer table: one row for each person whom any input names, with the columns that a question asks for.
//!
//! ```text
//! Ground (people, facts, orders, other tables) ──Provider──▶ columns ──Table──▶ condition, order, list
//! ```
//!
//! A column is declared once, as a [`Spec`] of the [`Provider`] that fills it: its name, the kind of its values (which
//! decides how each format shows and masks them), and how soon a narrow terminal drops it. Headings are in `locale/`.
//! Only the providers of the columns that are asked for run, and only the data that they need are read.
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
    /// The columns, in the order in which a list of all columns shows them.
    pub columns: &'static [Spec],
    /// The data that it needs.
    pub needs: Needs,
    /// Makes the columns with the given names, each with one value per row of the ground.
    pub fill: fn(&Ground<'_>, &[&'static str]) -> Result<Vec<Column>>,
}

/// The data that a column needs beyond who ordered when for how much.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    /// The orders of each customer sorted by time.
    pub histories: bool,
    /// The regions of orders.
    pub regions: bool,
    /// The times of day of orders; `extras` include them.
    pub times: bool,
    /// The recipients, prices before discounts and sources of orders.
    pub extras: bool,
    /// The costs of orders: those that `extras` include, and those in files of items.
    pub costs: bool,
    /// The items of orders.
    pub items: bool,
    /// The events of customers.
    pub events: bool,
    /// The customer lists, with the columns that most questions use.
    pub lists: bool,
    /// All columns of the customer lists.
    pub people: bool,
    /// The messages that customers were sent.
    pub sends: bool,
    /// The notes about customers.
    pub notes: bool,
    /// The tags of customers.
    pub tags: bool,
    /// The hand-made corrections of where customers came from.
    pub corrections: bool,
}

impl Needs {
    /// No further data.
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

    /// The data that name all people.
    pub const EVERYBODY: Self = Self { events: true, lists: true, sends: true, ..Self::NONE };

    /// The data that either needs.
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

    /// What must be read to have these data.
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

/// The provider of a column, and its declaration.
pub fn find(name: &str) -> Option<(&'static Provider, &'static Spec)> {
    let mut all =
        PROVIDERS.iter().flat_map(|provider| provider.columns.iter().map(move |spec| (*provider, spec)));
    all.find(|(_, spec)| spec.name == name)
}

/// All columns, in the order of their groups.
pub fn columns() -> impl Iterator<Item = &'static Spec> + Clone {
    PROVIDERS.iter().flat_map(|provider| provider.columns)
}

/// Whether a column is empty if no order has an amount.
pub fn rests_on_amounts(name: &str) -> bool {
    use crate::schema::names::*;
    const JUDGED: [&str; 5] = [M_SCORE, RFM_GROUP, VALUE, CLASS, DEEP_DISCOUNT_SHARE];
    JUDGED.contains(&name) || find(name).is_some_and(|(_, spec)| spec.kind == Kind::Amount)
}

/// Whether a column is forecast by a model, which not all data allow.
fn is_forecast(name: &str) -> bool {
    providers::FORECAST.columns.iter().any(|spec| spec.name == name)
}

/// The declaration of a column for the list of another question. The kind of its values is that of the customer table;
/// only `rank`, how soon a narrow terminal drops it, is the list's own.
pub fn listed(name: &'static str, rank: u8) -> Spec {
    debug_assert!(find(name).is_some(), "{name} is no column of the customer table");
    Spec { rank, ..find(name).map_or(Spec::new(name, Kind::Text, rank), |(_, spec)| *spec) }
}

/// The columns of a list for which no columns are named.
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
