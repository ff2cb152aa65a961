//! What counts of what was read: up to which day, and of whom.

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
    /// What counts of what was read: from here on the as-of day is known, customers who registered and messages that
    /// were sent after it are left out, and so are the events of sources that flags or configuration leave out.
    pub fn settled(&self, ingested: &mut Ingested) -> Result<Scope> {
        self.settled_after(ingested, |_, _, _| Ok(()))
    }

    /// The same where `look` sees the orders, and the condition on them, before that leaves any out.
    pub fn settled_after(
        &self,
        ingested: &mut Ingested,
        look: impl FnOnce(&Ingested, Scope, Option<&OrdersWhere>) -> Result<()>,
    ) -> Result<Scope> {
        // What is read for a condition alone moves no as-of day.
        let events = ingested.frames.events.as_ref().filter(|_| self.tables.contains(&schema::Table::Events));
        let latest = self.request.day(&ingested.orders, events)?;
        self.doubt_as_of(&ingested.orders, events)?;
        let scope = self.narrow(latest, ingested)?;
        look(ingested, scope, self.orders_where.as_ref())?;
        self.choose(scope, ingested)?;
        Ok(scope)
    }

    /// Whether conditions narrow the orders, so that these must be in order.
    pub fn is_narrowed(&self) -> bool {
        self.chosen.is_some() || self.orders_where.is_some()
    }

    /// Leaves out the orders and then the people that the conditions leave out, and the tables that were read for them
    /// alone.
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

    /// Whether each customer, by code, is one of whom a condition is true.
    pub(super) fn chosen_by(
        &self,
        condition: &Where,
        ingested: &Ingested,
        scope: Scope,
    ) -> Result<Vec<bool>> {
        let settings = settings(&self.config)?;
        condition.chosen(&ground(AnyOrders::InOrder(&ingested.orders), ingested, scope, &settings)?)
    }

    /// Whether the facts of each customer can be had of the orders as they came, with the conditions that there are.
    pub fn narrows_by_row(&self) -> bool {
        let needs_histories = |condition: &Where| condition.wished().needs().histories;
        self.orders_where.is_none() && !self.chosen.as_ref().is_some_and(needs_histories)
    }

    /// As [`Self::settled`], with the orders as they came; `None` where they must be put into order for it.
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

    /// Leaves out people, by code, of the tables beside the orders, and the tables that were read for conditions alone.
    fn leave_out<P>(
        &self,
        ingested: &mut Ingested<P>,
        is_chosen: impl Fn(CustomerCode) -> bool,
    ) -> Result<u64> {
        let gone = ingested.frames.keep_customers(is_chosen)?;
        ingested.frames.keep_tables(|table| self.tables.contains(&table));
        Ok(gone)
    }

    /// Who is meant, where not everybody is; taken by a question that chooses for itself.
    pub fn take_condition(&mut self) -> Option<Where> {
        self.chosen.take()
    }

    /// As [`Self::settled`], with the orders as they came.
    pub fn settled_by_row(&self, ingested: &mut Ingested<RowParts>) -> Result<Scope> {
        // As in [`Self::settled_after`].
        let events = ingested.frames.events.as_ref().filter(|_| self.tables.contains(&schema::Table::Events));
        let orders = &ingested.orders;
        let (latest, doubt) = latest::day_by_row(&self.request, orders, events, self.today())?;
        self.remark(doubt.as_slice());
        self.narrow(latest, ingested)
    }

    /// Leaves out customers who registered and messages that were sent after as-of, and the events of sources. Where
    /// neither the user nor orders and events say an as-of day, it is the latest of the other tables.
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
