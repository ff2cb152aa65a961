//! Which customer ids belong to one person, why, and how the customer figures change when they are joined.

use polars::prelude::*;

use super::{About, Answer};
use crate::answer::{Kind, Spec, Table};
use crate::error::Result;
use crate::hand::{NOT_SAME, SAME};
use crate::merge::identity::{Identities, Link, Person, Refused};
use crate::metrics::CustomerFacts;
use crate::metrics::finish::{counts, dates, frame, rates, texts};
use crate::parse::{Decision, IdentityOptions};
use crate::schema::{self, Personal, Wants, names, ranges};
use crate::stats::proportion::Proportion;

/// What is known of this question before it is asked.
pub const ABOUT: About = About {
    tables: &[schema::Table::Orders, schema::Table::Customers],
    ..About::of_people("identity").writing(&TABLES)
};

/// The tables that it writes, the main one first.
pub const TABLES: [&str; 4] = ["persons", "refused", "effect", "decisions"];

/// The number of buyers and how many of them came back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Buyers {
    /// Customers with a valid order.
    pub customer_count: u64,
    /// Valid orders.
    pub order_count: u64,
    /// Customers with at least two valid orders.
    pub repeat_count: u64,
}

/// What was found, and what the figures of buyers are before and after.
pub struct Identity<'a> {
    /// Which ids belong to which person.
    pub identities: &'a Identities,
    /// The options that the user gave.
    pub options: &'a IdentityOptions,
    /// The buyers if every id counts as a customer of its own.
    pub before: Buyers,
    /// The buyers if the ids of one person are joined.
    pub after: Buyers,
}

/// What has to be read from the inputs for this question.
pub fn wants() -> Wants {
    Wants { tables: vec![schema::Table::Customers], details: true, ..Wants::default() }
}

impl Buyers {
    /// Counts the buyers in these facts.
    ///
    /// # Errors
    /// Those of polars.
    pub fn of(facts: &CustomerFacts) -> Result<Self> {
        let frame = facts.frame()?;
        let orders = frame.column(names::ORDER_COUNT)?.u32()?;
        let repeat_count = orders.iter().flatten().filter(|count| *count > 1).count() as u64;
        Ok(Self { customer_count: facts.customer_count, order_count: facts.order_total, repeat_count })
    }
}

impl Identity<'_> {
    /// The answer with all tables.
    ///
    /// # Errors
    /// Those of polars.
    pub fn answer(&self) -> Result<Answer> {
        Ok(Answer {
            tables: vec![self.persons()?, self.refused()?, self.effect()?, decided(&self.options.decisions)?],
            customer_count: self.after.customer_count,
            order_count: self.after.order_count,
            ..Answer::default()
        })
    }

    /// One row for each id and each thing that it shares, the persons with the most ids first.
    fn persons(&self) -> Result<Table> {
        let mut persons: Vec<&Person> = self.identities.persons.iter().collect();
        persons.sort_by_key(|person| (std::cmp::Reverse(person.members.len()), &person.members[0].id));
        let rows: Vec<Row<'_>> = persons.iter().flat_map(|person| rows(person)).collect();
        let person = texts(names::PERSON, rows.iter().map(|row| Some(row.person.to_owned())));
        let columns = std::iter::once(person).chain(columns(&rows)).collect();
        let specs = [vec![Spec::new(names::PERSON, Kind::CustomerId, 0)], specs()].concat();
        Ok(Table::new(TABLES[0], "ids", specs, frame(columns)?))
    }

    /// Contacts and ids by which nobody was joined although that might have been right.
    fn refused(&self) -> Result<Table> {
        let refused = &self.identities.refused;
        let kind = |of: &Refused| match of {
            Refused::Shared { kind, .. }
            | Refused::KeptApart { kind, .. }
            | Refused::ForMany { kind, .. } => kind.name().to_owned(),
        };
        let contact = |of: &Refused| match of {
            Refused::Shared { contact, .. } | Refused::KeptApart { contact, .. } => Some(contact.clone()),
            Refused::ForMany { .. } => None,
        };
        let reason = |of: &Refused| match of {
            Refused::Shared { .. } => "shared",
            Refused::KeptApart { .. } => "kept_apart",
            Refused::ForMany { .. } => "for_many",
        };
        let id = |of: &Refused| match of {
            Refused::ForMany { id, .. } => Some(id.clone()),
            Refused::Shared { .. } | Refused::KeptApart { .. } => None,
        };
        let id_count = |of: &Refused| match of {
            Refused::Shared { id_count, .. } | Refused::KeptApart { id_count, .. } => Some(*id_count as u64),
            Refused::ForMany { .. } => None,
        };
        let key_count = |of: &Refused| match of {
            Refused::ForMany { contact_count, .. } => Some(*contact_count as u64),
            Refused::Shared { .. } | Refused::KeptApart { .. } => None,
        };
        let columns = vec![
            texts(names::REASON, refused.iter().map(|of| Some(reason(of).to_owned()))),
            texts(names::KEY_KIND, refused.iter().map(|of| Some(kind(of)))),
            texts(names::KEY, refused.iter().map(contact)),
            counts(names::ID_COUNT, refused.iter().map(id_count)),
            texts(names::CUSTOMER_ID, refused.iter().map(id)),
            counts(names::KEY_COUNT, refused.iter().map(key_count)),
        ];
        let specs = vec![
            Spec::new(names::REASON, Kind::Label("identity_refused"), 0),
            Spec::new(names::KEY_KIND, Kind::Label("key_kind"), 0),
            Spec::new(names::KEY, Kind::Personal(Personal::Contact), 0),
            Spec::new(names::ID_COUNT, Kind::Count, 0),
            Spec::new(names::CUSTOMER_ID, Kind::CustomerId, 0),
            Spec::new(names::KEY_COUNT, Kind::Count, 1),
        ];
        Ok(Table::new(TABLES[1], "keys", specs, frame(columns)?))
    }

    /// The customer figures if every id is a customer, and if ids are joined.
    fn effect(&self) -> Result<Table> {
        let of = [("before", self.before), ("after", self.after)];
        let rate = |buyers: Buyers| Proportion::new(buyers.repeat_count, buyers.customer_count);
        let mut columns = vec![
            texts(names::STATE, of.iter().map(|(state, _)| Some((*state).to_owned()))),
            counts(names::CUSTOMER_COUNT, of.iter().map(|(_, buyers)| Some(buyers.customer_count))),
            counts(names::ORDER_COUNT, of.iter().map(|(_, buyers)| Some(buyers.order_count))),
        ];
        columns.extend(rates(ranges::REPEAT_CUSTOMER_RATE, of.iter().map(|(_, buyers)| Some(rate(*buyers)))));
        let mut specs = vec![
            Spec::new(names::STATE, Kind::Label("identity_state"), 0),
            Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
            Spec::new(names::ORDER_COUNT, Kind::Count, 0),
        ];
        specs.extend(Spec::ranged(ranges::REPEAT_CUSTOMER_RATE, Kind::Share, 0));
        Ok(Table::new(TABLES[2], "states", specs, frame(columns)?))
    }
}

/// The decisions made by hand, as the file has them.
///
/// # Errors
/// Those of polars.
pub fn decided(decisions: &[Decision]) -> Result<Table> {
    let id = |place: usize| decisions.iter().map(move |of| Some(of.ids[place].clone()));
    let word = |of: &Decision| Some((if of.is_same { SAME } else { NOT_SAME }).to_owned());
    let columns = vec![
        texts(names::CUSTOMER_ID, id(0)),
        texts(names::OTHER_ID, id(1)),
        texts(names::DECISION, decisions.iter().map(word)),
        dates(names::NOTED_ON, decisions.iter().map(|of| Some(of.noted_on))),
        texts(names::NOTE, decisions.iter().map(|of| Some(of.note.clone()).filter(|note| !note.is_empty()))),
    ];
    let specs = vec![
        Spec::new(names::CUSTOMER_ID, Kind::CustomerId, 0),
        Spec::new(names::OTHER_ID, Kind::CustomerId, 0),
        Spec::new(names::DECISION, Kind::Label("decision"), 0),
        Spec::new(names::NOTED_ON, Kind::Date, 0),
        Spec::new(names::NOTE, Kind::Text, 1),
    ];
    Ok(Table::new(TABLES[3], "decisions", specs, frame(columns)?))
}

/// One id of a person and one reason why it belongs to the person.
pub(super) struct Row<'a> {
    person: &'a str,
    id: &'a str,
    order_count: u64,
    link: &'a Link,
}

/// The ids of a person in their order, each with all reasons why it belongs to the person.
pub(super) fn rows(person: &Person) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for member in &person.members {
        let of = |link: &&Link| match link {
            Link::Contact { ids, .. } | Link::Decision { ids, .. } => ids.contains(&member.id),
        };
        rows.extend(person.links.iter().filter(of).map(|link| Row {
            person: &person.members[0].id,
            id: &member.id,
            order_count: member.order_count,
            link,
        }));
    }
    rows
}

/// The columns of [`Row`]s without the person's own id, which only a table of several persons adds.
pub(super) fn columns(rows: &[Row<'_>]) -> Vec<Column> {
    let kind = |row: &Row<'_>| match row.link {
        Link::Contact { kind, .. } => kind.name(),
        Link::Decision { .. } => "decision",
    };
    let contact = |row: &Row<'_>| match row.link {
        Link::Contact { contact, .. } => Some(contact.clone()),
        Link::Decision { .. } => None,
    };
    let decision = |row: &Row<'_>| match row.link {
        Link::Decision { decision, .. } => Some(decision.clone()),
        Link::Contact { .. } => None,
    };
    let note = |row: &Row<'_>| decision(row).map(|decision| decision.note).filter(|note| !note.is_empty());
    vec![
        texts(names::CUSTOMER_ID, rows.iter().map(|row| Some(row.id.to_owned()))),
        counts(names::ALL_ORDER_COUNT, rows.iter().map(|row| Some(row.order_count))),
        texts(names::KEY_KIND, rows.iter().map(|row| Some(kind(row).to_owned()))),
        texts(names::KEY, rows.iter().map(contact)),
        dates(names::NOTED_ON, rows.iter().map(|row| decision(row).map(|decision| decision.noted_on))),
        texts(names::NOTE, rows.iter().map(note)),
    ]
}

/// The specifications of the columns of [`columns`].
pub(super) fn specs() -> Vec<Spec> {
    vec![
        Spec::new(names::CUSTOMER_ID, Kind::CustomerId, 0),
        Spec::new(names::ALL_ORDER_COUNT, Kind::Count, 1),
        Spec::new(names::KEY_KIND, Kind::Label("key_kind"), 0),
        Spec::new(names::KEY, Kind::Personal(Personal::Contact), 0),
        Spec::new(names::NOTED_ON, Kind::Date, 3),
        Spec::new(names::NOTE, Kind::Text, 2),
    ]
}
