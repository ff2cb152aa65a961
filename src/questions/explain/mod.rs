//! One person: every order and why it counts or not, and what scores, segment, class and due date follow from.
//!
//! To add what else is known of a person: a table here, or a column of the customer table, which the table `person`
//! shows by itself.

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

/// What the report is called.
pub const NAME: &str = "explain";

/// Its tables, the main one first.
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

/// A person whom any input names.
pub struct Person<'a> {
    /// Everybody.
    pub ground: &'a Ground<'a>,
    /// The code.
    pub code: CustomerCode,
    /// The row among everybody; none where nothing is known of the person up to as-of.
    pub row: Option<usize>,
    /// What makes several ids this person's, where there are several.
    pub identity: Option<&'a identity::Person>,
    /// Every order and credit note.
    pub documents: &'a Documents,
    /// Whom rules give tags to.
    pub tag_rules: &'a TagRules,
    /// Why the rules of tags could not be judged, where they ask for a column that these files do not have.
    pub unjudged: OnceCell<String>,
    /// Whether a table of this name is going to be written, so that the others need not be made.
    pub shows: &'a dyn Fn(&str) -> bool,
}

/// Every column there is, but those that only the files bring.
pub fn wished() -> Wished {
    let mut wished = Wished::default();
    customers::columns().for_each(|spec| wished.add_any(spec.name));
    wished
}

/// What is to be read; the rules of tags are judged too.
pub fn wants(tag_rules: &TagRules) -> Wants {
    let order_columns = vec![Field::OrderId.name().to_owned()];
    let times = Wants { extras: true, order_columns, ..Wants::default() };
    wished().wants().and(&tag_rules.wished().wants()).and(&customers::Needs::EVERYBODY.wants()).and(&times)
}

impl Person<'_> {
    /// The tables, and what the user should know.
    ///
    /// # Errors
    /// Those of the metrics; where orders are not in order or were read without what [`wants`] says, which is a defect.
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

    /// Why there are no scores.
    fn notes(&self, order_count: u64) -> Vec<Remark> {
        let all = self.documents.judged.len();
        match (order_count, all) {
            (1.., _) => Vec::new(),
            (0, 0) => vec![Remark::new("explain_no_order")],
            (0, _) => vec![Remark::new("explain_none_counts").with("n", all)],
        }
    }

    /// The row among the buyers; none where the person is none.
    fn buyer(&self) -> Result<Option<usize>> {
        let buyers = self.ground.facts.frame()?.height();
        Ok(self.row.filter(|row| *row < buyers))
    }

    /// Every column of the customer table that says something of the person.
    fn person(&self) -> Result<Table> {
        let mut wished = wished();
        self.ground.further().iter().for_each(|(name, _)| wished.add_any(name));
        let table = customers::Table::build(self.ground, &wished)?;
        let Some(row) = self.row else {
            // Somebody of whom nothing is known up to as-of but the id.
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
