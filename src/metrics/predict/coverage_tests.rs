//! Simulated shops: how often the 90 % intervals of the forecasts hold what really comes. It should be about nine times
//! in ten.

use super::watched::Bought;
use super::*;
use crate::metrics::testing::orders;
use crate::schema::{CustomerCode, Micros, names};
use crate::stats::btyd::draws::Draws;

/// Number of simulated shops.
const SHOPS: u64 = 100;
/// Customers per shop.
const CUSTOMERS: u32 = 140;
/// Customers are watched for `DAYS` days. All place their first order within the first `DAYS_OF_FIRSTS` days.
const DAYS: i32 = 400;
const DAYS_OF_FIRSTS: u32 = 280;
const HORIZON: u32 = 90;

/// Amounts of orders are gamma distributed with the shape `P` and a rate of each customer's own, which is itself gamma
/// distributed with the shape `Q` and the rate `V`: the gamma-gamma model.
const P: f64 = 5.0;
const Q: f64 = 4.0;
const V: f64 = 60.0;

/// For totals of orders, totals of spending and orders of single customers: how many intervals held the actual value,
/// and how many there were.
#[derive(Debug, Default)]
struct Held {
    totals: (u32, u32),
    spends: (u32, u32),
    customers: (u32, u32),
}

fn count(of: &mut (u32, u32), holds: bool) {
    of.0 += u32::from(holds);
    of.1 += 1;
}

fn part((held, of): (u32, u32)) -> f64 {
    f64::from(held) / f64::from(of)
}

impl Held {
    /// Simulates a shop, forecasts it from the orders up to the last watched day, and compares the forecast with the
    /// orders simulated for the days after.
    fn add_shop(&mut self, model: ModelName, parameters: [f64; 4], seed: u64) {
        let mut draws = Draws::new(seed);
        let empty = orders("order_id,customer_id,order_date,amount");
        let scope = Scope::up_to(Day::new(DAYS));
        let mut watched = Watched::new(&empty.ingested.orders, &scope, scope.as_of).expect("no orders");
        let last_day = scope.as_of.plus_days(HORIZON);
        let mut spent_later = 0.0;
        for customer in (0..CUSTOMERS).map(CustomerCode::new) {
            let first = Day::new(draws.0.u32(..DAYS_OF_FIRSTS) as i32);
            let weeks = f64::from(first.days_until(last_day)) / DAYS_OF_WEEK;
            let rate = draws.gamma(Q, V);
            let mut of =
                Bought { customer, first, last: first, x: 0, spent: Micros::ZERO, later: 0, orders: 1 };
            let mut last = first;
            for time in draws.repeats(model.model(), parameters, weeks) {
                // Times are measured from the first order; an order takes place on the day that its time falls in.
                let (day, amount) =
                    (first.plus_days((time * DAYS_OF_WEEK).ceil() as i32), draws.gamma(P, rate));
                let is_further = day > last;
                last = day;
                if day <= scope.as_of {
                    (of.x, of.last) = (of.x + u32::from(is_further), day);
                    of.spent += Micros::new(micros(amount).expect("an amount") as i64);
                } else if day <= last_day {
                    of.later += u32::from(is_further);
                    spent_later += amount;
                }
            }
            watched.buyers.push(of);
        }
        let cells = watched.cells();
        // If the model cannot be fitted, the shop has no forecast and counts for nothing.
        let Ok(fit) = model.model().fit(&cells.cells) else { return };
        let later: Vec<u32> = watched.buyers.iter().map(|of| of.later).collect();
        let params = PredictParams { horizon: HORIZON, model };
        let (outlooks, spend) = (Outlooks::new(&fit, cells, HORIZON), spend(&watched));
        let predicted = Predicted {
            params,
            accounting: Accounting::default(),
            watched,
            outlooks,
            fit,
            spend,
            is_of_chosen: false,
        };
        for ((_, outlook, _), later) in predicted.each().zip(&later) {
            let (low, high) = outlook.interval;
            count(&mut self.customers, (low..=high).contains(later));
        }
        let summary = predicted.summary().expect("a summary");
        let cell = |name: &str| {
            let column = summary.column(name).expect(name).cast(&polars::prelude::DataType::Float64);
            column.expect("numbers").f64().expect("numbers").get(0)
        };
        let holds = |[low, high]: [&str; 2], came: f64| Some((cell(low)?..=cell(high)?).contains(&came));
        let ends = [names::EXPECTED_ORDERS_LOW, names::EXPECTED_ORDERS_HIGH];
        let total = f64::from(later.iter().sum::<u32>());
        count(&mut self.totals, holds(ends, total).expect("an interval"));
        let ends = [names::EXPECTED_SPEND_LOW, names::EXPECTED_SPEND_HIGH];
        if let Some(holds) = holds(ends, spent_later) {
            count(&mut self.spends, holds);
        }
    }
}

/// About 90 % of the intervals of the shops' totals hold the actual total; with a hundred shops, three standard errors
/// are nine percentage points. The intervals of single customers hold more than 90 %, since their ends are whole
/// numbers of orders.
#[test]
fn intervals_hold_what_comes() {
    for (model, parameters) in
        [(ModelName::MbgNbd, [0.8, 6.0, 0.8, 2.5]), (ModelName::BgNbd, [0.7, 5.0, 0.8, 2.5])]
    {
        let mut held = Held::default();
        (0..SHOPS).for_each(|seed| held.add_shop(model, parameters, seed));
        assert!(held.totals.1 > 80 && held.spends.1 > 80, "{model:?} {held:?}");
        for totals in [held.totals, held.spends] {
            assert!((0.81..=0.99).contains(&part(totals)), "{model:?} {held:?}");
        }
        assert!((0.90..=0.99).contains(&part(held.customers)), "{model:?} {held:?}");
    }
}
