//! What questions about everybody whom any input names have in common.

use super::Session;
use crate::cli::customers::{ground, settings};
use crate::cli::refusal;
use crate::customers::{Ground, Needs};
use crate::error::Result;
use crate::metrics::customer_facts::AnyOrders;
use crate::parse::SourceInfo;
use crate::questions::About;
use crate::schema::Sends;

/// What was asked of people, and what the answer rests on.
pub struct OfPeople<T> {
    /// What was made of them.
    pub made: T,
    /// The inputs.
    pub sources: Vec<SourceInfo>,
    /// Whether customers may be known by e-mail or phone.
    pub ids_are_personal: bool,
}

impl Session {
    /// Reads the inputs and makes something of everybody whom any of them names. `needs` are those of the columns that
    /// are looked at; `make` also gets the messages that are later than the as-of day.
    pub fn of_people<T>(
        &mut self,
        about: &About,
        needs: Needs,
        make: impl FnOnce(&Self, &Ground<'_>, Option<&Sends>) -> Result<T>,
    ) -> Result<OfPeople<T>> {
        let settings = settings(&self.config)?;
        let mut read = self.read_rows(about.tables)?;
        let sends = read.frames.sends.clone();
        let is_in_order = needs.histories
            || self.scope().excludes_occasional
            || self.is_narrowed()
            // Why nobody is known is told of orders in order.
            || !read.orders.has_buyers();
        if is_in_order {
            let mut read = read.in_order()?;
            refusal::require_people(&read, about)?;
            let scope = self.settled(&mut read)?;
            let ground = ground(AnyOrders::InOrder(&read.orders), &read, scope, &settings)?;
            let made = make(self, &ground, sends.as_ref())?;
            drop(ground);
            return Ok(OfPeople {
                made,
                ids_are_personal: read.orders.ids_are_personal,
                sources: read.sources,
            });
        }
        let scope = self.settled_by_row(&mut read)?;
        let ground = ground(AnyOrders::AsTheyCame(&read.orders), &read, scope, &settings)?;
        let made = make(self, &ground, sends.as_ref())?;
        drop(ground);
        Ok(OfPeople { made, ids_are_personal: read.orders.ids_are_personal, sources: read.sources })
    }
}
