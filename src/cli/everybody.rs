//! Everybody whom any input names, for commands that list, choose or judge people.

use super::customers::{ground, settings};
use super::refusal;
use super::session::Session;
use crate::customers::{Ground, Needs};
use crate::error::Result;
use crate::metrics::customer_facts::AnyOrders;
use crate::parse::SourceInfo;
use crate::parse::orders::Aliases;
use crate::questions::About;
use crate::reading::Ingested;
use crate::schema::Sends;

/// What was read, beside the tables that a ground is made of.
pub struct Read<'a> {
    /// The inputs.
    pub sources: &'a [SourceInfo],
    /// The customers that other ids stand for.
    pub aliases: &'a Aliases,
    /// Whether customers may be known by e-mail or phone.
    pub ids_are_personal: bool,
    /// The messages, those that are later than the as-of day too.
    pub sends: Option<Sends>,
}

impl<'a> Read<'a> {
    fn of<P>(read: &'a Ingested<P>, sends: Option<Sends>) -> Self {
        let ids_are_personal = read.orders.ids_are_personal;
        Self { sources: &read.sources, aliases: &read.aliases, ids_are_personal, sends }
    }
}

/// Reads everybody whom any input names, for a question about them that looks at columns with these needs. The orders
/// are put into order only where that is needed.
///
/// # Errors
/// Those of reading and of `then`.
pub fn with_people<T>(
    mut session: Session,
    about: &About,
    needs: Needs,
    then: impl FnOnce(Session, &Ground<'_>, Read<'_>) -> Result<T>,
) -> Result<T> {
    let settings = settings(&session.config)?;
    let mut read = session.read_rows(about.tables)?;
    // Whoever settles the as-of day cuts what is later off.
    let sends = read.frames.sends.clone();
    let is_in_order = needs.histories
        || session.request().excludes_occasional
        || session.is_narrowed()
        // Why nobody is known is told of orders in order.
        || !read.orders.has_buyers();
    if is_in_order {
        let mut read = read.in_order()?;
        refusal::require_people(&read, about)?;
        let scope = session.settled(&mut read)?;
        let ground = ground(AnyOrders::InOrder(&read.orders), &read, scope, &settings)?;
        return then(session, &ground, Read::of(&read, sends));
    }
    let scope = session.settled_by_row(&mut read)?;
    let ground = ground(AnyOrders::AsTheyCame(&read.orders), &read, scope, &settings)?;
    then(session, &ground, Read::of(&read, sends))
}
