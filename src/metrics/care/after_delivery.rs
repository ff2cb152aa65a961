//! Tasks after an order was completed or refunded: how to use what was bought, reviews, and money that was refunded.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::calendar::{Calendar, Moment, day_of, moment_of};
use super::history::{History, Order};
use super::settings::Settings;
use super::tasks::{Task, When};
use super::{Row, at};
use crate::locale::Remark;
use crate::schema::{Day, EventKind, Events, Micros, Status, day};

/// `usage_reminder` and `refunded` of a customer's orders.
pub(super) fn due(history: &History<'_>, settings: &Settings, calendar: &Calendar, out: &mut Vec<Row>) {
    for order in history.orders {
        usage(history, order, settings, calendar, out);
        let Some((start, when)) = given_back(order).zip(settings.when(Task::Refunded)) else { continue };
        if let Some(due) = calendar.due_after(start, when) {
            let reason = Remark::new("refunded").with("at", at(start));
            out.push(Row::of_order(Task::Refunded, history, order, (due, start), reason));
        }
    }
}

/// When money was refunded. For a credit note this is its own moment; for an order that was refunded, or cancelled
/// after it was paid, it is when that was recorded. `None` if no money was refunded or the moment is unknown.
fn given_back(order: &Order<'_>) -> Option<Moment> {
    match order.status {
        None => Some(moment_of(order.day, order.second)),
        Some(Status::Cancelled) => order.cancelled.filter(|_| order.paid.is_some()),
        _ if order.is_given_back => order.cancelled,
        _ => None,
    }
}

/// Reminders for a completed order: one for each number of days that the categories of its products have. A category
/// without one has the usual number.
fn usage(
    history: &History<'_>,
    order: &Order<'_>,
    settings: &Settings,
    calendar: &Calendar,
    out: &mut Vec<Row>,
) {
    let usual = settings.when(Task::UsageReminder).filter(|_| order.is_valid);
    let Some((start, usual)) = order.completed.zip(usual) else { return };
    let days_of = |category: &str| settings.usage_days.get(&category.to_lowercase()).copied();
    // The dearest product for each number of days.
    let mut days: BTreeMap<Option<i32>, Option<(Micros, Reverse<u32>)>> = BTreeMap::new();
    for line in history.items.lines(order.lines).iter().filter(|line| line.is_kept()) {
        let category = history.items.products.get(line.product as usize).map(|of| of.category.as_str());
        let dearest = days.entry(category.and_then(days_of)).or_default();
        *dearest = (*dearest).max(Some((line.amount, Reverse(line.product))));
    }
    if days.is_empty() {
        days.insert(None, None);
    }
    for (own, dearest) in days {
        let Some(due) = calendar.due_after(start, own.map_or(usual, When::Days)) else { continue };
        let reason = Remark::new("completed").with("at", day_of(start));
        let row = Row::of_order(Task::UsageReminder, history, order, (due, start), reason);
        out.push(Row { product: dearest.map(|(_, Reverse(product))| product), ..row });
    }
}

/// `review_thanks` and `review_follow_up` of everybody's reviews up to the as-of day.
pub fn reviews(events: &Events, as_of: Day, settings: &Settings, calendar: &Calendar) -> Vec<Row> {
    let row = |event: crate::schema::events::Event| {
        let is_rated =
            event.kind == EventKind::Review && event.rating.known().is_some() && event.day <= as_of;
        let task = match event.rating {
            _ if !is_rated => return None,
            rating if rating >= settings.thanks_from => Task::ReviewThanks,
            rating if rating <= settings.follow_up_to => Task::ReviewFollowUp,
            _ => return None,
        };
        let start = moment_of(event.day, Some(event.second).filter(|second| *second != day::MISSING));
        let due = calendar.due_after(start, settings.when(task)?)?;
        let stars = event.rating.in_units();
        let reason = Remark::new("review").with("stars", stars).with("at", at(start));
        Some(Row::new(task, event.customer, due, event.day, reason))
    };
    events.iter().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::care::testing::Shop;

    const ORDERS: &str = "order_id,customer_id,status,created_at,paid_at,completed_at,cancelled_at,amount;
         1,a,completed,2026-06-01,2026-06-01,2026-06-03 10:00:00,,50;2,b,completed,2026-06-01,2026-06-01,2026-06-03,,20;
         3,c,refunded,2026-06-01,2026-06-01,,2026-06-10 12:00:00,30;4,d,cancelled,2026-06-01,,,2026-06-10,30";

    /// Seven days after 3 June is 10 June. The reminder for tea comes after three days, on 6 June. Order 1 has products
    /// with and without days of their own, order 2 has no items.
    #[test]
    fn usage_is_reminded_of_by_category() {
        let mut shop = Shop::of(&[
            ("orders.csv", ORDERS),
            (
                "items.csv",
                "order_id,product_id,title,category,quantity,amount;1,T,Tea,Tea,1,20;1,C,Cup,pots,1,10;1,P,Pot,pots,1,20",
            ),
        ]);
        let due = |shop: &Shop, day: &str| shop.at(day, 86_399).with_products(Task::UsageReminder);
        assert_eq!(due(&shop, "2026-06-10"), ["a 2026-06-10 1 Pot", "b 2026-06-10 2 "]);
        shop.settings.usage_days.insert("tea".into(), 3);
        assert_eq!(due(&shop, "2026-06-06"), ["a 2026-06-06 1 Tea"]);
        assert_eq!(due(&shop, "2026-06-10"), ["a 2026-06-10 1 Pot", "b 2026-06-10 2 "]);
        assert!(due(&shop, "2026-06-09").is_empty());
    }

    /// Order 4 was never paid, so nothing was refunded. A credit note is a refund on its own day.
    #[test]
    fn who_got_money_back_is_written_to_on_that_day() {
        let shop = Shop::of(&[("orders.csv", &format!("{ORDERS};R5,b,completed,2026-06-10,,,,-7"))]);
        let list = shop.at("2026-06-10", 86_399);
        assert_eq!(list.rows(Task::Refunded), ["b 2026-06-10 R5", "c 2026-06-10 3"]);
        assert_eq!(list.reason(Task::Refunded, "c"), "refunded at=2026-06-10 12:00");
        assert!(shop.at("2026-06-11", 86_399).rows(Task::Refunded).is_empty());
    }

    #[test]
    fn four_stars_are_thanked_for_and_three_followed_up() {
        let shop = Shop::of(&[
            ("orders.csv", ORDERS),
            (
                "events.csv",
                "customer_id,occurred_at,kind,rating;a,2026-06-10 09:00:00,review,5;b,2026-06-10 09:00:00,review,4;
                 c,2026-06-10 09:00:00,review,3;d,2026-06-10,review,1;a,2026-06-09 09:00:00,review,2;b,2026-06-10,view,",
            ),
        ]);
        let list = shop.at("2026-06-10", 86_399);
        assert_eq!(list.rows(Task::ReviewThanks), ["a 2026-06-10 ", "b 2026-06-10 "]);
        assert_eq!(list.rows(Task::ReviewFollowUp), ["c 2026-06-10 ", "d 2026-06-10 "]);
        assert_eq!(list.reason(Task::ReviewThanks, "a"), "review stars=5 at=2026-06-10 09:00");
    }
}
