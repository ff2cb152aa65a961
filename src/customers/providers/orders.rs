//! What a person's orders add up to.

use polars::prelude::*;

use crate::answer::{Kind, Spec};
use crate::customers::{Ground, Needs, Provider};
use crate::error::Result;
use crate::metrics::calendar::first_day_of;
use crate::metrics::customer_facts::{Days, Measure, NOTHING, measures};
use crate::metrics::finish::{amounts, counts, dates, integers, net_amounts};
use crate::schema::{Day, money, names};

/// Columns from the facts of each buyer, which most analyses use.
pub const FACTS: Provider = Provider {
    columns: &[
        Spec::new(names::LAST_ORDERED_ON, Kind::Date, 3),
        Spec::new(names::RECENCY_DAYS, Kind::Days, 2),
        Spec::new(names::ORDER_COUNT, Kind::Count, 1),
        Spec::new(names::NET_AMOUNT, Kind::Amount, 0),
        Spec::new(names::AOV, Kind::Amount, 3),
    ],
    needs: Needs::NONE,
    fill: facts,
};

/// Columns that are summed from the orders.
pub const SUMS: Provider = Provider {
    columns: &[
        Spec::new(names::FIRST_ORDERED_ON, Kind::Date, 3),
        Spec::new(names::TENURE_DAYS, Kind::Days, 3),
        Spec::new(names::ORDER_COUNT_7D, Kind::Count, 3),
        Spec::new(names::ORDER_COUNT_30D, Kind::Count, 3),
        Spec::new(names::ORDER_COUNT_90D, Kind::Count, 3),
        Spec::new(names::ORDER_COUNT_365D, Kind::Count, 3),
        Spec::new(names::NET_AMOUNT_30D, Kind::Amount, 3),
        Spec::new(names::NET_AMOUNT_90D, Kind::Amount, 3),
        Spec::new(names::NET_AMOUNT_365D, Kind::Amount, 3),
        Spec::new(names::MAX_ORDER_AMOUNT, Kind::Amount, 3),
        Spec::new(names::REFUND_AMOUNT, Kind::Amount, 3),
        Spec::new(names::REFUNDED_ORDER_COUNT, Kind::Count, 3),
        Spec::new(names::UNPAID_ORDER_COUNT, Kind::Count, 3),
        Spec::new(names::LAST_UNPAID_ON, Kind::Date, 3),
    ],
    needs: Needs::NONE,
    fill: sums,
};

/// Fills the columns from the facts. People who have not bought have no last order, no orders and no amount. Without
/// any file of orders, nothing is known.
fn facts(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    if !ground.has_orders {
        return Ok(wanted.iter().map(|name| ground.nothing(name)).collect());
    }
    let frame = ground.facts.frame()?;
    let others = ground.len() - frame.height();
    let fill = |name: &&'static str| match *name {
        names::ORDER_COUNT => {
            let mut all = frame.column(name)?.cast(&DataType::Int64)?;
            all.append_owned(counts(name, std::iter::repeat_n(Some(0), others)))?;
            Ok(all)
        }
        names::NET_AMOUNT => {
            let mut all = net_amounts(&frame)?;
            all.append_owned(amounts(name, std::iter::repeat_n(Some(0), others)))?;
            Ok(all)
        }
        names::AOV => {
            let orders = frame.column(names::ORDER_COUNT)?.u32()?;
            let net = frame.column(names::NET_AMOUNT)?.i64()?;
            let each = net.iter().zip(orders.iter());
            let aov = each.map(|(net, orders)| money::mean(i128::from(net?), u64::from(orders?)));
            ground.of_buyers(amounts(name, aov))
        }
        _ => ground.of_buyers(frame.column(name)?.clone()),
    };
    wanted.iter().map(fill).collect()
}

/// Fills the columns that are summed from the orders; see [`facts`] for people who have not bought.
fn sums(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    if !ground.has_orders {
        return Ok(wanted.iter().map(|name| ground.nothing(name)).collect());
    }
    let measure = |name: &&'static str| measure(name, ground.as_of());
    let asked: Vec<Measure> = wanted.iter().map(measure).collect();
    let values = measures(ground.orders, &ground.scope, ground.ids.len(), &asked)?;
    let column = |(name, values): (&&'static str, Vec<i64>)| {
        let rows = || ground.of_codes(&values).map(|value| Some(value).filter(|value| *value != NOTHING));
        let day = |value: i64| Day::new(value as i32);
        match *name {
            names::FIRST_ORDERED_ON | names::LAST_UNPAID_ON => {
                dates(name, rows().map(|value| value.map(day)))
            }
            names::TENURE_DAYS => integers(
                name,
                rows().map(|first| first.map(|first| i64::from(day(first).days_until(ground.as_of())))),
            ),
            _ if is_amount(name) => amounts(name, rows()),
            _ => counts(name, rows().map(|value| value.map(i64::unsigned_abs))),
        }
    };
    Ok(wanted.iter().zip(values).map(column).collect())
}

fn is_amount(name: &str) -> bool {
    SUMS.columns.iter().any(|spec| spec.name == name && spec.kind == Kind::Amount)
}

/// The measure that fills a column.
fn measure(name: &str, as_of: Day) -> Measure {
    let last = |days: u32| -> Days { (first_day_of(as_of, days), as_of) };
    match name {
        names::FIRST_ORDERED_ON | names::TENURE_DAYS => Measure::FirstDay,
        names::ORDER_COUNT_7D => Measure::OrderCount(last(7)),
        names::ORDER_COUNT_30D => Measure::OrderCount(last(30)),
        names::ORDER_COUNT_90D => Measure::OrderCount(last(90)),
        names::ORDER_COUNT_365D => Measure::OrderCount(last(365)),
        names::NET_AMOUNT_30D => Measure::NetAmount(last(30)),
        names::NET_AMOUNT_90D => Measure::NetAmount(last(90)),
        names::NET_AMOUNT_365D => Measure::NetAmount(last(365)),
        names::MAX_ORDER_AMOUNT => Measure::MaxOrderAmount,
        names::REFUND_AMOUNT => Measure::RefundAmount,
        names::REFUNDED_ORDER_COUNT => Measure::RefundedOrderCount,
        names::LAST_UNPAID_ON => Measure::LastUnpaidDay,
        _ => Measure::UnpaidOrderCount,
    }
}
