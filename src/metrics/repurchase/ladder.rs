//! From the first order day to the tenth: how many customers go on to the next one.

use polars::prelude::*;

use crate::error::Result;
use crate::metrics::finish::{amounts, counts, frame, ranged, ratios};
use crate::metrics::histories::{History, OrderCount, PartColumns, fold};
use crate::metrics::scope::Scope;
use crate::schema::accounting::{Accounting, Rule};
use crate::schema::{Day, Orders, Range, money, names, ranges};
use crate::stats::survival::Durations;

/// The highest order day that is listed.
const MAX_STEPS: usize = 10;

/// The periods, in days, within which the next order may come, with the columns of their rates.
const WITHIN: [(i32, Range); 4] = [
    (30, ranges::NEXT_30D_RATE),
    (90, ranges::NEXT_90D_RATE),
    (180, ranges::NEXT_180D_RATE),
    (365, ranges::NEXT_365D_RATE),
];

/// The steps from each order day to the next.
#[derive(Debug)]
pub struct Ladder {
    /// One row per order day that anybody has reached, up to the tenth: `order_number`, `customer_count` (with at least
    /// that many order days); for 30, 90, 180 and 365 days the Kaplan–Meier estimate of the share of them who order
    /// again within, with its interval; `median_gap_days` (of the gaps that have ended) and `aov` (of the orders of
    /// these days, net of their refunds).
    pub frame: DataFrame,
    /// Number of buyers.
    pub customer_count: u64,
    /// Number of orders of these buyers.
    pub order_count: u64,
    /// Where every row went.
    pub accounting: Accounting,
}

#[derive(Debug, Clone, Default)]
struct Step {
    /// Days to the next order day or, if there is none yet, to as-of.
    gaps: Durations,
    orders: u64,
    net: i128,
}

#[derive(Debug, Default)]
struct Sums {
    steps: Vec<Step>,
    customers: u64,
    orders: OrderCount,
    days: Vec<Day>,
}

/// Follows every buyer from order day to order day. If the scope has a window, only buyers whose first order is within
/// it.
pub fn ladder(orders: &Orders, scope: &Scope, mut accounting: Accounting) -> Result<Ladder> {
    let as_of = scope.as_of;
    let first_day = scope.first_day();
    let folded = fold(orders, &scope.all_time(), true, |sums: &mut Sums, columns, history| {
        if history.first_day() < first_day {
            return Some(Rule::OutsideWindow);
        }
        sums.add(columns, history, as_of);
        None
    })?;
    folded.excluded.account(&mut accounting);
    let mut sums = Sums::default();
    folded.parts.into_iter().for_each(|part| sums.merge(part));
    Ok(Ladder {
        frame: finish(&sums.steps)?,
        customer_count: sums.customers,
        order_count: sums.orders.total(),
        accounting,
    })
}

impl Sums {
    /// Adds a buyer.
    fn add(&mut self, columns: &PartColumns, history: &History<'_>, as_of: Day) {
        self.customers += 1;
        history.order_days(&mut self.days);
        let taken = self.days.len().min(MAX_STEPS);
        self.steps.resize(self.steps.len().max(taken), Step::default());
        for (place, step) in self.steps[..taken].iter_mut().enumerate() {
            let next = self.days.get(place + 1);
            step.gaps.add(self.days[place].days_until(*next.unwrap_or(&as_of)), next.is_some());
        }
        for document in history.documents {
            if document.is_order {
                self.orders.add();
            }
            let day = columns.order_day(history, document);
            let place = day.and_then(|day| self.days[..taken].binary_search(&day).ok());
            if let Some(step) = place.map(|place| &mut self.steps[place]) {
                step.orders += u64::from(document.is_order);
                step.net += i128::from(document.net);
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.steps.resize(self.steps.len().max(other.steps.len()), Step::default());
        for (mine, theirs) in self.steps.iter_mut().zip(other.steps) {
            mine.gaps.merge(&theirs.gaps);
            mine.orders += theirs.orders;
            mine.net += theirs.net;
        }
        self.customers += other.customers;
        self.orders.merge(&other.orders);
    }
}

fn finish(steps: &[Step]) -> Result<DataFrame> {
    let points: Vec<_> = steps.iter().map(|step| step.gaps.curve(&WITHIN.map(|(days, _)| days))).collect();
    let mut columns = vec![
        counts(names::ORDER_NUMBER, (1..=steps.len() as u64).map(Some)),
        counts(names::CUSTOMER_COUNT, steps.iter().map(|step| Some(step.gaps.len()))),
    ];
    for (place, (_, range)) in WITHIN.into_iter().enumerate() {
        columns.extend(ranged(range, points.iter().map(|of| (of[place].rate, of[place].interval))));
    }
    columns.push(ratios(names::MEDIAN_GAP_DAYS, steps.iter().map(|step| step.gaps.completed(50))));
    columns.push(amounts(names::AOV, steps.iter().map(|step| money::mean(step.net, step.orders))));
    frame(columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{orders, rows};

    /// Ann orders twice on the first day, then ten and fifty days after it; Bob orders again after fifty days; Cat
    /// never. After the first order day, one of three orders within 30 days, and one of the two left within 90; the
    /// third is watched for 100 days. After the second, one orders again after 40 days, and the other is watched for
    /// 50.
    #[test]
    fn each_step_is_watched_until_as_of() {
        let read = orders(
            "order_id,customer_id,order_date,amount;1,ann,2026-01-01,10;2,ann,2026-01-01,20;3,ann,2026-01-11,30;
             4,ann,2026-02-20,40;5,bob,2026-01-01,50;6,bob,2026-02-20,60;7,cat,2026-01-01,70",
        );
        let of =
            |scope| ladder(&read.ingested.orders, &scope, read.ingested.accounting.clone()).expect("steps");
        let found = of(read.up_to("2026-04-11"));
        let columns = [
            "order_number",
            "customer_count",
            "next_30d_rate",
            "next_90d_rate",
            "next_180d_rate",
            "median_gap_days",
            "aov",
        ];
        // The four orders of 10, 20, 50 and 70 on first days make 37.50 each. One of the two second days is followed by
        // a third, after 40 days.
        assert_eq!(
            rows(&found.frame, &columns),
            ["1,3,0.333333,0.666667,,30,37.50", "2,2,0,,,40,45.00", "3,1,0,,,,40.00"]
        );
        assert_eq!((found.customer_count, found.order_count), (3, 7));
        // Refunds of Cat's order and of Ann's second day are taken off these orders: 145 for four orders, 84 for two.
        let back = orders(
            "order_id,customer_id,order_date,amount;1,ann,2026-01-01,10;2,ann,2026-01-01,20;3,ann,2026-01-11,30;
             4,ann,2026-02-20,40;5,bob,2026-01-01,50;6,bob,2026-02-20,60;7,cat,2026-01-01,70;8,cat,2026-03-01,-5;
             3-refund,ann,2026-03-01,-6",
        );
        let accounting = back.ingested.accounting.clone();
        let less = ladder(&back.ingested.orders, &back.up_to("2026-04-11"), accounting).expect("steps");
        assert_eq!(rows(&less.frame, &["customer_count", "aov"]), ["3,36.25", "2,42.00", "1,40.00"]);
        assert_eq!(less.order_count, 7);
        // Nobody's first order is in the window.
        let none = of(read.window(30, "2026-04-11"));
        assert_eq!((none.frame.height(), none.accounting.excluded.of(Rule::OutsideWindow)), (0, 7));
    }
}
