//! Reads all customers in any input, for commands that list, choose or judge people.

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

/// What was read, beside the tables that make the ground.
pub struct Read<'a> {
    /// The inputs.
    pub sources: &'a [SourceInfo],
    /// The aliases of customer ids.
    pub aliases: &'a Aliases,
    /// Whether customers may be known only by e-mail address or phone.
    pub ids_are_personal: bool,
    /// All messages, including those later than the as-of day.
    pub sends: Option<Sends>,
}

impl<'a> Read<'a> {
    fn of<P>(read: &'a Ingested<P>, sends: Option<Sends>) -> Self {
        let ids_are_personal = read.orders.ids_are_personal;
        Self { sources: &read.sources, aliases: &read.aliases, ids_are_personal, sends }
    }
}

/// Reads all customers in any input, for a question about columns with these needs. The orders are sorted only if that
/// is needed.
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
    // Settling the as-of day removes what is later.
    let sends = read.frames.sends.clone();
    let is_in_order = needs.histories
        || session.request().excludes_occasional
        || session.is_narrowed()
        // Explaining why nobody is known needs sorted orders.
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
