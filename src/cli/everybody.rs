//! Everybody whom any input names, for commands that list, choose or judge people.

use super::customers::{ground, settings};
use super::refusal;
use super::session::Session;
use crate::customers::{Ground, Wished};
use crate::error::Result;
use crate::metrics::customer_facts::AnyOrders;
use crate::parse::SourceInfo;
use crate::parse::orders::Aliases;
use crate::questions::CUSTOMERS;
use crate::reading::Ingested;

/// What was read, beside the tables that a ground is made of.
pub struct Read<'a> {
    /// The inputs.
    pub sources: &'a [SourceInfo],
    /// The customers that other ids stand for.
    pub aliases: &'a Aliases,
    /// Whether customers may be known by e-mail or phone.
    pub ids_are_personal: bool,
}

impl<'a> Read<'a> {
    fn of<P>(read: &'a Ingested<P>) -> Self {
        let ids_are_personal = read.orders.ids_are_personal;
        Self { sources: &read.sources, aliases: &read.aliases, ids_are_personal }
    }
}

/// Reads everybody whom any input names and what `wished` needs of them. The orders are put into order only where that
/// is needed.
///
/// # Errors
/// Those of reading and of `then`.
pub fn with_people<T>(
    mut session: Session,
    wished: &Wished,
    then: impl FnOnce(Session, &Ground<'_>, Read<'_>) -> Result<T>,
) -> Result<T> {
    let settings = settings(&session.config)?;
    let mut read = session.read_rows(CUSTOMERS.tables)?;
    let is_in_order = wished.needs().histories
        || session.scope().excludes_occasional
        || session.is_narrowed()
        // Why nobody is known is told of orders in order.
        || !read.orders.has_buyers();
    if is_in_order {
        let mut read = read.in_order()?;
        refusal::require_people(&read, &CUSTOMERS)?;
        let scope = session.settled(&mut read)?;
        let ground = ground(AnyOrders::InOrder(&read.orders), &read, scope, &settings)?;
        return then(session, &ground, Read::of(&read));
    }
    let scope = session.settled_by_row(&mut read)?;
    let ground = ground(AnyOrders::AsTheyCame(&read.orders), &read, scope, &settings)?;
    then(session, &ground, Read::of(&read))
}
