//! The questions that ecrm answers about a shop: one file for each, and the registry of all.
//!
//! A question takes valid parameters and answers from tables that were already read. It opens no file, reads no clock,
//! prints nothing, and knows neither flags nor languages. What is known of a question before it is asked ([`About`]) is
//! declared once. From that follow what is read, which inputs are refused, and what `check` says about the question.
//!
//! To add a question, write a file here with its parameters, its [`About`] and its columns, add it to [`ALL`], write a
//! file in `cli/` with its flags, and add its words to `locale/`.

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
    /// The tables of which at least one must be among the inputs.
    pub tables: &'static [schema::Table],
    /// Whether it is about people, so that the inputs must have customer ids.
    pub needs_people: bool,
    /// Whether it needs the amounts of orders, and not only who ordered what and when.
    pub needs_amounts: bool,
    /// Whether it needs to know where orders went.
    pub needs_places: bool,
    /// Whether it needs to know which products orders hold.
    pub needs_items: bool,
    /// The least number of customers who must have ordered on a second day, if the question makes no sense without
    /// them.
    pub needs_repeaters: Option<u64>,
    /// Whether the question itself applies the user's condition, because its answer rests on everybody.
    pub chooses_itself: bool,
    /// All tables that it may write with any parameters, the main one first.
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

/// The question for the list of people with the columns that the user names.
pub const CUSTOMERS: About = About {
    name: "customers",
    tables: &[schema::Table::Orders, schema::Table::Customers, schema::Table::Events, schema::Table::Sends],
    ..About::of_people("customers").writing(&["customers", "count"])
};

impl About {
    /// A question about buyers, which needs orders.
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

    /// A question about what buyers spent.
    pub const fn of_spending(name: &'static str) -> Self {
        Self { needs_amounts: true, ..Self::of_buyers(name) }
    }

    /// A question about people who are named in orders, events or customer lists.
    pub const fn of_people(name: &'static str) -> Self {
        Self {
            tables: &[schema::Table::Orders, schema::Table::Events, schema::Table::Customers],
            ..Self::of_buyers(name)
        }
    }

    /// Declares the tables that the question may write, the main one first.
    pub const fn writing(self, writes: &'static [&'static str]) -> Self {
        Self { writes, ..self }
    }

    /// The question behind a command, if the command asks one.
    pub fn of_command(name: &str) -> Option<Self> {
        ALL.into_iter().chain([identity::ABOUT, SalePlan::ABOUT]).find(|about| about.name == name)
    }

    /// Whether the inputs have a table other than orders that this question takes people from. `has` tells which tables
    /// there are.
    pub fn is_about_others_of(&self, has: impl Fn(schema::Table) -> bool) -> bool {
        self.tables.iter().any(|table| *table != schema::Table::Orders && has(*table))
    }
}

/// A question with its parameters.
pub trait Question {
    /// What is known of it before it is asked.
    const ABOUT: About;

    /// Whether the facts of each buyer are all that it needs. The orders then need not be sorted.
    const ASKS_FACTS: bool = false;

    /// What has to be read for it, beyond who ordered when and for how much.
    fn wants(&self) -> Wants {
        Wants::default()
    }

    /// What has to be read if all inputs are of one table, so that there are no events beside orders. `None` if that is
    /// the same as [`Self::wants`].
    fn wants_of_one_table(&self) -> Option<Wants> {
        None
    }

    /// Whether it looks at the orders of each customer separately and in the order in which they were read, so that
    /// they need not be sorted for it. [`Asked::came`] then has the orders.
    fn takes_orders_as_they_came(&self, _read: &Ingested<RowParts>) -> bool {
        false
    }

    /// The tables of which it needs at least one, if that depends on the parameters and not only on [`Self::ABOUT`].
    fn tables(&self) -> &'static [schema::Table] {
        Self::ABOUT.tables
    }

    /// The answer.
    ///
    /// # Errors
    /// Those of its metric.
    fn answer(&self, asked: Asked<'_>) -> Result<Answer>;
}

/// The data and the scope that a question is asked with.
pub struct Asked<'a> {
    /// What was read, restricted to what the user chose. The orders are sorted. For a question that needs only facts
    /// there are none here.
    pub read: Ingested,
    /// The orders in the order in which they were read, if the question takes them so and nothing else needs them
    /// sorted. `read` then has no orders.
    pub came: Option<Orders<RowParts>>,
    /// The facts of each buyer, if the question needs them.
    pub facts: Option<CustomerFacts>,
    /// Which orders count.
    pub scope: Scope,
    /// Whether each customer, by code, meets the user's condition, if there is one that the question applies itself.
    pub chosen: Option<Vec<bool>>,
    /// Whether the table of this name will be written. The others need not be made.
    pub shows: &'a dyn Fn(&str) -> bool,
}

impl Asked<'_> {
    /// Takes the facts of each buyer.
    ///
    /// # Errors
    /// An internal error when the question did not declare that it needs them.
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
    /// Figures that only the manifest shows, such as cut points.
    pub details: Map<String, Json>,
    /// Remarks for the user.
    pub notes: Vec<Remark>,
    /// The as-of day of the answer.
    pub as_of: Option<Day>,
    /// Length of the window in days; `None` if all orders up to the as-of day count.
    pub window: Option<u32>,
    /// The customers that the answer rests on.
    pub customer_count: u64,
    /// The valid orders that the answer rests on.
    pub order_count: u64,
    /// How many input rows were used or left out, and why.
    pub accounting: Accounting,
}

/// What an answer rests on, for answers whose tables are made elsewhere, such as in an engine.
#[derive(Debug, Clone, Default)]
pub struct Rest {
    /// The as-of day of the answer.
    pub as_of: Option<Day>,
    /// Length of the window in days; `None` if all orders up to the as-of day count.
    pub window: Option<u32>,
    /// The customers that the answer rests on.
    pub customer_count: u64,
    /// The valid orders that the answer rests on.
    pub order_count: u64,
    /// How many input rows were used or left out, and why.
    pub accounting: Accounting,
}

impl Rest {
    /// The answer with these tables and parameters.
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
    /// The same answer for inputs without amounts: all amounts become empty, not 0, and a remark says so.
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

/// What has to be read to know what customers' first orders were.
fn first_wants(first: First) -> Wants {
    // The time of day, which is one of the extras, decides which order of a day came first.
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

/// The columns that name the groups of customers by first order.
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

/// The remark that a table begins on this day, if that leaves figures empty.
fn begin(code: &'static str, day: Option<Day>) -> Option<Remark> {
    Some(Remark::new(code).with("day", day?))
}

/// The remark about the part of the shop's net amount, in micro-units, that belongs to no customer; none if it is 0.
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
