//! The valid-order rule as data: which rows of the orders table count.
//!
//! It is declared once, by [`rule_of`] and [`EXCLUSIONS`], and rendered from there as a predicate for the fast path
//! over rows, as a polars expression, and as SQL.

use polars::prelude::*;

use crate::schema::accounting::Rule;
use crate::schema::{Day, Micros, Status, orders};

/// Which orders count, judged by the order itself. Two further rules are in [`super::ruling`]: whether its customer is
/// known, and whether it went to the buyer's usual province.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValidOrder {
    /// The first day that counts.
    pub first_day: Day,
    /// The last day that counts.
    pub last_day: Day,
    /// Whether orders with an amount of 0 (gifts, draws) count as orders.
    pub include_zero_orders: bool,
}

/// The values of an order that the rule needs, as the columns of the table hold them.
#[derive(Debug, Clone, Copy)]
pub struct OrderRow {
    /// As [`orders::STATUS`].
    pub status: u8,
    /// As [`orders::PAID_AMOUNT`].
    pub paid: i64,
    /// As [`orders::REFUND_AMOUNT`].
    pub refund: i64,
    /// As [`orders::ORDERED_ON`].
    pub day: i32,
}

/// Stands for a rule's code: the order counts.
pub const KEPT: u8 = u8::MAX;

/// The rule that leaves out all orders of a status; `None` if the status may count.
const fn rule_of(status: Status) -> Option<Rule> {
    match status {
        Status::Pending => Some(Rule::Unpaid),
        Status::ClosedUnpaid => Some(Rule::ClosedUnpaid),
        Status::Cancelled => Some(Rule::Cancelled),
        Status::Refunded => Some(Rule::Refunded),
        Status::Paid | Status::Shipped | Status::Completed => None,
    }
}

/// Rules that leave orders out for other reasons than their status; the first that applies counts.
const EXCLUSIONS: [Exclusion; 4] = [
    Exclusion {
        rule: Rule::Refunded,
        tests: &[
            Test(Value::PaidAmount, Is::Above, Value::Zero),
            Test(Value::PaidAmount, Is::AtMost, Value::RefundAmount),
        ],
        applies_to_all: true,
    },
    Exclusion {
        rule: Rule::ZeroAmount,
        tests: &[Test(Value::PaidAmount, Is::Equal, Value::Zero)],
        applies_to_all: false,
    },
    Exclusion {
        rule: Rule::AfterAsOf,
        tests: &[Test(Value::OrderedOn, Is::Above, Value::LastDay)],
        applies_to_all: true,
    },
    Exclusion {
        rule: Rule::OutsideWindow,
        tests: &[Test(Value::OrderedOn, Is::Below, Value::FirstDay)],
        applies_to_all: true,
    },
];

/// A rule, and the tests that all hold for the orders it leaves out.
struct Exclusion {
    rule: Rule,
    tests: &'static [Test],
    /// Whether it also applies if orders with an amount of 0 count.
    applies_to_all: bool,
}

/// A comparison of two values.
#[derive(Clone, Copy)]
struct Test(Value, Is, Value);

#[derive(Clone, Copy)]
enum Is {
    Below,
    AtMost,
    Equal,
    Above,
}

/// A column of an order, or a value that it is compared with.
#[derive(Clone, Copy)]
enum Value {
    PaidAmount,
    RefundAmount,
    OrderedOn,
    Zero,
    FirstDay,
    LastDay,
}

impl ValidOrder {
    /// The code of the first rule that leaves the order out, or [`KEPT`].
    #[inline]
    pub fn rule(&self, order: &OrderRow) -> u8 {
        /// The rule of each status, by the status's code.
        const OF_STATUS: [u8; 256] = rules_of_status();
        let mut rule = KEPT;
        // Tests all exclusions from the last to the first, so that an earlier one overwrites a later one. Which of them
        // applies is unpredictable, so branches would cost more than making all the tests.
        for exclusion in EXCLUSIONS.iter().rev() {
            let is_true = |test: &Test| test.1.holds(self.value(test.0, order), self.value(test.2, order));
            let applies = exclusion.tests.iter().fold(true, |all, test| all & is_true(test));
            let applies = applies & (exclusion.applies_to_all | !self.include_zero_orders);
            rule = if applies { exclusion.rule as u8 } else { rule };
        }
        let of_status = OF_STATUS[usize::from(order.status)];
        if of_status == KEPT { rule } else { of_status }
    }

    /// Whether a counted row with this paid amount is an order instead of a credit note.
    #[inline]
    pub fn is_order(&self, paid: Micros) -> bool {
        paid >= Self::least_paid(self.include_zero_orders)
    }

    /// The smallest paid amount of an order.
    #[inline]
    pub fn least_paid(include_zero_orders: bool) -> Micros {
        Micros::new(i64::from(!include_zero_orders))
    }

    /// Whether the row is an order that counts.
    #[inline]
    pub fn matches(&self, order: &OrderRow) -> bool {
        self.rule(order) == KEPT && self.is_order(Micros::new(order.paid))
    }

    /// [`Self::matches`] of each row of the orders table, as a polars expression.
    pub fn expr(&self) -> Expr {
        let status = || col(orders::STATUS);
        let of_status = paid_statuses().map(|paid| status().eq(lit(paid.code()))).reduce(Expr::or);
        let exclusions = self.exclusions().map(|exclusion| {
            let tests = exclusion.tests.iter().map(|test| {
                let (left, right) = (self.column(test.0), self.column(test.2));
                match test.1 {
                    Is::Below => left.lt(right),
                    Is::AtMost => left.lt_eq(right),
                    Is::Equal => left.eq(right),
                    Is::Above => left.gt(right),
                }
            });
            tests.reduce(Expr::and).unwrap_or_else(|| lit(false)).not()
        });
        let is_order =
            col(orders::PAID_AMOUNT).gt_eq(lit(Self::least_paid(self.include_zero_orders).number()));
        of_status.into_iter().chain(exclusions).fold(is_order, Expr::and)
    }

    /// [`Self::matches`] as a condition in SQL, on the columns that a condition on orders may use: amounts in currency
    /// units, days as dates, statuses by name.
    pub fn sql(&self) -> String {
        let names: Vec<String> = paid_statuses().map(|status| format!("'{}'", status.name())).collect();
        let of_status = format!("{} IN ({})", orders::STATUS, names.join(", "));
        let date = |day: Day| format!("'{day}'");
        let exclusions = self.exclusions().map(|exclusion| format!("NOT ({})", self.sql_of(exclusion, date)));
        let is_order = Self::is_order_sql(self.include_zero_orders);
        let all: Vec<String> = [of_status].into_iter().chain(exclusions).chain([is_order]).collect();
        all.join(" AND ")
    }

    /// [`Self::is_order`] as a condition in SQL.
    pub fn is_order_sql(include_zero_orders: bool) -> String {
        format!("{} {} 0", orders::PAID_AMOUNT, if include_zero_orders { ">=" } else { ">" })
    }

    /// [`Self::rule`] as the branches of a SQL CASE, on the columns of an export: days as whole numbers, statuses by
    /// name. Orders for which no branch holds count.
    pub fn sql_cases(&self) -> Vec<String> {
        let case = |condition: &str, rule: Rule| format!("WHEN {condition} THEN '{}'", rule.code());
        let of = |name: &str, rule: Rule| case(&format!("{} = '{name}'", orders::STATUS), rule);
        let refund = of(orders::REFUND_OF_REFUNDED_NAME, Rule::RefundOfRefunded);
        let statuses = Status::ALL.into_iter().filter_map(|status| Some(of(status.name(), rule_of(status)?)));
        let number = |day: Day| day.number().to_string();
        let exclusions = self.exclusions().map(|of| case(&self.sql_of(of, number), of.rule));
        [refund].into_iter().chain(statuses).chain(exclusions).collect()
    }

    /// The exclusions that can leave anything out with these settings.
    fn exclusions(&self) -> impl Iterator<Item = &'static Exclusion> {
        let is_open = |value: Value| match value {
            Value::FirstDay => self.first_day == Day::BEFORE_ALL,
            Value::LastDay => self.last_day == Day::AFTER_ALL,
            _ => false,
        };
        EXCLUSIONS.iter().filter(move |exclusion| {
            let ends = exclusion.tests.iter().any(|test| is_open(test.2));
            !ends && (exclusion.applies_to_all || !self.include_zero_orders)
        })
    }

    #[inline]
    fn value(&self, value: Value, order: &OrderRow) -> i64 {
        match value {
            Value::PaidAmount => order.paid,
            Value::RefundAmount => order.refund,
            Value::OrderedOn => i64::from(order.day),
            Value::Zero => 0,
            Value::FirstDay => i64::from(self.first_day.number()),
            Value::LastDay => i64::from(self.last_day.number()),
        }
    }

    fn column(&self, value: Value) -> Expr {
        let day = |day: Day| lit(day.number()).cast(DataType::Date);
        match value {
            Value::PaidAmount => col(orders::PAID_AMOUNT),
            Value::RefundAmount => col(orders::REFUND_AMOUNT),
            Value::OrderedOn => col(orders::ORDERED_ON),
            Value::Zero => lit(0_i64),
            Value::FirstDay => day(self.first_day),
            Value::LastDay => day(self.last_day),
        }
    }

    /// All tests of an exclusion as SQL, with days written by `day`.
    fn sql_of(&self, exclusion: &Exclusion, day: fn(Day) -> String) -> String {
        let text = |value: Value| match value {
            Value::PaidAmount => orders::PAID_AMOUNT.to_owned(),
            Value::RefundAmount => orders::REFUND_AMOUNT.to_owned(),
            Value::OrderedOn => orders::ORDERED_ON.to_owned(),
            Value::Zero => "0".to_owned(),
            Value::FirstDay => day(self.first_day),
            Value::LastDay => day(self.last_day),
        };
        let test = |Test(left, is, right): &Test| {
            let is = match is {
                Is::Below => "<",
                Is::AtMost => "<=",
                Is::Equal => "=",
                Is::Above => ">",
            };
            format!("{} {is} {}", text(*left), text(*right))
        };
        exclusion.tests.iter().map(test).collect::<Vec<_>>().join(" AND ")
    }
}

impl Is {
    #[inline]
    fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Self::Below => left < right,
            Self::AtMost => left <= right,
            Self::Equal => left == right,
            Self::Above => left > right,
        }
    }
}

/// The statuses of orders that may count.
fn paid_statuses() -> impl Iterator<Item = Status> {
    Status::ALL.into_iter().filter(|status| rule_of(*status).is_none())
}

/// [`rule_of`] by the codes of status and rule; the code for a refund of a refunded order has a rule of its own.
const fn rules_of_status() -> [u8; 256] {
    let mut rules = [KEPT; 256];
    rules[orders::REFUND_OF_REFUNDED as usize] = Rule::RefundOfRefunded as u8;
    let mut place = 0;
    while place < Status::ALL.len() {
        if let Some(rule) = rule_of(Status::ALL[place]) {
            rules[Status::ALL[place] as usize] = rule as u8;
        }
        place += 1;
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_days(first_day: i32, last_day: i32) -> ValidOrder {
        let (first_day, last_day) = (Day::new(first_day), Day::new(last_day));
        ValidOrder { first_day, last_day, include_zero_orders: false }
    }

    #[test]
    fn the_first_rule_that_applies_leaves_an_order_out() {
        // The ten days up to day 100.
        let valid = of_days(91, 100);
        let rule = |status: Status, paid: i64, refund: i64, day: i32| {
            valid.rule(&OrderRow { status: status.code(), paid, refund, day })
        };
        assert_eq!(
            [90, 91, 100, 101].map(|day| rule(Status::Paid, 1, 0, day)),
            [Rule::OutsideWindow as u8, KEPT, KEPT, Rule::AfterAsOf as u8]
        );
        for (status, code) in [
            (Status::Pending, Rule::Unpaid),
            (Status::ClosedUnpaid, Rule::ClosedUnpaid),
            (Status::Cancelled, Rule::Cancelled),
            (Status::Refunded, Rule::Refunded),
        ] {
            assert_eq!(rule(status, 0, 0, 500), code as u8);
        }
        for status in [Status::Paid, Status::Shipped, Status::Completed] {
            assert_eq!(rule(status, 5, 4, 95), KEPT);
            assert_eq!(rule(status, 5, 5, 95), Rule::Refunded as u8);
            assert_eq!(rule(status, 0, 0, 95), Rule::ZeroAmount as u8);
            // A credit note is kept, but it is not an order.
            assert_eq!(rule(status, -5, 0, 95), KEPT);
        }
        let refund = OrderRow { status: orders::REFUND_OF_REFUNDED, paid: -5, refund: 0, day: 95 };
        assert_eq!(valid.rule(&refund), Rule::RefundOfRefunded as u8);
        let with_zero = ValidOrder { include_zero_orders: true, ..valid };
        assert_eq!(with_zero.rule(&OrderRow { status: 4, paid: 0, refund: 0, day: 95 }), KEPT);
        assert_eq!([-1, 0, 1].map(|paid| valid.is_order(Micros::new(paid))), [false, false, true]);
        assert_eq!([-1, 0, 1].map(|paid| with_zero.is_order(Micros::new(paid))), [false, true, true]);
    }

    /// Every combination of a status and of amounts and days on both sides of each limit.
    fn rows() -> Vec<OrderRow> {
        let mut all = Vec::new();
        for status in 0..=orders::REFUND_OF_REFUNDED {
            for (paid, refund) in [(-5, 0), (0, 0), (0, 2), (5, 0), (5, 4), (5, 5), (5, 6)] {
                all.extend([90, 91, 100, 101].map(|day| OrderRow { status, paid, refund, day }));
            }
        }
        all
    }

    #[test]
    fn predicate_and_expression_say_what_the_rule_says_in_words() {
        let rows = rows();
        let frame = df!(
            orders::STATUS => rows.iter().map(|row| u32::from(row.status)).collect::<Vec<_>>(),
            orders::PAID_AMOUNT => rows.iter().map(|row| row.paid).collect::<Vec<_>>(),
            orders::REFUND_AMOUNT => rows.iter().map(|row| row.refund).collect::<Vec<_>>(),
            orders::ORDERED_ON => rows.iter().map(|row| row.day).collect::<Vec<_>>(),
        );
        let typed = [col(orders::STATUS).cast(DataType::UInt8), col(orders::ORDERED_ON).cast(DataType::Date)];
        let frame = frame.expect("a frame").lazy().with_columns(typed);
        for is_of_all_time in [false, true] {
            for include_zero_orders in [false, true] {
                let window = ValidOrder { include_zero_orders, ..of_days(91, 100) };
                let valid = if is_of_all_time { all_time(include_zero_orders) } else { window };
                // Valid rows are paid and not fully refunded, have a positive amount (or 0, if such orders count), and
                // are within the days.
                let is_valid = |row: &OrderRow| {
                    let is_paid = [Status::Paid, Status::Shipped, Status::Completed]
                        .iter()
                        .any(|status| status.code() == row.status);
                    let is_priced = match row.paid {
                        ..0 => false,
                        0 => include_zero_orders,
                        paid => row.refund < paid,
                    };
                    is_paid && is_priced && (is_of_all_time || (91..=100).contains(&row.day))
                };
                let wanted: Vec<bool> = rows.iter().map(is_valid).collect();
                assert!(wanted.contains(&true) && wanted.contains(&false));
                assert_eq!(rows.iter().map(|row| valid.matches(row)).collect::<Vec<_>>(), wanted);
                let found = frame.clone().select([valid.expr().alias("found")]).collect().expect("a column");
                let found = found.column("found").expect("a column").bool().expect("booleans");
                assert_eq!(found.iter().map(|found| found == Some(true)).collect::<Vec<_>>(), wanted);
            }
        }
    }

    fn all_time(include_zero_orders: bool) -> ValidOrder {
        ValidOrder { first_day: Day::BEFORE_ALL, last_day: Day::AFTER_ALL, include_zero_orders }
    }

    #[test]
    fn as_sql_it_says_no_more_than_can_leave_anything_out() {
        let valid = ValidOrder { include_zero_orders: true, ..of_days(0, 30) };
        assert_eq!(
            valid.sql(),
            "status IN ('paid', 'shipped', 'completed') AND NOT (paid_amount > 0 AND paid_amount <= refund_amount) \
             AND NOT (ordered_on > '1970-01-31') AND NOT (ordered_on < '1970-01-01') AND paid_amount >= 0"
        );
        assert_eq!(
            all_time(false).sql(),
            "status IN ('paid', 'shipped', 'completed') AND NOT (paid_amount > 0 AND paid_amount <= refund_amount) \
             AND NOT (paid_amount = 0) AND paid_amount > 0"
        );
    }

    #[test]
    fn as_cases_it_names_the_rule_of_each() {
        let cases = of_days(0, 30).sql_cases();
        let with_zero = ValidOrder { include_zero_orders: true, ..all_time(true) }.sql_cases();
        assert_eq!(
            cases[4..],
            [
                "WHEN status = 'refunded' THEN 'refunded'",
                "WHEN paid_amount > 0 AND paid_amount <= refund_amount THEN 'refunded'",
                "WHEN paid_amount = 0 THEN 'zero_amount'",
                "WHEN ordered_on > 30 THEN 'after_as_of'",
                "WHEN ordered_on < 0 THEN 'outside_window'",
            ]
        );
        assert_eq!(cases[0], "WHEN status = 'refund_of_refunded' THEN 'refund_of_refunded'");
        assert_eq!(with_zero, cases[..6]);
    }
}
