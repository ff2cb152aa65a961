//! Tasks between an order and its payment, and the messages that confirm each of the two.

use super::calendar::{Calendar, DAY, Due, Moment, day_of};
use super::history::{History, Order};
use super::settings::Settings;
use super::tasks::{Task, When};
use super::{Row, at};
use crate::locale::Remark;
use crate::schema::Status;

/// `placed`, `paid`, `unpaid_first`, `unpaid_second` and `presale_balance` of a customer's orders.
pub(super) fn due(history: &History<'_>, settings: &Settings, calendar: &Calendar, out: &mut Vec<Row>) {
    for order in history.orders {
        let mut add = |task: Task, found: Option<(Due, Moment)>, key: &'static str| {
            out.extend(found.map(|(due, start)| {
                let reason = Remark::new(key).with("at", at(start));
                Row::of_order(task, history, order, (due, start), reason)
            }));
        };
        let news = |task: Task, start: Option<Moment>| {
            let (start, when) = (start?, settings.when(task)?);
            Some((calendar.due_after(start, when)?, start))
        };
        // An order that was refunded, cancelled or closed is not confirmed to the customer.
        let is_alive = order.status.is_some_and(|status| status == Status::Pending || status.is_paid());
        add(Task::Placed, news(Task::Placed, order.created.filter(|_| is_alive)), "placed");
        let paid = order.paid.filter(|_| order.is_valid);
        add(Task::Paid, news(Task::Paid, paid), "paid");
        if order.status != Some(Status::Pending) {
            continue;
        }
        match order.is_presale {
            true => add(Task::PresaleBalance, balance(order, settings, calendar), "presale_balance"),
            false => {
                add(Task::UnpaidFirst, news(Task::UnpaidFirst, order.created), "unpaid");
                add(Task::UnpaidSecond, second(order, settings, calendar), "unpaid");
            }
        }
    }
}

/// The second reminder: due some minutes after the first one, on the day of the first one.
fn second(order: &Order<'_>, settings: &Settings, calendar: &Calendar) -> Option<(Due, Moment)> {
    let start = order.created?;
    let minutes = |when: When| match when {
        When::Minutes { from, until } => (i64::from(from) * 60, i64::from(until) * 60),
        When::Days(_) | When::AtOnce => (0, 0),
    };
    let first = settings.when(Task::UnpaidFirst).unwrap_or(Task::UnpaidFirst.about().when);
    let first = start + minutes(first).0;
    let (from, until) = minutes(settings.when(Task::UnpaidSecond)?);
    let end_of_day = (i64::from(day_of(first).number()) + 1) * DAY - 1;
    let due = calendar.between(first + from, end_of_day.min(start + until))?;
    Some((due, start))
}

/// The balance of a presale order: due on the first day of the list, from the order's own day on, on which balances can
/// be paid; if no such days are configured, some days after the order.
fn balance(order: &Order<'_>, settings: &Settings, calendar: &Calendar) -> Option<(Due, Moment)> {
    let (start, when) = (order.created?, settings.when(Task::PresaleBalance)?);
    let due = match settings.balance_days.is_empty() {
        true => calendar.due_after(start, when)?,
        false => {
            let mut days = settings.balance_days.iter().filter(|day| **day >= day_of(start));
            days.find_map(|day| calendar.on(*day))?
        }
    };
    Some((due, start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::care::testing::{Shop, on};

    const HEADER: &str = "order_id,customer_id,status,created_at,paid_at,amount,is_presale;";

    fn shop(rows: &str) -> Shop {
        Shop::of(&[("orders.csv", &format!("{HEADER}{rows}"))])
    }

    /// At 12:00 order 1 is 10 minutes old, 2 is 20 minutes, 3 is 24 hours and 4 is a minute more; 5 is paid, and 6 was
    /// closed.
    #[test]
    fn the_first_reminder_is_for_orders_of_20_minutes_to_24_hours() {
        let shop = shop(
            "1,a,pending,2026-06-10 11:50:00,,5,;2,b,pending,2026-06-10 11:40:00,,5,;
             3,c,pending,2026-06-09 12:00:00,,5,;4,d,pending,2026-06-09 11:59:00,,5,;
             5,e,paid,2026-06-10 09:00:00,2026-06-10 09:01:00,5,;6,f,closed_unpaid,2026-06-10 09:00:00,,5,",
        );
        let list = shop.at("2026-06-10", 12 * 3600);
        assert_eq!(list.rows(Task::UnpaidFirst), ["b 2026-06-10 2", "c 2026-06-10 3"]);
        assert_eq!(list.reason(Task::UnpaidFirst, "c"), "unpaid at=2026-06-09 12:00");
        // Order 4 is more than a day old, so it is no longer news, and 6 was closed.
        assert_eq!(
            list.rows(Task::Placed),
            ["a 2026-06-10 1", "b 2026-06-10 2", "c 2026-06-10 3", "e 2026-06-10 5"]
        );
        assert_eq!(list.rows(Task::Paid), ["e 2026-06-10 5"]);
    }

    /// The first reminder for a is due at 9:20, so the second is due from 11:20 on. The order of 21:45 has its first
    /// reminder at 22:05, and the second would be tomorrow. The order of 23:50 has both tomorrow, at 0:10 and 2:10.
    #[test]
    fn the_second_reminder_is_on_the_day_of_the_first() {
        let shop = shop(
            "1,a,pending,2026-06-10 09:00:00,,5,;2,b,pending,2026-06-10 21:45:00,,5,;
             3,c,pending,2026-06-10 23:50:00,,5,",
        );
        let due = |day: &str, hour: i32, minute: i32| {
            shop.at(day, (hour * 60 + minute) * 60).rows(Task::UnpaidSecond)
        };
        assert!(due("2026-06-10", 11, 19).is_empty());
        assert_eq!(due("2026-06-10", 11, 20), ["a 2026-06-10 1"]);
        assert_eq!(due("2026-06-10", 23, 59), ["a 2026-06-10 1"]);
        assert!(due("2026-06-11", 2, 9).is_empty());
        assert_eq!(due("2026-06-11", 2, 10), ["c 2026-06-11 3"]);
    }

    #[test]
    fn an_order_placed_ahead_is_reminded_of_its_balance_and_not_of_itself() {
        let mut shop = shop("1,a,pending,2026-06-10 09:00:00,,5,yes;2,b,pending,2026-06-12 09:00:00,,5,yes");
        let due = |shop: &Shop, day: &str| shop.at(day, 86_399).rows(Task::PresaleBalance);
        assert!(shop.at("2026-06-10", 86_399).rows(Task::UnpaidFirst).is_empty());
        assert!(due(&shop, "2026-06-10").is_empty());
        assert_eq!(due(&shop, "2026-06-11"), ["a 2026-06-11 1"]);
        // Balances can be paid on two days; b placed the order after the first of these.
        shop.settings.balance_days = vec![on("2026-06-11"), on("2026-06-18")];
        assert_eq!(due(&shop, "2026-06-11"), ["a 2026-06-11 1"]);
        assert_eq!(due(&shop, "2026-06-18"), ["a 2026-06-18 1", "b 2026-06-18 2"]);
        assert!(due(&shop, "2026-06-13").is_empty());
    }
}
