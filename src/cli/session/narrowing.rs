//! Leaves out of what was read everything later than the as-of day and everyone that conditions exclude.

use super::Session;
use crate::cli::customers::{ground, settings};
use crate::customers::{OrdersWhere, Where, order_columns};
use crate::error::Result;
use crate::metrics::customer_facts::AnyOrders;
use crate::metrics::{Scope, latest};
use crate::reading::Ingested;
use crate::schema::accounting::Rule;
use crate::schema::{self, CustomerCode, Day, RowParts};

impl Session {
    /// Decides which orders count and what the as-of day is, and leaves out what does not count: customers who
    /// registered and messages that were sent after that day, events of excluded sources, and what the conditions
    /// exclude.
    pub fn settled(&self, ingested: &mut Ingested) -> Result<Scope> {
        self.settled_after(ingested, |_, _, _| Ok(()))
    }

    /// Like [`Self::settled`]; `inspect` is called before the conditions leave anything out.
    pub fn settled_after(
        &self,
        ingested: &mut Ingested,
        inspect: impl FnOnce(&Ingested, Scope, Option<&OrdersWhere>) -> Result<()>,
    ) -> Result<Scope> {
        // Events that are read only for a condition do not move the as-of day.
        let events = ingested.frames.events.as_ref().filter(|_| self.tables.contains(&schema::Table::Events));
        let latest = self.request.day(&ingested.orders, events)?;
        self.doubt_as_of(&ingested.orders, events)?;
        let scope = self.narrow(latest, ingested)?;
        inspect(ingested, scope, self.orders_where.as_ref())?;
        self.choose(scope, ingested)?;
        Ok(scope)
    }

    /// Whether any condition narrows the orders, so that these may have to be sorted.
    pub fn is_narrowed(&self) -> bool {
        self.chosen.is_some() || self.orders_where.is_some()
    }

    /// Leaves out the orders and then the customers that the conditions exclude, and the tables that were read only for
    /// the conditions.
    pub(super) fn choose(&self, scope: Scope, ingested: &mut Ingested) -> Result<()> {
        if let Some(condition) = &self.orders_where {
            let headers = order_columns::of_files(&ingested.sources);
            let gone = condition.keep(&mut ingested.orders, &headers, scope.as_of)?;
            ingested.accounting.exclude(Rule::OrderNotChosen, gone);
        }
        let Some(condition) = &self.chosen else { return Ok(()) };
        let chosen = self.chosen_by(condition, ingested, scope)?;
        let is_chosen = |code: CustomerCode| chosen.get(code.place()).copied().unwrap_or(false);
        let gone = ingested.orders.parts.keep(is_chosen)? + self.leave_out(ingested, is_chosen)?;
        ingested.accounting.exclude(Rule::NotChosen, gone);
        Ok(())
    }

    /// For each customer, by code, whether the condition is true of them.
    pub(super) fn chosen_by(
        &self,
        condition: &Where,
        ingested: &Ingested,
        scope: Scope,
    ) -> Result<Vec<bool>> {
        let settings = settings(&self.config)?;
        condition.chosen(&ground(AnyOrders::InOrder(&ingested.orders), ingested, scope, &settings)?)
    }

    /// Whether the facts of each customer can be computed from unsorted orders, given the conditions.
    pub fn narrows_by_row(&self) -> bool {
        let needs_histories = |condition: &Where| condition.wished().needs().histories;
        self.orders_where.is_none() && !self.chosen.as_ref().is_some_and(needs_histories)
    }

    /// Like [`Self::settled`] for unsorted orders; `None` if there is no condition on customers, or if it needs sorted
    /// orders.
    pub fn chosen_by_row(&self, ingested: &mut Ingested<RowParts>) -> Result<Option<Scope>> {
        let Some(condition) = &self.chosen else { return Ok(None) };
        if !self.narrows_by_row() || self.request.excludes_occasional {
            return Ok(None);
        }
        let scope = self.settled_by_row(ingested)?;
        let settings = settings(&self.config)?;
        let orders = AnyOrders::AsTheyCame(&ingested.orders);
        let chosen = condition.chosen(&ground(orders, ingested, scope, &settings)?)?;
        let mut gone = self.leave_out(ingested, |code| chosen.get(code.place()).copied().unwrap_or(false))?;
        gone += ingested.orders.parts.keep(chosen)?;
        ingested.accounting.exclude(Rule::NotChosen, gone);
        Ok(Some(scope))
    }

    /// Leaves out customers in the tables other than orders, and drops the tables that were read only for conditions.
    /// Returns the number of rows left out.
    fn leave_out<P>(
        &self,
        ingested: &mut Ingested<P>,
        is_chosen: impl Fn(CustomerCode) -> bool,
    ) -> Result<u64> {
        let gone = ingested.frames.keep_customers(is_chosen)?;
        ingested.frames.keep_tables(|table| self.tables.contains(&table));
        Ok(gone)
    }

    /// Takes the condition on customers, for a question that applies it itself.
    pub fn take_condition(&mut self) -> Option<Where> {
        self.chosen.take()
    }

    /// Like [`Self::settled`] for unsorted orders, without conditions.
    pub fn settled_by_row(&self, ingested: &mut Ingested<RowParts>) -> Result<Scope> {
        // Events that are read only for a condition do not move the as-of day.
        let events = ingested.frames.events.as_ref().filter(|_| self.tables.contains(&schema::Table::Events));
        let orders = &ingested.orders;
        let (latest, doubt) = latest::day_by_row(&self.request, orders, events, self.today())?;
        self.remark(doubt.as_slice());
        self.narrow(latest, ingested)
    }

    /// Leaves out customers who registered and messages that were sent after the as-of day, and events of excluded
    /// sources. If neither the user nor orders nor events give an as-of day, it is the latest day in the other tables.
    fn narrow<P>(&self, as_of: Option<Day>, ingested: &mut Ingested<P>) -> Result<Scope> {
        let scope = self.request.on(as_of.or(ingested.frames.latest()));
        if let Some(as_of) = scope.known_day() {
            let later = ingested.frames.leave_out_later(as_of)?;
            ingested.accounting.exclude(Rule::AfterAsOf, later);
        }
        if let Some(events) = &mut ingested.frames.events {
            let gone = events.leave_out(&self.excluded_sources)?;
            ingested.accounting.exclude(Rule::ExcludedSource, gone);
        }
        Ok(scope)
    }
}
