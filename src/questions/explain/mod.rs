//! One person: every order and why it counts or not, and the reasons for scores, segment, class and due date.
//!
//! To show something else about a person, add a table here, or a column to the customer table: the table `person` shows
//! every column.

mod analyses;
mod orders;
mod tags;
mod traces;

use polars::prelude::*;
use std::cell::OnceCell;

use serde_json::{Map, json};

use super::Answer;
use crate::answer::{Kind, Spec, Table};
use crate::customers::{self, Ground, TagRules, Wished};
use crate::error::Result;
use crate::locale::Remark;
use crate::merge::identity;
use crate::metrics::documents::Documents;
use crate::metrics::finish::{frame, texts};
use crate::schema::{CustomerCode, Field, Wants, names};

/// The name of this report.
pub const NAME: &str = "explain";

/// The tables that it writes, the main one first.
pub const TABLES: [&str; 12] = [
    "orders",
    "scores",
    "rfm_group",
    "segment",
    "class",
    "due",
    "contacts",
    "events",
    "tags",
    "notes",
    "identity",
    "person",
];

/// A person whom any input names, and what is needed to explain the person's figures.
pub struct Person<'a> {
    /// Everybody named in the inputs.
    pub ground: &'a Ground<'a>,
    /// The person's code.
    pub code: CustomerCode,
    /// The person's row among everybody; `None` where nothing is known of the person up to the as-of day.
    pub row: Option<usize>,
    /// Why several ids are this person's, if there are several.
    pub identity: Option<&'a identity::Person>,
    /// Every order and credit note of the person.
    pub documents: &'a Documents,
    /// The rules that give tags.
    pub tag_rules: &'a TagRules,
    /// Why the rules of tags could not be applied, if they use a column that these files do not have.
    pub unjudged: OnceCell<String>,
    /// Whether the table of this name will be written. The others are not made.
    pub shows: &'a dyn Fn(&str) -> bool,
}

/// Every column of the customer table except those that only the files add.
pub fn wished() -> Wished {
    let mut wished = Wished::default();
    customers::columns().for_each(|spec| wished.add_any(spec.name));
    wished
}

/// What has to be read, also for applying the rules of tags.
pub fn wants(tag_rules: &TagRules) -> Wants {
    let order_columns = vec![Field::OrderId.name().to_owned()];
    let times = Wants { extras: true, order_columns, ..Wants::default() };
    wished().wants().and(&tag_rules.wished().wants()).and(&customers::Needs::EVERYBODY.wants()).and(&times)
}

impl Person<'_> {
    /// The tables and the remarks.
    ///
    /// # Errors
    /// Those of the metrics. An internal error when orders are not sorted or were read without what [`wants`] asks for.
    pub fn explain(&self) -> Result<Answer> {
        let ground = self.ground;
        let makers: [fn(&Self) -> Result<Table>; 12] = [
            Self::orders,
            Self::scores,
            Self::group,
            Self::segment,
            Self::class,
            Self::due,
            Self::contacts,
            Self::events,
            Self::tags,
            Self::noted,
            Self::joined,
            Self::person,
        ];
        let shown = TABLES.iter().zip(makers).filter(|(name, _)| (self.shows)(name));
        let made = shown.map(|(name, make)| {
            let table = make(self)?;
            debug_assert_eq!(table.name, *name);
            Ok(table)
        });
        let mut tables = made.collect::<Result<Vec<Table>>>()?;
        let rests_on_amounts = |table: &&mut Table| TABLES[1..5].contains(&table.name);
        for table in tables.iter_mut().filter(rests_on_amounts).filter(|_| ground.lacks_amounts()) {
            table.frame = table.frame.clear();
        }
        let counting = self.documents.judged.iter().filter(|of| of.rule.is_none());
        let order_count = counting.filter(|of| of.document.is_order).count() as u64;
        let mut notes = self.notes(order_count);
        let unjudged = self.unjudged.get();
        notes.extend(unjudged.map(|why| Remark::new("tags_unjudged").with("why", why)));
        let answer = Answer {
            tables,
            parameters: Map::from_iter([("explain".to_owned(), json!(ground.ids.text(self.code)))]),
            notes,
            as_of: ground.scope.known_day(),
            window: ground.scope.window,
            customer_count: 1,
            order_count,
            accounting: ground.facts.accounting.clone(),
            ..Answer::default()
        };
        if ground.lacks_amounts() { answer.without_amounts() } else { Ok(answer) }
    }

    /// The remark that explains why there are no scores.
    fn notes(&self, order_count: u64) -> Vec<Remark> {
        let all = self.documents.judged.len();
        match (order_count, all) {
            (1.., _) => Vec::new(),
            (0, 0) => vec![Remark::new("explain_no_order")],
            (0, _) => vec![Remark::new("explain_none_counts").with("n", all)],
        }
    }

    /// The person's row among the buyers; `None` for somebody who is no buyer.
    fn buyer(&self) -> Result<Option<usize>> {
        let buyers = self.ground.facts.frame()?.height();
        Ok(self.row.filter(|row| *row < buyers))
    }

    /// Every column of the customer table that has a value for the person.
    fn person(&self) -> Result<Table> {
        let mut wished = wished();
        self.ground.further().iter().for_each(|(name, _)| wished.add_any(name));
        let table = customers::Table::build(self.ground, &wished)?;
        let Some(row) = self.row else {
            // Up to the as-of day nothing is known of this person but the id.
            let spec = Spec::new(names::CUSTOMER_ID, Kind::CustomerId, 0);
            let id = frame(vec![texts(spec.name, std::iter::once(Some(self.ground.ids.text(self.code))))])?;
            return Ok(Table::new("person", "customers", vec![spec], id).as_record());
        };
        let row = table.frame.slice(row as i64, 1);
        let said: Vec<Column> =
            row.columns().iter().filter(|column| column.null_count() == 0).cloned().collect();
        let specs: Vec<Spec> = said.iter().filter_map(|column| table.spec(column.name())).collect();
        Ok(Table::new("person", "customers", specs, frame(said)?).as_record())
    }
}
