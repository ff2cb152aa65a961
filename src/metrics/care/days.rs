//! Tasks of the calendar: days since the first order, birthdays, holidays, the first privilege of a member.

use chrono::Datelike;

use super::Row;
use super::calendar::{Calendar, Due};
use super::history::History;
use super::settings::{HolidayOn, Settings};
use super::tasks::Task;
use crate::locale::Remark;
use crate::schema::{CustomerCode, Customers, Day, names};

/// `day_30`, `day_100`, `anniversary` and `holiday` of a buyer.
pub(super) fn due(history: &History<'_>, settings: &Settings, calendar: &Calendar, out: &mut Vec<Row>) {
    let Some((first, _)) = history.seen() else { return };
    for task in [Task::Day30, Task::Day100] {
        let day = first.plus_days(settings.days(task));
        if let Some(due) = calendar.on(day).filter(|_| settings.asks(task)) {
            let reason = Remark::new("first_order").with("at", first);
            out.push(Row::new(task, history.customer, due, first, reason));
        }
    }
    if let Some(birth) = first.date().filter(|_| settings.asks(Task::Anniversary)) {
        for (day, due) in calendar.yearly(birth, settings.days(Task::Anniversary)) {
            let years = day.date().map_or(0, |date| date.year() - birth.year());
            if years > 0 {
                let reason = Remark::new("anniversary").with("n", years).with("at", first);
                out.push(Row::new(Task::Anniversary, history.customer, due, day, reason));
            }
        }
    }
    for holiday in settings.holidays.iter().filter(|_| settings.asks(Task::Holiday)) {
        let offset = settings.days(Task::Holiday);
        let days: Vec<(Day, Due)> = match holiday.on {
            HolidayOn::EveryYear(of) => calendar.yearly(of, offset).collect(),
            HolidayOn::Once(day) => {
                calendar.on(day.plus_days(offset)).map(|due| (day, due)).into_iter().collect()
            }
        };
        // Holidays before the first order do not count.
        out.extend(days.into_iter().filter(|(day, _)| first <= *day).map(|(day, due)| {
            let reason = Remark::new("holiday").with("holiday", &holiday.name).with("at", day);
            Row::new(Task::Holiday, history.customer, due, day, reason)
        }));
    }
}

/// `birthday` of everybody in a customer list.
pub fn birthdays(customers: &Customers, settings: &Settings, calendar: &Calendar) -> Vec<Row> {
    let days = customers.table().days(names::BIRTHDAY).filter(|_| settings.asks(Task::Birthday));
    let Some(days) = days else { return Vec::new() };
    let offset = settings.days(Task::Birthday);
    let born = customers.codes().zip(days.iter());
    born.filter_map(|(code, born)| Some((code, Day::new(born?).date()?)))
        .flat_map(|(code, born)| {
            let later = calendar.yearly(born, offset).filter(move |(day, _)| *day > Day::from(born));
            later.map(move |(day, due)| {
                let reason = Remark::new("birthday").with("at", day);
                Row::new(Task::Birthday, code, due, day, reason)
            })
        })
        .collect()
}

/// `first_privilege` of the customers who claimed a member card and have not ordered on a later day. `seen` has the
/// days of the first and the last order of each customer, by code.
pub fn privileges(
    customers: &Customers,
    seen: &[Option<(Day, Day)>],
    settings: &Settings,
    calendar: &Calendar,
) -> Vec<Row> {
    let days = customers.table().days(names::CARD_CLAIMED_ON);
    let Some(days) = days.filter(|_| settings.asks(Task::FirstPrivilege)) else { return Vec::new() };
    let row = |(code, claimed): (CustomerCode, Option<i32>)| {
        let claimed = Day::new(claimed?);
        let due = calendar.on(claimed.plus_days(settings.days(Task::FirstPrivilege)))?;
        let last = seen.get(code.place()).copied().flatten().map(|(_, last)| last);
        let reason = Remark::new("first_privilege").with("at", claimed);
        let row = Row::new(Task::FirstPrivilege, code, due, claimed, reason);
        last.is_none_or(|last| last <= claimed).then_some(row)
    };
    customers.codes().zip(days.iter()).filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::metrics::care::settings::Holiday;
    use crate::metrics::care::tasks::When;
    use crate::metrics::care::testing::{Shop, on};

    const ORDERS: &str =
        "order_id,customer_id,status,created_at,amount;1,a,paid,2026-03-02,5;2,a,paid,2026-05-01,5;
         3,b,paid,2026-05-11,5;4,c,paid,2024-02-29,5;5,d,cancelled,2026-05-11,5";

    /// 2 March and 100 days is 10 June (29 + 30 + 31 + 10), 11 May and 30 days too (20 + 10). d never bought.
    #[test]
    fn days_are_counted_from_the_first_order() {
        let shop = Shop::of(&[("orders.csv", ORDERS)]);
        let list = shop.at("2026-06-10", 86_399);
        assert_eq!(list.rows(Task::Day100), ["a 2026-06-10 "]);
        assert_eq!(list.rows(Task::Day30), ["b 2026-06-10 "]);
        assert_eq!(list.reason(Task::Day30, "b"), "first_order at=2026-05-11");
        assert!(shop.at("2026-06-09", 86_399).rows(Task::Day30).is_empty());
    }

    #[test]
    fn an_anniversary_is_kept_every_year_and_not_on_the_first_day() {
        let shop = Shop::of(&[("orders.csv", ORDERS)]);
        assert_eq!(shop.at("2026-02-28", 86_399).rows(Task::Anniversary), ["c 2026-02-28 "]);
        assert_eq!(
            shop.at("2026-02-28", 86_399).reason(Task::Anniversary, "c"),
            "anniversary n=2 at=2024-02-29"
        );
        assert_eq!(shop.at("2028-02-29", 86_399).rows(Task::Anniversary), ["c 2028-02-29 "]);
        assert_eq!(shop.at("2027-03-02", 86_399).rows(Task::Anniversary), ["a 2027-03-02 "]);
        assert!(shop.at("2026-03-02", 86_399).rows(Task::Anniversary).is_empty());
    }

    #[test]
    fn holidays_are_for_who_has_bought_before_them() {
        let mut shop = Shop::of(&[("orders.csv", ORDERS)]);
        let year = |date: &str| HolidayOn::EveryYear(date.parse::<NaiveDate>().expect("a date"));
        shop.settings.holidays = vec![
            Holiday { name: "Labour Day".into(), on: year("2000-05-01") },
            Holiday { name: "Dragon Boat".into(), on: HolidayOn::Once(on("2026-06-19")) },
        ];
        assert_eq!(shop.at("2026-05-01", 86_399).rows(Task::Holiday), ["a 2026-05-01 ", "c 2026-05-01 "]);
        // The message is due three days before the holiday.
        shop.settings.when[Task::Holiday as usize] = Some(When::Days(-3));
        let list = shop.at("2026-06-16", 86_399);
        assert_eq!(list.rows(Task::Holiday), ["a 2026-06-16 ", "b 2026-06-16 ", "c 2026-06-16 "]);
        assert_eq!(list.reason(Task::Holiday, "a"), "holiday holiday=Dragon Boat at=2026-06-19");
        assert_eq!(list.days(Task::Holiday, "a"), 3);
    }

    /// a was born on the last of February in a leap year; c claimed her card on 3 June and has not ordered since, b on
    /// 3 May and has.
    #[test]
    fn birthdays_and_first_privileges_are_those_of_the_customer_list() {
        let mut shop = Shop::of(&[
            ("orders.csv", ORDERS),
            (
                "customers.csv",
                "customer_id,birthday,card_claimed_at;a,2000-02-29,;b,1990-06-10,2026-05-03;c,1990-06-13,2026-06-03;x,,",
            ),
        ]);
        assert_eq!(shop.at("2026-02-28", 86_399).rows(Task::Birthday), ["a 2026-02-28 "]);
        assert_eq!(shop.at("2028-02-29", 86_399).rows(Task::Birthday), ["a 2028-02-29 "]);
        let list = shop.at("2026-06-10", 86_399);
        assert_eq!(list.rows(Task::Birthday), ["b 2026-06-10 "]);
        assert_eq!(list.rows(Task::FirstPrivilege), ["c 2026-06-10 "]);
        shop.settings.when[Task::FirstPrivilege as usize] = Some(When::Days(38));
        assert!(shop.at("2026-06-10", 86_399).rows(Task::FirstPrivilege).is_empty());
        shop.settings.when[Task::Birthday as usize] = Some(When::Days(-3));
        let list = shop.at("2026-06-10", 86_399);
        assert_eq!(
            (list.rows(Task::Birthday), list.days(Task::Birthday, "c")),
            (vec!["c 2026-06-10 ".to_owned()], 3)
        );
    }
}
