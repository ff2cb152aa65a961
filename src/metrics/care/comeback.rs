//! Tasks of the usual cycle: the next order is expected, or the customer is silent past the churn line.

use super::Row;
use super::calendar::Calendar;
use super::settings::Settings;
use super::tasks::Task;
use crate::locale::Remark;
use crate::metrics::repurchase::Due;

/// `due` and `win_back` of every buyer.
pub fn due(expected: &Due, settings: &Settings, calendar: &Calendar) -> Vec<Row> {
    let mut rows = Vec::new();
    for (code, of) in expected.each() {
        let last = of.next_on.minus_days(of.gap_days);
        for (task, day) in [(Task::Due, Some(of.next_on)), (Task::WinBack, of.lost_on)] {
            let day = day.filter(|_| settings.asks(task));
            if let Some(due) = day.and_then(|day| calendar.on(day.plus_days(settings.days(task)))) {
                let reason = Remark::new(task.name()).with("at", last).with("days", last.days_until(due.on));
                rows.push(Row { product: of.product, ..Row::new(task, code, due, last, reason) });
            }
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::care::testing::{Shop, on};
    use crate::metrics::repurchase::{ChurnLines, DueParams};
    use crate::schema::Day;

    /// A cycle of 30 days and a churn line of 75. The next order of a, after one of 11 May, is expected on 10 June; a
    /// is past the churn line on the 76th day, 26 July. b ordered a day later.
    #[test]
    fn the_next_order_is_expected_once_and_missed_once() {
        let shop = Shop::of(&[(
            "orders.csv",
            "order_id,customer_id,status,created_at,amount;1,a,paid,2026-05-11,5;2,b,paid,2026-05-12,5",
        )]);
        let churn_lines = ChurnLines::both(75.0);
        let params = DueParams { due_days: 7, weight: 2, cycle_days: 30.0, churn_lines };
        let orders = &shop.read.ingested.orders;
        let expected = Due::new(orders, &shop.read.up_to("2026-06-10"), None, &params).expect("customers");
        let of = |first: &str, days: u32| -> Vec<(Task, String, Day, i32)> {
            let calendar = Calendar { first: on(first), days, second: 0 };
            let rows = due(&expected, &Settings::default(), &calendar);
            rows.iter()
                .map(|row| (row.task, orders.customers.text(row.customer), row.due.on, row.days))
                .collect()
        };
        assert_eq!(of("2026-06-10", 1), [(Task::Due, "a".to_owned(), on("2026-06-10"), 30)]);
        assert!(of("2026-06-09", 1).is_empty());
        assert_eq!(of("2026-07-26", 1), [(Task::WinBack, "a".to_owned(), on("2026-07-26"), 76)]);
        assert_eq!(of("2026-07-26", 2).len(), 2);
        // Without a churn line nobody is to be won back.
        let params = DueParams { churn_lines: ChurnLines::default(), ..params };
        let expected = Due::new(orders, &shop.read.up_to("2026-06-10"), None, &params).expect("customers");
        let calendar = Calendar { first: on("2026-07-01"), days: 9_999, second: 0 };
        assert!(due(&expected, &Settings::default(), &calendar).is_empty());
    }
}
