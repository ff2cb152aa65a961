//! The questions that ecrm answers about a shop: one file each, and the registry of all.
//!
//! A question takes parameters that are valid and answers from tables that were read. It opens no file, reads no clock,
//! prints nothing and knows no flag and no language. What is known of it before it is asked ([`About`]) is declared
//! once: reading, refusals and what `check` says of it follow from that.
//!
//! To add one: a file here with its parameters, its [`About`] and its columns, a line in [`ALL`], a file in `cli/` with
//! its flags, and its words in `locale/`.

mod audience;
pub mod campaign;
mod care;
mod cohort;
pub mod customers;
pub mod explain;
pub mod identity;
mod interest;
mod migration;
mod overview;
mod plan;
mod predict;
mod products;
mod profile;
pub mod region;
pub mod report;
mod repurchase;
mod rfm;
mod segment;
mod sources;
mod touchpoints;
mod trend;
mod value;

use polars::prelude::Column;
use serde_json::{Map, Value as Json};

use crate::answer::{Kind, Spec, Table};
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::firsts::First;
use crate::metrics::{CustomerFacts, Scope};
use crate::reading::Ingested;
use crate::schema::accounting::Accounting;
use crate::schema::{self, Day, Field, Orders, RowParts, Wants, money, names};

pub use audience::{Audience, On, Pulled};
pub use campaign::Campaign;
pub use care::{Care, Given, Listed, Message};
pub use cohort::{Cohort, Show};
pub use customers::Customers;
pub use interest::Interest;
pub use migration::Migration;
pub use overview::Overview;
pub use plan::SalePlan;
pub use predict::Predict;
pub use products::Products;
pub use profile::Profile;
pub use region::Region;
pub use repurchase::{Repurchase, Shown};
pub use rfm::Rfm;
pub use segment::Segment;
pub use sources::Sources;
pub use touchpoints::Touchpoints;
pub use trend::Trend;
pub use value::Value;

/// What is known of a question before it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// The command that asks it.
    pub name: &'static str,
    /// At least one of these tables must be read.
    pub tables: &'static [schema::Table],
    /// Whether it is about people, so that the inputs must say who they are.
    pub needs_people: bool,
    /// Whether it is about what orders came to, and not only about who ordered what when.
    pub needs_amounts: bool,
    /// Whether it is about places.
    pub needs_places: bool,
    /// Whether it is about what orders hold.
    pub needs_items: bool,
    /// How many customers must have ordered on a second day, at least, where it is nothing without them.
    pub needs_repeaters: Option<u64>,
    /// Whether who is chosen by a condition is left to it, since its answer rests on everybody.
    pub chooses_itself: bool,
    /// The tables that it may write, whatever is asked of it, the main one first.
    pub writes: &'static [&'static str],
}

/// Every question, in the order in which lists show them.
pub const ALL: [About; 19] = [
    CUSTOMERS,
    Segment::ABOUT,
    Rfm::ABOUT,
    Overview::ABOUT,
    Interest::ABOUT,
    Repurchase::ABOUT,
    Predict::ABOUT,
    Region::ABOUT,
    Profile::ABOUT,
    Value::ABOUT,
    Cohort::ABOUT,
    Migration::ABOUT,
    Trend::ABOUT,
    Products::ABOUT,
    Campaign::ABOUT,
    Audience::ABOUT,
    Touchpoints::ABOUT,
    Sources::ABOUT,
    Care::ABOUT,
];

/// The list of people, whose columns the user names.
pub const CUSTOMERS: About = About {
    name: "customers",
    tables: &[schema::Table::Orders, schema::Table::Customers, schema::Table::Events, schema::Table::Sends],
    ..About::of_people("customers").writing(&["customers", "count"])
};

impl About {
    /// Of a question about buyers, from their orders.
    pub const fn of_buyers(name: &'static str) -> Self {
        Self {
            name,
            tables: &[schema::Table::Orders],
            needs_people: true,
            needs_amounts: false,
            needs_places: false,
            needs_items: false,
            needs_repeaters: None,
            chooses_itself: false,
            writes: &[],
        }
    }

    /// Of a question about what buyers spent.
    pub const fn of_spending(name: &'static str) -> Self {
        Self { needs_amounts: true, ..Self::of_buyers(name) }
    }

    /// Of a question about people whom any of orders, events and customer lists names.
    pub const fn of_people(name: &'static str) -> Self {
        Self {
            tables: &[schema::Table::Orders, schema::Table::Events, schema::Table::Customers],
            ..Self::of_buyers(name)
        }
    }

    /// Of a question that may write these tables, the main one first.
    pub const fn writing(self, writes: &'static [&'static str]) -> Self {
        Self { writes, ..self }
    }

    /// Of the question that a command asks by this name, if it asks one.
    pub fn of_command(name: &str) -> Option<Self> {
        ALL.into_iter().chain([identity::ABOUT, SalePlan::ABOUT]).find(|about| about.name == name)
    }

    /// Whether people may be named by another table than the orders, of those that were read.
    pub fn is_about_others_of(&self, has: impl Fn(schema::Table) -> bool) -> bool {
        self.tables.iter().any(|table| *table != schema::Table::Orders && has(*table))
    }
}

/// A question with its parameters.
pub trait Question {
    /// What is known of it before it is asked.
    const ABOUT: About;

    /// Whether it asks no more than the facts of each buyer, for which orders need not be put into order.
    const ASKS_FACTS: bool = false;

    /// What it needs to be read, beyond who ordered when for how much.
    fn wants(&self) -> Wants {
        Wants::default()
    }

    /// What it needs where one table is all there is, so that there are no events beside orders; none where that is the
    /// same.
    fn wants_of_one_table(&self) -> Option<Wants> {
        None
    }

    /// Whether it asks of each customer's orders by themselves, so that what was read need not be put into order for
    /// it: [`Asked::came`] then has the orders.
    fn takes_orders_as_they_came(&self, _read: &Ingested<RowParts>) -> bool {
        false
    }

    /// The tables of which it needs at least one, where the parameters say more than [`Self::ABOUT`].
    fn tables(&self) -> &'static [schema::Table] {
        Self::ABOUT.tables
    }

    /// The answer.
    ///
    /// # Errors
    /// Those of its metric.
    fn answer(&self, asked: Asked<'_>) -> Result<Answer>;
}

/// What a question is asked about.
pub struct Asked<'a> {
    /// What was read, as far as it is chosen. The orders are in order; a question that asks for facts has them instead.
    pub read: Ingested,
    /// The orders as they came, where the question takes them so and nothing else needs them in order: then they are
    /// not among what was read.
    pub came: Option<Orders<RowParts>>,
    /// The facts of each buyer, where the question asks for them.
    pub facts: Option<CustomerFacts>,
    /// Which orders count.
    pub scope: Scope,
    /// Whether each customer, by code, is chosen, where there is a condition that the question applies itself.
    pub chosen: Option<Vec<bool>>,
    /// Whether a table of this name is going to be written, so that the others need not be made.
    pub shows: &'a dyn Fn(&str) -> bool,
}

impl Asked<'_> {
    /// The facts of each buyer.
    ///
    /// # Errors
    /// Where the question does not ask for them.
    pub fn facts(&mut self) -> Result<CustomerFacts> {
        let facts = self.facts.take();
        facts.ok_or_else(|| crate::error::Error::Internal("a question without facts asked for them".into()))
    }
}

/// What a question answers: tables, and what they rest on.
#[derive(Debug, Default)]
pub struct Answer {
    /// The tables, the main one first.
    pub tables: Vec<Table>,
    /// The question's own parameters.
    pub parameters: Map<String, Json>,
    /// What only the manifest says, such as cut points.
    pub details: Map<String, Json>,
    /// What the user should know.
    pub notes: Vec<Remark>,
    /// Which days the answer is about.
    pub as_of: Option<Day>,
    /// Whole days that count, `None` for all time.
    pub window: Option<u32>,
    /// Customers it rests on.
    pub customer_count: u64,
    /// Valid orders it rests on.
    pub order_count: u64,
    /// Where every row went.
    pub accounting: Accounting,
}

/// What the answer of an engine rests on.
#[derive(Debug, Clone, Default)]
pub struct Rest {
    /// Which days the answer is about.
    pub as_of: Option<Day>,
    /// Whole days that count, `None` for all time.
    pub window: Option<u32>,
    /// Customers it rests on.
    pub customer_count: u64,
    /// Valid orders it rests on.
    pub order_count: u64,
    /// Where every row went.
    pub accounting: Accounting,
}

impl Rest {
    /// The answer that rests on it.
    fn answer(self, tables: Vec<Table>, parameters: Map<String, Json>) -> Answer {
        let Self { as_of, window, customer_count, order_count, accounting } = self;
        Answer {
            tables,
            parameters,
            as_of,
            window,
            customer_count,
            order_count,
            accounting,
            ..Answer::default()
        }
    }
}

impl Answer {
    /// The same where nothing says what orders came to: amounts are empty, never 0, and that is said.
    ///
    /// # Errors
    /// Those of polars.
    pub fn without_amounts(mut self) -> Result<Self> {
        for table in &mut self.tables {
            let amounts = table.columns.iter().filter(|spec| spec.kind == Kind::Amount);
            for spec in amounts {
                let column = table.frame.column(spec.name)?;
                let empty = Column::full_null(spec.name.into(), column.len(), column.dtype());
                table.frame.with_column(empty)?;
            }
        }
        self.notes.insert(0, Remark::new("no_amounts"));
        Ok(self)
    }
}

/// What is read to know what customers' first orders were.
fn first_wants(first: First) -> Wants {
    // Times of day, which extras bring, tell which of a day's orders is the first.
    let extras = Wants { extras: true, ..Wants::default() };
    match first {
        First::Product | First::Category => {
            Wants { items: true, details: true, tables: vec![schema::Table::OrderItems], ..extras }
        }
        First::Province => Wants { regions: true, ..extras },
        First::Source => {
            let tables = vec![schema::Table::Events, schema::Table::Customers];
            Wants { details: true, tables, corrections: true, ..extras }
        }
        First::Coupon => Wants { order_columns: vec![Field::CouponCode.name().to_owned()], ..extras },
        First::Discount | First::Refund | First::Sale => extras,
    }
}

/// The columns that name the groups of first orders.
fn first_columns(first: First) -> Vec<Spec> {
    let named = |name| vec![Spec::new(name, Kind::Named, 0)];
    let keyed = |name, section| vec![Spec::new(name, Kind::LabelOr(section), 0)];
    match first {
        First::Product => {
            vec![Spec::new(names::PRODUCT_ID, Kind::Named, 5), Spec::new(names::TITLE, Kind::Title, 0)]
        }
        First::Category => named(names::CATEGORY),
        First::Province => named(names::PROVINCE),
        First::Source => named(names::SOURCE),
        First::Discount => keyed(names::FIRST_DISCOUNT, "first_discount"),
        First::Refund => keyed(names::FIRST_REFUND, "first_refund"),
        First::Coupon => keyed(names::COUPON_CODE, "first_coupon"),
        First::Sale => keyed(names::SALE, "first_sale"),
    }
}

/// That a table begins on a day, where that leaves figures empty.
fn begin(code: &'static str, day: Option<Day>) -> Option<Remark> {
    Some(Remark::new(code).with("day", day?))
}

/// What the shop's net amount has in it beyond that of its customers, in micro-units.
fn net_without_buyers(micros: Option<i128>) -> Option<Remark> {
    let micros = micros.filter(|micros| *micros != 0)?;
    Some(Remark::new("net_without_buyers").with("amount", money::plain(micros)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::define;
    use crate::locale::Lang;

    #[test]
    fn every_question_is_there_once_and_has_its_words() {
        let mut names: Vec<&str> = ALL.iter().map(|about| about.name).collect();
        for name in &names {
            assert!(define::text(name, Lang::En).expect("texts").is_some(), "define {name}");
            for lang in [Lang::En, Lang::Zh] {
                assert!(lang.locale().find("report", name).is_some(), "{name} has no title");
            }
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }

    #[test]
    fn others_than_buyers_are_named_by_the_tables_that_a_question_is_about() {
        let has_events = |table| table == schema::Table::Events;
        assert!(Profile::ABOUT.is_about_others_of(has_events));
        assert!(!Segment::ABOUT.is_about_others_of(has_events));
        assert!(!Profile::ABOUT.is_about_others_of(|table| table == schema::Table::Orders));
    }
}
