//! Tasks of parcels on their way.

use super::calendar::{Calendar, Moment, moment_of};
use super::history::History;
use super::settings::Settings;
use super::tasks::{Task, When};
use super::{Row, at};
use crate::locale::Remark;

/// `shipped`, `delivered` and `delayed_shipping` of a customer's orders.
pub(super) fn due(history: &History<'_>, settings: &Settings, calendar: &Calendar, out: &mut Vec<Row>) {
    for order in history.valid() {
        let mut add = |task: Task, start: Option<Moment>, key: &'static str| {
            let Some((start, when)) = start.zip(settings.when(task)) else { return };
            let Some(due) = calendar.due_after(start, when) else { return };
            let reason = Remark::new(key).with("at", at(start));
            out.push(Row::of_order(task, history, order, (due, start), reason));
        };
        add(Task::Shipped, order.shipped, "shipped");
        add(Task::Delivered, order.delivered, "delivered");
        let waiting = order.is_to_pack().then(|| order.paid_or_placed());
        add(Task::DelayedShipping, waiting, "not_shipped");
    }
}

/// Number of a customer's orders that are paid and not sent off, and have waited longer than the tasks for such orders
/// look back.
pub(super) fn stale(history: &History<'_>, settings: &Settings, calendar: &Calendar) -> u64 {
    let tasks = [Task::DelayedShipping, Task::Parcel].into_iter().filter_map(|task| settings.when(task));
    let longest = tasks.filter_map(|when| match when {
        When::Minutes { until, .. } => Some(i64::from(until) * 60),
        When::Days(_) | When::AtOnce => None,
    });
    let Some(longest) = longest.max() else { return 0 };
    let now = moment_of(calendar.first, Some(calendar.second));
    let waiting = history.valid().filter(|order| order.is_to_pack());
    waiting.filter(|order| order.paid_or_placed() + longest < now).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::care::testing::Shop;

    /// At 20:00 on 10 June: 1 was paid exactly 48 hours before, 2 a second later, 3 is on its way, 4 has waited for 31
    /// days and is not going to be sent, 5 was cancelled, and 6 has arrived.
    #[test]
    fn an_order_is_late_48_hours_after_it_was_paid() {
        let shop = Shop::of(&[(
            "orders.csv",
            "order_id,customer_id,status,created_at,paid_at,shipped_at,delivered_at,amount;
             1,a,paid,2026-06-08 20:00:00,2026-06-08 20:00:00,,,5;2,b,paid,2026-06-08 20:00:00,2026-06-08 20:00:01,,,5;
             3,c,shipped,2026-06-08 09:00:00,2026-06-08 09:00:00,2026-06-10 11:30:00,,5;
             4,d,paid,2026-05-10 09:00:00,2026-05-10 09:00:00,,,5;5,e,cancelled,2026-06-07 09:00:00,2026-06-07 09:00:00,,,5;
             6,f,completed,2026-06-01 09:00:00,2026-06-01 09:00:00,2026-06-02 08:00:00,2026-06-10 15:00:00,5",
        )]);
        let list = shop.at("2026-06-10", 20 * 3600);
        assert_eq!(list.rows(Task::DelayedShipping), ["a 2026-06-10 1"]);
        assert_eq!(list.reason(Task::DelayedShipping, "a"), "not_shipped at=2026-06-08 20:00");
        assert_eq!(list.stale, 1);
        assert_eq!(list.rows(Task::Shipped), ["c 2026-06-10 3"]);
        assert_eq!(list.rows(Task::Delivered), ["f 2026-06-10 6"]);
        assert_eq!(
            shop.at("2026-06-11", 20 * 3600).rows(Task::DelayedShipping),
            ["a 2026-06-11 1", "b 2026-06-11 2"]
        );
    }
}
