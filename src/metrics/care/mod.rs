//! Care: which customer is owed which message or gift on which day.
//!
//! ```text
//! orders ──each_customer──▶ payment, shipping, after_delivery, parcel, days ─┐
//! customer lists, reviews, what is expected ──▶ levels, days, comeback ──────┴▶ Row ──choose──▶ the list
//! ```
//!
//! What each task is and needs is declared in [`tasks`]. Tasks that look at the same things share a file. A task is a
//! pure function of tables and [`Settings`]; the day comes from the [`Calendar`] alone.

pub mod after_delivery;
pub mod calendar;
pub mod choose;
pub mod comeback;
pub mod days;
pub mod history;
pub mod levels;
pub mod parcel;
pub mod payment;
pub mod settings;
pub mod shipping;
pub mod tasks;
#[cfg(test)]
mod testing;

use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::Scope;
use crate::schema::{CustomerCode, Day, Items, Orders};

pub use calendar::Calendar;
pub use settings::Settings;
pub use tasks::Task;

use calendar::{Due, Moment, day_of};
use history::{History, Order};
use parcel::Traits;

/// A task of one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What is to be done.
    pub task: Task,
    /// The customer for whom it is to be done, by code.
    pub customer: CustomerCode,
    /// The day on which it is due.
    pub due: Due,
    /// The reasons, as keys of the translations' `care_reason` section; a parcel may have several.
    pub reasons: Vec<Remark>,
    /// The order that it is about.
    pub order_id: Option<String>,
    /// Number of the product that it is about.
    pub product: Option<u32>,
    /// Days between what brings the task about and the day on which it is due, for the message.
    pub days: i32,
}

impl Row {
    /// A task about a customer; `since` is the day from which `days` are counted.
    fn new(task: Task, customer: CustomerCode, due: Due, since: Day, reason: Remark) -> Self {
        let days = since.days_until(due.on).abs();
        Self { task, customer, due, reasons: vec![reason], order_id: None, product: None, days }
    }

    /// A task about an order; `start` is the moment from which it is counted.
    fn of_order(
        task: Task,
        history: &History<'_>,
        order: &Order<'_>,
        (due, start): (Due, Moment),
        reason: Remark,
    ) -> Self {
        Self {
            order_id: order.id.map(str::to_owned),
            product: dearest(history.items, order),
            ..Self::new(task, history.customer, due, day_of(start), reason)
        }
    }
}

/// The tasks that follow from orders, and when each customer bought first and last.
#[derive(Debug, Default)]
pub struct OfOrders {
    /// The tasks, in no particular order.
    pub rows: Vec<Row>,
    /// For each customer, by code, the days of the first and the last valid order; `None` if there is none.
    pub seen: Vec<Option<(Day, Day)>>,
    /// Number of orders that are paid and not sent off, and have waited too long to be listed as parcels or as late.
    pub stale: u64,
}

/// The tasks that follow from everybody's orders up to the as-of day. `traits` has those of each customer, by code, or
/// is empty.
///
/// # Errors
/// Those of polars.
pub fn of_orders(
    orders: &Orders,
    scope: &Scope,
    settings: &Settings,
    calendar: &Calendar,
    traits: &[Traits],
) -> Result<OfOrders> {
    #[derive(Default)]
    struct Part {
        rows: Vec<Row>,
        seen: Vec<(CustomerCode, (Day, Day))>,
        stale: u64,
    }
    let parts = history::each_customer(orders, scope, |part: &mut Part, history| {
        part.seen.extend(history.seen().map(|seen| (history.customer, seen)));
        part.stale += shipping::stale(history, settings, calendar);
        payment::due(history, settings, calendar, &mut part.rows);
        shipping::due(history, settings, calendar, &mut part.rows);
        after_delivery::due(history, settings, calendar, &mut part.rows);
        days::due(history, settings, calendar, &mut part.rows);
        levels::near(history, settings, calendar, traits, &mut part.rows);
        parcel::due(history, settings, calendar, traits, &mut part.rows);
    })?;
    let mut all = OfOrders { rows: Vec::new(), seen: vec![None; orders.customers.len()], stale: 0 };
    for part in parts {
        all.rows.extend(part.rows);
        all.stale += part.stale;
        part.seen.into_iter().for_each(|(customer, seen)| all.seen[customer.place()] = Some(seen));
    }
    Ok(all)
}

/// The product of an order that cost the most; of several, the one with the lowest number.
fn dearest(items: &Items, order: &Order<'_>) -> Option<u32> {
    let lines = items.lines(order.lines).iter().filter(|line| line.is_kept());
    lines.max_by_key(|line| (line.amount, std::cmp::Reverse(line.product))).map(|line| line.product)
}

/// A moment as text for reasons. At midnight only the day is given, since the time may be unknown.
fn at(moment: Moment) -> String {
    let second = moment.rem_euclid(calendar::DAY);
    match second {
        0 => day_of(moment).to_string(),
        _ => format!("{} {:02}:{:02}", day_of(moment), second / 3600, second / 60 % 60),
    }
}
