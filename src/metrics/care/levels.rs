//! Tasks of member levels: who rose, who fell, who is near the next one.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::Row;
use super::calendar::{Calendar, Due};
use super::history::History;
use super::parcel::Traits;
use super::settings::Settings;
use super::tasks::Task;
use crate::locale::Remark;
use crate::metrics::value::WHOLE;
use crate::schema::{CustomerCode, Micros, money};

/// `near_level` of a customer: due some days after the last order, if no more than the configured share of the next
/// level's amount is missing.
pub(super) fn near(
    history: &History<'_>,
    settings: &Settings,
    calendar: &Calendar,
    traits: &[Traits],
    out: &mut Vec<Row>,
) {
    let Some((_, last)) = history.seen().filter(|_| settings.asks(Task::NearLevel)) else { return };
    let Some(due) = calendar.on(last.plus_days(settings.days(Task::NearLevel))) else { return };
    let net = history.net();
    let listed = traits.get(history.customer.place()).and_then(|of| of.level.as_deref());
    // A customer who has a level already, for whatever reason, cannot be near that level or a lower one.
    let own = listed.and_then(|level| place(level, &settings.levels));
    let next = settings.levels.iter().skip(own.map_or(0, |own| own + 1));
    let Some((level, amount)) = next.into_iter().find(|(_, amount)| i128::from(*amount) > net) else {
        return;
    };
    let missing = i128::from(*amount) - net;
    if missing * i128::from(WHOLE) > i128::from(*amount) * i128::from(settings.near) {
        return;
    }
    let reason = Remark::new("near_level").with("amount", money::plain(missing)).with("level", level);
    out.push(Row::new(Task::NearLevel, history.customer, due, last, reason));
}

/// Customers whose level differs between two exports.
#[derive(Debug, Default)]
pub struct Changes {
    /// `level_up` and `level_down`.
    pub rows: Vec<Row>,
    /// Number of customers whose two levels cannot be compared.
    pub unclear: u64,
}

/// Compares the present levels, by customer code, with those of an earlier export.
pub fn changes(
    now: &[(CustomerCode, String)],
    before: &HashMap<CustomerCode, String>,
    settings: &Settings,
    calendar: &Calendar,
) -> Changes {
    let mut changes = Changes::default();
    let due = Due { on: calendar.first, since: calendar.first };
    for (code, level) in now {
        let Some(earlier) = before.get(code).filter(|earlier| !is_same(earlier, level)) else { continue };
        let task = match compare(earlier, level, &settings.levels) {
            Some(Ordering::Less) => Task::LevelUp,
            Some(Ordering::Greater) => Task::LevelDown,
            _ => {
                changes.unclear += 1;
                continue;
            }
        };
        if settings.asks(task) {
            let reason = Remark::new(task.name()).with("before", earlier).with("after", level);
            changes.rows.push(Row::new(task, *code, due, due.on, reason));
        }
    }
    changes
}

fn is_same(a: &str, b: &str) -> bool {
    folded(a) == folded(b)
}

fn folded(level: &str) -> String {
    level.trim().to_lowercase()
}

fn place(level: &str, levels: &[(String, Micros)]) -> Option<usize> {
    levels.iter().position(|(known, _)| is_same(known, level))
}

/// Compares two levels: by the configured levels if both are among these, else by their numbers if the rest of their
/// names is the same (`VIP1`, `VIP2`). `None` if they cannot be compared.
fn compare(a: &str, b: &str, levels: &[(String, Micros)]) -> Option<Ordering> {
    if let Some((a, b)) = place(a, levels).zip(place(b, levels)) {
        return Some(a.cmp(&b));
    }
    let parts = |level: &str| {
        let level = folded(level);
        let is_digit = |c: char| c.is_ascii_digit();
        let start = level.find(is_digit)?;
        let end = level[start..].find(|c| !is_digit(c)).map_or(level.len(), |length| start + length);
        let number: u64 = level[start..end].parse().ok()?;
        Some(((level[..start].trim().to_owned(), level[end..].trim().to_owned()), number))
    };
    let ((name, number), (other, other_number)) = parts(a).zip(parts(b))?;
    (name == other).then(|| number.cmp(&other_number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::care::testing::{Shop, on};
    use crate::schema::Day;

    #[test]
    fn levels_are_compared_by_the_configured_ones_or_by_number() {
        let levels = [("Silver".to_owned(), Micros::units(100)), ("Gold".to_owned(), Micros::units(500))];
        for (a, b, expected) in [
            ("silver", "GOLD", Some(Ordering::Less)),
            ("Gold", "Silver", Some(Ordering::Greater)),
            ("VIP9", "VIP10", Some(Ordering::Less)),
            ("vip 2", "VIP1", Some(Ordering::Greater)),
            ("2", "1", Some(Ordering::Greater)),
            ("V3会员", "V2会员", Some(Ordering::Greater)),
            ("VIP1", "Gold", None),
            ("VIP1", "L2", None),
            ("Bronze", "Gold", None),
        ] {
            assert_eq!(compare(a, b, &levels), expected, "{a} {b}");
        }
    }

    #[test]
    fn whoever_rose_or_fell_is_told_on_the_first_day() {
        let now: Vec<(CustomerCode, String)> =
            [(0, "VIP2"), (1, "VIP1"), (2, "vip1"), (3, "Gold"), (4, "VIP1")]
                .map(|(code, level)| (CustomerCode::new(code), level.into()))
                .into();
        let before: HashMap<CustomerCode, String> = [(0, "VIP1"), (1, "VIP3"), (2, "VIP1"), (3, "VIP1")]
            .map(|(code, level)| (CustomerCode::new(code), level.to_owned()))
            .into();
        let calendar = Calendar { first: on("2026-06-10"), days: 3, second: 0 };
        let changes = changes(&now, &before, &Settings::default(), &calendar);
        let rows: Vec<(Task, u32, Day)> =
            changes.rows.iter().map(|row| (row.task, row.customer.number(), row.due.on)).collect();
        assert_eq!(rows, [(Task::LevelUp, 0, on("2026-06-10")), (Task::LevelDown, 1, on("2026-06-10"))]);
        assert_eq!(changes.unclear, 1);
    }

    /// A fifth of 500 is 100: a with 400 is near, b with 399 is not. c has 60 of 100, so 40 are missing. d is Gold
    /// already. e has 450 after a refund of 50.
    #[test]
    fn little_is_missing_to_the_next_level() {
        let mut shop = Shop::of(&[
            (
                "orders.csv",
                "order_id,customer_id,status,created_at,amount,refund_amount;1,a,paid,2026-06-03,400,;2,b,paid,2026-06-03,399,;
                 3,c,paid,2026-06-03,60,;4,d,paid,2026-06-03,450,;5,e,paid,2026-06-03,500,50;6,f,paid,2026-06-03,80,",
            ),
            ("customers.csv", "customer_id,level;d,gold;a,VIP"),
        ]);
        shop.settings.levels =
            vec![("Silver".into(), Micros::units(100)), ("Gold".into(), Micros::units(500))];
        let list = shop.at("2026-06-10", 86_399);
        assert_eq!(list.rows(Task::NearLevel), ["a 2026-06-10 ", "e 2026-06-10 ", "f 2026-06-10 "]);
        assert_eq!(list.reason(Task::NearLevel, "a"), "near_level amount=100.00 level=Gold");
        assert_eq!(list.reason(Task::NearLevel, "f"), "near_level amount=20.00 level=Silver");
        assert!(shop.at("2026-06-11", 86_399).rows(Task::NearLevel).is_empty());
    }
}
