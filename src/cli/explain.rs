//! `ecrm customers --explain`.

use super::customers::{ground, settings};
use super::refusal;
use super::session::{Asking, Session};
use crate::customers::order_columns;
use crate::error::{Error, Result};
use crate::masks::masked;
use crate::metrics::Scope;
use crate::metrics::customer_facts::AnyOrders;
use crate::metrics::documents::{Documents, rows_of};
use crate::questions::CUSTOMERS;
use crate::questions::explain::{self, Person};
use crate::reading::Ingested;
use crate::schema::{CustomerCode, nearest};

/// Reads the inputs, explains one customer, and writes the answer.
pub fn run(id: &str, asking: Asking<'_>) -> Result<()> {
    let tag_rules = asking.config().tag_rules()?;
    let mut session = asking.session(explain::NAME, explain::wants(&tag_rules))?;
    session.check_table(&explain::TABLES)?;
    let settings = settings(&session.config)?;
    let mut read = session.read_rows(CUSTOMERS.tables)?.in_order()?;
    refusal::require_people(&read, &CUSTOMERS)?;
    let code = code_of(id, &read);
    let (scope, documents) = judged(&session, &mut read, code)?;
    let ground = ground(AnyOrders::InOrder(&read.orders), &read, scope, &settings)?;
    let row = code.and_then(|code| ground.codes().iter().position(|of| *of == code));
    let Some((code, documents)) =
        code.zip(documents).filter(|(_, of)| row.is_some() || !of.judged.is_empty())
    else {
        let ids = ground.texts()?;
        let near = nearest(id, ids.iter().flatten());
        return Err(unknown(id, near, |id| match session.shows_pii() || id.contains('@') {
            // E-mail addresses and phones are masked in all messages.
            true => id.to_owned(),
            false => masked(id, ground.ids_are_personal()).into_owned(),
        }));
    };
    let shows = |name: &str| session.shows(explain::TABLES.first().copied(), name);
    let identity = read.identities.of(read.orders.customers.key(code));
    let person = Person {
        ground: &ground,
        code,
        row,
        documents: &documents,
        identity,
        tag_rules: &tag_rules,
        unjudged: Default::default(),
        shows: &shows,
    };
    let answer = person.explain().map_err(|error| match error {
        // Only the rules of tags are evaluated here.
        Error::Usage { .. } => session.config.blame(error),
        other => other,
    })?;
    session.write(&read.sources, read.orders.ids_are_personal, answer)
}

/// The customer that an id names, in any spelling.
fn code_of(id: &str, read: &Ingested) -> Option<CustomerCode> {
    let keys = read.orders.customers.keys();
    let place = |named| {
        keys.iter().zip(read.orders.customers.codes()).find(|(key, _)| **key == named).map(|(_, code)| code)
    };
    read.aliases.named(id).into_iter().find_map(place)
}

/// Which orders count, and all orders of one customer with the verdict on each.
fn judged(
    session: &Session,
    read: &mut Ingested,
    code: Option<CustomerCode>,
) -> Result<(Scope, Option<Documents>)> {
    let mut documents = None;
    let scope = session.settled_after(read, |read, scope, condition| {
        let Some(code) = code else { return Ok(()) };
        let rows = rows_of(&read.orders, code)?;
        let headers = order_columns::of_files(&read.sources);
        let as_of = scope.as_of;
        let marks =
            condition.map(|condition| condition.marks(&rows, &read.orders, &headers, as_of)).transpose()?;
        documents = Some(Documents::new(rows, marks.as_ref(), &read.orders, &scope)?);
        Ok(())
    })?;
    Ok((scope, documents))
}

/// The error that nobody has this id, with a similar one.
fn unknown(id: &str, near: Option<&str>, shown: impl Fn(&str) -> String) -> Error {
    let key = if near.is_some() { "no_customer_near" } else { "no_customer" };
    Error::data_of(key, &[("id", shown(id)), ("near", near.map(&shown).unwrap_or_default())])
}
